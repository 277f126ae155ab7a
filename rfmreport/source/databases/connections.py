"""One way to ask each kind of database: tables, columns, and rows copied for the engine."""

from __future__ import annotations

import itertools
import os
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import Engine, EngineError, literal, read_queries
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.files.headings import name_columns
from rfmreport.source.files.parts import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from rfmreport.source.databases.addresses import Address

TEXT = "{}"
_INTEGER, _REAL, _DAY, _TIME = (
    f"TRY_CAST({{}} AS {kind})" for kind in ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP")
)
_YES_NO = "TRY_CAST({} AS BOOLEAN)"
_ZONED_TIME = "TRY_CAST(left({}, 19) AS TIMESTAMP)"
"""Less the offset: the server writes the wall clock of its own zone."""
_SECONDS_TO_CONNECT = 10
_MOST_DIGITS = 38
_ROWS_AT_ONCE = 10_000
_ATTACHED = "attached_source"
_QUERIES = read_queries(__file__)

Row = tuple[Any, ...]
Kinds = list[tuple[str, str]]
"""For each column its heading, and how the engine makes its kind of the text that is sent."""


@dataclass(frozen=True)
class Connection:
    """An open database; `tables` asks for its tables, as shown and as SQL names them.

    `errors` are what its driver raises.
    """

    name: str
    con: Any
    errors: tuple[type[Exception], ...]
    tables: str

    def close(self) -> None:
        """Leave the database."""
        self.con.close()

    def rows(self, query: str) -> list[Row]:
        """Return a small answer."""
        cursor = self.con.cursor()
        cursor.execute(query)
        return list(cursor.fetchall())

    def described(self, query: str) -> list[Any]:
        """Return what the driver says of a query's columns."""
        cursor = self.con.cursor()
        cursor.execute(_asked(query))
        return list(cursor.description)

    def kinds(self, query: str) -> Kinds:
        """Return the columns of a query."""
        raise NotImplementedError

    def stream(self, query: str) -> Iterator[Row]:
        """Yield the rows of a query, few of them in memory at a time."""
        cursor = self.con.cursor()
        cursor.execute(query)
        yield from cursor

    def zone(self, query: str) -> str | None:  # noqa: ARG002  SQLite knows none
        """Return in which zone times are told that have one; None where there are none."""
        return None

    def copy(self, engine: Engine, query: str, path: Path) -> None:
        """Write the rows of a query to a file for the engine, a few thousand at a time."""
        import pyarrow as pa  # noqa: PLC0415  only databases need it

        kinds = self.kinds(query)
        headings = name_columns(self.name, [heading for heading, _ in kinds], len(kinds))
        schema = pa.schema([(heading, pa.string()) for heading in headings])
        made = (
            f"{kind.format(quoted(heading))} AS {quoted(heading)}"
            for heading, (_, kind) in zip(headings, kinds, strict=True)
        )
        batches = _batches(self.stream(query), schema)
        reader = pa.RecordBatchReader.from_batches(schema, batches)
        engine.copy_batches(reader, f"SELECT {', '.join(made)} FROM taken", path)  # noqa: S608


class Attached(Connection):
    """A file of DuckDB, which the engine reads itself."""

    def rows(self, query: str) -> list[Row]:
        """Return a small answer."""
        return [tuple(row.values()) for row in Engine(self.con).rows(query)]

    def described(self, query: str) -> list[Any]:
        """Return the columns of a query, by their headings."""
        return [(name,) for name in Engine(self.con).columns(_asked(query))]

    def copy(self, engine: Engine, query: str, path: Path) -> None:
        """Let the engine copy the rows in their own kinds."""
        engine.copy(f"{query}\n", path, "FORMAT parquet")

    def close(self) -> None:
        """Let go of the file."""
        self.con.execute("USE memory")
        self.con.execute(f'DETACH "{_ATTACHED}"')


