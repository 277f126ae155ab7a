"""How each segment came to its size, and from where: bridges and matrix, a chart and a note."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import BODY, HALF, Drawing, along, fitted
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import Cell, Column, Row, Table, shown
from rfmreport.sections.movement.charts import LEFT, NEW, RETURNING
from rfmreport.sections.movement.figures import SegmentBridge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import Flow, Movement

PARTS = ("restated", "new", "returning", "bought", "aged")
RARE_PARTS = frozenset({"restated", "returning"})
_CAPTION = "How each segment came to its size"
_DRAWN = ("bought", "aged", "new", "returning", "restated")
_GREY = {"new": "first orders", "returning": "back in the window", "restated": "corrected"}
_NAME, _STEP, _TOP, _PALE = 116, 26, 20, 0.45


def bridges_table(report: Report, movement: Movement, formats: Formats) -> Table:
    """Return how each segment came to its size: every row and every column adds up."""
    days = (movement.before_as_of, report.as_of)
    return page_table(
        _CAPTION,
        _fields(parts_told(movement), (_short_day(day, formats) for day in days)),
        movement.bridges,
        formats,
        total=_total(movement),
        key=movement.bridges.index,
    )


def _fields(
    parts: Iterable[str], hints: Iterable[str] = ("", "")
) -> tuple[Field[SegmentBridge], ...]:
    """Return the columns of the table; on a page the changes are no news, and have no colour."""
    before, now = hints
    return (
        Field("", "Segment", lambda bridge: bridge.segment),
        Field("", "Before", lambda bridge: bridge.before_count, "count", before),
        *(_net(part.capitalize(), part) for part in parts),
        Field("", "Now", lambda bridge: bridge.now_count, "count", now),
        _net("Change", "change"),
    )


def _net(heading: str, part: str) -> Field[SegmentBridge]:
    return Field("", heading, attrgetter(part), "count_change", tone=lambda _: "")


def _total(movement: Movement) -> SegmentBridge:
    names = ("before_count", *PARTS, "now_count")
    sums = {name: sum(getattr(one, name) for one in movement.bridges) for name in names}
    return SegmentBridge("All customers", **sums)


def _short_day(day: date, formats: Formats) -> str:
    return f"{day.day} {formats.month_name_short(day)}"


def matrix_table(movement: Movement, formats: Formats) -> Table:
    """Return the customers by segment before (rows) and now (columns), with totals."""
    names = [bridge.segment for bridge in movement.bridges]
    counts: dict[tuple[int, int], int] = {}
    for flow in movement.flows:
        ends = _place(flow, names)
        counts[ends] = counts.get(ends, 0) + flow.customer_count
    befores, nows = (_shown_places(names, {ends[i] for ends in counts}) for i in (0, 1))
    rows = tuple(
        _matrix_row(_row_name(before, names), [before], nows, counts, formats) for before in befores
    )
    columns = (
        Column("From", numeric=False),
        *(Column(_column_name(now, names)) for now in nows),
        Column("Total"),
    )
    total = _matrix_row("Total", befores, nows, counts, formats)
    caption = "Customers by earlier segment (rows) and today’s (columns, numbered as the rows)"
    return Table(caption, columns, rows, total)


# Places after the last segment; a segment's name can be any text, so names would not do.
_OUTSIDE = (NEW, RETURNING, LEFT)


def _place(flow: Flow, names: Sequence[str]) -> tuple[int, int]:
    new, returning, left = range(len(names), len(names) + len(_OUTSIDE))
    outside = returning if flow.reason == "returning" else new
    return (
        outside if flow.before is None else names.index(flow.before),
        left if flow.now is None else names.index(flow.now),
    )


def _shown_places(names: Sequence[str], found: set[int]) -> list[int]:
    """Return every segment, and those outside of all that occur."""
    return [*range(len(names)), *sorted(place for place in found if place >= len(names))]


def _row_name(place: int, names: Sequence[str]) -> str:
    if place >= len(names):
        return _OUTSIDE[place - len(names)]
    return f"{place + 1} {shown(names[place], 40)}"


def _column_name(place: int, names: Sequence[str]) -> str:
    return _OUTSIDE[place - len(names)] if place >= len(names) else str(place + 1)


def _matrix_row(
    name: str,
    befores: Sequence[int],
    nows: Sequence[int],
    counts: Mapping[tuple[int, int], int],
    formats: Formats,
) -> Row:
    cells = [Cell(name)]
    for now in nows:
        count = sum(counts.get((before, now), 0) for before in befores)
        tone = "stayed" if list(befores) == [now] else "" if count else "nobody"
        cells.append(Cell(formats.count(count), str(count), tone))
    total = sum(int(cell.value) for cell in cells[1:])
    return Row((*cells, Cell(formats.count(total), str(total))))


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


def moves_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out what each segment gained and lost: parts to the right and left of its axis."""
    movement = report.movement
    if movement is None:
        return None
    rows = movement.bridges
    drawing = Drawing(_moves_caption(movement, formats), HALF, _TOP + _STEP * len(rows) + 4)
    gains = [sum(max(0, value) for value in _drawn(row)) for row in rows]
    losses = [sum(max(0, -value) for value in _drawn(row)) for row in rows]
    most_gained, most_lost = max(gains), max(losses)
    if not most_gained + most_lost:
        return None
    extent = (float(-most_lost), float(most_gained))
    at = partial(along, extent=extent, pixels=(float(_NAME), HALF - 84.0))
    axis = at(0)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        box = {"y": y - 8, "y2": y + 8, "color": colors[row.segment]}
        _move_bars(drawing, row, box, at, formats)
        change = formats.count_change(row.change)
        drawing.texts([(HALF - 40, y, change)], color=INK, align="right", fontWeight=600)
        drawing.texts([(HALF, y, formats.count(row.now_count))], align="right")
    drawing.rules([(axis, _TOP, axis, drawing.height - 4)], color=MUTED)
    drawing.texts([(HALF - 40, 8, "Change")], align="right")
    drawing.texts([(HALF, 8, "Now")], align="right")
    return drawing


