"""A chart as a page shows it: its words, and its drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfmreport.kit.tables import Table


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a chart; `alternative` is for a reader who does not see it."""

    id: str
    kicker: str
    title: str
    alternative: str
    note: str
    table: Table


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its words and its drawing, in the colours of paper."""

    caption: Caption
    svg: str

    @property
    def id(self) -> str:
        """Return the name by which templates and links find the chart."""
        return self.caption.id

    def _repr_svg_(self) -> str:
        """Return the drawing, for a notebook."""
        return self.svg
