"""What columns and rows mean: roles by the headings, then settled by what the first lines say."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine
from rfmreport.source import notes
from rfmreport.source.columns import amounts, people, rows
from rfmreport.source.columns.customers import refuse_customers
from rfmreport.source.columns.flags import mark_flagged
from rfmreport.source.columns.hints import quoted
from rfmreport.source.columns.presets import with_preset
from rfmreport.source.columns.roles import ColumnMap, known_columns, map_columns
from rfmreport.source.columns.rows import IS_TOTAL, LINE
from rfmreport.source.columns.untold import IS_COPY
from rfmreport.source.evidence import Decision
from rfmreport.source.expressions import hold
from rfmreport.source.formats.date_columns import find_date_column
from rfmreport.source.formats.value_formats import ValueFormats, find_value_formats
from rfmreport.source.formats.values import identifier
from rfmreport.vocabulary import VIEW_PART

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ibis.expr.types import Column, Table

    from rfmreport.settings import CleaningSettings, Settings
    from rfmreport.source.reading import Source
    from rfmreport.vocabulary import Finding

_FIRST_LINES = 5_000
_EVIDENCE = (
    "first_lines", "first_lines_marked", "row_cells", "evidence_lines", "evidence_money",
    "evidence_orders", "evidence_names",
)  # fmt: skip
"""What the engine holds while columns and rows are looked at."""
NUMBERED = "numbered_lines"
"""All rows with their numbers, where their order matters: as long as the source."""


@dataclass(frozen=True)
class Meaning:
    """The lines of a source as they are to be read.

    `table` is what stands in the file, or that with what was carried down and marked.
    """

    source: Source
    table: Table
    columns: ColumnMap
    formats: ValueFormats
    rules: CleaningSettings
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    unused: tuple[tuple[str, bool], ...] = ()
    """Columns of money that are not counted, and whether they stand on each line of an order."""


def find_meaning(
    table: Table, settings: Settings, source: Source, *, from_all_lines: bool = False
) -> Meaning:
    """Find what each column and each row is, from the headings and the first lines.

    Raises:
        InputError: the customer, the date or the amount cannot be found or read.
        SettingsError: a chosen role, heading or format does not exist.
    """
    said, rules, decisions = with_preset(source.headings, source.joined.roles, settings)
    if "order" not in said:
        refuse_customers(source.headings, source.sample)
    columns = map_columns(source.headings, said, source.sample)
    dated: tuple[Finding, ...] = ()
    if "date" not in said:
        columns, of_date, dated = find_date_column(source.sample, columns, table)
        decisions += of_date
    formats = find_value_formats(
        source.sample, columns, table, settings.source, from_all_lines=from_all_lines
    )
    rules, findings = notes.trusted_rules(source.sample, columns, rules)
    if rules.drop_copies:
        is_later = ibis.row_number().over(ibis.window(group_by=list(table.columns))) > 0
        table = table.mutate(**{IS_COPY: is_later})
    meaning = Meaning(source, table, columns, formats, rules, decisions, (*dated, *findings))
    meaning = _settle(_lay_out_rows(meaning), said, settings.source.amount_is)
    if set(meaning.columns.numbers) != set(columns.numbers):  # others count than were looked at
        formats = find_value_formats(
            source.sample, meaning.columns, table, settings.source, from_all_lines=from_all_lines
        )
        meaning = dataclasses.replace(meaning, formats=formats)
    meaning = _with_marks(meaning)
    Engine(table.get_backend().con).drop(*_EVIDENCE)
    formats = dataclasses.replace(meaning.formats, are_packed=source.kind == "typed")
    return dataclasses.replace(meaning, formats=formats)


def _with_marks(meaning: Meaning) -> Meaning:
    """Take what columns of marks say for the status of their lines."""
    table, columns, decisions = mark_flagged(
        meaning.table, meaning.source.sample, meaning.columns, meaning.formats, meaning.rules
    )
    decisions = (*meaning.decisions, *decisions)
    return dataclasses.replace(meaning, table=table, columns=columns, decisions=decisions)


def _lay_out_rows(meaning: Meaning) -> Meaning:
    """Mark rows that add up others, and carry down what stands on an order's first row only."""
    backend, formats, columns = meaning.table.get_backend(), meaning.formats, meaning.columns
    engine = Engine(backend.con)
    with engine.in_order():
        first = meaning.table.limit(_FIRST_LINES).mutate(**{LINE: ibis.row_number()})
        source, first = hold(meaning.source, "first_lines", first)
    meaning = dataclasses.replace(meaning, source=source)
    hold(source, "row_cells", rows.cells_of(first, columns, formats))
    totals = rows.total_lines(engine)
    if totals:
        meaning = _with_totals(meaning)
        first = backend.table("first_lines_marked")
        hold(source, "row_cells", rows.cells_of(first, columns, formats))
    carried = rows.blanks_are_carried(engine)
    if carried:
        return _with_carried(meaning, carried)
    if columns.order:
        columns = dataclasses.replace(columns, per_order=rows.told_once(engine))
    return dataclasses.replace(meaning, columns=columns)


def _numbered(meaning: Meaning) -> Meaning:
    """Hold all rows with their numbers, in the order in which they stand in the file."""
    if LINE in meaning.table.columns:
        return meaning
    engine = Engine(meaning.table.get_backend().con)
    with engine.in_order():
        numbered = meaning.table.mutate(**{LINE: ibis.row_number()})
        source, table = hold(meaning.source, NUMBERED, numbered)
    return dataclasses.replace(meaning, source=source, table=table)


