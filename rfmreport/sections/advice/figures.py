"""Whom a contact is worth most: reach x chance x value by segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class AudienceValue:
    """One segment as an audience: how many, who comes anyway, what a contact could add.

    `shares` are the chances to order as things were, one per window of `Reach.windows`;
    `responders` = `contact_count` x share, one per window. `revenue_per_buyer` is what the median
    customer of the segment who came back spent within `Reach.days`. `revenue_anyway` is what the
    segment brings in these days without a contact, None where it could not be foretold. `extra_low`
    to `extra_high` is what the settings' extra buyers would spend (`extra_buyers`), and
    `extra_per_contact` the middle of the two per customer contacted.
    """

    segment: str
    contact_count: int
    shares: tuple[Estimate, ...]
    responders: tuple[float, ...]
    revenue_per_buyer: Decimal
    revenue_anyway: Estimate | None
    extra_buyers: tuple[float, float]
    extra_low: Decimal
    extra_high: Decimal
    extra_per_contact: Decimal


@dataclass(frozen=True, slots=True)
class Reach:
    """The segments as audiences, those that a contact could add most to first.

    `extra_points` are the report's setting, customers in a hundred more who come within `days`: a
    supposition, not a forecast. `untold` names the segments of which the past knows too few.
    """

    days: int
    windows: tuple[int, ...]
    extra_points: tuple[float, float]
    rows: tuple[AudienceValue, ...]
    untold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One costed piece of advice: whom, what, why now, what it could bring, how to measure it.

    `low` and `high` bound the extra revenue, over customers who return anyway, and are None where
    the history is too short to say (`range_note` says which). `extra_points` are the customers in a
    hundred more that they suppose.
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
    extra_points: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PlaybookCard:
    """What to know and do about one segment, with the figures filled in.

    `first` says whom the segment's list begins with: those of whom most is to come, or those who
    have brought most. `contact` says what contacting all of them could bring, empty without costs.
    """

    segment: str
    color: str
    description: str
    worth: str
    impact: str
    actions: tuple[str, ...]
    offer: str
    channel: str
    timing: str
    measure: str
    department: str
    evidence: str
    first: Literal["expected_value", "revenue"] = "expected_value"
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What one segment, or all customers, should bring in the next `Targets.days` days.

    `floor` is what comes without doing anything (`Outlook`), with its bounds. `target` and
    `stretch` are the floor and so many extra buyers, each spending `revenue_per_buyer`, what the
    median customer of the segment who came back spent (None for all customers together). Extra
    buyers are `Targets.extra_points` customers in a hundred, unrounded, but no more than do not
    come anyway: the range of the recommendations. Where too few came back to say what they spend,
    there are none, and both are the floor.
    """

    segment: str
    customer_count: int
    floor: Estimate
    revenue_per_buyer: Decimal | None
    target_buyers: float
    target: Decimal
    stretch_buyers: float
    stretch: Decimal


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by segment, best first; with customers still to be won they add up to `total`.

    `extra_points` are the report's setting: customers in a hundred more who come back, for target
    and stretch. The floor of the total is the report's forecast.
    """

    days: int
    extra_points: tuple[float, float]
    rows: tuple[Target, ...]
    total: Target
