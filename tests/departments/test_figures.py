"""The figures of departments: they tie with the report, and what is missing has its reason."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import pytest
from shops import PRODUCT_HEADING, made_up_lines, with_products, with_times, write_csv
from stages import ENGINE

from rfmreport.departments.summaries import load_departments
from rfmreport.engine.ask import Engine
from rfmreport.folder.data_files import write_sheets
from rfmreport.pipeline import read_given, tell_report
from rfmreport.sections.registry import DEPARTMENTS, declared_sheets
from rfmreport.settings import load_settings
from rfmreport.shop import open_shop
from rfmreport.source import orders, reading
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rfmreport.report import DepartmentFigures, Report


@dataclass(frozen=True)
class Told:
    """A report with the figures of its departments, in an engine that is open."""

    report: Report
    engine: Engine

    @property
    def figures(self) -> DepartmentFigures:
        return self.report.department_figures


@contextmanager
def told_of(source: Path, **given) -> Iterator[Told]:
    """Run the stages up to the report, and then ask for the departments' figures."""
    given["report"] = {"departments": ["all"], **given.get("report", {})}
    settings = load_settings(None, {"source": {"paths": [str(source)]}, **given})
    watch = Stopwatch()
    given = read_given(settings, None)
    with reading.open_engine(ENGINE) as engine:
        read = orders.read_orders(engine, settings, watch)
        shop = open_shop(Engine(engine.con), read, settings, None, watch)
        told = tell_report(shop, given, load_departments(settings), watch)
        yield Told(told.report, shop.engine)


@pytest.fixture(scope="module")
def sample(sample_csv: Path) -> Iterator[Told]:
    with told_of(sample_csv) as told:
        yield told


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a made-up shop of two years, without products."""
    lines = with_times(made_up_lines(250, 730))
    return write_csv(tmp_path_factory.mktemp("shop") / "orders.csv", lines)


def reasons(told: Told) -> dict[str, str]:
    return {one.topic: one.reason for one in told.figures.untold}


def test_of_the_sample_everything_is_told(sample: Told) -> None:
    figures = sample.figures
    missing = [one.name for one in fields(figures) if not getattr(figures, one.name)]
    assert missing == ["untold"]


def test_sales_ties_with_the_report(sample: Told) -> None:
    figures, report = sample.figures, sample.report
    total = report.segments.total
    assert figures.countries.total.revenue == total.revenue
    assert figures.countries.total.customer_count == total.customer_count
    for place, row in enumerate(report.segments.rows):
        assert figures.countries.total.by_segment[place] == row.revenue
    (outlook,) = [one for one in report.worth.outlooks if one.days == 90]
    assert figures.targets.total.floor == outlook.total.revenue
    assert figures.accounts.before_as_of == report.holding.hold_outs[0].as_of
    largest = max(report.segments.rows, key=lambda row: row.mean_revenue or 0)
    assert figures.accounts.top[0].segment == largest.name


def test_finance_ties_with_the_report(sample: Told) -> None:
    figures = sample.figures
    complete = [month for month in sample.report.months if month.complete]
    assert [row.first_day for row in figures.months.rows] == [m.first_day for m in complete]
    assert [row.revenue for row in figures.months.rows] == [month.revenue for month in complete]
    carried = [row for row in figures.months.rows if row.by_segment is not None]
    assert len(carried) == 6
    for row in carried:
        assert sum(row.by_segment) + row.new + row.returning == row.revenue
    assert [row.gross for row in figures.returns.rows] == [month.revenue for month in complete]
    projected = figures.projection
    assert projected.forecast.trials[0].actual == pytest.approx(
        float(sum(month.revenue for month in complete[-3:]))
    )
    assert projected.so_far == sample.report.months[-1].revenue
    assert 0 < projected.reconciliation.new_share < 1


def test_the_overdue_are_told_as_a_table_too(sample: Told) -> None:
    told = sample.figures.rhythm
    rows = sample.engine.rows("FROM overdue_customers")
    assert len(rows) == told.overdue_count == sum(row.overdue_count for row in told.rows)
    assert sum(row["year_revenue"] for row in rows) == told.overdue_year_revenue
    late = {row["customer_id"] for row in rows}
    assert {one.customer_id for one in sample.figures.accounts.slipping if one.is_overdue} <= late
    assert told.trial.dates == tuple(one.as_of for one in sample.report.holding.hold_outs)


def test_expected_orders_follow_the_days_of_the_report(sample: Told) -> None:
    figures, days = sample.figures, sample.report.trends.days
    assert figures.demand.orders.first_day == sample.report.as_of
    last = figures.demand.orders.trials[0]
    assert last.actual == sum(day.order_count for day in days[-28:])
    assert sample.report.sells.key_products.last_day == sample.report.last_day


def test_every_figure_has_its_file(sample: Told, tmp_path: Path) -> None:
    report = replace(sample.report, department_figures=sample.figures)
    write_sheets(sample.engine, report, tmp_path, declared_sheets())
    written = {path.stem for path in tmp_path.iterdir()}
    assert written >= {
        "accounts",
        "audiences_by_value",
        "expected_orders",
        "forecast_checks",
        "months_by_segment",
        "overdue_by_segment",
        "overdue_check",
        "projection",
        "returns",
        "targets",
    }


def test_a_shop_without_products_is_told_the_rest(shop: Path) -> None:
    with told_of(shop) as told:
        figures = told.figures
        assert reasons(told) == {
            "Revenue by country": "countries are read with products, and the source names none",
            "Returns": "no complete month holds returns of known customers",
            "Audiences by value": (
                "of no segment 30 customers came back in the past, to say what they spend"
            ),
            "Key products": "the source names no products",
            "Products bought again": "the source names no products",
            "Products to begin with": "the source names no products",
        }
        assert figures.demand.pieces is None
        assert figures.demand.hours
        assert figures.accounts.change_months == 6  # two years, less one day
        assert figures.projection.forecast.others


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
        # The months before the window are needed to try a rule on the past.
        assert figures.projection.forecast.trials[-1].first_day < told.report.first_day
        assert figures.accounts.first_day == told.report.first_day


def test_earlier_dates_are_left_out_on_request(shop: Path) -> None:
    with told_of(shop, report={"compare": False}) as told:
        figures = told.figures
        assert figures.rhythm.trial is None
        assert figures.accounts.before_as_of is None
        assert [one.segment_before for one in figures.accounts.top] == [None] * 15
        assert all(row.by_segment is None for row in figures.months.rows)
        assert reasons(told)["Targets by segment"] == (
            "what customers do as things were could not be foretold from the past"
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
        assert said["Expected orders"].endswith(
            "days are too few: 196 are needed to try a rule on the past"
        )
        assert said["Projected revenue"] == (
            "2 complete months are too few: 12 are needed to try a rule on the past"
        )
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
        assert figures.demand.orders.first_day == told.report.as_of
        assert figures.projection.forecast.first_day == told.report.as_of
        assert figures.projection.so_far == 0
        assert figures.months.rows[-1].first_day == told.report.month
