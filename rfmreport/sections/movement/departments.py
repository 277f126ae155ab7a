"""What departments are told of this topic: who moved, and who fell by silence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import MISSING, Formats
from rfmreport.kit.cells import (
    count_cell,
    money_cell,
    name_cell,
    row_of,
    segment_keys,
    share_cell,
    table_of,
)
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import BODY, HALF, Drawing, along, fitted
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.tables import Cell, Column, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.movement.figures import Movement, SegmentBridge


def _moves_finding(report: Report, formats: Formats) -> str:
    movement = report.movement
    if movement is None:
        return ""
    changes = {bridge: bridge.now_count - bridge.before_count for bridge in movement.bridges}
    told = sorted((b for b in movement.bridges if changes[b]), key=lambda b: -abs(changes[b]))[:2]
    if not told:
        return ""
    words = " and ".join(
        f"{bridge.segment} {'grew' if changes[bridge] > 0 else 'shrank'} by "
        f"{formats.count(abs(changes[bridge]))} to {formats.count(bridge.now_count)}"
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
        f"from the top: {formats.money_short(movement.slipped_revenue)} of past spend"
    )


_NAME, _STEP, _TOP = 116, 26, 20


_LONGEST = 60


def moves_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out what each segment gained and lost: parts to the right and left of its axis."""
    movement = report.movement
    if movement is None:
        return None
    rows = movement.bridges
    drawing = Drawing(_moves_caption(movement, formats), HALF, _TOP + _STEP * len(rows) + 4)
    gains = [sum(max(0, value) for value in _parts(row).values()) for row in rows]
    losses = [sum(max(0, -value) for value in _parts(row).values()) for row in rows]
    most_gained, most_lost = max(gains), max(losses)
    if not most_gained + most_lost:
        return None
    extent, pixels = (float(-most_lost), float(most_gained)), (float(_NAME), HALF - 84.0)
    axis = along(0, extent, pixels)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        _move_bars(drawing, row, colors[row.segment], y, extent, pixels, formats)
        change = formats.count_change(row.now_count - row.before_count)
        drawing.texts([(HALF - 40, y, change)], color=INK, align="right", fontWeight=600)
        drawing.texts([(HALF, y, formats.count(row.now_count))], align="right")
    drawing.rules([(axis, _TOP, axis, drawing.height - 4)], color=MUTED)
    drawing.texts([(HALF - 40, 8, "Change")], align="right")
    drawing.texts([(HALF, 8, "Now")], align="right")
    return drawing


_PARTS = ("bought", "aged", "new", "returning", "restated")


_PALE = 0.45


def _parts(bridge: SegmentBridge) -> dict[str, int]:
    return {part: getattr(bridge, part) for part in _PARTS}


def _move_bars(  # noqa: PLR0913, PLR0917  a row has a place and a scale
    drawing: Drawing,
    bridge: SegmentBridge,
    color: str,
    y: float,
    extent: tuple[float, float],
    pixels: tuple[float, float],
    formats: Formats,
) -> None:
    ends = {True: 0, False: 0}
    for part, value in _parts(bridge).items():
        if not value:
            continue
        start = ends[value > 0]
        ends[value > 0] = end = start + value
        left, right = sorted(along(place, extent, pixels) for place in (start, end))
        about = f"{shown(bridge.segment, _LONGEST)}: {part} {formats.count_change(value)}"
        look = color if part in {"bought", "aged"} else MUTED
        bar = {"x": left, "x2": right, "y": y - 8, "y2": y + 8, "color": look, "about": about}
        drawing.add("bars", [bar], **({"opacity": _PALE} if part == "aged" else {}))


def _moves_caption(movement: Movement, formats: Formats) -> Caption:
    told = [part for part in _PARTS if any(getattr(row, part) for row in movement.bridges)]
    columns = [Column("Segment", numeric=False), Column("Before")]
    columns += [Column(part.capitalize()) for part in told]
    columns.append(Column("Now"))
    data = table_of(
        "How each segment came to its size",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    count_cell(row.before_count, formats),
                    *(
                        Cell(formats.count_change(getattr(row, p)), str(getattr(row, p)))
                        for p in told
                    ),
                    count_cell(row.now_count, formats),
                )
            )
            for row in movement.bridges
        ],
    )
    title = f"Customers won and lost since {formats.day(movement.before_as_of)}"
    spoken = "; ".join(
        f"{shown(row.segment, 40)}: {formats.count_change(row.now_count - row.before_count)}"
        for row in movement.bridges
    )
    others = [_OTHERS[part] for part in told if part in _OTHERS]
    note = "Right: won; left: lost. Full colour: by buying; pale: by silence"
    note += f"; grey: {', '.join(others)}." if others else "."
    return Caption("segment-changes", title, title, f"{title}. {spoken}.", note, data)


_OTHERS = {"new": "first orders", "returning": "back in the window", "restated": "corrected"}


@dataclass(slots=True)
class _Fallen:
    """Customers who fell to one segment by silence."""

    count: int = 0
    from_top: int = 0
    revenue: Decimal = Decimal(0)


def leaving_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return to where customers fell by silence, and how many of such come anyway."""
    movement = report.movement
    fallen = _fallen(movement) if movement else {}
    if movement is None or not fallen:
        return None
    response = report.worth.response if report.worth else None
    chances = {row.segment: row.shares[-1] for row in response.rows} if response else {}
    days = formats.count(response.windows[-1]) if response else ""
    keys = segment_keys(report)
    rows = []
    for name in (name for name in keys if name in fallen):
        one, chance = fallen[name], chances.get(name)
        enough = chance is not None and chance.customer_count >= FEWEST_CUSTOMERS
        cells = [
            name_cell(name),
            count_cell(one.count, formats),
            count_cell(one.from_top, formats),
            money_cell(one.revenue, formats),
        ]
        if chances:
            cells.append(
                share_cell(chance.value if chance and enough else None, formats)
                if enough
                else Cell(MISSING)
            )
        rows.append(row_of(cells, keys[name]))
    columns = [
        Column("Fell to", numeric=False),
        Column("Customers"),
        Column("From", hint="the top"),
        Column("Past spend"),
    ]
    columns += [Column("Order anyway", hint=f"in {days} days")] if chances else []
    top = " and ".join(shown(name, 30) for name in movement.top_segments)
    note = f"By silence since {formats.day(movement.before_as_of)}. The top: {top}."
    if chances:
        note += (
            " Order anyway: of all customers in the segment, those who come as things were; "
            "the others are whom a call can win."
        )
    caption = "Customers who fell to a lower segment by silence"
    return Block(table_of(caption, columns, rows), note=note)


def _fallen(movement: Movement) -> dict[str, _Fallen]:
    found: dict[str, _Fallen] = {}
    for flow in movement.flows:
        if flow.reason == "aged" and flow.before and flow.now:
            one = found.setdefault(flow.now, _Fallen())
            one.count += flow.customer_count
            one.from_top += flow.customer_count if flow.before in movement.top_segments else 0
            one.revenue += flow.revenue
    return found


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "moves",
        "Who moved",
        _moves_finding,
        drawings=(moves_drawing,),
        files=(
            "data/bridges.csv",
            "data/movement.csv",
        ),
        reasons=("What moved",),
        is_narrow=True,
        charts=("segment-changes",),
    ),
    Section(
        "leaving",
        "Who fell by silence",
        _leaving_finding,
        block=leaving_block,
        files=("data/moved.csv",),
        reasons=("What moved",),
        is_narrow=True,
        look="leaving",
    ),
)
"""What departments may be told of this topic."""
