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
from rfmreport.kit.drawings import SMALL, Drawing, along, fitted, round_ticks, text_width, wrapped
from rfmreport.kit.tables import Table, share_texts, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.hold.charts import holding_title
from rfmreport.sections.movement.page import movement_finding
from rfmreport.sections.products.page import sells_title
from rfmreport.sections.segments.charts import share_caption
from rfmreport.sections.when.figures import month_a_year_before
from rfmreport.sections.when.month_page import month_caption, order_month_caption, shown_months

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
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
_Sides = tuple[float, float]


def mail_drawing(report: Report, sections: Iterable[str], formats: Formats) -> Drawing:
    """Lay out the chart of one e-mail: of the first of these sections that has one here."""
    drawings = (
        CHARTS_OF_SECTIONS[name](report, formats) for name in sections if name in CHARTS_OF_SECTIONS
    )
    return next(filter(None, drawings), None) or _segment_shares(report, formats)


def _caption(
    name: str, kicker: str, title: str, told: Iterable[tuple[str, str]], note: str = ""
) -> Caption:
    """Return the words of a chart, which reads out what is `told` by each bar."""
    spoken = "; ".join(f"{subject}: {text}" for subject, text in told)
    no_table = Table("", (), ())  # an e-mail prints none of a chart's data
    return Caption(name, kicker, title, f"{title}. {spoken}.", note, no_table)


def _box(drawing: Drawing, x: _Sides, y: tuple[float, float], color: str, **style: object) -> None:
    row = {"x": x[0], "x2": x[1], "y": y[0], "y2": y[1], "color": color, "about": ""}
    drawing.add("bars", [row], **style)


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
    plain = replace(formats, currency=None)
    revenue = _Measure(lambda month: float(month.revenue), formats.money_short, plain.money_short)
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
        place = (middle, min(step * 0.74, 64))
        _month_bars(drawing, (month, before), place, measure, ACCENT if is_last else _TEAL)
        if is_last:
            text = measure.written(measure.value(month))
            x = min(middle, WIDTH - text_width(text, _PRINT) * _BOLD / 2)
            y = measure.y(measure.value(month)) - 12
            drawing.texts([(x, y, text)], color=INK, fontSize=_PRINT, fontWeight=700)
        name = formats.month_name_short(month.first_day)[:3] + ("" if month.complete else "*")
        color, weight = (INK, 700) if is_last else (MUTED, 400)
        label = (middle, _BASE + 14, name)
        drawing.texts([label], color=color, fontSize=_PRINT, fontWeight=weight)
        if index == 0 or month.first_day.month == 1:
            year = (middle, _BASE + 34, str(month.first_day.year))
            drawing.texts([year], color=MUTED, fontSize=_PRINT)
    drawing.rules([(left, _BASE, WIDTH, _BASE)], color=MUTED)
    return drawing


def _scale(drawing: Drawing, measure: _Measure) -> float:
    """Draw the scale, and return where the bars begin."""
    ticks = [(measure.y(tick), measure.at_scale(tick)) for tick in round_ticks(measure.highest, 3)]
    left = max(text_width(text, _PRINT) for _, text in ticks[1:]) + _GAP
    drawing.rules([(left, y, WIDTH, y) for y, _ in ticks[1:]], color=RULE)
    labels = [(left - _GAP, y, text) for y, text in ticks[1:]]
    drawing.texts(labels, color=MUTED, align="right", fontSize=_PRINT)
    return left


def _month_bars(
    drawing: Drawing, pair: tuple[Month, Month | None], place: _Sides, measure: _Measure, color: str
) -> None:
    """Draw a month at its middle and width, and pale beside it the same one a year before."""
    (month, before), (middle, width) = pair, place
    left, right = middle - width / 2, middle + width / 2
    if before:
        top = measure.y(measure.value(before))
        _box(drawing, (left, left + width * 0.34), (top, _BASE), PALE)
        left += width * 0.36
    y = (measure.y(measure.value(month)), _BASE)
    if month.complete:
        _box(drawing, (left, right), y, color)
    else:
        dashes = {"stroke": MUTED, "strokeDash": [4, 3], "strokeWidth": 1.5}
        _box(drawing, (left, right), y, PAPER, **dashes)


# --- segments -----------------------------------------------------------------------------------

Bar = tuple[float, str]  # how long, and what is written at its end


def _segment_shares(report: Report, formats: Formats) -> Drawing:
    """Lay out each segment's share of revenue, and below it that of customers."""
    rows = report.segments.rows
    revenue = share_texts([row.revenue for row in rows], formats)
    customers = share_texts([row.customer_count for row in rows], formats)
    revenue[0], customers[0] = f"{revenue[0]} of revenue", f"{customers[0]} of customers"
    upper = zip((row.revenue_share for row in rows), revenue, strict=True)
    lower = zip((row.customer_share for row in rows), customers, strict=True)
    return _segment_bars(rows, share_caption(report.segments, formats), list(upper), list(lower))


