"""What was sold: the kept purchases by product, and what products and countries are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis.expr.datatypes import uint64

from rfmreport.engine.ask import read_queries
from rfmreport.source.values import MONEY
from rfmreport.vocabulary import (
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
    from ibis.expr.types import BooleanScalar, BooleanValue, Column, StringValue, Table

    from rfmreport.engine.ask import Engine

# Products, buyers, orders and places are numbers here: 64 bits of the text that names them, for
# counting numbers takes a third of the time. Of a hundred million orders two share a number with a
# chance of one in three thousand; then a product that is in both has one order less.
PRODUCT = "product"
BUYER = "buyer"
ORDER = "order"
PLACE = "place"
SOLD_ON = "sold_on"
FIRST_SOLD_ON = "first_sold_on"
IS_RELABELLED = "is_relabelled"
NAMESAKE, NAMESAKE_CODE = "namesake", "namesake_code"
_KEY, _CODE, _ALONE = "key", "code", "alone"


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), uint64))
def _number(text):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  the signature stands above
    """Return 64 bits of a text (a function of the engine); missing text has a number too."""


@ibis.udf.scalar.builtin(name="hash", signature=(("string", "string"), uint64))
def _number_of_two(first, second):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  as above
    """Return 64 bits of two texts (a function of the engine)."""


_HELD = ("product_labels", "namesakes", "sold", "product_names", "places", "baskets", "buyers")


def hold_sold(engine: Engine) -> None:
    """Hold the tables that all questions about products and countries are put to.

    They are made from the `lines` that were judged, and from `customers` with their segments.
    """
    queries = read_queries(__file__)
    for name in _HELD:
        engine.hold(name, queries[name])


def label_products(lines: Table) -> Table:
    """Return one row per code, name and verdict, as they are written: small, and asked twice.

    `lines` as from `verdicts.judge_lines`. It has to be held before it is asked: the engine would
    ask the verdicts once per line, which takes twice as long.
    """
    verdicts = (EXCLUSION, OTHER_EXCLUSION, IS_RETURN)
    return lines.group_by(PRODUCT_CODE, PRODUCT_NAME, *verdicts).agg(
        line_count=lines.count(), first_on=lines[ORDERED_AT].min().date()
    )


def has_both_kinds(labels: Table) -> BooleanScalar:
    """Say whether some labels are a name alone and some a code: only then can two be the same."""
    is_coded = labels[PRODUCT_CODE].notnull()
    return is_coded.any() & (~is_coded & labels[PRODUCT_NAME].notnull()).any()


def find_namesakes(labels: Table) -> Table:
    """Return the names that stand alone on some lines and with a code on others: the same product.

    `labels` as from `label_products`. Columns: namesake (the name), namesake_code (the code that it
    has on most lines, of equals the first).
    """
    on_sale = _on_sale(labels)
    alone = on_sale.filter(on_sale[PRODUCT_CODE].isnull()).select(PRODUCT_NAME).distinct()
    coded = on_sale.filter(on_sale[PRODUCT_CODE].notnull() & on_sale[PRODUCT_NAME].notnull())
    coded = coded.mutate(code=coded[PRODUCT_CODE].upper())
    counted = coded.group_by(PRODUCT_NAME, "code").agg(line_count=coded.line_count.sum())
    most = (ibis.desc("line_count"), ibis.asc("code"))
    chosen = counted.group_by(PRODUCT_NAME).agg(code=counted.code.first(order_by=most))
    found = chosen.semi_join(alone, PRODUCT_NAME)
    return found.select(**{NAMESAKE: found[PRODUCT_NAME], NAMESAKE_CODE: found.code})


def sold_lines(lines: Table, namesakes: Table | None = None) -> Table:
    """Return one row per kept purchase line, returns left out.

    `lines` as from `verdicts.judge_lines`, `namesakes` as from `find_namesakes` if there are any.
    Columns: product and place (null where the line names none), buyer, order, sold_on, amount,
    quantity.
    """
    bought = lines.filter(_is_kept(lines) & ~lines[IS_RETURN])
    bought = _with_key(bought, namesakes)
    return bought.select(
        bought[AMOUNT],
        **{
            # Exact, so that sums do not depend on the order of the rows.
            QUANTITY: bought[QUANTITY].try_cast(MONEY),
            PRODUCT: _number_or_null(bought[_KEY]),
            PLACE: _number_or_null(bought[COUNTRY]),
            BUYER: _number(bought[CUSTOMER_ID]),
            # An order number may be one of a customer's own: his first, his second.
            ORDER: _number_of_two(bought[CUSTOMER_ID], bought[ORDER_ID]),
            SOLD_ON: bought[ORDERED_AT].date(),
        },
    )


def name_products(labels: Table, namesakes: Table | None = None) -> Table:
    """Return one row per product: what it is called, and since when it is sold.

    `labels` as from `label_products`, `namesakes` as from `find_namesakes` if there are any. A code
    in capitals or not is one product; where there is no code, the name is the product, unless a
    code has it elsewhere. Columns: product, product_code (upper case, or ""), product_name (the
    most frequent one of kept lines, of equals the first in the alphabet), first_sold_on (also to
    buyers unknown, and before the window), is_relabelled (an earlier product has the same name).
    """
    keyed = _with_key(_on_sale(labels), namesakes)
    keyed = keyed.filter(keyed[_KEY].notnull())
    counted = keyed.group_by(_KEY, _CODE, PRODUCT_NAME).agg(
        line_count=_is_kept(keyed).ifelse(keyed.line_count, 0).sum(), first_on=keyed.first_on.min()
    )
    frequent_first = (ibis.desc("line_count"), ibis.asc(PRODUCT_NAME))
    called = counted.group_by(_KEY, _CODE).agg(
        **{
            PRODUCT_NAME: counted[PRODUCT_NAME].first(order_by=frequent_first),
            FIRST_SOLD_ON: counted.first_on.min(),
        }
    )
    earliest = called[FIRST_SOLD_ON].min().over(ibis.window(group_by=PRODUCT_NAME))
    is_relabelled = called[PRODUCT_NAME].notnull() & (earliest < called[FIRST_SOLD_ON])
    return called.select(
        FIRST_SOLD_ON,
        **{
            PRODUCT: _number(called[_KEY]),
            PRODUCT_CODE: called[_CODE].fill_null(""),
            PRODUCT_NAME: called[PRODUCT_NAME].coalesce(called[_KEY]),
            IS_RELABELLED: is_relabelled,
        },
    )


def name_places(lines: Table) -> Table:
    """Return one row per country: place (its number) and country (its name)."""
    kept = lines.filter(_is_kept(lines) & lines[COUNTRY].notnull())
    return kept.select(COUNTRY).distinct().mutate(**{PLACE: lambda t: _number(t[COUNTRY])})


def fill_baskets(sold: Table) -> Table:
    """Return one row per order and country: what counting orders and buyers needs, far smaller.

    `sold` as from `sold_lines`. Columns: buyer, order, place, amount, line_count, named_count
    (lines that name a product) and named_amount.
    """
    is_named = sold[PRODUCT].notnull()
    return sold.group_by(BUYER, ORDER, PLACE).agg(
        **{AMOUNT: sold[AMOUNT].sum()},
        line_count=sold.count(),
        named_count=is_named.sum(),
        named_amount=sold[AMOUNT].sum(where=is_named),
    )


def describe_buyers(baskets: Table, customers: Table, places: Table) -> Table:
    """Return one row per customer: buyer, segment, and country (where most of his lines went).

    `baskets` as from `fill_baskets`; `customers` with customer_id and segment; `places` as from
    `name_places`.
    """
    lines = baskets.group_by(BUYER, PLACE).agg(line_count=baskets.line_count.sum())
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


def _with_key(labelled: Table, namesakes: Table | None) -> Table:
    """Add the code in capitals, and the text that tells a product: the code, or else the name."""
    code, name = labelled[PRODUCT_CODE].upper(), labelled[PRODUCT_NAME]
    if namesakes is None:
        return labelled.mutate(**{_CODE: code, _KEY: code.coalesce(name)})
    alone = labelled.mutate(**{_ALONE: code.isnull().ifelse(name, ibis.null("string"))})
    both = alone.left_join(namesakes, alone[_ALONE] == namesakes[NAMESAKE])
    code = both[PRODUCT_CODE].upper().coalesce(both[NAMESAKE_CODE])
    return both.mutate(**{_CODE: code, _KEY: code.coalesce(both[PRODUCT_NAME])})


def _on_sale(labels: Table) -> Table:
    """Return the labels under which something was sold, also to buyers unknown."""
    return labels.filter((_is_kept(labels) | _is_hidden(labels)) & ~labels[IS_RETURN])


def _is_kept(lines: Table) -> BooleanValue:
    return lines[EXCLUSION].isnull()


def _is_hidden(lines: Table) -> Column:
    """Say which lines only the window or the missing customer took: the product was on sale."""
    other = lines[OTHER_EXCLUSION]
    return lines[EXCLUSION].isin(("before_window", "missing_customer")) & (
        other.isnull() | (other == "missing_customer")
    )
