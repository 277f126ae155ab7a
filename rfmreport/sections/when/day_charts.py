"""The layouts of revenue by hour and by day: small maps beside the one of orders."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from rfmreport.kit.colors import (
    ACCENT,
    INK,
    MUTED,
    PALE,
    PAPER,
    RAMP,
    RULE,
    blend,
)
from rfmreport.kit.drawings import (
    HALF,
    WIDE,
    Drawing,
    along,
    round_ticks,
    text_width,
)
from rfmreport.sections.when.charts import rows_of_block
from rfmreport.sections.when.day_captions import (
    MEAN_DAYS,
    day_caption,
    hour_revenue_caption,
    shown_days,
)
from rfmreport.sections.when.page import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.when.figures import BusyBlock, Day, Trends

_WEEK = 7
_HEIGHT, _TOP, _BOTTOM = 128, 4, 20
_ROW = (_HEIGHT - _TOP - _BOTTOM) / _WEEK
_LEFT, _RIGHT = 74, 8
_LINE = 0.8  # half of the line's thickness


def hour_revenue_drawing(trends: Trends, formats: Formats) -> Drawing:
    """Lay out revenue by weekday and hour as shades, the hours of most orders framed."""
    drawing = Drawing(hour_revenue_caption(trends, formats), HALF, _HEIGHT)
    opened = [cell.hour for cell in trends.hours if cell.order_count]
    first, end = min(opened), max(opened) + 1
    side = (HALF - _LEFT - _RIGHT) / (end - first)
    most = max(float(cell.revenue) for cell in trends.hours)
    for cell in trends.hours:
        if not first <= cell.hour < end or most <= 0:
            continue
        x, y = _LEFT + (cell.hour - first) * side, _TOP + cell.weekday * _ROW
        shade = math.sqrt(max(float(cell.revenue), 0.0) / most)
        about = (
            f"{formats.weekday(cell.weekday)} {clock(cell.hour)}–{clock(cell.hour + 1)}: "
            f"{formats.money(cell.revenue)}"
        )
        box = {"x": x + 0.5, "y": y + 0.5, "x2": x + side - 0.5, "y2": y + _ROW - 0.5}
        color = blend(*RAMP, shade) if shade else PAPER
        drawing.add("bars", [box | {"color": color, "about": about}])
    names = [(_LEFT - 6, _TOP + (n + 0.5) * _ROW, formats.weekday(n)) for n in range(_WEEK)]
    drawing.texts(names, color=MUTED, align="right")
    base = _TOP + _WEEK * _ROW + 11
    step = 1 if side >= text_width("00") + 2 else 2
    drawing.texts([(_LEFT + (hour - first) * side, base, str(hour))
                   for hour in range(first, end + 1, step)], color=MUTED)  # fmt: skip
    if trends.busiest:
        parts = rows_of_block(trends.busiest, trends)
        _frame(drawing, trends.busiest, parts, first, side)
    return drawing


def _frame(
    drawing: Drawing,
    block: BusyBlock,
    parts: Sequence[tuple[int, int]],
    first: int,
    side: float,
) -> None:
    """Frame the block; where it runs over the end of the week, in two parts, open towards it."""
    left, right = (_LEFT + (hour - first) * side for hour in (block.first_hour, block.end_hour))
    for number, (begin, last) in enumerate(parts):
        top, bottom = _TOP + begin * _ROW, _TOP + (last + 1) * _ROW
        lines = [(left, top, left, bottom), (right, top, right, bottom)]
        lines += [(left, top, right, top)] if number == 0 else []
        lines += [(left, bottom, right, bottom)] if number == len(parts) - 1 else []
        drawing.rules(lines, color=INK, strokeWidth=1.5, strokeCap="square")


def day_drawing(trends: Trends, formats: Formats) -> Drawing:
    """Lay out revenue by day as an area, and its mean of seven days as a line."""
    width = HALF if trends.hours else WIDE
    drawing = Drawing(day_caption(trends, formats), width, _HEIGHT)
    days = shown_days(trends)
    values = [max(float(day.revenue), 0.0) for day in days]
    highest, base = max(values) or 1.0, _HEIGHT - _BOTTOM
    ticks = round_ticks(highest, 3)
    texts = [formats.money_short(tick) for tick in ticks]
    left = max(text_width(text) for text in texts) + 10

    def place(number: float, value: float) -> tuple[float, float]:
        return (
            along(number, (0, max(1, len(days) - 1)), (left, width - _RIGHT)),
            along(value, (0, highest), (base, _TOP)),
        )

    heights = [place(0, tick)[1] for tick in ticks]
    drawing.rules([(left, y, width - _RIGHT, y) for y in heights[1:]], color=RULE)
    drawing.texts([(left - 6, y, text) for y, text in zip(heights, texts, strict=True)],
                  color=MUTED, align="right")  # fmt: skip
    about = "Revenue of the day"
    area = [place(number, value) for number, value in enumerate(values)]
    drawing.add("ribbons", [{"x": x, "y": y, "y2": base, "color": PALE, "key": "days",
                             "about": about} for x, y in area])  # fmt: skip
    means = [place(number, mean) for number, mean in _means(values)]
    drawing.add("ribbons", [{"x": x, "y": y - _LINE, "y2": y + _LINE, "color": ACCENT,
                             "key": "mean", "about": "Mean of seven days"}
                            for x, y in means])  # fmt: skip
    drawing.rules([(left, base, width - _RIGHT, base)], color=MUTED)
    drawing.texts(_months(days, formats, [x for x, _ in area], base + 11), color=MUTED)
    return drawing


def _means(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return the mean of each seven days in a row, at the middle one."""
    middle = MEAN_DAYS // 2
    return [
        (end - middle, sum(values[end - MEAN_DAYS + 1 : end + 1]) / MEAN_DAYS)
        for end in range(MEAN_DAYS - 1, len(values))
    ]


def _months(
    days: Sequence[Day], formats: Formats, places: Sequence[float], y: float
) -> list[tuple[float, float, str]]:
    """Return the names of the months at their first days, as many as have room."""
    begins = [(x, day.day) for x, day in zip(places, days, strict=True) if day.day.day == 1]
    names = [(x, y, formats.month_name_short(day)) for x, day in begins]
    room = min((b[0] - a[0] for a, b in pairwise(names)), default=1.0)
    widest = max((text_width(name) for _, _, name in names), default=0.0) + 8
    told = names[:: max(1, math.ceil(widest / room))]
    half = widest / 2
    return [one for one in told if places[0] + half - 8 <= one[0] <= places[-1] - half + 8]
