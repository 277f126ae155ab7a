"""Looking back: with a window, against last month's report, with decisions, or not at all."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from shops import build_files, made_up_lines, write_csv

from rfmreport.folder.report_folder import read_report_folder
from rfmreport.look_back import Given, look_back
from rfmreport.pipeline import build_report, told_shop
from rfmreport.settings import load_settings
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.pipeline import BuildResult
    from rfmreport.report import Report
    from rfmreport.settings import Settings

LINES = made_up_lines(200, days=700)
DECISIONS = """
[[decision]]
segment = "Lost"
action = "A letter"
owner = "CRM"
since = 2024-03-15
"""


def settings_of(folder: Path, month: str, lines=LINES, **given) -> Settings:
    source = write_csv(folder / "source" / "orders.csv", lines)
    cleaning = {"month": month, **given.pop("cleaning", {})}
    return load_settings(None, {"source": {"paths": [str(source)]}, "cleaning": cleaning, **given})


def build_month(folder: Path, month: str, **given) -> BuildResult:
    source = write_csv(folder / "source" / "orders.csv", LINES)
    cleaning = {"month": month, **given.pop("cleaning", {})}
    return build_files(source, folder / f"report-{month}", cleaning=cleaning, **given)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of what is built once; tests only read it."""
    built = tmp_path_factory.mktemp("months")
    (built / "decisions.toml").write_text(DECISIONS, encoding="utf-8")
    return built


@pytest.fixture(scope="module")
def may(folder: Path) -> BuildResult:
    """Build May's report with cuts of its own."""
    return build_month(folder, "2024-05", scoring={"cuts_file": str(folder / "may.toml")})


@pytest.fixture(scope="module")
def june(folder: Path, may: BuildResult) -> Report:
    """Build June's report with cuts of its own, after decisions and May's report."""
    known = {
        "previous": str(folder / "report-2024-05"),
        "decisions": str(folder / "decisions.toml"),
    }
    scoring = {"cuts_file": str(folder / "june.toml")}
    return build_month(folder, "2024-06", scoring=scoring, report=known).report


@pytest.fixture(scope="module")
def alone(folder: Path) -> Report:
    """Return June's report after decisions, not compared with the past."""
    known = {"decisions": str(folder / "decisions.toml"), "compare": False}
    return build_report(settings_of(folder, "2024-06", report=known))


def adds_up(report: Report) -> bool:
    movement = report.movement
    assert movement is not None
    return all(
        bridge.before_count
        + bridge.restated
        + bridge.new
        + bridge.returning
        + bridge.bought
        + bridge.aged
        == bridge.now_count
        for bridge in movement.bridges
    )


def test_both_ends_of_the_movement_are_the_reports_own_figures(folder: Path, june: Report) -> None:
    """May's report, made with June's cuts, has the sizes that June's takes for the month before."""
    scoring = {"cuts_file": str(folder / "june.toml")}
    may = build_report(settings_of(folder, "2024-05", scoring=scoring))
    assert may.ruler.origin == "saved"
    assert adds_up(june)
    before = {bridge.segment: bridge.before_count for bridge in june.movement.bridges}
    assert before == {row.name: row.customer_count for row in may.segments.rows}
    now = {bridge.segment: bridge.now_count for bridge in june.movement.bridges}
    assert now == {row.name: row.customer_count for row in june.segments.rows}
    assert {r.name: r.previous_customer_count for r in june.segments.rows} == before


def test_what_last_months_report_said_otherwise_is_restated(
    folder: Path, may: BuildResult, tmp_path: Path
) -> None:
    """A customer who bought in May is found only in the later file."""
    late = [*LINES, "late,x1,2024-05-20,40.00"]
    known = {"previous": str(folder / "report-2024-05")}
    scoring = {"cuts_file": str(folder / "may.toml")}
    june = build_report(settings_of(tmp_path, "2024-06", late, scoring=scoring, report=known))
    assert adds_up(june)
    movement = june.movement
    assert movement.restated_from is not None
    assert sum(bridge.restated for bridge in movement.bridges) == 1
    assert sum(bridge.before_count for bridge in movement.bridges) == (
        may.report.segments.total.customer_count
    )
    assert [f.key for f in june.findings if f.key == "previous"] == []


def test_a_report_with_other_cuts_cannot_be_held_against_this_one(june: Report) -> None:
    (finding,) = [f for f in june.findings if f.key == "previous"]
    assert finding.text.endswith("it was measured with other cuts.")
    assert june.movement.restated_from is None


def test_another_day_and_another_scheme_cannot_be_held_against_this_one(
    folder: Path, may: BuildResult
) -> None:
    written = read_report_folder(folder / "report-2024-05")
    cuts, watch = folder / "may.toml", Stopwatch()
    settings = settings_of(folder, "2024-06")
    with told_shop(settings, cuts, watch) as told:
        for changed, reason in (
            ({"as_of": date(2024, 5, 1)}, "it is as of 2024-05-01, and a month ago was 2024-06-01"),
            ({"scheme": "ten"}, "its scheme is ten, and this report's five"),
        ):
            given = Given(earlier_report=replace(written, **changed))
            report, _ = look_back(told.shop, given, replace(told.report, findings=()))
            (finding,) = [f for f in report.findings if f.key == "previous"]
            assert finding.text.endswith(f"{reason}.")
            assert report.movement.restated_from is None


def test_with_a_window_customers_return_and_leave(tmp_path: Path) -> None:
    june = build_month(tmp_path, "2024-06", cleaning={"window_months": 6}).report
    assert adds_up(june)
    flows = june.movement.flows
    assert {flow.reason for flow in flows} >= {"returning", "new", "bought", "aged"}
    assert any(flow.now is None and flow.reason == "aged" for flow in flows)
    with (tmp_path / "report-2024-06" / "data" / "moved.csv").open(encoding="utf-8-sig") as file:
        moved = list(csv.DictReader(file))
    changed = sum(flow.customer_count for flow in flows if flow.before != flow.now)
    assert len(moved) == changed


def test_without_comparison_nothing_is_said_of_the_past_and_that_is_said(alone: Report) -> None:
    assert alone.movement is None
    assert alone.holding is None
    assert alone.sensitivity == ()
    assert alone.segments.previous_as_of is None
    topics = {"What moved", "What they will be worth", "Do these segments hold?"}
    assert topics <= {untold.topic for untold in alone.untold}


def test_a_short_history_is_said_to_be_one(tmp_path: Path) -> None:
    lines = [line for line in LINES if line.split(",")[2] < "2023-05-01"]
    report = build_report(settings_of(tmp_path, "2023-04", lines))
    assert report.movement is None
    topics = {"What moved", "What they will be worth", "Do these segments hold?"}
    reasons = [untold.reason for untold in report.untold if untold.topic in topics]
    assert len(reasons) == len(topics)
    assert all("too few" in reason for reason in reasons)


@pytest.mark.parametrize("name", ["june", "alone"])
def test_decisions_are_told_with_and_without_comparison(
    request: pytest.FixtureRequest, name: str
) -> None:
    report = request.getfixturevalue(name)
    (decided,) = report.decisions
    assert decided.customer_count is not None
    assert decided.now_count == report.segments.rows[-1].customer_count
