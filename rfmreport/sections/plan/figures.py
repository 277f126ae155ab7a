"""What the customers mean for the plan: months by segment, what came back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class MonthBySegment:
    """One complete month's revenue, by what its customers were when the month began.

    `by_segment` in the order of `MonthsBySegment.segments`; None where the data before the month
    are too short to name segments. `returning` is from customers whose earlier orders lay outside
    the window (zero without a window), `new` from those who first ordered in this month.
    `known` = all but the new ones. `by_segment` + `returning` + `new` = `revenue`.
    """

    first_day: date
    revenue: Decimal
    new: Decimal
    returning: Decimal
    by_segment: tuple[Decimal, ...] | None

    @property
    def known(self) -> Decimal:
        """Return the revenue from customers who had ordered before this month."""
        return self.revenue - self.new


@dataclass(frozen=True, slots=True)
class MonthsBySegment:
    """The last complete months, oldest first: thirteen, or as many as there are."""

    segments: tuple[str, ...]
    rows: tuple[MonthBySegment, ...]


@dataclass(frozen=True, slots=True)
class ReturnMonth:
    """What customers gave back, and what was cancelled, in one complete month.

    `returned` is the money given back for goods (not freight and fees), a positive amount, in
    `return_count` orders; `cancelled` the worth of orders that came to nothing by their status, in
    `cancelled_count`. `gross` is what was bought before returns; `return_rate` is returned / gross,
    None where nothing was bought.
    """

    first_day: date
    gross: Decimal
    returned: Decimal
    return_count: int
    cancelled: Decimal
    cancelled_count: int
    return_rate: float | None


@dataclass(frozen=True, slots=True)
class Returns:
    """Returns and cancellations by month, oldest first, and all months together.

    Known customers only. `are_netted` says whether the report's revenue has them subtracted
    already; else they are left out of it and not subtracted. `largest` is the largest amount that
    one customer gave back in one order, on `largest_on`.

    What lies outside the rows: `elsewhere` is given back for goods on days of no such month,
    `since` what of it came after the last one, with the `largest_since` on `largest_since_on`;
    `charges` is cancelled freight, fees and postings, of all days.
    """

    rows: tuple[ReturnMonth, ...]
    total: ReturnMonth
    are_netted: bool
    largest: Decimal
    largest_on: date | None
    elsewhere: Decimal = Decimal(0)
    since: Decimal = Decimal(0)
    largest_since: Decimal = Decimal(0)
    largest_since_on: date | None = None
    charges: Decimal = Decimal(0)
