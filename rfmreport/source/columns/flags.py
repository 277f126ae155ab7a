"""Columns that mark what came to nothing: a yes, an x or a day under "Cancelled" or "Test"."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import ibis

from rfmreport.source.columns.hints import are_dates, quoted
from rfmreport.source.columns.words import kind_of, written_forms
from rfmreport.source.evidence import Decision
from rfmreport.source.expressions import ask_row
from rfmreport.source.verdicts import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ibis.expr.types import BooleanValue, Table

    from rfmreport.settings import CleaningSettings
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import Sample, ValueFormats

_KINDS = ("cancelled", "refunded", "test")
_AROUND = re.compile(r"^(?:is|was|ist|est|es)[\s_]+|[\s_]*\?$|[\s_]+flag$", re.IGNORECASE)
_OF_A_DAY = re.compile(r"[\s_]+(?:at|on|am|date|datum|le)$", re.IGNORECASE)
_COMES_BACK = re.compile("ret|refund", re.IGNORECASE)
"""What comes back on a day may be a part of an order: such a day marks nothing."""
_STANDS = "not cancelled"


def mark_flagged(
    table: Table,
    sample: Sample,
    columns: ColumnMap,
    formats: ValueFormats,
    rules: CleaningSettings,
) -> tuple[Table, ColumnMap, tuple[Decision, ...]]:
    """Say in the column of statuses that a marked line is cancelled; one is made where none is.

    What takes money away by its sign needs no mark.
    """
    words = words_of(rules, "cancelled_statuses")
    taken = {heading for role, heading in columns.used() if role != "status"}
    decisions = []
    for heading, is_dated in _flags(sample, taken):
        text = table[heading].cast("string").strip().lower()
        marks = _says_so(text, is_dated=is_dated) & ~_is_negative(table, columns, formats)
        count, is_part = _counted(table, marks)
        if not (words and count and is_part):  # what stands on every line marks none
            continue
        word = "cancelled" if "cancelled" in words else words[0]
        if columns.status in (None, heading):
            columns = dataclasses.replace(columns, status=heading)
            # A day stands on an order's first line, perhaps; other marks are of their line.
            others = ibis.null("string") if is_dated else ibis.literal(_STANDS)
        else:
            others = table[columns.status].cast("string")
        table = table.mutate(**{str(columns.status): marks.ifelse(word, others)})
        lines = "1 line, which is" if count == 1 else f"{count:,} lines, which are"
        decided = f"{quoted(heading)} marks {lines} left out as cancelled"
        decisions.append(Decision("marks", decided, "by its heading, a yes or a day on the line"))
    return table, columns, tuple(decisions)


def _flags(sample: Sample, taken: set[str]) -> Iterator[tuple[str, bool]]:
    """Yield the headings of marks, and whether a day is the mark."""
    for heading, texts in sample.items():
        bare = _AROUND.sub("", heading.strip())
        said = _OF_A_DAY.sub("", bare)
        if heading in taken or kind_of(said, _KINDS) is None:
            continue
        values = {text.strip() for text in texts} - {""}
        if said == bare and all(kind_of(value, ("yes", "no")) for value in values):
            yield heading, False
        elif (
            said != bare
            and not _COMES_BACK.match(said)
            and (not values or are_dates(tuple(values)))
        ):
            yield heading, True


def _counted(table: Table, marks: BooleanValue) -> tuple[int, bool]:
    row = ask_row(table.aggregate(count=marks.cast("int64").sum(), line_count=table.count()))
    count = int(row["count"] or 0)
    return count, count < row["line_count"]


def _says_so(text: ibis.Column, *, is_dated: bool) -> BooleanValue:
    if is_dated:
        return text.fill_null("").notin(["", *written_forms("no")])
    return text.fill_null("").isin(written_forms("yes"))


def _is_negative(table: Table, columns: ColumnMap, formats: ValueFormats) -> BooleanValue:
    heading = columns.amount or columns.quantity
    if heading is None:
        return ibis.literal(value=False)
    return (formats.number(table, heading) < 0).fill_null(False)  # noqa: FBT003  by position
