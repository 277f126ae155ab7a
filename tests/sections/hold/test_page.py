"""Whether the segments hold: the title says what the figures carry, and every figure has its n."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from drawn_reports import draw_report
from example_holding import (
    EARLIER,
    LATEST,
    eleven_report,
    example_holding,
    hold_out_of,
    holding_of_eleven,
    holding_report,
)
from example_report import COLORS, HOSTILE_NAMES, example_report, hostile_report

from rfmreport.formats import Formats
from rfmreport.kit.drawings import text_width
from rfmreport.models.intervals import estimate_share
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.hold.charts import (
    holding_caption,
    holding_drawing,
    holding_title,
    trials_title,
)
from rfmreport.sections.hold.figures import Holding, ScoreTrial, verdict_told, what_tells
from rfmreport.sections.hold.measure import compare_neighbours
from rfmreport.sections.hold.page import holding_block
from rfmreport.sections.registry import report_drawings

FORMATS = Formats("en_GB", "GBP")
NOTHING = (0.0, 0.0, 0.0)


def holding_of(*groups: tuple[str, int, int]) -> Holding:
    """Return the holding of segments given as name, customers and how many came back."""
    rows = tuple((name, count, came, NOTHING, "") for name, count, came in groups)
    latest = hold_out_of(LATEST, rows)
    return Holding(90, (latest,), compare_neighbours(latest), ())


def title_of(*groups: tuple[str, int, int]) -> str:
    return holding_title(holding_of(*groups), FORMATS)


def texts_of(row) -> list[str]:
    return [cell.text for cell in row.cells]


# --- titles -------------------------------------------------------------------------------------


def test_an_order_beyond_chance_held():
    assert title_of(("A", 100, 90), ("B", 100, 60), ("C", 100, 35)) == (
        "The order held on 11 Sept 2011: 90% of A came back within 90 days, 35% of C"
    )


def test_two_segments_within_chance_cannot_be_told_apart():
    assert holding_title(example_holding(), FORMATS) == (
        "91% of High-Value came back within 90 days, 36% of Lost; Potential Loyalists and At-Risk "
        "cannot be told apart"
    )


def test_several_such_pairs_are_counted():
    title = title_of(("A", 100, 90), ("B", 100, 50), ("C", 100, 49), ("D", 100, 48))
    assert title.endswith("; 2 of 3 neighbouring pairs cannot be told apart")
    none = title_of(("A", 100, 50), ("B", 100, 49))
    assert none.startswith("No two neighbouring segments can be told apart: 50% of A")


def test_an_order_that_is_clearly_wrong_is_a_warning():
    assert holding_title(holding_of_eleven(), FORMATS) == (
        "The order does not hold: Promising came back less (51%) than At Risk (66%), which stands "
        "below"
    )
    title = title_of(("A", 100, 20), ("B", 100, 50), ("C", 100, 90))
    assert title == (
        "The order does not hold: B came back less (50%) than C (90%), which stands below; so did "
        "1 more"
    )


def test_nothing_is_said_of_few_customers():
    few = "Too few customers on 11 Sept 2011 to say whether the order holds"
    assert title_of(("A", 29, 29), ("B", 29, 0)) == few
    assert title_of(("A", 100, 90), ("B", 29, 0), ("C", 100, 10)) == few
    assert title_of(("A", 100, 90)) == few


def test_small_shares_keep_a_decimal():
    assert "5.2% of A came back within 90 days, 1.1% of B" in title_of(
        ("A", 1000, 52), ("B", 1000, 11)
    )


def test_the_chart_tells_what_a_customer_brought():
    caption = holding_caption(example_holding(), FORMATS)
    title = "High-Value brought £2,858 per customer in the next 90 days, Lost £316"
    assert caption.title == title
    assert "At-Risk: 56%, £523" in caption.alternative
    assert caption.note.endswith("Small dots: the same segments as of 13 Jun 2011.")
    assert len(caption.table.rows) == 10
    assert texts_of(caption.table.rows[0])[:4] == ["11 Sept 2011", "High-Value", "487", "444"]


@pytest.mark.parametrize("groups", [[("A", 29, 3)], [("A", 100, 0)], [("A", 100, 100)]])
def test_any_holding_can_be_told(groups):
    holding = holding_of(*groups)
    report = replace(example_report(), holding=holding)
    table = replace(report.segments, rows=(replace(report.segments.rows[0], name="A"),))
    assert holding_caption(holding, FORMATS).title
    assert holding_drawing(holding, table, FORMATS).layers
    assert holding_block(replace(report, segments=table), FORMATS)


def test_no_scheme_is_called_better():
    trials = example_holding().trials
    assert trials_title(trials, "five", FORMATS) == (
        "Rank quality: 70.8% for this report's scheme, 71.7% for the best other"
    )
    assert trials_title(trials[:1], "five", FORMATS) == "Rank quality: 70.8%"
    unknown = replace(trials[0], rank_quality=None)
    assert trials_title((unknown,), "five", FORMATS).startswith("Nobody, or everybody, came back")


# --- the chart ----------------------------------------------------------------------------------


def rows_of(drawing, kind, **style):
    layers = [layer for layer in drawing.layers if layer.kind == kind]
    return [row for layer in layers for row in layer.rows if style.items() <= layer.style.items()]


@pytest.mark.parametrize("make", [holding_report, eleven_report])
def test_each_segment_has_a_dot_with_its_interval_in_both_panels(make):
    report = make()
    drawing = holding_drawing(report.holding, report.segments, FORMATS)
    count = len(report.holding.hold_outs[0].rows)
    bars, dots = rows_of(drawing, "bars"), rows_of(drawing, "circles", opacity=1)
    assert len(bars) == len(dots) == 2 * count
    assert len(rows_of(drawing, "circles")) == 4 * count  # and one small one each, of June
    for bar, dot in zip(bars, dots, strict=True):
        assert bar["x"] <= dot["x"] <= bar["x2"]
        assert bar["color"] == dot["color"]
    shares = [dot["x"] for dot in dots[::2]]
    values = [row.share.value for row in report.holding.hold_outs[0].rows]
    zero = min(row["x"] for row in rows_of(drawing, "rules"))
    assert [(x - zero) / (shares[0] - zero) for x in shares] == pytest.approx(
        [value / values[0] for value in values]
    )


@pytest.mark.parametrize("make", [holding_report, eleven_report])
def test_no_label_leaves_the_drawing(make):
    report = make()
    drawing = holding_drawing(report.holding, report.segments, FORMATS)
    for layer in drawing.layers:
        if layer.kind == "texts":
            size, align = layer.style.get("fontSize", 11), layer.style.get("align", "center")
            for row in layer.rows:
                width = 1.06 * text_width(row["text"], size)
                left = row["x"] - {"right": width, "center": width / 2}.get(align, 0)
                assert left >= 0, row["text"]
                assert left + width <= drawing.width, row["text"]


def test_a_segment_of_few_has_words_for_a_dot():
    holding = holding_of(("High-Value", 100, 80), ("Lost", 29, 3))
    drawing = holding_drawing(holding, example_report().segments, FORMATS)
    assert len(rows_of(drawing, "circles")) == 2
    assert [row["text"] for row in rows_of(drawing, "texts")].count("too few") == 2


# --- the tables ---------------------------------------------------------------------------------


def test_the_latest_date_is_told_in_full():
    block = holding_block(holding_report(), FORMATS)
    assert (
        block.latest.caption == "Customers as of 11 Sept 2011 and their orders of the next 90 days"
    )
    assert texts_of(block.latest.rows[2]) == [
        *("Potential Loyalists", "758", "54.2%", "50.7–57.7%", "£376", "£281–537", "£381"),
        *("−1.5 pts", "unclear"),
    ]
    assert texts_of(block.latest.rows[-1])[-2:] == ["", ""]
    lead = "3,368 customers were put into segments by what was known on 11 Sept 2011"
    assert block.lead.startswith(lead)
    assert [row.key for row in block.latest.rows] == [0, 1, 2, 3, 4]


def test_a_wrong_order_stands_out():
    block = holding_block(eleven_report(), FORMATS)
    lead, order = block.latest.rows[4].cells[-2:]
    assert (lead.text, lead.tone, order.text) == ("−14.7 pts", "down", "wrong order")
    assert {row.cells[-2].tone for i, row in enumerate(block.latest.rows) if i != 4} == {""}


def test_few_customers_get_their_count_and_no_figure():
    holding = holding_of(("Loyal Customers", 100, 60), ("High-Value", 100, 29), ("Lost", 29, 3))
    block = holding_block(replace(holding_report(), holding=holding), FORMATS)
    assert texts_of(block.latest.rows[1])[-3:] == ["–", "–", "too few"]
    assert texts_of(block.latest.rows[2]) == ["Lost", "29", *"–––––", "", ""]
    assert (block.earlier, block.trials) == (None, None)


def test_where_no_segment_has_enough_customers_there_is_neither_chart_nor_table():
    report = replace(holding_report(), holding=holding_of(("High-Value", 200, 90), ("Lost", 9, 3)))
    block = holding_block(report, FORMATS)
    assert (block.latest, block.trials) == (None, None)
    assert "came-back" not in {drawing.caption.id for drawing in report_drawings(report, FORMATS)}
    page = render_print_html(report, (), page_size="A4", template_dir=None)
    assert "Too few customers on" in page


def test_earlier_dates_stand_side_by_side():
    holding = example_holding()
    latest, june = holding.hold_outs
    march = replace(june, as_of=EARLIER.replace(month=3), rows=june.rows[1:])
    report = replace(holding_report(), holding=replace(holding, hold_outs=(latest, june, march)))
    block = holding_block(report, FORMATS)
    assert block.earlier_title == (
        "Earlier, as of 13 Jun 2011: 90% of High-Value came back within 90 days, 26% of Lost"
    )
    assert [column.hint for column in block.earlier.columns[3:5]] == ["13 Jun 2011", "13 Mar 2011"]
    assert texts_of(block.earlier.rows[0]) == [
        "High-Value",
        "383",
        "90.1%",
        "£2,500",
        "0",
        "–",
        "–",
    ]


def test_other_schemes_stand_beside_that_of_the_report():
    block = holding_block(holding_report(), FORMATS)
    five, eleven, *_ = block.trials.rows
    assert five.note == "this report"
    assert eleven.note == ""
    assert texts_of(eleven) == [
        *("Eleven segments, code by code", "Champions", "421", "12.5%", "93.1%", "90.3–95.2%"),
        *("6 of 10", "1", "71.6%"),
    ]


def test_a_report_without_a_hold_out_has_no_block():
    assert holding_block(example_report(), FORMATS) is None
    assert (
        holding_block(replace(example_report(), holding=Holding(90, (), (), ())), FORMATS) is None
    )


# --- the pages ----------------------------------------------------------------------------------


def pages_of(report) -> list[str]:
    charts = draw_report(report)
    return [
        render_html(report, charts, data_files=(), template_dir=None),
        render_print_html(report, charts, page_size="A4", template_dir=None),
    ]


def test_both_pages_tell_it_before_how_it_was_made():
    for page in pages_of(holding_report()):
        assert page.index('id="playbook"') < page.index('id="hold"') < page.index('id="method"')
        section = re.search(r'id="hold".*?</section>', page, re.DOTALL)[0]
        assert "Do these segments hold?" in section
        assert "cannot be told apart" in section
    # On paper the table's intervals are enough.
    assert ['id="came-back"' in page for page in pages_of(holding_report())] == [True, False]


def test_a_report_that_cannot_tell_leaves_it_out():
    for page in pages_of(example_report()):
        assert 'id="hold"' not in page


def test_hostile_names_stay_text():
    names = dict(zip(COLORS, HOSTILE_NAMES, strict=True))
    holding = example_holding()
    hold_outs = tuple(
        replace(day, rows=tuple(replace(row, segment=names[row.segment]) for row in day.rows))
        for day in holding.hold_outs
    )
    trials = tuple(
        replace(trial, title=HOSTILE_NAMES[0], top_segment=HOSTILE_NAMES[1])
        for trial in holding.trials
    )
    hostile = Holding(90, hold_outs, compare_neighbours(hold_outs[0]), trials)
    for page in pages_of(replace(hostile_report(), holding=hostile)):
        assert 'id="hold"' in page
        assert not re.search(r"<script>\s*alert|<img src=x|onerror=alert\(1\)>", page)
        assert "W" * 60 not in page


# --- the verdict, both ways -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "verdict", "words"),
    [
        (
            (("A", 100, 90), ("B", 100, 60), ("C", 100, 35)),
            "held",
            "The segments held: as of 11 Sept 2011, each came back clearly more",
        ),
        (
            (("A", 100, 90), ("B", 100, 60), ("C", 100, 59)),
            "partly",
            "The segments held in part: as of 11 Sept 2011, 1 of 2 came back clearly more",
        ),
        (
            (("A", 100, 50), ("B", 100, 49), ("C", 100, 90)),
            "did not hold",
            "The segments did not hold: as of 11 Sept 2011, none came back clearly more",
        ),
        (
            (("A", 9, 5), ("B", 100, 60)),
            "untested",
            "Whether the segments hold could not be tested: the past has too few",
        ),
    ],
)
def test_the_verdict_is_told_both_ways(groups, verdict, words):
    holding = holding_of(*groups)
    assert holding.verdict == verdict
    assert verdict_told(holding).told(FORMATS).startswith(words)


def test_where_segments_did_not_hold_it_is_said_what_does_tell():
    score = ScoreTrial("recency_days", estimate_share(60, 100), estimate_share(20, 100), tells=True)
    holding = holding_of(("A", 100, 50), ("B", 100, 49))
    assert what_tells(holding).told(FORMATS) == "Nor does any single score tell who comes back."
    assert what_tells(replace(holding, scores=(score,))).told(FORMATS) == (
        "What does tell: time since the last order. By time since the last order, 60% of the best "
        "score came back within 90 days, 20% of the worst."
    )


def test_the_verdict_stands_on_the_first_page_and_without_one_no_advice():
    charts = draw_report(holding_report())
    told = render_html(holding_report(), charts, data_files=(), template_dir=None)
    assert "The segments held in part: as of 11 Sept 2011" in told
    failed = "No advice is given by segment. The segments did not hold."
    report = replace(holding_report(), recommendations=(), no_advice=failed)
    assert failed in render_html(report, charts, data_files=(), template_dir=None)
