"""Models tried on the shop's own past: which may be used, and how far it was off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from rfmreport.models.intervals import Misses, miss_of
from rfmreport.models.lifetime.choice import (
    WORST_TOTAL,
    HoldoutError,
    ModelChoice,
    choose_model,
    judge_fit,
)
from rfmreport.models.lifetime.fitting import (
    MODELS,
    FittedModel,
    expected_orders_of_rows,
    fit_model,
)
from rfmreport.models.lifetime.histogram import OrderHistogram, nobody_leaves
from rfmreport.models.lifetime.spend import (
    FittedSpend,
    SpendHistogram,
    associate_count_and_value,
    expected_order_value,
    fit_spend,
    judge_spend,
)
from rfmreport.sections.worth.figures import ForecastTrial, SpendTrial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Literal

    from rfmreport.models.lifetime.numerics import Array
    from rfmreport.sections.worth.lifetime_value import CountedHistories

_FEWEST_CUSTOMERS = 100
_NOBODY_LEAVES = "these histories do not show that anybody ever leaves"
# Rank correlations from which on order value goes with order count a little, and clearly.
_WEAK_LINK, _STRONG_LINK = 0.1, 0.3


@dataclass(frozen=True, eq=False)
class ModelFits:
    """One model, fitted to all data `now` and to what was known `then`, on the past date."""

    now: FittedModel
    then: FittedModel

    @property
    def name(self) -> str:
        """The name the literature gives the model."""
        return self.now.model.name


@dataclass(frozen=True, eq=False)
class ChosenModel:
    """All that was tried, and the fits of the model that held on the past, if any did."""

    trials: tuple[ForecastTrial, ...]
    fits: ModelFits | None = None


@dataclass(frozen=True, eq=False)
class OrderValues:
    """The model of what an order is worth, if it may be used, and the test of what it supposes."""

    fitted: FittedSpend | None
    trial: SpendTrial


@dataclass(frozen=True, eq=False)
class CheckedModel:
    """How far a model was off on the past date; revenue only where order values were fitted."""

    orders: Misses
    revenue: Misses
    predicted_revenue: float | None = None
    actual_revenue: float | None = None


def choose_fit(
    past: CountedHistories, now: CountedHistories, past_date: date, horizon_days: int
) -> ChosenModel | None:
    """Fit models to what was known on a past date, and the one that foretold best to all of it.

    `past` was followed for `horizon_days`, up to the date of `now`. None where there are too few
    customers or orders to try.
    """
    known, later = past.histogram, past.later_order_count
    actual = float(known.customer_count @ later)
    if known.total_customers < _FEWEST_CUSTOMERS or not actual or not known.total_repeat_orders:
        return None
    tried = partial(
        ForecastTrial,
        as_of=past_date,
        days=horizon_days,
        customer_count=round(known.total_customers),
        of_order_days=True,
    )
    if nobody_leaves(known):
        silent = partial(tried, is_model=True, predicted_orders=None, refusal=_NOBODY_LEAVES)
        return ChosenModel(tuple(silent(name=one.name, actual_orders=actual) for one in MODELS))
    choice = choose_model(known, later, horizon_days, past.segments)
    trials = (
        *(
            tried(**_said(one.error), is_model=True, refusal=one.refusal)
            for one in choice.candidates
        ),
        *(tried(**_said(error), is_model=False) for error in choice.extrapolations),
    )
    return _fit_to_all(choice, trials, now.histogram)


def _said(error: HoldoutError) -> dict[str, Any]:
    # At the edge of what it may find, a fit can foretell no number.
    said = error.predicted_orders if isfinite(error.predicted_orders) else None
    return {"name": error.name, "predicted_orders": said, "actual_orders": error.actual_orders}


def _fit_to_all(
    choice: ModelChoice, trials: tuple[ForecastTrial, ...], today: OrderHistogram
) -> ChosenModel:
    """Fit the model that was chosen, if any, to all data; refuse it where that fit is no good."""
    if choice.chosen is None:
        return ChosenModel(trials)
    then = choice.chosen.fitted
    fitted = fit_model(then.model, today)
    refusal = judge_fit(fitted, today)
    if refusal is None:
        return ChosenModel(trials, ModelFits(fitted, then))
    return ChosenModel(tuple(_refused(trials, fitted.model.name, refusal)))


def _refused(trials: Sequence[ForecastTrial], name: str, refusal: str) -> list[ForecastTrial]:
    """Say of the model that was chosen why its fit to all data may not be used."""
    reason = f"fitted to all data, {refusal}"
    return [
        replace(trial, refusal=reason) if trial.is_model and trial.name == name else trial
        for trial in trials
    ]


def fit_order_values(values: SpendHistogram | None) -> OrderValues | None:
    """Fit what an order is worth, and test that it does not depend on how often somebody orders."""
    if values is None:
        return None
    fitted = fit_spend(values)
    refusal = judge_spend(fitted, values)
    found = associate_count_and_value(values)
    trial = SpendTrial(
        found.rank_correlation, _link(found.rank_correlation), int(found.customer_count), refusal
    )
    return OrderValues(None if refusal else fitted, trial)


def _link(rank_correlation: float) -> Literal["none", "weak", "strong"]:
    if not abs(rank_correlation) >= _WEAK_LINK:
        return "none"
    return "strong" if abs(rank_correlation) >= _STRONG_LINK else "weak"


def check_on_past(
    fitted: FittedModel, spend: FittedSpend | None, past: CountedHistories, horizon_days: int
) -> CheckedModel:
    """Return how far a model, fitted to what was known then, was off: in all and by segment."""
    weights = past.histogram.customer_count
    orders = expected_orders_of_rows(fitted, past.histogram, horizon_days)
    later = past.later_order_count
    of_orders = _misses(past, orders, later, (later - orders) ** 2)
    if spend is None:
        return CheckedModel(of_orders, Misses())
    worth = expected_order_value(spend, past.histogram.repeat_order_count, past.mean_value)
    revenue, spent = orders * worth, past.later_spent
    squares = past.later_spent_square - 2 * revenue * spent + revenue**2
    return CheckedModel(
        of_orders,
        _misses(past, revenue, spent, squares),
        float(weights @ revenue),
        float(weights @ spent),
    )


def _misses(past: CountedHistories, said: Array, came: Array, squares: Array) -> Misses:
    """Return the misses of sums; `squares` are the mean squared errors per customer: chance."""
    weights = past.histogram.customer_count
    total, *segments = (
        miss_of(
            float(weights[rows] @ said[rows]),
            float(weights[rows] @ came[rows]),
            0.0,
            float(weights[rows] @ squares[rows]),
        )
        for rows in (
            slice(None),
            *(past.segments == name for name in np.unique(past.segments)),
        )
    )
    return Misses((total,) if total else (), (tuple(miss for miss in segments if miss),))


def with_revenue(chosen: ChosenModel, checked: CheckedModel) -> tuple[ForecastTrial, ...]:
    """Return the trials, that of the model which is used with the revenue it foretold."""
    return tuple(
        replace(
            trial,
            predicted_revenue=checked.predicted_revenue,
            actual_revenue=checked.actual_revenue,
        )
        if trial.is_model and chosen.fits and trial.name == chosen.fits.name
        else trial
        for trial in chosen.trials
    )


def without_wrong_revenue(values: OrderValues | None, checked: CheckedModel) -> OrderValues | None:
    """Refuse order values where the revenue made of them was too far off on the past."""
    said, came = checked.predicted_revenue, checked.actual_revenue
    if values is None or values.fitted is None or said is None or not came:
        return values
    missed = said / came - 1
    if abs(missed) <= WORST_TOTAL:
        return values
    refusal = f"on the past it came out {abs(missed):.0%} too {'high' if missed > 0 else 'low'}"
    return OrderValues(None, replace(values.trial, refusal=refusal))
