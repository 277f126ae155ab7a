"""Products that buyers come back for: bought again on another day, within the same time for all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import FEWEST_CUSTOMERS, estimate_share
from rfmreport.sections.products.habits import RepeatedProduct, RepeatedProducts
from rfmreport.source.sold import (
    BUYER,
    ORDER,
    PRODUCT,
    SOLD_ON,
)
from rfmreport.vocabulary import PRODUCT_CODE, PRODUCT_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ibis.expr.types import Table

MOST_PRODUCTS = 2_000
SHOWN_COUNT = 15
_BUYER_COUNT, _AGAIN_COUNT, _GAP_DAYS = "buyer_count", "again_count", "gap_days"


def tell_repeated(
    sold: Table, products: Table, until: date, watched_days: int
) -> RepeatedProducts | None:
    """Return the products that most buyers come back for; None where none has enough buyers.

    `sold` as from `sold.sold_lines`, `products` with product, product_code and product_name;
    `until` is the first day that the data do not cover. An order counts on the day of its first
    line, so one that spans midnight is not bought again.
    """
    rows = _count(sold, products, until, watched_days)
    told = [_product(row) for row in rows]
    if not told:
        return None
    ranked = sorted(told, key=lambda one: (-one.share.low, -one.share.value, one.code, one.name))
    again_count = sum(one.again_count for one in told)
    return RepeatedProducts(
        rows=tuple(one for one in ranked if one.again_count)[:SHOWN_COUNT],
        product_count=len(told),
        watched_days=watched_days,
        overall=estimate_share(again_count, sum(one.share.customer_count for one in told)),
    )


def _count(sold: Table, products: Table, until: date, watched_days: int) -> list[dict[str, Any]]:
    """Return one row per product: buyers who were watched, and who of them bought it again."""
    named = sold.filter(sold[PRODUCT].notnull())
    by_order = named.group_by(PRODUCT, BUYER, ORDER).agg(day=named[SOLD_ON].min())
    days = by_order.select(PRODUCT, BUYER, "day").distinct()
    in_order = ibis.window(group_by=[PRODUCT, BUYER], order_by="day")
    placed = days.mutate(
        place=ibis.row_number().over(in_order), next_day=days.day.lead().over(in_order)
    )
    first = placed.filter((placed.place == 0) & (placed.day < until - timedelta(days=watched_days)))
    gap = first.next_day.delta(first.day, unit="day")
    first = first.mutate(**{_GAP_DAYS: (gap <= watched_days).ifelse(gap, ibis.null("int64"))})
    counted = first.group_by(PRODUCT).agg(
        **{
            _BUYER_COUNT: first.count(),
            _AGAIN_COUNT: first[_GAP_DAYS].count(),
            _GAP_DAYS: first[_GAP_DAYS].median(),
        }
    )
    enough = counted.filter(counted[_BUYER_COUNT] >= FEWEST_CUSTOMERS)
    told = enough.join(products.select(PRODUCT, PRODUCT_CODE, PRODUCT_NAME), PRODUCT)
    most = told.order_by(ibis.desc(_BUYER_COUNT), PRODUCT_CODE, PRODUCT_NAME).limit(MOST_PRODUCTS)
    rows: list[dict[str, Any]] = fetch_rows(most)
    return rows


def _product(row: Mapping[str, Any]) -> RepeatedProduct:
    return RepeatedProduct(
        code=row[PRODUCT_CODE],
        name=row[PRODUCT_NAME],
        share=estimate_share(row[_AGAIN_COUNT], row[_BUYER_COUNT]),
        again_count=row[_AGAIN_COUNT],
        median_gap_days=float(row[_GAP_DAYS] or 0),
    )
