"""The home of SciPy and the sums that models share; SciPy is imported when one is called.

SciPy takes half a second to import, which no command should pay that fits no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# A smooth function of a point: its value and its gradient there.
Objective = Callable[[Array], tuple[float, Array]]

# The step of central differences: its error is its square, its rounding 1e-16 divided by it.
DIFFERENCE_STEP = 1e-4
REFINING_STEPS = 20
# A slope this small cannot be improved, nor a value by less than this share of it.
LEVEL = 1e-8
ROUNDING = 1e-13
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


class Minimum(NamedTuple):
    """Where the search for a minimum ended, the value, gradient and second derivatives there."""

    point: Array
    value: float
    gradient: Array
    hessian: Array


@contextmanager
def in_one_order() -> Iterator[None]:
    """Let each sum be made by one thread: the same on any number of cores, and sooner for these.

    The arrays are small, so that threads wait for each other longer than they add up.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def log_gamma(values: Array) -> Array:
    """Return the logarithm of the gamma function."""
    from scipy.special import gammaln

    return cast("Array", gammaln(values))


def digamma(values: Array | float) -> Array:
    """Return the derivative of the logarithm of the gamma function."""
    from scipy.special import digamma as scipy_digamma

    return cast("Array", scipy_digamma(values))


def hypergeometric(a: Array, b: Array, c: Array, z: Array) -> Array:
    """Return Gauss's hypergeometric function 2F1(a, b; c; z)."""
    from scipy.special import hyp2f1

    return cast("Array", hyp2f1(a, b, c, z))


def average_ranks(values: Array, weights: Array) -> Array:
    """Return the rank of each value where it stands `weights` times, ties sharing their mean."""
    _, group = np.unique(values, return_inverse=True)
    sizes = np.bincount(group, weights=weights)
    ranks = np.cumsum(sizes) - sizes + (sizes + 1) / 2
    return ranks[group]


def minimise(objective: Objective, start: Array, lower: float, upper: float) -> Minimum:
    """Search a minimum within bounds that hold for every coordinate."""
    from scipy.optimize import minimize

    with in_one_order():  # once more, for SciPy brings a library of its own
        found = minimize(
            objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(lower, upper)] * len(start),
            options={"maxiter": 1000, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-7},
        )
    point = np.asarray(found.x, dtype=np.float64)
    # That search ends where a step gains little, which on a long ridge is short of the top.
    return refine(objective, point, _hessian(objective, point), lower, upper)


def refine(
    objective: Objective, point: Array, hessian: Array, lower: float, upper: float
) -> Minimum:
    """Improve a near minimum by quasi-Newton steps that begin with a Hessian that is about right.

    Nocedal & Wright 2006, "Numerical optimization", equation (6.19), without a line search: a step
    that does not go down ends it.
    """
    start = point
    curvature = hessian
    value, gradient = objective(point)
    for _ in range(REFINING_STEPS):
        if np.abs(gradient).max() < LEVEL or not is_convex(curvature):
            break
        nearer = np.clip(point - np.linalg.solve(curvature, gradient), lower, upper)
        nearer_value, nearer_gradient = objective(nearer)
        if not nearer_value <= value + ROUNDING * abs(value):
            break
        curvature = _updated(curvature, nearer - point, nearer_gradient - gradient)
        point, value, gradient = nearer, nearer_value, nearer_gradient
    if point is not start:
        hessian = _hessian(objective, point)
    return Minimum(point, value, gradient, hessian)


def is_convex(hessian: Array, least: float = 0.0) -> bool:
    """Say whether a function curves upwards in all directions, by more than `least`."""
    if not np.isfinite(hessian).all():
        return False
    return bool(np.linalg.eigvalsh(hessian).min() > least)


def _updated(curvature: Array, step: Array, change: Array) -> Array:
    """Return the Hessian that explains how the gradient changed over a step, if it is convex."""
    if step @ change <= 0:
        return curvature
    seen = curvature @ step
    return (
        curvature
        + np.outer(change, change) / (step @ change)
        - np.outer(seen, seen) / (step @ seen)
    )


def _hessian(objective: Objective, point: Array) -> Array:
    """Return the second derivatives by central differences of the gradient."""
    steps = DIFFERENCE_STEP * np.eye(len(point))
    rows = [
        (objective(point + step)[1] - objective(point - step)[1]) / (2 * DIFFERENCE_STEP)
        for step in steps
    ]
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2


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


def draw_rates(
    r: Array, alpha: Array, count: Array, age: Array, random: np.random.Generator
) -> Array:
    """Return a rate of ordering per customer, as likely as his orders so far make it."""
    return random.standard_gamma(r + count) / (alpha + age)


def of_the_alive(orders: NDArray[np.generic], alive: Array, random: np.random.Generator) -> Array:
    """Return the orders of those who, by their chance to be alive, still are; else none."""
    return np.where(random.random(alive.shape) < alive, orders, 0).astype(np.float64)
