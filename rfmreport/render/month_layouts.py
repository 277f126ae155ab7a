"""The layout of revenue by month: the last full month stands out, unfinished ones stand back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from rfmreport.render.captions import month_a_year_before, month_caption, shown_months
from rfmreport.render.colors import ACCENT, INK, MUTED, PALE, PAPER, RULE
from rfmreport.render.drawings import WIDE, Drawing, along, round_ticks

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Month, Report

_HEIGHT = 146
_TOP, _BOTTOM, _LEFT = 20, 34, 46
_TEAL = "#6fa9a6"


class _Scale(TypedDict):
    highest: float
    formats: Formats


def month_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out one bar per month, with the same month a year before behind it."""
    months = shown_months(report.months)
    drawing = Drawing(month_caption(report, formats), WIDE, _HEIGHT)
    before = {month: month_a_year_before(month, report.months) for month in months}
    highest = max(float(m.revenue) for m in (*months, *filter(None, before.values())))
    _grid(drawing, highest, formats)
    step = (WIDE - _LEFT) / len(months)
    last_full = max((m.first_day for m in months if m.complete), default=None)
    width = min(step * 0.72, 64)
    scale: _Scale = {"highest": highest, "formats": formats}
    for index, month in enumerate(months):
        middle = _LEFT + step * (index + 0.5)
        earlier = before[month]
        shift = width * 0.18 if earlier else 0.0
        if earlier:
            _bar(drawing, earlier, middle - shift, width * 0.64, color=PALE, **scale)
        size = width * (0.64 if earlier else 1)
        color = ACCENT if month.first_day == last_full else _TEAL
        _bar(drawing, month, middle + shift, size, color=color, **scale)
        _labels(drawing, months, index, middle, **scale)
    drawing.rules([(_LEFT, _HEIGHT - _BOTTOM, WIDE, _HEIGHT - _BOTTOM)], color=MUTED)
    return drawing


def _y(value: float, highest: float) -> float:
    return along(value, (0, highest), (_HEIGHT - _BOTTOM, _TOP))


def _grid(drawing: Drawing, highest: float, formats: Formats) -> None:
    ticks = round_ticks(highest, 3)
    drawing.rules([(_LEFT, _y(t, highest), WIDE, _y(t, highest)) for t in ticks[1:]], color=RULE)
    drawing.texts(
        [(_LEFT - 8, _y(tick, highest), formats.money_short(tick)) for tick in ticks],
        color=MUTED,
        align="right",
    )


def _bar(  # noqa: PLR0913 - a bar has a place, a size, a scale and a look
    drawing: Drawing,
    month: Month,
    middle: float,
    width: float,
    *,
    highest: float,
    formats: Formats,
    color: str,
) -> None:
    words = f"{formats.month(month.first_day)}: {formats.money(month.revenue)}"
    row: dict[str, Any] = {
        "x": middle - width / 2,
        "x2": middle + width / 2,
        "y": _HEIGHT - _BOTTOM,
        "y2": _y(float(month.revenue), highest),
        "color": color if month.complete else PAPER,
        "about": words if month.complete else f"{words} (month not complete)",
    }
    dashed = {} if month.complete else {"stroke": MUTED, "strokeDash": [3, 2], "strokeWidth": 1}
    drawing.add("bars", [row], **dashed)


def _labels(  # noqa: PLR0913 - as above
    drawing: Drawing,
    months: tuple[Month, ...],
    index: int,
    middle: float,
    *,
    highest: float,
    formats: Formats,
) -> None:
    month = months[index]
    base = _HEIGHT - _BOTTOM
    top = _y(float(month.revenue), highest) - 9
    weight = {"fontWeight": 600} if month.complete else {}
    drawing.texts([(middle, top, formats.money_short(month.revenue))], color=INK, **weight)
    name = formats.month_name_short(month.first_day)
    drawing.texts([(middle, base + 12, name if month.complete else f"{name}*")], color=MUTED)
    if index == 0 or month.first_day.month == 1:
        drawing.texts([(middle, base + 27, str(month.first_day.year))], color=MUTED)
