"""Looking back: with a window, against last month's report, with decisions, or not at all."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from shops import build_files, made_up_lines, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.pipeline import BuildResult

LINES = made_up_lines(200, days=700)
DECISIONS = """
[[decision]]
segment = "Lost"
action = "A letter"
owner = "CRM"
since = 2024-03-15
"""


def build_month(folder: Path, month: str, lines=LINES, **given) -> BuildResult:
    source = write_csv(folder / "source" / "orders.csv", lines)
    cleaning = {"month": month, **given.pop("cleaning", {})}
    return build_files(source, folder / f"report-{month}", cleaning=cleaning, **given)


def adds_up(result: BuildResult) -> bool:
    movement = result.report.movement
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


def test_both_ends_of_the_movement_are_the_reports_own_figures(tmp_path: Path) -> None:
    """May's report, made with June's cuts, has the sizes that June's takes for the month before."""
    cuts = str(tmp_path / "cuts.toml")
    june = build_month(tmp_path, "2024-06", scoring={"cuts_file": cuts})
    may = build_month(tmp_path, "2024-05", scoring={"cuts_file": cuts})
    assert may.report.ruler.origin == "saved"
    assert adds_up(june)
    before = {bridge.segment: bridge.before_count for bridge in june.report.movement.bridges}
    assert before == {row.name: row.customer_count for row in may.report.segments.rows}
    now = {bridge.segment: bridge.now_count for bridge in june.report.movement.bridges}
    assert now == {row.name: row.customer_count for row in june.report.segments.rows}
    assert {r.name: r.previous_customer_count for r in june.report.segments.rows} == before


def test_what_last_months_report_said_otherwise_is_restated(tmp_path: Path) -> None:
    """A customer who bought in May is found only in the later file."""
    scoring = {"cuts_file": str(tmp_path / "cuts.toml")}
    may = build_month(tmp_path, "2024-05", scoring=scoring)
    late = [*LINES, "late,x1,2024-05-20,40.00"]
    june = build_month(
        tmp_path,
        "2024-06",
        late,
        scoring=scoring,
        report={"previous": str(tmp_path / "report-2024-05")},
    )
    assert adds_up(june)
    movement = june.report.movement
    assert movement.restated_from is not None
    assert sum(bridge.restated for bridge in movement.bridges) == 1
    assert sum(bridge.before_count for bridge in movement.bridges) == (
        may.report.segments.total.customer_count
    )
    assert [f.key for f in june.report.findings if f.key == "previous"] == []


@pytest.mark.parametrize(
    ("month", "given", "reason"),
    [
        ("2024-04", {}, "it is as of 2024-05-01, and a month ago was 2024-06-01"),
        ("2024-05", {"scheme": "ten"}, "its scheme is ten, and this report's five"),
        ("2024-05", {"cuts_file": "other"}, "it was measured with other cuts"),
    ],
)
def test_a_report_that_cannot_be_held_against_this_one_says_why(
    tmp_path: Path, month: str, given: dict[str, str], reason: str
) -> None:
    cuts = str(tmp_path / "cuts.toml")
    if "cuts_file" in given:
        given = {"cuts_file": str(tmp_path / "other.toml")}
    build_month(tmp_path, month, scoring={"cuts_file": cuts, **given})
    june = build_month(
        tmp_path,
        "2024-06",
        scoring={"cuts_file": str(tmp_path / "june.toml")},
        report={"previous": str(tmp_path / f"report-{month}")},
    )
    (finding,) = [f for f in june.report.findings if f.key == "previous"]
    assert finding.text.endswith(f"{reason}.")
    assert june.report.movement.restated_from is None


def test_with_a_window_customers_return_and_leave(tmp_path: Path) -> None:
    june = build_month(tmp_path, "2024-06", cleaning={"window_months": 6})
    assert adds_up(june)
    flows = june.report.movement.flows
    assert {flow.reason for flow in flows} >= {"returning", "new", "bought", "aged"}
    assert any(flow.now is None and flow.reason == "aged" for flow in flows)
    with (tmp_path / "report-2024-06" / "data" / "moved.csv").open(encoding="utf-8-sig") as file:
        moved = list(csv.DictReader(file))
    changed = sum(flow.customer_count for flow in flows if flow.before != flow.now)
    assert len(moved) == changed


def test_without_comparison_nothing_is_said_of_the_past_and_that_is_said(tmp_path: Path) -> None:
    report = build_month(tmp_path, "2024-06", report={"compare": False}).report
    assert report.movement is None
    assert report.holding is None
    assert report.sensitivity == ()
    assert report.segments.previous_as_of is None
    topics = {"What moved", "What they will be worth", "Do these segments hold?"}
    assert topics <= {untold.topic for untold in report.untold}


def test_a_short_history_is_said_to_be_one(tmp_path: Path) -> None:
    lines = [line for line in LINES if line.split(",")[2] < "2023-05-01"]
    report = build_month(tmp_path, "2023-04", lines).report
    assert report.movement is None
    topics = {"What moved", "What they will be worth", "Do these segments hold?"}
    reasons = [untold.reason for untold in report.untold if untold.topic in topics]
    assert len(reasons) == len(topics)
    assert all("too few" in reason for reason in reasons)


@pytest.mark.parametrize("compare", [True, False])
def test_decisions_are_told_with_and_without_comparison(tmp_path: Path, *, compare: bool) -> None:
    path = tmp_path / "decisions.toml"
    path.write_text(DECISIONS, encoding="utf-8")
    report = build_month(
        tmp_path, "2024-06", report={"decisions": str(path), "compare": compare}
    ).report
    (decided,) = report.decisions
    assert decided.customer_count is not None
    assert decided.now_count == report.segments.rows[-1].customer_count
