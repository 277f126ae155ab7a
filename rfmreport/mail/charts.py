"""The chart of an e-mail: large print and few marks, because a phone shows it at half its size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import (
    ACCENT,
    INK,
    MUTED,
    ON_DARK,
    PALE,
    PAPER,
    RULE,
    blend,
    checked_color,
)
from rfmreport.kit.drawings import (
    SMALL,
    Drawing,
    along,
    fitted,
    round_ticks,
    text_width,
    wrapped,
)
from rfmreport.kit.tables import Table, share_texts, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.hold.page import holding_title
from rfmreport.sections.map.page import (
    month_a_year_before,
    month_caption,
    share_caption,
    shown_months,
)
from rfmreport.sections.movement.page import movement_finding
from rfmreport.sections.products.page import sells_title
from rfmreport.sections.when.page import order_month_caption

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import DepartmentSummary, Report
    from rfmreport.sections.segments.figures import SegmentRow
    from rfmreport.sections.when.figures import Month
    from rfmreport.vocabulary import Estimate

WIDTH = 552
"""The text width of an e-mail of 600 pixels."""
_PRINT = 16  # a phone of 360 pixels shows it 9.5 high
_BOLD = 1.06
_BAR, _GAP = 16, 8
_TEAL = "#6fa9a6"
_BASE, _TOP, _BELOW = 170, 26, 46
_NAME, _SEGMENT_STEP = 168, 48
_PRODUCT_STEP, _MOST_PRODUCTS = 50, 5
_FEWEST_MONTHS = 2
_NO_TABLE = Table("", (), ())  # an e-mail prints none of a chart's data


def mail_drawing(report: Report, department: DepartmentSummary | None, formats: Formats) -> Drawing:
    """Lay out the chart of one e-mail: of the first section of the department that has one here.

    The management is shown revenue by month, of which its headline speaks.
    """
    sections = department.sections if department else ("months",)
    drawings = (_DRAWINGS[name](report, formats) for name in sections if name in _DRAWINGS)
    return next(filter(None, drawings), None) or _segment_shares(report, formats)


# --- months -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is drawn of a month, how it is written at a bar and at the scale, the highest of all."""

    value: Callable[[Month], float]
    written: Callable[[float], str]
    at_scale: Callable[[float], str]
    highest: float = 1.0

    def y(self, value: float) -> float:
        return along(value, (0, self.highest), (_BASE, _TOP))


def _revenue_months(report: Report, formats: Formats) -> Drawing | None:
    revenue = _Measure(
        value=lambda month: float(month.revenue),
        written=formats.money_short,
        at_scale=replace(formats, currency=None).money_short,
    )
    return _months(report, formats, month_caption(report, formats), revenue)


def _order_months(report: Report, formats: Formats) -> Drawing | None:
    orders = _Measure(lambda month: month.order_count, formats.count, formats.count)
    return _months(report, formats, order_month_caption(report, formats), orders)


def _months(report: Report, formats: Formats, caption: Caption, shape: _Measure) -> Drawing | None:
    """Lay out one bar per month; None where fewer than two are complete."""
    complete = [month for month in report.months if month.complete]
    if len(complete) < _FEWEST_MONTHS:
        return None
    months = shown_months(report.months)
    years_before = [month_a_year_before(month, report.months) for month in months]
    highest = max(shape.value(month) for month in (*months, *filter(None, years_before)))
    measure = replace(shape, highest=highest or 1.0)
    drawing = Drawing(caption, WIDTH, _BASE + _BELOW)
    left = _scale(drawing, measure)
    step = (WIDTH - left) / len(months)
    for index, (month, before) in enumerate(zip(months, years_before, strict=True)):
        middle, is_last = left + step * (index + 0.5), month is complete[-1]
        width = min(step * 0.74, 64)
        _month_bars(drawing, month, before, middle, width, measure, is_last=is_last)
        _month_name(drawing, month, middle, formats, is_last=is_last, is_first=index == 0)
    drawing.rules([(left, _BASE, WIDTH, _BASE)], color=MUTED)
    return drawing


def _scale(drawing: Drawing, measure: _Measure) -> float:
    """Draw the scale, and return where the bars begin."""
    ticks = round_ticks(measure.highest, 3)[1:]
    texts = [measure.at_scale(tick) for tick in ticks]
    left = max(text_width(text, _PRINT) for text in texts) + _GAP
    drawing.rules([(left, measure.y(tick), WIDTH, measure.y(tick)) for tick in ticks], color=RULE)
    labels = [(left - _GAP, measure.y(tick), text) for tick, text in zip(ticks, texts, strict=True)]
    drawing.texts(labels, color=MUTED, align="right", fontSize=_PRINT)
    return left


