"""Facts of movement between two dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """Customers who stood in one segment on the earlier date and in another, or the same, now.

    `before` is None for those who were no customers then: new ones, or returning ones whose
    earlier orders lay outside the window. `now` is None for those whose orders have left it.
    `revenue` is what they have spent up to now (of those who left: up to the earlier date).
    """

    before: str | None
    now: str | None
    reason: Literal["stayed", "new", "returning", "bought", "aged", "restated"]
    customer_count: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class SegmentBridge:
    """How a segment came from its size at the earlier date to its size now.

    `before_count` + `restated` + `new` + `returning` + `bought` + `aged` = `now_count`, where each
    part is customers in minus customers out. `before_count` is what the earlier report said, where
    one was named, and else what the data say today.
    """

    segment: str
    before_count: int
    restated: int
    new: int
    returning: int
    bought: int
    aged: int
    now_count: int

    @property
    def change(self) -> int:
        """Return by how many customers the segment grew."""
        return self.now_count - self.before_count


@dataclass(frozen=True, slots=True)
class Reported:
    """What an earlier report, by its `name`, said of its date: how many were in each segment."""

    name: str
    customer_counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MovedCustomer:
    """One customer who changed segments, with what to know before calling.

    Between two days with orders usually lie `usual_gap_days` (the median), and never more than
    `longest_gap_days` until now.
    """

    customer_id: str
    before: str
    now: str
    reason: str
    recency_days: int
    order_count: int
    revenue: Decimal
    last_order_on: date
    usual_gap_days: float
    longest_gap_days: int


@dataclass(frozen=True, slots=True)
class SlippedBand:
    """Those who slipped and have spent from `revenue_from` to ten times that; days in medians."""

    revenue_from: int
    customer_count: int
    revenue: Decimal
    silent_days: float
    usual_gap_days: float
    longest_gap_days: float


@dataclass(frozen=True, slots=True)
class Movement:
    """From where to where customers moved between two dates, both under the same cuts.

    `slipped` are the most valuable customers who went from `top_segments` to a lower segment, have
    not ordered since and are overdue by their own rhythm, most revenue first;
    `slipped_count` and `slipped_revenue` are of all of them, `bands` all of them without names.
    `restated_from` names the earlier report that `before_count` was taken from.
    """

    before_as_of: date
    flows: tuple[Flow, ...]
    bridges: tuple[SegmentBridge, ...]
    top_segments: tuple[str, ...]
    slipped: tuple[MovedCustomer, ...]
    slipped_count: int
    slipped_revenue: Decimal
    restated_from: str | None = None
    bands: tuple[SlippedBand, ...] = ()
