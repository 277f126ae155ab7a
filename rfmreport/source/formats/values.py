"""Values read as they are written: ids and text, each null where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Column

MONEY = "decimal(18, 4)"
DIGITS = "^[0-9]+$"
_FLOAT_ENDING = ".0"
_WHOLE_FLOAT = r"^([0-9]+)\.0$"
_MISSING_WORDS = ("", "nan", "NaN", "None", "null", "NULL", "<NA>", "N/A", "n/a", "#N/A", "-")


@ibis.udf.scalar.builtin(name="array_extract")  # type: ignore[untyped-decorator]
def _character(text: str, place: int) -> str:  # type: ignore[empty-body]
    """Return one character of a text; -1 is the last (a function of the engine)."""


def identifier(column: Column, *, is_packed: bool = False) -> Column:
    """Return an id as text: "17850.0" is 17850, leading zeros stay, machine words mean missing.

    One CASE over the bare column, whose first tests are cheap and true of most ids: regular
    expressions, long IN lists or nested expressions (which the engine works out again in every
    branch) would cost more than reading the file. Where texts come packed, as in Parquet, what is
    asked of a text alone is asked once of equal ones, and each branch costs: few are quicker there.
    """
    if column.type().is_floating() or column.type().is_decimal():
        whole_number = column.try_cast("int64")
        return (whole_number == column).ifelse(whole_number.cast("string"), column.cast("string"))
    text = column.cast("string")
    if column.type().is_integer():
        return text
    is_float = text.endswith(_FLOAT_ENDING) & text.re_search(_WHOLE_FLOAT)
    is_short = text.length() <= max(map(len, _MISSING_WORDS))
    is_missing = is_short & text.isin(_MISSING_WORDS)
    if is_packed:
        return ibis.cases(
            (is_missing, ibis.null("string")),
            (text.endswith(_FLOAT_ENDING), text.re_replace(_WHOLE_FLOAT, r"\1")),
            else_=text.strip().nullif(""),
        )
    return ibis.cases(
        (is_missing, ibis.null("string")),
        ((text >= "!") & (_character(text, -1) > "0"), text),  # nothing to take off
        (is_float, text.left(text.length() - len(_FLOAT_ENDING))),
        (_has_blanks_around(text), text.strip().nullif("")),
        else_=text,
    )


def plain_text(column: Column, *, is_packed: bool = False) -> Column:
    """Return text without blanks around it."""
    text = column.cast("string")
    if is_packed:
        return text.strip()
    return _has_blanks_around(text).ifelse(text.strip(), text)


def _has_blanks_around(text: Column) -> BooleanValue:
    return (text < "!") | (_character(text, -1) < "!")
