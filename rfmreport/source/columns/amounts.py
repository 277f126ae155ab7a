"""What an amount means: a line's, its order's or a piece's, before or after what is taken off it.

Headings only say what a column may be; here its values are held against those beside it, in the
first lines of the source.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.errors import SettingsError
from rfmreport.source.columns.hints import quoted
from rfmreport.source.evidence import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.source.columns.roles import ColumnMap

_QUERIES = read_queries(__file__)
PIECES = -1
"""Where quantity × unit price stands among the numbered columns of money."""
_MOST, _FEW = 0.9, 0.34
_ENOUGH = 2
_TOTALS = ("order_total", "amount")


@dataclass(frozen=True, slots=True)
class Money:
    """The columns of numbers: their places by heading, and what is known of each (`facts`)."""

    engine: Engine
    headings: Sequence[str]
    known: Mapping[str, tuple[str, ...]]
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def place(self, heading: str) -> int:
        """Return the number of a column."""
        return self.headings.index(heading)

    def holds(self, heading: str) -> bool:
        """Say whether there is a number other than zero in the column."""
        fact = self.facts.get(self.place(heading))
        return fact is not None and fact["nonzero_count"] > 0

    def playing(self, *roles: str) -> list[str]:
        """Return the headings that may play one of these roles and hold numbers."""
        found = (heading for role in roles for heading in self.known[role])
        return list(dict.fromkeys(heading for heading in found if self.holds(heading)))

    def is_once(self, place: int) -> bool:
        """Say whether of the lines of an order only one says something."""
        fact = self.facts[place]
        return bool(_is_most(fact["once_count"], fact["order_count"]))

    def is_repeated(self, place: int) -> bool:
        """Say whether all lines of an order say the same, and orders differ."""
        fact = self.facts[place]
        return (
            _is_most(fact["repeated_count"], fact["order_count"])
            and fact["repeated_value_count"] >= _ENOUGH
        )

    def is_of_order(self, place: int) -> bool:
        """Say whether a column says something of the order, and not of the line."""
        return self.is_once(place) or self.is_repeated(place)


def weigh_money(
    engine: Engine, headings: Sequence[str], known: Mapping[str, tuple[str, ...]]
) -> Money:
    """Hold what `evidence_lines` says of money, by line and by order, and return what is known."""
    engine.hold("evidence_money", _QUERIES["money"])
    engine.hold("evidence_orders", _QUERIES["by_order"])
    facts = {row["place"]: row for row in engine.rows(_QUERIES["facts"])}
    return Money(engine, headings, known, facts)


def settle_amount(
    money: Money, columns: ColumnMap, chosen: Mapping[str, str], amount_is: str | None
) -> tuple[ColumnMap, list[Decision]]:
    """Return what the amount is, and why; `amount_is` is what the user says it is.

    Raises:
        SettingsError: the amount is said to be a piece's, and there is no quantity.
    """
    if amount_is:
        return _as_told(columns, amount_is), []
    told = {role for role in chosen if role in {"amount", "unit_price"}}
    decisions = []
    for settle in (_of_piece_or_line, _of_order_or_line):
        columns, found = settle(money, columns, told)
        decisions += found
    return columns, decisions


def _as_told(columns: ColumnMap, amount_is: str) -> ColumnMap:
    heading = columns.amount or columns.unit_price
    if amount_is == "unit":
        if columns.quantity is None:
            message = "--amount-is unit: there is no quantity; name it with --map quantity=HEADING"
            raise SettingsError(message)
        return dataclasses.replace(columns, amount=None, unit_price=heading)
    per_order = columns.per_order | ({"amount"} if amount_is == "order" else set())
    unit_price = None if heading == columns.unit_price else columns.unit_price
    columns = dataclasses.replace(columns, amount=heading, unit_price=unit_price)
    return dataclasses.replace(columns, per_order=per_order)


def _of_piece_or_line(
    money: Money, columns: ColumnMap, told: set[str]
) -> tuple[ColumnMap, list[Decision]]:
    """Tell a piece's price from a line's total: the latter grows with the quantity."""
    heading = columns.unit_price if columns.amount is None else columns.amount
    is_price = columns.amount is None
    is_settled = (is_price and "unit_price" in told) or (not is_price and columns.unit_price)
    if columns.quantity is None or heading is None or is_settled:
        return columns, []
    found = money.engine.row(_QUERIES["growth"], place=money.place(heading))
    count, by = found["product_count"], f"with {quoted(columns.quantity)}"
    grows = count >= _ENOUGH and _is_most(found["grows_count"], count)
    stays = count >= _ENOUGH and _is_most(found["stays_count"], count)
    if is_price and grows and not stays:
        columns = dataclasses.replace(columns, amount=heading, unit_price=None)
        why = f"it grows {by} in {found['grows_count']} of {count} products"
        return columns, [_decided(heading, "the total of a line", why, "line")]
    if not is_price and stays and not grows and "amount" not in told:
        columns = dataclasses.replace(columns, amount=None, unit_price=heading)
        why = f"it stays the same {by} in {found['stays_count']} of {count} products"
        return columns, [_decided(heading, "the price of a piece", why, "unit")]
    return columns, []


def _of_order_or_line(
    money: Money, columns: ColumnMap, told: set[str]
) -> tuple[ColumnMap, list[Decision]]:
    """Tell an order's total from a line's: it stands on each line of an order, or on one of them.

    Where the lines have a quantity and a price as well, those are the lines' money.
    """
    heading = columns.amount
    if heading is None or columns.order is None or not money.holds(heading):
        return columns, []
    place = money.place(heading)
    fact = money.facts[place]
    if not money.is_of_order(place) or _is_a_price(money, place):
        return columns, []
    often = "repeated_count" if money.is_repeated(place) else "once_count"
    where = "each line" if often == "repeated_count" else "one line"
    why = f"it stands on {where} of {fact[often]} of {fact['order_count']} orders of several lines"
    if columns.quantity and columns.unit_price and "amount" not in told:
        pieces = f"{quoted(columns.quantity)} × {quoted(columns.unit_price)}"
        decided = Decision("amount", pieces, f"{quoted(heading)} is the order's: {why}")
        return dataclasses.replace(columns, amount=None), [decided]
    columns = dataclasses.replace(columns, per_order=columns.per_order | {"amount"})
    # A product's money is not known: the order's would all be its first line's.
    columns = dataclasses.replace(columns, product=None, product_name=None)
    return columns, [_decided(heading, "the total of an order, counted once", why, "order")]


def _is_a_price(money: Money, place: int) -> bool:
    """Say whether products cost the same in every order; an order's total would differ."""
    found = money.engine.row(_QUERIES["steady"], place=place)
    count = found["product_count"]
    return bool(count > _ENOUGH and found["stays_count"] > count / 2)


