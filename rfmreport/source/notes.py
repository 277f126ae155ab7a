"""What the first rows tell that a reader, or a rule, should know."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from rfmreport.settings import CleaningSettings
    from rfmreport.source.roles import ColumnMap
    from rfmreport.source.value_formats import Sample

_MOST_ORDERS = 0.5
_STATUSES_SHOWN = 12
_CURRENCY_SIGN = re.compile("[$£€¥₹]")
_SURE_SIGNS = {"£": "GBP", "€": "EUR", "₹": "INR"}  # a dollar or a yen may be another's
_CURRENCY_CODE = re.compile("[A-Z]{3}")
_CURRENCY_HEADINGS = ("currency", "currency code", "currency_code", "devise", "währung", "moneda")


def take_notes(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[CleaningSettings, tuple[Finding, ...]]:
    """Return the rules as these data need them, and what the first rows tell."""
    rules, findings = trusted_prefixes(sample, columns, settings)
    return rules, (*findings, *mixed_currencies(sample, columns))


def trusted_prefixes(
    sample: Sample, columns: ColumnMap, settings: CleaningSettings
) -> tuple[CleaningSettings, tuple[Finding, ...]]:
    """Switch a prefix rule off where most order ids carry it: it is the shop's numbering."""
    if columns.order is None:
        return settings, ()
    orders = sample[columns.order]
    findings = []
    for name in ("cancellation_prefix", "adjustment_prefix"):
        prefix = getattr(settings, name)
        pattern = re.compile(rf"{re.escape(prefix)}\d+$")
        if prefix and sum(map(bool, map(pattern.match, orders))) > _MOST_ORDERS * len(orders):
            settings = dataclasses.replace(settings, **{name: ""})  # type: ignore[arg-type]
            text = (
                f"Most order numbers begin with {prefix}, so {prefix}… was taken for the shop's "
                f"numbering, not for a {name.removesuffix('_prefix')}."
            )
            findings.append(Finding(name, "note", text))
    return settings, tuple(findings)


def mixed_currencies(sample: Sample, columns: ColumnMap) -> tuple[Finding, ...]:
    """Warn where the first rows hold amounts in several currencies: they would be added up."""
    found = max(_currencies(sample, columns), key=len)
    if len(found) < 2:  # noqa: PLR2004  one currency is none too many
        return ()
    text = (
        f"Amounts in several currencies ({', '.join(sorted(found))}) were added up as they stand; "
        "build from one currency at a time."
    )
    return (Finding("currencies", "warning", text),)


def currency_of(sample: Sample, columns: ColumnMap) -> str | None:
    """Return the ISO code of the one currency that the first rows name; None where none is sure."""
    signs, codes = _currencies(sample, columns)
    named = {code for code in codes if _CURRENCY_CODE.fullmatch(code)} or {
        _SURE_SIGNS[sign] for sign in signs if sign in _SURE_SIGNS
    }
    return named.pop() if len(named) == 1 else None


def _currencies(sample: Sample, columns: ColumnMap) -> tuple[set[str], set[str]]:
    """Return the signs before amounts, and what a column of currencies holds."""
    amounts = sample[columns.amount or columns.unit_price or ""]
    signs = {sign for text in amounts for sign in _CURRENCY_SIGN.findall(text)}
    codes = {
        text.strip().upper()
        for heading, texts in sample.items()
        if heading.casefold() in _CURRENCY_HEADINGS
        for text in texts
    }
    return signs, codes
