"""Choosing by hold-out: the model that foretells best, and none where a spreadsheet does better."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from cdnow import HOLDOUT_WEEKS, read_cdnow
from cohorts import beta_geometric_cohort, loyal_cohort, pareto_cohort
from fits import fitted_with

from rfmreport.models.lifetime.beta_geometric import BG_NBD
from rfmreport.models.lifetime.choice import HoldoutError, ModelChoice, choose_model
from rfmreport.models.lifetime.fitting import expected_orders_of_rows, fit_model
from rfmreport.models.lifetime.histogram import OrderHistogram

if TYPE_CHECKING:
    from pathlib import Path

COHORT = beta_geometric_cohort(4000, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21)


def test_a_model_that_is_true_is_chosen_over_going_on_as_before() -> None:
    choice = choose_model(COHORT.histogram, COHORT.later_orders, 26)
    chosen = choice.chosen
    assert chosen is not None
    assert chosen.refusal is None
    assert chosen.error.total_error < 0.06
    for extrapolation in choice.extrapolations:
        assert chosen.error.mean_absolute_error < extrapolation.mean_absolute_error
        assert chosen.error.total_error < extrapolation.total_error


def test_models_are_ranked_by_their_error() -> None:
    choice = choose_model(COHORT.histogram, COHORT.later_orders, 26)
    errors = [tried.error.total_error + tried.error.customer_error for tried in choice.candidates]
    assert errors == sorted(errors)


def test_the_slow_model_is_tried_only_where_the_quick_ones_are_not_as_good_as_exact() -> None:
    cohort = pareto_cohort(2000, (0.6, 5.0, 0.8, 20.0), later=26, seed=4)
    for later, names in (
        (COHORT.later_orders, {"BG/NBD", "MBG/NBD"}),
        (COHORT.later_orders * 1.1, {"BG/NBD", "MBG/NBD", "Pareto/NBD"}),
    ):
        choice = choose_model(COHORT.histogram, later, 26)
        assert {tried.error.name for tried in choice.candidates} == names
    assert choose_model(cohort.histogram, cohort.later_orders, 26).chosen.error.name == "Pareto/NBD"


def choose_among(
    monkeypatch: pytest.MonkeyPatch, later: np.ndarray, **foretold: np.ndarray
) -> ModelChoice:
    """Choose among models that foretell what is given, whatever they were fitted to."""
    fits = {
        name: replace(fitted_with(BG_NBD, (1.0, 1.0, 1.0, 1.0)), model=replace(BG_NBD, name=name))
        for name in foretold
    }
    monkeypatch.setattr("rfmreport.models.lifetime.choice.fit_model", lambda name, _: fits[name])
    monkeypatch.setattr("rfmreport.models.lifetime.choice.judge_fit", lambda *_: None)
    monkeypatch.setattr(
        "rfmreport.models.lifetime.choice.expected_orders_of_rows",
        lambda fitted, *_: foretold[fitted.model.name],
    )
    return choose_model(COHORT.histogram, later, 26, models=tuple(foretold))


def test_a_model_right_about_each_customer_ranks_above_one_right_about_their_sum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = COHORT.later_orders
    same = np.full(len(later), later.mean())
    choice = choose_among(monkeypatch, later, of_all=same, of_each=later * 1.03)
    assert [tried.error.name for tried in choice.candidates] == ["of_each", "of_all"]


def test_a_model_whose_sum_is_further_off_than_an_extrapolations_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Going on as before has the sum right and the customers wrong; the model is 10 % off."""
    own_rate = COHORT.histogram.repeat_order_count / COHORT.histogram.age * 26
    later = own_rate[::-1].copy()
    for off, refused in ((1.04, False), (1.10, True)):
        (tried,) = choose_among(monkeypatch, later, a_model=later * off).candidates
        assert (tried.refusal is not None) is refused
        assert all(
            tried.error.mean_absolute_error < one.mean_absolute_error
            for one in choose_model(COHORT.histogram, later, 26, models=()).extrapolations
        )
    assert str(tried.refusal).startswith("its total was off by 10%")


def test_errors_are_those_of_the_fit() -> None:
    choice = choose_model(COHORT.histogram, COHORT.later_orders, 26, models=(BG_NBD,))
    predicted = expected_orders_of_rows(fit_model(BG_NBD, COHORT.histogram), COHORT.histogram, 26)
    (tried,) = choice.candidates
    assert tried.error.predicted_orders == pytest.approx(predicted.sum())
    assert tried.error.actual_orders == COHORT.later_orders.sum()
    assert tried.error.mean_absolute_error == pytest.approx(
        np.abs(predicted - COHORT.later_orders).mean()
    )


