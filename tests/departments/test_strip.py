"""The figures on a department's page: of what, against what, and left out where unknown."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from example_summaries import complete_report, plain_report
from example_worth import divided_forecast

from rfmreport.departments.strip import FIGURES, REPORT_FIGURES, strip_of
from rfmreport.formats import Formats
from rfmreport.report import DepartmentFigures
from rfmreport.sections.hold.figures import SensitivityRow
from rfmreport.vocabulary import Change

FORMATS = Formats("en_GB", "GBP")
NOT_IN_THE_EXAMPLE = {"softness"}


def figure(report, name: str):
    return next(iter(strip_of(report, [name], FORMATS)), None)


@pytest.mark.parametrize("name", sorted(set(FIGURES) - NOT_IN_THE_EXAMPLE))
def test_every_figure_says_what_it_is_of_and_when(name):
    found = figure(complete_report(), name)
    assert found.key == name
    assert len(found.label) <= 40
    assert found.period
    part_of = f"{found.no_change_reason} {found.period}"
    assert re.search(r"\d", part_of)
    assert len(found.period) <= 60
    assert len(found.no_change_reason) <= 80


def test_the_reports_own_figures_are_taken_as_they_are():
    report = complete_report()
    keys = [kpi.key for kpi in report.kpis if kpi.key in REPORT_FIGURES]
    assert strip_of(report, keys, FORMATS) == tuple(
        kpi for kpi in report.kpis if kpi.key in REPORT_FIGURES
    )


def test_what_is_unknown_is_left_out_and_the_order_is_kept():
    report = replace(complete_report(), department_figures=DepartmentFigures())
    names = ["overdue", "lines", "target", "analysed"]
    assert [kpi.key for kpi in strip_of(report, names, FORMATS)] == ["lines", "analysed"]


def test_a_small_shop_has_only_what_it_can_count():
    told = {name for name in FIGURES if figure(plain_report(), name)}
    assert told == {"customers_known", "analysed", "unattributed", "lines"}


@pytest.mark.parametrize(
    ("name", "value", "part_of", "period"),
    [
        ("overdue", 321, "of 1,715 with a rhythm", "as of 10 Dec 2011"),
        ("will_order", 2472, "57% of 4,334 customers", "within 90 days"),
        ("slipped", 311, "of 1,225 who were there", "since 10 Nov 2011"),
        ("expected_orders", 3800, "2,600 to 5,600", "10 Dec 2011 to 8 Mar 2012"),
        (
            "busy_hour",
            24,
            "1 in 20 took more in 13 weeks; median 10",
            "most 37, 17 Nov 2011, 12:00",
        ),
        ("unattributed", pytest.approx(0.1485, abs=1e-4), "£1.45M of £9.75M", "135,080 lines"),
    ],
)
def test_a_figure_without_a_past_stands_beside_its_whole(name, value, part_of, period):
    found = figure(complete_report(), name)
    assert (found.value, found.no_change_reason, found.period) == (value, part_of, period)
    assert found.change is None


def test_a_share_by_month_has_its_change_and_its_history():
    returned = figure(complete_report(), "return_rate")
    rates = [row.return_rate for row in complete_report().department_figures.returns.rows]
    assert returned.trend == tuple(rates)
    assert returned.change == Change("October 2011", points=rates[-1] - rates[-2])
    assert returned.period == "£47.1k of £1.14M, November 2011"


def test_softness_is_the_range_over_the_choices():
    def row(key: str, share: float) -> SensitivityRow:
        return SensitivityRow(key, key, 4334, 100, 905, 0.2, 60, share)

    rows = (row("report", 0.64), row("returns", 0.66), row("wholesalers", 0.54))
    found = figure(replace(complete_report(), sensitivity=rows), "softness")
    assert found.value == 0.64
    assert found.no_change_reason == "54% to 66% under other choices"


def test_what_is_to_come_is_the_forecast_or_no_figure():
    report = complete_report()
    told = [figure(report, name) for name in ("projected", "expected_orders")]
    assert [(one.value, one.no_change_reason) for one in told] == [
        (3800 * 470, "£1.22M to £2.63M"), (3800, "2,600 to 5,600"),
    ]  # fmt: skip
    divided = replace(report, forecast=divided_forecast())
    assert figure(divided, "projected") is figure(divided, "expected_orders") is None
