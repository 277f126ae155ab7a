"""Facts of the segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment, or the total over all of them.

    `revenue` and `order_count` are of the kept lines in the window; medians are over customers;
    `previous_customer_count` and `previous_revenue_share` are of `SegmentTable.previous_as_of`,
    `year_before_customer_count` of `year_before_as_of`, both under the same cuts;
    `return_share` is the share of customers of this segment `horizon_days` ago who ordered again
    since; `revenue_per_returner` what the median one of those spent. `anyway` is the share that can
    be expected to order in the `horizon_days` to come, as things were: the baseline of all advice.
    """

    name: str
    color: str
    customer_count: int
    customer_share: float
    revenue: Decimal
    revenue_share: float
    order_count: int
    average_order_value: Decimal | None
    median_recency_days: float | None
    median_order_count: float | None
    median_revenue: Decimal | None
    mean_revenue: Decimal | None
    previous_customer_count: int | None
    return_share: Estimate | None
    revenue_per_returner: Decimal | None
    impact: str
    previous_revenue_share: float | None = None
    year_before_customer_count: int | None = None
    anyway: Estimate | None = None


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """The segments in the scheme's order, best first, and their total.

    Segments of the scheme that hold no customer stay in the table with zeros.
    """

    rows: tuple[SegmentRow, ...]
    total: SegmentRow
    previous_as_of: date | None
    hold_out_as_of: date | None
    horizon_days: int
    year_before_as_of: date | None = None
