"""The marks of a drawing as elements of SVG.

Layouts are in pixels already, so a mark is one element, written here as it stands.
"""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rfmreport.kit.colors import RULE
from rfmreport.kit.drawings import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rfmreport.kit.drawings import Drawing, Kind

    Row = Mapping[str, Any]
    Style = Mapping[str, Any]
    Places = Sequence[tuple[float, float]]

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_LOOKS = {
    "stroke": "stroke",
    "strokeWidth": "stroke-width",
    "strokeCap": "stroke-linecap",
    "strokeDash": "stroke-dasharray",
    "opacity": "opacity",
}
"""What a style is called in SVG, in the order in which it is written."""
_NEXT_TO_NOTHING = 1e-6
_DECIMALS = 2


def written_marks(drawing: Drawing) -> str:
    """Return every mark as one element, in the order in which they are painted.

    What a mark is about stands in `data-about`, where the page's script finds it for its tooltips:
    a screen reader would read the 304 marks of a heatmap one by one.
    """
    return "".join(
        element
        for layer in drawing.layers
        for element in _WRITERS[layer.kind](layer.rows, layer.style)
    )


def escaped(text: str) -> str:
    """Return text as it may stand in an element and between the quotes of an attribute."""
    return escape(text, {'"': "&quot;"})


def _bars(rows: Sequence[Row], style: Style) -> Iterator[str]:
    for row in rows:
        # Edges are rounded, not widths, so that neighbours still touch.
        (left, right), (top, bottom) = (
            sorted((round(row[side], _DECIMALS), round(row[f"{side}2"], _DECIMALS)))
            for side in ("x", "y")
        )
        width, height = _written(right - left), _written(bottom - top)
        place = f"{_written(left)},{_written(top)}"
        yield _path(f"M{place}h{width}v{height}h-{width}Z", row, style)


def _rules(rows: Sequence[Row], style: Style) -> Iterator[str]:
    look = _look({"stroke": style.get("color", RULE), **style})
    for row in rows:
        across, down = _written(row["x2"] - row["x"]), _written(row["y2"] - row["y"])
        yield f'<line{_moved(row)} x2="{across}" y2="{down}"{look} />'


def _circles(rows: Sequence[Row], style: Style) -> Iterator[str]:
    for row in rows:
        yield _path(_circle(math.sqrt(row["size"]) / 2), row, style, _moved(row))


def _circle(radius: float) -> str:
    """Return two halves of a circle, for an arc cannot end where it begins."""
    r, half = _written(radius), f"A{_written(radius)},{_written(radius)},0,1,1,"
    return f"M{r},0{half}-{r},0{half}{r},0"


