"""The note below the segment table: it says what the columns cannot."""

from __future__ import annotations

from dataclasses import replace

from rfmreport.formats import Formats
from rfmreport.sections.segments.tables import segment_note

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
