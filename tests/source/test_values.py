"""Values: how ids and numbers are read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from stages import judged_lines, rows_of

from rfmreport.settings import SourceSettings

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def test_ids_stay_text_and_floats_lose_their_ending(engine: Backend):
    frame = rows_of(
        """
        customer    | order   | expected    | date       | amount
        17850.0     | 1.0     | 17850       | 2010-12-01 | 1
        17850       | 2       | 17850       | 2010-12-01 | 1
        00123       | 3       | 00123       | 2010-12-01 | 1
        00123.0     | 4       | 00123       | 2010-12-01 | 1
        TRUE Conroy | 5       | TRUE Conroy | 2010-12-01 | 1
        O'Reilly    | 6       | O'Reilly    | 2010-12-01 | 1
        12.50       | 7       | 12.50       | 2010-12-01 | 1
        1.5.0       | 8       | 1.5.0       | 2010-12-01 | 1
        v2.0        | 9       | v2.0        | 2010-12-01 | 1
        NA          | 10      | NA          | 2010-12-01 | 1
        nan         | 11      |             | 2010-12-01 | 1
        NaN         | 12      |             | 2010-12-01 | 1
        None        | 13      |             | 2010-12-01 | 1
        NULL        | 14      |             | 2010-12-01 | 1
        null        | 15      |             | 2010-12-01 | 1
        <NA>        | 16      |             | 2010-12-01 | 1
        Ünal Çelik  | 17      | Ünal Çelik  | 2010-12-01 | 1
        """
    )
    expected = frame.pop("expected")
    lines = judged_lines(engine, frame)
    assert list(lines.customer_id.fillna("-")) == list(expected.fillna("-"))
    assert list(lines.order_id) == [str(number) for number in range(1, 18)]


@pytest.mark.parametrize("blank", ["  17850", "17850  ", "\t17850\r"])
def test_blanks_around_an_id_do_not_make_another_customer(engine: Backend, blank: str):
    frame = pd.DataFrame({"customer": [blank, "17850"], "date": "2010-12-01", "amount": "1"})
    assert list(judged_lines(engine, frame).customer_id) == ["17850", "17850"]


def test_a_blank_id_is_no_customer(engine: Backend):
    frame = pd.DataFrame({"customer": ["", " ", "\t"], "date": "2010-12-01", "amount": "1"})
    assert set(judged_lines(engine, frame).exclusion) == {"missing_customer"}


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
    "Swiss": ["1'234.50 = 1234.5", "CHF 12.50 = 12.5"],
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
