"""What departments are told of products: key ones, those bought again, those to begin with.

Who ordered first in another month had another time to become a top customer, and large first orders
hold more of everything. So those who began with a product are compared only with those whose first
orders fell into the same month and held about as many products (the same power of two).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import (
    FALSE_DISCOVERY_RATE,
    FEWEST_CUSTOMERS,
    Z_95,
    estimate_share,
    highest_significant,
    two_sided,
)
from rfmreport.sections.products.figures import (
    EntryProduct,
    EntryProducts,
    KeyProduct,
    KeyProducts,
    RepeatedProduct,
    RepeatedProducts,
    Sells,
)
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.shop import Shop

WEEK_COUNT = 13
SHOWN_COUNT = 15
MOST_PRODUCTS = 2_000
_COMMON_COUNT = 8
_EARLY_DAYS = 30
_NO_PRODUCTS = "the source names no products"
_NO_PIECES = f"the source counts no pieces, or sold none in the last {WEEK_COUNT} weeks"
_FEW_BUYERS = f"no product has {FEWEST_CUSTOMERS} buyers who could be watched for long enough"
_FEW_FIRST_ORDERS = (
    f"no product is in {FEWEST_CUSTOMERS} first orders that lie far enough from both ends of the "
    "data"
)
_QUERIES = read_queries(__file__)


def untold_habits(sells: Sells | None) -> tuple[Untold, ...]:
    """Say of each figure that departments miss why."""
    reasons = (
        ("Key products", sells and sells.key_products, _NO_PIECES),
        ("Products bought again", sells and sells.repeated, _FEW_BUYERS),
        ("Products to begin with", sells and sells.entries, _FEW_FIRST_ORDERS),
    )
    return tuple(
        Untold(topic, reason if sells else _NO_PRODUCTS)
        for topic, figure, reason in reasons
        if figure is None
    )


def with_habits(engine: Engine, shop: Shop, sells: Sells) -> Sells:
    """Add what only departments are told."""
    return replace(
        sells,
        key_products=tell_key_products(engine, shop),
        repeated=tell_repeated(engine, shop),
        entries=tell_entries(engine, shop),
    )


def tell_key_products(engine: Engine, shop: Shop) -> KeyProducts | None:
    """Return the products of which most pieces went out in the last weeks.

    None where none did, or the source counts no pieces.
    """
    names = shop.segment_names
    days = {"first_day": shop.until - timedelta(weeks=WEEK_COUNT), "until": shop.until}
    top = engine.rows(_QUERIES["key_products"], most=SHOWN_COUNT, **days)
    if not top:
        return None
    numbers = [row["product"] for row in top]
    weeks = engine.rows(_QUERIES["pieces_by_week"], products=numbers, **days)
    return KeyProducts(
        first_day=days["first_day"],
        last_day=shop.until - timedelta(days=1),
        week_count=WEEK_COUNT,
        segments=names,
        rows=tuple(
            _key_product(
                row,
                [one for one in weeks if one["product"] == row["product"]],
                days["first_day"],
                names,
            )
            for row in top
        ),
        product_count=top[0]["product_count"],
        quantity=float(top[0]["total"]),
    )


def _key_product(
    product: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    first_day: date,
    names: Sequence[str],
) -> KeyProduct:
    quantity = product["quantity"]
    of_segment = dict.fromkeys(names, 0)
    of_week: dict[int, Any] = dict.fromkeys(range(WEEK_COUNT), 0)
    for row in rows:
        of_segment[row["segment"]] += row["pieces"]
        of_week[row["week"]] += row["pieces"]
    busiest = max(of_week, key=lambda week: (of_week[week], week))
    return KeyProduct(
        code=product["product_code"],
        name=product["product_name"],
        quantity=float(quantity),
        per_week=float(quantity) / WEEK_COUNT,
        order_count=product["order_count"],
        customer_count=product["customer_count"],
        segment_shares=tuple(float(of_segment[name] / quantity) for name in names),
        busiest_week_on=first_day + timedelta(weeks=busiest),
        busiest_week_quantity=float(of_week[busiest]),
        largest_order_share=float(max(row["largest"] for row in rows) / quantity),
    )


def tell_repeated(engine: Engine, shop: Shop) -> RepeatedProducts | None:
    """Return the products that most buyers come back for; None where none has enough buyers."""
    rows = engine.rows(
        _QUERIES["repeated_products"],
        watched_days=shop.horizon_days,
        watched_from=shop.until - timedelta(days=shop.horizon_days),
        fewest=FEWEST_CUSTOMERS,
        most=MOST_PRODUCTS,
    )
    if not rows:
        return None
    told = [_repeated(row) for row in rows]
    told.sort(key=lambda one: (-one.share.low, -one.share.value, one.code, one.name))
    again_count = sum(one.again_count for one in told)
    return RepeatedProducts(
        rows=tuple(one for one in told if one.again_count)[:SHOWN_COUNT],
        product_count=len(told),
        watched_days=shop.horizon_days,
        overall=estimate_share(again_count, sum(one.share.customer_count for one in told)),
    )


def _repeated(row: Mapping[str, Any]) -> RepeatedProduct:
    return RepeatedProduct(
        code=row["product_code"],
        name=row["product_name"],
        share=estimate_share(row["again_count"], row["buyer_count"]),
        again_count=row["again_count"],
        median_gap_days=float(row["gap_days"] or 0),
    )


@dataclass(frozen=True, slots=True)
class Stratum:
    """Customers alike by month and size of the first order: all, and those who had the product.

    `top_count` and `top_with` are those of them who are in the top segment now.
    """

    customer_count: int
    top_count: int
    with_count: int
    top_with: int


def tell_entries(engine: Engine, shop: Shop) -> EntryProducts | None:
    """Return the products that later top customers began with.

    First orders count that fell not in the data's first days, in which old customers look new, nor
    before the report's, and at least the horizon before its date. None below thirty of them, or
    where none of their products is in so many.
    """
    first_from = max(shop.first_known_day + timedelta(days=_EARLY_DAYS), shop.first_day)
    first_to = shop.as_of - timedelta(days=shop.horizon_days + 1)
    chosen = {"first_from": first_from, "first_to": first_to}
    top_segment = shop.segment_names[0]
    engine.hold("first_picks", _QUERIES["first_picks"], top_segment=top_segment, **chosen)
    sizes = {
        (row["month"], row["size"]): (row["customer_count"], row["top_count"])
        for row in engine.rows(_QUERIES["strata"])
    }
    customer_count = sum(count for count, _ in sizes.values())
    if customer_count < FEWEST_CUSTOMERS:
        return None
    told = _compare_products(engine, sizes)
    if not told:
        return None
    return EntryProducts(
        top_segment=top_segment,
        first_from=first_from,
        first_to=first_to,
        customer_count=customer_count,
        top_count=sum(top for _, top in sizes.values()),
        product_count=len(told),
        rows=choose_entries(told),
        common=tuple(sorted(told, key=lambda one: (-one.buyer_count, one.code))[:_COMMON_COUNT]),
    )


def _compare_products(
    engine: Engine, sizes: Mapping[tuple[Any, int], tuple[int, int]]
) -> list[EntryProduct]:
    """Return every product in thirty first orders of which a ratio can be told."""
    rows = engine.rows(_QUERIES["strata_by_product"], fewest=FEWEST_CUSTOMERS)
    entries = (
        compare_strata(
            [
                Stratum(*sizes[row["month"], row["size"]], row["with_count"], row["top_with"])
                for row in of_product
            ],
            *called,
        )
        for called, of_product in groupby(rows, key=lambda row: (row["code"], row["name"]))
    )
    return [one for one in entries if one is not None]


def compare_strata(
    strata: Sequence[Stratum], code: str = "", name: str = ""
) -> EntryProduct | None:
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
    return EntryProduct(
        code=code,
        name=name,
        buyer_count=sum(one.with_count for one in strata),
        top_count=sum(one.top_with for one in strata),
        expected_top_count=expected,
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
