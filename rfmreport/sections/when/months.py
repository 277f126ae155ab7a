"""Calendar months: revenue, orders, customers, and how many of them had bought before."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.customers import history
from rfmreport.engine.results import fetch_rows
from rfmreport.sections.when.figures import Month
from rfmreport.vocabulary import (
    AMOUNT,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    FIRST_ORDER_ON,
    IS_RETURN,
    next_month,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ibis.expr.types import Table

    from rfmreport.shop import Shop


def tell_months(shop: Shop) -> tuple[tuple[Month, ...], tuple[Month, ...]]:
    """Return the months of the report, and all that the data know, also those before a window."""
    people = shop.table("customers")
    if shop.window_months is None:
        found = summarise_months(
            shop.table("orders"), people, shop.first_day, shop.as_of, shop.covered
        )
        return found, found
    orders = shop.table("all_orders")
    people = history.with_first_orders(people, orders)
    return (
        summarise_months(shop.table("orders"), people, shop.first_day, shop.as_of, shop.covered),
        summarise_months(
            orders,
            history.everybody(orders),
            shop.first_known_day,
            shop.as_of,
            (shop.covered_from, shop.covered[1]),
        ),
    )


def summarise_months(
    orders: Table, customers: Table, first_day: date, as_of: date, covered: tuple[date, date]
) -> tuple[Month, ...]:
    """Return every calendar month from `first_day` up to `as_of`, also those without an order.

    `orders` as from `cleaning.group_orders`; `customers` with first_order_on. A month is complete
    where the data cover each of its days: they are `covered` from the first day given to the one
    before the second.
    """
    covered_from, covered_until = covered
    kept = orders.filter(orders[EXCLUSION].isnull())
    joined = kept.join(customers.select(CUSTOMER_ID, FIRST_ORDER_ON), CUSTOMER_ID)
    joined = joined.mutate(month=joined[FIRST_AT].date().truncate("M"))
    is_purchase = ~joined[IS_RETURN]
    counted = joined.group_by("month").agg(
        revenue=joined[AMOUNT].sum(),
        # Whole numbers, so that the sum does not depend on the order of the rows; wide ones, for in
        # some currencies an order is of billions.
        square_sum=(joined[AMOUNT].cast("float64") ** 2).cast("decimal(38, 0)").sum(),
        order_count=is_purchase.sum(),
        customer_count=joined[CUSTOMER_ID].nunique(where=is_purchase),
        returning_customer_count=joined[CUSTOMER_ID].nunique(
            where=is_purchase & (joined[FIRST_ORDER_ON] < joined.month)
        ),
    )
    by_month = {row.pop("month"): row for row in fetch_rows(counted)}
    return tuple(
        _month(
            first,
            by_month.get(first),
            complete=covered_from <= first and next_month(first) <= covered_until,
        )
        for first in _month_starts(first_day, as_of)
    )


def _month_starts(first_day: date, as_of: date) -> Iterator[date]:
    month = first_day.replace(day=1)
    while month < as_of:
        yield month
        month = next_month(month)


def _month(first: date, row: dict[str, object] | None, *, complete: bool) -> Month:
    figures = row or {
        "revenue": Decimal(0),
        "square_sum": 0.0,
        "order_count": 0,
        "customer_count": 0,
        "returning_customer_count": 0,
    }
    figures["square_sum"] = float(figures["square_sum"])  # type: ignore[arg-type]
    return Month(first, complete=complete, **figures)  # type: ignore[arg-type]
