"""The clusters against the default scheme: a cross table that ties, and one figure for it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import customers_of
from stages import engine_of

from rfmreport.customers.segments import Scheme, Segment, load_scheme
from rfmreport.sections.method.figures import Overlap
from rfmreport.sections.method.measure import adjusted_rand_index, measure_agreement

TWO = Scheme("two", "Two", "", 5, (Segment("Near", "#000000"), Segment("Far", "#ffffff")), {}, {})


def crossed(pairs: list[tuple[str, str]]) -> list[Overlap]:
    return [Overlap(*pair, count) for pair, count in Counter(pairs).items()]


def test_every_customer_is_crossed_once() -> None:
    people = customers_of("""
        segment | recency_score | frequency_score | monetary_score
        Far     | 1             | 1               | 1
        Near    | 5             | 5               | 5
        Near    | 5             | 5               | 4
        Near    | 1             | 1               | 1
        Far     | 1             | 2               | 1
    """)
    agreement = measure_agreement(engine_of(customers=people), TWO, load_scheme("five"))
    assert agreement.overlaps == (
        Overlap("Near", "High-Value", 2),
        Overlap("Near", "Lost", 1),
        Overlap("Far", "Lost", 2),
    )
    assert agreement.segments[0] == "High-Value"
    # Pairs together: 1 + 0 + 1 = 2; by rows 3 + 1, by columns 1 + 3, of 10: expected 1.6, most 4.
    assert agreement.rand_index == pytest.approx((2 - 1.6) / (4 - 1.6))


def test_the_same_groups_by_other_names_agree_wholly() -> None:
    assert adjusted_rand_index(crossed([("a", "x")] * 3 + [("b", "y")] * 5)) == 1


def test_one_group_has_nothing_to_agree_about() -> None:
    assert adjusted_rand_index(crossed([("a", "x")] * 4)) is None
    assert adjusted_rand_index(crossed([("a", "x")])) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=2, max_size=60))
def test_the_index_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    index = adjusted_rand_index(crossed(pairs))
    if index is not None:
        expected = metrics.adjusted_rand_score(*zip(*pairs, strict=True))
        assert index == pytest.approx(expected, abs=1e-9)
