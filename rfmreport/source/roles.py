"""The words for columns: what the engine's columns are called, and which heading plays which role.

Nothing here touches data; roles are found by the headings alone, and a user's `--map` wins.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.errors import InputError, SettingsError
from rfmreport.vocabulary import CONTACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


# Headings by role, most telling first, written as `_plain` leaves them. They come from the
# exports of Shopify, WooCommerce, Etsy, Olist, Tableau Superstore, loyalty cards, UCI Online
# Retail, CDNOW and the R package rfm, and from what shops call the same things elsewhere.
_KNOWN_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "customer": (
        "customeruniqueid", "customerid", "customerno", "customernumber", "custid", "clientid",
        "householdid", "householdkey", "buyeruserid", "userid", "memberid", "shopperid",
        "accountid", "cardid", "customeremail", "email", "buyeremail", "billingemail",
        "cardno", "cardnumber", "loyaltycardnumber", "emailfacturation",
        "adresseemaildefacturation", "kundennummer", "kundenid", "idclient", "idcliente",
        "customer", "customername",
        "client", "kunde", "cliente", "buyer", "user", "billingname",
    ),
    "order": (
        "invoiceno", "invoice", "invoiceid", "invoicenumber", "orderid", "orderno", "ordernumber",
        "order", "basketid", "transactionid", "transactionno", "receiptid", "receiptno",
        "receiptnumber", "saleid", "commanden", "commande", "bestellnummer", "rechnungsnummer",
        "pedido",
    ),
    "date": (
        "invoicedate", "orderdate", "orderedat", "orderpurchasetimestamp", "createdat",
        "purchasedate", "transactiondate", "transactiontimestamp", "saledate", "orderdatetime",
        "datecreated", "purchasedat", "date", "datetime", "timestamp", "bestelldatum",
        "visitdate", "rechnungsdatum", "datum", "fecha", "datedecommande", "datedelacommande",
    ),
    "amount": (
        "sales", "salesvalue", "linetotal", "lineamount", "amount", "revenue", "dollarvalue",
        "netsales", "netamount", "totalprice", "totalamount", "spend", "ventesnettes", "umsatz",
        "betrag", "montant", "importe",
    ),
    "quantity": (
        "quantity", "qty", "lineitemquantity", "quantityordered", "units", "itemquantity",
        "menge", "quantite", "cantidad",
    ),
    "unit_price": (
        "unitprice", "price", "lineitemprice", "priceeach", "itemprice", "priceperunit",
        "einzelpreis", "prixunitaire", "precio",
    ),
    "order_total": (
        "ordervalue", "subtotal", "total", "ordertotal", "paymentvalue", "grandtotal",
        "gesamtbetrag", "montanttotaldelacommande", "totaldelacommande",
    ),
    "product": (
        "stockcode", "productid", "productcode", "sku", "lineitemsku", "itemid", "productno",
        "articlenumber", "artikelnummer",
    ),
    "product_name": (
        "description", "productname", "lineitemname", "itemname", "producttitle", "product",
        "artikel", "produit",
    ),
    "country": (
        "country", "shippingcountry", "billingcountry", "shipcountry", "customercountry",
        "countrycode", "land", "pays",
    ),
    "status": (
        "status", "orderstatus", "financialstatus", "statut", "etat", "statutdelacommande",
        "bestellstatus", "estado",
    ),
}  # fmt: skip

# Contacts are personal data: no heading is ever taken for one, the user must map it.
ROLES = (*(role for role in _KNOWN_HEADINGS if role != "order_total"), *CONTACTS)
_PLAIN_HEADING = re.compile(r"[\W_]+")
_GUESSES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The source's heading for each role; None where the source has no such column.

    `amount` is a line's (or order's) total; where it is None, `quantity` and `unit_price` are not.
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
    email: str | None = None
    phone: str | None = None
    contact_name: str | None = None

    @property
    def contacts(self) -> tuple[str, ...]:
        """Return the contact columns that the user has mapped."""
        return tuple(name for name in CONTACTS if getattr(self, name) is not None)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the headings of what a line's money is made of: its amount, or its factors too."""
        headings = (self.amount, self.quantity, self.unit_price)
        return tuple(heading for heading in headings if heading is not None)

    def used(self) -> tuple[tuple[str, str], ...]:
        """Return (role, heading) for each role that the source fills."""
        pairs = ((role, getattr(self, role)) for role in ROLES)
        return tuple((role, heading) for role, heading in pairs if heading is not None)


