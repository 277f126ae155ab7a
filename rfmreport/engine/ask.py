"""The one door to the embedded engine: SQL goes in; rows, arrays, a held table or a file come out.

Queries stand in `.sql` files beside the module that reads their answers, each below a line
`-- name: what_it_tells`, with `$parameters`. Tables bear fixed names (`docs/how_it_works.md` lists
them), so that a query reads as it runs.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from rfmreport.errors import SettingsError
from rfmreport.stopping import clearing, interrupting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from rfmreport.settings import EngineSettings

EngineError = duckdb.Error
"""What the engine raises where it cannot read or understand something."""

_NAME_LINE = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_ROWS_AT_ONCE = 10_000
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")


def read_queries(module_file: str) -> Mapping[str, str]:
    """Return the queries of the `.sql` file beside a module, by their names."""
    path = Path(module_file).with_suffix(".sql")
    _, *parts = _NAME_LINE.split(path.read_text(encoding="utf-8"))
    return dict(zip(parts[::2], (query.strip().rstrip(";") for query in parts[1::2]), strict=True))


def as_text(text: str) -> str:
    """Return a text as SQL says it; a $ would begin the name of a parameter."""
    return "'" + text.replace("'", "''").replace("$", "' || chr(36) || '") + "'"


@dataclass(frozen=True, slots=True)
class Engine:
    """A connection to the embedded engine; of what is given, a query takes what it names."""

    con: duckdb.DuckDBPyConnection

    def rows(self, query: str, **given: object) -> list[dict[str, Any]]:
        """Return the rows of a small answer, in its order, as column name → Python value."""
        found = self._run(query, given)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def columns(self, query: str, **given: object) -> dict[str, tuple[Any, ...]]:
        """Return the columns of a small answer, as name → Python values."""
        found = self._run(query, given)
        names, rows = [column[0] for column in found.description], found.fetchall()
        return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))

    def names(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table that is held."""
        return tuple(self.columns(f'SELECT * FROM "{table}" LIMIT 0'))  # noqa: S608  a name of ours

    def stream(self, query: str, **given: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an answer of any length, a few thousand of them in memory at a time."""
        found = self._run(query, given)
        while rows := found.fetchmany(_ROWS_AT_ONCE):
            yield from rows

    def row(self, query: str, **given: object) -> dict[str, Any]:
        """Return the only row of an answer."""
        (row,) = self.rows(query, **given)
        return row

    def value(self, query: str, **given: object) -> Any:  # noqa: ANN401  whatever is asked for
        """Return the only value of an answer."""
        (value,) = self.row(query, **given).values()
        return value

    def arrays(self, query: str, **given: object) -> dict[str, NDArray[np.generic]]:
        """Return the columns of an answer, in its order of rows, as column name → array.

        A missing number is not-a-number.

        Raises:
            ValueError: something else than a number with decimals is missing.
        """
        found: Mapping[str, Any] = self._run(query, given).fetchnumpy()
        return {name: _whole(name, array) for name, array in found.items()}

    def hold(self, name: str, query: str, **given: object) -> None:
        """Work out an answer once and hold it under a name, in place of what bore that before.

        Every connection to the engine sees it.
        """
        self._run(f'CREATE OR REPLACE TABLE "{name}" AS {query}', given)

    def take(self, name: str, table: pa.Table) -> None:
        """Hold a table of Python's under a name, in place of what bore that before."""
        self.con.register("taken", table)
        self.hold(name, "SELECT * FROM taken")
        self.con.unregister("taken")

    def hold_arrays(self, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Hold arrays of one length as a table under a name, in place of what bore that before."""
        self.con.register("given_arrays", dict(arrays))
        self.hold(name, "SELECT * FROM given_arrays")
        self.con.unregister("given_arrays")

    def define(self, name: str, query: str) -> None:
        """Give a question a name; it is worked out anew by each query that reads it."""
        self._run(f'CREATE OR REPLACE VIEW "{name}" AS {query}', {})

    def drop(self, *names: str) -> None:
        """Let go of tables that are no longer needed."""
        held = self.columns("SELECT table_name FROM duckdb_tables()")["table_name"]
        for name in names:
            if name in held:  # else it is a question with a name, or was let go already
                self._run(f'DROP TABLE "{name}"', {})

    def copy(self, query: str, path: Path, options: str, **given: object) -> None:
        """Let the engine write an answer to a file as it is.

        Raises:
            OSError: it cannot be written; the disk is full, say.
        """
        try:
            self._run(f"COPY ({query}) TO {literal(str(path))} ({options})", given)
        except duckdb.IOException as error:
            raise OSError(str(error)) from error

    def copy_batches(self, batches: pa.RecordBatchReader, query: str, path: Path) -> None:
        """Let the engine write what a query makes of `taken`, batches of rows, as Parquet."""
        self.con.register("taken", batches)
        try:
            self.copy(query, path, "FORMAT parquet")
        finally:
            self.con.unregister("taken")

    @contextmanager
    def beside(self) -> Iterator[Engine]:
        """Give a connection of its own to the same engine, for another thread."""
        with self.con.cursor() as con, interrupting(con.interrupt):
            yield _in_utc(Engine(con))

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Keep rows in their order meanwhile, which costs a part of the speed."""
        self.run("SET preserve_insertion_order = true")
        try:
            yield
        finally:
            self.run("SET preserve_insertion_order = false")

    def interrupt(self) -> None:
        """Stop what this connection is working on, from another thread."""
        self.con.interrupt()

    def run(self, statement: str) -> None:
        """Do what the engine has no answer to."""
        self.con.execute(statement)

    def _run(self, query: str, given: Mapping[str, object]) -> duckdb.DuckDBPyConnection:
        named = set(_PARAMETER.findall(query)) if given else ()
        return self.con.execute(query, {name: given[name] for name in named})


@contextmanager
def open_engine(settings: EngineSettings) -> Iterator[Engine]:
    """Open the embedded engine, with a folder of its own for what does not fit in memory.

    Raises:
        SettingsError: the memory limit or the number of threads is none.
    """
    with tempfile.TemporaryDirectory(prefix="rfmreport-") as spill_folder:
        options: dict[str, Any] = {
            "memory_limit": settings.memory_limit,
            "temp_directory": spill_folder,
            "preserve_insertion_order": False,
            # What is held is not rewritten now and then: it lives as long as one report.
            "checkpoint_threshold": "1TB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if settings.threads:
            options["threads"] = settings.threads
        try:
            con = duckdb.connect(config=options)
        except duckdb.Error as error:
            message = (
                f"[engine] memory_limit {settings.memory_limit!r}, threads {settings.threads}: "
                f"{one_line(error)}; expected such as memory_limit = '2GB', threads = 2"
            )
            raise SettingsError(message) from error
        clear = partial(shutil.rmtree, spill_folder)
        with con, interrupting(con.interrupt), clearing(clear):
            yield _in_utc(Engine(con))


def _in_utc(engine: Engine) -> Engine:
    """Let a time with a zone read the same on every machine."""
    engine.run("SET TimeZone = 'UTC'")
    return engine


def one_line(error: Exception) -> str:
    """Return the beginning of an error's message without line breaks."""
    return " ".join(str(error).split("LINE 1:")[0].split())[:200]


def literal(text: str) -> str:
    """Return text quoted for the engine."""
    return "'" + text.replace("'", "''") + "'"


def _whole(name: str, array: NDArray[np.generic]) -> NDArray[np.generic]:
    if not np.ma.is_masked(array):
        return np.asarray(array)
    if array.dtype.kind != "f":
        message = f"{name} has missing values, which an array of {array.dtype} cannot hold"
        raise ValueError(message)
    return np.asarray(np.ma.filled(array, np.nan))
