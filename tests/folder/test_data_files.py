"""Exports: safe cells, exact money, and files that tie out."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis
import pyarrow.parquet
import pytest
from example_report import tiny_report
from example_sells import example_sells, sells_report
from example_worth import example_worth, modelled_worth, worth_report
from shops import build_files, customers_of, filed, made_up_lines, write_csv
from stages import engine_of

from rfmreport.folder.data_files import customer_sheet, write_insights, write_sheets
from rfmreport.sections.method.page import AUDIT
from rfmreport.sections.products.tables import EARLIER_LAUNCHES, FIRST_BUYERS, HOMES
from rfmreport.source.audit import Audit, AuditRow

if TYPE_CHECKING:
    from pathlib import Path

    from ibis.expr.types import Table

    from rfmreport.pipeline import BuildResult

BOM = b"\xef\xbb\xbf"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x")
HARMLESS = ("17850", "a=b", "O'Brien", 'say "x"', "a,b", "a;b", "Müller 顧客", "'=quoted", "0012")


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


CUSTOMER_COLUMNS = (
    *("customer_id", "recency_days", "order_count", "revenue", "recency_score"),
    *("frequency_score", "monetary_score", "segment", "first_order_on", "last_order_on"),
)


def exported(customers: Table, folder: Path) -> list[dict[str, str]]:
    engine = engine_of(exported=customers)
    write_sheets(engine, tiny_report(), folder, (customer_sheet(engine, "exported"),))
    return read_csv(folder / "customers.csv")


def named(*names: str, segment: str = "All", revenue: str = "1") -> Table:
    """Hold customers of these names; the drawn table would take the blanks off them."""
    one = customers_of(f"revenue\n{revenue}").mutate(segment=ibis.literal(segment))
    tables = [one.mutate(customer_id=ibis.literal(name)) for name in names]
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildResult, Path]:
    """Build the report of a small shop once; tests only read it."""
    folder = tmp_path_factory.mktemp("built")
    lines = made_up_lines(120, days=400)
    lines += ["=cmd|' /C calc'!A0,o90000,2024-01-15,5.25", ",o90001,2024-01-16,9.99"]
    lines += ["c001,o90002,2024-01-17,-3.10", "c002,o90003,soon,8"]
    source = write_csv(folder / "orders.csv", lines)
    return build_files(source, folder / "report", parquet=True), folder / "report"


# --- customers.csv ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMULAS)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(name: str, tmp_path: Path) -> None:
    (row,) = exported(named(name), tmp_path)
    assert row["customer_id"] == "'" + name


@pytest.mark.parametrize("name", HARMLESS)
def test_other_text_stays_as_it_is(name: str, tmp_path: Path) -> None:
    (row,) = exported(named(name), tmp_path)
    assert row["customer_id"] == name


def test_a_segment_name_is_made_safe_too(tmp_path: Path) -> None:
    (row,) = exported(named("a", segment="=1+1"), tmp_path)
    assert row["segment"] == "'=1+1"


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    (row,) = exported(named("a", revenue="-5.25"), tmp_path)
    assert row["revenue"] == "-5.25"


def test_the_file_begins_with_a_byte_order_mark_and_its_columns(tmp_path: Path) -> None:
    exported(named("a"), tmp_path)
    head = (tmp_path / "customers.csv").read_bytes().splitlines()[0]
    assert head == BOM + ",".join(CUSTOMER_COLUMNS).encode()


def test_most_revenue_comes_first_then_the_customer_id(tmp_path: Path) -> None:
    rows = exported(customers_of("customer_id | revenue\nb | 5\nc | 50\na | 5\nd | -1"), tmp_path)
    assert [row["customer_id"] for row in rows] == ["c", "a", "b", "d"]


def test_the_order_holds_for_many_customers(tmp_path: Path) -> None:
    """The engine may write in parallel and out of order; here it may not."""
    many = ibis.range(200_000).unnest().name("n").as_table()
    many = many.mutate(customer_id=many.n.cast("string"), revenue=(many.n * 7919) % 100_003)
    columns = {c: ibis.literal(1) for c in CUSTOMER_COLUMNS if c not in {"customer_id", "revenue"}}
    rows = exported(many.mutate(**{**columns, "segment": ibis.literal("All")}), tmp_path)
    keys = [(-float(row["revenue"]), row["customer_id"]) for row in rows]
    assert len(keys) == 200_000
    assert keys == sorted(keys)


def test_customers_add_up_to_the_report(built: tuple[BuildResult, Path]) -> None:
    result, folder = built
    rows = read_csv(folder / "data/customers.csv")
    segments = result.report.segments
    assert sum(Decimal(row["revenue"]) for row in rows) == segments.total.revenue
    assert sum(int(row["order_count"]) for row in rows) == segments.total.order_count
    counts = Counter(row["segment"] for row in rows)
    assert {s.name: s.customer_count for s in segments.rows} == {
        s.name: counts[s.name] for s in segments.rows
    }
    for segment in segments.rows:
        revenue = sum(Decimal(r["revenue"]) for r in rows if r["segment"] == segment.name)
        assert revenue == segment.revenue


def test_parquet_equals_the_csv(built: tuple[BuildResult, Path]) -> None:
    _, folder = built
    rows = read_csv(folder / "data/customers.csv")
    held = pyarrow.parquet.read_table(folder / "data/customers.parquet")
    assert tuple(held.column_names)[: len(CUSTOMER_COLUMNS)] == CUSTOMER_COLUMNS
    table = held.to_pylist()
    assert "=cmd|' /C calc'!A0" in {row["customer_id"] for row in table}
    for row, other in zip(rows, table, strict=True):
        assert row["customer_id"].removeprefix("'") == other["customer_id"].removeprefix("'")
        assert float(row["revenue"]) == float(other["revenue"])
        assert row["last_order_on"] == str(other["last_order_on"])


# --- the other files ----------------------------------------------------------------------------


def test_segments_csv_is_the_table_of_the_report(built: tuple[BuildResult, Path]) -> None:
    result, folder = built
    rows = read_csv(folder / "data/segments.csv")
    insights = (folder / "data/insights.json").read_text(encoding="utf-8")
    total = json.loads(insights, parse_float=Decimal)["totals"]["segments"]
    assert [row["name"] for row in rows] == [row.name for row in result.report.segments.rows]
    for name in ("customer_count", "revenue", "order_count"):
        assert sum(Decimal(row[name]) for row in rows) == Decimal(total[name])
    assert (folder / "data/segments.csv").read_bytes().startswith(BOM)


def test_segment_names_and_impacts_are_safe_and_numbers_exact(
    built: tuple[BuildResult, Path],
) -> None:
    report = built[0].report
    first = replace(
        report.segments.rows[0],
        name="=1+1",
        impact="@risk",
        revenue=Decimal("-1E+3"),
        median_revenue=Decimal("10.10"),
    )
    hostile = replace(report, segments=replace(report.segments, rows=(first,)))
    (row,) = filed("segments", hostile)
    assert (row["name"], row["impact"]) == ("'=1+1", "'@risk")
    assert (row["revenue"], row["median_revenue"]) == ("-1000", "10.1")


def test_audit_csv_ties(built: tuple[BuildResult, Path]) -> None:
    _, folder = built
    rows = read_csv(folder / "data/audit.csv")
    read, kept = rows[0], next(row for row in rows if row["part"] == "kept")
    excluded = [row for row in rows if row["part"] == "excluded"]
    assert {row["exclusion"] for row in excluded} == {
        "unreadable_date", "missing_customer", "non_positive_price",
    }  # fmt: skip
    for column in ("lines", "orders", "amount"):
        parts = [kept, *excluded]
        assert sum(Decimal(row[column]) for row in parts) == Decimal(read[column])


def test_audit_csv_writes_money_without_exponent_and_returns_apart(tmp_path: Path) -> None:
    kept = AuditRow(None, "Analysed", 2, 2, Decimal("100.0000"))
    audit = Audit(
        read=AuditRow(None, "Read", 3, 3, Decimal("97.5000")),
        excluded=(AuditRow("cancellation", "-Cancelled", 1, 1, Decimal("-2.5000")),),
        kept=kept,
        kept_adjustments=(AuditRow(None, "of which returns", 1, 1, Decimal(-20)),),
    )
    write_sheets(engine_of(), replace(tiny_report(), audit=audit), tmp_path, [AUDIT])
    assert (tmp_path / "audit.csv").read_text(encoding="utf-8-sig") == (
        "part,exclusion,label,lines,orders,amount\n"
        "read,,Read,3,3,97.5\n"
        "excluded,cancellation,'-Cancelled,1,1,-2.5\n"
        "kept,,Analysed,2,2,100\n"
        "of which kept,,of which returns,1,1,-20\n"
    )


def test_insights_json_holds_every_insight_and_recommendation(
    built: tuple[BuildResult, Path], tmp_path: Path
) -> None:
    report = built[0].report
    write_insights(report, tmp_path / "insights.json")

    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is no JSON")

    content = json.loads((tmp_path / "insights.json").read_text("utf-8"), parse_constant=refuse)
    assert [one["key"] for one in content["insights"]] == [one.key for one in report.insights]
    assert [one["title"] for one in content["recommendations"]] == [
        one.title for one in report.recommendations
    ]
    for written, insight in zip(content["insights"], report.insights, strict=True):
        assert set(written["numbers"]) == set(insight.numbers)
        assert written["sample_size"] == insight.sample_size
        assert Decimal(str(written["worth"])) == insight.worth


# --- days, hours, concentration ------------------------------------------------------------------


def test_what_launches_are_held_against_and_who_was_first_are_written(tmp_path: Path) -> None:
    sells = example_sells()
    write_sheets(None, sells_report(), tmp_path, (EARLIER_LAUNCHES, FIRST_BUYERS, HOMES))
    earlier = read_csv(tmp_path / "earlier_launches.csv")
    assert earlier[-1] == {
        "week": "12", "launch_count": "570", "lower_quartile": "2.0", "median": "23.0",
        "upper_quartile": "64.0",
    }  # fmt: skip
    buyers = read_csv(tmp_path / "first_buyers.csv")
    assert sum(int(row["taker_count"]) for row in buyers) == sells.launches.taker_count
    assert buyers[0]["segment"] == "High-Value"
    (home,) = read_csv(tmp_path / "segment_countries.csv")
    assert (home["segment"], home["country"]) == ("Loyal Customers", "Germany")
    assert (home["customers"], home["country_customers"]) == ("31", "94")


def test_of_launches_without_a_past_nothing_empty_is_written(tmp_path: Path) -> None:
    sells = example_sells()
    alone = replace(sells, affinity=None, launches=replace(sells.launches, earlier=(), takers=()))
    report = replace(sells_report(), sells=alone)
    write_sheets(None, report, tmp_path, (EARLIER_LAUNCHES, FIRST_BUYERS, HOMES))
    assert list(tmp_path.iterdir()) == []


# --- what is to come ----------------------------------------------------------------------------


def test_what_was_tried_is_written_with_its_error_and_why_it_is_not_used() -> None:
    report = worth_report(modelled_worth())
    used, refused, _, before = filed("forecast_trials", report)
    assert (used["way"], used["kind"], used["used"]) == ("MBG/NBD", "model", "yes")
    assert (used["as_of"], used["days"], used["customers"]) == ("2011-09-11", 90, 3368)
    assert (used["predicted_orders"], used["actual_orders"]) == (4300, 4460)
    assert used["order_error"] == 4300 / 4460 - 1
    assert used["revenue_error"] == 2_600_000 / 2_803_231 - 1
    assert (refused["used"], refused["refusal"]) == ("no", "it foretold too many")
    assert refused["predicted_revenue"] is None
    assert [row["one_order_is"] for row in (used, before)] == ["a day with orders", "an order"]
    (spend,) = filed("spend_test", report)
    assert list(spend) == ["rank_correlation", "link", "customer_count", "refusal"]
    assert list(spend.values())[:3] == [0.205, "weak", 2800]


def test_what_was_not_tried_is_not_written() -> None:
    report = worth_report(replace(example_worth(), trials=()))
    assert filed("forecast_trials", report) == filed("spend_test", report) == []


def test_the_forecast_is_written_with_what_says_so_and_what_came_before() -> None:
    report = worth_report()
    ahead, *_ = rows = filed("forecast", report)
    assert [(row["span"], row["of"]) for row in rows] == [
        ("days ahead", "orders"), ("days ahead", "revenue"),
        ("rest of the month", "orders"), ("rest of the month", "revenue"),
    ]  # fmt: skip
    assert [ahead[name] for name in ("value", "low", "by_season", "by_model", "a_year_before")] == [
        3800, 2600, 3500, None, 2910,
    ]  # fmt: skip
    checks = filed("forecast_checks", report)
    assert [(row["of"], row["said"], row["came"]) for row in checks][::2] == [
        ("orders", 4000, 6300), ("revenue", 4000 * 470, 6300 * 480),
    ]  # fmt: skip


def test_segments_to_come_are_written_with_customers_still_to_be_won() -> None:
    report = worth_report()
    written = filed("worth", report)
    assert written[-1]["segment"] == "Customers still to be won"
    parts = sum(row["revenue"] for row in written)
    assert parts == pytest.approx(report.forecast.ahead.revenue.value)
