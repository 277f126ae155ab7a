"""The orders to come of a customer who is alive and leaves after each order with some chance."""

from __future__ import annotations

from functools import cache

import numpy as np

from rfmreport.models.lifetime.numerics import Array, digamma, hypergeometric, log_gamma

# 2F1 is summed as long as it stays within a float: its logarithm is below shape × log(1 + w).
LARGEST_LOG = 600.0
LARGEST_TIME = 8.0
LARGEST_SHAPE = 40.0
# The closed form divides by a − 1 and by a + b − 1; the value is smooth there, so step aside.
ASIDE = 1e-6
NODE_COUNT = 200
BLOCK = 2048
# How far to integrate: to where a chance is as good as 0 or 1, or its density as good as 0.
TAIL_CHANCE = 1e-7
TAIL_DEVIATIONS = 35.0


def orders_if_alive(shape: Array, a: Array, b: Array, time: Array) -> Array:
    """Return the orders to come of a customer who is alive; `time` in units of 1 / rate parameter.

    With N orders if nobody ever left, negative binomial with `shape` and mean shape × time, and
    the order after which he leaves G, beta-geometric with a and b, this is the mean of min(N, G).
    """
    shape, a, b, time = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (shape, a, b, time))
    )
    a = np.where(np.abs(a - 1) < ASIDE, 1 + ASIDE, a)
    b = np.where(np.abs(a + b - 1) < ASIDE, b + 2 * ASIDE, b)
    # Near z = 1 SciPy multiplies gamma functions, which leave the floats before the result does.
    is_safe = (shape * np.log1p(time) < LARGEST_LOG) & (
        (time < LARGEST_TIME) | (np.maximum(shape, b) < LARGEST_SHAPE)
    )
    result = np.empty(shape.shape)
    for rows, mean in ((is_safe, _by_hypergeometric), (~is_safe, _by_quadrature)):
        if rows.any():
            result[rows] = mean(shape[rows], a[rows], b[rows], time[rows])
    return np.maximum(result, 0)


def _by_hypergeometric(shape: Array, a: Array, b: Array, time: Array) -> Array:
    """Return the mean in closed form: Fader, Hardie & Lee 2005, equation (9)."""
    c = a + b - 1
    z = time / (1 + time)
    return c / (a - 1) * (1 - (1 + time) ** -shape * hypergeometric(shape, b, c, z))


def _by_quadrature(shape: Array, a: Array, b: Array, time: Array) -> Array:
    """Return the mean by integrating over the chance to leave, p ~ Beta(a, b).

    A customer with p makes (1 − (1 + p × time)^−shape) / p orders. In y = log(p / (1 − p)) all is
    smooth, and far out on both sides that number is constant, so that the tails are closed.
    """
    blocks = [
        _quadrature_block(*(values[first : first + BLOCK, None] for values in (shape, a, b, time)))
        for first in range(0, len(shape), BLOCK)
    ]
    return np.concatenate(blocks)


def _quadrature_block(shape: Array, a: Array, b: Array, time: Array) -> Array:
    nodes, weights = _nodes()
    middle = digamma(a) - digamma(b)
    reach = TAIL_DEVIATIONS * np.sqrt(1 / a + 1 / a**2 + 1 / b + 1 / b**2)
    lowest = np.log(TAIL_CHANCE / (shape * time + a + b))
    highest = -np.log(TAIL_CHANCE)
    low, high = np.maximum(lowest, middle - reach), np.minimum(highest, middle + reach)
    y = low + (high - low) * (nodes + 1) / 2
    log_chance, log_rest = -np.log1p(np.exp(-y)), -np.log1p(np.exp(y))
    scale = log_gamma(a + b) - log_gamma(a) - log_gamma(b)
    density = np.exp(a * log_chance + b * log_rest + scale) * (high - low) / 2
    chance = np.exp(log_chance)
    made = -np.expm1(-shape * np.log1p(chance * time)) / chance
    inside = (density * made) @ weights
    # Where the density has died before the end there is no tail, and its formula leaves the floats.
    in_left, in_right = (
        np.exp(np.where(is_cut, exponent, -np.inf))
        for is_cut, exponent in (
            (low == lowest, a * low + scale),
            (high == highest, -b * high + scale),
        )
    )
    left = shape * time * in_left / a
    right = -np.expm1(-shape * np.log1p(time)) * in_right / b
    return np.asarray(inside + left[:, 0] + right[:, 0])


@cache
def _nodes() -> tuple[Array, Array]:
    """Return Gauss-Legendre nodes and weights; finding them takes a while, and few need them."""
    return np.polynomial.legendre.leggauss(NODE_COUNT)
