"""Charts and pages of the example reports, made once per test run."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from example_holding import example_holding
from example_movement import example_movement
from example_report import example_report, hostile_report, netted_report, tiny_report

from rfmreport.formats import Formats
from rfmreport.kit.charts import draw_charts
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.registry import declared_sheets, department_drawings, report_drawings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.kit.charted import Chart
    from rfmreport.report import Report


def complete_report() -> Report:
    """Return the report of the reference shop with all that earlier dates tell."""
    return replace(example_report(), holding=example_holding(), movement=example_movement())


REPORTS: dict[str, Callable[[], Report]] = {
    "example": complete_report,
    "hostile": hostile_report,
    "netted": netted_report,
    "tiny": tiny_report,
}


def draw_report(report: Report) -> tuple[Chart, ...]:
    """Return all charts of a report."""
    return draw_charts(report_drawings(report, Formats(report.locale, report.currency)))


def draw_department_charts(report: Report) -> tuple[Chart, ...]:
    """Return all charts that a report's departments have besides."""
    return draw_charts(department_drawings(report, Formats(report.locale, report.currency)))


@cache
def _charts(name: str) -> tuple[Chart, ...]:
    return draw_report(REPORTS[name]())


@pytest.fixture(scope="session")
def report_of() -> Callable[[str], Report]:
    return lambda name: REPORTS[name]()


@pytest.fixture(scope="session")
def charts_of() -> Callable[[str], tuple[Chart, ...]]:
    return _charts


@pytest.fixture(scope="session")
def page_of() -> Callable[[str], str]:
    @cache
    def page(name: str) -> str:
        files = ("data/segments.csv", "data/audit.csv")
        return render_html(REPORTS[name](), _charts(name), data_files=files, template_dir=None)

    return page


@pytest.fixture(scope="session")
def print_page_of() -> Callable[[str], str]:
    @cache
    def page(name: str) -> str:
        return render_print_html(REPORTS[name](), _charts(name), page_size="A4", template_dir=None)

    return page


def records_of(name: str, report: Report) -> list[dict[str, Any]]:
    """Return the rows of a file that a section declares."""
    (sheet,) = (sheet for sheet in declared_sheets() if sheet.name == name)
    return sheet.records(report)
