"""Verdicts: which rule takes a line, and what it would count as otherwise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from stages import judged_lines, rows_of

from rfmreport.source.verdicts import RULES, Window

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def check_verdicts(engine: Backend, text: str, **rules) -> None:
    """Judge a drawn table and compare with its column `verdict`; "return" is a netted return."""
    frame = rows_of(text)
    expected = [verdict or "kept" for verdict in frame.pop("verdict").fillna("")]
    judged = judged_lines(engine, frame, **rules)
    verdicts = judged.exclusion.astype(object).where(judged.exclusion.notna(), "kept")
    assert list(verdicts.mask(judged.is_return, "return")) == expected


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
        "total_row",
        "no_sale",
        "repeated_total",
        "unreadable_date",
        "other_currency",
        "unreadable_amount",
        "after_as_of",
        "repeated",
        "copy",
        "before_window",
        "missing_customer",
        "house_account",
        "reversed",
        "reversal",
        "nothing_left",
        "cancellation",
        "refund",
        "unpaid",
        "adjustment",
        "non_positive_quantity",
        "non_positive_price",
        "no_order_count",
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


def test_house_accounts_are_nobodys(engine: Backend):
    """A customer who happens to be called as a house account is would be named in the setting."""
    check_verdicts(
        engine,
        """
        order | sku | date       | amount | customer | verdict
        1     | TEA | 2010-12-01 | 5      | 0        | house_account
        2     | TEA | 2010-12-01 | 5      | 00       |
        3     | TEA | 2010-12-01 | 5      | Walk-in  | house_account
        4     | TEA | 2010-12-01 | 5      |          | missing_customer
        """,
        house_accounts=("0", "Walk-in"),
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
