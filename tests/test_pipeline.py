"""The pipeline: same input, same bytes; the order of the rows is nothing; all of it adds up."""

from __future__ import annotations

import dataclasses
import random
import re
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pypdf import PdfReader
from shops import (
    A_YEAR_GIVES,
    PRODUCT_HEADING,
    build_files,
    made_up_lines,
    with_products,
    with_times,
    write_csv,
)

from rfmreport.errors import NothingToReportError, RfmReportError, SettingsError
from rfmreport.pipeline import build_report
from rfmreport.settings import load_settings
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from pathlib import Path

    from shops import Told

    from rfmreport.report import Report

SCHEMES = ("five", "ten", "eleven", "six")


def report_of(path: Path, **given: dict[str, object]) -> Report:
    return build_report(load_settings(None, {"source": {"paths": [str(path)]}, **given}))


def assert_it_adds_up(report: Report) -> None:
    """Check every sum that a reader could check."""
    table, audit = report.segments, report.audit
    rows, total = table.rows, table.total
    assert sum(row.customer_count for row in rows) == total.customer_count
    assert sum(row.order_count for row in rows) == total.order_count
    assert sum(row.revenue for row in rows) == total.revenue
    assert sum(row.customer_share for row in rows) == pytest.approx(1)
    for name in ("line_count", "order_count", "amount"):
        parts = (audit.kept, *audit.excluded)
        assert sum(getattr(row, name) for row in parts) == getattr(audit.read, name), name
    assert audit.kept.amount == total.revenue
    assert sum(month.revenue for month in report.months) == total.revenue
    assert sum(month.order_count for month in report.months) == total.order_count
    cells = report.rfm_map.cells
    assert sum(cell.customer_count for cell in cells) == total.customer_count
    assert sum(cell.revenue for cell in cells) == total.revenue
    for distribution in report.distributions:
        counted = sum(one.customer_count for one in distribution.bins)
        assert counted == total.customer_count
        cuts = [row for row in report.method.cuts if row.measure == distribution.measure]
        assert sum(row.customer_count for row in cuts) == total.customer_count
    assert report.first_day <= report.last_day < report.as_of


# --- the e-mails --------------------------------------------------------------------------------

EMAIL = {"sender": "Reports <r@shop.example>", "management": ["board@shop.example"]}


def test_the_e_mail_carries_the_report_that_names_no_customer(tmp_path: Path) -> None:
    lines = [line.replace("c", "customer-", 1) for line in made_up_lines(200, days=500)]
    # Every fourth day, eight times, and then silent for five weeks or more: they have slipped.
    lines += [
        f"customer-9{who},s{who}-{n},{date(2024, 5, 14) - timedelta(days=35 + 8 * who + 4 * n)},50"
        for who in range(10)
        for n in range(8)
    ]
    source = write_csv(tmp_path / "orders.csv", lines)
    result = build_files(source, tmp_path / "report", email=EMAIL)
    assert {"email/management.eml", "report.pdf"} <= set(result.files)
    content = (tmp_path / "report/email/management.eml").read_bytes()
    message = message_from_bytes(content, policy=default)
    (pdf,) = message.iter_attachments()
    assert pdf.get_content() == (tmp_path / "report/report.pdf").read_bytes()
    pages = PdfReader(tmp_path / "report/report.pdf").pages
    assert "customer-" in (tmp_path / "report/report.html").read_text(encoding="utf-8")
    assert "customer-" not in "".join(page.extract_text() for page in pages)


def test_e_mails_for_nobody_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nobody is to get an e-mail"):
        build_files(tmp_path / "no.csv", tmp_path / "report", email={"sender": "r@shop.example"})


# --- the same again -----------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """A process of its own, and this one: nothing can be shared but the input."""
    source = write_csv(tmp_path / "orders.csv", made_up_lines(150, days=420))
    folders = [tmp_path / name for name in ("one", "two")]
    build_files(source, folders[0], pdf=True, parquet=True)
    command = [sys.executable, "-m", "rfmreport", "build", str(source), "--pdf", "--parquet", "-o"]
    subprocess.run([*command, str(folders[1])], stdout=subprocess.DEVNULL, check=True)
    one, two = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders
    )
    made_besides = {"report.pdf", "data/customers.parquet"}
    assert {path.as_posix() for path in one} == A_YEAR_GIVES | made_besides
    different = [path.as_posix() for path in one if one[path] != two.get(path)]
    assert different == []


