"""Results of the engine as Python values: of the declared kinds, and without pandas."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pytest

from rfmreport.engine.results import fetch_arrays, fetch_row, fetch_rows, fetch_value, hold_table

if TYPE_CHECKING:
    from ibis.expr.types import Table

ORDERS = """
CREATE TABLE orders (customer TEXT, day DATE, amount DECIMAL(18, 4), pieces BIGINT);
INSERT INTO orders VALUES
    ('Ann', '2024-01-31', 2, 3),
    ('Ann', '2024-02-01', 3.5, 4),
    ('Bob', '2024-02-29', NULL, NULL)
"""


@pytest.fixture
def orders() -> Table:
    engine = ibis.duckdb.connect()
    engine.raw_sql(ORDERS)
    return engine.table("orders")


def test_rows_have_the_kinds_that_the_expression_declares(orders: Table) -> None:
    by_month = orders.group_by(month=orders.day.truncate("M")).agg(
        pieces=orders.pieces.sum(), amount=orders.amount.sum(), mean=orders.pieces.mean()
    )
    rows = fetch_rows(by_month.order_by("month"))
    assert rows == [
        {"month": date(2024, 1, 1), "pieces": 3, "amount": Decimal(2), "mean": 3.0},
        {"month": date(2024, 2, 1), "pieces": 4, "amount": Decimal("3.5"), "mean": 4.0},
    ]
    assert [type(value) for value in rows[0].values()] == [date, int, Decimal, float]


def test_one_row_and_one_value_need_no_unpacking(orders: Table) -> None:
    assert fetch_row(orders.agg(n=orders.count())) == {"n": 3}
    assert fetch_value(orders.day.max()) == date(2024, 2, 29)


def test_more_than_one_row_is_not_taken_for_one(orders: Table) -> None:
    with pytest.raises(ValueError, match="too many values"):
        fetch_row(orders)


def test_arrays_have_the_kinds_that_the_expression_declares(orders: Table) -> None:
    counted = orders.group_by("customer").agg(
        last=orders.day.max(), pieces=orders.pieces.sum().fill_null(0), mean=orders.pieces.mean()
    )
    arrays = fetch_arrays(counted.order_by("customer"))
    assert arrays["customer"].tolist() == ["Ann", "Bob"]
    assert arrays["last"].tolist() == [date(2024, 2, 1), date(2024, 2, 29)]
    assert arrays["pieces"].dtype == np.int64
    assert arrays["pieces"].tolist() == [7, 0]
    assert np.array_equal(arrays["mean"], [3.5, np.nan], equal_nan=True)


def test_a_table_of_python_joins_in(orders: Table) -> None:
    cities = ibis.memtable({"customer": ["Ann", "Bob"], "city": ["Ulm", "Bern"]})
    lived = orders.join(cities, "customer").group_by("city").agg(n=ibis._.count())
    lived = lived.order_by("city")
    assert fetch_rows(lived) == [{"city": "Bern", "n": 1}, {"city": "Ulm", "n": 2}]
    assert fetch_arrays(lived)["n"].tolist() == [1, 2]


def test_the_result_of_no_other_kind_of_engine_is_asked_of_duckdb() -> None:
    """SQLite stands for any engine that Ibis knows."""
    engine = ibis.sqlite.connect()
    engine.create_table("numbers", schema={"n": "int64"})
    engine.raw_sql("INSERT INTO numbers VALUES (1), (2)").close()
    table = engine.table("numbers").order_by("n")
    assert fetch_rows(table) == [{"n": 1}, {"n": 2}]
    assert fetch_arrays(table)["n"].tolist() == [1, 2]


def test_pandas_stays_out() -> None:
    code = (
        "import sys, ibis; from rfmreport.engine.results import fetch_arrays, fetch_rows;"
        "engine = ibis.duckdb.connect(); engine.raw_sql('CREATE TABLE t AS SELECT 1 AS n');"
        "t = engine.table('t');"
        "print(fetch_rows(t), fetch_arrays(t), 'pandas' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.rstrip().endswith("False")


def test_what_is_held_has_the_kinds_that_the_expression_declares(orders: Table) -> None:
    engine = orders.get_backend()
    counted = orders.group_by("customer").agg(pieces=orders.pieces.sum(), n=orders.count())
    held = hold_table(engine, "counted", counted)
    assert held.schema() == counted.schema()
    assert fetch_rows(held.filter(held.customer == "Ann")) == [
        {"customer": "Ann", "pieces": 7, "n": 2}
    ]


def test_a_table_is_held_in_place_of_the_one_before_even_when_made_of_it(orders: Table) -> None:
    engine = orders.get_backend()
    once = hold_table(engine, "held", orders.select(pieces=orders.pieces * 2))
    twice = hold_table(engine, "held", once.select(pieces=once.pieces * 2))
    assert fetch_value(twice.pieces.sum()) == 28


def test_a_table_of_python_is_held_too(orders: Table) -> None:
    held = hold_table(orders.get_backend(), "cities", ibis.memtable({"city": ["Ulm"]}))
    assert fetch_rows(held) == [{"city": "Ulm"}]


def test_a_missing_whole_number_is_no_number_of_an_array(orders: Table) -> None:
    with pytest.raises(ValueError, match="pieces has missing values"):
        fetch_arrays(orders.select("pieces"))
