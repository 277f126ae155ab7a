"""Who came back: counted by hand, with Wilson's interval against published values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from shops import customers_of, orders_of

from rfmreport.analyses.returning import measure_returning, wilson_interval

EARLIER = """
customer_id | segment
a           | Best
b           | Best
c           | Best
d           | Lost
"""
ORDERS = """
customer_id | order_id | at               | amount | exclusion     | is_return
a           | 1        | 2024-01-10 00:00 | 100    |               | no
a           | 2        | 2024-03-01 00:00 | 10     |               | no
a           | 3        | 2024-04-01 09:00 | 20     |               | no
b           | 4        | 2024-02-29 23:59 | 500    |               | no
c           | 5        | 2024-03-02 10:00 | 50     |               | no
c           | 6        | 2024-03-05 10:00 | -8     |               | yes
d           | 7        | 2024-03-03 10:00 | 70     | cancellation  | no
e           | 8        | 2024-03-03 10:00 | 90     |               | no
"""


def test_who_ordered_from_the_day_on_came_back() -> None:
    """Of a, b and c, a and c ordered since 1 March; d only cancelled; e was not there before."""
    found = measure_returning(orders_of(ORDERS), customers_of(EARLIER), date(2024, 3, 1))
    assert set(found) == {"Best", "Lost"}
    best, lost = found["Best"], found["Lost"]
    assert (best.customer_count, best.returned_count) == (3, 2)
    assert (lost.customer_count, lost.returned_count) == (1, 0)
    assert best.share.value == pytest.approx(2 / 3)
    assert best.share.customer_count == 3


def test_those_who_came_back_are_worth_what_the_median_one_spent() -> None:
    """The sums are 10 + 20 of a and 50 of c: their median is 40. Nobody of Lost came back."""
    found = measure_returning(orders_of(ORDERS), customers_of(EARLIER), date(2024, 3, 1))
    assert found["Best"].revenue_per_returner == Decimal(40)
    assert found["Lost"].revenue_per_returner is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R: prop.test(x, n, correct = FALSE)$conf.int
        (0, 10, 0.0, 0.2775328),
        (1, 10, 0.0178762, 0.4041500),
        (5, 10, 0.2365931, 0.7634069),
        (10, 10, 0.7224672, 1.0),
        (81, 263, 0.2553288, 0.3662159),  # Newcombe 1998, Statistics in Medicine 17, table I
        (15, 148, 0.0623856, 0.1604884),
    ],
)
def test_wilson_interval_equals_published_values(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("trials", [1, 30, 1000])
def test_the_interval_holds_the_share_and_stays_within_zero_and_one(trials: int) -> None:
    for successes in {0, 1, trials // 2, trials}:
        low, high = wilson_interval(successes, trials)
        assert 0 <= low <= high <= 1
        assert low - 1e-12 <= successes / trials <= high + 1e-12
