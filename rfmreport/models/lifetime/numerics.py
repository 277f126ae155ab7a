"""The home of SciPy: the few functions of it the models need, imported when one is called.

SciPy takes half a second to import, which no command should pay that fits no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
