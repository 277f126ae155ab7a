"""Entry products: what first orders of later top customers held more often than other first orders.

Who ordered first in another month had another time to become a top customer, and large first orders
hold more of everything. So customers are compared only with those whose first orders fell into the
same month and held about as many products (the same power of two).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import FEWEST_CUSTOMERS, Z_95
from rfmreport.models.many_tests import FALSE_DISCOVERY_RATE, highest_significant, two_sided
from rfmreport.sections.products.habits import EntryProduct, EntryProducts
from rfmreport.source.sold import (
    BUYER,
    ORDER,
    PRODUCT,
    number_orders,
)
from rfmreport.vocabulary import (
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    ORDER_ID,
    PRODUCT_CODE,
    PRODUCT_NAME,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.expr.types import Table

SHOWN_COUNT = 15
_COMMON_COUNT = 8
_EARLY_DAYS = 30
_MONTH, _SIZE, _IS_TOP = "month", "size", "is_top"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Customers alike by month and size of the first order: all, and those who had the product.

    `top_count` and `top_with` are those of them who are in the top segment now.
    """

    customer_count: int
    top_count: int
    with_count: int
    top_with: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Top ones expected among those with a product, their risk ratio with its interval, and p."""

    expected: float
    ratio: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class FirstOrders:
    """The first orders that are compared: on which days, and those customers' top segment."""

    first_from: date
    first_to: date
    top_segment: str


def choose_first_orders(
    first_known_day: date, first_day: date, as_of: date, horizon_days: int, top_segment: str
) -> FirstOrders | None:
    """Return which first orders can be compared; None where the data are too short.

    Not those of the data's first days, in which old customers look new, nor any before the report's
    `first_day`; and those that lie at least `horizon_days` before its date.
    """
    first_from = max(first_known_day + timedelta(days=_EARLY_DAYS), first_day)
    first_to = as_of - timedelta(days=horizon_days + 1)
    return FirstOrders(first_from, first_to, top_segment) if first_from <= first_to else None


def list_first_picks(sold: Table, orders: Table, customers: Table, chosen: FirstOrders) -> Table:
    """Return one row per customer and product of the first order: product, buyer and what it was.

    `sold` as from `sold.sold_lines`; `orders` as from `history.without_window`; `customers` with
    segment. Columns: product, buyer, month, size (the power of two below the number of products),
    is_top (in the top segment now).
    """
    lines = sold.filter(sold[PRODUCT].notnull()).select(PRODUCT, BUYER, ORDER)
    first = _first_orders(orders, customers, chosen)
    picks = lines.join(first, (ORDER, BUYER)).select(PRODUCT, BUYER, _MONTH, _IS_TOP).distinct()
    count = picks.count().over(ibis.window(group_by=BUYER))
    return picks.mutate(**{_SIZE: count.log2().floor().cast("int32")})


def tell_entries(picks: Table, products: Table, chosen: FirstOrders) -> EntryProducts | None:
    """Return the products that later top customers began with.

    None below thirty first orders, or where none of their products is in so many.
    `picks` as from `list_first_picks`, `products` with product, product_code and product_name.
    """
    sizes = _count_strata(picks)
    customer_count = sum(count for count, _ in sizes.values())
    if customer_count < FEWEST_CUSTOMERS:
        return None
    names, with_it = _count_products(picks, products)
    entries = (
        _entry(name, [Stratum(*sizes[at], *counts) for at, counts in with_it[product].items()])
        for product, name in names.items()
    )
    told = [one for one in entries if one is not None]
    if not told:
        return None
    return EntryProducts(
        top_segment=chosen.top_segment,
        first_from=chosen.first_from,
        first_to=chosen.first_to,
        customer_count=customer_count,
        top_count=sum(top for _, top in sizes.values()),
        product_count=len(told),
        rows=choose_entries(told),
        common=tuple(sorted(told, key=lambda one: (-one.buyer_count, one.code))[:_COMMON_COUNT]),
    )


def _first_orders(orders: Table, customers: Table, chosen: FirstOrders) -> Table:
    """Return one row per customer: order (its number), month, and whether top now."""
    bought = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    in_order = ibis.window(group_by=CUSTOMER_ID, order_by=[FIRST_AT, ORDER_ID])
    placed = bought.mutate(place=ibis.row_number().over(in_order), day=bought[FIRST_AT].date())
    first = placed.filter(placed.place == 0)
    first = first.filter((first.day >= chosen.first_from) & (first.day <= chosen.first_to))
    named = first.join(customers.select(CUSTOMER_ID, SEGMENT), CUSTOMER_ID)
    numbered = number_orders(named)
    return numbered.select(
        ORDER,
        BUYER,
        **{
            _MONTH: numbered.day.truncate("M"),
            _IS_TOP: numbered[SEGMENT] == chosen.top_segment,
        },
    )


