"""What a file is, by what stands in it and whatever its ending says, opened as its tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rfmreport.engine.ask import EngineError, one_line
from rfmreport.errors import InputError
from rfmreport.source.databases.connections import open_duckdb, open_sqlite
from rfmreport.source.databases.tables import read_tables
from rfmreport.source.files import html_tables, json_files, text_files, workbooks
from rfmreport.source.files.parts import Opened, Table
from rfmreport.source.files.plain_copies import unpacked
from rfmreport.source.files.text_files import path_literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import SourceSettings
    from rfmreport.source.databases.connections import Connection
    from rfmreport.vocabulary import Finding

_PARQUET, _ZIP, _OLE = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SQLITE, _DUCKDB = b"SQLite format 3\0", b"DUCK"
_OTHERS: Mapping[bytes, str] = {
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
}
_PROBE_BYTES = 4_096


def open_file(
    engine: Engine, path: Path, settings: SourceSettings, chosen: Mapping[str, str]
) -> Opened:
    """Return the tables of a file, and what should be known of those left unread.

    Raises:
        InputError: it is of no kind that is read, or cannot be read as its kind.
    """
    plain = unpacked(engine, path)
    with plain.open("rb") as file:
        probe = file.read(_PROBE_BYTES)
    other = next((name for mark, name in _OTHERS.items() if probe.startswith(mark)), None)
    if other:
        message = f"{path}: is {other}; open it where it comes from and save it as CSV or XLSX"
        raise InputError(message)
    database = _database(engine, path, plain, probe)
    if database:
        return Opened(path, read_tables(engine, database, settings, path))
    if probe.startswith(_PARQUET):
        return Opened(path, [_open_parquet(engine, path, plain)])
    if probe.startswith((_ZIP, _OLE)):
        return workbooks.open_workbook(engine, path, plain, settings, chosen)
    if not probe:
        message = f"{path}: holds nothing once unpacked; expected a heading and at least one line"
        raise InputError(message)
    findings: tuple[Finding, ...] = ()
    if html_tables.looks_like_html(probe):
        plain = html_tables.write_table(engine, path, plain)
        settings = replace(settings, delimiter=",", encoding="utf-8")
    elif json_files.looks_like_json(probe):
        plain, findings = json_files.write_records(engine, path, plain)
        settings = replace(settings, delimiter=",", encoding="utf-8", header_row=1)
    return Opened(path, [text_files.open_text(engine, path, plain, settings)], findings)


def _database(engine: Engine, path: Path, plain: Path, probe: bytes) -> Connection | None:
    if probe.startswith(_SQLITE):
        return open_sqlite(path, plain)
    return open_duckdb(engine, path, plain) if probe[8:12] == _DUCKDB else None


def _open_parquet(engine: Engine, path: Path, plain: Path) -> Table:
    scan = f"SELECT * FROM read_parquet({path_literal(plain)})"  # noqa: S608  quoted
    try:
        headings = tuple(engine.columns(f"{scan} LIMIT 0"))
    except EngineError as error:
        message = f"{path}: cannot be read as Parquet ({one_line(error)})"
        raise InputError(message) from error
    return Table(path, headings, scan)
