"""Concentration: the ten largest customers, and those with one order and with two."""

from __future__ import annotations

from decimal import Decimal

from shops import customers_of

from rfmreport.analyses.concentration import Concentration, measure_concentration


def test_the_ten_largest_and_the_first_two_order_counts() -> None:
    rows = [f"1 | {100 + i}" for i in range(6)] + [f"2 | {200 + i}" for i in range(4)] + ["3 | 50"]
    found = measure_concentration(customers_of("order_count | revenue\n" + "\n".join(rows)))
    assert found == Concentration(
        top_ten_revenue=Decimal(615 + 806),  # all but the 50 of the eleventh
        one_order_count=6,
        one_order_revenue=Decimal(615),
        one_order_median_revenue=Decimal("102.5"),
        two_order_count=4,
        two_order_median_revenue=Decimal("201.5"),
    )


def test_nobody_with_one_or_two_orders_is_zero() -> None:
    found = measure_concentration(customers_of("order_count | revenue\n3 | 7.50"))
    assert found == Concentration(Decimal("7.50"), 0, Decimal(0), Decimal(0), 0, Decimal(0))
