"""Which data files a report has: the numbers behind each of its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfmreport.departments.exports import write_department_figures
from rfmreport.engine.csv_files import plain, write_csv, written_columns
from rfmreport.folder import exports
from rfmreport.kit.sheets import EngineSheet
from rfmreport.sections.registry import declared_sheets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rfmreport.engine.ask import Engine
    from rfmreport.kit.sheets import Sheet
    from rfmreport.report import Report


def write_data(
    engine: Engine,
    report: Report,
    customers: str,
    folder: Path,
    *,
    parquet: bool,
) -> tuple[str, ...]:
    """Write the data behind every figure below `folder`/data and return the relative paths.

    `customers` is the held table of today's, with measures, scores, segment and what is foretold.
    """
    data = folder / "data"
    data.mkdir()
    exports.write_customers(engine, customers, data, parquet=parquet)
    exports.write_insights(report, data / "insights.json")
    write_department_figures(report.department_figures, data)
    write_sheets(engine, report, data, declared_sheets())
    return tuple(sorted(f"data/{path.name}" for path in data.iterdir()))


def write_sheets(
    engine: Engine,
    report: Report,
    data: Path,
    sheets: Iterable[Sheet[Report, Any] | EngineSheet[Report]],
) -> None:
    """Write the files that sections declare, of what the report can tell."""
    for sheet in sheets:
        path = data / f"{sheet.name}.csv"
        if isinstance(sheet, EngineSheet):
            if sheet.is_told(report):
                query = sheet.answered(written_columns(sheet.columns(report)))
                engine.copy(query, path, "FORMAT csv, HEADER")
            continue
        records = sheet.records(report)
        if records is not None:
            rows = [{key: plain(value) for key, value in one.items()} for one in records]
            write_csv(path, rows, sheet.headings(report))