def test_a_row_of_many_customers_is_as_many_rows_of_one() -> None:
    rows = np.arange(500)
    times = rows % 3 + 1
    weighted = choose_model(
        COHORT.histogram.subset(rows, times), COHORT.later_orders[rows], 26, models=(BG_NBD,)
    )
    expanded = choose_model(
        COHORT.histogram.subset(np.repeat(rows, times)),
        COHORT.later_orders[np.repeat(rows, times)],
        26,
        models=(BG_NBD,),
    )
    for one, other in zip(
        (weighted.candidates[0].error, *weighted.extrapolations),
        (expanded.candidates[0].error, *expanded.extrapolations),
        strict=True,
    ):
        assert one.total_error == pytest.approx(other.total_error, rel=1e-5)
        assert one.mean_absolute_error == pytest.approx(other.mean_absolute_error, rel=1e-5)


def test_extrapolations_go_on_as_a_customer_did_and_as_his_group_did() -> None:
    histogram = OrderHistogram([4, 0, 1], [30, 0, 10], [40, 40, 20], [1, 1, 2])
    choice = choose_model(histogram, [2, 1, 0], 20, ["A", "B", "A"], models=())
    own, group = choice.extrapolations
    # 4/40 and 1/20 a unit of time; the group A made 6 orders in 80.
    assert (own.name, own.predicted_orders) == ("own past rate", pytest.approx(2 + 0 + 2 * 1))
    assert own.mean_absolute_error == pytest.approx((0 + 1 + 2 * 1) / 4)
    assert group.name == "mean rate of the group"
    assert group.predicted_orders == pytest.approx(20 * 6 / 80 * 3)


def test_who_began_today_goes_on_as_everybody() -> None:
    histogram = OrderHistogram([3, 0], [20, 0], [30, 0], [1, 1])
    own, _ = choose_model(histogram, [1, 1], 10, models=()).extrapolations
    assert own.predicted_orders == pytest.approx(1 + 1)


def test_no_model_is_chosen_where_nobody_leaves() -> None:
    loyal = loyal_cohort(2000, 0.8, 9.0, seed=22)
    choice = choose_model(loyal.histogram, loyal.later_orders, 26)
    assert choice.chosen is None
    for tried in choice.candidates:
        assert tried.refusal is not None
        assert tried.refusal.startswith("the model finds that nobody ever leaves")


def test_no_model_is_chosen_that_is_far_off() -> None:
    choice = choose_model(COHORT.histogram, 2 * COHORT.later_orders, 26, models=(BG_NBD,))
    assert choice.chosen is None
    assert str(choice.candidates[0].refusal).startswith("it foretold ")


def test_no_model_is_chosen_that_an_extrapolation_beats() -> None:
    # The time held out is exactly what everybody's own past rate says.
    histogram = COHORT.histogram
    later = histogram.repeat_order_count / histogram.age * 26
    choice = choose_model(histogram, later, 26, models=(BG_NBD,))
    assert choice.chosen is None
    assert choice.extrapolations[0].total_error == pytest.approx(0)


def test_a_hold_out_without_orders_chooses_nothing() -> None:
    with pytest.raises(ValueError, match="in which orders were made"):
        choose_model(COHORT.histogram, np.zeros(len(COHORT.histogram)), 26)


def test_errors_are_shares_of_the_orders_made() -> None:
    error = HoldoutError("a model", 90.0, 100.0, 0.5, 50)
    assert error.total_error == pytest.approx(0.1)
    assert error.customer_error == pytest.approx(0.25)


def test_cdnow_is_foretold_better_than_by_going_on(shared_dir: Path) -> None:
    cdnow = read_cdnow(shared_dir / "data" / "cdnow_sample.csv")
    choice = choose_model(cdnow.histogram, cdnow.later_orders, HOLDOUT_WEEKS)
    assert [tried.refusal for tried in choice.candidates] == [None, None, None]
    assert choice.candidates[0].error.name == "Pareto/NBD"
    assert all(tried.error.total_error < 0.17 for tried in choice.candidates)
    assert all(error.total_error > 0.5 for error in choice.extrapolations)


def test_a_model_that_foretells_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small shop's fit can lie at the edge of what it may find."""
    foretold = "rfmreport.models.lifetime.choice.expected_orders_of_rows"
    monkeypatch.setattr(foretold, lambda _, rows, __: np.full(len(rows), np.nan))
    choice = choose_model(COHORT.histogram, COHORT.later_orders, 26, models=(BG_NBD,))
    (tried,) = choice.candidates
    assert tried.refusal == "it foretold no number of orders"
    assert choice.chosen is None
