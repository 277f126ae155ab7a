"""Reading: files in, one lazy engine table out, with the headings and formats found in it."""

from __future__ import annotations

import dataclasses
import datetime
import glob
import hashlib
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import ibis

from rfmreport.columns import SOURCE_PART
from rfmreport.errors import InputError
from rfmreport.report import Finding, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.settings import EngineSettings, SourceSettings

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
_COMPRESSIONS = (".gz", ".zst")
_VIEW = "source_lines"
_SAMPLE_ROWS = 2_000
_BLOCK_BYTES = 1 << 20
_BINARY_PROBE_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class Source:
    """What was opened: `table` is lazy, one row per line of the source, plus `source_part`.

    Text files and workbooks arrive as text in every column, Parquet in its own types.
    `sample` holds the first rows, as text. `findings` tell what was left unread.
    """

    table: Table
    headings: tuple[str, ...]
    sample: pd.DataFrame
    parts: tuple[str, ...]
    kind: Kind
    files: tuple[Path, ...]
    sheets: tuple[str | None, ...]
    findings: tuple[Finding, ...] = ()
    delimiter: str | None = None
    latin_1: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """How a text file had to be read: not as UTF-8, or without the rows that do not fit.

    `rejected_line_count` is None where every row fits its heading.
    """

    latin_1: bool = False
    rejected_line_count: int | None = None

    def findings(self) -> tuple[Finding, ...]:
        """Return what the reader of the report should know about it."""
        found = []
        if self.latin_1:
            text = "The file is not UTF-8; it was read as Latin-1 (Western European letters)."
            found.append(Finding("encoding", "warning", text))
        if self.rejected_line_count:
            text = "Rows that do not fit the heading (too many or too few fields) were left unread."
            found.append(Finding("misfit", "warning", text, self.rejected_line_count))
        return tuple(found)


