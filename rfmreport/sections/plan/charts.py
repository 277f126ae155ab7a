"""Drawings of what is to come: sums by span, those that came and those foretold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.colors import INK, MUTED, PALE
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption
    from rfmreport.models.forecast import Forecast

HIGH, LEFT, BASE, TOP = 164, 46, 34, 22
"""The height of a chart by month, and the room at its left, below and above."""
_TEAL = "#6fa9a6"
_SPANS_HIGH, _SPANS_LEFT, _SPANS_BASE, _WHOLE_SPAN = 148, 46, 22, 86


def spans_drawing(
    caption: Caption, forecast: Forecast, written: Callable[[float], str], formats: Formats
) -> Drawing:
    """Lay out the past spans as bars, oldest first, and after them what is foretold of the next.

    A line across a past bar says what the rule would have said of it.
    """
    drawing = Drawing(caption, WIDE, _SPANS_HIGH)
    past = forecast.trials[::-1]
    highest = max([forecast.high, *(max(t.actual, t.predicted) for t in past)]) or 1.0
    base = _SPANS_HIGH - _SPANS_BASE

    def height(value: float) -> float:
        return along(value, (0, highest), (base, 22))

    ticks = round_ticks(highest, 3)
    drawing.rules([(_SPANS_LEFT, height(tick), WIDE, height(tick)) for tick in ticks[1:]])
    drawing.texts([(_SPANS_LEFT - 6, height(t), written(t)) for t in ticks], align="right")
    step = (WIDE - _SPANS_LEFT) / (len(past) + 1)
    half = min(step * 0.36, 38)
    is_roomy = step > _WHOLE_SPAN
    spans = [(one.first_day, one.last_day) for one in past]
    spans.append((forecast.first_day, forecast.last_day))
    for place, (first, last) in enumerate(spans):
        middle = _SPANS_LEFT + step * (place + 0.5)
        names = [f"{day.day} {formats.month_name_short(day)}" for day in (first, last)]
        whole = "–".join(names)
        drawing.texts([(middle, base + 13, whole if is_roomy else names[0])])
        box = {"x": middle - half, "x2": middle + half, "y": base}
        if place < len(past):
            one = past[place]
            about = f"came {written(one.actual)}, the rule would have said {written(one.predicted)}"
            drawing.add("bars", [box | {"y2": height(one.actual), "color": _TEAL, "about": about}])
            said = height(one.predicted)
            drawing.rules(
                [(middle - half - 5, said, middle + half + 5, said)], color=INK, strokeWidth=2
            )
            drawing.texts([(middle, base - 10, written(one.actual))], color=INK, fontWeight=600)
    _foretold(drawing, forecast, (WIDE - step / 2, half), height, written)
    drawing.rules([(_SPANS_LEFT, base, WIDE, base)], color=MUTED)
    return drawing


def _foretold(
    drawing: Drawing,
    forecast: Forecast,
    across: tuple[float, float],
    height: Callable[[float], float],
    written: Callable[[float], str],
) -> None:
    """Draw what is foretold, with its middle and half its width `across`."""
    middle, half = across
    low, high = height(forecast.low), height(forecast.high)
    about = (
        f"expected {written(forecast.value)}, {written(forecast.low)} to {written(forecast.high)}"
    )
    box = {"x": middle - half, "x2": middle + half, "y": height(0), "y2": height(forecast.value)}
    drawing.add("bars", [box | {"color": PALE, "about": about}], stroke=MUTED, strokeDash=[3, 2])
    drawing.rules([(middle, low, middle, high)], color=INK, strokeWidth=1.5)
    ends = [(middle - 6, y, middle + 6, y) for y in (low, high)]
    drawing.rules(ends, color=INK, strokeWidth=1.5)
    place = (middle, high - 10, written(forecast.value))
    drawing.texts([place], color=INK, fontWeight=600, fontSize=BODY)


def without_symbol(value: float, formats: Formats) -> str:
    """Write an amount without its currency, for an axis."""
    return type(formats)(formats.locale_name, None).money_short(value)


def month_grid(
    drawing: Drawing, highest: float, height: Callable[[float], float], formats: Formats
) -> None:
    """Draw the lines and figures that the months' bars stand against."""
    ticks = round_ticks(highest, 3)
    drawing.rules([(LEFT, height(tick), WIDE, height(tick)) for tick in ticks[1:]])
    marks = [(LEFT - 6, height(tick), without_symbol(tick, formats)) for tick in ticks]
    drawing.texts(marks, align="right")
    drawing.rules([(LEFT, height(0), WIDE, height(0))], color=MUTED)


def month_name(
    drawing: Drawing, day: date, middle: float, formats: Formats, *, is_first: bool
) -> None:
    """Write a month under its bar, the year where one begins."""
    y = HIGH - BASE + 12
    drawing.texts([(middle, y, formats.month_name_short(day))])
    if is_first or day.month == 1:
        drawing.texts([(middle, y + 14, str(day.year))])
