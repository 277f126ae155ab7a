"""The finished report: typed, frozen, and the only thing that renderers read.

Money is `Decimal` in the source's currency, shares are fractions of one, dates are whole
calendar days. Nothing here computes; the stages fill it in and the renderers print it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rfmreport.report.accounts import (
    Account,
    Accounts,
    CountryRevenue,
    SegmentsByCountry,
    Target,
    Targets,
)
from rfmreport.report.clusters import (
    Agreement,
    ClusterCentre,
    Clusters,
    ClusterTrial,
    Overlap,
)
from rfmreport.report.cohorts import (
    Cohort,
    CohortGroup,
    CohortMonth,
    Cohorts,
    Loyalty,
    OneOrderGroup,
    PooledMonth,
    SecondOrderDay,
    SecondOrders,
)
from rfmreport.report.demand import Demand, HourBand, KeyProduct, KeyProducts, Peak, WeekdayDemand
from rfmreport.report.department_figures import DepartmentFigures
from rfmreport.report.departments import DepartmentSummary
from rfmreport.report.estimate import Estimate
from rfmreport.report.forecast import Forecast, ForecastRule, PastForecast
from rfmreport.report.habits import EntryProduct, EntryProducts, RepeatedProduct, RepeatedProducts
from rfmreport.report.past import (
    NEW_CUTS,
    Decided,
    Drift,
    Flow,
    Holding,
    HoldOut,
    HoldOutRow,
    Lift,
    MovedCustomer,
    Movement,
    Neighbours,
    RefitMove,
    Ruler,
    SchemeTrial,
    SegmentBridge,
    SensitivityRow,
)
from rfmreport.report.plan import (
    MonthBySegment,
    MonthsBySegment,
    Projection,
    Reconciliation,
    ReturnMonth,
    Returns,
)
from rfmreport.report.reach import AudienceValue, Reach
from rfmreport.report.rhythm import OverdueCustomer, OverdueSegment, Rhythm, RhythmTrial
from rfmreport.report.sells import (
    Affinity,
    BestProduct,
    Countries,
    CountryLeader,
    CountrySales,
    FirstTakers,
    Launch,
    Launches,
    Preference,
    Product,
    ProductSales,
    Sells,
    UptakeWeek,
)
from rfmreport.report.spread import Pareto, ParetoPoint, TailPart, WholesaleTail
from rfmreport.report.trends import (
    BusyBlock,
    Day,
    Season,
    SeasonTable,
    Trends,
    Weekday,
    WeekHour,
)
from rfmreport.report.worth import (
    ALL_TOLD,
    EVERYBODY,
    SMALL_SEGMENTS,
    Expected,
    ForecastTrial,
    Opportunity,
    Outlook,
    ReliabilityGroup,
    Respondents,
    Response,
    SpendTrial,
    Worth,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

__all__ = [
    "ALL_TOLD",
    "EVERYBODY",
    "NEW_CUTS",
    "SMALL_SEGMENTS",
    "Account",
    "Accounts",
    "Affinity",
    "Agreement",
    "AudienceValue",
    "Audit",
    "AuditRow",
    "BestProduct",
    "BusyBlock",
    "Change",
    "ClusterCentre",
    "ClusterTrial",
    "Clusters",
    "Cohort",
    "CohortGroup",
    "CohortMonth",
    "Cohorts",
    "ColumnUse",
    "Countries",
    "CountryLeader",
    "CountryRevenue",
    "CountrySales",
    "CutsRow",
    "Day",
    "Decided",
    "Demand",
    "DepartmentFigures",
    "DepartmentSummary",
    "Distribution",
    "DistributionBin",
    "Drift",
    "EntryProduct",
    "EntryProducts",
    "Estimate",
    "Expected",
    "Finding",
    "FirstTakers",
    "Flow",
    "Forecast",
    "ForecastRule",
    "ForecastTrial",
    "HoldOut",
    "HoldOutRow",
    "Holding",
    "HourBand",
    "Insight",
    "KeyProduct",
    "KeyProducts",
    "Kpi",
    "Launch",
    "Launches",
    "Lift",
    "Loyalty",
    "MapCell",
    "Method",
    "Month",
    "MonthBySegment",
    "MonthsBySegment",
    "MovedCustomer",
    "Movement",
    "Neighbours",
    "OneOrderGroup",
    "Opportunity",
    "Outlook",
    "OverdueCustomer",
    "OverdueSegment",
    "Overlap",
    "Pareto",
    "ParetoPoint",
    "PastForecast",
    "Peak",
    "PlaybookCard",
    "PooledMonth",
    "Preference",
    "Product",
    "ProductSales",
    "Projection",
    "Reach",
    "Recommendation",
    "Reconciliation",
    "RefitMove",
    "ReliabilityGroup",
    "RepeatedProduct",
    "RepeatedProducts",
    "Report",
    "Respondents",
    "Response",
    "ReturnMonth",
    "Returns",
    "RfmMap",
    "Rhythm",
    "RhythmTrial",
    "Ruler",
    "SchemeCell",
    "SchemeTrial",
    "Season",
    "SeasonTable",
    "SecondOrderDay",
    "SecondOrders",
    "SegmentBridge",
    "SegmentRow",
    "SegmentTable",
    "SegmentsByCountry",
    "Sells",
    "SensitivityRow",
    "SourceFile",
    "SpendTrial",
    "TailPart",
    "Target",
    "Targets",
    "Trends",
    "Untold",
    "UptakeWeek",
    "WeekHour",
    "Weekday",
    "WeekdayDemand",
    "WholesaleTail",
    "Worth",
]

_TOLD_AT_ONCE = ("month_incomplete", "new_cuts", "refit", "previous", "restated")
Unit = Literal["money", "count", "share", "days", "number"]
Number = int | float


@dataclass(frozen=True, slots=True)
class Change:
    """What a figure did against an earlier period.

    `relative` is (now - before) / before, or None for shares; `points` is the difference of two
    shares, or None for amounts; `against` names the earlier period ("October 2011").
    `within_chance` is set where chance alone lets the two differ as much.
    """

    against: str
    relative: float | None = None
    points: float | None = None
    within_chance: bool = False


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
    largest: float | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month of kept purchases; `complete` is False for a cut first or last month.

    `returning_customer_count` counts customers with an order in an earlier month;
    `square_sum` is the sum of squared order amounts, of which chance's share of a change is made.
    """

    first_day: date
    complete: bool
    revenue: Decimal
    order_count: int
    customer_count: int
    returning_customer_count: int
    square_sum: float = 0.0


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

    @property
    def amount_in_time(self) -> Decimal:
        """Return the money of all that was read and lies before the report's date.

        What came later is in the file by chance: a share of everything read would change with it.
        """
        later = [row.amount for row in self.excluded if row.exclusion == "after_as_of"]
        return self.read.amount - sum(later)


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

    `month` is the first day of the month that was asked for; None where none was. `sections` are
    those that were asked for, empty for all. What is None or empty among the other ones could not
    be told from these data, or was not asked for.
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
    loyalty: Loyalty | None = None
    trends: Trends | None = None
    seasons: SeasonTable | None = None
    pareto: Pareto | None = None
    tail: WholesaleTail | None = None
    sells: Sells | None = None
    clusters: Clusters | None = None
    worth: Worth | None = None
    sections: tuple[str, ...] = ()
    departments: tuple[DepartmentSummary, ...] = ()
    department_figures: DepartmentFigures | None = None

    @property
    def notices(self) -> tuple[Finding, ...]:
        """Return what somebody who compares months must know before reading on."""
        return tuple(finding for finding in self.findings if finding.key in _TOLD_AT_ONCE)

    @property
    def measured_with(self) -> str:
        """Return what two dates are measured with alike: the cuts, or the centres of clusters."""
        return "centres" if self.clusters else "cuts"
