"""What a group of customers will order, with a 95 % interval that holds two kinds of doubt.

The parameters are uncertain: they are drawn from the normal that the likelihood's curvature gives
their logarithms. And customers act by chance: their orders are simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from rfmreport.models.lifetime.spend import FittedSpend, order_value_under, simulate_spend

if TYPE_CHECKING:
    from rfmreport.models.lifetime.fitting import FittedModel
    from rfmreport.models.lifetime.histogram import OrderHistogram, Rows
    from rfmreport.models.lifetime.numerics import Array

PERCENTILES = (2.5, 97.5)
DRAWS = 400
# Groups up to this size are simulated customer by customer under every draw; of larger ones a
# sample says how the expectation moves with the parameters, and how far chance moves a customer.
SMALL_GROUP = 400
MOVED_ROWS = 300
CHANCE_CUSTOMERS = 2000
CHANCE_REPEATS = 20
# A draw this many standard units off says that the parameters are not known at all.
FARTHEST_DRAW = 10.0
# At q = 1 the model's mean order value is infinite: no draw comes nearer.
LOWEST_Q = 1.05
SEED = 20050524


@dataclass(frozen=True)
class Forecast:
    """An expected sum, and the bounds that hold it 95 times in 100 if the model is right."""

    expected: float
    lower: float
    upper: float


class _Quantity(Protocol):
    """What is forecast of each customer of a group, under parameters that broadcast."""

    @property
    def parameters(self) -> Array:
        """The best parameters."""

    @property
    def covariance(self) -> Array:
        """The covariance of their logarithms."""

    def expected(self, parameters: tuple[Array, ...], rows: Rows) -> Array:
        """Return the expectation for one customer of each row."""

    def simulated(
        self, parameters: tuple[Array, ...], rows: Rows, random: np.random.Generator
    ) -> Array:
        """Return one possible outcome per customer."""


@dataclass(frozen=True, eq=False)
class _Orders:
    """The number of orders within a horizon."""

    fitted: FittedModel
    group: OrderHistogram
    horizon: float

    @property
    def parameters(self) -> Array:
        return np.array(self.fitted.parameters)

    @property
    def covariance(self) -> Array:
        return self.fitted.covariance

    def expected(self, parameters: tuple[Array, ...], rows: Rows) -> Array:
        histories = self._histories(rows)
        return self.fitted.model.expected_orders(parameters, *histories, np.asarray(self.horizon))

    def simulated(
        self, parameters: tuple[Array, ...], rows: Rows, random: np.random.Generator
    ) -> Array:
        histories = self._histories(rows)
        return self.fitted.model.simulate_orders(parameters, histories, self.horizon, random)

    def _histories(self, rows: Rows) -> tuple[Array, Array, Array]:
        group = self.group
        return group.repeat_order_count[rows], group.age_at_last_order[rows], group.age[rows]


@dataclass(frozen=True, eq=False)
class _Revenue:
    """The revenue within a horizon: the orders, and what each of them is worth."""

    orders: _Orders
    spend: FittedSpend
    mean_value: Array

    @property
    def parameters(self) -> Array:
        return np.concatenate([self.orders.parameters, self.spend.parameters])

    @property
    def covariance(self) -> Array:
        orders, spend = self.orders.covariance, self.spend.covariance
        both = np.zeros((len(orders) + len(spend),) * 2)
        both[: len(orders), : len(orders)] = orders
        both[len(orders) :, len(orders) :] = spend
        return both

    def expected(self, parameters: tuple[Array, ...], rows: Rows) -> Array:
        of_orders, of_spend = self._split(parameters)
        count = self.orders.group.repeat_order_count[rows]
        value = order_value_under(of_spend, count, self.mean_value[rows])
        return self.orders.expected(of_orders, rows) * value

    def simulated(
        self, parameters: tuple[Array, ...], rows: Rows, random: np.random.Generator
    ) -> Array:
        of_orders, of_spend = self._split(parameters)
        orders = self.orders.simulated(of_orders, rows, random)
        count = self.orders.group.repeat_order_count[rows]
        return simulate_spend(of_spend, count, self.mean_value[rows], orders, random)

    def _split(self, parameters: tuple[Array, ...]) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        size = len(self.orders.fitted.parameters)
        p, q, v = parameters[size:]
        return parameters[:size], (p, np.maximum(q, LOWEST_Q), v)


def forecast_orders(fitted: FittedModel, group: OrderHistogram, horizon: float) -> Forecast:
    """Return the orders of a group within `horizon`, with their 95 % interval."""
    return _forecast(_Orders(fitted, group, horizon), group)


def forecast_revenue(
    fitted: FittedModel,
    spend: FittedSpend,
    group: OrderHistogram,
    mean_repeat_order_value: Array,
    horizon: float,
) -> Forecast:
    """Return the revenue of a group within `horizon`, with its 95 % interval.

    `mean_repeat_order_value` is the mean over the customers of each row of the group; it is not
    read where they have no repeat order.
    """
    quantity = _Revenue(_Orders(fitted, group, horizon), spend, mean_repeat_order_value)
    return _forecast(quantity, group)


def _forecast(quantity: _Quantity, group: OrderHistogram) -> Forecast:
    if not quantity.covariance.size:
        message = "A forecast needs a fit that converged; ask judge_fit first."
        raise ValueError(message)
    best = tuple(np.asarray(value) for value in quantity.parameters)
    rows = np.arange(len(group))
    per_customer = quantity.expected(best, rows)
    expected = float(group.customer_count @ per_customer)
    if expected == 0:
        return Forecast(0.0, 0.0, 0.0)
    random = np.random.default_rng(SEED)
    draws = _drawn_parameters(quantity, random)
    if group.total_customers <= SMALL_GROUP:
        customers = np.repeat(rows, np.rint(group.customer_count).astype(np.intp))
        sums = quantity.simulated(draws, customers, random).sum(axis=1)
    else:
        moved = expected * _movement(quantity, group, per_customer, best, draws)
        deviation = np.sqrt(_chance_variance(quantity, group, best, random))
        sums = moved + deviation * random.standard_normal((CHANCE_REPEATS, len(moved)))
    lower, upper = np.percentile(np.maximum(sums, 0), PERCENTILES)
    return Forecast(expected, float(lower), float(upper))


def _drawn_parameters(quantity: _Quantity, random: np.random.Generator) -> tuple[Array, ...]:
    """Return draws of every parameter, as columns that broadcast against rows of customers."""
    factor = np.linalg.cholesky(quantity.covariance)
    off = random.standard_normal((DRAWS, len(factor))) @ factor.T
    drawn = quantity.parameters * np.exp(np.clip(off, -FARTHEST_DRAW, FARTHEST_DRAW))
    return tuple(drawn.T[:, :, None])


def _movement(
    quantity: _Quantity,
    group: OrderHistogram,
    per_customer: Array,
    best: tuple[Array, ...],
    draws: tuple[Array, ...],
) -> Array:
    """Return by which factor each draw moves the group's expectation.

    The factor differs little between histories, so that a few, drawn by what is expected of them,
    stand for all.
    """
    rows, weights = group.sample_rows(MOVED_ROWS, group.customer_count * per_customer)
    factors = quantity.expected(draws, rows) / quantity.expected(best, rows)
    return np.asarray(factors @ weights / weights.sum())


def _chance_variance(
    quantity: _Quantity,
    group: OrderHistogram,
    best: tuple[Array, ...],
    random: np.random.Generator,
) -> float:
    """Return the variance of the group's sum where the parameters are known."""
    rows, weights = group.sample_rows(CHANCE_CUSTOMERS, group.customer_count)
    outcomes = quantity.simulated(best, np.tile(rows, (CHANCE_REPEATS, 1)), random)
    per_customer = weights @ outcomes.var(axis=0, ddof=1) / weights.sum()
    return float(per_customer * group.total_customers)
