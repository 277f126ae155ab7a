"""The departments' files: each figure as it was told, sums that tie, and nothing that runs."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from example_departments import departments_report, untold_figures
from example_report import HOSTILE
from example_summaries import complete_report, hostile_complete_report
from stages import ENGINE

from rfmreport.engine.ask import Engine
from rfmreport.engine.csv_files import FORMULA_STARTS
from rfmreport.folder.data_files import write_sheets
from rfmreport.sections.loyalty.page import OVERDUE as OVERDUE_SECTION
from rfmreport.sections.plan.page import SECTIONS as PLAN
from rfmreport.sections.products.habits_page import ENTRY_PRODUCTS, KEY_PRODUCTS, REPEAT_PRODUCTS
from rfmreport.sections.registry import DEPARTMENTS
from rfmreport.source import reading

if TYPE_CHECKING:
    from rfmreport.report import Report

ROOT = Path(__file__).resolve().parents[2]
OVERDUE = """
    SELECT * FROM VALUES
        ('=1+1', 'Lost', 4, 10.0::DOUBLE, 20, 50, DATE '2024-01-01', 100.0, 10.0),
        ('b', 'Best', 5, 7.5::DOUBLE, 9, 60, DATE '2024-01-02', 50.0, 50.0)
    AS drawn (customer_id, segment, order_day_count, usual_gap_days, longest_gap_days, silent_days,
              last_order_on, revenue, year_revenue)
"""


def written(report: Report, folder: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each file that is written for departments alone."""
    with reading.open_engine(ENGINE) as engine:
        asked = Engine(engine.con)
        asked.hold("overdue_customers", OVERDUE)
        files = (KEY_PRODUCTS, REPEAT_PRODUCTS, ENTRY_PRODUCTS, *OVERDUE_SECTION.sheets)
        of_plan = (sheet for section in PLAN for sheet in section.sheets)
        write_sheets(asked, report, folder, (*files, *of_plan))
    found = {}
    for path in sorted(folder.iterdir()):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    return written(complete_report(), tmp_path_factory.mktemp("figures"))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def test_months_that_know_no_segments_have_empty_cells(files) -> None:
    first, *_, last = files["months_by_segment"]
    assert (first["month"], first["revenue of Lost"], first["from_before_the_window"]) == (
        "2010-12", "", "",
    )  # fmt: skip
    parts = [last[name] for name in last if name.startswith("revenue of")]
    known = sum(map(Decimal, parts)) + Decimal(last["new_customers"])
    assert known == Decimal(last["revenue"])


def test_orders_are_written_by_day_of_the_week_and_hours(files) -> None:
    assert [row["when"] for row in files["orders_by_time"]][6:8] == ["Sunday", "06:00 to 09:00"]
    assert files["orders_by_time"][0]["mean_orders"] == "91.0"


def test_the_overdue_are_all_written_with_most_at_stake_first(files) -> None:
    assert [row["customer_id"] for row in files["overdue"]] == ["b", "'=1+1"]
    assert files["overdue_by_segment"][0]["customer_count"] == "903"
    assert files["overdue_check"][0]["dates"] == "2011-09-11 2011-06-13"


def test_products_that_stand_out_are_marked(files) -> None:
    assert [(row["product_code"], row["stands_out"]) for row in files["entry_products"]] == [
        ("22386", "yes"), ("20727", "yes"), ("22423", "no"),
    ]  # fmt: skip
    assert files["repeat_products"][0]["bought_again"] == "372"
    shares = [name for name in files["key_products"][0] if name.startswith("share of")]
    assert len(shares) == 5


def test_returns_are_written(files) -> None:
    assert [row["first_day"] for row in files["returns"]] == [
        "2011-09-01", "2011-10-01", "2011-11-01",
    ]  # fmt: skip


@pytest.mark.needs_source
def test_every_file_is_described(files) -> None:
    page = (ROOT / "docs" / "departments.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `data/(\w+)\.csv`", page, re.MULTILINE)
    declared = {one.name for section in DEPARTMENTS.values() for one in section.sheets}
    assert set(files) <= set(listed) <= set(files) | declared


def test_what_could_not_be_told_has_no_file(tmp_path: Path) -> None:
    assert written(departments_report(untold_figures()), tmp_path) == {}


def test_no_cell_runs_as_a_formula(tmp_path: Path) -> None:
    found = written(hostile_complete_report(), tmp_path)
    cells = [cell for rows in found.values() for row in rows for cell in (*row, *row.values())]
    assert HOSTILE in cells
    texts = [cell for cell in cells if cell and not cell.lstrip("-").replace(".", "").isdigit()]
    assert [cell for cell in texts if cell.startswith(FORMULA_STARTS) and "e-" not in cell] == []
