"""Workbooks: the sheets that hold what a report needs, each read as the text file it would be."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rfmreport.errors import InputError, RfmReportError
from rfmreport.source.columns.roles import map_columns
from rfmreport.source.files import workbook_cells
from rfmreport.source.files.parts import Opened
from rfmreport.source.files.plain_copies import new_copy
from rfmreport.source.files.text_files import TextFile, open_text
from rfmreport.stopping import interrupting
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import SourceSettings

_SECONDS, _BYTES_A_SECOND = 60, 250_000
_TOO_LARGE = (
    "it takes more memory or time than a workbook may; a cell far right or far below the table is "
    "the likely cause: delete the empty columns and rows around it, or save the sheet as CSV"
)


def open_workbook(
    engine: Engine,
    path: Path,
    plain: Path,
    settings: SourceSettings,
    chosen: Mapping[str, str],
) -> Opened:
    """Return the sheets to use, and those beside them.

    Where the user named none, it is the longest with all that a report needs, and those that have
    its headings; else just the longest.

    Raises:
        InputError: not a workbook, no such sheet, or no sheet with lines.
    """
    written = _written(engine, path, plain, settings.sheets)
    missing = [name for name in settings.sheets if name not in written["names"]]
    if missing:
        message = f"{path}: no sheet {missing[0]!r}; its sheets are {', '.join(written['names'])}"
        raise InputError(message)
    row_counts = {sheet["name"]: sheet["rows"] for sheet in written["sheets"] if sheet["rows"]}
    tables = _tables_of(engine, path, written["sheets"], settings)
    used = tables if settings.sheets else _alike(tables, row_counts, chosen)
    return Opened(
        path,
        used,
        _outside(path, written["sheets"], [table.sheet for table in used]),
        tuple(table for table in tables if table not in used),
        row_counts,
        tuple(name for name in written["names"] if name not in row_counts),
    )


def _alike(
    tables: Sequence[TextFile], row_counts: Mapping[str, int], chosen: Mapping[str, str]
) -> list[TextFile]:
    """Return the longest table that has all that a report needs, and those with its headings."""
    whole = [table for table in tables if _has_roles(table, chosen)]
    longest = max(whole or tables, key=lambda table: row_counts[str(table.sheet)])
    headings = {heading.casefold() for heading in longest.headings}
    return [table for table in tables if {h.casefold() for h in table.headings} == headings]


def _has_roles(table: TextFile, chosen: Mapping[str, str]) -> bool:
    said = {role: heading for role, heading in chosen.items() if heading in table.headings}
    try:
        map_columns(table.headings, said)
    except InputError:
        return False
    return True


def _tables_of(
    engine: Engine, path: Path, sheets: Sequence[Mapping[str, Any]], settings: SourceSettings
) -> list[TextFile]:
    """Return the sheets that are tables: with a row of headings, and one more at least."""
    tables, errors = [], []
    layout = replace(settings, delimiter=",", encoding="utf-8")
    for sheet in sheets:
        if sheet["rows"] > (not settings.columns):
            try:
                table = open_text(engine, path, Path(sheet["file"]), layout)
            except RfmReportError as error:
                errors.append(error)
            else:
                tables.append(replace(table, sheet=sheet["name"]))
    if errors and (settings.sheets or not tables):
        raise errors[0]
    if not tables:
        message = f"{path}: no sheet with a heading and at least one line"
        raise InputError(message)
    return tables


def _written(engine: Engine, path: Path, plain: Path, wanted: Sequence[str]) -> dict[str, Any]:
    """Let a process of its own write the sheets as CSV, and return what it says of them."""
    folder = new_copy(engine, "sheets")
    folder.mkdir()
    command = [sys.executable, "-P", workbook_cells.__file__, str(plain), str(folder), *wanted]
    limit = _SECONDS + plain.stat().st_size // _BYTES_A_SECOND
    process = subprocess.Popen(  # noqa: S603  ourselves
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process, interrupting(process.kill):
        try:
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            said = b""
    told: dict[str, Any] = json.loads(said) if process.returncode == 0 else {"error": _TOO_LARGE}
    if "error" in told:
        message = f"{path}: cannot be read as a workbook ({told['error']})"
        raise InputError(message)
    return told


def _outside(
    path: Path, sheets: Sequence[Mapping[str, Any]], names: Sequence[str | None]
) -> tuple[Finding, ...]:
    count = sum(sheet["outside"] for sheet in sheets if sheet["name"] in names)
    if not count:
        return ()
    text = f"Cells of {path.name} far right of the table were left unread: {count:,}."
    return (Finding("cells-unread", "warning", text),)
