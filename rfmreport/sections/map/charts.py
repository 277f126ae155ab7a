"""The layouts of the RFM map: heatmap, bubbles, and the distributions of the three measures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from rfmreport.formats import MISSING
from rfmreport.kit.colors import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    RULE,
    checked_color,
    shade,
    text_on,
)
from rfmreport.kit.drawings import (
    BODY,
    LARGE,
    SMALL,
    THIRD,
    WIDE,
    Drawing,
    along,
    fitted,
    log_ticks,
    round_ticks,
    spread,
    text_width,
)
from rfmreport.kit.tables import shown
from rfmreport.sections.map.page import (
    bin_words,
    bubble_caption,
    distribution_caption,
    map_caption,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.map.figures import Distribution, MapCell, RfmMap
    from rfmreport.sections.segments.figures import SegmentTable

_LEFT = 108


def map_drawing(rfm_map: RfmMap, segments: SegmentTable, formats: Formats) -> Drawing:
    """Lay out recency × frequency, the best corner top right: customers large, spend small."""
    bins = rfm_map.bins
    side_x, side_y = (WIDE - _LEFT) / bins, 40
    drawing = Drawing(map_caption(rfm_map, formats), WIDE, side_y * bins + 38)
    colors = {row.name: checked_color(row.color) for row in segments.rows}
    most = max(cell.customer_count for cell in rfm_map.cells)
    by_place = {(c.recency_score, c.frequency_score): c for c in rfm_map.cells}
    for recency in range(1, bins + 1):
        for frequency in range(1, bins + 1):
            x = _LEFT + (frequency - 1) * side_x
            y = (bins - recency) * side_y
            box = {"x": x + 1.5, "y": y + 1.5, "x2": x + side_x - 1.5, "y2": y + side_y - 1.5}
            cell = by_place.get((recency, frequency))
            if cell is None:
                empty = box | {"color": PAPER, "about": "No customers"}
                drawing.add("bars", [empty], stroke=RULE, strokeWidth=1)
                drawing.texts([(x + side_x / 2, y + side_y / 2, MISSING)], color=MUTED)
            else:
                _field(
                    drawing, cell, box, most, segment_color=colors[cell.segment], formats=formats
                )
    _map_axes(drawing, rfm_map, side_x, side_y)
    return drawing


def _field(  # noqa: PLR0913 - a field has a cell, a place, a scale and a colour
    drawing: Drawing,
    cell: MapCell,
    box: dict[str, Any],
    most: int,
    *,
    segment_color: str,
    formats: Formats,
) -> None:
    color = shade(math.sqrt(cell.customer_count / most))
    count, spend = formats.count(cell.customer_count), formats.money(cell.mean_revenue)
    about = f"{count} customers, mean spend {spend}, mostly {shown(cell.segment, 60)}"
    drawing.add("bars", [box | {"color": color.fill, "about": about}])
    strip = box | {"x2": box["x"] + 6, "color": segment_color, "about": about}
    drawing.add("bars", [strip], stroke=PAPER, strokeWidth=1)
    x, y = (box["x"] + box["x2"] + 6) / 2, (box["y"] + box["y2"]) / 2
    drawing.texts([(x, y - 7, count)], color=color.ink, fontSize=LARGE, fontWeight=600)
    drawing.texts([(x, y + 9, spend)], color=color.ink, fontSize=BODY)


def _map_axes(drawing: Drawing, rfm_map: RfmMap, side_x: float, side_y: float) -> None:
    bins = rfm_map.bins
    drawing.texts(
        [
            (_LEFT - 8, (bins - i - 0.5) * side_y, fitted(shown(label), _LEFT - 12))
            for i, label in enumerate(rfm_map.recency_labels)
        ],
        color=INK,
        align="right",
    )
    base = side_y * bins
    drawing.texts(
        [
            (_LEFT + (i + 0.5) * side_x, base + 13, fitted(shown(label), side_x))
            for i, label in enumerate(rfm_map.frequency_labels)
        ],
        color=INK,
    )
    drawing.texts([(_LEFT + side_x * bins / 2, base + 29, "Orders so far →")], color=MUTED)
    drawing.texts([(_LEFT - 8, base + 13, "↑ Last order")], color=MUTED, align="right")


_BUBBLES = (48.0, 22.0, WIDE - 30.0, 222.0)
_BUBBLES_HEIGHT = 262
_RADII = (30, 25, 20, 16)
_MOST_HIDDEN = 2


def bubble_drawing(rfm_map: RfmMap, segments: SegmentTable, formats: Formats) -> Drawing:
    """Lay out one bubble per field: days across (recent on the right), orders up, area spend."""
    drawing = Drawing(bubble_caption(rfm_map, formats), WIDE, _BUBBLES_HEIGHT)
    colors = {row.name: checked_color(row.color) for row in segments.rows}
    days = _log_extent([cell.mean_recency_days for cell in rfm_map.cells])
    orders = _log_extent([cell.mean_order_count for cell in rfm_map.cells])
    _bubble_axes(drawing, days, orders, formats)
    most = max(float(cell.mean_revenue) for cell in rfm_map.cells) or 1.0
    largest = _largest_radius(rfm_map.cells, most, days, orders)
    bubbles = []
    for cell in sorted(rfm_map.cells, key=lambda c: c.mean_revenue, reverse=True):
        x, y = _bubble_place(cell, days, orders)
        radius = _radius(cell, most, largest)
        about = (
            f"{shown(cell.segment, 60)}: {formats.count(cell.customer_count)} customers, "
            f"{formats.number(cell.mean_recency_days)} days, "
            f"{formats.number(cell.mean_order_count)} orders, "
            f"mean spend {formats.money(cell.mean_revenue)}"
        )
        place = {"x": x, "y": y, "size": math.pi * radius**2}
        bubbles.append(place | {"color": colors[cell.segment], "about": about, "radius": radius})
    drawing.add("circles", bubbles, opacity=0.88, stroke=PAPER, strokeWidth=1)
    _bubble_labels(drawing, rfm_map, bubbles, formats)
    return drawing


def _radius(cell: MapCell, most: float, largest: float) -> float:
    return max(largest * math.sqrt(max(float(cell.mean_revenue), 0) / most), 3)


def _largest_radius(
    cells: Sequence[MapCell], most: float, days: tuple[float, float], orders: tuple[float, float]
) -> float:
    """Return how large the largest bubble may be, so that few of them hide others."""
    placed = [(cell, *_bubble_place(cell, days, orders)) for cell in cells]

    def hidden(largest: float) -> int:
        return sum(
            math.hypot(x - x2, y - y2)
            < 0.8 * (_radius(a, most, largest) + _radius(b, most, largest))
            for (a, x, y), (b, x2, y2) in combinations(placed, 2)
        )

    return next((r for r in _RADII if hidden(r) <= _MOST_HIDDEN), _RADII[-1])


def _bubble_labels(
    drawing: Drawing, rfm_map: RfmMap, bubbles: Sequence[dict[str, Any]], formats: Formats
) -> None:
    """Write the mean spend into a bubble, or beside it where nothing else is in the way."""
    cells = sorted(rfm_map.cells, key=lambda c: c.mean_revenue, reverse=True)
    written: list[tuple[float, float, float]] = []
    for cell, bubble in zip(cells, bubbles, strict=True):
        spend = formats.money_short(cell.mean_revenue)
        width = text_width(spend) * 1.06
        x, y, radius = bubble["x"], bubble["y"], bubble["radius"]
        is_inside = width < 2 * radius - 8
        start = x - width / 2 if is_inside else x + radius + 4
        box = (start, start + width, y)
        if any(_touch(box, other) for other in written):
            continue
        if is_inside:
            drawing.texts([(x, y, spend)], color=text_on(bubble["color"]), fontWeight=600)
        elif any(
            abs(other["y"] - y) < other["radius"] + 6
            and x + radius < other["x"] + other["radius"]
            and other["x"] - other["radius"] < x + radius + 4 + width
            for other in bubbles
        ):
            continue
        else:
            drawing.texts([(start, y, spend)], color=MUTED, align="left")
        written.append(box)


def _touch(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and abs(one[2] - other[2]) < SMALL


def _log_extent(values: Sequence[float]) -> tuple[float, float]:
    positive = [max(value, 0.5) for value in values]
    low, high = math.log(min(positive)), math.log(max(positive))
    room = max((high - low) * 0.12, 0.3)
    return low - room, high + room


def _bubble_place(
    cell: MapCell, days: tuple[float, float], orders: tuple[float, float]
) -> tuple[float, float]:
    left, top, right, bottom = _BUBBLES
    x = along(math.log(max(cell.mean_recency_days, 0.5)), days, (right, left))
    return x, along(math.log(max(cell.mean_order_count, 0.5)), orders, (bottom, top))


def _bubble_axes(
    drawing: Drawing, days: tuple[float, float], orders: tuple[float, float], formats: Formats
) -> None:
    left, top, right, bottom = _BUBBLES
    across = log_ticks(math.exp(days[0]), math.exp(days[1]))
    up = log_ticks(math.exp(orders[0]), math.exp(orders[1]))
    xs = [along(math.log(tick), days, (right, left)) for tick in across]
    ys = [along(math.log(tick), orders, (bottom, top)) for tick in up]
    drawing.rules([(x, top, x, bottom) for x in xs])
    drawing.rules([(left, y, right, y) for y in ys])
    drawing.texts(
        [(x, bottom + 14, formats.number(tick)) for x, tick in zip(xs, across, strict=True)]
    )
    drawing.texts(
        [(left - 8, y, formats.number(tick)) for y, tick in zip(ys, up, strict=True)],
        align="right",
    )
    drawing.texts([(left, top - 12, "↑ Mean number of orders")], align="left")
    drawing.texts(
        [(right, bottom + 30, "Mean days since the last order (recent →)")], align="right"
    )


_DISTRIBUTION_HEIGHT = 146
_TEAL = "#6fa9a6"
_DIGIT = 8  # so far apart the digits of two scores stand at least


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a histogram stands on its drawing: left of it is room for the scale."""

    left: float
    top: float = 18.0
    right: float = float(THIRD)
    bottom: float = 122.0


