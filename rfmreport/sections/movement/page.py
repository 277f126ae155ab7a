"""What is said of the movement: findings, who went where, whom to call, and who fell silent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.kit.audience_files import SLIPPED_FILE
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sheets import EngineSheet, Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import Table, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS, Z_95
from rfmreport.sections.movement.bridges import (
    PARTS,
    RARE_PARTS,
    bridges_table,
    matrix_table,
    moves_drawing,
    parts_told,
    reasons_note,
)
from rfmreport.sections.movement.charts import movement_drawing, people_text
from rfmreport.sections.movement.figures import Flow, SegmentBridge
from rfmreport.sections.movement.to_call import to_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.sheets import Unit
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import Movement
    from rfmreport.vocabulary import Estimate

_CAUSES = {
    "restated": "corrections",
    "new": "new customers",
    "returning": "returning customers",
    "bought": "buying",
    "aged": "silence",
}
_NAMED_SEGMENTS = 3
SHOWN_SLIPPED = {"screen": 50, "print": 10}
_SLIPPED_ON_TWO_PAGES = 15
_FEW_SEGMENTS = 6


def movement_finding(movement: Movement, formats: Formats) -> str:
    """Return the finding: how the top segment moved and why, or else the one that moved most.

    A change counts where it lies beyond chance: were leaving and joining equally likely, their
    difference would have the variance of their sum (McNemar, Psychometrika 12, 1947, 153-157).
    """
    day = formats.day(movement.before_as_of)
    moved = [flow for flow in movement.flows if flow.before != flow.now]
    count = sum(flow.customer_count for flow in moved)
    if count < FEWEST_CUSTOMERS:
        return f"{_only(count, formats)} since {day}: too few to name a direction"
    by_change = sorted(movement.bridges, key=lambda bridge: abs(bridge.change), reverse=True)
    candidates = (movement.bridges[0], *by_change)
    clear = next((bridge for bridge in candidates if _is_clear(bridge, moved)), None)
    if clear is not None:
        return _bridge_words(clear, formats)
    return (
        f"No clear direction since {day}: no segment gained or lost more than "
        f"{people_text(abs(by_change[0].change), formats)}"
    )


def _is_clear(bridge: SegmentBridge, moved: Sequence[Flow]) -> bool:
    # Corrections are no behaviour: alone they make no finding.
    in_and_out = sum(
        flow.customer_count
        for flow in moved
        if bridge.segment in {flow.before, flow.now} and flow.reason != "restated"
    )
    largest = max(bridge.before_count, bridge.now_count)
    is_enough = min(largest, in_and_out) >= FEWEST_CUSTOMERS and bridge.change != 0
    return is_enough and abs(bridge.change - bridge.restated) > Z_95 * math.sqrt(in_and_out)


def _bridge_words(bridge: SegmentBridge, formats: Formats) -> str:
    change = bridge.change
    verb = "grew" if change > 0 else "shrank"
    text = (
        f"{shown(bridge.segment, 32)} {verb} by {formats.count(abs(change))} to "
        f"{formats.count(bridge.now_count)}"
    )
    parts = {part: getattr(bridge, part) for part in PARTS if getattr(bridge, part)}
    if len(parts) == 1:
        return f"{text}, all of it through {_CAUSES[next(iter(parts))]}"
    gained = _listed({p: n for p, n in parts.items() if n > 0}, "added", formats)
    lost = _listed({p: -n for p, n in parts.items() if n < 0}, "took", formats)
    both = (gained, lost) if change > 0 else (lost, gained)
    return f"{text}: {', '.join(words for words in both if words)}"


def _listed(parts: dict[str, int], verb: str, formats: Formats) -> str:
    """Return "buying added 395, new customers 2", the largest part first."""
    ordered = sorted(parts.items(), key=lambda pair: pair[1], reverse=True)
    words = [f"{_CAUSES[part]} {formats.count(count)}" for part, count in ordered]
    if words:
        part, count = ordered[0]
        words[0] = f"{_CAUSES[part]} {verb} {formats.count(count)}"
    return ", ".join(words)


def _only(count: int, formats: Formats) -> str:
    return (
        f"Only {people_text(count, formats)} changed segments"
        if count
        else "Nobody changed segments"
    )


# --- the section of the report -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MovedBlock:
    """What the section prints beside its chart.

    `matrix` is None where paper has no room for it, `slipped` where nobody slipped. `is_narrow`:
    bridges and matrix fit beside each other.
    """

    bridges: Table
    reasons: str
    matrix: Table | None
    is_narrow: bool
    slipped_title: str
    slipped: Table | None
    slipped_note: str


def moved_block(report: Report, formats: Formats, medium: Medium) -> MovedBlock | None:
    """Return the tables and notes of the section; None without an earlier date.

    On paper the section fills one page, or two for a large scheme.
    """
    movement = report.movement
    if movement is None:
        return None
    is_small = len(movement.bridges) <= _FEW_SEGMENTS
    is_narrow = is_small and not set(parts_told(movement)) & RARE_PARTS
    is_long = medium == "print" and not is_small
    called = movement.slipped[: _SLIPPED_ON_TWO_PAGES if is_long else SHOWN_SLIPPED[medium]]
    # On paper the flows tell it, and whom to call stands beside the bridges where it names nobody.
    has_room = medium == "screen" or is_long or (is_narrow and bool(called))
    return MovedBlock(
        bridges=bridges_table(report, movement, formats),
        reasons=reasons_note(movement, formats),
        matrix=matrix_table(movement, formats) if has_room else None,
        is_narrow=is_narrow,
        slipped_title=slipped_title(movement, formats),
        slipped=to_call(movement, called, formats),
        slipped_note=slipped_note(movement, len(called), formats),
    )


def slipped_title(movement: Movement, formats: Formats) -> str:
    """Return the heading above those to call."""
    top = _named(movement.top_segments)
    if not movement.slipped_count:
        return f"Nobody slipped from {top}"
    return (
        f"{people_text(movement.slipped_count, formats)} slipped from {top}: "
        f"{formats.money_short(movement.slipped_revenue)} of past spend"
    )


def slipped_note(movement: Movement, shown_count: int, formats: Formats) -> str:
    """Return who stands in the list, how many there are in all, and where."""
    day = formats.day(movement.before_as_of)
    whom = (
        f"Slipped: now in a lower segment, without an order since {day}, silent for longer than "
        "ever before and for more than twice the own usual gap."
    )
    if 0 < shown_count < movement.slipped_count:
        whom += (
            f" Shown: {formats.count(shown_count)} of {formats.count(movement.slipped_count)}, "
            "most spend first."
        )
    if movement.bands and not shown_count:
        whom += " Days and gaps in days: medians."
    if movement.slipped_count:
        return f"{whom} All of them: {SLIPPED_FILE}."
    return f"{whom} All who moved: data/moved.csv."


def _named(names: Sequence[str]) -> str:
    if len(names) > _NAMED_SEGMENTS:
        return f"the top {len(names)} segments"
    return " or ".join(shown(name, 32) for name in names)


# --- what departments are told ------------------------------------------------------------------


def _moves_finding(report: Report, formats: Formats) -> str:
    movement = report.movement
    if movement is None:
        return ""
    told = sorted((b for b in movement.bridges if b.change), key=lambda b: -abs(b.change))[:2]
    if not told:
        return ""
    words = " and ".join(
        f"{bridge.segment} {'grew' if bridge.change > 0 else 'shrank'} by "
        f"{formats.count(abs(bridge.change))} to {formats.count(bridge.now_count)}"
        for bridge in told
    )
    return f"Since {formats.day(movement.before_as_of)} {words}"


def _leaving_finding(report: Report, formats: Formats) -> str:
    movement = report.movement
    if movement is None:
        return ""
    lost = [flow for flow in movement.flows if flow.reason == "aged" and flow.before]
    count = sum(flow.customer_count for flow in lost)
    if not count:
        return ""
    return (
        f"{formats.count(count)} customers fell to a lower segment by silence since "
        f"{formats.day(movement.before_as_of)}, {formats.count(movement.slipped_count)} of them "
        "from the top and overdue by their own rhythm: "
        f"{formats.money_short(movement.slipped_revenue)} of past spend"
    )


@dataclass(slots=True)
class _Fallen:
    """Customers who fell to one segment by silence; `anyway` come as things were."""

    segment: str
    count: int = 0
    from_top: int = 0
    revenue: Decimal = Decimal(0)
    anyway: Estimate | None = None


def leaving_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return to where customers fell by silence, and how many of such come anyway."""
    movement = report.movement
    fallen = _fallen(movement) if movement else {}
    if movement is None or not fallen:
        return None
    response = report.worth.response if report.worth and report.worth.response.rows else None
    days = formats.count(response.windows[-1]) if response else ""
    for row in response.rows if response else ():
        if row.segment in fallen and row.shares[-1].customer_count >= FEWEST_CUSTOMERS:
            fallen[row.segment].anyway = row.shares[-1]
    fields: tuple[Field[_Fallen], ...] = (
        Field("", "Fell to", lambda one: one.segment),
        Field("", "Customers", lambda one: one.count, "count"),
        Field("", "From", lambda one: one.from_top, "count", "the top"),
        Field("", "Past spend", lambda one: one.revenue, "money"),
        Field("", "Order anyway", lambda one: one.anyway, "percent", f"in {days} days"),
    )
    places = {row.name: place for place, row in enumerate(report.segments.rows)}
    table = page_table(
        "Customers who fell to a lower segment by silence",
        fields if response else fields[:-1],
        [fallen[name] for name in places if name in fallen],
        formats,
        key=lambda one: places[one.segment],
    )
    top = " and ".join(shown(name, 30) for name in movement.top_segments)
    note = f"By silence since {formats.day(movement.before_as_of)}. The top: {top}."
    if response:
        note += (
            " Order anyway: of all customers in the segment, those who come as things were; "
            "the others are whom a call can win."
        )
    return Block(table, note=note)


