"""Looking ahead: who will order again and what that is worth, as far as the past can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.analyses import (
    extrapolation,
    lifetime_value,
    model_trials,
    response,
    returning,
)
from rfmreport.columns import AS_OF, CUSTOMER_ID, FREQUENCY_SCORE, RECENCY_SCORE, SEGMENT
from rfmreport.doubt import ORDERS_BY_MODEL, REVENUE_BY_MODEL
from rfmreport.following import follow_customers
from rfmreport.histories import (
    count_histories,
    count_order_values,
    history_step_days,
    measure_histories,
)
from rfmreport.report import Worth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.analyses.extrapolation import Tried
    from rfmreport.analyses.model_trials import Checked, OrderValues
    from rfmreport.following import FollowedCell
    from rfmreport.histories import CountedHistories
    from rfmreport.history import EarlierDates
    from rfmreport.lifetime.fitting import FittedModel
    from rfmreport.report import ForecastTrial, HoldOut, Outlook, Response, SpendTrial

_SOON_DAYS = 30
# Of the customers who are told for one time ahead, so many must be told for the other.
_LEAST_TOLD = 0.9
_UNTRIED_WINDOW = "a window hides when customers first bought, which the models must know"
_UNTRIED_FEW = "the past holds too few customers or repeat orders to try a model"


@dataclass(frozen=True, slots=True)
class LookAhead:
    """What is to come; `customers` are today's, one row each, with what `columns` foretell."""

    worth: Worth
    customers: Table
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the report knows of its customers, today and on earlier dates.

    `orders` as from `cleaning.group_orders`, those that a window hides included; `customers` and
    `earlier` with scores and segment, `earlier` one row per date and customer; `hold_outs` are
    those of `dates`, followed for `horizon_days`.
    """

    orders: Table
    customers: Table
    earlier: Table
    as_of: date
    dates: EarlierDates
    hold_outs: tuple[HoldOut, ...]
    horizon_days: int
    segment_names: Sequence[str]

    @property
    def past_dates(self) -> tuple[date, ...]:
        """Return the hold-out dates, latest first."""
        return tuple(hold_out.as_of for hold_out in self.hold_outs)


@dataclass(frozen=True, slots=True)
class _Modelled:
    """What the models say: nothing but the trials where none may be used."""

    trials: tuple[ForecastTrial, ...] = ()
    untried: str = ""
    name: str | None = None
    spend: SpendTrial | None = None
    outlooks: tuple[Outlook, ...] = ()
    response: Response | None = None
    predictions: Table | None = None


def look_ahead(engine: Backend, known: Known, discount_rate: float) -> LookAhead:
    """Foretell by the model that holds on the past, and else by what customers did before.

    Needs at least one hold-out.
    """
    windows = sorted({min(_SOON_DAYS, known.horizon_days), known.horizon_days})
    named = _named(known)
    followed = dict.fromkeys(known.past_dates, known.horizon_days)
    year_before = known.dates.year_before
    if year_before:
        followed[year_before] = max((known.as_of - year_before).days, known.horizon_days)
    cells = follow_customers(known.orders, named, followed, windows)
    tried = extrapolation.try_extrapolation(cells, known.hold_outs, known.horizon_days)
    modelled = _model(engine, known, named, windows, tried, discount_rate)
    past = [cell for cell in cells if cell.as_of in {*known.past_dates, known.as_of}]
    by_scores, chances = response.measure_response(
        past, known.as_of, known.past_dates, windows, known.segment_names
    )
    worth = Worth(
        model=modelled.name,
        discount_rate=discount_rate,
        outlooks=modelled.outlooks or _extrapolated(known, cells, tried, discount_rate),
        trials=(*modelled.trials, *tried.trials),
        untried=modelled.untried,
        spend=modelled.spend,
        response=modelled.response or by_scores,
    )
    if modelled.predictions is None:
        customers = response.with_chances(known.customers, chances, windows)
    else:
        customers = known.customers.left_join(modelled.predictions, CUSTOMER_ID)
    own = (*known.customers.columns, f"{CUSTOMER_ID}_right")
    columns = tuple(name for name in customers.columns if name not in own)
    return LookAhead(worth, customers.select(*known.customers.columns, *columns), columns)


def _named(known: Known) -> Table:
    """Return one row per date and customer, today's customers among them."""
    columns = (AS_OF, CUSTOMER_ID, SEGMENT, RECENCY_SCORE, FREQUENCY_SCORE)
    days = [*known.past_dates, *([known.dates.year_before] if known.dates.year_before else [])]
    then = known.earlier.filter(known.earlier[AS_OF].isin(days)).select(*columns)
    now = known.customers.mutate(**{AS_OF: ibis.date(known.as_of)}).select(*columns)
    return then.union(now)