def _decided(heading: str, decided: str, why: str, option: str) -> Decision:
    return Decision("amount", f"{quoted(heading)} is {decided}", why, f"--amount-is {option}")


# --- what is taken off --------------------------------------------------------------------------


def settle_discount(
    money: Money, columns: ColumnMap, chosen: Mapping[str, str]
) -> tuple[ColumnMap, list[Decision]]:
    """Find the discount that the amounts still hold, and how it is written."""
    named = [chosen["discount"]] if "discount" in chosen else money.playing("discount")
    named = [heading for heading in named if money.holds(heading) and heading != columns.amount]
    if not named:
        return columns, []
    for look in (_told_by_orders, _told_by_lines, _told_by_kind):
        found = look(money, columns, named)
        if found:
            heading, written, decision = found
            is_taken = written or "discount" in chosen
            return (_with_discount(money, columns, heading, written) if is_taken else columns), [
                decision
            ]
    return columns, []


_Found = tuple[str, str, Decision]
"""The column of discounts, how it is written ("" where the amounts do not hold it), and why."""


def _told_by_orders(money: Money, columns: ColumnMap, named: Sequence[str]) -> _Found | None:
    """Hold orders, less their discount, against a column that says what the order comes to."""
    basis = PIECES if columns.amount is None else money.place(columns.amount)
    totals = [
        money.place(heading)
        for heading in money.playing(*_TOTALS)
        if money.place(heading) != basis and money.is_of_order(money.place(heading))
    ]
    if columns.order is None or "amount" in columns.per_order or not totals:
        return None
    places = [money.place(heading) for heading in named]
    given = {"basis": basis, "totals": totals, "discounts": places}
    for row in money.engine.rows(_QUERIES["discounted"], **given):
        count, total = row["order_count"], quoted(money.headings[row["total"]])
        heading = money.headings[row["discount"]]
        if count >= _ENOUGH and _is_most(row["equal_count"], count):
            why = f"lines less it come to {total} in {row['equal_count']} of {count} orders"
            return heading, row["written"], _taken(heading, why)
    return None


