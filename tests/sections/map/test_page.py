"""The captions: no title claims what its bins or groups cannot carry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from example_trends import trend_report
from shops import filed

from rfmreport.formats import Formats
from rfmreport.sections.map.charts import bubble_caption
from rfmreport.sections.map.figures import Distribution, DistributionBin, MapCell, RfmMap
from rfmreport.sections.map.page import bin_words, distribution_caption

FORMATS = Formats("en_GB", "GBP")


def orders(*bins, median=12.0):
    parts = tuple(DistributionBin(*part) for part in bins)
    return Distribution("order_count", parts, (), 5.0, median, 20.0, 60.0)


def test_ordered_once_is_said_of_exactly_one_order_only():
    def title(*bins):
        return distribution_caption(orders(*bins), FORMATS).title

    once = title((1, 2, 35), (2, 3, 65))
    assert once == "35.0% of customers ordered once; the top 1% more than 60 orders"
    median = "The median customer placed 12 orders; the top 1% more than 60 orders"
    assert title((0, 5, 35), (5, 10, 65)) == median
    assert title((2, 3, 35), (3, 4, 65)) == median
    assert title((1, 2, 200)) == median  # the only bin is also the tail


def test_no_bin_begins_at_no_order():
    wide = orders((0, 5, 35), (5, 10, 65), (10, 15, 1))
    assert [bin_words(wide, i, FORMATS) for i in range(3)] == [
        "1 to 4 orders",
        "5 to 9 orders",
        "10 orders or more",
    ]
    assert bin_words(orders((0, 2, 3), (2, 4, 1)), 0, FORMATS) == "1 order"


def four_cells(sizes):
    means = {(1, 1): 100, (5, 1): 110, (1, 5): 900, (5, 5): 990}
    return RfmMap(
        5,
        tuple(
            MapCell(r, f, n, Decimal(mean * n), Decimal(mean), 10.0, 2.0, "A")
            for ((r, f), mean), n in zip(means.items(), sizes, strict=True)
        ),
        ("d",) * 5,
        ("o",) * 5,
    )


def test_what_matters_more_is_said_of_groups_large_enough_only():
    claim = "it grows with orders more than with recency"
    assert claim in bubble_caption(four_cells((50, 50, 50, 50)), FORMATS).title
    assert claim in bubble_caption(four_cells((15, 15, 15, 15)), FORMATS).title
    few = bubble_caption(four_cells((50, 50, 20, 9)), FORMATS).title
    assert few == "Mean spend runs from £100 to £990 between the fields of the map"
    few_recent = bubble_caption(four_cells((50, 15, 50, 14)), FORMATS).title
    assert claim not in few_recent


def test_nothing_is_said_where_the_worst_group_has_no_revenue():
    cells = four_cells((50, 50, 50, 50))
    nothing = (
        replace(cells.cells[0], revenue=Decimal(0)),
        replace(cells.cells[1], revenue=Decimal(0)),
    )
    flat = replace(cells, cells=(*nothing, *cells.cells[2:]))
    assert "more than" not in bubble_caption(flat, FORMATS).title


def test_the_bins_hold_all_customers_and_the_tail_stands_apart() -> None:
    report = trend_report()
    bins = filed("distributions", report)
    for one in report.distributions:
        mine = [row for row in bins if row["measure"] == one.measure]
        assert sum(row["customers"] for row in mine) == sum(
            part.customer_count for part in one.bins
        )
        assert [row["to"] is None for row in mine] == [*[False] * (len(mine) - 1), True]
    spread = filed("spread", report)
    assert [row["measure"] for row in spread] == ["recency_days", "order_count", "revenue"]
    assert spread[2]["median"] == report.distributions[2].median
    tail = filed("wholesale", report)
    assert [(row["part"], row["customer_count"], row["revenue"]) for row in tail] == [
        ("outside", 42, "2777258"), ("far out", 2, "534425"),
    ]  # fmt: skip
    assert filed("wholesale", replace(report, tail=None)) == []