def _move_bars(
    drawing: Drawing,
    bridge: SegmentBridge,
    box: Mapping[str, Any],
    at: Callable[[float], float],
    formats: Formats,
) -> None:
    """Draw the parts of one row into its box."""
    ends = {True: 0, False: 0}
    for part, value in zip(_DRAWN, _drawn(bridge), strict=True):
        if not value:
            continue
        start = ends[value > 0]
        ends[value > 0] = end = start + value
        left, right = sorted(map(at, (start, end)))
        about = f"{shown(bridge.segment, 60)}: {part} {formats.count_change(value)}"
        grey = {} if part in {"bought", "aged"} else {"color": MUTED}
        bar = {**box, **grey, "x": left, "x2": right, "about": about}
        drawing.add("bars", [bar], **({"opacity": _PALE} if part == "aged" else {}))


def _drawn(bridge: SegmentBridge) -> Sequence[int]:
    return [getattr(bridge, part) for part in _DRAWN]


def _moves_caption(movement: Movement, formats: Formats) -> Caption:
    told = [part for part in _DRAWN if any(getattr(row, part) for row in movement.bridges)]
    data = page_table(_CAPTION, _fields(told)[:-1], movement.bridges, formats)
    title = f"Customers won and lost since {formats.day(movement.before_as_of)}"
    spoken = "; ".join(
        f"{shown(row.segment, 40)}: {formats.count_change(row.change)}" for row in movement.bridges
    )
    others = [_GREY[part] for part in told if part in _GREY]
    note = "Right: won; left: lost. Full colour: by buying; pale: by silence"
    note += f"; grey: {', '.join(others)}." if others else "."
    return Caption("segment-changes", title, title, f"{title}. {spoken}.", note, data)