def _month_bars(  # noqa: PLR0913, PLR0917  a month has a place, a year before it, and a scale
    drawing: Drawing,
    month: Month,
    before: Month | None,
    middle: float,
    width: float,
    measure: _Measure,
    *,
    is_last: bool,
) -> None:
    left, right, top = middle - width / 2, middle + width / 2, measure.y(measure.value(month))
    if before:
        _box(drawing, left, left + width * 0.34, measure.y(measure.value(before)), _BASE, PALE)
        left += width * 0.36
    if not month.complete:
        dashes = {"stroke": MUTED, "strokeDash": [4, 3], "strokeWidth": 1.5}
        _box(drawing, left, right, top, _BASE, PAPER, **dashes)
        return
    _box(drawing, left, right, top, _BASE, ACCENT if is_last else _TEAL)
    if is_last:
        text = measure.written(measure.value(month))
        half = text_width(text, _PRINT) * _BOLD / 2
        place = (min(middle, WIDTH - half), top - 12, text)
        drawing.texts([place], color=INK, fontSize=_PRINT, fontWeight=700)


def _month_name(  # noqa: PLR0913  a name has a place, and a year below it at times
    drawing: Drawing,
    month: Month,
    middle: float,
    formats: Formats,
    *,
    is_last: bool,
    is_first: bool,
) -> None:
    weight, color = (700, INK) if is_last else (400, MUTED)
    name = formats.month_name_short(month.first_day)[:3] + ("" if month.complete else "*")
    place = (middle, _BASE + 14, name)
    drawing.texts([place], color=color, fontSize=_PRINT, fontWeight=weight)
    if is_first or month.first_day.month == 1:
        place = (middle, _BASE + 34, str(month.first_day.year))
        drawing.texts([place], color=MUTED, fontSize=_PRINT)


def _box(  # noqa: PLR0913, PLR0917  four sides and a look
    drawing: Drawing,
    left: float,
    right: float,
    top: float,
    bottom: float,
    color: str,
    **style: object,
) -> None:
    row = {"x": left, "x2": right, "y": top, "y2": bottom, "color": color, "about": ""}
    drawing.add("bars", [row], **style)


# --- segments -----------------------------------------------------------------------------------

Bar = tuple[float, str]  # how long, and what is written at its end


def _segment_shares(report: Report, formats: Formats) -> Drawing:
    """Lay out each segment's share of revenue, and below it that of customers."""
    rows = report.segments.rows
    revenue = share_texts([row.revenue for row in rows], formats)
    customers = share_texts([row.customer_count for row in rows], formats)
    revenue[0], customers[0] = f"{revenue[0]} of revenue", f"{customers[0]} of customers"
    upper = [(row.revenue_share, text) for row, text in zip(rows, revenue, strict=True)]
    lower = [(row.customer_share, text) for row, text in zip(rows, customers, strict=True)]
    return _segment_bars(rows, share_caption(report.segments, formats), upper, lower)


