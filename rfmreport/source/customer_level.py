"""Tables with one row per customer already: read as they stand, for there are no orders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.errors import InputError, SettingsError
from rfmreport.source.columns.customers import map_customers
from rfmreport.source.evidence import Decision
from rfmreport.source.expressions import hold
from rfmreport.source.formats.strays import end_before_strays
from rfmreport.source.formats.value_formats import find_value_formats
from rfmreport.source.formats.values import identifier
from rfmreport.source.lines import parse_lines
from rfmreport.source.verdicts import Window, judge_lines
from rfmreport.vocabulary import ORDER_COUNT, Finding

if TYPE_CHECKING:
    from datetime import date

    from ibis.expr.types import Column, Table

    from rfmreport.settings import CleaningSettings, Settings
    from rfmreport.source.audit import Audit, AuditRow
    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import ValueFormats
    from rfmreport.source.reading import Source

_QUERIES = read_queries(__file__)
_LAST_ORDER, _SPENT, _ORDERS = (f"rfmreport:{name}" for name in ("last order", "spent", "orders"))
AS_THEY_STAND = Finding(
    "customer_level",
    "note",
    "The source has one row per customer: last order, number of orders and spend are taken as they "
    "stand there, and what needs the orders themselves is not told.",
)
_LABELS = {
    "unreadable_date": "Last order missing or unreadable",
    "unreadable_amount": "Spend missing or unreadable",
    "non_positive_price": "Nothing spent",
    "after_as_of": "Last order on or after the as-of date",
}
"""Verdicts of a line, as they are told of a customer."""


@dataclass(frozen=True)
class Customers:
    """The rows of such a table with their verdicts: a customer each, `order_count` beside them.

    `ordered_at` is the last order, `amount` all that was spent. `as_of` is the day that the table
    counts its days to, or that the user said; None for the day after the last order.
    """

    lines: Table
    columns: ColumnMap
    formats: ValueFormats
    window: Window
    decisions: tuple[Decision, ...]
    strayed: date | None


def judge_customers(table: Table, source: Source, settings: Settings) -> Customers:
    """Give each row of such a table its verdict.

    Raises:
        InputError: a column cannot be found or read; a customer stands there twice; nobody knows
            to which day the days since the last order are counted.
        SettingsError: a chosen role or heading does not exist, or a choice needs orders.
    """
    rules = settings.cleaning
    _refuse_windows(rules)
    columns = map_customers(source.headings, source.joined.roles, source.sample)
    formats = find_value_formats(
        source.sample, columns, table, settings.source, from_all_lines=True
    )
    engine = Engine(table.get_backend().con)
    as_of, decisions = _as_of(engine, table, columns, formats, rules.as_of)
    read_as = replace(columns, date=_LAST_ORDER, amount=_SPENT, order_count=_ORDERS)
    read = table.mutate(
        **{
            _LAST_ORDER: _last_order(table, columns, formats, as_of),
            _SPENT: _number(table, columns, formats, "amount"),
            _ORDERS: _number(table, columns, formats, ORDER_COUNT),
        }
    )
    source, lines = hold(source, "parsed_lines", parse_lines(read, read_as, formats))
    strayed = None if as_of else end_before_strays(engine, "line_days")
    window = Window(None, as_of or strayed)
    _, lines = hold(source, "judged_lines", judge_lines(lines, read_as, rules, window))
    _refuse_repeated(engine, columns)
    return Customers(lines, columns, formats, window, decisions, strayed)


def told_of_customers(engine: Engine, bridge: Audit) -> Audit:
    """Return the bridge with the orders that the rows count, in the words of such a table."""
    counts = {row["exclusion"]: row["order_count"] for row in engine.rows(_QUERIES["orders"])}

    def told(row: AuditRow) -> AuditRow:
        label = _LABELS.get(str(row.exclusion), row.label)
        parts = tuple(map(told, row.parts))
        return replace(row, label=label, order_count=counts.get(row.exclusion, 0), parts=parts)

    return replace(
        bridge,
        read=replace(bridge.read, order_count=sum(counts.values())),
        excluded=tuple(map(told, bridge.excluded)),
        kept=told(bridge.kept),
    )


def _refuse_windows(rules: CleaningSettings) -> None:
    said = {"--month": rules.month, "--window-months": rules.window_months}
    for option in (name for name, value in said.items() if value):
        message = (
            f"{option} needs the orders: a table with one row per customer counts them all as of "
            "one day; leave it out, or give the orders"
        )
        raise SettingsError(message)


def _as_of(
    engine: Engine, table: Table, columns: ColumnMap, formats: ValueFormats, said: date | None
) -> tuple[date | None, tuple[Decision, ...]]:
    """Return the day to which days are counted; None where only the days of last orders are told.

    Where both are told, the day follows from them.
    """
    days, dates = columns.recency_days, columns.date
    of_rows = Decision("rows", "each is a customer", "as said", "--customer-level")
    if days is None or (said is not None and days != dates):
        return said, (of_rows,)
    if said is not None:
        told = Decision("as of", str(said), "as said", f"--as-of {said}")
        return said, (of_rows, told)
    if days == dates:
        message = (
            f"{days!r} counts days, and nothing says to which; name the day with --as-of, such as "
            "--as-of 2024-01-31"
        )
        raise InputError(message)
    since = _number(table, columns, formats, "recency_days").cast("int64").as_interval("D")
    counted = table.select(counted_on=formats.time(table, dates).date() + since)
    engine.define("counted_to", table.get_backend().compile(counted))
    found = engine.rows(_QUERIES["counted_to"])
    if len(found) != 1:
        raise _disagreeing(days, dates, found)
    day = found[0]["day"]
    why = f"{days} counts to this day from each {dates}"
    return day, (of_rows, Decision("as of", str(day), why, f"--as-of {day}"))


def _disagreeing(days: str, dates: str, found: list[dict[str, object]]) -> InputError:
    told = ", ".join(f"{row['day']} in {row['row_count']:,} rows" for row in found[:3]) or "none"
    return InputError(
        f"{days!r} and {dates!r} do not agree on the day to which days are counted ({told}"
        "); say which with --as-of, and days are counted from the dates"
    )


def _last_order(
    table: Table, columns: ColumnMap, formats: ValueFormats, as_of: date | None
) -> Column:
    if columns.date != columns.recency_days:
        return formats.time(table, columns.date)
    assert as_of is not None  # noqa: S101  refused before
    days = _number(table, columns, formats, "recency_days").round().cast("int64")
    return ibis.timestamp(as_of.isoformat()) - days.as_interval("D")


def _number(table: Table, columns: ColumnMap, formats: ValueFormats, role: str) -> Column:
    """Read what a role says; of several columns the sum, in which an empty cell adds nothing."""
    headings = columns.headings_of(role)
    values = [formats.number(table, heading) for heading in headings]
    if len(values) == 1:
        return values[0]
    are_empty = [identifier(table[heading]).isnull() for heading in headings]
    filled = [
        is_empty.ifelse(ibis.literal(0.0), value)
        for value, is_empty in zip(values, are_empty, strict=True)
    ]
    total = sum(filled[1:], filled[0])
    return ibis.and_(*are_empty).ifelse(ibis.null("float64"), total)


def _refuse_repeated(engine: Engine, columns: ColumnMap) -> None:
    found = engine.row(_QUERIES["repeated"])
    if found["customer_count"]:
        message = (
            f"--customer-level: {found['customer_count']:,} customers in {columns.customer!r} "
            f"stand on several rows, one of them on {found['most']:,}, so a row is not a "
            "customer; leave the option out, or name the column that never repeats with "
            "--map customer=HEADING"
        )
        raise InputError(message)
