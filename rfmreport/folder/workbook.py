"""report.xlsx: the tables that people take further, typed, from the same declarations as the CSV.

Nothing from the data becomes a formula or a link: text is written as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.kit.sheets import EngineSheet, Field, Sheet
from rfmreport.sections.registry import declared_sheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from rfmreport.engine.ask import Engine
    from rfmreport.kit.sheets import Unit, Value
    from rfmreport.report import Report
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.vocabulary import Insight

NAME = "report.xlsx"
# A sheet has 1,048,576 rows, its heading among them.
MOST_ROWS = 1_000_000
_WIDE, _NARROW = 28, 12
_LONGEST_TITLE = 250
_TAKEN = ("products", "movement", "audit")
_TITLES = {"audit": "bridge"}
_NUMBER_FORMATS: Mapping[str, str] = {
    "count": "#,##0",
    "count_change": "+#,##0;-#,##0;0",
    "money_change": "+#,##0.00;-#,##0.00;0",
    "number": "#,##0.0",
    "share": "0.0%",
    "percent": "0%",
    "change": "+0.0%;-0.0%;0.0%",
    "points": "+0.0%;-0.0%;0.0%",
    "money": "#,##0.00",
    "cents": "#,##0.00",
    "money_short": "#,##0.00",
    "day": "d mmm yyyy",
    "weekday": "d mmm yyyy",
    "month": "mmm yyyy",
}

SUMMARY: Sheet[Report, Kpi] = Sheet(
    "summary",
    "One row per figure of page one.",
    (
        Field("figure", "", lambda kpi: kpi.label),
        Field("value", "", lambda kpi: kpi.value, "number"),
        Field("unit", "", lambda kpi: kpi.unit),
        Field("period", "", lambda kpi: kpi.period),
        Field("against", "", lambda kpi: kpi.change.against if kpi.change else None),
        Field("change", "", lambda kpi: kpi.change.relative if kpi.change else None, "change"),
        Field("points", "", lambda kpi: kpi.change.points if kpi.change else None, "points"),
    ),
    lambda report: report.kpis,
)
INSIGHTS: Sheet[Report, Insight] = Sheet(
    "insights",
    "One row per sentence that the data prove.",
    (
        Field("insight", "", lambda one: one.headline),
        Field("detail", "", lambda one: one.detail),
        Field("sample_size", "", lambda one: one.sample_size, "count"),
        Field("worth", "", lambda one: one.worth, "money"),
        Field("formula", "", lambda one: one.formula),
    ),
    lambda report: report.insights,
)
DEFINITIONS: Sheet[Report, tuple[str, str]] = Sheet(
    "definitions",
    "One row per term.",
    (Field("term", "", lambda one: one[0]), Field("meaning", "", lambda one: one[1])),
    lambda report: report.method.definitions,
)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of a sheet of the workbook."""

    heading: str
    unit: Unit


def write_workbook(
    report: Report, engine: Engine, path: Path, customers: EngineSheet[Report]
) -> None:
    """Write the summary, segments, customers, products, movement, bridge, insights, definitions.

    What a report cannot tell has no sheet; of more than a million rows, the rest stands on further
    sheets of the same name and a number.
    """
    declared = {sheet.name: sheet for sheet in declared_sheets()}
    taken = [declared[name] for name in _TAKEN if name in declared]
    # Rows are written as they come: a million customers take no more memory than one.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": _NUMBER_FORMATS["day"],
    }
    import xlsxwriter  # noqa: PLC0415  few reports have a workbook

    with xlsxwriter.Workbook(str(path), options) as book:
        # The same bytes for the same report.
        made = datetime.combine(report.as_of, time())
        book.set_properties({"created": made, "title": report.headline[:_LONGEST_TITLE]})
        for sheet in (SUMMARY, declared["segments"], customers, *taken, INSIGHTS, DEFINITIONS):
            title = _TITLES.get(sheet.name, sheet.name)
            columns, rows = _answered(sheet, report, engine)
            if rows is not None:
                _write_sheet(book, title, columns, rows)


def _answered(
    sheet: Sheet[Report, Any] | EngineSheet[Report], report: Report, engine: Engine
) -> tuple[list[_Column], Iterable[tuple[Value, ...]] | None]:
    """Return the columns of a sheet and its rows, None where the report cannot tell it."""
    if isinstance(sheet, EngineSheet):
        units = sheet.columns(report)
        columns = [_Column(name, unit) for name, unit in units.items()]
        query = sheet.answered(f'"{name}"' for name in units)
        return columns, engine.stream(query, **sheet.given) if sheet.is_told(report) else None
    fields = sheet.columns(report)
    columns = [_Column(heading, one.unit) for one in fields for heading in one.headings]
    records = sheet.records(report)
    return columns, None if records is None else (tuple(one.values()) for one in records)


def _write_sheet(
    book: Workbook, title: str, columns: list[_Column], rows: Iterable[tuple[Value, ...]]
) -> None:
    """Write one sheet, and as many more as its rows need."""
    kinds = [book.add_format({"num_format": _format_of(column.unit)}) for column in columns]
    number, at = 1, 0
    page = _new_page(book, title, columns)
    for row in rows:
        if at == MOST_ROWS:
            _close_page(page, at, len(columns))
            number, at = number + 1, 0
            page = _new_page(book, f"{title} {number}", columns)
        at += 1
        for place, (value, kind) in enumerate(zip(row, kinds, strict=True)):
            _write_value(page, at, place, value, kind)
    _close_page(page, at, len(columns))


def _new_page(book: Workbook, title: str, columns: list[_Column]) -> Worksheet:
    """Add a page with its headings, which stay in sight."""
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    page = book.add_worksheet(title)
    for place, column in enumerate(columns):
        width = _WIDE if column.unit == "text" else _NARROW
        page.set_column(place, place, max(width, len(column.heading) + 2))
        page.write_string(0, place, column.heading.replace("_", " "), head)
    page.freeze_panes(1, 1)
    return page


def _close_page(page: Worksheet, row_count: int, column_count: int) -> None:
    page.autofilter(0, 0, row_count, column_count - 1)


def _write_value(page: Worksheet, row: int, place: int, value: Value, kind: Format) -> None:
    """Write a value as what it is; a missing one leaves its cell empty."""
    if value is None:
        page.write_blank(row, place, None, kind)
    elif isinstance(value, bool):
        page.write_string(row, place, "yes" if value else "no", kind)
    elif isinstance(value, date):
        page.write_datetime(row, place, value, kind)
    elif isinstance(value, (int, float, Decimal)):
        page.write_number(row, place, float(value), kind)
    else:
        page.write_string(row, place, str(value), kind)


def _format_of(unit: Unit) -> str:
    return _NUMBER_FORMATS.get(unit, "@")
