"""The layouts of the charts about segments: sizes, proportions, shares and the scheme."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rfmreport.kit.colors import (
    INK,
    MUTED,
    PAPER,
    checked_color,
    text_on,
)
from rfmreport.kit.drawings import (
    BODY,
    HALF,
    LARGE,
    WIDE,
    Drawing,
    along,
    fitted,
    spread,
    text_width,
    wrapped,
)
from rfmreport.kit.tables import share_texts, shown
from rfmreport.sections.map.page import (
    proportion_caption,
    scheme_caption,
    share_caption,
    size_caption,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.customers.figures import SchemeCell
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable

_NAME = 142
_RING = 66  # so far from the middle its labels begin
_LEAST_GAP = 18  # between the blocks of a scheme
_ROOM_FOR_A_STUMP = 60  # a name cut shorter than this says nothing; the table has it in full


def _half_height(table: SegmentTable) -> int:
    """Return the common height of the two drawings that stand side by side."""
    return max(214, _bar_step(table) * len(table.rows) + 8)


def _bar_step(table: SegmentTable) -> int:
    """Return how far apart the bars stand: closer, the more segments there are."""
    return max(18, min(38, 230 // len(table.rows)))


def size_drawing(table: SegmentTable, formats: Formats) -> Drawing:
    """Lay out one bar per segment, name on its left, count and share on its right."""
    step = _bar_step(table)
    drawing = Drawing(size_caption(table, formats), HALF, _half_height(table))
    shares = share_texts([row.customer_count for row in table.rows], formats)
    values = [formats.count(row.customer_count) for row in table.rows]
    room = max(text_width(a + b, BODY) for a, b in zip(values, shares, strict=True)) + 22
    highest = max(row.customer_count for row in table.rows) or 1
    offset = (drawing.height - step * len(table.rows)) / 2
    for i, (row, share, value) in enumerate(zip(table.rows, shares, values, strict=True)):
        middle = offset + step * (i + 0.5)
        end = along(row.customer_count, (0, highest), (_NAME, HALF - room))
        bar = _box(_NAME, middle - step * 0.34, end, middle + step * 0.34)
        about = f"{shown(row.name, 60)}: {value} customers, {share}"
        drawing.add("bars", [bar | {"color": checked_color(row.color), "about": about}])
        name = fitted(shown(row.name, 40), _NAME - 12, BODY)
        drawing.texts([(_NAME - 8, middle, name)], color=INK, align="right", fontSize=BODY)
        drawing.texts(
            [(end + 7, middle, value)], color=INK, align="left", fontSize=BODY, fontWeight=600
        )
        after = end + 7 + text_width(value, BODY) + 7
        drawing.texts([(after, middle, share)], color=MUTED, align="left")
    return drawing


def _box(x: float, y: float, x2: float, y2: float) -> dict[str, Any]:
    return {"x": x, "y": y, "x2": x2, "y2": y2}


def proportion_drawing(table: SegmentTable, formats: Formats) -> Drawing:
    """Lay out a ring of the segments, each with its name and share beside it."""
    drawing = Drawing(proportion_caption(table, formats), HALF, _half_height(table))
    shares = share_texts([row.customer_count for row in table.rows], formats)
    arcs, labels = [], []
    start = 0.0
    for row, share in zip(table.rows, shares, strict=True):
        end = start + row.customer_share * math.tau
        if row.customer_count:
            about = f"{shown(row.name, 60)}: {share} of customers"
            color = checked_color(row.color)
            arcs.append({"start": start, "end": end, "color": color, "about": about})
            labels.append(((start + end) / 2, shown(row.name, 40), share))
        start = end
    drawing.add("arcs", arcs, innerRadius=38, outerRadius=59, stroke=PAPER, strokeWidth=1.5)
    _ring_labels(drawing, labels)
    middle, customers = drawing.height / 2, formats.count(table.total.customer_count)
    drawing.texts([(HALF / 2, middle - 7, customers)], color=INK, fontSize=LARGE, fontWeight=700)
    drawing.texts([(HALF / 2, middle + 10, "customers")], color=MUTED)
    return drawing


def _ring_labels(drawing: Drawing, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write names and shares around the ring; on each side they keep clear of one another."""
    for side, align in ((1, "left"), (-1, "right")):
        mine = [label for label in labels if (math.sin(label[0]) >= 0) == (side > 0)]
        wished = [drawing.height / 2 - 75 * math.cos(angle) for angle, _, _ in mine]
        order = sorted(range(len(mine)), key=wished.__getitem__)
        top, bottom = 20, drawing.height - 22
        gap = min(44.0, (bottom - top) / max(1, len(mine) - 1))
        places = spread([wished[i] for i in order], gap, (top, bottom))
        for i, y in zip(order, places, strict=True):
            angle, name, share = mine[i]
            # Clear of the ring: the further up or down a label stands, the nearer it may be.
            clear = max(0.0, abs(y - drawing.height / 2) - 14)
            around = math.sqrt(max(0.0, _RING**2 - clear**2))
            reach = max(abs(math.sin(angle)) * _RING, around, _RING / 2)
            x = HALF / 2 + side * reach
            room = HALF / 2 - reach
            lines = wrapped(name, room) if gap > 40 else [fitted(name, room)]  # noqa: PLR2004
            drawing.texts([(x, y - 7 * len(lines), share)], color=INK, align=align, fontSize=BODY,
                          fontWeight=600)  # fmt: skip
            below = [(x, y - 7 * len(lines) + 14 * (i + 1), line) for i, line in enumerate(lines)]
            drawing.texts(below, color=MUTED, align=align)


def share_drawing(table: SegmentTable, formats: Formats) -> Drawing:
    """Lay out two stacked bars, joined by ribbons that show who brings more than its part."""
    drawing = Drawing(share_caption(table, formats), WIDE, 178)
    rows = [row for row in table.rows if row.customer_count]
    tops = _stack([row.customer_share for row in rows])
    bottoms = _stack([row.revenue_share for row in rows])
    first, second, height = 34, 124, 38
    for i, row in enumerate(rows):
        color = checked_color(row.color)
        ribbon = [
            {"x": tops[i][0], "x2": tops[i][1], "y": first + height},
            {"x": bottoms[i][0], "x2": bottoms[i][1], "y": second},
        ]
        points = [point | {"color": color, "key": i} for point in ribbon]
        drawing.add("areas", points, opacity=0.22)
    customers = share_texts([row.customer_count for row in rows], formats)
    revenue = share_texts([row.revenue for row in rows], formats)
    _stacked_bar(drawing, rows, tops, customers, top=first, words="of customers")
    _stacked_bar(drawing, rows, bottoms, revenue, top=second, words="of revenue")
    for y, words in ((first + height / 2, "Customers"), (second + height / 2, "Revenue")):
        drawing.texts([(_STACK[0] - 10, y, words)], color=INK, align="right", fontSize=BODY)
    _stack_names(drawing, rows, tops, first - 6)
    return drawing


_STACK = (78, WIDE)


def _stack(shares: Sequence[float]) -> list[tuple[float, float]]:
    ends, start = [], 0.0
    for share in shares:
        ends.append((along(start, (0, 1), _STACK), along(start + share, (0, 1), _STACK)))
        start += share
    return ends


def _stacked_bar(  # noqa: PLR0913 - a bar has parts, places, words and a place
    drawing: Drawing,
    rows: Sequence[SegmentRow],
    ends: Sequence[tuple[float, float]],
    shares: Sequence[str],
    *,
    top: float,
    words: str,
) -> None:
    for row, (start, end), share in zip(rows, ends, shares, strict=True):
        color = checked_color(row.color)
        about = f"{shown(row.name, 60)}: {share} {words}"
        box = _box(start, top, end, top + 38)
        drawing.add("bars", [box | {"color": color, "about": about}], stroke=PAPER, strokeWidth=1.5)
        if text_width(share, BODY) + 10 < end - start:
            drawing.texts([(start + 8, top + 19, share)], color=text_on(color), align="left",
                          fontSize=BODY, fontWeight=600)  # fmt: skip


def _stack_names(
    drawing: Drawing, rows: Sequence[SegmentRow], ends: Sequence[tuple[float, float]], y: float
) -> None:
    for row, (start, end) in zip(rows, ends, strict=True):
        lines = wrapped(shown(row.name, 40), end - start - 4)
        whole = not any(line.endswith("…") for line in lines)
        if whole or end - start > _ROOM_FOR_A_STUMP:
            below = enumerate(reversed(lines))
            places = [(start + 1, y - 6 - 13 * i, line) for i, line in below]
            drawing.texts(places, color=INK, align="left")


def scheme_drawing(report: Report, formats: Formats) -> Drawing:
    """Lay out one block per recency score: monetary score across, frequency score upwards."""
    cells = report.method.scheme_cells
    bins = max(cell.recency_score for cell in cells)
    left = 30
    side = min((WIDE - left - _LEAST_GAP * (bins - 1)) / bins / bins, 19)
    gap = (WIDE - left - side * bins * bins) / max(bins - 1, 1)
    drawing = Drawing(scheme_caption(report, formats), WIDE, round(side * bins + 46))
    numbers = {
        row.name: (i, checked_color(row.color)) for i, row in enumerate(report.segments.rows)
    }
    for score in range(1, bins + 1):
        origin = left + (score - 1) * (side * bins + gap)
        block = [cell for cell in cells if cell.recency_score == score]
        _scheme_block(drawing, block, origin=origin, side=side, bins=bins, numbers=numbers)
        middle = origin + side * bins / 2
        drawing.texts([(middle, 8, f"Recency {score}")], color=INK, fontWeight=600)
        drawing.texts([(middle, side * bins + 39, "Monetary")], color=MUTED)
    drawing.texts([(9, 20 + side * bins / 2, "Frequency")], color=MUTED, angle=270)
    return drawing


def _scheme_block(  # noqa: PLR0913 - a block has cells, a place, a size and a key
    drawing: Drawing,
    cells: Sequence[SchemeCell],
    *,
    origin: float,
    side: float,
    bins: int,
    numbers: dict[str, tuple[int, str]],
) -> None:
    top = 18
    boxes, texts = [], []
    for cell in cells:
        color = numbers[cell.segment][1]
        x = origin + (cell.monetary_score - 1) * side
        y = top + (bins - cell.frequency_score) * side
        code = f"{cell.recency_score}{cell.frequency_score}{cell.monetary_score}"
        about = f"{code}: {shown(cell.segment, 60)}"
        boxes.append(_box(x, y, x + side, y + side) | {"color": color, "about": about})
    drawing.add("bars", boxes, stroke=PAPER, strokeWidth=1)
    # One number per run of neighbours: fewer to read, and a text costs a millisecond in the PDF.
    for frequency in range(1, bins + 1):
        line = sorted(
            (c.monetary_score, c.segment) for c in cells if c.frequency_score == frequency
        )
        for segment, run in groupby(line, key=lambda pair: pair[1]):
            scores = [score for score, _ in run]
            number, color = numbers[segment]
            # In the middle field: between two, the line would cross the number.
            x = origin + (scores[(len(scores) - 1) // 2] - 0.5) * side
            y = top + (bins - frequency + 0.5) * side + 0.5
            texts.append({"x": x, "y": y, "text": str(number + 1), "color": text_on(color)})
    drawing.add("texts", texts)
    every = range(1, bins + 1)
    drawing.texts(
        [(origin + (s - 0.5) * side, top + side * bins + 9, str(s)) for s in every], color=MUTED
    )
    if origin < 40:  # noqa: PLR2004 - the first block carries the scale for all
        drawing.texts(
            [(origin - 8, top + (bins - s + 0.5) * side, str(s)) for s in every], color=MUTED
        )
