"""Cuts that are kept: what they were fitted to, and whether they fit another report."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.source.roles import ColumnMap

VERSION = 1

# Columns that decide which lines count and for how much; a name or a country does not.
_ROLES = ("customer", "order", "date", "product", "status")
_OF_THE_DATE = ("as_of", "month")
# Said by some and not by others; they are only held against each other where both say one.
_SAID_BY_SOME = ("report.shop", "report.currency")
_DEFAULTS = Settings().described()
_LONGEST_VALUE = 60
_MOST_ITEMS = 4


@dataclass(frozen=True, slots=True)
class CutsSource:
    """One file that the cuts were fitted to."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SavedCuts:
    """Cuts of method "quantile", and what they were fitted to.

    `score_counts` are customers per score, from 1 up, when they were fitted; a measure whose bounds
    a person has edited has none. `basis_words` are the parts that must be equal for the cuts to fit
    another report; see `basis_of`.
    """

    cuts: Cuts
    fitted_as_of: date
    customer_count: int
    score_counts: Mapping[str, tuple[int, ...]]
    scheme: str
    basis_words: Mapping[str, str]
    sources: tuple[CutsSource, ...] = ()
    version: int = VERSION

    @property
    def basis(self) -> str:
        """Return the SHA-256 of the parts that must be equal."""
        text = json.dumps(dict(self.basis_words), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def basis_of(settings: Settings, column_map: ColumnMap, scheme: Scheme) -> dict[str, str]:
    """Return what must be equal for cuts to be comparable, as part → words.

    These are the columns that are counted, the rules that leave lines out, and how scores are made;
    neither the files' names nor the date, which change with every report.
    """
    described = settings.described()
    amount = column_map.amount or f"{column_map.quantity} × {column_map.unit_price}"
    headings = {role: getattr(column_map, role) or "" for role in _ROLES} | {"amount": amount}
    own = (
        f"{measure}: {', '.join(f'{bound:.15g}' for bound in bounds)}"
        for measure, bounds in sorted(scheme.fixed_cuts.items())
    )
    dated = {f"cleaning.{name}" for name in _OF_THE_DATE}
    return {
        **{f"columns.{role}": heading for role, heading in headings.items()},
        **{
            name: words
            for name, words in described.items()
            if name.startswith("cleaning.") and name not in dated
        },
        "scoring.method": settings.scoring.method,
        "scoring.bins": str(scheme.bins),
        "scoring.own_cuts": "; ".join(own),
        **{name: described[name] for name in _SAID_BY_SOME},
    }


def why_not(saved: SavedCuts, basis: Mapping[str, str]) -> str | None:
    """Return None where the saved cuts fit a report of this basis, else the first difference."""
    # A part that the saved cuts do not know yet was at its default when they were made.
    for name in dict.fromkeys((*basis, *saved.basis_words)):
        default = _DEFAULTS.get(name, "")
        then, now = saved.basis_words.get(name, default), basis.get(name, default)
        if then == now or (name in _SAID_BY_SOME and not (then and now)):
            continue
        return _difference(name, then, now)
    return None


def _difference(name: str, then: str, now: str) -> str:
    """Put one difference into words: "the saved cuts were made with net_returns off, …"."""
    section, _, short = name.partition(".")
    what = f"{short} column" if section == "columns" else short
    if {then, now} == {"True", "False"}:
        then, now = ("on", "it off") if then == "True" else ("off", "it on")
    elif section == "cleaning" and (", " in then or ", " in now):
        items = f" ({list_difference(then, now)})"
        return f"the saved cuts were made with other {what} than this report{items}"
    else:
        then, now = _shortened(then), _shortened(now)
    return f"the saved cuts were made with {what} {then}, this report has {now}"


def list_difference(then: str, now: str) -> str:
    """Name what only one of two written lists has: "it adds M; it lacks POST, DOT"."""
    before, after = then.split(", "), now.split(", ")
    parts = [
        f"{verb} {', '.join(only[:_MOST_ITEMS])}{', …' if len(only) > _MOST_ITEMS else ''}"
        for verb, only in (
            ("it adds", [item for item in after if item and item not in before]),
            ("it lacks", [item for item in before if item and item not in after]),
        )
        if only
    ]
    return "; ".join(parts) or "in another order"


def _shortened(text: str) -> str:
    if not text:
        return "none"
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
