"""What is foretold of each customer, and worth from a whole build: told, written or left out."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pytest
from fits import fitted_with, spend_with
from shops import build_files, customers_of, drawn_shop, made_up_lines, orders_of, write_csv

from rfmreport.models.intervals import Doubt, Doubts
from rfmreport.models.lifetime.beta_geometric import BG_NBD, MBG_NBD
from rfmreport.models.lifetime.fitting import chance_alive, chance_to_order_of_rows, expected_orders
from rfmreport.models.lifetime.forecast import discounted_orders, month_ends
from rfmreport.models.lifetime.spend import expected_order_value
from rfmreport.sections.worth.extrapolation import FollowedCell
from rfmreport.sections.worth.lifetime_value import Fits, count_histories, hold_histories
from rfmreport.sections.worth.measure import hold_chances, hold_expected
from rfmreport.sections.worth.response import chances_by_score

if TYPE_CHECKING:
    from pathlib import Path

EARLY, TODAY = date(2024, 1, 1), date(2024, 7, 1)
FORETOLD = "SELECT * FROM foretold_customers"
SPEND = spend_with((6.0, 4.0, 15.0))
SURE = Doubts(Doubt(0.0, 3), Doubt(0.0, 3))
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
CUSTOMERS = """
customer_id | segment
a           | Best
b           | Best
c           | Lost
"""
LINES = made_up_lines(400, days=700)


def leaving_lines(customer_count: int, seed: int = 5) -> list[str]:
    """Return lines of a shop whose customers come in half a year, and mostly leave."""
    chance = random.Random(seed)  # noqa: S311  a reproducible example, no secret
    lines = []
    for customer in range(customer_count):
        rate, leaving = chance.gammavariate(1.5, 1 / 40), chance.betavariate(0.8, 2.5)
        day = chance.uniform(0, 180)
        while day < 540:
            amount = round(chance.lognormvariate(3.5, 0.5), 2)
            lines.append((date(2023, 1, 1) + timedelta(days=int(day)), f"c{customer:04}", amount))
            if chance.random() < leaving:
                break
            day += chance.expovariate(rate)
    lines.sort()
    return [f"{name},o{i:05},{day},{amount}" for i, (day, name, amount) in enumerate(lines)]


def customers_of_report(folder: Path) -> list[dict[str, str]]:
    with (folder / "report" / "data" / "customers.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def extrapolated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extrapolated")
    report = {"cost_per_contact": 0.5, "margin": 0.3}
    result = build_files(write_csv(folder / "orders.csv", LINES), folder / "report", report=report)
    return result, folder


@pytest.fixture(scope="module")
def modelled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("modelled")
    source = write_csv(folder / "orders.csv", leaving_lines(1500))
    return build_files(source, folder / "report"), folder


def test_each_customer_has_the_chance_of_his_scores(extrapolated) -> None:
    result, folder = extrapolated
    rows = customers_of_report(folder)
    response = result.report.worth.response
    assert response.windows == (30, 90)
    for segment in response.rows:
        chances = [float(r["chance_90_days"]) for r in rows if r["segment"] == segment.segment]
        assert len(chances) == segment.customer_count
        assert sum(chances) / len(chances) == pytest.approx(segment.shares[1].value, abs=1e-4)
        for row in rows:
            assert 0 < float(row["chance_30_days"]) <= float(row["chance_90_days"])
    by_score = {(r["recency_score"], r["frequency_score"], r["chance_30_days"]) for r in rows}
    assert len(by_score) == len({score[:2] for score in by_score})


def test_the_figures_are_written_as_they_are_told(extrapolated) -> None:
    result, folder = extrapolated
    with (folder / "report" / "data" / "worth.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    outlook, ahead = result.report.worth.outlook, result.report.forecast.ahead
    assert float(rows[0]["orders"]) == outlook.rows[0].orders.value
    assert sum(float(row["revenue"]) for row in rows) == pytest.approx(ahead.revenue.value)
    assert sum(float(row["orders"]) for row in rows) == pytest.approx(ahead.orders.value)


def test_with_a_cost_advice_is_ranked_by_what_is_left_of_it(extrapolated) -> None:
    result, _ = extrapolated
    worth = {one.segment: one for one in result.report.gains}
    advice = [one for one in result.report.recommendations if one.high is not None]
    assert advice
    assert [one.high for one in advice] == sorted((one.high for one in advice), reverse=True)
    for one in advice:
        assert (one.low, one.high) == (worth[one.segment].low, worth[one.segment].high)
        assert "is margin; less " in one.range_note


def test_a_model_that_holds_on_the_past_is_used(modelled) -> None:
    result, folder = modelled
    worth = result.report.worth
    assert worth.model is not None
    rows = customers_of_report(folder)
    expected = sum(float(row["expected_orders_90_days"]) for row in rows)
    assert expected == pytest.approx(worth.modelled[90].order_days, rel=1e-3)
    assert result.report.forecast.ahead.answers[0].way == "model"
    for row in rows:
        soon, later = float(row["chance_30_days"]), float(row["chance_90_days"])
        assert 0 <= soon <= later <= float(row["expected_orders_90_days"]) + 1e-3
    for segment in worth.response.rows:
        chances = [float(r["chance_90_days"]) for r in rows if r["segment"] == segment.segment]
        assert sum(chances) / len(chances) == pytest.approx(segment.shares[1].value, abs=1e-4)
    assert (worth.response.model, worth.response.is_in_sample) == (worth.model, False)
    alive = [row["chance_alive"] for row in rows]
    assert all(0 <= float(chance) <= 1 for chance in alive if chance)
    if worth.model == "BG/NBD":
        assert {row["chance_alive"] for row in rows if row["order_count"] == "1"} == {""}


def test_with_a_window_no_model_is_tried(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", LINES)
    cleaning = {"window_months": 9}
    worth = build_files(source, tmp_path / "report", cleaning=cleaning).report.worth
    assert worth.model is None
    assert "window" in worth.untried


def test_without_an_earlier_date_nothing_is_foretold(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(60, days=80))
    result = build_files(source, tmp_path / "report")
    assert result.report.worth is None
    assert "What they will be worth" in {topic.topic for topic in result.report.untold}
    assert "chance_90_days" not in customers_of_report(tmp_path)[0]


def test_a_cost_that_eats_everything_is_told_as_a_loss(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", LINES)
    report = {"cost_per_contact": 1000.0, "margin": 0.3}
    found = build_files(source, tmp_path / "report", report=report).report.gains
    assert found
    assert all(one.high < Decimal(0) for one in found)


def test_too_few_customers_foretell_nothing_and_that_is_said(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(40, days=500))
    result = build_files(source, tmp_path / "report")
    assert result.report.holding is not None
    assert result.report.worth is None
    reasons = {untold.topic: untold.reason for untold in result.report.untold}
    assert "30 customers" in reasons["What they will be worth"]


def test_each_customer_gets_the_chance_of_his_scores() -> None:
    customers = customers_of("""
