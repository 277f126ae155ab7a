"""Returns: what comes back by hand, netted or not, and the sample once more with plain pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from evidence import month_of
from shops import orders_of, shop_over
from stages import engine_of

from rfmreport.sections.plan.measure import measure_returns
from rfmreport.settings import CleaningSettings

HEADING = "customer_id | order_id | at | amount | exclusion | is_return | fee_code"
ORDERS = f"""
{HEADING}
a  | 1  | 2024-01-05 10:00 | 100 |                       | no  |
a  | C2 | 2024-01-06 10:00 | -30 | cancellation          | no  |
b  | C3 | 2024-01-07 10:00 | -10 | cancellation          | no  | POST
b  | C4 | 2024-01-31 23:59 | -20 | non_positive_quantity | no  |
b  | 5  | 2024-01-08 10:00 | 70  | cancellation          | no  |
   | C6 | 2024-01-09 10:00 | -40 | missing_customer      | no  |
b  | 7  | 2024-01-09 10:00 | -50 | adjustment            | no  |
b  | 8  | 2024-02-01 00:00 | 10  |                       | no  |
b  | 9  | 2024-03-01 00:00 | -9  | cancellation          | no  |
"""
JANUARY, FEBRUARY = month_of("2024-01", "100", 1), month_of("2024-02", "10", 1)


def told(text: str = ORDERS, months=(JANUARY, FEBRUARY), *, are_netted: bool = False):
    return measure_returns(engine_of(orders=orders_of(text)), months, are_netted=are_netted)


def test_goods_given_back_are_told_apart_from_cancelled_orders_and_fees() -> None:
    """In January 30 and 20 of goods; 10 of freight and 50 of book-keeping are no goods."""
    january = told().rows[0]
    assert (january.gross, january.returned, january.return_count) == (100, 50, 2)
    assert (january.cancelled, january.cancelled_count) == (70, 1)
    assert january.return_rate == 0.5


def test_a_month_without_any_stands_with_zeros_and_the_total_adds_up() -> None:
    found = told()
    february = found.rows[1]
    assert (february.gross, february.returned, february.return_rate) == (10, 0, 0)
    assert (found.total.gross, found.total.returned, found.total.return_count) == (110, 50, 2)
    assert found.total.return_rate == pytest.approx(50 / 110)
    assert (found.largest, found.largest_on) == (30, date(2024, 1, 6))


def test_what_lies_outside_the_months_is_told_apart_and_adds_up() -> None:
    """Goods of 9 in March, after the months; freight of 10 in January; 40 of nobody is in none."""
    found = told()
    assert (found.elsewhere, found.since, found.charges) == (9, 9, 10)
    assert (found.largest_since, found.largest_since_on) == (9, date(2024, 3, 1))
    later = told(months=(FEBRUARY, month_of("2024-03", "1", 1)))
    assert (later.elsewhere, later.since, later.largest_since_on) == (50, 0, None)


def test_of_equal_returns_the_earlier_is_the_largest() -> None:
    text = f"{ORDERS}a | C10 | 2024-01-02 10:00 | -30 | cancellation | no |\n"
    assert told(text).largest_on == date(2024, 1, 2)


def test_returns_that_are_subtracted_are_told_as_well() -> None:
    text = f"""
    {HEADING}
    a | 1  | 2024-01-05 10:00 | 100 |              | no  |
    a | C2 | 2024-01-06 10:00 | -30 |              | yes |
    b | C3 | 2024-01-06 10:00 | -7  | cancellation | no  |
    """
    found = told(text, (JANUARY,), are_netted=True)
    assert (found.rows[0].gross, found.rows[0].returned, found.are_netted) == (100, 37, True)


def test_where_nothing_came_back_nothing_is_told() -> None:
    assert told(months=(FEBRUARY,)) is None
    assert told(months=()) is None


def test_only_cancelled_orders_have_no_largest_return() -> None:
    text = f"{HEADING}\nb | 5 | 2024-01-08 10:00 | 70 | cancellation | no |"
    found = told(text, (JANUARY,))
    assert (found.rows[0].cancelled, found.largest, found.largest_on) == (70, 0, None)
    assert found.rows[0].return_rate is None


def test_the_sample_gives_what_pandas_gives(unpaired_sample, sample_csv) -> None:
    months = [month_of(f"2011-{n:02}", "1", 1) for n in range(1, 12)]
    shop = shop_over(unpaired_sample)
    found = measure_returns(shop.engine, months, are_netted=False)
    frame = pd.read_csv(sample_csv, dtype={"CustomerID": str, "InvoiceNo": str, "StockCode": str})
    frame["month"] = pd.to_datetime(frame.InvoiceDate).dt.strftime("%Y-%m")
    frame["amount"] = (frame.Quantity * frame.UnitPrice).round(4)
    is_fee = frame.StockCode.str.strip().str.upper().isin(CleaningSettings().non_product_codes)
    known = frame[frame.CustomerID.notna() & ~is_fee]
    back = known[known.InvoiceNo.str.startswith("C") & (known.amount < 0)]
    for row in found.rows:
        of_month = back[back.month == f"{row.first_day:%Y-%m}"]
        assert float(row.returned) == pytest.approx(-of_month.amount.sum())
        assert row.return_count == of_month.InvoiceNo.nunique()
    assert found.total.returned == sum((row.returned for row in found.rows), Decimal(0))
