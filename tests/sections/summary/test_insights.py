"""Insights: every number made again from its inputs, nothing said about few, advice costed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from evidence import (
    AUDIT,
    CONCENTRATION,
    FIGURES,
    FORMATS,
    HIGH,
    HOLD_OUT,
    LOST,
    MONTHS,
    NO_PAST,
    PAST,
    audit_row,
    evidence_of,
    figures_of,
    hold_out_row,
    month_of,
    table_of,
)
from example_loyalty import example_clock
from example_sells import example_sells
from example_worth import divided_forecast, example_forecast

from rfmreport.sections.concentration.figures import Concentration
from rfmreport.sections.hold.figures import HoldOut
from rfmreport.sections.summary.insights import find_insights
from rfmreport.source.audit import Audit

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import SecondOrders
    from rfmreport.vocabulary import Insight

ALL_KEYS = {
    "top_segment", "gone_quiet", "one_order", "largest_ten", "month_change", "year_change",
    "unattributed", "cancelled", "segments_hold",
}  # fmt: skip


def found_in(known: Report) -> dict[str, Insight]:
    return {insight.key: insight for insight in find_insights(known, FORMATS)}


def loyal(clock: SecondOrders) -> SimpleNamespace:
    """Stand in for what is known of loyalty: here, the second-order clock."""
    return SimpleNamespace(second_orders=clock)


FOUND = found_in(evidence_of())


# --- what is said -------------------------------------------------------------------------------


def test_everything_that_can_be_said_is_said() -> None:
    assert set(FOUND) == ALL_KEYS


def test_news_comes_first_and_the_best_of_each_topic_worth_most_first() -> None:
    """Of money alone, what any shop could say of its best customers would lead."""
    topics = {
        "top_segment": 1, "largest_ten": 1, "gone_quiet": 2, "slipped": 2, "segments_hold": 3,
        "one_order": 3, "turning_cold": 3, "month_change": 4, "year_change": 4, "best_seller": 5,
        "fast_launch": 5, "to_come": 5, "unattributed": 6, "cancelled": 6, "reversed": 6,
        "softest_choice": 6,
    }  # fmt: skip
    places, seen = [], []
    for key, insight in FOUND.items():
        is_news = key == "largest_ten"  # of what is found here
        places.append((not is_news, seen.count(topics[key]), -insight.worth))
        seen.append(topics[key])
    assert places == sorted(places)
    assert len(set(seen[: len(set(seen))])) == len(set(seen))


@pytest.mark.parametrize(
    ("key", "numbers", "sample_size"),
    [
        (
            "top_segment",
            {"customer_count": 100, "customer_share": 100 / 400, "revenue": Decimal(60000),
             "revenue_share": 60000 / 100000},
            400,
        ),
        (
            "gone_quiet",
            {"customer_count": 60, "revenue": Decimal(14000), "median_recency_days": 140,
             "return_share": 30 / 50},
            60,
        ),
        (
            "one_order",
            {"one_order_count": 140, "customer_share": 140 / 400,
             "one_order_median_revenue": Decimal(70), "two_order_count": 60,
             "two_order_median_revenue": Decimal(120)},
            60,
        ),
        ("largest_ten", {"revenue": Decimal(25000), "revenue_share": 25000 / 100000}, 400),
        (
            "month_change",
            {"order_count": 300, "previous_order_count": 200,
             "average_order_value": Decimal(12000) / 300,
             "previous_average_order_value": Decimal(10000) / 200,
             "revenue": Decimal(12000), "previous_revenue": Decimal(10000)},
            None,
        ),
        (
            "year_change",
            {"revenue": Decimal(12000), "revenue_a_year_before": Decimal(8000)},
            None,
        ),
        (
            "unattributed",
            {"amount": Decimal(12500), "line_count": 700, "order_count": 250,
             "share": 12500 / 108000},
            700,
        ),
        ("cancelled", {"amount": Decimal(-4500), "order_count": 60, "share": 4500 / 100000}, 60),
        (
            "segments_hold",
            {"best_share": 72 / 80, "best_customer_count": 80, "worst_share": 30 / 50,
             "worst_customer_count": 50},
            50,
        ),
    ],
)  # fmt: skip
def test_each_insight_carries_the_numbers_it_was_made_from(
    key: str, numbers: dict, sample_size: int | None
) -> None:
    insight = FOUND[key]
    assert set(insight.numbers) == set(numbers)
    for name, value in numbers.items():
        assert insight.numbers[name] == pytest.approx(value), name
    if sample_size is not None:
        assert insight.sample_size == sample_size
    assert insight.formula


@pytest.mark.parametrize(
    ("key", "headline"),
    [
        ("top_segment", "25% of customers hold 60% of revenue."),
        ("gone_quiet", "£14.0k of past revenue sits with 60 At-Risk customers."),
        ("one_order", "35% of customers have bought only once."),
        ("largest_ten", "The ten largest customers bring 25% of revenue."),
        ("month_change", "More orders, smaller baskets in May 2024."),
        ("year_change", "May 2024 brought +50.0% on the same month a year before."),
        ("unattributed", "£12.5k of sales has no customer to thank."),
        ("cancelled", "Cancellations came to £4,500."),
        (
            "segments_hold",
            (
                "High-Value customers come back: 90% did within 90 days, against 60% of At-Risk "
                "customers."
            ),
        ),
    ],
)
def test_the_headline_says_the_numbers(key: str, headline: str) -> None:
    assert FOUND[key].headline == headline


def test_every_sentence_ends_and_has_a_sample_of_thirty() -> None:
    for insight in FOUND.values():
        assert insight.sample_size >= 30
        assert insight.headline.endswith(".")
        assert insight.detail.endswith(".")


# --- what is not said ---------------------------------------------------------------------------


def test_nothing_is_said_about_fewer_than_thirty_customers() -> None:
    few = tuple(
        figures_of(one["segment"], 5, "10", 9, one["median_recency_days"]) for one in FIGURES
    )
    known = evidence_of(
        segments=table_of(few, figures_of(None, 25, "50", 45, 40), NO_PAST),
        months=(month_of("2024-04", "10", 12), month_of("2024-05", "40", 29)),
        concentration=Concentration(Decimal(20), 10, Decimal(5), Decimal(1), 15, Decimal(2)),
        audit=Audit(AUDIT.read, (audit_row("missing_customer", 29, 9, "90"),), AUDIT.kept),
    )
    assert found_in(known) == {}


def test_a_month_is_not_compared_with_one_of_few_customers() -> None:
    months = (month_of("2024-04", "90", 3), month_of("2024-05", "12000", 300))
    assert "month_change" not in found_in(evidence_of(months=months))


def test_a_year_is_not_compared_with_a_month_of_few_customers() -> None:
    months = (month_of("2023-05", "90", 3), *MONTHS[1:])
    assert "year_change" not in found_in(evidence_of(months=months))


def test_buyers_of_one_order_are_not_compared_with_a_few_of_two() -> None:
    few = replace(CONCENTRATION, two_order_count=2)
    assert "one_order" not in found_in(evidence_of(concentration=few))


def test_a_change_within_the_noise_is_no_change() -> None:
    """104 orders after 100: the difference of two counts has a standard deviation of 14."""
    months = (month_of("2024-04", "5000", 100), month_of("2024-05", "5200", 104))
    insight = found_in(evidence_of(months=months)).get("month_change")
    assert insight is None or insight.headline.startswith("As many orders")


def test_a_top_segment_without_customers_is_not_praised() -> None:
    figures = (figures_of(HIGH, 0, "0", 0), *FIGURES[1:])
    known = evidence_of(segments=table_of(figures))
    said = {insight.headline for insight in found_in(known).values()}
    assert "0% of customers hold 0% of revenue." not in said


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"months": MONTHS[-2:]}, {"month_change", "year_change"}),
        ({"months": ()}, {"month_change", "year_change"}),
        ({"months": MONTHS[1:]}, {"year_change"}),
        ({"audit": replace(AUDIT, excluded=())}, {"unattributed", "cancelled"}),
        ({"segments": table_of(past=NO_PAST)}, {"segments_hold"}),
        (
            {"concentration": Concentration(Decimal(1), 0, Decimal(0), Decimal(0), 60, Decimal(1))},
            {"one_order", "largest_ten"},  # ten of a pound in all are no risk
        ),
    ],
)
def test_without_its_evidence_an_insight_is_missing(changed: dict, missing: set[str]) -> None:
    assert set(found_in(evidence_of(**changed))) == ALL_KEYS - missing


def test_what_is_to_come_is_the_forecast_with_its_trials() -> None:
    told = found_in(evidence_of(forecast=example_forecast()))["to_come"]
    assert told.headline == "Expect £1.79M (£1.22M to £2.63M) in the 90 days to 8 Mar 2012."
    assert told.detail.endswith(
        "Said on 17 past dates, one a fortnight, half of these forecasts were off by 17% or less, "
        "and 15 of the ranges held what came."
    )
    assert told.numbers["revenue"] == 3800 * 470


def test_two_unlike_answers_are_both_told_and_neither_is_the_number() -> None:
    told = found_in(evidence_of(forecast=divided_forecast()))["to_come"]
    assert told.headline == (
        "Between £981k and £4.87M in the 90 days to 8 Mar 2012: £3.35M at the present pace, £1.42M "
        "as a year before."
    )
    assert "revenue" not in told.numbers
    assert "to_come" not in found_in(evidence_of(forecast=None))


def past_with(*rows):
    return replace(PAST, hold_out=HoldOut(HOLD_OUT, rows))


def test_segments_whose_intervals_overlap_are_not_told_apart() -> None:
    close = past_with(hold_out_row(HIGH, 40, 22, 10), hold_out_row(LOST, 40, 20, 10))
    table = table_of(past=close)
    assert "segments_hold" not in found_in(evidence_of(segments=table))


def test_an_unknown_return_share_is_said_to_be_unknown() -> None:
    insight = found_in(evidence_of(segments=table_of(past=NO_PAST)))["gone_quiet"]
    assert insight.numbers["return_share"] == "unknown"
    assert "too short" in insight.detail


def test_months_without_orders_are_not_compared() -> None:
    empty = month_of("2024-05", "0", 0)
    for months in ((MONTHS[2], empty), (month_of("2024-04", "0", 0), MONTHS[3])):
        assert "month_change" not in found_in(evidence_of(months=months))


# --- the second-order clock ---------------------------------------------------------------------


def test_one_order_customers_about_to_go_cold_are_counted_with_what_they_brought() -> None:
    clock = example_clock(chance_level=0.25)
    insight = found_in(evidence_of(loyalty=loyal(clock)))["turning_cold"]
    assert insight.headline == "31 one-order customers go cold by 10 Jan 2012."
    assert (insight.sample_size, insight.worth) == (31, Decimal("9300.40"))
    then, now = clock.days[clock.cold_after_days].chance, clock.days[0].chance
    assert insight.numbers["chance"] == then.value < 0.25
    assert insight.numbers["chance_at_first"] == now.value


def test_nobody_goes_cold_where_few_do_or_the_chance_has_not_fallen_beyond_noise() -> None:
    clock = example_clock(chance_level=0.25)
    few = replace(clock, turning=replace(clock.turning, customer_count=29))
    first, *others = clock.days
    wide = replace(first, chance=replace(first.chance, low=0.1))
    noisy = replace(clock, days=(wide, *others))
    for known in (few, noisy, example_clock(), example_clock(0.9), None):
        assert "turning_cold" not in found_in(evidence_of(loyalty=loyal(known)))


# --- what sells ---------------------------------------------------------------------------------


def test_the_best_seller_says_of_what_it_is_the_best() -> None:
    """A single deal brought more than the cakestand did."""
    best = found_in(replace(evidence_of(), sells=example_sells()))["best_seller"]
    assert best.headline == (
        "Of products with 30 or more buyers, REGENCY CAKESTAND 3 TIER sells most: £143k, 1.6% of "
        "revenue."
    )
    assert (best.sample_size, best.worth) == (881, Decimal("142592.95"))
    sells = example_sells()
    first = replace(sells.products.favourite, revenue_rank=1)
    products = replace(sells.products, favourite=first, returned=Decimal(1))
    best = found_in(replace(evidence_of(), sells=replace(sells, products=products)))["best_seller"]
    assert best.headline == (
        "REGENCY CAKESTAND 3 TIER sells most: £143k, 1.6% of revenue net of returns."
    )


def test_of_the_fast_launches_the_one_that_brought_most_is_told() -> None:
    sells = example_sells()
    slow, *fast = sells.launches.shown
    shown = (replace(slow, verdict="as others"), *fast)
    known = replace(sells, launches=replace(sells.launches, shown=shown))
    told = found_in(replace(evidence_of(), sells=known))["fast_launch"]
    assert told.headline.startswith("LUNCH BAG PAISLEY PARK, new since 25 Oct 2011")
    assert told.worth == Decimal("4893.2") > Decimal("4214.21")
    last = replace(fast[1], revenue=Decimal(9000))
    known = replace(sells, launches=replace(sells.launches, shown=(shown[0], fast[0], last)))
    told = found_in(replace(evidence_of(), sells=known))["fast_launch"]
    assert told.headline.startswith("PLAYING CARDS KEEP CALM & CARRY ON")
    nothing = replace(sells.launches, shown=shown[:1])
    known = replace(evidence_of(), sells=replace(sells, launches=nothing))
    assert "fast_launch" not in found_in(known)
