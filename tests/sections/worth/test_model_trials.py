"""Models are tried on the past: one that held is used, and what it was off by is kept."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from cohorts import beta_geometric_cohort, counted, loyal_cohort
from fits import fitted_with, spend_with

from rfmreport.models.lifetime.beta_geometric import BG_NBD
from rfmreport.models.lifetime.fitting import expected_orders_of_rows
from rfmreport.models.lifetime.spend import SpendHistogram, expected_order_value
from rfmreport.sections.worth.model_trials import (
    check_on_past,
    choose_fit,
    fit_order_values,
    with_revenue,
    without_wrong_revenue,
)

PAST = date(2024, 1, 1)
TRUE = (0.7, 9.0, 0.8, 2.5)
COHORT = counted(beta_geometric_cohort(2000, TRUE, 0, later=26, seed=21))
SPEND = spend_with((6.0, 4.0, 12.5))  # a mean order of 25, as the cohort's


@pytest.fixture(scope="module")
def chosen():
    return choose_fit(COHORT, COHORT, PAST, 26)


def values_of(exponent: float) -> SpendHistogram:
    """Return order values that grow with the number of orders by a power."""
    random = np.random.default_rng(5)
    counts = random.integers(1, 20, 800).astype(float)
    return SpendHistogram(
        counts, 10.0 * counts**exponent * random.gamma(8, 1 / 8, 800), np.ones(800)
    )


def test_a_model_that_foretells_the_past_is_fitted_to_all_data(chosen) -> None:
    used = [trial for trial in chosen.trials if trial.is_model and trial.refusal is None]
    assert chosen.fits.name == used[0].name == chosen.fits.then.model.name
    assert abs(used[0].order_error) < 0.1
    assert {trial.name for trial in chosen.trials if not trial.is_model} == {
        "own past rate",
        "mean rate of the group",
    }


def test_trials_say_whom_they_are_of_and_how_they_count(chosen) -> None:
    assert {(trial.customer_count, trial.of_order_days) for trial in chosen.trials} == {
        (2000, True)
    }


def test_what_a_model_cannot_foretell_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    foretold = "rfmreport.models.lifetime.choice.expected_orders_of_rows"
    monkeypatch.setattr(foretold, lambda _, rows, __: np.full(len(rows), np.nan))
    cohort = counted(beta_geometric_cohort(300, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21))
    chosen = choose_fit(cohort, cohort, PAST, 26)
    assert chosen.fits is None
    assert {trial.predicted_orders for trial in chosen.trials if trial.is_model} == {None}


def test_where_nobody_leaves_no_model_is_fitted() -> None:
    cohort = counted(loyal_cohort(1000, 0.8, 12.0, 2))
    chosen = choose_fit(cohort, cohort, PAST, 26)
    assert chosen.fits is None
    assert [trial.predicted_orders for trial in chosen.trials] == [None, None, None]
    assert {trial.refusal for trial in chosen.trials} == {
        "these histories do not show that anybody ever leaves"
    }


def test_too_few_customers_are_not_tried() -> None:
    cohort = counted(loyal_cohort(99, 0.8, 12.0, 2))
    assert choose_fit(cohort, cohort, PAST, 26) is None


def test_a_model_is_checked_in_all_and_by_segment() -> None:
    fitted = fitted_with(BG_NBD, TRUE)
    checked = check_on_past(fitted, SPEND, COHORT, 26)
    said = expected_orders_of_rows(fitted, COHORT.histogram, 26)
    came = COHORT.later_order_count
    (total,) = checked.orders.total
    assert total.error == pytest.approx(math.log(came.sum() / said.sum()))
    assert total.variance == pytest.approx(((came - said) ** 2).sum() / came.sum() ** 2)
    best, lost = checked.orders.segments[0]
    for miss, name in ((best, "Best"), (lost, "Lost")):
        rows = COHORT.segments == name
        assert miss.error == pytest.approx(math.log(came[rows].sum() / said[rows].sum()))


def test_revenue_is_checked_with_what_an_order_was_said_to_be_worth() -> None:
    checked = check_on_past(fitted_with(BG_NBD, TRUE), SPEND, COHORT, 26)
    worth = expected_order_value(SPEND, COHORT.histogram.repeat_order_count, COHORT.mean_value)
    said = expected_orders_of_rows(fitted_with(BG_NBD, TRUE), COHORT.histogram, 26) * worth
    assert checked.predicted_revenue == pytest.approx(said.sum())
    assert checked.actual_revenue == COHORT.later_order_count.sum() * 25
    (total,) = checked.revenue.total
    spent = COHORT.later_order_count * 25
    assert total.variance == pytest.approx(((spent - said) ** 2).sum() / spent.sum() ** 2)
    orders_only = check_on_past(fitted_with(BG_NBD, TRUE), None, COHORT, 26)
    assert orders_only.revenue.total == ()
    assert orders_only.predicted_revenue is None


def test_the_trial_of_the_model_in_use_tells_its_revenue_too(chosen) -> None:
    checked = check_on_past(chosen.fits.then, SPEND, COHORT, 26)
    told = [trial for trial in with_revenue(chosen, checked) if trial.actual_revenue is not None]
    assert [trial.name for trial in told] == [chosen.fits.name]
    assert told[0].predicted_revenue == checked.predicted_revenue


def test_revenue_that_was_far_off_on_the_past_is_refused() -> None:
    values = fit_order_values(values_of(0.0))
    assert values.fitted is not None
    checked = check_on_past(fitted_with(BG_NBD, TRUE), SPEND, COHORT, 26)
    assert without_wrong_revenue(values, checked) is values
    spent = checked.predicted_revenue / 1.3
    refused = without_wrong_revenue(values, replace(checked, actual_revenue=spent))
    assert refused.fitted is None
    assert refused.trial.refusal == "on the past it came out 30% too high"


@pytest.mark.parametrize(("exponent", "link"), [(0.0, "none"), (0.1, "weak"), (1.0, "strong")])
def test_how_far_order_values_depend_on_how_often_one_orders_is_told(exponent, link) -> None:
    found = fit_order_values(values_of(exponent))
    assert found.trial.link == link
    assert found.trial.customer_count == 800
