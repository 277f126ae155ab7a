"""Formats: how numbers, money and dates are written, and that rounded parts add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.errors import SettingsError
from rfmreport.formats import Formats, rounded_that_add_up, rounded_to, shares_that_add_up

BRITISH = Formats("en_GB", "GBP")
GERMAN = Formats("de_DE", "EUR")
NO_CURRENCY = Formats()


def plain(text: str) -> str:
    """Replace no-break spaces, wide and narrow, by plain ones."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("formats", "method", "arguments", "expected"),
    [
        (BRITISH, "count", (4338,), "4,338"),
        (BRITISH, "count", (0,), "0"),
        (BRITISH, "count", (-1234,), "−1,234"),
        (BRITISH, "count", (2.5,), "3"),
        (GERMAN, "count", (1_234_567,), "1.234.567"),
        (BRITISH, "number", (2.5,), "2.5"),
        (BRITISH, "number", (2.0,), "2"),
        (BRITISH, "number", (2.25,), "2.3"),
        (BRITISH, "number", (-2.25,), "−2.3"),
        (BRITISH, "number", (-0.04,), "0"),
        (BRITISH, "number", (Decimal("1234.567"), 2), "1,234.57"),
        (GERMAN, "number", (1234.5,), "1.234,5"),
        (BRITISH, "money", (8911407.904,), "£8,911,408"),
        (BRITISH, "money", (8911407.904, 2), "£8,911,407.90"),
        (BRITISH, "money", (Decimal("0.125"), 2), "£0.13"),
        (BRITISH, "money", (2.5,), "£3"),
        (BRITISH, "money", (-2.5,), "−£3"),
        (BRITISH, "money", (-0.3,), "£0"),
        (GERMAN, "money", (-1234.5, 2), "−1.234,50 €"),
        (NO_CURRENCY, "money", (1234.5, 2), "1,234.50"),
        (Formats("en_US", "JPY"), "money", (1234,), "¥1,234"),
        (BRITISH, "money_short", (9999,), "£9,999"),
        (BRITISH, "money_short", (9999.5,), "£10.0k"),
        (BRITISH, "money_short", (12345,), "£12.3k"),
        (BRITISH, "money_short", (999_950,), "£1.00M"),
        (BRITISH, "money_short", (1161817.38,), "£1.16M"),
        (BRITISH, "money_short", (-1161817.38,), "−£1.16M"),
        (BRITISH, "money_short", (2_345_000_000,), "£2.35bn"),
        (BRITISH, "money_short", (1_234_000_000_000,), "£1,230bn"),
        (BRITISH, "money_short", (10_250,), "£10.3k"),
        (BRITISH, "money_short", (1_165_000,), "£1.17M"),
        (GERMAN, "money_short", (1161817.38,), "1,16M €"),
        (NO_CURRENCY, "money_short", (123456,), "123k"),
        (BRITISH, "money_like", (485_732, 3_836_647), "£0.49M"),
        (BRITISH, "money_like", (3_836_647, 3_836_647), "£3.84M"),
        (BRITISH, "money_like", (3_130, 216_000), "£3k"),
        (BRITISH, "money_like", (-8_040, 94_200), "−£8.0k"),
        (BRITISH, "money_like", (1234.5, 9_999), "£1,235"),
        (BRITISH, "money_like", (0, 94_200), "£0"),
        (GERMAN, "money_like", (485_732, 3_836_647), "0,49M €"),
        (BRITISH, "share", (0.1264,), "12.6%"),
        (BRITISH, "share", (0.1265, 0), "13%"),
        (BRITISH, "share", (0.00125, 2), "0.13%"),
        (BRITISH, "share", (1.0,), "100.0%"),
        (BRITISH, "share", (-0.031,), "−3.1%"),
        (BRITISH, "share", (-0.0001,), "0.0%"),
        (GERMAN, "share", (0.1264,), "12,6 %"),
        (BRITISH, "relative_change", (0.118,), "+11.8%"),
        (BRITISH, "relative_change", (-0.118,), "−11.8%"),
        (BRITISH, "relative_change", (0.0,), "0.0%"),
        (BRITISH, "relative_change", (-0.0001,), "0.0%"),
        (BRITISH, "relative_change", (0.1185,), "+11.9%"),
        (BRITISH, "points_change", (-0.031,), "−3.1 pts"),
        (BRITISH, "points_change", (0.0315,), "+3.2 pts"),
        (BRITISH, "points_change", (0,), "0.0 pts"),
        (BRITISH, "count_change", (41,), "+41"),
        (BRITISH, "count_change", (-1041,), "−1,041"),
        (BRITISH, "count_change", (0,), "0"),
        (BRITISH, "day", (date(2011, 12, 9),), "9 Dec 2011"),
        (BRITISH, "month", (date(2011, 11, 1),), "November 2011"),
        (BRITISH, "month_short", (date(2011, 11, 1),), "Nov 2011"),
        (BRITISH, "month_name", (date(2011, 11, 1),), "November"),
        (BRITISH, "month_name_short", (date(2011, 11, 1),), "Nov"),
        (GERMAN, "month", (date(2011, 12, 1),), "December 2011"),
    ],
)
def test_a_value_is_written_as_people_read_it(formats, method, arguments, expected):
    assert plain(getattr(formats, method)(*arguments)) == expected