@contextmanager
def open_engine(settings: EngineSettings) -> Iterator[Backend]:
    """Open the embedded engine, with a folder of its own for what does not fit in memory."""
    with tempfile.TemporaryDirectory(prefix="rfmreport-") as spill_folder:
        options: dict[str, Any] = {
            "memory_limit": settings.memory_limit,
            "temp_directory": spill_folder,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if settings.threads:
            options["threads"] = settings.threads
        engine = ibis.duckdb.connect(**options)
        try:
            yield engine
        finally:
            engine.disconnect()


def open_source(engine: Backend, settings: SourceSettings) -> Source:
    """Open the files without reading more than a sample.

    Raises:
        InputError: no such file, a folder, an empty or binary file, no rows, unlike headings.
    """
    files = _find_files(settings.paths)
    kind = _kind_of(files)
    if kind == "workbook":
        return _open_workbooks(engine, files, settings)
    latin_1 = False
    if kind == "parquet":
        table = _open_parquet(engine, files)
    else:
        table, latin_1 = _open_text(engine, files, settings.delimiter)
    return Source(
        table,
        kind=kind,
        files=files,
        parts=tuple(str(path) for path in files),
        sheets=(None,) * len(files),
        delimiter=settings.delimiter,
        latin_1=latin_1,
        **_described(table, files[0]),
    )


def fingerprint_files(source: Source) -> tuple[SourceFile, ...]:
    """Return each file's (or sheet's) name, size and SHA-256."""
    hashes = {path: _sha256(path) for path in set(source.files)}
    return tuple(
        SourceFile(path.name, sheet, path.stat().st_size, hashes[path])
        for path, sheet in zip(source.files, source.sheets, strict=True)
    )


def keep(engine: Backend, source: Source, name: str, lines: Table) -> tuple[Table, Misfit]:
    """Hold `lines` in the engine if the source would otherwise be parsed again for every query.

    A text file that is not UTF-8 is read as Latin-1 instead, and rows that do not fit the heading
    are left out and counted; the `Misfit` tells which.

    Raises:
        InputError: the source cannot be read even so.
    """
    if source.kind == "parquet":
        return lines, Misfit()
    misfit = Misfit(latin_1=source.latin_1)
    while True:
        try:
            kept = engine.create_table(name, lines, temp=True)
        except duckdb.Error as error:
            misfit = _next_attempt(source, misfit, error)
            _create_text_view(engine, source.files, source.delimiter, misfit)
        else:
            return kept, _counted(engine, misfit)


def _next_attempt(source: Source, misfit: Misfit, error: duckdb.Error) -> Misfit:
    if source.kind == "text":
        if _is_encoding_error(error) and not misfit.latin_1:
            return dataclasses.replace(misfit, latin_1=True)
        if "CSV Error" in str(error) and misfit.rejected_line_count is None:
            return dataclasses.replace(misfit, rejected_line_count=0)
    names = ", ".join(path.name for path in source.files)
    message = f"{names}: cannot be read as a table ({_one_line(error)})"
    raise InputError(message) from error


def _counted(engine: Backend, misfit: Misfit) -> Misfit:
    if misfit.rejected_line_count is None:
        return misfit
    rows = engine.raw_sql("SELECT count(DISTINCT (file_id, line)) FROM reject_errors").fetchone()
    return dataclasses.replace(misfit, rejected_line_count=int(rows[0]))


def _is_encoding_error(error: duckdb.Error) -> bool:
    return "unicode" in str(error).lower()


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
    for path in found:
        _check_file(path)
    return tuple(found)


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
        suffixes = [s.lower() for s in path.suffixes if s.lower() not in _COMPRESSIONS]
        kinds.setdefault(_KINDS.get(suffixes[-1] if suffixes else "", "text"), path)
    if len(kinds) > 1:
        names = " and ".join(str(path) for path in kinds.values())
        message = f"{names} are of different kinds; build from files of one kind at a time"
        raise InputError(message)
    return next(iter(kinds))


def _open_text(engine: Backend, files: Sequence[Path], delimiter: str | None) -> tuple[Table, bool]:
    for path in files:
        _check_is_text(path)
    try:
        _create_text_view(engine, files, delimiter, Misfit())
        latin_1 = False
    except duckdb.Error as error:
        if not _is_encoding_error(error):
            message = f"{files[0]}: cannot be read as a table ({_one_line(error)})"
            raise InputError(message) from error
        _create_text_view(engine, files, delimiter, Misfit(latin_1=True))
        latin_1 = True
    return engine.table(_VIEW), latin_1


def _create_text_view(
    engine: Backend, files: Sequence[Path], delimiter: str | None, misfit: Misfit
) -> None:
    options = ["all_varchar=true", "header=true"]
    if delimiter:
        options.append(f"delim={_literal(delimiter)}")
    if misfit.latin_1:
        options.append("encoding='latin-1'")
    scan = (
        _pinned_scan(engine, files[0], options) if len(files) == 1 else _glob_scan(files, options)
    )
    if misfit.rejected_line_count is not None:
        scan = scan.removesuffix(")") + ", store_rejects=true)"
    engine.raw_sql(f"CREATE OR REPLACE TEMP VIEW {_VIEW} AS {scan}")


def _pinned_scan(engine: Backend, path: Path, options: Sequence[str]) -> str:
    """Return the scan with everything found in the file written out.

    A view would otherwise look for delimiter and quotes again with every query.
    """
    sniffed = engine.raw_sql(
        f"SELECT Prompt FROM sniff_csv({_literal(str(path))}, {', '.join(options)})"  # noqa: S608  the path is quoted
    )
    return str(sniffed.fetchone()[0]).strip().removesuffix(";")


def _glob_scan(files: Sequence[Path], options: Sequence[str]) -> str:
    paths = "[" + ", ".join(_literal(str(path)) for path in files) + "]"
    options = [*options, "union_by_name=true", f"filename='{SOURCE_PART}'"]
    return f"FROM read_csv({paths}, {', '.join(options)})"


def _check_is_text(path: Path) -> None:
    if path.suffix.lower() in _COMPRESSIONS:
        return
    with path.open("rb") as file:
        probe = file.read(_BINARY_PROBE_BYTES)
    if b"\0" in probe and not probe.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = (
            f"{path}: is a binary file, expected CSV, TSV, Parquet or XLSX; "
            "if it is one of these, give it that ending"
        )
        raise InputError(message)


def _open_parquet(engine: Backend, files: Sequence[Path]) -> Table:
    paths = "[" + ", ".join(_literal(str(path)) for path in files) + "]"
    options = f", union_by_name=true, filename='{SOURCE_PART}'" if len(files) > 1 else ""
    try:
        engine.raw_sql(
            f"CREATE OR REPLACE TEMP VIEW {_VIEW} AS "  # noqa: S608  paths are quoted
            f"SELECT * FROM read_parquet({paths}{options})"
        )
    except duckdb.Error as error:
        message = f"{files[0]}: cannot be read as Parquet ({_one_line(error)})"
        raise InputError(message) from error
    return engine.table(_VIEW)


def _open_workbooks(engine: Backend, files: Sequence[Path], settings: SourceSettings) -> Source:
    sheets = [sheet for path in files for sheet in _read_sheets(path, settings.sheets)]
    if not sheets:
        message = f"{files[0]}: no sheet with a heading and at least one line"
        raise InputError(message)
    by_headings: dict[tuple[str, ...], int] = {}
    for sheet in sheets:
        by_headings[sheet.headings] = by_headings.get(sheet.headings, 0) + len(sheet.rows)
    headings = max(by_headings, key=lambda key: by_headings[key])
    used = [sheet for sheet in sheets if sheet.headings == headings]
    unread = [sheet.part for sheet in sheets if sheet.headings != headings]
    findings: tuple[Finding, ...] = ()
    if unread:
        text = f"Not read, because the headings differ: sheet {', '.join(unread)}."
        findings = (Finding("sheets-unread", "warning", text),)
    table = _sheets_to_table(engine, headings, used)
    return Source(
        table,
        kind="workbook",
        files=tuple(sheet.path for sheet in used),
        parts=tuple(sheet.part for sheet in used),
        sheets=tuple(sheet.name for sheet in used),
        findings=findings,
        **_described(table, files[0]),
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    path: Path
    name: str
    headings: tuple[str, ...]
    rows: list[list[str | None]]

    @property
    def part(self) -> str:
        return f"{self.path}#{self.name}"


def _read_sheets(path: Path, wanted: Sequence[str]) -> list[_Sheet]:
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
        message = f"{path}: cannot be read as a workbook ({_one_line(error)})"
        raise InputError(message) from error
    return [_sheet(path, name, grid) for name, grid in grids if len(grid) > 1]


def _sheet(path: Path, name: str, grid: list[list[Any]]) -> _Sheet:
    headings = tuple(_cell_text(cell) or f"column{i}" for i, cell in enumerate(grid[0], start=1))
    rows = [[_cell_text(cell) for cell in row] for row in grid[1:]]
    return _Sheet(path, name, headings, [row for row in rows if any(row)])


def _cell_text(cell: object) -> str | None:
    """Write a cell as a CSV would: 17850.0 → "17850", a date in ISO form, nothing → None."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip() or None


def _sheets_to_table(engine: Backend, headings: tuple[str, ...], sheets: Sequence[_Sheet]) -> Table:
    import pandas as pd  # noqa: PLC0415  late, because it is slow to import

    rows = [[*row, sheet.part] for sheet in sheets for row in sheet.rows]
    frame = pd.DataFrame(rows, columns=[*headings, SOURCE_PART], dtype="string")
    schema = ibis.schema(dict.fromkeys(frame.columns, "string"))
    return engine.create_table("source_sheets", frame, schema=schema, temp=True)


def _described(table: Table, first: Path) -> dict[str, Any]:
    """Return the headings and a sample of the table, or say why there is neither."""
    headings = tuple(name for name in table.columns if name != SOURCE_PART)
    texts = {name: table[name].cast("string") for name in headings}
    try:
        sample = table.limit(_SAMPLE_ROWS).mutate(**texts).execute()
    except duckdb.Error as error:
        message = f"{first}: cannot be read as a table ({_one_line(error)})"
        raise InputError(message) from error
    if sample.empty:
        message = f"{first}: has a heading but no lines; its headings are {', '.join(headings)}"
        raise InputError(message)
    return {"headings": headings, "sample": sample}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(_BLOCK_BYTES)  # noqa: E731
        for block in iter(read, b""):
            digest.update(block)
    return digest.hexdigest()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
