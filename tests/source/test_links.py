"""Tables that belong together: found by keys whose values match, and never counted twice."""

from __future__ import annotations

import contextlib
import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from stages import cleaned, rows_of

from rfmreport.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rfmreport.source.orders import CleanOrders

ORDERS = """
    order_id | customer_id | order_date | status
    1        | anna        | 2024-01-05 | paid
    2        | bob         | 2024-02-06 | paid
    3        | anna        | 2024-03-07 | cancelled
    4        | dora        | 2024-03-08 | paid
"""
LINES = """
    order_id | sku | quantity | price
    1        | A1  | 2        | 10.00
    1        | B1  | 1        | 5.50
    2        | A1  | 1        | 10.00
    3        | C1  | 3        | 1.00
    9        | C1  | 1        | 1.00
"""
CUSTOMERS = """
    id   | name   | country
    anna | Anna A | Austria
    bob  | Bob B  | Belgium
    eve  | Eve E  | Egypt
"""
BOUGHT = {("anna", "1", Decimal("25.50")), ("bob", "2", Decimal("10.00"))}
"""Order 3 is cancelled, order 4 has no lines, and no order has the last line."""


def table(path: Path, drawn: str) -> Path:
    rows_of(drawn).to_csv(path, index=False)
    return path


def book(path: Path, **sheets: str) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        for name, drawn in sheets.items():
            frame = rows_of(drawn)
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate([list(frame.columns), *frame.fillna("").values.tolist()]):
                sheet.write_row(number, 0, row)
    return path


@pytest.fixture
def shop(tmp_path) -> dict[str, Path]:
    drawn = {"orders": ORDERS, "lines": LINES, "customers": CUSTOMERS}
    return {name: table(tmp_path / f"{name}.csv", text) for name, text in drawn.items()}


def bought(clean: CleanOrders) -> set[tuple[str, str, Decimal]]:
    rows = clean.orders.to_pyarrow().to_pylist()
    return {
        (row["customer_id"], row["order_id"], row["amount"])
        for row in rows
        if row["exclusion"] is None
    }


def joins_of(clean: CleanOrders) -> dict[str, tuple[str, str]]:
    return {
        one.about: (one.decided, one.evidence)
        for one in clean.decisions
        if one.about.startswith("join of")
    }


def left_out(clean: CleanOrders) -> Iterator[str]:
    return (one.text for one in clean.findings if one.key in {"tables-unread", "sheets-unread"})


def refusal(*paths: Path, **source: object) -> str:
    with pytest.raises((InputError, SettingsError)) as caught, cleaned(*paths, source=source):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- found by a key -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("orders", "lines"), ("lines", "orders")])
def test_orders_and_their_lines_are_joined_whichever_comes_first(shop, order):
    with cleaned(*(shop[name] for name in order)) as clean:
        assert bought(clean) == BOUGHT
        assert joins_of(clean) == {
            "join of orders": (
                "customer_id, order_date, status; by order_id = order_id",
                "4 of 5 rows of lines find theirs (80.0%); each of 4 keys stands there once",
            )
        }
        assert clean.audit.read.line_count == 5
        assert {row.exclusion for row in clean.audit.excluded if row.line_count} == {
            *("unreadable_date", "cancellation"),
        }
        (said,) = (one.text for one in clean.findings if one.key == "join")
        assert said == (
            "1 of 5 lines of lines find no row in orders; 1 of 4 rows of orders have no line in"
            " lines."
        )


def test_a_table_of_customers_gives_what_the_report_can_tell(shop):
    with cleaned(*shop.values()) as clean:
        assert bought(clean) == BOUGHT
        assert joins_of(clean)["join of customers"] == (
            "country; by customer_id = id",
            "3 of 4 rows of orders find theirs (75.0%); each of 3 keys stands there once",
        )
        assert dict(clean.column_map.used())["country"] == "country"


