"""The quick look: it lets through what a fit may use, and stops what one must refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cdnow import read_cdnow
from cohorts import beta_geometric_cohort, loyal_cohort

from rfmreport.models.lifetime.histogram import OrderHistogram, fit_rates, nobody_leaves

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_customers_who_leave_are_seen(seed: int) -> None:
    cohort = beta_geometric_cohort(2000, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=seed)
    assert not nobody_leaves(cohort.histogram)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_customers_who_stay_are_seen(seed: int) -> None:
    assert nobody_leaves(loyal_cohort(2000, 0.8, 12.0, seed).histogram)


def test_the_answer_does_not_depend_on_the_unit_of_time() -> None:
    cohort = beta_geometric_cohort(500, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=1).histogram
    assert nobody_leaves(cohort) == nobody_leaves(cohort.scaled(1 / 7))
    assert fit_rates(cohort.scaled(1 / 7)).alpha == pytest.approx(7 * fit_rates(cohort).alpha)


def test_without_a_repeat_order_there_is_nothing_to_say() -> None:
    assert not nobody_leaves(OrderHistogram([0, 0], [0, 0], [10, 20], [50, 50]))


def test_cdnow_passes(shared_dir: Path) -> None:
    histogram = read_cdnow(shared_dir / "data" / "cdnow_sample.csv").histogram
    rates = fit_rates(histogram)
    # Fader, Hardie & Lee 2005, table 2: the NBD fit has r = 0.385, alpha = 12.072.
    assert (rates.r, rates.alpha) == pytest.approx((0.385, 12.072), abs=1e-3)
    assert not nobody_leaves(histogram)
