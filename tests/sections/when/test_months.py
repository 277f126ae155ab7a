"""Months: which are complete, those without an order, and who had bought before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from shops import drawn_shop, orders_of

from rfmreport.sections.when.figures import Month
from rfmreport.sections.when.measure import measure_months

ORDERS = """
customer_id | order_id | at               | amount | exclusion
a           | 1        | 2023-12-30 10:00 | 10.00  |
b           | 2        | 2024-01-15 11:00 | 20.00  |
a           | 3        | 2024-01-31 23:59 | 30.50  |
a           | 4        | 2024-01-31 12:00 | 99.00  | cancellation
a           | 5        | 2024-03-02 00:00 | 40.00  |
"""


def months_of(
    first_day: date, as_of: date, covered_until: date | None = None, orders: str = ORDERS
) -> tuple[Month, ...]:
    shop = drawn_shop((first_day, as_of), until=covered_until, orders=orders_of(orders))
    return measure_months(shop)


def test_orders_of_billions_are_squared_too() -> None:
    """In some currencies an order is: the square of four billion is more than 64 bits hold."""
    text = ORDERS.replace("10.00", "4000000000.00").replace("20.00", "99999999999999.00")
    december, january = months_of(date(2023, 12, 30), date(2024, 2, 1), orders=text)
    assert december.square_sum == 1.6e19
    assert january.square_sum == pytest.approx(1e28)


def test_a_month_holds_its_kept_orders_and_their_customers() -> None:
    december, january, february, march = months_of(date(2023, 12, 30), date(2024, 3, 3))
    assert december == Month(
        date(2023, 12, 1),
        complete=False,
        revenue=Decimal(10),
        order_count=1,
        customer_count=1,
        returning_customer_count=0,
        square_sum=100,
        trading_day_count=1,
    )
    assert january == Month(
        date(2024, 1, 1),
        complete=True,
        revenue=Decimal("50.50"),
        order_count=2,
        customer_count=2,
        returning_customer_count=1,  # a, who had bought in December; b is new
        square_sum=january.square_sum,
        trading_day_count=2,
    )
    assert january.square_sum == pytest.approx(20**2 + 30.5**2, abs=1)
    assert february == Month(date(2024, 2, 1), True, Decimal(0), 0, 0, 0)
    assert march.first_day == date(2024, 3, 1)
    assert not march.complete


@pytest.mark.parametrize(
    ("first_day", "as_of", "complete"),
    [
        # the first day of the data decides over the first month
        (date(2024, 1, 1), date(2024, 2, 1), [True]),
        (date(2024, 1, 2), date(2024, 2, 1), [False]),
        # and the day after them over the last
        (date(2024, 1, 1), date(2024, 1, 31), [False]),
        (date(2024, 1, 1), date(2024, 2, 2), [True, False]),
        (date(2024, 1, 1), date(2024, 3, 1), [True, True]),
        (date(2023, 12, 31), date(2024, 2, 1), [False, True]),
    ],
)
def test_a_month_is_complete_where_the_data_cover_each_day(
    first_day: date, as_of: date, complete: list[bool]
) -> None:
    assert [month.complete for month in months_of(first_day, as_of)] == complete


def test_revenue_of_the_months_is_the_revenue_of_the_period() -> None:
    months = months_of(date(2023, 12, 30), date(2024, 3, 3))
    assert sum(month.revenue for month in months) == Decimal("100.50")
    assert sum(month.order_count for month in months) == 4


def test_a_return_lowers_the_revenue_and_is_no_order() -> None:
    orders = """
customer_id | order_id | at         | amount | is_return
b           | 2        | 2024-01-15 | 20.00  | no
b           | C2       | 2024-01-16 | -5.00  | yes
"""
    (january,) = months_of(date(2024, 1, 1), date(2024, 2, 1), orders=orders)
    assert (january.revenue, january.order_count, january.customer_count) == (Decimal(15), 1, 1)


def test_a_month_is_over_where_the_data_cover_its_last_days_without_an_order() -> None:
    first_day, as_of = date(2024, 1, 1), date(2024, 1, 31)
    assert [month.complete for month in months_of(first_day, as_of)] == [False]
    covered = months_of(first_day, as_of, covered_until=date(2024, 2, 1))
    assert [month.complete for month in covered] == [True]
