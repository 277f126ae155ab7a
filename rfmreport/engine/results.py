"""Results of queries: held in the engine under a name, or, when small, taken out of it.

Ibis does both, but imports pandas for a result, a third of a second that none here needs, and
writes a table twice to hold it. It is asked all the same where the engine is another one than
DuckDB, or must be given a table of Python first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from ibis.backends.sql.datatypes import DuckDBType
from ibis.expr.operations import InMemoryTable

if TYPE_CHECKING:
    import duckdb
    from ibis.backends.duckdb import Backend
    from ibis.expr.datatypes import DataType
    from ibis.expr.types import Scalar, Table
    from numpy.typing import NDArray

_Held = TypeVar("_Held", "Table", "Table | None")


def hold_table(engine: Backend, name: str, table: Table) -> Table:
    """Work out a table once and hold it in the engine, in place of what bore the name before.

    Every connection to the engine sees it.
    """
    if not _is_plain_duckdb(engine, table):
        return engine.create_table(name, table, overwrite=True)
    # The kinds that the expression declares: DuckDB adds up in wider numbers.
    columns = ", ".join(
        f'CAST("{column}" AS {DuckDBType.to_string(kind)}) AS "{column}"'
        for column, kind in table.schema().items()
    )
    query = engine.compile(table)
    engine.raw_sql(f'CREATE OR REPLACE TABLE "{name}" AS SELECT {columns} FROM ({query})')  # noqa: S608  names of our own
    return engine.table(name)


def held_by(engine: Backend, table: _Held) -> _Held:
    """Return a table that is held, as another connection to the same engine sees it."""
    return None if table is None else engine.table(table.get_name())


def fetch_rows(table: Table) -> list[dict[str, Any]]:
    """Return the rows of a small table, in its order, as column name → Python value."""
    found = _ask_duckdb(table)
    # DuckDB adds up in wider numbers than the expression declares, and cuts days to times.
    kinds = table.schema().to_pyarrow()
    result = found.to_arrow_table().cast(kinds) if found else table.to_pyarrow()
    rows: list[dict[str, Any]] = result.to_pylist()
    return rows


def fetch_row(table: Table) -> dict[str, Any]:
    """Return the only row of a table, as `fetch_rows` does."""
    (row,) = fetch_rows(table)
    return row


def fetch_value(value: Scalar) -> Any:  # noqa: ANN401  whatever the expression is of
    """Return what one expression comes to."""
    return fetch_row(value.name("value").as_table())["value"]


def fetch_arrays(table: Table) -> dict[str, NDArray[np.generic]]:
    """Return the columns of a table, in its order of rows, as column name → array.

    A missing number is not-a-number.

    Raises:
        ValueError: something else than a number with decimals is missing.
    """
    found = _ask_duckdb(table)
    if not found:
        columns = table.to_pyarrow()
        return {name: columns[name].to_numpy() for name in columns.column_names}
    kinds = table.schema()
    return {name: _whole(name, array, kinds[name]) for name, array in found.fetchnumpy().items()}


def _whole(name: str, array: NDArray[np.generic], kind: DataType) -> NDArray[np.generic]:
    if np.ma.is_masked(array):
        if not kind.is_floating():
            message = f"{name} has missing values, which an array of {kind} cannot hold"
            raise ValueError(message)
        array = np.ma.filled(array, np.nan)
    return np.asarray(array).astype(kind.to_numpy())


def _ask_duckdb(table: Table) -> duckdb.DuckDBPyRelation | None:
    """Put the query to the embedded engine as text; None where that cannot be."""
    engine = table.get_backend()
    if not _is_plain_duckdb(engine, table):
        return None
    found: duckdb.DuckDBPyRelation = engine.con.sql(engine.compile(table))
    return found


def _is_plain_duckdb(engine: Backend, table: Table) -> bool:
    return engine.name == "duckdb" and not table.op().find(InMemoryTable)
