"""How a CSV is written: whole numbers exact, text safe from formulas, a mark for spreadsheets.

A text that a spreadsheet would run as a formula has an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BYTE_ORDER_MARK = "\ufeff"
"""With it, spreadsheets read UTF-8 right."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the full-width = + - @ of Japanese keyboards."""
_PHONE_NUMBER = r"^\+[0-9 ()./-]+$"


def with_apostrophe(text: str) -> str:
    """Put an apostrophe before a text that would be run."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def without_apostrophe(text: str) -> str:
    """Take off the apostrophe that `with_apostrophe` has put there."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def write_csv(path: Path, rows: Sequence[Mapping[str, object]], names: Sequence[str] = ()) -> None:
    """Write rows whose values are as from `plain`; without any, `names` are the headings."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=names or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(BYTE_ORDER_MARK + text.getvalue(), encoding="utf-8", newline="")


def plain(value: object) -> object:
    """Return a CSV cell: exact decimals without an exponent, text safe from formulas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value.normalize() + Decimal(0), "f")  # no minus before a nought
    if isinstance(value, date):
        return value.isoformat()
    return with_apostrophe(value) if isinstance(value, str) else value


def written_columns(units: Mapping[str, str]) -> list[str]:
    """Return the columns of a CSV as the engine writes them: text safe, amounts as plain numbers.

    `units` are by heading; the first heading has the mark that lets spreadsheets read UTF-8 right.
    """
    marks = (BYTE_ORDER_MARK, *[""] * len(units))
    return [
        f'{_as_written(name, unit)} AS "{mark}{name}"'
        for (name, unit), mark in zip(units.items(), marks, strict=False)
    ]


def _as_written(name: str, unit: str) -> str:
    """Return the SQL that a column is written with.

    A telephone number may begin with a plus: tools want "+44 20 …", and it runs nothing.
    """
    if unit in {"money", "cents"}:
        return f'CAST("{name}" AS DOUBLE)'
    if unit not in {"text", "phone"}:
        return f'"{name}"'
    starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
    is_number = f"AND NOT regexp_matches(\"{name}\", '{_PHONE_NUMBER}') " if unit == "phone" else ""
    return (
        f'CASE WHEN left("{name}", 1) IN ({starts}) {is_number}THEN chr(39) || "{name}" '
        f'ELSE "{name}" END'
    )
