"""Values read as they are written: times, ids and text, each null where there is none."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Column

MONEY = "decimal(18, 4)"
ISO = "ISO"
EXCEL = "Excel"
DIGITS = "^[0-9]+$"
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)
_EXCEL_DAYS = (20_000, 80_000)
_TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", "T%H:%M:%S")
_FLOAT_ENDING = ".0"
_WHOLE_FLOAT = r"^[0-9]+\.0$"
_MISSING_WORDS = ("", "nan", "NaN", "None", "null", "NULL", "<NA>", "N/A")


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _try_strptime(text: str, formats: list[str]) -> datetime.datetime:  # type: ignore[empty-body]
    """Read a time by the first format that fits, or give null (a function of the engine)."""


@ibis.udf.scalar.builtin(name="array_extract")  # type: ignore[untyped-decorator]
def _character(text: str, place: int) -> str:  # type: ignore[empty-body]
    """Return one character of a text; -1 is the last (a function of the engine)."""


def timestamp(column: Column, date_format: str) -> Column:
    """Read a time; what is unreadable is null."""
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        return column.cast("timestamp")
    text = column.cast("string")
    if date_format == ISO:
        read = text.try_cast("timestamp")
    elif date_format == EXCEL:
        days = text.try_cast("float64")
        days = days.between(*_EXCEL_DAYS).ifelse(days, ibis.null("float64"))
        seconds = (days * 86_400).round().cast("int64")
        read = ibis.timestamp("1899-12-30") + seconds.as_interval("s")
    else:
        formats = [date_format] if "%H" in date_format or "%I" in date_format else None
        formats = formats or [date_format + time for time in _TIME_FORMATS]
        read = _try_strptime(text.strip(), formats)
    return read


def is_plausible(time: Column) -> BooleanValue:
    """Say whether a time was meant: "1/2/10" reads as the year 1, a slip of the pen as 2911."""
    earliest, latest = (ibis.timestamp(day.isoformat()) for day in (EARLIEST, LATEST))
    return (time >= earliest) & (time < latest)


def identifier(column: Column) -> Column:
    """Return an id as text: "17850.0" is 17850, leading zeros stay, machine words mean missing.

    One CASE over the bare column, whose first tests are cheap and true of most ids: regular
    expressions, long IN lists or nested expressions (which the engine works out again in every
    branch) would cost more than reading the file.
    """
    if column.type().is_floating() or column.type().is_decimal():
        whole_number = column.try_cast("int64")
        return (whole_number == column).ifelse(whole_number.cast("string"), column.cast("string"))
    text = column.cast("string")
    if column.type().is_integer():
        return text
    is_float = text.endswith(_FLOAT_ENDING) & text.re_search(_WHOLE_FLOAT)
    is_short = text.length() <= max(map(len, _MISSING_WORDS))
    return ibis.cases(
        (is_short & text.isin(_MISSING_WORDS), ibis.null("string")),
        ((text >= "!") & (_character(text, -1) > "0"), text),  # nothing to take off
        (is_float, text.left(text.length() - len(_FLOAT_ENDING))),
        (_has_blanks_around(text), text.strip().nullif("")),
        else_=text,
    )


def plain_text(column: Column) -> Column:
    """Return text without blanks around it."""
    text = column.cast("string")
    return _has_blanks_around(text).ifelse(text.strip(), text)


def _has_blanks_around(text: Column) -> BooleanValue:
    return (text < "!") | (_character(text, -1) < "!")
