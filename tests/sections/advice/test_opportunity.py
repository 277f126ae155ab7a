"""What a contact could bring: after its cost, and only where costs are known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from example_report import example_report

from rfmreport.sections.advice.opportunity import measure_opportunities

TABLE = example_report().segments


def test_without_cost_or_margin_nothing_is_said() -> None:
    assert measure_opportunities(TABLE, (1.0, 5.0), None, 0.4) == ()
    assert measure_opportunities(TABLE, (1.0, 5.0), 0.8, None) == ()


def test_the_range_is_the_margin_on_extra_returners_less_the_cost() -> None:
    """905 customers, 1 to 5 in 100 more at £3,134.99 x 0.4; 905 contacts at £0.80 cost £724."""
    first = measure_opportunities(TABLE, (1.0, 5.0), 0.8, 0.4)[0]
    assert (first.segment, first.contact_cost) == ("High-Value", Decimal("724.0"))
    assert first.net_low == Decimal(905) * Decimal("0.01") * Decimal("3134.99") * Decimal(
        "0.4"
    ) - Decimal(724)
    assert first.net_high == Decimal(905) * Decimal("0.05") * Decimal("3134.99") * Decimal(
        "0.4"
    ) - Decimal(724)
    assert first.break_even_points == pytest.approx(100 * 0.8 / (0.4 * 3134.99))


def test_at_break_even_nothing_is_won_or_lost() -> None:
    points = measure_opportunities(TABLE, (1.0, 5.0), 9.0, 0.4)[0].break_even_points
    again = measure_opportunities(TABLE, (points, points), 9.0, 0.4)[0]
    assert float(again.net_low) == pytest.approx(0, abs=1e-6)


def test_no_more_come_than_do_not_come_anyway() -> None:
    """91.17 % come anyway: of 20 to 50 in a hundred more, 8.83 are left at both ends."""
    first = measure_opportunities(TABLE, (20.0, 50.0), 0.8, 0.4)[0]
    most = Decimal(905) * (1 - Decimal("0.9117")) * Decimal("3134.99") * Decimal("0.4")
    assert first.net_low == first.net_high == most - Decimal(724)


def test_who_comes_anyway_is_what_is_expected_and_not_what_the_last_date_did() -> None:
    expected = replace(TABLE.rows[0].return_share, value=0.5)
    rows = (replace(TABLE.rows[0], anyway=expected), *TABLE.rows[1:])
    first = measure_opportunities(replace(TABLE, rows=rows), (1.0, 5.0), 0.8, 0.4)[0]
    assert first.return_share == expected


def test_a_segment_of_which_nobody_knows_who_comes_anyway_is_left_out() -> None:
    rows = (replace(TABLE.rows[0], anyway=None), *TABLE.rows[1:])
    found = measure_opportunities(replace(TABLE, rows=rows), (1.0, 5.0), 0.8, 0.4)
    assert [one.segment for one in found] == [row.name for row in TABLE.rows[1:]]
