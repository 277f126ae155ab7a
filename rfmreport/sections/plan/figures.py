"""What the customers mean for the plan: months by segment, projected revenue, what came back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.kit.tables import money_range

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.models.forecast import Forecast
    from rfmreport.vocabulary import Estimate


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
class Reconciliation:
    """The projection, for all customers to come, beside the outlook, for today's customers alone.

    `new_share` is the part of the revenue of the last months (as many as are projected) that came
    from customers who first ordered in them; so `expected_of_known` = projection x (1 - new_share)
    is what the projection leaves to customers known today. `outlook` says what they bring by their
    own past, brought from `outlook_days` to the projection's days. `past_error` is how far off the
    projection's rule was on average on the past, relative.
    """

    new_share: float
    expected_of_known: Estimate
    outlook_days: int
    outlook: Estimate
    past_error: float

    @property
    def difference(self) -> float:
        """Return how far the outlook lies above (below: negative) what the projection leaves."""
        return self.outlook.value / self.expected_of_known.value - 1

    @property
    def agrees(self) -> bool:
        """Say whether each lies in the other's bounds, and no further off than the rule usually is.

        Bounds alone would call a part larger than the whole agreement, if they are wide enough.
        """
        one, other = self.expected_of_known, self.outlook
        is_inside = one.low <= other.value <= one.high and other.low <= one.value <= other.high
        return is_inside and abs(self.difference) <= self.past_error

    @property
    def overlaps(self) -> bool:
        """Say whether the bounds meet, so that neither excludes the other."""
        one, other = self.expected_of_known, self.outlook
        return one.low <= other.high and other.low <= one.high


@dataclass(frozen=True, slots=True)
class Projection:
    """The revenue of the next `month_count` calendar months after the last complete one.

    `forecast.first_day` is the first day of the first of them, which may have begun already:
    `so_far` is what came in it until the report's date. `per_month` are the forecast's parts, one
    a month, in order, and sum to it. `year_before` is what the same months brought a year earlier,
    None where the data do not reach back; `knows_season` says whether the rule takes the season
    into account. `reconciliation` is None where nothing was foretold of today's customers.
    """

    month_count: int
    forecast: Forecast
    per_month: tuple[Decimal, ...]
    so_far: Decimal
    reconciliation: Reconciliation | None = None


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


def reconciled_words(projection: Projection, formats: Formats) -> str:
    """Say whether today's customers, by their own past, bring what the projection leaves them."""
    found, whole = projection.reconciliation, projection.forecast
    if found is None:
        return ""
    left, outlook = found.expected_of_known, found.outlook
    months = formats.count(projection.month_count)
    return (
        f"Of the {formats.money_short(whole.value)} projected "
        f"({money_range(whole, formats)}), "
        f"{formats.money_short(left.value)} ({money_range(left, formats)}) would "
        "come from customers known today: in the last "
        f"{months} months {formats.share(found.new_share, 0)} of revenue came from customers whose "
        "first order lay in them. By their own past those known today bring "
        f"{formats.money_short(outlook.value)} ({money_range(outlook, formats)}):"
        f" {_verdict_words(found, formats)}."
    )


def _verdict_words(found: Reconciliation, formats: Formats) -> str:
    if found.agrees:
        return "the two agree"
    by = formats.share(abs(found.difference), 0)
    way = "more" if found.difference > 0 else "less"
    if not found.overlaps:
        return f"{by} {way}, beyond the ranges of both. The two do not agree: trust neither alone"
    return (
        f"{by} {way}, while the rule was off by {formats.share(found.past_error, 0)} on the past. "
        "The ranges overlap, so neither can be excluded: plan with the wider one"
    )
