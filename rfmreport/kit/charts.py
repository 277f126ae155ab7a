"""Painting of the charts: each laid-out drawing becomes an SVG, or a PNG for an e-mail."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Chart
from rfmreport.kit.marks import escaped, written_marks
from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfmreport.kit.drawings import Drawing

MOST_ROWS = 2_000
PNG_SCALE = 2
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def draw_charts(drawings: Iterable[Drawing]) -> tuple[Chart, ...]:
    """Return the drawings as charts: each an image with a title and a description.

    Raises:
        ValueError: a layer has more marks than can be read.
    """
    return tuple(Chart(drawing.caption, _image(drawing)) for drawing in drawings)


def draw_png(drawing: Drawing) -> bytes:
    """Return a drawing as PNG on white, twice its size: mail programs show no SVG."""
    import vl_convert  # noqa: PLC0415  only e-mails need it

    vl_convert.register_font_directory(str(resource_dir("templates") / "fonts"))
    paper = f'<rect width="{drawing.width}" height="{drawing.height}" fill="white" />'
    return _packed(vl_convert.svg_to_png(_image(drawing, paper), scale=PNG_SCALE))


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


def _image(drawing: Drawing, paper: str = "") -> str:
    for layer in drawing.layers:
        if len(layer.rows) > MOST_ROWS:
            message = f"{drawing.caption.id} has {len(layer.rows)} marks: {MOST_ROWS} can be read"
            raise ValueError(message)
    caption, name, size = drawing.caption, drawing.caption.id, (drawing.width, drawing.height)
    return (
        f'<svg version="1.1" width="{size[0]}" height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}"'
        f' xmlns="http://www.w3.org/2000/svg" role="img" id="{name}-drawing"'
        f' aria-labelledby="{name}-title" aria-describedby="{name}-about">'
        f'<title id="{name}-title">{escaped(caption.title)}</title>'
        f'<desc id="{name}-about">{escaped(caption.alternative)}</desc>'
        f'{paper}<g fill="none" stroke-miterlimit="10" transform="translate(0,0)">'
        f"{written_marks(drawing)}</g></svg>"
    )