def test_monthly_files_of_lines_are_one_table_with_the_orders_beside_it(shop, tmp_path):
    later = table(tmp_path / "more.csv", LINES.replace("A1  | 1        | 10.00", "A1 | 1 | 99.00"))
    with cleaned(*shop.values(), later) as clean:
        amounts = {order: amount for _, order, amount in bought(clean)}
        assert amounts == {"1": Decimal("25.50"), "2": Decimal("109.00")}


def test_who_is_behind_an_id_of_each_order_is_the_customer(tmp_path):
    paths = [
        table(tmp_path / "olist_orders_dataset.csv", """
            order_id | customer_id | order_status | order_purchase_timestamp
            o1       | c1          | delivered    | 2018-01-05 10:00:00
            o2       | c2          | delivered    | 2018-02-06 11:00:00
            o3       | c3          | canceled     | 2018-03-07 12:00:00
        """),
        table(tmp_path / "olist_order_items_dataset.csv", """
            order_id | order_item_id | product_id | price | freight_value
            o1       | 1             | p1         | 10.00 | 3.00
            o1       | 2             | p1         | 10.00 | 3.00
            o2       | 1             | p2         | 7.50  | 3.00
            o3       | 1             | p2         | 7.50  | 3.00
        """),
        table(tmp_path / "olist_customers_dataset.csv", """
            customer_id | customer_unique_id | customer_city
            c1          | person1            | Rio
            c2          | person1            | Rio
            c3          | person2            | Natal
        """),
        table(tmp_path / "olist_order_payments_dataset.csv", """
            order_id | payment_sequential | payment_type | payment_value
            o1       | 1                  | card         | 20.00
            o1       | 2                  | voucher      | 6.00
            o2       | 1                  | card         | 10.50
        """),
        table(tmp_path / "olist_products_dataset.csv", """
            product_id | product_category_name
            p1         | toys
            p2         | books
        """),
    ]  # fmt: skip
    with cleaned(*paths) as clean:
        assert bought(clean) == {
            ("person1", "o1", Decimal("20.00")),
            ("person1", "o2", Decimal("7.50")),
        }
        (payments, products) = left_out(clean)
    assert payments == (
        "olist_order_payments_dataset (3 rows) was left out: 'order_id' stands there on several "
        "rows for 1 of 2 keys, so 4 lines of olist_order_items_dataset would become 6, and their "
        "money with them."
    )
    assert products.startswith("olist_products_dataset (2 rows) was left out: nothing of it is")


def test_a_list_of_returns_takes_its_orders_out(tmp_path):
    path = book(tmp_path / "superstore.xlsx", Orders="""
            Order ID | Customer ID | Order Date | Product ID | Sales
            1        | anna        | 2024-01-05 | A1         | 10.00
            1        | anna        | 2024-01-05 | B1         | 5.00
            2        | bob         | 2024-02-06 | A1         | 10.00
        """, Returns="""
            Returned | Order ID
            Yes      | 2
            No       | 1
        """, People="""
            Person | Region
            Anna   | South
        """)  # fmt: skip
    with cleaned(path) as clean:
        assert bought(clean) == {("anna", "1", Decimal("15.00"))}
        assert joins_of(clean) == {
            "join of Returns": (
                "says which orders were returned; by Order ID = Order ID",
                "2 of its 2 orders are among the lines",
            )
        }
        (left,) = left_out(clean)
    assert left.endswith("because the headings differ: sheet People (2 rows).")


def test_sheets_of_orders_and_lines_are_joined(tmp_path):
    path = book(tmp_path / "shop.xlsx", Head=ORDERS, Lines=LINES, Notes="a | b\n x | y")
    with cleaned(path) as clean:
        assert bought(clean) == BOUGHT
        assert {part.sheet for part in clean.source.parts} == {"Head", "Lines"}
        (left,) = left_out(clean)
    assert left.endswith("sheet Notes (2 rows).")


def test_tables_of_a_database_are_joined(shop, tmp_path):
    path = tmp_path / "shop.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as con:
        for name, drawn in (("orders", ORDERS), ("lines", LINES)):
            rows_of(drawn).to_sql(name, con, index=False)
    for tables in (["orders"], ["lines", "orders"]):  # as said, and as `check` repeats it
        with cleaned(path, source={"tables": tables, "joins": ["lines"]}) as clean:
            assert bought(clean) == BOUGHT
            assert clean.audit.read.line_count == 5


