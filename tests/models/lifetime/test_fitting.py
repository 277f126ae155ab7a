"""Fitting: published parameters, parameters that were put in, and weights as repeated rows."""

from __future__ import annotations

import csv
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from cdnow import (
    BG_NBD_PARAMETERS,
    HOLDOUT_WEEKS,
    MBG_NBD_PARAMETERS,
    PARETO_NBD_PARAMETERS,
    Cdnow,
    read_cdnow,
)
from cohorts import beta_geometric_cohort, pareto_cohort
from fits import fitted_with

from rfmreport.models.lifetime.beta_geometric import BG_NBD, MBG_NBD
from rfmreport.models.lifetime.fitting import (
    MODELS,
    OrderModel,
    chance_alive,
    chance_to_order_of_rows,
    expected_orders,
    expected_orders_of_rows,
    fit_model,
)
from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.pareto import PARETO_NBD

if TYPE_CHECKING:
    from pathlib import Path

# Customers of the CDNOW sample: repeat orders, age at the last, age; P(alive) and orders in the
# next 39 weeks by BG/NBD and by Pareto/NBD, as the R package CLVTools gives them.
PREDICTIONS = """
2  30.43  38.86  0.72660913679906    1.2259104241744159   0.8691170911251543   1.4551081855150232
1  1.71   38.86  0.21222738807220765 0.2032506242561891   0.16786718454844382  0.17097504408699543
0  0.0    38.86  1.0                 0.1947808579394768   0.29509144830625994  0.10705633784335011
1  23.86  38.29  0.6469884214257855  0.6267951461314708   0.7647206840315516   0.7866235261004458
0  0.0    37.71  1.0                 0.1995631960943085   0.3019848156049319   0.11177813259700224
3  5.57   36.0   0.05655272096937988 0.14376262454256128  0.08343152295080354  0.20450515304576358
4  24.43  33.57  0.6803513542049618  2.3529551322899644   0.791574626637963    2.6016267459747913
0  0.0    27.14  1.0                 0.25796974015175633  0.382406519308078    0.17419991069126367
"""
LITERAL = np.array([line.split() for line in PREDICTIONS.strip().splitlines()], dtype=float)
PREDICTED_BY = [
    (BG_NBD, (0.2425945, 4.4136019, 0.7929199, 2.4258881), 3),
    (PARETO_NBD, (0.55315, 10.57633, 0.60625, 11.67150), 5),
]


@pytest.fixture(scope="module")
def cdnow(shared_dir: Path) -> Cdnow:
    """Return the published sample."""
    return read_cdnow(shared_dir / "data" / "cdnow_sample.csv")


@pytest.mark.parametrize(
    ("model", "published", "log_likelihood"),
    [
        (BG_NBD, BG_NBD_PARAMETERS, -9582.4),
        (MBG_NBD, MBG_NBD_PARAMETERS, None),
        (PARETO_NBD, PARETO_NBD_PARAMETERS, -9595.0),
    ],
)
def test_the_published_parameters_of_cdnow(
    model: OrderModel,
    published: tuple[float, ...],
    log_likelihood: float | None,
    cdnow: Cdnow,
) -> None:
    fitted = fit_model(model, cdnow.histogram)
    assert fitted.converged
    assert tuple(round(value, 3) for value in fitted.parameters) == published
    if log_likelihood:
        assert round(fitted.log_likelihood, 1) == log_likelihood


def test_the_published_standard_errors_of_cdnow(cdnow: Cdnow) -> None:
    # The R package CLVTools, tests/testthat/test_correctness_pnbd_nocovstaticcov.R.
    fitted = fit_model(PARETO_NBD, cdnow.histogram)
    errors = np.sqrt(np.diag(fitted.covariance)) * fitted.parameters
    published = [0.0476264, 0.8427222, 0.1872594, 6.2105448]
    np.testing.assert_allclose(errors, published, rtol=2e-3)


@pytest.mark.parametrize(("model", "column"), [(BG_NBD, "bg"), (PARETO_NBD, "pnbd")])
def test_every_customer_of_cdnow_is_foretold_as_published(
    model: OrderModel, column: str, cdnow: Cdnow, shared_dir: Path
) -> None:
    file = shared_dir / "oracles" / "cdnow_sample_bgnbd_predictions.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        published = list(csv.DictReader(rows))
    fitted = fit_model(model, cdnow.histogram)
    count, last, age = (
        np.array([float(row[name]) for row in published]) for name in ("frequency", "recency", "T")
    )
    orders = [float(row[f"{column}_exp_purch_t"]) for row in published]
    alive = np.array([float(row[f"{column}_p_alive"]) for row in published])
    found = expected_orders(fitted, count, last, age, HOLDOUT_WEEKS)
    np.testing.assert_allclose(found, orders, atol=1e-3)
    found_alive = chance_alive(fitted, count, last, age)
    known = ~np.isnan(found_alive)
    np.testing.assert_allclose(found_alive[known], alive[known], atol=1e-3)
    assert known.all() or (count[~known] == 0).all()


@pytest.mark.parametrize(("model", "parameters", "column"), PREDICTED_BY)
def test_customers_are_foretold_as_published(
    model: OrderModel, parameters: tuple[float, ...], column: int
) -> None:
    fitted = fitted_with(model, parameters)
    count, last, age = LITERAL.T[:3]
    orders = expected_orders(fitted, count, last, age, HOLDOUT_WEEKS)
    np.testing.assert_allclose(orders, LITERAL[:, column + 1], atol=1e-4)
    alive = chance_alive(fitted, count, last, age)
    known = ~np.isnan(alive)
    np.testing.assert_allclose(alive[known], LITERAL[known, column], atol=1e-4)


