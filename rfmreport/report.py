"""The finished report: typed, frozen, and the only thing that renderers read.

Money is `Decimal` in the source's currency, shares are fractions of one, dates are whole
calendar days. Nothing here computes; the stages fill it in and the renderers print it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

Unit = Literal["money", "count", "share", "days", "number"]
Number = int | float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or mean with its 95 % interval and the number of customers behind it."""

    value: float
    low: float
    high: float
    customer_count: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a figure did against an earlier period.

    `relative` is (now - before) / before, or None for shares; `points` is the difference of two
    shares, or None for amounts; `against` names the earlier period ("October 2011").
    """

    against: str
    relative: float | None = None
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure of the strip on the first page, with its period, change and history.

    `trend` holds one value per complete month, oldest first, the last being `value`; `change`
    is None where no earlier period exists, and then `no_change_reason` says so. `year_change` is
    against the same month a year earlier, None where the data do not reach back.
    """

    key: str
    label: str
    value: Decimal | Number
    unit: Unit
    period: str
    change: Change | None
    no_change_reason: str
    trend: tuple[float, ...]
    year_change: Change | None = None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment, or the total over all of them.

    `revenue` and `order_count` are of the kept lines in the window; medians are over customers;
    `previous_customer_count` and `previous_revenue_share` are of `SegmentTable.previous_as_of`,
    `year_before_customer_count` of `year_before_as_of`, both under the same cuts;
    `return_share` is the share of customers of this segment `horizon_days` ago who ordered again
    since; `revenue_per_returner` what the median one of those spent.
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


@dataclass(frozen=True, slots=True)
class MapCell:
    """One recency score × frequency score: its customers and what they look like.

    `segment` is the one that holds most of the cell's customers.
    """

    recency_score: int
    frequency_score: int
    customer_count: int
    revenue: Decimal
    mean_revenue: Decimal
    mean_recency_days: float
    mean_order_count: float
    segment: str


@dataclass(frozen=True, slots=True)
class RfmMap:
    """The cells that hold customers, and a readable label per score ("15-32 days", "4-5 orders").

    Labels run from score 1 to the highest score.
    """

    bins: int
    cells: tuple[MapCell, ...]
    recency_labels: tuple[str, ...]
    frequency_labels: tuple[str, ...]
    monetary_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DistributionBin:
    """Customers whose value lies in [low, high); the last bin holds everything above `low`."""

    low: float
    high: float
    customer_count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """How one of the three measures spreads over customers, with the cuts between scores."""

    measure: Literal["recency_days", "order_count", "revenue"]
    bins: tuple[DistributionBin, ...]
    cuts: tuple[float, ...]
    lower_quartile: float
    median: float
    upper_quartile: float
    top_percent: float


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month of kept purchases; `complete` is False for a cut first or last month.

    `returning_customer_count` counts customers with an order in an earlier month;
    `square_sum` is the sum of squared order amounts, of which chance's share of a change is made;
    `top_segment_revenue` is revenue from the customers that are in the top segment today.
    """

    first_day: date
    complete: bool
    revenue: Decimal
    order_count: int
    customer_count: int
    returning_customer_count: int
    top_segment_revenue: Decimal
    square_sum: float = 0.0


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

    `pairs_in_order` of `pair_count` neighbouring segments came back in the scheme's order, and
    `pairs_wrong` of them clearly against it. `rank_quality` is the chance that of one customer who
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
    the report itself. Cuts are fitted anew under each choice, but for the report's own row.
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
    ones were there (`reason` says why); "fixed": from the settings, scheme or ranks, never saved.
    `refit_moves` are customers who stand elsewhere under one than under the other, of all
    `customer_count` customers; drift and moves are empty where no saved cuts were compared.
    """

    origin: Literal["fitted", "saved", "refitted", "fixed"]
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


@dataclass(frozen=True, slots=True)
class Insight:
    """One sentence that the data prove, with everything needed to check it.

    `worth` is the money the sentence is about, used to rank; `numbers` are the unrounded values
    in it; `formula` says how they were made; `sample_size` is the n behind the claim.
    """

    key: str
    headline: str
    detail: str
    numbers: Mapping[str, Decimal | Number | str]
    sample_size: int
    formula: str
    worth: Decimal
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One costed piece of advice: whom, what, why now, what it could bring, how to measure it.

    `low` and `high` bound the extra revenue, over customers who return anyway, and are None where
    the history is too short to say (`range_note` says which).
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
    """What to know and do about one segment, with the figures filled in."""

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


@dataclass(frozen=True, slots=True)
class AuditRow:
    """The verdict that some lines got; `exclusion` is None for the kept ones.

    Orders are counted once: an order with at least one kept line is kept, any other falls under
    the first rule that took one of its lines. So lines, orders and money each add up to the file.
    """

    exclusion: str | None
    label: str
    line_count: int
    order_count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Audit:
    """The bridge from everything read to what was analysed: `kept` + `excluded` = `read`.

    `kept_adjustments` are rows that are part of `kept` and shown apart (returns netted).
    """

    read: AuditRow
    excluded: tuple[AuditRow, ...]
    kept: AuditRow
    kept_adjustments: tuple[AuditRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the data that a reader should know, with its size.

    `amount` is the money touched, None where it cannot be known.
    """

    key: str
    severity: Literal["note", "warning"]
    text: str
    line_count: int | None = None
    amount: Decimal | None = None
    order_count: int | None = None


@dataclass(frozen=True, slots=True)
class SchemeCell:
    """One (R, F, M) code and its segment."""

    recency_score: int
    frequency_score: int
    monetary_score: int
    segment: str


@dataclass(frozen=True, slots=True)
class CutsRow:
    """The bounds of one measure in words: score 1 to the highest, with its customers."""

    measure: Literal["recency_days", "order_count", "revenue"]
    score: int
    label: str
    customer_count: int


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """Which heading of the source plays which role."""

    role: str
    heading: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read (or sheet of one), with its fingerprint."""

    name: str
    sheet: str | None
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Method:
    """How the report was made: everything needed to make it again."""

    version: str
    sources: tuple[SourceFile, ...]
    columns: tuple[ColumnUse, ...]
    settings: Mapping[str, str]
    settings_sha256: str
    scheme_name: str
    scheme_title: str
    scheme_source: str
    scheme_cells: tuple[SchemeCell, ...]
    cuts_method: str
    cuts: tuple[CutsRow, ...]
    definitions: tuple[tuple[str, str], ...]
    library_versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Untold:
    """A topic that these data cannot carry, and why: one sentence, for the reader."""

    topic: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the report says. `first_day` to `last_day` is the analysed period, inclusive.

    `month` is the first day of the month that was asked for; None where none was. What is None or
    empty among the last ones could not be told from these data.
    """

    shop: str
    currency: str | None
    locale: str
    first_day: date
    last_day: date
    as_of: date
    headline: str
    standfirst: str
    kpis: tuple[Kpi, ...]
    months: tuple[Month, ...]
    segments: SegmentTable
    rfm_map: RfmMap
    distributions: tuple[Distribution, ...]
    insights: tuple[Insight, ...]
    recommendations: tuple[Recommendation, ...]
    playbook: tuple[PlaybookCard, ...]
    audit: Audit
    findings: tuple[Finding, ...]
    method: Method = field(repr=False)
    month: date | None = None
    ruler: Ruler | None = None
    movement: Movement | None = None
    holding: Holding | None = None
    sensitivity: tuple[SensitivityRow, ...] = ()
    decisions: tuple[Decided, ...] = ()
    untold: tuple[Untold, ...] = ()
