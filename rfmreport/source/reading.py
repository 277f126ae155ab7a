"""Reading: files in, their lines under one name in the engine, with the headings and a sample."""

from __future__ import annotations

import glob
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rfmreport.engine import ask
from rfmreport.engine.ask import Engine, EngineError, one_line
from rfmreport.errors import InputError
from rfmreport.source import text_files, workbooks
from rfmreport.source.audit import SourceFile
from rfmreport.source.text_files import VIEW, TextFormat, path_literal
from rfmreport.vocabulary import SOURCE_PART, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ibis.backends.duckdb import Backend

    from rfmreport.settings import EngineSettings, SourceSettings
    from rfmreport.source.evidence import Decision

Kind = Literal["text", "parquet", "workbook"]

_KINDS: dict[str, Kind] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
}
_SAMPLE_ROWS = 2_000
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """What was opened: the engine knows its lines as `VIEW`.

    Text files and workbooks arrive as text in every column, Parquet in its own types. Where there
    are several `parts` (files or sheets), the column `source_part` tells them apart. `sample`
    holds, by heading, what stands in the first rows, as text, without the empty cells.
    """

    headings: tuple[str, ...]
    sample: Mapping[str, tuple[str, ...]]
    kind: Kind
    files: tuple[Path, ...]
    sheets: tuple[str | None, ...]
    text_format: TextFormat = field(default_factory=TextFormat)
    findings: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def has_parts(self) -> bool:
        """Say whether there are several files or sheets, which may repeat one another."""
        return len(self.files) > 1


@contextmanager
def open_engine(settings: EngineSettings) -> Iterator[Backend]:
    """Open the embedded engine for those who ask in expressions.

    Raises:
        SettingsError: the memory limit or the number of threads is none.
    """
    import ibis  # noqa: PLC0415  slow, and the source is read without it

    with ask.open_engine(settings) as engine:
        yield ibis.duckdb.from_connection(engine.con)


def open_source(engine: Engine, settings: SourceSettings) -> Source:
    """Open the files without reading more than a sample.

    Raises:
        InputError: no such file, a folder, an empty or binary file, no rows, unlike headings.
    """
    files = _find_files(settings.paths)
    kind = _kind_of(files)
    findings: tuple[Finding, ...] = ()
    sheets: tuple[str | None, ...] = (None,) * len(files)
    text_format = TextFormat()
    if kind == "text":
        text_format = text_files.open_text(engine, files, settings.delimiter)
    elif kind == "parquet":
        _open_parquet(engine, files)
    else:
        used, findings = workbooks.read_sheets(files, settings.sheets)
        workbooks.hold_sheets(engine, VIEW, used)
        files, sheets = tuple(sheet.path for sheet in used), tuple(sheet.name for sheet in used)
    sample = _sample(engine, files[0])
    return Source(tuple(sample), sample, kind, files, sheets, text_format, findings)


def fingerprint_files(source: Source) -> tuple[SourceFile, ...]:
    """Return each file's (or sheet's) name, size and SHA-256."""
    hashes = {path: _sha256(path) for path in set(source.files)}
    return tuple(
        SourceFile(path.name, sheet, path.stat().st_size, hashes[path])
        for path, sheet in zip(source.files, source.sheets, strict=True)
    )


def _find_files(patterns: Sequence[str]) -> tuple[Path, ...]:
    if not patterns:
        message = "no source given: name a file or a glob, as in rfmreport build orders.csv"
        raise InputError(message)
    found: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        matches = [path] if path.exists() else [Path(m) for m in sorted(glob.glob(pattern))]  # noqa: PTH207
        if not matches:
            message = f"{pattern}: no such file; check the path (this folder is {Path.cwd()})"
            raise InputError(message)
        found += (match for match in matches if match not in found)
    undecodable = next((path for path in found if not _is_decodable(path)), None)
    if undecodable is not None:
        message = f"{str(undecodable)!r}: the file's name is not valid text; rename the file"
        raise InputError(message)
    for path in found:
        _check_file(path)
    return tuple(found)


def _is_decodable(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_file(path: Path) -> None:
    if path.is_dir():
        message = f"{path}: is a folder, expected a file; name its files with '{path}/*.csv'"
        raise InputError(message)
    try:
        if path.stat().st_size == 0:
            message = f"{path}: the file is empty; expected a heading and at least one line"
            raise InputError(message)
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        message = f"{path}: cannot be opened ({error.strerror})"
        raise InputError(message) from error


def _kind_of(files: Sequence[Path]) -> Kind:
    kinds: dict[Kind, Path] = {}
    for path in files:
        suffixes = [s.lower() for s in path.suffixes if s.lower() not in text_files.COMPRESSIONS]
        kinds.setdefault(_KINDS.get(suffixes[-1] if suffixes else "", "text"), path)
    if len(kinds) > 1:
        names = " and ".join(str(path) for path in kinds.values())
        message = f"{names} are of different kinds; build from files of one kind at a time"
        raise InputError(message)
    return next(iter(kinds))


def _open_parquet(engine: Engine, files: Sequence[Path]) -> None:
    paths = "[" + ", ".join(path_literal(path) for path in files) + "]"
    options = f", union_by_name=true, filename='{SOURCE_PART}'" if len(files) > 1 else ""
    try:
        engine.define(VIEW, f"SELECT * FROM read_parquet({paths}{options})")  # noqa: S608  quoted
    except EngineError as error:
        raise unreadable(files[0], "Parquet", error) from error


def _sample(engine: Engine, first: Path) -> dict[str, tuple[str, ...]]:
    """Return what stands in the first rows, by heading, or say why there are none."""
    query = f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (FROM {VIEW} LIMIT {_SAMPLE_ROWS})"  # noqa: S608
    try:
        columns = engine.columns(query)
    except EngineError as error:
        raise unreadable(first, "a table", error) from error
    columns.pop(SOURCE_PART, None)
    if not any(columns.values()):
        message = f"{first}: has a heading but no lines; its headings are {', '.join(columns)}"
        raise InputError(message)
    return {
        heading: tuple(text for text in texts if text is not None)
        for heading, texts in columns.items()
    }


def unreadable(path: Path, kind: str, error: Exception) -> InputError:
    """Say that the engine could not read a file as what it seemed to be."""
    return InputError(f"{path}: cannot be read as {kind} ({one_line(error)})")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(_BLOCK_BYTES)  # noqa: E731
        for block in iter(read, b""):
            digest.update(block)
    return digest.hexdigest()
