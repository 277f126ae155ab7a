"""Who a customer is: the column that tells people apart best, and ids that many share."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.source.columns.hints import quoted
from rfmreport.source.columns.roles import CUSTOMERS
from rfmreport.source.columns.words import kind_of
from rfmreport.source.evidence import Decision
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import Sample

_QUERIES = read_queries(__file__)
_ENOUGH_ORDERS = 10
_NEW_WITH_EVERY_ORDER, _COME_BACK = 0.98, 0.9
_FILLED_ENOUGH = 0.5
_LARGE_SHARE, _NOTABLE_SHARE = 0.2, 0.01
_MANY = 3
_ARE_EMAILS = 0.8
_SHOWN = 3
_CODE = re.compile(r"\s*[A-Za-z]{0,5}[-_#]?\d[\w-]*\s*$")


@dataclass(frozen=True, slots=True)
class People:
    """The columns that may name customers: their places by heading, and how each behaves."""

    engine: Engine
    headings: Sequence[str]
    email: str | None
    behaviour: Mapping[int, Mapping[str, Any]]
    order_count: int

    def of(self, heading: str) -> Mapping[str, Any] | None:
        """Return how a column behaves; None where it is empty."""
        return self.behaviour.get(self.headings.index(heading))

    def ask(self, query: str, heading: str) -> list[dict[str, Any]]:
        """Return what a query says of a column, and of the e-mail addresses beside it."""
        given: dict[str, object] = {"place": self.headings.index(heading)}
        given["email"] = self.headings.index(self.email) if self.email else None
        return self.engine.rows(_QUERIES[query], **given)


def people_of(
    known: Mapping[str, tuple[str, ...]], columns: ColumnMap, sample: Sample
) -> tuple[str, ...]:
    """Return the headings that may name customers, the surest kind first.

    A "Customer" whose values are codes is as sure as an id.
    """
    ids, emails, names = (known[role] for role in CUSTOMERS)
    codes = tuple(heading for heading in names if _are_codes(sample.get(heading, ())))
    return tuple(dict.fromkeys((*ids, *codes, *emails, *names, columns.customer)))


def _are_codes(texts: Sequence[str]) -> bool:
    codes = sum(map(bool, map(_CODE.match, texts)))
    return bool(texts) and codes >= _ARE_EMAILS * len(texts)


def look_at_people(
    engine: Engine, headings: Sequence[str], known: Mapping[str, tuple[str, ...]]
) -> People:
    """Return how the columns of people in `evidence_lines`, in the order of these, behave."""
    engine.hold("evidence_names", _QUERIES["names"])
    behaviour = {row["place"]: row for row in engine.rows(_QUERIES["behaviour"])}
    emails = [h for h in known["customer_email"] if headings.index(h) in behaviour]
    order_count = engine.value(_QUERIES["order_count"])
    return People(engine, headings, next(iter(emails), None), behaviour, order_count)


def settle_customer(
    people: People, columns: ColumnMap, chosen: Mapping[str, str], guest_key: str
) -> tuple[ColumnMap, list[Decision], list[Finding]]:
    """Return who a customer is, and why; what the user chose stays."""
    decisions = []
    if "customer" not in chosen:
        heading = _best(people, columns)
        columns = dataclasses.replace(columns, customer=heading)
        if len(people.behaviour) > 1:
            decisions.append(_why(people, heading))
    behaves = people.of(columns.customer)
    if behaves is None:
        return columns, decisions, []
    are_emails = behaves["email_share"] >= _ARE_EMAILS
    columns = dataclasses.replace(columns, are_emails=are_emails)
    guests = _guests(people, columns.customer)
    if guests or _has_blanks(people, columns):
        columns, told = _with_guests(people, columns, guests, guest_key)
        decisions += told
    return columns, decisions, list(_doubts(people, columns, guests))


def _best(people: People, columns: ColumnMap) -> str:
    """Return the first column that is filled, and not new with every order where others are not."""
    known = [(heading, people.of(heading)) for heading in people.headings]
    filled = [(heading, behaves) for heading, behaves in known if behaves]
    if not filled:
        return columns.customer
    most = max(behaves["order_count"] for _, behaves in filled)
    enough = [(h, b) for h, b in filled if b["order_count"] >= _FILLED_ENOUGH * most]
    come_back = [h for h, b in enough if b["value_count"] < _COME_BACK * b["order_count"]]
    for heading, behaves in enough:
        is_new = behaves["value_count"] >= _NEW_WITH_EVERY_ORDER * behaves["order_count"]
        if not (is_new and come_back and behaves["order_count"] >= _ENOUGH_ORDERS):
            return heading
    return enough[0][0]


def _why(people: People, heading: str) -> Decision:
    behaves = people.of(heading) or {}
    value_count, order_count = behaves["value_count"], behaves["order_count"]
    others = [quoted(h) for h in people.headings if h != heading and people.of(h)]
    why = f"{value_count:,} of them in {order_count:,} orders; beside it {', '.join(others)}"
    option = f"--map customer={quoted(heading)}"
    return Decision("customer", quoted(heading), why, option)


def _guests(people: People, heading: str) -> list[dict[str, Any]]:
    """Return the ids that say guest, or that stand beside many addresses in many orders."""
    said = [
        row
        for row in people.ask("values", heading)
        if row["order_count"] > _NOTABLE_SHARE * people.order_count
        and kind_of(row["text"], ("guest",))
    ]
    if not people.email or people.email == heading:
        return said
    names = {row["text"] for row in said}
    large = [
        row
        for row in people.ask("shared", heading)
        if row["email_count"] >= _MANY
        and row["order_count"] > _LARGE_SHARE * people.order_count
        and row["text"] not in names
    ]
    return [*said, *large]


def _has_blanks(people: People, columns: ColumnMap) -> bool:
    if not people.email or people.email == columns.customer or columns.are_emails:
        return False
    (found,) = people.ask("blank_beside", columns.customer)
    return any(found.values())


def _with_guests(
    people: People, columns: ColumnMap, guests: Sequence[Mapping[str, Any]], guest_key: str
) -> tuple[ColumnMap, list[Decision]]:
    email = None if people.email == columns.customer else people.email
    if email is None and guest_key == "email":
        return columns, []
    names = tuple(row["text"] for row in guests)
    called = f"guests ({', '.join(names[:_SHOWN])})" if names else "orders without one"
    if guest_key == "none":
        columns = dataclasses.replace(columns, guests=names)
        return columns, [Decision("guests", f"{called} are nobody", "as --guest-key says")]
    count = sum(row["order_count"] for row in guests)
    columns = dataclasses.replace(columns, guests=names, guest_email=email)
    why = (
        f"{count:,} of {people.order_count:,} orders" if count else "an address stands beside them"
    )
    decided = f"{called} in {quoted(columns.customer)} are told apart by {quoted(str(email))}"
    return columns, [Decision("guests", decided, why, "--guest-key email")]


def _doubts(
    people: People, columns: ColumnMap, guests: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield ids that are nobody, or one large one; names that several people bear."""
    behaves = people.of(columns.customer) or {}
    share = behaves["top_count"] / max(people.order_count, 1)
    is_large = share > _LARGE_SHARE and behaves["value_count"] >= _ENOUGH_ORDERS
    told = [row["text"] for row in guests]
    if is_large and behaves["top_text"] not in told:
        told.append(behaves["top_text"])
    if told and not columns.guest_email and not columns.guests:
        text = (
            f"{', '.join(map(repr, told[:_SHOWN]))} in {quoted(columns.customer)} may be no one "
            f"customer (the largest has {share:.0%} of the orders looked at); house_accounts in "
            "[cleaning] leaves such ids out."
        )
        yield Finding("house_accounts", "warning", text)
    is_name = people.email and people.email != columns.customer and not columns.are_emails
    shared = people.ask("shared", columns.customer) if is_name else []
    shared = [row for row in shared if row["text"] not in {row["text"] for row in guests}]
    if len(shared) > _LARGE_SHARE * behaves["value_count"]:
        text = (
            f"{len(shared)} customers of {quoted(columns.customer)} have several addresses in "
            f"{quoted(str(people.email))}; if they are several people, --map "
            f"customer={quoted(str(people.email))}."
        )
        yield Finding("namesakes", "warning", text)
