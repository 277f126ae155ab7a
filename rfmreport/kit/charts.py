"""Drawing of the charts: the only home of Altair and vl-convert. Import it late, it costs a second.

Every text in a chart is written before it is drawn and is data, never an expression or a field
name; so numbers follow the report's locale, and no name in the data can act.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from rfmreport.kit.charted import Caption, Chart
from rfmreport.kit.colors import INK, RULE
from rfmreport.kit.drawings import SMALL, Drawing, Kind, Layer
from rfmreport.kit.svg import finished_svg
from rfmreport.kit.tables import Table
from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterable


MOST_ROWS = 2_000
PNG_SCALE = 2
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CONFIG = {
    "font": "Inter",
    "background": None,
    "view": {"stroke": None},
    "text": {"font": "Inter", "fontSize": SMALL, "baseline": "middle", "aria": False},
    "rule": {"color": RULE, "aria": False},
}


class Artist:
    """Draws reports; of the next one, it draws only what differs from the one before."""

    def __init__(self) -> None:
        """Know no drawing yet."""
        self._before: list[tuple[Drawing, Chart]] = []

    def draw(self, drawings: Iterable[Drawing]) -> tuple[Chart, ...]:
        """Return the charts in their order."""
        self._before = [(drawing, self._known(drawing) or _drawn(drawing)) for drawing in drawings]
        return tuple(chart for _, chart in self._before)

    def _known(self, drawing: Drawing) -> Chart | None:
        return next((chart for before, chart in self._before if before == drawing), None)


def draw_charts(drawings: Iterable[Drawing]) -> tuple[Chart, ...]:
    """Return the drawings as charts."""
    return Artist().draw(drawings)


def draw_png(drawing: Drawing) -> bytes:
    """Return a drawing as PNG on white, twice its size: mail programs show no SVG."""
    _register_fonts()
    specification = _specification(drawing) | {"background": "white"}
    drawn = vl_convert.vegalite_to_png(specification, scale=PNG_SCALE, allowed_base_urls=[])
    return _packed(drawn)


def _packed(png: bytes) -> bytes:
    """Return the same picture, compressed with care: a quarter of what the drawing comes as."""
    chunks, place = [], len(_PNG_SIGNATURE)
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        chunks.append((kind, png[place + 8 : place + 8 + length]))
        place += 12 + length
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    parts = [(kind, data) for kind, data in chunks if kind != b"IDAT"]
    parts.insert(-1, (b"IDAT", zlib.compress(pixels, 9)))
    return _PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def _register_fonts() -> None:
    """Let pictures be painted with the page's font.

    For SVG they would only be measured with it, which takes half of the time and changes nothing:
    every text has its place.
    """
    vl_convert.register_font_directory(str(resource_dir("templates") / "fonts"))


def warm_up() -> None:
    """Draw something small of every kind, so that the first report finds all parts loaded."""
    words = Caption("warm-up", "", "", "", "", Table("", (), ()))
    drawing = Drawing(words, 10, 10)
    place: dict[str, Any] = {"x": 1, "y": 1, "color": INK}
    drawing.add("bars", [place | {"x2": 2, "y2": 2, "about": ""}])
    drawing.add("arcs", [{"start": 0, "end": 1, "color": INK, "about": ""}])
    drawing.add("texts", [place | {"text": "£1"}])
    _drawn(drawing)


def _drawn(drawing: Drawing) -> Chart:
    drawn = vl_convert.vegalite_to_svg(_specification(drawing), allowed_base_urls=[])
    return Chart(drawing.caption, finished_svg(drawn, drawing.caption))


def _specification(drawing: Drawing) -> dict[str, Any]:
    # Our own specifications need no validation: it takes longer than drawing them.
    with debug_mode(False):  # noqa: FBT003 - Altair's signature
        layers = [_layer(layer, drawing) for layer in drawing.layers]
    return {
        "$schema": alt.SCHEMA_URL,
        "layer": layers,
        "width": drawing.width,
        "height": drawing.height,
        "autosize": {"type": "none"},
        "padding": 0,
        "config": _CONFIG,
    }


def _layer(layer: Layer, drawing: Drawing) -> dict[str, Any]:
    if len(layer.rows) > MOST_ROWS:
        message = f"{drawing.caption.id} has {len(layer.rows)} marks: {MOST_ROWS} can be read"
        raise ValueError(message)
    # Layers, styles and rows are joined as dicts: Altair copies every part of a chart, its rows
    # too, each time that something is added to it.
    marks = _marks(layer.kind)
    return {
        "mark": marks["mark"] | layer.style,
        "encoding": marks["encoding"],
        "data": {"values": layer.rows},
    }


@cache
def _marks(kind: Kind) -> dict[str, Any]:
    """Return how marks of a kind are painted."""
    painted: dict[str, Any] = _altair_marks(kind).to_dict(validate=False)
    return painted


def _altair_marks(kind: Kind) -> alt.Chart:
    base = alt.Chart()
    # The surface is in pixels already.
    across, down = alt.X("x:Q", axis=None, scale=None), alt.Y("y:Q", axis=None, scale=None)
    ends = (alt.X2("x2"), alt.Y2("y2"))
    mark: alt.Chart
    channels: tuple[Any, ...]
    match kind:
        case "bars":
            mark = base.mark_rect()
            channels = (across, down, *ends, _COLOR, _ABOUT)
        case "rules":
            mark = base.mark_rule()
            channels = (across, down, *ends)
        case "circles":
            mark = base.mark_circle()
            channels = (across, down, alt.Size("size:Q", scale=None), _COLOR, _ABOUT)
        case "arcs":
            mark = base.mark_arc()
            channels = (alt.Theta("start:Q", scale=None), alt.Theta2("end"), _COLOR, _ABOUT)
        case "areas":
            mark = base.mark_area(orient="horizontal", aria=False)
            channels = (across, ends[0], down, _COLOR, alt.Detail("key:N"))
        case "ribbons":
            mark = base.mark_area(interpolate="monotone")
            channels = (across, down, ends[1], _COLOR, alt.Detail("key:N"), _ABOUT)
        case "texts":
            mark = base.mark_text()
            channels = (across, down, alt.Text("text:N"), _COLOR)
    chart: alt.Chart = mark.encode(*channels)
    return chart


_COLOR = alt.Color("color:N", scale=None)
_ABOUT = alt.Description("about:N")
