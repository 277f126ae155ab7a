"""What the sections of the departments' pages are made of: a table, a note, and common cells."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from rfmreport.formats import rounded_that_add_up
from rfmreport.kit.tables import Cell, Column, Row, Table, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from _typeshed import DataclassInstance

    from rfmreport.formats import Formats

_Row = TypeVar("_Row", bound="DataclassInstance")
NAME = 60


def name_cell(name: str, limit: int = 40) -> Cell:
    """Return a name fit to be printed, with more of it for a machine."""
    return Cell(shown(name, limit), shown(name, 2 * limit))


def count_cell(value: float | None, formats: Formats) -> Cell:
    """Return a whole number."""
    return Cell(formats.count(value), "" if value is None else f"{value:g}")


def share_cell(value: float | None, formats: Formats, digits: int = 0) -> Cell:
    """Return a share as a percentage."""
    return Cell(formats.share(value, digits), "" if value is None else f"{value:.6f}")


def money_cell(value: Decimal | float | None, formats: Formats) -> Cell:
    """Return an amount in full."""
    return Cell(formats.money(value), "" if value is None else f"{value:.2f}")


def short_money_cell(value: Decimal | float | None, formats: Formats) -> Cell:
    """Return an amount to three figures."""
    return Cell(formats.money_short(value), "" if value is None else f"{value:.2f}")


def money_range(low: Decimal | float, high: Decimal | float, formats: Formats) -> str:
    """Write two bounds of money: "£4,466–£22.3k"."""
    return f"{formats.money_short(low)}–{formats.money_short(high)}"


def adding_up(rows: Sequence[_Row], names: Sequence[str]) -> list[_Row]:
    """Return the rows with these figures rounded so that each sums to its rounded total."""
    columns = {
        name: rounded_that_add_up([Decimal(str(getattr(row, name))) for row in rows])
        for name in names
    }
    changes: list[dict[str, Any]] = [
        {name: column[place] for name, column in columns.items()} for place in range(len(rows))
    ]
    return [replace(row, **of_row) for row, of_row in zip(rows, changes, strict=True)]


def table_of(
    caption: str,
    columns: Iterable[Column],
    rows: Iterable[Row],
    total: Row | None = None,
) -> Table:
    """Return a table of any columns and rows."""
    return Table(caption, tuple(columns), tuple(rows), total)


def row_of(cells: Sequence[Cell], key: int | None = None, note: str = "") -> Row:
    """Return one row; `key` gives it the colour of a segment."""
    return Row(tuple(cells), key, note)
