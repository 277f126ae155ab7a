"""Launches: what counts as one, how far it came week by week, and who was first."""

from __future__ import annotations

from datetime import date

import pytest
from shops import orders_of
from sold_goods import goods, rows, tables_of

from rfmreport.analyses.launches import (
    LaunchDays,
    find_launch_days,
    follow_launches,
    list_launches,
    tell_launches,
)
from rfmreport.sold import describe_buyers

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
    with goods(text) as (_, lines):
        sold, names, _ = tables_of(lines)
        launches = list_launches(names, days)
        found = follow_launches(sold, launches, orders_of(ORDERS), days)
        return rows(launches, "product_code"), rows(found, "product_code", "week")


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


def many_launches() -> tuple[str, str]:
    """Return lines and orders: 12 launches of March bought by n customers, one of June by 60."""
    lines, orders = [LINES.strip().splitlines()[0]], [ORDERS.strip().splitlines()[0]]
    bought = [("03-01", f"m{n:02}", n) for n in range(1, 13)] + [("06-01", "hit", 60)]
    for day, code, count in bought:
        for n in range(count):
            lines.append(f"c{n} | {code}{n} | 2024-{day} 10:00 | {code} | {code} | 1 | 2")
            orders.append(f"c{n} | {code}{n} | 2024-{day} 10:00 | 2 | | no")
    return "\n".join(lines), "\n".join(orders)


def told(*, days: LaunchDays = DAYS, best_count: int = 5):
    text, orders = many_launches()
    with goods(text) as (engine, lines):
        sold, names, places = tables_of(lines)
        launches = list_launches(names, days)
        found = follow_launches(sold, launches, orders_of(orders), days)
        ids = [f"c{n}" for n in range(60)]
        segments = ["Best" if n < best_count else "Lost" for n in range(60)]
        people = engine.create_table("people", {"customer_id": ids, "segment": segments})
        buyers = describe_buyers(sold, people, places)
        sizes = {"Best": best_count, "Lost": 60 - best_count}
        return tell_launches(found, sold, launches, buyers, days, sizes)


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


def test_first_buyers_are_held_against_all_that_is_bought() -> None:
    launches = told()
    best, lost = launches.takers
    assert (best.segment, best.taker_count, lost.taker_count) == ("Best", 5, 55)
    assert (best.customer_share, best.taker_share, best.pick_share) == pytest.approx([5 / 60] * 3)


def test_without_a_late_launch_there_is_nothing_to_tell() -> None:
    assert told(days=LaunchDays(28, date(2024, 2, 1), date(2024, 7, 1), date(2024, 7, 29))) is None
