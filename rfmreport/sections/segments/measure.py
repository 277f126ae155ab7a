"""One row per segment: customers, revenue, orders, and the median customer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.vocabulary import (
    ORDER_COUNT,
    RECENCY_DAYS,
    REVENUE,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table


@dataclass(frozen=True, slots=True)
class SegmentFigures:
    """The figures of one segment, or of all customers (`segment` is None).

    Medians and the mean are over customers; None where there is no customer.
    """

    segment: str | None
    customer_count: int
    revenue: Decimal
    order_count: int
    median_recency_days: float | None = None
    median_order_count: float | None = None
    median_revenue: Decimal | None = None

    @property
    def mean_revenue(self) -> Decimal | None:
        """Return revenue per customer."""
        return self.revenue / self.customer_count if self.customer_count else None

    @property
    def average_order_value(self) -> Decimal | None:
        """Return revenue per order."""
        return self.revenue / self.order_count if self.order_count else None


def summarise_segments(
    customers: Table, names: Sequence[str]
) -> tuple[tuple[SegmentFigures, ...], SegmentFigures]:
    """Return the figures of each named segment, in that order, and of all customers.

    `customers` is one row per customer with the three measures and `segment`.
    """
    both = customers.mutate(group=customers[SEGMENT]).union(
        customers.mutate(group=ibis.null("string"))
    )
    frame = fetch_rows(
        both.group_by("group").agg(
            customer_count=both.count(),
            revenue=both[REVENUE].sum(),
            order_count=both[ORDER_COUNT].sum(),
            median_recency_days=both[RECENCY_DAYS].median(),
            median_order_count=both[ORDER_COUNT].median(),
            median_revenue=both[REVENUE].cast("float64").median(),
        )
    )
    by_name = {row["group"]: _figures(row) for row in frame}
    empty = {name: SegmentFigures(name, 0, Decimal(0), 0) for name in names}
    return tuple(by_name.get(name, empty[name]) for name in names), by_name[None]


def _figures(row: dict[str, object]) -> SegmentFigures:
    values = {name: value for name, value in row.items() if name != "group"}
    # The engine's median is a double; amounts have four decimals, so the mean of two has five.
    median = Decimal(str(round(values.pop("median_revenue"), 5)))  # type: ignore[call-overload]
    return SegmentFigures(segment=row["group"], median_revenue=median, **values)  # type: ignore[arg-type]
