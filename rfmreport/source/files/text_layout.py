"""How a text file is laid out: its delimiter, its quotes, and the row that holds the headings."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.files.headings import Row, columns_of, find_heading, is_value, name_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfmreport.settings import SourceSettings

_DELIMITERS = (",", ";", "\t", "|")
_RARE_DELIMITERS = ("^", "~", "\x01", "\x1f", "¦", "§")
_MOST_ROWS = 2_000
_DECLARED = re.compile(r'"?sep=(?P<mark>[^"])"?[;,\t|]*', re.IGNORECASE)
_MISFITS_BORNE = 0.25
_FEW_MISFITS = 2
_WHOLE_PART = re.compile(r"\D{0,4}\d{1,3}(?:[. ’']?\d{3})*")
_DECIMALS = re.compile(r"\d{1,2}\D{0,5}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is to be read as a table.

    `heading_line` is the line of the headings, from 1, or None where the user named the columns.
    Before the first row of data come `skipped_rows` with `skipped_letters`; `cuts_titles` says that
    the latter have to be cut off, because a quote stands among them that is none.
    """

    delimiter: str
    quote: str
    escape: str
    headings: tuple[str, ...]
    heading_line: int | None = 1
    skipped_rows: int = 1
    skipped_letters: int = 0
    cuts_titles: bool = False
    has_quotes: bool = False


def find_layout(name: str, head: str, settings: SourceSettings, *, is_whole: bool) -> Layout:
    """Find how a file is laid out from what stands at its beginning; what the user said wins.

    Raises:
        InputError: no row holds headings, or the rows have other numbers of fields than it.
    """
    lines = list(io.StringIO(head, newline="")) or [""]
    declared = _DECLARED.fullmatch(lines[0].strip())
    marks = _find_marks(head, settings.delimiter or (declared["mark"] if declared else None))
    rows = list(read_rows(head, *marks, is_whole=is_whole))[bool(declared) :]
    if all(row.is_blank for row in rows):
        message = f"{name}: holds nothing but blank lines; expected a heading and at least one line"
        raise InputError(message)
    place = find_heading(name, rows, settings)
    first = 0 if place is None else place + 1
    data = [row for row in rows[first:] if not row.is_blank]
    heading = None if place is None else rows[place]
    headings = name_columns(name, *columns_of(heading, settings.columns, data))
    _check_widths(name, len(headings), data, marks[0])
    skipped = lines[: rows[first].line - 1] if len(rows) > first else lines
    above = "".join(lines[: heading.line - 1 if heading else 0])
    return Layout(
        *marks,
        headings,
        heading.line if heading else None,
        first,
        sum(map(len, skipped)),
        cuts_titles=bool(declared) or '"' in above or "'" in above,
        has_quotes=bool(_opening(*marks[:2]).search(head)),
    )


def _find_marks(head: str, delimiter: str | None) -> tuple[str, str, str]:
    """Return what stands between fields, around them, and before a quote within them."""
    quote, escape = _find_quote(head)
    delimiter = delimiter or _find_delimiter(head, quote, escape)
    if not _wraps_fields(head, delimiter, quote):
        return delimiter, "", ""
    return delimiter, quote, escape


