"""Cohorts: counted by hand, adding up to the orders, and recent ones held against older ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from shops import drawn_shop, orders_of, shop_over

from rfmreport.sections.loyalty.figures import Cohort, CohortMonth, Cohorts
from rfmreport.sections.loyalty.measure import compare_cohorts, measure_cohorts
from rfmreport.sections.loyalty.second_order_measure import Period
from rfmreport.vocabulary import months_before

SHOP = """
customer_id | order_id | at               | amount | is_return | exclusion
anna        | 1        | 2024-01-02 10:00 | 10.00  | no        |
anna        | 2        | 2024-01-31 23:59 | 20.00  | no        |
anna        | 3        | 2024-03-01 00:00 | 30.00  | no        |
ben         | 4        | 2024-01-15       | 40.00  | no        |
ben         | 5        | 2024-05-15       | 50.00  | no        |
carl        | 6        | 2024-02-29       | 60.00  | no        |
carl        | C6       | 2024-04-01       | -6.00  | yes       |
carl        | 7        | 2024-05-02       | 70.00  | no        | cancellation
dora        | C8       | 2024-01-03       | -8.00  | yes       |
dora        | 9        | 2024-04-30       | 90.00  | no        |
emil        | C10      | 2024-04-30       | -1.00  | yes       |
"""
FIRST, AS_OF = date(2024, 1, 1), date(2024, 5, 20)


def measured(text: str = SHOP, first_day: date = FIRST, as_of: date = AS_OF) -> Cohorts:
    shop = drawn_shop((first_day, as_of), orders=orders_of(text))
    return measure_cohorts(shop.engine, Period(first_day, as_of, as_of))


def drawn(cohort: Cohort) -> list[tuple]:
    return [
        (m.months_since, m.complete, m.customer_count, m.order_count, str(m.revenue.normalize()))
        for m in cohort.months
    ]


def test_customers_are_followed_from_the_month_of_their_first_order() -> None:
    january, february, april = measured().rows
    assert january.first_month == FIRST
    assert drawn(january) == [
        (0, True, 2, 3, "7E+1"),
        (1, True, 0, 0, "0"),
        (2, True, 1, 1, "3E+1"),
        (3, True, 0, 0, "0"),
        (4, False, 1, 1, "5E+1"),
    ]
    assert drawn(february) == [
        (0, True, 1, 1, "6E+1"),
        (1, True, 0, 0, "0"),
        (2, True, 0, 0, "-6"),
        (3, False, 0, 0, "0"),
    ]
    # A return of before the first known order counts to that order's month.
    assert drawn(april) == [(0, True, 1, 1, "82"), (1, False, 0, 0, "0")]


def test_who_came_back_within_three_months_counts_once() -> None:
    """Anna came back in March, Ben in May, which is the fourth month; April is not followed yet."""
    assert [cohort.returned_count for cohort in measured().rows] == [1, None, None]


def test_a_return_is_no_coming_back() -> None:
    rows = measured(as_of=date(2024, 6, 1)).rows
    assert rows[1].customer_count == 1
    assert rows[1].returned_count == 0


def test_revenue_adds_up_to_that_of_all_customers_with_a_purchase() -> None:
    total = sum(month.revenue for cohort in measured().rows for month in cohort.months)
    assert total == Decimal(10 + 20 + 30 + 40 + 50 + 60 - 6 - 8 + 90)


def test_a_month_in_which_the_data_begin_is_not_complete() -> None:
    january, *others = measured(first_day=date(2024, 1, 2)).rows
    assert not january.complete
    assert not any(month.complete for month in january.months)
    assert january.returned_count is None
    assert all(cohort.complete for cohort in others)


def test_few_customers_are_not_shown() -> None:
    assert measured().shown == ()
    lines = [f"c{n} | {n} | 2024-01-05 | 1.00" for n in range(30)]
    heading = "customer_id | order_id | at | amount"
    many = measured("\n".join([heading, *lines, "x | x | 2024-03-05 | 1.00"]))
    assert [cohort.first_month for cohort in many.shown] == [FIRST, date(2024, 3, 1)]
    assert measured("\n".join([heading, *lines]), as_of=date(2024, 2, 20)).shown == ()


# --- recent against older -----------------------------------------------------------------------


def cohorts_of(*groups: tuple[int, int | None], first_day: date = FIRST) -> Cohorts:
    """Return cohorts of consecutive months from January: customers, and how many came back."""
    rows = tuple(
        Cohort(
            months_before(FIRST, -i),
            complete=True,
            months=(CohortMonth(0, True, customers, customers, Decimal(customers)),),
            returned_count=returned,
        )
        for i, (customers, returned) in enumerate(groups)
    )
    return compare_cohorts(Cohorts(first_day, rows))


def test_the_last_three_are_held_against_those_before_without_the_first_of_all() -> None:
    found = cohorts_of((500, 400), (100, 50), (100, 50), (100, 20), (100, 20), (100, 20), (9, None))
    assert found.recent.first_months == (date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1))
    assert found.older.first_months == (date(2024, 2, 1), date(2024, 3, 1))
    assert (found.recent.share.value, found.older.share.value) == (0.2, 0.5)
    assert found.difference.value == pytest.approx(-0.3)
    assert found.difference.high < 0
    assert found.everyone.share.customer_count == 500
    assert found.everyone.share.value == pytest.approx(160 / 500)


def test_where_a_year_ago_is_known_the_season_is_the_same() -> None:
    found = cohorts_of(*[(100, 40)] * 16, first_day=date(2023, 1, 1))
    recent = tuple(months_before(month, 12) for month in found.recent.first_months)
    assert found.older.first_months == recent
    assert len(found.everyone.first_months) == 12


def test_few_are_compared_with_nobody() -> None:
    found = cohorts_of((500, 400), (29, 20), (100, 50), (100, 20), (100, 20))
    assert (found.recent, found.older, found.difference) == (None, None, None)
    assert found.everyone.share.customer_count == 329
    assert cohorts_of((500, 400)).everyone is None


# --- real data ----------------------------------------------------------------------------------


def test_the_sample_is_counted_as_plain_pandas_would(clean_sample) -> None:
    shop = shop_over(clean_sample)
    clean = shop.read
    kept = clean.orders.filter(clean.orders.exclusion.isnull() & ~clean.orders.is_return)
    frame = kept.select("customer_id", "order_id", "first_at", "amount").to_pandas()
    period = Period(clean.coverage.first_day, clean.as_of, clean.covered[1])
    found = measure_cohorts(shop.engine, period)
    frame["month"] = frame["first_at"].dt.year * 12 + frame["first_at"].dt.month
    frame["first"] = frame.groupby("customer_id")["month"].transform("min")
    frame["since"] = frame["month"] - frame["first"]
    cells = frame.groupby(["first", "since"])
    customers, orders = cells["customer_id"].nunique(), cells.size()
    revenue = cells["amount"].sum()
    soon = frame[frame["since"].between(1, 3)].groupby("first")["customer_id"].nunique()
    assert len(found.rows) == frame["first"].nunique()
    for cohort in found.rows:
        first = cohort.first_month.year * 12 + cohort.first_month.month
        for month in cohort.months:
            key = (first, month.months_since)
            assert month.customer_count == customers.get(key, 0)
            assert month.order_count == orders.get(key, 0)
            assert month.revenue == revenue.get(key, 0)
        if cohort.returned_count is not None:
            assert cohort.returned_count == soon.get(first, 0)
    assert sum(cohort.returned_count is not None for cohort in found.rows) == 9
