"""Tables of a database: which one is meant, and its rows copied for the engine."""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.engine.ask import EngineError
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.columns.roles import known_columns
from rfmreport.source.databases.connections import telling
from rfmreport.source.evidence import Decision
from rfmreport.source.files.parts import Table
from rfmreport.source.files.plain_copies import new_copy
from rfmreport.source.files.text_files import path_literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import SourceSettings
    from rfmreport.source.databases.connections import Connection

_MOST_COUNTED, _MOST_TABLES = 1_000_000, 20
_ROLES_OF_LINES = ("amount", "unit_price", "quantity", "product", "product_name")


def read_tables(
    engine: Engine, connection: Connection, settings: SourceSettings, file: Path | None = None
) -> list[Table]:
    """Return the tables to use, or the one that a query makes, copied for the engine.

    `file` holds the database; a server's copy goes by the database's name instead.

    Raises:
        InputError: there is no such table, or it cannot be read.
        SettingsError: several tables might be meant, or the file of the query cannot be read.
    """
    with closing(connection):
        found = []
        for table, query, option in _asked(connection, settings):
            errors, advice = (*connection.errors, EngineError, OSError), f"look at {table}"
            with telling(connection.name, errors, advice):
                copy = _copied(engine, connection, query)
                scan = f"SELECT * FROM read_parquet({path_literal(copy)})"  # noqa: S608  quoted
                zone = connection.zone(query)
            path = file or copy
            told = f"{table}, times as in {zone}" if zone else table
            evidence = f"{engine.value(f'SELECT count(*) FROM ({scan})'):,} rows"  # noqa: S608
            decision = Decision(path.name, told, evidence, option)
            headings = tuple(engine.columns(f"{scan} LIMIT 0"))
            origin = f"{connection.name}, {table}"
            found.append(Table(path, headings, scan, decision=decision, origin=origin))
        return found


def _copied(engine: Engine, connection: Connection, query: str) -> Path:
    folder = new_copy(engine, "database")
    folder.mkdir()
    copy = folder / (connection.name.rpartition("/")[2] or "database")
    connection.copy(engine, query, copy)
    return copy


def _asked(connection: Connection, settings: SourceSettings) -> list[tuple[str, str, str]]:
    """Return what to read: how it is called, its query, and the option that says it."""
    if settings.query:
        path = Path(settings.query)
        query = _query_in(path)
        return [(f"the query in {path.name}", query, shlex.join(["--query", settings.query]))]
    with telling(connection.name, connection.errors):
        tables: dict[str, str] = dict(connection.rows(connection.tables))
        names = settings.tables or tuple(tables)
        missing = [name for name in settings.tables if name not in tables]
        if not tables or missing or len(settings.tables) < len(names) != 1:
            raise _unclear(connection, tables, missing)
    return [
        (f"table {name}", f"SELECT * FROM {tables[name]}", shlex.join(["--table", name]))  # noqa: S608
        for name in names
    ]


def _query_in(path: Path) -> str:
    try:
        query = path.read_text(encoding="utf-8").strip().rstrip(";")
    except (OSError, UnicodeError) as error:
        message = f"--query {path}: cannot be read ({error}); expected a file with one SELECT"
        raise SettingsError(message) from error
    if not query:
        message = f"--query {path}: the file is empty; expected one SELECT"
        raise SettingsError(message)
    return query


def _unclear(connection: Connection, tables: Mapping[str, str], missing: list[str]) -> InputError:
    """Say which tables there are, and which of them looks like the lines of orders."""
    if not tables:
        message = f"{connection.name}: holds no table that this user may read"
        return InputError(message)
    told = {name: _seen(connection, tables[name]) for name in tuple(tables)[:_MOST_TABLES]}
    best = max(told, key=lambda name: len(told[name][0] & set(_ROLES_OF_LINES)))
    lacking = {"customer", "date"} - told[best][0]
    joins = sorted(
        (name for name, (roles, _) in told.items() if roles & lacking),
        key=lambda name: -len(told[name][0] & lacking),
    )
    listed = [
        f"{name} ({_rows(count)}{'; looks like the lines' if name == best else ''})"
        for name, (_, count) in told.items()
    ]
    listed += [f"{len(tables) - len(told)} more"] if len(tables) > len(told) else []
    wrong = f"no table {missing[0]!r} that this user may read; " if missing else ""
    return InputError(
        f"{connection.name}: {wrong}its tables are {', '.join(listed)}; say which to read: "
        f"{shlex.join(['--table', best, *(f'--join={name}' for name in joins[:1])])}, or a SELECT "
        "with --query FILE"
    )


def _seen(connection: Connection, table: str) -> tuple[set[str], int]:
    """Return the roles that a table's columns have, and how many rows, up to what is counted."""
    query = f"SELECT * FROM {table}"  # noqa: S608  quoted by the database
    known = known_columns([column[0] for column in connection.described(query)])
    rows = f"SELECT count(*) FROM ({query} LIMIT {_MOST_COUNTED + 1}) AS counted"  # noqa: S608
    ((count,),) = connection.rows(rows)
    return {role for role, headings in known.items() if headings}, int(count)


def _rows(count: int) -> str:
    more = count > _MOST_COUNTED
    return f"over {_MOST_COUNTED:,} rows" if more else f"{count:,} row{'s' * (count != 1)}"
