"""Scoring: the documented algorithm against an independent one, fixed cuts, and the notebooks'."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stages import ENGINE, customers_table, hold, measured_customers, scores_of

from rfmreport.customers import scoring
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import ScoringSettings
from rfmreport.source import reading
from rfmreport.vocabulary import MEASURES

ONE_TO_TEN = {f"c{n:02}": (n, n, n) for n in range(1, 11)}


@pytest.fixture(scope="module")
def engine():
    with reading.open_engine(ENGINE) as opened:
        yield Engine(opened.con)


def expected_ends(positions: list[Decimal], bins: int) -> list[Decimal]:
    """Return the inclusive upper bounds of the bins, from worst to best, as DESIGN says."""
    values, counts = zip(*sorted(Counter(positions).items()), strict=True)
    steps = list(zip(values, accumulate(counts), strict=True))
    placed, ends = 0, []
    for bins_left in range(bins, 1, -1):
        target = placed + Fraction(len(positions) - placed, bins_left)
        left = [step for step in steps if step[1] > placed]
        index = next(i for i, step in enumerate(left) if step[1] >= target)
        if index and target - left[index - 1][1] <= left[index][1] - target:
            index -= 1
        end, placed = left[index]
        if placed == len(positions):
            break
        ends.append(end)
    return ends


def expected_scores(values: dict[str, Decimal], bins: int, *, best_is_low: bool) -> dict[str, int]:
    positions = {name: -value if best_is_low else value for name, value in values.items()}
    ends = expected_ends(list(positions.values()), bins)
    return {name: 1 + sum(p > end for end in ends) for name, p in positions.items()}


def fitted_scores(engine, people, bins: int = 5) -> dict[str, tuple[int, int, int]]:
    table = customers_table(engine, people)
    return scores_of(engine, table, scoring.fit_cuts(engine, table, bins, {}))


few_values = st.integers(0, 6)
many_values = st.integers(0, 400)
money = st.decimals(0, 1000, places=2)
someone = st.one_of(
    st.tuples(many_values, few_values, money),
    st.tuples(few_values, st.just(1), st.sampled_from([Decimal("9.99"), Decimal("19.99")])),
)
several_examples = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@several_examples
@given(rows=st.lists(someone, min_size=1, max_size=60), bins=st.sampled_from([5, 5, 3, 2]))
def test_scores_follow_the_documented_algorithm(engine, rows, bins):
    people = {f"c{n:02}": row for n, row in enumerate(rows)}
    scores = fitted_scores(engine, people, bins)
    for index, measure in enumerate(MEASURES):
        values = {name: Decimal(row[index]) for name, row in people.items()}
        expected = expected_scores(values, bins, best_is_low=measure == "recency_days")
        assert {name: found[index] for name, found in scores.items()} == expected


@settings(several_examples, max_examples=4)
@given(rows=st.lists(someone, min_size=5, max_size=60), order=st.randoms())
def test_ties_share_a_score_and_shuffled_rows_change_nothing(engine, rows, order):
    people = {f"c{n:02}": row for n, row in enumerate(rows)}
    scores = fitted_scores(engine, people)
    for index in range(3):
        by_value = {(people[name][index], found[index]) for name, found in scores.items()}
        assert len(by_value) == len({value for value, _ in by_value})
    names = list(people)
    order.shuffle(names)
    assert fitted_scores(engine, {name: people[name] for name in names}) == scores


def test_untied_values_are_cut_in_plain_quintiles(engine):
    scores = fitted_scores(engine, ONE_TO_TEN)
    quintiles = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [row[1] for row in scores.values()] == quintiles
    assert [row[2] for row in scores.values()] == quintiles
    assert [row[0] for row in scores.values()] == quintiles[::-1]


def test_each_bin_takes_its_share_of_the_customers_left(engine):
    """Forty customers with one order fill a bin; the rest share the other four."""
    counts = [1] * 40 + [2] * 20 + [3] * 12 + [4] * 7 + [5] * 5 + [6] * 9 + [7] * 7
    people = {f"c{n:03}": (1, count, 1) for n, count in enumerate(counts)}
    table = customers_table(engine, people)
    assert scoring.fit_cuts(engine, table, 5, {}).of("order_count").bounds == (1, 2, 3, 5)


def test_few_distinct_values_get_as_few_scores_and_skip_none(engine):
    people = {f"c{n}": (30 * (n % 2), 1 + n % 3, 5) for n in range(12)}
    scores = fitted_scores(engine, people)
    assert {row[0] for row in scores.values()} == {1, 2}
    assert {row[1] for row in scores.values()} == {1, 2, 3}
    assert {row[2] for row in scores.values()} == {1}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_revenue_beyond_what_can_be_scored_is_told_in_one_line(engine, sign):
    most = Decimal("922337203685477.5")
    fitted_scores(engine, {"ann": (5, 1, 10), "bob": (5, 1, sign * most)})
    with pytest.raises(InputError, match="revenue is beyond 922,337,203,685,477"):
        fitted_scores(engine, {"ann": (5, 1, 10), "bob": (5, 1, sign * (most + 1))})


def test_one_customer_can_be_scored(engine):
    assert fitted_scores(engine, {"ann": (5, 1, 10)}) == {"ann": (1, 1, 1)}


def test_the_best_customer_has_the_least_recency(engine):
    scores = fitted_scores(engine, ONE_TO_TEN)
    assert (scores["c01"][0], scores["c10"][0]) == (5, 1)


@settings(several_examples, max_examples=4)
@given(rows=st.lists(someone, min_size=3, max_size=40))
def test_printed_cuts_give_the_same_scores_again(engine, rows):
    """The bounds and the side on which they are closed are all that next month needs."""
    table = customers_table(engine, {f"c{n:02}": row for n, row in enumerate(rows)})
    cuts = scoring.fit_cuts(engine, table, 5, {})
    printed = {c.measure: ([str(bound) for bound in c.bounds], c.closed) for c in cuts.measures}
    again = Cuts(
        "fixed",
        5,
        tuple(MeasureCuts(m, tuple(map(Decimal, b)), c) for m, (b, c) in printed.items()),
    )
    first, second = (scores_of(engine, table, c) for c in (cuts, again))
    assert first == second


@pytest.mark.parametrize(
    ("closed", "recency", "revenue"),
    [("right", [5, 4, 4], [1, 2, 2]), ("left", [4, 4, 4], [2] * 3)],
)
def test_a_value_on_a_bound_belongs_where_the_cut_is_closed(engine, closed, recency, revenue):
    people = {"on": (10, 10, 10), "above": (11, 11, "10.01"), "below next": (20, 19, "19.99")}
    table = customers_table(engine, people)
    fixed = scoring.fixed_cuts(dict.fromkeys(MEASURES, (10, 20, 30, 40)), 5, closed)
    cuts = scoring.fit_cuts(engine, table, 5, fixed)
    scores = scores_of(engine, table, cuts)
    assert cuts.method == "fixed"
    assert [scores[name][2] for name in people] == revenue
    on_next_bound = 4 if closed == "right" else 3
    assert [scores[name][0] for name in people] == [*recency[:2], on_next_bound]


def test_a_measure_with_cuts_of_its_own_keeps_them(engine):
    table = customers_table(engine, ONE_TO_TEN)
    fixed = scoring.fixed_cuts({"revenue": (2.5, 5, 7, 9)}, 5, "left")
    cuts = scoring.fit_cuts(engine, table, 5, fixed)
    assert cuts.method == "quantile"
    assert cuts.of("revenue") == fixed["revenue"]
    assert cuts.of("order_count").bounds == (2, 4, 6, 8)


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        (
            {"recency": (1, 2, 3, 4)},
            (
                "cuts: unknown measure 'recency'; the measures are "
                "recency_days, order_count, revenue"
            ),
        ),
        (
            {"revenue": (1, 2, 3)},
            "cuts: revenue needs 4 ascending bounds, found [1, 2, 3]",
        ),
        (
            {"revenue": (1, 2, 2, 3)},
            "cuts: revenue needs 4 ascending bounds, found [1, 2, 2, 3]",
        ),
        (
            {"revenue": (1, 2, 3, float("inf"))},
            "cuts: revenue needs 4 ascending bounds, found [1, 2, 3, inf]",
        ),
        (
            {"revenue": (float("nan"), 2, 3, 4)},
            "cuts: revenue needs 4 ascending bounds, found [nan, 2, 3, 4]",
        ),
    ],
    ids=["unknown", "too few", "equal", "infinite", "not a number"],
)
def test_wrong_cuts_are_refused(cuts, expected):
    with pytest.raises(SettingsError) as caught:
        scoring.fixed_cuts(cuts, 5, "right")
    assert str(caught.value) == expected


def test_intervals_are_read_from_score_one_up():
    cuts = MeasureCuts("recency_days", (Decimal(30), Decimal(90)), "left")
    assert cuts.score_intervals() == ((90, None), (30, 90), (None, 30))
    cuts = MeasureCuts("revenue", (Decimal(30), Decimal(90)), "right")
    assert cuts.score_intervals() == ((None, 30), (30, 90), (90, None))


@pytest.mark.parametrize("count", [5, 7, 101, 250])
def test_rank_first_is_the_recipe_of_the_notebooks(engine, count):
    """`pd.qcut(x.rank(method="first"), 5)` for orders, `pd.qcut(x, 5)` for the other two."""
    rng = np.random.default_rng(count)
    frame = pd.DataFrame(
        {
            "recency_days": rng.permutation(count * 2)[:count],
            "order_count": rng.geometric(0.4, count),
            "revenue": rng.permutation(count * 9)[:count] / 4,
        },
        index=[f"c{n:03}" for n in range(count)],
    )
    up, down = [1, 2, 3, 4, 5], [5, 4, 3, 2, 1]
    expected = zip(
        pd.qcut(frame.recency_days, 5, labels=down),
        pd.qcut(frame.order_count.rank(method="first"), 5, labels=up),
        pd.qcut(frame.revenue, 5, labels=up),
        strict=True,
    )
    people = dict(zip(frame.index, frame.itertuples(index=False, name=None), strict=True))
    table = customers_table(engine, people)
    cuts = scoring.rank_first_cuts(engine, table, 5, {})
    found = scores_of(engine, table, cuts)
    assert [found[name] for name in frame.index] == list(expected)


def test_the_sample_uses_the_whole_scale(clean_sample):
    clean = clean_sample
    engine = hold("people", measured_customers(clean.orders, clean.as_of))
    cuts = scoring.fit_cuts(engine, "people", 5, {})
    scores = scores_of(engine, "people", cuts)
    orders = [row["order_count"] for row in engine.rows("FROM people")]
    assert cuts.of("order_count").bounds == tuple(expected_ends(orders, 5)) == (1, 2, 4, 7)
    for index in range(3):
        assert {row[index] for row in scores.values()} == {1, 2, 3, 4, 5}


def test_customers_of_each_day_are_ranked_among_themselves(engine):
    """On either day the second of two has most orders; of all four, neither would be the best."""
    engine.hold(
        "days",
        """
        SELECT * FROM (VALUES (1, 'a', 1), (1, 'b', 2), (2, 'a', 5), (2, 'b', 9))
        AS days (as_of, customer_id, order_count)
        """,
    )
    bounds = MeasureCuts("recency_days", (), "right"), MeasureCuts("revenue", (), "right")
    cuts = Cuts("rank-first", 2, (bounds[0], MeasureCuts("order_count", (), "right"), bounds[1]))
    score = scoring.score_sql(cuts, "as_of").split(", CAST")[1]
    query = f"SELECT CAST{score}, as_of, customer_id FROM days ORDER BY as_of, customer_id"
    assert [row["frequency_score"] for row in engine.rows(query)] == [1, 2, 1, 2]


def test_cuts_are_chosen_as_the_settings_ask(engine):
    table = customers_table(engine, ONE_TO_TEN)
    bounds = {"recency_days": (30.0, 90.0), "order_count": (1.0, 2.0), "revenue": (9.99, 19.99)}
    asked = ScoringSettings(method="fixed", cuts=bounds, cuts_closed="left")
    fixed = scoring.choose_cuts(engine, table, 3, {}, asked)
    assert (fixed.method, fixed.of("revenue").closed) == ("fixed", "left")
    ranked = scoring.choose_cuts(engine, table, 3, {}, ScoringSettings(method="rank-first"))
    assert ranked == scoring.rank_first_cuts(engine, table, 3, {})
    asked = ScoringSettings(method="fixed", cuts={"revenue": (1.0, 2.0)})
    with pytest.raises(SettingsError, match="no cuts for recency_days, order_count"):
        scoring.choose_cuts(engine, table, 3, {}, asked)
