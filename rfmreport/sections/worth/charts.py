"""The layouts of what is to come: what each segment will bring, and what was said against done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.kit.colors import INK, MUTED, RULE, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted, round_ticks, text_width
from rfmreport.kit.tables import shown
from rfmreport.sections.worth.captions import outlook_caption, reliability_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.segments.figures import SegmentTable
    from rfmreport.sections.worth.figures import Outlook, ReliabilityGroup, Response

_NAME, _TOP, _BOTTOM, _STEP, _CLOSE_STEP, _MANY = 170, 4, 20, 20, 18, 7
_LEFT, _SIDE, _WIDTH, _HEIGHT = 40, 14, 280, 172
_DOT = "#0b5d5e"
_NEAR, _LABEL_HALF = 5, 6


def outlook_drawing(outlook: Outlook, table: SegmentTable, formats: Formats) -> Drawing:
    """Lay out one line per segment: what it will bring, with its interval."""
    rows = [(row.segment, row.revenue) for row in outlook.rows if row.revenue]
    step = _CLOSE_STEP if len(rows) >= _MANY else _STEP
    caption = outlook_caption(outlook, formats)
    drawing = Drawing(caption, WIDE, _TOP + step * len(rows) + _BOTTOM)
    highest = max((amount.high for _, amount in rows), default=0.0) or 1.0
    labels = [formats.money_short(amount.value) for _, amount in rows]
    label_room = 16 + max((text_width(label, BODY) for label in labels), default=0.0)
    extent, pixels = (0.0, highest), (float(_NAME), WIDE - label_room)
    bottom = drawing.height - _BOTTOM
    ticks = round_ticks(highest)
    drawing.rules(
        [(x, _TOP, x, bottom) for x in (along(tick, extent, pixels) for tick in ticks[1:])]
    )
    drawing.rules([(_NAME, _TOP, _NAME, bottom)], color=MUTED)
    drawing.texts([(along(t, extent, pixels), bottom + 12, formats.money_short(t)) for t in ticks])
    colors = {row.name: checked_color(row.color) for row in table.rows}
    for i, ((segment, amount), label) in enumerate(zip(rows, labels, strict=True)):
        y = _TOP + step * (i + 0.5)
        low, high, value = (
            along(v, extent, pixels) for v in (amount.low, amount.high, amount.value)
        )
        ends = (formats.money_short(v) for v in (amount.low, amount.high))
        about = f"{shown(segment, 60)}: {label}, {' to '.join(ends)}"
        color = colors[segment]
        name = fitted(shown(segment, 40), _NAME - 12, BODY)
        drawing.texts([(_NAME - 12, y, name)], color=INK, align="right", fontSize=BODY)
        bar = {"x": low, "x2": high, "y": y - 4, "y2": y + 4, "color": color, "about": about}
        drawing.add("bars", [bar], opacity=0.5)
        dot = {"x": value, "y": y, "size": 110, "color": color, "about": about}
        drawing.add("circles", [dot], opacity=1)
        drawing.texts([(high + 10, y, label)], color=INK, align="left", fontSize=BODY)
    return drawing


def reliability_drawing(response: Response, formats: Formats) -> Drawing:
    """Lay out what was expected across, and what came upwards; they meet on the line."""
    drawing = Drawing(reliability_caption(response, formats), _WIDTH, _HEIGHT)
    groups = response.groups
    highest = max(0.1, *(max(g.predicted, g.observed.high) for g in groups))
    ticks = round_ticks(highest)
    extent = (0.0, highest)
    across, down = (float(_LEFT), _WIDTH - 2.0 * _SIDE), (_HEIGHT - 38.0, 20.0)

    def place(said: float, came: float) -> tuple[float, float]:
        return along(said, extent, across), along(came, extent, down)

    for tick in ticks:
        x, y = place(tick, tick)
        drawing.rules([(across[0], y, across[1], y)], color=RULE)
        drawing.texts([(across[0] - 6, y, formats.share(tick, 0))], align="right")
        drawing.texts([(x, down[0] + 12, formats.share(tick, 0))])
    drawing.rules([(across[0], down[0], across[1], down[0])], color=MUTED)
    drawing.rules([(*place(0, 0), *place(highest, highest))], color=MUTED, strokeDash=[4, 3])
    drawing.texts([(0, 8, "Came")], color=INK, align="left", fontWeight=600)
    drawing.texts([(across[1], _HEIGHT - 8, "Expected")], color=INK, align="right", fontWeight=600)
    places = [place(group.predicted, group.observed.value) for group in groups]
    ends = [(place(0, g.observed.low)[1], place(0, g.observed.high)[1]) for g in groups]
    for group, (x, y), (low, high) in zip(groups, places, ends, strict=True):
        drawing.add("circles", [_dot(group, x, y, formats)], opacity=1)
        drawing.rules([(x, low, x, high)], color=_DOT, strokeWidth=2)
    _count_labels(drawing, groups, places, ends, formats)
    return drawing


def _dot(group: ReliabilityGroup, x: float, y: float, formats: Formats) -> dict[str, Any]:
    about = (
        f"expected {formats.share(group.predicted, 0)}, came "
        f"{formats.share(group.observed.value, 0)}, "
        f"{formats.count(group.observed.customer_count)} customers"
    )
    return {"x": x, "y": y, "size": 70, "color": _DOT, "about": about}


def _count_labels(
    drawing: Drawing,
    groups: Sequence[ReliabilityGroup],
    places: Sequence[tuple[float, float]],
    ends: Sequence[tuple[float, float]],
    formats: Formats,
) -> None:
    """Write how many each dot stands for, where no other dot or number is in the way."""
    marks = [
        _Box(x - _NEAR, x + _NEAR, min(y - _NEAR, high), max(y + _NEAR, low))
        for (x, y), (low, high) in zip(places, ends, strict=True)
    ]
    taken = list(marks)
    for group, mark, (x, y) in zip(groups, marks, places, strict=True):
        text = formats.count(group.observed.customer_count)
        # Above the line there is room on the left, below it on the right, but for the edge.
        width = text_width(text)
        is_above = group.observed.value >= group.predicted or x + 8 + width > drawing.width
        left = x - 8 - width if is_above else x + 8
        box = _Box(left, left + width, y - _LABEL_HALF, y + _LABEL_HALF)
        if left >= 0 and not any(box.meets(other) for other in taken if other is not mark):
            drawing.texts([(left, y, text)], align="left")
            taken.append(box)


@dataclass(frozen=True, slots=True)
class _Box:
    """What a mark or a text takes up."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        """Say whether they overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )
