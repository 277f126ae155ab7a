"""The chart of the scheme: which segment each combination of scores means."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, PAPER, checked_color, text_on
from rfmreport.kit.drawings import WIDE, Drawing
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.customers.figures import SchemeCell
    from rfmreport.formats import Formats
    from rfmreport.report import Report

_LEAST_GAP = 18  # between the blocks of a scheme


def scheme_caption(report: Report, formats: Formats) -> Caption:
    """Return the words of the scheme grid."""
    cells = report.method.scheme_cells
    codes: dict[str, list[str]] = {row.name: [] for row in report.segments.rows}
    for c in cells:
        codes[c.segment].append(f"{c.recency_score}{c.frequency_score}{c.monetary_score}")
    fields: tuple[Field[tuple[str, list[str]]], ...] = (
        Field("", "Segment", lambda row: row[0], limit=60),
        Field("", "Combinations", lambda row: len(row[1]), "count"),
        Field("", "Codes (recency, frequency, monetary)", lambda row: " ".join(row[1]), limit=4000),
    )
    data = page_table("Score combinations per segment", fields, [*codes.items()], formats)
    title = f"Every one of the {formats.count(len(cells))} score combinations has one segment"
    spoken = "; ".join(f"{row.cells[0].text}: {row.cells[1].text}" for row in data.rows)
    note = "One block per recency score; in it, monetary score across and frequency score upwards."
    return Caption("scheme-grid", "Scheme", title, f"{title}. {spoken}.", note, data)


def scheme_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out one block per recency score: monetary score across, frequency score upwards."""
    cells = report.method.scheme_cells
    if not cells:
        return None
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
        _scheme_block(drawing, block, origin=origin, side=side, numbers=numbers)
        middle = origin + side * bins / 2
        drawing.texts([(middle, 8, f"Recency {score}")], color=INK, fontWeight=600)
        drawing.texts([(middle, side * bins + 39, "Monetary")], color=MUTED)
    drawing.texts([(9, 20 + side * bins / 2, "Frequency")], color=MUTED, angle=270)
    return drawing


def _scheme_block(
    drawing: Drawing,
    cells: Sequence[SchemeCell],
    *,
    origin: float,
    side: float,
    numbers: dict[str, tuple[int, str]],
) -> None:
    """Draw every combination of one recency score."""
    top, bins = 18, max(cell.frequency_score for cell in cells)
    boxes, texts = [], []
    for cell in cells:
        color = numbers[cell.segment][1]
        x = origin + (cell.monetary_score - 1) * side
        y = top + (bins - cell.frequency_score) * side
        code = f"{cell.recency_score}{cell.frequency_score}{cell.monetary_score}"
        about = f"{code}: {shown(cell.segment, 60)}"
        box = {"x": x, "y": y, "x2": x + side, "y2": y + side}
        boxes.append(box | {"color": color, "about": about})
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
