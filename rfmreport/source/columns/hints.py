"""What to propose where a role has no column: headings alike, tried on what stands below them."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.columns.words import plain, plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rfmreport.source.formats.value_formats import Sample

_MEANINGS = {
    "customer": "no column that names the customer",
    "date": "no column with the order date",
    "amount": "no column with an amount, nor a quantity with a unit price",
}
_LISTS = {"customer": ("customer_id", "customer_email", "customer_name")}
_GUESSES_SHOWN = 3
_ALIKE, _MOST = 0.65, 0.9
_NUMBER = re.compile(r"\s*[-−(]?\s*[^\w\s]?\s*\d[\d.,'’ \u00a0\u202f]*\s*[^\w\s]?[)\s]*$")
_MONEY = re.compile(r"^.*\d[.,]\d{1,4}[^\d]*$")
_DATE = re.compile(
    r"\s*\d{1,4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,4}|.*\d.*[^\W\d]{3,}.*\d|\s*\d{8,14}$"
)


def missing_roles(
    roles: Sequence[str], free: Sequence[str], headings: Sequence[str], sample: Sample | None
) -> InputError:
    """Say which roles have no column, and which of the `free` headings might play them."""
    said, options = [], []
    for role in roles:
        guesses = _best_guesses(role, free, sample)
        perhaps = f" (perhaps {listed(guesses)})" if guesses else ""
        if role == "customer" and sample and not guesses:
            perhaps = _what_repeats(free, sample)
        said.append(_MEANINGS[role] + perhaps)
        options.append(f"--map {role}={quoted(guesses[0] if guesses else 'HEADING')}")
    message = (
        f"{'; '.join(said)} among the headings {listed(headings)}; "
        f"say which it is with {' '.join(options)}"
    )
    return InputError(message)


def _best_guesses(role: str, headings: Sequence[str], sample: Sample | None) -> list[str]:
    """Return the likeliest headings of those whose values could play the role."""
    names = [name for kind in _LISTS.get(role, (role,)) for name in plain_words("headings", kind)]
    if sample is not None:
        headings = [heading for heading in headings if _FITS[role](sample.get(heading, ()))]

    def likeness(heading: str) -> float:
        said = plain(heading)
        if not said:
            return 0.0
        contains = 0.35 * any(len(n) > 2 and (n in said or said in n) for n in names)  # noqa: PLR2004
        return contains + max(difflib.SequenceMatcher(None, said, n).ratio() for n in names)

    ranked = sorted(headings, key=likeness, reverse=True)
    return [heading for heading in ranked if likeness(heading) > _ALIKE][:_GUESSES_SHOWN]


def _what_repeats(headings: Sequence[str], sample: Sample) -> str:
    """Say which columns hold the same again and again, and what a customer would be by each."""
    counts = {
        heading: (len(set(texts)), len(texts))
        for heading in headings
        if fits_customer(texts := sample.get(heading, ()))
    }
    told = [
        f"{quoted(heading)}, of which each of {count:,} values would be one"
        for heading, (count, total) in sorted(counts.items(), key=lambda one: -one[1][0])
        if 1 < count < _MOST * total
    ]
    if not told:
        return " (no column holds the same twice, so nothing tells who came back)"
    return f" (what repeats: {'; '.join(told[:_GUESSES_SHOWN])})"


def _fits_amount(texts: Sequence[str]) -> bool:
    """Say whether texts are numbers, and no ids: ids are whole and all different."""
    if not _most(texts, _NUMBER):
        return False
    are_whole = not any(map(_MONEY.match, texts))
    return not are_whole or len(set(texts)) < len(texts) * _MOST


def fits_customer(texts: Sequence[str]) -> bool:
    """Say whether texts may name customers: they are no dates and no money."""
    return bool(texts) and not _most(texts, _DATE) and not _most(texts, _MONEY)


def are_dates(texts: Sequence[str]) -> bool:
    """Say whether most of these texts look like dates."""
    return _most(texts, _DATE)


def _most(texts: Sequence[str], shape: re.Pattern[str]) -> bool:
    return bool(texts) and sum(map(bool, map(shape.match, texts))) >= _MOST * len(texts)


_FITS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "customer": fits_customer,
    "date": are_dates,
    "amount": _fits_amount,
}


def listed(headings: Sequence[str], most: int = 30) -> str:
    """Return headings for a message, at most so many of them."""
    shown = ", ".join(quoted(heading) for heading in headings[:most])
    rest = len(headings) - most
    return shown + (f" and {rest} more" if rest > 0 else "")


def quoted(heading: str) -> str:
    """Return a heading for a message, cut short, as the shell wants it."""
    heading = " ".join(heading.split())
    short = heading if len(heading) <= 40 else heading[:39] + "…"  # noqa: PLR2004
    return f"'{short}'" if re.search(r"[^\w.-]", short) or not short else short
