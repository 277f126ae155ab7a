"""Gamma-Gamma: the published parameters, what follows from them, and when they are refused."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from cdnow import SPEND_PARAMETERS, read_cdnow
from fits import spend_with
from scipy.special import roots_genlaguerre
from scipy.stats import spearmanr

from rfmreport.models.lifetime.spend import (
    SpendHistogram,
    associate_count_and_value,
    expected_order_value,
    fit_spend,
    judge_spend,
    simulate_spend,
)

if TYPE_CHECKING:
    from pathlib import Path


def spend_cohort(size: int, parameters: tuple[float, float, float], seed: int) -> SpendHistogram:
    """Return repeat buyers whose orders are worth what the model says, drawn order by order."""
    p, q, v = parameters
    random = np.random.default_rng(seed)
    count = random.geometric(0.3, size)
    rate = random.gamma(q, 1 / v, size)
    values = random.gamma(p, 1 / rate[:, None], (size, count.max()))
    total = np.where(np.arange(count.max()) < count[:, None], values, 0).sum(axis=1)
    return SpendHistogram(count, total / count, np.ones(size))


def test_the_published_parameters_of_cdnow(shared_dir: Path) -> None:
    cdnow = read_cdnow(shared_dir / "data" / "cdnow_sample.csv")
    count, value = cdnow.histogram.repeat_order_count, cdnow.mean_repeat_order_value
    known = (count > 0) & (value > 0)
    histogram = SpendHistogram(count[known], value[known], np.ones(known.sum()))
    fitted = fit_spend(histogram)
    assert fitted.converged
    assert fitted.customer_count == 946
    assert tuple(round(parameter, 2) for parameter in fitted.parameters) == SPEND_PARAMETERS
    assert fitted.log_likelihood == pytest.approx(-4055.9177, abs=1e-3)
    assert judge_spend(fitted, histogram) is None
    # p v / (q − 1) of the published parameters.
    assert fitted.mean_order_value == pytest.approx(35.17, abs=0.01)


def test_a_fit_recovers_what_was_put_in() -> None:
    fitted = fit_spend(spend_cohort(30_000, (6.0, 4.0, 15.0), seed=3))
    off = np.log(fitted.parameters) - np.log((6.0, 4.0, 15.0))
    # Chi-square with three degrees is above 16.3 once in 1,000.
    assert off @ np.linalg.solve(fitted.covariance, off) < 16.3
    assert np.abs(off).max() < 0.1


def test_a_row_of_many_customers_is_as_many_rows_of_one() -> None:
    rows = spend_cohort(300, (6.0, 4.0, 15.0), seed=4)
    times = np.arange(300) % 3 + 1
    columns = (rows.repeat_order_count, rows.mean_repeat_order_value)
    weighted = SpendHistogram(*columns, times)
    expanded = SpendHistogram(*(np.repeat(column, times) for column in columns), np.ones(600))
    np.testing.assert_allclose(
        fit_spend(weighted).parameters, fit_spend(expanded).parameters, rtol=1e-5
    )
    association = associate_count_and_value(weighted)
    assert association.customer_count == 600
    assert association.rank_correlation == pytest.approx(
        spearmanr(expanded.repeat_order_count, expanded.mean_repeat_order_value).statistic
    )


def test_values_rounded_to_a_hundredth_of_themselves_give_the_same_fit() -> None:
    exact = spend_cohort(30_000, (6.0, 4.0, 15.0), seed=5)
    bins = np.rint(np.log(exact.mean_repeat_order_value) / 0.01)
    keys, customers = np.unique(
        np.stack([exact.repeat_order_count, bins]), axis=1, return_counts=True
    )
    rounded = SpendHistogram(keys[0], np.exp(0.01 * keys[1]), customers)
    assert len(customers) < 12_000
    np.testing.assert_allclose(
        fit_spend(rounded).parameters, fit_spend(exact).parameters, rtol=2e-3
    )


def test_the_currency_does_not_matter() -> None:
    pounds = spend_cohort(2000, (6.0, 4.0, 15.0), seed=6)
    pence = dataclasses.replace(
        pounds, mean_repeat_order_value=100 * pounds.mean_repeat_order_value
    )
    in_pounds, in_pence = fit_spend(pounds), fit_spend(pence)
    np.testing.assert_allclose(
        in_pence.parameters, np.multiply(in_pounds.parameters, (1, 1, 100)), rtol=1e-5
    )
    shift = 2000 * np.log(100)
    assert in_pence.log_likelihood == pytest.approx(in_pounds.log_likelihood - shift)


def test_an_expected_value_is_an_integral_over_all_possible_customers() -> None:
    p, q, v = SPEND_PARAMETERS
    nodes, weights = roots_genlaguerre(120, q - 1)
    rate = nodes / v
    likely = weights * rate ** (p * 3) * np.exp(-rate * 3 * 20)
    expected = (likely * p / rate).sum() / likely.sum()
    fitted = spend_with(SPEND_PARAMETERS)
    assert expected_order_value(fitted, 3, 20.0) == pytest.approx(expected, rel=1e-6)


def test_one_order_buyers_are_expected_to_spend_like_everybody() -> None:
    fitted = spend_with(SPEND_PARAMETERS)
    found = expected_order_value(fitted, [0, 0, 1, 50], [float("nan"), 0.0, 200.0, 200.0])
    assert found[:2].tolist() == [fitted.mean_order_value] * 2
    # The more is known of a customer, the nearer to his own mean.
    assert fitted.mean_order_value < found[2] < found[3] < 200


def test_the_mean_of_customers_gives_the_mean_of_their_expectations() -> None:
    fitted = spend_with(SPEND_PARAMETERS)
    apart = expected_order_value(fitted, [2, 2], [10.0, 90.0])
    assert expected_order_value(fitted, 2, 50.0) == pytest.approx(apart.mean())


def test_simulated_spend_has_the_expected_mean() -> None:
    random = np.random.default_rng(8)
    parameters = tuple(np.asarray(value) for value in SPEND_PARAMETERS)
    count, value, orders = np.full(200_000, 3), np.full(200_000, 20.0), np.full(200_000, 2.0)
    found = simulate_spend(parameters, count, value, orders, random).mean()
    expected = 2 * expected_order_value(spend_with(SPEND_PARAMETERS), 3, 20.0)
    assert found == pytest.approx(expected, rel=5e-3)
    assert simulate_spend(parameters, count[:1], value[:1], np.zeros(1), random).tolist() == [0]


def test_without_a_mean_there_is_no_expected_value() -> None:
    heavy = spend_with((2.0, 0.8, 15.0))
    assert np.isnan(heavy.mean_order_value)
    assert np.isnan(expected_order_value(heavy, [0, 3], [0, 20.0])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"converged": False}, "found no best answer"),
        ({"at_boundary": ("p", "v")}, r"ran to the edge of what it may find \(p and v\)"),
        ({"parameters": (2.0, 0.8, 15.0)}, r"has no mean \(q = 0.80\)"),
        ({"parameters": (6.0, 4.0, 30.0)}, r"mean order value of 60.00 misses the observed"),
    ],
)
def test_a_fit_that_must_not_be_used_is_refused(changed: dict[str, object], reason: str) -> None:
    histogram = spend_cohort(2000, (6.0, 4.0, 15.0), seed=9)
    fitted = dataclasses.replace(spend_with((6.0, 4.0, 15.0)), **changed)
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(judge_spend(fitted, histogram))


def test_customers_who_all_spend_the_same_are_refused() -> None:
    histogram = SpendHistogram([1, 2, 3], [20.0, 20.0, 20.0], [50, 30, 20])
    assert judge_spend(fit_spend(histogram), histogram) is not None
    assert np.isnan(associate_count_and_value(histogram).rank_correlation)


@pytest.mark.parametrize("column", [0, 1, 2])
@pytest.mark.parametrize("wrong", [0.0, -5.0, float("nan"), float("inf")])
def test_a_value_the_model_cannot_read_is_refused(column: int, wrong: float) -> None:
    columns = [np.array([1.0, 2.0]) for _ in range(3)]
    columns[column][1] = wrong
    with pytest.raises(ValueError, match="above zero"):
        SpendHistogram(*columns)
