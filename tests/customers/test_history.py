"""History: which earlier dates the data can carry, and what is known of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from shops import orders_of
from stages import engine_of

from rfmreport.customers import history
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.customers.segments import load_scheme
from rfmreport.vocabulary import RECENCY_DAYS

AS_OF = date(2024, 7, 1)


def cuts_up_to(longest_days: int) -> Cuts:
    bounds = tuple(Decimal(longest_days * step) / 4 for step in range(1, 5))
    recency = MeasureCuts(RECENCY_DAYS, bounds, "left")
    orders = MeasureCuts("order_count", tuple(map(Decimal, (1, 2, 3, 5))), "right")
    revenue = MeasureCuts("revenue", tuple(map(Decimal, (10, 20, 30, 50))), "right")
    return Cuts("quantile", 5, (recency, orders, revenue))


def test_dates_need_as_much_history_as_the_longest_silence() -> None:
    """1 January 2023 to 1 July 2024 are 547 days; a date needs 181 of them before it."""
    dates = history.choose_dates(date(2023, 1, 1), AS_OF, cuts_up_to(181), 90)
    assert dates.months == tuple(date(2024, month, 1) for month in (6, 5, 4, 3, 2, 1))
    assert dates.year_before == date(2023, 7, 1)
    assert dates.hold_outs == (
        date(2024, 4, 2), date(2024, 1, 3), date(2023, 10, 5), date(2023, 7, 7),
    )  # fmt: skip
    assert dates.previous == date(2024, 6, 1)
    assert dates.days == sorted({*dates.months, *dates.hold_outs, date(2023, 7, 1)})


def test_short_histories_carry_fewer_dates_and_none_beyond_a_gap() -> None:
    dates = history.choose_dates(date(2024, 1, 1), AS_OF, cuts_up_to(120), 30)
    assert dates.months == (date(2024, 6, 1), date(2024, 5, 1))
    assert dates.year_before is None
    assert dates.hold_outs == (date(2024, 6, 1), date(2024, 5, 2))


def test_one_hold_out_is_taken_even_if_the_longest_silence_does_not_fit() -> None:
    dates = history.choose_dates(date(2024, 1, 1), AS_OF, cuts_up_to(180), 90)
    assert dates.hold_outs == (date(2024, 4, 2),)
    assert history.choose_dates(date(2024, 2, 1), AS_OF, cuts_up_to(80), 90).hold_outs == ()


def test_a_window_needs_one_as_long_before_each_date() -> None:
    dates = history.choose_dates(date(2023, 1, 1), AS_OF, cuts_up_to(90), 90, window_months=12)
    assert dates.months == tuple(date(2024, month, 1) for month in (6, 5, 4, 3, 2, 1))
    assert dates.year_before is None
    assert dates.hold_outs == (date(2024, 4, 2), date(2024, 1, 3))


def test_days_that_are_asked_for_need_their_history_too() -> None:
    asked = [date(2023, 1, 1), date(2023, 7, 1), date(2024, 6, 30), AS_OF]
    dates = history.choose_dates(date(2023, 1, 1), AS_OF, cuts_up_to(181), 90, others=asked)
    assert dates.others == (date(2023, 7, 1), date(2024, 6, 30))


ORDERS = """
customer_id | order_id | at         | amount | exclusion
a           | 1        | 2024-01-10 | 10     |
a           | 2        | 2024-06-10 | 20     |
b           | 3        | 2024-02-10 | 30     | cancellation
b           | 4        | 2024-06-20 | 40     |
"""


def test_an_earlier_date_sees_a_window_of_the_same_length() -> None:
    """On 1 February, a had one order in the three months before; on 1 July only that of June."""
    engine = engine_of(all_orders=orders_of(ORDERS))
    dates = history.EarlierDates(others=(date(2024, 2, 1), AS_OF), window_months=3)
    history.hold_earlier(engine, dates, cuts_up_to(90), load_scheme("five"))
    rows = engine.rows("FROM earlier_customers")
    found = {(row["as_of"], row["customer_id"]): int(row["revenue"]) for row in rows}
    assert found == {(date(2024, 2, 1), "a"): 10, (AS_OF, "a"): 20, (AS_OF, "b"): 40}
    assert {row["segment"] for row in rows if row["customer_id"] == "b"} == {"Potential Loyalists"}
