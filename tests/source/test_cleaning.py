"""Cleaning: how values are read, which rule takes a line, and that the bridge ties to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stages import ENGINE, cleaned, engine_table, judged_lines, judged_table, rows_of, texts_of

from rfmreport.customers import measure as customers
from rfmreport.engine.ask import Engine
from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import CleaningSettings, SourceSettings
from rfmreport.source import reading
from rfmreport.source.bridge import draw_bridge
from rfmreport.source.lines import parse_lines
from rfmreport.source.notes import mixed_currencies, trusted_prefixes
from rfmreport.source.orders import group_orders
from rfmreport.source.roles import ColumnMap
from rfmreport.source.value_formats import find_value_formats
from rfmreport.source.verdicts import RULES, Window

if TYPE_CHECKING:
    from pathlib import Path

    from ibis.backends.duckdb import Backend

    from rfmreport.source.audit import Audit


@pytest.fixture(scope="module")
def engine():
    with reading.open_engine(ENGINE) as opened:
        yield opened


def check_verdicts(engine: Backend, text: str, **rules) -> None:
    """Judge a drawn table and compare with its column `verdict`; "return" is a netted return."""
    frame = rows_of(text)
    expected = [verdict or "kept" for verdict in frame.pop("verdict").fillna("")]
    judged = judged_lines(engine, frame, **rules)
    verdicts = judged.exclusion.astype(object).where(judged.exclusion.notna(), "kept")
    assert list(verdicts.mask(judged.is_return, "return")) == expected


# --- the rules ----------------------------------------------------------------------------------


def test_every_rule_takes_its_lines(engine: Backend):
    check_verdicts(
        engine,
        """
        order   | sku    | quantity | date                | price | customer | verdict
        536365  | 85123A | 6        | 2010-12-01 08:26:00 | 2.55  | 17850.0  |
        536365  | 85123A | 6        | 2010-12-01 08:26:00 | 2.55  | 17850.0  |
        536369  |        | 1        | 2010-12-01 08:26:00 | 18    | 17850.0  |
        536366  | 85123A | 6        |                     | 2.55  | 17850.0  | unreadable_date
        536366  | 85123A | 6        | yesterday           | 2.55  | 17850.0  | unreadable_date
        536366  | 85123A | 6        | 0001-01-01          | 2.55  | 17850.0  | unreadable_date
        536366  | 85123A | six      | 2010-12-01 08:26:00 | 2.55  | 17850.0  | unreadable_amount
        536366  | 85123A | 6        | 2010-12-01 08:26:00 |       | 17850.0  | unreadable_amount
        536366  | 85123A | 6        | 2011-01-01 00:00:00 | 2.55  | 17850.0  | after_as_of
        536366  | 85123A | 6        | 2010-10-31 23:59:59 | 2.55  | 17850.0  | before_window
        536366  | 85123A | 6        | 2010-12-31 23:59:59 | 2.55  | 17850.0  |
        536366  | 85123A | 6        | 2010-11-01 00:00:00 | 2.55  | 17850.0  |
        536367  | 85123A | 6        | 2010-12-01 08:26:00 | 2.55  |          | missing_customer
        C536368 | 85123A | -6       | 2010-12-01 08:26:00 | 2.55  | 17850.0  | cancellation
        A563185 | B      | 1        | 2010-12-01 08:26:00 | 11062 | 17850.0  | adjustment
        536369  | 85123A | 0        | 2010-12-01 08:26:00 | 2.55  | 17850.0  | non_positive_quantity
        536369  | 85123A | -1       | 2010-12-01 08:26:00 | 2.55  | 17850.0  | non_positive_quantity
        536369  | 85123A | 1        | 2010-12-01 08:26:00 | 0     | 17850.0  | non_positive_price
        536369  | 85123A | 1        | 2010-12-01 08:26:00 | -0.01 | 17850.0  | non_positive_price
        536369  | POST   | 1        | 2010-12-01 08:26:00 | 18    | 17850.0  | non_product
        536369  | post   | 1        | 2010-12-01 08:26:00 | 18    | 17850.0  | non_product
        536369  | POSTER | 1        | 2010-12-01 08:26:00 | 18    | 17850.0  |
        """,
        window=Window(date(2010, 11, 1), date(2011, 1, 1)),
    )


def test_the_first_rule_that_matches_is_the_verdict(engine: Backend):
    """Each line breaks the rule named and all rules after it."""
    check_verdicts(
        engine,
        """
        order   | sku  | quantity | date       | price | customer | verdict
        C1      | POST | -1       | never      | 0     |          | unreadable_date
        C1      | POST | -1       | 2012-01-01 |       |          | unreadable_amount
        C1      | POST | -1       | 2012-01-01 | 0     |          | after_as_of
        C1      | POST | -1       | 2009-01-01 | 0     |          | before_window
        C1      | POST | -1       | 2010-12-01 | 0     |          | missing_customer
        C1      | POST | -1       | 2010-12-01 | 0     | 17850    | cancellation
        A1      | POST | -1       | 2010-12-01 | 0     | 17850    | adjustment
        1       | POST | -1       | 2010-12-01 | 0     | 17850    | non_positive_quantity
        1       | POST | 1        | 2010-12-01 | 0     | 17850    | non_positive_price
        1       | POST | 1        | 2010-12-01 | 1     | 17850    | non_product
        2       | 8512 | 1        | 2010-12-01 | 1     | 17850    |
        3       | 8512 | 1        | 2010-12-01 | 1     | 17850    |
        """,
        window=Window(date(2010, 1, 1), date(2011, 1, 1)),
    )


def test_a_discount_in_a_cancelled_order_gives_nothing_back(engine: Backend):
    check_verdicts(
        engine,
        """
        order | product  | sales | date       | customer | status   | verdict
        1     | mug      | 20    | 2024-01-01 | a        | paid     |
        2     | mug      | 20    | 2024-01-02 | a        | refunded | cancellation
        2     | discount | -5    | 2024-01-02 | a        |          | cancellation
        3     | mug      | -20   | 2024-01-03 | a        | paid     | return
        """,
        net_returns=True,
    )


def test_what_window_and_missing_customer_took_is_known_for_what_it_is(engine: Backend):
    frame = rows_of("""
        order | sku  | quantity | date       | price | customer | exclusion       | other
        1     | 8512 | 1        | 2010-12-01 | 1     | 17850    |                  |
        C2    | 8512 | -1       | 2010-12-01 | 1     | 17850    | cancellation     |
        3     | 8512 | 1        | 2010-12-01 | 1     |          | missing_customer |
        C4    | 8512 | -1       | 2010-12-01 | 1     |          | missing_customer | cancellation
        5     | POST | 1        | 2010-12-01 | 1     |          | missing_customer | non_product
        6     | 8512 | 1        | 2009-12-01 | 1     | 17850    | before_window    |
        7     | POST | 1        | 2009-12-01 | 1     | 17850    | before_window    | non_product
        8     | 8512 | 1        | 2009-12-01 | 0     |         | before_window    | missing_customer
        9     | 8512 | 1        | 2012-12-01 | 0     |          | after_as_of      |
    """)
    expected = frame[["exclusion", "other"]].fillna("").to_numpy().tolist()
    window = Window(date(2010, 1, 1), date(2011, 1, 1))
    judged = judged_lines(engine, frame.drop(columns=["exclusion", "other"]), window=window)
    assert judged[["exclusion", "other_exclusion"]].fillna("").to_numpy().tolist() == expected


def test_returns_before_the_window_are_known_where_goods_were_bought_before_it(engine: Backend):
    frame = rows_of("""
        order | quantity | date       | price | customer | exclusion     | other        | is_return
        7     | 1        | 2010-11-01 | 5     | c        |               |              |
        8     | 1        | 2010-11-01 | 5     | c        |               |              |
        9     | 1        | 2010-11-01 | 5     | c        |               |              |
        1     | 1        | 2009-11-01 | 5     | a        | before_window |              |
        C2    | -1       | 2009-12-01 | 5     | a        | before_window |              | yes
        C3    | -1       | 2009-12-01 | 5     | b        | before_window | cancellation |
        4     | 1        | 2010-12-01 | 5     | b        |               |              |
        C5    | -1       | 2010-12-02 | 5     | a        | cancellation  |              |
        C6    | -1       | 2010-12-02 | 5     | b        |               |              | yes
    """)
    expected = frame[["exclusion", "other", "is_return"]].fillna("").to_numpy().tolist()
    window = Window(date(2010, 1, 1), date(2011, 1, 1))
    drawn = frame.drop(columns=["exclusion", "other", "is_return"])
    judged = judged_lines(engine, drawn, window=window, net_returns=True)
    judged["is_return"] = judged.is_return.map({True: "yes", False: ""})
    names = ["exclusion", "other_exclusion", "is_return"]
    assert judged[names].fillna("").to_numpy().tolist() == expected


def test_the_rules_stand_in_the_documented_order():
    assert [rule.key for rule in RULES] == [
        "unreadable_date",
        "unreadable_amount",
        "after_as_of",
        "repeated",
        "before_window",
        "missing_customer",
        "cancellation",
        "adjustment",
        "non_positive_quantity",
        "non_positive_price",
        "non_product",
    ]


def test_a_prefix_means_something_only_before_digits(engine: Backend):
    check_verdicts(
        engine,
        """
        order    | date       | amount | customer | verdict
        C536368  | 2010-12-01 | -5     | 1        | cancellation
        C        | 2010-12-01 | 5      | 1        |
        CAROL-7  | 2010-12-01 | 5      | 1        |
        C1E5     | 2010-12-01 | 5      | 1        |
        C-12     | 2010-12-01 | 5      | 1        |
        C12-1    | 2010-12-01 | 5      | 1        |
        A1B2     | 2010-12-01 | 5      | 1        |
        XC5      | 2010-12-01 | 5      | 1        |
        536369   | 2010-12-01 | 5      | 1        |
        """,
    )


def test_prefixes_and_codes_are_settings(engine: Backend):
    check_verdicts(
        engine,
        """
        order | sku    | date       | amount | customer | verdict
        ST.1  | TEA    | 2010-12-01 | 5      | 1        | cancellation
        STX1  | TEA    | 2010-12-01 | 5      | 1        |
        C1    | TEA    | 2010-12-01 | 5      | 1        |
        A1    | TEA    | 2010-12-01 | 5      | 1        |
        2     | POST   | 2010-12-01 | 5      | 1        |
        3     | parcel | 2010-12-01 | 5      | 1        | non_product
        """,
        cancellation_prefix="ST.",
        adjustment_prefix="",
        non_product_codes=("Parcel",),
    )


def test_without_non_product_codes_postage_is_a_sale(engine: Backend):
    check_verdicts(
        engine,
        """
        order | sku  | date       | amount | customer | verdict
        1     | POST | 2010-12-01 | 5      | 1        |
        2     | M    | 2010-12-01 | 5      | 1        |
        """,
        non_product_codes=(),
    )


def test_a_prefix_that_most_orders_carry_is_the_shops_numbering(engine: Backend):
    sample = rows_of(
        """
        order | date       | amount | customer
        C1    | 2010-12-01 | 5      | 1
        C2    | 2010-12-01 | 5      | 1
        3     | 2010-12-01 | 5      | 1
        """
    )
    columns = ColumnMap("customer", "date", order="order", amount="amount")
    rules, findings = trusted_prefixes(texts_of(sample), columns, CleaningSettings())
    assert (rules.cancellation_prefix, rules.adjustment_prefix) == ("", "A")
    assert [finding.key for finding in findings] == ["cancellation_prefix"]
    assert set(judged_lines(engine, sample).exclusion.isna()) == {True}


def test_line_amounts_decide_even_where_quantities_stand_beside_them(engine: Backend):
    check_verdicts(
        engine,
        """
        order | quantity | date       | sales | customer | verdict
        1     | 0        | 2010-12-01 | 5     | 1        |
        2     |          | 2010-12-01 | 5     | 1        |
        3     | 32623    | 2010-12-01 | 50    | 1        |
        4     | 1        | 2010-12-01 | 0     | 1        | non_positive_price
        5     | 1        | 2010-12-01 | -5    | 1        | non_positive_price
        """,
    )


def test_an_amount_in_the_file_is_not_replaced_by_quantity_times_price(engine: Backend):
    lines = judged_lines(
        engine,
        rows_of(
            """
            ORDERNUMBER | QUANTITYORDERED | PRICEEACH | SALES   | ORDERDATE  | CUSTOMERNAME
            10107       | 30              | 95.70     | 2871.00 | 2003-02-24 | Land of Toys Inc.
            10121       | 34              | 100.00    | 3891.94 | 2003-05-07 | Reims Collectables
            """
        ),
    )
    assert list(lines.amount) == [Decimal("2871.0000"), Decimal("3891.9400")]


def test_a_status_on_an_orders_first_line_cancels_all_its_lines(engine: Backend):
    check_verdicts(
        engine,
        """
        order | status             | date       | quantity | price | customer | verdict
        #1148 | REFUNDED           | 2026-03-06 | 1        | 5.00  | a@b.c    | cancellation
        #1148 |                    | 2026-03-06 | 2        | 7.00  | a@b.c    | cancellation
        #1149 | paid               | 2026-03-06 | 1        | 5.00  | a@b.c    |
        #1149 |                    | 2026-03-06 | 1        | 5.00  | a@b.c    |
        #1150 | partially_refunded | 2026-03-06 | 1        | 5.00  | a@b.c    |
        #1151 | voided             | 2026-03-06 | 1        | 5.00  | a@b.c    | cancellation
        """,
    )


def test_the_statuses_that_cancel_are_a_setting(engine: Backend):
    check_verdicts(
        engine,
        """
        order | status    | date       | amount | customer | verdict
        1     | storniert | 2010-12-01 | 5      | 1        | cancellation
        2     | cancelled | 2010-12-01 | 5      | 1        |
        """,
        cancelled_statuses=("Storniert",),
    )


def test_a_status_cancels_one_line_where_there_are_no_orders(engine: Backend):
    check_verdicts(
        engine,
        """
        customer | date       | amount | status    | verdict
        1        | 2010-12-01 | 5      | cancelled | cancellation
        1        | 2010-12-01 | 5      | completed |
        """,
    )


def test_returns_are_netted_for_customers_who_bought(engine: Backend):
    check_verdicts(
        engine,
        """
        order | sku  | quantity | date       | price | customer | verdict
        1     | TEA  | 3        | 2010-12-01 | 2.00  | 1        |
        C2    | TEA  | -1       | 2010-12-02 | 2.00  | 1        | return
        3     | TEA  | -1       | 2010-12-03 | 2.00  | 1        | return
        C4    | POST | -1       | 2010-12-02 | 9.00  | 1        | cancellation
        C5    | TEA  | 1        | 2010-12-02 | 2.00  | 1        | cancellation
        C6    | TEA  | -1       | 2010-12-02 | 2.00  | 2        | cancellation
        C7    | TEA  | -1       | 2010-12-02 | 2.00  |          | missing_customer
        C8    | TEA  | -1       | 2012-12-02 | 2.00  | 1        | after_as_of
        9     | TEA  | 0        | 2010-12-02 | 2.00  | 1        | non_positive_quantity
        10    | TEA  | 3        | 2010-12-01 | 2.00  | 3        |
        11    | TEA  | 3        | 2010-12-01 | 2.00  | 4        |
        12    | TEA  | 3        | 2010-12-01 | 2.00  | 5        |
        """,
        net_returns=True,
        window=Window(None, date(2011, 1, 1)),
    )


# --- how values are written ---------------------------------------------------------------------


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


DATES = [
    ("2010-12-13 08:26:00", "ISO", "2010-12-13T08:26:00"),
    ("2010-12-13", "ISO", "2010-12-13T00:00:00"),
    ("2010-12-13T08:26:00", "ISO", "2010-12-13T08:26:00"),
    ("2010-12-13T08:26:00.123Z", "ISO", "2010-12-13T08:26:00.123"),
    ("2026-03-06 23:58:42 +0000", "ISO", "2026-03-06T23:58:42"),
    ("2026-03-06 23:58:42 -0500", "ISO", "2026-03-06T23:58:42"),
    ("2026-03-06T00:10:00+02:00", "ISO", "2026-03-06T00:10:00"),
    ("13/12/2010 08:26", "%d/%m/%Y", "2010-12-13T08:26:00"),
    ("12/13/2010 8:26", "%m/%d/%Y", "2010-12-13T08:26:00"),
    ("13/12/2010", "%d/%m/%Y", "2010-12-13T00:00:00"),
    ("12/13/10", "%m/%d/%y", "2010-12-13T00:00:00"),
    ("13/12/10 08:26:05", "%d/%m/%y", "2010-12-13T08:26:05"),
    ("12/13/2010 8:26:00 PM", "%m/%d/%Y", "2010-12-13T20:26:00"),
    ("12/13/2010 12:05 AM", "%m/%d/%Y", "2010-12-13T00:05:00"),
    ("13.12.2010 08:26", "%d.%m.%Y", "2010-12-13T08:26:00"),
    ("13.12.10", "%d.%m.%y", "2010-12-13T00:00:00"),
    ("13-12-2010", "%d-%m-%Y", "2010-12-13T00:00:00"),
    ("2010/12/13 08:26", "%Y/%m/%d", "2010-12-13T08:26:00"),
    ("20101213", "%Y%m%d", "2010-12-13T00:00:00"),
    ("13 Dec 2010", "%d %b %Y", "2010-12-13T00:00:00"),
    ("13 December 2010", "%d %B %Y", "2010-12-13T00:00:00"),
    ("Dec 13, 2010", "%b %d, %Y", "2010-12-13T00:00:00"),
    ("December 13, 2010", "%B %d, %Y", "2010-12-13T00:00:00"),
    ("13-Dec-2010", "%d-%b-%Y", "2010-12-13T00:00:00"),
    ("13-Dec-10", "%d-%b-%y", "2010-12-13T00:00:00"),
    ("40525.351388888886", "Excel", "2010-12-13T08:26:00"),
    ("40525", "Excel", "2010-12-13T00:00:00"),
]


@pytest.mark.parametrize(("written", "date_format", "expected"), DATES, ids=[d[0] for d in DATES])
def test_a_date_is_read_without_options(engine: Backend, written, date_format, expected):
    frame = pd.DataFrame({"customer": ["1"], "date": [written], "amount": ["1"]})
    columns = ColumnMap("customer", "date", amount="amount")
    table = engine_table(engine, frame)
    formats = find_value_formats(texts_of(frame), columns, table, SourceSettings())
    # ISO with slashes is read either way; what counts is the day.
    assert formats.date in {date_format, "ISO"}
    lines = parse_lines(table, columns, formats).to_pyarrow().to_pylist()
    assert lines[0]["ordered_at"] == datetime.fromisoformat(expected)


def find_date_format(engine: Backend, *written: str, sample: int | None = None, **source) -> str:
    frame = pd.DataFrame({"customer": "1", "date": list(written), "amount": "1"}, dtype="string")
    columns = ColumnMap("customer", "date", amount="amount")
    table = engine_table(engine, frame)
    settings = SourceSettings(**source)
    return find_value_formats(texts_of(frame.head(sample or 99)), columns, table, settings).date


def test_one_date_beyond_the_twelfth_settles_the_order_of_day_and_month(engine: Backend):
    assert find_date_format(engine, "01/02/2011", "03/04/2011", "13/04/2011") == "%d/%m/%Y"
    assert find_date_format(engine, "01/02/2011", "03/04/2011", "04/13/2011") == "%m/%d/%Y"


def test_the_whole_file_settles_what_its_first_rows_leave_open(engine: Backend):
    written = ["01/02/2011", "03/04/2011", "13/04/2011"]
    assert find_date_format(engine, *written, sample=2) == "%d/%m/%Y"


def test_a_few_unreadable_dates_do_not_hide_the_format(engine: Backend):
    assert find_date_format(engine, "13/12/2010", "14/12/2010", "n/a") == "%d/%m/%Y"
    assert find_date_format(engine, "2010-12-13", "2010-12-14", "n/a") == "ISO"


def test_day_and_month_that_cannot_be_told_apart_are_asked_for(engine: Backend):
    with pytest.raises(InputError) as caught:
        find_date_format(engine, "01/02/2011", "03/04/2011")
    assert str(caught.value) == (
        "column 'date': the day and the month cannot be told apart, every date reads as %d/%m/%Y "
        "and as %m/%d/%Y; say which with --date-format '%d/%m/%Y'"
    )


def test_the_users_date_format_wins(engine: Backend):
    assert find_date_format(engine, "01/02/2011", date_format="%m/%d/%Y") == "%m/%d/%Y"


def test_a_date_format_that_means_nothing_is_a_settings_error(engine: Backend):
    frame = pd.DataFrame({"customer": ["1"], "date": ["2010-12-13"], "amount": ["1"]})
    with pytest.raises(SettingsError, match="%Q"):
        judged_lines(engine, frame, source=SourceSettings(date_format="%Q"))


def test_what_is_no_date_is_shown_with_the_option_to_type(engine: Backend):
    with pytest.raises(InputError) as caught:
        find_date_format(engine, "red", "green", "blue")
    assert str(caught.value) == (
        "column 'date' does not hold dates that can be read: 'red', 'green', 'blue'; expected such "
        "as 2011-12-09 08:26; say how they are written with --date-format '%d.%m.%Y %H:%M', or "
        "which column it is with --map date=HEADING"
    )


def test_a_column_of_small_numbers_is_no_date(engine: Backend):
    with pytest.raises(InputError, match="does not hold dates"):
        find_date_format(engine, "1", "2", "36")


def test_a_column_without_any_date_is_said_to_be_so(engine: Backend):
    frame = pd.DataFrame({"customer": ["1"], "date": [None], "amount": ["1"]}, dtype="string")
    columns = ColumnMap("customer", "date", amount="amount")
    with pytest.raises(InputError, match="does not hold dates"):
        find_value_formats(texts_of(frame), columns, engine_table(engine, frame), SourceSettings())


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


# --- orders, files and sheets -------------------------------------------------------------------


def test_without_order_ids_a_customers_day_is_one_order(engine: Backend):
    lines = judged_lines(
        engine,
        rows_of(
            """
            customer_id | date       | number_of_cds | dollar_value
            00002       | 1997-01-12 | 1             | 12.00
            00002       | 1997-01-12 | 5             | 77.00
            00002       | 1997-01-13 | 5             | 77.00
            00003       | 1997-01-12 | 2             | 20.76
                        | 1997-01-12 | 2             | 20.76
            """
        ),
    )
    orders = list(lines.order_id.fillna("-"))
    assert orders == [
        "00002|1997-01-12",
        "00002|1997-01-12",
        "00002|1997-01-13",
        "00003|1997-01-12",
        "-",
    ]


def test_lines_that_stand_in_two_files_count_once(engine: Backend):
    """The copies are matched one to one: legal duplicates within a file stay."""
    frame = rows_of(
        """
        source_part | order | sku | quantity | date       | price | customer | verdict
        a.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        a.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        a.csv       | 1     | POT | 1        | 2010-12-01 | 9.00  | 1        |
        b.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        | repeated
        b.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        | repeated
        b.csv       | 1     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        b.csv       | 1     | POT | 2        | 2010-12-01 | 9.00  | 1        |
        b.csv       | 2     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        b.csv       | 2     | TEA | 1        | 2010-12-01 | 2.00  | 1        |
        c.csv       | 1     | POT | 1        | 2010-12-01 | 9.00  | 1        | repeated
        """
    )
    keys = ["source_part", "order_id", "product_code", "quantity", "exclusion"]
    expected = Counter(
        zip(
            frame.source_part,
            frame.order,
            frame.sku,
            frame.quantity.astype(float),
            frame.pop("verdict").fillna(""),
            strict=True,
        )
    )
    judged = judged_table(engine, frame).to_pyarrow().to_pandas()
    judged["exclusion"] = judged.exclusion.fillna("")
    assert Counter(judged[keys].itertuples(index=False, name=None)) == expected


def test_lines_without_an_order_id_in_several_files_do_not_vanish(engine: Backend):
    frame = rows_of(
        """
        source_part | order | date       | amount | customer
        a.csv       |       | 2010-12-01 | 1      | 1
        b.csv       |       | 2010-12-01 | 2      | 1
        a.csv       | 1     | 2010-12-01 | 4      | 1
        b.csv       | 2     | 2010-12-01 | 8      | 1
        a.csv       | 3     | 2010-12-01 | 16     | 1
        b.csv       | 3     | 2010-12-01 | 16     | 1
        """
    )
    judged = judged_table(engine, frame).to_pyarrow().to_pandas()
    assert len(judged) == 6
    assert judged.amount[judged.exclusion.isna()].sum() == 31


def test_without_order_ids_a_line_in_two_files_counts_once(engine: Backend):
    frame = rows_of(
        """
        source_part | customer | date       | amount
        jan.csv     | 1        | 2010-12-01 | 5
        feb.csv     | 1        | 2010-12-01 | 5
        feb.csv     | 1        | 2010-12-02 | 5
        """
    )
    judged = judged_table(engine, frame).to_pyarrow().to_pandas()
    assert sorted(judged.exclusion.fillna("")) == ["", "", "repeated"]


# --- contacts -----------------------------------------------------------------------------------

CONTACTS = {"email": "mail", "phone": "tel", "contact_name": "who"}


def orders_with(engine: Backend, frame: pd.DataFrame, mapping: dict[str, str]) -> list[dict]:
    judged = judged_table(engine, frame, mapping=mapping)
    grouped = group_orders(judged, CleaningSettings())
    return grouped.order_by("order_id").to_pyarrow().to_pylist()


def test_contacts_come_along_as_they_are_meant(engine: Backend):
    """Empty cells and machine words are none; a number has lost its fraction; blanks go."""
    frame = rows_of(
        """
        order | customer | date       | amount | mail | tel     | who
        1     | 1        | 2010-12-01 | 5      | a@x  | 4420.0  | N/A
        1     | 1        | 2010-12-01 | 5      |      | null    | Ann
        2     | 1        | 2010-12-02 | 5      | NaN  | +44 20  | None
        """
    )
    frame.loc[1, "who"] = "  Ann\t"
    found = orders_with(engine, frame, CONTACTS)
    assert [tuple(row[name] for name in CONTACTS) for row in found] == [
        ("a@x", "4420", "Ann"),
        (None, "+44 20", None),
    ]


def test_contacts_change_no_line_and_no_order(engine: Backend):
    frame = rows_of(
        """
        order | customer | date       | amount | mail
        1     | 1        | 2010-12-01 | 5      | a@x
        1     | 1        | 2010-12-01 | 6      | b@x
        C2    | 1        | 2010-12-01 | -5     | c@x
        3     |          | 2010-12-01 | 7      | d@x
        """
    )
    plain = orders_with(engine, frame, {})
    mapped = orders_with(engine, frame, {"email": "mail"})
    assert not set(plain[0]) & set(CONTACTS)
    assert [row.pop("email") for row in mapped] == ["b@x", "d@x", "c@x"]
    assert mapped == plain


def test_a_line_that_stands_in_two_files_is_repeated_though_its_contact_changed(engine: Backend):
    frame = rows_of(
        """
        source_part | order | customer | date       | amount | tel
        march.csv   | 1     | 1        | 2010-12-01 | 5      | 111
        april.csv   | 1     | 1        | 2010-12-01 | 5      | 222
        """
    )
    judged = judged_table(engine, frame, mapping={"phone": "tel"}).to_pyarrow().to_pandas()
    assert sorted(judged.exclusion.fillna("")) == ["", "repeated"]


# --- the bridge ---------------------------------------------------------------------------------


def audit_of(engine: Backend, frame: pd.DataFrame, **given) -> tuple[Audit, list[dict]]:
    """Return the bridge of a drawn table, and its customers as of 2012."""
    rules = {k: v for k, v in given.items() if k not in {"source", "window", "mapping"}}
    judged = judged_table(engine, frame, **given)
    grouped = group_orders(judged, CleaningSettings(**rules))
    orders = engine.create_table("orders", grouped, overwrite=True)
    measured = customers.measure_customers(orders, date(2012, 1, 1))
    bridge = draw_bridge(Engine(engine.con))
    return bridge, measured.order_by("customer_id").to_pyarrow().to_pylist()


def test_the_bridge_counts_lines_orders_and_money(engine: Backend):
    """An order with one kept line is kept; any other falls under the first rule that took one."""
    bridge, _ = audit_of(
        engine,
        rows_of(
            """
            order | sku  | quantity | date       | price | customer
            1     | TEA  | 2        | 2010-12-01 | 2.50  | 1
            1     | POST | 1        | 2010-12-01 | 3.00  | 1
            2     | POST | 1        | 2010-12-01 | 3.00  | 1
            2     | TEA  | 1        | 2010-12-01 | 0     | 1
            C3    | TEA  | -2       | 2010-12-01 | 2.50  | 1
            4     | TEA  | 1        | 2010-12-01 | 0.01  |
            5     | TEA  | x        | 2010-12-01 | 2.50  | 1
            """
        ),
    )
    rows = [bridge.read, bridge.kept, *bridge.excluded]
    assert [(r.exclusion, r.line_count, r.order_count, str(r.amount)) for r in rows] == [
        (None, 7, 5, "6.0100"),
        (None, 1, 1, "5.0000"),
        ("unreadable_amount", 1, 1, "0"),
        ("missing_customer", 1, 1, "0.0100"),
        ("cancellation", 1, 1, "-5.0000"),
        ("non_positive_price", 1, 1, "0.0000"),
        ("non_product", 2, 0, "6.0000"),
    ]
    assert bridge.kept_adjustments == ()


def test_netted_returns_are_part_of_what_was_kept_and_shown_apart(engine: Backend):
    bridge, people = audit_of(
        engine,
        rows_of(
            """
            order | quantity | date       | price | customer
            1     | 2        | 2010-12-01 | 2.50  | 1
            C2    | -1       | 2010-12-02 | 2.50  | 1
            3     | 2        | 2010-12-03 | 1.00  | 2
            """
        ),
        net_returns=True,
    )
    assert (bridge.kept.line_count, bridge.kept.amount) == (3, Decimal("4.5"))
    (returns,) = bridge.kept_adjustments
    assert (returns.line_count, returns.order_count, returns.amount) == (1, 1, Decimal("-2.5"))
    assert [row["revenue"] for row in people] == [Decimal("2.5"), 2]


def test_lines_without_an_order_id_are_a_customers_day(engine: Backend):
    bridge, people = audit_of(
        engine,
        rows_of(
            """
            order | date       | amount | customer
            1     | 2010-12-01 | 1      | 1
                  | 2010-12-01 | 1      | 1
                  | 2010-12-02 | 1      | 1
                  | 2010-12-02 | 1      | 1
            """
        ),
    )
    assert [row["order_count"] for row in people] == [3]
    assert bridge.kept.order_count == 3


def test_freight_and_fees_are_reported_apart(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,TEA,1,2010-12-01,2.00,1\n"
        "1,post,2,2010-12-01,9.00,1\n"
        "2,BANK CHARGES,1,2010-12-01,15.00,1\n"
        "C2,TEA,-1,2010-12-01,2.00,1\n"
    )
    with cleaned(path) as clean:
        fees = next(finding for finding in clean.findings if finding.key == "fees")
    assert fees.text.endswith("POST 18.00, BANK CHARGES 15.00.")
    assert (fees.line_count, fees.amount) == (2, 33)


def test_the_window_ends_with_the_last_kept_order(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,TEA,1,2011-03-31 10:00,1.00,1\n"
        "2,TEA,1,2011-04-01 00:00,2.00,1\n"
        "3,TEA,1,2011-06-30 23:00,4.00,1\n"
        "C4,TEA,-1,2011-08-01 10:00,8.00,1\n"
    )
    with cleaned(path, cleaning={"window_months": 3}) as clean:
        assert clean.as_of == date(2011, 7, 1)
        assert (clean.coverage.first_day, clean.coverage.last_day) == (
            date(2011, 4, 1),
            date(2011, 6, 30),
        )
        found = {row.exclusion: row.amount for row in clean.audit.excluded}
    assert found == {"before_window": 1, "after_as_of": -8}


# --- properties ---------------------------------------------------------------------------------

# Each example costs half a second in the engine, however long its table: few and long ones, and
# no search for a shorter one.
few_examples = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

days = st.dates(date(2009, 1, 1), date(2011, 12, 31)).map(str)
lines = st.fixed_dictionaries(
    {
        "order": st.sampled_from(["1", "2", "3", "4.0", "C5", "C6", "A7", "8", None]),
        "sku": st.sampled_from(["TEA", "POT", "post", "M", "", None]),
        "quantity": st.one_of(st.integers(-20, 50).map(str), st.sampled_from(["x", None, "3.0"])),
        "date": st.one_of(days, st.sampled_from(["", "soon", None])),
        "price": st.one_of(
            st.decimals(-5, 100, places=2).map(str), st.sampled_from(["", "free", None])
        ),
        "customer": st.sampled_from(["17850.0", "17850", "00123", "nan", "", None, "O'Reilly"]),
        "status": st.sampled_from(["paid", "Refunded", None, None]),
    }
)
readable = {
    "order": "8",
    "sku": "TEA",
    "quantity": "1",
    "date": "2010-12-13",
    "price": "1.50",
    "customer": "1",
    "status": None,
}


def readable_amount(line: dict[str, str | None]) -> Decimal:
    try:
        return Decimal(line["quantity"]) * Decimal(line["price"])
    except (TypeError, ArithmeticError):
        return Decimal(0)


def as_frame(table: list[dict[str, str | None]]) -> pd.DataFrame:
    # As many readable lines as drawn ones, so that the formats can be found.
    return pd.DataFrame(table + [readable] * (len(table) + 1), dtype="string")


@few_examples
@given(
    table=st.lists(lines, max_size=80),
    net_returns=st.booleans(),
    as_of=st.sampled_from([None, date(2010, 12, 31)]),
)
def test_the_bridge_ties_whatever_the_file_holds(engine, table, net_returns, as_of):
    frame = as_frame(table)
    window = Window(as_of - timedelta(days=365), as_of) if as_of else Window()
    bridge, people = audit_of(engine, frame, net_returns=net_returns, window=window)
    rows = [bridge.kept, *bridge.excluded]
    assert bridge.read.line_count == len(frame) == sum(row.line_count for row in rows)
    assert bridge.read.order_count == sum(row.order_count for row in rows)
    money = sum(map(readable_amount, table), Decimal("1.50") * (len(table) + 1))
    assert bridge.read.amount == money == sum(row.amount for row in rows)
    assert {row.exclusion for row in bridge.excluded} <= {rule.key for rule in RULES}
    assert sum(row["revenue"] for row in people) == bridge.kept.amount


@settings(few_examples, max_examples=2)
@given(table=st.lists(lines, min_size=30, max_size=60), order=st.randoms())
def test_the_order_of_the_rows_does_not_matter(engine, table, order):
    frame = as_frame(table)
    shuffled = list(range(len(frame)))
    order.shuffle(shuffled)
    rows = frame.iloc[shuffled].reset_index(drop=True)
    assert audit_of(engine, rows, net_returns=True) == audit_of(engine, frame, net_returns=True)


@settings(few_examples, max_examples=2)
@given(table=st.lists(st.tuples(lines, st.sampled_from("abc")), min_size=15, max_size=40))
def test_no_line_vanishes_between_files(engine, table):
    frame = as_frame([line for line, _ in table])
    parts = [part for _, part in table] + ["a", "b"] * len(table)
    frame["source_part"] = pd.Series(parts).reindex(range(len(frame)), fill_value="a")
    bridge, _ = audit_of(engine, frame)
    assert bridge.read.line_count == len(frame)
    repeated = [row for row in bridge.excluded if row.exclusion == "repeated"]
    assert sum(row.line_count for row in repeated) >= (len(table) + 1) // 2


@pytest.mark.parametrize(
    ("amounts", "currencies", "found"),
    [
        (["$1.50", "$2"], ["USD", "USD"], []),
        (["$1.50", "€2"], ["", ""], ["currencies"]),
        (["1.50", "2"], ["USD", "EUR"], ["currencies"]),
    ],
)
def test_amounts_in_several_currencies_are_told(amounts, currencies, found):
    columns = ColumnMap("customer", "date", amount="amount")
    sample = {"amount": tuple(amounts), "Currency": tuple(filter(None, currencies))}
    assert [finding.key for finding in mixed_currencies(sample, columns)] == found
