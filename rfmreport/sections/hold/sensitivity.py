"""Sensitivity: the top segment again under each choice that could have been made otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.customers import scoring, segments
from rfmreport.customers.choices import (
    ALL_DATA,
    CHOICE,
    Choice,
    list_choices,
    measure_choices,
)
from rfmreport.customers.figures import NEW_CUTS
from rfmreport.engine.results import fetch_rows, hold_table
from rfmreport.sections.hold.figures import SensitivityRow
from rfmreport.vocabulary import ORDER_COUNT, REVENUE, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.customers.segments import Scheme
    from rfmreport.settings import ScoringSettings, Settings

_REPORT = -1
_HELD = "customers_by_choice"


def measure_sensitivity(  # noqa: PLR0913, PLR0917  what a report is made of
    engine: Backend,
    orders: Table,
    customers_now: Table,
    as_of: date,
    settings: Settings,
    scheme: Scheme,
) -> tuple[SensitivityRow, ...]:
    """Return the report's own row, and one for each choice that would have changed the measures.

    Cuts are fitted anew under each choice, as far as the settings and the scheme fit any. Where the
    report has other cuts, the second row (`NEW_CUTS`) is the report under new ones: what a choice
    does is its difference to that row.

    Args:
        engine: Where the customers under all choices are held.
        orders: As from `cleaning.group_orders`.
        customers_now: One row per customer with revenue and segment: the report's own.
        as_of: The report's date.
        settings: The report's own choices.
        scheme: The report's scheme; its first segment is the top one.
    """
    choices = list_choices(settings.cleaning)
    measured = measure_choices(orders, customers_now, choices, as_of, settings.cleaning)
    measured = hold_table(engine, _HELD, measured)
    told = _differing(measured, choices)
    named = customers_now.select(REVENUE, SEGMENT, **{CHOICE: ibis.literal(_REPORT, "int8")})
    if told:
        named = named.union(_segment(measured, (0, *told), scheme, settings.scoring))
    counted = _count(named, scheme.segments[0].name)
    engine.drop_table(_HELD)  # as long as all customers times all choices
    rows = [_row(counted[_REPORT], choices[0])]
    new_cuts = Choice(NEW_CUTS, "Cuts fitted anew, all else as reported")
    if told and counted[0]["top_customer_count"] != rows[0].top_customer_count:
        rows.append(_row(counted[0], new_cuts))
    return (*rows, *(_row(counted[number], choices[number]) for number in told))


def _differing(measured: Table, choices: Sequence[Choice]) -> tuple[int, ...]:
    """Return the places of the choices that make a difference; 0 is the report's own.

    A choice only adds to the report, or only takes from it: where customers, orders and revenue are
    the same in sum, so is each customer's. A window as long as the data is no choice.
    """
    sums = measured.group_by(CHOICE).agg(
        customers=measured.count(),
        orders=measured[ORDER_COUNT].sum(),
        money=measured[REVENUE].sum(),
    )
    totals = {row.pop(CHOICE): row for row in fetch_rows(sums)}
    everything = {place for place, choice in enumerate(choices) if choice.key == ALL_DATA} or {0}
    same = totals[0]
    as_long = totals[everything.pop()]
    return tuple(
        place
        for place, choice in enumerate(choices)
        if totals.get(place, same) != same and not (choice.is_window and totals[place] == as_long)
    )


def _segment(
    measured: Table, told: Sequence[int], scheme: Scheme, settings: ScoringSettings
) -> Table:
    """Return one row per choice and customer with revenue and segment, by cuts of the choice."""
    measured = measured.filter(measured[CHOICE].isin(told))
    cuts = scoring.choose_cuts_by(measured, CHOICE, told, scheme.bins, scheme.fixed_cuts, settings)
    scored = scoring.score_customers_by(measured, CHOICE, cuts)
    return segments.assign_segments(scored, scheme).select(REVENUE, SEGMENT, CHOICE)


def _count(named: Table, top_segment: str) -> dict[int, Mapping[str, Any]]:
    """Return the figures of each choice by its number."""
    is_top = named[SEGMENT] == top_segment
    counted = named.group_by(CHOICE).agg(
        customer_count=named.count(),
        revenue=named[REVENUE].sum(),
        top_customer_count=is_top.sum(),
        top_revenue=named[REVENUE].sum(where=is_top),
    )
    return {row[CHOICE]: row for row in fetch_rows(counted)}


def _row(counted: Mapping[str, Any], choice: Choice) -> SensitivityRow:
    revenue, top_revenue = (counted[name] or Decimal(0) for name in ("revenue", "top_revenue"))
    return SensitivityRow(
        key=choice.key,
        choice=choice.words,
        customer_count=counted["customer_count"],
        revenue=revenue,
        top_customer_count=counted["top_customer_count"],
        top_customer_share=counted["top_customer_count"] / counted["customer_count"],
        top_revenue=top_revenue,
        top_revenue_share=float(top_revenue / revenue) if revenue else 0.0,
    )
