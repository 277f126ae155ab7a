"""What they buy, from a file to the data behind the report; and what is said where it cannot be."""

from __future__ import annotations

import csv
import dataclasses
import random
from typing import TYPE_CHECKING

from shops import PRODUCT_HEADING, build_files, made_up_lines, with_products, write_csv

from rfmreport.pipeline import build_report
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def report_of(path: Path, **given):
    return build_report(load_settings(None, {"source": {"paths": [str(path)]}, **given}))


def shop(tmp_path: Path, *, days: int = 500, count: int = 60) -> Path:
    lines = with_products(made_up_lines(count, days=days))
    return write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_the_data_behind_every_figure_is_written(tmp_path: Path) -> None:
    result = build_files(shop(tmp_path), tmp_path / "report")
    sells, data = result.report.sells, tmp_path / "report" / "data"
    products = rows_of(data / "products.csv")
    assert len(products) == sells.products.product_count
    assert sum(float(row["revenue"]) for row in products) == float(sells.products.revenue)
    assert products[0]["product_code"] == sells.products.top[0].code
    countries = rows_of(data / "countries.csv")
    assert [row["country"] for row in countries] == [row.country for row in sells.countries.rows]
    assert {"lift", "low", "high", "p_value"} <= set(
        (data / "affinity.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
    )
    launches = rows_of(data / "launches.csv")
    assert {row["product_code"] for row in launches} >= {one.code for one in sells.launches.shown}


def test_products_add_up_to_what_was_analysed(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path))
    assert report.sells.products.revenue == report.segments.total.revenue
    assert report.sells.products.order_count == report.segments.total.order_count
    assert report.sells.products.customer_count == report.segments.total.customer_count


def test_the_order_of_the_rows_is_nothing(tmp_path: Path) -> None:
    lines = with_products(made_up_lines(80, days=400))
    shuffled = random.Random(3).sample(lines, len(lines))  # noqa: S311  an example, no secret
    found = []
    for number, order in enumerate((lines, shuffled)):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.append(report_of(write_csv(folder / "orders.csv", order, PRODUCT_HEADING)).sells)
    assert found[0] == found[1]


def test_a_source_without_products_says_so(tmp_path: Path) -> None:
    report = report_of(write_csv(tmp_path / "orders.csv", made_up_lines(60, days=200)))
    assert report.sells is None
    (told,) = [one for one in report.untold if one.topic == "What they buy"]
    assert told.reason.startswith("the source names no products")


def test_a_short_history_knows_no_launch(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path, days=150))
    assert report.sells.launches is None
    (told,) = [one for one in report.untold if one.topic == "What they buy: launches"]
    assert "too short" in told.reason
    shorter = report_of(shop(tmp_path, days=150), report={"launch_days": 30})
    assert shorter.sells.launches is not None


def test_launches_of_too_few_days_and_a_single_country_are_said(tmp_path: Path) -> None:
    lines = with_products(made_up_lines(60, days=500))
    here = [line.replace("Cyprus", "Malta") for line in lines]
    source = write_csv(tmp_path / "orders.csv", here, PRODUCT_HEADING)
    report = report_of(source, report={"launch_days": 20})
    reasons = {one.topic: one.reason for one in report.untold}
    assert reasons["What they buy: launches"] == (
        "a launch is held against others from 28 days on, and launch_days in [report] is 20"
    )
    assert reasons["What they buy: countries"] == (
        "all purchases that name a country name the same one, Malta"
    )


def test_few_buyers_have_no_taste(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path, count=20))
    assert report.sells.affinity is None
    assert "What they buy: what segments prefer" in {one.topic for one in report.untold}


def test_hostile_products_are_safe_in_the_files(tmp_path: Path) -> None:
    lines = [line.replace("Thing p", "=1+1") for line in with_products(made_up_lines(60, days=500))]
    source = write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)
    build_files(source, tmp_path / "report")
    names = [row["product_name"] for row in rows_of(tmp_path / "report/data/products.csv")]
    assert "'=1+1" in names
    assert "=1+1" not in names


def test_insights_name_the_best_seller_with_its_n(tmp_path: Path) -> None:
    report = report_of(shop(tmp_path))
    (best,) = [one for one in report.insights if one.key == "best_seller"]
    product = report.sells.products.by_revenue[0]
    assert best.headline.startswith("Thing p sells most: ")
    assert best.sample_size == product.customer_count >= 30
    assert best.worth == product.revenue
    assert dataclasses.asdict(best)["numbers"]["order_count"] == product.order_count
