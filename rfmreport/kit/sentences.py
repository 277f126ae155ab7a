"""Sentences: a message written once, with units in its placeholders, and the values it tells.

A message is a whole literal, so that it can be translated: gettext finds it as the first argument
of `Sentence` and the first two of `Claim`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from rfmreport.kit.sheets import Unit, write_value
from rfmreport.vocabulary import Insight, Number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from rfmreport.formats import Formats

YEAR_DAYS = range(360, 370)
"""So many days are called twelve months."""
_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")


def tell(text: str, values: Mapping[str, Any], formats: Formats) -> str:
    """Return a message with each placeholder replaced by its value.

    "{revenue:money_short}" is written in that unit (`kit.sheets.Unit`), "{name}" as it is; where
    the value is a sentence of its own, it is told with its own values.
    """

    def written(name: str, unit: str | None) -> str:
        value = values[name]
        if isinstance(value, Sentence):
            return value.told(formats)
        return str(value) if unit is None else write_value(value, cast("Unit", unit), formats)

    return _PLACEHOLDER.sub(lambda match: written(match[1], match[2]), text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message and the values that it tells."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def told(self, formats: Formats) -> str:
        """Return the sentence in words."""
        return tell(self.text, self.values, formats)


@dataclass(frozen=True, slots=True)
class Claim:
    """An insight before it is put into words.

    `headline` and `detail` are messages about one set of values: the `numbers`, which are kept
    beside them, and what is `named` besides.
    """

    headline: str
    detail: str
    numbers: Mapping[str, Decimal | Number | str]
    sample_size: int
    formula: str
    worth: Decimal
    named: Mapping[str, Any] = field(default_factory=dict)
    segment: str | None = None

    def put_into_words(self, key: str, formats: Formats) -> Insight:
        """Return the claim as it is read."""
        values = {**self.numbers, **self.named}
        return Insight(
            key=key,
            headline=tell(self.headline, values, formats),
            detail=tell(self.detail, values, formats),
            numbers=self.numbers,
            sample_size=self.sample_size,
            formula=self.formula,
            worth=self.worth,
            segment=self.segment,
        )


def facts(source: object, *names: str) -> dict[str, Any]:
    """Return facts by the names that they have where they were measured."""
    return {name: getattr(source, name) for name in names}


def people(segment: str) -> str:
    """Name the customers of a segment: "Champions", but "Lost customers"."""
    return segment if segment.casefold().endswith("s") else f"{segment} customers"


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def counted(count: int, noun: str, formats: Formats) -> str:
    """Write a count with its noun: "1 order", "2 orders"."""
    return f"{formats.count(count)} {noun}{'' if count == 1 else 's'}"


def dates_words(dates: Sequence[date], formats: Formats) -> str:
    """Write dates as a list: "11 Oct 2011, 12 Aug 2011 and 13 Jun 2011"."""
    *first, last = (formats.day(day) for day in dates)
    return f"{', '.join(first)} and {last}" if first else last


def error_words(error: float | None, formats: Formats) -> str:
    """Say by how much a forecast missed: "29% too low"."""
    if error is None:
        return "not known"
    written = formats.share(abs(error), 0)
    if written == formats.share(0.0, 0):
        return f"within {formats.share(0.01, 0)}"
    return f"{written} too {'low' if error < 0 else 'high'}"
