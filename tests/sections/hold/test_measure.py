"""Who came back: counted by hand, with intervals and rank quality against published values."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import cleaned_shop, customers_of, orders_of
from stages import cleaned, engine_of, hold, measured_customers

from rfmreport.customers import history, scoring, segments
from rfmreport.customers.measure import measure_customers_on
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.models.intervals import wilson_interval
from rfmreport.sections.hold.figures import HoldOut, HoldOutRow, SchemeTrial
from rfmreport.sections.hold.measure import (
    bootstrap_interval,
    compare_neighbours,
    measure_hold_outs,
    measure_holding,
    rank_quality,
    try_scheme,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.engine.ask import Engine

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
ON_TWO_DATES = """
as_of      | customer_id | segment
2024-02-01 | a           | Best
2024-02-01 | b           | Lost
2024-03-01 | a           | Best
2024-03-01 | b           | Best
2024-03-01 | c           | Best
2024-03-01 | d           | Lost
"""
NAMES = ("Best", "Good", "Lost")
SHARES = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def held_out(orders: str, earlier: str, days: int, names: Sequence[str] = NAMES):
    """Return the hold-outs of drawn orders and customers of earlier dates."""
    engine = drawn_engine(orders, earlier)
    dates = sorted({row["as_of"] for row in engine.rows("FROM earlier_customers")})
    return measure_hold_outs(engine, dates, days, names)


def drawn_engine(orders: str, earlier: str) -> Engine:
    customers = customers_of(earlier).cast({"as_of": "date"})
    return engine_of(all_orders=orders_of(orders), earlier_customers=customers)


def test_each_date_is_followed_for_its_own_horizon() -> None:
    """The 29 days from 1 February end before 1 March, when a ordered; those of March hold it."""
    march, february = held_out(ORDERS, ON_TWO_DATES, 29)
    assert (march.as_of, february.as_of) == (date(2024, 3, 1), date(2024, 2, 1))
    assert [(row.segment, row.customer_count, row.returned_count) for row in march.rows] == [
        ("Best", 3, 2),
        ("Lost", 1, 0),
    ]
    assert [(row.segment, row.customer_count, row.returned_count) for row in february.rows] == [
        ("Best", 1, 0),
        ("Lost", 1, 1),
    ]


def test_a_customer_who_did_not_order_counts_as_nothing_in_the_mean() -> None:
    """In 32 days a spent 10 + 20, b nothing, c 50 and got 8 back: 72 over 3, and 36 each."""
    march, _ = held_out(ORDERS, ON_TWO_DATES, 32)
    best, lost = march.rows
    assert best.revenue_per_customer.value == pytest.approx(72 / 3)
    assert best.revenue_per_customer.customer_count == 3
    assert best.revenue_per_customer.low <= 72 / 3 <= best.revenue_per_customer.high
    assert best.revenue_per_returner == Decimal(36)
    assert lost.revenue_per_customer == Estimate(0.0, 0.0, 0.0, 1)
    assert lost.revenue_per_returner is None


def test_segments_stand_in_the_order_of_the_scheme() -> None:
    backwards = held_out(ORDERS, ON_TWO_DATES, 31, NAMES[::-1])
    assert [row.segment for row in backwards[0].rows] == ["Lost", "Best"]


def test_the_order_of_the_rows_changes_nothing() -> None:
    chance = random.Random(7)  # noqa: S311  an order of rows, no secret
    orders, earlier = ORDERS.strip().splitlines(), ON_TWO_DATES.strip().splitlines()
    plain = held_out(ORDERS, ON_TWO_DATES, 31)
    for _ in range(3):
        mixed = [[rows[0], *chance.sample(rows[1:], len(rows) - 1)] for rows in (orders, earlier)]
        assert held_out("\n".join(mixed[0]), "\n".join(mixed[1]), 31) == plain


def test_an_order_of_no_amount_counts_as_one_who_came_back() -> None:
    orders = """
customer_id | order_id | at               | amount
a           | 1        | 2024-03-02 00:00 | 0
"""
    earlier = """
