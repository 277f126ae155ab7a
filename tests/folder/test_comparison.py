"""Comparison: what differs between two reports, and what must not be called a trend."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_folders import CUTS, write_folder

from rfmreport.folder.comparison import Changed, MonthChange, compare_folders, compare_reports
from rfmreport.folder.report_folder import SegmentSize, WrittenReport
from rfmreport.sections.when.figures import Month
from rfmreport.source.audit import AuditRow

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.folder.comparison import Comparison

DECEMBER = "2011-12-01"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "older")


def compared(older: Path, as_of: str = DECEMBER, **changed) -> Comparison:
    return compare_folders(older, write_folder(older.parent / "newer", as_of, **changed))


def test_a_report_and_itself_have_no_difference(older: Path):
    for other in (older, write_folder(older.parent / "copy")):
        comparison = compare_folders(older, other)
        assert comparison.is_same
        assert comparison.not_a_trend == ()


def test_results_are_changes_where_all_else_is_alike(older: Path):
    comparison = compared(older, high=14, all=44, revenue="90.75", total="111.25", november="yes")
    assert comparison.not_a_trend == ()
    assert not comparison.is_same
    assert comparison.history.shared_count == 1
    high, lost = comparison.segments
    assert (high.customer_change, high.revenue_change) == (4, Decimal("8.75"))
    assert (lost.customer_change, lost.revenue_change) == (0, 0)
    assert comparison.total.customer_change == 4


def test_restated_history_is_no_trend_and_its_amounts_are_told(older: Path):
    comparison = compared(older, october="60")
    assert comparison.not_a_trend == (
        "history differs in 1 of 1 months that both cover: it was restated",
    )
    assert comparison.history.restated == (
        MonthChange(date(2011, 10, 1), Decimal("57.25"), Decimal(60), Decimal("2.75"), 20, 20, 0),
    )


def test_a_change_of_settings_is_named_and_may_be_why_history_differs(older: Path):
    comparison = compared(older, october="60", settings={"cleaning.net_returns": "True"})
    assert comparison.settings == (Changed("cleaning.net_returns", "False", "True"),)
    assert comparison.not_a_trend == (
        "history differs in 1 of 1 months that both cover; the settings may be why",
        "settings differ: cleaning.net_returns",
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"cleaning.as_of": DECEMBER},
        {"cleaning.month": "2011-11"},
        {"report.locale": "de_DE"},
        {"report.horizon_days": "60"},
        {"scoring.cuts_file": "cuts.toml"},
        {"report.shop": "North"},  # the other report says none
    ],
)
def test_settings_that_shape_no_figure_are_told_and_forbid_nothing(settings, older: Path):
    comparison = compared(older, settings=settings)
    assert [change.name for change in comparison.settings] == list(settings)
    assert comparison.not_a_trend == ()


def test_other_columns_forbid_the_comparison_but_for_those_that_are_only_shown(older: Path):
    columns = {"customer": "Card", "country": "Land"}
    comparison = compared(older, manifest={"columns": columns})
    assert comparison.settings == (
        Changed("columns.customer", "CustomerID", "Card"),
        Changed("columns.country", "Country", "Land"),
    )
    assert comparison.not_a_trend == ("settings differ: columns.customer",)


def test_contacts_that_are_mapped_forbid_no_comparison(older: Path):
    columns = {"customer": "CustomerID", "country": "Country"}
    contacts = {"email": "Mail", "phone": "Tel", "contact_name": "Who"}
    comparison = compared(older, manifest={"columns": columns | contacts})
    assert [change.name for change in comparison.settings] == [f"columns.{n}" for n in contacts]
    assert comparison.not_a_trend == ()


def test_a_setting_that_one_version_does_not_know_is_at_its_default(older: Path):
    assert compared(older, settings={"cleaning.cancellation_prefix": "C"}).settings == ()


def test_other_currencies_forbid_the_comparison(older: Path):
    comparison = compared(older, settings={"report.currency": "EUR"})
    assert comparison.not_a_trend == ("settings differ: report.currency",)


def test_other_cuts_are_told_with_their_bounds(older: Path):
    cuts = CUTS | {"order_count": {"bounds": [1, 4], "closed": "right"}}
    comparison = compared(older, manifest={"cuts": {"method": "quantile", "bins": 3, **cuts}})
    assert comparison.cuts == (
        Changed("order_count", "1, 2 (closed right)", "1, 4 (closed right)"),
    )
    assert comparison.not_a_trend == ("cuts differ: order_count",)


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"scheme": "ten", "scheme_cells_sha256": "d" * 64}, Changed("scheme", "five", "ten")),
        ({"scheme_cells_sha256": "d" * 64}, Changed("cells", "c" * 64, "d" * 64)),
    ],
)
def test_segments_of_other_schemes_are_not_compared(manifest, told: Changed, older: Path):
    comparison = compared(older, manifest=manifest)
    assert comparison.scheme == (told,)
    assert comparison.segments == ()
    assert comparison.not_a_trend == ("the schemes differ, so segments are not compared",)
    assert comparison.total.customer_change == 0


def test_segments_of_other_names_are_not_compared(older: Path):
    folder = write_folder(older.parent / "newer", DECEMBER)
    path = folder / "data/segments.csv"
    path.write_bytes(path.read_bytes().replace(b"Lost", b"Gone"))
    manifest = (folder / "manifest.json").read_text().replace("c" * 64, "d" * 64)
    (folder / "manifest.json").write_text(manifest)
    comparison = compare_folders(older, folder)
    assert comparison.scheme == (Changed("segments", "High-Value, Lost", "High-Value, Gone"),)
    assert comparison.segments == ()


def test_a_scheme_of_another_name_with_the_same_cells_is_the_same(older: Path):
    assert compared(older, manifest={"scheme": "our-five"}).scheme == ()


def test_no_time_between_them_is_no_trend(older: Path):
    comparison = compared(older, "2011-11-01", high=11)
    assert comparison.not_a_trend == (
        "both reports are as of 2011-11-01, so no time has passed between them",
    )


def test_a_file_that_was_changed_since_is_no_trend_and_no_same_report(older: Path):
    copy = write_folder(older.parent / "copy")
    path = copy / "data/audit.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    comparison = compare_folders(older, copy)
    assert not comparison.is_same
    assert comparison.altered == (f"{copy}/data/audit.csv",)
    assert "data/audit.csv was changed after the report was written" in comparison.not_a_trend[0]


def test_a_report_without_its_months_cannot_be_checked(older: Path):
    folder = write_folder(older.parent / "newer", DECEMBER)
    manifest = (folder / "manifest.json").read_text().replace("data/months.csv", "data/other.csv")
    (folder / "manifest.json").write_text(manifest)
    comparison = compare_folders(older, folder)
    assert not comparison.history.is_checked
    assert comparison.not_a_trend == (f"history cannot be checked: no data/months.csv in {folder}",)


def test_the_newer_one_may_be_named_first(older: Path):
    newer = write_folder(older.parent / "newer", DECEMBER, high=14)
    comparison = compare_folders(newer, older)
    assert comparison.is_reversed
    assert comparison == replace(compare_folders(older, newer), is_reversed=True)


def test_sources_versions_and_the_bridge_are_told(older: Path):
    sources = [{"name": "orders.csv", "sha256": "b"}, {"name": "late.csv", "sha256": "e"}]
    comparison = compared(
        older, read=112, read_amount="120",
        manifest={"sources": sources, "rfmreport": "0.2.0", "libraries": {"duckdb": "2.0.1"}},
    )  # fmt: skip
    assert comparison.sources == (
        Changed("orders.csv", "a" * 64, "b"),
        Changed("late.csv", "", "e"),
    )
    assert comparison.versions == (
        Changed("rfmreport", "0.1.0", "0.2.0"),
        Changed("duckdb", "2.0.0", "2.0.1"),
    )
    read, *rest = comparison.audit
    assert (read.older_line_count, read.newer_line_count) == (110, 112)
    assert (read.older_amount, read.newer_amount) == (115, 120)
    assert [row.label for row in rest] == ["No customer", "Analysed"]


# --- laws ---------------------------------------------------------------------------------------


def months(first_month: int, *rows: tuple[str, bool]) -> tuple[Month, ...]:
    return tuple(
        Month(date(2011, first_month + i, 1), is_complete, Decimal(revenue), 1, 1, 0)
        for i, (revenue, is_complete) in enumerate(rows)
    )


def written(**parts) -> WrittenReport:
    size = SegmentSize("All customers", 40, 1.0, Decimal(100), 1.0)
    report = WrittenReport(
        folder="a", versions={"rfmreport": "0.1.0"}, sources={}, columns={}, settings={},
        scheme="five", scheme_cells_sha256="c", cuts={},
        first_day=date(2011, 1, 10), last_day=date(2011, 3, 31), as_of=date(2011, 4, 1), audit={},
        segments=(replace(size, name="Best"),), total=size, altered=(),
        months=months(1, ("5", False), ("7", True), ("9", True)),
    )  # fmt: skip
    return replace(report, **parts)


def test_months_that_are_gone_or_were_added_are_told():
    shorter = written(
        first_day=date(2011, 3, 1), months=months(3, ("9", True), ("1", True)),
        as_of=date(2011, 5, 1),
    )  # fmt: skip
    comparison = compare_reports(written(), shorter)
    assert comparison.history.gone == (date(2011, 2, 1),)
    assert comparison.not_a_trend == (
        "1 month (2011-02 to 2011-02) of the older report, not covered by the newer one",
    )
    longer = written(
        first_day=date(2011, 1, 1), as_of=date(2011, 5, 1),
        months=months(1, ("6", True), ("7", True), ("9", True)),
    )  # fmt: skip
    comparison = compare_reports(written(), longer)
    assert comparison.history.added == (date(2011, 1, 1),)
    assert comparison.not_a_trend == (
        "1 month (2011-01 to 2011-01) in the newer report, before the older one begins",
    )


def test_months_that_a_window_leaves_behind_are_not_gone():
    window = {"cleaning.window_months": "2"}
    later = written(
        first_day=date(2011, 3, 1), as_of=date(2011, 5, 1), settings=window,
        months=months(3, ("9", True), ("1", True)),
    )  # fmt: skip
    assert compare_reports(written(settings=window), later).not_a_trend == ()


def test_no_shared_month_cannot_be_checked():
    later = written(as_of=date(2012, 1, 1), months=months(10, ("1", True)))
    reasons = compare_reports(written(), later).not_a_trend
    assert reasons[0] == "history cannot be checked: no month is complete in both reports"


money = st.decimals(-(10**9), 10**9, places=2)
amounts = st.integers(0, 10**6)


@st.composite
def some_reports(draw: st.DrawFn) -> WrittenReport:
    def size(name: str) -> SegmentSize:
        share = draw(st.floats(0, 1))
        return SegmentSize(name, draw(amounts), share, draw(money), share)

    rows = [(str(draw(money)), draw(st.booleans())) for _ in range(draw(st.integers(0, 4)))]
    keys = draw(st.sets(st.sampled_from(["read", "excluded", "kept"])))
    return written(
        segments=(size("Best"), size("Lost")),
        total=size("All customers"),
        months=draw(st.none() | st.just(months(1, *rows))),
        settings=draw(st.dictionaries(st.sampled_from(["cleaning.net_returns"]), st.text())),
        sources=draw(st.dictionaries(st.text(), st.text(), max_size=2)),
        audit={(key, ""): AuditRow(None, key, draw(amounts), 1, draw(money)) for key in keys},
    )


@given(report=some_reports())
def test_any_report_and_itself_have_no_difference(report: WrittenReport):
    comparison = compare_reports(report, replace(report, folder="elsewhere"))
    assert comparison.is_same
    assert comparison.not_a_trend == comparison.history.restated == comparison.settings == ()
    assert comparison.sources == comparison.scheme == comparison.cuts == comparison.versions == ()
    assert all(row.customer_change == row.revenue_change == 0 for row in comparison.segments)


@given(one=some_reports(), other=some_reports())
def test_swapping_the_sides_turns_every_sign(one: WrittenReport, other: WrittenReport):
    there, back = compare_reports(one, other), compare_reports(other, one)
    assert there.is_same == back.is_same
    for a, b in zip((*there.segments, there.total), (*back.segments, back.total), strict=True):
        assert (a.customer_change, a.revenue_change) == (-b.customer_change, -b.revenue_change)
        assert a.revenue_share_change == -b.revenue_share_change
    for a, b in zip(there.history.restated, back.history.restated, strict=True):
        assert (a.first_day, a.revenue_change) == (b.first_day, -b.revenue_change)
        assert a.order_count_change == -b.order_count_change
    swapped = {(c.name, c.newer, c.older) for c in (*back.settings, *back.sources)}
    assert {(c.name, c.older, c.newer) for c in (*there.settings, *there.sources)} == swapped
    bridges = [{(r.part, r.older_amount, r.newer_amount) for r in there.audit}]
    bridges.append({(r.part, r.newer_amount, r.older_amount) for r in back.audit})
    assert bridges[0] == bridges[1]
