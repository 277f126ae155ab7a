"""Databases: one truth from each kind of them, which table is meant, and what no reader may see."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest
from databases import Server, mariadb, postgres
from shops import build_files
from stages import cleaned

from rfmreport.cli import app
from rfmreport.errors import InputError, RfmReportError, SettingsError
from rfmreport.source.databases.addresses import address_of, without_password

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "pa:s@s/w?rd"  # noqa: S105  of a server that ends with the test
ROWS = [
    ("007", "A1", "2024-01-05 23:30:00", "1234.56", 1, 'O\'Reilly, "Rose"'),
    ("007", "A2", "2024-02-29 08:00:00", "0.10", 0, "back\\slash\ttab"),
    ("Ünal", "A3", "2024-03-01 00:00:00", "99.90", 1, "two\nlines"),
    ("8", "A4", "2024-03-02 12:00:01", "4.35", 1, None),
]
HEADING = "customer_id, order_id, order_date, amount, is_paid, product_name"
TRUTH = {
    ("007", Decimal("1234.6600"), "2024-02-29 08:00:00"),
    ("Ünal", Decimal("99.9000"), "2024-03-01 00:00:00"),
    ("8", Decimal("4.3500"), "2024-03-02 12:00:01"),
}
SQL = {
    "sqlite": "TEXT, order_id TEXT, order_date TEXT, amount REAL, is_paid INTEGER",
    "duckdb": "TEXT, order_id TEXT, order_date TIMESTAMP, amount DECIMAL(12, 2), is_paid BOOLEAN",
    "postgresql": "text, order_id text, order_date timestamptz, amount numeric, is_paid boolean",
    "mysql": "varchar(40), order_id char(4), order_date timestamp, amount decimal(12, 2), is_paid"
    " tinyint(1)",
}


def table_in(kind: str) -> str:
    texts = (["NULL" if v is None else "'" + str(v).replace("'", "''") + "'" for v in row]
             for row in ROWS)  # fmt: skip
    values = ", ".join(f"({', '.join(row)})" for row in texts)
    if kind == "mysql":
        values = values.replace("\\", "\\\\")
    return (
        f"CREATE TABLE orders (customer_id {SQL[kind]}, product_name text);"
        f"INSERT INTO orders VALUES {values};"
    )


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with postgres() as server:
        server(f"CREATE ROLE shop LOGIN PASSWORD '{PASSWORD}';"
               "ALTER DATABASE shop SET timezone = 'Asia/Tokyo'")  # fmt: skip
        server(table_in("postgresql") + "CREATE TABLE secrets (x int);"
               "GRANT SELECT ON orders TO shop")  # fmt: skip
        yield server


@pytest.fixture(scope="module")
def mysql() -> Iterator[Server]:
    with mariadb() as server:
        server(f"CREATE USER shop IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON shop.* TO shop;"
               + table_in("mysql"))  # fmt: skip
        yield server


def sqlite_file(path: Path, sql: str) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as con:
        con.executescript(sql)
    return path


def duckdb_file(path: Path, sql: str) -> Path:
    with duckdb.connect(str(path)) as con:
        con.execute(sql)
    return path


def customers_in(*sources: str | Path, **source: object) -> set[tuple[str, Decimal, str]]:
    with cleaned(*sources, source=source) as clean:
        rows = clean.orders.to_pyarrow().to_pylist()
        customers = {row["customer_id"] for row in rows}
        return {
            (one, sum(row["amount"] for row in rows if row["customer_id"] == one),
             str(max(row["last_at"] for row in rows if row["customer_id"] == one)))
            for one in customers
        }  # fmt: skip


def said_by(*arguments: str) -> str:
    """Return what a command prints, and says when it fails."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            app(list(arguments), standalone_mode=False)
        except RfmReportError as error:
            return out.getvalue() + str(error)
    return out.getvalue()


# --- one truth ----------------------------------------------------------------------------------


def test_a_text_file_says_the_truth(tmp_path):
    lines = [",".join(f'"{v or ""}"'.replace('"Rose"', '""Rose""') for v in row) for row in ROWS]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADING.replace(" ", ""), *lines, ""]), encoding="utf-8")
    assert customers_in(path) == TRUTH


@pytest.mark.parametrize(("kind", "write"), [("sqlite", sqlite_file), ("duckdb", duckdb_file)])
def test_a_file_says_the_same(tmp_path, kind, write):
    path = write(tmp_path / "shop.db", table_in(kind))
    before = path.read_bytes()
    assert customers_in(path) == TRUTH
    assert path.read_bytes() == before