@pytest.mark.parametrize(
    "method",
    [
        "count",
        "number",
        "money",
        "money_short",
        "share",
        "relative_change",
        "points_change",
        "count_change",
    ],
)
def test_a_missing_value_is_a_dash(method: str):
    assert getattr(BRITISH, method)(None) == "–"


@pytest.mark.parametrize("name", ["xx_YY", "not a locale", ""])
def test_an_unknown_locale_says_what_is_expected(name: str):
    with pytest.raises(SettingsError, match=r"expected a name such as en_GB, de_DE$"):
        Formats(name).count(1)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(0.5, 0, "1"), (-0.5, 0, "-1"), (2.675, 2, "2.68"), (Decimal("1.005"), 2, "1.01")],
)
def test_rounding_is_half_away_from_zero(value: float, digits: int, expected: str):
    assert rounded_to(value, digits) == Decimal(expected)


def test_thirds_add_up_to_a_hundred():
    assert shares_that_add_up([1, 1, 1]) == [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")]


@pytest.mark.parametrize("parts", [[], [0], [0, 0.0]])
def test_shares_of_nothing_are_zero(parts: list[float]):
    assert shares_that_add_up(parts) == [Decimal(0)] * len(parts)


amounts = st.decimals(min_value=0, max_value=10**12, places=4)


@given(st.lists(amounts, min_size=1, max_size=30).filter(any), st.integers(0, 2))
def test_shares_add_up_to_exactly_a_hundred(parts: list[Decimal], digits: int):
    shares = shares_that_add_up(parts, digits)
    total = sum(parts)
    assert sum(shares) == 100
    assert all(
        abs(share - part * 100 / total) < Decimal(1).scaleb(-digits)
        for share, part in zip(shares, parts, strict=True)
    )


@given(
    st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=4), max_size=30),
    st.integers(0, 3),
)
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[Decimal], digits: int):
    rounded = rounded_that_add_up(parts, digits)
    step = Decimal(1).scaleb(-digits)
    assert sum(rounded) == rounded_to(sum(parts, Decimal(0)), digits)
    assert all(abs(r - part) < step for r, part in zip(rounded, parts, strict=True))
    assert all(r % step == 0 for r in rounded)


@given(st.lists(amounts, min_size=1, max_size=10))
def test_adding_up_leaves_the_parts_as_they_were(parts: list[Decimal]):
    before = list(parts)
    rounded_that_add_up(parts)
    shares_that_add_up(parts)
    assert parts == before


def test_days_of_the_week_and_months_of_the_year_have_names() -> None:
    formats = Formats("de_DE", "EUR")
    assert [formats.weekday(number) for number in (0, 6)] == ["Monday", "Sunday"]
    assert formats.day_of_week(date(2011, 12, 9)) == "Fri 9 Dec 2011"
    assert [formats.month_number_short(number) for number in (1, 9)] == ["Jan", "Sept"]
