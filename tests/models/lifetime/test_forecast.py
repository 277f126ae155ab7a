"""Intervals: they hold what comes, grow with doubt, and small and large groups agree."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import beta_geometric_cohort, pareto_cohort
from fits import fitted_with, spend_with

from rfmreport.models.lifetime.beta_geometric import BG_NBD, MBG_NBD
from rfmreport.models.lifetime.fitting import (
    MODELS,
    FittedModel,
    OrderModel,
    expected_orders_of_rows,
    fit_model,
)
from rfmreport.models.lifetime.forecast import Forecast, forecast_orders, forecast_revenue
from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.pareto import PARETO_NBD
from rfmreport.models.lifetime.spend import expected_order_value

PARAMETERS = {
    "BG/NBD": (0.243, 4.414, 0.793, 2.426),
    "MBG/NBD": (0.525, 6.183, 0.891, 1.614),
    "Pareto/NBD": (0.553, 10.578, 0.606, 11.669),
}
GROUP = OrderHistogram([0, 1, 2, 7], [0, 5, 30.43, 29.4], [38.86] * 4, [600, 150, 200, 50])
SPEND = spend_with((6.25, 3.74, 15.44))
MEAN_VALUES = np.array([0.0, 20.0, 35.0, 60.0])


def given_fit(model: OrderModel, deviation: float = 0.05) -> FittedModel:
    """Return the published fit."""
    return fitted_with(model, PARAMETERS[model.name], deviation)


@pytest.mark.parametrize("model", MODELS)
def test_the_expected_sum_is_that_of_the_rows(model: OrderModel) -> None:
    per_customer = expected_orders_of_rows(given_fit(model), GROUP, 39)
    found = forecast_orders(given_fit(model), GROUP, 39)
    assert found.expected == pytest.approx(GROUP.customer_count @ per_customer)
    assert found.lower < found.expected < found.upper
    revenue = forecast_revenue(given_fit(model), SPEND, GROUP, MEAN_VALUES, 39)
    value = expected_order_value(SPEND, GROUP.repeat_order_count, MEAN_VALUES)
    assert revenue.expected == pytest.approx(GROUP.customer_count @ (per_customer * value))
    assert revenue.lower < revenue.expected < revenue.upper


@pytest.mark.parametrize("model", MODELS)
def test_small_and_large_groups_are_treated_alike(
    model: OrderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = given_fit(model)
    large = (
        forecast_orders(fitted, GROUP, 39),
        forecast_revenue(fitted, SPEND, GROUP, MEAN_VALUES, 39),
    )
    monkeypatch.setattr("rfmreport.models.lifetime.forecast.SMALL_GROUP", 10_000)
    small = (
        forecast_orders(fitted, GROUP, 39),
        forecast_revenue(fitted, SPEND, GROUP, MEAN_VALUES, 39),
    )
    for one, other in zip(large, small, strict=True):
        assert one.expected == other.expected
        # Four hundred draws give a width up to a tenth.
        assert width(one) == pytest.approx(width(other), rel=0.2)
        assert one.lower == pytest.approx(other.lower, rel=0.07)


def width(forecast: Forecast) -> float:
    """Return the width of an interval."""
    return forecast.upper - forecast.lower


@pytest.mark.parametrize("model", MODELS)
def test_the_interval_grows_with_doubt_about_the_parameters(model: OrderModel) -> None:
    sure, unsure = (
        forecast_orders(given_fit(model, deviation), GROUP, 39) for deviation in (1e-6, 0.1)
    )
    assert width(sure) < 0.75 * width(unsure)
    # Chance alone: orders come in bursts, so that a sum varies more than its Poisson share.
    assert width(sure) > 1.95 * 2 * np.sqrt(sure.expected)


def test_chance_matters_less_in_larger_groups() -> None:
    fitted = given_fit(BG_NBD, 1e-6)
    many = GROUP.subset(np.arange(4), GROUP.customer_count * 100)
    one, hundred = forecast_orders(fitted, GROUP, 39), forecast_orders(fitted, many, 39)
    assert hundred.expected == pytest.approx(100 * one.expected)
    assert width(hundred) == pytest.approx(10 * width(one), rel=0.1)


def test_the_same_question_has_the_same_answer() -> None:
    fitted = given_fit(PARETO_NBD)
    assert forecast_orders(fitted, GROUP, 39) == forecast_orders(fitted, GROUP, 39)


def test_nothing_is_expected_of_no_time() -> None:
    assert forecast_orders(given_fit(BG_NBD), GROUP, 0) == Forecast(0, 0, 0)


def test_a_fit_that_did_not_converge_gives_no_interval() -> None:
    unfinished = FittedModel(
        BG_NBD,
        PARAMETERS["BG/NBD"],
        0.0,
        1000.0,
        converged=False,
        at_boundary=(),
        covariance=np.empty((0, 0)),
    )
    with pytest.raises(ValueError, match="ask judge_fit first"):
        forecast_orders(unfinished, GROUP, 39)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD, PARETO_NBD])
def test_nineteen_intervals_of_twenty_hold_what_comes(model: OrderModel) -> None:
    held = 0
    for seed in range(25):
        if model is PARETO_NBD:
            cohort = pareto_cohort(1200, (0.6, 10.0, 0.8, 20.0), later=26, seed=seed)
        else:
            first = int(model is MBG_NBD)
            cohort = beta_geometric_cohort(1200, (0.7, 9.0, 0.8, 2.5), first, 26, seed)
        fitted = fit_model(model, cohort.histogram)
        found = forecast_orders(fitted, cohort.histogram, 26)
        held += found.lower <= cohort.later_orders.sum() <= found.upper
    # Of 25 intervals at 95 %, fewer than 21 hold once in 140 times.
    assert held >= 21
