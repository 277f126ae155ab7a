"""Numbers as people and programs write them: what shape a text has, and how it is read.

The shape of most texts tells its decimal mark: 1.234,50 has a comma, 1,23,456.50 and 45.00 a point.
Only such as 4.350 can be meant either way; the mark of its column decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import ibis

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Column

Shape = Literal["point", "comma", "either", "whole", "none"]
"""What a text shows: its decimal mark, that it may be either, that it needs none, or no number."""

# What follows is read by Python's `re` and by the engine's RE2 alike. A blank or an apostrophe
# before three digits groups them; what is left is one run of digits with its marks, perhaps a
# currency around it: "3 @ 5.00" is no amount. "Rs.500" has no decimals, "12.-" is not negative.
# Nor is "1.2k", which may stand beside "950": it says thousands, or who knows what.
_GROUP = "[\\s'`’\u00a0\u2009\u202f]([0-9]{3})(\\b|[^\\W0-9_])"
_GROUPED = r"\1\2"
_ONE_NUMBER = r"^(?:[^0-9]*[^\W0-9_]\.[^0-9.,]*|[^0-9.,]*)([.,]?[0-9](?:[0-9.,]*[0-9])?)"
_ONE_NUMBER += (
    r"(?:[^0-9kKmM\s][^0-9]*|\s*[kKmM][^0-9\s€$£¥.][^0-9]*|\s+(?:[^0-9kKmM\s][^0-9]*)?)?$"
)
# So are amounts that an account of sales credits: "45.00 CR".
_IS_NEGATIVE = r"^\s*\(.*\)\s*$|[0-9]\s*[-−–]\s*[^0-9]*$|^[^0-9]*[-−–]|[0-9]\s*[Cc][Rr]\.?\s*$"
# Decimals after groups of three, or after any digits that cannot be the first group; and groups
# alone, twice at least.
_ENGLISH = r"""
    [0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+ | [0-9]{1,3}(?:,[0-9]{3}){2,}
    | [0-9]*\.(?:[0-9]{1,2}|[0-9]{4,}) | (?:0[0-9]*|[0-9]{4,})?\.[0-9]{3}
""".replace(" ", "").replace("\n", "")
_INDIAN = r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?"
_POINT = f"{_ENGLISH}|{_INDIAN}"
_COMMA = _ENGLISH.replace(",[", "#[").replace(r"\.", ",").replace("#", r"\.")
_EITHER = r"[1-9][0-9]{0,2}[.,][0-9]{3}"
_TESTS: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    ("whole", re.compile("[0-9]+")),
    ("either", re.compile(_EITHER)),
    ("point", re.compile(_POINT)),
    ("comma", re.compile(_COMMA)),
)
# Digits and marks of Arabic, Persian and Hindi texts, and the wide ones of East Asian ones.
_FOREIGN = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९０１２３４５６７８９٫٬．，"  # noqa: RUF001  meant
_DIGITS_AND_MARKS = 4 * "0123456789" + ".,.,"
_AS_USUAL = str.maketrans(_FOREIGN, _DIGITS_AND_MARKS)
_PARTS_THOUSANDS_BY_COMMA = re.compile(r"[$£¥￥₩円元원]|JPY|KRW|^\s*\\")
"""Shift-JIS has the yen sign where others have the backslash."""


def shape_of(text: str) -> Shape:
    """Return what the text shows of its decimal mark.

    Beside a dollar, a pound, a yen or a won, a comma before three digits parts thousands.
    """
    text = text.translate(_AS_USUAL)
    found = re.match(_ONE_NUMBER, re.sub(_GROUP, _GROUPED, text))
    if found is None:
        return "none"
    shape: Shape = next((name for name, test in _TESTS if test.fullmatch(found[1])), "none")
    is_english = shape == "either" and "," in found[1] and _PARTS_THOUSANDS_BY_COMMA.search(text)
    return "point" if is_english else shape


def is_plain_number(text: str) -> bool:
    """Say whether a program reads the text as a number, and the engine as the same."""
    try:
        float(text)
    except ValueError:
        return not any(map(str.isdigit, text))
    return "_" not in text


def number(column: Column, mark: str | None) -> Column:
    """Read a number as a double; null where there is none. "(12.50)" and "12.50-" are negative.

    Each text is read by its own shape; `mark`, "." where it is None, decides what may be either.
    A percentage is a part of one.
    """
    if column.type().is_numeric():
        return column.cast("float64")
    plain = text = column.cast("string")
    if mark == ",":
        plain = text.contains(".").ifelse(ibis.null("string"), text.replace(",", "."))
    # Not `coalesce`: the engine works out all that is in one, for each row.
    read = plain.try_cast("float64")
    return read.isnull().ifelse(_by_its_shape(text, mark or "."), read)


def _by_its_shape(text: Column, mark: str) -> Column:
    text = text.translate(_FOREIGN, _DIGITS_AND_MARKS)
    digits = text.re_replace(_GROUP, _GROUPED).re_extract(_ONE_NUMBER, 1)
    point, comma = (rf"^(?:{shape}{more})$" for shape, more in _readings(mark))
    size = ibis.cases(
        (digits.re_search(point), digits.replace(",", "")),
        (digits.re_search(comma), digits.translate(",.", ".")),
    ).try_cast("float64")
    # Each reading of the text stands here once: what is written twice is worked out twice.
    size = size / text.contains("%").ifelse(100, 1)
    return size * text.re_search(_IS_NEGATIVE).ifelse(-1, 1)


def _readings(mark: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the shapes that have a point, and a comma, each with what else its column has."""
    whole, either = "|[0-9]+", f"|{_EITHER}"
    if mark == ".":
        return (_POINT, whole + either), (_COMMA, "")
    return (_POINT, whole), (_COMMA, either)


def is_not_plain(column: Column, *, or_either: bool) -> BooleanValue:
    """Say which texts with digits are no numbers to a program, or that may be read either way."""
    text = column.cast("string")
    is_either = text.re_search(rf"^{_EITHER}$") if or_either else ibis.literal(value=False)
    return text.try_cast("float64").isnull().ifelse(text.re_search("[0-9]"), is_either)
