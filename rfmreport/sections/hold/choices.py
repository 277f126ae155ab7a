"""Choices that could have been made otherwise, and the top segment again under each of them.

One pass over the orders gives every customer's measures under every choice, side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.customers.scoring import choose_cuts
from rfmreport.customers.segments import named_sql
from rfmreport.engine.ask import Engine, read_queries
from rfmreport.sections.hold.figures import SensitivityRow
from rfmreport.source.audit import RETURNABLE
from rfmreport.vocabulary import months_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.settings import CleaningSettings
    from rfmreport.shop import Shop

_SQL = read_queries(__file__)
_WIDE, _CHOSEN, _NAMED = "customers_by_choice", "customers_chosen", "customers_chosen_named"
_ALL = "all"
_WINDOWS_MONTHS = (12, 24)


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice in words, which customers it counts, and what its columns are called.

    The names end in what is given here, where they are not those of the report.
    """

    key: str
    words: str
    orders: str = ""
    revenue: str = ""
    last: str = ""
    counted: str = "NOT is_guest"

    @property
    def is_window(self) -> bool:
        """Say whether it is only about how much of the past counts."""
        return self.key.startswith("window_")


def list_choices(cleaning: CleaningSettings) -> tuple[Choice, ...]:
    """Return the report's own choices, and then each other one, as they are told."""
    returns = "Returns not subtracted" if cleaning.net_returns else "Returns subtracted"
    windows = [
        (f"window_{months}", f"Only the last {months} months")
        for months in _WINDOWS_MONTHS
        if months != cleaning.window_months
    ]
    if cleaning.window_months is not None:
        windows.append((_ALL, "All of the data, without a window"))
    return (
        Choice("report", "As reported"),
        Choice("returns", returns, revenue="_returns"),
        *(Choice(key, words, *[f"_{key}"] * 3) for key, words in windows),
        Choice("lines", "Frequency counted in lines, not in orders", orders="_lines"),
        Choice("guests", "Each order without a customer counted as a customer", counted="TRUE"),
        Choice("wholesalers", "Largest 1% of customers left out", counted="is_small"),
        Choice("fees", "Freight and fees counted as sales", *["_fees"] * 3),
    )


def measure_choices(engine: Engine, as_of: date, cleaning: CleaningSettings) -> None:
    """Hold every customer's measures under every choice, side by side."""
    since = {f"since_{n}": months_before(as_of, n) for n in _WINDOWS_MONTHS}
    query, returnable = _SQL["side_by_side"], list(RETURNABLE)
    engine.hold(_WIDE, query, net_returns=cleaning.net_returns, returnable=returnable, **since)


def chosen_sql(choice: Choice, as_of: date) -> str:
    """Return the query for the customers that a choice counts, with their three measures."""
    orders = f"order_count{choice.orders}"
    return (
        f"SELECT customer_id, CAST({orders} AS BIGINT) AS order_count, "  # noqa: S608  our names
        f"revenue{choice.revenue} AS revenue, CAST(date_diff('day', "
        f"CAST(last_at{choice.last} AS DATE), DATE '{as_of}') AS INTEGER) AS recency_days "
        f"FROM {_WIDE} WHERE {choice.counted} AND {orders} > 0 AND revenue{choice.revenue} > 0"
    )


def measure_sensitivity(shop: Shop) -> tuple[SensitivityRow, ...]:
    """Return the report's own row, and one for each choice that would have changed the measures.

    Cuts are fitted anew under each choice, as far as the settings and the scheme fit any. Where the
    report has other cuts, the second row (`NEW_CUTS`) is the report under new ones: what a choice
    does is its difference to that row.
    """
    engine, choices = shop.engine, list_choices(shop.settings.cleaning)
    measure_choices(engine, shop.as_of, shop.settings.cleaning)
    found = {0: _count_top(shop, "customers")}
    rows = [_row(found[0], choices[0])]
    told = _differing(engine, choices, shop.as_of)
    for place in (0, *told) if told else ():
        engine.define(_CHOSEN, chosen_sql(choices[place], shop.as_of))
        found[place] = _count_top(shop, _name_chosen(shop))
    engine.drop(_WIDE)  # as long as all customers
    new_cuts = Choice(NEW_CUTS, "Cuts fitted anew, all else as reported")
    if found[0]["top_customer_count"] != rows[0].top_customer_count:
        rows.append(_row(found[0], new_cuts))
    return (*rows, *(_row(found[place], choices[place]) for place in told))


def _differing(engine: Engine, choices: Sequence[Choice], as_of: date) -> tuple[int, ...]:
    """Return the places of the choices that make a difference; 0 is the report's own.

    A choice only adds to the report, or only takes from it: where customers, orders and revenue are
    the same in sum, so is each customer's. A window as long as the data is no choice.
    """
    sums = "count(*), sum(order_count), sum(revenue)"
    totals = [
        tuple(engine.row(f"SELECT {sums} FROM ({chosen_sql(choice, as_of)})").values())  # noqa: S608
        for choice in choices
    ]
    keys = [choice.key for choice in choices]
    as_long = totals[keys.index(_ALL)] if _ALL in keys else totals[0]
    return tuple(
        place
        for place, choice in enumerate(choices)
        if totals[place][0]
        and totals[place] != totals[0]
        and not (choice.is_window and totals[place] == as_long)
    )


def _name_chosen(shop: Shop) -> str:
    """Name the customers that a choice counts by cuts of their own."""
    scheme = shop.scheme
    given = scheme.bins, scheme.fixed_cuts, shop.settings.scoring
    cuts = choose_cuts(shop.engine, _CHOSEN, *given)
    shop.engine.define(_NAMED, named_sql(_CHOSEN, cuts, scheme))
    return _NAMED


def _count_top(shop: Shop, people: str) -> Mapping[str, Any]:
    top = shop.scheme.segments[0].name
    return shop.engine.row(_SQL["top_segment"], people=people, top=top)


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
