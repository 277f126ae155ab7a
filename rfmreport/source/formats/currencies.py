"""In which currency the amounts are: told by a column beside them, or by signs within them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.errors import InputError, SettingsError
from rfmreport.formats import is_currency
from rfmreport.source.evidence import Decision
from rfmreport.source.formats.all_values import looks_of
from rfmreport.source.formats.decimal_marks import alike

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import BooleanValue, Table

    from rfmreport.settings import SourceSettings
    from rfmreport.source.columns.roles import ColumnMap

# ruff: noqa: RUF001  letters of other languages are meant
_SIGNS = {
    "R$": "BRL", "US$": "USD", "A$": "AUD", "C$": "CAD", "€": "EUR", "£": "GBP", "₹": "INR",
    "₺": "TRY", "₽": "RUB", "₴": "UAH", "₩": "KRW", "₪": "ILS", "₫": "VND", "฿": "THB", "₱": "PHP",
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "руб": "RUB", "EURO": "EUR", "TL": "TRY",
    "$": "$", "¥": "¥", "kr": "kr",
}  # fmt: skip
_LONGEST_FIRST = sorted(_SIGNS, key=len, reverse=True)
_THREE_LETTERS = "(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])"
_WITHIN = re.compile("|".join([_THREE_LETTERS, *map(re.escape, _LONGEST_FIRST)]))
_HEADING = re.compile(
    r"curr?enc|currcode|devise|w[äa]e?hrung|moneda|divisa|valuta|waluta|moeda|d[öo]viz|para ?birimi"
    r"|валют|通貨|货币|貨幣|币种",
    re.IGNORECASE,
)
_HAS_DIGIT = re.compile("[0-9]")
_COMMON = {"USD", "EUR", "GBP", "JPY", "CNY", "CHF", "SEK", "PLN", "TRY", "BRL", "INR"}
_SHOWN = 8
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Currency:
    """The one currency that counts: its code or sign, None where none is named.

    `heading` is the column that names it, in its texts or, `is_within`, in the texts of amounts;
    `texts` are how it does. `all_texts` name any, where some lines are in others.
    """

    code: str | None = None
    heading: str | None = None
    texts: tuple[str, ...] = ()
    all_texts: tuple[str, ...] = ()
    is_within: bool = False
    is_presumed: bool = False
    decisions: tuple[Decision, ...] = ()

    @property
    def iso_code(self) -> str | None:
        """Return the code, where it is one and not a sign that several currencies have."""
        return self.code if self.code and is_currency(self.code) else None

    def is_another(self, table: Table) -> BooleanValue | None:
        """Say which lines are in another currency, or in none; None where there is only one."""
        if self.heading is None or not self.all_texts:
            return None
        text = table[self.heading].cast("string").fill_null("").strip()
        if self.is_within:
            text = text.re_extract(f"({'|'.join(map(re.escape, self.all_texts))})", 1)
        return text.notin(self.texts)

    def speaks_against(self, table: Table) -> BooleanValue:
        """Say which lines name a currency that the first rows do not."""
        text = table[self.heading].cast("string").fill_null("").strip()
        return text.notin((*self.texts, ""))


def find_currency(
    sample: Mapping[str, Sequence[str]],
    columns: ColumnMap,
    table: Table,
    settings: SourceSettings,
    *,
    from_all_lines: bool = False,
) -> Currency:
    """Return the currency of the amounts.

    Raises:
        InputError: there are several, and nobody said which counts.
        SettingsError: there is no such column, or no such currency in it.
    """
    amount = (*columns.headings_of("amount"), columns.unit_price or "")[0]
    heading = _currency_column(sample, amount, settings.currency_column)
    only = settings.only_currency
    first = _named(sample[heading or amount], is_within=heading is None)
    is_sure = heading is not None and len(first) == 1
    if not from_all_lines and not only and (is_sure or not first):
        return _currency(heading, first, "the first ", is_presumed=True) if is_sure else Currency()
    found = _named_in_all(table, heading or amount, is_within=heading is None)
    by_code = _by_code(found)
    if only:
        return _only(only.upper(), heading, amount, by_code)
    if len(by_code) > 1:
        raise _several(heading, amount, by_code)
    return _currency(heading or amount, found, is_within=heading is None) if found else Currency()


def _currency_column(
    sample: Mapping[str, Sequence[str]], amount: str, said: str | None
) -> str | None:
    """Return the column that names the currency of the amounts: of several the nearest by name."""
    if said is not None:
        if said not in sample:
            message = f"--currency-column {said!r}: no such heading; they are {', '.join(sample)}"
            raise SettingsError(message)
        return said
    places = list(sample)
    words = set(_WORD.findall(amount.casefold()))

    def nearness(heading: str) -> tuple[int, int]:
        shared = words & set(_WORD.findall(heading.casefold()))
        return -len(shared), abs(places.index(heading) - places.index(amount))

    found = [h for h, texts in sample.items() if h != amount and _names_currencies(h, texts)]
    return min(found, key=nearness, default=None)


def _names_currencies(heading: str, texts: Sequence[str]) -> bool:
    named = {text.strip() for text in texts if text.strip()}
    if _HEADING.search(heading):
        return bool(named) and not any(map(_HAS_DIGIT.search, named))
    return bool(named & _COMMON) and all(map(is_currency, named))


def _named(texts: Sequence[str], *, is_within: bool) -> Counter[str]:
    """Count what names a currency in the texts: all of each, or what stands within."""
    if is_within:
        return Counter(name for text in texts for name in _names_within(text))
    return Counter(text.strip() for text in texts if text.strip())


def _named_in_all(table: Table, heading: str, *, is_within: bool) -> Counter[str]:
    looks = looks_of(table, heading, alike if is_within else lambda text: text)
    named: Counter[str] = Counter()
    for look in (look for found in looks.values() for look in found):
        for name in _names_within(look.text) if is_within else [look.text]:
            named[name] += look.value_count
    return named


def _names_within(text: str) -> list[str]:
    if text[:1].isdigit() and text[-1:].isdigit():
        return []
    return [name for name in _WITHIN.findall(text)[:1] if name in _SIGNS or is_currency(name)]


def _by_code(named: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Put names of one currency together; "$" may be another dollar than USD."""
    by_code: dict[str, dict[str, int]] = {}
    for name, count in named.items():
        by_code.setdefault(_SIGNS.get(name, name.upper()), {})[name] = count
    return by_code


