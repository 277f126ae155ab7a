"""Products that are bought together, beyond chance, beyond large baskets, and beyond the season."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import (
    FALSE_DISCOVERY_RATE,
    FEWEST_CUSTOMERS,
    FEWEST_ORDERS,
    Z_95,
    highest_significant,
    one_sided,
)
from rfmreport.sections.products.pair_figures import Pair, Pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_PRODUCTS, MOST_ORDERS = 150, 200_000
_DIGITS = 6
_QUERIES = read_queries(__file__)


def tell_pairs(engine: Engine, products: Sequence[tuple[str, str]]) -> Pairs:
    """Return which of the products with most buyers are bought together.

    `products` are codes and names in the order of `chosen_products`, which the engine holds. Each
    pair is one test, also those that nobody bought.
    """
    compared = products[:MOST_PRODUCTS]
    count = engine.value(_QUERIES["count_orders"])
    engine.hold("sized_orders", _QUERIES["sized_orders"], step=-(-count // MOST_ORDERS) or 1)
    engine.hold("order_products", _QUERIES["order_products"], most=len(compared))
    strata, cells = engine.arrays(_QUERIES["strata"]), engine.arrays(_QUERIES["cells"])
    found = engine.arrays(_QUERIES["together"])
    engine.drop("order_products", "sized_orders")
    counts = np.zeros((len(compared), len(strata["stratum"])))
    places = np.searchsorted(strata["stratum"], cells["stratum"])
    counts[cells["product_row"], places] = cells["order_count"]
    expected = expect_together(counts, strata["order_count"])
    told, clear = _clear_pairs(found, expected, compared, counts.sum(axis=1))
    test_count = len(compared) * (len(compared) - 1) // 2
    return Pairs(len(compared), int(strata["order_count"].sum()), test_count, clear, told)


def expect_together(counts: Floats, order_counts: NDArray[np.generic]) -> Floats:
    """Return in how many orders two products would be, were each put into them independently.

    `counts` are the orders with a product by stratum, `order_counts` all of the stratum: within one
    of equally large orders of one month, so that neither makes a pair (Mantel and Haenszel 1959).
    """
    expected: Floats = (counts / np.asarray(order_counts, dtype=np.float64)) @ counts.T
    return expected


def _clear_pairs(
    found: dict[str, NDArray[np.generic]],
    expected: Floats,
    products: Sequence[tuple[str, str]],
    with_each: Floats,
) -> tuple[tuple[Pair, ...], int]:
    """Return the pairs that stand and have enough orders and customers, and how many stand.

    Orders of one customer are alike, so the variance of a pair's orders is the sum of the squares
    of each customer's (the design effect of J. N. K. Rao and A. J. Scott, Biometrics 48, 1992).
    """
    first, second = found["product_row"].astype(int), found["other_row"].astype(int)
    orders = found["order_count"].astype(float)
    if not len(orders):
        return (), 0
    errors = np.sqrt(found["squares"].astype(float)) / orders
    lifts = orders / expected[first, second]
    p_values = np.vectorize(one_sided, otypes=[float])(np.log(lifts) / errors)
    # Pairs that are in no order are tests as well.
    untested = np.ones(len(products) * (len(products) - 1) // 2 - len(orders))
    limit = highest_significant(np.concatenate([p_values, untested]), FALSE_DISCOVERY_RATE)
    enough = (orders >= FEWEST_ORDERS) & (found["customer_count"].astype(int) >= FEWEST_CUSTOMERS)
    lows = lifts * np.exp(-Z_95 * errors)
    told = tuple(
        Pair(
            code=products[first[place]][0],
            name=products[first[place]][1],
            other_code=products[second[place]][0],
            other_name=products[second[place]][1],
            order_count=int(orders[place]),
            customer_count=int(found["customer_count"][place]),
            share=float(orders[place] / with_each[first[place]]),
            expected_count=round(float(expected[first[place], second[place]]), _DIGITS),
            lift=round(float(lifts[place]), _DIGITS),
            low=round(float(lows[place]), _DIGITS),
            high=round(float(lifts[place]) * math.exp(Z_95 * errors[place]), _DIGITS),
            p_value=float(f"{p_values[place]:.6g}"),
        )
        for place in np.argsort(-lows, kind="stable")
        if p_values[place] <= limit and enough[place] and lows[place] > 1
    )
    return told, int((p_values <= limit).sum())
