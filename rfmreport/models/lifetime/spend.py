"""Gamma-Gamma: what an order of a customer is worth, shrunk towards all customers.

Fader & Hardie 2013, "The Gamma-Gamma model of monetary value" (brucehardie.com/notes/025): order
values vary around a customer's own mean like Gamma(p, ν), and ν between customers like Gamma(q, v).
It holds where order value and order count have nothing to do with each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.lifetime.fitting import LOWER, UPPER, edges, top_reached
from rfmreport.models.lifetime.numerics import (
    Array,
    Objective,
    average_ranks,
    digamma,
    log_gamma,
    minimise,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

PARAMETER_NAMES = ("p", "q", "v")
# Shapes to start from, with the mean order value as the unit.
START = (6.0, 4.0, 0.5)
# The model's mean order value may miss the observed one by this share.
MEAN_TOLERANCE = 0.15


@dataclass(frozen=True, eq=False)
class SpendHistogram:
    """Repeat buyers by order count and mean order value; one row is all who share both.

    Values may be rounded to a hundredth of themselves before they are counted: the parameters
    change by less than their standard error even in a million customers.

    Args:
        repeat_order_count: Orders after the first, at least one (x).
        mean_repeat_order_value: Their mean value, above zero (z̄).
        customer_count: How many customers the row stands for.
    """

    repeat_order_count: Array
    mean_repeat_order_value: Array
    customer_count: Array

    def __post_init__(self) -> None:
        """Turn the columns into arrays of floats, and refuse what the model cannot read."""
        names = ("repeat_order_count", "mean_repeat_order_value", "customer_count")
        for name in names:
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        columns = [getattr(self, name) for name in names]
        if len({column.shape for column in columns}) != 1 or not columns[0].size:
            message = "A spend histogram needs three columns of one length."
            raise ValueError(message)
        for name, column in zip(names, columns, strict=True):
            wrong = ~((column > 0) & np.isfinite(column))
            if wrong.any():
                message = f"A spend histogram needs {name} above zero; found {column[wrong][0]:g}."
                raise ValueError(message)

    @property
    def total_customers(self) -> float:
        """The number of repeat buyers."""
        return float(self.customer_count.sum())

    @property
    def mean_order_value(self) -> float:
        """The mean over customers of their mean order value."""
        return float(self.customer_count @ self.mean_repeat_order_value) / self.total_customers


@dataclass(frozen=True, eq=False)
class FittedSpend:
    """The parameters that explain a spend histogram best; `parameters` are p, q and v."""

    parameters: tuple[float, ...]
    log_likelihood: float
    customer_count: float
    converged: bool
    at_boundary: tuple[str, ...]
    covariance: Array

    @property
    def mean_order_value(self) -> float:
        """The mean order value of all customers, missing (NaN) where the model has none."""
        p, q, v = self.parameters
        return p * v / (q - 1) if q > 1 else float("nan")


@dataclass(frozen=True)
class Association:
    """How two figures go together: Spearman's rank correlation, and of how many customers."""

    rank_correlation: float
    customer_count: float


def fit_spend(histogram: SpendHistogram) -> FittedSpend:
    """Return the parameters under which these order values are most likely."""
    unit = histogram.mean_order_value
    objective = _objective(histogram, unit)
    top = minimise(objective, np.log(START), LOWER, UPPER)
    customers = histogram.total_customers
    converged, covariance = top_reached(top, customers)
    p, q, v = (float(value) for value in np.exp(top.point))
    # Densities per unit of money.
    log_likelihood = -(top.value + np.log(unit)) * customers
    return FittedSpend(
        (p, q, v * unit),
        float(log_likelihood),
        customers,
        converged=converged,
        at_boundary=edges(PARAMETER_NAMES, top),
        covariance=covariance,
    )


def expected_order_value(
    fitted: FittedSpend, repeat_order_count: ArrayLike, mean_repeat_order_value: ArrayLike
) -> Array:
    """Return the mean value that further orders of each customer can be expected to have.

    Fader & Hardie 2013, equation (5): his own mean and everybody's, weighted by how many orders
    are known. One-order buyers get everybody's. It is linear in the customer's own mean, so that
    the mean of customers with one order count gives the mean of their expectations.
    """
    parameters = tuple(np.asarray(value) for value in fitted.parameters)
    return order_value_under(
        parameters,
        np.asarray(repeat_order_count, dtype=np.float64),
        np.asarray(mean_repeat_order_value, dtype=np.float64),
    )


