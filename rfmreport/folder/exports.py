"""The data files behind the report: one writer each."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rfmreport.engine.csv_files import write_safe, written_columns
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

    from ibis.backends.duckdb import Backend

    from rfmreport.engine.ask import Engine
    from rfmreport.folder.audiences import Audience
    from rfmreport.kit.sheets import Unit
    from rfmreport.report import Report

CUSTOMER_COLUMNS = (
    CUSTOMER_ID,
    RECENCY_DAYS,
    ORDER_COUNT,
    REVENUE,
    RECENCY_SCORE,
    FREQUENCY_SCORE,
    MONETARY_SCORE,
    SEGMENT,
    FIRST_ORDER_ON,
    LAST_ORDER_ON,
)
_UNITS: dict[str, Unit] = {
    **dict.fromkeys((CUSTOMER_ID, SEGMENT), "text"),
    **dict.fromkeys((RECENCY_DAYS, ORDER_COUNT, RECENCY_SCORE, FREQUENCY_SCORE), "count"),
    **dict.fromkeys((FIRST_ORDER_ON, LAST_ORDER_ON), "day"),
    MONETARY_SCORE: "count",
    REVENUE: "money",
}


def customer_sheet(engine: Engine, table: str) -> EngineSheet[Report]:
    """Declare customers.csv: one row per customer of a table held, most revenue first.

    What is foretold of them, numbers all, stands behind the rest.
    """
    held = engine.columns(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608  a name of our own
    units: dict[str, Unit] = dict.fromkeys((*CUSTOMER_COLUMNS, *held), "number")
    names = ", ".join(f'"{name}"' for name in units)
    query = f'SELECT {names} FROM "{table}" ORDER BY {REVENUE} DESC, {CUSTOMER_ID}'  # noqa: S608
    return EngineSheet("customers", "One row per customer.", query, units | _UNITS, lambda _: True)


def write_customers(engine: Engine, table: str, folder: Path, *, parquet: bool) -> None:
    """Write customers.csv (and customers.parquet) of a table that the engine holds.

    The CSV is UTF-8 with a byte order mark, so that spreadsheets read it right, and text that a
    spreadsheet would run as a formula gets an apostrophe before it. Revenue is exact.
    """
    sheet = customer_sheet(engine, table)
    assert not callable(sheet.units)  # noqa: S101  declared so above
    query = sheet.answered(written_columns(sheet.units))
    engine.copy(query, folder / "customers.csv", "FORMAT csv, HEADER")
    if parquet:
        engine.copy(sheet.query, folder / "customers.parquet", "FORMAT parquet")


def write_audiences(
    engine: Backend, audiences: Iterable[Audience], folder: Path
) -> tuple[str, ...]:
    """Write the lists of customers as they stand, and return their paths relative to `folder`."""
    files = []
    for audience in audiences:
        path = folder / audience.file
        path.parent.mkdir(exist_ok=True)
        write_safe(engine, audience.members, path)
        files.append(audience.file)
    return tuple(files)


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
