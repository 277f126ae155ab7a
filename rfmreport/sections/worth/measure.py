"""What is to come: who will order again, what that is worth, and the one forecast shared out.

What is foretold of each customer is held as `foretold_customers`: `customers` with more columns.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.forecast import FEWEST_DAYS, Amount, Forecast, ModelAnswer, foretell
from rfmreport.models.intervals import ORDERS_BY_MODEL, REVENUE_BY_MODEL
from rfmreport.models.lifetime.numerics import in_one_order
from rfmreport.models.ways import YEAR_DAYS, Daily
from rfmreport.sections.worth import extrapolation, lifetime_value, model_trials, response
from rfmreport.sections.worth.extrapolation import Tried, follow_customers
from rfmreport.sections.worth.figures import EVERYBODY, NEW, Expected, Outlook, Response, Worth
from rfmreport.sections.worth.lifetime_value import (
    CountedHistories,
    count_histories,
    count_order_values,
    history_step_days,
    hold_histories,
)
from rfmreport.vocabulary import (
    EXPECTED_VALUE,
    FREQUENCY_SCORE,
    RECENCY_SCORE,
    Estimate,
    Untold,
    chance_column,
    rest_of_month,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rfmreport.sections.hold.figures import HoldOut
    from rfmreport.sections.worth.model_trials import ModelFits
    from rfmreport.shop import Shop

    Told = Callable[[Expected], Estimate | None]

_SOON_DAYS = 30
_UNTRIED_WINDOW = "a window hides when customers first bought, which the models must know"
_UNTRIED_FEW = "the past holds too few customers or repeat orders to try a model"
_QUERIES = read_queries(__file__)
_MOST_DAYS = 4 * 365


def look_ahead(shop: Shop, hold_outs: Sequence[HoldOut]) -> Worth:
    """Foretell by the model that holds on the past, and else by what customers did before.

    `hold_outs` (at least one, latest first) are followed for the shop's horizon. The engine holds
    the customers of all these dates, in `earlier_customers` by today's cuts, and in
    `held_out_customers` by those of the day, as the hold-outs are.
    """
    windows = _windows(shop)
    followed = dict.fromkeys((one.as_of for one in hold_outs), shop.horizon_days)
    cells = follow_customers(shop.engine, shop.as_of, followed, windows)
    by_day = follow_customers(
        shop.engine, shop.as_of, followed, windows, people="held_out_customers"
    )
    tried = extrapolation.try_extrapolation(by_day, hold_outs, shop.horizon_days)
    by_scores, chances = response.measure_response(
        cells, shop.as_of, [one.as_of for one in hold_outs], windows, shop.segment_names
    )
    worth = Worth(
        model=None,
        outlook=extrapolation.extrapolate(
            by_day, shop.as_of, hold_outs, shop.horizon_days, tried, shop.segment_names
        ),
        trials=tried.trials,
        spend=None,
        response=by_scores,
    )
    with in_one_order():
        modelled = _model(shop, hold_outs[0], worth, tried)
    if modelled.model is None:
        hold_chances(shop.engine, chances, windows)
    return modelled


def _windows(shop: Shop) -> tuple[int, ...]:
    """Return within how many days orders are foretold, the shorter first."""
    return tuple(sorted({min(_SOON_DAYS, shop.horizon_days), shop.horizon_days}))


def hold_chances(engine: Engine, chances: response.Chances, windows: Sequence[int]) -> None:
    """Hold the customers with the chance of those who have the same scores; null where none is."""
    scores = {
        RECENCY_SCORE: np.array([recency for recency, _ in chances], dtype=np.int64),
        FREQUENCY_SCORE: np.array([frequency for _, frequency in chances], dtype=np.int64),
    }
    by_window = {
        chance_column(days): np.array(
            [round(of[i].mean, 4) for of in chances.values()], dtype=float
        )
        for i, days in enumerate(windows)
    }
    engine.hold_arrays("score_chances", scores | by_window)
    engine.hold("foretold_customers", _QUERIES["foretold_by_scores"])


def _model(shop: Shop, latest: HoldOut, worth: Worth, tried: Tried) -> Worth:
    """Let the model foretell that held on the latest hold-out, if any did; else say why none may.

    `tried` tells how far the extrapolation was off: that much, too, periods differ.
    """
    if shop.window_months is not None:
        return replace(worth, untried=_UNTRIED_WINDOW)
    step_days = history_step_days(sum(row.customer_count for row in latest.rows))
    hold_histories(shop.engine, latest.as_of, shop.as_of, step_days)
    then, now = (
        count_histories(shop.engine, day, shop.as_of, _windows(shop))
        for day in (latest.as_of, shop.as_of)
    )
    chosen = model_trials.choose_fit(then, now, latest.as_of, shop.horizon_days)
    if chosen is None:
        return replace(worth, untried=_UNTRIED_FEW)
    if chosen.fits is None:
        return replace(worth, trials=(*chosen.trials, *worth.trials))
    values_then, values = (
        model_trials.fit_order_values(count_order_values(shop.engine, day))
        for day in (latest.as_of, shop.as_of)
    )
    checked = model_trials.check_on_past(
        chosen.fits.then, values_then.fitted if values_then else None, then, shop.horizon_days
    )
    values = model_trials.without_wrong_revenue(values, checked)
    fits = lifetime_value.Fits(
        orders=chosen.fits.now,
        spend=values.fitted if values else None,
        discount_rate=shop.settings.report.discount_rate,
        doubts_of_orders=checked.orders.doubts(ORDERS_BY_MODEL, tried.orders.total),
        doubts_of_revenue=checked.revenue.doubts(REVENUE_BY_MODEL, tried.revenue.total),
    )
    hold_expected(shop, fits, now)
    return replace(
        worth,
        model=chosen.fits.name,
        outlook=lifetime_value.foretell(fits, now, shop.segment_names, shop.horizon_days),
        modelled={
            days: lifetime_value.expect(fits, now, days)
            for days in {shop.horizon_days, rest_of_month(shop.until)}
        },
        model_error=checked.orders.total[0].error if checked.orders.total else 0.0,
        weeks=lifetime_value.follow_model(
            shop.engine, chosen.fits.then, then, latest.as_of, shop.horizon_days
        ),
        trials=(*model_trials.with_revenue(chosen, checked), *worth.trials),
        spend=values.trial if values else None,
        response=_respond(shop, latest, chosen.fits, then, now),
    )


def _respond(
    shop: Shop, latest: HoldOut, fits: ModelFits, then: CountedHistories, now: CountedHistories
) -> Response:
    """Tell each customer's chance by the model, and hold against the past what it said then."""
    windows = _windows(shop)
    return response.respond_by_model(
        lifetime_value.foretell_chances(fits.now, now, windows),
        lifetime_value.foretell_chances(fits.then, then, windows),
        fits.name,
        latest.as_of,
        windows,
        shop.segment_names,
    )


