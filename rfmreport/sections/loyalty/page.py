"""The section on coming back and what departments are told of it: cohorts and second orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import capital
from rfmreport.kit.sheets import EngineSheet, Field, Sheet, page_table
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Report
from rfmreport.sections.loyalty.charts import chance_drawing, clock_drawing, cohort_drawing
from rfmreport.sections.loyalty.clock_page import (
    SECOND_ORDERS,
    clock_caption,
    clock_title,
    loyalty_block,
)
from rfmreport.sections.loyalty.cohort_page import COHORTS, cohort_caption, cohort_title
from rfmreport.sections.loyalty.figures import (
    Loyalty,
    OverdueCustomer,
    OverdueSegment,
    RhythmTrial,
    SecondOrderDay,
    SecondOrders,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing

_SHOWN = {"screen": 50, "print": 10}
_LISTED = (
    Field[OverdueCustomer]("", "Customer", lambda one: one.customer_id),
    Field[OverdueCustomer]("", "Usual gap", lambda one: one.usual_gap_days, "number", "days"),
    Field[OverdueCustomer]("", "Silent", lambda one: one.silent_days, "count", "days"),
    Field[OverdueCustomer]("", "Last order", lambda one: one.last_order_on, "day"),
    Field[OverdueCustomer]("", "Revenue", lambda one: one.year_revenue, "money", "12 months"),
)
_HEADLINE_DAYS = (30, 60, 90)


def _overdue_share(row: OverdueSegment) -> float | None:
    is_enough = row.customer_count >= FEWEST_CUSTOMERS
    return row.overdue_count / row.customer_count if is_enough else None


_SEGMENTS: tuple[Field[OverdueSegment], ...] = (
    Field("segment", "Segment", lambda row: row.segment),
    Field("customer_count", "With a", lambda row: row.customer_count, "count", "rhythm"),
    Field("overdue_count", "Overdue", lambda row: row.overdue_count, "count"),
    Field("", "%", _overdue_share, "percent"),
    Field("overdue_year_revenue", "Revenue", lambda row: row.overdue_year_revenue, "money",
          "12 months", adds_up=True),
)  # fmt: skip


def _overdue_finding(report: Report, formats: Formats) -> str:
    rhythm = report.department_figures.rhythm
    if rhythm is None or not rhythm.rows:
        return ""
    words = (
        f"{formats.count(rhythm.overdue_count)} of {formats.count(rhythm.customer_count)} "
        "customers with a rhythm are overdue"
    )
    revenue = f"{formats.money_short(rhythm.overdue_year_revenue)} of twelve months’ revenue"
    trial = rhythm.trial
    if trial is None:
        return f"{words}, with {revenue}"
    if trial.tells_more:
        return f"{words}: {revenue} may leave"
    return (
        f"{words}, with {revenue}; of such customers {formats.share(trial.overdue.value, 0)} "
        f"ordered again within {formats.count(trial.days)} days"
    )


def overdue_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the overdue by segment, and those of them with most to lose."""
    rhythm = report.department_figures.rhythm
    if rhythm is None:
        return None
    keys = {row.name: place for place, row in enumerate(report.segments.rows)}
    lead = ""
    if rhythm.trial:
        outcome = capital(rhythm.trial.outcome.told(formats))
        answer = _answer(rhythm.trial)
        lead = f"Does the rule tell more than the segment does? {answer} {outcome}."
    note = (
        f"Overdue: silent for more than {formats.number(rhythm.factor)} times the own usual gap "
        "(the median of days between orders) and longer than ever before. A rhythm: orders on "
        f"{formats.count(rhythm.fewest_order_days)} days or more."
    )
    which = (
        "Listed: those with most revenue in the last twelve months, of "
        f"{formats.count(rhythm.overdue_count)} in data/overdue.csv."
    )
    listed = page_table(
        "Overdue customers with most to lose",
        _LISTED,
        rhythm.shown[: _SHOWN[medium]],
        formats,
        key=lambda one: keys.get(one.segment),
    )
    everybody = OverdueSegment(
        "All", rhythm.customer_count, rhythm.overdue_count, rhythm.overdue_year_revenue
    )
    table = page_table(
        "Overdue customers by segment",
        _SEGMENTS,
        rhythm.rows,
        formats,
        total=everybody,
        key=lambda row: keys.get(row.segment),
    )
    return Block(table, note=note, lead=lead, people=listed, listed=which)


