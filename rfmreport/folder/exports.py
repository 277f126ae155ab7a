"""The data files behind the report: one writer each."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.csv_files import (
    copy_table,
    plain,
    write_csv,
    write_safe,
)
from rfmreport.engine.engine_formats import formula_safe
from rfmreport.folder.manifest import to_json
from rfmreport.kit.sheets import Sheet
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
    from ibis.expr.types import Table

    from rfmreport.folder.audiences import Audience
    from rfmreport.report import Report
    from rfmreport.source.audit import Audit

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


def write_customers(
    engine: Backend,
    customers: Table,
    folder: Path,
    *,
    parquet: bool,
) -> None:
    """Write customers.csv (and customers.parquet), one row per customer, most revenue first.

    What is foretold of them, numbers all, is written behind the rest.

    The CSV is UTF-8 with a byte order mark, so that spreadsheets read it right, and text that a
    spreadsheet would run as a formula gets an apostrophe before it. Revenue is exact.
    """
    columns = dict.fromkeys((*CUSTOMER_COLUMNS, *customers.columns))
    table = customers.select(*columns)
    table = table.order_by(ibis.desc(REVENUE), CUSTOMER_ID)
    safe = table.mutate(
        # As a number of its own, 12.5 is written without the zeros of a decimal.
        **{name: formula_safe(table[name]) for name in (CUSTOMER_ID, SEGMENT)},
        **{REVENUE: table[REVENUE].cast("float64")},
    )
    write_safe(engine, safe, folder / "customers.csv")
    if parquet:
        copy_table(engine, table, folder / "customers.parquet", "FORMAT parquet")


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


def write_audit(audit: Audit, path: Path) -> None:
    """Write the bridge: what was read, each exclusion, and what was kept; money is exact."""
    parts = [("read", audit.read), *(("excluded", row) for row in audit.excluded)]
    parts += [("kept", audit.kept), *(("of which kept", row) for row in audit.kept_adjustments)]
    records = [
        {
            "part": part,
            "exclusion": row.exclusion or "",
            "label": row.label,
            "lines": row.line_count,
            "orders": row.order_count,
            "amount": row.amount.normalize() + Decimal(0),
        }
        for part, row in parts
    ]
    write_csv(path, [{k: plain(v) for k, v in record.items()} for record in records])


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
