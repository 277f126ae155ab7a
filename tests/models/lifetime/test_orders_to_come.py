"""The mean of min(N, G) against a plain sum of chances, for all sizes of its four numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import betaln
from scipy.stats import nbinom

from rfmreport.models.lifetime.numerics import orders_if_alive

shapes = st.floats(0.02, 30)


def by_counting(shape: float, a: float, b: float, time: float) -> float:
    """Return the mean of min(N, G): the sum of the chances that the k-th order is made."""
    highest = int(shape * time + 14 * np.sqrt(shape * time * (1 + time)) + 40 * (1 + time))
    k = np.arange(1, highest + 1)
    not_gone = np.exp(betaln(a, b + k - 1) - betaln(a, b))
    return float(nbinom.sf(k - 1, shape, 1 / (1 + time)) @ not_gone)


@given(shape=st.floats(0.02, 2000), a=st.floats(1e-5, 1000), b=shapes, time=st.floats(1e-3, 30))
@example(shape=100.0, a=2.0, b=3.0, time=30.0)  # SciPy gives infinity
@example(shape=0.7, a=1e-5, b=9e4, time=20.0)  # the edge of a fit in which nobody leaves
@example(shape=2000.0, a=500.0, b=3.0, time=30.0)
def test_orders_if_alive_are_a_sum_of_chances(
    shape: float, a: float, b: float, time: float
) -> None:
    # A customer with x orders has the shape r + x and b + x.
    b += max(shape - 2, 0)
    expected = by_counting(shape, a, b, time)
    found = float(orders_if_alive(*map(np.asarray, (shape, a, b, time))))
    assert found == pytest.approx(expected, rel=2e-6, abs=1e-12)


@pytest.mark.parametrize("a", [1 - 1e-7, 1.0, 1 + 1e-7])
def test_nothing_happens_where_a_is_one(a: float) -> None:
    found = float(orders_if_alive(*map(np.asarray, (0.5, a, 2.4, 3.0))))
    assert found == pytest.approx(by_counting(0.5, a, 2.4, 3.0), rel=1e-5)


@pytest.mark.parametrize("a", [0.3, 0.3 - 1e-9, 0.2])
def test_nothing_happens_where_a_and_b_make_one_or_less(a: float) -> None:
    found = float(orders_if_alive(*map(np.asarray, (0.5, a, 0.7, 3.0))))
    assert found == pytest.approx(by_counting(0.5, a, 0.7, 3.0), rel=1e-5)


@given(
    shape=st.floats(0.01, 5000),
    a=st.floats(1e-5, 1e5),
    b=st.floats(1e-5, 1e5),
    time=st.floats(1e-4, 1e3),
)
@example(shape=50.0, a=1e5, b=1e5, time=9.0)  # all customers alike: no tail to speak of
def test_no_fit_within_the_edges_leaves_the_floats(
    shape: float, a: float, b: float, time: float
) -> None:
    """A warning would stand on the user's screen."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = float(orders_if_alive(*map(np.asarray, (shape, a, b, time))))
    assert 0 <= found <= shape * time * (1 + 1e-5) + 1e-9
