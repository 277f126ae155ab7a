"""Facts of whether segments hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.kit.sentences import Sentence

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
class ScoreTrial:
    """Who came back by one score alone, at the latest earlier date.

    `best` is the share of those with the highest score, `worst` of the lowest; `tells` says that
    the interval of their difference lies above zero.
    """

    measure: str
    best: Estimate
    worst: Estimate
    tells: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether the segments hold: `hold_outs` are latest first; all else is of the latest.

    Customers of an earlier day have their scores by cuts that were fitted to that day: what came
    later is not in them.
    """

    horizon_days: int
    hold_outs: tuple[HoldOut, ...]
    neighbours: tuple[Neighbours, ...]
    trials: tuple[SchemeTrial, ...]
    scores: tuple[ScoreTrial, ...] = ()

    @property
    def verdict(self) -> Literal["held", "partly", "did not hold", "untested"]:
        """Say whether each segment came back clearly more than the next, some did, or none."""
        tested = [pair.verdict for pair in self.neighbours if pair.verdict != "too few"]
        if not tested:
            return "untested"
        in_order = tested.count("in order")
        if in_order == len(tested):
            return "held"
        return "partly" if in_order else "did not hold"


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


_VERDICTS = {
    "held": "The segments held: as of {day:day}, each came back clearly more than the next.",
    "partly": (
        "The segments held in part: as of {day:day}, {held:count} of {tested:count} came back "
        "clearly more than the next."
    ),
    "did not hold": (
        "The segments did not hold: as of {day:day}, none came back clearly more than the next."
    ),
    "untested": "Whether the segments hold could not be tested: the past has too few customers.",
}
_MEASURES = {
    "recency_days": "time since the last order",
    "order_count": "the number of orders",
    "revenue": "revenue",
}


def verdict_told(holding: Holding | None, *, has_orders: bool = True) -> Sentence:
    """Say whether the segments held, both ways, in one line."""
    if not has_orders:
        return Sentence(
            "Whether the segments hold could not be tested: that needs the orders, and a table "
            "with one row per customer has none."
        )
    if holding is None or not holding.hold_outs:
        return Sentence("Whether the segments hold could not be tested: the history is too short.")
    tested = [pair.verdict for pair in holding.neighbours if pair.verdict != "too few"]
    return Sentence(
        _VERDICTS[holding.verdict],
        {
            "day": holding.hold_outs[0].as_of,
            "held": tested.count("in order"),
            "tested": len(tested),
        },
    )


def what_tells(holding: Holding) -> Sentence:
    """Say by which score alone customers who come back can be told, or that by none."""
    telling = [one for one in holding.scores if one.tells]
    if not telling:
        return Sentence("Nor does any single score tell who comes back.")
    best = max(telling, key=lambda one: one.best.value - one.worst.value)
    return Sentence(
        "What does tell: {what}. By {most}, {best:percent} of the best score came back within "
        "{days:count} days, {worst:percent} of the worst.",
        {
            "what": " and ".join(_MEASURES[one.measure] for one in telling),
            "most": _MEASURES[best.measure],
            "best": best.best.value,
            "worst": best.worst.value,
            "days": holding.horizon_days,
        },
    )
