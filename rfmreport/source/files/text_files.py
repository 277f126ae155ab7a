"""CSV and TSV: each file by itself found out once, then scanned as text, with misfits counted."""

from __future__ import annotations

import codecs
import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.engine.ask import literal, one_line
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.evidence import Decision
from rfmreport.source.files.encodings import Encoding, find_encoding
from rfmreport.source.files.plain_copies import line_ends, look_through, new_copy, write_plain
from rfmreport.source.files.text_layout import Layout, find_layout
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import SourceSettings

_HEAD_BYTES, _MOST_HEAD_BYTES = 1 << 17, 1 << 22
_FEWEST_LINES = 20
_LINE_ENDS = re.compile(rb"[\r\n]")
_MARK_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "\x01": "0x01", "\x1f": "0x1F"}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file, or a sheet of a workbook written as one, and how the engine has to scan it.

    `path` is the file as it was named; `unpacked` holds what it held when packed; `plain` is the
    same, or a copy in UTF-8. `attempt` says how far the engine has come: see `next_attempt`.
    """

    path: Path
    unpacked: Path
    plain: Path
    encoding: Encoding
    layout: Layout
    attempt: Literal["first", "examined", "unquoted", "lenient"] = "first"
    unread_letter_count: int = 0
    sheet: str | None = None

    @property
    def name(self) -> str:
        """Return by what name it is told from others: "shop.xlsx#2011"."""
        return f"{self.path}#{self.sheet}" if self.sheet else str(self.path)

    @property
    def title(self) -> str:
        """Return what the table is called: the sheet, or the file without its endings."""
        return self.sheet or self.path.name.partition(".")[0]

    @property
    def headings(self) -> tuple[str, ...]:
        """Return what its columns are called."""
        return self.layout.headings

    @property
    def heading_line(self) -> int:
        """Return the line of the file that holds the headings; 0 where none does."""
        return self.layout.heading_line or 0

    @property
    def is_lenient(self) -> bool:
        """Say whether rows that do not fit the headings are left out and counted."""
        return self.attempt == "lenient"

    @property
    def scan(self) -> str:
        """Return the query of its rows, text in every column; nothing is found out any more."""
        layout = self.layout
        quote, escape = layout.quote, layout.escape
        if self.attempt == "unquoted":
            quote = escape = ""
        columns = ", ".join(f"{literal(heading)}: 'VARCHAR'" for heading in layout.headings)
        skipped = 0 if layout.cuts_titles else layout.skipped_rows
        options = (
            f"auto_detect=false, compression='none', header=false, skip={skipped}",
            f"delim={literal(layout.delimiter)}, quote={literal(quote)}, escape={literal(escape)}",
            f"columns={{{columns}}}",
            *(["ignore_errors=true, store_rejects=true"] if self.is_lenient else []),
        )
        return f"SELECT * FROM read_csv({path_literal(self.plain)}, {', '.join(options)})"  # noqa: S608

    @property
    def decision(self) -> Decision | None:
        """Return how it is read, and why; nothing where that is as usual."""
        layout, encoding = self.layout, self.encoding
        if encoding.is_plain and layout.heading_line == 1 and layout.delimiter in ",;\t":
            return None
        mark = _MARK_NAMES.get(layout.delimiter, layout.delimiter)
        written = (
            f"sheet {self.sheet}" if self.sheet else f"{encoding.title}, {mark} between fields"
        )
        line = layout.heading_line
        where = f"headings on line {line}" if line else "columns as named"
        evidence = f"{len(layout.headings)} columns"
        evidence += "" if self.sheet else f"; {encoding.title}: {encoding.evidence}"
        options = (
            []
            if encoding.codec.startswith("utf-8") or encoding.is_chosen
            else [f"--encoding {encoding.codec}"]
        )
        options += [f"--header-row {line}"] if line and line > 1 else []
        return Decision(self.path.name, f"{written}, {where}", evidence, " ".join(options))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the report should know about its letters."""
        name, title = self.path.name, self.encoding.title
        found = []
        if not (self.encoding.codec.startswith("utf") or self.encoding.is_chosen):
            text = f"{name} is not UTF-8; it was read as {title} ({self.encoding.evidence})."
            found.append(Finding("encoding", "warning", text))
        if self.unread_letter_count:
            text = (
                f"{self.unread_letter_count:,} letters of {name} are none in {title}: shown as �."
            )
            found.append(Finding("letters", "warning", text))
        return tuple(found)