def distribution_drawing(distribution: Distribution, formats: Formats) -> Drawing:
    """Lay out a histogram with the cuts between scores drawn in."""
    drawing = Drawing(distribution_caption(distribution, formats), THIRD, _DISTRIBUTION_HEIGHT)
    most = max(part.customer_count for part in distribution.bins) or 1
    ticks = round_ticks(most, 3)
    written = [formats.count(tick) for tick in ticks]
    plot = _Plot(left=max(text_width("Score"), *map(text_width, written)) + 8)
    heights = [along(tick, (0, most), (plot.bottom, plot.top)) for tick in ticks]
    drawing.rules([(plot.left, y, plot.right, y) for y in heights[1:]])
    scale = [(plot.left - 6, y, text) for y, text in zip(heights, written, strict=True)]
    drawing.texts(scale, align="right")
    step = (plot.right - plot.left) / len(distribution.bins)
    boxes = []
    for i, part in enumerate(distribution.bins):
        x = plot.left + i * step
        y = along(part.customer_count, (0, most), (plot.bottom, plot.top))
        words = bin_words(distribution, i, formats)
        about = f"{words}: {formats.count(part.customer_count)} customers"
        boxes.append({"x": x + 0.5, "x2": x + step - 0.5, "y": plot.bottom, "y2": y,
                      "color": _TEAL, "about": about})  # fmt: skip
    drawing.add("bars", boxes)
    drawing.rules([(plot.left, plot.bottom, plot.right, plot.bottom)], color=MUTED)
    _bin_labels(drawing, distribution, plot, step, formats)
    _cut_lines(drawing, distribution, plot)
    return drawing


