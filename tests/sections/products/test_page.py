"""What they buy: titles name what enough customers bought, and every figure has its n."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from drawn_reports import draw_report
from example_report import example_report
from example_sells import example_sells, hostile_sells_report, sells_report

from rfmreport.formats import Formats
from rfmreport.kit.colors import PALE
from rfmreport.kit.drawings import text_width
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.products.charts import top_caption, top_drawing, uptake_drawing
from rfmreport.sections.products.figures import Preferences
from rfmreport.sections.products.page import launch_title, sells_lead, sells_page, sells_title

FORMATS = Formats("en_GB", "GBP")
SELLS = example_sells()


def page_of(sells=SELLS, medium="screen"):
    return sells_page(replace(sells_report(), sells=sells), FORMATS, medium)


def texts_of(row) -> list[str]:
    return [cell.text for cell in row.cells]


# --- titles -------------------------------------------------------------------------------------


def test_a_single_deal_is_no_best_seller():
    assert sells_title(SELLS.products, FORMATS) == (
        "Of products with 30 or more buyers, REGENCY CAKESTAND 3 TIER sells most: £143k, 1.6% of "
        "revenue, from 881 customers"
    )
    assert sells_lead(SELLS.products, FORMATS) == (
        "4,334 customers bought 3,659 products in 18,402 orders, for £8.76M. PAPER CRAFT , LITTLE "
        "BIRDIE is among the best ten through a single order (£168k) from 1 customer: no "
        "favourite, however much it brought."
    )


def test_the_product_that_brings_most_of_all_sells_most():
    first = replace(SELLS.products.favourite, revenue_rank=1)
    assert sells_title(replace(SELLS.products, favourite=first), FORMATS).startswith(
        "REGENCY CAKESTAND 3 TIER sells most: £143k, 1.6% of revenue"
    )


def test_shares_of_products_are_of_what_is_left_after_returns():
    sells = replace(SELLS, products=replace(SELLS.products, returned=Decimal(5000)))
    assert "1.6% of revenue net of returns" in sells_title(sells.products, FORMATS)
    assert "% of revenue net of returns" in top_caption(sells.products, FORMATS).title
    assert page_of(sells).countries.title.startswith("United Kingdom brings 82.9% of purchases")


def test_without_enough_customers_nothing_is_called_best():
    few = tuple(replace(one, customer_count=29) for one in SELLS.products.top)
    sales = replace(SELLS.products, top=few, favourite=None)
    assert sells_title(sales, FORMATS) == "No product was bought by 30 customers or more"
    assert "and 4 more through fewer than 30 customers: no favourites" in sells_lead(sales, FORMATS)


def test_what_is_left_out_is_told():
    sales = replace(SELLS.products, unnamed_revenue=Decimal(5000), returned=Decimal(900))
    lead = sells_lead(sales, FORMATS)
    assert "Purchases of £5,000 name no product and are left out." in lead
    assert lead.endswith(
        "Goods of £900 that came back are subtracted from the products they belong to."
    )


def test_the_product_that_leads_elsewhere_is_named():
    """Japan has too few orders to say."""
    page = page_of()
    assert page.countries.title == (
        "United Kingdom brings 82.9% of revenue; REGENCY CAKESTAND 3 TIER leads in 2 of 3 others"
    )
    assert page.countries.note.startswith("The 5 of 37 countries with most revenue.")
    assert (
        "Bought more than elsewhere, tested like the tastes of segments below: Germany ROUND SNACK "
        "BOXES SET OF4 WOODLAND 10.5× (6.8–16.1), n = 42 (3 of 2,000 comparisons stand)."
    ) in page.countries.note
    nobody = replace(SELLS, countries=replace(SELLS.countries, leader=None))
    assert page_of(nobody).countries.title == "United Kingdom brings 82.9% of revenue"


def test_countries_without_a_taste_of_their_own_are_told():
    nothing = replace(SELLS.affinity, countries=Preferences((), 2_000, 0))
    page = page_of(replace(SELLS, affinity=nothing))
    assert "No country buys any product clearly more" in page.countries.note
    assert "more than elsewhere" not in page.countries.note


def test_what_names_no_country_is_told():
    unplaced = replace(SELLS.countries, unplaced_revenue=Decimal(5000))
    note = page_of(replace(SELLS, countries=unplaced)).countries.note
    assert "Purchases of £5,000 name no country." in note


def test_segments_with_more_customers_of_a_country_are_named():
    assert page_of().countries.note.endswith(
        "Countries with more customers in a segment than in the others: Germany in Loyal Customers "
        "2.3× (1.6–3.3), n = 31 (20 comparisons, all in data/segment_countries.csv)."
    )
    nothing = replace(SELLS.affinity, homes=Preferences((), 20, 0))
    assert page_of(replace(SELLS, affinity=nothing)).countries.note.endswith(
        "No segment has clearly more customers of one country (20 comparisons)."
    )


def test_a_fast_launch_is_named():
    assert launch_title(SELLS.launches, FORMATS) == (
        "Of 226 products launched in the last 90 days, JUMBO BAG PAISLEY PARK finds customers "
        "faster than three in four earlier launches: 226 in 6 weeks"
    )
    slow = tuple(replace(one, verdict="as others") for one in SELLS.launches.shown)
    assert launch_title(replace(SELLS.launches, shown=slow), FORMATS) == (
        "226 products launched in the last 90 days"
    )


# --- tables -------------------------------------------------------------------------------------


def test_a_product_stands_once_with_both_its_ranks():
    table = page_of().products.table
    assert texts_of(table.rows[1]) == [
        "REGENCY CAKESTAND 3 TIER · 22423", "2", "£142,593", "1.6%", "45", "12,402", "0.2%", "881",
        "1,703", "+7.4%",
    ]  # fmt: skip
    assert [row.cells[-1].text for row in table.rows] == [
        "new", "+7.4%", "+38.5%", "−21.6%", "–", "+98.3%", "+95.1%",
    ]  # fmt: skip
    assert texts_of(table.total)[-1] == "+64.0%"


def test_without_quantities_there_are_no_columns_for_them():
    top = tuple(
        replace(one, quantity=None, quantity_share=None, quantity_rank=None)
        for one in SELLS.products.top
    )
    sales = replace(SELLS.products, top=top, quantity=None)
    page = page_of(replace(SELLS, products=sales))
    assert [column.label for column in page.products.table.columns] == [
        "Product", "Rank", "Revenue", "%", "Customers", "Orders", "Revenue",
    ]  # fmt: skip
    assert top_drawing(sales, FORMATS).layers


def test_a_country_with_few_orders_has_no_best_product():
    rows = {texts_of(row)[0]: texts_of(row)[5:] for row in page_of().countries.table.rows}
    assert rows["Japan"] == ["too few orders to say", "too few orders to say"]
    assert rows["EIRE"] == ["REGENCY CAKESTAND 3 TIER", "POPCORN HOLDER"]
    assert rows["United Kingdom"][0] == "PAPER CRAFT , LITTLE BIRDIE (one line)"


def test_a_taste_has_its_n_and_its_interval():
    page = page_of()
    assert texts_of(page.tastes.table.rows[0]) == [
        "High-Value", "JUMBO BAG PAISLEY PARK", "156", "230", "193", "107", "1.8×", "1.4–2.4",
    ]  # fmt: skip
    assert page.tastes.note.endswith("Nothing clear for Loyal Customers, Lost.")
    assert "Of 2,500 comparisons" in page.tastes.note
    assert "6 stand once their number is allowed for" in page.tastes.note
    assert "4 with 30 buyers in the segment and 30 outside" in page.tastes.note
    assert [row.key for row in page.tastes.table.rows] == [0, 0, 2, 3]


def test_a_launch_stands_beside_the_quartiles_of_earlier_ones():
    page = page_of()
    assert texts_of(page.launches.table.rows[0]) == [
        "1 JUMBO BAG PAISLEY PARK", "25 Oct 2011", "6", "226", "£7,827", "63.9",
        "1.1 · 6.9 · 18.7", "faster",
    ]  # fmt: skip
    assert page.takers.title == (
        "High-Value customers are 59% of first buyers, and make 51% of all purchases"
    )
    assert texts_of(page.takers.table.rows[3]) == ["At-Risk", "17.7%", "3.6%", "1.8%", "100"]


def test_paper_cuts_names_to_one_line():
    long = tuple(replace(one, name="W" * 60) for one in SELLS.products.top)
    page = page_of(replace(SELLS, products=replace(SELLS.products, top=long)), "print")
    assert text_width(page.products.table.rows[0].cells[0].text) <= 230


@pytest.mark.parametrize("part", ["countries", "affinity", "launches"])
def test_what_cannot_be_told_is_left_out(part: str):
    report = replace(sells_report(), sells=replace(SELLS, **{part: None}))
    page = pages_of(report)[1]
    assert 'id="sells"' in page
    marks = {"countries": "leads in", "affinity": "Pick: a product", "launches": "launched in"}
    section = re.search(r'id="sells".*?</section>', page, re.DOTALL)[0]
    assert [key for key, mark in marks.items() if mark not in section] == [part]


def test_no_taste_and_no_old_launch_are_told_too():
    sells = replace(
        SELLS,
        affinity=replace(SELLS.affinity, segments=Preferences(), countries=Preferences()),
        launches=replace(
            SELLS.launches,
            earlier=(),
            takers=(),
            shown=tuple(
                replace(one, earlier_pace=None, verdict="too few") for one in SELLS.launches.shown
            ),
        ),
    )
    page = page_of(sells)
    assert page.tastes.title == "No segment buys any product clearly more than the others do"
    assert (page.tastes.table, page.takers) == (None, None)
    assert "too few earlier launches" in page.launches.note
    assert uptake_drawing(sells.launches, FORMATS).layers


# --- charts and pages ---------------------------------------------------------------------------


def rows_of(drawing, kind, **style):
    layers = [layer for layer in drawing.layers if layer.kind == kind]
    return [row for layer in layers for row in layer.rows if style.items() <= layer.style.items()]


def test_bars_start_at_zero_and_are_as_long_as_what_they_stand_for():
    products = SELLS.products.top
    bars = rows_of(top_drawing(SELLS.products, FORMATS), "bars")
    for values in ([float(one.revenue) for one in products], [one.quantity for one in products]):
        left = min(bar["x"] for bar in bars)
        column = sorted((bar for bar in bars if bar["x"] == left), key=lambda bar: bar["y"])
        bars = [bar for bar in bars if bar["x"] != left]
        lengths = [bar["x2"] - bar["x"] for bar in column]
        assert [length / max(lengths) for length in lengths] == pytest.approx(
            [value / max(values) for value in values]
        )
    assert bars == []


def test_a_bar_looks_like_its_place_in_the_list():
    """The single deal is dashed; a product that is not among the ten of a list is pale there."""
    drawing = top_drawing(SELLS.products, FORMATS)
    dashed = rows_of(drawing, "bars", strokeDash=[3, 2])
    assert {bar["about"].split(":")[0] for bar in dashed} == {"PAPER CRAFT , LITTLE BIRDIE"}
    pale = [bar["about"] for bar in rows_of(drawing, "bars") if bar["color"] == PALE]
    assert "REGENCY CAKESTAND 3 TIER: 12,402" in pale
    assert "POPCORN HOLDER: £37.2k, 0.4%" in pale
    assert top_caption(SELLS.products, FORMATS).note == (
        "Before each bar: the rank among all products. Pale: not among the ten. Dashed: fewer than "
        "30 customers. Change: revenue of Sept to Nov 2011 against Jun to Aug 2011, season "
        "included; new: first sold after that; –: too few lines to say."
    )


def test_a_product_name_is_whole_on_paper():
    texts = [row["text"] for row in rows_of(top_drawing(SELLS.products, FORMATS), "texts")]
    assert "WHITE HANGING HEART T-LIGHT HOLDER" in texts


def test_paper_has_shorter_lists_and_the_same_finding():
    rows = SELLS.countries.rows * 3
    sells = replace(SELLS, countries=replace(SELLS.countries, rows=rows))
    screen, paper = (page_of(sells, medium) for medium in ("screen", "print"))
    assert (len(screen.countries.table.rows), len(paper.countries.table.rows)) == (15, 6)
    assert screen.countries.title == paper.countries.title
    assert paper.countries.note.startswith("The 6 of 37 countries")


@pytest.mark.parametrize("draw", [top_drawing, uptake_drawing])
def test_no_label_leaves_the_drawing(draw):
    part = SELLS.products if draw is top_drawing else SELLS.launches
    drawing = draw(part, FORMATS)
    for layer in drawing.layers:
        if layer.kind == "texts":
            align = layer.style.get("align", "center")
            for row in layer.rows:
                width = 1.06 * text_width(row["text"])
                left = row["x"] - {"right": width, "center": width / 2}.get(align, 0)
                assert left >= -0.5, row["text"]
                assert left + width <= drawing.width, row["text"]
                assert 0 <= row["y"] <= drawing.height


def test_the_numbers_of_launches_keep_clear_of_one_another():
    texts = rows_of(uptake_drawing(SELLS.launches, FORMATS), "texts", fontWeight=600)
    assert sorted(row["text"] for row in texts) == ["1", "2", "3"]
    first, second = (row for row in texts if row["text"] in "12")
    assert abs(first["y"] - second["y"]) >= 11


def pages_of(report) -> list[str]:
    charts = draw_report(report)
    return [
        render_html(report, charts, data_files=(), template_dir=None),
        render_print_html(report, charts, page_size="A4", template_dir=None),
    ]


def test_both_pages_tell_it_after_the_playbook():
    for page in pages_of(sells_report()):
        assert page.index('id="playbook"') < page.index('id="sells"') < page.index('id="method"')
        section = re.search(r'id="sells".*?</section>', page, re.DOTALL)[0]
        assert "What they buy" in section
        assert 'id="top-products"' in section
        assert 'id="launch-uptake"' in section
        assert "ROUND SNACK BOX" in section


def test_a_source_without_products_has_no_section():
    assert sells_page(example_report(), FORMATS, "screen") is None
    for page in pages_of(example_report()):
        assert 'id="sells"' not in page


def test_hostile_names_stay_text():
    for page in pages_of(hostile_sells_report()):
        assert 'id="sells"' in page
        assert not re.search(r"<script>\s*alert|<img src=x|onerror=alert\(1\)>", page)
        assert "W" * 70 not in page
