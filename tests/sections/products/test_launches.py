"""Launches: what counts as one, how far it came week by week, and who was first."""

from __future__ import annotations

from datetime import date

import pytest
from shops import orders_of
from sold_goods import held_goods

from rfmreport.sections.products.measure import (
    LaunchDays,
    compare_launches,
    find_launch_days,
    follow_launches,
)

DAYS = LaunchDays(28, date(2024, 2, 1), date(2024, 6, 1), date(2024, 6, 29))
LINES = """
customer | order | date             | code | name   | quantity | price
a        | 1     | 2024-01-05 10:00 | old  | Lamp   | 1        | 10
a        | 2     | 2024-06-02 10:00 | new  | Vase   | 1        | 10
a        | 3     | 2024-06-10 10:00 | new  | Vase   | 1        | 10
b        | 4     | 2024-06-15 10:00 | new  | Vase   | 1        | 5
b        | 5     | 2024-06-16 10:00 | new  | Vase   | 1        | 5
c        | 6     | 2024-03-10 10:00 | last | Cup    | 1        | 1
d        | 7     | 2024-06-28 10:00 | tiny | Spoon  | 1        | 1
d        | 8     | 2024-06-05 10:00 | ren  | Lamp   | 1        | 1
"""
ORDERS = """
customer_id | order_id | at               | amount | exclusion     | is_return
a           | 2        | 2024-06-02 10:00 | 10     |               | no
x           | x        | 2024-06-03 10:00 | 10     |               | no
a           | 3        | 2024-06-10 10:00 | 10     |               | no
b           | 4        | 2024-06-15 10:00 | 5      |               | no
b           | 5        | 2024-06-16 10:00 | 5      |               | no
y           | y        | 2024-06-16 10:00 | 5      | cancellation  | no
"""


def followed(text: str, days: LaunchDays = DAYS):
    with held_goods(text, orders=orders_of(ORDERS)) as engine:
        follow_launches(engine, days)
        return (
            engine.rows("FROM launches ORDER BY product_code"),
            engine.rows("FROM followed_launches ORDER BY product_code, week"),
        )


def test_the_data_must_know_the_time_before() -> None:
    days = find_launch_days(date(2024, 1, 1), date(2024, 1, 1), date(2024, 6, 29), 90)
    assert (days.first_day, days.late_from) == (date(2024, 3, 31), date(2024, 3, 31))
    assert find_launch_days(date(2024, 1, 2), date(2024, 1, 2), date(2024, 6, 29), 90) is None
    in_window = find_launch_days(date(2020, 1, 1), date(2024, 1, 1), date(2024, 6, 29), 90)
    assert in_window.first_day == date(2024, 1, 1)
    assert find_launch_days(date(2024, 1, 1), date(2024, 1, 1), date(2024, 6, 29), 27) is None


def test_what_was_sold_early_or_under_another_code_is_no_launch() -> None:
    launches, _ = followed(LINES)
    assert [(row["product_code"], row["is_late"]) for row in launches] == [
        ("LAST", False), ("NEW", True), ("TINY", True),
    ]  # fmt: skip


def test_a_launch_is_followed_by_whole_weeks() -> None:
    """From 2 June: a in week 1 and again in week 2, b in week 2 (day 13) and 3; to 29 June: 3."""
    _, found = followed(LINES)
    new = [row for row in found if row["product_code"] == "NEW"]
    assert [(row["week"], row["customer_count"], float(row["revenue"])) for row in new] == [
        (1, 1, 10), (2, 2, 25), (3, 2, 30),
    ]  # fmt: skip
    assert [row["shop_orders"] for row in new] == [2, 4, 5]
    assert [row["pace"] for row in new] == pytest.approx([500, 500, 400])
    assert [row["week"] for row in found if row["product_code"] == "LAST"] == [1, 2, 3, 4]
    assert not [row for row in found if row["product_code"] == "TINY"]


def many_launches(
    late: tuple[str, ...] = ("hit",), customer_count: int = 60, other_orders: int = 0
) -> tuple[str, str]:
    """Return lines and orders: 12 launches of March bought by 1 to 12 customers, others of June.

    In June each customer buys all of the late ones in one order; the shop takes others besides.
    """
    lines, orders = [LINES.strip().splitlines()[0]], [ORDERS.strip().splitlines()[0]]
    bought = [("03-01", (f"m{n:02}",), n) for n in range(1, 13)] + [("06-01", late, customer_count)]
    for day, codes, count in bought:
        for n in range(count):
            orders.append(f"c{n} | {codes[0]}{n} | 2024-{day} 10:00 | 2 | | no")
            lines += [f"c{n} | {codes[0]}{n} | 2024-{day} 10:00 | {code} | {code} | 1 | 2"
                      for code in codes]  # fmt: skip
    orders += [f"x | x{n} | 2024-06-01 10:00 | 2 | | no" for n in range(other_orders)]
    return "\n".join(lines), "\n".join(orders)