def test_a_report_built_again_over_itself_says_what_it_said(tmp_path: Path) -> None:
    """The second build finds the cuts of the first."""
    source = write_csv(tmp_path / "orders.csv", made_up_lines(60, days=200))
    written = []
    for _ in range(2):
        build_files(source, tmp_path / "report")
        found = (p for p in (tmp_path / "report").rglob("*") if p.is_file())
        written.append({path.name: path.read_bytes() for path in found})
    assert written[0] == written[1]


def test_the_order_of_the_rows_and_where_the_file_lies_are_nothing(tmp_path: Path) -> None:
    lines = made_up_lines(100, days=300)
    shuffled = random.Random(3).sample(lines, len(lines))  # noqa: S311  an example, no secret
    reports = [
        report_of(write_csv(tmp_path / str(number) / "orders.csv", order))
        for number, order in enumerate((lines, lines, lines[::-1], shuffled))
    ]
    assert reports[0] == reports[1]
    sourceless = [
        dataclasses.replace(report, method=dataclasses.replace(report.method, sources=()))
        for report in reports[1:]
    ]
    assert sourceless[0] == sourceless[1] == sourceless[2]


# --- it adds up ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_sum_holds_under_each_scheme(scheme: str, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(200, days=500))
    report = report_of(source, scoring={"scheme": scheme})
    assert_it_adds_up(report)
    assert report.segments.total.customer_count == 200
    assert report.method.scheme_name == scheme
    assert report.insights
    # Orders that fall by chance may make segments that do not hold: then nothing is advised.
    failed = report.holding and report.holding.verdict == "did not hold"
    assert bool(report.playbook) != bool(failed)
    assert bool(report.no_advice) == bool(failed)


line = st.tuples(
    st.sampled_from([f"c{n}" for n in range(12)] + ["", "=1+1", "Müller, A."]),
    st.sampled_from([f"o{n}" for n in range(25)] + ["C7", "A3", ""]),
    st.one_of(
        st.dates(date(2023, 11, 1), date(2024, 3, 10)).map(str), st.sampled_from(["", "soon"])
    ),
    st.one_of(st.decimals("-20", "400", places=2).map(str), st.sampled_from(["", "gratis", "1e3"])),
)


