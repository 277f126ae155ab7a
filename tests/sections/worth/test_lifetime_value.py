"""A model where one holds, and for every customer what it expects of his own history."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from cohorts import beta_geometric_cohort, counted
from fits import fitted_with, spend_with

from rfmreport.models.intervals import T_95, Doubt, Doubts
from rfmreport.models.lifetime.beta_geometric import BG_NBD
from rfmreport.models.lifetime.fitting import chance_to_order_of_rows
from rfmreport.models.lifetime.forecast import forecast_orders, forecast_revenue
from rfmreport.sections.worth.lifetime_value import Fits, foretell, foretell_chances

PAST, TODAY = date(2024, 1, 1), date(2024, 7, 1)
SPEND = spend_with((6.0, 4.0, 15.0))
SURE = Doubts(Doubt(0.0, 3), Doubt(0.0, 3))
UNSURE = Doubts(Doubt(0.1, 3), Doubt(0.2, 3))
FITS = Fits(fitted_with(BG_NBD, (0.7, 9.0, 0.8, 2.5)), SPEND, 0.0, SURE, SURE)
NOW = counted(beta_geometric_cohort(300, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21))


def test_segments_and_all_customers_are_foretold_as_the_model_says() -> None:
    outlook = foretell(FITS, NOW, ["Best", "None", "Lost"], 26)
    assert [row.segment for row in outlook.rows] == ["Best", "Lost"]
    best = np.flatnonzero(NOW.segments == "Best")
    group = NOW.histogram.subset(best)
    orders = forecast_orders(FITS.orders, group, 26)
    revenue = forecast_revenue(FITS.orders, SPEND, group, NOW.mean_value[best], 26)
    row = outlook.rows[0]
    assert (row.orders.value, row.orders.low, row.orders.high) == pytest.approx(
        (orders.expected, orders.lower, orders.upper)
    )
    assert row.revenue.value == revenue.expected
    assert outlook.total.orders.value == pytest.approx(sum(r.orders.value for r in outlook.rows))


def test_a_forecast_counts_its_customers() -> None:
    outlook = foretell(FITS, NOW, ["Best", "Lost"], 26)
    assert [row.customer_count for row in outlook.rows] == [150, 150]
    assert [row.orders.customer_count for row in outlook.rows] == [150, 150]
    assert (outlook.total.segment, outlook.total.customer_count) == ("All customers", 300)


def test_what_the_model_was_off_by_widens_its_bounds() -> None:
    sure = foretell(FITS, NOW, ["Best"], 26)
    unsure = foretell(replace(FITS, doubts_of_orders=UNSURE), NOW, ["Best"], 26)

    def width(row) -> float:
        return math.log(row.orders.high / row.orders.value)

    for of, half in ((lambda o: o.total, 0.1 * T_95[2]), (lambda o: o.rows[0], 0.2 * T_95[2])):
        assert width(of(unsure)) == pytest.approx(math.hypot(width(of(sure)), half))
    assert unsure.total.revenue == sure.total.revenue


def test_segments_of_few_customers_stand_together() -> None:
    names = np.array(["Best"] * 260 + ["A"] * 29 + ["B"] * 11)
    outlook = foretell(FITS, replace(NOW, segments=names), ["Best", "A", "B"], 26)
    assert [row.segment for row in outlook.rows] == ["Best"]
    assert (outlook.others.segment, outlook.others.customer_count) == ("Other segments", 40)
    for what in ("orders", "revenue"):
        parts = sum(getattr(part, what).value for part in outlook.parts)
        assert getattr(outlook.total, what).value == pytest.approx(parts)


def test_without_order_values_only_orders_are_foretold() -> None:
    outlook = foretell(replace(FITS, spend=None), NOW, ["Best"], 26)
    assert outlook.rows[0].revenue is None


def test_each_history_has_a_chance_per_window_and_who_came() -> None:
    told = foretell_chances(FITS.orders, NOW, (13, 26))
    assert told.chances[:, 1] == pytest.approx(
        chance_to_order_of_rows(FITS.orders, NOW.histogram, 26)
    )
    assert (told.chances[:, 0] <= told.chances[:, 1]).all()
    assert told.came_counts is NOW.came_counts
    assert told.segments is NOW.segments
