"""Web pages that shops name .xls: their longest table, written as the text file it would be."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.files.encodings import find_encoding
from rfmreport.source.files.plain_copies import new_copy

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.engine.ask import Engine

_BEGINNINGS = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<?xml")
_CHARSET = re.compile(rb"""(?:charset|encoding)=["']?([\w-]+)""")
_MOST_BYTES, _MOST_COLUMNS = 200_000_000, 2_000
_TABLES, _ROWS, _CELLS = {"table", "worksheet"}, {"tr", "row"}, {"td", "th", "cell"}


def looks_like_html(probe: bytes) -> bool:
    """Say whether a file begins as a web page, or as a workbook written in XML, does."""
    return probe.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_BEGINNINGS)


def write_table(engine: Engine, path: Path, plain: Path) -> Path:
    """Write the rows of the longest table as CSV.

    Raises:
        InputError: there is no table, or the page is too long to be read at once.
    """
    if plain.stat().st_size > _MOST_BYTES:
        message = (
            f"{path}: is a web page of more than {_MOST_BYTES // 1_000_000} MB; save it as CSV"
        )
        raise InputError(message)
    content = plain.read_bytes()
    reader = _TableReader()
    reader.feed(_decoded(content))
    reader.close()
    rows = max(reader.tables, key=len, default=[])
    if not any(len(row) > 1 for row in rows):
        message = f"{path}: is a web page without a table; export it as CSV or XLSX"
        raise InputError(message)
    width = max(map(len, rows))
    copy = new_copy(engine, f"{path.stem}.csv")
    with copy.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return copy


def _decoded(content: bytes) -> str:
    """Return the text of a page by the encoding that it names, where that is true."""
    named = _CHARSET.search(content[:4_096])
    if named:
        try:
            return content.decode(named[1].decode())
        except (UnicodeDecodeError, LookupError):
            pass
    encoding = find_encoding(content)
    return content.decode(encoding.codec if encoding else "utf-8", errors="replace")


class _TableReader(HTMLParser):
    """Collects the rows of each table; what is not in a cell is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._is_in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _TABLES:
            self.tables.append([])
        elif tag in _ROWS and self.tables:
            self.tables[-1].append([])
        elif tag in _CELLS and self.tables and self.tables[-1]:
            row = self.tables[-1][-1]
            row += [""] * (_number(given.get("ss:index")) - 1 - len(row))
            row += [""] * max(_number(given.get("colspan")), 1)
            self._is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELLS | _ROWS | _TABLES:
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            row = self.tables[-1][-1]
            row[-1] = f"{row[-1]} {' '.join(data.split())}".strip()


def _number(text: str | None) -> int:
    return min(int(text), _MOST_COLUMNS) if text and text.isdigit() else 0
