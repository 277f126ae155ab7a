"""What asking a segment is worth: by hand, on Online Retail's figures, and as laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import sqrt

import pytest
from evidence import FORMATS, HIGH, LOYAL, PLAYS, RISK, table_of
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.models.intervals import estimate_difference, estimate_share, visible_difference
from rfmreport.sections.advice.gains import measure_gains
from rfmreport.sections.advice.recommendations import gain_basis, measure_words
from rfmreport.sections.decided.figures import Decided, Lift
from rfmreport.settings import ReportSettings
from rfmreport.vocabulary import Estimate

SUPPOSED = ReportSettings(extra_return_points=(1.0, 5.0))

# segment, customers, who come anyway, average order: Online Retail as of 10 December 2011
ONLINE_RETAIL = (
    ("High-Value", 899, 0.9058, "538.71"),
    ("Loyal Customers", 529, 0.7454, "403.81"),
    ("Potential Loyalists", 1170, 0.5207, "307.07"),
    ("At-Risk", 766, 0.4758, "434.58"),
    ("Lost", 954, 0.3489, "201.47"),
)


def table_with(*rows):
    """Return a table of such segments."""
    table = table_of()
    told = tuple(
        replace(
            table.rows[0], name=name, customer_count=count, average_order_value=Decimal(value),
            anyway=Estimate(share, share - 0.03, share + 0.03, count),
        )
        for name, count, share, value in rows
    )  # fmt: skip
    return replace(table, rows=told)


def campaign(segment: str, reached: tuple[int, int], control: tuple[int, int]) -> Decided:
    lift = Lift(
        estimate_share(*reached), estimate_share(*control), estimate_difference(*reached, *control),
        None,
    )  # fmt: skip
    given = (segment, "Letter", "CRM", date(2024, 3, 1), 500, 500, 400, None)
    return Decided(*given, lift, "")


def test_worth_is_who_would_not_come_times_points_times_one_order() -> None:
    """Of 100, 90 % come anyway: 1 to 5 in 100 of ten, at £75 an order."""
    gains = {one.segment: one for one in measure_gains(table_of(), PLAYS, (), SUPPOSED)}
    high = gains[HIGH]
    assert (high.reach, high.order_value) == (Decimal(10), Decimal(75))
    assert (high.low, high.high) == (Decimal("7.5"), Decimal("37.5"))


def test_baskets_are_costed_as_baskets() -> None:
    """Of 80, 70 % come anyway: one order each of £50, and 1 to 5 in 100 larger."""
    gains = {one.segment: one for one in measure_gains(table_of(), PLAYS, (), SUPPOSED)}
    loyal = gains[LOYAL]
    assert (PLAYS[LOYAL].lever, loyal.lever, loyal.split) == ("basket", "basket", None)
    assert (float(loyal.low), float(loyal.high)) == pytest.approx((56 * 0.5, 56 * 2.5))


def test_online_retail_is_ranked_by_what_a_point_is_worth() -> None:
    """At-Risk before Potential before Lost before High-Value, which used to be the first."""
    plays = {name: replace(play, lever="order") for name, play in PLAYS.items()}
    gains = measure_gains(table_with(*ONLINE_RETAIL), plays, (), SUPPOSED)
    assert [(one.segment, round(one.low)) for one in gains] == [
        ("At-Risk", 1745),
        ("Potential Loyalists", 1722),
        ("Lost", 1251),
        ("Loyal Customers", 544),
        ("High-Value", 456),
    ]


def test_margin_and_cost_are_taken_off() -> None:
    """£7.50 to £37.50 of revenue, at 40 %, less 100 contacts at 10p."""
    settings = replace(SUPPOSED, margin=0.4, cost_per_contact=0.1)
    high = next(
        one for one in measure_gains(table_of(), PLAYS, (), settings) if one.segment == HIGH
    )
    assert (float(high.low), float(high.high)) == pytest.approx((3 - 10, 15 - 10))
    assert high.break_even_points == pytest.approx(10 / 3)
    assert gain_basis(high, 90).told(FORMATS) == (
        "if 1 to 5 in 100 of the 10 who would not come within 90 days order once, at their average "
        "£75, of which 40% is margin; less £10 for asking all, paid for from 3.3 in 100 on"
    )


def test_what_a_campaign_of_the_shops_own_won_goes_before_what_is_supposed() -> None:
    """60 of 100 came who were asked, 40 of 100 who were not: 20 of the 60 who else stay away."""
    told = campaign(RISK, (60, 100), (40, 100))
    gains = measure_gains(table_of(), PLAYS, (told,), SUPPOSED)
    risk = next(one for one in gains if one.segment == RISK)
    assert (risk.points_low, risk.points_high) == pytest.approx(
        (100 * told.lift.difference.low / 0.6, 100 * told.lift.difference.high / 0.6)
    )
    assert "order once, as “Letter” won, at their average" in gain_basis(risk, 90).told(FORMATS)


def test_a_campaign_that_lost_orders_is_worth_nothing() -> None:
    told = campaign(RISK, (20, 100), (60, 100))
    gains = measure_gains(table_of(), PLAYS, (told,), SUPPOSED)
    assert next(one for one in gains if one.segment == RISK).high == 0


@pytest.mark.parametrize(("part", "least", "most"), [(0.1, 9, 18), (0.5, 5.4, 10.7)])
def test_what_a_test_would_show_on_online_retail(part: float, least: float, most: float) -> None:
    """A held-out tenth sees 9 to 17 points, half of a segment 5.7 to 10."""
    shows = [
        100 * visible_difference(sqrt(share * (1 - share)), count * (1 - part), count * part)
        for _, count, share, _ in ONLINE_RETAIL
    ]
    assert least <= min(shows)
    assert max(shows) <= most


def test_the_smallest_split_that_shows_what_is_supposed_is_chosen() -> None:
    """60 in 100 of those who stay away: seen with a tenth left alone; 5 in 100 with no part."""
    table = table_with(("At-Risk", 766, 0.4758, "434.58"))
    large, small = (
        measure_gains(table, PLAYS, (), ReportSettings(extra_return_points=(1.0, most)))[0]
        for most in (60.0, 5.0)
    )
    assert (large.split.share, large.split.is_worth_it) == (0.1, True)
    words = "Share who order, against those left alone."
    assert measure_words(words, large, FORMATS) == (
        "Share who order, against those left alone: 10% at random show 16.9 points."
    )
    assert (small.split.share, small.split.is_worth_it) == (0.5, False)
    assert measure_words(words, small, FORMATS) == (
        "No test would show it: half left alone shows 10.1 points, at most 2.6 are supposed."
    )


@pytest.mark.parametrize(
    ("deviation", "part", "shows", "words"),
    [
        (500.0, 0.5, 0.3502, "No test would show it: half left alone shows 35% of a basket, "),
        (50.0, 0.2, 0.04378, "Basket, against the others: 20% at random show 4.4% of a basket."),
    ],
)  # fmt: skip
def test_a_test_of_baskets_shows_what_the_spread_of_orders_lets_it(
    deviation: float, part: float, shows: float, words: str
) -> None:
    """Of 500, 80 % come, one order of £400 each: (1.96 + 0.84) x spread / 400 x root of sizes."""
    table = table_with((LOYAL, 500, 0.8, "400"))
    rows = tuple(replace(row, order_value_deviation=deviation) for row in table.rows)
    gain = measure_gains(replace(table, rows=rows), PLAYS, (), SUPPOSED)[0]
    assert (gain.split.share, gain.split.supposed) == (part, 0.05)
    assert gain.split.shows == pytest.approx(shows, rel=1e-3)
    assert measure_words("Basket, against the others.", gain, FORMATS).startswith(words)


def test_of_whom_nobody_knows_who_comes_nothing_is_said() -> None:
    rows = (replace(table_of().rows[0], anyway=None), *table_of().rows[1:])
    gains = measure_gains(replace(table_of(), rows=rows), PLAYS, (), SUPPOSED)
    assert HIGH not in [one.segment for one in gains]


@given(
    st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)).map(sorted).map(tuple),
    st.floats(0.01, 1),
    st.floats(0.01, 10),
)
def test_most_worth_comes_first_and_no_more_come_than_stay_away(points, margin, cost) -> None:
    settings = ReportSettings(
        extra_return_points=points, margin=round(margin, 3), cost_per_contact=round(cost, 3)
    )
    gains = measure_gains(table_with(*ONLINE_RETAIL), PLAYS, (), settings)
    assert [one.high for one in gains] == sorted((one.high for one in gains), reverse=True)
    for one in gains:
        assert one.low <= one.high <= one.reach * one.order_value * one.margin - one.cost
        assert 0 <= one.reach <= one.customer_count
