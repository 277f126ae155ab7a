"""Checks: what is asked of a report, and which verdict the figures give."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from example_summaries import complete_report
from example_worth import divided_forecast, example_forecast

from rfmreport.formats import Formats
from rfmreport.models.forecast import Record
from rfmreport.models.intervals import estimate_difference, estimate_share
from rfmreport.report import DepartmentFigures
from rfmreport.sections.hold.figures import SensitivityRow
from rfmreport.sections.method.checks import Check, check_words, checks_of

FORMATS = Formats("en_GB", "GBP")


def found(report, name: str) -> Check | None:
    return next((one for one in checks_of(report, FORMATS) if one.name == name), None)


def test_the_account_holds_while_lines_and_money_add_up_and_fails_by_one():
    report = complete_report()
    assert found(report, "Account of every line") == Check(
        "Account of every line",
        "holds",
        "541,909 lines read = 396,337 kept + 145,572 left out; the money too, to the cent",
    )
    for wrong in (
        replace(report.audit.kept, line_count=report.audit.kept.line_count + 1),
        replace(report.audit.kept, amount=report.audit.kept.amount + Decimal("0.01")),
    ):
        changed = replace(report, audit=replace(report.audit, kept=wrong))
        assert found(changed, "Account of every line").verdict == "fails"


def test_the_segments_sum_to_what_was_kept_or_the_check_fails():
    report = complete_report()
    assert found(report, "Sum of the segments").verdict == "holds"
    first, *rest = report.segments.rows
    rows = (replace(first, revenue=first.revenue + Decimal("0.01")), *rest)
    changed = replace(report, segments=replace(report.segments, rows=rows))
    assert found(changed, "Sum of the segments").verdict == "fails"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("in order", "in order"), "holds"),
        (("in order", "unclear"), "soft"),
        (("in order", "wrong order"), "fails"),
        (("too few", "in order"), "holds"),
    ],
)
def test_the_order_of_the_segments_is_judged_by_its_worst_pair(verdicts, expected):
    report = complete_report()
    pairs = zip(report.holding.neighbours, verdicts, strict=False)
    neighbours = tuple(replace(pair, verdict=verdict) for pair, verdict in pairs)
    changed = replace(report, holding=replace(report.holding, neighbours=neighbours))
    assert found(changed, "Order of the segments").verdict == expected


@pytest.mark.parametrize(
    ("overdue", "on_time", "expected"),
    [((100, 400), (300, 400), "holds"), ((100, 200), (101, 200), "soft"),
     ((300, 400), (100, 400), "fails")],
)  # fmt: skip
def test_the_rule_for_overdue_customers_is_judged_by_its_interval(overdue, on_time, expected):
    report = complete_report()
    figures = report.department_figures
    trial = replace(
        figures.rhythm.trial,
        overdue=estimate_share(*overdue),
        on_time=estimate_share(*on_time),
        difference=estimate_difference(*overdue, *on_time),
    )
    changed = replace(
        report,
        department_figures=replace(figures, rhythm=replace(figures.rhythm, trial=trial)),
    )
    assert found(changed, "Rule for overdue customers").verdict == expected


def row(key: str, share: float) -> SensitivityRow:
    return SensitivityRow(key, key.title(), 4000, Decimal(100), 800, 0.2, Decimal(60), share)


def test_a_choice_that_moves_little_holds_and_one_that_moves_much_is_named():
    report = complete_report()
    steady = replace(report, sensitivity=(row("report", 0.64), row("returns", 0.65)))
    soft = replace(report, sensitivity=(row("report", 0.64), row("wholesalers", 0.54)))
    assert found(steady, "Choices made otherwise").verdict == "holds"
    assert found(soft, "Choices made otherwise").verdict == "soft"
    assert "−10.0 pts: Wholesalers" in found(soft, "Choices made otherwise").evidence


def test_what_cannot_be_checked_is_left_out():
    bare = replace(
        complete_report(),
        holding=None,
        worth=None,
        forecast=None,
        sensitivity=(),
        department_figures=DepartmentFigures(),
    )
    names = [check.name for check in checks_of(bare, FORMATS)]
    assert names == ["Account of every line", "Sum of the segments"]


def test_the_words_name_what_fails_and_what_to_read_with_care():
    def check(name: str, verdict: str) -> Check:
        return Check(name, verdict, "")

    holding = [check("A", "holds"), check("B", "holds")]
    assert check_words(holding, FORMATS) == "Each of the 2 checks holds"
    assert check_words([check("A", "holds"), check("B", "soft")], FORMATS) == (
        "1 of 2 checks hold and none fails; read with care: b"
    )
    assert check_words([check("A", "fails"), check("B", "soft"), check("C", "soft")], FORMATS) == (
        "0 of 3 checks hold; a fails; read with care: b and c"
    )
    many = [check(name, "soft") for name in "ABCDE"]
    assert check_words(many, FORMATS).endswith("read with care: a, b and 3 more")


@pytest.mark.parametrize(
    ("error", "held", "is_divided", "expected"),
    [(0.09, 15, False, "holds"), (0.2, 15, False, "soft"), (0.09, 14, False, "soft"),
     (0.09, 15, True, "soft")],
)  # fmt: skip
def test_the_forecast_holds_where_it_was_near_and_its_ranges_held(
    error, held, is_divided, expected
):
    forecast = divided_forecast() if is_divided else example_forecast()
    record = Record(17, held, math.log1p(error))
    ahead = replace(forecast.ahead, revenue_record=record)
    said = found(
        replace(complete_report(), forecast=replace(forecast, ahead=ahead)), "What is to come"
    )
    assert said.verdict == expected
    assert "(up to 10% holds)" in said.evidence
    assert said.evidence.endswith("differ by more than half") == is_divided


@pytest.mark.parametrize(
    ("said", "inside", "expected"),
    [(0.57, 8, "holds"), (0.47, 8, "holds"), (0.57, 1, "soft"), (0.47, 5, "soft"),
     (0.47, 1, "fails")],
)  # fmt: skip
def test_chances_that_miss_in_all_and_in_most_groups_fail(said, inside, expected):
    """570 of 1,000 ordered; of eight groups with the same share so many were said right."""
    report = complete_report()
    response = report.worth.response
    observed = estimate_share(570, 1000)
    checked = replace(response.checked, predicted=said, observed=observed)
    groups = tuple(
        replace(response.groups[0], predicted=0.57 if n < inside else 0.3, observed=observed)
        for n in range(8)
    )
    changed = replace(response, checked=checked, groups=groups)
    worth = replace(report.worth, response=changed)
    assert found(replace(report, worth=worth), "Chances to order").verdict == expected
