"""Numbers: how each is read by its own shape."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from stages import judged_lines

from rfmreport.settings import SourceSettings

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


NUMBERS = {
    "plain": ["12.50 = 12.5", "-3 = -3", "1e3 = 1000", " 7 = 7", "nan =", "inf =", "abc ="],
    "British": [
        "1,234.50 = 1234.5",
        "£12.00 = 12",
        "£1,234,567.89 = 1234567.89",
        "-£5.00 = -5",
        "£-5.00 = -5",
        "(12.50) = -12.5",
        "(£1,012.50) = -1012.5",
        "12.50- = -12.5",
        "−12.50 = -12.5",
        "12.50 GBP = 12.5",
        "7 = 7",
        "n/a =",
        "- =",
    ],
    "dollars without decimals": ["$1,234 = 1234", "$5 = 5", "1,234 = 1234"],
    "German": [
        "1.234,50 = 1234.5",
        "12,50 € = 12.5",
        "1.234 = 1234",
        "-12,50 = -12.5",
        "12,50- = -12.5",
        "(12,50) = -12.5",
        "7 = 7",
    ],
    "French": [
        "1 234,50 = 1234.5",
        "1\N{NARROW NO-BREAK SPACE}234,50 € = 1234.5",
        "12,5 = 12.5",
    ],
    "Swiss": ["1'234.50 = 1234.5", "CHF 12.50 = 12.5", "1’234.05 = 1234.05", "12.- = 12"],
    "Indian": ["1,23,456.50 = 123456.5", "₹12,34,567 = 1234567", "Rs.500 = 500"],
    "yen": ["¥10,500 = 10500", "10,500円 = 10500", "250 = 250"],
    "yen as Shift-JIS has it": ["\\10,500 = 10500", "\\1,250 = 1250"],
    "won": ["₩45,000 = 45000", "45,000원 = 45000"],
    "credited": ["45.00 CR = -45", "1,234.50cr. = -1234.5", "45.00 DR = 45", "CR 45.00 = 45"],
    "Polish": ["1 234,50 zł = 1234.5", "1 234zł = 1234", "0,350 = 0.35", "-0,5 zł = -0.5"],
    "in other digits": [
        "١٢٣٤٫٥٠ = 1234.5",
        "۱۲۳ = 123",
        "￥１，２３４，５６７ = 1234567",
        "१२.५ = 12.5",
    ],
    "in two ways": ["1,234.50 = 1234.5", "1.234,50 = 1234.5", "31,00 = 31", "45.00 = 45"],
    "in thousands, perhaps": ["1.2k =", "0.18 K =", "1,5 M =", "3k€ =", "45 = 45"],
    "Czech": ["45,00Kč = 45", "1 234 Kč = 1234"],
    "Mexican": ["45 MXN = 45"],
    "with too many marks": ["1.5 = 1.5", "1.234.56 =", "12,34,5 =", "3 @ 5.00 =", "13.12.2010 ="],
    "parts of one": ["12.5 % = 0.125", "10% = 0.1", "0.25 = 0.25"],
}


@pytest.mark.parametrize("style", NUMBERS)
def test_a_number_is_read_as_it_is_written(engine: Backend, style: str):
    written, expected = zip(*(n.split("=") for n in NUMBERS[style]), strict=True)
    frame = pd.DataFrame({"customer": "1", "date": "2010-12-01", "amount": written})
    amounts = judged_lines(engine, frame).amount
    wanted = [Decimal(text.strip()) if text.strip() else None for text in expected]
    assert list(amounts) == wanted


def test_the_users_decimal_mark_wins(engine: Backend):
    frame = pd.DataFrame({"customer": "1", "date": "2010-12-01", "amount": ["1.234", "5"]})
    lines = judged_lines(engine, frame, source=SourceSettings(decimal=","))
    assert list(lines.amount) == [1234, 5]


def test_an_amount_too_large_to_be_one_is_unreadable(engine: Backend):
    frame = pd.DataFrame({"customer": "1", "date": "2010-12-01", "amount": ["1e30", "5"]})
    assert judged_lines(engine, frame).exclusion[0] == "unreadable_amount"


def test_money_is_decimal_and_holds_no_binary_dust(engine: Backend):
    frame = pd.DataFrame(
        {"customer": "1", "date": "2010-12-01", "quantity": "3", "price": ["0.1", "0.001"]}
    )
    amounts = list(judged_lines(engine, frame).amount)
    assert amounts == [Decimal("0.3000"), Decimal("0.0030")]
