"""Following: what the customers of earlier dates did in the days after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.vocabulary import (
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    FREQUENCY_SCORE,
    IS_RETURN,
    RECENCY_SCORE,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Table

_ORDERS, _FIRST_AFTER = "orders", "first_after_days"


@dataclass(frozen=True, slots=True)
class FollowedCell:
    """Customers of one date, segment, recency score and frequency score, and what they did.

    `came_counts` are those who ordered within each window; `order_count` the orders of all within
    the days for which the date is followed, `order_square_sum` the sum of their squares over
    customers. Of today's customers nothing is known yet: all zero.
    """

    as_of: date
    segment: str
    recency_score: int
    frequency_score: int
    customer_count: int
    came_counts: tuple[int, ...]
    order_count: int
    order_square_sum: int


def follow_customers(
    orders: Table,
    customers_on: Table,
    followed_days: Mapping[date, int],
    windows: Sequence[int],
) -> tuple[FollowedCell, ...]:
    """Return one entry per date, segment, recency and frequency score that holds customers.

    `customers_on` is one row per as_of and customer with as_of, customer_id, segment and the two
    scores; `orders` as from `cleaning.group_orders`. A date is followed for so many
    `followed_days`; one that is not in them is counted, and not followed. An order counts on the
    day on which it began. `windows` are in days.
    """
    later = _later_orders(orders, followed_days)
    keys = (AS_OF, SEGMENT, RECENCY_SCORE, FREQUENCY_SCORE)
    both = customers_on.select(CUSTOMER_ID, *keys).left_join(later, (AS_OF, CUSTOMER_ID))
    both = both.select(*keys, _ORDERS, _FIRST_AFTER)
    counted = both.group_by(*keys).agg(
        customer_count=both.count(),
        order_count=both[_ORDERS].sum(),
        order_square_sum=(both[_ORDERS] * both[_ORDERS]).sum(),
        **{f"came_{days}": (both[_FIRST_AFTER] < days).sum() for days in windows},
    )
    rows = fetch_rows(counted.order_by(*keys))
    return tuple(_cell(row, windows) for row in rows)


def _later_orders(orders: Table, followed_days: Mapping[date, int]) -> Table:
    """Return one row per date and customer who ordered after it, with how many and how soon."""
    kept = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    days = ibis.array([ibis.date(day) for day in followed_days])
    on_days = kept.select(CUSTOMER_ID, FIRST_AT, **{AS_OF: days.unnest()})
    after = on_days[FIRST_AT].date().delta(on_days[AS_OF], unit="day")
    until = ibis.cases(
        *((on_days[AS_OF] == ibis.date(day), length) for day, length in followed_days.items()),
        else_=0,
    )
    on_days = on_days.mutate(after=after, until=until)
    within = on_days.filter((on_days["after"] >= 0) & (on_days["after"] < on_days["until"]))
    return within.group_by(AS_OF, CUSTOMER_ID).agg(
        **{_ORDERS: within.count(), _FIRST_AFTER: within["after"].min()}
    )


def _cell(row: Mapping[str, Any], windows: Sequence[int]) -> FollowedCell:
    return FollowedCell(
        as_of=row[AS_OF],
        segment=row[SEGMENT],
        recency_score=row[RECENCY_SCORE],
        frequency_score=row[FREQUENCY_SCORE],
        customer_count=row["customer_count"],
        came_counts=tuple(row[f"came_{days}"] or 0 for days in windows),
        order_count=int(row["order_count"] or 0),
        order_square_sum=int(row["order_square_sum"] or 0),
    )