customer_id | recency_score | frequency_score
a           | 5             | 5
b           | 5             | 4
c           | 1             | 1
d           | 1             | 5
""")
    past = [
        FollowedCell(EARLY, "All", 5, 5, 50, (20, 40), 40, 40),
        FollowedCell(EARLY, "All", 5, 4, 50, (5, 10), 10, 10),
    ]
    chances = chances_by_score(past, {(5, 5), (5, 4), (1, 1)}, 2)
    shop = drawn_shop((EARLY, TODAY), customers=customers)
    hold_chances(shop.engine, chances, (30, 90))
    rows = shop.engine.rows(FORETOLD)
    found = {row["customer_id"]: (row["chance_30_days"], row["chance_90_days"]) for row in rows}
    assert found == {
        "a": tuple(round(one.mean, 4) for one in chances[5, 5]),
        "b": tuple(round(one.mean, 4) for one in chances[5, 4]),
        "c": (None, None),
        "d": (None, None),
    }


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_each_customer_has_what_the_model_expects_of_his_history(model) -> None:
    """A and b share a history and differ in what they spent: £40 and £100 an order."""
    fits = Fits(fitted_with(model, (0.7, 60.0, 0.8, 2.5)), SPEND, 0.1, SURE, SURE)
    customers = customers_of(CUSTOMERS)
    shop = drawn_shop(
        (EARLY, TODAY),
        orders=orders_of(ORDERS),
        customers=customers,
        earlier_customers=customers.mutate(as_of=ibis.date(EARLY)),
    )
    hold_histories(shop.engine, EARLY, TODAY, 1)
    now = count_histories(shop.engine, TODAY, TODAY, (30, 90))
    hold_expected(shop, fits, now)
    rows = {row.pop("customer_id"): row for row in shop.engine.rows(FORETOLD)}
    assert set(rows) == {"a", "b", "c"}
    history = (2, 152, 181)
    expected = expected_orders(fits.orders, *history, 90)
    alive = chance_alive(fits.orders, *history)
    each = expected_order_value(SPEND, 2, np.array([40.0, 100.0]))
    twice = type(now.histogram)([2], [152], [181], [1])
    chance = chance_to_order_of_rows(fits.orders, twice, 90)
    yearly = discounted_orders(fits.orders, twice, month_ends(12, 365 / 12), 0.1)
    for name, value in zip("ab", each * yearly, strict=True):
        assert rows[name]["expected_orders_90_days"] == pytest.approx(float(expected), abs=1e-4)
        assert rows[name]["chance_90_days"] == pytest.approx(float(chance[0]), abs=1e-4)
        assert 0 < rows[name]["chance_30_days"] < rows[name]["chance_90_days"]
        assert rows[name]["chance_alive"] == pytest.approx(float(alive), abs=1e-4)
        assert rows[name]["expected_value_12_months"] == pytest.approx(float(value), abs=0.01)
    # Of one-order buyers BG/NBD cannot say whether they still are customers.
    assert (rows["c"]["chance_alive"] is None) is (model is BG_NBD)
