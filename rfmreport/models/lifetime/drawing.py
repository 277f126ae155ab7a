"""Drawing customers as the models suppose them: how fast they order, and who is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rfmreport.models.lifetime.numerics import Array


def draw_rates(
    r: Array, alpha: Array, count: Array, age: Array, random: np.random.Generator
) -> Array:
    """Return a rate of ordering per customer, as likely as his orders so far make it."""
    return random.standard_gamma(r + count) / (alpha + age)


def of_the_alive(orders: NDArray[np.generic], alive: Array, random: np.random.Generator) -> Array:
    """Return the orders of those who, by their chance to be alive, still are; else none."""
    return np.where(random.random(alive.shape) < alive, orders, 0).astype(np.float64)
