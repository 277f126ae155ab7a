"""What is said of the segments: the table of them, its note, and where their money comes from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rfmreport.formats import Formats
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import Field, Sheet, Unit, page_table
from rfmreport.kit.tables import Table, share_texts, shown
from rfmreport.sections.segments.charts import (
    countries_drawing,
    proportion_drawing,
    share_caption,
    share_drawing,
    size_drawing,
)
from rfmreport.sections.worth.figures import NEW, Expected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from rfmreport.report import Report
    from rfmreport.sections.segments.figures import CountryRevenue, SegmentRow, SegmentTable
    from rfmreport.vocabulary import Estimate

Rows = tuple[Field["SegmentRow"], ...]


def segment_page(report: Report, formats: Formats, medium: Medium) -> Block:
    """Return the table of section 2, and its note."""
    table = segment_table(report, formats, medium)
    return Block(table, note=segment_note(report, formats, medium))


def segment_table(report: Report, formats: Formats, medium: Medium = "screen") -> Table:
    """Return one row per segment and the total.

    Paper has room for who came back or for what is to come; the former has a section of its own.
    """
    segments, expected = report.segments, _expected(report)
    days, fields = segments.horizon_days, _fields(segments, formats)
    if segments.hold_out_as_of and not (expected and medium == "print"):
        back = Field["SegmentRow"](
            "", "Back", lambda row: row.return_share, "percent", f"in {days} days"
        )
        fields = (*fields, back)
    if expected:
        fields = (*fields, _to_come(expected, days))
    return page_table(
        "Segments: customers, revenue and how their customers buy",
        fields,
        segments.rows,
        formats,
        total=segments.total,
        key=segments.rows.index,
        note=lambda row: shown(row.impact, 120),
    )


def _fields(table: SegmentTable, formats: Formats) -> Rows:
    """Return the columns that page and file share, those of the page in its order."""
    earlier, year_before = table.previous_as_of, table.year_before_as_of
    since = f"since {earlier.day} {formats.month_name_short(earlier)}" if earlier else ""
    a_year = f"since {formats.month_short(year_before)}" if year_before else ""
    return (
        Field("name", "Segment", lambda row: row.name),
        Field("customer_count", "Customers", lambda row: row.customer_count, "count"),
        Field("customer_share", "%", lambda r: r.customer_share, "share", "of all", adds_up=True),
        *([_change("Change", "previous_customer_count", since)] if earlier else []),
        *([_change("Year", "year_before_customer_count", a_year)] if year_before else []),
        Field("revenue", "Revenue", lambda row: row.revenue, "money", adds_up=True),
        Field("revenue_share", "%", lambda row: row.revenue_share, "share", "of all", adds_up=True),
        Field("order_count", "", lambda row: row.order_count, "count"),
        Field("average_order_value", "Average", lambda r: r.average_order_value, "money", "order"),
        Field("median_recency_days", "Days", lambda r: r.median_recency_days, "number", "median"),
        Field("median_order_count", "Orders", lambda r: r.median_order_count, "number", "median"),
        Field("median_revenue", "Spend", lambda row: row.median_revenue, "money", "median"),
    )


def _to_come(expected: Mapping[str, Expected], days: int) -> Field[SegmentRow]:
    def revenue(row: SegmentRow) -> float | None:
        told = expected.get(row.name)
        return told.revenue.value if told and told.revenue else None

    return Field("", "To come", revenue, "money_short", f"in {days} days")


def _change(heading: str, name: str, since: str) -> Field[SegmentRow]:
    """Return by how many customers segments differ from their count on an earlier date."""

    def change(row: SegmentRow) -> int | None:
        before = getattr(row, name)
        return None if before is None else row.customer_count - before

    return Field("", heading, change, "count_change", since)


def segment_note(report: Report, formats: Formats, medium: Medium = "screen") -> str:
    """Say what the columns of the segment table mean, of those that are there."""
    table, ruler = report.segments, report.measured_with
    parts = ["Days, orders and spend: of the median customer."]
    if table.previous_as_of:
        day = formats.day(table.previous_as_of)
        parts.append(f"Change: in customers since {day}, measured with the same {ruler}.")
    else:
        parts.append("No earlier date to compare with.")
    expected = _expected(report)
    if table.hold_out_as_of and not (expected and medium == "print"):
        day, days = formats.day(table.hold_out_as_of), formats.count(table.horizon_days)
        parts.append(
            f"Back: of the customers in the segment on {day}, the share with an order in the next "
            f"{days} days."
        )
    if _is_share_adjusted(table, formats):
        parts.append(
            "Shares are rounded so that they add up to 100%; in a sentence one may differ by 0.1."
        )
    if expected:
        parts.append(_expected_words(expected, formats))
    return " ".join(parts)


def _is_share_adjusted(table: SegmentTable, formats: Formats) -> bool:
    """Say whether a share of the table is written otherwise than it would be by itself."""
    return any(
        share_texts(shares, formats) != [formats.share(share) for share in shares]
        for shares in (
            [row.customer_share for row in table.rows],
            [row.revenue_share for row in table.rows],
        )
    )


def _expected(report: Report) -> dict[str, Expected]:
    """Return what each segment will bring, and all; nothing where no one number is told."""
    outlook = report.worth.outlook if report.worth else None
    if outlook is None or outlook.total.revenue is None:
        return {}
    told = {one.segment: one for one in outlook.parts}
    return told | {report.segments.total.name: outlook.total}


def _expected_words(expected: Mapping[str, Expected], formats: Formats) -> str:
    new = expected.get(NEW)
    words = "To come: the forecast under “What they will be worth”, by who brings it"
    if not new or not new.revenue:
        return f"{words}."
    return f"{words}; {formats.money_short(new.revenue.value)} by customers still to be won."


# --- countries ----------------------------------------------------------------------------------


def _countries_finding(report: Report, formats: Formats) -> str:
    countries = report.department_figures.countries
    if countries is None or not countries.rows:
        return ""
    first, abroad = countries.rows[0], countries.total.revenue - countries.rows[0].revenue
    words = f"{first.country} brings {formats.share(first.revenue_share)} of revenue"
    if not first.revenue or abroad <= 0:
        return words
    here = float(first.by_segment[0] / first.revenue)
    there = float((countries.total.by_segment[0] - first.by_segment[0]) / abroad)
    return (
        f"{words}; {countries.segments[0]} holds {formats.share(here, 0)} there and "
        f"{formats.share(there, 0)} elsewhere"
    )


# --- files and sections -------------------------------------------------------------------------


def _ends(key: str, value: Callable[[SegmentRow], Estimate | None]) -> Rows:
    """Return a share and its bounds as columns of the file."""

    def column(name: str, of: str) -> Field[SegmentRow]:
        return Field(name, "", lambda row: getattr(value(row), of, None), "share")

    return column(key, "value"), column(f"{key}_low", "low"), column(f"{key}_high", "high")


def _file_fields(report: Report) -> Rows:
    """Return the columns of segments.csv; what is expected is of the report's horizon."""
    expected = _expected(report)

    def of(key: str, value: Callable[[Expected], Any], unit: Unit) -> Field[SegmentRow]:
        def told(row: SegmentRow) -> Any:  # noqa: ANN401  whatever the column holds
            return value(expected[row.name]) if row.name in expected else None

        return Field(f"expected_{key}", "", told, unit)

    days = report.segments.horizon_days if expected else None
    return (
        *_fields(report.segments, Formats()),
        Field("order_value_deviation", "", lambda row: row.order_value_deviation, "money"),
        Field("mean_revenue", "", lambda row: row.mean_revenue, "money"),
        Field("previous_customer_count", "", lambda row: row.previous_customer_count, "count"),
        Field("revenue_per_returner", "", lambda row: row.revenue_per_returner, "money"),
        Field("impact", "", lambda row: row.impact),
        Field("previous_revenue_share", "", lambda row: row.previous_revenue_share, "share"),
        Field("year_before_customer_count", "", lambda r: r.year_before_customer_count, "count"),
        *_ends("return_share", lambda row: row.return_share),
        *_ends("anyway_share", lambda row: row.anyway),
        of("days", lambda _: days, "count"),
        of("orders", lambda one: one.orders and one.orders.value, "number"),
        of("revenue", lambda one: one.revenue and one.revenue.value, "money"),
        of("revenue_low", lambda one: one.revenue and one.revenue.low, "money"),
        of("revenue_high", lambda one: one.revenue and one.revenue.high, "money"),
    )


