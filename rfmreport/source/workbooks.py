"""Workbooks: the sheets that share the largest one's headings, as one table of text."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.errors import InputError
from rfmreport.vocabulary import SOURCE_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rfmreport.engine.ask import Engine


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its headings and its rows, every cell as a CSV would write it."""

    path: Path
    name: str
    headings: tuple[str, ...]
    rows: list[list[str | None]]

    @property
    def part(self) -> str:
        """Return the name by which the sheet is told from others: "shop.xlsx#2011"."""
        return f"{self.path}#{self.name}"


def read_sheets(
    files: Sequence[Path], wanted: Sequence[str]
) -> tuple[list[Sheet], tuple[Finding, ...]]:
    """Return the sheets to use, and what was left unread; `wanted` names them, else all.

    Raises:
        InputError: not a workbook, no such sheet, or no sheet with lines.
    """
    sheets = [sheet for path in files for sheet in _sheets_of(path, wanted)]
    if not sheets:
        message = f"{files[0]}: no sheet with a heading and at least one line"
        raise InputError(message)
    row_counts: dict[tuple[str, ...], int] = {}
    for sheet in sheets:
        row_counts[sheet.headings] = row_counts.get(sheet.headings, 0) + len(sheet.rows)
    headings = max(row_counts, key=lambda key: row_counts[key])
    unread = [sheet.part for sheet in sheets if sheet.headings != headings]
    findings: tuple[Finding, ...] = ()
    if unread:
        text = f"Not read, because the headings differ: sheet {', '.join(unread)}."
        findings = (Finding("sheets-unread", "warning", text),)
    return [sheet for sheet in sheets if sheet.headings == headings], findings


def hold_sheets(engine: Engine, name: str, sheets: Sequence[Sheet]) -> None:
    """Name the lines of the sheets, which share their headings: one table of text."""
    import pyarrow as pa  # noqa: PLC0415  only workbooks need it

    rows = [[*row, sheet.part] for sheet in sheets for row in sheet.rows]
    columns = zip([*sheets[0].headings, SOURCE_PART], zip(*rows, strict=True), strict=True)
    cells = {heading: pa.array(texts, pa.string()) for heading, texts in columns}
    engine.take("source_sheets", pa.table(cells))
    engine.define(name, "FROM source_sheets")


def _sheets_of(path: Path, wanted: Sequence[str]) -> list[Sheet]:
    import python_calamine  # noqa: PLC0415  only workbooks need it

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        missing = [name for name in wanted if name not in names]
        if missing:
            message = f"{path}: no sheet {missing[0]!r}; its sheets are {', '.join(names)}"
            raise InputError(message)
        grids = [(name, workbook.get_sheet_by_name(name).to_python()) for name in wanted or names]
    except (python_calamine.CalamineError, OSError) as error:
        message = f"{path}: cannot be read as a workbook ({error})"
        raise InputError(message) from error
    return [_sheet(path, name, grid) for name, grid in grids if len(grid) > 1]


def _sheet(path: Path, name: str, grid: list[list[Any]]) -> Sheet:
    headings: list[str] = []
    for position, cell in enumerate(grid[0], start=1):
        heading = _cell_text(cell) or f"column{position}"
        repeats = sum(known == heading or known.startswith(f"{heading}_") for known in headings)
        headings.append(f"{heading}_{repeats}" if heading in headings else heading)
    rows = [[_cell_text(cell) for cell in row] for row in grid[1:]]
    return Sheet(path, name, tuple(headings), [row for row in rows if any(row)])


def _cell_text(cell: object) -> str | None:
    """Write a cell as a CSV would: 17850.0 → "17850", a date in ISO form, nothing → None."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip() or None
