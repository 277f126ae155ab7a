"""The stages one after the other, for tests that look between them; tables written as text."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa
from ibis.expr.operations import InMemoryTable

from rfmreport.customers.measure import measure_customers_on
from rfmreport.customers.scoring import score_sql
from rfmreport.engine.ask import Engine
from rfmreport.settings import CleaningSettings, EngineSettings, SourceSettings, load_settings
from rfmreport.source import notes, orders, reading
from rfmreport.source.columns.roles import map_columns
from rfmreport.source.formats.value_formats import find_value_formats
from rfmreport.source.lines import mark_repeated, parse_lines
from rfmreport.source.verdicts import Window, judge_lines
from rfmreport.stopwatch import Stopwatch
from rfmreport.vocabulary import CUSTOMER_ID, SCORES, SOURCE_PART, VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.customers.scoring import Cuts

ENGINE = EngineSettings(memory_limit="1GB", threads=2)


def rows_of(text: str) -> pd.DataFrame:
    """Read a table drawn with | between its columns; an empty cell is a missing value."""
    heading, *rows = [
        [cell.strip() or None for cell in line.split("|")]
        for line in text.splitlines()
        if line.strip()
    ]
    return pd.DataFrame(rows, columns=heading, dtype="string")


def texts_of(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what a sample holds: the texts of each column, without the empty cells."""
    return {name: tuple(frame[name].dropna().astype(str)) for name in frame.columns}


def engine_table(engine: Backend, frame: pd.DataFrame) -> Table:
    """Hold a frame of text in the engine, as a file that was read."""
    return engine.create_table("drawn", frame, temp=True, overwrite=True)


def judged_table(
    engine: Backend,
    frame: pd.DataFrame,
    source: SourceSettings | None = None,
    window: Window | None = None,
    mapping: Mapping[str, str] | None = None,
    **rules: Any,
) -> Table:
    """Parse and judge a drawn table; with a column `source_part`, repeated lines are marked."""
    table = engine_table(engine, frame.rename(columns={SOURCE_PART: VIEW_PART}))
    headings = tuple(name for name in frame.columns if name != SOURCE_PART)
    mapped = map_columns(headings, mapping or {})
    formats = find_value_formats(texts_of(frame), mapped, table, source or SourceSettings())
    settings, _ = notes.trusted_prefixes(texts_of(frame), mapped, CleaningSettings(**rules))
    lines = parse_lines(table, mapped, formats)
    if SOURCE_PART in frame.columns:
        lines = mark_repeated(lines)
    return judge_lines(lines, mapped, settings, window or Window())


def judged_lines(engine: Backend, frame: pd.DataFrame, **given: Any) -> pd.DataFrame:
    """Judge a drawn table and return its rows in their order: their numbers are descriptions."""
    numbered = frame.assign(description=[str(number) for number in range(len(frame))])
    rows = judged_table(engine, numbered, **given).to_pyarrow().to_pandas()
    rows.index = rows.pop("product_name").astype(int)
    return rows.sort_index()


@contextmanager
def cleaned(*paths: Path | str, **given: Mapping[str, object]) -> Iterator[orders.CleanOrders]:
    """Clean files as the program does, in an engine of their own; `given` are settings."""
    source = {"paths": [str(path) for path in paths], **given.pop("source", {})}
    settings = load_settings(None, {"source": source, **given})
    with reading.open_engine(ENGINE) as engine:
        yield orders.read_orders(engine, settings, Stopwatch())


_places = count()


@cache
def _shared_engine() -> duckdb.DuckDBPyConnection:
    """Return the engine of all drawn tables: to start one costs more than most of the tests."""
    return duckdb.connect()


