"""Text made by the engine: numbers as `formats` writes them, cells that no spreadsheet runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.formula_safety import FORMULA_STARTS
from rfmreport.formats import MINUS

if TYPE_CHECKING:
    from ibis.expr.types import DateValue, NumericValue, StringValue

    from rfmreport.formats import Formats

_PHONE_NUMBER = r"^\+[0-9 ()./-]+$"
_EXAMPLE = 111_111_111
_ALMOST_NONE, _ALMOST_ALL = Decimal("0.005"), Decimal("0.995")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What stands before and behind the digits and between their groups; the sizes of the groups.

    `last_size` is that of the last group: 12,34,567 has groups of two before one of three.
    """

    before: str
    between: str
    behind: str
    size: int
    last_size: int


def count_text(count: NumericValue, formats: Formats) -> StringValue:
    """Write whole numbers: 4338 → "4,338"."""
    return _text(count.cast("int64"), _pattern_of(formats.count(_EXAMPLE)))


def money_text(amount: NumericValue, formats: Formats) -> StringValue:
    """Write decimal amounts in whole units, rounded half away from zero: 1239.5 → "£1,240"."""
    return _text(amount.round().cast("int64"), _pattern_of(formats.money(_EXAMPLE)))


def share_text(share: NumericValue, formats: Formats) -> StringValue:
    """Write fractions of one in whole per cent: 0.234 → "23%"; nearly none is "under 1%"."""
    exact = share.cast("decimal(9, 6)")
    pattern = _pattern_of(formats.share(0.11, 0))
    return ibis.cases(
        ((exact > 0) & (exact < _ALMOST_NONE), f"under {formats.share(0.01, 0)}"),
        ((exact < 1) & (exact >= _ALMOST_ALL), f"over {formats.share(0.99, 0)}"),
        else_=pattern.before + (exact * 100).round().cast("int64").cast("string") + pattern.behind,
    )


def day_text(day: DateValue) -> StringValue:
    """Write dates: "9 Dec 2011"."""
    # The engine's names of months are English, as the report's are, but for a British September.
    return day.strftime("%-d %b %Y").replace("Sep", "Sept")


def formula_safe(text: StringValue) -> StringValue:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return text.left(1).isin(FORMULA_STARTS).ifelse(ibis.literal("'") + text, text)


def phone_safe(text: StringValue) -> StringValue:
    """Do the same, but leave telephone numbers: tools want "+44 20 …", and it runs nothing."""
    return text.re_search(_PHONE_NUMBER).ifelse(text, formula_safe(text))


def _text(number: NumericValue, pattern: _Pattern) -> StringValue:
    """Write whole numbers with the pattern's groups; a negative one has its sign before all."""
    sign = (number < 0).ifelse(MINUS, "")
    digits = number.abs().cast("string")
    # Most numbers are of one group, and need not be turned round.
    is_one_group = digits.length() <= pattern.last_size
    written = is_one_group.ifelse(digits, _grouped(digits, pattern))
    return sign + pattern.before + written + pattern.behind


def _grouped(digits: StringValue, pattern: _Pattern) -> StringValue:
    """Put the mark between the groups, from the last one on: so the text is turned round."""
    if not pattern.between:
        return digits
    if pattern.size == pattern.last_size:
        marked = _marked(digits, pattern)
    else:
        head = digits.left(digits.length() - ibis.least(digits.length(), pattern.last_size))
        marked = _marked(head, pattern) + pattern.between + digits.right(pattern.last_size)
    return marked.re_replace(rf"^{re.escape(pattern.between)}", "")


def _marked(digits: StringValue, pattern: _Pattern) -> StringValue:
    """Put the mark before each whole group, also where nothing stands before it."""
    group = rf"(\d{{{pattern.size}}})"
    turned = digits.reverse().re_replace(group, rf"\1{pattern.between[::-1]}")
    return turned.reverse()


def _pattern_of(example: str) -> _Pattern:
    """Take a pattern from a number that was written with it."""
    parts = re.fullmatch(r"(\D*)(\d.*\d)(\D*)", example)
    assert parts  # noqa: S101  an example has digits
    before, digits, behind = parts.groups()
    marks = re.findall(r"\D+", digits)
    *_, size, last_size = (0, *(len(group) for group in re.split(r"\D+", digits)))
    return _Pattern(before, marks[0] if marks else "", behind, size, last_size)
