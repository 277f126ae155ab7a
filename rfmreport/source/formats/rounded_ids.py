"""Ids that a spreadsheet rounded: 1.23457E+12 stands for many, and nobody can tell them apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.formats.all_values import Look, lines_of, looks_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import BooleanValue, Column, Table

_ROUNDED = r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"


def may_be_rounded(column: Column) -> BooleanValue:
    """Say, at little cost, which ids may be such as 1.23457E+12."""
    return column.cast("string").contains("E+").fill_null(False)  # noqa: FBT003  by position only


def refuse_rounded_ids(
    sample: Mapping[str, Sequence[str]],
    headings: Sequence[str],
    table: Table,
    *,
    from_all_lines: bool = False,
) -> None:
    """Stop where ids under the headings are rounded.

    Raises:
        InputError: they are.
    """
    for heading in headings:
        if from_all_lines:
            looks = [one for found in looks_of(table, heading, _rounded).values() for one in found]
            rounded = [look for look in looks if look.alike]
        else:
            texts = [text.strip() for text in sample[heading]]
            such = {text for text in texts if re.match(_ROUNDED, text)}
            rounded = [Look(text, text, 1) for text in sorted(such)]
        if rounded:
            text, lines = lines_of(table, heading, _rounded, rounded, "")
            message = (
                f"column {heading!r}, {lines}: ids such as {text!r} were rounded by a spreadsheet, "
                "and those that were different are no longer; get the export again and do not save "
                "it in a spreadsheet, or let that import the column as text"
            )
            raise InputError(message)


def _rounded(text: Column) -> Column:
    return text.re_extract(_ROUNDED, 0)