@contextmanager
def lent(clean: orders.CleanOrders) -> Iterator[orders.CleanOrders]:
    """Lend a test what was cleaned: what it makes goes again, and all else must be as before."""
    engine = Engine(clean.orders.get_backend().con)
    before = _held(engine)
    yield clean
    for kind, name, *_ in _held(engine) - before:
        engine.run(f'DROP {kind} IF EXISTS "{name}"')
    assert _held(engine) == before, "a test has changed what other tests are given too"


def _held(engine: Engine) -> set[tuple[object, ...]]:
    """Return the views and tables, told from others of their name, and how many rows they have."""
    views = engine.rows("""
        SELECT 'VIEW' AS kind, view_name, view_oid, 0 FROM duckdb_views()
        WHERE NOT (temporary OR internal)
    """)
    tables = engine.rows("SELECT table_name, table_oid FROM duckdb_tables() WHERE NOT temporary")
    counted = {
        ("TABLE", *row.values(), engine.value(f'SELECT count(*) FROM "{row["table_name"]}"'))
        for row in tables
    }
    return counted | {tuple(row.values()) for row in views}


def engine_of(**tables: Table | pa.Table) -> Engine:
    """Return an engine that holds drawn tables, in a place of its own."""
    con, place = _shared_engine().cursor(), f"drawn_{next(_places)}"
    con.execute(f"ATTACH ':memory:' AS {place}; USE {place}; SET TimeZone = 'UTC'")
    engine = Engine(con)
    for name, table in tables.items():
        put(engine, name, table)
    return engine


def put(engine: Engine, name: str, table: Table | pa.Table) -> None:
    """Hold a drawn table as it is; only one that was changed by an expression is worked out."""
    if not isinstance(table, pa.Table):
        drawn, schema = table.op(), table.schema()
        is_drawn = isinstance(drawn, InMemoryTable)
        table = drawn.data.to_pyarrow(schema) if is_drawn else table.to_pyarrow()
    engine.take(name, table)


def hold(name: str, table: Table) -> Engine:
    """Hold a table under a name in the engine that it comes from, and return that."""
    backend = table.get_backend()
    backend.create_table(name, table, overwrite=True)
    return Engine(backend.con)


def measured_customers(orders: Table, *days: date) -> Table:
    """Return the customers of the orders on each of the days, measured; as_of is a column."""
    engine = hold("all_orders", orders)
    measure_customers_on(engine, "measured_on_days", days)
    return orders.get_backend().table("measured_on_days")


def first_orders(orders: Table) -> Table:
    """Return when each customer of the orders first bought."""
    engine, backend = hold("orders_of_all_time", orders), orders.get_backend()
    bought = "exclusion IS NULL AND NOT is_return GROUP BY customer_id"
    first = "customer_id, CAST(min(first_at) AS DATE) AS first_order_on"
    engine.hold("first_of_all", f"SELECT {first} FROM orders_of_all_time WHERE {bought}")
    return backend.table("first_of_all")


def customers_table(engine: Engine, rows: Mapping[str, tuple[Any, Any, Any]]) -> str:
    """Hold customers, id → (recency_days, order_count, revenue), and return the table's name."""
    days, orders, money = zip(*rows.values(), strict=True)
    engine.hold(
        "drawn_customers",
        """
        SELECT
            unnest($names) AS customer_id,
            CAST(unnest($days) AS INTEGER) AS recency_days,
            CAST(unnest($orders) AS BIGINT) AS order_count,
            CAST(unnest($money) AS DECIMAL(38, 4)) AS revenue
        """,
        names=list(rows),
        days=list(map(int, days)),
        orders=list(map(int, orders)),
        money=list(map(str, money)),
    )
    return "drawn_customers"


def scores_of(engine: Engine, people: str, cuts: Cuts) -> dict[str, tuple[int, int, int]]:
    """Return the three scores by customer."""
    rows = engine.rows(f"SELECT customer_id, {score_sql(cuts)} FROM {people} ORDER BY rowid")
    return {row[CUSTOMER_ID]: tuple(row[name] for name in SCORES) for row in rows}