as_of      | customer_id | segment
2024-03-01 | a           | Best
"""
    (row,) = held_out(orders, earlier, 30)[0].rows
    assert (row.returned_count, row.revenue_per_customer.value) == (1, 0.0)


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


BINS = st.lists(
    st.tuples(st.integers(1, 500), st.decimals(0, 10_000, places=2)), min_size=1, max_size=12
)


@given(BINS)
def test_the_bootstrap_interval_lies_among_the_values(bins) -> None:
    low, high = bootstrap_interval(bins)
    means = [float(total / count) for count, total in bins]
    assert min(means) - 1e-6 <= low <= high <= max(means) + 1e-6
    assert bootstrap_interval(bins) == (low, high)


def test_the_bootstrap_interval_agrees_with_the_normal_one_where_that_is_right() -> None:
    """Of 10,000 customers half spent 100: the mean is 50 with a standard error of 0.5."""
    low, high = bootstrap_interval([(5_000, Decimal(0)), (5_000, Decimal(500_000))])
    assert (low, high) == pytest.approx((50 - 0.98, 50 + 0.98), abs=0.06)


def test_one_large_order_makes_the_interval_wide() -> None:
    """The sum may hold it three times or not at all: the mean is 10, or could be 0 or 30."""
    low, high = bootstrap_interval([(999, Decimal(0)), (1, Decimal(10_000))])
    assert low == 0
    assert high == 30


def hold_out(*groups: tuple[str, int, int]) -> HoldOut:
    nothing = Estimate(0.0, 0.0, 0.0, 0)
    rows = (HoldOutRow(name, n, came, nothing, nothing, None) for name, came, n in groups)
    return HoldOut(date(2024, 3, 1), tuple(rows))


def test_neighbours_get_a_verdict_only_where_chance_does_not_explain_it() -> None:
    found = compare_neighbours(
        hold_out(("A", 90, 100), ("B", 50, 100), ("C", 48, 100), ("D", 80, 100), ("E", 0, 29))
    )
    assert [(pair.better, pair.worse, pair.verdict) for pair in found] == [
        ("A", "B", "in order"),
        ("B", "C", "unclear"),
        ("C", "D", "wrong order"),
        ("D", "E", "too few"),
    ]
    assert found[0].difference.value == pytest.approx(0.4)
    assert found[0].difference.customer_count == 200


def test_one_segment_has_no_neighbour() -> None:
    assert compare_neighbours(hold_out(("A", 9, 10))) == ()


def test_rank_quality_is_the_share_of_pairs_that_stand_right() -> None:
    """Came back: 2 above, 1 below; stayed away: 1 above, 3 below.

    Of 3 x 4 pairs, 2 x 3 stand right, 2 x 1 and 1 x 3 are ties, 1 x 1 stands wrong.
    """
    assert rank_quality([(2, 3), (1, 4)]) == pytest.approx((6 + 2.5) / 12)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([(5, 5), (0, 5)], 1.0),
        ([(0, 5), (5, 5)], 0.0),
        ([(3, 9)], 0.5),
        ([(9, 9)], None),
        ([(0, 9), (0, 1)], None),
        ([], None),
    ],
)
def test_rank_quality_at_its_ends(groups, expected) -> None:
    assert rank_quality(groups) == expected


@given(st.lists(SHARES, min_size=1, max_size=8))
def test_rank_quality_turned_round_is_what_is_left_of_one(groups) -> None:
    quality = rank_quality(groups)
    assert quality is None or rank_quality(groups[::-1]) == pytest.approx(1 - quality)


MEASURED = """
as_of      | customer_id | recency_days | order_count | revenue
2024-03-01 | a           | 5            | 9           | 900
2024-03-01 | b           | 300          | 1           | 5
2024-03-01 | c           | 5            | 9           | 900
2024-03-01 | d           | 300          | 1           | 5
"""
STEPS = tuple(map(Decimal, (10, 20, 30, 40)))
CUTS = Cuts(
    "quantile",
    5,
    (
        MeasureCuts("recency_days", STEPS, "left"),
        MeasureCuts("order_count", tuple(map(Decimal, (1, 2, 3, 5))), "right"),
        MeasureCuts("revenue", STEPS, "right"),
    ),
)


def tried(measured: str, scheme: str) -> SchemeTrial:
    """Return how a scheme does on customers of 1 March, after whom a, b and c ordered."""
    engine, day = drawn_engine(ORDERS, measured), date(2024, 3, 1)
    measure_hold_outs(engine, [day], 31, NAMES)
    return try_scheme(engine, day, segments.load_scheme(scheme), CUTS)


def test_a_scheme_is_tried_on_the_customers_of_the_day() -> None:
    """From 1 March, a and c came back: both stand in the better of two segments."""
    trial, five = tried(MEASURED, "five"), segments.load_scheme("five")
    assert (trial.scheme, trial.title, trial.segment_count) == ("five", five.title, 5)
    assert (trial.top_segment, trial.top_customer_count) == ("High-Value", 2)
    assert trial.top_customer_share == 0.5
    assert trial.top_return_share == Estimate(1.0, *wilson_interval(2, 2), 2)
    assert (trial.pairs_in_order, trial.pairs_wrong, trial.pair_count) == (0, 0, 1)
    assert trial.rank_quality == 1.0


def test_a_top_segment_without_customers_has_no_share() -> None:
    trial = tried(MEASURED.replace("5            | 9           | 900", "300 | 1 | 5"), "six")
    assert (trial.top_customer_count, trial.top_return_share) == (0, None)
    assert (trial.pair_count, trial.rank_quality) == (0, 0.5)


def test_on_online_retail_the_five_segments_came_back_in_their_order(shared_dir) -> None:
    """As of 10 September 2011, with the classic filters; followed for 90 days."""
    as_of, five = date(2011, 9, 10), segments.load_scheme("five")
    classic = {"non_product_codes": [], "keep_reversed": True}
    with cleaned(shared_dir / "data" / "online_retail.csv.gz", cleaning=classic) as clean:
        engine = hold("people", measured_customers(clean.orders, as_of))
        cuts = scoring.fit_cuts(engine, "people", 5, {})
        history.hold_earlier(engine, history.EarlierDates(others=(as_of,)), cuts, five)
        names = [segment.name for segment in five.segments]
        (found,) = measure_hold_outs(engine, [as_of], 90, names)
        trial = try_scheme(engine, as_of, five, cuts)
    assert [row.customer_count for row in found.rows] == [644, 379, 999, 528, 820]
    shares = [round(100 * row.share.value, 1) for row in found.rows]
    assert shares == [89.9, 73.9, 52.6, 47.3, 34.8]
    verdicts = [pair.verdict for pair in compare_neighbours(found)]
    assert verdicts == ["in order", "in order", "unclear", "in order"]
    assert (trial.pairs_in_order, trial.pairs_wrong, trial.pair_count) == (3, 0, 4)
    assert trial.top_return_share == found.rows[0].share
    assert trial.rank_quality == pytest.approx(0.7152, abs=5e-5)


def test_hold_outs_are_scored_by_cuts_of_their_own_day(shared_dir) -> None:
    """As above, though the report is of three months later: today's cuts say 56 and 54 %."""
    day = date(2011, 9, 10)
    classic = {"non_product_codes": [], "keep_reversed": True, "as_of": "2011-12-09"}
    with cleaned_shop(shared_dir / "data" / "online_retail.csv.gz", cleaning=classic) as shop:
        measure_customers_on(shop.engine, "earlier_customers", [day])
        holding = measure_holding(shop, [day])
    rows = {row.segment: round(100 * row.share.value) for row in holding.hold_outs[0].rows}
    assert (rows["Potential Loyalists"], rows["At-Risk"]) == (53, 47)
    assert holding.verdict == "partly"
    assert [(one.measure, one.tells) for one in holding.scores] == [
        ("recency_days", True), ("order_count", True), ("revenue", True),
    ]  # fmt: skip
    assert holding.trials[0].rank_quality == pytest.approx(0.7152, abs=5e-5)
