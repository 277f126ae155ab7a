"""The chart of what moved, with its words: ribbons from the earlier segments to today's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, fitted, text_width
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import shown
from rfmreport.sections.movement.figures import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import Movement

# A scheme may have a segment of the name "New".
NEW, RETURNING, LEFT = "New customers", "Returning customers", "Left the window"
_SPOKEN_FLOWS = 6
# So many moves can be told from one another; of more, the largest that make this share are drawn.
_MOST_MOVES, _DRAWN_SHARE = 25, 0.8
_TOP = 24  # for the dates above the columns
_BAR = 9
_GAP = 6
_LINE = 16  # each bar has room for its label, however few customers it holds
_BAR_STEP = 27
_LEAST_HEIGHT = 232
_LEAST_RIBBON = 0.8
_MOST_NAME = 140
_PALE, _STRONG = 0.14, 0.66
# Bars that are no segment; by number, for a segment may have any name.
_NEW, _RETURNING, _LEFT = -1, -2, -3
_OUTSIDE = {_NEW: (NEW, INK), _RETURNING: (RETURNING, MUTED), _LEFT: (LEFT, MUTED)}


@dataclass(frozen=True, slots=True)
class _Link:
    """All customers between two bars, for whatever reason."""

    before: int
    now: int
    count: int
    about: str


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: a segment, by its place in the scheme, or new, returning or left customers."""

    key: int
    name: str
    color: str
    count: int
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class _Column:
    """The bars of one date; `x` is the edge that looks outwards, to the labels."""

    bars: tuple[_Bar, ...]
    x: float


# --- the words ----------------------------------------------------------------------------------

