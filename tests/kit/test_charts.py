"""Charts: legible, accessible, harmless, and true to the report."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from xml.etree import ElementTree

import pytest
from drawn_reports import draw_report
from fontTools.ttLib import TTFont

from rfmreport.formats import Formats
from rfmreport.kit import charts as charts_module
from rfmreport.kit.charted import Caption, Chart
from rfmreport.kit.colors import VARIABLES, contrast, luminance, on_dark_page, ramp_rules, shade
from rfmreport.kit.drawings import Drawing, fitted, log_ticks, round_ticks, text_width, wrapped
from rfmreport.kit.svg import finished_svg, image_address, screen_svg
from rfmreport.kit.tables import Table
from rfmreport.sections.registry import report_drawings
from rfmreport.sections.when.month_page import month_caption, month_chart
from rfmreport.settings.resources import resource_dir

SVG = "{http://www.w3.org/2000/svg}"
SEGMENT_CHARTS = (
    "customers-per-segment",
    "segment-proportions",
    "share-against-share",
    "rfm-bubbles",
    "recency-frequency-map",
    "scheme-grid",
)
ALL = pytest.mark.parametrize("name", ["example", "hostile", "tiny"])


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - drawn by ourselves


@cache
def font(weight: str) -> TTFont:
    name = {"600": "SemiBold", "700": "Bold"}.get(weight, "Regular")
    return TTFont(resource_dir("templates") / "fonts" / f"Inter-{name}.ttf")


def drawn_width(text: ElementTree.Element) -> float:
    face = font(text.get("font-weight", "400"))
    glyphs, advances = face.getBestCmap(), face["hmtx"]
    size = float(text.get("font-size", "11px").removesuffix("px"))
    em = face["head"].unitsPerEm
    return (
        sum(
            advances[glyphs[ord(letter)]][0] / em
            if ord(letter) in glyphs
            else text_width(letter, 1)
            for letter in text.text or ""
        )
        * size
    )


def texts_with_place(svg: str):
    """Yield every upright text of a drawing with its left and right edge."""
    for text in parsed(svg).iter(f"{SVG}text"):
        if "rotate" in text.get("transform", ""):
            continue
        x = float(re.search(r"translate\(([-\d.]+)", text.get("transform", "")).group(1))
        width = drawn_width(text)
        before = {"end": width, "middle": width / 2}.get(text.get("text-anchor"), 0.0)
        yield text.text, x - before, x - before + width


@ALL
def test_no_text_leaves_its_drawing(charts_of, name):
    for chart in charts_of(name):
        width = float(parsed(chart.svg).get("width"))
        for text, left, right in texts_with_place(chart.svg):
            assert left >= -1, (chart.id, text)
            assert right <= width + 1, (chart.id, text)


@ALL
def test_every_text_is_8_points_or_larger(charts_of, name):
    for chart in charts_of(name):
        sizes = re.findall(r'font-size="([\d.]+)px"', chart.svg)
        assert min(map(float, sizes)) * 0.75 >= 8


@ALL
def test_drawings_are_images_with_title_and_description(charts_of, name):
    for chart in charts_of(name):
        root = parsed(chart.svg)
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == chart.caption.title
        assert root.find(f"{SVG}desc").text == chart.caption.alternative
        assert 'role="graphics' not in chart.svg


@ALL
def test_ids_are_unique_on_the_page(charts_of, name):
    ids = re.findall(r'\bid="([^"]+)"', "".join(chart.svg for chart in charts_of(name)))
    assert len(ids) == len(set(ids))


def test_names_from_the_data_stay_text(charts_of):
    allowed = {"svg", "g", "path", "text", "tspan", "line", "title", "desc", "defs", "clipPath"}
    for chart in charts_of("hostile"):
        tags = {element.tag.removeprefix(SVG) for element in parsed(chart.svg).iter()}
        assert tags <= allowed | {"rect"}
        assert "<script" not in chart.svg


def test_same_report_gives_same_drawings(charts_of, report_of):
    assert draw_report(report_of("example")) == charts_of("example")


def test_drawings_follow_the_page_on_a_screen(charts_of):
    for chart in charts_of("example"):
        screen = screen_svg(chart.svg, {"#0b5d5e": "var(--segment-1)"})
        assert not any(f'="{color}"' in screen for color in VARIABLES)
        assert "var(--muted)" in screen or "var(--ink)" in screen


def test_segments_keep_their_color_in_every_chart(charts_of):
    by_id = {chart.id: chart.svg for chart in charts_of("example")}
    for name in SEGMENT_CHARTS:
        assert "#0b5d5e" in by_id[name], name


def test_places_are_written_to_the_hundredth_of_a_pixel():
    drawn = (
        f'<svg xmlns="{SVG[1:-1]}"><path fill="#000000" d="M1.23456,-0.001h95.960000000001"/></svg>'
    )
    words = Caption("bar", "", "", "", "", Table("", (), ()))
    assert 'd="M1.23,-0h95.96"' in finished_svg(drawn, words)


def test_an_image_for_paper_carries_no_tooltips(charts_of):
    assert "ZGF0YS1hYm91d" not in image_address(charts_of("example")[0].svg)


def test_text_reads_on_every_shade_of_the_map():
    for step in range(101):
        color = shade(step / 100)
        assert contrast(color.ink, color.fill) >= 4.5


def test_text_reads_on_every_shade_of_the_screen_light_and_dark():
    rules = re.findall(r"--ramp-(\d+):(#\w+);--on-ramp-\1:(#\w+);", ramp_rules())
    light, dark = rules[: len(rules) // 2], rules[len(rules) // 2 :]
    assert [step for step, *_ in light] == [step for step, *_ in dark]
    for _, fill, ink in rules:
        assert contrast(ink, fill) >= 4.5
    assert luminance(light[0][1]) > luminance(light[-1][1])
    assert luminance(dark[0][1]) < luminance(dark[-1][1])


def test_each_shade_is_known_on_the_screen():
    shades = {shade(step / 100) for step in range(101)}
    assert len(shades) == len({VARIABLES[one.fill] for one in shades})
    assert all(VARIABLES[one.ink].startswith("var(--on-ramp-") for one in shades)


@pytest.mark.parametrize("color", ["#0b5d5e", "#000000", "#123456"])
def test_segment_colors_stand_out_from_the_dark_page(color):
    assert contrast(on_dark_page(color), "#14191d") >= 3


def test_too_many_marks_are_refused(report_of):
    report = report_of("example")
    drawing = Drawing(month_caption(report, Formats()), 10, 10)
    drawing.add("rules", [{"x": 0, "y": 0, "x2": 1, "y2": 1}] * 2_001)
    with pytest.raises(ValueError, match="2001 marks"):
        charts_module._drawn(drawing)  # noqa: SLF001 - the guard is what is tested


def test_an_unfinished_month_is_dashed_and_said(report_of):
    report = report_of("example")
    drawing = month_chart(report, Formats("en_GB", "GBP"))
    dashed = [layer for layer in drawing.layers if "strokeDash" in layer.style]
    assert [row["about"] for layer in dashed for row in layer.rows] == [
        "December 2011: £513,230 (month not complete)"
    ]
    assert "December 2011 is not complete" in drawing.caption.note


def test_the_year_before_stands_beside_when_the_months_reach_back(report_of):
    report = report_of("example")
    earlier = tuple(
        replace(month, first_day=date(month.first_day.year - 1, month.first_day.month, 1))
        for month in report.months[:-1]
    )
    drawing = month_chart(replace(report, months=earlier + report.months), Formats())
    abouts = [row["about"] for layer in drawing.layers for row in layer.rows if "about" in row]
    assert any(about.startswith("November 2010") for about in abouts)
    assert "a year before" in drawing.caption.note


def test_titles_are_findings(charts_of):
    titles = {chart.id: chart.caption.title for chart in charts_of("example")}
    assert titles["revenue-by-month"] == "November 2011: £1.14M, the best of 12 full months"
    assert titles["share-against-share"] == "High-Value: 20.9% of customers, 63.9% of revenue"
    assert titles["recency-frequency-map"] == "380 customers, 8.8% of all, bring 44.2% of revenue"
    assert titles["recency-distribution"] == "Half of all customers ordered within the last 51 days"


def test_a_small_shop_claims_no_top_percent(charts_of):
    titles = [chart.caption.title for chart in charts_of("tiny")]
    assert not any("top 1%" in title for title in titles)


def test_data_tables_hold_what_is_drawn(charts_of):
    chart = next(chart for chart in charts_of("example") if chart.id == "customers-per-segment")
    cells = [[cell.text for cell in row.cells] for row in chart.caption.table.rows]
    assert cells[0] == ["High-Value", "905", "20.9%"]
    assert sum(float(row[2].rstrip("%")) for row in cells) == pytest.approx(100)


def test_a_report_without_months_has_no_month_chart(report_of):
    drawings = report_drawings(replace(report_of("example"), months=()), Formats())
    assert "revenue-by-month" not in [drawing.caption.id for drawing in drawings]


def test_texts_are_measured_cut_and_broken():
    assert text_width("W" * 10) > text_width("i" * 10)
    assert fitted("Potential Loyalists", 60).endswith("…")
    assert wrapped("Loyal Customers", 70) == ["Loyal", "Customers"]


def test_ticks_are_round():
    assert round_ticks(1_142_145, 3) == [0.0, 500_000.0, 1_000_000.0]
    assert log_ticks(2, 400) == [3, 10, 30, 100, 300]


def test_what_a_draft_has_in_common_with_the_report_is_drawn_once(report_of, monkeypatch):
    report = report_of("example")
    draft = replace(report, movement=None, kpis=(), insights=())
    names: list[str] = []

    def noted(drawing):
        names.append(drawing.caption.id)
        return Chart(drawing.caption, "<svg/>")

    monkeypatch.setattr(charts_module, "_drawn", noted)
    artist = charts_module.Artist()
    ahead = artist.draw(report_drawings(draft, Formats()))
    assert len(ahead) == len(names)
    assert len(artist.draw(report_drawings(report, Formats()))) == len(ahead) + 1
    assert names[len(ahead) :] == ["segment-flows"]


def test_a_figure_that_changes_after_the_draft_is_drawn_again(report_of):
    draft, report = report_of("tiny"), report_of("example")
    artist = charts_module.Artist()
    artist.draw(report_drawings(draft, Formats()))
    formats = Formats(report.locale, report.currency)
    assert artist.draw(report_drawings(report, formats)) == draw_report(report)