def _segment_sizes(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the customers of each segment, and below them those of a month ago."""
    rows, day = report.segments.rows, report.segments.previous_as_of
    if report.movement is None or day is None:
        return None
    title = movement_finding(report.movement, formats)
    now = [row.customer_count for row in rows]
    before = [row.previous_customer_count or 0 for row in rows]
    spoken = "; ".join(
        f"{shown(row.name, 40)}: {formats.count(after)} after {formats.count(earlier)}"
        for row, after, earlier in zip(rows, now, before, strict=True)
    )
    kicker = f"Customers per segment, now and on {formats.day(day)}"
    words = Caption("segment-sizes", kicker, title, f"{title}. {spoken}.", "", _NO_TABLE)
    now_texts, before_texts = (list(map(formats.count, counts)) for counts in (now, before))
    now_texts[0] += " now"
    before_texts[0] += f" on {day.day} {formats.month_name_short(day)}"
    upper = list(zip(map(float, now), now_texts, strict=True))
    lower = list(zip(map(float, before), before_texts, strict=True))
    return _segment_bars(rows, words, upper, lower)


def _returns(report: Report, formats: Formats) -> Drawing | None:
    """Lay out who of each segment came back, with the interval in words."""
    rows = [row for row in report.segments.rows if row.return_share]
    if report.holding is None or not report.holding.hold_outs or not rows:
        return None
    title = holding_title(report.holding, formats)
    shares = [row.return_share for row in rows if row.return_share]
    bars = [(share.value, _with_interval(share, formats)) for share in shares]
    spoken = "; ".join(
        f"{shown(row.name, 40)}: {text}" for row, (_, text) in zip(rows, bars, strict=True)
    )
    kicker = f"Share that ordered again within {formats.count(report.segments.horizon_days)} days"
    note = "In brackets: 95% interval."
    words = Caption("came-back", kicker, title, f"{title}. {spoken}.", note, _NO_TABLE)
    return _segment_bars(rows, words, bars)


def _with_interval(share: Estimate, formats: Formats) -> str:
    value, low, high = (formats.share(part, 0) for part in (share.value, share.low, share.high))
    return f"{value} ({low} to {high})"


def _segment_bars(
    rows: Sequence[SegmentRow],
    words: Caption,
    upper: Sequence[Bar],
    lower: Sequence[Bar] = (),
) -> Drawing:
    """Lay out one bar per segment in its colour, or two: the lower one pale."""
    step = _SEGMENT_STEP if lower else _BAR * 2
    drawing = Drawing(words, WIDTH, step * len(rows))
    bars = (*upper, *lower)
    highest = max(size for size, _ in bars) or 1.0
    room = max(text_width(text, _PRINT) for _, text in bars) * _BOLD + _GAP

    def bar(one: Bar, top: float, color: str, weight: int) -> None:
        end = along(one[0], (0, highest), (_NAME, WIDTH - room))
        _box(drawing, _NAME, end, top, top + _BAR, color)
        _value(drawing, end, top, one[1], weight)

    for index, row in enumerate(rows):
        top = step * index + 5
        color = checked_color(row.color)
        bar(upper[index], top, color, 700)
        if lower:
            bar(lower[index], top + _BAR + 2, blend(color, ON_DARK, 0.6), 400)
        lines = wrapped(shown(row.name, 40), (_NAME - _GAP) * SMALL / _PRINT, 2 if lower else 1)
        middle = top + (_BAR if lower else _BAR / 2) - 9 * (len(lines) - 1)
        places = [(0, middle + 18 * number, line) for number, line in enumerate(lines)]
        drawing.texts(places, color=INK, align="left", fontSize=_PRINT)
    return drawing


def _value(drawing: Drawing, end: float, top: float, text: str, weight: int) -> None:
    """Write the value of a bar at its end."""
    place = (end + 6, top + _BAR / 2 + 0.5, text)
    color = MUTED if weight < 600 else INK  # noqa: PLR2004  bold print is for what counts
    drawing.texts([place], color=color, align="left", fontSize=_PRINT, fontWeight=weight)


# --- products -----------------------------------------------------------------------------------


def _products(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the products with most revenue, the name above its bar; None without a favourite."""
    sales = report.sells.products if report.sells else None
    if sales is None or sales.favourite is None:
        return None
    best = sales.by_revenue[:_MOST_PRODUCTS]
    values = [formats.money_short(one.revenue) for one in best]
    names = [shown(one.name, 60) for one in best]
    title = sells_title(sales, formats)
    spoken = "; ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
    has_few = any(one.customer_count < FEWEST_CUSTOMERS for one in best)
    note = f"Pale: bought by fewer than {FEWEST_CUSTOMERS} customers." if has_few else ""
    words = Caption("top-products", "Best sellers", title, f"{title}. {spoken}.", note, _NO_TABLE)
    drawing = Drawing(words, WIDTH, _PRODUCT_STEP * len(best))
    highest = max(float(one.revenue) for one in best) or 1.0
    room = max(text_width(value, _PRINT) for value in values) * _BOLD + _GAP
    for index, (one, name, value) in enumerate(zip(best, names, values, strict=True)):
        top = _PRODUCT_STEP * index
        label = fitted(name, WIDTH, _PRINT)
        drawing.texts([(0, top + 10, label)], color=INK, align="left", fontSize=_PRINT)
        end = along(float(one.revenue), (0, highest), (0, WIDTH - room))
        color = PALE if one.customer_count < FEWEST_CUSTOMERS else _TEAL
        color = ACCENT if one == sales.favourite else color
        _box(drawing, 0, end, top + 22, top + 22 + _BAR, color)
        _value(drawing, end, top + 22, value, 700)
    return drawing


_DRAWINGS: dict[str, Callable[[Report, Formats], Drawing | None]] = {
    "projection": _revenue_months,
    "months": _revenue_months,
    "demand": _order_months,
    "seasons": _order_months,
    "leaving": _segment_sizes,
    "moves": _segment_sizes,
    "hold_outs": _returns,
    "tastes": _products,
    "launches": _products,
    "favourites": _products,
    "key_products": _products,
}
"""Section of a department → the chart that shows it; else it is shown what segments bring."""
