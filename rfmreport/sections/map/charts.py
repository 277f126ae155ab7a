"""The charts of the RFM map, with their words: the fields of the map, and bubbles."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

from rfmreport.formats import MISSING, Formats
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, PAPER, RULE, Shade, checked_color, shade, text_on
from rfmreport.kit.drawings import (
    BODY,
    LARGE,
    SMALL,
    WIDE,
    Drawing,
    along,
    fitted,
    log_ticks,
    text_width,
)
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import Table, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.report import Report
    from rfmreport.sections.map.figures import MapCell, RfmMap

_FEWEST_FOR_A_MEAN = 30


def map_caption(rfm_map: RfmMap, formats: Formats) -> Caption:
    """Return the words of the recency × frequency map."""
    customers = sum(cell.customer_count for cell in rfm_map.cells)
    revenue = sum(cell.revenue for cell in rfm_map.cells)
    top = max(rfm_map.cells, key=lambda cell: cell.revenue)
    title = (
        f"{formats.count(top.customer_count)} customers, "
        f"{formats.share(top.customer_count / customers)} of all, bring "
        f"{formats.share(float(top.revenue / revenue))} of revenue"
        if revenue
        else f"{formats.count(customers)} customers on the map"
    )
    data = _cell_table(rfm_map, formats)
    largest = max(rfm_map.cells, key=lambda cell: cell.customer_count)
    alternative = (
        f"{title}. The largest field holds {formats.count(largest.customer_count)} customers: "
        f"{_cell_words(rfm_map, largest.recency_score, largest.frequency_score)}, mean spend "
        f"{formats.money(largest.mean_revenue)}."
    )
    note = (
        "Large: customers. Small: their mean spend. The fuller the colour, the more customers. The "
        "strip on the left of a field has the colour of the segment that holds most of them."
    )
    return Caption("recency-frequency-map", "Recency × frequency", title, alternative, note, data)


def bubble_caption(rfm_map: RfmMap, formats: Formats) -> Caption:
    """Return the words of the recency, frequency and spend bubbles."""
    cells = sorted(rfm_map.cells, key=lambda cell: cell.mean_revenue)
    low, high = cells[0], cells[-1]
    title = (
        f"Mean spend runs from {formats.money(low.mean_revenue)} to "
        f"{formats.money(high.mean_revenue)}: it grows with orders more than with recency"
        if _orders_matter_more(rfm_map)
        else f"Mean spend runs from {formats.money(low.mean_revenue)} to "
        f"{formats.money(high.mean_revenue)} between the fields of the map"
    )
    spoken = (
        f"The highest mean spend, {formats.money(high.mean_revenue)}, belongs to "
        f"{formats.count(high.customer_count)} customers with "
        f"{formats.number(high.mean_order_count)} orders and "
        f"{formats.number(high.mean_recency_days)} days since the last one, on average"
    )
    note = (
        "One bubble per field of the map above. Area: mean spend; place: mean days since the last "
        "order and mean number of orders, on logarithmic scales; colour: the segment that holds "
        "most of them."
    )
    return Caption("rfm-bubbles", "Recency, frequency and spend", title, f"{title}. {spoken}.",
                   note, _cell_table(rfm_map, formats))  # fmt: skip


def _orders_matter_more(rfm_map: RfmMap) -> bool:
    """Say whether the best and worst frequency scores lie further apart than those of recency.

    Nothing is said where one of the four groups is too small to have a mean worth comparing.
    """

    def ratio(scores: Iterable[tuple[int, int, float]]) -> float | None:
        totals: dict[int, list[float]] = {}
        for score, count, revenue in scores:
            counted = totals.setdefault(score, [0.0, 0.0])
            counted[0] += count
            counted[1] += revenue
        groups = [counted for _, counted in sorted(totals.items()) if counted[0]]
        if not groups or min(groups[0][0], groups[-1][0]) < _FEWEST_FOR_A_MEAN:
            return None
        low, high = (spent / customers for customers, spent in (groups[0], groups[-1]))
        return high / low if low > 0 else None

    cells = rfm_map.cells
    by_orders = ratio((c.frequency_score, c.customer_count, float(c.revenue)) for c in cells)
    by_days = ratio((c.recency_score, c.customer_count, float(c.revenue)) for c in cells)
    return by_orders is not None and by_days is not None and by_orders > max(by_days, 1)


def _cell_words(rfm_map: RfmMap, recency_score: int, frequency_score: int) -> str:
    days = rfm_map.recency_labels[recency_score - 1]
    orders = rfm_map.frequency_labels[frequency_score - 1]
    return f"{shown(days, 32)} since the last order, {shown(orders, 32)}"


def _cell_table(rfm_map: RfmMap, formats: Formats) -> Table:
    days, orders = rfm_map.recency_labels, rfm_map.frequency_labels
    fields: tuple[Field[MapCell], ...] = (
        Field("", "Days since last order", lambda cell: days[cell.recency_score - 1], limit=32),
        Field("", "Orders", lambda cell: shown(orders[cell.frequency_score - 1], 32), numeric=True),
        Field("", "Customers", lambda cell: cell.customer_count, "count"),
        Field("", "Mean spend", lambda cell: cell.mean_revenue, "money"),
        Field("", "Mean days", lambda cell: cell.mean_recency_days, "number"),
        Field("", "Mean orders", lambda cell: cell.mean_order_count, "number"),
    )
    cells = sorted(rfm_map.cells, key=lambda c: (-c.recency_score, -c.frequency_score))
    return page_table("Customers by recency and frequency", fields, cells, formats)


_LEFT = 108


def map_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out recency × frequency, the best corner top right: customers large, spend small."""
    rfm_map = report.rfm_map
    if not rfm_map.cells:
        return None
    bins = rfm_map.bins
    side_x, side_y = (WIDE - _LEFT) / bins, 40
    drawing = Drawing(map_caption(rfm_map, formats), WIDE, side_y * bins + 38)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
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
                look = (shade(math.sqrt(cell.customer_count / most)), colors[cell.segment])
                _field(drawing, cell, box, look, formats)
    _map_axes(drawing, rfm_map, side_x, side_y)
    return drawing


def _field(
    drawing: Drawing,
    cell: MapCell,
    box: dict[str, Any],
    look: tuple[Shade, str],
    formats: Formats,
) -> None:
    """Draw one field in its shade, with a strip in the colour of its segment."""
    color, segment_color = look
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


def bubble_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out one bubble per field: days across (recent on the right), orders up, area spend."""
    rfm_map = report.rfm_map
    if not rfm_map.cells:
        return None
    drawing = Drawing(bubble_caption(rfm_map, formats), WIDE, _BUBBLES_HEIGHT)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
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
