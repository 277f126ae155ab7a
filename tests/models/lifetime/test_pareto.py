"""Pareto/NBD against its definition, against the papers, and at the edges of floats."""

from __future__ import annotations

import numpy as np
import pytest
from cdnow import PARETO_NBD_PARAMETERS
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import roots_genlaguerre

from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.pareto import PARETO_NBD

# Repeat orders, age at the last, age, and the logarithm of the likelihood under the published
# parameters: Fader & Hardie's closed form with 2F1 in 30 digits (mpmath).
LIKELIHOODS = """
 0  0      38.86  -0.521046294081
 0  0      27     -0.469763366069
 2  30.43  38.86  -9.55428324515
 1  1.71   38.86  -4.45019433388
 7  29.43  38.86  -21.5946432181
26  30.86  31     -39.1316715403
 1  5      5      -3.76842266145
 0  0      0       0
"""
LITERAL = np.array([line.split() for line in LIKELIHOODS.strip().splitlines()], dtype=float)
HISTORIES = [(0, 0.0, 38.86), (2, 30.43, 38.86), (1, 1.71, 38.86), (7, 29.43, 38.86), (0, 0, 0.0)]
PUBLISHED = tuple(np.asarray(value) for value in PARETO_NBD_PARAMETERS)

shapes = st.floats(0.02, 30)
times = st.floats(0.01, 1000)


def by_integration(
    parameters: tuple[float, ...], history: tuple[float, float, float], horizon: float
) -> tuple[float, float]:
    """Return P(alive) and expected orders by integrating over all customers there may be.

    A customer with rates λ of ordering and μ of leaving who is alive makes λ (1 − exp(−μt)) / μ
    orders; his history has the likelihood λ^x (μ exp(−(λ+μ) t_x) + λ exp(−(λ+μ) T)) / (λ+μ).
    """
    r, alpha, s, beta = parameters
    count, last, age = history
    rates, rate_weights = roots_genlaguerre(160, r - 1)
    leaving_rates, leaving_weights = roots_genlaguerre(160, s - 1)
    rate, leaving = np.meshgrid(rates / alpha, leaving_rates / beta, indexing="ij")
    density = np.outer(rate_weights, leaving_weights)
    both = rate + leaving
    gone = rate**count * leaving / both * (np.exp(-both * last) - np.exp(-both * age))
    alive = rate**count * np.exp(-both * age)
    likely = (density * (alive + gone)).sum()
    orders = rate * -np.expm1(-leaving * horizon) / leaving
    return (density * alive).sum() / likely, (density * alive * orders).sum() / likely


def test_the_likelihood_of_each_history_is_that_of_the_paper() -> None:
    for row in LITERAL:
        one = OrderHistogram(*row[:3, None], np.ones(1))
        value, _ = PARETO_NBD.log_likelihood(one)(np.array(PARETO_NBD_PARAMETERS))
        assert value == pytest.approx(row[3], abs=1e-9)


def test_the_gradient_is_the_slope_of_the_likelihood() -> None:
    histogram = OrderHistogram(*LITERAL[:, :3].T, np.arange(1, len(LITERAL) + 1))
    likelihood = PARETO_NBD.log_likelihood(histogram)
    for at in (np.array(PARETO_NBD_PARAMETERS), np.array([2.0, 3.0, 0.4, 40.0])):
        steps = 1e-6 * np.diag(at)
        slopes = [
            (likelihood(at + step)[0] - likelihood(at - step)[0]) / (2 * step.sum())
            for step in steps
        ]
        np.testing.assert_allclose(likelihood(at)[1], slopes, rtol=1e-6)


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("horizon", [1.0, 39.0])
def test_expectations_are_integrals_over_all_possible_customers(
    history: tuple[float, float, float], horizon: float
) -> None:
    alive, orders = by_integration(PARETO_NBD_PARAMETERS, history, horizon)
    columns = [np.array([value]) for value in history]
    found = PARETO_NBD.expected_orders(PUBLISHED, *columns, np.asarray(horizon))
    assert PARETO_NBD.chance_alive(PUBLISHED, *columns)[0] == pytest.approx(alive, rel=1e-6)
    assert found[0] == pytest.approx(orders, rel=1e-6)


def test_nothing_happens_where_s_is_one() -> None:
    near = [
        PARETO_NBD.expected_orders(
            tuple(map(np.asarray, (0.5, 10.0, s, 12.0))),
            *(np.array([value]) for value in (2.0, 30.0, 39.0)),
            np.asarray(39.0),
        )[0]
        for s in (1 - 1e-7, 1.0, 1 + 1e-7)
    ]
    assert near[0] == pytest.approx(near[1], rel=1e-6)
    assert near[2] == pytest.approx(near[1], rel=1e-6)


@given(
    parameters=st.tuples(shapes, times, shapes, times),
    count=st.integers(0, 20_000),
    age=st.floats(0, 5000),
    share=st.floats(0, 1),
)
def test_expected_orders_are_finite_and_grow_with_the_horizon(
    parameters: tuple[float, ...], count: int, age: float, share: float
) -> None:
    last = share * age if count else 0.0
    horizon = np.array([0.0, 1e-6, 1, 7, 30, 90, 365, 3650])
    columns = [np.full(8, float(value)) for value in (count, last, age)]
    given_parameters = tuple(np.asarray(value) for value in parameters)
    found = PARETO_NBD.expected_orders(given_parameters, *columns, horizon)
    assert np.isfinite(found).all()
    assert found[0] == 0
    assert (np.diff(found) >= -1e-12 * found[1:]).all()
    alive = PARETO_NBD.chance_alive(given_parameters, *columns)
    assert ((alive >= 0) & (alive <= 1)).all()
