"""Expressions of Ibis worked out in the engine: held under a name, or asked for a row.

Ibis does both, but writes a table twice to hold it, and imports pandas for a row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ibis.backends.sql.datatypes import DuckDBType

from rfmreport.engine.ask import Engine, EngineError
from rfmreport.source import text_files
from rfmreport.source.reading import unreadable

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from rfmreport.source.reading import Source


def keep(source: Source, name: str, lines: Table) -> tuple[Source, Table]:
    """Do as `hold` does, but give Parquet only the name: it is as quick to read again."""
    if source.kind == "parquet":
        return source, lines.get_backend().create_view(name, lines, overwrite=True)
    return hold(source, name, lines)


def hold(source: Source, name: str, lines: Table) -> tuple[Source, Table]:
    """Hold `lines`, made from the source's lines, in the engine under `name`.

    A text file that turns out not to be UTF-8 is read as Windows-1252 instead, and rows that do not
    fit the heading are left out and counted: the source returned tells which.

    Raises:
        InputError: the source cannot be read even so.
    """
    backend, text_format = lines.get_backend(), source.text_format
    engine, query = Engine(backend.con), _typed_query(lines)
    while True:
        try:
            engine.hold(name, query)
        except EngineError as error:
            if source.kind != "text":
                raise unreadable(source.files[0], "a table", error) from error
            text_format = text_files.next_attempt(source.files, text_format, error)
            text_files.create_view(engine, text_format)
        else:
            text_format = text_files.count_rejected(engine, text_format)
            return replace(source, text_format=text_format), backend.table(name)


def ask_row(table: Table) -> dict[str, Any]:
    """Return the only row of a table, as column name → Python value."""
    backend = table.get_backend()
    return Engine(backend.con).row(backend.compile(table))


def _typed_query(table: Table) -> str:
    """Write a table as a query of the kinds that it declares: DuckDB adds up in wider numbers."""
    columns = ", ".join(
        f'CAST("{name}" AS {DuckDBType.to_string(kind)}) AS "{name}"'
        for name, kind in table.schema().items()
    )
    return f"SELECT {columns} FROM ({table.get_backend().compile(table)})"  # noqa: S608  our own