def test_postgresql_says_the_same_by_its_own_clock(postgresql):
    with cleaned(postgresql.url(PASSWORD)) as clean:
        assert ("shop", "table orders, times as in Asia/Tokyo", "4 rows", "--table orders") in {
            (one.about, one.decided, one.evidence, one.option) for one in clean.decisions
        }
    assert customers_in(postgresql.url(PASSWORD)) == TRUTH


def test_mariadb_says_the_same(mysql):
    assert customers_in(mysql.url(PASSWORD)) == TRUTH


def test_columns_of_kinds_do_not_vote_on_marks_and_dates(tmp_path):
    path = duckdb_file(tmp_path / "shop.db", table_in("duckdb"))
    with cleaned(path) as clean:
        assert [one.about for one in clean.decisions] == ["shop.db"]


def test_text_in_a_database_votes_as_in_a_file(tmp_path):
    path = sqlite_file(
        tmp_path / "shop.db",
        "CREATE TABLE t (customer, date, amount); INSERT INTO t VALUES"
        "('a', '31.12.2024', '1.234,50'), ('b', '30.12.2024', '4,35')",
    )
    assert customers_in(path) == {
        ("a", Decimal("1234.5000"), "2024-12-31 00:00:00"),
        ("b", Decimal("4.3500"), "2024-12-30 00:00:00"),
    }


# --- which table --------------------------------------------------------------------------------

THREE = (
    "CREATE TABLE customers (id, name); INSERT INTO customers VALUES (1, 'a'), (2, 'b');"
    "CREATE VIEW empty AS SELECT 1 AS x WHERE 1 = 0;" + table_in("sqlite")
)
LISTED = (
    "its tables are customers (2 rows), empty (0 rows), orders (4 rows; looks like the lines); say "
    "which to read: --table orders, or a SELECT with --query FILE"
)


def test_of_several_tables_one_must_be_named_and_they_are_listed(tmp_path):
    path = sqlite_file(tmp_path / "shop.db", THREE)
    with pytest.raises(InputError) as caught:
        customers_in(path)
    assert str(caught.value) == f"{path}: {LISTED}"
    assert customers_in(path, tables=["orders"]) == TRUTH


def test_lines_that_lack_the_customer_are_proposed_with_the_table_that_has_him(tmp_path):
    path = sqlite_file(
        tmp_path / "shop.db",
        "CREATE TABLE orders (order_id, customer_id, order_date);"
        "INSERT INTO orders VALUES (1, 'a', '2024-12-31'), (2, 'b', '2024-12-30');"
        "CREATE TABLE order_items (order_id, product, quantity, unit_price);"
        "INSERT INTO order_items VALUES (1, 'tea', 2, 3.5), (2, 'tea', 1, 3.5);",
    )
    with pytest.raises(InputError, match="say which to read: --table order_items --join=orders, "):
        customers_in(path)


def test_a_table_that_is_not_there_is_told_with_those_that_are(tmp_path):
    path = sqlite_file(tmp_path / "shop.db", THREE)
    with pytest.raises(InputError) as caught:
        customers_in(path, tables=["ordrs"])
    assert str(caught.value) == f"{path}: no table 'ordrs' that this user may read; {LISTED}"


@pytest.mark.parametrize(("kind", "write"), [("sqlite", sqlite_file), ("duckdb", duckdb_file)])
def test_a_query_may_end_in_a_comment(tmp_path, kind, write):
    path = write(tmp_path / "shop.db", table_in(kind))
    query = tmp_path / "q.sql"
    query.write_text("SELECT * FROM orders WHERE amount > 50 -- the large ones;", encoding="utf-8")
    assert {name for name, *_ in customers_in(path, query=str(query))} == {"007", "Ünal"}


def test_a_query_on_a_server_reads_and_changes_nothing(postgresql, tmp_path):
    query = tmp_path / "q.sql"
    query.write_text("SELECT * FROM orders WHERE amount > 50;", encoding="utf-8")
    found = customers_in(postgresql.url(PASSWORD), query=str(query))
    assert {name for name, *_ in found} == {"007", "Ünal"}
    query.write_text("DELETE FROM orders RETURNING *", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        customers_in(postgresql.url(PASSWORD), query=str(query))
    assert postgresql("SELECT count(*) FROM orders").split() == ["count", "4"]


def test_a_table_of_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("customer,date,amount\n1,2024-01-01,5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"--table: .*orders.csv is no database"):
        customers_in(path, tables=["orders"])


# --- errors -------------------------------------------------------------------------------------


def test_a_table_without_the_right_to_it_is_as_if_it_were_not_there(postgresql):
    with pytest.raises(InputError) as caught:
        customers_in(postgresql.url(PASSWORD), tables=["secrets"])
    address = postgresql.url().replace("shop@", "")
    assert str(caught.value).startswith(f"{address}: no table 'secrets' that this user may read; ")


@pytest.mark.parametrize("server", ["postgresql", "mysql"])
def test_a_wrong_password_is_one_line_without_it(server, request):
    server = request.getfixturevalue(server)
    with pytest.raises(InputError) as caught:
        customers_in(server.url("not-it"))
    assert "cannot be read (" in str(caught.value)
    assert "shop" in str(caught.value)
    assert "not-it" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_is_away_is_one_line(scheme):
    with pytest.raises(InputError) as caught:
        customers_in(f"{scheme}://shop:{PASSWORD}@127.0.0.1:9/shop")
    assert str(caught.value).startswith(f"{scheme}://127.0.0.1:9/shop: cannot be read (")
    assert str(caught.value).endswith("; check the address, the user and its rights")
    assert "s/w?rd" not in str(caught.value)


def test_another_kind_of_database_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"^oracle://h/db: no such kind of database; expected"):
        customers_in("oracle://me:secret@h/db")


def test_a_driver_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError) as caught:
        customers_in("postgresql://shop@127.0.0.1/shop")
    assert str(caught.value) == (
        "postgresql://127.0.0.1/shop: needs psycopg, which is not installed: pip install "
        "'rfmreport[postgresql]'"
    )


