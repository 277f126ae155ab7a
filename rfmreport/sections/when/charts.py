"""The layouts of the section on time: the map of the week's hours, and the bars of its days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rfmreport.kit.colors import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    RULE,
    shade,
)
from rfmreport.kit.drawings import (
    WIDE,
    Drawing,
    along,
    round_ticks,
    text_width,
)
from rfmreport.sections.when.page import clock, hour_caption, weekday_caption

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.when.figures import BusyBlock, Trends

_WEEK = 7
_ROW = 22
_TOP, _LEFT, _RIGHT = 22, 76, 104
_BAR_TEAL = "#6fa9a6"


def hour_drawing(report: Report, trends: Trends, formats: Formats) -> Drawing:
    """Lay out the week: weekdays downwards, hours across, the busy block framed."""
    drawing = Drawing(hour_caption(report, trends, formats), WIDE, _TOP + _WEEK * _ROW + 36)
    opened = [cell.hour for cell in trends.hours if cell.order_count]
    hours = range(min(opened), max(opened) + 1)
    side = (WIDE - _LEFT - _RIGHT) / len(hours)
    counts = {(cell.weekday, cell.hour): cell.order_count for cell in trends.hours}
    _fields(drawing, counts, hours, side, formats)
    _week_labels(drawing, trends, formats)
    _hour_axis(drawing, hours, side)
    if trends.busiest:
        _frame(drawing, trends.busiest, rows_of_block(trends.busiest, trends), hours, side)
    return drawing


def _fields(
    drawing: Drawing,
    counts: Mapping[tuple[int, int], int],
    hours: range,
    side: float,
    formats: Formats,
) -> None:
    most, total = max(counts.values()), sum(counts.values())
    fits = max(text_width(formats.count(count)) for count in counts.values()) <= side - 4
    for weekday in range(_WEEK):
        row = [counts.get((weekday, hour), 0) for hour in hours]
        y = _TOP + weekday * _ROW
        if not any(row):
            middle = _LEFT + side * len(hours) / 2
            drawing.texts([(middle, y + _ROW / 2, "no orders")], color=MUTED)
            continue
        for index, (hour, count) in enumerate(zip(hours, row, strict=True)):
            x = _LEFT + index * side
            box = {"x": x + 1, "y": y + 1, "x2": x + side - 1, "y2": y + _ROW - 1}
            about = f"{formats.weekday(weekday)} {clock(hour)}–{clock(hour + 1)}: "
            about += f"{formats.count(count)} orders ({formats.share(count / total)})"
            if not count:
                empty = box | {"color": PAPER, "about": about}
                drawing.add("bars", [empty], stroke=RULE, strokeWidth=1)
                continue
            color = shade(math.sqrt(count / most))
            drawing.add("bars", [box | {"color": color.fill, "about": about}])
            text = formats.count(count) if fits else formats.number(100 * count / total)
            drawing.texts([(x + side / 2, y + _ROW / 2, text)], color=color.ink)


def _week_labels(drawing: Drawing, trends: Trends, formats: Formats) -> None:
    total = trends.order_count
    rows = [(day, _TOP + (day.weekday + 0.5) * _ROW) for day in trends.weekdays]
    drawing.texts(
        [(_LEFT - 8, y, formats.weekday(day.weekday)) for day, y in rows],
        color=INK, align="right",
    )  # fmt: skip
    counts = [(WIDE - 50, y, formats.count(day.order_count)) for day, y in rows]
    drawing.texts(counts, color=INK, align="right", fontWeight=600)
    shares = [(WIDE - 2, y, formats.share(day.order_count / total)) for day, y in rows]
    drawing.texts([*shares, (WIDE - 2, 10, "of all")], align="right")
    drawing.texts([(WIDE - 50, 10, "Orders")], align="right")


def _hour_axis(drawing: Drawing, hours: range, side: float) -> None:
    base = _TOP + _WEEK * _ROW
    ends = [(_LEFT + i * side, base + 12, str(hours[0] + i)) for i in range(len(hours) + 1)]
    drawing.texts(ends, color=MUTED)
    middle = _LEFT + side * len(hours) / 2
    drawing.texts([(middle, base + 27, "Hour of the day")], color=MUTED)


def rows_of_block(block: BusyBlock, trends: Trends) -> Sequence[tuple[int, int]]:
    """Return first and last row of the frame: over the week's end it has two parts."""
    end = block.first_weekday + block.weekday_count
    inside = {number % _WEEK for number in range(block.first_weekday, end)}
    if {day.weekday for day in trends.weekdays if day.order_count} <= inside:
        return [(0, _WEEK - 1)]
    if end <= _WEEK:
        return [(block.first_weekday, end - 1)]
    return [(block.first_weekday, _WEEK - 1), (0, end - _WEEK - 1)]


def _frame(
    drawing: Drawing,
    block: BusyBlock,
    parts: Sequence[tuple[int, int]],
    hours: range,
    side: float,
) -> None:
    left, right = (_LEFT + (hour - hours[0]) * side for hour in (block.first_hour, block.end_hour))
    for number, (first, last) in enumerate(parts):
        top, bottom = _TOP + first * _ROW, _TOP + (last + 1) * _ROW
        lines = [(left, top, left, bottom), (right, top, right, bottom)]
        if number == 0:
            lines.append((left, top, right, top))
        # A block over the week's end is open towards it: there it goes on.
        if number == len(parts) - 1:
            lines.append((left, bottom, right, bottom))
        drawing.rules(lines, color=INK, strokeWidth=2, strokeCap="square")


def weekday_drawing(report: Report, trends: Trends, formats: Formats) -> Drawing:
    """Lay out one bar per weekday: the orders of the average such day."""
    drawing = Drawing(weekday_caption(report, trends, formats), WIDE, 138)
    left, top, base = 46, 20, 114
    most = max(day.orders_per_day for day in trends.weekdays)
    ticks = round_ticks(most, 3)
    heights = [along(tick, (0, most), (base, top)) for tick in ticks]
    drawing.rules([(left, y, WIDE, y) for y in heights[1:]])
    drawing.texts(
        [(left - 8, y, formats.number(tick)) for y, tick in zip(heights, ticks, strict=True)],
        align="right",
    )
    step = (WIDE - left) / _WEEK
    for day in trends.weekdays:
        middle = left + (day.weekday + 0.5) * step
        y = along(day.orders_per_day, (0, most), (base, top))
        name, mean = formats.weekday(day.weekday), formats.number(day.orders_per_day)
        color = ACCENT if day.weekday == trends.best_weekday else _BAR_TEAL
        box = {"x": middle - 30, "x2": middle + 30, "y": base, "y2": y, "color": color}
        about = f"{name}: {mean} orders a day, {formats.count(day.order_count)} in all"
        drawing.add("bars", [box | {"about": about}])
        drawing.texts([(middle, y - 9, mean)], color=INK, fontWeight=600)
        drawing.texts([(middle, base + 13, name)], color=MUTED)
    drawing.rules([(left, base, WIDE, base)], color=MUTED)
    return drawing
