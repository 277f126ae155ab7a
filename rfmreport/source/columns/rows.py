"""What a row is: a line, a total of others, a payment, or the rest of a row above it."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.ask import read_queries
from rfmreport.source.columns.hints import quoted
from rfmreport.source.columns.words import kind_of, written_forms
from rfmreport.source.evidence import Decision
from rfmreport.source.formats.values import identifier
from rfmreport.source.verdicts import words_of
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Column, Table

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import CleaningSettings
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import Sample, ValueFormats

LINE = "rfmreport:line"
"""The source's column with the number of each row, where the rows' order matters."""
IS_TOTAL = "rfmreport:is_total"
"""Whether the row adds up others."""
_BEGUN = "rfmreport:begun"
_QUERIES = read_queries(__file__)
_MOST, _FEW = 0.9, 0.34
_ENOUGH = 2
_MOST_KINDS = 30


# --- rows and those above them -------------------------------------------------------------------


def cells_of(rows: Table, columns: ColumnMap, formats: ValueFormats) -> Table:
    """Return what tells a total, or the rest of a row above: one row per numbered row."""
    order = None if columns.order is None else identifier(rows[columns.order])
    customer, date = identifier(rows[columns.customer]), identifier(rows[columns.date])
    product = _first_text(rows, (columns.product, columns.product_name))
    quantity = formats.number(rows, columns.quantity)
    price = formats.number(rows, columns.unit_price)
    amount = quantity * price if columns.amount is None else formats.number(rows, columns.amount)
    return rows.select(
        line=rows[LINE],
        key=date if order is None else order,
        customer=customer,
        date_text=date,
        order_word=_word(ibis.null("string") if order is None else order),
        customer_word=_word(customer),
        date_word=_word(date),
        product_word=_word(product),
        amount=amount,
        is_total=rows[IS_TOTAL] if IS_TOTAL in rows.columns else ibis.literal(value=False),
    )


def _first_text(rows: Table, headings: Sequence[str | None]) -> Column:
    texts = [identifier(rows[heading]) for heading in headings if heading]
    return ibis.coalesce(*texts) if texts else ibis.null("string")


def _word(text: Column) -> Column:
    """Return a cell as words are compared: small letters, without what stands around them."""
    return text.lower().re_replace(r"[\s:.=*_-]+$|^[\s:.=*_-]+", "").re_replace(r"[:,;]\s*", " ")


def total_lines(engine: Engine) -> list[int]:
    """Return the rows of `row_cells` that add up others: their words say so, or their sums."""
    words = list(written_forms("total"))
    pattern = rf"(^|\s)({'|'.join(map(re.escape, words))})($|\s)"
    if not engine.value(_QUERIES["may_be_totals"], words=pattern):
        return []
    rows = engine.rows(_QUERIES["totals"], words=words)
    count = engine.value("SELECT count(*) FROM row_cells")
    said = [row for row in rows if row["says_so"]]
    if len(said) > _FEW * count:  # a shop may well call a customer so, but not a third of all
        said = []
    bare = [row for row in rows if row["is_bare"] and not row["hints_at_it"]]
    proved = [row for row in bare if row["adds_up"]]
    adds_several = any(row["above_count"] >= _ENOUGH for row in proved)
    are_totals = adds_several and len(proved) >= _MOST * len(bare)
    hinted = [row for row in rows if row["hints_at_it"] and row["adds_up"]]
    found = {row["line"] for row in (*said, *hinted, *(proved if are_totals else ()))}
    return sorted(found)


def blanks_are_carried(engine: Engine) -> tuple[int, int] | None:
    """Return how many of `row_cells` leave out what stands above, of how many; None: none do.

    They leave out order, date and customer together, and all others have all three.
    """
    row = engine.row(_QUERIES["blanks"])
    is_proved = (
        row["blank_count"] >= _ENOUGH
        and row["blank_together_count"] == row["blank_count"]
        and row["torn_count"] == 0
        and row["first_count"] == 1
    )
    return (row["blank_count"], row["row_count"]) if is_proved else None


def told_once(engine: Engine) -> frozenset[str]:
    """Return which of date and customer an order of several rows says on some of them only."""
    row = engine.row(_QUERIES["torn"])
    count = row["order_count"]
    roles = ("date", "customer")
    torn = {role for role in roles if count >= _ENOUGH and row[role] >= _MOST * count}
    return frozenset(torn)


def carry_down(rows: Table, headings: Sequence[str]) -> Table:
    """Fill what a row leaves out from the row above it; the first heading begins a new order."""
    part = [VIEW_PART] if VIEW_PART in rows.columns else []
    above = ibis.cumulative_window(group_by=part, order_by=rows[LINE])
    begins = _of_a_row(rows, headings[0]).notnull().cast("int64")
    rows = rows.mutate(**{_BEGUN: begins.sum().over(above)})
    of_order = ibis.window(group_by=[*part, _BEGUN])
    filled = {heading: _of_a_row(rows, heading).max().over(of_order) for heading in headings}
    return rows.mutate(**filled).drop(_BEGUN)


def _of_a_row(rows: Table, heading: str) -> Column:
    text = rows[heading]
    return text.strip().nullif("") if text.type().is_string() else text


# --- kinds of rows -------------------------------------------------------------------------------


def type_column(sample: Sample, known: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the first column of types whose values say sale, refund or payment."""
    for heading in known["type"]:
        values = {text.strip() for text in sample.get(heading, ()) if text.strip()}
        kinds = {kind_of(value, ("refunded", "no_sale", "sold")) for value in values}
        if 0 < len(values) <= _MOST_KINDS and kinds & {"refunded", "no_sale"}:
            return heading
    return None


