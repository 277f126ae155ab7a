"""The layouts of days and hours: maps of the week, bars of its days, revenue day by day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, PAPER, RAMP, RULE, blend, shade
from rfmreport.kit.drawings import HALF, WIDE, Drawing, along, round_ticks, text_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption
    from rfmreport.sections.when.figures import Day, Trends

WEEK = 7
MEAN_DAYS = 7
_BAR_TEAL = "#6fa9a6"
_SMALL_HEIGHT, _SMALL_BOTTOM, _SMALL_RIGHT = 128, 20, 8
_LINE = 0.8  # half of the line's thickness


def clock(hour: int) -> str:
    """Write a full hour: "09:00"."""
    return f"{hour:02}:00"


@dataclass(frozen=True)
class _WeekMap:
    """The week as fields: weekdays downwards, the hours that have orders across."""

    trends: Trends
    left: float
    top: float
    width: float
    row: float

    @cached_property
    def hours(self) -> range:
        opened = [cell.hour for cell in self.trends.hours if cell.order_count]
        return range(min(opened), max(opened) + 1)

    @property
    def side(self) -> float:
        return self.width / len(self.hours)

    def x(self, hour: int) -> float:
        return self.left + (hour - self.hours[0]) * self.side

    def y(self, weekday: float) -> float:
        return self.top + weekday * self.row

    def box(self, weekday: int, hour: int, gap: float) -> dict[str, Any]:
        x, y = self.x(hour), self.y(weekday)
        return {"x": x + gap, "y": y + gap, "x2": x + self.side - gap, "y2": y + self.row - gap}

    def frame_busiest(self, drawing: Drawing, thickness: float) -> None:
        """Frame the busy hours; over the end of the week in two parts, open towards it."""
        block = self.trends.busiest
        if block is None:
            return
        left, right = self.x(block.first_hour), self.x(block.end_hour)
        parts = rows_of_block(self.trends)
        for number, (first, last) in enumerate(parts):
            top, bottom = self.y(first), self.y(last + 1)
            lines = [(left, top, left, bottom), (right, top, right, bottom)]
            lines += [(left, top, right, top)] if number == 0 else []
            lines += [(left, bottom, right, bottom)] if number == len(parts) - 1 else []
            drawing.rules(lines, color=INK, strokeWidth=thickness, strokeCap="square")


def rows_of_block(trends: Trends) -> Sequence[tuple[int, int]]:
    """Return first and last row of the frame: over the week's end it has two parts."""
    block = trends.busiest
    if block is None:
        return []
    end = block.first_weekday + block.weekday_count
    inside = {number % WEEK for number in range(block.first_weekday, end)}
    if {day.weekday for day in trends.weekdays if day.order_count} <= inside:
        return [(0, WEEK - 1)]
    if end <= WEEK:
        return [(block.first_weekday, end - 1)]
    return [(block.first_weekday, WEEK - 1), (0, end - WEEK - 1)]


def hour_drawing(caption: Caption, trends: Trends, formats: Formats) -> Drawing:
    """Lay out the orders of the week, each hour with its number, the busy block framed."""
    week = _WeekMap(trends, left=76, top=22, width=WIDE - 76 - 104, row=22)
    drawing = Drawing(caption, WIDE, 22 + WEEK * 22 + 36)
    _order_fields(drawing, week, formats)
    _week_labels(drawing, week, formats)
    base = week.y(WEEK)
    ends = range(week.hours[0], week.hours[-1] + 2)
    drawing.texts([(week.x(hour), base + 12, str(hour)) for hour in ends], color=MUTED)
    drawing.texts([(week.left + week.width / 2, base + 27, "Hour of the day")], color=MUTED)
    week.frame_busiest(drawing, 2)
    return drawing


def _order_fields(drawing: Drawing, week: _WeekMap, formats: Formats) -> None:
    counts = {(cell.weekday, cell.hour): cell.order_count for cell in week.trends.hours}
    most, total = max(counts.values()), sum(counts.values())
    fits = max(text_width(formats.count(count)) for count in counts.values()) <= week.side - 4
    for weekday in range(WEEK):
        middle = week.y(weekday) + week.row / 2
        row = [(hour, counts.get((weekday, hour), 0)) for hour in week.hours]
        if not any(count for _, count in row):
            place = (week.left + week.width / 2, middle, "no orders")
            drawing.texts([place], color=MUTED)
            continue
        for hour, count in row:
            about = f"{formats.weekday(weekday)} {clock(hour)}–{clock(hour + 1)}: "
            about += f"{formats.count(count)} orders ({formats.share(count / total)})"
            box = week.box(weekday, hour, 1) | {"color": PAPER, "about": about}
            if not count:
                drawing.add("bars", [box], stroke=RULE, strokeWidth=1)
                continue
            color = shade(math.sqrt(count / most))
            drawing.add("bars", [box | {"color": color.fill}])
            text = formats.count(count) if fits else formats.number(100 * count / total)
            drawing.texts([(week.x(hour) + week.side / 2, middle, text)], color=color.ink)


def _week_labels(drawing: Drawing, week: _WeekMap, formats: Formats) -> None:
    trends = week.trends
    rows = [(day, week.y(day.weekday + 0.5)) for day in trends.weekdays]
    names = [(week.left - 8, y, formats.weekday(day.weekday)) for day, y in rows]
    drawing.texts(names, color=INK, align="right")
    counts = [(WIDE - 50, y, formats.count(day.order_count)) for day, y in rows]
    drawing.texts(counts, color=INK, align="right", fontWeight=600)
    shares = [(WIDE - 2, y, formats.share(day.order_count / trends.order_count)) for day, y in rows]
    drawing.texts([*shares, (WIDE - 2, 10, "of all")], align="right")
    drawing.texts([(WIDE - 50, 10, "Orders")], align="right")


