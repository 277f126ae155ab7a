"""The map: cells sum to customers and revenue, and labels say which values a score holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import pytest
from shops import customers_of
from stages import engine_of

from rfmreport.customers.figures import CutsRow
from rfmreport.customers.scoring import Cuts, MeasureCuts
from rfmreport.formats import Formats
from rfmreport.sections.map.figures import MapCell, RfmMap
from rfmreport.sections.map.measure import count_cells, describe_cuts, map_of
from rfmreport.vocabulary import MEASURES, ORDER_COUNT, RECENCY_DAYS, REVENUE

CUSTOMERS = """
recency_score | frequency_score | monetary_score | segment | recency_days | order_count | revenue
3             | 3               | 3              | Best    | 2            | 9           | 900.50
3             | 3               | 2              | Good    | 4            | 7           | 90.00
3             | 3               | 2              | Good    | 6            | 8           | 80.00
1             | 2               | 1              | Lost    | 200          | 2           | 10.00
"""
FORMATS = Formats("en_GB", "GBP")


def cuts_of(bins: int = 3, closed: Literal["left", "right"] = "right", **bounds: tuple) -> Cuts:
    measures = (
        MeasureCuts(m, tuple(Decimal(str(bound)) for bound in bounds.get(m, ())), closed)
        for m in MEASURES
    )
    return Cuts("fixed", bins, tuple(measures))


def labels_of(measure: str, cuts: Cuts, customers: str = CUSTOMERS) -> list[str]:
    rows = describe_cuts(count_cells(engine_of(customers=customers_of(customers))), cuts, FORMATS)
    return [row.label for row in rows if row.measure == measure]


def rfm_map(cuts: Cuts) -> RfmMap:
    cells = count_cells(engine_of(customers=customers_of(CUSTOMERS)))
    return map_of(cells, describe_cuts(cells, cuts, FORMATS), cuts.bins)


def test_a_cell_joins_the_monetary_scores_and_is_named_by_most_of_its_customers() -> None:
    lost, best = rfm_map(cuts_of()).cells
    assert best == MapCell(
        recency_score=3,
        frequency_score=3,
        customer_count=3,
        revenue=Decimal("1070.50"),
        mean_revenue=Decimal("1070.50") / 3,
        mean_recency_days=4,
        mean_order_count=8,
        segment="Good",
    )
    assert (lost.recency_score, lost.frequency_score, lost.customer_count) == (1, 2, 1)


def test_cells_sum_to_the_customers_and_their_revenue() -> None:
    cells = rfm_map(cuts_of()).cells
    assert sum(cell.customer_count for cell in cells) == 4
    assert sum(cell.revenue for cell in cells) == Decimal("1080.50")


@pytest.mark.parametrize(
    ("closed", "bounds", "labels"),
    [
        # score 1 is the longest silence
        ("left", (15, 34), ["34 or more days", "15–33 days", "1–14 days"]),
        ("right", (14, 33), ["34 or more days", "15–33 days", "1–14 days"]),
        ("left", (2, 3), ["3 or more days", "2 days", "1 day"]),
        # bounds between two days
        ("left", (14.5, 33.5), ["34 or more days", "15–33 days", "1–14 days"]),
        ("right", (14.5, 33.5), ["34 or more days", "15–33 days", "1–14 days"]),
        ("right", (1000, 2500), ["2,501 or more days", "1,001–2,500 days", "1–1,000 days"]),
    ],
)
def test_recency_is_labelled_in_whole_days(
    closed: Literal["left", "right"], bounds: tuple, labels: list[str]
) -> None:
    assert labels_of(RECENCY_DAYS, cuts_of(closed=closed, recency_days=bounds)) == labels


@pytest.mark.parametrize(
    ("closed", "bounds", "labels"),
    [
        ("right", (1, 6), ["1 order", "2–6 orders", "7 or more orders"]),
        ("left", (2, 7), ["1 order", "2–6 orders", "7 or more orders"]),
        ("right", (2, 3), ["1–2 orders", "3 orders", "4 or more orders"]),
    ],
)
def test_orders_are_labelled_in_whole_orders(
    closed: Literal["left", "right"], bounds: tuple, labels: list[str]
) -> None:
    assert labels_of(ORDER_COUNT, cuts_of(closed=closed, order_count=bounds)) == labels


@pytest.mark.parametrize(
    ("closed", "labels"),
    [
        ("right", ["up to £248.42", "over £248.42 up to £2,043.23", "over £2,043.23"]),
        ("left", ["under £248.42", "from £248.42 under £2,043.23", "from £2,043.23"]),
    ],
)
def test_money_is_labelled_with_the_side_that_holds_the_bound(
    closed: Literal["left", "right"], labels: list[str]
) -> None:
    cuts = cuts_of(closed=closed, revenue=(248.42, 2043.23))
    assert labels_of(REVENUE, cuts) == labels


def test_a_score_that_no_whole_number_can_get_has_no_range() -> None:
    customers = """
frequency_score | order_count
1               | 4
3               | 5
"""
    labels = labels_of(ORDER_COUNT, cuts_of(order_count=(4.2, 4.6)), customers)
    assert labels == ["1–4 orders", "no customer", "5 or more orders"]


def test_fewer_bounds_than_scores_leave_the_highest_scores_to_nobody() -> None:
    customers = """
frequency_score | order_count
1               | 1
2               | 5
"""
    assert labels_of(ORDER_COUNT, cuts_of(order_count=(1,)), customers) == [
        "1 order", "2 or more orders", "no customer",
    ]  # fmt: skip


def test_scores_by_rank_are_labelled_by_the_values_that_got_them() -> None:
    """Without bounds, the least and the most order count of a score are its label."""
    assert labels_of(ORDER_COUNT, cuts_of()) == ["no customer", "2 orders", "7–9 orders"]


def test_each_score_tells_how_many_have_it() -> None:
    rows = describe_cuts(
        count_cells(engine_of(customers=customers_of(CUSTOMERS))), cuts_of(), FORMATS
    )
    assert [row for row in rows if row.measure == REVENUE] == [
        CutsRow(REVENUE, 1, "£10.00 to £10.00", 1),
        CutsRow(REVENUE, 2, "£80.00 to £90.00", 2),
        CutsRow(REVENUE, 3, "£900.50 to £900.50", 1),
    ]
    for measure in MEASURES:
        assert sum(row.customer_count for row in rows if row.measure == measure) == 4
