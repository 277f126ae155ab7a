"""What was sold: the kept purchases by product, and what products and countries are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis.expr.datatypes import uint64

from rfmreport.cleaning import MONEY
from rfmreport.columns import (
    AMOUNT,
    COUNTRY,
    CUSTOMER_ID,
    EXCLUSION,
    IS_RETURN,
    ORDER_ID,
    ORDERED_AT,
    OTHER_EXCLUSION,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    SEGMENT,
)

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Column, StringValue, Table

# Products, buyers, orders and places are numbers here: 64 bits of the text that names them, for
# counting numbers takes a third of the time. Of a hundred million orders two share a number with a
# chance of one in three thousand; then a product that is in both has one order less.
PRODUCT = "product"
BUYER = "buyer"
ORDER = "order"
PLACE = "place"
SOLD_ON = "sold_on"
MONTH = "month"
FIRST_SOLD_ON = "first_sold_on"
IS_RELABELLED = "is_relabelled"


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), uint64))
def _number(text):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  the signature stands above
    """Return 64 bits of a text (a function of the engine); missing text has a number too."""


@ibis.udf.scalar.builtin(name="hash", signature=(("string", "string"), uint64))
def _number_of_two(first, second):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  as above
    """Return 64 bits of two texts (a function of the engine)."""


def sold_lines(lines: Table) -> Table:
    """Return one row per kept purchase line, returns left out.

    `lines` as from `cleaning.judge_lines`. Columns: product and place (null where the line names
    none), buyer, order, sold_on, amount, quantity.
    """
    bought = lines.filter(_is_kept(lines) & ~lines[IS_RETURN])
    return bought.select(
        bought[AMOUNT],
        **{
            # Exact, so that sums do not depend on the order of the rows.
            QUANTITY: bought[QUANTITY].try_cast(MONEY),
            PRODUCT: _number_or_null(_product_key(bought)),
            PLACE: _number_or_null(bought[COUNTRY]),
            BUYER: _number(bought[CUSTOMER_ID]),
            # An order number may be one of a customer's own: his first, his second.
            ORDER: _number_of_two(bought[CUSTOMER_ID], bought[ORDER_ID]),
            SOLD_ON: bought[ORDERED_AT].date(),
        },
    )


def name_products(lines: Table) -> Table:
    """Return one row per product: what it is called, and since when it is sold.

    `lines` as from `cleaning.judge_lines`. A code in capitals or not is one product; where there is
    no code, the name is the product. Columns: product, product_code (upper case, or ""),
    product_name (the most frequent one of kept lines, of equals the first in the alphabet),
    first_sold_on (also to buyers unknown, and before the window), is_relabelled (an earlier product
    has the same name).
    """
    # Verdicts are asked once per group: once per line takes twice as long.
    verdicts = (EXCLUSION, OTHER_EXCLUSION, IS_RETURN)
    grouped = lines.group_by(PRODUCT_CODE, PRODUCT_NAME, *verdicts).agg(
        line_count=lines.count(), first_on=lines[ORDERED_AT].min().date()
    )
    seen = grouped.filter((_is_kept(grouped) | _is_hidden(grouped)) & ~grouped[IS_RETURN])
    kept_count = _is_kept(seen).ifelse(seen.line_count, 0)
    written = seen.mutate(line_count=kept_count)
    keyed = written.mutate(key=_product_key(written), code=written[PRODUCT_CODE].upper())
    keyed = keyed.filter(keyed.key.notnull())
    counted = keyed.group_by("key", "code", PRODUCT_NAME).agg(
        line_count=keyed.line_count.sum(), first_on=keyed.first_on.min()
    )
    frequent_first = (ibis.desc("line_count"), ibis.asc(PRODUCT_NAME, nulls_first=False))
    ranked = counted.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="key", order_by=frequent_first)),
        **{FIRST_SOLD_ON: counted.first_on.min().over(ibis.window(group_by="key"))},
    )
    chosen = ranked.filter(ranked["rank"] == 0)
    earliest = chosen[FIRST_SOLD_ON].min().over(ibis.window(group_by=PRODUCT_NAME))
    is_relabelled = chosen[PRODUCT_NAME].notnull() & (earliest < chosen[FIRST_SOLD_ON])
    return chosen.select(
        FIRST_SOLD_ON,
        **{
            PRODUCT: _number(chosen.key),
            PRODUCT_CODE: chosen.code.fill_null(""),
            PRODUCT_NAME: chosen[PRODUCT_NAME].coalesce(chosen.key),
            IS_RELABELLED: is_relabelled,
        },
    )


def name_places(lines: Table) -> Table:
    """Return one row per country: place (its number) and country (its name)."""
    kept = lines.filter(_is_kept(lines) & lines[COUNTRY].notnull())
    return kept.select(COUNTRY).distinct().mutate(**{PLACE: lambda t: _number(t[COUNTRY])})


def describe_buyers(sold: Table, customers: Table, places: Table) -> Table:
    """Return one row per customer: buyer, segment, and country (where most of his lines went).

    `sold` as from `sold_lines`; `customers` with customer_id and segment; `places` as from
    `name_places`.
    """
    lines = sold.group_by(BUYER, PLACE).agg(line_count=sold.count())
    most = (ibis.desc("line_count"), ibis.asc(PLACE))
    ranked = lines.mutate(rank=ibis.row_number().over(ibis.window(group_by=BUYER, order_by=most)))
    main = ranked.filter(ranked["rank"] == 0).select(BUYER, PLACE)
    named = number_customers(customers)
    return named.join(main, BUYER).left_join(places, PLACE).select(BUYER, SEGMENT, COUNTRY)


def number_customers(customers: Table) -> Table:
    """Return one row per customer: buyer (the number that `sold_lines` knows) and segment."""
    return customers.select(SEGMENT, **{BUYER: _number(customers[CUSTOMER_ID])})


def number_orders(orders: Table) -> Table:
    """Add buyer and order, the numbers that `sold_lines` knows them by."""
    customer, order = orders[CUSTOMER_ID], orders[ORDER_ID]
    return orders.mutate(**{BUYER: _number(customer), ORDER: _number_of_two(customer, order)})


def _number_or_null(text: StringValue) -> Column:
    return text.notnull().ifelse(_number(text), ibis.null(uint64))


def _product_key(lines: Table) -> StringValue:
    return lines[PRODUCT_CODE].upper().coalesce(lines[PRODUCT_NAME])


def _is_kept(lines: Table) -> BooleanValue:
    return lines[EXCLUSION].isnull()


def _is_hidden(lines: Table) -> Column:
    """Say which lines only the window or the missing customer took: the product was on sale."""
    other = lines[OTHER_EXCLUSION]
    return lines[EXCLUSION].isin(("before_window", "missing_customer")) & (
        other.isnull() | (other == "missing_customer")
    )
