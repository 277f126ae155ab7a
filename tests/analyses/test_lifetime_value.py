"""A model where one holds, and for every customer what it expects of his own history."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pytest
from cohorts import beta_geometric_cohort, loyal_cohort
from fits import fitted_with, spend_with
from shops import customers_of, orders_of

from rfmreport.analyses.lifetime_value import (
    Fits,
    choose_fit,
    fit_order_values,
    foretell,
    predict_customers,
    predict_histories,
)
from rfmreport.histories import CountedHistories, count_histories, measure_histories
from rfmreport.lifetime.beta_geometric import BG_NBD, MBG_NBD
from rfmreport.lifetime.fitting import chance_alive, expected_orders
from rfmreport.lifetime.forecast import forecast_orders, forecast_revenue
from rfmreport.lifetime.spend import SpendHistogram, expected_order_value
from rfmreport.lifetime.value import discounted_value, month_ends

if TYPE_CHECKING:
    from cohorts import Cohort

PAST, TODAY = date(2024, 1, 1), date(2024, 7, 1)
SPEND = spend_with((6.0, 4.0, 15.0))
ORDERS = """
customer_id | order_id | at               | amount
a           | 1        | 2024-01-01 00:00 | 10
a           | 2        | 2024-03-01 00:00 | 20
a           | 3        | 2024-06-01 00:00 | 60
b           | 4        | 2024-01-01 00:00 | 10
b           | 5        | 2024-03-01 00:00 | 90
b           | 6        | 2024-06-01 00:00 | 110
c           | 7        | 2024-05-01 00:00 | 10
"""
NAMED = """
as_of      | customer_id | segment
2024-07-01 | a           | Best
2024-07-01 | b           | Best
2024-07-01 | c           | Lost
"""


def counted(cohort: Cohort) -> CountedHistories:
    size = len(cohort.histogram)
    names = np.where(np.arange(size) % 2, "Best", "Lost")
    return CountedHistories(cohort.histogram, names, np.full(size, 25.0), cohort.later_orders)


def test_a_model_that_foretells_the_past_is_fitted_to_all_data() -> None:
    cohort = counted(beta_geometric_cohort(2000, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21))
    chosen = choose_fit(cohort, cohort, PAST, 26)
    assert chosen.fitted is not None
    used = [trial for trial in chosen.trials if trial.is_model and trial.refusal is None]
    assert chosen.fitted.model.name == used[0].name
    assert abs(used[0].order_error) < 0.1
    assert {trial.name for trial in chosen.trials if not trial.is_model} == {
        "own past rate",
        "mean rate of the group",
    }


def test_what_a_model_cannot_foretell_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    foretold = "rfmreport.lifetime.choice.expected_orders_of_rows"
    monkeypatch.setattr(foretold, lambda _, rows, __: np.full(len(rows), np.nan))
    cohort = counted(beta_geometric_cohort(300, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21))
    chosen = choose_fit(cohort, cohort, PAST, 26)
    assert chosen.fitted is None
    assert {trial.predicted_orders for trial in chosen.trials if trial.is_model} == {None}


def test_where_nobody_leaves_no_model_is_fitted() -> None:
    cohort = counted(loyal_cohort(1000, 0.8, 12.0, 2))
    chosen = choose_fit(cohort, cohort, PAST, 26)
    assert chosen.fitted is None
    assert [trial.predicted_orders for trial in chosen.trials] == [None, None, None]
    assert {trial.refusal for trial in chosen.trials} == {
        "these histories do not show that anybody ever leaves"
    }


def test_too_few_customers_are_not_tried() -> None:
    cohort = counted(loyal_cohort(99, 0.8, 12.0, 2))
    assert choose_fit(cohort, cohort, PAST, 26) is None


def test_segments_and_all_customers_are_foretold_as_the_model_says() -> None:
    now = counted(beta_geometric_cohort(300, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21))
    fits = Fits(fitted_with(BG_NBD, (0.7, 9.0, 0.8, 2.5)), SPEND, 0.0)
    outlook = foretell(fits, now, ["Best", "None", "Lost"], 26)
    assert [row.segment for row in outlook.rows] == ["Best", "Lost"]
    best = np.flatnonzero(now.segments == "Best")
    group = now.histogram.subset(best)
    orders = forecast_orders(fits.orders, group, 26)
    revenue = forecast_revenue(fits.orders, SPEND, group, now.mean_value[best], 26)
    row = outlook.rows[0]
    assert (row.orders.value, row.orders.low, row.orders.high) == (
        orders.expected,
        orders.lower,
        orders.upper,
    )
    assert row.revenue.value == revenue.expected
    assert row.value.value == pytest.approx(revenue.expected)  # without a discount
    assert outlook.total.orders.value == pytest.approx(sum(r.orders.value for r in outlook.rows))


def test_without_order_values_only_orders_are_foretold() -> None:
    now = counted(beta_geometric_cohort(300, (0.7, 9.0, 0.8, 2.5), 0, later=26, seed=21))
    outlook = foretell(
        Fits(fitted_with(BG_NBD, (0.7, 9.0, 0.8, 2.5)), None, 0.1), now, ["Best"], 26
    )
    assert outlook.rows[0].revenue is None
    assert outlook.total.value is None


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_each_customer_has_what_the_model_expects_of_his_history(model) -> None:
    """A and b share a history and differ in what they spent: £40 and £100 an order."""
    fits = Fits(fitted_with(model, (0.7, 60.0, 0.8, 2.5)), SPEND, 0.1)
    histories = measure_histories(orders_of(ORDERS), PAST, TODAY, 1)
    now = count_histories(histories, customers_of(NAMED).cast({"as_of": "date"}))[TODAY]
    predictions = ibis.memtable(predict_histories(fits, now, 90))
    table = predict_customers(histories, predictions, TODAY)
    rows = {row.pop("customer_id"): row for row in table.to_pyarrow().to_pylist()}
    assert set(rows) == {"a", "b", "c"}
    history = (2, 152, 181)
    expected = expected_orders(fits.orders, *history, 90)
    alive = chance_alive(fits.orders, *history)
    each = expected_order_value(SPEND, 2, np.array([40.0, 100.0]))
    twice = type(now.histogram)([2], [152], [181], [1])
    yearly = discounted_value(fits.orders, twice, np.ones(1), month_ends(12, 365 / 12), 0.1)
    for name, value in zip("ab", each * yearly, strict=True):
        assert rows[name]["expected_orders_90_days"] == pytest.approx(float(expected), abs=1e-4)
        assert rows[name]["chance_alive"] == pytest.approx(float(alive), abs=1e-4)
        assert rows[name]["expected_value_12_months"] == pytest.approx(float(value), abs=0.01)
    # Of one-order buyers BG/NBD cannot say whether they still are customers.
    assert (rows["c"]["chance_alive"] is None) is (model is BG_NBD)


def test_order_values_that_depend_on_how_often_one_orders_are_told() -> None:
    random = np.random.default_rng(5)
    counts = random.integers(1, 20, 800).astype(float)
    values = 10.0 * counts * random.gamma(8, 1 / 8, 800)
    found = fit_order_values(SpendHistogram(counts, values, np.ones(800)))
    assert found.trial.rank_correlation > 0.7
    assert found.trial.customer_count == 800