# --- the password -------------------------------------------------------------------------------


def test_the_address_is_taken_apart_and_its_password_shows_nowhere():
    address = address_of(f"postgresql://shop:{PASSWORD}@db.example:5433/shop?sslmode=require")
    assert (address.host, address.port, address.database) == ("db.example", 5433, "shop")
    assert (address.user, address.password) == ("shop", PASSWORD)
    assert address.options == (("sslmode", "require"),)
    assert (str(address), "w?rd" in repr(address)) == ("postgresql://db.example:5433/shop", False)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (f"mysql://me:{PASSWORD}@h/db", "mysql://me@h/db"),
        ("postgres:/me:secret@h/db", "postgres:/me@h/db"),
        ("postgresql://h/db?user=me&password=a%40b&x=1", "postgresql://h/db?user=me&password=&x=1"),
        ("orders.csv", "orders.csv"),
        ("C:/shop/me@home:2024.csv", "C:/shop/me@home:2024.csv"),
    ],
)
def test_a_source_is_told_without_its_password(named, told):
    assert without_password(named) == told


MANY = {
    "postgresql": "FROM generate_series(1, 900) AS seq(n)",
    "mysql": "FROM (SELECT seq AS n FROM seq_1_to_900) AS numbers",
}
"""Orders of sixty customers, one a day."""


@pytest.mark.parametrize("name", ["postgresql", "mysql"])
def test_the_password_is_neither_printed_nor_written(name, request, tmp_path):
    server = request.getfixturevalue(name)
    days = "date '2022-01-01' + n" if name == "postgresql" else "date '2022-01-01' + INTERVAL n DAY"
    query = tmp_path / "many.sql"
    query.write_text(
        f"SELECT concat('C', n * n % 61) AS customer_id, concat('O', n) AS order_id, {days}"
        f" AS order_date, 10 + n % 50 AS amount {MANY[name]}",
        encoding="utf-8",
    )
    url = server.url(PASSWORD)
    report = tmp_path / "report"
    source = {"paths": [url], "query": str(query)}
    result = build_files(url, report, source=source)
    assert result.report.audit.read.line_count == 900
    again = build_files(url, tmp_path / "again", source=source)
    assert again.report.method.sources == result.report.method.sources
    first, how = tmp_path / "first.toml", ("--query", str(query))
    said = said_by("check", url, *how) + said_by("check", url, *how, "--json")
    said += said_by("init", url, *how, "-o", str(first))
    said += said_by("check", url, "--map", "customer=nobody") + said_by("check", f"{url}x")
    written = b"".join(path.read_bytes() for path in (*report.rglob("*.*"), first))
    assert "To repeat: rfmreport build" in said
    assert "s/w" not in said
    assert b"s/w?" not in written


def test_login_may_stand_in_the_environment(postgresql, mysql, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)
    assert customers_in(postgresql.url()) == customers_in(mysql.url()) == TRUTH
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.delenv("MYSQL_PWD")
    service, passwords = tmp_path / "service", tmp_path / "pgpass"
    service.write_text(f"[till]\nhost=127.0.0.1\nport={postgresql.port}\ndbname=shop\nuser=shop\n")
    escaped = PASSWORD.replace(":", "\\:")
    passwords.write_text(f"127.0.0.1:{postgresql.port}:shop:shop:{escaped}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    assert customers_in("postgresql:///?service=till") == TRUTH
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".my.cnf").write_text(f'[client]\nuser=shop\npassword="{PASSWORD}"\n')
    assert customers_in(f"mysql://127.0.0.1:{mysql.port}/shop") == TRUTH
