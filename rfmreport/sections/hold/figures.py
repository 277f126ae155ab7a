"""Facts of whether segments hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from rfmreport.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class HoldOutRow:
    """One segment at an earlier date, and what its customers did in the horizon after it.

    `share` is the share that ordered again (Wilson interval); `revenue_per_customer` the mean over
    all of them, who ordered or not (bootstrap interval); `revenue_per_returner` the median spend of
    those who ordered, None where nobody did.
    """

    segment: str
    customer_count: int
    returned_count: int
    share: Estimate
    revenue_per_customer: Estimate
    revenue_per_returner: Decimal | None


@dataclass(frozen=True, slots=True)
class HoldOut:
    """The segments as of one earlier date, best first; those without customers are left out."""

    as_of: date
    rows: tuple[HoldOutRow, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two segments next to each other in the scheme, and whether the better one came back more.

    `difference` is the better one's share less the worse one's, with its 95 % interval; "unclear":
    the interval holds zero; "too few": one has fewer customers than a claim needs.
    """

    better: str
    worse: str
    difference: Estimate
    verdict: Literal["in order", "unclear", "wrong order", "too few"]


@dataclass(frozen=True, slots=True)
class SchemeTrial:
    """What another scheme would have said of the same customers at the same earlier date.

    `pairs_in_order` of `pair_count` neighbouring segments came back clearly in the scheme's order,
    `pairs_wrong` clearly against it. `rank_quality` is the chance that of one customer who
    came back and one who did not, the one who did stood in the better segment (ties count half).
    """

    scheme: str
    title: str
    segment_count: int
    top_segment: str
    top_customer_count: int
    top_customer_share: float
    top_return_share: Estimate | None
    pairs_in_order: int
    pairs_wrong: int
    pair_count: int
    rank_quality: float | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether the segments hold: `hold_outs` are latest first; `neighbours` are of the latest."""

    horizon_days: int
    hold_outs: tuple[HoldOut, ...]
    neighbours: tuple[Neighbours, ...]
    trials: tuple[SchemeTrial, ...]


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """The top segment under one choice that could have been made otherwise.

    `choice` says what is different from the report ("Returns subtracted"); the first row of all is
    the report itself. Cuts are fitted anew under each choice; where the report has other cuts, the
    second row (key `NEW_CUTS`) is the report under new ones, and the others compare with it.
    """

    key: str
    choice: str
    customer_count: int
    revenue: Decimal
    top_customer_count: int
    top_customer_share: float
    top_revenue: Decimal
    top_revenue_share: float
