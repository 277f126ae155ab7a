"""Months by segment: by what customers were when the month began; every month adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from evidence import month_of
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import drawn_shop, orders_of, shop_over

from rfmreport.customers.measure import measure_customers_on
from rfmreport.sections.plan.measure import hold_nobody_then, last_complete, split_months
from rfmreport.sections.when.measure import measure_months

NAMES = ("Best", "Lost")
ORDERS = """
customer_id | order_id | at               | amount | is_return
a           | 1        | 2024-01-05 10:00 | 10     | no
a           | 2        | 2024-02-05 10:00 | 20     | no
b           | 3        | 2024-02-01 00:00 | 5      | no
b           | 4        | 2024-02-29 23:59 | 7      | no
a           | 5        | 2024-03-05 10:00 | 40     | no
b           | 6        | 2024-03-06 10:00 | 3      | no
b           | 7        | 2024-03-07 10:00 | -1     | yes
c           | 8        | 2024-03-08 10:00 | 9      | no
"""
THEN = """
as_of      | customer_id | segment
2024-02-01 | a           | Lost
2024-03-01 | a           | Best
2024-03-01 | b           | Lost
"""
MONTHS = (month_of("2024-01", "10", 1), month_of("2024-02", "32", 3), month_of("2024-03", "51", 3))


def split(orders: str = ORDERS, then: str | None = THEN, months=MONTHS):
    engine = shop_of(orders).engine
    carried = [date(2024, 2, 1), date(2024, 3, 1)] if then else []
    if then:
        hold_then(engine, then)
    else:
        hold_nobody_then(engine)
    return split_months(engine, months, carried, NAMES)


def shop_of(orders: str):
    return drawn_shop((date(2024, 1, 1), date(2024, 4, 1)), orders=orders_of(orders))


def hold_then(engine, text: str) -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]
    values = ", ".join(f"(DATE '{day}', '{who}', '{segment}')" for day, who, segment in rows)
    columns = "as_of, customer_id, segment"
    engine.hold("customers_then", f"SELECT {columns} FROM (VALUES {values}) AS drawn ({columns})")


def test_a_month_is_split_by_what_its_customers_were_when_it_began() -> None:
    """Lost in February and among the best in March: a. New in February: b."""
    january, february, march = split().rows
    assert (january.revenue, january.new, january.by_segment) == (10, 10, None)
    assert (february.new, february.by_segment, february.known) == (12, (0, 20), 20)
    assert (march.new, march.by_segment) == (9, (40, 2))  # b's return lowers what b brings


def test_who_is_known_but_was_no_customer_in_the_window_returns() -> None:
    """In March the window knows a alone."""
    march = split(then="\n".join(THEN.splitlines()[:4])).rows[2]
    assert (march.new, march.returning, march.by_segment) == (9, 2, (40, 0))


def test_without_carried_months_only_new_and_known_are_told() -> None:
    rows = split(then=None).rows
    assert [row.by_segment for row in rows] == [None, None, None]
    assert [row.new for row in rows] == [10, 12, 9]
    assert split(months=()) is None


def test_the_last_complete_months_end_at_a_gap() -> None:
    part = month_of("2024-04", "1", 1, complete=False)
    assert last_complete([*MONTHS, part], 13) == MONTHS
    assert last_complete(MONTHS, 2) == MONTHS[1:]
    assert last_complete([part, *MONTHS, part], 13) == MONTHS
    assert last_complete([MONTHS[0], part, *MONTHS[1:]], 13) == MONTHS[1:]
    assert last_complete([part], 13) == ()


def hold_named(engine, days: list[date], most_lost: int) -> None:
    """Hold the customers of these days: Best are those with more orders than the lost have."""
    measure_customers_on(engine, "measured", days)
    name = f"CASE WHEN order_count > {most_lost} THEN 'Best' ELSE 'Lost' END AS segment"
    engine.hold("customers_then", f"SELECT as_of, customer_id, {name} FROM measured")


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(1, 3), st.integers(1, 28), st.integers(1, 99)
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_month_adds_up(bought) -> None:
    rows = [
        f"{who} | {n} | 2024-{month:02}-{day:02} 10:00 | {amount} | no"
        for n, (who, month, day, amount) in enumerate(bought)
    ]
    shop = shop_of("\n".join([ORDERS.splitlines()[1], *rows]))
    days = [date(2024, 2, 1), date(2024, 3, 1)]
    hold_named(shop.engine, days, 1)
    months = measure_months(shop)
    for row in split_months(shop.engine, months, days, NAMES).rows:
        if row.by_segment is not None:
            assert sum(row.by_segment) + row.new + row.returning == row.revenue
            assert row.returning == 0


def test_the_sample_gives_what_pandas_gives(clean_sample) -> None:
    day = date(2011, 11, 1)
    shop = shop_over(clean_sample)
    months = measure_months(shop)
    hold_named(shop.engine, [day], 2)
    rows = split_months(shop.engine, last_complete(months, 13), [day], NAMES).rows
    kept = pd.DataFrame(shop.engine.rows("FROM orders WHERE exclusion IS NULL"))
    kept["amount"] = kept.amount.astype(float)
    before = kept[kept.first_at < "2011-11-01"].customer_id.value_counts()
    november = kept[(kept.first_at >= "2011-11-01") & (kept.first_at < "2011-12-01")]
    count = november.customer_id.map(before).fillna(0)
    row = rows[-1]
    assert row.first_day == day
    assert float(row.new) == pytest.approx(november[count == 0].amount.sum())
    assert [float(cell) for cell in row.by_segment] == pytest.approx(
        [november[count > 2].amount.sum(), november[count.between(1, 2)].amount.sum()]
    )
    assert row.new + sum(row.by_segment) == row.revenue
    assert row.revenue == pytest.approx(Decimal(str(round(november.amount.sum(), 4))))