def _currency(
    heading: str | None,
    named: Mapping[str, int],
    of: str = "",
    *,
    is_within: bool = False,
    is_presumed: bool = False,
) -> Currency:
    (code,) = _by_code(named)
    count = sum(named.values())
    evidence = f"all of {of}{count:,} values that name one in column {heading!r}"
    option = f"--currency {code}" if is_currency(code) else ""
    decision = Decision("currency", code, evidence, option)
    return Currency(
        code,
        heading,
        tuple(named),
        is_within=is_within,
        is_presumed=is_presumed,
        decisions=(decision,),
    )


def _only(
    code: str, heading: str | None, amount: str, by_code: Mapping[str, Mapping[str, int]]
) -> Currency:
    if code not in by_code:
        where = f"column {heading or amount!r}"
        named = f"it names {', '.join(sorted(by_code))}" if by_code else "it names no currency"
        message = f"--only {code}: not in {where}; {named}"
        raise SettingsError(message)
    option = f"--only {code}" if heading is None else f"--currency-column {heading!r} --only {code}"
    names = [name for found in by_code.values() for name in found]
    decision = Decision("currency", code, f"said; {_counted(by_code)}", option)
    return Currency(
        code,
        heading or amount,
        tuple(by_code[code]),
        tuple(sorted(names, key=len, reverse=True)) if len(by_code) > 1 else (),
        is_within=heading is None,
        decisions=(decision,),
    )


def _several(
    heading: str | None, amount: str, by_code: Mapping[str, Mapping[str, int]]
) -> InputError:
    most = max(by_code, key=lambda code: sum(by_code[code].values()))
    column = f"--currency-column {heading!r} " if heading else ""
    return InputError(
        f"column {heading or amount!r} names {len(by_code)} currencies ({_counted(by_code)}), "
        f"which cannot be added up; say which counts: {column}--only {most}"
    )


def _counted(by_code: Mapping[str, Mapping[str, int]]) -> str:
    counts = {code: sum(names.values()) for code, names in by_code.items()}
    ranked = sorted(counts, key=lambda code: (-counts[code], code))
    shown = ", ".join(f"{code} {counts[code]:,}" for code in ranked[:_SHOWN])
    return shown + (", …" if len(ranked) > _SHOWN else "")
