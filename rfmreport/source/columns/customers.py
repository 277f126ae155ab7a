"""Tables with one row per customer already: how one is known, and which column says what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.errors import InputError
from rfmreport.source.columns.hints import fits_customer, listed, quoted
from rfmreport.source.columns.roles import (
    CUSTOMERS,
    OF_CUSTOMERS,
    ColumnMap,
    check_choice,
    known_columns,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.source.formats.value_formats import Sample

_WORDS = "customer_headings"
_PLUS = " + "
_MEANINGS = {
    "customer": "no column that names the customer",
    "order_count": "no column with the number of orders",
    "amount": "no column with what the customer spent",
    "date": "no column with the day of the last order (date) or the days since (recency_days)",
}
_FEWEST = 5


def refuse_customers(headings: Sequence[str], sample: Sample) -> None:
    """Refuse to take a table with one row per customer for one of orders.

    Raises:
        InputError: its headings say so, and no customer stands there twice.
    """
    known = known_columns(headings, _WORDS)
    telling = [known[role][0] for role in OF_CUSTOMERS if known[role]]
    if not telling or known_columns(headings)["order"]:
        return
    customer = _customer_of(headings, sample)
    if customer is not None and _is_unique(sample.get(customer, ())):
        told = " and ".join(map(quoted, telling))
        message = (
            f"this looks like a table with one row per customer: {told} beside {quoted(customer)}, "
            "which never repeats. --customer-level scores these customers as they stand there; "
            "or give the orders that the table was made of"
        )
        raise InputError(message)


def map_customers(headings: Sequence[str], chosen: Mapping[str, str], sample: Sample) -> ColumnMap:
    """Find which heading says what of a customer; `chosen` (role → heading) is what the user said.

    "online + offline" names two columns that are added up.

    Raises:
        SettingsError: a chosen role or heading does not exist.
        InputError: a column cannot be found, or several may be meant.
    """
    sums = {role: _added(heading, headings) for role, heading in chosen.items()}
    for role, parts in sums.items():
        for part in parts:
            check_choice(headings, {role: part}, of_customers=True)
    known = known_columns(headings, _WORDS)
    found: dict[str, str | None] = {"customer": _customer_of(headings, sample)}
    several = {r: known[r] for r in ("order_count", "amount") if r not in chosen}
    if any(len(found_as) > 1 for found_as in several.values()):
        raise _several({r: found_as for r, found_as in several.items() if len(found_as) > 1})
    found |= {role: next(iter(known[role]), None) for role in known}
    found |= {"country": next(iter(known_columns(headings)["country"]), None), **chosen}
    if found["date"] is None:
        found["date"] = found["recency_days"]
    missing = [role for role in _MEANINGS if found[role] is None]
    if missing:
        told = "; ".join(_MEANINGS[role] for role in missing)
        options = " ".join(f"--map {role}=HEADING" for role in missing)
        message = (
            f"--customer-level: {told} among the headings {listed(headings)}; say which it is with "
            f"{options}, or add up columns with --map {missing[0]}='ONE + OTHER'"
        )
        raise InputError(message)
    added = {role: parts for role, parts in sums.items() if len(parts) > 1}
    return ColumnMap(**found, sums=added)  # type: ignore[arg-type]


def _added(heading: str, headings: Sequence[str]) -> tuple[str, ...]:
    if heading in headings:
        return (heading,)
    return tuple(part.strip() for part in heading.split(_PLUS))


def _several(found: Mapping[str, Sequence[str]]) -> InputError:
    told = "; ".join(
        f"the {_MEANINGS[role].removeprefix('no ')} may be any of {listed(headings)}"
        for role, headings in found.items()
    )
    sums = " ".join(f"--map {role}='{_PLUS.join(headings)}'" for role, headings in found.items())
    return InputError(
        f"--customer-level: {told}; say which with --map ROLE=HEADING, or add them up with {sums}"
    )


def _customer_of(headings: Sequence[str], sample: Sample) -> str | None:
    """Return what names the customer: a known heading, or else the first that never repeats."""
    known = known_columns(headings)
    named = [heading for role in CUSTOMERS for heading in known[role]]
    alike = [h for h in headings if fits_customer(sample.get(h, ())) and _is_unique(sample[h])]
    return next(iter((*named, *alike)), None)


def _is_unique(texts: Sequence[str]) -> bool:
    return len(texts) >= _FEWEST and len(set(texts)) == len(texts)
