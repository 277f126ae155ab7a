"""Distributions: every customer in one bin, quartiles, round widths."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import customers_of
from stages import engine_of

from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.sections.map.measure import measure_tail, summarise_distributions
from rfmreport.vocabulary import MEASURES

CUTS = Cuts("fixed", 2, tuple(MeasureCuts(m, (Decimal("2.5"),), "right") for m in MEASURES))
FIVE = """
recency_days | order_count | revenue
1            | 1           | 10
2            | 1           | 20
3            | 2           | 30
4            | 3           | 40
5            | 9           | 1000
"""


def spread_of(customers):
    return summarise_distributions(engine_of(customers=customers), CUTS)


def test_a_bin_counts_the_customers_from_its_low_end_up_to_its_high_end() -> None:
    recency, orders, _ = spread_of(customers_of(FIVE))
    # the 95th percentile is 4.8 days and 7.8 orders, so a bin is one day and one order wide
    found = [(b.low, b.high, b.customer_count) for b in recency.bins]
    assert found == [(0, 1, 0), (1, 2, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1), (5, 6, 1)]
    assert [(b.low, b.customer_count) for b in orders.bins][:3] == [(1, 2), (2, 1), (3, 1)]
    assert (orders.bins[-1].low, orders.bins[-1].customer_count) == (9, 1)


def test_the_last_bin_holds_the_tail() -> None:
    rows = "\n".join(["revenue", *["1"] * 99, "100000"])
    revenue = spread_of(customers_of(rows))[2]
    assert len(revenue.bins) == 16
    assert revenue.bins[-1].customer_count == 1


def test_quartiles_median_and_cuts_are_those_of_the_customers() -> None:
    recency, _, revenue = spread_of(customers_of(FIVE))
    assert (recency.lower_quartile, recency.median, recency.upper_quartile) == (2, 3, 4)
    assert (revenue.lower_quartile, revenue.median, revenue.upper_quartile) == (20, 30, 40)
    assert revenue.top_percent == pytest.approx(40 + 0.96 * 960)
    assert recency.cuts == revenue.cuts == (2.5,)


def test_the_largest_value_is_told() -> None:
    found = spread_of(customers_of(FIVE))
    assert [one.largest for one in found] == [5, 9, 1000]


def tail_of(*revenues: int):
    customers = customers_of("\n".join(["revenue", *map(str, revenues)]))
    engine = engine_of(customers=customers)
    return measure_tail(engine, summarise_distributions(engine, CUTS))


def test_the_tail_begins_ranges_of_the_logarithm_above_the_upper_quartile() -> None:
    # quartiles 10 and 40: fences at 40 x 4^1.5 = 320 and 40 x 4^3 = 2,560
    tail = tail_of(*[10] * 8, *[20] * 4, *[40] * 6, 320, 321, 2_561)
    assert tail.customer_count == 21
    assert tail.outside.fence == pytest.approx(320)
    assert tail.far_out.fence == pytest.approx(2_560)
    assert (tail.outside.customer_count, tail.outside.revenue) == (2, Decimal(2_882))
    assert tail.outside.revenue_share == pytest.approx(2_882 / 3_602)
    assert (tail.far_out.customer_count, tail.far_out.revenue) == (1, Decimal(2_561))
    assert tail.expected_count == pytest.approx(21 * 0.003488, rel=1e-3)
    assert tail.told == tail.outside


def test_without_large_customers_the_tail_is_empty_and_said_to_be() -> None:
    tail = tail_of(*range(10, 40))
    assert (tail.outside.customer_count, tail.outside.revenue) == (0, Decimal(0))
    assert tail.told is None


def test_one_customer_far_out_is_of_wholesale_size_among_hundreds() -> None:
    """Of 600, two or more outside of the fence are chance; one beyond the outer one is not."""
    spread = [10, 20, 40] * 200
    far = tail_of(*spread, 5_000)
    assert (far.outside.customer_count, far.is_outside_clear) == (1, False)
    assert far.told == far.far_out
    assert far.told.customer_count == 1
    near = tail_of(*spread, 400)
    assert (near.outside.customer_count, near.told) == (1, None)


def test_how_many_chance_puts_outside_is_counted_exactly() -> None:
    """Of 601 customers 2.1 are expected: six or more come with 2.0 %, five with 6.2 %."""
    spread = [10, 20, 40] * 200
    assert tail_of(*spread, *[400] * 5).told is None
    six = tail_of(*spread, *[400] * 6)
    assert six.expected_count == pytest.approx(2.11, abs=0.01)
    assert six.told == six.outside


@pytest.mark.parametrize("revenues", [[5] * 9, [0] * 5 + [10] * 5, [-4, -3, 1, 2]])
def test_quartiles_without_a_logarithm_or_a_range_have_no_tail(revenues: list[int]) -> None:
    assert tail_of(*revenues) is None


customer = st.tuples(
    st.integers(1, 4_000), st.integers(1, 300), st.decimals("-50", "99999", places=2)
)


@given(st.lists(customer, min_size=1, max_size=30))
@settings(max_examples=15, deadline=None)
def test_bins_sum_to_the_customers_and_lie_side_by_side(customers: list[tuple]) -> None:
    rows = "\n".join(
        ["recency_days | order_count | revenue", *(" | ".join(map(str, c)) for c in customers)]
    )
    for distribution in spread_of(customers_of(rows)):
        bins = distribution.bins
        assert sum(one.customer_count for one in bins) == len(customers)
        assert all(one.high == pytest.approx(two.low) for one, two in pairwise(bins))