def _answer(trial: RhythmTrial) -> str:
    """Answer as the interval of the difference does."""
    if trial.tells_more:
        return "Yes: the overdue came back less."
    if trial.difference.low > 0:
        return "No: the overdue came back more."
    return "Not provably: the difference may be none."


_FILE = EngineSheet[Report](
    "overdue",
    "One row per customer who is overdue, those with most at stake first.",
    "FROM overdue_customers ORDER BY year_revenue DESC, revenue DESC, customer_id",
    {
        "customer_id": "text",
        "segment": "text",
        "order_day_count": "count",
        "usual_gap_days": "number",
        "longest_gap_days": "count",
        "silent_days": "count",
        "last_order_on": "day",
        "revenue": "money",
        "year_revenue": "money",
    },
    lambda report: report.department_figures.rhythm is not None,
)

_BY_SEGMENT = Sheet[Report, OverdueSegment](
    "overdue_by_segment",
    "the customers of one segment who have a rhythm",
    _SEGMENTS,
    lambda report: told.rows if (told := report.department_figures.rhythm) else None,
)
_CHECK = Sheet[Report, RhythmTrial](
    "overdue_check",
    "what became of the overdue on earlier dates, and of the others",
    (
        Field("dates", "", lambda trial: " ".join(day.isoformat() for day in trial.dates)),
        Field("within_days", "", lambda trial: trial.days, "count"),
        Field("overdue", "", lambda trial: trial.overdue, "share", has_interval=True),
        Field("on_time_alike", "", lambda trial: trial.on_time, "share", has_interval=True),
        Field("on_time_all", "", lambda trial: trial.all_on_time, "share", has_interval=True),
        Field("difference", "", lambda trial: trial.difference, "points", has_interval=True),
    ),
    lambda report: (
        [told.trial for told in (report.department_figures.rhythm,) if told and told.trial] or None
    ),
)
OVERDUE = Section[Report](
    "overdue",
    "Overdue",
    _overdue_finding,
    block=overdue_block,
    sheets=(_FILE, _BY_SEGMENT, _CHECK),
    reasons=("Overdue customers",),
    names_customers=True,
    has_sides=True,
)


def loyalty_title(loyalty: Loyalty, formats: Formats) -> str:
    """Say how many order a second time and when the chance has gone, else what cohorts do."""
    clock = loyalty.second_orders
    if clock and clock.is_told:
        return clock_title(clock, formats)
    return cohort_title(loyalty.cohorts, formats)


def _loyalty_finding(report: Report, formats: Formats) -> str:
    loyal = report.loyalty
    return loyalty_title(loyal, formats) if loyal and loyal.is_told else ""


def _clock_chart(report: Report, formats: Formats) -> Drawing | None:
    loyal = report.loyalty
    clock = loyal.second_orders if loyal else None
    if not (loyal and clock and clock.is_told):
        return None
    return clock_drawing(clock_caption(loyal, clock, formats), clock, formats)


def _cohort_chart(report: Report, formats: Formats) -> Drawing | None:
    loyal = report.loyalty
    if not (loyal and loyal.cohorts.shown):
        return None
    return cohort_drawing(cohort_caption(loyal.cohorts, formats), loyal.cohorts, formats)


def _second_order_finding(report: Report, formats: Formats) -> str:
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None or not clock.is_told:
        return ""
    day = max(day for day in _HEADLINE_DAYS if day < len(clock.days))
    share = formats.share(1 - clock.days[day].waiting, 0)
    return f"{share} of new customers order again within {day} days; {_waiting(clock, formats)}"


