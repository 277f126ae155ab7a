"""The data files of a report: the numbers behind each of its figures, and its customers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from rfmreport.engine.csv_files import plain, write_csv, written_columns
from rfmreport.folder.manifest import to_json
from rfmreport.kit.sheets import EngineSheet, Sheet
from rfmreport.sections.registry import declared_sheets
from rfmreport.vocabulary import (
    CUSTOMER_ID,
    FIRST_ORDER_ON,
    FREQUENCY_SCORE,
    LAST_ORDER_ON,
    MONETARY_SCORE,
    ORDER_COUNT,
    RECENCY_DAYS,
    RECENCY_SCORE,
    REVENUE,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rfmreport.engine.ask import Engine
    from rfmreport.kit.sheets import Unit
    from rfmreport.report import Report

_CUSTOMER_UNITS: dict[str, Unit] = {
    CUSTOMER_ID: "text",
    RECENCY_DAYS: "count",
    ORDER_COUNT: "count",
    REVENUE: "money",
    RECENCY_SCORE: "count",
    FREQUENCY_SCORE: "count",
    MONETARY_SCORE: "count",
    SEGMENT: "text",
    FIRST_ORDER_ON: "day",
    LAST_ORDER_ON: "day",
}


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
    people = customer_sheet(engine, customers)
    write_sheets(engine, report, data, (people, *declared_sheets()))
    if parquet:
        engine.copy(people.query, data / "customers.parquet", "FORMAT parquet")
    write_insights(report, data / "insights.json")
    return tuple(sorted(f"data/{path.name}" for path in data.iterdir()))


def customer_sheet(engine: Engine, table: str) -> EngineSheet[Report]:
    """Declare customers.csv: one row per customer of a table held, most revenue first.

    What is foretold of them, numbers all, stands behind the rest.
    """
    units: dict[str, Unit] = dict.fromkeys((*_CUSTOMER_UNITS, *engine.names(table)), "number")
    units |= _CUSTOMER_UNITS
    names = ", ".join(f'"{name}"' for name in units)
    query = f'SELECT {names} FROM "{table}" ORDER BY {REVENUE} DESC, {CUSTOMER_ID}'  # noqa: S608
    return EngineSheet(
        "customers", "One row per customer.", query, units | _CUSTOMER_UNITS, lambda _: True
    )


def write_sheets(
    engine: Engine,
    report: Report,
    folder: Path,
    sheets: Iterable[Sheet[Report, Any] | EngineSheet[Report]],
) -> tuple[str, ...]:
    """Write the files that are declared, of what the report can tell; return their paths."""
    told = [sheet for sheet in sheets if sheet.is_told(report)]
    for sheet in told:
        path = folder / f"{sheet.name}.csv"
        path.parent.mkdir(exist_ok=True)
        if isinstance(sheet, EngineSheet):
            query = sheet.answered(written_columns(sheet.columns(report)))
            engine.copy(query, path, "FORMAT csv, HEADER", **sheet.given)
        else:
            records = sheet.records(report) or ()
            rows = [{key: plain(value) for key, value in one.items()} for one in records]
            write_csv(path, rows, sheet.headings(report))
    return tuple(f"{sheet.name}.csv" for sheet in told)


def write_insights(report: Report, path: Path) -> None:
    """Write every insight and recommendation with its numbers, and the totals of data files."""
    sheets = (sheet for sheet in declared_sheets() if isinstance(sheet, Sheet))
    totals = {sheet.name: sheet.totals(report) for sheet in sheets}
    content = {
        "insights": [dataclasses.asdict(insight) for insight in report.insights],
        "recommendations": [dataclasses.asdict(advice) for advice in report.recommendations],
        "totals": {name: total for name, total in totals.items() if total is not None},
    }
    path.write_text(to_json(content), encoding="utf-8")
