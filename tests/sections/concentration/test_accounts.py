"""Accounts: spans and changes by hand, who slips, and the sample once more with plain pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis
import pytest
from shops import customers_of, orders_of
from stages import engine_of, measured_customers

from rfmreport.sections.concentration.measure import Span, choose_span, tell_accounts

AS_OF = date(2024, 7, 1)
NAMES = ("Best", "Middle", "Lost")
BEFORE = date(2024, 4, 2)
ORDERS = """
customer_id | order_id | at               | amount | is_return
a           | 1        | 2023-06-30 10:00 | 500    | no
a           | 2        | 2023-07-01 10:00 | 10     | no
a           | 3        | 2023-08-01 10:00 | 30     | no
a           | 4        | 2024-01-01 10:00 | 60     | no
b           | 5        | 2024-06-30 10:00 | 40     | no
b           | 6        | 2024-06-30 11:00 | -5     | yes
c           | 7        | 2023-07-02 10:00 | 20     | no
c           | 8        | 2024-06-02 10:00 | 15     | no
d           | 9        | 2023-01-02 10:00 | 99     | no
"""
PEOPLE = """
customer_id | segment | segment_before | is_overdue | last_order_on
a           | Middle  | Best           | no         | 2024-01-01
b           | Best    | Lost           | no         | 2024-06-30
c           | Lost    |                | yes        | 2024-06-02
d           | Lost    | Lost           | yes        | 2023-01-02
"""


def told(orders: str = ORDERS, people: str = PEOPLE, span: Span | None = None):
    span = span or choose_span(date(2023, 1, 1), date(2023, 1, 1), AS_OF)
    table = customers_of(people)
    then = table.filter(table.segment_before.notnull())
    engine = engine_of(
        all_orders=orders_of(orders),
        customers=table,
        earlier_customers=then.select("customer_id", segment="segment_before").mutate(
            as_of=ibis.literal(BEFORE)
        ),
        overdue_customers=table.filter(table.is_overdue == "yes")
        .select("customer_id")
        .mutate(silent_days=ibis.literal(28), usual_gap_days=ibis.literal(9.5)),
    )
    return tell_accounts(engine, span, NAMES, BEFORE)


def test_the_span_is_a_year_and_the_change_the_longest_that_the_data_hold() -> None:
    assert choose_span(date(2022, 7, 1), date(2022, 7, 1), AS_OF) == Span(
        date(2023, 7, 1), AS_OF, 12
    )
    assert choose_span(date(2022, 7, 2), date(2022, 7, 2), AS_OF) == Span(
        date(2023, 7, 1), AS_OF, 6
    )
    assert choose_span(date(2023, 9, 1), date(2023, 9, 1), AS_OF) == Span(
        date(2023, 9, 1), AS_OF, 3
    )
    assert choose_span(date(2024, 3, 1), date(2024, 3, 1), AS_OF).change_months == 0
    windowed = choose_span(date(2020, 1, 1), date(2024, 1, 1), AS_OF)
    assert windowed == Span(date(2024, 1, 1), AS_OF, 12)


def test_accounts_are_the_customers_with_most_revenue_in_the_span() -> None:
    """a: 10 + 30 + 60 of the year, 60 in the last half against 40; b: 40 less 5 given back."""
    found = told()
    assert [(one.customer_id, one.revenue, one.order_count) for one in found.top] == [
        ("a", 100, 3),
        ("b", 35, 1),
        ("c", 35, 2),
    ]
    assert (found.first_day, found.last_day) == (date(2023, 7, 1), date(2024, 6, 30))
    assert (found.account_count, found.revenue, found.revenue_share) == (3, 170, 1.0)
    assert [one.revenue_share for one in found.top] == pytest.approx(
        [100 / 170, 35 / 170, 35 / 170]
    )


def test_a_change_needs_two_orders_before_and_stands_beside_that_of_all() -> None:
    found = told()
    assert found.change_months == 6
    assert [one.change for one in found.top] == [0.5, None, None]
    assert found.total_change == pytest.approx((60 + 35 + 15) / 60 - 1)


def test_to_call_is_who_is_overdue_by_the_own_rhythm_and_not_who_crossed_a_cut() -> None:
    """A fell from Best to Middle, and is silent no longer than usual."""
    found = told()
    assert [(one.customer_id, one.silent_days, one.usual_gap_days) for one in found.slipping] == [
        ("c", 28, 9.5)
    ]
    assert [one.has_slipped for one in found.top if one.customer_id == "a"] == [True]
    assert (found.slipping_count, found.slipping_revenue) == (1, 35)
    assert found.before_as_of == BEFORE


def test_without_two_stretches_there_is_no_change() -> None:
    found = told(span=Span(date(2023, 7, 1), AS_OF, 0))
    assert [one.change for one in found.top] == [None, None, None]
    assert (found.total_change, found.change_months) == (None, 0)


def test_nobody_in_the_span_is_no_account() -> None:
    assert told(span=Span(date(2024, 6, 30), AS_OF, 6)).account_count == 1
    only_old = "\n".join([*ORDERS.splitlines()[:2], ORDERS.splitlines()[-1]])
    assert told(only_old) is None


def test_a_hundred_accounts_are_watched_and_fifteen_shown() -> None:
    rows = [f"c{n:03} | {n} | 2024-06-01 10:00 | {n + 1} | no" for n in range(120)]
    people = [f"c{n:03} | Lost | Best | yes | 2024-06-01" for n in range(120)]
    found = told(
        "\n".join([ORDERS.splitlines()[1], *rows]), "\n".join([PEOPLE.splitlines()[1], *people])
    )
    assert found.account_count == found.slipping_count == 100
    assert (len(found.top), len(found.slipping)) == (15, 10)
    assert found.revenue == found.slipping_revenue == sum(range(21, 121))
    assert found.revenue_share == pytest.approx(sum(range(21, 121)) / sum(range(1, 121)))


def test_the_sample_gives_what_pandas_gives(clean_sample) -> None:
    clean = clean_sample
    people = measured_customers(clean.orders, clean.as_of)
    people = people.mutate(
        segment=(people.order_count > 5).ifelse("Best", "Lost"),
    )
    then = people.filter(people.order_count > 1).select("customer_id")
    engine = engine_of(
        all_orders=clean.orders.to_pyarrow(),
        customers=people.to_pyarrow(),
        overdue_customers=people.filter(people.recency_days > 300)
        .mutate(silent_days=people.recency_days, usual_gap_days=ibis.literal(9.5))
        .to_pyarrow(),
        earlier_customers=then.mutate(
            segment=ibis.literal("Best"), as_of=ibis.literal(BEFORE)
        ).to_pyarrow(),
    )
    span = choose_span(date(2010, 12, 1), date(2010, 12, 1), clean.as_of)
    found = tell_accounts(engine, span, NAMES, BEFORE)
    rows = clean.orders.filter(clean.orders.exclusion.isnull()).to_pyarrow().to_pandas()
    rows["amount"] = rows.amount.astype(float)
    year = rows[rows.first_at >= "2010-12-10"]
    top = year.groupby("customer_id").amount.sum().sort_values(ascending=False)
    assert [float(one.revenue) for one in found.top] == pytest.approx(list(top.head(15)))
    assert float(found.revenue) == pytest.approx(top.head(100).sum())
    assert found.revenue_share == pytest.approx(top.head(100).sum() / year.amount.sum())
    half = rows[rows.first_at >= "2011-06-10"].amount.sum()
    before = year[year.first_at < "2011-06-10"]
    assert found.total_change == pytest.approx(half / before.amount.sum() - 1)
    last = rows.groupby("customer_id").last_at.max().dt.date
    slips = [one for one in top.head(100).index if (clean.as_of - last[one]).days > 300]
    assert found.slipping_count == len(slips)
    assert found.slipping_revenue == pytest.approx(Decimal(str(round(top[slips].sum(), 4))))
