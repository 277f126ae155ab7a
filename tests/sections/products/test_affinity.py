"""Tastes: neither heavy buying, nor season, nor chance is one; the formulas are the papers'."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shops import customers_of
from sold_goods import held_goods, hold_cleaned

from rfmreport.sections.products.affinity import (
    Groups,
    Picks,
    choose_products,
    compare_picks,
    count_picks,
    find_homes,
    find_preferences,
    tell_affinity,
)
from rfmreport.sections.products.measure import Trend, tell_products

GROUPS = ("Best", "Lost")


def picks_of(counts, squares=None) -> Picks:
    """Return picks of product x group x stratum; of customers with one pick each, unless told."""
    counts = np.array(counts, dtype=float)
    totals = counts.sum(axis=2)
    return Picks("segment", GROUPS[: counts.shape[1]], counts, totals,
                 totals if squares is None else np.array(squares, dtype=float))  # fmt: skip


def test_in_one_stratum_the_lift_is_a_ratio_of_shares_with_the_error_of_katz() -> None:
    """Of 100 picks of the best 20 are the product, of 400 of the others 40: 20% against 10%."""
    compared = compare_picks(picks_of([[[20], [40]], [[80], [360]]]))
    assert compared.lift[0, 0] == pytest.approx(2.0)
    assert compared.log_error[0, 0] == pytest.approx(math.sqrt(1 / 20 + 1 / 40))
    assert compared.lift[0, 1] == pytest.approx(0.5)


def test_strata_are_weighted_as_mantel_and_haenszel_say() -> None:
    """Rates of 2/10 and 6/20 against 5/50 and 4/30: 11/6 by (sum a N0 / N) / (sum c N1 / N)."""
    counts = [[[2, 6], [5, 4]], [[8, 14], [45, 26]]]
    inside = 2 * 50 / 60 + 6 * 30 / 50
    outside = 5 * 10 / 60 + 4 * 20 / 50
    assert compare_picks(picks_of(counts)).lift[0, 0] == pytest.approx(inside / outside)


def test_buying_more_of_everything_is_no_taste() -> None:
    counts = [[[n * 7], [n]] for n in (10, 25, 400)]
    assert compare_picks(picks_of(counts)).lift[:, 0] == pytest.approx(1.0)


def test_buying_in_another_season_is_no_taste() -> None:
    """The best come in winter and the lost came in summer; both buy what all do at that time."""
    winter, summer = 900, 100
    counts = [[[winter, 10], [90, 100]], [[100, 90], [10, 900]], [[winter, summer], [90, 1000]]]
    assert compare_picks(picks_of(counts)).lift[:, 0] == pytest.approx(1.0)
    lumped = [[[sum(group)] for group in product] for product in counts]
    assert compare_picks(picks_of(lumped)).lift[0, 0] > 4


def test_many_picks_of_few_customers_weigh_as_few() -> None:
    counts = [[[200], [400]], [[800], [3600]]]
    alone = compare_picks(picks_of(counts))
    crowded = compare_picks(picks_of(counts, [[200 * 25, 400], [800, 3600]]))
    assert crowded.lift[0, 0] == alone.lift[0, 0]
    assert crowded.log_error[0, 0] == pytest.approx(math.sqrt(25 / 200 + 1 / 400))
    assert crowded.z[0, 0] < alone.z[0, 0]


PRODUCTS = (("1", "A"), ("2", "B"))


def test_a_preference_needs_thirty_customers_of_the_group_and_thirty_others() -> None:
    found = find_preferences(picks_of([[[30], [30]], [[90], [900]]]), PRODUCTS)
    assert [(one.group, one.name, one.customer_count) for one in found.told] == [
        ("Best", "A", 30), ("Lost", "B", 900),
    ]  # fmt: skip
    for few in ([[29], [30]], [[30], [29]]):
        found = find_preferences(picks_of([few, [[90], [900]]]), PRODUCTS)
        assert [one.name for one in found.told] == ["B"]
        assert found.clear_count == 2


def test_picks_and_what_is_expected_of_them_give_the_lift() -> None:
    """A fifth of 200 against a tenth of 400: 40 picks, where others would have had 20."""
    one = find_preferences(picks_of([[[40], [40]], [[160], [360]]]), PRODUCTS).told[0]
    assert (one.lift, one.pick_count, one.expected_count) == pytest.approx((2, 40, 20))


def test_buying_clearly_less_is_no_preference() -> None:
    """The lost buy a half of A as often: of four tests, only the two of buying more stand."""
    found = find_preferences(picks_of([[[400], [200]], [[600], [800]]]), PRODUCTS)
    assert [(one.group, one.name) for one in found.told] == [("Best", "A"), ("Lost", "B")]
    assert (found.test_count, found.clear_count) == (4, 2)


def test_one_in_twenty_of_what_stands_may_be_chance() -> None:
    """The smallest p-value of four may be 0.05 / 4: 0.039 is too large, 0.012 is not."""
    chance = picks_of([[[122], [96]], [[878], [904]]])
    assert compare_picks(chance).z[0, 0] == pytest.approx(1.76, abs=0.01)
    assert find_preferences(chance, PRODUCTS).clear_count == 0
    clear = find_preferences(picks_of([[[130], [96]], [[870], [904]]]), PRODUCTS)
    assert [one.p_value for one in clear.told] == [pytest.approx(0.0119, abs=0.0001)]


def test_segments_with_more_customers_of_a_country_are_told() -> None:
    """Of the best 60 of 100 live in Malta, of the others 100 of 400; who lives nowhere counts."""
    homes = {("Best", "Malta"): 60, ("Best", "Gozo"): 20, ("Best", None): 20,
             ("Lost", "Malta"): 100, ("Lost", "Gozo"): 100, ("Lost", None): 200}  # fmt: skip
    found = find_homes(Groups(GROUPS, ("Malta", "Gozo"), homes))
    (one,) = found.told
    assert (one.kind, one.group, one.name) == ("home", "Best", "Malta")
    assert (one.customer_count, one.buyer_count, one.lift) == (60, 160, pytest.approx(2.4))
    assert found.test_count == 4
    assert find_homes(Groups(GROUPS, (), homes)).test_count == 0


@given(arrays(np.int64, (4, 3, 2), elements=st.integers(0, 50)))
def test_more_here_is_less_elsewhere(counts) -> None:
    picks = Picks("segment", GROUPS, counts.astype(float), counts.sum(axis=2).astype(float),
                  counts.sum(axis=2).astype(float))  # fmt: skip
    compared = compare_picks(picks)
    assert (compared.inside - compared.outside).sum(axis=0) == pytest.approx(0, abs=1e-9)


LINES = """
customer | order | date             | code | name | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10    | Malta
a        | 2     | 2024-01-20 10:00 | 1    | Lamp | 2        | 10    | Cyprus
a        | 3     | 2024-02-20 10:00 | 1    | Lamp | 2        | 10    | Malta
a        | 3     | 2024-02-20 10:00 | 2    | Vase | 2        | 10    | Malta
b        | 4     | 2024-01-20 10:00 | 2    | Vase | 2        | 10    | Cyprus
c        | 5     | 2024-01-20 10:00 | 2    | Vase | 2        | 10    | Cyprus
"""


def counted(people: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rfmreport.sections.products.affinity.FEWEST_CUSTOMERS", 1)
    with held_goods(LINES, people) as engine:
        tell_products(engine, Trend())
        return choose_products(engine), count_picks(engine, 2, GROUPS, ("Malta",))


def test_a_product_counts_once_per_customer_and_month(monkeypatch) -> None:
    """The vase has three buyers and stands first; a picked the lamp in January and February."""
    people = "customer_id | segment\na | Best\nb | Lost\nc | Other"
    products, (segments, countries) = counted(people, monkeypatch)
    assert products == [("2", "Vase"), ("1", "Lamp")]
    assert segments.counts.sum(axis=2).tolist() == [[1, 1, 1], [2, 0, 0]]
    assert segments.buyers.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert segments.squares.tolist() == [[1, 1, 1], [4, 0, 0]]
    assert countries.counts.sum(axis=2).tolist() == [[1, 2], [2, 0]]


def test_few_products_of_enough_buyers_are_none() -> None:
    with held_goods(LINES) as engine:
        tell_products(engine, Trend())
        assert tell_affinity(engine, Groups(GROUPS, (), {})) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_segments_dealt_out_at_random_have_no_taste(clean_sample, seed: int) -> None:
    """One p-value in twenty lies below 0.05, and none is left after the correction."""
    chance = random.Random(seed)  # noqa: S311  an example, no secret
    clean = clean_sample
    ids = sorted(clean.orders.customer_id.to_pyarrow().unique().drop_null().to_pylist())
    dealt = "\n".join(f"{one} | {chance.choice(GROUPS)}" for one in ids)
    engine = hold_cleaned(clean, customers_of(f"customer_id | segment\n{dealt}"))
    tell_products(engine, Trend())
    found = tell_affinity(engine, Groups(GROUPS, (), {}))
    segments, _ = count_picks(engine, found.product_count, GROUPS, ())
    assert found.segments.told == ()
    z = compare_picks(segments).z[:, 0]
    assert 0.02 < float((np.abs(z) > 1.96).mean()) < 0.09
