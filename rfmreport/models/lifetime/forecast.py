"""What a group of customers will order, with a 95 % interval that holds two kinds of doubt.

The parameters are uncertain: they are drawn from the normal that the likelihood's curvature gives
their logarithms. And customers act by chance: their orders are simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.lifetime.fitting import FittedModel, expected_orders_of_rows
from rfmreport.models.lifetime.spend import FittedSpend, order_value_under, simulate_spend

if TYPE_CHECKING:
    from rfmreport.models.lifetime.histogram import OrderHistogram, Rows
    from rfmreport.models.lifetime.numerics import Array

MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = 365.25 / MONTHS_PER_YEAR
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


def discounted_orders(
    fitted: FittedModel, histogram: OrderHistogram, month_ends: Array, annual_discount_rate: float
) -> Array:
    """Return what the orders of the next months come to today, for one customer of each row.

    The sum over months of expected orders × discount, a month's orders being discounted to its end:
    Fader, Hardie & Lee 2005, "RFM and CLV", Journal of Marketing Research 42(4), 415-430, in
    monthly steps. Times the expected order value it is the value of the customer.

    Args:
        month_ends: From `month_ends`, or by the calendar; in the histogram's unit of time.
        annual_discount_rate: 0.10 for ten per cent a year.
    """
    until = [
        expected_orders_of_rows(fitted, histogram, float(month_end)) for month_end in month_ends
    ]
    in_month: Array = np.diff(np.stack(until), axis=0, prepend=0)
    return np.asarray(discount_factors(len(month_ends), annual_discount_rate) @ in_month)


def month_ends(months: int, month_length: float = DAYS_PER_MONTH) -> Array:
    """Return when each of the next months ends; the length of one is in days unless given."""
    return month_length * np.arange(1, months + 1, dtype=np.float64)


def discount_factors(months: int, annual_discount_rate: float) -> Array:
    """Return what a unit at the end of each month is worth today."""
    years = np.arange(1, months + 1) / MONTHS_PER_YEAR
    return np.asarray((1 + annual_discount_rate) ** -years, dtype=np.float64)


@dataclass(frozen=True)
class Forecast:
    """An expected sum, and the bounds that hold it 95 times in 100 if the model is right."""

    expected: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class _Quantity:
    """What is forecast of each customer of a group: orders within a horizon, or their revenue.

    Revenue needs `spend`, and the `mean_value` of a repeat order per row of the group.
    """

    fitted: FittedModel
    group: OrderHistogram
    horizon: float
    spend: FittedSpend | None = None
    mean_value: Array = field(default_factory=lambda: np.empty(0))

    @property
    def parameters(self) -> Array:
        """Return the best parameters."""
        return np.array([*self.fitted.parameters, *(self.spend.parameters if self.spend else ())])

    @property
    def covariance(self) -> Array:
        """Return the covariance of their logarithms."""
        orders = self.fitted.covariance
        if self.spend is None:
            return orders
        spend = self.spend.covariance
        both = np.zeros((len(orders) + len(spend),) * 2)
        both[: len(orders), : len(orders)] = orders
        both[len(orders) :, len(orders) :] = spend
        return both

    def expected(self, parameters: tuple[Array, ...], rows: Rows) -> Array:
        """Return the expectation for one customer of each row, under parameters that broadcast."""
        of_orders, of_spend = self._split(parameters)
        horizon = np.asarray(self.horizon)
        orders = self.fitted.model.expected_orders(of_orders, *self._histories(rows), horizon)
        if self.spend is None:
            return orders
        count = self.group.repeat_order_count[rows]
        return orders * order_value_under(of_spend, count, self.mean_value[rows])

    def simulated(
        self, parameters: tuple[Array, ...], rows: Rows, random: np.random.Generator
    ) -> Array:
        """Return one possible outcome per customer, under parameters that broadcast."""
        of_orders, of_spend = self._split(parameters)
        histories = self._histories(rows)
        orders = self.fitted.model.simulate_orders(of_orders, histories, self.horizon, random)
        if self.spend is None:
            return orders
        return simulate_spend(of_spend, histories[0], self.mean_value[rows], orders, random)

    def _histories(self, rows: Rows) -> tuple[Array, Array, Array]:
        group = self.group
        return group.repeat_order_count[rows], group.age_at_last_order[rows], group.age[rows]

    def _split(self, parameters: tuple[Array, ...]) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        size = len(self.fitted.parameters)
        if self.spend is None:
            return parameters, ()
        p, q, v = parameters[size:]
        return parameters[:size], (p, np.maximum(q, LOWEST_Q), v)


def forecast_orders(fitted: FittedModel, group: OrderHistogram, horizon: float) -> Forecast:
    """Return the orders of a group within `horizon`, with their 95 % interval."""
    return _forecast(_Quantity(fitted, group, horizon), group)


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
    return _forecast(_Quantity(fitted, group, horizon, spend, mean_repeat_order_value), group)


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