# --- never stacked, never multiplied ------------------------------------------------------------

WHOLE = """
    order_id | customer_id | order_date | total
    1        | anna        | 2024-01-05 | 25.50
    2        | bob         | 2024-02-06 | 10.00
"""


def test_the_same_orders_once_more_are_not_added(tmp_path):
    lines = """
        order_id | customer_id | order_date | sku | quantity | price
        1        | anna        | 2024-01-05 | A1  | 2        | 10.00
        1        | anna        | 2024-01-05 | B1  | 1        | 5.50
        2        | bob         | 2024-02-06 | A1  | 1        | 10.00
    """
    paths = table(tmp_path / "orders.csv", WHOLE), table(tmp_path / "lines.csv", lines)
    with cleaned(*paths) as clean:
        assert bought(clean) == BOUGHT
        assert list(left_out(clean)) == [
            "orders (2 rows) was left out: it holds the orders of lines once more."
        ]


def test_orders_that_stand_in_both_and_others_are_refused(tmp_path):
    lines = """
        order_id | customer_id | order_date | sku | amount
        1        | anna        | 2024-01-05 | A1  | 20.00
        1        | anna        | 2024-01-05 | B1  | 5.50
    """
    orders = table(tmp_path / "orders.csv", WHOLE)
    assert refusal(orders, table(tmp_path / "lines.csv", lines)) == (
        f"{orders}: 1 of its 2 orders stand in lines as well, with other rows; build a report from "
        "each by itself"
    )


def test_exports_that_overlap_are_below_one_another_though_one_has_a_column_more(tmp_path):
    newer = WHOLE.replace("total", "total | note").replace("25.50", "25.50 | a").replace(
        "10.00", "10.00 | b")  # fmt: skip
    newer = f"{newer.rstrip()}\n        3 | carl | 2024-03-01 | 7.00 | c"
    paths = table(tmp_path / "a.csv", WHOLE), table(tmp_path / "b.csv", newer)
    with cleaned(*paths) as clean:
        assert bought(clean) == BOUGHT | {("carl", "3", Decimal("7.00"))}


def test_an_export_of_its_own_is_not_joined_for_a_column_that_others_lack(tmp_path):
    newer = WHOLE.replace("total", "total | country").replace("25.50", "25.50 | AT").replace(
        "10.00", "10.00 | BE")  # fmt: skip
    newer = f"{newer.rstrip()}\n        3 | carl | 2024-03-01 | 7.00 | CH"
    paths = table(tmp_path / "a.csv", WHOLE), table(tmp_path / "b.csv", newer)
    with cleaned(*paths) as clean:
        assert {order for _, order, _ in bought(clean)} == {"1", "2", "3"}
        assert joins_of(clean) == {}


def test_a_total_of_the_order_is_not_counted_on_each_of_its_lines(shop, tmp_path):
    """One order of two lines is too little to see that the total repeats."""
    orders = table(tmp_path / "orders.csv", WHOLE.replace("total", "Amount"))
    with cleaned(orders, shop["lines"]) as clean:
        assert bought(clean) == BOUGHT
        assert dict(clean.column_map.used())["unit_price"] == "price"


def test_lines_without_money_are_left_out_and_named(tmp_path):
    orders = table(tmp_path / "orders.csv", WHOLE)
    lines = table(tmp_path / "lines.csv", "order_id | sku | quantity\n1 | A1 | 2\n1 | B1 | 1")
    with cleaned(orders, lines) as clean:
        assert bought(clean) == BOUGHT
        (left,) = left_out(clean)
    assert left.startswith("lines (2 rows) was left out: 'order_id' stands there on several rows")


def test_files_of_other_orders_are_below_one_another(tmp_path):
    other = """
        Order No | Client ID | Purchase Date | Amount
        1        | carl      | 2024-03-05    | 7.00
        2        | dora      | 2024-03-06    | 8.00
    """
    paths = table(tmp_path / "a.csv", WHOLE), table(tmp_path / "b.csv", other)
    with cleaned(*paths) as clean:
        assert {who for who, *_ in bought(clean)} == {"anna", "bob", "carl", "dora"}
        assert joins_of(clean) == {}


