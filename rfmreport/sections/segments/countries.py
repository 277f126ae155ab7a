"""Segments by country: whose money comes from where."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows, fetch_value
from rfmreport.sections.concentration.figures import CountryRevenue, SegmentsByCountry
from rfmreport.vocabulary import (
    AMOUNT,
    COUNTRY,
    CUSTOMER_ID,
    EXCLUSION,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Table

SHOWN_COUNTRIES = 8
_RANK = "country_rank"
_REST, _UNNAMED = SHOWN_COUNTRIES, SHOWN_COUNTRIES + 1


def cross_countries(
    lines: Table, customers: Table, names: Sequence[str]
) -> SegmentsByCountry | None:
    """Return revenue by country and segment; None where the lines do not name two countries.

    `lines` as from `cleaning.judge_lines`; `customers` with segment; segments in the order of
    `names`. Returns are subtracted where they are netted, so the total is the report's revenue.
    """
    rows = _count(lines, customers)
    countries = {row[_RANK]: row[COUNTRY] for row in rows if row[_RANK] < _REST}
    if len(countries) < 2:  # noqa: PLR2004  one country has none to stand beside
        return None
    total = sum((row["revenue"] for row in rows), Decimal(0))

    def country(name: str, ranks: Sequence[int]) -> CountryRevenue | None:
        return _country(name, [row for row in rows if row[_RANK] in ranks], names, total)

    shown = (country(countries[rank], [rank]) for rank in sorted(countries))
    everything = country("All countries", range(_UNNAMED + 1))
    assert everything is not None  # noqa: S101  there are two countries
    # Who bought in two countries is one customer.
    customer_count = fetch_value(customers.count())
    return SegmentsByCountry(
        segments=tuple(names),
        rows=tuple(row for row in shown if row is not None),
        rest=country("Rest of the world", [_REST]),
        rest_count=max((row["country_count"] for row in rows), default=0) - len(countries),
        unnamed=country("No country named", [_UNNAMED]),
        total=replace(everything, customer_count=customer_count),
    )


def _count(lines: Table, customers: Table) -> list[dict[str, Any]]:
    """Return revenue and customers by country (by rank, the rest together) and segment."""
    kept = lines.filter(lines[EXCLUSION].isnull())
    summed = kept.group_by(COUNTRY).agg(of_country=kept[AMOUNT].sum())
    named = summed.filter(summed[COUNTRY].notnull() & (summed[COUNTRY] != ""))
    most = ibis.window(order_by=[ibis.desc("of_country"), ibis.asc(COUNTRY)])
    ranked = named.mutate(
        place=ibis.row_number().over(most), country_count=named.count().over(ibis.window())
    )
    ranked = ranked.select(COUNTRY, "place", "country_count")
    both = kept.select(CUSTOMER_ID, COUNTRY, AMOUNT).left_join(ranked, COUNTRY)
    both = both.join(customers.select(CUSTOMER_ID, SEGMENT), CUSTOMER_ID)
    rank = ibis.cases(
        (both.place.isnull(), _UNNAMED), (both.place >= _REST, _REST), else_=both.place
    )
    counted = both.group_by(SEGMENT, **{_RANK: rank}).agg(
        country_count=both.country_count.max(),
        revenue=both[AMOUNT].sum(),
        customer_count=both[CUSTOMER_ID].nunique(),
        **{COUNTRY: both[COUNTRY].min()},
    )
    rows: list[dict[str, Any]] = fetch_rows(counted)
    return [row | {"country_count": row["country_count"] or 0} for row in rows]


def _country(
    name: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str], total: Decimal
) -> CountryRevenue | None:
    if not rows:
        return None
    by_segment = dict.fromkeys(names, Decimal(0))
    for row in rows:
        by_segment[row[SEGMENT]] += row["revenue"]
    revenue = sum(by_segment.values(), Decimal(0))
    return CountryRevenue(
        country=name,
        customer_count=sum(row["customer_count"] for row in rows),
        revenue=revenue,
        revenue_share=float(revenue / total) if total else 0.0,
        by_segment=tuple(by_segment.values()),
    )
