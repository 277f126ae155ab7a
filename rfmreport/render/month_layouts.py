"""The layouts by month: the last full month stands out, unfinished ones stand back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rfmreport.render.captions import month_a_year_before, month_caption, shown_months
from rfmreport.render.colors import ACCENT, INK, MUTED, PALE, PAPER, RULE
from rfmreport.render.drawings import WIDE, Drawing, along, round_ticks, text_width
from rfmreport.render.trend_captions import order_month_caption

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.report import Month, Report

_HEIGHT = 146
_TOP, _BOTTOM, _LEFT = 20, 34, 46
_LINE, _GAP, _BOLD = 15, 6, 1.06
_TEAL = "#6fa9a6"
_FEWEST_TO_SHORTEN = 100_000


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is drawn of a month, how it is written, short and in full, and the highest of all."""

    value: Callable[[Month], float]
    short: Callable[[float], str]
    full: Callable[[Month], str]
    highest: float = 1.0

    def y(self, month: Month) -> float:
        return self.y_of(self.value(month))

    def y_of(self, value: float) -> float:
        return along(value, (0, self.highest), (_HEIGHT - _BOTTOM, _TOP))


def month_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out the revenue of each month, with the same month a year before beside it."""
    drawing = Drawing(month_caption(report, formats), WIDE, _HEIGHT)
    revenue = _Measure(
        value=lambda month: float(month.revenue),
        short=_short_money(report, formats),
        full=lambda month: formats.money(month.revenue),
    )
    return _with_months(drawing, report, revenue, formats)


def order_month_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out the orders of each month in the same way."""
    drawing = Drawing(order_month_caption(report, formats), WIDE, _HEIGHT)
    orders = _Measure(
        value=lambda month: month.order_count,
        short=lambda count: _short_count(count, formats),
        full=lambda month: f"{formats.count(month.order_count)} orders",
    )
    return _with_months(drawing, report, orders, formats)


def _short_money(report: Report, formats: Formats) -> Callable[[float], str]:
    """Return how amounts are written: without the symbol where it would not fit above a bar."""
    months = shown_months(report.months)
    room = (WIDE - _LEFT) / len(months)
    widest = max(text_width(formats.money_short(month.revenue)) for month in months)
    fits = widest * _BOLD < room and widest < _LEFT - _GAP
    return (formats if fits else replace(formats, currency=None)).money_short


def _short_count(count: float, formats: Formats) -> str:
    if count < _FEWEST_TO_SHORTEN:
        return formats.count(count)
    return replace(formats, currency=None).money_short(count)


def _with_months(drawing: Drawing, report: Report, shape: _Measure, formats: Formats) -> Drawing:
    months = shown_months(report.months)
    before = {month: month_a_year_before(month, report.months) for month in months}
    highest = max(shape.value(m) for m in (*months, *filter(None, before.values())))
    measure = replace(shape, highest=highest)
    _grid(drawing, measure)
    step = (WIDE - _LEFT) / len(months)
    last_full = max((m.first_day for m in months if m.complete), default=None)
    width = min(step * 0.72, 64)
    has_pale_bars = any(before.values())
    for index, month in enumerate(months):
        middle = _LEFT + step * (index + 0.5)
        earlier = before[month]
        shift = width * 0.18 if earlier else 0.0
        if earlier:
            # Beside and not behind: on paper, marks of one colour are painted together.
            _bar(drawing, earlier, middle - width * 0.32, width * 0.36, PALE, measure, formats)
        size = width * (0.64 if earlier else 1)
        color = ACCENT if month.first_day == last_full else _TEAL
        _bar(drawing, month, middle + shift, size, color, measure, formats)
        _value(drawing, month, middle, measure, is_below=has_pale_bars)
        _name(drawing, month, middle, formats, is_first=index == 0, is_lower=has_pale_bars)
    drawing.rules([(_LEFT, _HEIGHT - _BOTTOM, WIDE, _HEIGHT - _BOTTOM)], color=MUTED)
    if has_pale_bars:
        drawing.height += _LINE
    return drawing


def _grid(drawing: Drawing, measure: _Measure) -> None:
    ticks = round_ticks(measure.highest, 3)
    drawing.rules([(_LEFT, measure.y_of(t), WIDE, measure.y_of(t)) for t in ticks[1:]], color=RULE)
    drawing.texts(
        [(_LEFT - _GAP, measure.y_of(tick), measure.short(tick)) for tick in ticks],
        color=MUTED,
        align="right",
    )


def _bar(  # noqa: PLR0913, PLR0917 - a bar has a place, a size, a scale and a look
    drawing: Drawing,
    month: Month,
    middle: float,
    width: float,
    color: str,
    measure: _Measure,
    formats: Formats,
) -> None:
    words = f"{formats.month(month.first_day)}: {measure.full(month)}"
    row: dict[str, Any] = {
        "x": middle - width / 2,
        "x2": middle + width / 2,
        "y": _HEIGHT - _BOTTOM,
        "y2": measure.y(month),
        "color": color if month.complete else PAPER,
        "about": words if month.complete else f"{words} (month not complete)",
    }
    dashed = {} if month.complete else {"stroke": MUTED, "strokeDash": [3, 2], "strokeWidth": 1}
    drawing.add("bars", [row], **dashed)


def _value(
    drawing: Drawing, month: Month, middle: float, measure: _Measure, *, is_below: bool
) -> None:
    """Write the value above its bar, or below the axis where a pale bar may be in its place."""
    y = _HEIGHT - _BOTTOM + 12 if is_below else measure.y(month) - 9
    weight = {"fontWeight": 600} if month.complete else {}
    drawing.texts([(middle, y, measure.short(measure.value(month)))], color=INK, **weight)


def _name(  # noqa: PLR0913 - a name has a place, and a year below it at times
    drawing: Drawing,
    month: Month,
    middle: float,
    formats: Formats,
    *,
    is_first: bool,
    is_lower: bool,
) -> None:
    y = _HEIGHT - _BOTTOM + 12 + (_LINE if is_lower else 0)
    name = formats.month_name_short(month.first_day)
    drawing.texts([(middle, y, name if month.complete else f"{name}*")], color=MUTED)
    if is_first or month.first_day.month == 1:
        drawing.texts([(middle, y + 15, str(month.first_day.year))], color=MUTED)
