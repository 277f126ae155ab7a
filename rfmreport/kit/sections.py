"""A section as its topic declares it: what it finds, what it prints, which files lie behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.kit.sheets import EngineSheet, Sheet
    from rfmreport.kit.tables import Table

Medium = Literal["screen", "print"]
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Block:
    """What a section prints besides its charts: a table, another beside it, and a note.

    `lead` is the sentence above them; `people` is a table of single customers, apart from the
    others because not everybody may see it, and `listed` says, with it alone, which ones it has.
    """

    table: Table | None = None
    beside: Table | None = None
    note: str = ""
    lead: str = ""
    people: Table | None = None
    listed: str = ""


@dataclass(frozen=True)
class Section(Generic[S]):
    """One section, for the report, for departments, or for both.

    `name` is its deep link and how a setting names it, `topic` the small line above its `finding`,
    the sentence that it is told by: "" where the data cannot carry it, and then the reason is known
    under one of the `reasons` (`Untold.topic`). `drawings` are the charts that it adds, in their
    order. The report prints what `page` gives with a template of the section's own. A department
    prints its `block` and its `charts` (the report's own may be among them) with one template for
    all: `look` is the class of the table, `is_whole` shows all of its rows, `has_key` the colours
    of the segments; with `has_sides` what is beside the table stands there, and two `is_narrow`
    sections that follow each other share a row. `sheets` are the files behind it, of which those
    are written that can be told. Those that `names_customers` list single customers.
    """

    name: str
    topic: str
    finding: Callable[[S, Formats], str]
    drawings: tuple[Callable[[S, Formats], Drawing | None], ...] = ()
    page: Callable[[S, Formats, Medium], Any] = lambda *_: None
    block: Callable[[S, Formats, Medium], Block | None] = lambda *_: Block()
    charts: tuple[str, ...] = ()
    look: str = ""
    is_whole: bool = False
    has_key: bool = False
    has_sides: bool = False
    is_narrow: bool = False
    template: str = "departments/section.html.j2"
    files: tuple[str, ...] = ()
    sheets: tuple[Sheet[S, Any] | EngineSheet[S], ...] = ()
    reasons: tuple[str, ...] = ()
    names_customers: bool = False

    def paths(self, subject: S) -> tuple[str, ...]:
        """Return the files behind the section, relative to the report's folder."""
        told = (sheet.name for sheet in self.sheets if sheet.is_told(subject))
        return (*self.files, *(f"data/{name}.csv" for name in told))