def _fallen(movement: Movement) -> dict[str, _Fallen]:
    found: dict[str, _Fallen] = {}
    for flow in movement.flows:
        if flow.reason == "aged" and flow.before and flow.now:
            one = found.setdefault(flow.now, _Fallen(flow.now))
            one.count += flow.customer_count
            one.from_top += flow.customer_count if flow.before in movement.top_segments else 0
            one.revenue += flow.revenue
    return found


# --- files and sections -------------------------------------------------------------------------

_SCORES = ("recency_score", "frequency_score", "monetary_score")
_MOVED_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("customer_id", "segment_before", "segment", "reason"), "text"),
    **dict.fromkeys(("recency_days", "order_count"), "count"),
    "revenue": "money",
    "last_order_on": "day",
    **dict.fromkeys((*(f"{score}_before" for score in _SCORES), *_SCORES), "count"),
    "first_order_on": "day",
    "usual_gap_days": "number",
    "longest_gap_days": "count",
}
_MOVED: EngineSheet[Report] = EngineSheet(
    "moved",
    "one customer whose segment changed",
    """
    SELECT *
    FROM moved_customers
    WHERE segment_before IS DISTINCT FROM segment
    ORDER BY revenue DESC, customer_id ASC
    """,
    _MOVED_UNITS,
    lambda report: report.movement is not None,
)
_FLOWS: Sheet[Report, Flow] = Sheet(
    "movement",
    "the customers who went from one segment to another for one reason",
    (
        Field("before", "", lambda flow: flow.before),
        Field("now", "", lambda flow: flow.now),
        Field("reason", "", lambda flow: flow.reason),
        Field("customers", "", lambda flow: flow.customer_count, "count"),
        Field("revenue", "", lambda flow: flow.revenue, "money"),
    ),
    lambda report: report.movement.flows if report.movement else None,
)
_BRIDGES: Sheet[Report, SegmentBridge] = Sheet(
    "bridges",
    "how one segment came to its size: before and its parts make now",
    fields_of(SegmentBridge, dict.fromkeys(("before_count", *PARTS, "now_count"), "count")),
    lambda report: report.movement.bridges if report.movement else None,
)
SECTION: Section[Report] = Section(
    "moved",
    "What moved",
    lambda report, formats: movement_finding(report.movement, formats) if report.movement else "",
    (movement_drawing,),
    page=moved_block,
    sheets=(_MOVED, _FLOWS, _BRIDGES),
)
"""The section of the report."""

SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "moves",
        "Who moved",
        _moves_finding,
        drawings=(moves_drawing,),
        sheets=(_BRIDGES, _FLOWS),
        reasons=("What moved",),
        is_narrow=True,
        charts=("segment-changes",),
    ),
    Section(
        "leaving",
        "Who fell by silence",
        _leaving_finding,
        block=leaving_block,
        sheets=(_MOVED,),
        reasons=("What moved",),
        is_narrow=True,
        look="leaving",
    ),
)
"""What departments may be told of this topic."""
