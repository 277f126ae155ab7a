"""The layouts of what sells: the best products as bars, launches as lines against earlier ones."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rfmreport.intervals import FEWEST_CUSTOMERS
from rfmreport.render.colors import ACCENT, INK, MUTED, PALE, RULE
from rfmreport.render.drawings import (
    BODY,
    HALF,
    WIDE,
    Drawing,
    along,
    fitted,
    round_ticks,
    text_width,
)
from rfmreport.render.sells_captions import top_caption, uptake_caption
from rfmreport.render.tables import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Launches, Product, ProductSales

_STEP, _TOP = 16, 20
_NAME, _GAP = 148, 28
_UPTAKE_HEIGHT = 160
_LEFT, _BOTTOM, _RIGHT = 34, 30, 16
_LABEL_STEP, _LABEL_TOP = 12, 6


def top_drawing(sales: ProductSales, formats: Formats) -> Drawing:
    """Lay out two lists of bars: the best products by revenue, and by pieces beside them."""
    lists = [one for one in (sales.by_revenue, sales.by_quantity) if one]
    height = _TOP + _STEP * max(len(one) for one in lists)
    drawing = Drawing(top_caption(sales, formats), WIDE, height)
    half = (WIDE - _GAP) / 2
    _bars(drawing, "By revenue", sales.by_revenue, 0, half,
          lambda one: (float(one.revenue), formats.money_short(one.revenue)))  # fmt: skip
    if sales.by_quantity:
        _bars(drawing, "By pieces", sales.by_quantity, half + _GAP, half,
              lambda one: (one.quantity or 0.0, formats.count(one.quantity)))  # fmt: skip
    return drawing


def _bars(  # noqa: PLR0913, PLR0917  a list has a heading, a place and a measure
    drawing: Drawing,
    heading: str,
    ranked: Sequence[Product],
    left: float,
    width: float,
    measured: Callable[[Product], tuple[float, str]],
) -> None:
    drawing.texts([(left, 8, heading)], color=INK, align="left", fontWeight=600)
    values = [measured(one) for one in ranked]
    room = max(text_width(text, BODY) for _, text in values) + 8
    start, highest = left + _NAME, max(value for value, _ in values) or 1.0
    names, texts, bars = [], [], []
    for place, (one, (value, text)) in enumerate(zip(ranked, values, strict=True)):
        middle = _TOP + _STEP * (place + 0.5)
        end = along(value, (0, highest), (start, left + width - room))
        few = one.customer_count < FEWEST_CUSTOMERS
        bars.append(
            {
                "x": start,
                "x2": end,
                "y": middle - 5.5,
                "y2": middle + 5.5,
                "color": PALE if few else ACCENT,
                "about": f"{shown(one.name, 60)}: {text}",
            }
        )
        names.append((left, middle, fitted(shown(one.name, 60), _NAME - 8)))
        texts.append((end + 6, middle, text))
    drawing.add("bars", bars)
    drawing.texts(names, color=INK, align="left")
    drawing.texts(texts, color=INK, align="left", fontWeight=600)


def uptake_drawing(launches: Launches, formats: Formats) -> Drawing:
    """Lay out customers so far by week: a line per launch, a band for the earlier launches."""
    drawing = Drawing(uptake_caption(launches, formats), HALF, _UPTAKE_HEIGHT)
    counts = [float(one.customer_count) for one in launches.shown]
    counts += [week.upper_quartile for week in launches.earlier]
    weeks = [one.weeks for one in launches.shown] + [week.week for week in launches.earlier]
    highest, last = max(counts, default=1.0) or 1.0, max(weeks, default=1)
    bottom = _UPTAKE_HEIGHT - _BOTTOM

    def place(week: float, count: float) -> tuple[float, float]:
        return (
            along(week, (0, last), (_LEFT, HALF - _RIGHT)),
            along(count, (0, highest), (bottom, 10)),
        )

    ticks = round_ticks(highest)
    heights = [(place(0, tick)[1], formats.count(tick)) for tick in ticks]
    drawing.rules([(_LEFT, y, HALF - _RIGHT, y) for y, _ in heights], color=RULE)
    drawing.texts([(_LEFT - 6, y, text) for y, text in heights], color=MUTED, align="right")
    steps = range(0, last + 1, 2 if last > 6 else 1)  # noqa: PLR2004  as many as can be read
    drawing.texts([(place(week, 0)[0], bottom + 11, str(week)) for week in steps], color=MUTED)
    drawing.texts([((_LEFT + HALF) / 2, bottom + 24, "weeks since the launch")], color=MUTED)
    _band(drawing, launches, place)
    _lines(drawing, launches, place)
    return drawing


def _band(
    drawing: Drawing, launches: Launches, place: Callable[[float, float], tuple[float, float]]
) -> None:
    points = [
        {
            "x": place(week.week, 0)[0],
            "y": place(0, week.upper_quartile)[1],
            "y2": place(0, week.lower_quartile)[1],
            "color": PALE, "key": 0, "about": "Middle half of earlier launches",
        }
        for week in launches.earlier
    ]  # fmt: skip
    drawing.add("ribbons", points, opacity=0.7)
    median = [place(week.week, week.median) for week in launches.earlier]
    drawing.rules(_joined(median), color=MUTED, strokeDash=[3, 2])


def _lines(
    drawing: Drawing, launches: Launches, place: Callable[[float, float], tuple[float, float]]
) -> None:
    """Draw the lines, each with its number where it ends; numbers keep clear of one another."""
    labels: list[tuple[float, float, str]] = []
    for number, launch in enumerate(launches.shown, start=1):
        counts = enumerate((0, *launch.customers_by_week))
        points = [place(week, count) for week, count in counts]
        drawing.rules(_joined(points), color=ACCENT, strokeWidth=1.6)
        labels.append((points[-1][0] + 6, points[-1][1], str(number)))
    free: list[tuple[float, float, str]] = []
    for x, y, text in sorted(labels, key=lambda label: label[1]):
        above = (other[1] for other in free if abs(other[0] - x) < _LABEL_STEP)
        free.append((x, max(y, _LABEL_TOP, *(top + _LABEL_STEP for top in above)), text))
    drawing.texts(free, color=INK, align="left", fontWeight=600)


def _joined(points: Sequence[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    return [(*start, *end) for start, end in pairwise(points)]
