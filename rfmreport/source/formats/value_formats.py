"""How this source writes its values: the form of its dates, the decimal mark of its amounts."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ibis

from rfmreport.source.formats.currencies import Currency, find_currency
from rfmreport.source.formats.date_forms import (
    DateForms,
    check_date_format,
    find_date_forms,
    said_form,
)
from rfmreport.source.formats.dates import ISO, is_plausible, timestamp
from rfmreport.source.formats.decimal_marks import find_marks, look_like_numbers
from rfmreport.source.formats.numbers import is_not_plain, number
from rfmreport.source.formats.rounded_ids import may_be_rounded, refuse_rounded_ids
from rfmreport.source.formats.values import identifier, plain_text
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibis.expr.types import BooleanValue, Column, Table

    from rfmreport.settings import SourceSettings
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.evidence import Decision
    from rfmreport.vocabulary import Finding

Sample = Mapping[str, tuple[str, ...]]
"""What stands in the first rows, as text, by heading; empty cells are left out."""


@dataclass(frozen=True, slots=True)
class ValueFormats:
    """How this source writes dates and numbers.

    `date` is "ISO", "Excel" (days since 1899-12-30) or a format for the day such as "%d/%m/%Y";
    `decimals` holds the decimal mark of each column that looks like numbers, by heading: None where
    they are plain. `of_parts` are the files or sheets that write otherwise. `presumed` are the
    columns of which only the first rows were looked at, ids among them. `are_packed` says that
    texts come as Parquet has them, equal ones once.
    """

    date: str
    decimals: Mapping[str, str | None]
    of_parts: Mapping[str, ValueFormats] = field(default_factory=dict)
    presumed: frozenset[str] = frozenset()
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    currency: Currency = field(default_factory=Currency)
    are_packed: bool = False

    def id(self, table: Table, heading: str) -> Column:
        """Read a column of ids as text; null where there is none."""
        return identifier(table[heading], is_packed=self.are_packed)

    def text(self, table: Table, heading: str | None) -> Column:
        """Read a column of texts; null without a heading."""
        if heading is None:
            return ibis.null("string")
        return plain_text(table[heading], is_packed=self.are_packed)

    def number(self, table: Table, heading: str | None) -> Column:
        """Read a column of numbers as doubles; null where there is none, and without a heading."""
        if heading is None:
            return ibis.null("float64")
        column = table[heading]
        return self._by_part(table, lambda one: number(column, one.decimals.get(heading)))

    def time(self, table: Table, heading: str) -> Column:
        """Read the column of dates as timestamps; null where there is none."""
        return self._by_part(table, lambda one: timestamp(table[heading], one.date))

    def speaks_against(self, table: Table, columns: ColumnMap) -> BooleanValue:
        """Say which lines hold what the first rows had not: their columns must be read whole."""
        tests = [self._differs(table, heading, columns) for heading in sorted(self.presumed)]
        if self.currency.is_presumed:
            tests.append(self.currency.speaks_against(table))
        return functools.reduce(operator.or_, tests, ibis.literal(value=False))

    def _differs(self, table: Table, heading: str, columns: ColumnMap) -> BooleanValue:
        column = table[heading]
        if heading == columns.date:
            return _is_unread_time(column, self.time(table, heading))
        if heading in columns.numbers:
            has_parts = VIEW_PART in table.columns
            return is_not_plain(column, or_either=has_parts or self.decimals[heading] is None)
        return may_be_rounded(column)

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
        InputError: the dates cannot be read, or day and month, or the decimal mark, cannot be told;
            ids are rounded; amounts are in several currencies.
        SettingsError: the user's date format has a meaningless part, or there is no such currency.
    """
    ids = [h for h in (columns.customer, columns.order) if h and table[h].type().is_string()]
    refuse_rounded_ids(sample, ids, table, from_all_lines=from_all_lines)
    dates = (
        DateForms(ISO)  # of which there are none
        if columns.date == columns.recency_days
        else _find_dates(sample, columns.date, table, settings, from_all_lines=from_all_lines)
    )
    marks = find_marks(
        {
            h: texts
            for h, texts in sample.items()
            if h in columns.numbers or look_like_numbers(texts)
        },
        columns.numbers,
        table,
        said=settings.decimal,
        from_all_lines=from_all_lines,
    )
    presumed_date = {columns.date} if dates.is_presumed else set()
    currency = find_currency(sample, columns, table, settings, from_all_lines=from_all_lines)
    parts = {
        part: ValueFormats(
            dates.of_others.get(part, dates.of_first), marks.of_others.get(part, marks.of_first)
        )
        for part in sorted(dates.of_others.keys() | marks.of_others.keys())
    }
    return ValueFormats(
        dates.of_first,
        marks.of_first,
        parts,
        marks.presumed | presumed_date | frozenset(() if from_all_lines else ids),
        (*dates.decisions, *marks.decisions, *currency.decisions),
        marks.findings,
        currency,
    )


def _find_dates(
    sample: Sample, heading: str, table: Table, settings: SourceSettings, *, from_all_lines: bool
) -> DateForms:
    said = settings.date_format
    if said is None:
        return find_date_forms(sample, heading, table, from_all_lines=from_all_lines)
    check_date_format(sample[heading], heading, table, said)
    return said_form(heading, said)


def _is_unread_time(column: Column, time: Column) -> BooleanValue:
    has_digits = column.cast("string").re_search("[0-9]")
    return (time.notnull() & is_plausible(time)).ifelse(ibis.literal(value=False), has_digits)
