"""As before: what segments did is carried over, in bounds that hold chance and past misses."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from shops import customers_of, drawn_shop, orders_of

from rfmreport.models.intervals import (
    MOST_OF_NONE,
    ORDERS_AS_BEFORE,
    REVENUE_AS_BEFORE,
    Z_95,
    doubt_of,
    estimate_share,
)
from rfmreport.sections.hold.figures import HoldOut, HoldOutRow
from rfmreport.sections.worth.extrapolation import (
    FollowedCell,
    Tried,
    extrapolate,
    follow_customers,
    try_extrapolation,
)
from rfmreport.vocabulary import Estimate

FEBRUARY, MARCH = date(2024, 2, 1), date(2024, 3, 1)
ORDERS = """
customer_id | order_id | at               | amount | exclusion    | is_return
a           | 1        | 2024-02-01 00:00 | 10     |              | no
a           | 2        | 2024-02-20 23:59 | 10     |              | no
b           | 3        | 2024-02-28 10:00 | 10     |              | no
b           | 4        | 2024-03-02 10:00 | 10     |              | no
c           | 5        | 2024-02-03 10:00 | 10     | cancellation | no
d           | 6        | 2024-02-04 10:00 | -5     |              | yes
"""
EARLIER = """
as_of      | customer_id | segment | recency_score | frequency_score
2024-02-01 | a           | Best    | 5             | 5
2024-02-01 | b           | Best    | 5             | 5
2024-02-01 | c           | Best    | 5             | 4
2024-02-01 | d           | Lost    | 1             | 1
"""
NOW = """
customer_id | segment | recency_score | frequency_score
a           | Best    | 5             | 5
"""


def test_each_cell_tells_who_came_within_each_window_and_how_often() -> None:
    """In the 29 days from 1 February a ordered twice, b once: 3 orders, squares 4 + 1."""
    shop = drawn_shop(
        (FEBRUARY, MARCH),
        orders=orders_of(ORDERS),
        customers=customers_of(NOW),
        earlier_customers=customers_of(EARLIER).cast({"as_of": "date"}),
    )
    cells = follow_customers(shop.engine, MARCH, {FEBRUARY: 29}, (7, 29))
    assert cells == (
        FollowedCell(FEBRUARY, "Best", 5, 4, 1, (0, 0), 0, 0),
        FollowedCell(FEBRUARY, "Best", 5, 5, 2, (1, 2), 3, 5),
        FollowedCell(FEBRUARY, "Lost", 1, 1, 1, (0, 0), 0, 0),
        FollowedCell(MARCH, "Best", 5, 5, 1, (0, 0), 0, 0),
    )


def test_a_segment_is_followed_as_it_was_cut_on_its_day() -> None:
    """By today's cuts b was Best on 1 February; by those of the day Lost, and has one order."""
    then = customers_of(EARLIER).cast({"as_of": "date"})
    shop = drawn_shop(
        (FEBRUARY, MARCH),
        orders=orders_of(ORDERS),
        customers=customers_of(NOW),
        earlier_customers=then,
        held_out_customers=customers_of(EARLIER.replace("b           | Best", "b | Lost")).cast(
            {"as_of": "date"}
        ),
    )
    given = shop.engine, MARCH, {FEBRUARY: 29}, (7, 29)
    by_today, by_day = (
        {cell.segment: cell.order_count for cell in cells if cell.order_count}
        for cells in (
            follow_customers(*given),
            follow_customers(*given, people="held_out_customers"),
        )
    )
    assert (by_today, by_day) == ({"Best": 3}, {"Best": 2, "Lost": 1})


EARLY, LATE, TODAY = date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)
NAMES = ("Best", "A", "B", "Lost", "New")
USUAL = doubt_of([], ORDERS_AS_BEFORE.segment)
USUAL_OF_REVENUE = doubt_of([], REVENUE_AS_BEFORE.segment)