def _told_by_lines(money: Money, columns: ColumnMap, named: Sequence[str]) -> _Found | None:
    """Hold a line's amount against quantity × price."""
    if columns.amount is None or PIECES not in money.facts:
        return None
    places = [money.place(heading) for heading in named]
    given = {"basis": money.place(columns.amount), "discounts": places}
    for row in money.engine.rows(_QUERIES["in_the_line"], **given):
        heading, count = money.headings[row["discount"]], row["line_count"]
        if _is_most(row["net_count"], count):
            why = f"amounts are quantity × price less it on {row['net_count']} of {count} lines"
            return heading, "", _left(heading, why)
        if _is_most(row["gross_count"], count):
            why = f"amounts are quantity × price on {row['gross_count']} of {count} such lines"
            return heading, _way_of_writing(money, heading), _taken(heading, why)
    return None


def _told_by_kind(money: Money, columns: ColumnMap, named: Sequence[str]) -> _Found | None:
    """Take quantity × price for the money before a discount, a stated amount for that after it."""
    heading = named[0]
    if columns.amount is not None:
        why = f"nothing shows that {quoted(columns.amount)} still holds it"
        return heading, "", _left(heading, why)
    why = "a price is before discounts, and nothing shows otherwise"
    return heading, _way_of_writing(money, heading), _taken(heading, why)


def _way_of_writing(money: Money, heading: str) -> str:
    """Return how a discount is written, from its values alone."""
    place = money.place(heading)
    fact = money.facts[place]
    if fact["largest"] <= 1 and fact["fraction_count"]:
        return "share"
    words = heading.casefold()
    if fact["largest"] <= 100 and any(w in words for w in ("%", "percent", "pct", "prozent")):  # noqa: PLR2004
        return "percentage"
    return "order_money" if money.is_of_order(place) else "line_money"


def _with_discount(money: Money, columns: ColumnMap, heading: str, written: str) -> ColumnMap:
    written = written or _way_of_writing(money, heading)
    whole = {"share": 1.0, "percentage": 100.0}.get(written)
    per_order = columns.per_order | ({"discount"} if written == "order_money" else set())
    columns = dataclasses.replace(columns, discount=heading, per_order=per_order)
    return dataclasses.replace(columns, whole_discount=whole)


def _taken(heading: str, why: str) -> Decision:
    return Decision("discount", f"{quoted(heading)} is taken off the amounts", why)


def _left(heading: str, why: str) -> Decision:
    option = f"--map discount={quoted(heading)}"
    return Decision("discount", f"{quoted(heading)} is not taken off the amounts", why, option)


def settle_refund(money: Money, columns: ColumnMap) -> ColumnMap:
    """Find the column of money that went back later, and what else says something of an order."""
    heading = columns.refund or next(iter(money.playing("refund")), None)
    if heading is None or heading in {columns.amount, columns.unit_price}:
        return columns
    columns = dataclasses.replace(columns, refund=heading)
    of_order = {
        role
        for role in ("refund", "shipping", "tax")
        if (named := getattr(columns, role))
        and money.place(named) in money.facts
        and money.is_of_order(money.place(named))
    }
    return dataclasses.replace(columns, per_order=columns.per_order | of_order)


def unused_money(money: Money, columns: ColumnMap) -> Iterator[tuple[str, bool]]:
    """Yield the columns that look like money and are not counted, and whether orders repeat them.

    They are known as money, or written in cents.
    """
    roles = ("amount", "order_total", "refund", "discount", "shipping", "tax")
    known = {heading for role in roles for heading in money.known[role]}
    for place, fact in money.facts.items():
        if place == PIECES or not fact["nonzero_count"]:
            continue
        heading = money.headings[place]
        is_money = heading in known or fact["fraction_count"] > fact["filled_count"] * _FEW
        if is_money and heading not in columns.numbers:
            yield heading, money.is_repeated(place)


def _is_most(count: int, of: int) -> bool:
    return of > 0 and count >= _MOST * of
