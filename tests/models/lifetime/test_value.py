"""The value of future orders today, and the discount of each month."""

from __future__ import annotations

import numpy as np
import pytest
from fits import fitted_with

from rfmreport.models.lifetime.beta_geometric import BG_NBD
from rfmreport.models.lifetime.fitting import expected_orders_of_rows
from rfmreport.models.lifetime.forecast import discount_factors, discounted_orders, month_ends
from rfmreport.models.lifetime.histogram import OrderHistogram
from rfmreport.models.lifetime.pareto import PARETO_NBD

HISTORIES = OrderHistogram([0, 2, 7], [0, 200, 260], [270, 270, 270], [10, 3, 1])
FITTED = fitted_with(BG_NBD, (0.243, 31.0, 0.793, 2.426))


def test_without_discount_it_is_all_orders() -> None:
    found = discounted_orders(FITTED, HISTORIES, month_ends(12), 0.0)
    orders = expected_orders_of_rows(FITTED, HISTORIES, 365.25)
    np.testing.assert_allclose(found, orders)


def test_a_month_is_discounted_to_its_end() -> None:
    one, two = (expected_orders_of_rows(FITTED, HISTORIES, days) for days in (30.4375, 60.875))
    by_hand = one / 1.1 ** (1 / 12) + (two - one) / 1.1 ** (2 / 12)
    found = discounted_orders(FITTED, HISTORIES, month_ends(2), 0.10)
    np.testing.assert_allclose(found, by_hand)


def test_the_last_month_of_a_year_is_discounted_by_the_annual_rate() -> None:
    assert discount_factors(12, 0.10)[-1] == pytest.approx(1 / 1.1)


def test_twelve_months_are_worth_more_than_three_and_less_than_undiscounted() -> None:
    fitted = fitted_with(PARETO_NBD, (0.553, 74.0, 0.606, 81.7))
    three, twelve = (
        discounted_orders(fitted, HISTORIES, month_ends(months), 0.10) for months in (3, 12)
    )
    assert (three < twelve).all()
    assert (twelve < expected_orders_of_rows(fitted, HISTORIES, 365.25)).all()


def test_months_can_be_measured_in_weeks() -> None:
    assert month_ends(3, 30.4375 / 7)[-1] == pytest.approx(3 * 30.4375 / 7)