def _arcs(rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Write slices of a ring around (x, y), by their angles from the top on."""
    inner, outer = style["innerRadius"], style["outerRadius"]
    for row in rows:
        start, end = row["start"], row["end"]
        is_large = int(end - start >= math.pi)
        there = f"A{outer},{outer},0,{is_large},1,{_on_ring(outer, end)}"
        back = f"A{inner},{inner},0,{is_large},0,{_on_ring(inner, start)}"
        d = f"M{_on_ring(outer, start)}{there}L{_on_ring(inner, end)}{back}Z"
        if end - start > math.tau - _NEXT_TO_NOTHING:  # an arc cannot end where it begins
            d = f"{_halves(outer, sweep=1)}{_halves(inner, sweep=0)}Z"
        yield _path(d, row, style, _moved(row))


def _halves(radius: int, sweep: int) -> str:
    half = f"A{radius},{radius},0,1,{sweep},0,"
    return f"M0,-{radius}{half}{radius}{half}-{radius}"


def _on_ring(radius: float, angle: float) -> str:
    turned = angle - math.pi / 2
    return f"{_written(radius * math.cos(turned))},{_written(radius * math.sin(turned))}"


def _areas(rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Write the areas between x and x2, one per key, with straight edges."""
    for area in _by_key(rows, "y"):
        there = [(row["x"], row["y"]) for row in area]
        back = [(row["x2"], row["y"]) for row in reversed(area)]
        edge = "L".join(f"{_written(x)},{_written(y)}" for x, y in there + back)
        yield _path(f"M{edge}Z", {"color": area[0]["color"]}, style)


def _ribbons(rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Write the areas between y and y2, one per key, with smooth edges."""
    for area in _by_key(rows, "x"):
        there = _smooth([(row["x"], row["y"]) for row in area])
        back = _smooth([(row["x"], row["y2"]) for row in reversed(area)])
        yield _path(f"M{there}L{back}Z", area[0], style)


def _by_key(rows: Sequence[Row], along: str) -> Iterator[list[Row]]:
    areas: dict[tuple[str, Any], list[Row]] = {}
    for row in rows:
        areas.setdefault((row["color"], row["key"]), []).append(row)
    for area in areas.values():
        yield sorted(area, key=lambda row: row[along])


def _smooth(places: Places) -> str:
    """Return a curve through places that rises and falls only where they do.

    Steffen, A simple method for monotonic interpolation in one dimension, 1990.
    """
    places = [place for place, _ in groupby(places)]
    slopes = _slopes(places)
    curve = [f"{_written(places[0][0])},{_written(places[0][1])}"]
    for ((x, y), slope), ((x2, y2), slope2) in pairwise(zip(places, slopes, strict=True)):
        third = (x2 - x) / 3
        bends = (x + third, y + third * slope, x2 - third, y2 - third * slope2, x2, y2)
        curve.append("C" + ",".join(map(_written, bends)))
    return "".join(curve)


def _slopes(places: Places) -> list[float]:
    """Return how steep the curve is at each place."""
    steps = [
        (x2 - x, (y2 - y) / (x2 - x) if x2 != x else 0.0) for (x, y), (x2, y2) in pairwise(places)
    ]
    inner = []
    for (width, before), (width2, after) in pairwise(steps):
        mean = (before * width2 + after * width) / (width + width2)
        sign = math.copysign(1, before) + math.copysign(1, after)
        inner.append(sign * min(abs(before), abs(after), abs(mean) / 2))
    if not inner:
        return [slope for _, slope in steps] * 2 or [0.0]
    first, last = (3 * steps[0][1] - inner[0]) / 2, (3 * steps[-1][1] - inner[-1]) / 2
    return [first, *inner, last]


def _texts(rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Write texts whose middle is at y."""
    size = style.get("fontSize", SMALL)
    anchor = f' text-anchor="{_ANCHORS[style.get("align", "center")]}"'
    weight = f' font-weight="{style["fontWeight"]}"' if "fontWeight" in style else ""
    look = f' font-family="Inter" font-size="{size}px"{weight}'
    # A text stands on its base line, which is below the middle of its letters.
    angle, base = style.get("angle"), math.floor(0.3 * size + 0.5)
    lower, turned = (0, f" rotate({angle}) translate(0,{base})") if angle else (base, "")
    for row in rows:
        place = f"translate({_written(row['x'])},{_written(row['y'] + lower)}){turned}"
        text = escaped(row["text"].strip())
        yield f'<text{anchor} transform="{place}"{look} fill="{row["color"]}">{text}</text>'


def _moved(row: Row) -> str:
    return f' transform="translate({_written(row["x"])},{_written(row["y"])})"'


def _path(d: str, row: Row, style: Style, moved: str = "") -> str:
    about = f' data-about="{escaped(row["about"])}"' if row.get("about") else ""
    return f'<path{moved} d="{d}" fill="{row["color"]}"{_look(style)}{about} />'


def _look(style: Style) -> str:
    return "".join(
        f' {name}="{",".join(map(str, value)) if isinstance(value, list) else value}"'
        for key, name in _LOOKS.items()
        if (value := style.get(key)) is not None
    )


def _written(pixels: float) -> str:
    """Write hundredths of a pixel: finer is neither seen nor printed."""
    return f"{round(pixels, _DECIMALS) + 0.0:g}"


_WRITERS: Mapping[Kind, Callable[[Sequence[Row], Style], Iterator[str]]] = {
    "bars": _bars,
    "rules": _rules,
    "circles": _circles,
    "arcs": _arcs,
    "texts": _texts,
    "areas": _areas,
    "ribbons": _ribbons,
}
