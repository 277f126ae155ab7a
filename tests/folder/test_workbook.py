"""The workbook, read back as a spreadsheet reads it: typed, with filters, and nothing that runs."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from example_report import example_report, hostile_report
from python_calamine import CalamineWorkbook
from stages import engine_of

from rfmreport.folder import workbook
from rfmreport.kit.sheets import EngineSheet, Field, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.report import Report

SOLD = (("Jar", 3, Decimal("12.50"), date(2024, 1, 5)), ("=1+1", None, Decimal(0), None))
CUSTOMERS = EngineSheet(
    "customers",
    "One row per number.",
    "SELECT range AS customer_id, range * 1.5 AS revenue FROM range(5) ORDER BY customer_id",
    {"customer_id": "count", "revenue": "money"},
    lambda _: True,
)
DRAWN: tuple[Sheet | EngineSheet, ...] = (
    Sheet(
        "segments",
        "One row per product.",
        (
            Field("name", "", lambda row: row[0]),
            Field("pieces", "", lambda row: row[1], "count"),
            Field("revenue", "", lambda row: row[2], "money"),
            Field("first_day", "", lambda row: row[3], "day"),
        ),
        lambda _: SOLD,
    ),
    Sheet("movement", "Not told.", (), lambda _: None),
)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "declared_sheets", lambda: DRAWN)

    def write(report: Report) -> Path:
        path = tmp_path / workbook.NAME
        workbook.write_workbook(report, engine_of(), path, CUSTOMERS)
        return path

    return write


def rows_of(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def inside(path: Path) -> str:
    with zipfile.ZipFile(path) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


def test_numbers_days_and_texts_are_what_they_are(written) -> None:
    path = written(example_report())
    assert rows_of(path, "segments") == [
        ["name", "pieces", "revenue", "first day"],
        ["Jar", 3.0, 12.5, date(2024, 1, 5)],
        ["=1+1", "", 0.0, ""],
    ]
    assert rows_of(path, "customers")[1:3] == [[0.0, 0.0], [1.0, 1.5]]


def test_what_a_report_cannot_tell_has_no_sheet(written) -> None:
    names = CalamineWorkbook.from_path(str(written(example_report()))).sheet_names
    assert names == ["summary", "segments", "customers", "insights", "definitions"]


def test_headings_stay_in_sight_and_every_sheet_has_its_filter(written) -> None:
    text = inside(written(example_report()))
    assert text.count("<autoFilter ") == text.count('state="frozen"') == 5


def test_text_from_the_data_is_no_formula_and_no_link(written) -> None:
    report = hostile_report()
    link = replace(report.insights[0], headline="https://evil.example/=cmd", detail="=1+1")
    text = inside(written(replace(report, insights=(link, *report.insights))))
    assert "<f>" not in text
    assert "<hyperlink " not in text
    assert "=1+1" in text


def test_more_rows_than_a_sheet_has_stand_on_a_second_one(written, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    path = written(example_report())
    assert [len(rows_of(path, name)) for name in ("customers", "customers 2", "customers 3")] == [
        *(3, 3, 2)
    ]


def test_the_same_report_gives_the_same_bytes(written) -> None:
    assert written(example_report()).read_bytes() == written(example_report()).read_bytes()