def settle_kinds(
    engine: Engine, basis: int, columns: ColumnMap, rules: CleaningSettings, values: Sequence[str]
) -> tuple[ColumnMap, CleaningSettings, list[Decision]]:
    """Return which types are refunds and which no sale, by their words and by their sums."""
    refunds = [v for v in values if kind_of(v, ("refunded", "sold")) == "refunded"]
    others = [
        v for v in values if v not in refunds and kind_of(v, ("no_sale", "sold")) == "no_sale"
    ]
    sale = None
    if others and not set(values) - {*refunds, *others}:
        # Of a till that calls nothing else a sale, the kind with most rows is: its payments.
        sale = engine.value(_QUERIES["most_rows"], kinds=others)
        others.remove(sale)
    doubles, decisions = _doubles(engine, basis, {*refunds, *others})
    if columns.type is None:
        is_parent = "" in doubles
        columns = dataclasses.replace(columns, parents_without_product=is_parent)
        return columns, rules, decisions
    if rules.refund_types is None:
        words = (*words_of(rules, "refund_types"), *(v.lower() for v in refunds))
        rules = dataclasses.replace(rules, refund_types=words)
    if rules.other_types is None:
        words = (*words_of(rules, "other_types"), *(v.lower() for v in (*others, *doubles)))
        kept = tuple(word for word in words if sale is None or word != sale.lower())
        rules = dataclasses.replace(rules, other_types=kept)
        sales = [sale] if sale else []
        told = (("sales", sales), ("refunds", refunds), ("no sales", others))
        named = [f"{what}: {', '.join(v)}" for what, v in told if v]
        if named:
            decided = f"{quoted(columns.type)} tells {'; '.join(named)}"
            decisions.append(Decision("kinds of rows", decided, "by the words that ship"))
    return columns, rules, decisions


def _doubles(engine: Engine, basis: int, known: set[str]) -> tuple[list[str], list[Decision]]:
    """Return kinds of rows whose money stands in others of the same orders, and why."""
    doubles: list[str] = []
    decisions = []
    for row in engine.rows(_QUERIES["kinds"], basis=basis):
        one, other = row["kind"], row["other_kind"]
        if {one, other} & {*known, *doubles} or not _are_equal(row):
            continue
        double, kept = _less_told(row)
        doubles.append(double)
        called = f"rows of type {double!r}" if double else "rows without a product"
        beside = f"those of type {kept!r}" if double else "those with one"
        why = f"they come to the same in {row['equal_count']} of {row['order_count']} orders"
        decided = f"{called} are the orders of {beside}, and not counted"
        decisions.append(Decision("kinds of rows", decided, why))
    return doubles, decisions


def _are_equal(row: Mapping[str, Any]) -> bool:
    return bool(
        row["order_count"] > _ENOUGH
        and row["order_count"] >= _MOST * row["all_count"]
        and row["equal_count"] >= _MOST * row["order_count"]
    )


def _less_told(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return which of two kinds says less, products first, then lines; and the other."""
    one = (row["named_count"], row["line_count"])
    other = (row["other_named_count"], row["other_line_count"])
    kinds = (row["kind"], row["other_kind"])
    return kinds if one < other else kinds[::-1]


def settle_statuses(
    sample: Sample, columns: ColumnMap, rules: CleaningSettings
) -> CleaningSettings:
    """Add the statuses of the first rows to the words of the rules that take them."""
    if columns.status is None:
        return rules
    values = {text.strip() for text in sample.get(columns.status, ())}
    for name, kinds in (
        ("cancelled_statuses", ("cancelled", "refunded")),
        ("unpaid_statuses", ("failed", "pending")),
    ):
        if getattr(rules, name) is None:
            seen = (v.lower() for v in values if kind_of(v, ("sold", *kinds)) in kinds)
            words = (*words_of(rules, name), *seen)
            rules = dataclasses.replace(rules, **{name: words})  # type: ignore[arg-type]
    return rules


def is_known_status(text: str, rules: CleaningSettings) -> bool:
    """Say whether a status is known as one that stands."""
    own = map(str.lower, rules.sold_statuses or ())
    return kind_of(text, ("sold",)) is not None or text.lower() in own
