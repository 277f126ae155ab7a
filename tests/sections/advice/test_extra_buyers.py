"""Extra buyers: the arithmetic by hand, sums that add up, and the range of the recommendations."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from evidence import FORMATS, PLAYS
from example_worth import divided_forecast, worth_report
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.formats import rounded_to
from rfmreport.sections.advice.extra_buyers import extra_buyers, set_targets, value_audiences
from rfmreport.sections.advice.recommendations import recommend

REPORT = worth_report()
TABLE, WORTH = REPORT.segments, REPORT.worth
POINTS = (1.0, 5.0)
FLOOR = rounded_to(WORTH.outlook.rows[0].revenue.value, 2)


def test_a_target_is_what_comes_anyway_and_what_extra_buyers_spend() -> None:
    """Of 905, 1 and 5 in a hundred are 9.05 and 45.25; at 3,134.99 each, on top of the floor."""
    best = set_targets(TABLE, WORTH, POINTS).rows[0]
    assert (best.segment, best.customer_count) == ("High-Value", 905)
    assert (best.target_buyers, best.stretch_buyers) == (9.05, 45.25)
    assert best.target == FLOOR + Decimal("9.05") * Decimal("3134.99")
    assert best.stretch == FLOOR + Decimal("45.25") * Decimal("3134.99")


def test_segments_and_new_customers_add_up_to_the_forecast() -> None:
    targets = set_targets(TABLE, WORTH, POINTS)
    assert targets.total.floor == WORTH.outlook.total.revenue
    assert targets.total.floor.value == REPORT.forecast.ahead.revenue.value
    assert targets.total.target == sum(row.target for row in targets.rows)
    assert targets.total.stretch == sum(row.stretch for row in targets.rows)
    assert targets.total.customer_count == 4334
    assert targets.total.target_buyers == pytest.approx(43.34)
    assert sum(row.floor.value for row in targets.rows) == pytest.approx(targets.total.floor.value)


def test_no_more_come_than_do_not_come_anyway() -> None:
    """89.7 % come anyway: of twelve in a hundred more, 10.3 are left."""
    few, many = extra_buyers(TABLE.rows[0], (1.0, 12.0))
    assert (few, many) == (Decimal("9.05"), 905 * (1 - Decimal("0.897")))


def test_where_spending_is_not_known_the_target_is_the_floor_and_the_audience_untold() -> None:
    first = replace(TABLE.rows[0], revenue_per_returner=None)
    table = replace(TABLE, rows=(first, *TABLE.rows[1:]))
    best = set_targets(table, WORTH, POINTS).rows[0]
    assert (best.target, best.stretch, best.target_buyers) == (FLOOR, FLOOR, 0)
    reach = value_audiences(table, WORTH, POINTS)
    assert reach.untold == ("High-Value",)
    assert "High-Value" not in [row.segment for row in reach.rows]


def test_where_no_one_number_is_foretold_there_is_no_target() -> None:
    divided = worth_report(forecast=divided_forecast())
    assert set_targets(divided.segments, divided.worth, POINTS) is None
    assert value_audiences(TABLE, divided.worth, POINTS).rows[0].revenue_anyway is None
    assert set_targets(TABLE, replace(WORTH, outlook=None), POINTS) is None


def test_audiences_stand_by_what_a_contact_could_add() -> None:
    reach = value_audiences(TABLE, WORTH, POINTS)
    assert [row.segment for row in reach.rows][:2] == ["High-Value", "Lost"]
    best = reach.rows[0]
    assert (best.contact_count, reach.windows) == (905, (30, 90))
    assert best.responders == pytest.approx((905 * 0.606, 905 * 0.897))
    assert best.revenue_anyway == WORTH.outlook.rows[0].revenue
    assert best.extra_per_contact == pytest.approx(Decimal("3134.99") * 3 / 100)


def test_segments_that_the_past_does_not_know_are_named() -> None:
    response = replace(WORTH.response, rows=WORTH.response.rows[:2])
    reach = value_audiences(TABLE, replace(WORTH, response=response), POINTS)
    assert reach.untold == ("Potential Loyalists", "At-Risk", "Lost")
    nobody = replace(WORTH, response=replace(WORTH.response, rows=()))
    assert value_audiences(TABLE, nobody, POINTS) is None


@given(st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)).map(sorted).map(tuple))
def test_marketing_sales_and_the_recommendations_say_the_same_range(points) -> None:
    advice = {one.segment: one for one in recommend(TABLE, PLAYS, points, FORMATS, ())}
    targets = {row.segment: row for row in set_targets(TABLE, WORTH, points).rows}
    audiences = {row.segment: row for row in value_audiences(TABLE, WORTH, points).rows}
    assert len(advice) == 3
    for name, said in advice.items():
        assert (audiences[name].extra_low, audiences[name].extra_high) == (said.low, said.high)
        floor = rounded_to(targets[name].floor.value, 2)
        assert targets[name].target - floor == said.low
        assert targets[name].stretch - floor == said.high
