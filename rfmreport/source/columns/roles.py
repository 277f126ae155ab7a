"""The words for columns: what the engine's columns are called, and which heading plays which role.

Nothing here touches data but the sample that a guess is tried on; a user's `--map` wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rfmreport.errors import SettingsError
from rfmreport.source.columns.hints import listed, missing_roles
from rfmreport.source.columns.words import full_width_gone, plain, plain_words, word_lists
from rfmreport.vocabulary import CONTACTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.source.formats.value_formats import Sample

CUSTOMERS = ("customer_id", "customer_email", "customer_name")
"""What may name a customer, the surest first."""
DEDUCTIONS = ("discount", "shipping", "tax")
"""Roles whose money is taken off the amount."""
OF_CUSTOMERS = ("order_count", "recency_days")
"""Roles of tables that have one row per customer already."""
# Contacts are personal data: no heading is ever taken for one, the user must map it.
ROLES = (
    "customer", "order", "date", "amount", "quantity", "unit_price", "product", "product_name",
    "country", "status", "type", "refund", *DEDUCTIONS, *OF_CUSTOMERS, *CONTACTS,
)  # fmt: skip
_TAKEN = (
    "order", "date", "amount", "quantity", "unit_price", "product", "product_name", "country",
    "status",
)  # fmt: skip
"""Roles that headings alone give; others wait for the values."""
_BRACKETS = re.compile(r"\s*[(\[【][^)\]】]{2,}[)\]】]")
_CURRENCY = re.compile(
    r"[\s_]+(?:in[\s_]+)?(?:eur|usd|gbp|chf|cad|aud|nzd|jpy|cny|rmb|inr|sek|nok|dkk|pln|czk|huf|"
    r"ron|try|tl|rub|brl|mxn|zar|sgd|hkd|krw|aed|ils|thb|idr|myr|php|utc|gmt|local)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The source's heading for each role; None where the source has no such column.

    `amount` is a line's (or order's) total; where it is None, `quantity` and `unit_price` are not.
    `discount`, `shipping` and `tax` are taken off it, `refund` is money that went back later.
    What the values said of these columns stands below the roles: see `amounts` and `people`.
    """

    customer: str
    date: str
    order: str | None = None
    amount: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    product: str | None = None
    product_name: str | None = None
    country: str | None = None
    status: str | None = None
    type: str | None = None
    refund: str | None = None
    discount: str | None = None
    shipping: str | None = None
    tax: str | None = None
    order_count: str | None = None
    recency_days: str | None = None
    email: str | None = None
    phone: str | None = None
    contact_name: str | None = None
    per_order: frozenset[str] = frozenset()
    """Roles of money whose column says the order's, on its first line or on each."""
    whole_discount: float | None = None
    """What a discount of everything is written as, 1 or 100; None where discounts are money."""
    parents_without_product: bool = False
    """Lines without a product are orders, whose lines stand beside them."""
    are_emails: bool = False
    """The customer's column holds e-mail addresses."""
    guests: tuple[str, ...] = ()
    """Customer ids, in small letters, that many people share."""
    guest_email: str | None = None
    """The heading of what tells guests apart; None where nothing does."""
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The headings that are added up for a role, where several are."""

    @property
    def contacts(self) -> tuple[str, ...]:
        """Return the contact columns that the user has mapped."""
        return tuple(name for name in CONTACTS if getattr(self, name) is not None)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the headings of what a line's money is made of."""
        roles = ("amount", "quantity", "unit_price", "refund", *DEDUCTIONS, *OF_CUSTOMERS)
        return tuple(heading for role in roles for heading in self.headings_of(role))

    def headings_of(self, role: str) -> tuple[str, ...]:
        """Return the headings whose numbers make a role's: none, one, or those of a sum."""
        heading = getattr(self, role)
        return self.sums.get(role, () if heading is None else (heading,))

    @property
    def deductions(self) -> tuple[str, ...]:
        """Return the roles whose money is taken off the amount."""
        return tuple(role for role in DEDUCTIONS if getattr(self, role) is not None)

    def used(self) -> tuple[tuple[str, str], ...]:
        """Return (role, heading) for each role that the source fills."""
        pairs = [(role, getattr(self, role)) for role in ROLES]
        if self.date == self.recency_days:  # which stands for it
            pairs = [pair for pair in pairs if pair[0] != "date"]
        return tuple((role, heading) for role, heading in pairs if heading is not None)


