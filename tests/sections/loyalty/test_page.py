"""Whether customers come back: titles say what the figures carry, and the tables add up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from drawn_reports import draw_report
from example_loyalty import example_clock, example_cohorts, example_loyalty, loyalty_report
from example_report import example_report

from rfmreport.formats import Formats
from rfmreport.kit.drawings import text_width
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.loyalty import charts
from rfmreport.sections.loyalty.clock_page import clock_caption, clock_title, loyalty_block
from rfmreport.sections.loyalty.cohort_page import cohort_caption, cohort_title
from rfmreport.sections.loyalty.figures import Cohorts, Loyalty, OneOrderGroup
from rfmreport.sections.loyalty.measure import pool_cohorts
from rfmreport.sections.loyalty.page import loyalty_title

FORMATS = Formats("en_GB", "GBP")
UNTOLD = Loyalty(date(2010, 12, 1), Cohorts(date(2010, 12, 1), ()), None)


def clock_drawing(loyalty, clock, formats):
    return charts.clock_drawing(clock_caption(loyalty, clock, formats), clock, formats)


def cohort_drawing(cohorts, formats):
    return charts.cohort_drawing(cohort_caption(cohorts, formats), cohorts, formats)


def texts_of(row) -> list[str]:
    return [cell.text for cell in row.cells]


def rows_of(drawing, kind):
    return [row for layer in drawing.layers if layer.kind == kind for row in layer.rows]


# --- titles -------------------------------------------------------------------------------------


def test_the_title_says_when_the_chance_has_gone():
    clock = example_clock(chance_level=0.25)
    assert clock_title(clock, FORMATS) == (
        f"50% of new customers order again within 90 days; after {clock.cold_after_days} "
        "days without, fewer than 25% do in the next 90"
    )


def test_a_chance_that_never_falls_so_low_is_said():
    last = max(day.days for day in example_clock().days if day.chance)
    assert clock_title(example_clock(), FORMATS) == (
        f"50% of new customers order again within 90 days; after {last} days without, 16% do in "
        "the next 90"
    )
    assert clock_title(example_clock(0.9), FORMATS).endswith(
        "; from the first day on, fewer than 90% do in the next 90"
    )


def test_days_too_few_for_a_chance_have_a_share_only():
    short = example_clock(watched_days=40)
    assert clock_title(short, FORMATS) == "29% of new customers order again within 30 days"
    block = loyalty_block(loyalty_report(example_loyalty(short)), FORMATS)
    assert block.clock_title == "How many have ordered again"
    assert texts_of(block.clock.rows[-1])[-2:] == ["–", "–"]


def test_recent_cohorts_that_differ_beyond_chance_are_the_title():
    assert cohort_title(example_cohorts(recent=0.2), FORMATS) == (
        "20% of 598 customers won in June to August 2011 ordered in one of the three months after, "
        "against 44% of 1,832 in January to May 2011"
    )


def test_else_it_is_all_of_them_and_the_note_says_why():
    cohorts = example_cohorts()
    assert cohort_title(cohorts, FORMATS) == (
        "44% of 2,430 customers won in January to August 2011 ordered in one of the three months "
        "after"
    )
    note = cohort_caption(cohorts, FORMATS).note
    assert "do not differ beyond chance: −1.1 pts" in note
    assert note.startswith("* In the first whole month of the data old customers look new")
    assert "Covered in part and left out: December 2011." in note
    assert "Too few: fewer than 30 customers." in note


def test_without_a_clock_the_cohorts_are_the_title():
    cohorts = example_cohorts()
    assert loyalty_title(replace(UNTOLD, cohorts=cohorts), FORMATS) == cohort_title(
        cohorts, FORMATS
    )
    early = pool_cohorts(Cohorts(cohorts.first_day, cohorts.rows[:1], cohorts.rows[:1]))
    assert cohort_title(early, FORMATS) == (
        "37% of 884 new customers ordered in the month after that of their first order"
    )


# --- charts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawing",
    [
        clock_drawing(example_loyalty(), example_clock(0.25), FORMATS),
        clock_drawing(example_loyalty(), example_clock(0.5), FORMATS),
        clock_drawing(example_loyalty(), example_clock(watched_days=31), FORMATS),
        cohort_drawing(example_cohorts(), FORMATS),
        cohort_drawing(replace(example_cohorts(), shown=example_cohorts().rows[8:9]), FORMATS),
    ],
)
def test_no_label_leaves_the_drawing(drawing):
    for layer in drawing.layers:
        if layer.kind == "texts":
            size, align = layer.style.get("fontSize", 11), layer.style.get("align", "center")
            for row in layer.rows:
                width = 1.06 * text_width(row["text"], size)
                left = row["x"] - {"right": width, "center": width / 2}.get(align, 0)
                assert left >= 0, row["text"]
                assert left + width <= drawing.width, row["text"]
                assert 0 <= row["y"] <= drawing.height, row["text"]


def test_the_curve_stands_within_its_band_and_marks_the_days_that_are_reached():
    drawing = clock_drawing(example_loyalty(), example_clock(), FORMATS)
    ribbons = rows_of(drawing, "ribbons")
    band, line = ([r for r in ribbons if r["key"] == key] for key in ("band", "line"))
    assert len(band) == len(line) == 301
    for outer, inner in zip(band, line, strict=True):
        assert outer["y"] <= (inner["y"] + inner["y2"]) / 2 <= outer["y2"]
    assert len(rows_of(drawing, "circles")) == 4  # 30, 60, 90, 180
    written = {row["text"] for row in rows_of(drawing, "texts")}
    assert {"50%", "62%"} <= written  # the others stand in the table


def test_a_long_curve_has_few_points():
    clock = example_clock(0.2, watched_days=399)
    many = replace(clock, days=tuple(replace(clock.days[0], days=i) for i in range(3_000)),
                   cold_after_days=1_200)  # fmt: skip
    assert len(rows_of(clock_drawing(example_loyalty(), many, FORMATS), "ribbons")) <= 2 * 402


def test_a_cell_per_month_that_is_covered_whole():
    drawing = cohort_drawing(example_cohorts(), FORMATS)
    cells = rows_of(drawing, "bars")
    assert len(cells) == 11 + 10 + 9 + 8 + 7 + 6 + 5 + 4 + 3 + 1  # one cohort has too few
    assert cells[0]["about"] == (
        "First order in December 2010, month 1: 327 of 884 ordered (37.0%), £98,100"
    )
    texts = [row["text"] for row in rows_of(drawing, "texts")]
    assert texts.count("too few") == 1
    assert "Dec 2010*" in texts
    assert len({cell["color"] for cell in cells}) > 5


# --- tables -------------------------------------------------------------------------------------


def test_one_order_customers_add_up_to_all_of_them():
    clock = example_clock(0.25)
    block = loyalty_block(loyalty_report(example_loyalty(clock)), FORMATS)
    counts = [int(row.cells[1].value) for row in block.groups.rows]
    assert sum(counts) == clock.one_order_count == int(block.groups.total.cells[1].value)
    money = [int(re.sub(r"\D", "", row.cells[2].text)) for row in block.groups.rows]
    assert sum(money) == int(re.sub(r"\D", "", block.groups.total.cells[2].text)) == 80_301
    assert [row.note for row in block.groups.rows] == [
        "1 Aug 2011 to 31 Aug 2011",
        "up to 31 Jul 2011",
        "from 1 Sept 2011",
    ]
    assert block.groups_title == (
        "31 one-order customers will go cold by 10 Jan 2012; 100 already have"
    )
    assert f"{clock.cold_after_days} (cold)" in [row.cells[0].text for row in block.clock.rows]


def test_where_nobody_turns_cold_there_are_no_groups():
    block = loyalty_block(loyalty_report(), FORMATS)
    assert block.groups is None
    nobody = OneOrderGroup(None, None, 0, Decimal(0))
    clock = replace(example_clock(0.25), turning=nobody, cold=nobody)
    assert loyalty_block(loyalty_report(example_loyalty(clock)), FORMATS).groups is None
    assert [row.cells[0].text for row in block.clock.rows] == ["0", "30", "60", "90", "180"]


def test_what_waiting_says_is_told_only_where_chance_does_not_explain_it():
    clock = example_clock()
    assert clock.changed_day == 90
    told = loyalty_block(loyalty_report(example_loyalty(clock)), FORMATS)
    assert told.clock_title == (
        "After 90 days of waiting 24% order in the next 90, against 50% at first"
    )
    level = replace(clock, changed_day=None)
    assert loyalty_block(loyalty_report(example_loyalty(level)), FORMATS).clock_title == (
        "Waiting does not clearly change the chance of an order in the next 90 days"
    )


def test_where_all_have_come_back_nobody_is_missing():
    clock = replace(example_clock(), second_order_count=1000)
    lead = loyalty_block(loyalty_report(example_loyalty(clock)), FORMATS).lead
    assert lead.endswith("all have placed a second one.")


def test_a_window_is_said():
    report = replace(loyalty_report(), first_day=date(2011, 3, 1))
    assert "Orders before the window count here" in loyalty_block(report, FORMATS).lead
    assert "window" not in loyalty_block(loyalty_report(), FORMATS).lead


def test_the_data_tables_stand_behind_the_charts():
    caption = clock_caption(example_loyalty(), example_clock(), FORMATS)
    assert texts_of(caption.table.rows[3])[:3] == ["30", "715", "29.1%"]
    assert "44.6% order again within 90 days instead of 49.7%" in caption.note
    table = cohort_caption(example_cohorts(), FORMATS).table
    assert texts_of(table.rows[9])[:4] == ["September 2011", "29", "–", "–"]


# --- pages --------------------------------------------------------------------------------------


def pages_of(report) -> list[str]:
    charts = draw_report(report)
    return [
        render_html(report, charts, data_files=(), template_dir=None),
        render_print_html(report, charts, page_size="A4", template_dir=None),
    ]


@pytest.mark.parametrize("clock", [example_clock(), example_clock(0.25)])
def test_both_pages_tell_it_before_the_segments_are_checked(clock):
    for page in pages_of(loyalty_report(example_loyalty(clock))):
        assert page.index('id="playbook"') < page.index('id="loyalty"') < page.index('id="method"')
        section = re.search(r'id="loyalty".*?</section>', page, re.DOTALL)[0]
        assert "Do they come back?" in section
        assert 'id="second-order"' in section
        assert 'id="cohorts"' in section


def test_cohorts_alone_are_told_under_their_own_title():
    (page, _) = pages_of(loyalty_report(replace(UNTOLD, cohorts=example_cohorts())))
    section = re.search(r'id="loyalty".*?</section>', page, re.DOTALL)[0]
    assert 'id="second-order"' not in section
    assert len(re.findall(r"<h[23]>44% of 2,430", section)) == 1


def test_a_report_that_cannot_tell_leaves_it_out():
    for page in pages_of(loyalty_report(UNTOLD)) + pages_of(example_report()):
        assert 'id="loyalty"' not in page
