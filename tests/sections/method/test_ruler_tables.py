"""The ruler on the page: where the cuts come from, whom new ones move, and how scores drifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from example_report import HIGH, HOSTILE, HOSTILE_NAMES, LOST, RISK, example_report, hostile_report

from rfmreport.customers.figures import RefitMove, Ruler
from rfmreport.customers.ruler import measure_drift
from rfmreport.formats import Formats
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.method.page import ruler_block

FORMATS = Formats("en_GB", "GBP")
MOVES = (RefitMove(HIGH, RISK, 300), RefitMove(RISK, LOST, 212))
EVEN = (784, 784, 784, 784, 785)
DRIFT = measure_drift(
    {"recency_days": EVEN, "order_count": (1505, 700, 600, 600, 516), "revenue": EVEN},
    {
        "recency_days": (863, 861, 865, 880, 865),
        "order_count": (500, 831, 502, 804, 1697),
        "revenue": (867, 867, 867, 866, 867),
    },
)
SAVED = Ruler("saved", "", date(2011, 11, 1), 3921, 4334, DRIFT, MOVES)


def block_of(ruler: Ruler):
    block = ruler_block(replace(example_report(), ruler=ruler), FORMATS)
    assert block is not None
    return block


def texts(table):
    rows = (*table.rows, *((table.total,) if table.total else ()), *table.parts)
    return [[cell.text for cell in row.cells] for row in rows]


@pytest.mark.parametrize(
    ("ruler", "title"),
    [
        (SAVED, "Cuts of 1 Nov 2011, from 3,921 customers, re-used"),
        (
            replace(SAVED, origin="refitted", reason="as asked for"),
            "New cuts: that alone moved 512 customers (11.8%)",
        ),
        (
            Ruler("refitted", "the saved cuts were made with bins 3", None, None, 4334),
            "New cuts, although saved ones were there",
        ),
        (
            Ruler("fitted", "", None, None, 4334),
            "New cuts, fitted to the 4,334 customers of this report",
        ),
        (
            Ruler("fixed", "", None, None, 4334),
            "The cuts are fixed: they do not follow the customers",
        ),
    ],
)
def test_the_title_says_where_the_cuts_come_from_and_what_that_did(ruler, title):
    assert block_of(ruler).title == title


def test_a_report_that_does_not_say_has_no_block():
    assert ruler_block(example_report(), FORMATS) is None


def test_saved_cuts_say_whom_new_ones_would_move():
    (effect, drift) = block_of(SAVED).notes
    assert effect == (
        "New cuts would move 512 customers (11.8%) to another segment, whatever the customers did."
    )
    assert drift.startswith("Of 100 customers, 11, 19, 12, 19 and 39 now have frequency scores")
    assert "would move nobody" in block_of(replace(SAVED, refit_moves=())).notes[0]


def test_the_reason_for_new_cuts_is_told_as_a_sentence():
    ruler = Ruler("refitted", "the saved cuts were made with bins 3, this has 5", None, None, 9)
    assert block_of(ruler).notes == ("The saved cuts were made with bins 3, this has 5.",)


def test_the_net_effect_per_segment_starts_or_ends_at_the_sizes_of_the_report():
    saved = texts(block_of(SAVED).moves)
    assert saved[0] == ["High-Value", "905", "0", "−300", "605", "−300"]
    assert saved[3] == ["At-Risk", "767", "+300", "−212", "855", "+88"]
    refitted = texts(block_of(replace(SAVED, origin="refitted")).moves)
    assert refitted[0] == ["High-Value", "1,205", "0", "−300", "905", "−300"]
    for rows in (saved, refitted):
        assert rows[-1] == ["All customers", "4,334", "+512", "−512", "4,334", "0"]


def test_the_table_of_net_effects_adds_up():
    table = block_of(SAVED).moves
    for column in range(1, 6):
        parts = [int(row.cells[column].value) for row in table.rows]
        assert sum(parts) == int(table.total.cells[column].value)


def test_the_drift_table_has_then_and_now_of_each_score_with_index_and_verdict():
    table = block_of(SAVED).drift
    rows = texts(table)
    assert [column.hint for column in table.columns] == ["", *["then", "now"] * 3]
    assert rows[0] == ["Score 5", "20.0%", "19.9%", "13.2%", "39.2%", "20.0%", "20.0%"]
    assert rows[-2] == ["Stability index", "", "0", "", "0.62", "", "0"]
    assert rows[-1] == ["Verdict", "", "stable", "", "new cuts due", "", "stable"]
    for column in range(1, 7):
        shares = [Decimal(row.cells[column].text.rstrip("%")) for row in table.rows]
        assert sum(shares) == 100


@pytest.mark.parametrize("medium", ["screen", "print"])
def test_the_block_stands_on_the_page_right_after_the_cuts(medium):
    report = replace(example_report(), ruler=SAVED)
    page = rendered(report, medium)
    places = [page.index(f'data-name="{name}"') for name in ("cuts", "new-cuts", "drift")]
    assert places == sorted(places)
    assert places[0] < page.index("Cuts of 1 Nov 2011, from 3,921 customers, re-used") < places[1]
    assert 'data-name="drift"' not in rendered(example_report(), medium)


@pytest.mark.parametrize("medium", ["screen", "print"])
def test_hostile_names_and_reasons_are_escaped(medium):
    moves = (RefitMove(HOSTILE_NAMES[0], HOSTILE_NAMES[1], 3),)
    ruler = replace(SAVED, origin="refitted", reason=HOSTILE, refit_moves=moves)
    page = rendered(replace(hostile_report(), ruler=ruler), medium)
    assert "&lt;script&gt;alert" in page[page.index("that alone moved") :]
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def rendered(report, medium: str) -> str:
    if medium == "screen":
        return render_html(report, (), data_files=(), template_dir=None)
    return render_print_html(report, (), page_size="A4", template_dir=None)