def _bin_labels(
    drawing: Drawing, distribution: Distribution, plot: _Plot, step: float, formats: Formats
) -> None:
    discrete = distribution.measure == "order_count"
    texts = [_bin_text(distribution, i, formats) for i in range(len(distribution.bins))]
    widest = max(text_width(text) for text in texts) + 8
    every = max(1, math.ceil(widest / step))
    last = len(texts) - 1
    chosen = [i for i in range(len(texts)) if i % every == 0 and i + every <= last] + [last]
    for i in chosen:
        x = plot.left + (i + 0.5) * step if discrete else plot.left + i * step
        x = min(x, plot.right - text_width(texts[i]) / 2)
        drawing.texts([(max(x, plot.left), plot.bottom + 13, texts[i])], color=MUTED)


def _bin_text(distribution: Distribution, index: int, formats: Formats) -> str:
    low = distribution.bins[index].low
    if distribution.measure == "order_count":
        low = max(low, 1)
    text = formats.money_short(low) if distribution.measure == "revenue" else formats.number(low)
    return f"{text}+" if index == len(distribution.bins) - 1 else text


def _cut_lines(drawing: Drawing, distribution: Distribution, plot: _Plot) -> None:
    """Draw the cuts, and above the columns the scores between them.

    A cut is the last value of the worse score. Counted upwards that is the first day of its
    recency, but the last order of its frequency: the line stands before the next whole order.
    """
    if not distribution.cuts:
        return
    whole = 1 if distribution.measure == "order_count" else 0
    places = [_place(distribution, cut + whole, plot) for cut in sorted(distribution.cuts)]
    lines = [(x, plot.top - 4, x, plot.bottom) for x in places]
    drawing.rules(lines, color=INK, strokeDash=[3, 2])
    middles = [(start + end) / 2 for start, end in pairwise([plot.left, *places, plot.right])]
    bins = len(middles)
    is_recency = distribution.measure == "recency_days"
    scores = range(bins, 0, -1) if is_recency else range(1, bins + 1)
    above = zip(spread(middles, _DIGIT, (plot.left, plot.right - 4)), scores, strict=True)
    drawing.texts([(x, 7, str(score)) for x, score in above], color=ACCENT, fontWeight=600)
    drawing.texts([(plot.left - 6, 7, "Score")], color=MUTED, align="right")


def _place(distribution: Distribution, value: float, plot: _Plot) -> float:
    """Return where a value lies among the bins, which are drawn equally wide."""
    bins = distribution.bins
    for i, part in enumerate(bins):
        if value < part.high or i == len(bins) - 1:
            inside = min(max((value - part.low) / ((part.high - part.low) or 1), 0), 1)
            return along(i + inside, (0, len(bins)), (plot.left, plot.right))
    return plot.right