def _of_segment(place: int, row: CountryRevenue) -> Decimal:
    return row.by_segment[place]


def _country_fields(report: Report) -> tuple[Field[CountryRevenue], ...]:
    countries = report.department_figures.countries
    return (
        Field("country", "", lambda row: row.country),
        Field("customers", "", lambda row: row.customer_count, "count"),
        Field("revenue", "", lambda row: row.revenue, "money"),
        Field("revenue_share", "", lambda row: row.revenue_share, "share"),
        *(
            Field(f"revenue of {name}", "", partial(_of_segment, place), "money")
            for place, name in enumerate(countries.segments if countries else ())
        ),
    )


def _countries(report: Report) -> list[CountryRevenue] | None:
    found = report.department_figures.countries
    if found is None:
        return None
    return [row for row in (*found.rows, found.rest, found.unnamed) if row is not None]


def _all_countries(report: Report) -> CountryRevenue | None:
    countries = report.department_figures.countries
    return countries.total if countries else None


SECTION: Section[Report] = Section(
    "segments",
    "Segments",
    lambda report, formats: share_caption(report.segments, formats).title,
    (size_drawing, proportion_drawing, share_drawing),
    page=segment_page,
    sheets=(
        Sheet(
            "segments",
            "one segment",
            _file_fields,
            lambda report: report.segments.rows,
            lambda report: report.segments.total,
        ),
    ),
)
"""The section of the report."""

SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "countries",
        "Countries",
        _countries_finding,
        drawings=(countries_drawing,),
        sheets=(
            Sheet(
                "segments_by_country", "one country", _country_fields, _countries, _all_countries
            ),
        ),
        reasons=("Revenue by country",),
        charts=("segments-by-country",),
        has_key=True,
    ),
)
"""What departments may be told of this topic."""
