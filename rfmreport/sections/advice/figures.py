"""Whom a contact is worth most: reach x chance x value by segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from rfmreport.vocabulary import Estimate


Lever = Literal["order", "basket"]
"""What advice is to bring: orders that would not come, or larger ones of those that do."""


@dataclass(frozen=True, slots=True)
class Split:
    """Which `share` of a segment to leave alone, at random, and what that would show.

    `shows` is the smallest difference of the two shares who order that is seen four times in five,
    or of what their orders are worth on average, as a share of it, where baskets are to grow;
    `supposed` the largest that the advice supposes. Where it is smaller, a test `is_worth_it` not.
    """

    share: float
    shows: float
    supposed: float
    is_worth_it: bool


@dataclass(frozen=True, slots=True)
class Gain:
    """What asking all customers of one segment once is worth: `low` to `high`.

    `points_low` to `points_high` in a hundred of `reach` bring one `order_value` each: of the
    customers who would not order within the horizon, or for the lever "basket", of one order of
    each who would, which is so much larger. That is the revenue; worth is the `margin` on it (1
    where it is not known) less the `cost` of asking (0 likewise). `campaign` names what the shop
    decided where that told the points, and is empty where the settings suppose them.
    """

    segment: str
    lever: Lever
    customer_count: int
    reach: Decimal
    points_low: float
    points_high: float
    order_value: Decimal
    margin: Decimal
    cost: Decimal
    revenue_low: Decimal
    revenue_high: Decimal
    low: Decimal
    high: Decimal
    campaign: str = ""
    split: Split | None = None

    @property
    def break_even_points(self) -> float:
        """Return from how many points on the margin pays for the asking."""
        return float(100 * self.cost / (self.reach * self.order_value * self.margin))


@dataclass(frozen=True, slots=True)
class AudienceValue:
    """One segment as an audience: what asking it is worth, who comes anyway, what that brings.

    `shares` are the chances to order as things were, one per window of `Reach.windows`.
    `revenue_anyway` is what the segment brings without a contact, None where it was not foretold.
    """

    gain: Gain
    shares: tuple[Estimate, ...]
    revenue_anyway: Estimate | None

    @property
    def per_contact(self) -> Decimal:
        """Return the middle of what asking is worth, per customer."""
        return (self.gain.low + self.gain.high) / 2 / self.gain.customer_count


@dataclass(frozen=True, slots=True)
class Reach:
    """The segments as audiences, those most worth asking first.

    `windows` are empty where no chance can be said. `untold` names the segments of which the past
    knows too few.
    """

    days: int
    windows: tuple[int, ...]
    rows: tuple[AudienceValue, ...]
    untold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One costed piece of advice: whom, what, why now, what it is worth, how to measure it.

    `low` and `high` are those of the segment's `Gain`, None where it has none or the advice is to
    spend less (`range_note` says which).
    """

    segment: str
    title: str
    whom: str
    action: str
    why_now: str
    low: Decimal | None
    high: Decimal | None
    range_note: str
    measure: str
    department: str
    file: str


@dataclass(frozen=True, slots=True)
class PlaybookCard:
    """What to know and do about one segment, with the figures filled in.

    `first` says whom the segment's list begins with: those of whom most is to come, or those who
    have brought most. `gain` is what asking them is worth, None where that cannot be told.
    """

    segment: str
    color: str
    description: str
    impact: str
    recommendation: str
    actions: tuple[str, ...]
    offer: str
    channel: str
    timing: str
    measure: str
    department: str
    first: Literal["expected_value", "revenue"] = "expected_value"
    gain: Gain | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What one segment, or all customers, should bring in the next `Targets.days` days.

    `floor` is what comes without doing anything (`Outlook`), with its bounds. `target` and
    `stretch` are the floor and the revenue of the segment's `Gain`, the least and the most of it.
    """

    segment: str
    customer_count: int
    floor: Estimate
    target: Decimal
    stretch: Decimal


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by segment, best first; with customers still to be won they add up to `total`.

    The floor of the total is the report's forecast.
    """

    days: int
    rows: tuple[Target, ...]
    total: Target