class Sqlite(Connection):
    """A file of SQLite: each value has a kind of its own, so all of a column are asked."""

    def kinds(self, query: str) -> Kinds:
        """Return the columns: numbers where all values are."""
        headings = [column[0] for column in self.described(query)]
        asked = (
            f"max(typeof({quoted(h)}) IN ('text', 'blob')), max(typeof({quoted(h)})='real')"
            for h in headings
        )
        ((*found,),) = self.rows(f"SELECT {', '.join(asked)} FROM ({query}\n)")  # noqa: S608
        pairs = zip(found[::2], found[1::2], strict=True)
        kinds = (_REAL if real else _INTEGER for _, real in pairs)
        told = zip(headings, found[::2], kinds, strict=True)
        return [(heading, TEXT if is_text else kind) for heading, is_text, kind in told]


class Postgres(Connection):
    """A database of PostgreSQL."""

    def kinds(self, query: str) -> Kinds:
        """Return the columns by the server's types."""
        known = dict.fromkeys((20, 21, 23), _INTEGER) | dict.fromkeys((700, 701, 1700), _REAL)
        known |= {16: _YES_NO, 1082: _DAY, 1114: _TIME, 1184: _ZONED_TIME}
        return [
            (one.name, _decimal(one.scale) if one.type_code == 1700 and one.precision  # noqa: PLR2004
             else known.get(one.type_code, TEXT))
            for one in self.described(query)
        ]  # fmt: skip

    def stream(self, query: str) -> Iterator[Row]:
        """Yield the rows as the server writes them."""
        with self.con.cursor().copy(f"COPY ({query}\n) TO STDOUT") as copy:
            yield from copy.rows()

    def zone(self, query: str) -> str | None:
        """Return the zone of the session, which is the server's unless PGTZ says another."""
        zoned = any(kind == _ZONED_TIME for _, kind in self.kinds(query))
        return str(self.rows("SHOW timezone")[0][0]) if zoned else None


class Mysql(Connection):
    """A database of MySQL or MariaDB."""

    def kinds(self, query: str) -> Kinds:
        """Return the columns by the server's types."""
        known = dict.fromkeys((1, 2, 3, 8, 9, 13), _INTEGER) | dict.fromkeys((4, 5), _REAL)
        known |= dict.fromkeys((10, 14), _DAY) | dict.fromkeys((7, 12), _TIME)
        return [
            (one[0], _decimal(one[5]) if one[1] in {0, 246} else known.get(one[1], TEXT))
            for one in self.described(query)
        ]

    def stream(self, query: str) -> Iterator[Row]:
        """Yield the rows as they arrive."""
        from pymysql.cursors import SSCursor  # noqa: PLC0415  an extra

        with self.con.cursor(SSCursor) as cursor:
            cursor.execute(query)
            yield from cursor

    def zone(self, query: str) -> str | None:
        """Return the zone of the session."""
        zoned = any(one[1] == 7 for one in self.described(query))  # noqa: PLR2004
        asked = "SELECT if(@@time_zone = 'SYSTEM', @@system_time_zone, @@time_zone)"
        return str(self.rows(asked)[0][0]) if zoned else None


def open_sqlite(path: Path, plain: Path) -> Connection:
    """Open a file of SQLite, which stays as it is."""
    import sqlite3  # noqa: PLC0415  few sources need it

    name, errors = str(path), (sqlite3.Error,)
    with telling(name, errors):
        con = sqlite3.connect(f"{plain.resolve().as_uri()}?mode=ro", uri=True,
                              check_same_thread=False)  # fmt: skip
        con.text_factory = lambda text: text.decode("utf-8", errors="replace")
        con.execute("BEGIN")
    return Sqlite(name, con, errors, _QUERIES["tables_of_sqlite"])


def open_duckdb(engine: Engine, path: Path, plain: Path) -> Connection:
    """Open a file of DuckDB, which stays as it is."""
    name, errors = str(path), (EngineError, OSError)
    with telling(name, errors):
        engine.run(f'ATTACH {literal(str(plain))} AS "{_ATTACHED}" (READ_ONLY)')
        engine.run(f'USE "{_ATTACHED}"')
    return Attached(name, engine.con, errors, _QUERIES["tables_of_duckdb"])


