"""CSV and TSV: unpacked, found out once, then scanned as text, with what does not fit counted."""

from __future__ import annotations

import dataclasses
import gzip
import re
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from rfmreport.engine.ask import EngineError, literal, one_line
from rfmreport.errors import InputError
from rfmreport.vocabulary import SOURCE_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.engine.ask import Engine

VIEW = "source_lines"
COMPRESSIONS = (".gz", ".zst")
_DELIMITERS = (",", ";", "\t", "|")
_PROBE_BYTES = 8_192
_BLOCK_BYTES = 1 << 20
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How text files have to be read: their letters, and whether rows may be left out.

    `paths` are the files as they are scanned: unpacked, and in letters that the engine knows.
    `rejected_line_count` is None where every row must fit its heading.
    """

    paths: tuple[Path, ...] = ()
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


def open_text(engine: Engine, files: Sequence[Path], delimiter: str | None) -> TextFormat:
    """Name the files' lines `VIEW`, text in every column, and return how they have to be read.

    Raises:
        InputError: a file is binary or damaged, or cannot be read as a table.
    """
    paths = tuple(_unpacked(engine, path, number) for number, path in enumerate(files))
    is_utf_16 = [_is_utf_16(path, file) for path, file in zip(paths, files, strict=True)]
    text_format = TextFormat(
        paths, delimiter or _heading_delimiter(paths[0]), "utf-16" if all(is_utf_16) else "utf-8"
    )
    while True:
        try:
            create_view(engine, text_format)
        except EngineError as error:
            text_format = next_attempt(files, text_format, error)
        else:
            return text_format


def next_attempt(files: Sequence[Path], text_format: TextFormat, error: Exception) -> TextFormat:
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


def create_view(engine: Engine, text_format: TextFormat) -> None:
    """Make the files known to the engine as the view `VIEW`."""
    files = text_format.paths
    if text_format.encoding == "windows-1252":
        files = tuple(_in_utf_8(engine, path, number) for number, path in enumerate(files))
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
    options = [*options, *lenient]
    engine.define(VIEW, f"SELECT * FROM read_csv({paths}, {', '.join(options)})")  # noqa: S608


def count_rejected(engine: Engine, text_format: TextFormat) -> TextFormat:
    """Return the format with the number of rows that did not fit, after a query has read them."""
    if text_format.rejected_line_count is None:
        return text_format
    count = "SELECT count(DISTINCT (file_id, line)) FROM reject_errors"
    return dataclasses.replace(text_format, rejected_line_count=engine.value(count))


def path_literal(path: Path) -> str:
    """Return the path quoted for the engine, which would take brackets for a pattern."""
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", str(path)))


def _pinned_options(engine: Engine, path: Path, options: Sequence[str]) -> list[str]:
    """Return the options of a scan that looks for nothing any more.

    A view would otherwise find out delimiter and quotes again with every query.
    """
    found = engine.row(
        "SELECT Delimiter, Quote, Escape, Comment, SkipRows, Columns "  # noqa: S608  all is quoted
        f"FROM sniff_csv({path_literal(path)}, {', '.join(options)})"
    )
    *marks, skip, found_columns = found.values()
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


def _is_utf_16(path: Path, file_named: Path) -> bool:
    """Say whether the file begins with the mark of UTF-16; refuse a binary file."""
    with path.open("rb") as file:
        probe = file.read(_PROBE_BYTES)
    if probe.startswith(_UTF_16_MARKS):
        return True
    if b"\0" in probe:
        message = (
            f"{file_named}: is a binary file, expected CSV, TSV, Parquet or XLSX; "
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


def _unpacked(engine: Engine, path: Path, number: int) -> Path:
    """Return a file as it is, or a plain copy of a packed one.

    The engine believes a packed file that was damaged or cut off, and reads other lines from it.
    So it is unpacked here, which is as quick, and proves the sum that stands at its end.

    Raises:
        InputError: it is damaged.
    """
    ending = path.suffix.lower()
    if ending not in COMPRESSIONS:
        return path
    copy = _own_folder(engine) / f"{number:06}-{path.stem}"
    try:
        with _open_packed(path, ending) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path}: cannot be unpacked ({one_line(error)}); get the file again"
        raise InputError(message) from error
    return copy


def _open_packed(path: Path, ending: str) -> BinaryIO:
    if ending == ".gz":
        return gzip.open(path)  # type: ignore[return-value]  # as good as one
    import pyarrow as pa  # noqa: PLC0415  only few files need it

    source: BinaryIO = pa.input_stream(str(path), compression="zstd")
    return source


def _in_utf_8(engine: Engine, path: Path, number: int) -> Path:
    """Write a file of Windows-1252 again as UTF-8.

    The engine reads Latin-1, but not the euro sign and the quotes of Windows.
    """
    copy = _own_folder(engine) / f"{number:06}-utf8-{path.name}"
    with (
        path.open(encoding="cp1252", errors="replace", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target)
    return copy


def _own_folder(engine: Engine) -> Path:
    """Return the engine's own folder, which goes when it closes."""
    folder = Path(engine.value("SELECT current_setting('temp_directory')"))
    folder.mkdir(exist_ok=True)
    return folder


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(_PROBE_BYTES).replace(b"\0", b"").decode("latin-1")
