"""What departments are told of this topic: countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.bars import CutRow, cut_rows_drawing
from rfmreport.kit.cells import count_cell, money_cell, name_cell, row_of, table_of
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import checked_color
from rfmreport.kit.sections import Section
from rfmreport.kit.tables import Column, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import CountryRevenue, SegmentsByCountry


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


def countries_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the revenue of each country, cut into segments."""
    countries = report.department_figures.countries
    if countries is None or not countries.rows:
        return None
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    rows = [_country_row(row, formats) for row in _told(countries, formats)]
    return cut_rows_drawing(
        _countries_caption(countries, formats),
        rows,
        headings=("Revenue", "of all", "Customers"),
        segments=[(shown(name, 40), colors[name]) for name in countries.segments],
        name_width=126,
        formats=formats,
    )


def _told(countries: SegmentsByCountry, formats: Formats) -> list[tuple[str, CountryRevenue]]:
    rows = [(shown(row.country, 40), row) for row in countries.rows]
    if countries.rest:
        rows.append((f"{formats.count(countries.rest_count)} others", countries.rest))
    if countries.unnamed:
        rows.append(("No country", countries.unnamed))
    return [(name, row) for name, row in rows if row.revenue > 0]


def _country_row(named: tuple[str, CountryRevenue], formats: Formats) -> CutRow:
    name, row = named
    return CutRow(
        name,
        (
            formats.money_short(row.revenue),
            formats.share(row.revenue_share),
            formats.count(row.customer_count),
        ),
        tuple(float(part / row.revenue) for part in row.by_segment),
    )


def _countries_caption(countries: SegmentsByCountry, formats: Formats) -> Caption:
    columns = [Column("Country", numeric=False), Column("Customers"), Column("Revenue")]
    columns += [Column(shown(name, 40)) for name in countries.segments]
    named: Sequence[tuple[str, CountryRevenue]] = [
        *_told(countries, formats), ("All countries", countries.total),
    ]  # fmt: skip
    data = table_of(
        "Revenue by country and segment",
        columns,
        [
            row_of(
                (
                    name_cell(name),
                    count_cell(row.customer_count, formats),
                    money_cell(row.revenue, formats),
                    *(money_cell(part, formats) for part in row.by_segment),
                )
            )
            for name, row in named
        ],
    )
    title = "Revenue by country, cut into segments"
    spoken = "; ".join(f"{name}: {formats.money_short(row.revenue)}" for name, row in named[:6])
    note = "Segments of today; a customer who bought in two countries counts in both."
    return Caption("segments-by-country", title, title, f"{title}. {spoken}.", note, data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "countries",
        "Countries",
        _countries_finding,
        drawings=(countries_drawing,),
        files=("data/segments_by_country.csv",),
        reasons=("Revenue by country",),
        charts=("segments-by-country",),
        has_key=True,
    ),
)
"""What departments may be told of this topic."""
