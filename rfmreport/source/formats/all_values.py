"""All values of a column, counted by what they look like, and the lines where some of them stand.

The first rows show how most files are written. Where they leave it open, or a later line speaks
against them, the whole column is asked, once.
"""

from __future__ import annotations

import functools
import operator
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
    engine = _engine(table)
    texts = table.filter(table[VIEW_PART] == part) if part else table
    text = texts[heading].cast("string").strip()
    line = ibis.row_number() + _heading_line(engine, part) + 1 + _breaks_before(texts)
    numbered = texts.select(line=line, text=text, alike=alike(text))
    such = numbered.filter(numbered.alike.isin([look.alike for look in looks]))
    first = such.order_by(such.line).limit(_LINES_SHOWN)
    with engine.in_order():  # or lines have no number
        rows = engine.rows(table.get_backend().compile(first))
    lines = _listed([row["line"] for row in rows])
    return rows[0]["text"], f"line{'s' * (len(rows) > 1)} {lines}{name_of(part, ' of ')}"


def _heading_line(engine: Engine, part: str) -> int:
    """Return the line of the headings of a part, the only one where none is named."""
    known = engine.rows("SELECT 1 FROM duckdb_views() WHERE view_name = 'heading_lines'")
    if not known:
        return 1
    query = "SELECT min(line) FROM heading_lines WHERE part = $part OR $part = ''"
    return int(engine.value(query, part=part))


def _breaks_before(rows: Table) -> Column:
    """Return how many ends of lines the rows before a row hold within their texts."""
    texts = [rows[name] for name in rows.columns if rows[name].type().is_string()]
    breaks = [text.length() - text.replace("\n", "").length() for text in texts]
    count = functools.reduce(operator.add, (one.fill_null(0) for one in breaks))
    return count.sum().over(ibis.window(preceding=(None, 1))).fill_null(0)


def name_of(part: str, before: str = "") -> str:
    """Return the name of a part as a sentence takes it; nothing where there is only one."""
    return f"{before}{PurePath(part).name}" if part else ""


def _listed(numbers: Sequence[int]) -> str:
    *some, last = map(str, numbers)
    return f"{', '.join(some)} and {last}" if some else last


def _engine(table: Table) -> Engine:
    return Engine(table.get_backend().con)
