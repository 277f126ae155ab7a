"""What is said of customers who are overdue by their own rhythm, and of the rule's trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import EngineSheet, Field, Sheet, page_table
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Report
from rfmreport.sections.loyalty.figures import OverdueCustomer, OverdueSegment, RhythmTrial

if TYPE_CHECKING:
    from rfmreport.formats import Formats

_SHOWN = {"screen": 50, "print": 10}
_LISTED = (
    Field[OverdueCustomer]("", "Customer", lambda one: one.customer_id),
    Field[OverdueCustomer]("", "Usual gap", lambda one: one.usual_gap_days, "number", "days"),
    Field[OverdueCustomer]("", "Silent", lambda one: one.silent_days, "count", "days"),
    Field[OverdueCustomer]("", "Last order", lambda one: one.last_order_on, "day"),
    Field[OverdueCustomer]("", "Revenue", lambda one: one.year_revenue, "money", "12 months"),
)


def _overdue_share(row: OverdueSegment) -> float | None:
    is_enough = row.customer_count >= FEWEST_CUSTOMERS
    return row.overdue_count / row.customer_count if is_enough else None


_SEGMENTS = (
    Field[OverdueSegment]("segment", "Segment", lambda row: row.segment),
    Field[OverdueSegment](
        "customer_count", "With a", lambda row: row.customer_count, "count", "rhythm"
    ),
    Field[OverdueSegment]("overdue_count", "Overdue", lambda row: row.overdue_count, "count"),
    Field[OverdueSegment]("", "%", _overdue_share, "percent"),
    Field[OverdueSegment](
        "overdue_year_revenue",
        "Revenue",
        lambda row: row.overdue_year_revenue,
        "money",
        "12 months",
        adds_up=True,
    ),
)


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
        lead = (
            f"Does the rule tell more than the segment does? {_answer(rhythm.trial)} "
            f"{_sentence(rhythm.trial.outcome.told(formats))}"
        )
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


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


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
