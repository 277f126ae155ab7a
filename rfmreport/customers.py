"""Customers: from kept orders to one row per customer with recency, frequency and revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from rfmreport.columns import (
    AMOUNT,
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
    counted = kept_orders(orders)
    counted = counted.filter(counted[FIRST_AT] < ibis.timestamp(as_of.isoformat()))
    is_purchase = ~counted[IS_RETURN]
    last_order_on = counted[LAST_AT].max(where=is_purchase).date()
    customers = counted.group_by(CUSTOMER_ID).agg(
        **{
            ORDER_COUNT: is_purchase.sum(),
            REVENUE: counted[AMOUNT].sum(),
            FIRST_ORDER_ON: counted[FIRST_AT].min(where=is_purchase).date(),
            LAST_ORDER_ON: last_order_on,
        }
    )
    customers = customers.filter(customers[ORDER_COUNT] > 0)
    recency_days = ibis.date(as_of).delta(customers[LAST_ORDER_ON], unit="day")
    return customers.mutate(**{RECENCY_DAYS: recency_days.cast("int32")})
