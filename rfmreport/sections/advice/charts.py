"""The chart of targets, with its words: what comes anyway, and what to aim for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, fitted, round_ticks, text_width
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import money_range, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Target, Targets

_NAME, _STEP, _TOP, _BOTTOM = 150, 22, 6, 24


def targets_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the floor of each segment as a range, with marks for target and stretch."""
    targets = report.department_figures.targets
    if targets is None or not targets.rows:
        return None
    caption = _targets_caption(targets, formats)
    drawing = Drawing(caption, WIDE, _TOP + _STEP * len(targets.rows) + _BOTTOM)
    highest = max(max(row.floor.high, float(row.stretch)) for row in targets.rows) or 1.0
    texts = [formats.money_short(row.target) for row in targets.rows]
    room = 16 + max(text_width(text, BODY) for text in texts) * 1.06
    at = partial(along, extent=(0.0, highest), pixels=(float(_NAME), WIDE - room))
    base, ticks = drawing.height - _BOTTOM, round_ticks(highest)
    places = [at(tick) for tick in ticks]
    drawing.rules([(x, _TOP, x, base) for x in places[1:]])
    drawing.rules([(_NAME, _TOP, _NAME, base)], color=MUTED)
    marks = [(x, base + 12, formats.money_short(t)) for x, t in zip(places, ticks, strict=True)]
    drawing.texts(marks)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, (row, text) in enumerate(zip(targets.rows, texts, strict=True)):
        y = _TOP + _STEP * (place + 0.5)
        _target_row(drawing, row, y, (colors.get(row.segment, MUTED), at), formats)
        right = max(at(row.floor.high), at(float(row.stretch))) + 10
        drawing.texts([(right, y, text)], color=INK, align="left", fontSize=BODY, fontWeight=600)
    return drawing


def _target_row(
    drawing: Drawing,
    row: Target,
    y: float,
    look: tuple[str, Callable[[float], float]],
    formats: Formats,
) -> None:
    """Draw one row, in its colour and to the scale."""
    color, at = look
    name = fitted(shown(row.segment, 40), _NAME - 12, BODY)
    drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
    low, high, likely, target, stretch = (
        at(float(value))
        for value in (row.floor.low, row.floor.high, row.floor.value, row.target, row.stretch)
    )
    about = (
        f"{shown(row.segment, 60)}: comes anyway {formats.money_short(row.floor.value)} "
        f"({money_range(row.floor, formats)}), target "
        f"{formats.money_short(row.target)}, stretch {formats.money_short(row.stretch)}"
    )
    bar = {"x": low, "x2": high, "y": y - 5, "y2": y + 5, "color": color, "about": about}
    drawing.add("bars", [bar], opacity=0.45)
    drawing.add("circles", [{"x": likely, "y": y, "size": 70, "color": color, "about": about}],
                opacity=1)  # fmt: skip
    drawing.rules([(x, y - 9, x, y + 9) for x in (target, stretch)], color=INK, strokeWidth=1.5)


def _targets_caption(targets: Targets, formats: Formats) -> Caption:
    fields: tuple[Field[Target], ...] = (
        Field("", "Segment", lambda row: row.segment),
        Field("", "Comes anyway", lambda row: row.floor.value, "money"),
        Field("", "from", lambda row: row.floor.low, "money"),
        Field("", "to", lambda row: row.floor.high, "money"),
        Field("", "Target", lambda row: row.target, "money"),
        Field("", "Stretch", lambda row: row.stretch, "money"),
    )
    caption = "What each segment brings anyway, its target and stretch"
    data = page_table(caption, fields, targets.rows, formats)
    title = f"Target of the next {formats.count(targets.days)} days"
    spoken = "; ".join(
        f"{shown(row.segment, 40)}: {formats.money_short(row.target)}" for row in targets.rows
    )
    note = "Bar and dot: what comes anyway, with its bounds. Lines: target and stretch."
    return Caption("targets", title, title, f"{title}. {spoken}.", note, data)
