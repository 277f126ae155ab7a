"""The segments measured: who is in them today, who was on earlier dates, whose money is whence."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.segments.figures import (
    CountryRevenue,
    Past,
    SegmentRow,
    SegmentsByCountry,
    SegmentTable,
    Snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from rfmreport.customers.history import EarlierDates
    from rfmreport.customers.segments import Scheme
    from rfmreport.sections.hold.figures import HoldOut
    from rfmreport.sections.worth.figures import Response
    from rfmreport.shop import Shop

_QUERIES = read_queries(__file__)
_NOBODY = {"customer_count": 0, "revenue": Decimal(0), "order_count": 0}
SHOWN_COUNTRIES = 8
_REST, _UNNAMED = SHOWN_COUNTRIES, SHOWN_COUNTRIES + 1


def measure_segments(shop: Shop) -> SegmentTable:
    """Return the segments of today, in the scheme's order."""
    rows = shop.engine.rows(_QUERIES["segments"])
    table = segment_table(rows, shop.scheme, shop.horizon_days)
    if not shop.has_orders:
        return table
    spread = {
        row["segment"]: row["deviation"] for row in shop.engine.rows(_QUERIES["order_spread"])
    }
    told = (replace(row, order_value_deviation=spread.get(row.name)) for row in table.rows)
    return replace(table, rows=tuple(told))


def segment_table(
    rows: Iterable[Mapping[str, Any]], scheme: Scheme, horizon_days: int
) -> SegmentTable:
    """Return the table of segments; `rows` are of those with customers and, without name, of all.

    Medians and means are over customers; None where there is no customer.
    """
    found = {row["segment"]: row for row in rows}
    whole = found[None]

    def row(name: str, color: str, measured: Mapping[str, Any]) -> SegmentRow:
        count, revenue, orders = (measured[key] for key in _NOBODY)
        median = measured.get("median_revenue")
        return SegmentRow(
            name=name,
            color=color,
            customer_count=count,
            customer_share=count / whole["customer_count"],
            revenue=revenue,
            revenue_share=float(revenue / whole["revenue"]) if whole["revenue"] else 0.0,
            order_count=orders,
            average_order_value=revenue / orders if orders else None,
            median_recency_days=measured.get("median_recency_days"),
            median_order_count=measured.get("median_order_count"),
            # The engine's median is a double; amounts have four decimals, so of two it has five.
            median_revenue=None if median is None else Decimal(str(round(median, 5))),
            mean_revenue=revenue / count if count else None,
        )

    named = ((one.name, one.color) for one in scheme.segments)
    return SegmentTable(
        rows=tuple(row(name, color, found.get(name, _NOBODY)) for name, color in named),
        total=row("All customers", "", whole),
        previous_as_of=None,
        hold_out_as_of=None,
        horizon_days=horizon_days,
    )


def take_snapshots(engine: Engine, days: Collection[date]) -> dict[date, Snapshot]:
    """Return the segments of these earlier dates, of those on which there were customers."""
    rows = engine.rows(_QUERIES["snapshots"], days=list(days)) if days else []
    return {
        day: Snapshot(
            day,
            {row["segment"]: row["customer_count"] for row in rows if row["as_of"] == day},
            {row["segment"]: row["revenue"] for row in rows if row["as_of"] == day},
        )
        for day in sorted({row["as_of"] for row in rows})
    }


def tell_past(shop: Shop, dates: EarlierDates, hold_out: HoldOut | None) -> Past:
    """Return the segments of the months before and of a year ago, where they had enough people."""
    year_before = dates.year_before
    wanted = {*dates.months, *([year_before] if year_before else [])}
    taken = take_snapshots(shop.engine, wanted)
    enough = {day: one for day, one in taken.items() if one.customer_count >= FEWEST_CUSTOMERS}
    return Past(
        snapshots=tuple(enough[day] for day in sorted(dates.months) if day in enough),
        hold_out=hold_out,
        horizon_days=shop.horizon_days,
        year_before=enough.get(year_before) if year_before else None,
    )


def with_past(table: SegmentTable, past: Past, response: Response | None = None) -> SegmentTable:
    """Return the table with what earlier dates say of each segment.

    Who comes anyway is told by the `response`, and where it does not say, by who came back the last
    time.
    """
    previous, year_before = past.previous, past.year_before

    def told(row: SegmentRow) -> SegmentRow:
        segment = None if row is table.total else row.name
        share = past.return_share(row.name)
        return replace(
            row,
            previous_customer_count=previous.count_of(segment) if previous else None,
            previous_revenue_share=previous.share_of(segment) if previous else None,
            year_before_customer_count=year_before.count_of(segment) if year_before else None,
            return_share=share,
            revenue_per_returner=past.revenue_per_returner(row.name),
            anyway=(response.share_of(row.name) if response else None) or share,
        )

    return replace(
        table,
        rows=tuple(map(told, table.rows)),
        total=told(table.total),
        previous_as_of=previous.as_of if previous else None,
        hold_out_as_of=past.hold_out.as_of if past.hold_out else None,
        year_before_as_of=year_before.as_of if year_before else None,
    )


def cross_countries(engine: Engine, names: Sequence[str]) -> SegmentsByCountry | None:
    """Return revenue by country and segment; None where the lines do not name two countries.

    Segments stand in the order of `names`. Returns are subtracted where they are netted, so the
    total is the report's revenue.
    """
    rows = engine.rows(_QUERIES["countries"], shown=SHOWN_COUNTRIES)
    countries = {row["place"]: row["country"] for row in rows if row["place"] < _REST}
    if len(countries) < 2:  # noqa: PLR2004  one country has none to stand beside
        return None
    whole = sum((row["revenue"] for row in rows), Decimal(0))

    def country(name: str, places: Iterable[int]) -> CountryRevenue | None:
        return _country(name, [row for row in rows if row["place"] in places], names, whole)

    shown = (country(countries[place], [place]) for place in sorted(countries))
    total = _country("All countries", rows, names, whole)
    assert total is not None  # noqa: S101  there are two countries
    # Who bought in two countries is one customer.
    customer_count = engine.value("SELECT count(*) FROM customers")
    return SegmentsByCountry(
        segments=tuple(names),
        rows=tuple(row for row in shown if row is not None),
        rest=country("Rest of the world", [_REST]),
        rest_count=max(row["country_count"] for row in rows) - len(countries),
        unnamed=country("No country named", [_UNNAMED]),
        total=replace(total, customer_count=customer_count),
    )


def _country(
    name: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str], whole: Decimal
) -> CountryRevenue | None:
    if not rows:
        return None
    by_segment = dict.fromkeys(names, Decimal(0))
    for row in rows:
        by_segment[row["segment"]] += row["revenue"]
    revenue = sum(by_segment.values(), Decimal(0))
    return CountryRevenue(
        country=name,
        customer_count=sum(row["customer_count"] for row in rows),
        revenue=revenue,
        revenue_share=float(revenue / whole) if whole else 0.0,
        by_segment=tuple(by_segment.values()),
    )
