"""How this source writes its values: the form of its dates, the decimal mark of its amounts."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine, EngineError, one_line
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.decimal_marks import find_marks, look_like_numbers
from rfmreport.source.expressions import ask_row
from rfmreport.source.numbers import is_not_plain, number
from rfmreport.source.values import EXCEL, ISO, is_plausible, timestamp
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ibis.expr.types import BooleanValue, Column, Table

    from rfmreport.settings import SourceSettings
    from rfmreport.source.evidence import Decision
    from rfmreport.source.roles import ColumnMap
    from rfmreport.vocabulary import Finding

Sample = Mapping[str, tuple[str, ...]]
"""What stands in the first rows, as text, by heading; empty cells are left out."""

_ISO_DATE = re.compile(r"\s*(19|20|21)\d\d-[01]\d-[0-3]\d([ T][0-2]\d:[0-5]\d|\s*$)")
_READABLE_ENOUGH = 0.5
_DAY_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y",
    "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValueFormats:
    """How this source writes dates and numbers.

    `date` is "ISO", "Excel" (days since 1899-12-30) or a format for the day such as "%d/%m/%Y";
    `decimals` holds the decimal mark of each column that looks like numbers, by heading: None where
    they are plain. `of_parts` are the files or sheets that write otherwise. `presumed` are the
    columns of which only the first rows were looked at.
    """

    date: str
    decimals: Mapping[str, str | None]
    of_parts: Mapping[str, ValueFormats] = field(default_factory=dict)
    presumed: frozenset[str] = frozenset()
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()

    def number(self, table: Table, heading: str | None) -> Column:
        """Read a column of numbers as doubles; null where there is none, and without a heading."""
        if heading is None:
            return ibis.null("float64")
        column = table[heading]
        return self._by_part(table, lambda one: number(column, one.decimals.get(heading)))

    def time(self, table: Table, heading: str) -> Column:
        """Read the column of dates as timestamps; null where there is none."""
        return self._by_part(table, lambda one: timestamp(table[heading], one.date))

    def speaks_against(self, table: Table, date: str) -> BooleanValue:
        """Say which lines hold what the first rows had not: their columns must be read whole."""
        has_parts = VIEW_PART in table.columns
        tests = [
            _is_unread_time(table[heading], self.time(table, heading))
            if heading == date
            else is_not_plain(table[heading], or_either=has_parts or self.decimals[heading] is None)
            for heading in sorted(self.presumed)
        ]
        return functools.reduce(operator.or_, tests, ibis.literal(value=False))

    def _by_part(self, table: Table, read: Callable[[ValueFormats], Column]) -> Column:
        branches = ((table[VIEW_PART] == part, read(one)) for part, one in self.of_parts.items())
        return ibis.cases(*branches, else_=read(self)) if self.of_parts else read(self)


def find_value_formats(
    sample: Sample,
    columns: ColumnMap,
    table: Table,
    settings: SourceSettings,
    *,
    from_all_lines: bool = False,
) -> ValueFormats:
    """Find how dates and amounts are written; what the user said wins.

    The first rows decide, where they leave no doubt; else, or with `from_all_lines`, all do.

    Raises:
        InputError: the dates cannot be read, or day and month, or the decimal mark, cannot be told.
        SettingsError: the user's date format has a meaningless part.
    """
    if settings.date_format:
        _check_date_format(sample, columns.date, table, settings.date_format)
    date = settings.date_format or _find_date_format(sample, columns.date, table)
    if settings.decimal:
        return ValueFormats(date, dict.fromkeys(sample, settings.decimal))
    marks = find_marks(
        {
            h: texts
            for h, texts in sample.items()
            if h in columns.numbers or look_like_numbers(texts)
        },
        columns.numbers,
        table,
        from_all_lines=from_all_lines,
    )
    return ValueFormats(
        date,
        marks.of_first,
        {part: ValueFormats(date, found) for part, found in marks.of_others.items()},
        marks.presumed,
        marks.decisions,
        marks.findings,
    )


def _is_unread_time(column: Column, time: Column) -> BooleanValue:
    has_digits = column.cast("string").re_search("[0-9]")
    return (time.notnull() & is_plausible(time)).ifelse(ibis.literal(value=False), has_digits)


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