_FLOW_FIELDS = (
    Field[Flow]("", "From", lambda flow: flow_ends(flow)[0]),
    Field[Flow]("", "To", lambda flow: flow_ends(flow)[1]),
    Field[Flow]("", "Why", lambda flow: flow.reason.capitalize()),
    Field[Flow]("", "Customers", lambda flow: flow.customer_count, "count"),
    Field[Flow]("", "Revenue", lambda flow: flow.revenue, "money"),
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
    caption = "Customers by segment before, segment now and reason"
    data = page_table(caption, _FLOW_FIELDS, movement.flows, formats)
    spoken = f"{title}. Largest moves: {spoken}."
    return Caption("segment-flows", "From → to", title, spoken, note, data)


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


def _flow_title(movement: Movement, formats: Formats) -> str:
    place = {bridge.segment: i for i, bridge in enumerate(movement.bridges)}
    counts = dict.fromkeys(("up", "down", "stayed", "new", "returning", "left"), 0)
    for flow in movement.flows:
        counts[_way(flow, place)] += flow.customer_count
    text = (
        f"{people_text(counts['up'], formats)} moved up, {formats.count(counts['down'])} down, "
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


def people_text(count: int, formats: Formats) -> str:
    """Write how many customers: "1 customer", "1,230 customers"."""
    return f"{formats.count(count)} customer{'' if count == 1 else 's'}"


# --- the drawing --------------------------------------------------------------------------------


def movement_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the segments of both dates as columns, and a ribbon for each move between them."""
    movement = report.movement
    if movement is None:
        return None
    links = _links(movement, formats)
    names = {place: (row.name, row.color) for place, row in enumerate(report.segments.rows)}
    before, now = (_counts(links, side) for side in ("before", "now"))
    height = _TOP + max(_LEAST_HEIGHT, _BAR_STEP * max(len(before), len(now)))
    scale = min(_scale(list(counts.values()), height - _TOP) for counts in (before, now))
    bars = [_bars(counts, names, height - _TOP, scale) for counts in (before, now)]
    changes = {
        bar.key: formats.count_change(bar.count - before[bar.key])
        for bar in bars[1]
        if bar.key in names
    }
    left = _Column(bars[0], _label_room(bars[0], {}, formats))
    right = _Column(bars[1], WIDE - _label_room(bars[1], changes, formats))
    drawing = Drawing(flow_caption(report, movement, formats), WIDE, height)
    _add_ribbons(drawing, links, (left, right), scale, least_move(movement))
    _add_left(drawing, left, formats.day(movement.before_as_of), formats)
    _add_right(drawing, right, formats.day(report.as_of), changes, formats)
    return drawing


def _links(movement: Movement, formats: Formats) -> list[_Link]:
    """Join the flows between two bars; the scheme's order is that of the bridges."""
    place = {bridge.segment: index for index, bridge in enumerate(movement.bridges)}
    joined: dict[tuple[int, int], list[Flow]] = {}
    for flow in movement.flows:
        outside = _RETURNING if flow.reason == "returning" else _NEW
        before = outside if flow.before is None else place[flow.before]
        now = _LEFT if flow.now is None else place[flow.now]
        joined.setdefault((before, now), []).append(flow)
    return [
        _Link(*ends, sum(flow.customer_count for flow in flows), _about(flows, formats))
        for ends, flows in joined.items()
    ]


def _about(flows: Sequence[Flow], formats: Formats) -> str:
    parts = ", ".join(f"{formats.count(flow.customer_count)} {flow.reason}" for flow in flows)
    return f"{flow_name(flows[0])}: {parts}"


def _counts(links: Sequence[_Link], side: str) -> defaultdict[int, int]:
    """Return the customers of each bar of one side, in the scheme's order, outsiders last."""
    found: dict[int, int] = {}
    for link in links:
        key = getattr(link, side)
        found[key] = found.get(key, 0) + link.count
    return defaultdict(int, sorted(found.items(), key=lambda pair: _order(pair[0])))


def _order(key: int) -> tuple[bool, int]:
    return key < 0, abs(key)


def _scale(counts: Sequence[int], room: float) -> float:
    """Return the pixels per customer at which all bars fit, none with less room than a label."""
    free = room - _GAP * (len(counts) - 1)
    small: set[int] = set()
    while True:
        large = sum(count for i, count in enumerate(counts) if i not in small)
        scale = (free - _LINE * len(small)) / large if large else 0.0
        smaller = {i for i, count in enumerate(counts) if count * scale < _LINE}
        if smaller <= small:
            return scale
        small |= smaller


def _bars(
    counts: Mapping[int, int], names: Mapping[int, tuple[str, str]], room: float, scale: float
) -> tuple[_Bar, ...]:
    """Place bars below one another; what room is left is shared out between them."""
    slots = [max(_LINE, count * scale) for count in counts.values()]
    gap = (room - sum(slots)) / max(1, len(slots) - 1)
    bars, top = [], float(_TOP)
    for (key, count), slot in zip(counts.items(), slots, strict=True):
        name, color = names.get(key) or _OUTSIDE[key]
        start = top + (slot - count * scale) / 2
        bars.append(_Bar(key, shown(name, 60), checked_color(color), count, start, count * scale))
        top += slot + gap
    return tuple(bars)


def _label_room(bars: Sequence[_Bar], changes: Mapping[int, str], formats: Formats) -> float:
    """Return how wide the labels of a column are, counts set in bold."""
    return max(
        min(text_width(bar.name, BODY), _MOST_NAME)
        + text_width(formats.count(bar.count), BODY) * 1.06
        + text_width(changes.get(bar.key, ""), BODY)
        + (30 if bar.key in changes else 20)
        for bar in bars
    )


def _add_ribbons(
    drawing: Drawing,
    links: Sequence[_Link],
    columns: tuple[_Column, _Column],
    scale: float,
    least: int,
) -> None:
    """Draw a ribbon per link: those who stayed first and pale, then the moves, the small on top.

    Moves of fewer than `least` customers are left out: their place in the bars stays empty.
    """
    left, right = columns
    starts = _ends(links, left, scale, "before", "now")
    stops = _ends(links, right, scale, "now", "before")
    colors = {bar.key: bar.color for bar in left.bars}
    drawn = [link for link in links if link.before == link.now or link.count >= least]
    ordered = sorted(drawn, key=lambda link: (link.before != link.now, -link.count))
    edges = (left.x + _BAR, right.x - _BAR)
    for number, link in enumerate(ordered):
        look = {"color": colors[link.before], "key": number, "about": link.about}
        # A hair's breadth at least: a customer is a customer.
        thickness = max(link.count * scale, _LEAST_RIBBON)
        points = [
            {"x": x, "y": y, "y2": y + thickness} | look
            for x, y in _path(edges, (starts[link], stops[link]))
        ]
        opacity = _PALE if link.before == link.now else _STRONG
        drawing.add("ribbons", points, opacity=opacity)


def _ends(
    links: Sequence[_Link], column: _Column, scale: float, here: str, there: str
) -> dict[_Link, float]:
    """Return where each link meets the column: at its bar, in the order of the other side."""
    tops = {bar.key: bar.top for bar in column.bars}
    ends = {}
    for link in sorted(links, key=lambda link: _order(getattr(link, there))):
        key = getattr(link, here)
        ends[link] = tops[key]
        tops[key] += link.count * scale
    return ends


def _path(across: tuple[float, float], down: tuple[float, float]) -> list[tuple[float, float]]:
    """Return the points of a curve that leaves and arrives level (monotone between points)."""
    (x, x2), (y, y2) = across, down
    return [(x, y), (x + 4, y), (x2 - 4, y2), (x2, y2)]


def _add_left(drawing: Drawing, column: _Column, day: str, formats: Formats) -> None:
    x = column.x - 7
    for bar in column.bars:
        count, middle = formats.count(bar.count), bar.top + bar.height / 2
        _add_bar(drawing, bar, column.x, f"{bar.name}, {day}: {count} customers")
        style: dict[str, Any] = {"color": INK, "align": "right", "fontSize": BODY}
        drawing.texts([(x, middle, count)], fontWeight=600, **style)
        end = x - text_width(count, BODY) * 1.06 - 6
        drawing.texts([(end, middle, fitted(bar.name, _MOST_NAME, BODY))], **style)
    drawing.texts([(column.x + _BAR, 8, day)], color=MUTED, align="right")


def _add_right(
    drawing: Drawing, column: _Column, day: str, changes: Mapping[int, str], formats: Formats
) -> None:
    x = column.x + 7
    for bar in column.bars:
        count, middle = formats.count(bar.count), bar.top + bar.height / 2
        _add_bar(drawing, bar, column.x - _BAR, f"{bar.name}, {day}: {count} customers")
        style: dict[str, Any] = {"align": "left", "fontSize": BODY}
        drawing.texts([(x, middle, count)], color=INK, fontWeight=600, **style)
        start = x + text_width(count, BODY) * 1.06 + 6
        name = fitted(bar.name, _MOST_NAME, BODY)
        drawing.texts([(start, middle, name)], color=INK, **style)
        end = start + text_width(name, BODY) + 7
        drawing.texts([(end, middle, changes.get(bar.key, ""))], color=MUTED, **style)
    drawing.texts([(column.x - _BAR, 8, day)], color=MUTED, align="left")


def _add_bar(drawing: Drawing, bar: _Bar, x: float, about: str) -> None:
    box = {"x": x, "x2": x + _BAR, "y": bar.top, "y2": bar.top + max(bar.height, 1.0)}
    drawing.add("bars", [box | {"color": bar.color, "about": about}])
