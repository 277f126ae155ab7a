"""Customers: recency in calendar days, orders counted once, returns netted, earlier dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from shops import customers_of, orders_of
from stages import ENGINE, engine_of, hold, judged_table, rows_of

from rfmreport.customers.measure import define_all_orders, measure_customers
from rfmreport.settings import CleaningSettings
from rfmreport.source import reading
from rfmreport.source.orders import group_orders

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@pytest.fixture(scope="module")
def engine():
    with reading.open_engine(ENGINE) as opened:
        yield opened


def measured(engine: Backend, text: str, as_of: date, **rules) -> dict[str, tuple]:
    """Return (recency, orders, revenue, first, last) by customer of a drawn table."""
    judged = judged_table(engine, rows_of(text), **rules)
    asked = hold("orders", group_orders(judged, CleaningSettings(**rules)))
    measure_customers(asked, as_of)
    names = ("recency_days", "order_count", "revenue", "first_order_on", "last_order_on")
    rows = asked.rows("FROM measured_customers")
    return {row["customer_id"]: tuple(row[name] for name in names) for row in rows}


SHOP = """
    order | quantity | date                | price | customer
    1     | 2        | 2011-11-01 23:59:59 | 2.50  | ann
    1     | 1        | 2011-11-01 23:59:59 | 0.99  | ann
    2     | 1        | 2011-12-09 00:00:01 | 4.00  | ann
    3     | 1        | 2011-12-09 23:59:59 | 8.00  | bob
    C4    | -1       | 2011-12-09 12:00:00 | 2.50  | ann
    C5    | -1       | 2011-12-08 12:00:00 | 9.99  | cid
"""


def test_recency_is_in_calendar_days_whatever_the_clock_says(engine: Backend):
    people = measured(engine, SHOP, date(2011, 12, 10))
    assert {name: values[0] for name, values in people.items()} == {"ann": 1, "bob": 1}


def test_orders_count_once_and_lines_add_up(engine: Backend):
    assert measured(engine, SHOP, date(2011, 12, 10)) == {
        "ann": (1, 2, Decimal("9.99"), date(2011, 11, 1), date(2011, 12, 9)),
        "bob": (1, 1, Decimal("8.00"), date(2011, 12, 9), date(2011, 12, 9)),
    }


def test_netted_returns_lower_revenue_and_nothing_else(engine: Backend):
    people = measured(engine, SHOP, date(2011, 12, 10), net_returns=True)
    assert people == {
        "ann": (1, 2, Decimal("7.49"), date(2011, 11, 1), date(2011, 12, 9)),
        "bob": (1, 1, Decimal("8.00"), date(2011, 12, 9), date(2011, 12, 9)),
    }


def test_an_earlier_date_sees_only_what_was_before_it(engine: Backend):
    assert measured(engine, SHOP, date(2011, 12, 9)) == {
        "ann": (38, 1, Decimal("5.99"), date(2011, 11, 1), date(2011, 11, 1)),
    }
    assert measured(engine, SHOP, date(2011, 11, 1)) == {}


def test_a_return_before_the_first_purchase_makes_no_customer(engine: Backend):
    text = """
        order | quantity | date       | price | customer
        C1    | -1       | 2011-01-01 | 2.50  | ann
        2     | 1        | 2011-03-01 | 2.50  | ann
        3     | 1        | 2011-03-01 | 2.50  | bob
    """
    assert measured(engine, text, date(2011, 2, 1), net_returns=True) == {}


def test_an_order_over_midnight_is_one_order_of_its_last_day(engine: Backend):
    text = """
        order | date                | amount | customer
        1     | 2011-12-08 23:59:00 | 1.00   | ann
        1     | 2011-12-09 00:01:00 | 2.00   | ann
    """
    people = measured(engine, text, date(2011, 12, 10))
    assert people == {"ann": (1, 1, 3, date(2011, 12, 8), date(2011, 12, 9))}


def test_recency_is_never_below_one_day(engine: Backend):
    """An order whose lines lie on both sides of the date was made before it."""
    text = """
        order | date                | amount | customer
        1     | 2011-12-08 23:59:00 | 1.00   | ann
        1     | 2011-12-20 00:01:00 | 2.00   | ann
    """
    assert measured(engine, text, date(2011, 12, 9))["ann"][0] >= 1


def test_an_order_number_of_two_customers_is_an_order_of_each(engine: Backend):
    text = """
        order | date       | amount | customer
        1     | 2011-12-08 | 1.00   | ann
        1     | 2011-12-08 | 2.00   | bob
    """
    people = measured(engine, text, date(2011, 12, 9))
    assert {name: values[1:3] for name, values in people.items()} == {"ann": (1, 1), "bob": (1, 2)}


def test_without_order_ids_a_customers_day_is_one_order(engine: Backend):
    text = """
        customer | date                | amount
        00002    | 1997-01-12 08:00:00 | 12.00
        00002    | 1997-01-12 20:00:00 | 77.00
        00002    | 1997-01-13 08:00:00 | 1.00
    """
    people = measured(engine, text, date(1997, 1, 14))
    assert people == {"00002": (1, 2, 90, date(1997, 1, 12), date(1997, 1, 13))}


ORDERS = """
customer_id | order_id | at         | amount | exclusion        | other_exclusion
a           | 1        | 2024-01-10 | 10     | before_window    |
a           | 2        | 2024-06-10 | 20     |                  |
b           | 3        | 2024-02-10 | 30     | before_window    | cancellation
b           | 4        | 2024-06-20 | 40     |                  |
"""


def test_only_the_window_is_lifted() -> None:
    customers = customers_of("customer_id | first_order_on\na | 2024-06-10")
    engine = engine_of(orders=orders_of(ORDERS), customers=customers)
    define_all_orders(engine)
    found = {row["order_id"]: row["exclusion"] for row in engine.rows("FROM all_orders")}
    assert found == {"1": None, "2": None, "3": "before_window", "4": None}
    first = {row["customer_id"]: row["first_order_on"] for row in engine.rows("FROM first_orders")}
    assert first == {"a": date(2024, 1, 10), "b": date(2024, 6, 20)}
    (ever,) = engine.rows("FROM customers_ever")
    assert (ever["customer_id"], ever["first_order_on"]) == ("a", date(2024, 1, 10))
