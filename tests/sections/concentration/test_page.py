"""Concentration and spread: the figures in the title are those of the table, and labels fit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from example_departments import example_figures
from example_report import tiny_report
from example_trends import TAIL, example_pareto, trend_report
from shops import filed

from rfmreport.formats import Formats
from rfmreport.kit.drawings import HALF, text_width
from rfmreport.sections.concentration.figures import Pareto, ParetoPoint
from rfmreport.sections.concentration.page import (
    concentration_block,
    concentration_title,
    pareto_caption,
    pareto_drawing,
    told_pareto,
)
from rfmreport.sections.map.figures import TailPart
from rfmreport.sections.map.page import spread_block

FORMATS = Formats("en_GB", "GBP")


def even_pareto(customer_count: int) -> Pareto:
    """Return the curve of customers who all spent £10."""
    points = tuple(
        ParetoPoint(n, n / customer_count, Decimal(10 * n), n / customer_count)
        for n in range(1, customer_count + 1)
    )
    tops = tuple((p, points[customer_count * p // 100 - 1]) for p in (5, 10, 20))
    return Pareto(points, tops, customer_count, Decimal(10 * customer_count), 0.8,
                  customer_count * 4 // 5, Decimal(100), 0, Decimal(0))  # fmt: skip


def row_of(table, label: str) -> list[str]:
    return next([c.text for c in row.cells] for row in table.rows if row.cells[0].text == label)


def test_the_title_says_what_the_largest_bring_and_how_many_make_most():
    assert concentration_title(example_pareto(), FORMATS) == (
        "The largest 20% of customers bring 74.5% of revenue; 1,136 of 4,334 make 80% of it"
    )
    few = replace(example_pareto(), tops=())
    assert concentration_title(few, FORMATS) == "1,136 of 4,334 customers make 80% of revenue"


def test_revenue_without_the_ten_largest_ties_out():
    block = concentration_block(trend_report(), FORMATS)
    assert block
    assert block.title == "43 customers, 1.0% of all, bring 31.9% of revenue"
    ten, others = row_of(block.table, "Ten largest"), row_of(block.table, "All but these ten")
    assert ten == ["Ten largest", "10", "0.2%", "£1,520,517", "17.4%"]
    assert others == ["All but these ten", "4,324", "99.8%", "£7,240,550", "82.6%"]
    assert pareto_caption(example_pareto(), FORMATS).title == (
        "Without its ten largest customers, revenue would be £7.24M (82.6%)"
    )
    assert row_of(block.table, "With one order")[1:3] == ["1,505", "34.7%"]


@pytest.mark.parametrize("pareto", [example_pareto(), even_pareto(40), even_pareto(300)])
def test_labels_of_the_curve_stand_above_the_line_of_equal_spend(pareto: Pareto):
    drawing = pareto_drawing(replace(trend_report(), pareto=pareto), FORMATS)
    texts = [row for layer in drawing.layers if layer.kind == "texts" for row in layer.rows]
    labels = [row for row in texts if ": " in row["text"]]
    assert len(labels) == (4 if pareto.customer_count == 4_334 else 0)
    for row in texts:
        assert 0 <= row["y"] <= drawing.height
    assert all(row["x"] + text_width(row["text"]) < HALF for row in labels)


def test_a_curve_above_the_whole_stays_on_the_paper():
    pareto = even_pareto(40)
    over = ParetoPoint(20, 0.5, Decimal(520), 1.3)
    pareto = replace(pareto, points=(over, *pareto.points[20:]))
    drawing = pareto_drawing(replace(trend_report(), pareto=pareto), FORMATS)
    (curve,) = [layer for layer in drawing.layers if layer.kind == "ribbons"]
    assert min(row["y"] for row in curve.rows) >= 0


def test_few_customers_are_not_told():
    assert told_pareto(trend_report())
    assert not told_pareto(replace(trend_report(), pareto=None))
    few = replace(trend_report(), pareto=replace(example_pareto(), customer_count=29))
    assert not told_pareto(few)
    assert spread_block(tiny_report(), FORMATS) is None


def test_the_spread_has_a_row_per_measure_with_its_unit():
    block = spread_block(trend_report(), FORMATS)
    assert block
    assert block.title == "42 customers of wholesale size bring 31.7% of revenue"
    assert [row.cells[0].text for row in block.table.rows] == [
        "Since the last order",
        "Orders",
        "Spend",
    ]
    assert len(block.table.columns) == len(block.table.rows[0].cells) == 6
    assert "42 lie there; of log-normal spend it would be 15 of 4,334 customers" in block.note
    assert "Beyond 3 ranges (£248,422): 2, 6.1% of revenue." in block.note


def test_the_largest_of_few_is_one_customer():
    one = ParetoPoint(1, 1 / 136, Decimal(50), 0.2)
    pareto = replace(example_pareto(), tops=((1, one),), customer_count=136)
    block = concentration_block(replace(trend_report(), pareto=pareto), FORMATS)
    assert block.title == "The largest of 136 customers brings 20.0% of revenue"


def test_one_customer_far_out_is_told_where_those_outside_are_chance():
    far = TailPart(9e6, 1, Decimal("9e6"), 0.99)
    tail = replace(TAIL, is_outside_clear=False, far_out=far)
    block = spread_block(replace(trend_report(), tail=tail), FORMATS)
    assert block.title == "One customer of wholesale size brings 99.0% of revenue"


def test_no_tail_beyond_chance_is_a_finding_too():
    tail = replace(TAIL, is_outside_clear=False, is_far_out_clear=False)
    report = replace(trend_report(), tail=tail)
    block = spread_block(report, FORMATS)
    assert block
    assert block.title.startswith("No customers of wholesale size")
    untold = spread_block(replace(report, tail=None), FORMATS)
    assert untold
    assert untold.note.startswith("Quartiles:")


def test_accounts_are_the_top_ones_and_those_slipping_once_each() -> None:
    rows = filed("accounts", replace(trend_report(), department_figures=example_figures()))
    assert [row["customer_id"] for row in rows] == [
        "14646", "18102", "17450", "16446", "14911", "12346", "16029", "15749", "12931",
    ]  # fmt: skip
    assert rows[0]["revenue"] == "279138.02"
    assert (rows[6]["has_slipped"], rows[6]["is_overdue"]) == ("yes", "yes")
    assert (rows[0]["from"], rows[0]["to"]) == ("2010-12-10", "2011-12-09")
    assert rows[3]["change"] is None


def test_the_curve_of_concentration_ends_with_all_of_it() -> None:
    rows = filed("concentration", replace(trend_report(), pareto=example_pareto()))
    assert rows[-1] == {
        "customers": 4334,
        "customer_share": 1.0,
        "revenue": "8761066.65",
        "revenue_share": 1.0,
    }
