"""Looking ahead: who will order again and what that is worth, as far as the past can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine
from rfmreport.models.doubt import ORDERS_BY_MODEL, REVENUE_BY_MODEL
from rfmreport.models.following import follow_customers
from rfmreport.models.histories import (
    count_histories,
    count_order_values,
    history_step_days,
    measure_histories,
)
from rfmreport.sections.hold import measure as returning
from rfmreport.sections.worth import (
    extrapolation,
    lifetime_value,
    model_trials,
    response,
)
from rfmreport.sections.worth.figures import Worth
from rfmreport.vocabulary import (
    AS_OF,
    CUSTOMER_ID,
    FREQUENCY_SCORE,
    RECENCY_SCORE,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.customers.history import EarlierDates
    from rfmreport.models.following import FollowedCell
    from rfmreport.models.histories import CountedHistories
    from rfmreport.sections.hold.figures import HoldOut
    from rfmreport.sections.worth.extrapolation import Tried
    from rfmreport.sections.worth.figures import (
        ForecastTrial,
        Outlook,
        Response,
        SpendTrial,
    )
    from rfmreport.sections.worth.model_trials import CheckedModel, ModelFits, OrderValues

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

    @property
    def windows(self) -> tuple[int, ...]:
        """Return within how many days orders are foretold, the shorter first."""
        return tuple(sorted({min(_SOON_DAYS, self.horizon_days), self.horizon_days}))


@dataclass(frozen=True, eq=False)
class _Histories:
    """The order histories: per customer in the engine, and counted on the past date and today."""

    measured: Table
    then: CountedHistories
    now: CountedHistories


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
    named = _named(known)
    cells = _follow(known, named)
    tried = extrapolation.try_extrapolation(cells, known.hold_outs, known.horizon_days)
    modelled = _model(engine, known, named, tried, discount_rate)
    by_scores, chances = response.measure_response(
        cells, known.as_of, known.past_dates, known.windows, known.segment_names
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
        customers = response.with_chances(known.customers, chances, known.windows)
    else:
        customers = known.customers.left_join(modelled.predictions, CUSTOMER_ID)
    own = (*known.customers.columns, f"{CUSTOMER_ID}_right")
    columns = tuple(name for name in customers.columns if name not in own)
    return LookAhead(worth, customers.select(*known.customers.columns, *columns), columns)


def _follow(known: Known, named: Table) -> tuple[FollowedCell, ...]:
    """Return what the customers of each hold-out did in its horizon, and of a year ago since."""
    followed = dict.fromkeys(known.past_dates, known.horizon_days)
    year_before = known.dates.year_before
    if year_before:
        followed[year_before] = max((known.as_of - year_before).days, known.horizon_days)
    return follow_customers(known.orders, named, followed, known.windows)


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
        engine = Engine(known.earlier.get_backend().con)
        year = returning.measure_hold_outs(engine, [year_before], days, known.segment_names)
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


def _model(
    engine: Backend, known: Known, named: Table, tried: Tried, discount_rate: float
) -> _Modelled:
    """Foretell by the model that held on the latest hold-out, if any did.

    `tried` tells how far the extrapolation was off: that much, too, periods differ.
    """
    if known.dates.window_months is not None:
        return _Modelled(untried=_UNTRIED_WINDOW)
    held = _count(known, named)
    day, horizon_days = known.past_dates[0], known.horizon_days
    chosen = model_trials.choose_fit(held.then, held.now, day, horizon_days)
    if chosen is None:
        return _Modelled(untried=_UNTRIED_FEW)
    if chosen.fits is None:
        return _Modelled(chosen.trials)
    values, checked = _check(known, held, chosen.fits)
    fits = lifetime_value.Fits(
        orders=chosen.fits.now,
        spend=values.fitted if values else None,
        discount_rate=discount_rate,
        doubts_of_orders=checked.orders.doubts(ORDERS_BY_MODEL, tried.orders.total),
        doubts_of_revenue=checked.revenue.doubts(REVENUE_BY_MODEL, tried.revenue.total),
    )
    return _Modelled(
        trials=model_trials.with_revenue(chosen, checked),
        name=chosen.fits.name,
        spend=values.trial if values else None,
        outlooks=tuple(
            lifetime_value.foretell(fits, held.now, known.segment_names, days)
            for days in (horizon_days, lifetime_value.YEAR_DAYS)
        ),
        response=_respond(known, held, chosen.fits),
        predictions=_predict(engine, known, held, fits),
    )


def _count(known: Known, named: Table) -> _Histories:
    day = known.past_dates[0]
    step_days = history_step_days(sum(row.customer_count for row in known.hold_outs[0].rows))
    measured = measure_histories(known.orders, day, known.as_of, step_days)
    dates = named.filter(named[AS_OF].isin([day, known.as_of]))
    counted = count_histories(measured, dates, known.windows)
    return _Histories(measured, counted[day], counted[known.as_of])


def _check(
    known: Known, held: _Histories, fits: ModelFits
) -> tuple[OrderValues | None, CheckedModel]:
    """Fit order values, and return how far orders and revenue were off on the past."""
    values_then, values = (
        model_trials.fit_order_values(spent) if spent else None
        for spent in (
            count_order_values(held.measured, day) for day in (known.past_dates[0], known.as_of)
        )
    )
    spend_then = values_then.fitted if values_then else None
    checked = model_trials.check_on_past(fits.then, spend_then, held.then, known.horizon_days)
    return model_trials.without_wrong_revenue(values, checked), checked


def _respond(known: Known, held: _Histories, fits: ModelFits) -> Response:
    """Tell each customer's chance by the model, and hold against the past what it said then."""
    return response.respond_by_model(
        lifetime_value.foretell_chances(fits.now, held.now, known.windows),
        lifetime_value.foretell_chances(fits.then, held.then, known.windows),
        fits.name,
        known.past_dates[0],
        known.windows,
        known.segment_names,
    )


def _predict(engine: Backend, known: Known, held: _Histories, fits: lifetime_value.Fits) -> Table:
    """Return what the model expects of each customer, in the engine."""
    expected = lifetime_value.predict_histories(fits, held.now, known.windows)
    # Held by the engine: it writes the customers by itself, and knows nothing of tables of Python.
    in_engine = engine.create_table("predicted_histories", expected, overwrite=True)
    return lifetime_value.predict_customers(held.measured, in_engine, known.as_of)
