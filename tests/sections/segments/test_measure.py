"""Segment figures: one row per named segment in order, empty ones too, and the total."""

from __future__ import annotations

from decimal import Decimal

from shops import customers_of

from rfmreport.sections.segments.measure import SegmentFigures, summarise_segments

CUSTOMERS = """
segment | recency_days | order_count | revenue
Best    | 1            | 4           | 100.10
Best    | 4            | 8           | 300.20
Lost    | 90           | 1           | 20.00
"""


def test_each_segment_has_its_row_in_the_order_asked_for() -> None:
    rows, total = summarise_segments(customers_of(CUSTOMERS), ["Lost", "Middle", "Best"])
    assert rows == (
        SegmentFigures("Lost", 1, Decimal(20), 1, 90, 1, Decimal(20)),
        SegmentFigures("Middle", 0, Decimal(0), 0),
        SegmentFigures("Best", 2, Decimal("400.30"), 12, 2.5, 6, Decimal("200.15")),
    )
    assert total == SegmentFigures(None, 3, Decimal("420.30"), 13, 4, 4, Decimal("100.10"))


def test_means_are_revenue_by_customer_and_by_order() -> None:
    (best, empty), _ = summarise_segments(customers_of(CUSTOMERS), ["Best", "Nobody"])
    assert best.mean_revenue == Decimal("200.15")
    assert best.average_order_value == Decimal("400.30") / 12
    assert (empty.mean_revenue, empty.average_order_value) == (None, None)
    assert (empty.median_recency_days, empty.median_revenue) == (None, None)
