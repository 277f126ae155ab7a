"""Looking ahead from a whole build: what is told, what is written, and what is left out."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from shops import build_files, made_up_lines, write_csv

from rfmreport.pipeline import build_report
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_year_is_told_where_a_year_ago_the_same_segments_were_known(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(400, days=1100))
    given = {"source": {"paths": [str(source)]}, "report": {"sections": ["worth"]}}
    worth = build_report(load_settings(None, given)).worth
    soon, year = worth.outlooks
    assert (soon.days, year.days) == (90, 365)
    assert len(year.past_dates) == 1
    assert [row.segment for row in year.rows] == [row.segment for row in soon.rows]
    assert year.total.customer_count == soon.total.customer_count == 400
    for now, later in zip(soon.rows, year.rows, strict=True):
        assert later.orders.value > now.orders.value
    assert year.total.value.value < year.total.revenue.value


def test_a_year_of_which_half_the_customers_are_untold_is_not_told(extrapolated) -> None:
    """Two years of data: a year ago three of the five segments were too small."""
    result, _ = extrapolated
    assert [outlook.days for outlook in result.report.worth.outlooks] == [90]


def test_the_figures_are_written_as_they_are_told(extrapolated) -> None:
    result, folder = extrapolated
    with (folder / "report" / "data" / "worth.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    outlook = result.report.worth.outlooks[0]
    assert float(rows[0]["orders"]) == outlook.rows[0].orders.value
    assert rows[0]["basis"] == "extrapolated"
    total = sum(row.revenue.value for row in outlook.rows)
    assert outlook.total.revenue.value == pytest.approx(total)


def test_with_a_cost_advice_is_ranked_by_what_is_left_of_it(extrapolated) -> None:
    result, _ = extrapolated
    net = {one.segment: one for one in result.report.worth.opportunities}
    advice = [one for one in result.report.recommendations if one.high is not None]
    assert advice
    assert [one.high for one in advice] == sorted((one.high for one in advice), reverse=True)
    for one in advice:
        assert (one.low, one.high) == (net[one.segment].net_low, net[one.segment].net_high)
        assert "; margin less " in one.range_note


def test_a_model_that_holds_on_the_past_is_used(modelled) -> None:
    result, folder = modelled
    worth = result.report.worth
    assert worth.model is not None
    assert [outlook.days for outlook in worth.outlooks] == [90, 365]
    rows = customers_of_report(folder)
    expected = sum(float(row["expected_orders_90_days"]) for row in rows)
    assert expected == pytest.approx(worth.outlooks[0].total.orders.value, rel=1e-3)
    value = sum(float(row["expected_value_12_months"]) for row in rows)
    assert value == pytest.approx(worth.outlooks[1].total.value.value, rel=1e-3)
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
    found = build_files(source, tmp_path / "report", report=report).report.worth.opportunities
    assert all(one.net_high < Decimal(0) for one in found)


def test_too_few_customers_foretell_nothing_and_that_is_said(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(40, days=500))
    result = build_files(source, tmp_path / "report")
    assert result.report.holding is not None
    assert result.report.worth is None
    reasons = {untold.topic: untold.reason for untold in result.report.untold}
    assert "30 customers" in reasons["What they will be worth"]