def weekday_drawing(caption: Caption, trends: Trends, formats: Formats) -> Drawing:
    """Lay out one bar per weekday: the orders of the average such day."""
    drawing = Drawing(caption, WIDE, 138)
    left, top, base = 46, 20, 114
    most = max(day.orders_per_day for day in trends.weekdays)
    ticks = round_ticks(most, 3)
    heights = [along(tick, (0, most), (base, top)) for tick in ticks]
    drawing.rules([(left, y, WIDE, y) for y in heights[1:]])
    labels = [(left - 8, y, formats.number(tick)) for y, tick in zip(heights, ticks, strict=True)]
    drawing.texts(labels, align="right")
    step = (WIDE - left) / WEEK
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


def hour_revenue_drawing(caption: Caption, trends: Trends, formats: Formats) -> Drawing:
    """Lay out revenue by weekday and hour as shades, the hours of most orders framed."""
    drawing = Drawing(caption, HALF, _SMALL_HEIGHT)
    row = (_SMALL_HEIGHT - 4 - _SMALL_BOTTOM) / WEEK
    week = _WeekMap(trends, left=74, top=4, width=HALF - 74 - _SMALL_RIGHT, row=row)
    most = max(float(cell.revenue) for cell in trends.hours)
    for cell in trends.hours:
        if cell.hour not in week.hours or most <= 0:
            continue
        dark = math.sqrt(max(float(cell.revenue), 0.0) / most)
        about = (
            f"{formats.weekday(cell.weekday)} {clock(cell.hour)}–{clock(cell.hour + 1)}: "
            f"{formats.money(cell.revenue)}"
        )
        look = {"color": blend(*RAMP, dark) if dark else PAPER, "about": about}
        drawing.add("bars", [week.box(cell.weekday, cell.hour, 0.5) | look])
    names = [(week.left - 6, week.y(n + 0.5), formats.weekday(n)) for n in range(WEEK)]
    drawing.texts(names, color=MUTED, align="right")
    step = 1 if week.side >= text_width("00") + 2 else 2
    ends = range(week.hours[0], week.hours[-1] + 2, step)
    drawing.texts([(week.x(hour), week.y(WEEK) + 11, str(hour)) for hour in ends], color=MUTED)
    week.frame_busiest(drawing, 1.5)
    return drawing


def day_drawing(caption: Caption, days: Sequence[Day], width: int, formats: Formats) -> Drawing:
    """Lay out revenue by day as an area, and its mean of seven days as a line."""
    drawing = Drawing(caption, width, _SMALL_HEIGHT)
    values = [max(float(day.revenue), 0.0) for day in days]
    highest, base = max(values) or 1.0, _SMALL_HEIGHT - _SMALL_BOTTOM
    ticks = round_ticks(highest, 3)
    texts = [formats.money_short(tick) for tick in ticks]
    left, right = max(text_width(text) for text in texts) + 10, width - _SMALL_RIGHT

    def place(number: float, value: float) -> tuple[float, float]:
        return (
            along(number, (0, max(1, len(days) - 1)), (left, right)),
            along(value, (0, highest), (base, 4)),
        )

    heights = [place(0, tick)[1] for tick in ticks]
    drawing.rules([(left, y, right, y) for y in heights[1:]], color=RULE)
    labels = [(left - 6, y, text) for y, text in zip(heights, texts, strict=True)]
    drawing.texts(labels, color=MUTED, align="right")
    area = [place(number, value) for number, value in enumerate(values)]
    look = {"color": PALE, "key": "days", "about": "Revenue of the day"}
    drawing.add("ribbons", [{"x": x, "y": y, "y2": base} | look for x, y in area])
    means = [place(number, mean) for number, mean in _means(values)]
    look = {"color": ACCENT, "key": "mean", "about": "Mean of seven days"}
    drawing.add("ribbons", [{"x": x, "y": y - _LINE, "y2": y + _LINE} | look for x, y in means])
    drawing.rules([(left, base, right, base)], color=MUTED)
    drawing.texts(_months(days, formats, [x for x, _ in area], base + 11), color=MUTED)
    return drawing


def day_of_month_drawing(
    caption: Caption, means: Mapping[int, float], mean: float, busiest: range, formats: Formats
) -> Drawing:
    """Lay out the orders of the average 1st, 2nd … of a month, those that stand out darker."""
    drawing = Drawing(caption, WIDE, 128)
    left, top, base, most = 46, 8, 108, max(means.values()) or 1.0
    for tick in round_ticks(most, 3):
        y = along(tick, (0, most), (base, top))
        drawing.rules([(left, y, WIDE, y)], color=RULE)
        drawing.texts([(left - 8, y, formats.number(tick))], color=MUTED, align="right")
    step = (WIDE - left) / max(means)
    for number, value in means.items():
        middle = left + (number - 0.5) * step
        box = {"x": middle - 0.36 * step, "x2": middle + 0.36 * step, "y": base}
        box["y2"] = along(value, (0, most), (base, top))
        about = f"Day {number} of the month: {formats.number(value)} orders"
        color = ACCENT if number in busiest else _BAR_TEAL
        drawing.add("bars", [box | {"color": color, "about": about}])
        drawing.texts([(middle, base + 11, str(number))], color=MUTED)
    y = along(mean, (0, most), (base, top))
    drawing.rules([(left, y, WIDE, y)], color=INK, strokeWidth=1)
    drawing.rules([(left, base, WIDE, base)], color=MUTED)
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
