"""The report's tables, every cell written out, so that what stands on the page adds up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rfmreport.formats import MINUS, Formats, shares_that_add_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

_PREFIX, _SUFFIX = re.compile(r"\D+"), re.compile(r"[^\w.,]+$")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Bounds(Protocol):
    """What has two ends."""

    @property
    def low(self) -> float:
        """Return the lower end."""

    @property
    def high(self) -> float:
        """Return the upper end."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `hint` is the small line under its label."""

    label: str
    numeric: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is read, and the value behind it (for sorting and CSV)."""

    text: str
    value: str = ""
    tone: str = ""

    @property
    def raw(self) -> str:
        """Return what a machine should read."""
        return self.value or self.text


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `key` is the index of its segment in the scheme, `note` the line under its name."""

    cells: tuple[Cell, ...]
    key: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, columns and rows; the first cell of a row is its heading.

    `parts` stand below the total: they are contained in it and add nothing to it.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    parts: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class TitledTable:
    """A finding, the table behind it, None where that would be empty, and how to read it."""

    title: str
    table: Table | None
    note: str


def shown(text: str, limit: int = 80) -> str:
    """Return text fit to be printed: no control characters, and cut at `limit` characters."""
    printable = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return printable if len(printable) <= limit else printable[: limit - 1].rstrip() + "…"


def range_text(low: str, high: str) -> str:
    """Write two written bounds as one range; a unit of both is said once: "86.2–91.5%"."""
    before, after = _PREFIX.match(low), _SUFFIX.search(low)
    if before and MINUS not in before[0]:
        high = high.removeprefix(before[0])
    if after and high.endswith(after[0]):
        low = low.removesuffix(after[0])
    return f"{low}–{high}"


def money_range(bounds: Bounds, formats: Formats) -> str:
    """Write two bounds of money: "£4,466–£22.3k"."""
    return f"{formats.money_short(bounds.low)}–{formats.money_short(bounds.high)}"


def share_texts(parts: Sequence[float | Decimal], formats: Formats) -> list[str]:
    """Write the parts as percentages of their sum that add up to 100.0 on the page."""
    return [formats.share(float(share / 100)) for share in shares_that_add_up(parts)]
