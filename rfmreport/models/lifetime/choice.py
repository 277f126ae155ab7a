"""Which model to use: the one that foretells best what is known already, or none.

Models are fitted to the past up to a date and asked for the time after it. A model is chosen only
where it is nearer, customer by customer, than the plain extrapolations a spreadsheet would make,
and where its total is no further off than theirs, or as good as exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.lifetime.fitting import (
    MODELS,
    FittedModel,
    OrderModel,
    expected_orders,
    expected_orders_of_rows,
    fit_model,
)
from rfmreport.models.lifetime.pareto import PARETO_NBD

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rfmreport.models.lifetime.histogram import OrderHistogram
    from rfmreport.models.lifetime.numerics import Array


# The share of customers who must be gone, of those who could be, for leaving to be measurable.
FEWEST_GONE = 0.01
# A model sees no leaving where, this many observed periods on, new customers still make this share
# of the orders of their first period.
FAR_PERIODS = 10.0
LARGEST_SHARE_LEFT = 0.5
# Beyond this shape customers hardly differ, and the fit follows a ridge to infinity.
HIGHEST_SHAPE = 100.0
# The orders a model expects of the past may miss those that were made by this share.
PAST_TOLERANCE = 0.10
# A total foretold within this share of the actual is as good as exact: no model and no
# extrapolation knows the season to come.
EXACT_TOTAL = 0.05
# Its integrals take as long as all else that is foretold.
SLOW_MODELS = (PARETO_NBD,)
# A forecast whose total is off by more than this is not worth printing.
WORST_TOTAL = 0.25


def judge_fit(fitted: FittedModel, histogram: OrderHistogram) -> str | None:
    """Return why a fit must not be used, in plain words; nothing where it may.

    `histogram` is what was fitted, or a sample of which.
    """
    return (
        _judge_leaving(fitted, histogram)
        or _judge_search(fitted)
        or _judge_shape(fitted)
        or _judge_past(fitted, histogram)
    )


def share_gone(fitted: FittedModel, histogram: OrderHistogram) -> float:
    """Return the share of customers who have left, of those of whom the model can say."""
    can_leave = fitted.model.one_order_buyers_can_leave | (histogram.repeat_order_count > 0)
    if not can_leave.any():
        return 0.0
    group = histogram.subset(np.flatnonzero(can_leave))
    alive = fitted.model.chance_alive(
        fitted.columns, group.repeat_order_count, group.age_at_last_order, group.age
    )
    return 1 - float(group.customer_count @ alive) / group.total_customers


def share_of_orders_left(fitted: FittedModel, period: float) -> float:
    """Return the orders of a far period as a share of those of a new customer's first period.

    It stands for the mean lifetime, which is infinite in all these models for many parameters.
    """
    until = expected_orders(fitted, 0, 0, 0, period * np.array([1, FAR_PERIODS, FAR_PERIODS + 1]))
    first, far, farther = until
    return float((farther - far) / first)


def past_orders(fitted: FittedModel, histogram: OrderHistogram) -> float:
    """Return the repeat orders the model expects of these customers from their first day on."""
    per_customer = expected_orders(fitted, 0, 0, 0, histogram.age)
    return float(histogram.customer_count @ per_customer)


def _judge_leaving(fitted: FittedModel, histogram: OrderHistogram) -> str | None:
    gone = share_gone(fitted, histogram)
    if gone < FEWEST_GONE:
        return f"the model finds that nobody ever leaves ({gone:.1%} of customers gone)"
    left = share_of_orders_left(fitted, float(histogram.age.max()))
    if left > LARGEST_SHARE_LEFT:
        return (
            f"the model finds that nobody ever leaves ({left:.0%} of a new customer's orders would "
            f"go on after {FAR_PERIODS:.0f} times the period it has seen)"
        )
    return None


def _judge_search(fitted: FittedModel) -> str | None:
    if fitted.at_boundary:
        names = " and ".join(fitted.at_boundary)
        return f"the fit ran to the edge of what it may find ({names})"
    if not fitted.converged:
        return "the fit found no best answer"
    return None


def _judge_shape(fitted: FittedModel) -> str | None:
    """Refuse a fit that follows a ridge: its shapes are the parameters that are no times."""
    shapes = {
        name: value
        for index, (name, value) in enumerate(fitted.named_parameters.items())
        if index not in fitted.model.time_parameters
    }
    name, value = max(shapes.items(), key=lambda shape: shape[1])
    if value > HIGHEST_SHAPE:
        return f"the model finds hardly any difference between customers ({name} = {value:.0f})"
    return None


def _judge_past(fitted: FittedModel, histogram: OrderHistogram) -> str | None:
    made = histogram.total_repeat_orders
    expected = past_orders(fitted, histogram)
    if made and abs(expected / made - 1) <= PAST_TOLERANCE:
        return None
    return f"the model expects {expected:,.0f} repeat orders of the past, and {made:,.0f} were made"


@dataclass(frozen=True)
class HoldoutError:
    """How far a forecast was off in the time held out.

    Args:
        predicted_orders: The sum that was foretold.
        actual_orders: The sum that was made.
        mean_absolute_error: Over customers, in orders.
    """

    name: str
    predicted_orders: float
    actual_orders: float
    mean_absolute_error: float
    customer_count: float

    @property
    def total_error(self) -> float:
        """|predicted − actual| / actual of the sums."""
        return abs(self.predicted_orders - self.actual_orders) / self.actual_orders

    @property
    def customer_error(self) -> float:
        """The mean absolute error as a share of the mean orders made."""
        return self.mean_absolute_error * self.customer_count / self.actual_orders


@dataclass(frozen=True)
class Candidate:
    """A model that was tried: its fit to the past, its error, and why it is refused, if it is."""

    fitted: FittedModel
    error: HoldoutError
    refusal: str | None

    @property
    def is_as_good_as_exact(self) -> bool:
        """Say whether no other model could do much better."""
        return self.refusal is None and self.error.total_error <= EXACT_TOTAL


@dataclass(frozen=True)
class ModelChoice:
    """All that was tried, best first; `chosen` is missing where no model may be used."""

    candidates: tuple[Candidate, ...]
    extrapolations: tuple[HoldoutError, ...]

    @property
    def chosen(self) -> Candidate | None:
        """The best model that is not refused."""
        return next((tried for tried in self.candidates if tried.refusal is None), None)


def choose_model(
    calibration: OrderHistogram,
    holdout_order_count: ArrayLike,
    horizon: float,
    groups: ArrayLike | None = None,
    models: tuple[OrderModel, ...] = MODELS,
) -> ModelChoice:
    """Return the models ranked by how well they foretell the orders of the time held out.

    Args:
        calibration: The past, as it was known when the hold-out began. Customers with one history
            and different hold-out counts stand in different rows.
        holdout_order_count: The orders each customer of a row made in the hold-out.
        horizon: The length of the hold-out, in the histogram's unit of time.
        groups: A group per row, such as the segment; one of the extrapolations gives each customer
            the mean rate of his group. Without it all are one group.
        models: Those to try; one that is slow is tried where none before it is as good as exact.
    """
    actual = np.asarray(holdout_order_count, dtype=np.float64)
    if not calibration.customer_count @ actual > 0:
        message = "A model can be chosen only by a hold-out in which orders were made."
        raise ValueError(message)
    extrapolations = tuple(
        _error(name, predicted, calibration, actual)
        for name, predicted in _extrapolations(calibration, horizon, groups)
    )
    candidates: list[Candidate] = []
    for model in models:
        if model in SLOW_MODELS and any(one.is_as_good_as_exact for one in candidates):
            continue
        fitted = fit_model(model, calibration)
        candidates.append(_candidate(fitted, calibration, actual, horizon, extrapolations))
    return ModelChoice(tuple(sorted(candidates, key=_rank)), extrapolations)


def _candidate(
    fitted: FittedModel,
    calibration: OrderHistogram,
    actual: Array,
    horizon: float,
    extrapolations: tuple[HoldoutError, ...],
) -> Candidate:
    predicted = expected_orders_of_rows(fitted, calibration, horizon)
    error = _error(fitted.model.name, predicted, calibration, actual)
    refusal = judge_fit(fitted, calibration) or _judge_error(error, extrapolations)
    return Candidate(fitted, error, refusal)


def _rank(candidate: Candidate) -> tuple[bool, float]:
    error = candidate.error
    return candidate.refusal is not None, error.total_error + error.customer_error


def _judge_error(error: HoldoutError, extrapolations: tuple[HoldoutError, ...]) -> str | None:
    """Return why a forecast is no good: too far off, or no better than an extrapolation."""
    if not math.isfinite(error.predicted_orders):
        return "it foretold no number of orders"
    if error.total_error > WORST_TOTAL:
        return (
            f"it foretold {error.predicted_orders:,.0f} orders of the time held out, and "
            f"{error.actual_orders:,.0f} were made"
        )
    for other in extrapolations:
        if error.total_error > max(other.total_error, EXACT_TOTAL):
            return (
                f"its total was off by {error.total_error:.0%}, that of the extrapolation "
                f"“{other.name}” by {other.total_error:.0%}"
            )
        if error.mean_absolute_error >= other.mean_absolute_error:
            return (
                f"it was off by {error.mean_absolute_error:.3f} orders a customer, the "
                f"extrapolation “{other.name}” by {other.mean_absolute_error:.3f}"
            )
    return None


def _error(name: str, predicted: Array, calibration: OrderHistogram, actual: Array) -> HoldoutError:
    weights = calibration.customer_count
    return HoldoutError(
        name,
        float(weights @ predicted),
        float(weights @ actual),
        float(weights @ np.abs(predicted - actual)) / calibration.total_customers,
        calibration.total_customers,
    )


def _extrapolations(
    calibration: OrderHistogram, horizon: float, groups: ArrayLike | None
) -> tuple[tuple[str, Array], ...]:
    """Return what a spreadsheet would foretell: everybody goes on as he did, or as his group did.

    A customer's own rate is his repeat orders per time since his first; nobody's is known on the
    first day, so that he gets the rate of all.
    """
    weights, count, age = (
        calibration.customer_count,
        calibration.repeat_order_count,
        calibration.age,
    )
    everybody = calibration.total_repeat_orders / float(weights @ age)
    own = np.where(age > 0, count / np.where(age > 0, age, 1), everybody)
    labels = np.zeros(len(calibration)) if groups is None else np.asarray(groups)
    _, of_row = np.unique(labels, return_inverse=True)
    orders = np.bincount(of_row, weights=weights * count)
    time = np.bincount(of_row, weights=weights * age)
    group_rate = np.where(time > 0, orders / np.where(time > 0, time, 1), everybody)[of_row]
    return ("own past rate", own * horizon), ("mean rate of the group", group_rate * horizon)
