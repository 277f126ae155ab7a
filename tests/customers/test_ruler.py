"""The ruler: saved cuts where they fit, new ones where they do not, and what the report says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shops import build_files, made_up_lines, write_csv

from rfmreport.customers.cuts_file import read_cuts

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.pipeline import BuildResult

LINES = made_up_lines(200, days=700)


def build_month(tmp_path: Path, month: str, **given) -> BuildResult:
    source = write_csv(tmp_path / "source" / "orders.csv", LINES)
    scoring = {"cuts_file": str(tmp_path / "cuts.toml"), **given.pop("scoring", {})}
    cleaning = {"month": month, **given.pop("cleaning", {})}
    return build_files(source, tmp_path / month, cleaning=cleaning, scoring=scoring, **given)


def test_the_first_build_makes_the_cuts_and_the_next_ones_use_them(tmp_path: Path) -> None:
    april, may = build_month(tmp_path, "2024-04"), build_month(tmp_path, "2024-05")
    assert (april.report.ruler.origin, may.report.ruler.origin) == ("fitted", "saved")
    assert may.report.ruler.fitted_as_of == april.report.as_of
    labels = [(row.measure, row.score, row.label) for row in april.report.method.cuts]
    assert labels == [(row.measure, row.score, row.label) for row in may.report.method.cuts]
    assert may.report.ruler.drift
    assert (tmp_path / "2024-05" / "cuts.toml").read_bytes() == (
        tmp_path / "cuts.toml"
    ).read_bytes()


def test_a_refit_says_whom_it_alone_has_moved(tmp_path: Path) -> None:
    saved = build_month(tmp_path, "2023-08").report
    kept = build_month(tmp_path, "2024-06").report
    refitted = build_month(tmp_path, "2024-06", scoring={"refit": True}).report
    ruler = refitted.ruler
    assert (ruler.origin, ruler.fitted_as_of) == ("refitted", saved.as_of)
    assert ruler.moved_count == kept.ruler.moved_count > 0
    sizes = {row.name: row.customer_count for row in kept.segments.rows}
    for move in ruler.refit_moves:
        sizes[move.saved] -= move.customer_count
        sizes[move.refitted] += move.customer_count
    assert sizes == {row.name: row.customer_count for row in refitted.segments.rows}
    assert read_cuts(tmp_path / "cuts.toml").fitted_as_of == refitted.as_of


def test_cuts_of_other_rules_are_not_used_and_the_report_warns(tmp_path: Path) -> None:
    build_month(tmp_path, "2024-04")
    report = build_month(tmp_path, "2024-05", cleaning={"net_returns": True}).report
    assert report.ruler.origin == "refitted"
    assert report.ruler.refit_moves == ()
    (finding,) = [f for f in report.findings if f.key == "new_cuts"]
    assert "net_returns" in finding.text


def test_cuts_in_another_reports_folder_stay_as_they_are(tmp_path: Path) -> None:
    april = build_month(tmp_path, "2024-04", scoring={"cuts_file": None})
    cuts = tmp_path / "2024-04" / "cuts.toml"
    before = cuts.read_bytes()
    may = build_month(tmp_path, "2024-05", scoring={"cuts_file": str(cuts), "refit": True})
    assert april.report.ruler.origin == "fitted"
    assert may.report.ruler.origin == "refitted"
    assert cuts.read_bytes() == before
    assert (tmp_path / "2024-05" / "cuts.toml").read_bytes() != before


def test_fixed_cuts_are_neither_saved_nor_replaced(tmp_path: Path) -> None:
    bounds = {"recency_days": [30, 60, 90, 120], "order_count": [1, 2, 3, 5],
              "revenue": [10, 50, 100, 200]}  # fmt: skip
    fixed = {"method": "fixed", "cuts": bounds}
    result = build_month(tmp_path, "2024-04", scoring=fixed)
    assert result.report.ruler.origin == "fixed"
    assert "cuts.toml" not in result.files
    assert not (tmp_path / "cuts.toml").exists()