def known_columns(
    headings: Sequence[str], words: str = "headings"
) -> Mapping[str, tuple[str, ...]]:
    """Return the headings that may play each role that headings say, the most telling first.

    `words` is the file that says so.
    """
    by_plain: dict[str, list[str]] = {}
    for form in range(3):
        for heading in headings:
            same = by_plain.setdefault(_forms(heading)[form], [])
            same += [heading] if heading not in same else []
    return {
        role: tuple(
            dict.fromkeys(
                heading for name in plain_words(words, role) for heading in by_plain.get(name, ())
            )
        )
        for role in word_lists(words)
    }


def map_columns(
    headings: Sequence[str], chosen: Mapping[str, str], sample: Sample | None = None
) -> ColumnMap:
    """Find the role of each heading; `chosen` (role → heading) is what the user said.

    Raises:
        SettingsError: a chosen role or heading does not exist.
        InputError: the customer, the date or the amount cannot be found; what the message proposes
            was tried on the sample.
    """
    check_choice(headings, chosen)
    known = known_columns(headings)
    found: dict[str, str | None] = {role: next(iter(known[role]), None) for role in _TAKEN}
    people = [heading for role in CUSTOMERS for heading in known[role]]
    found |= {"customer": next(iter(people), None), **chosen}
    total = next(iter(known["order_total"]), None)
    found |= _amount_columns(found, chosen, total)
    if found["order"] is None and found["quantity"] and "Name" in headings:
        # Shopify's order number stands under the bare heading "Name".
        found["order"] = "Name" if any(h.startswith("Lineitem") for h in headings) else None
    missing = [role for role in ("customer", "date") if found[role] is None]
    if found["amount"] is None and found["unit_price"] is None:
        missing.append("amount")
    if missing:
        taken = {heading for heading in found.values() if heading}
        raise missing_roles(missing, [h for h in headings if h not in taken], headings, sample)
    return ColumnMap(**found)  # type: ignore[arg-type]


def known_role_count(headings: Sequence[str]) -> int:
    """Return for how many roles a heading is known among these."""
    return sum(bool(found) for found in known_columns(headings).values())


def _amount_columns(
    found: Mapping[str, str | None], chosen: Mapping[str, str], total: str | None
) -> dict[str, str | None]:
    """Choose between a line's amount, quantity × unit price, and an order's total, in that order.

    An amount that stands in the file beats the product: on some exports the two differ.
    """
    has_product = bool(found["quantity"] and found["unit_price"])
    if chosen.get("amount"):
        return {}
    if chosen.get("unit_price") and has_product:
        return {"amount": None}
    if found["amount"] is not None or has_product:
        return {}
    return {"amount": total or found["unit_price"]}


def check_choice(
    headings: Sequence[str], chosen: Mapping[str, str], *, of_customers: bool = False
) -> None:
    """Refuse roles and headings that do not exist, and roles `of_customers` in tables of orders.

    Raises:
        SettingsError: one does not.
    """
    for role, heading in chosen.items():
        if role not in ROLES:
            message = f"--map {role}={heading}: no such role; the roles are {', '.join(ROLES)}"
            raise SettingsError(message)
        if role in OF_CUSTOMERS and not of_customers:
            message = (
                f"--map {role}={heading}: only a table with one row per customer has it; say that "
                "this is one with --customer-level"
            )
            raise SettingsError(message)
        if heading not in headings:
            message = (
                f"--map {role}={heading}: no such heading in the source; "
                f"its headings are {listed(headings)}"
            )
            raise SettingsError(message)


def _forms(heading: str) -> tuple[str, str, str]:
    """Return what a heading says: as it is, without brackets or a currency, and its last part.

    "Order Lines/Unit Price" and "orders.unit_price" end in what they say.
    """
    heading = full_width_gone(heading)
    bare = _CURRENCY.sub("", _BRACKETS.sub("", heading)) or heading
    return plain(heading), plain(bare), plain(re.split(r"[/.:]", bare)[-1] or bare)