def _segment_sizes(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the customers of each segment, and below them those of a month ago."""
    rows, day = report.segments.rows, report.segments.previous_as_of
    if report.movement is None or day is None:
        return None
    counts = [(row.customer_count, row.previous_customer_count or 0) for row in rows]
    texts = [(formats.count(now), formats.count(before)) for now, before in counts]
    told = (f"{now} after {before}" for now, before in texts)
    words = _caption(
        "segment-sizes",
        f"Customers per segment, now and on {formats.day(day)}",
        movement_finding(report.movement, formats),
        zip((shown(row.name, 40) for row in rows), told, strict=True),
    )
    first = f"{day.day} {formats.month_name_short(day)}"
    texts[0] = (f"{texts[0][0]} now", f"{texts[0][1]} on {first}")
    upper, lower = (
        [(float(pair[place]), text[place]) for pair, text in zip(counts, texts, strict=True)]
        for place in (0, 1)
    )
    return _segment_bars(rows, words, upper, lower)


def _returns(report: Report, formats: Formats) -> Drawing | None:
    """Lay out who of each segment came back, with the interval in words."""
    known = [(row, row.return_share) for row in report.segments.rows if row.return_share]
    if report.holding is None or not report.holding.hold_outs or not known:
        return None
    bars = [(share.value, _with_interval(share, formats)) for _, share in known]
    rows = [row for row, _ in known]
    words = _caption(
        "came-back",
        f"Share that ordered again within {formats.count(report.segments.horizon_days)} days",
        holding_title(report.holding, formats),
        zip((shown(row.name, 40) for row in rows), (text for _, text in bars), strict=True),
        note="In brackets: 95% interval.",
    )
    return _segment_bars(rows, words, bars)


def _with_interval(share: Estimate, formats: Formats) -> str:
    value, low, high = (formats.share(part, 0) for part in (share.value, share.low, share.high))
    return f"{value} ({low} to {high})"


def _segment_bars(
    rows: Sequence[SegmentRow], words: Caption, upper: Sequence[Bar], lower: Sequence[Bar] = ()
) -> Drawing:
    """Lay out one bar per segment in its colour, or two: the lower one pale."""
    step = _SEGMENT_STEP if lower else _BAR * 2
    drawing = Drawing(words, WIDTH, step * len(rows))
    extent, pixels = _room([*upper, *lower], _NAME)
    for index, row in enumerate(rows):
        top, color = step * index + 5, checked_color(row.color)
        value, text = upper[index]
        _bar(drawing, (_NAME, along(value, extent, pixels)), top, text, (color, INK))
        if lower:
            value, text = lower[index]
            looks = (blend(color, ON_DARK, 0.6), MUTED)
            _bar(drawing, (_NAME, along(value, extent, pixels)), top + _BAR + 2, text, looks)
        lines = wrapped(shown(row.name, 40), (_NAME - _GAP) * SMALL / _PRINT, 2 if lower else 1)
        middle = top + (_BAR if lower else _BAR / 2) - 9 * (len(lines) - 1)
        places = [(0, middle + 18 * number, line) for number, line in enumerate(lines)]
        drawing.texts(places, color=INK, align="left", fontSize=_PRINT)
    return drawing


def _room(bars: Sequence[Bar], left: float) -> tuple[_Sides, _Sides]:
    """Return the extent of the values, and the pixels that leave room for what is written."""
    text = max(text_width(text, _PRINT) for _, text in bars) * _BOLD + _GAP
    return (0, max(size for size, _ in bars) or 1.0), (left, WIDTH - text)


def _bar(drawing: Drawing, x: _Sides, top: float, text: str, colors: tuple[str, str]) -> None:
    """Draw a bar in the first colour, and what is written at its end in the second."""
    _box(drawing, x, (top, top + _BAR), colors[0])
    place = (x[1] + 6, top + _BAR / 2 + 0.5, text)
    weight = 700 if colors[1] == INK else 400
    drawing.texts([place], color=colors[1], align="left", fontSize=_PRINT, fontWeight=weight)


# --- products -----------------------------------------------------------------------------------


def _products(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the products with most revenue, the name above its bar; None without a favourite."""
    sales = report.sells.products if report.sells else None
    if sales is None or sales.favourite is None:
        return None
    best = sales.by_revenue[:_MOST_PRODUCTS]
    bars = [(float(one.revenue), formats.money_short(one.revenue)) for one in best]
    names = [shown(one.name, 60) for one in best]
    has_few = any(one.customer_count < FEWEST_CUSTOMERS for one in best)
    words = _caption(
        "top-products",
        "Best sellers",
        sells_title(sales, formats),
        zip(names, (text for _, text in bars), strict=True),
        note=f"Pale: bought by fewer than {FEWEST_CUSTOMERS} customers." if has_few else "",
    )
    drawing = Drawing(words, WIDTH, _PRODUCT_STEP * len(best))
    extent, pixels = _room(bars, 0)
    for index, (one, name, (value, text)) in enumerate(zip(best, names, bars, strict=True)):
        top = _PRODUCT_STEP * index
        label = fitted(name, WIDTH, _PRINT)
        drawing.texts([(0, top + 10, label)], color=INK, align="left", fontSize=_PRINT)
        color = PALE if one.customer_count < FEWEST_CUSTOMERS else _TEAL
        color = ACCENT if one == sales.favourite else color
        _bar(drawing, (0, along(value, extent, pixels)), top + 22, text, (color, INK))
    return drawing


CHARTS_OF_SECTIONS: dict[str, Callable[[Report, Formats], Drawing | None]] = {
    **dict.fromkeys(("projection", "months"), _revenue_months),
    **dict.fromkeys(("demand", "seasons"), _order_months),
    **dict.fromkeys(("leaving", "moves"), _segment_sizes),
    "hold_outs": _returns,
    **dict.fromkeys(("tastes", "launches", "favourites", "key_products"), _products),
}
"""Section of a department → the chart that shows it; else it is shown what segments bring."""
