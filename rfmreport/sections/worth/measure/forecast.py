"""The forecast, asked for: what came each day, what of it is new, and what a model adds to that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.models.forecast import Forecast
from rfmreport.models.foretelling import FEWEST_DAYS, ModelAnswer, foretell
from rfmreport.models.ways import YEAR_DAYS, Daily
from rfmreport.vocabulary import Untold, rest_of_month

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rfmreport.sections.worth.figures import Worth
    from rfmreport.shop import Shop

_QUERIES = read_queries(__file__)
_MOST_DAYS = 4 * 365


def measure_forecast(shop: Shop, worth: Worth | None) -> Forecast | None:
    """Return what is to come in the report's horizon, and in the rest of the month.

    `worth` says what a model expects of today's customers, if one does. None where too little is
    known.
    """
    until = shop.until
    daily = _ask_days(shop, until)
    late = shop.engine.row(
        _QUERIES["of_late"],
        month=until.replace(day=1),
        new_from=until - timedelta(days=shop.horizon_days),
        year=until - timedelta(days=YEAR_DAYS),
        until=until,
    )
    ahead, rest = (
        foretell(daily, days, _model_answer(worth, days, late))
        for days in (shop.horizon_days, rest_of_month(until))
    )
    if ahead is None or rest is None:
        return None
    return Forecast(
        ahead=ahead,
        rest=rest,
        orders_so_far=late["month_orders"],
        revenue_so_far=late["month_revenue"],
        new_order_share=_new_share(late, "orders"),
        new_revenue_share=_new_share(late, "revenue"),
        model=worth.model if worth else None,
    )


def _ask_days(shop: Shop, until: date) -> Daily:
    first_day = max(shop.first_known_day, until - timedelta(days=_MOST_DAYS))
    came = shop.engine.columns(_QUERIES["days"], first_day=first_day, until=until)
    return Daily(first_day, came["order_count"], came["revenue"], came["square_sum"])


def _new_share(late: Mapping[str, Any], what: str) -> float:
    """Return the part of the last orders, or their revenue, of customers who were new in them."""
    whole, new = late[f"late_{what}"], late[f"new_{what}"]
    return min(max(float(new / whole), 0.0), 1.0) if whole and whole > 0 and new else 0.0


def _model_answer(worth: Worth | None, days: int, late: Mapping[str, Any]) -> ModelAnswer | None:
    """Return what the model expects of all: it knows days with orders, and no new customers."""
    expected = worth.modelled.get(days) if worth and worth.model else None
    if worth is None or not expected or not late["year_order_days"]:
        return None
    orders_known, revenue_known = (1 - _new_share(late, what) for what in ("orders", "revenue"))
    if not orders_known or not revenue_known:
        return None
    of_a_day = late["year_orders"] / late["year_order_days"]
    orders = expected.order_days * of_a_day / orders_known
    value = expected.revenue / revenue_known / orders if expected.revenue else None
    return ModelAnswer(orders, worth.model_error, worth.trials[0].days, value)


def untold_forecast(forecast: Forecast | None, shop: Shop) -> tuple[Untold, ...]:
    """Say why nothing is foretold, where nothing is."""
    if forecast:
        return ()
    days = (shop.until - shop.first_known_day).days
    reason = f"{days} days of data are too few: {FEWEST_DAYS} are needed, and orders of late"
    return (Untold("What is to come", reason),)