def _with_totals(meaning: Meaning) -> Meaning:
    meaning = _numbered(meaning)
    engine = Engine(meaning.table.get_backend().con)
    hold(
        meaning.source, "row_cells", rows.cells_of(meaning.table, meaning.columns, meaning.formats)
    )
    totals = rows.total_lines(engine)
    table = meaning.table.mutate(**{IS_TOTAL: meaning.table[LINE].isin(totals)})
    marked = table.limit(_FIRST_LINES)
    with engine.in_order():
        hold(meaning.source, "first_lines_marked", marked)
    decided = f"{len(totals):,} rows add up others, and are not counted"
    return _with_decision(
        meaning, Decision("totals", decided, "their words say so, or their sums"), table
    )


def _with_carried(meaning: Meaning, carried: tuple[int, int]) -> Meaning:
    meaning = _numbered(meaning)
    columns = meaning.columns
    known = known_columns(meaning.source.headings)
    named = (
        columns.order,
        columns.date,
        *people.people_of(known, columns, meaning.source.sample),
        columns.country,
    )
    headings = [heading for heading in dict.fromkeys((*named, columns.status)) if heading]
    table = rows.carry_down(meaning.table, headings)
    blank_count, count = carried
    decided = f"{', '.join(map(quoted, headings))} are carried down from an order's first row"
    why = f"all of them are empty on {blank_count:,} of {count:,} rows"
    return _with_decision(meaning, Decision("rows", decided, why), table)


def _with_decision(meaning: Meaning, decision: Decision, table: Table) -> Meaning:
    decisions = (*meaning.decisions, decision)
    return dataclasses.replace(meaning, decisions=decisions, table=table)


def _settle(meaning: Meaning, said: Mapping[str, str], amount_is: str | None) -> Meaning:
    """Settle what the columns mean by the first lines."""
    source, columns, rules = meaning.source, meaning.columns, meaning.rules
    known = known_columns(source.headings)
    if "type" not in said:
        columns = dataclasses.replace(columns, type=rows.type_column(source.sample, known))
    names = people.people_of(known, columns, meaning.source.sample)
    engine = _hold_evidence(dataclasses.replace(meaning, columns=columns), names)
    money = amounts.weigh_money(engine, source.headings, known)
    if columns.amount == columns.unit_price:
        columns = dataclasses.replace(columns, unit_price=None)
    columns, decisions = amounts.settle_amount(money, columns, said, amount_is)
    basis = amounts.PIECES if columns.amount is None else money.place(columns.amount)
    types = sorted({t.strip() for t in source.sample.get(columns.type or "", ())} - {""})
    columns, rules, of_rows = rows.settle_kinds(engine, basis, columns, rules, types)
    columns, of_discount = amounts.settle_discount(money, columns, said)
    columns = amounts.settle_refund(money, columns)
    found = people.look_at_people(engine, names, known)
    columns, of_people, findings = people.settle_customer(found, columns, said, rules.guest_key)
    return dataclasses.replace(
        meaning,
        columns=columns,
        rules=rows.settle_statuses(source.sample, columns, rules),
        unused=tuple(amounts.unused_money(money, columns)),
        decisions=(*meaning.decisions, *decisions, *of_rows, *of_discount, *of_people),
        findings=(*meaning.findings, *findings),
    )


def _hold_evidence(meaning: Meaning, names: tuple[str, ...]) -> Engine:
    """Hold the first lines as evidence: what they belong to, their numbers, their people."""
    table, columns, formats = meaning.table, meaning.columns, meaning.formats
    engine = Engine(table.get_backend().con)
    if LINE in table.columns:
        with engine.in_order():
            hold(meaning.source, "first_lines", table.limit(_FIRST_LINES))
    first = table.get_backend().table("first_lines")
    if IS_TOTAL in first.columns:
        first = first.filter(~first[IS_TOTAL])
    # Copies of a line would look like a total on each line.
    content = [name for name in first.columns if name not in {LINE, IS_COPY}]
    first = _of_one_part(first.distinct(on=content, keep="first"), columns.order)
    product = ibis.coalesce(
        *(identifier(first[h]) for h in (columns.product, columns.product_name) if h),
        ibis.null("string"),
    )
    has_products = columns.product or columns.product_name
    kind = product.isnull().ifelse("", "product") if has_products else ibis.literal("product")
    order = first[LINE].cast("string")
    lines = first.select(
        line=first[LINE],
        order_id=order if columns.order is None else identifier(first[columns.order]),
        product=product,
        kind=kind if columns.type is None else first[columns.type].cast("string").strip(),
        quantity=formats.number(first, columns.quantity),
        **_numbers_of(first, meaning),
        **{f"p{i}": identifier(first[name]).lower() for i, name in enumerate(names)},
    )
    hold(meaning.source, "evidence_lines", lines)
    return engine


def _of_one_part(first: Table, order: str | None) -> Table:
    """Keep of each order the lines of one file: another may hold them again."""
    if VIEW_PART not in first.columns or order is None:
        return first
    of_order = ibis.window(group_by=identifier(first[order]))
    return first.filter(first[VIEW_PART] == first[VIEW_PART].min().over(of_order))


def _numbers_of(first: Table, meaning: Meaning) -> dict[str, Column]:
    """Return the numbers of each line, by the places of their columns; -1 is the product."""
    columns, formats = meaning.columns, meaning.formats
    no_numbers = {columns.order, columns.date, columns.customer, columns.product}
    numbers = {
        str(place): formats.number(first, heading)
        for place, heading in enumerate(meaning.source.headings)
        if heading in formats.decimals and heading not in no_numbers
    }
    price = formats.number(first, columns.unit_price)
    return numbers | {str(amounts.PIECES): formats.number(first, columns.quantity) * price}
