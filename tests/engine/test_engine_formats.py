"""Text made by the engine: as `formats` writes it in every locale, and safe for spreadsheets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rfmreport.engine.engine_formats import (
    count_text,
    day_text,
    formula_safe,
    money_text,
    phone_safe,
    share_text,
)
from rfmreport.engine.formula_safety import with_apostrophe
from rfmreport.formats import Formats

LOCALES = (
    "en_GB", "de_DE", "de_CH", "fr_FR", "sv_SE", "en_IN", "hi_IN", "tr_TR", "ar_EG", "ja_JP",
    "pt_PT", "bg_BG",
)  # fmt: skip
AMOUNTS = (
    "0", "0.4", "0.5", "-0.4", "-0.5", "1", "-1", "2.5", "999.4999", "999.5", "1000", "-1234.56",
    "99999", "100000", "1234567.5", "-98765432.1", "123456789012", "99999999999999.4999",
)  # fmt: skip


def column_of(values: list[Any], kind: pa.DataType) -> Any:
    return ibis.memtable(pa.table({"value": pa.array(values, kind)})).value


def texts(expression: Any) -> list[Any]:
    return expression.to_pyarrow().to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("currency", ["GBP", "INR", None])
def test_money_is_written_as_in_the_report(locale: str, currency: str | None) -> None:
    formats = Formats(locale, currency)
    amounts = [Decimal(text) for text in AMOUNTS]
    column = column_of(amounts, pa.decimal128(38, 4))
    assert texts(money_text(column, formats)) == [formats.money(amount) for amount in amounts]


@pytest.mark.parametrize("locale", LOCALES)
def test_counts_are_written_as_in_the_report(locale: str) -> None:
    formats, counts = Formats(locale), [0, 1, 12, 999, 1000, 12345, 1234567, 10**12]
    column = column_of(counts, pa.int64())
    assert texts(count_text(column, formats)) == [formats.count(count) for count in counts]


@given(st.lists(st.decimals(-(10**13), 10**13, places=4), min_size=1, max_size=40))
@examples(max_examples=25)
def test_any_amount_is_rounded_as_in_the_report(amounts: list[Decimal]) -> None:
    formats = Formats("en_IN", "INR")
    column = column_of(amounts, pa.decimal128(38, 4))
    assert texts(money_text(column, formats)) == [formats.money(amount) for amount in amounts]


@pytest.mark.parametrize("locale", LOCALES)
def test_shares_are_whole_per_cent_and_hardly_any_is_not_none(locale: str) -> None:
    formats = Formats(locale)
    shares = [0, 0.0001, 0.0049, 0.005, 0.125, 0.285, 0.5, 0.9949, 0.995, 0.9999, 1, None]
    expected = [None if share is None else formats.share(share, 0) for share in shares]
    expected[1] = expected[2] = f"under {formats.share(0.01, 0)}"
    expected[8] = expected[9] = f"over {formats.share(0.99, 0)}"
    assert texts(share_text(column_of(shares, pa.float64()), formats)) == expected


def test_days_are_written_as_in_the_report() -> None:
    days = [date(2024, 2, 29), *(date(2023, month, 9) for month in range(1, 13))]
    written = texts(day_text(column_of(days, pa.date32())))
    assert written == [Formats().day(day) for day in days]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "＝1", "a=b", "'x", "", "+44 20"])
def test_text_is_made_safe_as_python_does(text: str) -> None:
    assert texts(formula_safe(column_of([text], pa.string()))) == [with_apostrophe(text)]


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        ("+44 20 7946 0000", "+44 20 7946 0000"),
        ("+49(0)30/123-45.6", "+49(0)30/123-45.6"),
        ("020 7946", "020 7946"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("+44 ext", "'+44 ext"),
        ("=1", "'=1"),
        ("-1", "'-1"),
        ("+44\n=1", "'+44\n=1"),
        ("+", "'+"),
    ],
)
def test_a_telephone_number_stays_and_nothing_else_that_runs(phone: str, written: str) -> None:
    assert texts(phone_safe(column_of([phone], pa.string()))) == [written]
