"""The bridge from everything read to what was kept, and what a reader should know of the rest."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.source.audit import RETURNABLE, REVERSED, REVERSED_KEPT, Audit, AuditRow
from rfmreport.source.columns.rows import is_known_status
from rfmreport.source.reversals import POSTING_DAYS
from rfmreport.source.verdicts import RULES, WARNINGS
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import CleaningSettings
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.verdicts import Rule

_QUERIES = read_queries(__file__)
_NOTHING = Decimal(0)
_PARTS = {
    "missing_customer": (
        ("missing_customer", "No customer: goods sold"),
        ("missing_customer_fees", "No customer: freight, fees and postings"),
        ("missing_customer_other", "No customer: given back, or without a price"),
    )
}
"""Rules whose lines are unlike each other, and what these are told as."""
TAKEN_OFF = {
    "discount": "Discounts",
    "shipping": "Shipping",
    "tax": "Taxes",
    "refund": "Refunds of orders that count",
}
"""Money that is no line's own: how the bridge calls what was taken off the lines' amounts."""
_OFTEN_NOTHING = ("non_positive_price", "non_positive_quantity")
"""Rules whose lines are often worth nothing, as what is given away."""


def draw_bridge(
    engine: Engine, rejected_line_count: int = 0, taken_off: Sequence[str] = ()
) -> Audit:
    """Return the account of `orders`; it ties in lines, orders and money.

    `taken_off` are its columns of money that the amounts no longer hold.

    An order counts as kept if any of its lines is; else under the first rule that took one.
    """
    kept, *excluded = _rows_by_verdict(engine)
    if rejected_line_count:
        label = "Rows that do not fit the heading"
        excluded.append(AuditRow("misfit", label, rejected_line_count, 0, _NOTHING))
    for name in taken_off:
        amount = engine.value(f'SELECT sum("{name}") FROM orders') or _NOTHING  # noqa: S608
        key = "refunded" if name == "refund" else name  # lines that are refunds have that key
        excluded.append(AuditRow(key, TAKEN_OFF[name], 0, 0, amount))
    returns = engine.row(_QUERIES["returns"])
    return Audit(
        read=_sum_of("Read from the source", [kept, *excluded]),
        excluded=tuple(row for row in excluded if row.line_count or row.amount),
        kept=kept,
        kept_adjustments=(AuditRow(None, "Returns, subtracted", **returns),)
        if returns["line_count"]
        else (),
    )


def _rows_by_verdict(engine: Engine) -> Iterator[AuditRow]:
    """Yield what was kept, then what each rule took, be it nothing."""
    engine.define("told_orders", _QUERIES["told_orders"])
    lines = {row["exclusion"]: row for row in engine.rows(_QUERIES["lines_by_verdict"])}
    labels = {key: label for rule in RULES for key, label in _told_as(rule)}
    query = _QUERIES["orders_by_verdict"]
    orders = {row["exclusion"]: row for row in engine.rows(query, rules=list(labels))}

    def row_of(key: str | None, label: str) -> AuditRow:
        found = lines.get(key, {"line_count": 0, "amount": None})
        order_count = orders[key]["order_count"] if key in orders else 0
        # Over nothing readable, a sum is null.
        amount = _NOTHING if found["amount"] is None else found["amount"]
        return AuditRow(key, label, found["line_count"], order_count, amount)

    yield row_of(None, "Analysed")
    for rule in RULES:
        parts = tuple(row_of(key, label) for key, label in _told_as(rule))
        whole = replace(_sum_of(rule.label, parts), exclusion=rule.key)
        # Where there is but the first of the parts, it is the whole.
        is_mixed = any(part.line_count for part in parts[1:])
        yield replace(whole, parts=tuple(p for p in parts if p.line_count) if is_mixed else ())


def _told_as(rule: Rule) -> tuple[tuple[str, str], ...]:
    """Return the keys and labels that the lines of a rule are told under."""
    return _PARTS.get(rule.key, ((rule.key, rule.label),))


def _sum_of(label: str, rows: Sequence[AuditRow]) -> AuditRow:
    return AuditRow(
        None,
        label,
        line_count=sum(row.line_count for row in rows),
        order_count=sum(row.order_count for row in rows),
        amount=sum((row.amount for row in rows), _NOTHING),
    )


def data_findings(
    engine: Engine, bridge: Audit, columns: ColumnMap, rules: CleaningSettings
) -> tuple[Finding, ...]:
    """Return what a reader should know about what was left out and what was kept, with its size."""
    statuses = _statuses(engine, rules) if columns.status else ()
    refunds = _refunds(engine, columns.refund) if columns.refund and not rules.net_returns else ()
    shared = _shared_orders(engine) if columns.order else ()
    alike = () if columns.are_emails else _alike_ids(engine)
    return (
        *_fees(engine),
        *_reversed_orders(engine, rules),
        *_nothing_left(engine),
        *(_not_subtracted(engine) if rules.net_returns else ()),
        *statuses,
        *refunds,
        *shared,
        *alike,
        *bridge_warnings(bridge, rules),
    )


def bridge_warnings(bridge: Audit, rules: CleaningSettings) -> Iterator[Finding]:
    """Yield what a reader should know of the lines that rules took."""
    taken = {row.exclusion: row for row in bridge.told}
    for key, text in WARNINGS:
        is_said = key in taken and not (key in RETURNABLE and rules.net_returns)
        if is_said and not (key in _OFTEN_NOTHING and taken[key].amount >= 0):
            yield Finding(key, "warning", text, taken[key].line_count, taken[key].amount)


def _statuses(engine: Engine, rules: CleaningSettings) -> Iterator[Finding]:
    """Name every status with its orders and money: only the shop knows what each means."""
    rows = engine.rows(_QUERIES["statuses"])
    kept = [row for row in rows if row["exclusion"] is None]
    unknown = [row for row in kept if row["status"] and not is_known_status(row["status"], rules)]
    known = [row for row in kept if row not in unknown]
    left_out = [row for row in rows if row["exclusion"] is not None and row["status"]]
    if known:
        text = f"Orders with these statuses count as sales: {_listed(known)}."
        yield Finding("statuses", "note", text)
    if left_out:
        text = f"Orders with these statuses are left out: {_listed(left_out)}."
        yield Finding("statuses_left_out", "note", text)
    if unknown:
        text = (
            f"What these statuses mean is not known, and they count as sales: {_listed(unknown)}; "
            "cancelled_statuses in [cleaning] leaves statuses out."
        )
        amount = sum((row["amount"] or _NOTHING for row in unknown), _NOTHING)
        line_count = sum(row["line_count"] for row in unknown)
        yield Finding("statuses_unknown", "warning", text, line_count, amount)


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    told = (
        f"{row['status'] or 'none'} {row['amount'] or 0:,.2f} "
        f"({row['order_count']:,} {'order' if row['order_count'] == 1 else 'orders'})"
        for row in rows
    )
    return ", ".join(told)


def _refunds(engine: Engine, heading: str) -> Iterator[Finding]:
    amount = engine.value(_QUERIES["refunds"])
    if amount:
        text = f"Refunds in '{heading}' are not subtracted; --net-returns subtracts them."
        yield Finding("refunds", "warning", text, None, amount)


def _shared_orders(engine: Engine) -> Iterator[Finding]:
    count = engine.value(_QUERIES["shared_orders"])
    if count:
        text = (
            f"{count:,} order numbers are shared by several customers: each of them is counted as "
            "an order of every one of them."
        )
        yield Finding("shared_orders", "warning", text, order_count=count)


def _alike_ids(engine: Engine) -> Iterator[Finding]:
    """Tell of ids that differ in capitals only: some systems mean one customer, others two."""
    found = engine.row(_QUERIES["alike_ids"])
    if found["id_count"]:
        text = (
            f"Ids of customers that differ in capitals only, such as {found['one']} and "
            f"{found['other']} ({found['id_count']:,} of them), count as customers each; if "
            "they are one, write them alike in the source."
        )
        yield Finding("alike_ids", "warning", text)


def _fees(engine: Engine) -> Iterator[Finding]:
    rows = engine.rows(_QUERIES["fees"])
    if rows:
        listed = ", ".join(f"{row['fee_code']} {row['amount']:,.2f}" for row in rows)
        text = f"Freight, fees and manual postings are not counted as sales: {listed}."
        amount = sum((row["amount"] for row in rows), _NOTHING)
        yield Finding("fees", "note", text, sum(row["line_count"] for row in rows), amount)


def _reversed_orders(engine: Engine, settings: CleaningSettings) -> Iterator[Finding]:
    """Tell of orders that the same customer reversed whole: sales that never were."""
    found = engine.row(_QUERIES["reversed_orders"])
    order_count, amount = found["order_count"], found["amount"]
    if not order_count:
        return
    orders = "1 order was" if order_count == 1 else f"{order_count:,} orders were"
    text = (
        f"{orders} reversed in full by the same customer, with a cancellation or, within "
        f"{POSTING_DAYS} days, a posting of the same amount"
    )
    if settings.keep_reversed:
        still = "in orders, but not in money" if settings.net_returns else "as sales"
        text = f"{text}, and still counted {still}."
        yield Finding(REVERSED_KEPT, "warning", text, None, amount, order_count)
    else:
        text = f"{text}: left out, together with the reversal."
        yield Finding(REVERSED, "note", text, None, amount, order_count)


def _nothing_left(engine: Engine) -> Iterator[Finding]:
    """Tell of customers of whom no revenue is left."""
    found = engine.row(_QUERIES["nothing_left"])
    if found["customer_count"]:
        bought, returned = found["bought"], found["returned"]
        count = found["customer_count"]
        who = "1 customer" if count == 1 else f"{count:,} customers"
        text = (
            f"{who} gave back as much as they bought or more: they bought {bought:,.2f}, gave "
            f"back {returned:,.2f}, and are in no segment."
        )
        yield Finding("nothing_left", "warning", text, found["line_count"], bought - returned)


def _not_subtracted(engine: Engine) -> Iterator[Finding]:
    """Name what was given back and is not subtracted, though returns are."""
    for row in engine.rows(_QUERIES["not_subtracted"], returnable=list(RETURNABLE)):
        key = "refunded_fees" if row["is_fee"] else "unbought_returns"
        text = (
            "Refunds of freight, discounts and manual postings are not subtracted."
            if row["is_fee"]
            else "Goods given back by customers who bought none in these data are not subtracted."
        )
        if row["reversal_count"]:
            text = (
                f"{text.rstrip('.')}; {row['reversal_count']:,} of them reverse an order in full, "
                "and are left out with it."
            )
        yield Finding(key, "warning", text, row["line_count"], row["amount"])
