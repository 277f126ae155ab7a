"""Lines of the source in our own columns and kinds, and which of them stand there twice."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import ibis

from rfmreport.source.columns.rows import IS_TOTAL
from rfmreport.source.columns.untold import IS_COPY
from rfmreport.source.formats.values import MONEY
from rfmreport.vocabulary import (
    AMOUNT,
    CONTACTS,
    COUNTRY,
    CUSTOMER_ID,
    DISCOUNT,
    IS_OTHER_CURRENCY,
    ORDER_COUNT,
    ORDER_ID,
    ORDERED_AT,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    REFUND,
    ROW_TYPE,
    SOURCE_PART,
    STATUS,
    UNIT_PRICE,
    VIEW_PART,
)

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

    from rfmreport.source.columns.roles import ColumnMap
    from rfmreport.source.formats.value_formats import ValueFormats


IS_CONTRARY = "is_contrary"


def parse_lines(table: Table, columns: ColumnMap, formats: ValueFormats) -> Table:
    """Return one row per source line in our own columns and types; nothing is dropped.

    Columns: customer_id, order_id (the customer and the day where the file names none),
    ordered_at, amount (decimal, null where unreadable, less what `deductions` take off), quantity,
    unit_price, product_code, product_name, country, status, row_type, source_part, `is_contrary`
    (the line is written otherwise than the first rows), the deductions and the refund that are
    mapped, in money, the contacts that are mapped, and order_count, where a row is a customer.
    Wall-clock times are kept: an offset such as +0000 is dropped, because the shop's day is the
    local one.
    """
    ordered_at = formats.time(table, columns.date)
    customer = customer_of(table, columns, formats)
    order = None if columns.order is None else formats.id(table, columns.order)
    if order is not None and "date" in columns.per_order:
        ordered_at = ordered_at.coalesce(ordered_at.max().over(ibis.window(group_by=order)))
    if order is not None and "customer" in columns.per_order:
        customer = customer.coalesce(customer.max().over(ibis.window(group_by=order)))
    customer_day = customer + "|" + ordered_at.date().cast("string")
    quantity = formats.number(table, columns.quantity)
    price = formats.number(table, columns.unit_price)
    by_product = columns.amount is None
    amount = quantity * price if by_product else formats.number(table, columns.amount)
    is_another = formats.currency.is_another(table)
    if is_another is not None:
        amount = is_another.ifelse(ibis.null("float64"), amount)  # it cannot be added up
    named = {
        CUSTOMER_ID: customer,
        ORDER_ID: customer_day if order is None else order.fill_null(customer_day),
        ORDERED_AT: ordered_at,
        AMOUNT: amount.try_cast(MONEY),
        QUANTITY: quantity,
        UNIT_PRICE: price,
    }
    if columns.order_count:
        named[ORDER_COUNT] = formats.number(table, columns.order_count)
    named |= _texts(table, columns, formats)
    named[IS_CONTRARY] = formats.speaks_against(table, columns)
    if is_another is not None:
        named[IS_OTHER_CURRENCY] = is_another
    marks = (("is_total", IS_TOTAL), ("is_copy", IS_COPY))
    named |= {name: table[mark] for name, mark in marks if mark in table.columns}
    taken = (*columns.deductions, *((REFUND,) if columns.refund else ()))
    named |= {role: formats.number(table, getattr(columns, role)).abs() for role in taken}
    return taken_off(table.select(**named), columns)


def _texts(table: Table, columns: ColumnMap, formats: ValueFormats) -> dict[str, Column]:
    texts = (
        (PRODUCT_CODE, columns.product),
        (PRODUCT_NAME, columns.product_name),
        (COUNTRY, columns.country),
        (STATUS, columns.status),
        (ROW_TYPE, columns.type),
        (SOURCE_PART, VIEW_PART if VIEW_PART in table.columns else None),
    )
    named = {name: formats.text(table, heading) for name, heading in texts}
    # As an id is read: 4420.0 is a telephone number without the fraction, "N/A" is none.
    contacts = ((name, getattr(columns, name)) for name in columns.contacts)
    return named | {name: formats.id(table, heading) for name, heading in contacts}


def customer_of(table: Table, columns: ColumnMap, formats: ValueFormats) -> Column:
    """Return who bought: an id, or an e-mail address in small letters.

    A guest is whom the e-mail beside the shared id names: the customer who has it elsewhere too,
    else the address itself; nobody where there is none.
    """
    customer = formats.id(table, columns.customer)
    if columns.are_emails:
        customer = customer.lower()
    known = customer
    if columns.guests:
        known = customer.lower().isin(columns.guests).ifelse(ibis.null("string"), customer)
    if columns.guest_email is None:
        return known
    email = formats.id(table, columns.guest_email).lower()
    elsewhere = known.min().over(ibis.window(group_by=email))
    return ibis.coalesce(known, email.isnull().ifelse(ibis.null("string"), elsewhere), email)


def taken_off(lines: Table, columns: ColumnMap) -> Table:
    """Take what the deductions say off the amount, and say them and the refund in money.

    What a column says of a whole order is shared out among its lines by their amounts.
    """
    amount = lines[AMOUNT].cast("float64")
    taken = {}
    for role in columns.deductions:
        if role == DISCOUNT and columns.whole_discount:
            money = amount * lines[role] / columns.whole_discount
        else:
            money = _shared_out(lines, role, amount) if role in columns.per_order else lines[role]
        taken[role] = _money(money, lines)
    if taken:
        lines = lines.mutate(**taken)
        net = functools.reduce(lambda left, role: left - lines[role], taken, lines[AMOUNT])
        lines = lines.mutate(**{AMOUNT: net.cast(MONEY)})
    if columns.refund:
        amount = lines[AMOUNT].cast("float64")
        is_shared = REFUND in columns.per_order
        money = _shared_out(lines, REFUND, amount) if is_shared else lines[REFUND]
        lines = lines.mutate(**{REFUND: _money(money, lines)})
    return lines


def _money(value: Column, lines: Table) -> Column:
    money = value.fill_null(0).round(4).try_cast(MONEY).fill_null(0)
    return lines[AMOUNT].isnull().ifelse(ibis.literal(0).cast(MONEY), money)


def _shared_out(lines: Table, role: str, amount: Column) -> Column:
    """Share an order's money out by its lines' amounts, so that the parts add up to it."""
    order = [CUSTOMER_ID, ORDER_ID]
    of_order = ibis.window(group_by=order)
    told = [AMOUNT, PRODUCT_CODE, PRODUCT_NAME, QUANTITY, ORDERED_AT]  # lines that tie are equal
    so_far = ibis.cumulative_window(group_by=order, order_by=told)
    whole = amount.sum().over(of_order).nullif(0)
    money, reached = lines[role].max().over(of_order), amount.sum().over(so_far)
    before = reached - amount
    return (money * reached / whole).round(4) - (money * before / whole).round(4)


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