def read_rows(
    head: str, delimiter: str, quote: str, escape: str, *, is_whole: bool = True
) -> Iterator[Row]:
    """Yield the first rows of a file; a last one that may be cut off is left out."""
    csv.field_size_limit(max(csv.field_size_limit(), len(head) + 1))  # it is the whole process's
    is_doubled = escape in {"", quote}
    reader = csv.reader(
        io.StringIO(head, newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        doublequote=is_doubled,
        escapechar=None if is_doubled else escape,
        skipinitialspace=True,
    )
    line, last = 1, None
    for cells in reader:
        if last is not None:
            yield last
        last, line = Row(line, cells), reader.line_num + 1
        if last.line > _MOST_ROWS:
            return
    if last is not None and (is_whole or head.endswith(("\n", "\r"))):
        yield last


def _find_delimiter(head: str, quote: str, escape: str) -> str:
    """Return the mark by which most rows have equally many fields, and the more the better."""
    for marks in (_DELIMITERS, _RARE_DELIMITERS):
        evenness = {
            mark: _evenness(list(read_rows(head, mark, quote, escape)))
            for mark in marks
            if mark in head
        }
        best = max(evenness, key=lambda mark: evenness[mark], default="")
        if best and evenness[best] > 0:
            return best
    return ","


def _evenness(rows: Sequence[Row]) -> float:
    """Return what speaks for a delimiter: the share of rows of the commonest width, times that.

    A decimal comma parts rows evenly too, but not the headings.
    """
    rows = [row for row in rows if not row.is_blank]
    widths = Counter(len(row.cells) for row in rows)
    width = max(widths, key=lambda width: (width > 1) * widths[width] * width, default=1)
    if width == 1:
        return 0.0
    words = [row for row in rows[:100] if not any(map(is_value, row.cells))]
    is_headed = not words or any(len(row.cells) == width for row in words)
    return widths[width] / len(rows) * width * (1.0 if is_headed else 0.3)


def _find_quote(head: str) -> tuple[str, str]:
    """Return what fields are wrapped in, and what stands before such a mark within one."""
    wrapped = {
        quote: len(
            re.findall(rf"(?m)(?:^|[,;\t|]){quote}[^{quote}\n]*{quote}(?=[,;\t|\r\n]|$)", head)
        )
        for quote in ('"', "'")
    }
    quote = '"' if wrapped['"'] >= wrapped["'"] else "'"
    is_doubled = re.search(rf"[^,;\t|\r\n]{quote}{quote}|{quote}{quote}[^,;\t|\r\n]", head)
    return quote, quote if is_doubled or f"\\{quote}" not in head else "\\"


def _opening(delimiter: str, quote: str) -> re.Pattern[str]:
    """Return what finds a quote at the beginning of a field; nothing where there are no quotes."""
    return re.compile(rf"(?:^|(?<={re.escape(delimiter)})|(?<=[\r\n])) *{quote or '(?!)'}")


def _wraps_fields(head: str, delimiter: str, quote: str) -> bool:
    """Say whether quotes wrap fields, and are not inches or a nickname at a field's beginning."""
    opening = _opening(delimiter, quote)
    end = rf"(?= *(?:{re.escape(delimiter)}|[\r\n]|$))"
    wrapped = rf"{opening.pattern}(?:[^{quote}\\]|{quote}{quote}|\\.)*{quote}{end}"
    strays = len(opening.findall(re.sub(wrapped, "", head)))
    return strays * 2 <= len(opening.findall(head))


def _check_widths(name: str, width: int, data: Sequence[Row], delimiter: str) -> None:
    """Refuse a file of which many rows have other numbers of fields than there are headings."""
    misfits = [row for row in data if not _fits(row.cells, width)]
    is_systematic = 0 < len(misfits) == len(data)
    if is_systematic or len(misfits) > max(_FEW_MISFITS, _MISFITS_BORNE * len(data)):
        share = f"{len(misfits):,} of the first {len(data):,} rows do not fit"
        raise misfit_error(name, misfits[0], width, delimiter, share)


def misfit_error(name: str, row: Row, width: int, delimiter: str, share: str) -> InputError:
    """Say which row has how many fields below how many headings, and why that is likely so."""
    pairs = itertools.pairwise(map(str.strip, row.cells))
    is_decimal = any(_WHOLE_PART.fullmatch(a) and _DECIMALS.fullmatch(b) for a, b in pairs)
    if delimiter == "," and len(row.cells) > width and is_decimal:
        cause = (
            "decimal commas without quotes are the likely cause: export it again with semicolons "
            "between the fields, or with quotes around them"
        )
    else:
        cause = "export it again with quotes around texts, or mend these lines"
    return InputError(
        f"{name}: line {row.line:,} has {len(row.cells)} fields under {width} headings ({share}); "
        f"{cause}"
    )


def _fits(cells: Sequence[str], width: int) -> bool:
    """Say whether a row has as many fields as there are columns; the engine takes an empty more."""
    return len(cells) == width or (len(cells) == width + 1 and not cells[-1].strip())