def map_columns(headings: Sequence[str], chosen: Mapping[str, str]) -> ColumnMap:
    """Find the role of each heading; `chosen` (role → heading) is what the user said.

    Raises:
        SettingsError: a chosen role or heading does not exist.
        InputError: the customer, the date or the amount cannot be found.
    """
    _check_choice(headings, chosen)
    found = {role: _known_heading(headings, role) for role in _KNOWN_HEADINGS}
    found |= {**dict.fromkeys(CONTACTS), **chosen}
    found |= _amount_columns(found, chosen)
    if found["order"] is None and found["quantity"] and "Name" in headings:
        # Shopify's order number stands under the bare heading "Name".
        found["order"] = "Name" if any(h.startswith("Lineitem") for h in headings) else None
    missing = [role for role in ("customer", "date") if found[role] is None]
    if found["amount"] is None and found["unit_price"] is None:
        missing.append("amount")
    if missing:
        raise _missing_roles(missing, headings)
    return ColumnMap(**{role: found[role] for role in ROLES})  # type: ignore[arg-type]


def known_role_count(headings: Sequence[str]) -> int:
    """Return for how many roles a heading is known among these."""
    return sum(_known_heading(headings, role) is not None for role in _KNOWN_HEADINGS)


def _amount_columns(
    found: Mapping[str, str | None], chosen: Mapping[str, str]
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
    return {"amount": found["order_total"] or found["unit_price"]}


def _known_heading(headings: Iterable[str], role: str) -> str | None:
    by_plain: dict[str, str] = {}
    for heading in headings:
        by_plain.setdefault(_plain(heading), heading)
    return next((by_plain[name] for name in _KNOWN_HEADINGS[role] if name in by_plain), None)


def _check_choice(headings: Sequence[str], chosen: Mapping[str, str]) -> None:
    for role, heading in chosen.items():
        if role not in ROLES:
            message = f"--map {role}={heading}: no such role; the roles are {', '.join(ROLES)}"
            raise SettingsError(message)
        if heading not in headings:
            message = (
                f"--map {role}={heading}: no such heading in the source; "
                f"its headings are {_listed(headings)}"
            )
            raise SettingsError(message)


def _missing_roles(roles: Sequence[str], headings: Sequence[str]) -> InputError:
    meanings = {
        "customer": "no column that names the customer",
        "date": "no column with the order date",
        "amount": "no column with an amount, nor a quantity with a unit price",
    }
    said, options = [], []
    for role in roles:
        guesses = _best_guesses(role, headings)
        said.append(meanings[role] + (f" (perhaps {_listed(guesses)})" if guesses else ""))
        options.append(f"--map {role}={_quoted(guesses[0] if guesses else 'HEADING')}")
    message = (
        f"{'; '.join(said)} among the headings {_listed(headings)}; "
        f"say which it is with {' '.join(options)}"
    )
    return InputError(message)


def _best_guesses(role: str, headings: Sequence[str]) -> list[str]:
    names = _KNOWN_HEADINGS[role]
    taken = {_known_heading(headings, other) for other in _KNOWN_HEADINGS if other != role}
    headings = [heading for heading in headings if heading not in taken]

    def likeness(heading: str) -> float:
        plain = _plain(heading)
        if not plain:
            return 0.0
        contains = 0.35 * any(name in plain or plain in name for name in names)
        return contains + max(difflib.SequenceMatcher(None, plain, n).ratio() for n in names)

    ranked = sorted(headings, key=likeness, reverse=True)
    return [heading for heading in ranked if likeness(heading) > 0.65][:_GUESSES_SHOWN]  # noqa: PLR2004


def _plain(heading: str) -> str:
    """Reduce a heading to what it says: "Commande n°" → "commanden"."""
    folded = heading.casefold().translate(str.maketrans("éèêàâçôîïûü°", "eeeaacoiiuu "))
    return _PLAIN_HEADING.sub("", folded)


def _listed(headings: Sequence[str], most: int = 30) -> str:
    shown = ", ".join(_quoted(heading) for heading in headings[:most])
    rest = len(headings) - most
    return shown + (f" and {rest} more" if rest > 0 else "")


def _quoted(heading: str) -> str:
    heading = " ".join(heading.split())
    short = heading if len(heading) <= 40 else heading[:39] + "…"  # noqa: PLR2004
    return f"'{short}'" if re.search(r"[^\w.-]", short) or not short else short
