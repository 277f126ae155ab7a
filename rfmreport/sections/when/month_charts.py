"""The layouts by month: the last full month stands out, unfinished ones stand back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, PAPER, RULE
from rfmreport.kit.drawings import HALF, TWO_FIFTHS, Drawing, along, round_ticks, text_width
from rfmreport.sections.when.figures import Month, month_a_year_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption

SHOWN_MONTHS = 13
"""Months that are drawn: a year, and the month that it is compared with."""
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
    size: tuple[int, int]
    highest: float = 1.0

    @property
    def right(self) -> int:
        return self.size[0]

    @property
    def base(self) -> int:
        return self.size[1] - _BOTTOM

    def y(self, month: Month) -> float:
        return self.y_of(self.value(month))

    def y_of(self, value: float) -> float:
        return along(value, (0, self.highest), (self.base, _TOP))


def revenue_month_drawing(caption: Caption, months: Sequence[Month], formats: Formats) -> Drawing:
    """Lay out the revenue of each month, with the same month a year before beside it."""
    revenue = _Measure(
        value=lambda month: float(month.revenue),
        short=_short_money(months, formats),
        full=lambda month: f"{formats.month(month.first_day)}: {formats.money(month.revenue)}",
        size=(TWO_FIFTHS, 176),
    )
    return _with_months(caption, months, revenue, formats)


def order_month_drawing(caption: Caption, months: Sequence[Month], formats: Formats) -> Drawing:
    """Lay out the orders of each month in the same way, on half the width."""
    orders = _Measure(
        value=lambda month: month.order_count,
        short=lambda count: _short_count(count, formats),
        full=lambda month: (
            f"{formats.month(month.first_day)}: {formats.count(month.order_count)} orders"
        ),
        size=(HALF, 132),
    )
    return _with_months(caption, months, orders, formats)


def _short_money(all_months: Sequence[Month], formats: Formats) -> Callable[[float], str]:
    """Return how amounts are written: without the symbol where it would not fit above a bar."""
    months = all_months[-SHOWN_MONTHS:]
    room = (TWO_FIFTHS - _LEFT) / len(months)
    widest = max(text_width(formats.money_short(month.revenue)) for month in months)
    fits = widest * _BOLD < room and widest < _LEFT - _GAP
    return (formats if fits else replace(formats, currency=None)).money_short


def _short_count(count: float, formats: Formats) -> str:
    if count < _FEWEST_TO_SHORTEN:
        return formats.count(count)
    return replace(formats, currency=None).money_short(count)


def _with_months(
    caption: Caption, all_months: Sequence[Month], shape: _Measure, formats: Formats
) -> Drawing:
    drawing = Drawing(caption, *shape.size)
    months = all_months[-SHOWN_MONTHS:]
    before = {month: month_a_year_before(month, all_months) for month in months}
    highest = max(shape.value(m) for m in (*months, *filter(None, before.values())))
    measure = replace(shape, highest=highest)
    _grid(drawing, measure)
    step = (measure.right - _LEFT) / len(months)
    told = _told_months(months, measure, step)
    last_full = max((m.first_day for m in months if m.complete), default=None)
    width = min(step * 0.72, 64)
    # Where a pale bar may be in the place of a value, all of them stand below the axis.
    has_values_below = any(before.values()) and len(told) == len(months)
    for index, month in enumerate(months):
        middle = _LEFT + step * (index + 0.5)
        earlier = before[month]
        shift = width * 0.18 if earlier else 0.0
        if earlier:
            # Beside and not behind: on paper, marks of one colour are painted together.
            _bar(drawing, earlier, (middle - width * 0.32, width * 0.36), PALE, measure)
        size = width * (0.64 if earlier else 1)
        color = ACCENT if month.first_day == last_full else _TEAL
        _bar(drawing, month, (middle + shift, size), color, measure)
        if month in told:
            top = min(measure.y(one) for one in (month, earlier) if one) - 9
            below = measure.base + 12
            _value(drawing, month, middle, below if has_values_below else top, measure)
    _names(drawing, months, measure, formats, is_lower=has_values_below)
    drawing.rules([(_LEFT, measure.base, measure.right, measure.base)], color=MUTED)
    if has_values_below:
        drawing.height += _LINE
    return drawing


def _grid(drawing: Drawing, measure: _Measure) -> None:
    ticks = round_ticks(measure.highest, 3)
    heights = [measure.y_of(tick) for tick in ticks]
    drawing.rules([(_LEFT, y, measure.right, y) for y in heights[1:]], color=RULE)
    drawing.texts(
        [(_LEFT - _GAP, y, measure.short(tick)) for y, tick in zip(heights, ticks, strict=True)],
        color=MUTED,
        align="right",
    )


def _bar(
    drawing: Drawing, month: Month, across: tuple[float, float], color: str, measure: _Measure
) -> None:
    """Draw a bar with its middle and width `across`."""
    (middle, width), words = across, measure.full(month)
    row: dict[str, Any] = {
        "x": middle - width / 2,
        "x2": middle + width / 2,
        "y": measure.base,
        "y2": measure.y(month),
        "color": color if month.complete else PAPER,
        "about": words if month.complete else f"{words} (month not complete)",
    }
    dashed = {} if month.complete else {"stroke": MUTED, "strokeDash": [3, 2], "strokeWidth": 1}
    drawing.add("bars", [row], **dashed)


def _told_months(months: Sequence[Month], measure: _Measure, step: float) -> list[Month]:
    """Return the months whose value is written: all, or where room lacks the last and the best."""
    widest = max(text_width(measure.short(measure.value(month))) for month in months)
    if widest * _BOLD < step:
        return list(months)
    full = [month for month in months if month.complete]
    if not full:
        return []
    last, best = full[-1], max(full, key=measure.value)
    apart = (months.index(last) - months.index(best)) * step
    is_highest = measure.value(best) == measure.highest
    return [best, last] if is_highest and apart > widest + _GAP else [last]


def _value(drawing: Drawing, month: Month, middle: float, y: float, measure: _Measure) -> None:
    text = measure.short(measure.value(month))
    weight = {"fontWeight": 600} if month.complete else {}
    half = text_width(text) * _BOLD / 2
    x = max(min(middle, measure.right - half), _LEFT + half)
    drawing.texts([(x, y, text)], color=INK, **weight)


def _names(
    drawing: Drawing,
    months: Sequence[Month],
    measure: _Measure,
    formats: Formats,
    *,
    is_lower: bool,
) -> None:
    """Write the months, by their first letter if room lacks, and the years below."""
    y = measure.base + 12 + (_LINE if is_lower else 0)
    step = (measure.right - _LEFT) / len(months)
    names = [formats.month_name_short(month.first_day) for month in months]
    is_narrow = max(map(text_width, names)) + 2 > step
    for index, (month, name) in enumerate(zip(months, names, strict=True)):
        middle = _LEFT + step * (index + 0.5)
        text = name[:1] if is_narrow else name
        drawing.texts([(middle, y, text if month.complete else f"{text}*")], color=MUTED)
        has_room = not is_narrow or months[min(1, len(months) - 1)].first_day.month != 1
        if month.first_day.month == 1 or (index == 0 and has_room):
            drawing.texts([(middle, y + _LINE, str(month.first_day.year))], color=MUTED)
