"""Fitting a model of orders by maximum likelihood, and asking the fit what to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.lifetime.beta_geometric import BG_NBD, MBG_NBD, BetaGeometric
from rfmreport.models.lifetime.numerics import (
    Array,
    Minimum,
    Objective,
    is_convex,
    minimise,
    refine,
)
from rfmreport.models.lifetime.pareto import PARETO_NBD, ParetoModel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rfmreport.models.lifetime.histogram import OrderHistogram

# Parameters are searched between these, with time measured in mean customer ages.
LOWEST_PARAMETER = 1e-5
HIGHEST_PARAMETER = 1e5
LOWER, UPPER = np.log(LOWEST_PARAMETER), np.log(HIGHEST_PARAMETER)
# Of more customers, so many stand for all: more would not move what is foretold by one per cent.
MOST_FITTED = 25_000
# The starting points are tried on this many customers, the best is followed on all of them.
TRIAL_SIZE = 3000
# The slope of the mean log-likelihood per customer below which the top has been reached.
FLAT = 1e-6


OrderModel = BetaGeometric | ParetoModel
"""A model of orders; its parameters are tuples that broadcast."""

MODELS: tuple[OrderModel, ...] = (BG_NBD, MBG_NBD, PARETO_NBD)


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A model with the parameters that explain a histogram best.

    Args:
        parameters: In the order of `model.parameter_names`, times in the histogram's unit.
        log_likelihood: Of all customers, in the histogram's unit of time.
        customer_count: How many customers were fitted.
        converged: Whether a top was reached: level, and falling on all sides.
        at_boundary: The names of the parameters that ran to the edge of the search.
        covariance: Of the logarithms of the parameters; empty where the fit did not converge.
    """

    model: OrderModel
    parameters: tuple[float, ...]
    log_likelihood: float
    customer_count: float
    converged: bool
    at_boundary: tuple[str, ...]
    covariance: Array

    @property
    def named_parameters(self) -> dict[str, float]:
        """The parameters by name, for a table."""
        return dict(zip(self.model.parameter_names, self.parameters, strict=True))

    @property
    def columns(self) -> tuple[Array, ...]:
        """The parameters as the model's functions take them."""
        return tuple(np.asarray(value, dtype=np.float64) for value in self.parameters)


def fit_model(model: OrderModel, histogram: OrderHistogram) -> FittedModel:
    """Return the parameters under which these histories, of many a sample, are most likely."""
    if histogram.total_customers > MOST_FITTED:
        histogram = histogram.sample(MOST_FITTED)
    unit = _time_unit(histogram)
    scaled = histogram.scaled(unit)
    objective = _objective(model, scaled)
    starts = [np.clip(np.log(start), LOWER, UPPER) for start in model.starting_points(scaled)]
    if len(scaled) <= TRIAL_SIZE:
        return _fitted(model, histogram, _lowest(objective, starts), unit)
    trial = _lowest(_objective(model, scaled.sample(TRIAL_SIZE)), starts)
    top = refine(objective, trial.point, trial.hessian, LOWER, UPPER)
    if not np.abs(top.gradient).max() < FLAT:
        top = minimise(objective, top.point, LOWER, UPPER)
    return _fitted(model, histogram, top, unit)


def chance_alive(
    fitted: FittedModel, repeat_order_count: ArrayLike, age_at_last_order: ArrayLike, age: ArrayLike
) -> Array:
    """Return the probability that each customer still is one.

    Missing (NaN) where the model says nothing: in BG/NBD it is 1 for every one-order buyer.
    """
    count, last, age = _as_columns(repeat_order_count, age_at_last_order, age)
    alive = fitted.model.chance_alive(fitted.columns, count, last, age)
    if fitted.model.one_order_buyers_can_leave:
        return alive
    return np.where(count > 0, alive, np.nan)


