"""Targets and audiences: what asking adds, sums that add up, and one worth everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from evidence import FORMATS, PLAYS
from example_worth import divided_forecast, worth_report
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.formats import rounded_to
from rfmreport.sections.advice.extra_buyers import set_targets, value_audiences
from rfmreport.sections.advice.gains import measure_gains
from rfmreport.sections.advice.recommendations import recommend
from rfmreport.settings import ReportSettings

REPORT = worth_report()
TABLE, WORTH, GAINS = REPORT.segments, REPORT.worth, REPORT.gains


def test_segments_and_new_customers_add_up_to_the_forecast() -> None:
    targets = set_targets(WORTH, GAINS)
    assert targets.total.floor == WORTH.outlook.total.revenue
    assert targets.total.floor.value == REPORT.forecast.ahead.revenue.value
    assert targets.total.target == sum(row.target for row in targets.rows)
    assert targets.total.stretch == sum(row.stretch for row in targets.rows)
    assert targets.total.customer_count == 4334
    assert sum(row.floor.value for row in targets.rows) == pytest.approx(targets.total.floor.value)


def test_without_a_worth_the_target_is_the_floor_and_the_audience_untold() -> None:
    others = [one for one in GAINS if one.segment != "High-Value"]
    best = set_targets(WORTH, others).rows[0]
    assert best.target == best.stretch == rounded_to(best.floor.value, 2)
    reach = value_audiences(TABLE, WORTH, others)
    assert reach.untold == ("High-Value",)
    assert value_audiences(TABLE, WORTH, ()) is None


def test_where_no_one_number_is_foretold_there_is_no_target() -> None:
    divided = worth_report(forecast=divided_forecast())
    assert set_targets(divided.worth, GAINS) is None
    assert value_audiences(TABLE, divided.worth, GAINS).rows[0].revenue_anyway is None
    assert set_targets(replace(WORTH, outlook=None), GAINS) is None


def test_chances_that_failed_their_check_are_not_said() -> None:
    assert WORTH.response.has_failed
    reach = value_audiences(TABLE, WORTH, GAINS)
    assert (reach.windows, {row.shares for row in reach.rows}) == ((), {()})
    untested = replace(WORTH, response=replace(WORTH.response, is_in_sample=True))
    assert value_audiences(TABLE, untested, GAINS).windows == (30, 90)


@given(st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)).map(sorted).map(tuple))
def test_marketing_sales_and_the_recommendations_say_the_same_worth(points) -> None:
    gains = measure_gains(TABLE, PLAYS, (), ReportSettings(extra_return_points=points))
    advice = recommend(TABLE, PLAYS, gains, FORMATS)
    targets = {row.segment: row for row in set_targets(WORTH, gains).rows}
    audiences = [row.gain for row in value_audiences(TABLE, WORTH, gains).rows]
    assert [one.segment for one in audiences[:3]] == [one.segment for one in advice]
    for said, one in zip(advice, audiences, strict=False):
        assert (one.low, one.high) == (said.low, said.high)
        floor = rounded_to(targets[said.segment].floor.value, 2)
        asked = (targets[said.segment].target - floor, targets[said.segment].stretch - floor)
        assert tuple(map(float, asked)) == pytest.approx((float(said.low), float(said.high)))
