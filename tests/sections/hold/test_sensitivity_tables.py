"""How soft the figures are: the finding, the mark on the widest difference, and nothing on few."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from example_holding import holding_report
from example_report import HOSTILE, example_report

from rfmreport.customers.figures import Ruler
from rfmreport.formats import Formats
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.hold.figures import SensitivityRow
from rfmreport.sections.hold.page import sensitivity_block

if TYPE_CHECKING:
    from rfmreport.report import Report

FORMATS = Formats("en_GB", "GBP")
# Online Retail as of 10 December 2011: key, choice, customers, revenue, in the top segment
_ONLINE_RETAIL = (
    ("report", "As reported", 4334, "8761066.65", 905, "5597821.75"),
    ("returns", "Returns subtracted", 4334, "8290586.30", 910, "5471702.04"),
    ("window_12", "Only the last 12 months", 4261, "8451542.90", 874, "5339684.80"),
    ("lines", "Frequency counted in lines, not in orders", 4334, "8761066.65", 913, "5528233.05"),
    ("guests", "Each order without a customer counted as a customer", 5705, "10272118.87", 1028,
     "6012271.17"),
    ("wholesalers", "Largest 1% of customers left out", 4291, "5964082.58", 876, "3212254.88"),
    ("fees", "Freight and fees counted as sales", 4338, "8911407.90", 911, "5688151.66"),
)  # fmt: skip


def row_of(
    key: str, choice: str, customers: int, revenue: str, top_customers: int, top_revenue: str
) -> SensitivityRow:
    return SensitivityRow(
        key=key,
        choice=choice,
        customer_count=customers,
        revenue=Decimal(revenue),
        top_customer_count=top_customers,
        top_customer_share=top_customers / customers,
        top_revenue=Decimal(top_revenue),
        top_revenue_share=float(Decimal(top_revenue) / Decimal(revenue)),
    )


def report_with(*rows: SensitivityRow) -> Report:
    return replace(holding_report(), sensitivity=rows)


ROWS = tuple(row_of(*row) for row in _ONLINE_RETAIL)


def rows_of_shares(*shares: str, customers: int = 100) -> tuple[SensitivityRow, ...]:
    return tuple(
        row_of(f"k{i}", f"choice {i}", customers, "1", customers // 5, share)
        for i, share in enumerate(shares)
    )


def title_of(*rows: SensitivityRow) -> str:
    return sensitivity_block(report_with(*rows), FORMATS).title


def texts_of(report: Report) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in block_of(report).table.rows]


def block_of(report: Report):
    block = sensitivity_block(report, FORMATS)
    assert block is not None
    return block


# --- the finding --------------------------------------------------------------------------------


def test_the_title_says_how_far_the_share_runs():
    assert title_of(*ROWS) == (
        "High-Value holds 54% to 66% of revenue, depending on choices that could be made otherwise"
    )


def test_a_share_that_hardly_moves_is_called_steady():
    assert title_of(*rows_of_shares("0.6389", "0.6471", "0.6310")) == (
        "High-Value holds 63.9% of revenue, give or take 0.8 points under other choices"
    )


def test_nothing_is_said_of_few_customers():
    few = "High-Value under other choices: too few customers to compare"
    assert title_of(*rows_of_shares("0.6", "0.9", customers=29)) == few
    small = rows_of_shares("0.9", customers=29)
    assert title_of(ROWS[0], *small) == few
    assert "give or take 1 point under" in title_of(*rows_of_shares("0.6", "0.61"), *small)
    *_, last = texts_of(report_with(*rows_of_shares("0.6", "0.61"), *small))
    assert last == ["choice 0", "29", "£1", "5", "–", "–", "–"]


def test_without_another_choice_there_is_no_block():
    assert sensitivity_block(report_with(ROWS[0]), FORMATS) is None
    assert sensitivity_block(example_report(), FORMATS) is None


# --- the table ----------------------------------------------------------------------------------


def test_a_line_per_choice_with_its_difference_to_the_report():
    texts = texts_of(report_with(*ROWS))
    assert texts[0] == ["As reported", "4,334", "£8,761,067", "905", "20.9%", "63.9%", "–"]
    assert [line[-1] for line in texts[1:]] == [
        "+2.1 pts",
        "−0.7 pts",
        "−0.8 pts",
        "−5.4 pts",
        "−10.0 pts",
        "−0.1 pts",
    ]


def test_differences_tie_out_with_the_shares_as_printed():
    """0.6385 is 63.9 % on the page and 0.6394 too: their difference is printed as nothing."""
    _, same, other = texts_of(report_with(*rows_of_shares("0.6385", "0.6394", "0.64951")))
    assert same[-2:] == ["63.9%", "0.0 pts"]
    assert other[-2:] == ["65.0%", "+1.1 pts"]


def test_the_largest_difference_is_marked_in_words():
    notes = {row.cells[0].text: row.note for row in block_of(report_with(*ROWS)).table.rows}
    marked = [choice for choice, note in notes.items() if note]
    assert marked == ["Largest 1% of customers left out"]
    assert notes[marked[0]] == "largest difference"


@pytest.mark.parametrize("shares", [("0.6", "0.7"), ("0.6", "0.6", "0.6")])
def test_no_mark_where_there_is_nothing_to_compare(shares):
    table = block_of(report_with(*rows_of_shares(*shares))).table
    assert not any(row.note for row in table.rows)


# --- the note and the page ----------------------------------------------------------------------


def test_the_note_says_how_the_cuts_were_made():
    report = report_with(*ROWS)
    assert block_of(report).note.startswith("The cuts are fitted anew under each choice")
    saved = replace(report, ruler=Ruler("saved", "", None, None, 4334))
    assert "re-uses saved cuts" in block_of(saved).note
    settings = {**report.method.settings, "scoring.method": "fixed"}
    fixed = replace(report, method=replace(report.method, settings=settings))
    assert block_of(fixed).note.startswith("The fixed cuts of this report hold")


def test_it_stands_in_both_media():
    report = report_with(*ROWS)
    page = render_html(report, (), data_files=(), template_dir=None)
    printed = render_print_html(report, (), page_size="A4", template_dir=None)
    for medium in (page, printed):
        assert "Largest 1% of customers left out" in medium
        assert "largest difference" in medium


def test_hostile_names_are_escaped():
    report = report_with(*ROWS, replace(ROWS[1], choice=HOSTILE))
    rows = tuple(replace(row, name=f"{HOSTILE} {i}") for i, row in enumerate(report.segments.rows))
    block = block_of(replace(report, segments=replace(report.segments, rows=rows)))
    assert len(block.title) < 200
    page = render_html(report, (), data_files=(), template_dir=None)
    assert "<script>alert('x')" not in page