def open_server(address: Address) -> Connection:
    """Connect to the server of an address, to read and nothing else.

    Raises:
        SettingsError: it is of no kind that is read, or an option of the address is unknown.
        InputError: its driver is not installed, it does not answer, or it lets nobody in.
    """
    openers = {"postgresql": _open_postgres, "postgres": _open_postgres, "mysql": _open_mysql,
               "mariadb": _open_mysql}  # fmt: skip
    opener = openers.get(address.scheme)
    if opener is None:
        message = (
            f"{address}: no such kind of database; expected a file of SQLite or DuckDB, "
            "postgresql://… or mysql://…"
        )
        raise SettingsError(message)
    return opener(address)


@contextmanager
def telling(
    name: str,
    errors: tuple[type[Exception], ...],
    advice: str = "check the address, the user and its rights",
) -> Iterator[None]:
    """Say in one line what a database objects to, and what to do."""
    try:
        yield
    except errors as error:
        reason = " ".join(str(error.args[-1] if error.args else error).split())[:200]
        message = f"{name}: cannot be read ({reason}); {advice}"
        raise InputError(message) from None


def _open_postgres(address: Address) -> Connection:
    _need("psycopg", "postgresql", address)
    import psycopg  # noqa: PLC0415  an extra

    given = {
        "connect_timeout": str(_SECONDS_TO_CONNECT),
        **dict(address.options),
        **_known(host=address.host, port=address.port, dbname=address.database, user=address.user,
                 password=address.password),
    }  # fmt: skip
    errors = (psycopg.Error, UnicodeError)
    with telling(str(address), errors):
        con = psycopg.connect(**given)
        con.read_only = True
        con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        con.execute("SET LOCAL datestyle = 'ISO'; SET LOCAL synchronize_seqscans = off")
    return Postgres(str(address), con, errors, _QUERIES["tables_of_postgresql"])


def _open_mysql(address: Address) -> Connection:
    _need("pymysql", "mysql", address)
    import pymysql  # noqa: PLC0415  an extra

    options = dict(address.options)
    unknown = options.keys() - {"unix_socket", "ssl_ca"}
    if unknown:
        message = f"{address}: unknown option {min(unknown)!r}; known are unix_socket and ssl_ca"
        raise SettingsError(message)
    given = {
        "password": os.environ.get("MYSQL_PWD"),
        **_known(host=address.host, port=address.port, database=address.database,
                 user=address.user, password=address.password),
        **options,
    }  # fmt: skip
    errors = (pymysql.MySQLError, UnicodeError, OSError, OverflowError, RuntimeError)
    with telling(str(address), errors):
        con = pymysql.connect(
            **given, read_default_file="~/.my.cnf", charset="utf8mb4",
            conv=pymysql.converters.encoders, connect_timeout=_SECONDS_TO_CONNECT,
        )  # fmt: skip
        con.cursor().execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    return Mysql(str(address), con, errors, _QUERIES["tables_of_mysql"])


def _need(driver: str, extra: str, address: Address) -> None:
    if find_spec(driver) is None:
        message = (
            f"{address}: needs {driver}, which is not installed: pip install 'rfmreport[{extra}]'"
        )
        raise InputError(message)


def _asked(query: str) -> str:
    """Return what tells the columns of a query, which may end in a comment."""
    return f"SELECT * FROM ({query}\n) AS asked LIMIT 0"  # noqa: S608  the user's own


def _known(**given: object) -> Mapping[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _decimal(scale: int) -> str:
    return f"TRY_CAST({{}} AS DECIMAL({_MOST_DIGITS}, {scale}))"


def _batches(rows: Iterator[Row], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows as batches of text."""
    import pyarrow as pa  # noqa: PLC0415  only databases need it

    while some := list(itertools.islice(rows, _ROWS_AT_ONCE)):
        columns = ([_text(value) for value in column] for column in zip(*some, strict=True))
        yield pa.record_batch([pa.array(one, pa.string()) for one in columns], schema=schema)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
