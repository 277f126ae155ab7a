"""How numbers, money and dates are written: the one place where a value is rounded for reading.

Amounts are rounded half away from zero, as people do, and never by binary floating point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, get_day_names, get_month_names
from babel.numbers import format_currency, format_decimal, format_percent

from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

MISSING = "–"
MINUS = "−"
_SHORT_FROM = 10_000
_SUFFIXES = {1: "k", 2: "M", 3: "bn"}
_LAST_DIGIT = re.compile(r"\d(?=\D*$)")
# The report is written in English: months are English words, numbers follow the locale.
_LANGUAGE = "en_GB"


def is_currency(code: str) -> bool:
    """Say whether this is the ISO code of a currency."""
    return code in get_global("all_currencies")


@dataclass(frozen=True)
class Formats:
    """Writes values for one locale and currency; a missing value is an en dash.

    Without a currency, amounts are written as plain numbers: the source did not say.
    """

    locale_name: str = "en_GB"
    currency: str | None = None

    def __post_init__(self) -> None:
        """Refuse a currency that is no ISO code."""
        if self.currency is not None and not is_currency(self.currency):
            message = (
                f"currency {self.currency!r} is not known: expected an ISO code such as GBP, EUR"
            )
            raise SettingsError(message)

    @cached_property
    def locale(self) -> Locale:
        """Return the Babel locale, or say which names are understood."""
        try:
            return Locale.parse(self.locale_name)
        except (UnknownLocaleError, ValueError) as error:
            message = (
                f"locale {self.locale_name!r} is not known: expected a name such as en_GB, de_DE"
            )
            raise SettingsError(message) from error

    def count(self, value: float | None) -> str:
        """Write a whole number: 4338 → "4,338"."""
        return MISSING if value is None else self._number(Decimal(str(value)), 0)

    def number(self, value: float | Decimal | None, digits: int = 1) -> str:
        """Write a number with at most `digits` decimals: 2.50 → "2.5"."""
        if value is None:
            return MISSING
        rounded = rounded_to(value, digits)
        if rounded == rounded.to_integral_value():
            digits = 0
        return self._number(rounded, digits)

    def money(self, value: float | Decimal | None, digits: int = 0) -> str:
        """Write an amount in full: 8911407.904 → "£8,911,408"."""
        if value is None:
            return MISSING
        amount = rounded_to(value, digits)
        return self._signed(amount, self._money_pattern(abs(amount), digits))

    def money_change(self, value: float | Decimal | None) -> str:
        """Write a difference of two amounts with its sign: 41 → "+£41"."""
        return ("+" if value and rounded_to(value, 0) > 0 else "") + self.money(value)

    def money_short(self, value: float | Decimal | None) -> str:
        """Write an amount to three figures, below 10,000 in full: 1161817.38 → "£1.16M"."""
        if value is None:
            return MISSING
        amount = Decimal(str(value))
        if rounded_to(abs(amount), 0) < _SHORT_FROM:
            return self.money(amount)
        step = Decimal(1).scaleb(amount.adjusted() - 2)
        three_figures = abs(amount).quantize(step, rounding=ROUND_HALF_UP)
        power = min(three_figures.adjusted() // 3, max(_SUFFIXES)) * 3
        scaled = three_figures.scaleb(-power)
        written = self._money_pattern(scaled, max(0, 2 - scaled.adjusted()))
        return self._signed(amount, _LAST_DIGIT.sub(rf"\g<0>{_SUFFIXES[power // 3]}", written))

    def money_like(self, value: float | Decimal, whole: float | Decimal) -> str:
        """Write a part as short as its whole, to the same last figure: 485,732 → "£0.49M"."""
        amount, largest = Decimal(str(value)), abs(Decimal(str(whole)))
        if rounded_to(largest, 0) < _SHORT_FROM or not amount:
            return self.money(amount)
        step = three_figures_step(largest)
        power = min(largest.quantize(step, ROUND_HALF_UP).adjusted() // 3, max(_SUFFIXES)) * 3
        digits = max(0, power - step.adjusted())
        scaled = rounded_to(amount.scaleb(-power), digits)
        written = self._money_pattern(abs(scaled), digits)
        return self._signed(scaled, _LAST_DIGIT.sub(rf"\g<0>{_SUFFIXES[power // 3]}", written))

    def share(self, value: float | None, digits: int = 1) -> str:
        """Write a fraction of one as a percentage: 0.1264 → "12.6%"."""
        if value is None:
            return MISSING
        return self._signed(rounded_to(value, digits + 2), self._percent(abs(value), digits))

    def relative_change(self, value: float | None) -> str:
        """Write a relative change with its sign: 0.118 → "+11.8%"."""
        if value is None:
            return MISSING
        rounded = rounded_to(value, 3)
        return ("+" if rounded > 0 else "") + self._signed(rounded, self._percent(abs(value), 1))

    def points_change(self, value: float | None) -> str:
        """Write a difference of two shares in percentage points: -0.031 → "−3.1 pts"."""
        if value is None:
            return MISSING
        points = rounded_to(Decimal(str(value)) * 100, 1)
        sign = "+" if points > 0 else ""
        return f"{sign}{self._signed(points, self._number(abs(points), 1))} pts"

    def count_change(self, value: int | None) -> str:
        """Write a difference of two counts with its sign: 41 → "+41"."""
        if value is None:
            return MISSING
        return ("+" if value > 0 else "") + self.count(value)

    def day(self, value: date) -> str:
        """Write a date: "9 Dec 2011"."""
        return format_date(value, format="d MMM y", locale=_LANGUAGE)

    def month(self, value: date) -> str:
        """Write a month with its year: "November 2011"."""
        return format_date(value, format="MMMM y", locale=_LANGUAGE)

    def month_short(self, value: date) -> str:
        """Write a month as an axis label: "Nov 2011"."""
        return format_date(value, format="MMM y", locale=_LANGUAGE)

    def month_name(self, value: date) -> str:
        """Write a month without its year: "November"."""
        return format_date(value, format="MMMM", locale=_LANGUAGE)

    def month_name_short(self, value: date) -> str:
        """Write a month without its year, for an axis: "Nov"."""
        return format_date(value, format="MMM", locale=_LANGUAGE)

    def month_number_short(self, number: int) -> str:
        """Write a month of the year, 1 being January: "Jan"."""
        return str(get_month_names("abbreviated", locale=_LANGUAGE)[number])

    def weekday(self, number: int) -> str:
        """Write a day of the week, 0 being Monday: "Thursday"."""
        return str(get_day_names("wide", locale=_LANGUAGE)[number])

    def day_of_week(self, value: date) -> str:
        """Write a date with its day of the week: "Fri 9 Dec 2011"."""
        return format_date(value, format="EEE d MMM y", locale=_LANGUAGE)

    def _number(self, value: Decimal, digits: int) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        rounded = rounded_to(value, digits)
        return self._signed(rounded, format_decimal(abs(rounded), pattern, locale=self.locale))

    def _money_pattern(self, amount: Decimal, digits: int) -> str:
        if not self.currency:
            return self._number(amount, digits)
        return format_currency(
            amount,
            self.currency,
            locale=self.locale,
            format=None if digits == 2 else _currency_pattern(self.locale, digits),  # noqa: PLR2004
            currency_digits=False,
        )

    def _percent(self, value: float | Decimal, digits: int) -> str:
        pattern = self.locale.percent_formats[None].pattern.split(";")[0]
        pattern = pattern.replace("#,##0", "#,##0" + ("." + "0" * digits if digits else ""))
        return format_percent(rounded_to(value, digits + 2), pattern, locale=self.locale)

    @staticmethod
    def _signed(value: Decimal, text: str) -> str:
        return MINUS + text if value < 0 else text


def three_figures_step(value: Decimal) -> Decimal:
    """Return the size of the third figure of an amount: 10,000 of 3,836,647.

    Amounts that are written in full count in ones.
    """
    if rounded_to(abs(value), 0) < _SHORT_FROM:
        return Decimal(1)
    return Decimal(1).scaleb(value.adjusted() - 2)


def share_digits(shares: Iterable[float]) -> int:
    """Return the decimals that shares need: one where all are small, else none."""
    return 0 if max(shares, default=0.0) >= 0.1 else 1  # noqa: PLR2004


def rounded_to(value: float | Decimal, digits: int) -> Decimal:
    """Round half away from zero to `digits` decimals."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def shares_that_add_up(parts: Sequence[float | Decimal], digits: int = 1) -> list[Decimal]:
    """Return percentages, rounded to `digits`, that sum to exactly 100 (largest remainder).

    An empty sequence, or parts that sum to nothing, give zeros.
    """
    exact = [Decimal(str(part)) for part in parts]
    total = sum(exact, Decimal(0))
    if not total:
        return [Decimal(0) for _ in exact]
    return rounded_that_add_up([part * 100 / total for part in exact], digits)


