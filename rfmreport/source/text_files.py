"""CSV and TSV: found out once, then scanned as text, with what does not fit counted."""

from __future__ import annotations

import dataclasses
import gzip
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from rfmreport.errors import InputError
from rfmreport.vocabulary import SOURCE_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

VIEW = "source_lines"
COMPRESSIONS = (".gz", ".zst")
_DELIMITERS = (",", ";", "\t", "|")
_PROBE_BYTES = 8_192
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How text files have to be read: their letters, and whether rows may be left out.

    `rejected_line_count` is None where every row must fit its heading.
    """

    delimiter: str | None = None
    encoding: Literal["utf-8", "utf-16", "windows-1252"] = "utf-8"
    rejected_line_count: int | None = None

    def findings(self) -> tuple[Finding, ...]:
        """Return what the reader of the report should know about it."""
        found = []
        if self.encoding == "windows-1252":
            text = "The file is not UTF-8; it was read as Windows-1252 (Western European letters)."
            found.append(Finding("encoding", "warning", text))
        if self.rejected_line_count:
            text = "Rows that do not fit the heading (too many or too few fields) were left unread."
            found.append(Finding("misfit", "warning", text, self.rejected_line_count))
        return tuple(found)


def open_text(
    engine: Backend, files: Sequence[Path], delimiter: str | None
) -> tuple[Table, TextFormat]:
    """Return the files as one lazy table, text in every column, and how they have to be read.

    Raises:
        InputError: a file is binary, or cannot be read as a table.
    """
    is_utf_16 = [_is_utf_16(path) for path in files]
    text_format = TextFormat(
        delimiter or _heading_delimiter(files[0]), encoding="utf-16" if all(is_utf_16) else "utf-8"
    )
    while True:
        try:
            create_view(engine, files, text_format)
            return engine.table(VIEW), text_format
        except duckdb.Error as error:
            text_format = next_attempt(files, text_format, error)


def next_attempt(files: Sequence[Path], text_format: TextFormat, error: duckdb.Error) -> TextFormat:
    """Return a more lenient way to read the files after `error`.

    Raises:
        InputError: there is none.
    """
    if "unicode" in str(error).lower() and text_format.encoding == "utf-8":
        return dataclasses.replace(text_format, encoding="windows-1252")
    if "CSV" in str(error) and text_format.rejected_line_count is None:
        return dataclasses.replace(text_format, rejected_line_count=0)
    names = ", ".join(map(str, files))
    message = f"{names}: cannot be read as a table ({one_line(error)})"
    raise InputError(message) from error


def create_view(engine: Backend, files: Sequence[Path], text_format: TextFormat) -> None:
    """Make the files known to the engine as the view `VIEW`."""
    if text_format.encoding == "windows-1252":
        files = [_in_utf_8(engine, path, number) for number, path in enumerate(files)]
    # The heading is the first line: a row that does not fit must not push it further down.
    options = ["all_varchar=true", "header=true", "skip=0"]
    if text_format.delimiter:
        options.append(f"delim={literal(text_format.delimiter)}")
    lenient = []
    if text_format.encoding == "utf-16":
        lenient.append("encoding='utf-16'")
    if text_format.rejected_line_count is not None:
        lenient.append("ignore_errors=true")
    if len(files) == 1:
        options = _pinned_options(engine, files[0], [*options, *lenient])
    else:
        options += ["union_by_name=true", f"filename='{SOURCE_PART}'"]
    if text_format.rejected_line_count is not None:
        lenient.append("store_rejects=true")
    paths = "[" + ", ".join(path_literal(path) for path in files) + "]"
    engine.raw_sql(
        f"CREATE OR REPLACE VIEW {VIEW} AS "  # noqa: S608  all parts are quoted
        f"SELECT * FROM read_csv({paths}, {', '.join([*options, *lenient])})"
    )


def count_rejected(engine: Backend, text_format: TextFormat) -> TextFormat:
    """Return the format with the number of rows that did not fit, after a query has read them."""
    if text_format.rejected_line_count is None:
        return text_format
    count = "SELECT count(DISTINCT (file_id, line)) FROM reject_errors"
    rejected = int(engine.raw_sql(count).fetchall()[0][0])
    return dataclasses.replace(text_format, rejected_line_count=rejected)


def path_literal(path: Path) -> str:
    """Return the path quoted for the engine, which would take brackets for a pattern."""
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", str(path)))


def literal(text: str) -> str:
    """Return text quoted for the engine."""
    return "'" + text.replace("'", "''") + "'"


def one_line(error: Exception) -> str:
    """Return the beginning of an error's message without line breaks."""
    return " ".join(str(error).split("LINE 1:")[0].split())[:200]


def _pinned_options(engine: Backend, path: Path, options: Sequence[str]) -> list[str]:
    """Return the options of a scan that looks for nothing any more.

    A view would otherwise find out delimiter and quotes again with every query.
    """
    found = engine.raw_sql(
        "SELECT Delimiter, Quote, Escape, Comment, SkipRows, Columns "  # noqa: S608  all is quoted
        f"FROM sniff_csv({path_literal(path)}, {', '.join(options)})"
    ).fetchall()
    *marks, skip, found_columns = found[0]
    delimiter, quote, escape, comment = ("" if mark == _EMPTY else mark for mark in marks)
    columns = ", ".join(f"{literal(column['name'])}: 'VARCHAR'" for column in found_columns)
    return [
        "auto_detect=false",
        "header=true",
        f"delim={literal(delimiter)}",
        f"quote={literal(quote)}",
        f"escape={literal(escape)}",
        f"comment={literal(comment)}",
        f"skip={skip}",
        f"columns={{{columns}}}",
    ]


def _is_utf_16(path: Path) -> bool:
    """Say whether the file begins with the mark of UTF-16; refuse a binary file."""
    if path.suffix.lower() in COMPRESSIONS:
        return False
    with path.open("rb") as file:
        probe = file.read(_PROBE_BYTES)
    if probe.startswith(_UTF_16_MARKS):
        return True
    if b"\0" in probe:
        message = (
            f"{path}: is a binary file, expected CSV, TSV, Parquet or XLSX; "
            "if it is one of these, give it that ending"
        )
        raise InputError(message)
    return False


def _heading_delimiter(path: Path) -> str | None:
    """Return the delimiter that the heading shows, or None where it shows none."""
    heading = re.sub(r'"[^"]*"', "", _first_line(path))
    counts = {delimiter: heading.count(delimiter) for delimiter in _DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else None


def _in_utf_8(engine: Backend, path: Path, number: int) -> Path:
    """Write the file again as UTF-8 into the engine's own folder, which goes when it closes.

    The engine reads Latin-1, but not the euro sign and the quotes of Windows.
    """
    folder = Path(engine.raw_sql("SELECT current_setting('temp_directory')").fetchall()[0][0])
    copy = folder / f"{number}-{path.name.removesuffix('.gz')}"
    folder.mkdir(exist_ok=True)
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with (
        opener(path, "rt", encoding="cp1252", errors="replace", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target)
    return copy


def _first_line(path: Path) -> str:
    if path.suffix.lower() == ".zst":
        return ""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rb") as file:
            return file.readline(_PROBE_BYTES).replace(b"\0", b"").decode("latin-1")
    except OSError:  # not what its ending says; the engine says so better
        return ""
