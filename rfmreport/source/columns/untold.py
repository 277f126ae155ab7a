"""What nobody asked about: columns of money that are not counted, and copies of lines that are."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.source.columns.hints import quoted
from rfmreport.source.expressions import ask_row
from rfmreport.source.formats.values import MONEY, identifier
from rfmreport.vocabulary import AMOUNT, EXCLUSION, IS_RETURN, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ibis.expr.types import Table

    from rfmreport.source.columns.meaning import Meaning

IS_COPY = "rfmreport:is_copy"
"""Whether a row of the source is the same as one before it in every column."""
_OWN_AMOUNT = "rfmreport:amount"
_QUERIES = read_queries(__file__)
_MANY_BYTES = 300_000_000
_SHOWN = 6


def unused_money(meaning: Meaning) -> Iterator[Finding]:
    """Name the columns that look like money and are not counted, each with its sum.

    What a column says on each line of an order counts once.
    """
    table, columns = meaning.table, meaning.columns
    sums = {}
    for i, (heading, is_repeated) in enumerate(meaning.unused):
        value = meaning.formats.number(table, heading)
        if is_repeated and columns.order:
            of_order = ibis.window(group_by=identifier(table[columns.order]), order_by=value)
            value = (ibis.row_number().over(of_order) == 0).ifelse(value, 0)
        sums[f"sum_{i}"] = value.try_cast(MONEY)
    if not sums:
        return
    row = ask_row(table.select(**sums).agg(**{name: ibis._[name].sum() for name in sums}))
    pairs = zip(meaning.unused, row.values(), strict=True)
    told = [f"{quoted(heading)} {amount:,.2f}" for (heading, _), amount in pairs if amount]
    if told:
        rest = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        named = ", ".join(told[:_SHOWN])
        text = f"Columns that look like money and are not counted: {named}{rest}."
        yield Finding("unused_money", "note", text)


def copies(meaning: Meaning, lines: Table | None) -> Iterator[Finding]:
    """Tell lines that are the same as another one in every column, and their money.

    `lines` are the judged ones where the engine holds them: they do where all columns are mapped.
    """
    rows = _marks_of_lines(meaning, lines)
    if rows is None:
        rows = _marks_of_source(meaning)
    if rows is None:
        return
    engine = Engine(meaning.table.get_backend().con)
    engine.define("row_marks", rows)
    found = engine.row(_QUERIES["copies"])
    if found["line_count"]:
        text = (
            "Lines that are exact copies of another line of their file count as often as they "
            "stand there; --drop-copies counts them once."
        )
        kept = engine.value("SELECT sum(amount) FROM orders WHERE exclusion IS NULL") or Decimal(1)
        severity = "warning" if found["amount"] > kept / 100 else "note"
        yield Finding("copies", severity, text, found["line_count"], found["amount"])  # type: ignore[arg-type]


def _marks_of_lines(meaning: Meaning, lines: Table | None) -> str | None:
    """Return the marks of judged lines; None where they leave out a column of the source."""
    if lines is None:
        return None
    kept = lines.filter(lines[EXCLUSION].isnull() & ~lines[IS_RETURN])
    marks = _marked(kept, kept.columns)
    headings = {heading for _, heading in meaning.columns.used()}
    if headings >= set(meaning.source.headings):
        return marks
    engine = Engine(lines.get_backend().con)
    engine.define("row_marks", marks)
    return marks if not engine.row(_QUERIES["copies"])["line_count"] else None


def _marks_of_source(meaning: Meaning) -> str | None:
    """Return the marks of the source's rows; None where there are too many to read again."""
    source = meaning.source
    if sum(path.stat().st_size for path in set(source.files)) > _MANY_BYTES:
        return None
    table, columns, formats = meaning.table, meaning.columns, meaning.formats
    if columns.amount is None:
        amount = formats.number(table, columns.quantity) * formats.number(table, columns.unit_price)
    else:
        amount = formats.number(table, columns.amount)
    rows = table.mutate(**{_OWN_AMOUNT: amount.try_cast(MONEY)})
    names = tuple(name for name in table.columns if not name.startswith("rfmreport:"))
    return _marked(rows, names, _OWN_AMOUNT)


def _marked(rows: Table, names: tuple[str, ...], amount: str = AMOUNT) -> str:
    """Return the query of what marks a row, and of its money."""
    content = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    compiled = rows.get_backend().compile(rows)
    return f'SELECT hash({content}) AS mark, "{amount}" AS amount FROM ({compiled})'  # noqa: S608
