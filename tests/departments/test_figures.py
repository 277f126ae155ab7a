"""The figures of departments: they tie with the report, and what is missing has its reason."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from shops import (
    PRODUCT_HEADING,
    Told,
    made_up_lines,
    told_of,
    with_products,
    with_times,
    write_csv,
)

from rfmreport.folder.data_files import write_sheets
from rfmreport.formats import Formats
from rfmreport.sections.registry import DEPARTMENTS, declared_sheets
from rfmreport.sections.worth import page as worth_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a made-up shop of two years, without products."""
    lines = with_times(made_up_lines(250, 730))
    return write_csv(tmp_path_factory.mktemp("shop") / "orders.csv", lines)


def reasons(told: Told) -> dict[str, str]:
    return {one.topic: one.reason for one in told.figures.untold}


def test_of_the_sample_everything_is_told(told_sample: Told) -> None:
    figures = told_sample.figures
    missing = [one.name for one in fields(figures) if not getattr(figures, one.name)]
    assert missing == ["targets"]  # one year of data: no one number to aim for


def test_sales_ties_with_the_report(told_sample: Told) -> None:
    figures, report = told_sample.figures, told_sample.report
    total = report.segments.total
    assert figures.countries.total.revenue == total.revenue
    assert figures.countries.total.customer_count == total.customer_count
    for place, row in enumerate(report.segments.rows):
        assert figures.countries.total.by_segment[place] == row.revenue
    assert figures.accounts.before_as_of == report.holding.hold_outs[0].as_of
    largest = max(report.segments.rows, key=lambda row: row.mean_revenue or 0)
    assert figures.accounts.top[0].segment == largest.name


def totals_to_come(told: Told) -> set[tuple[float | None, float, float]]:
    """Return the revenue to come as every place tells it: value, low and high."""
    report, total = told.report, told.report.forecast.ahead.revenue
    found = {(total.value, total.low, total.high)}
    said = next(one for one in report.insights if one.key == "to_come").numbers
    found.add((said.get("revenue"), said["revenue_low"], said["revenue_high"]))
    file = next(one for one in declared_sheets() if one.name == "forecast").records(report)[1]
    found.add((file["value"], file["low"], file["high"]))
    outlook, targets = report.worth.outlook, told.figures.targets
    parts = (outlook.total.revenue, targets and targets.total.floor)
    found |= {(one.value, one.low, one.high) for one in parts if one}
    assert sum(part.share for part in outlook.parts) == pytest.approx(1)
    if outlook.total.revenue:
        revenue = sum(part.revenue.value for part in outlook.parts)
        assert revenue == pytest.approx(total.value)
        assert sum(part.orders.value for part in outlook.parts) == pytest.approx(
            report.forecast.ahead.orders.value
        )
    return found


def test_every_total_to_come_is_the_one_forecast(told_sample: Told, shop: Path) -> None:
    assert len(totals_to_come(told_sample)) == 1
    with told_of(shop) as told:
        assert told.report.forecast.ahead.revenue.value
        assert len(totals_to_come(told)) == 1


def test_every_place_says_the_forecast_in_one_sentence(told_sample: Told) -> None:
    report = told_sample.report
    formats = Formats(report.locale, report.currency)
    said = next(one for one in report.insights if one.key == "to_come").headline
    for section in (worth_page.SECTION, DEPARTMENTS["projection"]):
        assert f"{section.finding(report, formats)}." == said


def test_finance_ties_with_the_report(told_sample: Told) -> None:
    figures = told_sample.figures
    complete = [month for month in told_sample.report.months if month.complete]
    assert [row.first_day for row in figures.months.rows] == [m.first_day for m in complete]
    assert [row.revenue for row in figures.months.rows] == [month.revenue for month in complete]
    carried = [row for row in figures.months.rows if row.by_segment is not None]
    assert len(carried) == 6
    for row in carried:
        assert sum(row.by_segment) + row.new + row.returning == row.revenue
    assert [row.gross for row in figures.returns.rows] == [month.revenue for month in complete]


