"""The library's door: what Python holds goes in, a report to look into comes out."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from shops import draw_here, made_up_lines, write_csv

import rfmreport
from rfmreport import Report, RfmReportError, build_report

LINES = made_up_lines(120, days=500)
OPTIONS = {"shop": "Lamps & more", "currency": "EUR", "compare": False}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("shop") / "orders.csv", LINES)


@pytest.fixture(scope="module")
def report(path: Path) -> Report:
    return build_report(path, **OPTIONS)


@pytest.fixture(scope="module")
def frame(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, parse_dates=["date"])


def test_a_report_says_in_one_line_whose_it_is(report: Report) -> None:
    assert len(repr(report)) < 300
    assert repr(report).startswith("<Report of Lamps & more as of 2024-05-")
    assert report.headline in repr(report)


def test_its_tables_are_frames_that_tie(report: Report) -> None:
    assert list(report.segments["name"])[:2] == ["High-Value", "Loyal Customers"]
    assert report.segments["customer_count"].sum() == len(report.customers) == 120
    assert report.segments["revenue"].sum() == report.customers["revenue"].sum()
    assert report.customers["revenue"].is_monotonic_decreasing
    assert list(report.customers)[:4] == ["customer_id", "recency_days", "order_count", "revenue"]


def test_its_insights_carry_their_numbers(report: Report) -> None:
    assert all(insight.numbers and insight.sample_size >= 30 for insight in report.insights)


def test_a_chart_is_found_by_its_section_and_shows_itself(report: Report) -> None:
    assert report.charts["map"] is report.charts["recency-frequency-map"]
    assert report.charts["map"]._repr_svg_().startswith("<svg")


def test_a_notebook_shows_page_one_alone(report: Report) -> None:
    shown = report._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "Lamps &amp;amp; more" in shown
    assert "id=&quot;summary&quot;" in shown
    assert "id=&quot;segments&quot;" not in shown


def test_it_prints_itself(report: Report) -> None:
    assert "<h1" in report.to_html() or "<h2" in report.to_html()
    assert report.to_pdf().startswith(b"%PDF-1.7")


def test_it_is_saved_as_the_command_saves_it(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_here(monkeypatch)
    files = report.save(tmp_path / "report")
    assert {"report.html", "manifest.json", "data/customers.csv"} <= set(files)
    saved = pd.read_csv(tmp_path / "report" / "data" / "customers.csv")
    assert list(saved["customer_id"]) == list(report.customers["customer_id"])


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "duckdb", "ibis", "paths"])
def test_the_same_lines_are_the_same_report(
    kind: str, report: Report, frame: pd.DataFrame, path: Path
) -> None:
    sources = {
        "pandas": lambda: frame,
        "polars": lambda: pl.from_pandas(frame),
        "arrow": lambda: pa.Table.from_pandas(frame),
        "duckdb": lambda: duckdb.from_df(frame),
        "ibis": lambda: ibis.memtable(frame),
        "paths": lambda: [str(path)],
    }
    found = build_report(sources[kind](), **OPTIONS)
    assert found.facts.segments == report.facts.segments


def test_an_option_reads_what_python_writes(frame: pd.DataFrame) -> None:
    renamed = frame.rename(columns={"customer": "who"})
    found = build_report(renamed, map={"customer": "who"}, as_of="2024-01-01", compare=False)
    assert str(found.facts.as_of) == "2024-01-01"


@pytest.mark.parametrize(
    ("sources", "options", "expected"),
    [
        ((), {}, "nothing to read; expected a path or several, a pandas"),
        ((3,), {}, "found int; expected a path"),
        (({"a": 1},), {}, "found dict; expected a path"),
        (("missing.csv",), {}, "missing.csv: no such file"),
        (("a.csv",), {"curency": "EUR"}, "unknown option 'curency'; did you mean 'currency'?"),
        (("a.csv",), {"currency": 3}, "currency: 3 is not text"),
        (("a.csv", pd.DataFrame({"a": [1]})), {}, "found str, DataFrame; expected several paths"),
    ],
)
def test_a_wrong_argument_gets_one_clear_line(sources, options, expected) -> None:
    with pytest.raises(RfmReportError, match=re.escape(expected)) as found:
        build_report(*sources, **options)
    assert "\n" not in str(found.value)


@pytest.mark.needs_source
def test_the_example_of_the_readme_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the README, with a folder of its own and without the seconds of a PDF."""
    draw_here(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_bytes(path.read_bytes())
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(example.replace("pdf=True", "pdf=False"), {})  # noqa: S102  our own README
    assert (tmp_path / "report" / "report.html").exists()


def test_the_version_is_the_packages() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", rfmreport.__version__)
