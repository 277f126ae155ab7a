"""One declaration of columns, and the table and the file that follow from it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from rfmreport.formats import Formats
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.vocabulary import Estimate

FORMATS = Formats("en_GB", "GBP")


class Sold(NamedTuple):
    name: str
    count: int | None
    revenue: Decimal
    share: Estimate | None = None


FIELDS = (
    Field[Sold]("product", "Product", lambda row: row.name),
    Field[Sold]("count", "Pieces", lambda row: row.count, "count", hint="sold"),
    Field[Sold]("revenue", "Revenue", lambda row: row.revenue, "money", adds_up=True),
    Field[Sold]("share", "Share", lambda row: row.share, "share", has_interval=True),
    Field[Sold]("", "95% interval", lambda row: row.share, "share", is_range=True),
    Field[Sold]("first", "", lambda row: row.name[:1]),
)
ROWS = (
    Sold("Jar", 1200, Decimal("10.5"), Estimate(0.5, 0.25, 0.75, 40)),
    Sold("Bag", None, Decimal("20.5")),
)
SHEET = Sheet[tuple[Sold, ...], Sold]("sold", "One row per product.", FIELDS, lambda rows: rows)


def test_a_page_shows_the_fields_with_a_heading_and_columns_that_add_up():
    table = page_table("Sold", FIELDS, ROWS, FORMATS)
    assert [column.label for column in table.columns] == [
        *("Product", "Pieces", "Revenue", "Share", "95% interval")
    ]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Jar", "1,200", "£11", "50.0%", "25.0–75.0%"],
        ["Bag", "–", "£20", "–", "–"],
    ]
    assert [cell.raw for cell in table.rows[0].cells] == ["Jar", "1200", "10.5", "0.5", "0.25"]


def test_a_file_holds_the_exact_values_of_the_fields_with_a_key():
    (first, second) = SHEET.records(ROWS) or ()
    assert first == {
        "product": "Jar",
        "count": 1200,
        "revenue": Decimal("10.5"),
        "share": 0.5,
        "share_low": 0.25,
        "share_high": 0.75,
        "share_customers": 40,
        "first": "J",
    }
    assert list(second.values()) == ["Bag", None, Decimal("20.5"), None, None, None, None, "B"]


def test_what_cannot_be_told_has_no_file():
    sheet = Sheet[object, Sold]("none", "No row.", FIELDS, lambda _: None)
    assert sheet.records(object()) is None
    bounds = ["share_low", "share_high", "share_customers"]
    assert sheet.headings(object()) == ["product", "count", "revenue", "share", *bounds, "first"]


def test_short_amounts_add_up_and_a_missing_one_stays_missing() -> None:
    fields = (
        Field[float | None]("", "Segment", lambda _: "a"),
        Field[float | None]("", "To come", lambda one: one, "money_short", adds_up=True),
    )
    table = page_table("To come", fields, [171_204.0, None, 13_900.0, 3_130.5, 0.0], FORMATS)
    assert [row.cells[1].text for row in table.rows] == ["£171k", "–", "£14k", "£3k", "£0"]


def test_a_tone_of_its_own_comes_before_that_of_the_direction() -> None:
    change = Field[float]("", "Change", lambda one: one, "change")
    loss = Field[float]("", "Net", lambda one: one, "money", tone=lambda one: "down" * (one < 0))
    assert [change.cell(one, FORMATS).tone for one in (-1.0, 0.0, 1.0)] == ["down", "", "up"]
    assert [loss.cell(one, FORMATS).tone for one in (-1.0, 0.0, 1.0)] == ["down", "", ""]