def told(*, days: LaunchDays = DAYS, best_count: int = 5, drawn: tuple[str, str] | None = None):
    text, orders = drawn or many_launches()
    people = [f"c{n} | {'Best' if n < best_count else 'Lost'}" for n in range(60)]
    with held_goods(
        text, "\n".join(["customer_id | segment", *people]), orders_of(orders)
    ) as engine:
        follow_launches(engine, days)
        return compare_launches(engine, days, {"Best": best_count, "Lost": 60 - best_count})


def test_a_launch_is_held_against_earlier_ones_of_its_age() -> None:
    launches = told()
    (hit,) = launches.shown
    assert (hit.code, hit.weeks, hit.customer_count) == ("HIT", 4, 60)
    assert hit.customers_by_week == (60, 60, 60, 60)
    assert hit.pace == pytest.approx(1000)
    lower, median, upper = (1000 * n / 78 for n in (3.75, 6.5, 9.25))
    assert hit.earlier_pace == pytest.approx((lower, median, upper))
    assert hit.verdict == "faster"
    assert hit.pace_low == pytest.approx(1000 / 1.288, rel=0.01)  # exp(1.96 / sqrt(60))
    week = launches.earlier[-1]
    assert (week.week, week.launch_count, week.median) == (4, 12, 6.5)
    assert (launches.launch_count, launches.earlier_count) == (1, 12)


@pytest.mark.parametrize(
    ("late", "verdict"), [(("hit",), "faster"), (tuple(f"h{n}" for n in range(10)), "as others")]
)
def test_the_luckiest_of_many_launches_is_not_yet_faster(late, verdict: str) -> None:
    """40 customers of 232 orders: 172 in a thousand against 119, by a factor of 1.45.

    Chance moves 40 customers by exp(1.96 / sqrt(40)) = 1.36 where one launch is looked at, and by
    exp(2.81 / sqrt(40)) = 1.56 where ten are.
    """
    launches = told(drawn=many_launches(late, 40, 192))
    assert (launches.told_count, launches.launch_count) == (len(late), len(late))
    assert {one.verdict for one in launches.shown} == {verdict}


@pytest.mark.parametrize(("other_orders", "verdict"), [(960, "as others"), (1460, "slower")])
def test_slower_is_what_chance_does_not_explain(other_orders: int, verdict: str) -> None:
    """40 customers of a thousand orders against a lower quartile of 48: below, by less than 1.36.

    Of 1,500 orders they are 27 in a thousand, below by more.
    """
    (one,) = told(drawn=many_launches(("hit",), 40, other_orders)).shown
    assert one.pace < one.earlier_pace[0] == pytest.approx(1000 * 3.75 / 78)
    assert one.verdict == verdict


def test_what_no_analysed_customer_bought_is_no_launch() -> None:
    """Twelve more launches of March, bought by nobody known, pull no quartile down."""
    text, orders = many_launches()
    unknown = [f" | u{n} | 2024-03-01 10:00 | u{n} | u{n} | 1 | 2" for n in range(12)]
    late = [" | v | 2024-06-01 10:00 | v | v | 1 | 2"]
    launches = told(drawn=("\n".join([text, *unknown, *late]), orders))
    assert (launches.launch_count, launches.earlier_count) == (1, 12)
    assert launches.earlier[-1].median == 6.5


def test_first_buyers_come_within_thirty_days() -> None:
    """Of a launch of 2 May, 40 buy on 31 May and are first buyers, 20 on 1 June and are not."""
    lines = [LINES.strip().splitlines()[0], "c0 | h | 2024-05-02 10:00 | hit | hit | 1 | 2"]
    lines += [f"c{n} | h{n} | 2024-05-31 10:00 | hit | hit | 1 | 2" for n in range(1, 40)]
    lines += [f"c{n} | h{n} | 2024-06-01 10:00 | hit | hit | 1 | 2" for n in range(40, 60)]
    days = LaunchDays(60, date(2024, 2, 1), date(2024, 5, 1), date(2024, 6, 30))
    launches = told(days=days, drawn=("\n".join(lines), many_launches()[1]))
    assert launches.taker_count == 40
    assert [one.pick_share for one in launches.takers] == pytest.approx([5 / 60, 55 / 60])


def test_first_buyers_are_held_against_all_that_is_bought() -> None:
    launches = told()
    best, lost = launches.takers
    assert (best.segment, best.taker_count, lost.taker_count) == ("Best", 5, 55)
    assert (best.customer_share, best.taker_share, best.pick_share) == pytest.approx([5 / 60] * 3)


def test_without_a_late_launch_there_is_nothing_to_tell() -> None:
    assert told(days=LaunchDays(28, date(2024, 2, 1), date(2024, 7, 1), date(2024, 7, 29))) is None