def _count_strata(picks: Table) -> dict[tuple[Any, int], tuple[int, int]]:
    """Return (customers, top ones) by month and size."""
    buyers = picks.select(BUYER, _MONTH, _SIZE, _IS_TOP).distinct()
    counted = buyers.group_by(_MONTH, _SIZE).agg(n=buyers.count(), top=buyers[_IS_TOP].sum())
    rows = fetch_rows(counted)
    return {(row[_MONTH], row[_SIZE]): (row["n"], int(row["top"])) for row in rows}


def _count_products(
    picks: Table, products: Table
) -> tuple[dict[int, tuple[str, str]], dict[int, dict[tuple[Any, int], tuple[int, int]]]]:
    """Return code and name of each product in thirty first orders, and its counts by stratum."""
    buyers = picks.group_by(PRODUCT).agg(buyers=picks.count())
    enough = buyers.filter(buyers.buyers >= FEWEST_CUSTOMERS)
    counted = picks.join(enough, PRODUCT).group_by(PRODUCT, _MONTH, _SIZE)
    counts = counted.agg(n=lambda t: t.count(), top=lambda t: t[_IS_TOP].sum())
    named = counts.join(products.select(PRODUCT, PRODUCT_CODE, PRODUCT_NAME), PRODUCT)
    names: dict[int, tuple[str, str]] = {}
    with_it: dict[int, dict[tuple[Any, int], tuple[int, int]]] = defaultdict(dict)
    for row in fetch_rows(named.order_by(PRODUCT_CODE, PRODUCT_NAME, _MONTH, _SIZE)):
        names[row[PRODUCT]] = (row[PRODUCT_CODE], row[PRODUCT_NAME])
        with_it[row[PRODUCT]][row[_MONTH], row[_SIZE]] = (row["n"], int(row["top"]))
    return names, with_it


def _entry(name: tuple[str, str], strata: Sequence[Stratum]) -> EntryProduct | None:
    compared = compare_strata(strata)
    if compared is None:
        return None
    return EntryProduct(
        code=name[0],
        name=name[1],
        buyer_count=sum(one.with_count for one in strata),
        top_count=sum(one.top_with for one in strata),
        expected_top_count=compared.expected,
        ratio=compared.ratio,
        low=compared.low,
        high=compared.high,
        p_value=compared.p_value,
    )


def compare_strata(strata: Sequence[Stratum]) -> Compared | None:
    """Return how those with the product did against all others; None where no ratio can be told.

    The test of N. Mantel and W. Haenszel (J. Natl. Cancer Inst. 22, 1959, 719-748), without
    continuity correction; the ratio and the variance of its logarithm of S. Greenland and
    J. M. Robins (Biometrics 41, 1985, 55-68). A stratum in which all or none have the product
    compares nobody.
    """
    observed = expected = variance = above = below = spread = 0.0
    for one in strata:
        n, top, exposed = one.customer_count, one.top_count, one.with_count
        others, others_top = n - exposed, top - one.top_with
        observed += one.top_with
        expected += exposed * top / n
        if n > 1:
            variance += exposed * others * top * (n - top) / (n * n * (n - 1))
        above += one.top_with * others / n
        below += others_top * exposed / n
        spread += (top * exposed * others - one.top_with * others_top * n) / (n * n)
    if not (variance and above and below):
        return None
    ratio, half = above / below, Z_95 * math.sqrt(spread / (above * below))
    return Compared(
        expected=expected,
        ratio=ratio,
        low=ratio * math.exp(-half),
        high=ratio * math.exp(half),
        p_value=two_sided((observed - expected) / math.sqrt(variance)),
    )


def choose_entries(told: Sequence[EntryProduct]) -> tuple[EntryProduct, ...]:
    """Return those above what was expected that count after correction, the surest first."""
    limit = highest_significant(np.array([one.p_value for one in told]), FALSE_DISCOVERY_RATE)
    found = [one for one in told if one.p_value <= limit and one.ratio > 1]
    found.sort(key=lambda one: (one.p_value, one.code, one.name))
    return tuple(found[:SHOWN_COUNT])
