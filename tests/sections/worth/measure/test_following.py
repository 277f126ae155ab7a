"""Following earlier customers: counted by hand."""

from __future__ import annotations

from datetime import date

from shops import customers_of, drawn_shop, orders_of

from rfmreport.sections.worth.measure.following import FollowedCell, follow_customers

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