def open_text(engine: Engine, path: Path, unpacked: Path, settings: SourceSettings) -> TextFile:
    """Find out how a text file has to be read.

    Raises:
        InputError: it is binary, or cannot be read as a table.
        SettingsError: there is no such encoding, or it is not in that one.
    """
    head, is_whole = _head_of(unpacked)
    encoding = _chosen_encoding(settings) or find_encoding(head)
    if encoding is None:
        message = (
            f"{path}: is a binary file, expected CSV, TSV, JSON, Parquet or a workbook (XLSX, XLS, "
            "XLSB, ODS)"
        )
        raise InputError(message)
    text = codecs.getincrementaldecoder(encoding.codec)("replace").decode(head)
    layout = find_layout(str(path), text.removeprefix("\ufeff"), settings, is_whole=is_whole)
    text_file = TextFile(path, unpacked, unpacked, encoding, layout)
    return _with_copy(engine, text_file, line_ends(text.encode("utf-8", errors="replace")))


def next_attempt(engine: Engine, text_file: TextFile, error: Exception) -> TextFile:
    """Return a way to read a file at which the engine stopped.

    First all of it is looked through, for what comes late decides: letters that are not UTF-8, or
    another end of a line. Then quotes may be letters like others, where the beginning has none.
    At last rows that do not fit the headings are left out and counted.

    Raises:
        InputError: there is no further way.
    """
    attempt = text_file.attempt
    if attempt == "first":
        examined = _examined(engine, text_file)
        if examined != text_file:
            return dataclasses.replace(examined, attempt="examined")
    if (
        attempt in {"first", "examined"}
        and "quote" in str(error)
        and not text_file.layout.has_quotes
    ):
        return dataclasses.replace(text_file, attempt="unquoted")
    if attempt != "lenient":
        return dataclasses.replace(text_file, attempt="lenient")
    message = f"{text_file.path}: cannot be read as a table ({one_line(error)})"
    raise InputError(message) from error


def path_literal(path: Path) -> str:
    """Return the path quoted for the engine, which would take brackets for a pattern."""
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", str(path)))


def _examined(engine: Engine, text_file: TextFile) -> TextFile:
    """Return the file read by the letters and the ends of lines that stand anywhere in it."""
    strange, ends = look_through(text_file.unpacked)
    encoding = text_file.encoding
    if encoding.codec == "utf-8":
        encoding = find_encoding(strange) or encoding
    elif encoding.is_plain and _has_other_letters(strange):
        encoding = dataclasses.replace(encoding, is_whole=False)
    return _with_copy(engine, dataclasses.replace(text_file, encoding=encoding), ends)


def _has_other_letters(strange: bytes) -> bool:
    found = find_encoding(strange)
    return found is None or not found.is_plain


def _with_copy(engine: Engine, text_file: TextFile, ends: set[bytes]) -> TextFile:
    """Return the file with a copy that the engine can read, where it cannot read it as it is."""
    layout, encoding = text_file.layout, text_file.encoding
    mends_ends = len(ends) > 1
    if encoding.is_plain and not (mends_ends or layout.cuts_titles):
        return text_file
    copy = new_copy(engine, text_file.path.name)
    skipped = layout.skipped_letters if layout.cuts_titles else 0
    unread = write_plain(text_file.unpacked, copy, encoding, skipped, mends_ends=mends_ends)
    if unread and encoding.is_chosen:
        message = (
            f"--encoding {encoding.codec}: {unread:,} letters of {text_file.path} are none in it; "
            "leave the option out, and its encoding is found"
        )
        raise SettingsError(message)
    return dataclasses.replace(text_file, plain=copy, unread_letter_count=unread)


def _chosen_encoding(settings: SourceSettings) -> Encoding | None:
    if not settings.encoding:
        return None
    try:
        codec = codecs.lookup(settings.encoding).name
        "".encode(codec)
    except LookupError as error:
        message = (
            f"--encoding {settings.encoding}: no such encoding; expected such as utf-8, cp1252, "
            "cp1254, cp932 or gb18030"
        )
        raise SettingsError(message) from error
    codec = "utf-8-sig" if codec == "utf-8" else codec
    return Encoding(codec, settings.encoding, "as --encoding says", is_chosen=True)


def _head_of(path: Path) -> tuple[bytes, bool]:
    """Return the beginning of a file, long enough for some rows, and whether that is all of it."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        while len(_LINE_ENDS.findall(head)) < _FEWEST_LINES and len(head) < _MOST_HEAD_BYTES:
            more = file.read(_HEAD_BYTES)
            if not more:
                return head, True
            head += more
        return head, not file.read(1)
