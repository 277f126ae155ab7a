"""Order histories, compressed: one row is all customers who share one history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfmreport.models.lifetime.numerics import Array

Rows = NDArray[np.intp]
# So many customers are looked at: enough, where one in a hundred leaves.
SAMPLE_SIZE = 10_000
# Chance alone brings a smaller gain of log-likelihood 95 times in 100: half of chi-squared.
LEAST_GAIN = 1.92
# Chances to leave after an order, and per mean age of a customer.
CHANCES = (1e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99)
RATES = (1e-3, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
# Shares of customers who might have the tendency.
SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.9)
NODE_COUNT = 12
STEPS = 60
LEVEL = 1e-8
FARTHEST = 12.0
LARGEST_STEP = 1.0


@dataclass(frozen=True, eq=False)
class OrderHistogram:
    """How often customers came back, when last, and for how long they have been known.

    All times are in one unit, days or weeks, and counted from a customer's first order.

    Args:
        repeat_order_count: Orders after the first (x in the literature).
        age_at_last_order: Time from the first order to the last; 0 for one-order buyers (t_x).
        age: Time from the first order to the day of the report (T).
        customer_count: How many customers the row stands for.
    """

    repeat_order_count: Array
    age_at_last_order: Array
    age: Array
    customer_count: Array

    def __post_init__(self) -> None:
        """Turn the columns into arrays of floats, and refuse what cannot be an order history."""
        names = ("repeat_order_count", "age_at_last_order", "age", "customer_count")
        for name in names:
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        shapes = {getattr(self, name).shape for name in names}
        if len(shapes) != 1 or len(self.age.shape) != 1 or not self.age.size:
            message = f"An order histogram needs four columns of one length; found {shapes}."
            raise ValueError(message)
        wrong = _impossible_rows(self)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            found = ", ".join(f"{name} {getattr(self, name)[row]:g}" for name in names)
            message = f"Row {row} of an order histogram is no possible history: {found}."
            raise ValueError(message)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.age)

    @property
    def total_customers(self) -> float:
        """The number of customers."""
        return float(self.customer_count.sum())

    @property
    def total_repeat_orders(self) -> float:
        """The number of orders after the first, of all customers."""
        return float(self.customer_count @ self.repeat_order_count)

    def scaled(self, unit: float) -> OrderHistogram:
        """Return the same histories with times measured in `unit`."""
        return OrderHistogram(
            self.repeat_order_count,
            self.age_at_last_order / unit,
            self.age / unit,
            self.customer_count,
        )

    def subset(self, rows: Rows, customer_count: Array | None = None) -> OrderHistogram:
        """Return some of the rows: a group, with its own customer counts where they differ."""
        return OrderHistogram(
            self.repeat_order_count[rows],
            self.age_at_last_order[rows],
            self.age[rows],
            self.customer_count[rows] if customer_count is None else customer_count,
        )

    def sample_rows(self, size: int, weights: Array) -> tuple[Rows, Array]:
        """Draw `size` times by weight, evenly spread over the sorted histories: always the same.

        Returns the rows that were drawn, and how often each was.
        """
        order = np.lexsort((self.age, self.age_at_last_order, self.repeat_order_count))
        reached = np.cumsum(weights[order])
        targets = (np.arange(size) + 0.5) / size * reached[-1]
        drawn, draws = np.unique(np.searchsorted(reached, targets), return_counts=True)
        return order[drawn], draws.astype(np.float64)

    def sample(self, size: int) -> OrderHistogram:
        """Return `size` customers, evenly spread over the sorted histories: the same always."""
        return self.subset(*self.sample_rows(size, self.customer_count))


def _impossible_rows(histogram: OrderHistogram) -> NDArray[np.bool_]:
    count, last = histogram.repeat_order_count, histogram.age_at_last_order
    possible = (
        (count >= 0)
        & (count == np.floor(count))
        & (last >= 0)
        & (last <= histogram.age)
        & ((count > 0) | (last == 0))
        & np.isfinite(histogram.age)
        & (histogram.customer_count > 0)
        & np.isfinite(histogram.customer_count)
    )
    # Comparisons with a missing number are false, so that it is found too.
    return np.asarray(~possible, dtype=np.bool_)


class OrderRates(NamedTuple):
    """The negative binomial fit: rates of ordering are Gamma(r, alpha), and nobody leaves."""

    r: float
    alpha: float


def nobody_leaves(histogram: OrderHistogram) -> bool:
    """Say that these histories do not show that anybody leaves; False where they might.

    True where no way of leaving explains them better than chance does.
    """
    if histogram.total_customers > SAMPLE_SIZE:
        histogram = histogram.sample(SAMPLE_SIZE)
    mean_age = float(histogram.customer_count @ histogram.age) / histogram.total_customers
    if not mean_age or not histogram.total_repeat_orders:
        return False
    scaled = histogram.scaled(mean_age)
    rates = fit_rates(scaled)
    if rates is None:
        return False
    weights = scaled.customer_count
    tendencies = (*_leaving_after_orders(scaled, rates), *_leaving_over_time(scaled, rates))
    return all(_gain(weights, change) <= LEAST_GAIN for change in tendencies)


def fit_rates(histogram: OrderHistogram) -> OrderRates | None:
    """Return the rates of ordering under which these histories are most likely; None without top.

    Newton's method in the logarithms of r and alpha. The likelihood is that of A. S. C. Ehrenberg's
    NBD: a gamma mixture of Poisson counts over each customer's age.
    """
    weights, count, age = histogram.customer_count, histogram.repeat_order_count, histogram.age
    total = float(weights.sum())
    by_count = np.bincount(count.astype(np.intp), weights=weights)
    # log Γ(r + x) − log Γ(r) is a sum of log(r + j) over j < x: so many customers have each j.
    beyond = total - np.cumsum(by_count)[:-1]
    steps = np.arange(len(beyond))
    point = np.log(np.array([1.0, float(weights @ age) / float(weights @ count)]))
    for _ in range(STEPS):
        r, alpha = np.exp(point)
        known = alpha + age
        slope = np.array(
            [
                float((beyond / (r + steps)).sum())
                + total * np.log(alpha)
                - weights @ np.log(known),
                total * r / alpha - weights @ ((r + count) / known),
            ]
        ) * (r, alpha)
        if np.abs(slope).max() < LEVEL * total:
            return OrderRates(float(r), float(alpha))
        mixed = r * alpha * (total / alpha - weights @ (1 / known))
        bend = np.array(
            [
                [-(r**2) * (beyond / (r + steps) ** 2).sum() + slope[0], mixed],
                [mixed, weights @ ((r + count) * (alpha / known) ** 2) - total * r + slope[1]],
            ]
        )
        point = point + _uphill(slope, bend)
        if np.abs(point).max() > FARTHEST:
            return None
    return None


def _uphill(slope: Array, bend: Array) -> Array:
    """Return Newton's step where the function is a hill here, and else one along the slope."""
    highest = float(np.linalg.eigvalsh(bend).max())
    if highest >= 0:
        bend = bend - (highest + np.abs(bend).max() * 0.1) * np.eye(len(bend))
    step = np.linalg.solve(-bend, slope)
    return np.asarray(step * min(1.0, LARGEST_STEP / max(float(np.abs(step).max()), LEVEL)))


