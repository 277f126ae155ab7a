"""The report's typeface as style rules: embedded, because a page asks nobody for anything."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import Literal

from rfmreport.settings.resources import resource_dir

FAMILY = "Inter"
_WEIGHTS = {"Regular": 400, "SemiBold": 600, "Bold": 700}
_FILES = {"screen": ("{}-{}-latin.woff2", "font/woff2"), "print": ("{}-{}.ttf", "font/ttf")}


@cache
def font_faces(medium: Literal["screen", "print"]) -> str:
    """Return one @font-face rule per weight, with the font in a data: address."""
    return "".join(_font_face(medium, name, weight) for name, weight in _WEIGHTS.items())


def _font_face(medium: str, name: str, weight: int) -> str:
    pattern, kind = _FILES[medium]
    path = resource_dir("templates") / "fonts" / pattern.format(FAMILY, name)
    data = b64encode(path.read_bytes()).decode("ascii")
    return (
        f"@font-face{{font-family:{FAMILY};font-weight:{weight};font-display:swap;"
        f"src:url(data:{kind};base64,{data})}}"
    )