def hold_expected(shop: Shop, fits: lifetime_value.Fits, now: CountedHistories) -> None:
    """Hold the customers with what the model expects of all who share their history."""
    predicted = lifetime_value.predict_histories(fits, now, _windows(shop))
    shop.engine.hold_arrays("predicted_histories", predicted)
    shop.engine.hold("foretold_customers", _QUERIES["foretold_by_model"], today=shop.as_of)
    if fits.spend is None:
        shop.engine.run(f"ALTER TABLE foretold_customers DROP COLUMN {EXPECTED_VALUE}")
    shop.engine.drop("predicted_histories")


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


def share_out(outlook: Outlook | None, forecast: Forecast | None) -> Outlook | None:
    """Return the outlook with its parts brought to the sum of the forecast.

    What customers new of late brought is left to customers still to be won; the rest is shared as
    the outlook says. Where the forecast is a range only, parts have shares and no amounts.
    """
    if outlook is None or forecast is None:
        return None
    by_revenue: Told = lambda part: part.revenue or part.orders  # noqa: E731  a name for two uses
    orders = _shares(outlook, forecast.new_order_share, lambda part: part.orders)
    revenue = _shares(outlook, forecast.new_revenue_share, by_revenue)
    ahead, parts = forecast.ahead, outlook.parts
    told = [
        replace(
            part,
            orders=_scaled(part.orders, orders[place], ahead.orders),
            revenue=_scaled(by_revenue(part), revenue[place], ahead.revenue),
            share=revenue[place],
        )
        for place, part in enumerate(parts)
    ]
    new = Expected(
        NEW,
        0,
        _part(ahead.orders, orders[-1]),
        _part(ahead.revenue, revenue[-1]),
        revenue[-1],
    )
    count = outlook.total.customer_count
    return replace(
        outlook,
        rows=tuple(told[: len(outlook.rows)]),
        others=told[-1] if outlook.others else None,
        new=new if revenue[-1] or orders[-1] else None,
        total=Expected(EVERYBODY, count, _part(ahead.orders, 1.0, count),
                       _part(ahead.revenue, 1.0, count), 1.0),
    )  # fmt: skip


def _shares(outlook: Outlook, new_share: float, told: Told) -> list[float]:
    """Return the share of each part, and last that of customers still to be won."""
    values = [max(one.value, 0.0) if (one := told(part)) else 0.0 for part in outlook.parts]
    known = sum(values)
    if not known:
        return [*(0.0 for _ in values), 1.0]
    return [*(value / known * (1 - new_share) for value in values), new_share]


def _part(whole: Amount, share: float, count: int = 0) -> Estimate | None:
    if whole.value is None:
        return None
    return Estimate(whole.value * share, whole.low * share, whole.high * share, count)


def _scaled(estimate: Estimate | None, share: float, whole: Amount) -> Estimate | None:
    """Return the share of the whole, with the estimate's bounds as wide as they were."""
    if estimate is None or whole.value is None:
        return None
    value = whole.value * share
    if estimate.value <= 0:
        return Estimate(value, value, max(estimate.high, value), estimate.customer_count)
    by = value / estimate.value
    return Estimate(value, estimate.low * by, estimate.high * by, estimate.customer_count)
