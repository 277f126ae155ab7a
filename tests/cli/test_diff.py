"""The command `diff`: prints the comparison, or JSON, and ends a bad folder in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commands import Ended, command_of
from report_folders import write_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run the command line in this process, in a folder with two reports."""
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "report-2011-10")
    write_folder(tmp_path / "report-2011-11", "2011-12-01", high=14, all=44)

    return command_of(monkeypatch, capsys, "diff")


def test_two_reports_are_compared(run):
    code, out, err = run("report-2011-10", "report-2011-11")
    assert (code, err) == (0, "")
    assert out.startswith("older  report-2011-10, as of 1 Nov 2011")
    assert "Comparable: " in out
    assert "10 -> 14       +4" in out


def test_the_same_report_has_no_difference(run):
    code, out, _ = run("report-2011-10", "report-2011-10")
    assert code == 0
    assert out.endswith("\nNo difference.\n")


def test_json_is_all_that_stands_on_standard_output(run):
    code, out, err = run("report-2011-11", "report-2011-10", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["is_same"], found["is_reversed"], found["not_a_trend"]) == (False, True, [])
    assert found["older"]["as_of"] == "2011-11-01"
    assert found["total"]["customer_change"] == 4
    assert [row["name"] for row in found["segments"]] == ["High-Value", "Lost"]


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("nowhere", "nowhere: no such folder"),
        ("empty", "empty: no manifest.json in it, so it is no report"),
        ("broken", "broken/manifest.json: not readable JSON"),
        ("foreign", "foreign/manifest.json: not a manifest of rfmreport"),
    ],
)
def test_a_folder_without_a_report_is_one_line(folder: str, message: str, run, tmp_path: Path):
    texts = {"broken": "{", "foreign": "{}"}
    if folder != "nowhere":
        (tmp_path / folder).mkdir()
    if folder in texts:
        (tmp_path / folder / "manifest.json").write_text(texts[folder])
    for arguments in (("report-2011-10", folder), (folder, "report-2011-10")):
        code, out, err = run(*arguments)
        assert (code, out) == (3, "")
        (line,) = err.splitlines()
        assert line.startswith(f"rfmreport: {message}")


@pytest.mark.parametrize("arguments", [(), ("report-2011-10",), ("a", "b", "c")])
def test_a_slip_in_typing_shows_the_usage(arguments: tuple[str, ...], run):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Usage: rfmreport diff" in err


def test_it_has_help(run):
    code, out, _ = run("--help")
    assert code == 0
    assert "rfmreport diff report-2011-10 report-2011-11" in " ".join(out.split())
