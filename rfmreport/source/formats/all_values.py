"""All values of a column, counted by what they look like, and the lines where some of them stand.

The first rows show how most files are written. Where they leave it open, or a later line speaks
against them, the whole column is asked, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ibis.expr.types import Column, Table

_MOST_LOOKS = 50_000
_LINES_SHOWN = 3
_FIRST_LINE = 2  # below the heading


@dataclass(frozen=True, slots=True)
class Look:
    """Values of one part that look alike: in what, one of them, and how many there are."""

    alike: str
    text: str
    value_count: int


def looks_of(
    table: Table, heading: str, alike: Callable[[Column], Column]
) -> Mapping[str, tuple[Look, ...]]:
    """Return by part what stands in a column, put together by what `alike` leaves of the text.

    A source of one part has the part "".
    """
    part = table[VIEW_PART] if VIEW_PART in table.columns else ibis.literal("")
    text = table[heading].cast("string").strip()
    texts = table.select(part=part, text=text, alike=alike(text))
    texts = texts.filter(texts.text != "")
    counted = texts.group_by("part", "alike").agg(
        text=texts.text.min(), value_count=texts.text.count()
    )
    most = counted.order_by(counted.value_count.desc(), counted.alike).limit(_MOST_LOOKS)
    looks: dict[str, list[Look]] = {}
    for row in _engine(table).rows(table.get_backend().compile(most)):
        looks.setdefault(row.pop("part"), []).append(Look(**row))
    if len(looks) == 1:
        return {"": tuple(*looks.values())}
    return {part: tuple(looks[part]) for part in sorted(looks)}


def lines_of(
    table: Table, heading: str, alike: Callable[[Column], Column], looks: Iterable[Look], part: str
) -> tuple[str, str]:
    """Return the first value of such looks, and where they stand: "lines 13 and 20 of a.csv"."""
    texts = table.filter(table[VIEW_PART] == part) if part else table
    text = texts[heading].cast("string").strip()
    numbered = texts.select(line=ibis.row_number() + _FIRST_LINE, text=text, alike=alike(text))
    such = numbered.filter(numbered.alike.isin([look.alike for look in looks]))
    first = such.order_by(such.line).limit(_LINES_SHOWN)
    engine = _engine(table)
    engine.run("SET preserve_insertion_order = true")  # or lines have no number
    rows = engine.rows(table.get_backend().compile(first))
    engine.run("SET preserve_insertion_order = false")
    lines = _listed([row["line"] for row in rows])
    return rows[0]["text"], f"line{'s' * (len(rows) > 1)} {lines}{name_of(part, ' of ')}"


def name_of(part: str, before: str = "") -> str:
    """Return the name of a part as a sentence takes it; nothing where there is only one."""
    return f"{before}{PurePath(part).name}" if part else ""


def _listed(numbers: Sequence[int]) -> str:
    *some, last = map(str, numbers)
    return f"{', '.join(some)} and {last}" if some else last


def _engine(table: Table) -> Engine:
    return Engine(table.get_backend().con)
