"""The engine's answers as Python values: of the kinds that SQL says, and without pandas."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from rfmreport.engine.ask import Engine

ORDERS = """
CREATE TABLE orders (customer TEXT, day DATE, amount DECIMAL(18, 4), pieces BIGINT);
INSERT INTO orders VALUES
    ('Ann', '2024-01-31', 2, 3),
    ('Ann', '2024-02-01', 3.5, 4),
    ('Bob', '2024-02-29', NULL, NULL)
"""


@pytest.fixture
def engine() -> Engine:
    opened = Engine(duckdb.connect())
    opened.run(ORDERS)
    return opened


def test_rows_have_the_kinds_that_the_query_declares(engine: Engine) -> None:
    rows = engine.rows(
        """
        SELECT CAST(date_trunc('month', day) AS DATE) AS month, CAST(sum(pieces) AS BIGINT) AS n,
            sum(amount) AS amount, avg(pieces) AS mean
        FROM orders GROUP BY month ORDER BY month
        """
    )
    assert rows == [
        {"month": date(2024, 1, 1), "n": 3, "amount": Decimal(2), "mean": 3.0},
        {"month": date(2024, 2, 1), "n": 4, "amount": Decimal("3.5"), "mean": 4.0},
    ]
    assert [type(value) for value in rows[0].values()] == [date, int, Decimal, float]


def test_one_row_and_one_value_need_no_unpacking(engine: Engine) -> None:
    assert engine.row("SELECT count(*) AS n FROM orders") == {"n": 3}
    assert engine.value("SELECT max(day) FROM orders") == date(2024, 2, 29)


def test_more_than_one_row_is_not_taken_for_one(engine: Engine) -> None:
    with pytest.raises(ValueError, match="too many values"):
        engine.row("FROM orders")


def test_a_query_takes_of_what_is_given_what_it_names(engine: Engine) -> None:
    asked = "SELECT count(*) FROM orders WHERE customer = $name"
    assert engine.value(asked, name="Ann", other="Bob") == 2


def test_the_columns_of_a_table_are_named_in_their_order(engine: Engine) -> None:
    assert engine.names("orders") == ("customer", "day", "amount", "pieces")


def test_arrays_have_the_kinds_that_the_query_declares(engine: Engine) -> None:
    arrays = engine.arrays(
        """
        SELECT customer, coalesce(CAST(sum(pieces) AS BIGINT), 0) AS pieces, avg(pieces) AS mean
        FROM orders GROUP BY customer ORDER BY customer
        """
    )
    assert arrays["customer"].tolist() == ["Ann", "Bob"]
    assert arrays["pieces"].dtype == np.int64
    assert arrays["pieces"].tolist() == [7, 0]
    assert np.array_equal(arrays["mean"], [3.5, np.nan], equal_nan=True)


def test_a_missing_whole_number_is_no_number_of_an_array(engine: Engine) -> None:
    with pytest.raises(ValueError, match="pieces has missing values"):
        engine.arrays("SELECT pieces FROM orders")


def test_a_table_is_held_in_place_of_the_one_before_even_when_made_of_it(engine: Engine) -> None:
    engine.hold("held", "SELECT pieces * 2 AS pieces FROM orders")
    engine.hold("held", "SELECT pieces * 2 AS pieces FROM held")
    assert engine.value("SELECT CAST(sum(pieces) AS BIGINT) FROM held") == 28


def test_a_table_of_python_joins_in(engine: Engine) -> None:
    engine.take("cities", pa.table({"customer": ["Ann", "Bob"], "city": ["Ulm", "Bern"]}))
    lived = "SELECT city, count(*) AS n FROM orders JOIN cities USING (customer) GROUP BY city"
    assert engine.rows(f"{lived} ORDER BY city") == [
        {"city": "Bern", "n": 1},
        {"city": "Ulm", "n": 2},
    ]


def test_pandas_stays_out() -> None:
    code = (
        "import sys, duckdb; from rfmreport.engine.ask import Engine;"
        "engine = Engine(duckdb.connect()); engine.hold('t', 'SELECT 1 AS n');"
        "print(engine.rows('FROM t'), engine.arrays('FROM t'), 'pandas' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.rstrip().endswith("False")
