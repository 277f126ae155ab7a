"""What is said of the movement: the section's finding, the words of the flows, and the notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rfmreport.kit.audience_files import SLIPPED_FILE
from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    shown,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS, Z_95

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import Flow, Movement, SegmentBridge

CHART_ID = "segment-flows"
# A scheme may have a segment of the name "New".
NEW, RETURNING, LEFT = "New customers", "Returning customers", "Left the window"
PARTS = ("restated", "new", "returning", "bought", "aged")
RARE_PARTS = frozenset({"restated", "returning"})
_CAUSES = {
    "restated": "corrections",
    "new": "new customers",
    "returning": "returning customers",
    "bought": "buying",
    "aged": "silence",
}
_SPOKEN_FLOWS = 6
# So many moves can be told from one another; of more, the largest that make this share are drawn.
_MOST_MOVES, _DRAWN_SHARE = 25, 0.8
_NAMED_SEGMENTS = 3


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
    by_change = sorted(movement.bridges, key=lambda bridge: abs(_change(bridge)), reverse=True)
    candidates = (movement.bridges[0], *by_change)
    clear = next((bridge for bridge in candidates if _is_clear(bridge, moved)), None)
    if clear is not None:
        return _bridge_words(clear, formats)
    return (
        f"No clear direction since {day}: no segment gained or lost more than "
        f"{_people(abs(_change(by_change[0])), formats)}"
    )


def flow_caption(report: Report, movement: Movement, formats: Formats) -> Caption:
    """Return the words of the flows from segment to segment."""
    title = _flow_title(movement, formats)
    moved = sorted(
        (flow for flow in movement.flows if flow.before != flow.now),
        key=lambda flow: flow.customer_count,
        reverse=True,
    )
    spoken = "; ".join(
        f"{flow_name(flow)}: {formats.count(flow.customer_count)}" for flow in moved[:_SPOKEN_FLOWS]
    )
    earlier, now = formats.day(movement.before_as_of), formats.day(report.as_of)
    note = (
        f"From {earlier} (left) to {now} (right, with the change), both under the same "
        f"{report.measured_with}. Pale: who stayed."
    )
    least = least_move(movement)
    if least > 1:
        sizes = _moves(movement)
        drawn = sum(size for size in sizes if size >= least) / sum(sizes)
        note += (
            f" Drawn: moves of {formats.count(least)} customers or more, "
            f"{formats.share(drawn, 0)} of all who moved."
        )
    if movement.restated_from:
        note += " Sizes on the left: as the data are today."
    return Caption(CHART_ID, "From → to", title, f"{title}. Largest moves: {spoken}.", note,
                   _flow_table(movement, formats))  # fmt: skip


def least_move(movement: Movement) -> int:
    """Return how many customers a move must have to be drawn: one, unless there are many moves."""
    sizes = _moves(movement)
    if len(sizes) <= _MOST_MOVES:
        return 1
    reached, wanted = 0, _DRAWN_SHARE * sum(sizes)
    for size in sizes:
        reached += size
        if reached >= wanted:
            return size
    return 1


def _moves(movement: Movement) -> list[int]:
    """Return the sizes of the moves, whatever their reason, the largest first."""
    sizes: dict[tuple[str | None, str | None, bool], int] = {}
    for flow in movement.flows:
        if flow.before != flow.now:
            ends = (flow.before, flow.now, flow.reason == "returning")
            sizes[ends] = sizes.get(ends, 0) + flow.customer_count
    return sorted(sizes.values(), reverse=True)


def flow_name(flow: Flow) -> str:
    """Name a flow: "Lost → High-Value", "New customers → Lost"."""
    return " → ".join(flow_ends(flow))


def flow_ends(flow: Flow) -> tuple[str, str]:
    """Return where a flow comes from and goes to, as they are printed."""
    before = RETURNING if flow.reason == "returning" else NEW
    return shown(flow.before or before, 40), shown(flow.now or LEFT, 40)


def reasons_note(movement: Movement, formats: Formats) -> str:
    """Return what the columns of the bridge mean; of those that occur."""
    source = shown(movement.restated_from, 60) if movement.restated_from else ""
    said = f", or not as {source} said" if source else ""
    meanings = {
        "restated": f"Restated: corrected (late returns){said}",
        "new": "New: first order",
        "returning": "Returning: ordered again, earlier orders are outside the window",
        "bought": "Bought: ordered",
        "aged": "Aged: silent",
    }
    told = "; ".join(meanings[part] for part in parts_told(movement))
    return (
        f"Customers in less customers out since {formats.day(movement.before_as_of)}, by cause. "
        f"{told}. Moves between segments cancel out."
    )


def parts_told(movement: Movement) -> tuple[str, ...]:
    """Return the parts of the bridges that are shown: the rare ones only where they occur."""
    return tuple(
        part
        for part in PARTS
        if part not in RARE_PARTS or any(getattr(bridge, part) for bridge in movement.bridges)
        or any(flow.reason == part for flow in movement.flows)
    )  # fmt: skip


def slipped_title(movement: Movement, formats: Formats) -> str:
    """Return the heading above those to call."""
    top = _named(movement.top_segments)
    if not movement.slipped_count:
        return f"Nobody slipped from {top}"
    return (
        f"{_people(movement.slipped_count, formats)} slipped from {top}: "
        f"{formats.money_short(movement.slipped_revenue)} of past spend"
    )


def slipped_note(movement: Movement, shown_count: int, formats: Formats) -> str:
    """Return who stands in the list, how many there are in all, and where."""
    day = formats.day(movement.before_as_of)
    whom = f"Slipped: now in a lower segment, without an order since {day}."
    if 0 < shown_count < movement.slipped_count:
        whom += (
            f" Shown: {formats.count(shown_count)} of {formats.count(movement.slipped_count)}, "
            "most spend first."
        )
    if movement.slipped_count:
        return f"{whom} All of them: {SLIPPED_FILE}."
    return f"{whom} All who moved: data/moved.csv."


def _change(bridge: SegmentBridge) -> int:
    return bridge.now_count - bridge.before_count


def _is_clear(bridge: SegmentBridge, moved: Sequence[Flow]) -> bool:
    # Corrections are no behaviour: alone they make no finding.
    in_and_out = sum(
        flow.customer_count
        for flow in moved
        if bridge.segment in {flow.before, flow.now} and flow.reason != "restated"
    )
    largest = max(bridge.before_count, bridge.now_count)
    is_enough = min(largest, in_and_out) >= FEWEST_CUSTOMERS and _change(bridge) != 0
    return is_enough and abs(_change(bridge) - bridge.restated) > Z_95 * math.sqrt(in_and_out)


def _bridge_words(bridge: SegmentBridge, formats: Formats) -> str:
    change = _change(bridge)
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


def _flow_title(movement: Movement, formats: Formats) -> str:
    place = {bridge.segment: i for i, bridge in enumerate(movement.bridges)}
    counts = dict.fromkeys(("up", "down", "stayed", "new", "returning", "left"), 0)
    for flow in movement.flows:
        counts[_way(flow, place)] += flow.customer_count
    text = (
        f"{_people(counts['up'], formats)} moved up, {formats.count(counts['down'])} down, "
        f"{formats.count(counts['stayed'])} stayed"
    )
    rest = {"new": "are new", "returning": "came back", "left": "left the window"}
    more = [f"{formats.count(counts[key])} {word}" for key, word in rest.items() if counts[key]]
    return f"{text}; {', '.join(more)}" if more else text


def _way(flow: Flow, place: Mapping[str, int]) -> str:
    """Say where a flow leads; the scheme's order is that of `place`, best first."""
    if flow.before is None:
        return flow.reason
    if flow.now is None:
        return "left"
    if flow.before == flow.now:
        return "stayed"
    return "up" if place[flow.now] < place[flow.before] else "down"


def _flow_table(movement: Movement, formats: Formats) -> Table:
    columns = (
        Column("From", numeric=False),
        Column("To", numeric=False),
        Column("Why", numeric=False),
        Column("Customers"),
        Column("Revenue"),
    )
    rows = (
        Row(
            (
                *map(Cell, flow_ends(flow)),
                Cell(flow.reason.capitalize()),
                Cell(formats.count(flow.customer_count), str(flow.customer_count)),
                Cell(formats.money(flow.revenue), str(flow.revenue)),
            )
        )
        for flow in movement.flows
    )
    return Table("Customers by segment before, segment now and reason", columns, tuple(rows))


def _named(names: Sequence[str]) -> str:
    if len(names) > _NAMED_SEGMENTS:
        return f"the top {len(names)} segments"
    return " or ".join(shown(name, 32) for name in names)


def _people(count: int, formats: Formats) -> str:
    return f"{formats.count(count)} customer{'' if count == 1 else 's'}"


def _only(count: int, formats: Formats) -> str:
    return (
        f"Only {_people(count, formats)} changed segments" if count else "Nobody changed segments"
    )
