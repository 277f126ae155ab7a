"""How this source writes its values: the form of its dates, the decimal mark of its amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine, EngineError, one_line
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.expressions import ask_row
from rfmreport.source.values import EXCEL, ISO, is_plausible, number, timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Column, Table

    from rfmreport.settings import SourceSettings
    from rfmreport.source.roles import ColumnMap

Sample = Mapping[str, tuple[str, ...]]
"""What stands in the first rows, as text, by heading; empty cells are left out."""

_ISO_DATE = re.compile(r"\s*(19|20|21)\d\d-[01]\d-[0-3]\d([ T][0-2]\d:[0-5]\d|\s*$)")
_READABLE_ENOUGH = 0.5
_DAY_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y",
    "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
_NUMBER_LIKE = re.compile(
    r"[^\w]*(?:[^\W\d]{1,3})?[^\w]*\d[\d.,'’\s]*[^\w]*(?:[^\W\d]{1,3})?[^\w]*$"
)
_DECIMAL_COMMA = re.compile(r",\d{1,2}\)?\D*$|\.\d{3},")


@dataclass(frozen=True, slots=True)
class ValueFormats:
    """How this source writes dates and numbers.

    `date` is "ISO", "Excel" (days since 1899-12-30) or a format for the day such as "%d/%m/%Y";
    `decimals` holds the decimal mark of each column that looks like numbers, by heading: None where
    they are plain.
    """

    date: str
    decimals: Mapping[str, str | None]

    def number(self, table: Table, heading: str | None) -> Column:
        """Read a column of numbers as doubles; null where there is none, and without a heading."""
        if heading is None:
            return ibis.null("float64")
        return number(table[heading], self.decimals.get(heading))

    def time(self, table: Table, heading: str) -> Column:
        """Read the column of dates as timestamps; null where there is none."""
        return timestamp(table[heading], self.date)


def find_value_formats(
    sample: Sample, columns: ColumnMap, table: Table, settings: SourceSettings
) -> ValueFormats:
    """Find how dates and amounts are written, from the sample; what the user said wins.

    Raises:
        InputError: the dates cannot be read, or day and month cannot be told apart.
        SettingsError: the user's date format has a meaningless part.
    """
    if settings.date_format:
        _check_date_format(sample, columns.date, table, settings.date_format)
    date = settings.date_format or _find_date_format(sample, columns.date, table)
    decimals = {
        heading: settings.decimal or _find_decimal(texts)
        for heading, texts in sample.items()
        if heading in columns.numbers or _looks_like_numbers(texts)
    }
    return ValueFormats(date, decimals)


def _find_date_format(sample: Sample, heading: str, table: Table) -> str:
    if not table[heading].type().is_string() and not table[heading].type().is_numeric():
        return ISO
    known = sample[heading]
    total = len(known)
    if known and all(map(_ISO_DATE.match, known)):
        return ISO
    readable = _readable_in_sample(known, table, (ISO, EXCEL, *_DAY_FORMATS))
    most = max(readable.values())
    best = [name for name, count in readable.items() if count == most]
    if ISO in best:
        best = [ISO]
    if most <= total * _READABLE_ENOUGH:
        shown = ", ".join(repr(text) for text in dict.fromkeys(known[:3]))
        message = (
            f"column {heading!r} does not hold dates that can be read: {shown}; expected such as "
            "2011-12-09 08:26; say how they are written with --date-format '%d.%m.%Y %H:%M', "
            "or which column it is with --map date=HEADING"
        )
        raise InputError(message)
    if len(best) > 1:
        best = _settled_on_all_lines(table, heading, best)
    return best[0]


def _check_date_format(sample: Sample, heading: str, table: Table, date_format: str) -> None:
    known = sample[heading]
    try:
        readable = _readable_in_sample(known, table, [date_format])
    except EngineError as error:
        message = f"date format {date_format!r}: {one_line(error)}"
        raise SettingsError(message) from error
    if not readable[date_format]:
        shown = ", ".join(repr(text) for text in dict.fromkeys(known[:3]))
        message = f"column {heading!r}: no date reads as {date_format!r}; it holds {shown}"
        raise InputError(message)


def _settled_on_all_lines(table: Table, heading: str, formats: Sequence[str]) -> list[str]:
    """Keep the format that reads most of all lines; equal ones cannot be told apart."""
    readable = _readable_counts(table[heading].cast("string"), formats)
    best = [name for name in formats if readable[name] == max(readable.values())]
    if len(best) > 1:
        message = (
            f"column {heading!r}: the day and the month cannot be told apart, every date reads as "
            f"{best[0]} and as {best[1]}; say which with --date-format '{best[0]}'"
        )
        raise InputError(message)
    return best


def _readable_in_sample(
    texts: Sequence[str], table: Table, formats: Sequence[str]
) -> dict[str, int]:
    """Return how many of a few texts each format reads, asked of the engine of `table`."""
    engine = table.get_backend()
    query = "SELECT unnest(CAST($texts AS VARCHAR[])) AS text"
    Engine(engine.con).hold("sample_texts", query, texts=list(texts))
    return _readable_counts(engine.table("sample_texts").text, formats)


def _readable_counts(texts: Column, formats: Sequence[str]) -> dict[str, int]:
    counts = {f"f{i}": is_plausible(timestamp(texts, name)).sum() for i, name in enumerate(formats)}
    row = ask_row(texts.as_table().agg(**counts))
    return {name: row[f"f{i}"] or 0 for i, name in enumerate(formats)}


def _find_decimal(texts: Sequence[str]) -> str | None:
    """Return None for plain numbers, else the mark before the decimals: 1.234,50 has a comma."""
    unread = [text for text in texts if text.strip() and not _is_plain_number(text)]
    if not any(character.isdigit() for text in unread for character in text):
        return None
    commas = sum(bool(_DECIMAL_COMMA.search(text)) for text in unread)
    return "," if commas * 2 > len(unread) else "."


def _looks_like_numbers(texts: Sequence[str]) -> bool:
    return sum(map(bool, map(_NUMBER_LIKE.match, texts))) > len(texts) * _READABLE_ENOUGH


def _is_plain_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
