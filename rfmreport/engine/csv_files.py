"""How a CSV is written: whole numbers exact, text safe from formulas, a mark for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import ibis

from rfmreport.engine.engine_formats import formula_safe
from rfmreport.engine.formula_safety import FORMULA_STARTS, with_apostrophe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.vocabulary import Estimate

BYTE_ORDER_MARK = "\ufeff"
"""With it, spreadsheets read UTF-8 right."""


def write_csv(path: Path, rows: Sequence[Mapping[str, object]], names: Sequence[str] = ()) -> None:
    """Write rows whose values are as from `plain`; without any, `names` are the headings."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=names or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(BYTE_ORDER_MARK + text.getvalue(), encoding="utf-8", newline="")


def plain(value: object) -> object:
    """Return a CSV cell: exact decimals without an exponent, text safe from formulas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value.normalize() + Decimal(0), "f")  # no minus before a nought
    if isinstance(value, date):
        return value.isoformat()
    return with_apostrophe(value) if isinstance(value, str) else value


def estimate_cells(name: str, estimate: Estimate | None) -> dict[str, object]:
    """Return the cells of a value, its interval and the customers behind it."""
    if estimate is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high", f"{name}_customers"))
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
        f"{name}_customers": estimate.customer_count,
    }


def write_table(engine: Backend, table: Table, path: Path) -> None:
    """Write a table in the engine as it is ordered; decimals as plain numbers, text safe."""
    names, kinds = table.columns, table.schema()
    safe = table.mutate(
        **{name: formula_safe(table[name]) for name in names if kinds[name].is_string()},
        **{name: table[name].cast("float64") for name in names if kinds[name].is_decimal()},
    )
    write_safe(engine, safe, path)


def written_columns(units: Mapping[str, str]) -> list[str]:
    """Return the columns of a CSV as the engine writes them: text safe, amounts as plain numbers.

    `units` are by heading; the first heading has the mark that lets spreadsheets read UTF-8 right.
    """
    marks = (BYTE_ORDER_MARK, *[""] * len(units))
    return [
        f'{_as_written(name, unit)} AS "{mark}{name}"'
        for (name, unit), mark in zip(units.items(), marks, strict=False)
    ]


def _as_written(name: str, unit: str) -> str:
    """Return the SQL that a column is written with."""
    if unit in {"money", "cents"}:
        return f'CAST("{name}" AS DOUBLE)'
    if unit != "text":
        return f'"{name}"'
    starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
    return f'CASE WHEN left("{name}", 1) IN ({starts}) THEN chr(39) || "{name}" ELSE "{name}" END'


def write_safe(engine: Backend, table: Table, path: Path) -> None:
    """Write a table as it stands, and a byte order mark before its first heading."""
    first = table.columns[0]
    copy_table(engine, table.rename({BYTE_ORDER_MARK + first: first}), path, "FORMAT csv, HEADER")


def copy_table(engine: Backend, table: Table, path: Path, options: str) -> None:
    """Let the engine write a table as it is."""
    quoted = str(path).replace("'", "''")
    query = ibis.to_sql(table, dialect="duckdb")
    try:
        engine.raw_sql(f"COPY ({query}) TO '{quoted}' ({options})")
    except duckdb.IOException as error:  # the disk is full
        raise OSError(str(error)) from error