def test_a_chance_that_is_always_one_is_not_offered() -> None:
    alive = chance_alive(fitted_with(BG_NBD, BG_NBD_PARAMETERS), [0, 1], [0, 5], [10, 10])
    assert np.isnan(alive).tolist() == [True, False]
    modified = chance_alive(fitted_with(MBG_NBD, MBG_NBD_PARAMETERS), [0, 1], [0, 5], [10, 10])
    assert not np.isnan(modified).any()


def cohort_of(model: OrderModel, parameters: tuple[float, ...], size: int) -> OrderHistogram:
    """Return customers who live as the model says."""
    if model is PARETO_NBD:
        return pareto_cohort(size, parameters, later=26, seed=7).histogram
    first = int(model is MBG_NBD)
    return beta_geometric_cohort(size, parameters, first, later=26, seed=7).histogram


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        (BG_NBD, (0.7, 9.0, 0.8, 2.5)),
        (MBG_NBD, (0.9, 12.0, 0.9, 1.6)),
        (PARETO_NBD, (0.6, 10.0, 0.8, 20.0)),
    ],
)
def test_a_fit_recovers_what_was_put_in(model: OrderModel, parameters: tuple[float, ...]) -> None:
    fitted = fit_model(model, cohort_of(model, parameters, 30_000))
    assert fitted.converged
    off = np.log(fitted.parameters) - np.log(parameters)
    # The distance in standard errors: chi-square with four degrees, above 18.5 once in 1,000.
    assert off @ np.linalg.solve(fitted.covariance, off) < 18.5
    assert np.abs(off).max() < 0.25


@pytest.mark.parametrize("model", MODELS)
def test_a_row_of_many_customers_is_as_many_rows_of_one(model: OrderModel) -> None:
    histogram = cohort_of(model, (0.7, 9.0, 0.8, 5.0), 500)
    counts = np.arange(500) % 3 + 1
    weighted = fit_model(model, histogram.subset(np.arange(500), counts))
    expanded = fit_model(model, histogram.subset(np.repeat(np.arange(500), counts)))
    np.testing.assert_allclose(weighted.parameters, expanded.parameters, rtol=1e-5)
    assert weighted.log_likelihood == pytest.approx(expanded.log_likelihood, rel=1e-10)
    assert weighted.customer_count == expanded.customer_count == counts.sum()


@pytest.mark.parametrize("model", MODELS)
def test_the_unit_of_time_does_not_matter(model: OrderModel) -> None:
    weeks = cohort_of(model, (0.7, 9.0, 0.8, 5.0), 3000)
    in_weeks, in_days = (fit_model(model, weeks.scaled(unit)) for unit in (1, 1 / 7))
    times = [7 if index in model.time_parameters else 1 for index in range(4)]
    np.testing.assert_allclose(in_days.parameters, np.multiply(in_weeks.parameters, times), 1e-4)
    shift = weeks.total_repeat_orders * np.log(7)
    assert in_days.log_likelihood == pytest.approx(in_weeks.log_likelihood - shift, rel=1e-9)
    np.testing.assert_allclose(
        expected_orders_of_rows(in_days, weeks.scaled(1 / 7), 91),
        expected_orders_of_rows(in_weeks, weeks, 13),
        rtol=1e-4,
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_of_many_rows_starts_from_a_sample_and_ends_at_the_same_top(
    model: OrderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    histogram = cohort_of(model, (0.7, 9.0, 0.8, 5.0), 5000)
    sampled = fit_model(model, histogram)
    monkeypatch.setattr("rfmreport.models.lifetime.fitting.TRIAL_SIZE", 10_000)
    whole = fit_model(model, histogram)
    np.testing.assert_allclose(sampled.parameters, whole.parameters, rtol=1e-5)


def test_customers_who_all_began_today_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="all began today"):
        fit_model(BG_NBD, OrderHistogram(np.zeros(2), np.zeros(2), np.zeros(2), np.ones(2)))


def test_importing_the_models_does_not_import_scipy() -> None:
    modules = "choice, fitting, forecast, histogram, spend"
    code = f"import sys; from rfmreport.models.lifetime import {modules}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "scipy" not in loaded


@pytest.mark.parametrize(
    "fitted",
    [
        fitted_with(*of)
        for of in (
            (BG_NBD, BG_NBD_PARAMETERS),
            (MBG_NBD, MBG_NBD_PARAMETERS),
            (PARETO_NBD, PARETO_NBD_PARAMETERS),
        )
    ],
    ids=lambda fitted: fitted.model.name,
)
def test_the_chance_to_order_is_the_share_of_simulated_customers_who_do(fitted) -> None:
    group = OrderHistogram([0, 1, 2, 40], [0, 5, 30.43, 38], [38.86] * 4, [1] * 4)
    columns = (group.repeat_order_count, group.age_at_last_order, group.age)
    many = tuple(np.tile(column, (20_000, 1)) for column in columns)
    random = np.random.default_rng(3)
    chances = []
    for weeks in (4.0, 39.0, 400.0):
        chance = chance_to_order_of_rows(fitted, group, weeks)
        came = fitted.model.simulate_orders(fitted.columns, many, weeks, random) > 0
        assert chance == pytest.approx(came.mean(axis=0), abs=0.014)
        assert (chance <= expected_orders_of_rows(fitted, group, weeks) + 1e-12).all()
        chances.append(chance)
    assert (np.diff(chances, axis=0) > -1e-8).all()
    assert chance_to_order_of_rows(fitted, group, 0.0) == pytest.approx(np.zeros(4))
