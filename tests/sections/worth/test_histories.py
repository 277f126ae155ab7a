"""Order histories: measured by hand, and CDNOW's as the papers measured them."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pytest
from cdnow import BG_NBD_PARAMETERS, CALIBRATION_END, SPEND_PARAMETERS, read_cdnow
from fits import fitted_with
from shops import customers_of, drawn_shop, orders_of

from rfmreport.models.lifetime.beta_geometric import BG_NBD
from rfmreport.models.lifetime.fitting import expected_orders_of_rows, fit_model
from rfmreport.models.lifetime.spend import fit_spend
from rfmreport.sections.worth.lifetime_value import (
    count_histories,
    count_order_values,
    follow_model,
    history_step_days,
    hold_histories,
)

if TYPE_CHECKING:
    from pathlib import Path

PAST, TODAY = date(2024, 2, 1), date(2024, 3, 1)
ORDERS = """
customer_id | order_id | at               | amount | exclusion    | is_return
a           | 1        | 2024-01-01 09:00 | 10     |              | no
a           | 2        | 2024-01-01 18:00 | 90     |              | no
a           | 3        | 2024-01-11 10:00 | 20     |              | no
a           | 4        | 2024-01-31 23:59 | 40     |              | no
a           | 5        | 2024-02-10 10:00 | 30     |              | no
b           | 6        | 2024-01-21 10:00 | 50     |              | no
b           | 7        | 2024-01-22 10:00 | 50     | cancellation | no
b           | 8        | 2024-01-23 10:00 | -50    |              | yes
c           | 9        | 2024-02-20 10:00 | 70     |              | no
"""


def held(orders: str, customers: str, past: date = PAST, today: date = TODAY, step: int = 1):
    """Hold the histories of drawn orders; the customers are those of both dates."""
    people = customers_of(customers)
    shop = drawn_shop(
        (past, today),
        orders=orders_of(orders),
        customers=people,
        earlier_customers=people.mutate(as_of=ibis.date(past)),
    )
    hold_histories(shop.engine, past, today, step)
    return shop.engine


def rows_of(orders: str, step: int) -> list[tuple]:
    engine = held(orders, "customer_id\na", step=step)
    rows = engine.rows("SELECT * FROM order_histories ORDER BY as_of, customer_id")
    return [tuple(row.values()) for row in rows]


def test_a_days_orders_are_one_and_those_of_the_first_day_no_repeat() -> None:
    """On 1 February a has repeats on day 10 (20) and 30 (40), known 30 days; 9 later spends 30."""
    assert rows_of(ORDERS, 1) == [
        (PAST, "a", 2, 30, 30, 30.0, 1, 30.0, 9),
        (PAST, "b", 0, 0, 10, 0.0, 0, 0.0, None),
        (TODAY, "a", 3, 40, 59, 30.0, 0, 0.0, None),
        (TODAY, "b", 0, 0, 39, 0.0, 0, 0.0, None),
        (TODAY, "c", 0, 0, 9, 0.0, 0, 0.0, None),
    ]


def test_in_steps_the_last_order_stays_within_the_age() -> None:
    rows = rows_of(ORDERS, 7)
    assert [(row[3], row[4]) for row in rows] == [(28, 28), (0, 7), (42, 56), (0, 42), (0, 7)]


def test_large_shops_are_measured_in_weeks() -> None:
    assert (history_step_days(200_000), history_step_days(200_001)) == (1, 7)


def test_customers_of_one_history_are_counted_together() -> None:
    orders = """
customer_id | order_id | at               | amount
a           | 1        | 2024-01-01 00:00 | 10
a           | 2        | 2024-01-11 00:00 | 10
b           | 3        | 2024-01-01 00:00 | 10
b           | 4        | 2024-01-11 00:00 | 30
c           | 5        | 2024-01-01 00:00 | 10
"""
    engine = held(orders, "customer_id | segment\na | Best\nb | Best\nc | Lost")
    now = count_histories(engine, TODAY, TODAY, (30, 90))
    assert now.segments.tolist() == ["Best", "Lost"]
    assert now.histogram.customer_count.tolist() == [2, 1]
    assert now.mean_value.tolist() == [20, 0]
    values = count_order_values(engine, TODAY)
    assert values.customer_count.tolist() == [1, 1]


def test_what_customers_of_one_history_did_later_is_counted_too() -> None:
    """Both had one order on 1 January; a ordered again (30) 9 days after 1 February, b (50) 19."""
    orders = """
customer_id | order_id | at               | amount
a           | 1        | 2024-01-01 00:00 | 10
a           | 2        | 2024-02-10 00:00 | 30
b           | 3        | 2024-01-01 00:00 | 10
b           | 4        | 2024-02-20 00:00 | 50
"""
    engine = held(orders, "customer_id | segment\na | Best\nb | Best")
    then = count_histories(engine, PAST, TODAY, (19, 20))
    assert then.later_order_count.tolist() == [1]
    assert (then.later_spent.tolist(), then.later_spent_square.tolist()) == ([40], [1700])
    assert then.came_counts.tolist() == [[1, 2]]


def test_a_model_is_followed_week_by_week() -> None:
    """It ends at what it says of all 20 days, and at the days with orders that came in them."""
    orders = ORDERS + "b | 10 | 2024-02-20 00:00 | 5 | | no\nb | 11 | 2024-02-21 00:00 | 5 | | no\n"
    engine = held(orders, "customer_id | segment\na | Best\nb | Best")
    then = count_histories(engine, PAST, TODAY, (30, 90))
    fitted = fitted_with(BG_NBD, (0.7, 60.0, 0.8, 2.5))
    weeks = follow_model(engine, fitted, then, PAST, 20)
    assert [(week.days, week.came) for week in weeks] == [(7, 0), (14, 1), (20, 2)]
    every = then.histogram.customer_count @ expected_orders_of_rows(fitted, then.histogram, 20)
    assert weeks[-1].said == pytest.approx(every)
    assert 0 < weeks[0].said < weeks[1].said < weeks[2].said


def test_cdnow_gives_the_published_parameters(shared_dir: Path) -> None:
    """Orders of no value are orders to the papers, so that these are not cleaned."""
    path = shared_dir / "data" / "cdnow_sample.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = [
            f"{row['sample_id']} | {n} | {row['date']} | {row['dollar_value']}"
            for n, row in enumerate(csv.DictReader(file))
        ]
    orders = "\n".join(["customer_id | order_id | at | amount", *lines])
    people = "\n".join(dict.fromkeys(["customer_id", *(line.split(" | ")[0] for line in lines)]))
    today = date(1997, 10, 1)
    engine = held(orders, people, date(1997, 7, 1), today)
    now = count_histories(engine, today, today, (90,))
    spent = count_order_values(engine, today)
    published = read_cdnow(path).histogram
    assert now.histogram.total_customers == 2357
    assert now.histogram.total_repeat_orders == published.total_repeat_orders
    assert date(1997, 9, 30) == CALIBRATION_END
    r, alpha, a, b = fit_model(BG_NBD, now.histogram).parameters
    assert np.array([r, alpha / 7, a, b]) == pytest.approx(BG_NBD_PARAMETERS, abs=6e-4)
    assert fit_spend(spent).parameters == pytest.approx(SPEND_PARAMETERS, rel=0.02)
