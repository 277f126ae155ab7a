"""What a chart is made of: layers of plain marks on a surface of CSS pixels, origin at top left.

Layouts are computed here and not by a charting grammar, because every label must stand where
there is room for it, at 8 pt or more, in every locale. Drawing them is the task of `charts`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rfmreport.kit.colors import INK, MUTED, PAPER, RULE, text_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.charted import Caption


Kind = Literal["bars", "rules", "circles", "arcs", "texts", "areas", "ribbons"]
WIDE = 672  # the text width of A4 with 16 mm margins, in CSS pixels
HALF = 322
TWO_FIFTHS = 258  # beside a wider half
THIRD = 214  # three beside one another on paper
SMALL, BODY, LARGE = 11, 12, 15  # 11 px are 8.25 pt, the smallest print in a chart
# The widths of Inter Regular's letters from the space on, in hundredths of an em.
_FIRST = 32
_WIDTHS = (
    28, 29, 47, 63, 64, 98, 64, 30, 36, 36, 50, 66, 29, 46, 29, 36,
    63, 41, 61, 62, 65, 59, 62, 57, 62, 62, 29, 30, 66, 66, 66, 51,
    97, 69, 65, 73, 72, 60, 59, 75, 74, 27, 57, 67, 57, 90, 75, 76,
    64, 76, 64, 64, 65, 74, 69, 99, 68, 68, 63, 36, 36, 36, 47, 46,
    32, 56, 61, 57, 61, 58, 37, 61, 59, 24, 24, 55, 24, 88, 59, 60,
    61, 61, 38, 53, 33, 59, 56, 82, 55, 56, 55, 43, 33, 43, 66,
)  # fmt: skip
_ROW, _TOP = 19, 20
_TOO_SMALL_TO_WRITE = 0.08


@dataclass(frozen=True, slots=True)
class Layer:
    """Marks of one kind that share a style; `rows` hold their places, colours and texts."""

    kind: Kind
    style: dict[str, Any]
    rows: list[dict[str, Any]]


@dataclass(slots=True)
class Drawing:
    """One chart, laid out: layers are painted in the order of their first mark, texts last.

    Marks of one kind and style share a layer, because a layer costs ten milliseconds to draw and
    a mark next to nothing.
    """

    caption: Caption
    width: int
    height: int
    _layers: list[Layer] = field(default_factory=list)

    def add(self, kind: Kind, rows: Iterable[dict[str, Any]], **style: Any) -> None:  # noqa: ANN401
        """Add marks to the layer of their kind and style; without rows there is no layer."""
        added = list(rows)
        same = (layer for layer in self._layers if layer.kind == kind and layer.style == style)
        layer = next(same, None)
        if layer is not None:
            layer.rows.extend(added)
        elif added:
            self._layers.append(Layer(kind, style, added))

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return the layers in the order in which they are painted."""
        return tuple(sorted(self._layers, key=lambda layer: layer.kind == "texts"))

    def rules(self, lines: Iterable[tuple[float, float, float, float]], color: str = RULE,
              **style: Any) -> None:  # noqa: ANN401  # fmt: skip
        """Paint straight lines (x, y, x2, y2)."""
        rows = ({"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in lines)
        self.add("rules", rows, color=color, **style)

    def texts(self, texts: Iterable[tuple[float, float, str]], color: str = MUTED,
              **style: Any) -> None:  # noqa: ANN401  # fmt: skip
        """Paint texts at (x, y), all in one colour."""
        rows = ({"x": x, "y": y, "text": text, "color": color} for x, y, text in texts)
        self.add("texts", rows, **style)


def text_width(text: str, size: int = SMALL) -> float:
    """Return how wide a text will be in Inter; bold is up to 6 % wider."""
    return size * sum(_letter_width(letter) for letter in text) / 100


def _letter_width(letter: str) -> int:
    place = ord(letter) - _FIRST
    if 0 <= place < len(_WIDTHS):
        return _WIDTHS[place]
    return 66 if ord(letter) < 0x2E80 else 105  # noqa: PLR2004 - from there on letters are square


def fitted(text: str, width: float, size: int = SMALL) -> str:
    """Cut a text so that it fits the width."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def spread(places: Sequence[float], gap: float, extent: tuple[float, float]) -> list[float]:
    """Move sorted places apart until they keep the gap, inside the extent where it has room."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + gap if moved else extent[0]))
    limit = extent[1]
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], limit)
        limit = moved[i] - gap
    return moved


def wrapped(text: str, width: float, most_lines: int = 2) -> list[str]:
    """Break a text at its spaces into lines that fit the width; the last one is cut if it must."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer) > width and len(lines) < most_lines:
            lines.append(word)
        else:
            lines[-1] = longer
    return [fitted(line, width) for line in lines]


def round_ticks(highest: float, count: int = 4) -> list[float]:
    """Return zero and round steps that reach up to `highest`: 0, 500, 1000."""
    if highest <= 0:
        return [0.0]
    rough = highest / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
    return [step * i for i in range(int(highest / step) + 1)]


def log_ticks(lowest: float, highest: float) -> list[float]:
    """Return the 1, 3, 10, 30 … that lie between two positive values."""
    candidates = [m * 10.0**power for power in range(-2, 8) for m in (1, 3)]
    return [tick for tick in candidates if lowest <= tick <= highest]


def along(value: float, extent: tuple[float, float], pixels: tuple[float, float]) -> float:
    """Return where a value of the extent lies between two pixels."""
    low, high = extent
    fraction = (value - low) / (high - low) if high != low else 0.5
    return pixels[0] + fraction * (pixels[1] - pixels[0])


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
