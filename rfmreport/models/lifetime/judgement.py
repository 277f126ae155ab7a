"""Whether a fit of orders may be used at all: what a model says must be possible in a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.lifetime.fitting import expected_orders

if TYPE_CHECKING:
    from rfmreport.models.lifetime.fitting import FittedModel
    from rfmreport.models.lifetime.histogram import OrderHistogram

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