def test_a_table_that_is_not_needed_is_named(shop, tmp_path):
    whole = table(tmp_path / "whole.csv", WHOLE)
    names = table(tmp_path / "people.csv", CUSTOMERS.replace("id   |", "customer_id |")
                  .replace("country", "town"))  # fmt: skip
    with cleaned(whole, names) as clean:
        assert bought(clean) == BOUGHT
        (left,) = left_out(clean)
    assert left == (
        "people (3 rows) was left out: nothing of it is needed; --join puts it beside the lines."
    )


def test_what_may_be_orders_of_its_own_is_not_left_out(shop, tmp_path):
    strange = table(tmp_path / "feb.csv", "who | Datum | Betrag\nx | 2024-02-01 | 5.00")
    assert refusal(shop["orders"], shop["lines"], strange).startswith(
        f"{strange}: may hold other orders than lines, which other tables were joined with"
    )


def test_a_join_that_would_repeat_lines_is_refused_with_the_counts(shop, tmp_path):
    payments = table(tmp_path / "payments.csv", """
        order_id | payment_type | payment_value
        1        | card         | 20.00
        1        | voucher      | 5.50
        2        | card         | 10.00
    """)  # fmt: skip
    assert refusal(shop["orders"], shop["lines"], joins=[str(payments)]) == (
        f"{payments}: 'order_id' stands there on several rows for 1 of 2 keys, so 5 lines of "
        "lines would become 7, and their money with them; join a table that has each once"
    )


def test_orders_that_stand_twice_are_refused_where_they_are_needed(shop, tmp_path):
    changed = table(
        tmp_path / "newer.csv", ORDERS.replace("2024-02-06 | paid", "2024-02-06 | open")
    )
    said = refusal(shop["lines"], shop["orders"], changed)
    assert "'order_id' stands there on several rows for 1 of 4 keys" in said


def test_columns_that_the_user_names_may_be_those_of_any_table(tmp_path):
    orders = table(tmp_path / "kopf.csv", ORDERS.replace("customer_id", "wer").replace(
        "order_date", "wann"))  # fmt: skip
    lines = table(tmp_path / "lines.csv", LINES.replace("price", "geld"))
    roles = {"customer": "wer", "date": "wann", "unit_price": "geld"}
    with cleaned(orders, lines, columns=roles) as clean:
        assert bought(clean) == BOUGHT


def test_tables_of_one_title_are_told_apart(shop, tmp_path):
    (tmp_path / "old").mkdir()
    same = table(tmp_path / "old" / "lines.csv", ORDERS)
    with cleaned(same, shop["lines"]) as clean:
        assert bought(clean) == BOUGHT


def test_a_key_whose_values_do_not_match_joins_nothing(shop, tmp_path):
    others = table(tmp_path / "orders.csv", ORDERS.replace("\n    ", "\n    9"))
    assert "no column that names the customer" in refusal(shop["lines"], others)


# --- said by the user ---------------------------------------------------------------------------


def test_a_named_table_comes_with_all_its_columns(shop):
    source = {"joins": [str(shop["customers"])]}
    with cleaned(shop["orders"], shop["lines"], source=source) as clean:
        assert joins_of(clean)["join of customers"][0] == (
            "customer_name, country; by customer_id = id"
        )


def test_the_columns_that_say_the_same_can_be_named(tmp_path, shop):
    lines = table(tmp_path / "lines.csv", LINES.replace("order_id", "belongs_to"))
    assert "no column" in refusal(shop["orders"], joins=[str(lines)])
    with cleaned(lines, source={"joins": [f"{shop['orders']}:belongs_to=order_id"]}) as clean:
        assert bought(clean) == BOUGHT


def test_a_table_to_join_that_is_not_there_is_told(shop):
    assert refusal(shop["orders"], joins=["lnes.csv"]) == (
        "--join lnes.csv: no such file, sheet or table; there are orders"
    )
