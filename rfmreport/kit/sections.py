"""A section as its topic declares it: what it finds, what it prints, which files lie behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    which is the sentence that it is told by: "" where the data cannot carry it, and then the reason
    is known under one of the `reasons` (`Untold.topic`). `block` is what its template prints beside
    the `drawings`; `sheets` are the files behind it, written wherever it is told. Those that
    `names_customers` list single customers. Only those `in_report` are the report's own; two
    `is_narrow` ones that follow each other on a department's page stand side by side.
    """

    name: str
    topic: str
    finding: Callable[[S, Formats], str]
    drawings: Callable[[S, Formats], Iterable[Drawing]] = lambda *_: ()
    block: Callable[[S, Formats, Medium], Any] = lambda *_: Block()
    sheets: tuple[Sheet[S, Any] | EngineSheet[S], ...] = ()
    reasons: tuple[str, ...] = ()
    in_report: bool = False
    is_narrow: bool = False
    names_customers: bool = False
