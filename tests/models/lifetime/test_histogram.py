"""Order histories, compressed: what is a possible one, and the same sample of them always."""

from __future__ import annotations

import numpy as np
import pytest

from rfmreport.models.lifetime.histogram import OrderHistogram


def histogram_of(rows: list[tuple[float, float, float, float]]) -> OrderHistogram:
    """Return a histogram from its rows: repeat orders, age at the last, age, customers."""
    return OrderHistogram(*np.array(rows, dtype=float).T)


def test_it_counts_customers_and_their_repeat_orders() -> None:
    histogram = histogram_of([(0, 0, 10, 7), (3, 9, 10, 2)])
    assert (len(histogram), histogram.total_customers, histogram.total_repeat_orders) == (2, 9, 6)


@pytest.mark.parametrize(
    "impossible",
    [
        (-1, 0, 10, 1),
        (1.5, 3, 10, 1),
        (1, 11, 10, 1),  # an order after today
        (0, 4, 10, 1),  # the last order of one-order buyers is the first
        (1, 3, 10, 0),
        (1, 3, float("nan"), 1),
        (1, 3, float("inf"), 1),
    ],
)
def test_an_impossible_history_is_refused_by_its_row(
    impossible: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ValueError, match=r"Row 1 of an order histogram is no possible history"):
        histogram_of([(1, 3, 10, 1), impossible])


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="four columns of one length"):
        OrderHistogram(np.zeros(2), np.zeros(2), np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="four columns of one length"):
        OrderHistogram(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))


def test_scaling_changes_times_only() -> None:
    histogram = histogram_of([(3, 7, 14, 2)]).scaled(7)
    assert histogram.age_at_last_order.tolist() == [1]
    assert histogram.age.tolist() == [2]
    assert histogram.repeat_order_count.tolist() == [3]


def test_a_sample_follows_the_weights_and_ignores_the_order_of_rows() -> None:
    rows = [(0.0, 0.0, 10.0, 600.0), (1.0, 5.0, 10.0, 300.0), (2.0, 5.0, 10.0, 100.0)]
    for arranged in (rows, rows[::-1]):
        sample = histogram_of(arranged).sample(100)
        found = dict(zip(sample.repeat_order_count, sample.customer_count, strict=True))
        assert found == {0: 60, 1: 30, 2: 10}