def _waiting(clock: SecondOrders, formats: Formats) -> str:
    if clock.turning and clock.cold_after_days:
        turning, waiting = clock.turning.customer_count, clock.one_order_count
        return (
            f"{formats.count(turning)} of {formats.count(waiting)} one-order customers go cold by "
            f"{formats.day(clock.turning_until)}"
        )
    chances = {day.days: day.chance for day in clock.days if day.chance}
    whom = formats.count(clock.one_order_count)
    if not chances:
        return f"{whom} still have one order"
    lowest = min(chances, key=lambda day: chances[day].value)
    first, last = chances[min(chances)], chances[lowest]
    if last.high >= first.low:
        return f"for the {whom} who wait, the chance hardly depends on how long they have"
    return (
        f"for the {whom} who wait, the chance falls from {formats.share(first.value, 0)} to "
        f"{formats.share(last.value, 0)} after {formats.count(lowest)} days"
    )


def _cohorts_finding(report: Report, formats: Formats) -> str:
    cohorts = report.loyalty.cohorts if report.loyalty else None
    if cohorts is None or not cohorts.shown:
        return ""
    group = cohorts.everyone
    if group is None:
        return f"{formats.count(len(cohorts.shown))} months of new customers, followed since"
    first, last = (formats.month(group.first_months[i]) for i in (0, -1))
    return (
        f"{formats.share(group.share.value, 0)} of {formats.count(group.share.customer_count)} "
        f"customers won from {first} to {last} ordered in one of the three months after"
    )


def _second_order_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the one-order customers by how far they have come, where some go cold."""
    told = loyalty_block(report, formats)
    if told is None or told.groups is None:
        return Block() if told else None
    return Block(told.groups, note=told.groups_note)


def _chance_chart(report: Report, formats: Formats) -> Drawing | None:
    clock = report.loyalty.second_orders if report.loyalty else None
    days = [day for day in clock.days if day.chance] if clock and clock.is_told else []
    if clock is None or len(days) < 2:  # noqa: PLR2004  a line needs two points
        return None
    return chance_drawing(_chance_caption(clock, days, formats), clock, days, formats)


def _chance_caption(
    clock: SecondOrders, days: Sequence[SecondOrderDay], formats: Formats
) -> Caption:
    horizon = formats.count(clock.horizon_days)
    fields = (
        Field[SecondOrderDay]("", "Days waited", lambda day: formats.count(day.days)),
        Field[SecondOrderDay]("", "Waiting", lambda day: day.at_risk_count, "count"),
        Field[SecondOrderDay]("", f"Chance in {horizon} days", lambda day: day.chance, "share"),
        Field[SecondOrderDay]("", "95% interval", lambda day: day.chance, "percent", is_range=True),
    )
    data = page_table("Chance of a second order by days waited", fields, days[::10], formats)
    title = f"Chance of a second order in the next {horizon} days, by days waited"
    spoken = "; ".join(
        f"after {day.days} days {formats.share(day.chance.value, 0)}"
        for day in (days[0], days[len(days) // 2], days[-1])
        if day.chance
    )
    return Caption("second-order-chance", title, title, f"{title}. {spoken}.", "", data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "loyalty",
        "Do they come back?",
        _loyalty_finding,
        drawings=(_clock_chart, _cohort_chart),
        page=lambda report, formats, _: loyalty_block(report, formats),
    ),
    OVERDUE,
    Section(
        "second_order",
        "The second order",
        _second_order_finding,
        drawings=(_chance_chart,),
        block=_second_order_block,
        sheets=(SECOND_ORDERS,),
        reasons=("The second-order clock",),
        is_narrow=True,
        charts=("second-order-chance",),
        look="one-order",
    ),
    Section(
        "cohorts",
        "Cohorts",
        _cohorts_finding,
        sheets=(COHORTS,),
        reasons=("Retention by first-order month",),
        charts=("cohorts",),
    ),
)
"""Whether they come back, for the report and for departments."""
