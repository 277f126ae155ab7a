"""A process of its own that writes the sheets of a workbook as CSV: `python -P` this file.

The library that reads workbooks ends its process where memory is short, and takes what a cell far
outside the table costs; so it works where that harms nobody, with a limit on memory. Nothing of
this package is imported, because importing takes longer than reading a small workbook.
"""

from __future__ import annotations

import csv
import datetime
import itertools
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_MEMORY_BYTES = 3 << 30
_WIDTH_ROWS = 1_000
_GAP = 100


def write_sheets(path: str, folder: str, wanted: Sequence[str]) -> dict[str, object]:
    """Write each sheet to a file of its own, and return what there is: names, files, rows.

    Hidden sheets are written only where they are wanted by name, or nothing else is there.
    """
    import python_calamine  # noqa: PLC0415  after the limit on memory

    with Path(path).open("rb") as file:
        try:
            workbook = python_calamine.load_workbook(file)
            about = workbook.sheets_metadata
        except python_calamine.CalamineError as error:
            return {"error": str(error)}
        names = [one.name for one in about]
        shown = [
            one.name for one in about if one.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        chosen = [name for name in names if name in (wanted or shown or names)]
        sheets = []
        for number, name in enumerate(chosen):
            target = Path(folder) / f"sheet-{number}.csv"
            try:
                sheet = workbook.get_sheet_by_name(name)
                above = sheet.start[0] if sheet.start else 0
                counts = _write(sheet.iter_rows(), target, above)
            except python_calamine.CalamineError as error:
                return {"error": f"sheet {name}: {error}"}
            sheets.append({"name": name, "file": str(target), **counts})
    return {"names": names, "sheets": sheets}


def _write(rows: Iterator[list[Any]], target: Path, above: int) -> dict[str, int]:
    """Write the rows of a sheet, as wide as its table, below the empty ones that stand `above`.

    Returns how many are not empty, and how many cells stand outside.
    """
    begin = list(itertools.islice(rows, _WIDTH_ROWS))
    width = _table_width(begin)
    row_count = outside = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        file.write("\n" * above)
        for row in itertools.chain(begin, rows):
            if len(row) > width:
                outside += sum(cell != "" for cell in row[width:])
            cells = list(map(_text, row[:width]))
            is_filled = any(cells)
            writer.writerow(cells if is_filled else ())
            row_count += is_filled
    return {"rows": row_count, "outside": outside}


def _table_width(rows: Sequence[Sequence[Any]]) -> int:
    """Return how many columns belong to the table: it ends where a hundred are empty."""
    used = {place for row in rows for place, cell in enumerate(row) if cell != ""}
    width = 0
    for place in sorted(used):
        if place > width + _GAP:
            break
        width = place + 1
    return width


def _text(cell: object) -> str:
    """Write a cell as a CSV would: 17850.0 as 17850, a date in ISO form, 4.356 as 4.3560."""
    if isinstance(cell, str):
        return " ".join(cell.splitlines()).strip() if "\n" in cell or "\r" in cell else cell.strip()
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        text = repr(cell)
        text = format(Decimal(text), "f") if "e" in text else text
        # Three decimals could be thousands, which a number is free of.
        return f"{text}0" if text[-4:-3] == "." else text
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(_MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit_memory()
    json.dump(write_sheets(sys.argv[1], sys.argv[2], sys.argv[3:]), sys.stdout)
