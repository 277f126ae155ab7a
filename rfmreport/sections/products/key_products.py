"""Key products: of what most pieces went out lately, to which segments, and how unevenly."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.sections.plan.demand_figures import KeyProduct, KeyProducts
from rfmreport.source.sold import (
    BUYER,
    ORDER,
    PRODUCT,
    SOLD_ON,
)
from rfmreport.vocabulary import (
    ORDER_COUNT,
    PRODUCT_CODE,
    PRODUCT_NAME,
    QUANTITY,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Table

WEEK_COUNT = 13
SHOWN_COUNT = 15
_CUSTOMER_COUNT = "customer_count"
_WEEK = "week"


def tell_key_products(
    sold: Table, products: Table, buyers: Table, until: date, names: Sequence[str]
) -> KeyProducts | None:
    """Return the products of which most pieces went out in the last weeks before `until`.

    None where none did, or the source counts no pieces. `sold` as from `sold.sold_lines`;
    `products` with product, product_code and product_name; `buyers` as from
    `sold.number_customers`; segments in the order of `names`.
    """
    first_day = until - timedelta(weeks=WEEK_COUNT)
    recent = sold.filter((sold[SOLD_ON] >= first_day) & (sold[SOLD_ON] < until))
    recent = recent.filter(recent[PRODUCT].notnull() & recent[QUANTITY].notnull())
    top = _list_top(recent, products)
    if not top:
        return None
    by_product: dict[int, list[Mapping[str, Any]]] = {row[PRODUCT]: [] for row in top}
    numbers = [ibis.literal(number, type="uint64") for number in by_product]
    for row in _by_week(recent.filter(recent[PRODUCT].isin(numbers)), buyers, first_day):
        by_product[row[PRODUCT]].append(row)
    return KeyProducts(
        first_day=first_day,
        last_day=until - timedelta(days=1),
        week_count=WEEK_COUNT,
        segments=tuple(names),
        rows=tuple(_key_product(row, by_product[row[PRODUCT]], first_day, names) for row in top),
        product_count=top[0]["product_count"],
        quantity=float(top[0]["total"]),
    )


def _list_top(recent: Table, products: Table) -> list[dict[str, Any]]:
    """Return the products with most pieces, and how many products and pieces there are in all."""
    counted = recent.group_by(PRODUCT).agg(
        **{
            QUANTITY: recent[QUANTITY].sum(),
            ORDER_COUNT: recent[ORDER].nunique(),
            _CUSTOMER_COUNT: recent[BUYER].nunique(),
        }
    )
    everything = ibis.window()
    counted = counted.mutate(
        product_count=counted.count().over(everything),
        total=counted[QUANTITY].sum().over(everything),
    )
    counted = counted.filter(counted[QUANTITY] > 0)
    named = counted.join(products.select(PRODUCT, PRODUCT_CODE, PRODUCT_NAME), PRODUCT)
    most = named.order_by(ibis.desc(QUANTITY), PRODUCT_CODE, PRODUCT_NAME).limit(SHOWN_COUNT)
    rows: list[dict[str, Any]] = fetch_rows(most)
    return rows


def _by_week(lines: Table, buyers: Table, first_day: date) -> list[dict[str, Any]]:
    """Return pieces by product, segment and week (0 is the first), and the largest order's."""
    named = lines.join(buyers, BUYER)
    week = named[SOLD_ON].delta(ibis.date(first_day), unit="day") // 7
    by_order = named.group_by(PRODUCT, SEGMENT, ORDER, **{_WEEK: week}).agg(
        **{QUANTITY: named[QUANTITY].sum()}
    )
    counted = by_order.group_by(PRODUCT, SEGMENT, _WEEK).agg(
        pieces=by_order[QUANTITY].sum(), largest=by_order[QUANTITY].max()
    )
    rows: list[dict[str, Any]] = fetch_rows(counted)
    return rows


def _key_product(
    product: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    first_day: date,
    names: Sequence[str],
) -> KeyProduct:
    quantity = product[QUANTITY]
    of_segment = dict.fromkeys(names, 0)
    of_week: dict[int, Any] = dict.fromkeys(range(WEEK_COUNT), 0)
    for row in rows:
        of_segment[row[SEGMENT]] += row["pieces"]
        of_week[row[_WEEK]] += row["pieces"]
    busiest = max(of_week, key=lambda week: (of_week[week], week))
    return KeyProduct(
        code=product[PRODUCT_CODE],
        name=product[PRODUCT_NAME],
        quantity=float(quantity),
        per_week=float(quantity) / WEEK_COUNT,
        order_count=product[ORDER_COUNT],
        customer_count=product[_CUSTOMER_COUNT],
        segment_shares=tuple(float(of_segment[name] / quantity) for name in names),
        busiest_week_on=first_day + timedelta(weeks=busiest),
        busiest_week_quantity=float(of_week[busiest]),
        largest_order_share=float(max(row["largest"] for row in rows) / quantity),
    )
