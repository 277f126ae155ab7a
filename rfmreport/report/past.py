"""What earlier dates tell: what moved, whether segments hold, the ruler, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from rfmreport.report.estimate import Estimate


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


@dataclass(frozen=True, slots=True)
class MovedCustomer:
    """One customer who changed segments, with what to know before calling."""

    customer_id: str
    before: str
    now: str
    reason: str
    recency_days: int
    order_count: int
    revenue: Decimal
    last_order_on: date


@dataclass(frozen=True, slots=True)
class Movement:
    """From where to where customers moved between two dates, both under the same cuts.

    `slipped` are the most valuable customers who went from `top_segments` to a lower segment, most
    revenue first; `slipped_count` and `slipped_revenue` are of all of them. `restated_from` names
    the earlier report that `before_count` was taken from.
    """

    before_as_of: date
    flows: tuple[Flow, ...]
    bridges: tuple[SegmentBridge, ...]
    top_segments: tuple[str, ...]
    slipped: tuple[MovedCustomer, ...]
    slipped_count: int
    slipped_revenue: Decimal
    restated_from: str | None = None


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


NEW_CUTS = "new_cuts"


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


@dataclass(frozen=True, slots=True)
class Drift:
    """How one measure's scores spread over customers when the cuts were fitted, and now.

    Shares run from score 1 up. `stability_index` is the population stability index: the sum over
    scores of (now - then) x ln(now / then).
    """

    measure: Literal["recency_days", "order_count", "revenue"]
    shares_then: tuple[float, ...]
    shares_now: tuple[float, ...]
    stability_index: float


@dataclass(frozen=True, slots=True)
class RefitMove:
    """Customers whose segment differs between the saved cuts and newly fitted ones."""

    saved: str
    refitted: str
    customer_count: int


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where the cuts come from, and how well they still fit.

    `origin` "fitted": made for this report; "saved": re-used; "refitted": made anew although saved
    ones were there (`reason` says why); "fixed": from the settings or the scheme, and "ranked":
    from ranks, with no bounds that two dates could share; neither is saved.
    `refit_moves` are customers who stand elsewhere under one than under the other, of all
    `customer_count` customers; drift and moves are empty where no saved cuts were compared.
    """

    origin: Literal["fitted", "saved", "refitted", "fixed", "ranked"]
    reason: str
    fitted_as_of: date | None
    fitted_customer_count: int | None
    customer_count: int
    drift: tuple[Drift, ...] = ()
    refit_moves: tuple[RefitMove, ...] = ()

    @property
    def moved_count(self) -> int:
        """Return the customers who stand elsewhere under the other cuts."""
        return sum(move.customer_count for move in self.refit_moves)


@dataclass(frozen=True, slots=True)
class Lift:
    """What a measure did: those it reached against a control group that it left alone.

    Shares are of customers with an order since the decision. `difference` is reached less control,
    with its 95 % interval. `needed_count` is how many customers each group needs to show a
    difference as large as the one seen, None where the interval already excludes zero.
    """

    reached: Estimate
    control: Estimate
    difference: Estimate
    needed_count: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of the shop's, and what happened to the segment since.

    `customer_count` is the segment's size on the day of the decision, of whom `ordered` is the
    share that ordered since; `now_count` its size now; `stayed_or_better_count` how many of them
    are in the segment or a better one now. `lift` is None without a control group, or where `note`
    says why.
    """

    segment: str
    action: str
    owner: str
    since: date
    customer_count: int | None
    now_count: int
    stayed_or_better_count: int | None
    ordered: Estimate | None
    lift: Lift | None
    note: str
