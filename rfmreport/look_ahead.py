"""Looking ahead: who will order again and what that is worth, as far as the past can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.analyses import extrapolation, lifetime_value, response, returning
from rfmreport.columns import AS_OF, CUSTOMER_ID, FREQUENCY_SCORE, RECENCY_SCORE, SEGMENT
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

    from rfmreport.analyses.lifetime_value import ChosenModel, OrderValues
    from rfmreport.following import FollowedCell
    from rfmreport.histories import CountedHistories
    from rfmreport.history import EarlierDates
    from rfmreport.report import HoldOut, Outlook

_SOON_DAYS = 30
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

    chosen: ChosenModel | None
    values: OrderValues | None = None
    outlooks: tuple[Outlook, ...] = ()
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
    past = [cell for cell in cells if cell.as_of in {*known.past_dates, known.as_of}]
    answered, chances = response.measure_response(
        past, known.as_of, known.past_dates, windows, known.segment_names
    )
    modelled = _model(engine, known, named, discount_rate)
    chosen = modelled.chosen
    trial = extrapolation.try_extrapolation(cells, known.hold_outs, known.horizon_days)
    worth = Worth(
        model=chosen.fitted.model.name if chosen and chosen.fitted else None,
        discount_rate=discount_rate,
        outlooks=modelled.outlooks or _extrapolated(known, cells, discount_rate),
        trials=(*(chosen.trials if chosen else ()), *([trial] if trial else ())),
        untried=_why_untried(known, chosen),
        spend=modelled.values.trial if modelled.values else None,
        response=answered,
    )
    customers = response.with_chances(known.customers, chances, windows)
    if modelled.predictions is not None:
        customers = customers.left_join(modelled.predictions, CUSTOMER_ID)
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
    known: Known, cells: Sequence[FollowedCell], discount_rate: float
) -> tuple[Outlook, ...]:
    """Return the next horizon, and the next twelve months where a year of history tells of them."""
    spans = [(known.hold_outs, known.horizon_days)]
    year_before = known.dates.year_before
    if year_before and year_before not in known.past_dates:
        days = (known.as_of - year_before).days
        then = known.earlier.filter(known.earlier[AS_OF] == ibis.date(year_before))
        year = returning.measure_hold_outs(known.orders, then, days, known.segment_names)
        spans.append((year, days))
    found = (
        extrapolation.extrapolate(cells, known.as_of, hold_outs, days, discount_rate)
        for hold_outs, days in spans
        if hold_outs
    )
    return tuple(outlook for outlook in found if outlook is not None)


def _model(engine: Backend, known: Known, named: Table, discount_rate: float) -> _Modelled:
    if known.dates.window_months is not None:
        return _Modelled(None)
    latest, horizon_days = known.hold_outs[0], known.horizon_days
    step_days = history_step_days(sum(row.customer_count for row in latest.rows))
    histories = measure_histories(known.orders, latest.as_of, known.as_of, step_days)
    dates = named.filter(named[AS_OF].isin([latest.as_of, known.as_of]))
    counted = count_histories(histories, dates)
    now = counted[known.as_of]
    chosen = lifetime_value.choose_fit(counted[latest.as_of], now, latest.as_of, horizon_days)
    if chosen is None or chosen.fitted is None:
        return _Modelled(chosen)
    return _foretold(engine, known, chosen, now, histories, discount_rate)


def _foretold(  # noqa: PLR0913, PLR0917  whom to foretell, and what with
    engine: Backend,
    known: Known,
    chosen: ChosenModel,
    now: CountedHistories,
    histories: Table,
    discount_rate: float,
) -> _Modelled:
    fitted = chosen.fitted
    assert fitted is not None  # noqa: S101  else nothing is foretold
    spent = count_order_values(histories, known.as_of)
    values = lifetime_value.fit_order_values(spent) if spent else None
    fits = lifetime_value.Fits(fitted, values.fitted if values else None, discount_rate)
    outlooks = (
        lifetime_value.foretell(fits, now, known.segment_names, days)
        for days in (known.horizon_days, lifetime_value.YEAR_DAYS)
    )
    expected = lifetime_value.predict_histories(fits, now, known.horizon_days)
    # Held by the engine: it writes the customers by itself, and knows nothing of tables of Python.
    held = engine.create_table("predicted_histories", expected, overwrite=True)
    predictions = lifetime_value.predict_customers(histories, held, known.as_of)
    return _Modelled(chosen, values, tuple(outlooks), predictions)


def _why_untried(known: Known, chosen: ChosenModel | None) -> str:
    if chosen is not None:
        return ""
    return _UNTRIED_WINDOW if known.dates.window_months is not None else _UNTRIED_FEW
