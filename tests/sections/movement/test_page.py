"""What moved: legible for any scheme, adding up, and claiming nothing that chance explains."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import combinations
from typing import TYPE_CHECKING

import ibis
import pytest
from drawn_reports import draw_report
from example_movement import (
    example_movement,
    hostile_movement,
    many_segments_report,
    moved_report,
    window_movement,
)
from example_report import example_report, hostile_report, tiny_report
from pypdf import PdfReader
from shops import customers_of, drawn_shop, filed, orders_of

from rfmreport.engine.csv_files import written_columns
from rfmreport.formats import Formats
from rfmreport.kit.drawings import SMALL, text_width
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.pages.pdf import PdfRenderer
from rfmreport.sections.movement.bridges import reasons_note
from rfmreport.sections.movement.charts import flow_caption, least_move, movement_drawing
from rfmreport.sections.movement.figures import Flow, Movement, SegmentBridge
from rfmreport.sections.movement.measure import measure_movement
from rfmreport.sections.movement.page import SECTION, moved_block, movement_finding

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = Formats("en_GB", "GBP")
REPORTS = {
    "five": moved_report,
    "window": lambda: replace(example_report(), movement=window_movement()),
    "hostile": lambda: replace(hostile_report(), movement=hostile_movement()),
    "ten": lambda: many_segments_report("ten"),
    "eleven": many_segments_report,
}
ALL = pytest.mark.parametrize("name", REPORTS)


def drawing_of(name):
    report = REPORTS[name]()
    return movement_drawing(report, FORMATS)


def rows_of(drawing, kind):
    return [(layer.style, row) for layer in drawing.layers if layer.kind == kind
            for row in layer.rows]  # fmt: skip


def boxes_of(drawing):
    """Return the text, left, right and middle of every label, bold ones a little wider."""
    boxes = []
    for style, row in rows_of(drawing, "texts"):
        wide = text_width(row["text"], style.get("fontSize", SMALL))
        wide *= 1.06 if "fontWeight" in style else 1
        left = row["x"] - (wide if style["align"] == "right" else 0)
        boxes.append((row["text"], left, left + wide, row["y"]))
    return [box for box in boxes if box[0]]


# --- the drawing --------------------------------------------------------------------------------


@ALL
def test_ribbons_and_bars_stay_on_the_surface(name):
    drawing = drawing_of(name)
    marks = rows_of(drawing, "ribbons") + rows_of(drawing, "bars")
    assert marks
    for _, mark in marks:
        assert 0 <= mark["x"] <= drawing.width, mark["about"]
        assert 0 <= mark["y"] <= mark["y2"] <= drawing.height + 1, mark["about"]


@ALL
def test_labels_stay_on_the_surface_and_apart(name):
    drawing = drawing_of(name)
    boxes = boxes_of(drawing)
    for text, left, right, _ in boxes:
        assert left >= 0, text
        assert right <= drawing.width, text
    for one, other in combinations(boxes, 2):
        side_by_side = one[2] <= other[1] or other[2] <= one[1]
        assert side_by_side or abs(one[3] - other[3]) >= 12, (one, other)


@ALL
def test_every_label_is_11_pixels_or_more(name):
    assert all(
        style.get("fontSize", SMALL) >= 11 for style, _ in rows_of(drawing_of(name), "texts")
    )


def count_in(about):
    """Return the customers of a tooltip: 195 of "A → B: 190 aged, 5 bought"."""
    numbers = re.findall(r"[\d,]+(?= [a-z])", about.rpartition(": ")[2])
    return sum(int(number.replace(",", "")) for number in numbers)


def fills(bar, ribbons, is_all_drawn):
    """Say whether the ribbons at a bar hold its customers, or as many as are drawn."""
    drawn = sum(count_in(row["about"]) for row in ribbons)
    return drawn == count_in(bar["about"]) if is_all_drawn else drawn <= count_in(bar["about"])


@ALL
def test_ribbons_fill_the_bars_they_come_from_and_go_to(name):
    drawing = drawing_of(name)
    is_all_drawn = least_move(REPORTS[name]().movement) == 1
    bars = [row for _, row in rows_of(drawing, "bars")]
    ribbons = [row for _, row in rows_of(drawing, "ribbons")]
    largest = max(bars, key=lambda bar: count_in(bar["about"]))
    scale = (largest["y2"] - largest["y"]) / count_in(largest["about"])
    for end in (min, max):
        edge = end(row["x"] for row in ribbons)
        ends = [row for row in ribbons if row["x"] == edge]
        for row in ends:
            thickness = max(0.8, count_in(row["about"]) * scale)
            assert row["y2"] - row["y"] == pytest.approx(thickness)
        for bar in (bar for bar in bars if edge in {bar["x"], bar["x2"]}):
            mine = [row for row in ends if bar["y"] - 0.01 <= row["y"] < bar["y2"] - 0.01]
            assert fills(bar, mine, is_all_drawn)


def test_of_many_moves_the_largest_are_drawn_and_the_note_says_so():
    report = REPORTS["eleven"]()
    flows = [flow for flow in report.movement.flows if flow.before != flow.now]
    moved = sum(flow.customer_count for flow in flows)
    least = least_move(report.movement)
    abouts = [row["about"] for _, row in rows_of(drawing_of("eleven"), "ribbons")]
    moves = {about for about in abouts if len(set(about.split(":")[0].split(" → "))) == 2}
    drawn = sum(map(count_in, moves))
    assert least > 1
    assert min(map(count_in, moves)) == least
    assert 0.8 <= drawn / moved < 1
    note = flow_caption(report, report.movement, FORMATS).note
    assert f"Drawn: moves of {least} customers or more, {drawn / moved:.0%} of all" in note
    five = REPORTS["five"]()
    assert "Drawn" not in flow_caption(five, five.movement, FORMATS).note


def test_a_ribbon_has_the_color_of_its_origin_and_who_stayed_is_pale():
    colors = {row.name: row.color for row in example_report().segments.rows}
    ribbons = rows_of(drawing_of("five"), "ribbons")
    for style, row in ribbons:
        before, now = row["about"].split(":")[0].split(" → ")
        assert row["color"] == colors.get(before, "#1d242a")
        assert (style["opacity"] < 0.2) == (before == now)
    assert "High-Value → Loyal Customers: 190 aged" in {row["about"] for _, row in ribbons}


def test_a_segment_called_new_is_not_taken_for_the_new_customers():
    texts = [box[0] for box in boxes_of(drawing_of("eleven"))]
    assert texts.count("New") == 2
    assert texts.count("New customers") == 1


def test_two_reasons_between_two_segments_are_one_ribbon():
    report = moved_report()
    more = Flow("High-Value", "Loyal Customers", "bought", 5, Decimal(5))
    movement = replace(report.movement, flows=(*report.movement.flows, more))
    drawing = movement_drawing(replace(report, movement=movement), FORMATS)
    abouts = {row["about"] for _, row in rows_of(drawing, "ribbons")}
    assert "High-Value → Loyal Customers: 190 aged, 5 bought" in abouts


def test_it_is_drawn_with_its_words_and_without_markup_from_names():
    for name in ("five", "hostile"):
        chart = next(c for c in draw_report(REPORTS[name]()) if c.id == "segment-flows")
        assert chart.svg.count("data-about") >= 20
        assert not re.search(r"<script|<img", chart.svg)
        assert "NaN" not in chart.svg


def test_without_an_earlier_date_there_is_neither_chart_nor_section():
    report = tiny_report()
    assert "segment-flows" not in {chart.id for chart in draw_report(report)}
    page = render_html(report, (), data_files=(), template_dir=None)
    assert 'id="moved"' not in page
    assert moved_block(report, FORMATS, "screen") is None


# --- the words ----------------------------------------------------------------------------------


def movement_of(*bridges, in_and_out=0):
    """Make a movement of bridges (name, before, new, bought, aged), and of moves within."""
    made = tuple(
        SegmentBridge(name, before, 0, new, 0, bought, aged, before + new + bought + aged)
        for name, before, new, bought, aged in bridges
    )
    first, second = made[0].segment, made[1].segment
    flows = [
        Flow(None, first, "new", in_and_out + made[0].new, Decimal(0)),
        Flow(first, second, "aged", in_and_out, Decimal(0)),
    ]
    return Movement(date(2011, 11, 10), tuple(flows), made, (first,), (), 0, Decimal(0))


def finding(*bridges, **given):
    return movement_finding(movement_of(*bridges, **given), FORMATS)


def test_the_title_says_how_the_top_segment_moved_and_why():
    assert movement_finding(example_movement(), FORMATS) == (
        "High-Value grew by 207 to 905: buying added 395, new customers 2, silence took 190"
    )
    assert finding(("A", 500, 0, 41, 0), ("B", 500, 0, -41, 0), in_and_out=100) == (
        "A grew by 41 to 541, all of it through buying"
    )
    assert finding(("A", 500, 10, 0, -60), ("B", 500, 0, 0, 60), in_and_out=100) == (
        "A shrank by 50 to 450: silence took 60, new customers added 10"
    )


def test_where_the_top_segment_stood_still_the_one_that_moved_most_is_told():
    words = finding(("A", 500, 0, 3, 0), ("B", 500, 0, 0, 60), in_and_out=100)
    assert words == "B grew by 60 to 560, all of it through silence"


def test_what_chance_explains_is_no_finding():
    words = finding(("A", 500, 0, 19, 0), ("B", 500, 0, -19, 0), in_and_out=100)
    assert words == (
        "No clear direction since 10 Nov 2011: no segment gained or lost more than 19 customers"
    )


def test_nothing_is_claimed_of_fewer_than_thirty():
    few = (("A", 10, 0, 9, 0), ("B", 10, 0, -9, 0))
    assert finding(*few, in_and_out=5) == (
        "Only 10 customers changed segments since 10 Nov 2011: too few to name a direction"
    )
    assert finding(*few, in_and_out=0).startswith("Nobody changed segments since 10 Nov 2011")
    small = finding(("A", 12, 0, 16, 0), ("B", 900, 0, -9, 0), in_and_out=40)
    assert small.endswith("no segment gained or lost more than 16 customers")


def test_corrections_alone_make_no_finding():
    movement = movement_of(("A", 500, 0, 0, 0), ("B", 500, 0, 0, 0), in_and_out=50)
    corrected = replace(movement.bridges[0], before_count=300, restated=200)
    movement = replace(movement, bridges=(corrected, movement.bridges[1]))
    assert "No clear direction" in movement_finding(movement, FORMATS)


def test_the_chart_counts_up_down_and_stayed():
    report = moved_report()
    caption = flow_caption(report, report.movement, FORMATS)
    assert caption.title == "733 customers moved up, 561 down, 2,788 stayed; 252 are new"
    assert 733 + 561 + 2788 + 252 == 4334
    windowed = flow_caption(report, window_movement(), FORMATS)
    assert windowed.title.endswith("; 252 are new, 12 came back, 9 left the window")
    assert "as the data are today" in windowed.note
    assert sum(int(row.cells[3].value) for row in caption.table.rows) == 4334


def test_only_reasons_that_occur_are_explained():
    note = reasons_note(example_movement(), FORMATS)
    assert "Bought" in note
    assert "Restated" not in note
    assert "Returning" not in note
    assert "not as report of November 2011 said" in reasons_note(window_movement(), FORMATS)


# --- the tables ---------------------------------------------------------------------------------


def printed(cell):
    return int(cell.text.replace("−", "-").replace("+", "").replace(",", ""))


@ALL
def test_every_row_and_column_of_the_bridges_adds_up_as_printed(name):
    table = moved_block(REPORTS[name](), FORMATS, "screen").bridges
    for row in (*table.rows, table.total):
        before, *parts, now, change = map(printed, row.cells[1:])
        assert before + sum(parts) == now
        assert change == now - before
    for column in range(1, len(table.columns)):
        total = sum(printed(row.cells[column]) for row in table.rows)
        assert total == printed(table.total.cells[column])


@ALL
def test_every_row_and_column_of_the_matrix_adds_up_to_the_sizes(name):
    report = REPORTS[name]()
    table = moved_block(report, FORMATS, "screen").matrix
    for row in (*table.rows, table.total):
        *parts, total = map(printed, row.cells[1:])
        assert sum(parts) == total
    for column in range(1, len(table.columns)):
        total = sum(printed(row.cells[column]) for row in table.rows)
        assert total == printed(table.total.cells[column])
    now = [bridge.now_count for bridge in report.movement.bridges]
    assert [printed(cell) for cell in table.total.cells[1 : len(now) + 1]] == now


def test_rare_columns_stand_only_where_they_occur():
    def labels(name):
        return [c.label for c in moved_block(REPORTS[name](), FORMATS, "screen").bridges.columns]

    assert labels("five") == ["Segment", "Before", "New", "Bought", "Aged", "Now", "Change"]
    assert labels("window")[2:5] == ["Restated", "New", "Returning"]


def test_paper_shows_ten_who_slipped_a_screen_fifty_and_both_say_how_many():
    report = moved_report()
    many = replace(report.movement, slipped=report.movement.slipped * 4)
    report = replace(report, movement=many)
    screen, paper = (moved_block(report, FORMATS, medium) for medium in ("screen", "print"))
    assert (len(screen.slipped.rows), len(paper.slipped.rows)) == (50, 10)
    assert "Shown: 10 of 311" in paper.slipped_note
    assert "Shown: 50 of 311" in screen.slipped_note
    assert "audiences/slipped.csv" in paper.slipped_note
    assert paper.slipped_title == (
        "311 customers slipped from High-Value or Loyal Customers: £843k of past spend"
    )
    assert [cell.text for cell in paper.slipped.rows[0].cells] == [
        "16029", "High-Value", "Loyal Customers", "62", "£72,882",
        "silent 39 days; usually 12, never more than 33",
    ]  # fmt: skip


def test_where_names_may_not_travel_those_to_call_stand_by_what_they_spent():
    table = moved_block(moved_report().without_customers(), FORMATS, "print").slipped
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["£10.0k–100k", "11", "£262,563", "58", "12", "33"],
        ["£1,000–10.0k", "300", "£580,000", "61", "24", "46"],
    ]


def test_where_nobody_slipped_it_says_so():
    report = moved_report()
    nobody = replace(
        report.movement, slipped=(), slipped_count=0, slipped_revenue=Decimal(0), bands=()
    )
    block = moved_block(replace(report, movement=nobody), FORMATS, "screen")
    assert block.slipped is None
    assert "data/moved.csv" in block.slipped_note
    assert block.slipped_title == "Nobody slipped from High-Value or Loyal Customers"


# --- the pages ----------------------------------------------------------------------------------


def test_names_from_the_data_are_text_on_the_page():
    report = REPORTS["hostile"]()
    for page in (
        render_html(report, (), data_files=(), template_dir=None),
        render_print_html(report, (), page_size="A4", template_dir=None),
    ):
        assert "&lt;img src=x" in page[page.index('id="moved"') :]
        assert not re.search(r"<script>\s*alert|<img src=x", page)


@pytest.fixture(scope="module")
def renderer():
    return PdfRenderer()


@pytest.mark.parametrize("name", ["five", "window"])
def test_on_paper_the_section_is_one_page(renderer, name):
    report = REPORTS[name]()
    charts = [chart for chart in draw_report(report) if chart.id == "segment-flows"]
    for page_size in ("A4", "Letter"):
        page = render_print_html(report, charts, page_size=page_size, template_dir=None)
        head, *chapters = page.split('<section class="chapter')
        moved = next(chapter for chapter in chapters if chapter.startswith('" id="moved"'))
        alone = f'{head}<section class="chapter{moved}</body></html>'
        assert len(PdfReader(BytesIO(renderer.rendered(alone))).pages) == 1


# --- the files ----------------------------------------------------------------------------------


def moved_csv(before: str, now: str, path: Path) -> list[dict[str, str]]:
    """Compare two dates and return what moved.csv says."""
    then = customers_of(before).mutate(as_of=ibis.literal(date(2024, 4, 1)))
    shop = drawn_shop(
        (date(2024, 1, 1), date(2024, 5, 1)),
        customers=customers_of(now),
        earlier_customers=then,
        orders=orders_of("customer_id | order_id | at | amount\na | 1 | 2024-01-01 | 1"),
    )
    shop.engine.hold(
        "overdue_customers",
        "SELECT customer_id, 10.0 AS usual_gap_days, 20 AS longest_gap_days FROM customers",
    )
    measure_movement(shop.engine, ("Best", "+Lost"), date(2024, 4, 1), has_window=False)
    sheet = next(one for one in SECTION.sheets if one.name == "moved")
    query = sheet.answered(written_columns(sheet.units))
    shop.engine.copy(query, path, "FORMAT csv, HEADER")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_moved_csv_has_everybody_whose_segment_changed_the_best_first(tmp_path):
    before = """
    customer_id | segment | revenue
    stays       | Best    | 900
    =falls      | Best    | 120.50
    leaves      | +Lost   | 7
    """
    now = """
    customer_id | segment | revenue | first_order_on
    stays       | Best    | 950     | 2024-01-01
    =falls      | +Lost   | 120.50  | 2024-01-01
    starts      | Best    | 5       | 2024-04-02
    a           | Best    | 5       | 2024-03-01
    """
    rows = moved_csv(before, now, tmp_path / "moved.csv")
    columns = ("customer_id", "segment_before", "segment", "reason", "revenue")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("'=falls", "Best", "'+Lost", "aged", "120.5"),
        ("leaves", "'+Lost", "", "aged", "7.0"),
        ("a", "", "Best", "returning", "5.0"),
        ("starts", "", "Best", "new", "5.0"),
    ]


def test_nobody_moved_leaves_the_heading(tmp_path):
    same = "customer_id | segment\na | Best"
    assert moved_csv(same, same, tmp_path / "moved.csv") == []
    assert (tmp_path / "moved.csv").read_text("utf-8-sig").startswith("customer_id,segment_before,")


def test_movement_csv_has_the_flows_with_exact_money_and_safe_names():
    flows = (
        Flow("=Best", "Lost", "aged", 2, Decimal("1200.5000")),
        Flow(None, "Lost", "new", 1, Decimal("1E+3")),
        Flow("Lost", None, "aged", 3, Decimal(-5)),
    )
    movement = Movement(date(2024, 4, 1), flows, (), (), (), 0, Decimal(0))
    rows = filed("movement", replace(example_report(), movement=movement))
    assert [tuple(row.values()) for row in rows] == [
        ("'=Best", "Lost", "aged", 2, "1200.5"),
        (None, "Lost", "new", 1, "1000"),
        ("Lost", None, "aged", 3, "-5"),
    ]
    assert list(rows[0]) == ["before", "now", "reason", "customers", "revenue"]
