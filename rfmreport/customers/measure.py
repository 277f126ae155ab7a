"""Customers: from kept orders to one row per customer with recency, frequency and revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from rfmreport.vocabulary import (
    AMOUNT,
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    FIRST_ORDER_ON,
    IS_RETURN,
    LAST_AT,
    LAST_ORDER_ON,
    ORDER_COUNT,
    RECENCY_DAYS,
    REVENUE,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import Table


def kept_orders(orders: Table) -> Table:
    """Return the rows of `orders` that count: purchases, and returns where these are netted."""
    return orders.filter(orders[EXCLUSION].isnull())


def measure_customers(orders: Table, as_of: date) -> Table:
    """Return one row per customer with a purchase before `as_of`.

    Needs the columns of `cleaning.group_orders`. Columns out: customer_id, recency_days (whole
    calendar days from the last purchase to `as_of`), order_count (distinct purchases), revenue
    (sum of kept amounts, returns subtracted if netted), first_order_on, last_order_on.
    """
    return _measured(orders.mutate(**{AS_OF: ibis.date(as_of)})).drop(AS_OF)


def measure_customers_on(
    orders: Table, days: Sequence[date], window_months: int | None = None
) -> Table:
    """Return one row per day and customer with a purchase before it, as `measure_customers` does.

    Columns as there, and `as_of`. With `window_months`, only orders of so many months before the
    day count. One query for all days costs little more than one for one day.
    """
    on_days = orders.mutate(**{AS_OF: ibis.array([ibis.date(day) for day in days]).unnest()})
    if window_months is not None:
        first_day = on_days[AS_OF] - ibis.interval(months=window_months)
        on_days = on_days.filter(on_days[FIRST_AT] >= first_day.cast("timestamp"))
    return _measured(on_days)


def _measured(orders: Table) -> Table:
    counted = kept_orders(orders)
    counted = counted.filter(counted[FIRST_AT] < counted[AS_OF].cast("timestamp"))
    is_purchase = ~counted[IS_RETURN]
    # Of an order that spans the date, only its beginning was known then.
    last_at = (counted[LAST_AT] < counted[AS_OF].cast("timestamp")).ifelse(
        counted[LAST_AT], counted[FIRST_AT]
    )
    customers = counted.group_by(AS_OF, CUSTOMER_ID).agg(
        **{
            ORDER_COUNT: is_purchase.sum(),
            REVENUE: counted[AMOUNT].sum(),
            FIRST_ORDER_ON: counted[FIRST_AT].min(where=is_purchase).date(),
            LAST_ORDER_ON: last_at.max(where=is_purchase).date(),
        }
    )
    customers = customers.filter(customers[ORDER_COUNT] > 0)
    recency_days = customers[AS_OF].delta(customers[LAST_ORDER_ON], unit="day")
    return customers.mutate(**{RECENCY_DAYS: recency_days.cast("int32")})