def _gain(weights: Array, change: Array) -> float:
    """Return by how much a tendency to leave, in some customers, raises the log-likelihood.

    `change` is the likelihood under the tendency over that without, less one.
    """
    slope = float(weights @ change)
    if slope <= LEAST_GAIN:  # the function is concave: it cannot rise by more
        return slope
    return max(float(weights @ np.log1p(share * change)) for share in SHARES)


def _leaving_after_orders(histogram: OrderHistogram, rates: OrderRates) -> Iterator[Array]:
    """Yield what leaving with each chance would change: after repeat orders, after all of them."""
    count = histogram.repeat_order_count
    silence = _silence(histogram, rates, histogram.age_at_last_order)
    for chance in CHANCES:
        for chances_had in (count, count + 1):
            stayed = (1 - chance) ** chances_had
            left = chance * (1 - chance) ** np.maximum(chances_had - 1, 0) * silence
            yield stayed + np.where(chances_had > 0, left, 0) - 1


def _leaving_over_time(histogram: OrderHistogram, rates: OrderRates) -> Iterator[Array]:
    """Yield what leaving at each rate, at any time, would change, as in Pareto/NBD."""
    last, age = histogram.age_at_last_order, histogram.age
    nodes, node_weights = np.polynomial.legendre.leggauss(NODE_COUNT)
    half = (age - last) / 2
    times = last[:, None] + half[:, None] * (nodes + 1)
    silence = _silence(histogram, rates, times)
    for rate in RATES:
        left = rate * half * ((np.exp(-rate * times) * silence) @ node_weights)
        yield np.exp(-rate * age) + left - 1


def _silence(histogram: OrderHistogram, rates: OrderRates, left_at: Array) -> Array:
    """Return how much likelier a history is where its customer left then, than where he stayed."""
    is_table = left_at.ndim > 1
    count, age = (
        column[:, None] if is_table else column
        for column in (histogram.repeat_order_count, histogram.age)
    )
    exponent = rates.r + count
    return np.asarray(np.exp(exponent * np.log((rates.alpha + age) / (rates.alpha + left_at))))
