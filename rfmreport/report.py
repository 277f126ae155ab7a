"""The finished report: typed, frozen, composed of the topics' figures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.customers.figures import Ruler
    from rfmreport.formats import Formats
    from rfmreport.models.forecast import Forecast
    from rfmreport.sections.advice.figures import Gain, PlaybookCard, Reach, Recommendation, Targets
    from rfmreport.sections.bridge.figures import CustomerBase, RevenueBridge
    from rfmreport.sections.concentration.figures import Accounts, Concentration, Pareto
    from rfmreport.sections.decided.figures import Decided
    from rfmreport.sections.hold.figures import Holding, SensitivityRow
    from rfmreport.sections.loyalty.figures import Loyalty, Rhythm
    from rfmreport.sections.map.figures import Distribution, RfmMap, WholesaleTail
    from rfmreport.sections.method.figures import Clusters, Method
    from rfmreport.sections.movement.figures import Movement
    from rfmreport.sections.plan.demand_figures import Demand
    from rfmreport.sections.plan.figures import MonthsBySegment, Returns
    from rfmreport.sections.products.figures import Sells
    from rfmreport.sections.segments.figures import SegmentsByCountry, SegmentTable
    from rfmreport.sections.summary.figures import Kpi
    from rfmreport.sections.when.figures import Month, SeasonTable, Trends
    from rfmreport.sections.worth.figures import Worth
    from rfmreport.source.audit import Audit
    from rfmreport.vocabulary import Finding, Insight, Untold

_TOLD_AT_ONCE = (
    "month_incomplete", "one_day", "future_days", "new_cuts", "refit", "previous", "restated",
    "customer_level",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DepartmentSummary:
    """One or two pages for one department, attachable on their own.

    `key` is the file's name ("marketing"), `question` what the department asks, `answer` the
    finding in one sentence. `sections` name what can be told, in order; `figures`, `insights` and
    `recommendations` are its own selection of the report's; `files` hold the data behind it,
    relative to the report's folder; `recipients` are e-mail addresses; `untold` says what of its
    sections these data cannot carry, and why.
    """

    key: str
    title: str
    question: str
    answer: str
    sections: tuple[str, ...]
    insights: tuple[Insight, ...]
    recommendations: tuple[Recommendation, ...]
    files: tuple[str, ...]
    recipients: tuple[str, ...] = ()
    figures: tuple[Kpi, ...] = ()
    untold: tuple[Untold, ...] = ()


@dataclass(frozen=True, slots=True)
class DepartmentFigures:
    """The figures of all departments; what is None could not be told, and `untold` says why.

    The topics of `untold` are the sections' names in words ("Top accounts").
    """

    accounts: Accounts | None = None
    countries: SegmentsByCountry | None = None
    targets: Targets | None = None
    rhythm: Rhythm | None = None
    demand: Demand | None = None
    months: MonthsBySegment | None = None
    returns: Returns | None = None
    reach: Reach | None = None
    untold: tuple[Untold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
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
    headline: str = ""
    standfirst: str = ""
    kpis: tuple[Kpi, ...] = ()
    months: tuple[Month, ...]
    bridges: tuple[RevenueBridge, ...] = ()
    base: CustomerBase | None = None
    segments: SegmentTable
    rfm_map: RfmMap
    distributions: tuple[Distribution, ...]
    insights: tuple[Insight, ...] = ()
    gains: tuple[Gain, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    no_advice: str = ""
    """Why nothing is advised by segment, where the segments did not hold."""
    playbook: tuple[PlaybookCard, ...] = ()
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
    concentration: Concentration | None = None
    pareto: Pareto | None = None
    tail: WholesaleTail | None = None
    sells: Sells | None = None
    clusters: Clusters | None = None
    forecast: Forecast | None = None
    worth: Worth | None = None
    sections: tuple[str, ...] = ()
    departments: tuple[DepartmentSummary, ...] = ()
    department_figures: DepartmentFigures = DepartmentFigures()
    has_orders: bool = True
    """Whether orders are known, and not only what a table says of each customer."""

    def period(self, formats: Formats) -> str:
        """Write the days of the orders; without them, those of each customer's last one."""
        days = f"{formats.day(self.first_day)} to {formats.day(self.last_day)}"
        return days if self.has_orders else f"last orders {days}"

    @property
    def notices(self) -> tuple[Finding, ...]:
        """Return what somebody who compares months must know before reading on."""
        return tuple(finding for finding in self.findings if finding.key in _TOLD_AT_ONCE)

    @property
    def measured_with(self) -> str:
        """Return what two dates are measured with alike: the cuts, or the centres of clusters."""
        return "centres" if self.clusters else "cuts"

    @property
    def segment_keys(self) -> dict[str, int]:
        """Return the place of each segment in the scheme, by which templates know its colour."""
        return {row.name: place for place, row in enumerate(self.segments.rows)}

    def without_customers(self) -> Report:
        """Return the report as it may travel: it names no customer.

        Everything else that a report holds is sums and shares over many.
        """
        if self.movement is None:
            return self
        return replace(self, movement=replace(self.movement, slipped=()))
