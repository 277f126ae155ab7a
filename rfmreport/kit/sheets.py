"""Tables declared once: page, paper, mail, CSV and XLSX are printed from the same columns.

A `Field` says of one column what it is called in files (`key`) and on pages (`heading`), how its
exact value is read from a row, and the unit in which it is written. A `Sheet` is a file of data and
its columns; a table on a page is made of fields and rows by `page_table`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from rfmreport.formats import (
    MISSING,
    Formats,
    amounts_that_add_up,
    rounded_that_add_up,
    shares_that_add_up,
)
from rfmreport.kit.tables import Cell, Column, Row, Table, range_text, shown
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


R = TypeVar("R")
S = TypeVar("S")
Value = str | int | float | Decimal | date | bool | Estimate | None
Unit = Literal[
    "text", "count", "number", "share", "percent", "money", "cents", "money_short", "change",
    "deviation", "points", "count_change", "money_change", "day", "weekday", "month", "yes",
    "times", "phone",
]  # fmt: skip
"""How a value is written: `share` with one decimal and `percent` without; `cents` is money to the
cent, `money_short` to three figures; `change` relative and `points` a difference of shares, both
coloured; a `deviation` is a relative change that is neither good nor bad."""
_WRITERS: Mapping[str, Callable[[Formats, Any], str]] = {
    "text": lambda _, value: str(value),
    "phone": lambda _, value: str(value),
    "count": lambda formats, value: formats.count(value),
    "number": lambda formats, value: formats.number(value),
    "share": lambda formats, value: formats.share(value),
    "percent": lambda formats, value: formats.share(value, 0),
    "money": lambda formats, value: formats.money(value),
    "cents": lambda formats, value: formats.money(value, 2),
    "money_short": lambda formats, value: formats.money_short(value),
    "change": lambda formats, value: formats.relative_change(value),
    "deviation": lambda formats, value: formats.relative_change(value),
    "points": lambda formats, value: formats.points_change(value),
    "count_change": lambda formats, value: formats.count_change(value),
    "money_change": lambda formats, value: formats.money_change(value),
    "day": lambda formats, value: formats.day(value),
    "weekday": lambda formats, value: formats.day_of_week(value),
    "month": lambda formats, value: formats.month(value),
    "yes": lambda _, value: "yes" if value else "no",
    "times": lambda formats, value: f"{formats.number(value)}×",
}
_COLOURED = frozenset({"change", "points", "count_change", "money_change"})


@dataclass(frozen=True)
class Field(Generic[R]):
    """One column. Without a `key` it stands on pages only, without a `heading` in files only.

    A value with an interval (`has_interval`) fills four columns of a file; on a page it is its
    value, or, where the field `is_range`, its two ends. What `adds_up` is rounded so that the
    column sums to its total. A change has the `tone` of its direction, "up" or "down", where no
    other is given. `hint` is the small line under the heading, which " " leaves empty; text is cut
    at `limit` letters on pages. A text in place of a number stands as it is. `numeric` says on
    which side the column stands, where its unit does not.
    """

    key: str
    heading: str
    value: Callable[[R], Value]
    unit: Unit = "text"
    hint: str = ""
    adds_up: bool = False
    has_interval: bool = False
    is_range: bool = False
    tone: Callable[[R], str] | None = None
    limit: int = 40
    numeric: bool | None = None

    def cell(self, row: R, formats: Formats) -> Cell:
        """Return the value as it is read on a page, with the exact one behind it."""
        value = self.value(row)
        if isinstance(value, Estimate):
            if self.is_range:
                ends = (self.written(end, formats) for end in (value.low, value.high))
                return Cell(range_text(*ends), exact(value.low))
            value = value.value
        behind = shown(value, 2 * self.limit) if isinstance(value, str) else exact(value)
        tone = self.tone(row) if self.tone else _direction(value, self.unit)
        return Cell(self.written(value, formats), behind, tone)

    @property
    def column(self) -> Column:
        """Return the head of the column on a page."""
        numeric = self.unit != "text" if self.numeric is None else self.numeric
        return Column(self.heading.strip(), numeric, self.hint)

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings of the columns that the field fills in a file."""
        if not self.key:
            return ()
        ends = ("", "_low", "_high", "_customers") if self.has_interval else ("",)
        return tuple(self.key + end for end in ends)

    def filed(self, row: R) -> tuple[Value, ...]:
        """Return the exact values of these columns."""
        value = self.value(row)
        if not self.has_interval:
            return (value,)
        if not isinstance(value, Estimate):
            return (None, None, None, None)
        return (value.value, value.low, value.high, value.customer_count)

    def written(self, value: Value, formats: Formats) -> str:
        """Write a value in the field's unit; a missing one is a dash."""
        if isinstance(value, str):
            return shown(value, self.limit)
        return write_value(value, self.unit, formats)