def hold_out(day: date, **means: tuple[int, float]) -> HoldOut:
    """Return what segments of so many customers spent, as exactly known: Best=(100, 60)."""
    rows = (
        HoldOutRow(
            name, count, count // 2, estimate_share(1, 2), Estimate(mean, mean, mean, count), None
        )
        for name, (count, mean) in means.items()
    )
    return HoldOut(day, tuple(rows))


def cell(day: date, segment: str, count: int, orders: int = 0) -> FollowedCell:
    """Everybody ordered equally often: no spread."""
    each = orders // count
    return FollowedCell(day, segment, 5, 5, count, (0,), orders, each * each * count)


CELLS = [
    cell(EARLY, "Best", 100, 100),
    cell(LATE, "Best", 100, 300),
    cell(TODAY, "Best", 50),
    cell(TODAY, "New", 7),
]
HOLD_OUTS = (hold_out(LATE, Best=(100, 60)), hold_out(EARLY, Best=(100, 40)))


def test_the_mean_of_the_dates_is_carried_over() -> None:
    """1 and 3 orders each, £40 and £60: today's 50 would make 100 orders and spend £2,500."""
    outlook = extrapolate(CELLS, TODAY, HOLD_OUTS, 90, Tried(), NAMES)
    (row,) = outlook.rows
    assert (row.orders.value, row.revenue.value, row.orders.customer_count) == (100, 2500, 200)
    (others,) = outlook.parts[1:]  # seven of a segment that the past did not know do as all did
    assert (others.segment, others.orders.value) == ("Other segments", 14)
    assert outlook.total.revenue.value == row.revenue.value + others.revenue.value
    assert outlook.past_dates == (LATE, EARLY)


def test_without_chance_the_bounds_are_those_of_what_is_usual() -> None:
    (row,) = extrapolate(CELLS, TODAY, HOLD_OUTS, 90, Tried(), NAMES).rows
    assert row.orders.high == pytest.approx(100 * math.exp(USUAL.half_width))
    assert row.orders.low == pytest.approx(100 * math.exp(-USUAL.half_width))


def test_chance_widens_the_bounds_of_orders_and_of_revenue() -> None:
    """Half of 100 made two orders: a variance of 1 (100/99) each, then and among today's 50."""
    spread = FollowedCell(LATE, "Best", 5, 5, 100, (0,), 100, 200)
    spent = replace(HOLD_OUTS[0].rows[0], revenue_per_customer=Estimate(60, 50, 70, 100))
    outlook = extrapolate([spread, CELLS[2]], TODAY, [HoldOut(LATE, (spent,))], 90, Tried(), NAMES)
    (row,) = outlook.rows
    chance = Z_95 * math.sqrt(math.log1p((1 / 100 + 1 / 50) * 100 / 99))
    assert math.log(row.orders.high / 50) == pytest.approx(math.hypot(chance, USUAL.half_width))
    # 10 on 60 is the half of the interval of 100 customers; 50 new ones have twice its variance.
    chance = Z_95 * math.sqrt(math.log1p((10 / 60 / Z_95) ** 2 * (1 + 2)))
    half = math.hypot(chance, USUAL_OF_REVENUE.half_width)
    assert math.log(row.revenue.high / 3000) == pytest.approx(half)


def test_each_date_is_tried_by_those_before_it() -> None:
    first = date(2023, 10, 1)
    cells = [*CELLS, cell(first, "Best", 100, 200)]
    tried = try_extrapolation(cells, (*HOLD_OUTS, hold_out(first, Best=(100, 80))), 90)
    latest, earlier = tried.trials
    assert (latest.as_of, latest.predicted_orders, latest.actual_orders) == (LATE, 150, 300)
    assert (latest.predicted_revenue, latest.actual_revenue) == (6000, 6000)
    assert (earlier.as_of, earlier.predicted_orders, earlier.actual_orders) == (EARLY, 200, 100)
    assert (latest.customer_count, latest.of_order_days) == (100, False)
    assert latest.order_error == pytest.approx(-1 / 2)
    assert [miss.error for miss in tried.orders.total] == pytest.approx([math.log(2), -math.log(2)])
    assert [miss.error for miss in tried.revenue.total] == pytest.approx([0, math.log(1 / 2)])


