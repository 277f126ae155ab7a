"""The palette of every medium, and the contrast arithmetic that keeps text legible on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rfmreport.errors import SettingsError

INK = "#1d242a"
MUTED = "#57616b"
RULE = "#e4e6e9"
PAPER = "#fffffe"
ACCENT = "#0b5d5f"
PALE = "#bcd5d3"
ON_DARK = "#ffffff"
ON_LIGHT = "#000000"
RAMP = ("#e3efee", "#0a5c5c")
# On a dark page much is bright and little is dark: pale fields would outshine the full ones.
DARK_RAMP = ("#202c2e", "#7fd1cb")
RAMP_STEPS = 12
DARK_PAGE = "#14191d"
_NON_TEXT_CONTRAST = 3.0  # WCAG 2.2, success criterion 1.4.11
_HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def checked_color(color: str) -> str:
    """Return the colour if it is #rrggbb: in a style sheet, anything else could act."""
    if not _HEX.fullmatch(color):
        message = f"color {color!r} is not known: expected six hex digits such as #0b5d5e"
        raise SettingsError(message)
    return color.lower()


def luminance(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, definition of relative luminance)."""
    linear = [_linear(channel / 255) for channel in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(color: str) -> str:
    """Return black or white, whichever reads better: it never falls below 4.5 : 1."""
    return max((ON_LIGHT, ON_DARK), key=lambda text: contrast(text, color))


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of the ramp and that of the text on it, as they stand in a drawing."""

    fill: str
    ink: str


def shade(fraction: float) -> Shade:
    """Return the shade of a value between 0 and 1; there are so many that each has a variable."""
    step = round(min(max(fraction, 0.0), 1.0) * RAMP_STEPS)
    fill = blend(*RAMP, step / RAMP_STEPS)
    # The text's colour differs a little at each step, so that the page can tell them apart.
    nudge = step + 1
    is_dark_text = text_on(fill) == ON_LIGHT
    return Shade(fill, f"#{nudge:02x}0000" if is_dark_text else f"#{255 - nudge:02x}ffff")


def ramp_rules() -> str:
    """Return the ramp as CSS variables, light and dark."""
    light, dark = (
        "".join(_ramp_rule(step, blend(*ends, step / RAMP_STEPS)) for step in range(RAMP_STEPS + 1))
        for ends in (RAMP, DARK_RAMP)
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _ramp_rule(step: int, color: str) -> str:
    return f"--ramp-{step}:{color};--on-ramp-{step}:{text_on(color)};"


def blend(start: str, end: str, fraction: float) -> str:
    """Return the colour `fraction` of the way from `start` to `end`."""
    pairs = zip(_channels(start), _channels(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * fraction):02x}" for a, b in pairs)


def on_dark_page(color: str) -> str:
    """Return the colour, lightened until it stands out from the dark page."""
    for step in range(20):
        lighter = blend(color, ON_DARK, step / 20)
        if contrast(lighter, DARK_PAGE) >= _NON_TEXT_CONTRAST:
            return lighter
    return ON_DARK


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _linear(channel: float) -> float:
    # The knee of the sRGB transfer curve, IEC 61966-2-1.
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


# Charts are drawn in the colours of paper. On a screen each of these follows the page's scheme
# through a CSS variable; they differ by one step from the palette of the segments on purpose, so
# that replacing them never touches a segment.
VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    PAPER: "var(--paper)",
    ACCENT: "var(--accent)",
    PALE: "var(--pale)",
    **{shade(i / RAMP_STEPS).fill: f"var(--ramp-{i})" for i in range(RAMP_STEPS + 1)},
    **{shade(i / RAMP_STEPS).ink: f"var(--on-ramp-{i})" for i in range(RAMP_STEPS + 1)},
}
