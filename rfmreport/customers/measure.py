"""Customers: from kept orders to one row per customer with recency, frequency and revenue.

An order that is kept counts; what is given back only where returns are netted. Columns:
customer_id, order_count (distinct purchases), revenue (sum of kept amounts), first_order_on,
last_order_on, recency_days (whole calendar days from the last purchase to the date).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine

MEASURED = "measured_customers"
_SQL = read_queries(__file__)


def measure_customers(engine: Engine, as_of: date) -> None:
    """Hold one row per customer with a purchase before `as_of`, as `measured_customers`."""
    query = f"SELECT * EXCLUDE (as_of) FROM ({_SQL['measured']})"  # noqa: S608  our own query
    engine.hold(MEASURED, query, orders="orders", days=[as_of], window_months=None)


def take_customers(engine: Engine, as_of: date) -> None:
    """Hold the customers of a table that has one row for each, as `measured_customers`."""
    engine.hold(MEASURED, _SQL["as_they_stand"], as_of=as_of)


def measure_customers_on(
    engine: Engine, name: str, days: Sequence[date], window_months: int | None = None
) -> None:
    """Hold one row per day (`as_of`) and customer with a purchase before it, under a name.

    Of all orders; with `window_months`, only those of so many months before the day count. One
    query for all days costs little more than one for one day.
    """
    given = {"days": list(days), "window_months": window_months}
    engine.hold(name, _SQL["measured"], orders="all_orders", **given)


def define_all_orders(engine: Engine) -> None:
    """Name what the window hides: `all_orders`, `first_orders` and `customers_ever`."""
    for name in ("all_orders", "first_orders", "customers_ever"):
        engine.define(name, _SQL[name])
