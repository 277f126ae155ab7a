"""Text made by the engine: as `formats` writes it in every locale."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rfmreport.engine.ask import Engine
from rfmreport.engine.texts import define_texts, patterns
from rfmreport.formats import Formats

LOCALES = (
    "en_GB", "de_DE", "de_CH", "fr_FR", "sv_SE", "en_IN", "hi_IN", "tr_TR", "ar_EG", "ja_JP",
    "pt_PT", "bg_BG",
)  # fmt: skip
AMOUNTS = (
    "0", "0.4", "0.5", "-0.4", "-0.5", "1", "-1", "2.5", "999.4999", "999.5", "1000", "-1234.56",
    "99999", "100000", "1234567.5", "-98765432.1", "123456789012", "99999999999999.4999",
)  # fmt: skip


def written(values: list[Any], kind: str, call: str, formats: Formats) -> list[Any]:
    """Return values as a macro writes them: `call` names it and its pattern."""
    engine = Engine(duckdb.connect())
    define_texts(engine)
    asked = f"SELECT {call} AS text FROM (SELECT CAST(unnest($values) AS {kind}) AS value)"
    given = [None if value is None else str(value) for value in values]
    return [row["text"] for row in engine.rows(asked, values=given, **patterns(formats))]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("currency", ["GBP", "INR", None])
def test_money_is_written_as_in_the_report(locale: str, currency: str | None) -> None:
    formats = Formats(locale, currency)
    amounts = [Decimal(text) for text in AMOUNTS]
    found = written(amounts, "DECIMAL(38, 4)", "money_text(value, $money)", formats)
    assert found == [formats.money(amount) for amount in amounts]


@pytest.mark.parametrize("locale", LOCALES)
def test_counts_are_written_as_in_the_report(locale: str) -> None:
    formats, counts = Formats(locale), [0, 1, 12, 999, 1000, 12345, 1234567, 10**12]
    found = written(counts, "BIGINT", "count_text(value, $count)", formats)
    assert found == [formats.count(count) for count in counts]


@given(st.lists(st.decimals(-(10**13), 10**13, places=4), min_size=1, max_size=40))
@examples(max_examples=25)
def test_any_amount_is_rounded_as_in_the_report(amounts: list[Decimal]) -> None:
    formats = Formats("en_IN", "INR")
    found = written(amounts, "DECIMAL(38, 4)", "money_text(value, $money)", formats)
    assert found == [formats.money(amount) for amount in amounts]


@pytest.mark.parametrize("locale", LOCALES)
def test_shares_are_whole_per_cent_and_hardly_any_is_not_none(locale: str) -> None:
    formats = Formats(locale)
    shares = [0, 0.0001, 0.0049, 0.005, 0.125, 0.285, 0.5, 0.9949, 0.995, 0.9999, 1, None]
    expected = [None if share is None else formats.share(share, 0) for share in shares]
    expected[1] = expected[2] = f"under {formats.share(0.01, 0)}"
    expected[8] = expected[9] = f"over {formats.share(0.99, 0)}"
    assert written(shares, "DOUBLE", "share_text(value, $share)", formats) == expected


def test_days_are_written_as_in_the_report() -> None:
    days = [date(2024, 2, 29), *(date(2023, month, 9) for month in range(1, 13))]
    found = written(days, "DATE", "day_text(value)", Formats())
    assert found == [Formats().day(day) for day in days]
