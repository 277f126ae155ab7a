"""The layouts of coming back: the curve of second orders, and the cohorts as a heatmap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, RULE, shade
from rfmreport.kit.drawings import BODY, HALF, WIDE, Drawing, along, round_ticks, text_width
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.loyalty.figures import (
    MARKED_DAYS,
    Cohort,
    Cohorts,
    SecondOrderDay,
    SecondOrders,
)

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption

_HEIGHT = 152
_TOP, _BOTTOM, _LEFT, _RIGHT = 16.0, 34.0, 40.0, 8.0
_LABELLED_DAYS = frozenset({90, 180, 365})  # those that have room; the table has the others
_MOST_DAYS = 400
_LINE = 1.1  # half of the line's thickness
_Point = tuple[float, float, float, float, str, str]
"""Across, height, both ends of the interval; what is said of the interval and of the curve."""


def clock_drawing(caption: Caption, clock: SecondOrders, formats: Formats) -> Drawing:
    """Lay out the share with a second order by days, with its interval as a band."""
    drawing = Drawing(caption, HALF, _HEIGHT)
    days = _drawn_days(clock)
    highest = max(1 - day.low for day in days) or 1.0
    _axes(drawing, days[-1].days, highest, formats)
    _cold_line(drawing, clock, days[-1].days, highest, formats)
    _curve(drawing, days, highest, formats)
    _marks(drawing, clock, days[-1].days, highest, formats)
    return drawing


def _drawn_days(clock: SecondOrders) -> list[SecondOrderDay]:
    """Return the days of a year or so, or as many as it takes to show when customers turn cold."""
    end = min(len(clock.days) - 1, max(_MOST_DAYS, 2 * (clock.cold_after_days or 0)))
    step = math.ceil(end / _MOST_DAYS)
    return [*clock.days[:end:step], clock.days[end]]


def _x(day: float, end: int) -> float:
    return along(day, (0, end), (_LEFT, HALF - _RIGHT))


def _y(share: float, highest: float) -> float:
    return along(share, (0, highest), (_HEIGHT - _BOTTOM, _TOP))


def _axes(drawing: Drawing, end: int, highest: float, formats: Formats) -> None:
    base = _HEIGHT - _BOTTOM
    ticks = round_ticks(highest, 4)
    heights = [_y(tick, highest) for tick in ticks]
    drawing.rules([(_LEFT, y, HALF - _RIGHT, y) for y in heights[1:]], color=RULE)
    drawing.rules([(_LEFT, base, HALF - _RIGHT, base)], color=MUTED)
    written = zip(heights, ticks, strict=True)
    drawing.texts([(_LEFT - 8, y, formats.share(t, 0)) for y, t in written], align="right")
    step = next(step for step in (30, 60, 90, 365, end) if end / step <= 8)  # noqa: PLR2004
    marks = [(_x(d, end), formats.count(d)) for d in range(0, end + 1, step)]
    drawing.texts([(min(x, HALF - text_width(t) / 2 - 1), base + 13, t) for x, t in marks])
    label = "Days since the first order →"
    drawing.texts([(HALF - _RIGHT, base + 28, label)], align="right")


def _curve(
    drawing: Drawing, days: Sequence[SecondOrderDay], highest: float, formats: Formats
) -> None:
    end = days[-1].days
    about = f"Up to {formats.count(end)} days: {formats.share(1 - days[-1].waiting)}"
    points: list[_Point] = []
    for day in days:
        share, low, high = (_y(one, highest) for one in day.ordered)
        points.append((_x(day.days, end), share, low, high, "95% interval", about))
    _ribbons(drawing, points)


def _ribbons(drawing: Drawing, points: Sequence[_Point]) -> None:
    """Draw a curve on its interval."""
    band, line = {"color": PALE, "key": "band"}, {"color": ACCENT, "key": "line"}
    drawing.add("ribbons", [
        {"x": x, "y": high, "y2": low} | band | {"about": about}
        for x, _, low, high, about, _ in points
    ])  # fmt: skip
    drawing.add("ribbons", [
        {"x": x, "y": y - _LINE, "y2": y + _LINE} | line | {"about": about}
        for x, y, *_, about in points
    ])  # fmt: skip


def _marks(
    drawing: Drawing, clock: SecondOrders, end: int, highest: float, formats: Formats
) -> None:
    for day in [day for day in MARKED_DAYS if day <= end]:
        share, low, high = clock.days[day].ordered
        x, y = _x(day, end), _y(share, highest)
        about = (
            f"Within {day} days: {formats.share(share)} (95% interval {formats.share(low)} to "
            f"{formats.share(high)})"
        )
        dot = {"x": x, "y": y, "size": 50, "color": ACCENT, "about": about}
        drawing.add("circles", [dot], opacity=1)
        if day in _LABELLED_DAYS:
            place = (x - 5, _y(high, highest) - 8, formats.share(share, 0))
            drawing.texts([place], color=INK, align="right", fontSize=BODY, fontWeight=600)


def _cold_line(
    drawing: Drawing, clock: SecondOrders, end: int, highest: float, formats: Formats
) -> None:
    """Draw the day from the curve down, so that it meets no label of the curve."""
    day = clock.cold_after_days
    if not day:
        return
    x, base = _x(day, end), _HEIGHT - _BOTTOM
    top = _y(1 - clock.days[day].waiting, highest)
    drawing.rules([(x, top, x, base)], color=MUTED, strokeDash=[3, 2])
    level = formats.share(clock.chance_level, 0)
    words = f"day {formats.count(day)}: chance below {level}"
    is_left = x + 6 + text_width(words) > HALF
    drawing.texts([(x - 6 if is_left else x + 6, base - 10, words)], color=MUTED,
                  align="right" if is_left else "left")  # fmt: skip


_Place = Callable[[float, float], tuple[float, float]]
_CHANCE_HIGH, _BEGIN, _END, _BELOW = 168, 38.0, HALF - 10.0, 34
_STEPS, _LABEL = 120, 14


def chance_drawing(
    caption: Caption, clock: SecondOrders, days: Sequence[SecondOrderDay], formats: Formats
) -> Drawing:
    """Lay out the chance of a second order by the days that one has waited."""
    drawing = Drawing(caption, HALF, _CHANCE_HIGH)
    last, highest = days[-1].days, max(day.chance.high for day in days if day.chance)
    highest = max(highest, clock.chance_level)
    base = _CHANCE_HIGH - _BELOW

    def place(day: float, share: float) -> tuple[float, float]:
        return (
            along(day, (0, last), (_BEGIN, _END)),
            along(share, (0, highest), (base, 18)),
        )

    ticks = round_ticks(highest, 3)
    drawing.rules([(_BEGIN, place(0, t)[1], _END, place(0, t)[1]) for t in ticks[1:]])
    drawing.texts([(_BEGIN - 6, place(0, t)[1], formats.share(t, 0)) for t in ticks], align="right")
    drawing.rules([(_BEGIN, base, _END, base)], color=MUTED)
    step = next(step for step in (30, 60, 90, 365, last) if last / step <= 7)  # noqa: PLR2004
    drawing.texts([(place(d, 0)[0], base + 12, formats.count(d)) for d in range(0, last + 1, step)])
    drawing.texts([(_END, base + 27, "days without a second order")], align="right")
    _chance_curve(drawing, days[:: max(1, len(days) // _STEPS)], place, formats)
    _level(drawing, clock, place, formats)
    return drawing


def _chance_curve(
    drawing: Drawing, days: Sequence[SecondOrderDay], place: _Place, formats: Formats
) -> None:
    points: list[_Point] = []
    for day in days:
        if day.chance:
            low, high = (place(0, end)[1] for end in (day.chance.low, day.chance.high))
            about = f"After {formats.count(day.days)} days: {formats.share(day.chance.value, 0)}"
            points.append((*place(day.days, day.chance.value), low, high, about, about))
    _ribbons(drawing, points)
    lowest = min(days, key=lambda day: day.chance.value if day.chance else 1.0)
    for day, align, shift in ((days[0], "left", 2), (lowest, "center", 0)):
        if day.chance and (day is days[0] or lowest is not days[0]):
            x = min(place(day.days, 0)[0] + shift, _END - _LABEL)
            y = place(0, day.chance.high)[1] - 8
            drawing.texts([(x, y, formats.share(day.chance.value, 0))], color=INK, align=align,
                          fontWeight=600)  # fmt: skip


def _level(drawing: Drawing, clock: SecondOrders, place: _Place, formats: Formats) -> None:
    """Draw the level below which a customer counts as cold, and its name where there is room."""
    y = place(0, clock.chance_level)[1]
    drawing.rules([(_BEGIN, y, _END, y)], color=MUTED, strokeDash=[3, 2])
    words = f"cold below {formats.share(clock.chance_level, 0)}"
    if _BEGIN + text_width(words) < HALF:
        drawing.texts([(_BEGIN + 4, y + 9, words)], align="left")


_NAMES, _COUNTS = 78.0, 46.0
_ROW, _HEAD, _WIDEST = 14.5, 35.0, 64.0


def cohort_drawing(caption: Caption, cohorts: Cohorts, formats: Formats) -> Drawing:
    """Lay out one row per first-order month and one cell per month since, dark where many ordered.

    The last row is that of all cohorts together.
    """
    shown, count = cohorts.shown, cohorts.shown_month_count
    height = math.ceil(_HEAD + _ROW * (len(shown) + 1) + 6)
    drawing = Drawing(caption, WIDE, height)
    width = min((WIDE - _NAMES - _COUNTS) / count, _WIDEST)
    _head(drawing, count, width)
    shares = [
        cohort.months[since].customer_count / cohort.customer_count
        for cohort in shown
        if cohort.customer_count >= FEWEST_CUSTOMERS
        for since in range(1, count + 1)
        if cohort.is_reached(since)
    ]
    extent = (min(shares), max(shares))
    for index, cohort in enumerate(shown):
        y = _HEAD + _ROW * (index + 0.5)
        star = "*" if cohorts.looks_new(cohort) else ""
        name = f"{formats.month_short(cohort.first_month)}{star}"
        _row_head(drawing, y, name, formats.count(cohort.customer_count))
        _cells(drawing, cohort, y, width, count, extent=extent, formats=formats)
    _foot(drawing, cohorts, width, count, formats)
    return drawing


def _left(months_since: int, width: float) -> float:
    return _NAMES + _COUNTS + (months_since - 1) * width


def _head(drawing: Drawing, count: int, width: float) -> None:
    start = _left(1, width)
    drawing.texts([(start, 8, "Months since the first order →")], color=MUTED, align="left")
    drawing.texts([(0, 27, "First order in")], color=MUTED, align="left")
    drawing.texts([(start - 10, 27, "n")], color=MUTED, align="right")
    places = [(_left(since, width) + width / 2, 27, str(since)) for since in range(1, count + 1)]
    drawing.texts(places, color=MUTED)


def _row_head(drawing: Drawing, y: float, name: str, count: str) -> None:
    drawing.texts([(0, y, name)], color=INK, align="left")
    drawing.texts([(_NAMES + _COUNTS - 10, y, count)], color=MUTED, align="right")


def _cells(  # noqa: PLR0913  a row has a cohort, a place, a size and a scale
    drawing: Drawing,
    cohort: Cohort,
    y: float,
    width: float,
    count: int,
    *,
    extent: tuple[float, float],
    formats: Formats,
) -> None:
    if cohort.customer_count < FEWEST_CUSTOMERS:
        drawing.texts([(_left(1, width) + 8, y, "too few")], color=MUTED, align="left")
        return
    for since in [since for since in range(1, count + 1) if cohort.is_reached(since)]:
        month = cohort.months[since]
        share = month.customer_count / cohort.customer_count
        color = shade(along(share, extent, (0, 1)))
        x = _left(since, width)
        words = (
            f"First order in {formats.month(cohort.first_month)}, month {since}: "
            f"{formats.count(month.customer_count)} of {formats.count(cohort.customer_count)} "
            f"ordered ({formats.share(share)}), {formats.money(month.revenue)}"
        )
        box: dict[str, Any] = {"x": x + 1, "x2": x + width - 1}
        box |= {"y": y - _ROW / 2 + 1, "y2": y + _ROW / 2 - 1}
        box |= {"color": color.fill, "about": words}
        drawing.add("bars", [box])
        drawing.texts([(x + width / 2, y, formats.share(share, 0))], color=color.ink)


def _foot(drawing: Drawing, cohorts: Cohorts, width: float, count: int, formats: Formats) -> None:
    top = _HEAD + _ROW * len(cohorts.shown) + 3
    y = top + _ROW / 2 + 2
    drawing.rules([(0, top, _left(count + 1, width), top)], color=MUTED)
    _row_head(drawing, y, "All", formats.count(cohorts.pooled_count))
    for month in cohorts.pooled[:count]:
        if month.customer_count >= FEWEST_CUSTOMERS:
            share = formats.share(month.ordered_count / month.customer_count, 0)
            place = (_left(month.months_since, width) + width / 2, y, share)
            drawing.texts([place], color=INK, fontWeight=600)
