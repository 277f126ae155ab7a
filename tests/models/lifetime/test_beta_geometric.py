"""BG/NBD and MBG/NBD against their definition, against the papers, and at the edges of floats."""

from __future__ import annotations

import numpy as np
import pytest
from cdnow import BG_NBD_PARAMETERS, MBG_NBD_PARAMETERS
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import roots_genlaguerre, roots_jacobi

from rfmreport.models.lifetime.beta_geometric import BG_NBD, MBG_NBD, BetaGeometric
from rfmreport.models.lifetime.histogram import OrderHistogram

MODELS = [(BG_NBD, BG_NBD_PARAMETERS), (MBG_NBD, MBG_NBD_PARAMETERS)]
# Repeat orders, age at the last, age, and the logarithms of the likelihoods under the published
# parameters: the formulas of the papers in 30 digits (mpmath).
LIKELIHOODS = """
 0  0      38.86  -0.554713276438  -0.539837463531
 0  0      27     -0.476880779977  -0.474218533942
 2  30.43  38.86  -9.45860630707   -9.48555131453
 1  1.71   38.86  -4.46909327503   -4.46036061258
 7  29.43  38.86  -21.8632762715   -21.7765222489
26  30.86  31     -37.7265794734   -38.3221269478
 1  5      5      -3.84094402096   -3.8094353173
 0  0      0       0                0
"""
LITERAL = np.array([line.split() for line in LIKELIHOODS.strip().splitlines()], dtype=float)
HISTORIES = [(0, 0.0, 38.86), (2, 30.43, 38.86), (1, 1.71, 38.86), (7, 29.43, 38.86), (0, 0, 0.0)]

shapes = st.floats(0.02, 30)
times = st.floats(0.01, 1000)


def as_columns(parameters: tuple[float, ...]) -> tuple[np.ndarray, ...]:
    """Return the parameters as a model's functions take them."""
    return tuple(np.asarray(value) for value in parameters)


def by_integration(
    model: BetaGeometric,
    parameters: tuple[float, ...],
    history: tuple[float, float, float],
    horizon: float,
) -> tuple[float, float]:
    """Return P(alive) and expected orders by integrating over all customers there may be.

    A customer with rate λ and chance p who is alive makes (1 − exp(−λpt)) / p orders.
    """
    r, alpha, a, b = parameters
    count, last, age = history
    rates, rate_weights = roots_genlaguerre(160, r - 1)
    nodes, chance_weights = roots_jacobi(160, b - 1, a - 1)
    rate, chance = np.meshgrid(rates / alpha, (nodes + 1) / 2, indexing="ij")
    density = np.outer(rate_weights, chance_weights)
    chances = count + model.first_chances
    alive = rate**count * np.exp(-rate * age) * (1 - chance) ** chances
    gone = rate**count * np.exp(-rate * last) * chance * (1 - chance) ** max(chances - 1, 0)
    likely = (density * (alive + (gone if chances else 0))).sum()
    orders = -np.expm1(-rate * chance * horizon) / chance
    return (density * alive).sum() / likely, (density * alive * orders).sum() / likely


@pytest.mark.parametrize(("model", "parameters", "column"), [(*MODELS[0], 3), (*MODELS[1], 4)])
def test_the_likelihood_of_each_history_is_that_of_the_paper(
    model: BetaGeometric, parameters: tuple[float, ...], column: int
) -> None:
    for row in LITERAL:
        one = OrderHistogram(*row[:3, None], np.ones(1))
        value, _ = model.log_likelihood(one)(np.array(parameters))
        assert value == pytest.approx(row[column], abs=1e-9)


@pytest.mark.parametrize(("model", "parameters"), MODELS)
def test_the_gradient_is_the_slope_of_the_likelihood(
    model: BetaGeometric, parameters: tuple[float, ...]
) -> None:
    histogram = OrderHistogram(*LITERAL[:, :3].T, np.arange(1, len(LITERAL) + 1))
    likelihood = model.log_likelihood(histogram)
    at = np.array(parameters)
    slopes = [
        (likelihood(at + step)[0] - likelihood(at - step)[0]) / 2e-6 for step in 1e-6 * np.eye(4)
    ]
    np.testing.assert_allclose(likelihood(at)[1], slopes, rtol=1e-6)


@pytest.mark.parametrize(("model", "parameters"), MODELS)
@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("horizon", [1.0, 39.0])
def test_expectations_are_integrals_over_all_possible_customers(
    model: BetaGeometric,
    parameters: tuple[float, ...],
    history: tuple[float, float, float],
    horizon: float,
) -> None:
    alive, orders = by_integration(model, parameters, history, horizon)
    columns = [np.array([value]) for value in history]
    found_alive = model.chance_alive(as_columns(parameters), *columns)
    found = model.expected_orders(as_columns(parameters), *columns, np.asarray(horizon))
    assert found_alive[0] == pytest.approx(alive, rel=1e-7)
    assert found[0] == pytest.approx(orders, rel=1e-6)


def test_the_customer_of_the_paper() -> None:
    # Fader, Hardie & Lee 2005: 1.226 orders in the next 39 weeks.
    columns = [np.array([value]) for value in (2, 30.43, 38.86)]
    found = BG_NBD.expected_orders(as_columns(BG_NBD_PARAMETERS), *columns, np.asarray(39.0))
    assert round(float(found[0]), 3) == 1.226


def test_the_new_customer_of_the_spreadsheet() -> None:
    # Hardie's spreadsheet for BG/NBD, as the package lifetimes tests it; its later weeks are left
    # out, where it sums too few terms.
    unrounded = as_columns((0.2425945, 4.4136019, 0.7929199, 2.4258881))
    weeks = np.array([1 / 7, 1.0, 3.0, 223 / 7, 32.0])
    zeros = np.zeros(5)
    found = BG_NBD.expected_orders(unrounded, zeros, zeros, zeros, weeks)
    assert found.round(4).tolist() == [0.0078, 0.0532, 0.1506, 1.0405, 1.0437]


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
@given(
    parameters=st.tuples(shapes, times, shapes, shapes),
    count=st.integers(0, 20_000),
    age=st.floats(0, 5000),
    share=st.floats(0, 1),
)
def test_expected_orders_are_finite_and_grow_with_the_horizon(
    model: BetaGeometric, parameters: tuple[float, ...], count: int, age: float, share: float
) -> None:
    last = share * age if count else 0.0
    horizon = np.array([0.0, 1e-6, 1, 7, 30, 90, 365, 3650])
    columns = [np.full(8, float(value)) for value in (count, last, age)]
    found = model.expected_orders(as_columns(parameters), *columns, horizon)
    assert np.isfinite(found).all()
    assert found[0] == 0
    assert (np.diff(found) >= -1e-9 * found[1:]).all()
    alive = model.chance_alive(as_columns(parameters), *columns)
    assert ((alive >= 0) & (alive <= 1)).all()