def order_value_under(parameters: tuple[Array, ...], count: Array, mean_value: Array) -> Array:
    """Return the expected order value under parameters that broadcast; NaN where it is infinite."""
    p, q, v = parameters
    known = p * count + q - 1
    own = count * np.where(count > 0, mean_value, 0)
    return np.where(known > 0, p * (v + own) / np.where(known > 0, known, 1), np.nan)


def simulate_spend(
    parameters: tuple[Array, ...],
    count: Array,
    mean_value: Array,
    orders: Array,
    random: np.random.Generator,
) -> Array:
    """Return one possible sum of the values of `orders` further orders per customer."""
    p, q, v = parameters
    own = count * np.where(count > 0, mean_value, 0)
    scale = random.standard_gamma(np.broadcast_to(q + p * count, orders.shape)) / (v + own)
    return random.standard_gamma(p * orders) / np.maximum(scale, np.finfo(np.float64).tiny)


def associate_count_and_value(histogram: SpendHistogram) -> Association:
    """Return how order count and order value go together: the model supposes that they do not."""
    weights = histogram.customer_count
    ranks = [
        average_ranks(column, weights)
        for column in (histogram.repeat_order_count, histogram.mean_repeat_order_value)
    ]
    covariance = np.cov(np.stack(ranks), aweights=weights)
    spread = np.sqrt(covariance[0, 0] * covariance[1, 1])
    correlation = float(covariance[0, 1] / spread) if spread > 0 else float("nan")
    return Association(correlation, histogram.total_customers)


def judge_spend(fitted: FittedSpend, histogram: SpendHistogram) -> str | None:
    """Return why a fit must not be used, in plain words; nothing where it may."""
    if fitted.at_boundary:
        names = " and ".join(fitted.at_boundary)
        return f"the fit of order values ran to the edge of what it may find ({names})"
    if not fitted.converged:
        return "the fit of order values found no best answer"
    _, q, _ = fitted.parameters
    if q <= 1:
        return f"order values differ so much that the model has no mean (q = {q:.2f})"
    observed = histogram.mean_order_value
    miss = fitted.mean_order_value / observed - 1
    if abs(miss) > MEAN_TOLERANCE:
        return (
            f"the model's mean order value of {fitted.mean_order_value:.2f} misses the observed "
            f"{observed:.2f} by {abs(miss):.0%}"
        )
    return None


def _objective(histogram: SpendHistogram, unit: float) -> Objective:
    """Return the mean of −log-likelihood per customer, by the logarithms of p, q and v.

    Fader & Hardie 2013, equation (1a), with values measured in `unit`.
    """
    counts, of_row = np.unique(histogram.repeat_order_count, return_inverse=True)
    value = histogram.mean_repeat_order_value / unit
    total = histogram.repeat_order_count * value
    weights = histogram.customer_count / histogram.total_customers
    count_weights = np.bincount(of_row, weights=weights)
    log_total = np.bincount(of_row, weights=weights * np.log(total)) @ counts
    mean_log_value = float(weights @ np.log(value))

    def objective(log_parameters: Array) -> tuple[float, Array]:
        p, q, v = parameters = np.exp(log_parameters)
        shape = p * counts
        log_all = np.log(total + v)
        by_count = np.bincount(of_row, weights=weights * log_all)
        height = (
            count_weights @ (log_gamma(shape + q) - log_gamma(shape))
            - log_gamma(q)
            + q * np.log(v)
            + p * log_total
            - mean_log_value
            - (shape + q) @ by_count
        )
        both = digamma(shape + q)
        slopes = np.array(
            [
                count_weights @ (counts * (both - digamma(shape))) + log_total - counts @ by_count,
                count_weights @ both - digamma(q) + np.log(v) - by_count.sum(),
                q / v - weights @ ((shape + q)[of_row] / (total + v)),
            ]
        )
        return -float(height), -slopes * parameters

    return objective
