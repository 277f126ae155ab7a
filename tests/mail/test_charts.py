"""The charts of the e-mails: which one is shown, that it can be read, and that it is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from example_sells import example_sells
from PIL import Image

from rfmreport.formats import Formats
from rfmreport.kit.charts import draw_png
from rfmreport.kit.colors import ACCENT, PALE
from rfmreport.kit.drawings import text_width
from rfmreport.mail.charts import CHARTS_OF_SECTIONS, WIDTH, mail_drawing
from rfmreport.sections.registry import DEPARTMENTS

SECTIONS = {
    "projection": "revenue-by-month",
    "demand": "orders-by-month",
    "moves": "segment-sizes",
    "hold_outs": "came-back",
    "favourites": "top-products",
    "targets": "share-against-share",
    "a section of somebody's own": "share-against-share",
}


def drawing_of(report, *sections, formats=None):
    formats = formats or Formats("en_GB", report.currency)
    return mail_drawing(report, sections or ("months",), formats)


@pytest.fixture
def report(report_of):
    return replace(report_of("example"), sells=example_sells())


def texts_of(drawing):
    return [
        (row, layer.style)
        for layer in drawing.layers
        if layer.kind == "texts"
        for row in layer.rows
    ]


def marks_of(drawing):
    return [row for layer in drawing.layers if layer.kind == "bars" for row in layer.rows]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_chooses_the_chart(report, section):
    assert drawing_of(report, section).caption.id == SECTIONS[section]


def test_charts_are_those_of_sections_that_there_are():
    assert set(CHARTS_OF_SECTIONS) <= set(DEPARTMENTS)


def test_the_first_section_that_has_a_chart_chooses(report):
    assert drawing_of(report, "targets", "demand", "moves").caption.id == "orders-by-month"


def test_a_chart_that_cannot_be_drawn_is_not_chosen(report_of):
    tiny = report_of("tiny")
    for section in SECTIONS:
        assert drawing_of(tiny, section).caption.id == "share-against-share"


def test_the_management_sees_revenue_by_month(report):
    drawing = drawing_of(report)
    assert drawing.caption.title == "November 2011: £1.14M, the best of 12 full months"
    heights = [row["y2"] - row["y"] for row in marks_of(drawing)]
    revenues = [float(month.revenue) for month in report.months]
    assert [height / max(heights) for height in heights] == pytest.approx(
        [revenue / max(revenues) for revenue in revenues[:-1]] + [revenues[-1] / max(revenues)]
    )


def test_only_the_month_that_is_spoken_of_stands_out(report):
    colors = [row["color"] for row in marks_of(drawing_of(report))]
    assert colors.count(ACCENT) == 1
    texts = texts_of(drawing_of(report))
    bold = {row["text"] for row, style in texts if style.get("fontWeight") == 700}
    assert bold == {"£1.14M", "Nov"}


def test_a_year_before_stands_pale_beside(report):
    months = report.months[:-1]
    earlier = [replace(one, first_day=a_year_before(one.first_day)) for one in months]
    drawing = drawing_of(replace(report, months=(*earlier, *months[1:])))
    colors = [row["color"] for row in marks_of(drawing)]
    assert colors.count(PALE) == len(months) - 1


def a_year_before(day):
    return date(day.year - 1, day.month, 1)


@pytest.mark.parametrize("locale", ["en_GB", "de_DE", "fr_CH"])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_text_is_large_and_inside(report, section, locale):
    drawing = drawing_of(report, section, formats=Formats(locale, "CHF"))
    assert drawing.width == WIDTH
    for row, style in texts_of(drawing):
        assert style["fontSize"] >= 16
        width = text_width(row["text"], style["fontSize"])
        width *= 1.06 if style.get("fontWeight") == 700 else 1.0
        left = row["x"] - {"left": 0, "right": width}.get(style.get("align"), width / 2)
        assert left >= -1, row
        assert left + width <= WIDTH + 1, row
        assert 0 < row["y"] < drawing.height, row


def test_bars_are_as_long_as_what_they_say(report):
    bars = marks_of(drawing_of(report, "targets"))
    lengths = [row["x2"] - row["x"] for row in bars[:2]]
    assert lengths[1] / lengths[0] == pytest.approx(
        905 / 4334 / (5597821.75 / 8761066.65), rel=1e-3
    )


def test_products_of_few_customers_are_pale_and_said_to_be(report):
    sales = report.sells.products
    first, second = sales.by_revenue[:2]
    few = replace(first, customer_count=3)
    top = tuple(few if one is first else one for one in sales.top)
    sales = replace(sales, top=top)
    report = replace(report, sells=replace(report.sells, products=sales))
    drawing = drawing_of(report, "favourites")
    assert [row["color"] for row in marks_of(drawing)][:2] == [PALE, ACCENT]
    assert f"{second.name} sells most" in drawing.caption.title
    assert drawing.caption.note == "Pale: bought by fewer than 30 customers."


def test_names_from_the_data_are_cut_to_their_room(report_of):
    drawing = drawing_of(report_of("hostile"), "targets")
    names = [row["text"] for row, style in texts_of(drawing) if row["x"] == 0]
    assert any(name.endswith("…") for name in names)
    assert draw_png(drawing).startswith(b"\x89PNG")


def test_the_same_chart_is_the_same_picture_twice_its_size(report):
    drawing = drawing_of(report)
    picture = draw_png(drawing)
    assert picture == draw_png(drawing)
    size = [int.from_bytes(picture[place : place + 4], "big") for place in (16, 20)]
    assert size == [2 * drawing.width, 2 * drawing.height]
    with Image.open(BytesIO(picture)) as image:
        assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
