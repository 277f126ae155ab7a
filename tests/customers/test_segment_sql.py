"""The exported query gives every customer the segment that the report gave."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest
from commands import command_of
from databases import postgres

from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.customers.segment_sql import DIALECTS, Ruler, segment_query
from rfmreport.customers.segments import load_scheme
from rfmreport.errors import InputError, SettingsError
from rfmreport.folder.report_folder import read_ruler
from rfmreport.library import build_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHOP = """\
    SELECT
        'C' || i % 97 AS customer_id,
        'O' || i AS order_id,
        DATE '2024-01-01' + CAST(((i * 7919) % 700) // (1 + i % 97 % 5) AS INTEGER) AS ordered_at,
        CAST(5 + (i * 104729) % 5000 / 10.0 * (1 + i % 97 % 3) AS DECIMAL(18, 2)) AS amount
    FROM range(900) AS numbers (i)
"""
_COLUMNS = ["customer_id", "recency_days", "order_count", "recency_score", "frequency_score",
            "monetary_score", "segment"]  # fmt: skip
_AS_OF = date(2026, 1, 1)
_RULER = Ruler(
    Cuts(
        "fixed",
        5,
        (
            MeasureCuts("recency_days", tuple(map(Decimal, (10, 30, 90, 180))), "left"),
            MeasureCuts("order_count", tuple(map(Decimal, (1, 2, 3, 5))), "right"),
            MeasureCuts("revenue", tuple(map(Decimal, ("9.99", "20", "50", "100"))), "right"),
        ),
    ),
    load_scheme("five"),
    date(2024, 3, 1),
    None,
)


@pytest.fixture(scope="module")
def shop() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as engine:
        engine.sql(f"CREATE TABLE orders AS {_SHOP}")
        yield engine


@pytest.fixture(scope="module")
def report_folder(
    shop: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    shop.sql("COPY orders TO '" + str(folder / "orders.csv") + "'")
    build_report(folder / "orders.csv", as_of=_AS_OF, window_months=20).save(folder / "report")
    return folder / "report"


@pytest.fixture(scope="module")
def customers(report_folder: Path) -> list[tuple[str, ...]]:
    with (report_folder / "data" / "customers.csv").open(encoding="utf-8-sig", newline="") as file:
        return sorted(tuple(row[name] for name in _COLUMNS) for row in csv.DictReader(file))


def test_duckdb_makes_the_segments_of_the_report(
    shop: duckdb.DuckDBPyConnection, report_folder: Path, customers: list[tuple[str, ...]]
) -> None:
    query = segment_query(read_ruler(report_folder), "duckdb", "orders", _AS_OF)
    found = shop.sql(f"SELECT {', '.join(_COLUMNS)} FROM ({query}) AS made").fetchall()
    assert sorted(tuple(map(str, row)) for row in found) == customers
    assert len({row[-1] for row in customers}) == 5


def test_postgresql_makes_the_segments_of_the_report(
    shop: duckdb.DuckDBPyConnection, report_folder: Path, customers: list[tuple[str, ...]]
) -> None:
    rows = shop.sql("FROM orders").fetchall()
    values = ", ".join(f"('{c}', '{o}', '{day}', {amount})" for c, o, day, amount in rows)
    query = segment_query(read_ruler(report_folder), "postgres", "orders", _AS_OF)
    with postgres() as ask:
        answer = ask(
            "CREATE TABLE orders"
            " (customer_id text, order_id text, ordered_at date, amount numeric);"
            f"INSERT INTO orders VALUES {values};"
            f"SELECT {', '.join(_COLUMNS)} FROM ({query}) AS made;"
        )
    _, *found = csv.reader(io.StringIO(answer))
    assert sorted(map(tuple, found)) == customers


def test_returns_and_the_day_itself() -> None:
    """A return lowers revenue and is no order; who only gave back is no customer."""
    orders = [
        ("A", "1", "2024-02-20", "60.00"),
        ("A", "1", "2024-02-20", "-15.00"),  # a discount within the order
        ("A", "2", "2024-02-25", "-20.00"),  # a return
        ("A", "3", "2024-03-01", "99.00"),  # on the day itself: not before it
        ("B", "4", "2024-02-01", "-5.00"),
        (None, "5", "2024-02-01", "70.00"),
    ]
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE t (customer_id TEXT, order_id TEXT, ordered_at DATE, "
                       "amount DECIMAL(18, 2))")  # fmt: skip
        engine.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", orders)
        found = engine.sql(segment_query(_RULER, "duckdb", "t", date(2024, 3, 1))).fetchall()
    assert found == [("A", 10, 1, Decimal("25.00"), 4, 1, 3, "Potential Loyalists")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_hostile_name_stays_a_text(dialect: str) -> None:
    names = {"High-Value": "O'Neil \\'; DROP TABLE x --"}
    cells = {c: names.get(n, n) for c, n in _RULER.scheme.cell_segments.items()}
    segments = tuple(
        dataclasses.replace(one, name=names.get(one.name, one.name))
        for one in _RULER.scheme.segments
    )
    scheme = dataclasses.replace(_RULER.scheme, segments=segments, cell_segments=cells)
    query = segment_query(dataclasses.replace(_RULER, scheme=scheme), dialect, "orders")
    said = re.search(r"THEN ('O.*--')$", query, re.MULTILINE)
    escaped = {"duckdb", "postgres"}
    expected = (
        "'O''Neil \\''; DROP TABLE x --'"
        if dialect in escaped
        else "'O\\'Neil \\\\\\'; DROP TABLE x --'"
    )
    assert said is not None
    assert said.group(1) == expected


@pytest.mark.parametrize(
    ("dialect", "days", "window"),
    [
        ("bigquery", "DATE_DIFF(CURRENT_DATE, MAX(", "DATE_SUB(CURRENT_DATE, INTERVAL 3 MONTH)"),
        ("duckdb", "date_diff('day', MAX(", "CURRENT_DATE - INTERVAL 3 MONTH"),
        ("postgres", "(CURRENT_DATE - MAX(", "CURRENT_DATE - INTERVAL '3 months'"),
        ("snowflake", "DATEDIFF('day', MAX(", "ADD_MONTHS(CURRENT_DATE, -3)"),
        ("spark", "DATEDIFF(CURRENT_DATE, MAX(", "ADD_MONTHS(CURRENT_DATE, -3)"),
    ],
)
def test_each_engine_is_spoken_to_in_its_words(dialect: str, days: str, window: str) -> None:
    query = segment_query(dataclasses.replace(_RULER, window_months=3), dialect, "shop.orders")
    assert days in query
    assert f">= {window}\n" in query
    assert "FROM shop.orders\n" in query


@pytest.mark.parametrize(
    ("dialect", "table", "problem"),
    [
        ("oracle", "orders", "dialect 'oracle': not known; known are bigquery, duckdb, postgres"),
        ("duckdb", "orders; DROP TABLE x", "not a table's name, such as shop.orders"),
    ],
)
def test_what_cannot_be_said(dialect: str, table: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(problem)):
        segment_query(_RULER, dialect, table)


def test_ranks_are_no_bounds() -> None:
    ranked = dataclasses.replace(_RULER.cuts, method="rank-first")
    with pytest.raises(SettingsError, match="--method quantile"):
        segment_query(dataclasses.replace(_RULER, cuts=ranked), "duckdb", "orders")


def test_a_scheme_that_has_changed_is_refused(report_folder: Path, tmp_path: Path) -> None:
    manifest = (report_folder / "manifest.json").read_text(encoding="utf-8")
    (tmp_path / "manifest.json").write_text(
        manifest.replace('"scoring.scheme": "five"', '"scoring.scheme": "ten"'), encoding="utf-8"
    )
    with pytest.raises(InputError, match="the scheme ten has changed since; build the report"):
        read_ruler(tmp_path)


def test_the_command_prints_the_query(
    report_folder: Path,
    shop: duckdb.DuckDBPyConnection,
    customers: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    export = command_of(monkeypatch, capsys, "export-sql")
    ended = export(report_folder, "--as-of", "2026-01-01")
    assert ended.code == 0
    assert len(shop.sql(ended.out).fetchall()) == len(customers)
    assert export(report_folder, "--dialect", "oracle").code == 2
    assert "no such folder" in export(report_folder / "none").message
