"""Customers who buy and leave as a model says: simulated order by order, by its story alone.

Nothing here comes from the formulas of rfmreport.lifetime.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.sections.worth.lifetime_value import CountedHistories

MOST_ORDERS = 120


class Cohort(NamedTuple):
    """Simulated customers: what is known of each, and the orders each made afterwards."""

    histogram: OrderHistogram
    later_orders: np.ndarray


def beta_geometric_cohort(
    size: int, parameters: tuple[float, ...], first_chances: int, later: float, seed: int
) -> Cohort:
    """Return customers who may leave after an order: with 1 after the first one too."""
    r, alpha, a, b = parameters
    random = np.random.default_rng(seed)
    rate = random.gamma(r, 1 / alpha, size)
    leaving = random.beta(a, b, size)
    times = np.cumsum(random.exponential(1, (size, MOST_ORDERS)) / rate[:, None], axis=1)
    # Every order before this one has been survived; the first has number 0.
    leaves = random.random((size, MOST_ORDERS + 1)) < leaving[:, None]
    leaves[:, 0] &= bool(first_chances)
    gone = np.cumsum(leaves, axis=1)[:, :-1] > 0
    return _seen(random, np.where(gone, np.inf, times), later)


def pareto_cohort(size: int, parameters: tuple[float, ...], later: float, seed: int) -> Cohort:
    """Return customers who leave at a time of their own."""
    r, alpha, s, beta = parameters
    random = np.random.default_rng(seed)
    rate = random.gamma(r, 1 / alpha, size)
    stay = random.exponential(1, size) / random.gamma(s, 1 / beta, size)
    times = np.cumsum(random.exponential(1, (size, MOST_ORDERS)) / rate[:, None], axis=1)
    return _seen(random, np.where(times > stay[:, None], np.inf, times), later)


def loyal_cohort(size: int, r: float, alpha: float, seed: int) -> Cohort:
    """Return customers who never leave."""
    random = np.random.default_rng(seed)
    rate = random.gamma(r, 1 / alpha, size)
    times = np.cumsum(random.exponential(1, (size, MOST_ORDERS)) / rate[:, None], axis=1)
    return _seen(random, times, 26)


def _seen(random: np.random.Generator, times: np.ndarray, later: float) -> Cohort:
    """Return what a shop sees that has known its customers for 26 to 78 weeks."""
    age = random.uniform(26, 78, len(times))
    seen = times <= age[:, None]
    last = np.where(seen, times, 0).max(axis=1)
    afterwards = (times > age[:, None]) & (times <= age[:, None] + later)
    histogram = OrderHistogram(seen.sum(axis=1), last, age, np.ones(len(times)))
    return Cohort(histogram, afterwards.sum(axis=1).astype(float))


def counted(cohort: Cohort, order_value: float = 25.0) -> CountedHistories:
    """Return a cohort as a shop counts it: every second customer is one of the best."""
    size, later = len(cohort.histogram), cohort.later_orders
    return CountedHistories(
        histogram=cohort.histogram,
        segments=np.where(np.arange(size) % 2, "Best", "Lost"),
        mean_value=np.full(size, order_value),
        later_order_count=later,
        later_spent=later * order_value,
        later_spent_square=(later * order_value) ** 2,
        came_counts=np.stack([later > 1, later > 0], axis=1).astype(float),
    )
