"""Report folders: what a build wrote is read back, checked, and a foreign folder is told."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from report_folders import write_folder
from shops import build_files, made_up_lines, write_csv

from rfmreport.errors import InputError
from rfmreport.folder.report_folder import SegmentSize, read_report_folder
from rfmreport.sections.when.figures import Month

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_build_wrote_is_read_back(tmp_path: Path):
    source = write_csv(tmp_path / "orders.csv", made_up_lines(60, days=300))
    report = build_files(source, tmp_path / "report").report
    found = read_report_folder(tmp_path / "report")
    assert (found.first_day, found.last_day, found.as_of) == (
        report.first_day,
        report.last_day,
        report.as_of,
    )
    assert [row.name for row in found.segments] == [row.name for row in report.segments.rows]
    assert [row.revenue for row in found.segments] == [row.revenue for row in report.segments.rows]
    assert found.total.customer_count == report.segments.total.customer_count
    assert found.months is not None
    assert [(m.first_day, m.complete, m.revenue, m.order_count) for m in found.months] == [
        (m.first_day, m.complete, m.revenue, m.order_count) for m in report.months
    ]
    assert [(m.customer_count, m.returning_customer_count) for m in found.months] == [
        (m.customer_count, m.returning_customer_count) for m in report.months
    ]
    assert found.audit["read", "Read from the source"] == report.audit.read
    assert found.settings == report.method.settings
    assert found.columns == {use.role: use.heading for use in report.method.columns}
    assert list(found.sources) == ["orders.csv"]
    assert (found.scheme, found.altered) == ("five", ())
    assert found.scheme_cells_sha256


def test_a_folder_is_read_exactly(tmp_path: Path):
    found = read_report_folder(write_folder(tmp_path / "a"))
    assert found.segments[0] == SegmentSize("High-Value", 10, 0.25, Decimal(82), 0.8)
    assert found.cuts == {
        "method": "quantile",
        "bins": "3",
        "recency_days": "15, 34.5 (closed left)",
        "order_count": "1, 2 (closed right)",
        "revenue": "248.42, 1000 (closed right)",
    }
    assert found.months is not None
    assert found.months[1] == Month(date(2011, 10, 1), True, Decimal("57.25"), 20, 15, 5)


def test_files_of_one_name_keep_all_their_hashes(tmp_path: Path):
    sources = [{"name": "a.csv", "sha256": "2"}, {"name": "a.csv", "sha256": "1"}]
    sources.append({"name": "b.xlsx", "sheet": "May", "sha256": "3"})
    found = read_report_folder(write_folder(tmp_path / "a", manifest={"sources": sources}))
    assert found.sources == {"a.csv": "1, 2", "b.xlsx, sheet May": "3"}


def test_a_file_that_was_changed_since_is_named(tmp_path: Path):
    folder = write_folder(tmp_path / "a")
    path = folder / "data/segments.csv"
    path.write_bytes(path.read_bytes().replace(b"High-Value,10", b"High-Value,11"))
    assert read_report_folder(folder).altered == ("data/segments.csv",)


def test_a_report_without_its_months_is_read_all_the_same(tmp_path: Path):
    folder = write_folder(tmp_path / "a")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = [file for file in manifest["files"] if "months" not in file["path"]]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    # A file that the manifest does not name is not the report's.
    found = read_report_folder(folder)
    assert (found.months, found.altered) == (None, ())


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, r"no manifest\.json in it, so it is no report; name the folder"),
        ("", "not readable JSON"),
        ("{", "not readable JSON"),
        ("[" * 100_000, "not readable JSON"),
        ("[]", "not a manifest of rfmreport"),
        ('{"name": "npm"}', "not a manifest of rfmreport"),
        ('{"rfmreport": "0.1.0"}', "not a report as rfmreport writes it"),
        ('{"rfmreport": "0.1.0", "files": 3}', "not a report as rfmreport writes it"),
    ],
)
def test_a_folder_without_a_report_is_one_line(manifest: str | None, message: str, tmp_path: Path):
    folder = tmp_path / "a"
    folder.mkdir()
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match=message) as raised:
        read_report_folder(folder)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new"), [("82", "lots"), ("82", "NaN"), ("10,0.25", "ten,0.25"), ("name,", "nom,")]
)
def test_a_file_that_holds_something_else_is_one_line(old: str, new: str, tmp_path: Path):
    folder = write_folder(tmp_path / "a")
    path = folder / "data/segments.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(old, new, 1))
    with pytest.raises(InputError, match="not a report as rfmreport writes it"):
        read_report_folder(folder)


def test_a_folder_or_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="no such folder"):
        read_report_folder(tmp_path / "none")
    folder = write_folder(tmp_path / "a")
    (folder / "data/audit.csv").unlink()
    with pytest.raises(InputError, match=r"cannot be read .*; build the report again"):
        read_report_folder(folder)
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_report_folder(folder)
