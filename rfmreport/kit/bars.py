"""A layout that several topics share: rows cut into segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.kit.colors import INK, MUTED, PAPER, text_on
from rfmreport.kit.drawings import WIDE, Drawing, along, fitted, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption

_ROW, _TOP = 19, 20
_TOO_SMALL_TO_WRITE = 0.08


@dataclass(frozen=True, slots=True)
class CutRow:
    """One row: its name, figures before the bar, and the parts of the bar, which sum to one."""

    name: str
    figures: tuple[str, ...]
    shares: tuple[float, ...]


def cut_rows_drawing(  # noqa: PLR0913  a drawing has words, rows and headings
    caption: Caption,
    rows: Sequence[CutRow],
    *,
    headings: Sequence[str],
    segments: Sequence[tuple[str, str]],
    name_width: float,
    formats: Formats,
) -> Drawing:
    """Lay out one bar per row, cut into segments in the scheme's order and colours.

    `headings` stand above the figures, `segments` are name and colour of each part.
    """
    drawing = Drawing(caption, WIDE, _TOP + _ROW * len(rows) + 4)
    widths = [
        max(text_width(heading), *(text_width(row.figures[i]) * 1.06 for row in rows)) + 14
        for i, heading in enumerate(headings)
    ]
    left = name_width + sum(widths) + 12
    for i, heading in enumerate(headings):
        x = name_width + sum(widths[: i + 1])
        drawing.texts([(x, 8, heading)], align="right")
    drawing.texts([(left, 8, "By segment")], align="left")
    for place, row in enumerate(rows):
        y = _TOP + _ROW * (place + 0.5)
        drawing.texts([(0, y, fitted(row.name, name_width - 6))], color=INK, align="left")
        for i, text in enumerate(row.figures):
            x = name_width + sum(widths[: i + 1])
            weight = {"fontWeight": 600} if i == 0 else {}
            drawing.texts([(x, y, text)], color=INK if i == 0 else MUTED, align="right", **weight)
        _cut_bar(drawing, row, (left, y), segments, formats)
    return drawing


def _cut_bar(
    drawing: Drawing,
    row: CutRow,
    place: tuple[float, float],
    segments: Sequence[tuple[str, str]],
    formats: Formats,
) -> None:
    (left, y), start = place, 0.0
    for share, (name, color) in zip(row.shares, segments, strict=True):
        if share <= 0:
            continue
        x, x2 = (along(part, (0, 1), (left, WIDE)) for part in (start, start + share))
        about = f"{row.name}, {name}: {formats.share(share, 0)}"
        bar = {"x": x, "x2": x2, "y": y - 7, "y2": y + 7, "color": color, "about": about}
        drawing.add("bars", [bar], stroke=PAPER, strokeWidth=0.75)
        if share >= _TOO_SMALL_TO_WRITE:
            text = ((x + x2) / 2, y, formats.share(share, 0))
            drawing.texts([text], color=text_on(color))
        start += share