@dataclass(frozen=True)
class Sheet(Generic[S, R]):
    """A file of data: `data/NAME.csv`, and a sheet of the workbook.

    `about` says what one row is. `rows` returns those of a report, None where there is nothing to
    tell and so no file. A file may be empty: then its headings stand alone. It holds no total row:
    the `total` of its rows stands in insights.json.
    """

    name: str
    about: str
    fields: tuple[Field[R], ...] | Callable[[S], tuple[Field[R], ...]]
    rows: Callable[[S], Iterable[R] | None]
    total: Callable[[S], R | None] = lambda _: None

    def columns(self, subject: S) -> tuple[Field[R], ...]:
        """Return the columns, of which a report may have its own: one per segment, say."""
        return self.fields(subject) if callable(self.fields) else self.fields

    def headings(self, subject: S) -> list[str]:
        """Return the headings of the file, also of one without rows."""
        return [heading for field in self.columns(subject) for heading in field.headings]

    def is_told(self, subject: S) -> bool:
        """Say whether there is such a file."""
        return self.rows(subject) is not None

    def records(self, subject: S) -> list[dict[str, Value]] | None:
        """Return the rows of the file with exact values."""
        rows, columns = self.rows(subject), self.columns(subject)
        return None if rows is None else [record_of(columns, row) for row in rows]

    def totals(self, subject: S) -> dict[str, Value] | None:
        """Return the exact values of the total; None where the file has none."""
        total = self.total(subject)
        return None if total is None else record_of(self.columns(subject), total)


@dataclass(frozen=True)
class EngineSheet(Generic[S]):
    """A file of data that the engine writes by itself, as long as it may be.

    `query` is answered from the tables that the engine holds and the parameters `given`; `units`
    are its columns in order, by heading. `is_told` says whether a report has any.
    """

    name: str
    about: str
    query: str
    units: Mapping[str, Unit] | Callable[[S], Mapping[str, Unit]]
    is_told: Callable[[S], bool]
    given: Mapping[str, object] = field(default_factory=dict)

    def columns(self, subject: S) -> Mapping[str, Unit]:
        """Return the columns in order, of which a report may have its own."""
        return self.units(subject) if callable(self.units) else self.units

    def answered(self, columns: Iterable[str]) -> str:
        """Return a question for these columns (expressions of the query's) in the query's order.

        The query ends with it. Within brackets it would be lost where the engine works in parallel.
        """
        asked, _, order = self.query.rpartition("ORDER BY")
        keys = ", ".join(f"answer.{key.strip()}" for key in order.split(","))
        return f"SELECT {', '.join(columns)} FROM ({asked}) AS answer ORDER BY {keys}"  # noqa: S608  names of our own


def record_of(fields: Iterable[Field[R]], row: R) -> dict[str, Value]:
    """Return one row of a file, heading by heading."""
    return {
        heading: value
        for field in fields
        if field.key
        for heading, value in zip(field.headings, field.filed(row), strict=True)
    }


