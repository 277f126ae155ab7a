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

from rfmreport.models.lifetime.fitting import MODELS, expected_orders_of_rows, fit_model
from rfmreport.models.lifetime.judgement import judge_fit
from rfmreport.models.lifetime.pareto import PARETO_NBD

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rfmreport.models.lifetime.fitting import FittedModel, OrderModel
    from rfmreport.models.lifetime.histogram import OrderHistogram
    from rfmreport.models.lifetime.numerics import Array

# A total foretold within this share of the actual is as good as exact: no model and no
# extrapolation knows the season to come.
EXACT_TOTAL = 0.05
# Its integrals take as long as all else that is foretold.
SLOW_MODELS = (PARETO_NBD,)
# A forecast whose total is off by more than this is not worth printing.
WORST_TOTAL = 0.25


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
