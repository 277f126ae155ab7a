"""The ground that bars of months stand on: its lines, and the months' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.colors import MUTED
from rfmreport.kit.drawings import WIDE, Drawing, round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from rfmreport.formats import Formats

HIGH, LEFT, BASE, TOP = 164, 46, 34, 22
"""The height of a chart by month, and the room at its left, below and above."""


def _without_symbol(value: float, formats: Formats) -> str:
    """Write an amount without its currency, for an axis."""
    return type(formats)(formats.locale_name, None).money_short(value)


def month_grid(
    drawing: Drawing, highest: float, height: Callable[[float], float], formats: Formats
) -> None:
    """Draw the lines and figures that the months' bars stand against."""
    ticks = round_ticks(highest, 3)
    drawing.rules([(LEFT, height(tick), WIDE, height(tick)) for tick in ticks[1:]])
    marks = [(LEFT - 6, height(tick), _without_symbol(tick, formats)) for tick in ticks]
    drawing.texts(marks, align="right")
    drawing.rules([(LEFT, height(0), WIDE, height(0))], color=MUTED)


def month_name(
    drawing: Drawing, day: date, middle: float, formats: Formats, *, is_first: bool
) -> None:
    """Write a month under its bar, the year where one begins."""
    y = HIGH - BASE + 12
    drawing.texts([(middle, y, formats.month_name_short(day))])
    if is_first or day.month == 1:
        drawing.texts([(middle, y + 14, str(day.year))])