@given(
    lines=st.lists(line, min_size=1, max_size=60),
    net_returns=st.booleans(),
    window_months=st.sampled_from([None, 1, 2]),
)
@examples(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_small_shop_gets_a_report_that_adds_up_or_a_reason_for_none(
    lines: list[tuple], net_returns: bool, window_months: int | None, tmp_path: Path
) -> None:
    """An order has one customer and one day, as in a shop; all else may be wrong."""
    seen: dict[str, tuple] = {}
    rows = []
    for customer, order, day, amount in lines:
        customer, day = seen.setdefault(order, (customer, day)) if order else (customer, day)  # noqa: PLW2901
        rows.append(f'"{customer}",{order},{day},{amount}')
    source = write_csv(tmp_path / "orders.csv", rows)
    cleaning = {"net_returns": net_returns, "window_months": window_months}
    try:
        report = report_of(source, cleaning=cleaning)
    except RfmReportError:
        return
    assert_it_adds_up(report)


def test_a_month_without_orders_stops_nothing(tmp_path: Path) -> None:
    """Orders in January and February, none in March, some in April."""
    lines = [
        f"c{n},o{n}{month},2024-{month:02}-{day:02},10"
        for month, day in ((1, 1), (1, 20), (2, 5), (4, 8))
        for n in range(8)
    ]
    report = report_of(write_csv(tmp_path / "orders.csv", lines))
    assert [month.order_count for month in report.months][2] == 0
    assert_it_adds_up(report)


def test_a_return_after_the_last_purchase_is_in_the_sums(tmp_path: Path) -> None:
    """The last purchase is of 9 February, the return of the 20th: kept or left out, not both."""
    lines = [f"c{n},o{n}{day},2024-02-0{day},10" for n in range(6) for day in range(1, 4 + n)]
    source = write_csv(tmp_path / "orders.csv", [*lines, "c1,C77,2024-02-20,-4"])
    assert_it_adds_up(report_of(source, cleaning={"net_returns": True}))


# --- what it needs ------------------------------------------------------------------------------


def test_a_scheme_of_ones_own_without_a_playbook_gets_a_report(tmp_path: Path) -> None:
    scheme = tmp_path / "mine.toml"
    scheme.write_text(
        'title = "Two"\nbins = 2\n'
        '[[segment]]\nname = "Better"\ncolor = "#0b5d5e"\ncells = "2**"\n'
        '[[segment]]\nname = "Worse"\ncolor = "#9aa1a9"\ncells = "1**"\n',
        encoding="utf-8",
    )
    source = write_csv(tmp_path / "orders.csv", made_up_lines(80, days=300))
    result = build_files(source, tmp_path / "out", scoring={"scheme": str(scheme)})
    report = result.report
    assert [row.name for row in report.segments.rows] == ["Better", "Worse"]
    assert (report.playbook, report.recommendations) == ((), ())
    assert "report.html" in result.files
    assert_it_adds_up(report)


@pytest.mark.parametrize(("customers", "fails"), [(4, True), (5, False)])
def test_five_customers_are_enough(customers: int, fails: bool, tmp_path: Path) -> None:
    lines = [f"c{n},o{n}{d},2024-01-{d:02},{n + d}" for n in range(customers) for d in (1, 2 + n)]
    source = write_csv(tmp_path / "orders.csv", lines)
    if fails:
        with pytest.raises(NothingToReportError, match="only 4 customer"):
            report_of(source)
    else:
        assert_it_adds_up(report_of(source))


def test_an_earlier_as_of_date_leaves_out_what_came_later(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(80, days=300))
    report = report_of(source, cleaning={"as_of": "2023-08-01"})
    assert report.as_of == date(2023, 8, 1)
    assert report.last_day < report.as_of
    assert "after_as_of" in {row.exclusion for row in report.audit.excluded}
    assert_it_adds_up(report)


def test_fixed_cuts_need_bounds(tmp_path: Path) -> None:
    """Asked for fixed cuts, the program does not quietly fit its own."""
    source = write_csv(tmp_path / "orders.csv", made_up_lines(40, days=200))
    with pytest.raises(RfmReportError, match="cuts"):
        report_of(source, scoring={"method": "fixed"})


def test_fixed_cuts_are_used_as_given(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(80, days=300))
    cuts = {
        "recency_days": [30, 60, 90, 180], "order_count": [1, 2, 3, 5],
        "revenue": [50, 100, 200, 400],
    }  # fmt: skip
    report = report_of(source, scoring={"method": "fixed", "cuts": cuts})
    assert report.method.cuts_method == "fixed"
    assert report.rfm_map.recency_labels[-1] == "1–30 days"
    assert report.rfm_map.frequency_labels == (
        "1 order", "2 orders", "3 orders", "4–5 orders", "6 or more orders",
    )  # fmt: skip


def test_the_past_is_told_where_the_data_reach_back_far_enough(tmp_path: Path) -> None:
    long = report_of(write_csv(tmp_path / "long.csv", made_up_lines(200, days=500)))
    short = report_of(write_csv(tmp_path / "short.csv", made_up_lines(200, days=80)))
    assert long.segments.hold_out_as_of == long.as_of - timedelta(days=90)
    assert long.segments.previous_as_of is not None
    assert short.segments.hold_out_as_of is None
    assert short.segments.previous_as_of is None
    assert {one.low for one in short.recommendations} == {None}


def test_a_stopwatch_tells_each_stage_and_adds_up_its_seconds() -> None:
    told: list[str] = []
    watch = Stopwatch(told.append)
    for name in ("reading", "reading", "scoring"):
        with watch.stage(name):
            pass
    assert told == ["reading", "reading", "scoring"]
    assert list(watch.seconds) == ["reading", "scoring"]


def test_only_the_sections_asked_for_are_worked_out(tmp_path: Path) -> None:
    lines = with_products(with_times(made_up_lines(200, days=500)))
    source = write_csv(tmp_path / "orders.csv", lines, PRODUCT_HEADING)
    few = {"sections": ["segments", "loyalty", "method"]}
    report = build_files(source, tmp_path / "few", report=few).report
    assert report.loyalty is not None
    assert (report.sells, report.worth, report.trends, report.pareto) == (None,) * 4
    page = (tmp_path / "few" / "report.html").read_text(encoding="utf-8")
    told = re.findall(r'<section[^>]* id="(\w+)"', page)
    assert told == ["segments", "loyalty", "method"]
    whole = build_files(source, tmp_path / "whole").report
    assert whole.sells is not None
    assert whole.loyalty == report.loyalty
    assert whole.segments.total.revenue == report.segments.total.revenue


def test_the_sample_adds_up(told_sample: Told) -> None:
    report = told_sample.report
    assert_it_adds_up(report)
    assert report.audit.read.line_count == 179_825
    assert report.audit.kept.line_count == 130_575
    assert report.segments.total.customer_count == 1_414
    assert report.segments.total.order_count == 5_856
    assert report.segments.total.revenue == Decimal("2692662.85")