def fields_of(
    kind: type[R], units: Mapping[str, Unit], *, skip: Sequence[str] = ()
) -> tuple[Field[R], ...]:
    """Return the fields of a class of facts as columns of a file, by their names.

    `units` are those of fields that are not text; what has an interval (`Estimate`) is found.
    """
    return tuple(
        Field(
            one.name,
            "",
            attrgetter(one.name),
            units.get(one.name, "text"),
            has_interval="Estimate" in str(one.type),
        )
        for one in fields(kind)  # type: ignore[arg-type]
        if one.name not in skip
    )


def _direction(value: Value, unit: Unit) -> str:
    """Return the tone of a change; none where nothing changed."""
    if unit not in _COLOURED or not isinstance(value, (int, float, Decimal)) or not value:
        return ""
    return "up" if value > 0 else "down"


def with_ends(
    heading: str, find: Callable[[R], Estimate | None], unit: Unit
) -> tuple[Field[R], Field[R], Field[R]]:
    """Return the columns of a value on a page, and of both ends of its interval."""
    low, high = (
        Field[R]("", name, lambda row, end=end: getattr(find(row), end, None), unit)  # type: ignore[misc]
        for name, end in (("from", "low"), ("to", "high"))
    )
    return Field("", heading, find, unit), low, high


def write_value(value: Value, unit: Unit, formats: Formats) -> str:
    """Write a value in a unit; a missing one is a dash."""
    return MISSING if value is None else _WRITERS[unit](formats, value)


def exact(value: Value) -> str:
    """Return a value as a machine reads it; a missing one is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def page_table(  # noqa: PLR0913  rows, and what stands around them
    caption: str,
    fields: Sequence[Field[R]],
    rows: Sequence[R],
    formats: Formats,
    *,
    total: R | None = None,
    parts: Sequence[R] = (),
    key: Callable[[R], int | None] = lambda _: None,
    note: Callable[[R], str] = lambda _: "",
) -> Table:
    """Return rows as a table on a page: the fields with a heading, the first of them the row's.

    `parts` are contained in the total; `key` is the place of a row's segment in the scheme, which
    gives it its colour; `note` is the small line under its heading.
    """
    told = [field for field in fields if field.heading]
    columns = [_cells(field, rows, formats) for field in told]
    total_row, *part_rows = (
        one if one is None else Row(tuple(field.cell(one, formats) for field in told))
        for one in (total, *parts)
    )
    return Table(
        caption,
        tuple(_columns(told)),
        tuple(
            Row(tuple(column[place] for column in columns), key(row), note(row))
            for place, row in enumerate(rows)
        ),
        total_row,
        tuple(filter(None, part_rows)),
    )


def _columns(fields: Iterable[Field[R]]) -> Iterator[Column]:
    """Yield the heads of the columns; the first column heads the rows, and so is text."""
    for place, one in enumerate(fields):
        yield one.column if place else replace(one.column, numeric=False)


def _cells(field: Field[R], rows: Sequence[R], formats: Formats) -> list[Cell]:
    """Return the cells of one column; rounded so that they add up where the field says so."""
    cells = [field.cell(row, formats) for row in rows]
    if not field.adds_up:
        return cells
    told = [place for place, cell in enumerate(cells) if cell.value]
    parts = [Decimal(cells[place].value) for place in told]
    for place, text in zip(told, _texts_that_add_up(parts, field, formats), strict=True):
        cells[place] = replace(cells[place], text=text)
    return cells


def _texts_that_add_up(
    parts: Sequence[Decimal], field: Field[Any], formats: Formats
) -> Iterable[str]:
    """Write the parts of a column rounded so that they sum to its rounded total."""
    if field.unit == "money_short":
        return amounts_that_add_up(parts, formats, is_money=True)[0]
    if field.unit in {"share", "percent"}:
        digits = 1 if field.unit == "share" else 0
        rounded = [share / 100 for share in shares_that_add_up(parts, digits)]
    else:
        rounded = rounded_that_add_up(parts, 2 if field.unit == "cents" else 0)
    return (field.written(part, formats) for part in rounded)
