"""Lines of the source in our own columns and kinds, and which of them stand there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from rfmreport.source.values import MONEY, identifier, plain_text
from rfmreport.vocabulary import (
    AMOUNT,
    CONTACTS,
    COUNTRY,
    CUSTOMER_ID,
    ORDER_ID,
    ORDERED_AT,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    SOURCE_PART,
    STATUS,
    UNIT_PRICE,
    VIEW_PART,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibis.expr.types import Column, Table

    from rfmreport.source.roles import ColumnMap
    from rfmreport.source.value_formats import ValueFormats


IS_CONTRARY = "is_contrary"


def parse_lines(table: Table, columns: ColumnMap, formats: ValueFormats) -> Table:
    """Return one row per source line in our own columns and types; nothing is dropped.

    Columns: customer_id, order_id (the customer and the day where the file names none),
    ordered_at, amount (decimal, null where unreadable), quantity, unit_price, product_code,
    product_name, country, status, source_part, `is_contrary` (the line is written otherwise than
    the first rows), and the contacts that are mapped.
    Wall-clock times are kept: an offset such as +0000 is dropped, because the shop's day is the
    local one.
    """
    customer = identifier(table[columns.customer])
    ordered_at = formats.time(table, columns.date)
    customer_day = customer + "|" + ordered_at.date().cast("string")
    if columns.order is not None:
        order = identifier(table[columns.order]).fill_null(customer_day)
    else:
        order = customer_day
    quantity = formats.number(table, columns.quantity)
    price = formats.number(table, columns.unit_price)
    by_product = columns.amount is None
    amount = quantity * price if by_product else formats.number(table, columns.amount)
    named = {
        CUSTOMER_ID: customer,
        ORDER_ID: order,
        ORDERED_AT: ordered_at,
        AMOUNT: amount.try_cast(MONEY),
        QUANTITY: quantity,
        UNIT_PRICE: price,
    }
    texts = (
        (PRODUCT_CODE, columns.product),
        (PRODUCT_NAME, columns.product_name),
        (COUNTRY, columns.country),
        (STATUS, columns.status),
        (SOURCE_PART, VIEW_PART if VIEW_PART in table.columns else None),
    )
    named |= {name: _optional(table, heading, plain_text, "string") for name, heading in texts}
    named[IS_CONTRARY] = formats.speaks_against(table, columns.date)
    # As an id is read: 4420.0 is a telephone number without the fraction, "N/A" is none.
    named |= {name: identifier(table[getattr(columns, name)]) for name in columns.contacts}
    return table.select(**named)


def mark_repeated(lines: Table) -> Table:
    """Add `is_repeated`: the same line of the same order stands in another file or sheet as well.

    Copies are matched one to one, so an article rung up twice within a file stays twice. Contacts
    may differ: a newer export has the customer's new telephone number.
    """
    per_order = lines.group_by(ORDER_ID).agg(part_count=lines[SOURCE_PART].nunique())
    is_shared = (per_order.part_count > 1) & per_order[ORDER_ID].notnull()
    shared = per_order.filter(is_shared)[ORDER_ID]
    content = [name for name in lines.columns if name not in {SOURCE_PART, *CONTACTS}]
    candidates = lines.filter(lines[ORDER_ID].isin(shared))
    within_part = ibis.window(group_by=[*content, SOURCE_PART], order_by=SOURCE_PART)
    numbered = candidates.mutate(copy_number=ibis.row_number().over(within_part))
    across_parts = ibis.window(group_by=[*content, "copy_number"], order_by=SOURCE_PART)
    marked = numbered.mutate(is_repeated=ibis.row_number().over(across_parts) > 0)
    rest = lines.filter(lines[ORDER_ID].isnull() | lines[ORDER_ID].notin(shared))
    return marked.drop("copy_number").union(rest.mutate(is_repeated=ibis.literal(value=False)))


def _optional(
    table: Table, heading: str | None, read: Callable[[Column], Column], kind: str
) -> Column:
    return ibis.null(kind) if heading is None else read(table[heading])