def _extrapolated(
    known: Known, cells: Sequence[FollowedCell], tried: Tried, discount_rate: float
) -> tuple[Outlook, ...]:
    """Return the next horizon, and the next twelve months where a year of history tells of them.

    One that leaves out many more customers than the other is not told: its total would be taken for
    that of all.
    """
    spans = [(known.hold_outs, known.horizon_days)]
    year_before = known.dates.year_before
    if year_before and year_before not in known.past_dates:
        days = (known.as_of - year_before).days
        then = known.earlier.filter(known.earlier[AS_OF] == ibis.date(year_before))
        year = returning.measure_hold_outs(known.orders, then, days, known.segment_names)
        spans.append((year, days))
    found = (
        extrapolation.extrapolate(cells, known.as_of, hold_outs, days, discount_rate, tried)
        for hold_outs, days in spans
        if hold_outs
    )
    outlooks = [outlook for outlook in found if outlook is not None]
    most = max((outlook.total.customer_count for outlook in outlooks), default=0)
    enough = _LEAST_TOLD * most
    return tuple(outlook for outlook in outlooks if outlook.total.customer_count >= enough)


def _model(  # noqa: PLR0913, PLR0917  whom to foretell, how far, and how wrong others were
    engine: Backend,
    known: Known,
    named: Table,
    windows: Sequence[int],
    tried: Tried,
    discount_rate: float,
) -> _Modelled:
    if known.dates.window_months is not None:
        return _Modelled(untried=_UNTRIED_WINDOW)
    latest, horizon_days = known.hold_outs[0], known.horizon_days
    step_days = history_step_days(sum(row.customer_count for row in latest.rows))
    histories = measure_histories(known.orders, latest.as_of, known.as_of, step_days)
    dates = named.filter(named[AS_OF].isin([latest.as_of, known.as_of]))
    counted = count_histories(histories, dates, windows)
    then, now = counted[latest.as_of], counted[known.as_of]
    chosen = model_trials.choose_fit(then, now, latest.as_of, horizon_days)
    if chosen is None:
        return _Modelled(untried=_UNTRIED_FEW)
    if chosen.fitted is None or chosen.fitted_then is None:
        return _Modelled(chosen.trials)
    values, checked = _check(histories, known, chosen.fitted_then, then)
    fits = lifetime_value.Fits(
        orders=chosen.fitted,
        spend=values.fitted if values else None,
        discount_rate=discount_rate,
        doubts_of_orders=checked.orders.doubts(ORDERS_BY_MODEL, tried.orders.total),
        doubts_of_revenue=checked.revenue.doubts(REVENUE_BY_MODEL, tried.revenue.total),
    )
    by_model = response.respond_by_model(
        lifetime_value.foretell_chances(chosen.fitted, now, windows),
        lifetime_value.foretell_chances(chosen.fitted_then, then, windows),
        chosen.fitted.model.name,
        latest.as_of,
        windows,
        known.segment_names,
    )
    expected = lifetime_value.predict_histories(fits, now, windows)
    # Held by the engine: it writes the customers by itself, and knows nothing of tables of Python.
    held = engine.create_table("predicted_histories", expected, overwrite=True)
    return _Modelled(
        trials=model_trials.with_revenue(chosen, checked),
        name=chosen.fitted.model.name,
        spend=values.trial if values else None,
        outlooks=tuple(
            lifetime_value.foretell(fits, now, known.segment_names, days)
            for days in (horizon_days, lifetime_value.YEAR_DAYS)
        ),
        response=by_model,
        predictions=lifetime_value.predict_customers(histories, held, known.as_of),
    )


def _check(
    histories: Table, known: Known, fitted_then: FittedModel, then: CountedHistories
) -> tuple[OrderValues | None, Checked]:
    """Fit order values, and return how far orders and revenue were off on the past."""
    values_then, values = (
        model_trials.fit_order_values(spent) if spent else None
        for spent in (
            count_order_values(histories, day) for day in (known.past_dates[0], known.as_of)
        )
    )
    spend_then = values_then.fitted if values_then else None
    checked = model_trials.check_on_past(fitted_then, spend_then, then, known.horizon_days)
    return model_trials.without_wrong_revenue(values, checked), checked
