"""The drawing of the forecast: what was said of past spans and came, and what is said now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.kit.colors import INK, MUTED
from rfmreport.kit.drawings import BODY, WIDE, Drawing, along, round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption
    from rfmreport.models.forecast import Amount, Total
    from rfmreport.sections.worth.forecast_figures import What

_TEAL = "#6fa9a6"
_HIGH, _LEFT, _BASE, _WHOLE_SPAN = 132, 46, 22, 86
MOST_SPANS = 7


@dataclass(frozen=True, slots=True)
class _Span:
    """A span of days: what was said of it, and what came, None where it is still to come."""

    first_day: date
    last_day: date
    said: Amount
    came: float | None


def spans_drawing(caption: Caption, total: Total, what: What, formats: Formats) -> Drawing:
    """Lay out past spans as bars, oldest first, with what was said of each, and the one to come.

    A line across is the value said, the upright one its range.
    """
    drawing = Drawing(caption, WIDE, _HIGH)
    written = formats.count if what == "orders" else formats.money_short
    spans = _spans(total, what)
    highest = max(max(span.said.high, span.came or 0.0) for span in spans) or 1.0
    base = _HIGH - _BASE

    def height(value: float) -> float:
        return along(value, (0, highest), (base, 22))

    ticks = round_ticks(highest, 3)
    drawing.rules([(_LEFT, height(tick), WIDE, height(tick)) for tick in ticks[1:]])
    drawing.texts([(_LEFT - 6, height(tick), written(tick)) for tick in ticks], align="right")
    step = (WIDE - _LEFT) / len(spans)
    half = min(step * 0.3, 38)
    for place, span in enumerate(spans):
        middle = _LEFT + step * (place + 0.5)
        days = [f"{day.day} {formats.month_name_short(day)}" for day in
                (span.first_day, span.last_day)]  # fmt: skip
        drawing.texts([(middle, base + 13, "–".join(days) if step > _WHOLE_SPAN else days[0])])
        if span.came is not None:
            _came(drawing, span, (middle, half, base, height(span.came)), written)
        _said(drawing, span.said, middle, half, height)
    low, high = spans[-1].said.low, spans[-1].said.high
    words = f"{written(low)}–{written(high)}"
    drawing.texts([(WIDE, height(high) - 10, words)], color=INK, fontWeight=600, fontSize=BODY,
                  align="right")  # fmt: skip
    drawing.rules([(_LEFT, base, WIDE, base)], color=MUTED)
    return drawing


def _spans(total: Total, what: What) -> list[_Span]:
    past = [
        _Span(one.first_day, one.last_day, getattr(one, what), one.came[what == "revenue"])
        for one in total.trials[:MOST_SPANS]
    ]
    return [*past[::-1], _Span(total.first_day, total.last_day, getattr(total, what), None)]


def _came(
    drawing: Drawing,
    span: _Span,
    bar: tuple[float, float, float, float],
    written: Callable[[float], str],
) -> None:
    """Draw what came; `bar` is its middle, its half width, its foot and its top."""
    middle, half, base, top = bar
    said, came = span.said, written(span.came or 0.0)
    about = f"came {came}, said {written(said.low)} to {written(said.high)}"
    box = {"x": middle - half, "x2": middle + half, "y": base, "y2": top}
    drawing.add("bars", [box | {"color": _TEAL, "about": about}])
    drawing.texts([(middle - half / 2, base - 10, came)], color=INK, fontWeight=600)


def _said(
    drawing: Drawing, amount: Amount, middle: float, half: float, height: Callable[[float], float]
) -> None:
    """Draw a range upright, and across it the value, where there is one."""
    low, high = height(amount.low), height(amount.high)
    drawing.rules([(middle, low, middle, high)], color=INK, strokeWidth=1.5)
    ends = [(middle - 5, y, middle + 5, y) for y in (low, high)]
    drawing.rules(ends, color=INK, strokeWidth=1.5)
    if amount.value is not None:
        y = height(amount.value)
        drawing.rules([(middle - half - 5, y, middle + half + 5, y)], color=INK, strokeWidth=2)