def test_one_date_cannot_be_tried() -> None:
    assert try_extrapolation(CELLS, HOLD_OUTS[:1], 90) == Tried()


def test_what_was_far_off_on_the_past_has_wider_bounds() -> None:
    tried = try_extrapolation(CELLS, HOLD_OUTS, 90)
    outlook = extrapolate(CELLS, TODAY, HOLD_OUTS, 90, tried, NAMES)
    miss = math.log(3)
    segment = doubt_of([tried.orders.segments[0]], ORDERS_AS_BEFORE.segment)
    total = doubt_of([tried.orders.total], ORDERS_AS_BEFORE.total)
    assert segment.deviation == pytest.approx(
        math.sqrt((4 * ORDERS_AS_BEFORE.segment**2 + miss**2) / 5)
    )
    assert math.log(outlook.rows[0].orders.high / 100) == pytest.approx(segment.half_width)
    half = math.log(outlook.total.orders.high / outlook.total.orders.value)
    assert half == pytest.approx(total.half_width)


def test_segments_of_few_customers_today_stand_together_and_in_the_total() -> None:
    """A and B have 12 and 29 customers today; 30 and 60 were known."""
    cells = [
        *(cell(LATE, name, n, n) for name, n in (("Best", 100), ("A", 30), ("B", 60))),
        *(cell(TODAY, name, n) for name, n in (("Best", 30), ("A", 12), ("B", 29))),
    ]
    past = [hold_out(LATE, Best=(100, 10.0), A=(30, 20.0), B=(60, 30.0))]
    outlook = extrapolate(cells, TODAY, past, 90, Tried(), NAMES)
    assert [row.segment for row in outlook.rows] == ["Best"]
    assert (outlook.others.segment, outlook.others.customer_count) == ("Other segments", 41)
    assert outlook.others.revenue.value == 12 * 20 + 29 * 30
    assert outlook.parts == (*outlook.rows, outlook.others)
    for what in ("orders", "revenue"):
        parts = sum(getattr(part, what).value for part in outlook.parts)
        assert getattr(outlook.total, what).value == pytest.approx(parts)
    assert outlook.total.customer_count == 71


def test_where_nobody_ordered_some_still_may() -> None:
    """None of 100 ordered: with 95 % certainty fewer than 3.69 in 100 do; an order is worth £20."""
    cells = [
        cell(LATE, "Best", 100, 100),
        cell(LATE, "Lost", 100, 0),
        cell(TODAY, "Best", 50),
        cell(TODAY, "Lost", 200),
    ]
    past = [hold_out(LATE, Best=(100, 20.0), Lost=(100, 0.0))]
    lost = extrapolate(cells, TODAY, past, 90, Tried(), NAMES).rows[1]
    most = MOST_OF_NONE * 2
    assert (lost.orders.value, lost.orders.low) == (0, 0)
    assert lost.orders.high == pytest.approx(most * math.exp(USUAL.half_width))
    assert lost.revenue.high == pytest.approx(most * 20 * math.exp(USUAL_OF_REVENUE.half_width))


def test_where_nobody_at_all_ordered_money_is_not_told() -> None:
    cells = [cell(LATE, "Lost", 100, 0), cell(TODAY, "Lost", 200)]
    (row,) = extrapolate(cells, TODAY, [hold_out(LATE, Lost=(100, 0.0))], 90, Tried(), NAMES).rows
    assert row.revenue is None
    assert row.orders.high > 0


def test_a_segment_of_few_is_not_told() -> None:
    few = [hold_out(LATE, Best=(29, 60.0))]
    cells = [cell(LATE, "Best", 29, 29), CELLS[2]]
    assert extrapolate(cells, TODAY, few, 90, Tried(), NAMES) is None
