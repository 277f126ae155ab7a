"""The row of headings: where it stands below titles, and what its columns are called."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.errors import InputError, SettingsError
from rfmreport.source.columns.roles import known_role_count
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.settings import SourceSettings

_DIGITS_AND_MARKS = re.compile(r"[\d.,:/'’+()%€$£¥-]")
_MOST_TITLE_ROWS = 100
_MOST_COLUMNS = 2_000
_OURS = "rfmreport:"
"""So begin the columns that are added to those of a source."""
_LONGEST_HEADING = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, and the line of the file on which it begins, from 1."""

    line: int
    cells: Sequence[str]

    @property
    def is_blank(self) -> bool:
        """Say whether nothing stands in it."""
        return not any(map(str.strip, self.cells))

    @property
    def filled_count(self) -> int:
        """Return in how many cells something stands."""
        return sum(map(bool, map(str.strip, self.cells)))


def is_value(cell: str) -> bool:
    """Say whether a cell is rather a number, a date or a numbered id than words."""
    text = "".join(cell.split())
    marks = _DIGITS_AND_MARKS.findall(text)
    return len(marks) * 2 > len(text) and any(map(str.isdigit, marks))


def common_width(rows: Sequence[Row]) -> int:
    """Return how many cells most rows have that are not blank."""
    widths = Counter(len(row.cells) for row in rows if not row.is_blank)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def find_heading(name: str, rows: Sequence[Row], settings: SourceSettings) -> int | None:
    """Return which of the first rows holds the headings; None where the user named the columns.

    It is the row of words above the columns of values that has most of the known headings.

    Raises:
        InputError: there is none, or not where the user says.
    """
    if settings.header_row is not None:
        return _place_of_line(name, rows, settings.header_row)
    if settings.columns:
        return None
    body = [row for row in rows[len(rows) // 2 :] if not row.is_blank]
    width = common_width(body or rows)
    value_columns = [place for place in range(width) if _holds_values(body, place)]
    candidates = []
    for place, row in enumerate(rows[:_MOST_TITLE_ROWS]):
        values = sum(is_value(cell) for i, cell in enumerate(row.cells) if i in value_columns)
        if value_columns and values >= 0.6 * len(value_columns):
            break
        if row.filled_count * 2 >= width and values <= 0.2 * len(value_columns):
            candidates.append(place)
    if not candidates:
        raise _no_headings(name, next(row for row in rows if not row.is_blank))
    return max(candidates, key=lambda place: (known_role_count(rows[place].cells), -place))


def columns_of(
    heading: Row | None, named: Sequence[str], data: Sequence[Row]
) -> tuple[Sequence[str], int]:
    """Return the headings as they stand and how many columns there are.

    Empty headings or fields at the end are none, and row numbers may stand below no heading.
    """
    cells = named or (heading.cells if heading else ())
    width, below = len(cells), common_width(data) or len(cells)
    is_filled = any(cell.strip() for row in data for cell in row.cells[width:])
    numbers = [row.cells[0] for row in data]
    if is_filled and below == width + 1 and numbers == [str(n + 1) for n in range(len(data))]:
        return ["", *cells], below
    while width > below and not cells[width - 1].strip():
        width -= 1
    if below > width + 1 and not is_filled:  # of one empty field more the engine takes no notice
        width = below
    return cells, width


def name_columns(name: str, cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Return headings for `width` columns, each of its own, whatever its capitals.

    Raises:
        InputError: there are too many, or one is no heading but a text.
    """
    if width > _MOST_COLUMNS:
        message = f"{name}: has {width:,} columns, at most {_MOST_COLUMNS:,} are read"
        raise InputError(message)
    taken, headings = {VIEW_PART}, []
    for place in range(width):
        heading = cells[place].strip("\ufeff \t\r\n") if place < len(cells) else ""
        if len(heading) > _LONGEST_HEADING:
            message = (
                f"{name}: the heading of column {place + 1} has {len(heading):,} letters, at most "
                f"{_LONGEST_HEADING:,} are read; a quote that never closes is the likely cause"
            )
            raise InputError(message)
        if heading.casefold().startswith(_OURS):
            heading = heading.replace(":", " ", 1)
        heading = _untaken(heading or f"column{place + 1}", taken)
        taken.add(heading.casefold())
        headings.append(heading)
    return tuple(headings)


def _untaken(heading: str, taken: set[str]) -> str:
    """Return the heading, or with the first number behind it that no other has."""
    numbered, number = heading, 0
    while numbered.casefold() in taken:
        number += 1
        numbered = f"{heading}_{number}"
    return numbered


def _holds_values(body: Sequence[Row], place: int) -> bool:
    cells = [row.cells[place] for row in body if place < len(row.cells)]
    filled = [cell for cell in cells if cell.strip()]
    return sum(map(is_value, filled)) * 2 > len(filled)


def _place_of_line(name: str, rows: Sequence[Row], line: int) -> int:
    for place, row in enumerate(rows):
        if row.line == line and not row.is_blank:
            return place
    message = (
        f"--header-row {line}: no row begins on that line of {name}, or it is blank; lines are "
        "counted from 1"
    )
    raise SettingsError(message)


def _no_headings(name: str, first: Row) -> InputError:
    values = sum(map(is_value, first.cells))
    return InputError(
        f"{name}: no line holds headings; line {first.line} reads as data ({values} of its "
        f"{len(first.cells)} fields are numbers or dates); name its columns in their order with "
        f"--columns, {len(first.cells)} names with commas between them"
    )
