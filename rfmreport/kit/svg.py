"""A drawn chart as its medium needs it: light on paper, in the page's colours on a screen."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from rfmreport.kit.colors import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLORED = ("fill", "stroke")


def image_address(svg: str) -> str:
    """Return the drawing as a data: address: WeasyPrint reads an image in half an inline's time."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - made by ourselves
    for element in root.iter():
        element.attrib.pop("data-about", None)
    for element in root.iter():
        _join_paths(element)
    plain = ElementTree.tostring(root, encoding="utf-8")
    return f"data:image/svg+xml;base64,{b64encode(plain).decode('ascii')}"


def _join_paths(parent: ElementTree.Element) -> None:
    """Draw opaque neighbours of one look as one path: the PDF pays for each, however small."""
    first: dict[tuple[tuple[str, str], ...], ElementTree.Element] = {}
    for child in list(parent):
        if not child.tag.endswith("path") or "opacity" in child.attrib:
            continue
        look = tuple(sorted((name, value) for name, value in child.attrib.items() if name != "d"))
        if look in first:
            first[look].set("d", first[look].get("d", "") + child.get("d", ""))
            parent.remove(child)
        else:
            first[look] = child


def screen_svg(svg: str, segment_colors: Mapping[str, str]) -> str:
    """Return the drawing with CSS variables for its colours, so that it follows the page.

    Args:
        svg: A finished drawing in the colours of paper.
        segment_colors: The variable that stands for each segment's colour.
    """
    variables = {**VARIABLES, **segment_colors}

    def follow(match: re.Match[str]) -> str:
        name, color = match.groups()
        return f'{name}="{variables.get(color, color)}"'

    return re.sub(rf'\b({"|".join(_COLORED)})="(#[0-9a-f]{{6}})"', follow, svg)