def rounded_that_add_up(parts: Sequence[Decimal], digits: int = 0) -> list[Decimal]:
    """Round the parts so that they sum to their rounded total (largest remainder)."""
    step = Decimal(1).scaleb(-digits)
    floors = [part.quantize(step, rounding=ROUND_FLOOR) for part in parts]
    missing = rounded_to(sum(parts, Decimal(0)), digits) - sum(floors, Decimal(0))
    by_remainder = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in by_remainder[: int(missing / step)]:
        floors[i] += step
    return floors


def amounts_that_add_up(
    values: Sequence[float | Decimal], formats: Formats, *, is_money: bool
) -> tuple[list[str], str]:
    """Write amounts, and their sum, so that they add up as they are read.

    Money has the unit and the three figures of its sum; what is below the last of them says so.
    """
    exact = [Decimal(str(value)) for value in values]
    step = three_figures_step(sum(exact, Decimal(0))) if is_money else Decimal(1)
    rounded = rounded_that_add_up(exact, -step.adjusted())
    whole = sum(rounded, Decimal(0))

    def written(value: Decimal, rounded: Decimal) -> str:
        if not is_money:
            return formats.count(float(rounded))
        if not rounded and value > 0:
            return f"<{formats.money_like(step, whole)}"
        return formats.money_like(rounded, whole)

    total = written(whole, whole)
    return [written(*pair) for pair in zip(exact, rounded, strict=True)], total


def _currency_pattern(locale: Locale, digits: int) -> str:
    pattern: str = locale.currency_formats["standard"].pattern.split(";")[0]
    return pattern.replace("0.00", "0" + ("." + "0" * digits if digits else ""))
