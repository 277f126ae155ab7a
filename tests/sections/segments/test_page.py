"""What is said of segments: the note says what the columns cannot, and files add up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from example_departments import example_figures
from example_report import example_report
from shops import filed

from rfmreport.formats import Formats
from rfmreport.sections.registry import declared_sheets
from rfmreport.sections.segments.page import segment_note

FORMATS = Formats("en_GB", "GBP")
ROUNDED = "Shares are rounded so that they add up to 100%; in a sentence one may differ by 0.1."


def with_counts(report, *counts):
    table = report.segments
    rows = tuple(
        replace(row, customer_count=count, customer_share=count / sum(counts), revenue=count,
                revenue_share=count / sum(counts))
        for row, count in zip(table.rows, counts, strict=False)
    )  # fmt: skip
    return replace(report, segments=replace(table, rows=rows))


def test_shares_that_were_rounded_to_add_up_say_so(report_of):
    assert ROUNDED in segment_note(with_counts(report_of("example"), 1, 1, 1), FORMATS)


def test_shares_that_add_up_by_themselves_say_nothing(report_of):
    assert "rounded" not in segment_note(with_counts(report_of("example"), 1, 1, 2), FORMATS)


def test_countries_add_up_in_the_file_to_the_total_that_stands_elsewhere() -> None:
    report = replace(example_report(), department_figures=example_figures())
    rows = filed("segments_by_country", report)
    sheet = next(one for one in declared_sheets() if one.name == "segments_by_country")
    total = sheet.totals(report)
    assert total["country"] == "All countries"
    for column in ("revenue", "revenue of High-Value", "revenue of Lost"):
        assert sum(Decimal(row[column]) for row in rows) == total[column]
