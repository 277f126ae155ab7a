"""Expressions of Ibis worked out in the engine: held under a name, or asked for a row.

Ibis does both, but writes a table twice to hold it, and imports pandas for a row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ibis.backends.sql.datatypes import DuckDBType

from rfmreport.engine.ask import Engine
from rfmreport.source.files.misfits import count_misfits
from rfmreport.source.reading import read_through

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from rfmreport.source.reading import Source


def keep(source: Source, name: str, lines: Table) -> tuple[Source, Table]:
    """Do as `hold` does, but give what has kinds only the name: it is as quick to read again."""
    if source.kind == "typed":
        return source, lines.get_backend().create_view(name, lines, overwrite=True)
    return hold(source, name, lines)


def hold(source: Source, name: str, lines: Table) -> tuple[Source, Table]:
    """Hold `lines`, made from the source's lines, in the engine under `name`.

    The source returned tells how it had to be read for that, and how many rows did not fit.

    Raises:
        InputError: the source cannot be read.
    """
    backend = lines.get_backend()
    engine, query = Engine(backend.con), _typed_query(lines)
    source, _ = read_through(engine, source, lambda _: engine.hold(name, query))
    misfit_count = count_misfits(engine, source.parts)
    return replace(source, misfit_count=misfit_count), backend.table(name)


def ask_row(table: Table) -> dict[str, Any]:
    """Return the only row of a table, as column name → Python value."""
    backend = table.get_backend()
    return Engine(backend.con).row(backend.compile(table))


def _typed_query(table: Table) -> str:
    """Write a table as a query of the kinds that it declares: DuckDB adds up in wider numbers."""
    columns = ", ".join(
        f'CAST("{name}" AS {DuckDBType.to_string(kind)}) AS "{name}"'
        for name, kind in ((n.replace('"', '""'), k) for n, k in table.schema().items())
    )
    return f"SELECT {columns} FROM ({table.get_backend().compile(table)})"  # noqa: S608  our own
