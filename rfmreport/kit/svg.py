"""Finishing of drawn charts: accessible, unique within a page, and able to follow its colours."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from rfmreport.kit.colors import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.kit.charted import Caption

_SVG = "http://www.w3.org/2000/svg"
_LONG_NUMBER = re.compile(r"-?[0-9]+\.[0-9]{3,}(?:e-?[0-9]+)?")
_PLACED = ("d", "transform")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_COLORED = ("fill", "stroke")
_DROPPED = ("role", "aria-roledescription", "aria-hidden", "class", "pointer-events")


def finished_svg(drawn: str, caption: Caption) -> str:
    """Return the drawing as one image with a title and a description.

    What Vega says about every mark would be read aloud one by one (304 marks in a heatmap), so it
    moves to `data-about`, where the page's script finds it for its tooltips.
    """
    root = ElementTree.fromstring(drawn)  # noqa: S314 - made by vl-convert in this process, not by a user
    _drop_invisible(root)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        _quiet(element)
        _round(element)
        _rename(element, caption.id)
    # Written by hand: ElementTree's registry of prefixes is global, and WeasyPrint changes it.
    root.set("xmlns", _SVG)
    root.set("role", "img")
    root.set("id", f"{caption.id}-drawing")
    root.set("aria-labelledby", f"{caption.id}-title")
    root.set("aria-describedby", f"{caption.id}-about")
    for tag, part, text in (
        ("desc", "about", caption.alternative),
        ("title", "title", caption.title),
    ):
        element = ElementTree.Element(tag, {"id": f"{caption.id}-{part}"})
        element.text = text
        root.insert(0, element)
    return ElementTree.tostring(root, encoding="unicode")


def _drop_invisible(parent: ElementTree.Element) -> None:
    """Remove what paints nothing: Vega frames every group twice, and the PDF pays for each."""
    kept: list[ElementTree.Element] = []
    for child in parent:
        _drop_invisible(child)
        painted = "fill" in child.attrib or "stroke" in child.attrib
        if child.tag.endswith("}g") and _plain(child):
            kept.extend(child)
        elif painted or not child.tag.endswith("}path"):
            kept.append(child)
    parent[:] = kept


def _plain(group: ElementTree.Element) -> bool:
    """Say whether a group changes nothing about its marks."""
    kept = {name for name in group.attrib if name not in _DROPPED}
    return kept <= {"transform"} and group.get("transform") in {None, "translate(0,0)"}


def _quiet(element: ElementTree.Element) -> None:
    for name in _DROPPED:
        element.attrib.pop(name, None)
    about = element.attrib.pop("aria-label", None)
    if about and element.tag == "path":
        element.set("data-about", about)


def _round(element: ElementTree.Element) -> None:
    """Write places to the hundredth of a pixel: 95.96000000000001 is a tenth of the page."""
    for name in _PLACED:
        if name in element.attrib:
            element.set(name, _LONG_NUMBER.sub(_hundredths, element.attrib[name]))


def _hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _rename(element: ElementTree.Element, chart_id: str) -> None:
    """Prefix ids and references to them: two charts on one page may use the same ones."""
    if "id" in element.attrib:
        element.set("id", f"{chart_id}-{element.attrib['id']}")
    for name, value in element.attrib.items():
        if "url(#" in value:
            element.set(name, _REFERENCE.sub(rf"url(#{chart_id}-\1)", value))


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
