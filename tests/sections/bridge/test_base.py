"""The audit of the customer base: a span by hand, and that all cells together are the revenue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from shops import orders_of
from stages import engine_of

from rfmreport.sections.bridge.base import audit_base

if TYPE_CHECKING:
    from rfmreport.sections.bridge.figures import CustomerBase

JANUARY, MARCH = date(2024, 1, 1), date(2024, 3, 1)
MONTHS = [JANUARY, date(2024, 2, 1), MARCH]
FIRST_ORDERS = """
SELECT customer_id, min(CAST(first_at AS DATE)) AS first_order_on
FROM orders WHERE exclusion IS NULL AND NOT is_return GROUP BY customer_id
"""


def base_of(orders: str) -> CustomerBase:
    engine = engine_of(orders=orders_of(orders))
    engine.hold("first_orders", FIRST_ORDERS)
    return audit_base(engine, MONTHS, date(2024, 1, 5), date(2024, 4, 2))


def test_a_month_is_its_buyers_by_when_they_were_won() -> None:
    """March: old orders twice and gives 5 back; a buyer of February and a new one order once."""
    base = base_of("""
customer_id | order_id | at               | amount | is_return
old         | 1        | 2024-01-05 10:00 | 10     | no
old         | 2        | 2024-03-01 00:00 | 20     | no
old         | 3        | 2024-03-31 23:59 | 30     | no
old         | 4        | 2024-03-31 23:59 | -5     | yes
february    | 5        | 2024-02-01 00:00 | 7      | no
february    | 6        | 2024-03-09 00:00 | 8      | no
new         | 7        | 2024-03-09 00:00 | 9.01   | no
late        | 8        | 2024-04-02 00:00 | 1      | no
""")
    assert base.told == (MARCH, MARCH)
    told = [
        (
            one.cohort[0].month,
            one.is_known_from_start,
            one.buyer_count,
            one.order_count,
            one.revenue,
        )
        for one in base.of(base.told)
    ]
    assert told == [
        (1, True, 1, 2, 45),
        (2, False, 1, 1, 8),
        (3, False, 1, 1, Decimal("9.01")),
    ]
    total = base.total(base.told)
    assert (total.buyer_count, total.orders_each) == (3, 4 / 3)
    assert total.order_value == Decimal("62.01") / 4
    assert base.total((date(2024, 4, 1), date(2024, 4, 1))).revenue == 1


ORDER = st.tuples(
    st.integers(1, 4),
    st.dates(date(2024, 1, 5), date(2024, 4, 2)),
    st.decimals(-50, 500, places=2),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(ORDER, min_size=1, max_size=12))
def test_all_cells_together_are_the_revenue_to_the_cent(orders: list) -> None:
    lines = "\n".join(
        f"{who} | {number} | {day} 10:00 | {amount} | {'yes' if amount < 0 else 'no'}"
        for number, (who, day, amount) in enumerate(
            [*orders, *((who, date(2024, 1, 5), Decimal(1)) for who in range(1, 5))]
        )
    )
    base = base_of(f"customer_id | order_id | at | amount | is_return\n{lines}\n")
    assert sum(cell.revenue for cell in base.cells) == sum(one[2] for one in orders) + 4
