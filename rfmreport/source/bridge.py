"""The bridge from everything read to what was kept, and what a reader should know of the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.source.audit import Audit, AuditRow
from rfmreport.source.verdicts import RULES, WARNINGS
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)
_NOTHING = Decimal(0)


def draw_bridge(engine: Engine, rejected_line_count: int = 0) -> Audit:
    """Return the account of `orders`; it ties in lines, orders and money.

    An order counts as kept if any of its lines is; else under the first rule that took one.
    """
    kept, *excluded = _rows_by_verdict(engine)
    if rejected_line_count:
        label = "Rows that do not fit the heading"
        excluded.append(AuditRow("misfit", label, rejected_line_count, 0, _NOTHING))
    returns = engine.row(_QUERIES["returns"])
    return Audit(
        read=_sum_of("Read from the source", [kept, *excluded]),
        excluded=tuple(row for row in excluded if row.line_count),
        kept=kept,
        kept_adjustments=(AuditRow(None, "Returns, subtracted", **returns),)
        if returns["line_count"]
        else (),
    )


def _rows_by_verdict(engine: Engine) -> Iterator[AuditRow]:
    """Yield what was kept, then what each rule took, be it nothing."""
    lines = {row["exclusion"]: row for row in engine.rows(_QUERIES["lines_by_verdict"])}
    query, keys = _QUERIES["orders_by_verdict"], [rule.key for rule in RULES]
    orders = {row["exclusion"]: row for row in engine.rows(query, rules=keys)}
    for key, label in [(None, "Analysed"), *((rule.key, rule.label) for rule in RULES)]:
        found = lines.get(key, {"line_count": 0, "amount": None})
        order_count = orders[key]["order_count"] if key in orders else 0
        # Over nothing readable, a sum is null.
        amount = _NOTHING if found["amount"] is None else found["amount"]
        yield AuditRow(key, label, found["line_count"], order_count, amount)


def _sum_of(label: str, rows: Sequence[AuditRow]) -> AuditRow:
    return AuditRow(
        None,
        label,
        line_count=sum(row.line_count for row in rows),
        order_count=sum(row.order_count for row in rows),
        amount=sum((row.amount for row in rows), _NOTHING),
    )


def data_findings(engine: Engine, bridge: Audit) -> tuple[Finding, ...]:
    """Return what a reader should know about the lines that were left out, with its size."""
    taken = {row.exclusion: row for row in bridge.excluded}
    warnings = (
        Finding(key, "warning", text, taken[key].line_count, taken[key].amount)
        for key, text in WARNINGS
        if key in taken
    )
    return (*_fees(engine), *_reversed_orders(engine), *warnings)


def _fees(engine: Engine) -> Iterator[Finding]:
    rows = engine.rows(_QUERIES["fees"])
    if rows:
        listed = ", ".join(f"{row['fee_code']} {row['amount']:,.2f}" for row in rows)
        text = f"Freight, fees and manual postings are not counted as sales: {listed}."
        amount = sum((row["amount"] for row in rows), _NOTHING)
        yield Finding("fees", "note", text, sum(row["line_count"] for row in rows), amount)


def _reversed_orders(engine: Engine) -> Iterator[Finding]:
    """Find kept orders that the same customer cancelled whole: sales that never were."""
    found = engine.row(_QUERIES["reversed_orders"])
    order_count = found["order_count"]
    if order_count:
        text = (
            f"{order_count} analysed orders were cancelled in full by the same customer for the "
            "same amount, and still count as sales; --net-returns subtracts them."
        )
        yield Finding("reversed", "warning", text, None, found["amount"], order_count)