def test_the_overdue_are_told_as_a_table_too(told_sample: Told) -> None:
    figures, told = told_sample.figures, told_sample.figures.rhythm
    rows = told_sample.engine.rows("FROM overdue_customers")
    assert len(rows) == told.overdue_count == sum(row.overdue_count for row in told.rows)
    assert sum(row["year_revenue"] for row in rows) == told.overdue_year_revenue
    late = {row["customer_id"] for row in rows}
    assert {one.customer_id for one in figures.accounts.slipping if one.is_overdue} <= late
    assert told.trial.dates == tuple(one.as_of for one in told_sample.report.holding.hold_outs)


def test_every_figure_has_its_file(told_sample: Told, tmp_path: Path) -> None:
    report = replace(told_sample.report, department_figures=told_sample.figures)
    write_sheets(told_sample.engine, report, tmp_path, declared_sheets())
    written = {path.stem for path in tmp_path.iterdir()}
    assert written >= {
        "accounts",
        "audiences_by_value",
        "forecast",
        "forecast_checks",
        "months_by_segment",
        "overdue_by_segment",
        "orders_by_time",
        "overdue_check",
        "returns",
    }


def test_a_shop_without_products_is_told_the_rest(shop: Path) -> None:
    with told_of(shop) as told:
        figures = told.figures
        assert reasons(told) == {
            "Revenue by country": "countries are read with products, and the source names none",
            "Returns": "no complete month holds returns of known customers",
            "Key products": "the source names no products",
            "Products bought again": "the source names no products",
            "Products to begin with": "the source names no products",
        }
        assert figures.demand.hours
        assert figures.accounts.change_months == 6  # two years, less one day
        assert told.report.forecast.ahead.answer("season").growth


def test_a_window_hides_no_history_and_every_month_adds_up(shop: Path) -> None:
    with told_of(shop, cleaning={"window_months": 6}) as told:
        figures = told.figures
        months = [month for month in told.report.months if month.complete]
        assert [row.revenue for row in figures.months.rows] == [m.revenue for m in months]
        told_months = [row for row in figures.months.rows if row.by_segment is not None]
        assert told_months
        for row in told_months:
            assert sum(row.by_segment) + row.new + row.returning == row.revenue
        assert any(row.returning for row in told_months)
        # The days before the window tell the season, and are needed to try it on the past.
        assert told.report.forecast.ahead.trials[-1].first_day < told.report.first_day
        assert figures.accounts.first_day == told.report.first_day


def test_earlier_dates_are_left_out_on_request(shop: Path) -> None:
    with told_of(shop, report={"compare": False}) as told:
        figures = told.figures
        assert figures.rhythm.trial is None
        assert figures.accounts.before_as_of is None
        assert [one.segment_before for one in figures.accounts.top] == [None] * 15
        assert all(row.by_segment is None for row in figures.months.rows)
        assert reasons(told)["Targets by segment"] == (
            "what is to come could not be foretold, or only as a range"
        )


def test_with_scores_by_rank_no_segment_is_told_of_earlier_months(shop: Path) -> None:
    with told_of(shop, scoring={"method": "rank-first"}) as told:
        assert all(row.by_segment is None for row in told.figures.months.rows)
        assert told.figures.accounts.before_as_of is None


def test_clusters_are_segments_too(shop: Path) -> None:
    with told_of(shop, scoring={"scheme": "clusters"}) as told:
        names = [row.name for row in told.report.segments.rows]
        assert {row.segment for row in told.figures.rhythm.rows} <= set(names)
        assert told.figures.months.segments == tuple(names)


def test_of_ten_weeks_little_is_told_and_it_says_why(tmp_path: Path) -> None:
    lines = with_products(made_up_lines(40, 70))
    source = write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)
    with told_of(source) as told:
        said = reasons(told)
        assert said["Products bought again"] == (
            "no product has 30 buyers who could be watched for long enough"
        )
        topics = {topic for section in DEPARTMENTS.values() for topic in section.reasons}
        assert set(said) <= topics  # so each reason is told where its section is missing
        assert told.figures.accounts.change_months == 0
        assert told.figures.countries.total.revenue == told.report.segments.total.revenue


def test_a_month_asked_for_is_the_month_foretold_from(shop: Path) -> None:
    with told_of(shop, cleaning={"month": "2024-06"}) as told:
        figures = told.figures
        forecast = told.report.forecast
        assert forecast.ahead.first_day == forecast.rest.first_day == told.report.as_of
        assert (forecast.orders_so_far, forecast.revenue_so_far) == (0, 0)
        assert figures.months.rows[-1].first_day == told.report.month