def expected_orders(
    fitted: FittedModel,
    repeat_order_count: ArrayLike,
    age_at_last_order: ArrayLike,
    age: ArrayLike,
    horizon: ArrayLike,
) -> Array:
    """Return how many orders each customer can be expected to make within `horizon` from now."""
    columns = _as_columns(repeat_order_count, age_at_last_order, age, horizon)
    return fitted.model.expected_orders(fitted.columns, *columns)


def expected_orders_of_rows(
    fitted: FittedModel, histogram: OrderHistogram, horizon: float
) -> Array:
    """Return the orders expected of one customer of each row within `horizon`."""
    return expected_orders(
        fitted,
        histogram.repeat_order_count,
        histogram.age_at_last_order,
        histogram.age,
        horizon,
    )


def chance_to_order_of_rows(
    fitted: FittedModel, histogram: OrderHistogram, horizon: float
) -> Array:
    """Return the probability that one customer of each row orders within `horizon`."""
    columns = _as_columns(
        histogram.repeat_order_count, histogram.age_at_last_order, histogram.age, horizon
    )
    return fitted.model.chance_to_order(fitted.columns, *columns)


def _as_columns(*values: ArrayLike) -> list[Array]:
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    return [np.asarray(array) for array in arrays]


def _time_unit(histogram: OrderHistogram) -> float:
    """Return the mean age: in this unit the parameters are numbers near one."""
    mean_age = float(histogram.customer_count @ histogram.age) / histogram.total_customers
    if mean_age > 0:
        return mean_age
    message = "A model of orders needs customers known for longer than a day; all began today."
    raise ValueError(message)


def _objective(model: OrderModel, histogram: OrderHistogram) -> Objective:
    """Return the mean of −log-likelihood per customer, by the logarithms of the parameters."""
    log_likelihood = model.log_likelihood(histogram)
    customers = histogram.total_customers

    def objective(log_parameters: Array) -> tuple[float, Array]:
        parameters = np.exp(log_parameters)
        value, gradient = log_likelihood(parameters)
        return -value / customers, -gradient * parameters / customers

    return objective


def _lowest(objective: Objective, starts: list[Array]) -> Minimum:
    """Descend from the best start, and from the others only where that did not end in a dip."""
    found: list[Minimum] = []
    for start in sorted(starts, key=lambda start: objective(start)[0]):
        found.append(minimise(objective, start, LOWER, UPPER))
        if top_reached(found[-1], 1)[0]:
            break
    return min(found, key=lambda minimum: minimum.value)


def _fitted(model: OrderModel, histogram: OrderHistogram, top: Minimum, unit: float) -> FittedModel:
    """Return the fit in the unit of time of the histogram."""
    parameters = np.exp(top.point)
    parameters[list(model.time_parameters)] *= unit
    customers = histogram.total_customers
    # Each order's rate is per unit of time, so that the density changes with the unit.
    value = -top.value * customers - histogram.total_repeat_orders * np.log(unit)
    converged, covariance = top_reached(top, customers)
    return FittedModel(
        model,
        tuple(float(parameter) for parameter in parameters),
        float(value),
        customers,
        converged=converged,
        at_boundary=edges(model.parameter_names, top),
        covariance=covariance,
    )


def edges(names: tuple[str, ...], top: Minimum) -> tuple[str, ...]:
    """Return the names of the parameters that ran to the edge of the search."""
    at_edge = (top.point < LOWER + 0.01) | (top.point > UPPER - 0.01)
    return tuple(name for name, edge in zip(names, at_edge, strict=True) if edge)


def top_reached(top: Minimum, customer_count: float) -> tuple[bool, Array]:
    """Say whether a search ended on a top, and return the covariance of the log-parameters there.

    The covariance is the inverse of the observed information: empty where there is no top.
    """
    is_level = np.isfinite(top.value) and bool(np.abs(top.gradient).max() < FLAT)
    if is_level and is_convex(top.hessian, FLAT / 100):
        return True, np.asarray(np.linalg.inv(top.hessian) / customer_count, dtype=np.float64)
    return False, np.empty((0, 0))
