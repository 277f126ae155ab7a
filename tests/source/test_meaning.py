"""What columns and rows mean: small exports, each with what is right to read from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from stages import cleaned

from rfmreport.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


class Read(NamedTuple):
    """What was read: money and orders that count, customers, what was left out, what was told."""

    amount: float
    order_count: int
    customers: set[str]
    left_out: dict[str | None, tuple[int, float]]
    told: dict[str, str]
    columns: dict[str, str]
    decided: dict[str, str]


@pytest.fixture
def read(tmp_path: Path):
    def read_text(text: str, **settings: Any) -> Read:
        lines = (",".join(c.strip() for c in line.split("|")) for line in text.split("\n"))
        path = tmp_path / "orders.csv"
        path.write_text("\n".join(line for line in lines if line), encoding="utf-8")
        with cleaned(path, **settings) as clean:
            kept = clean.orders.filter(clean.orders.exclusion.isnull())
            customers = set(kept.customer_id.to_pyarrow().to_pylist())
        audit = clean.audit
        left_out = {r.exclusion: (r.line_count, float(r.amount)) for r in audit.excluded}
        assert audit.read.amount == audit.kept.amount + sum(r.amount for r in audit.excluded)
        return Read(
            float(audit.kept.amount),
            audit.kept.order_count,
            customers,
            left_out,
            {finding.key: finding.text for finding in clean.findings},
            dict(clean.column_map.used()),
            {one.about: one.decided for one in clean.decisions},
        )

    return read_text


# --- amounts ------------------------------------------------------------------------------------

TOTAL_ON_EVERY_LINE = """
    {0} | {1}        | {2} | sku | {3}
    1   | 2024-01-03 | ann | pa  | 45.00
    1   | 2024-01-03 | ann | pb  | 45.00
    2   | 2024-01-04 | bob | pa  | 98.00
    2   | 2024-01-04 | bob | pc  | 98.00
    2   | 2024-01-04 | bob | pd  | 98.00
    3   | 2024-01-05 | cid | pa  | 16.00
"""


@pytest.mark.parametrize(
    "headings",
    [
        ("order_number", "created_at", "customer", "order_total"),
        ("Bestellnummer", "Bestelldatum", "Kunde", "Gesamtbetrag"),
        ("Numer zamówienia", "Data zamówienia", "Klient", "Kwota"),
        ("注文番号", "注文日", "顧客名", "合計金額"),
    ],
)
def test_a_total_on_every_line_of_an_order_counts_once(read, headings):
    found = read(TOTAL_ON_EVERY_LINE.format(*headings))
    assert (found.amount, found.order_count) == (159, 3)
    assert found.left_out == {"repeated_total": (3, 241)}
    assert "counted once" in found.decided["amount"]


def test_what_the_user_says_of_the_amount_wins(read):
    headings = ("order_number", "created_at", "customer", "order_total")
    found = read(TOTAL_ON_EVERY_LINE.format(*headings), source={"amount_is": "line"})
    assert found.amount == 400


@pytest.mark.parametrize(("heading", "phone"), [("", ""), (",Tel", ",222")])
def test_a_total_on_every_line_counts_once_in_exports_that_overlap(tmp_path, heading, phone):
    """April's export holds March's orders again, with a contact of its own or without."""
    text = TOTAL_ON_EVERY_LINE.format("order", "date", "customer", "order_total")
    first, *rows = (re.sub(r"\s*\|\s*", ",", row.strip()) for row in text.strip().splitlines())
    april = [first + heading, *(row + phone for row in rows)]
    (tmp_path / "march.csv").write_text("\n".join([first, *rows]), encoding="utf-8")
    (tmp_path / "april.csv").write_text("\n".join(april), encoding="utf-8")
    with cleaned(tmp_path / "*.csv") as clean:
        assert (float(clean.audit.kept.amount), clean.audit.kept.order_count) == (159.0, 3)


def test_orders_of_one_line_that_stand_in_two_files_have_no_repeated_total(tmp_path):
    for name in ("march", "april"):
        rows = [f"o{i},2024-01-{i + 1:02},c{i % 3},{i + 1}.50,x" for i in range(9)]
        lines = [f"order,date,customer,amount,{name}", *rows]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    with cleaned(tmp_path / "*.csv") as clean:
        left_out = {row.exclusion: row.line_count for row in clean.audit.excluded if row.line_count}
        assert left_out == {"repeated": 9}


def test_equal_prices_in_an_order_are_no_total(read):
    found = read(
        """
        order | date       | customer | sku | price
        1     | 2024-01-03 | ann      | pa  | 10
        1     | 2024-01-03 | ann      | pb  | 10
        2     | 2024-01-04 | bob      | pc  | 7
        2     | 2024-01-04 | bob      | pd  | 7
        3     | 2024-01-05 | cid      | pa  | 10
        3     | 2024-01-05 | cid      | pb  | 10
        4     | 2024-01-05 | dee      | pc  | 7
        4     | 2024-01-05 | dee      | pd  | 7
        """
    )
    assert found.amount == 68


PRICES = """
    order | date       | customer | sku | qty | {heading}
    1     | 2024-01-03 | ann      | pa  | 2   | {a2}
    2     | 2024-01-04 | bob      | pa  | 1   | 10.00
    3     | 2024-01-05 | cid      | pb  | 3   | {b3}
    4     | 2024-01-06 | ann      | pb  | 1   | 7.00
"""


@pytest.mark.parametrize(
    ("heading", "a2", "b3", "means"),
    [
        ("item price", "20.00", "21.00", "the total of a line"),
        ("Prix", "20.00", "21.00", "the total of a line"),
        ("amount", "10.00", "7.00", "the price of a piece"),
    ],
)
def test_a_line_total_grows_with_the_quantity_and_a_price_does_not(read, heading, a2, b3, means):
    found = read(PRICES.format(heading=heading, a2=a2, b3=b3))
    assert found.amount == 58
    assert means in found.decided["amount"]


SHOPIFY = """
    Name | Email | Financial Status   | Subtotal | Total | Discount Amount | Refunded Amount | Created at | Lineitem quantity | Lineitem price | Lineitem sku
    #1   | a@x.y | paid               | 90       | 96    | 10              | 0               | 2024-01-03 | 2                 | 30             | pa
    #1   | a@x.y |                    |          |       |                 |                 | 2024-01-03 | 1                 | 40             | pb
    #2   | b@x.y | partially_refunded | 45       | 51    | 5               | 20              | 2024-01-04 | 1                 | 50             | pc
    #3   | a@x.y | pending            | 30       | 36    | 0               | 0               | 2024-01-05 | 1                 | 30             | pa
    #4   | c@x.y | refunded           | 30       | 36    | 0               | 30              | 2024-01-06 | 1                 | 30             | pa
"""  # noqa: E501


def test_an_orders_discount_on_its_first_line_is_taken_off_all_of_them(read):
    found = read(SHOPIFY)
    assert found.amount == 165
    assert found.left_out == {"cancellation": (1, 30), "discount": (0, 15)}
    assert "in 2 of 2 orders" not in found.decided["discount"]
    assert "Refunded Amount" in found.told["refunds"]
    assert "Subtotal 195.00, Total 219.00" in found.told["unused_money"]


def test_partial_refunds_are_subtracted_on_request(read):
    found = read(SHOPIFY, cleaning={"net_returns": True})
    assert found.amount == 145
    assert found.left_out["refunded"] == (0, 20)


DISCOUNTS = """
    order | date       | customer | qty | price | {heading}
    1     | 2024-01-02 | ann      | 10  | 10.00 | {first}
    2     | 2024-02-02 | bob      | 10  | 10.00 | 0
    3     | 2024-03-02 | ann      | 10  | 10.00 | {last}
"""


@pytest.mark.parametrize(
    ("heading", "first", "last"),
    [
        ("Discount", "0.25", "0.05"),
        ("Rabatt %", "25", "5"),
        ("Remise", "25.00", "5.00"),
        ("Descuento", "-25.00", "-5.00"),
    ],
)
def test_a_discount_is_a_share_a_percentage_or_money(read, heading, first, last):
    found = read(DISCOUNTS.format(heading=heading, first=first, last=last))
    assert (found.amount, found.left_out) == (270, {"discount": (0, 30)})


def test_a_discount_that_a_stated_amount_lacks_already_stays_off(read):
    text = """
        order | date       | customer | qty | price | Discount | Sales
        1     | 2024-01-02 | ann      | 10  | 10.00 | 0.25     | 75.00
        2     | 2024-02-02 | bob      | 10  | 10.00 | 0        | 100.00
    """
    found = read(text)
    assert (found.amount, found.left_out) == (175, {})
    assert "not taken off" in found.decided["discount"]
    assert "Discount" in found.told["unused_money"]
    assert read(text.replace("75.00", "100.00")).amount == 175


# --- rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sale", "refund"),
    [
        ("Transaction Type", "Sale", "Refund"),
        ("Belegart", "Rechnung", "Gutschrift"),
        ("Typ transakcji", "Sprzedaż", "Zwrot"),
        ("取引区分", "売上", "返品"),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_refunds_are_told_by_their_type_with_a_minus_or_without(read, kind, sale, refund, sign):
    text = f"""
        order | date       | customer | {kind}   | amount
        1     | 2024-01-03 | ann      | {sale}   | 45
        2     | 2024-01-04 | ann      | {refund} | {sign}22
        3     | 2024-01-05 | bob      | {sale}   | 98
    """
    found = read(text)
    assert (found.amount, found.left_out) == (143, {"refund": (1, -22)})
    assert read(text, cleaning={"net_returns": True}).amount == 121


TILL = """
    order | date       | customer | Line Type   | sku | total
    1     | 2024-01-03 | ann      | {order}     |     | 45
    1     | 2024-01-03 | ann      | {line}      | pa  | 29
    1     | 2024-01-03 | ann      | {line}      | pb  | 16
    1     | 2024-01-03 | ann      | {payment}   |     | {paid}
    2     | 2024-01-04 | bob      | {order}     |     | 16
    2     | 2024-01-04 | bob      | {line}      | pb  | 16
    2     | 2024-01-04 | bob      | {payment}   |     | {paid}
    3     | 2024-01-05 | cid      | {order}     |     | 22
    3     | 2024-01-05 | cid      | {line}      | pc  | 22
    3     | 2024-01-05 | cid      | {payment}   |     | {paid}
"""


@pytest.mark.parametrize(
    ("order", "line", "payment", "paid"),
    [
        ("Sale", "Sale Line", "Payment", ""),
        ("Verkauf", "Position", "Zahlung", ""),
        ("Vente", "Ligne", "Paiement", "1.00"),
    ],
)
def test_orders_and_payments_beside_the_lines_do_not_count(read, order, line, payment, paid):
    found = read(TILL.format(order=order, line=line, payment=payment, paid=paid))
    assert (found.amount, found.order_count) == (83, 3)
    assert found.left_out["no_sale"][0] == 6


def test_orders_beside_their_lines_are_found_without_a_type(read):
    found = read(
        """
        order | date       | customer | sku | total
        1     | 2024-01-03 | ann      |     | 45
        1     | 2024-01-03 | ann      | pa  | 29
        1     | 2024-01-03 | ann      | pb  | 16
        2     | 2024-01-04 | bob      |     | 16
        2     | 2024-01-04 | bob      | pb  | 16
        3     | 2024-01-05 | cid      |     | 22
        3     | 2024-01-05 | cid      | pc  | 22
        """
    )
    assert (found.amount, found.left_out) == (83, {"no_sale": (3, 83)})


@pytest.mark.parametrize(
    ("first", "second", "last"),
    [
        (", 2024-01-31, Subtotal, 61", ", 2024-02-28, Subtotal, 16", ", , Grand Total, 77"),
        (", 2024-01-31, Zwischensumme:, 61", ", 2024-02-28, Zwischensumme:, 16", ", , Summe, 77"),
        ("Total 2024-01, , , 61", "Total 2024-02, , , 16", ", , , 77"),
        (", , , 61", ", , , 16", ", , , 77"),
    ],
)
def test_rows_that_add_up_others_do_not_count(read, first, second, last):
    rows = [
        "order, date, customer, amount",
        "1, 2024-01-03, ann, 45",
        "2, 2024-01-04, bob, 16",
        first,
        "3, 2024-02-03, ann, 16",
        second,
        last,
    ]
    found = read("\n".join(row.replace(",", "|") for row in rows))
    assert (found.amount, found.left_out) == (77, {"total_row": (3, 154)})


def test_a_customer_called_like_a_total_counts(read):
    found = read(
        """
        order | date       | customer        | amount
        1     | 2024-01-03 | Total Wine      | 45
        2     | 2024-01-04 | bob             | 16
        3     | 2024-01-05 | Summe GmbH      | 20
        """
    )
    assert (found.amount, found.left_out) == (81, {})


@pytest.mark.parametrize(
    "headings", [("Order Reference", "Order Date", "Customer"), ("Rechnungsnr", "Datum", "Kunde")]
)
def test_what_stands_on_an_orders_first_row_only_is_carried_down(read, headings):
    found = read(
        f"""
        {" | ".join(headings)} | Order Lines/Product | Quantity | Unit Price
        S1 | 2024-01-03 | Mia | mug   | 2 | 14.5
           |            |     | print | 1 | 16.0
           |            |     | bag   | 1 | 22.0
        S2 | 2024-01-04 | Ida | print | 1 | 16.0
        S3 | 2024-01-05 | Mia | bag   | 3 | 22.0
           |            |     | mug   | 1 | 14.5
        """
    )
    assert (found.amount, found.order_count, found.customers) == (163.5, 3, {"Mia", "Ida"})


def test_date_and_customer_on_an_orders_first_row_hold_for_all_of_it(read):
    found = read(
        """
        order | date       | customer | sku | amount
        1     | 2024-01-03 | ann      | pa  | 5
        1     |            |          | pb  | 6
        2     | 2024-01-04 | bob      | pa  | 5
        2     |            |          | pc  | 7
        """
    )
    assert (found.amount, found.customers, found.left_out) == (23, {"ann", "bob"}, {})


COPIES = """
    order | date       | customer | sku | amount
    1     | 2024-01-03 | ann      | pa  | 5
    1     | 2024-01-03 | ann      | pa  | 5
    2     | 2024-01-04 | bob      | pa  | 5
    2     | 2024-01-04 | bob      | pb  | 7
"""


def test_exact_copies_are_told_and_dropped_on_request(read):
    found = read(COPIES)
    assert (found.amount, "copies" in found.told) == (22, True)
    found = read(COPIES, cleaning={"drop_copies": True})
    assert (found.amount, found.left_out) == (17, {"copy": (1, 5)})


def test_lines_that_differ_where_nobody_looks_are_no_copies(read):
    lines = COPIES.strip().splitlines()
    numbered = [f"{line} | {number}" for number, line in enumerate(lines[1:])]
    found = read("\n".join([f"{lines[0]} | note", *numbered]))
    assert "copies" not in found.told


@pytest.mark.parametrize(
    ("sold", "cancelled", "unpaid"),
    [
        ("completed", "cancelled", "pending"),
        ("wc-completed", "wc-refunded", "wc-on-hold"),
        ("Bezahlt", "STORNIERT", "Zahlung fehlgeschlagen"),
        ("zrealizowane", "anulowane", "oczekujące na płatność"),
        ("выполнен", "отменён", "ожидает оплаты"),
        ("発送済み", "キャンセル", "入金待ち"),
        ("tamamlandı", "iptal edildi", "ödeme bekleniyor"),
    ],
)
def test_statuses_are_understood_in_many_languages(read, sold, cancelled, unpaid):
    found = read(
        f"""
        order | date       | customer | status      | amount
        1     | 2024-01-03 | ann      | {sold}      | 45
        2     | 2024-01-04 | ann      | {cancelled} | 22
        3     | 2024-01-05 | bob      | {unpaid}    | 98
        4     | 2024-01-05 | bob      | quarkified  | 10
        """
    )
    assert found.amount == 55
    assert found.left_out == {"cancellation": (1, 22), "unpaid": (1, 98)}
    assert f"{sold} 45.00 (1 order)" in found.told["statuses"]
    assert f"{cancelled} 22.00" in found.told["statuses_left_out"]
    assert "quarkified 10.00" in found.told["statuses_unknown"]


@pytest.mark.parametrize(
    ("heading", "stands", "cancelled"),
    [
        ("Cancelled", "No", "Yes"),
        ("Cancelled at", "", "2024-01-06 10:00"),
        ("Storno", "", "x"),
        ("is_return", "0", "1"),
        ("Test?", "false", "true"),
    ],
)
def test_a_mark_leaves_a_line_out_as_its_heading_says(read, heading, stands, cancelled):
    of_lines = f"""
        order | date       | customer | amount | {heading}
        1     | 2024-01-03 | ann      | 30.00  | {stands}
        2     | 2024-01-04 | bob      | 8.00   | {cancelled}
        3     | 2024-01-05 | bob      | 21.00  | {stands}
        4     | 2024-01-06 | ann      | -5.00  | {cancelled}
    """
    found = read(of_lines)
    assert (found.amount, found.order_count) == (51, 2)
    assert found.left_out["cancellation"] == (1, 8)
    assert found.left_out["non_positive_price"] == (1, -5)  # the sign says it already
    assert found.decided["marks"].endswith("marks 1 line, which is left out as cancelled")
    paid = read(of_lines.replace(heading, f"status | {heading}").replace("00  |", "00 | paid |"))
    assert (paid.amount, paid.order_count, paid.columns["status"]) == (51, 2, "status")


def test_ids_that_differ_in_capitals_only_are_told(read):
    found = read("""
        order | date       | customer | amount
        1     | 2024-01-03 | K1       | 30.00
        2     | 2024-01-04 | k1       | 8.00
        3     | 2024-01-05 | -        | 21.00
    """)
    assert (found.amount, found.customers) == (38, {"K1", "k1"})
    assert "such as K1 and k1 (1 of them)" in found.told["alike_ids"]


def test_a_status_that_the_user_knows_counts_and_is_no_riddle(read):
    text = """
        order | date       | customer | status  | amount
        1     | 2024-01-03 | ann      | pending | 45
        2     | 2024-01-04 | ann      | paid    | 22
    """
    found = read(text, cleaning={"sold_statuses": ["Pending", "paid"]})
    assert (found.amount, "statuses_unknown" in found.told) == (67, False)


# --- people -------------------------------------------------------------------------------------

GUESTS = """
    order | date       | Customer ID | {email} | amount
    1     | 2024-01-03 | {guest}     | a@x.y   | 1
    2     | 2024-01-04 | 7           | b@x.y   | 2
    3     | 2024-01-05 | {guest}     | A@x.y   | 4
    4     | 2024-01-06 | {guest}     | B@X.y   | 8
    5     | 2024-01-07 | {guest}     | c@x.y   | 16
    6     | 2024-01-08 | 8           | d@x.y   | 32
"""


@pytest.mark.parametrize("guest", ["0", "guest", "Walk-in", "-", "Gast", ""])
def test_guests_are_told_apart_by_the_address_beside_their_id(read, guest):
    found = read(GUESTS.format(guest=guest, email="Billing Email"))
    assert (found.amount, len(found.customers)) == (63, 4)


def test_a_guest_who_registers_is_one_customer(read):
    found = read(GUESTS.format(guest="0", email="Billing Email"))
    assert found.customers == {"a@x.y", "7", "c@x.y", "8"}
    assert "told apart by 'Billing Email'" in found.decided["guests"]


def test_where_nothing_else_is_called_a_sale_the_payments_are(read):
    text = """
        Transaction ID | Date       | Customer ID | Event Type | Net Sales
        1              | 2024-01-03 | ann         | Payment    | 10
        2              | 2024-01-04 | bob         | Payment    | 20
        3              | 2024-01-05 | ann         | Payment    | 40
        3              | 2024-01-05 | ann         | Fee        | 1
        1              | 2024-01-06 | ann         | Refund     | -4
    """
    found = read(text)
    assert (found.amount, found.left_out) == (70, {"no_sale": (1, 1), "refund": (1, -4)})
    assert "sales: Payment; refunds: Refund; no sales: Fee" in found.decided["kinds of rows"]


def test_a_line_without_an_id_is_of_whom_the_address_beside_it_names(read):
    text = """
        order | date       | customer_id | email | amount
        1     | 2024-01-03 | k1          | a@x.y | 1
        2     | 2024-01-04 |             | a@x.y | 2
        3     | 2024-01-05 | k2          | b@x.y | 4
        4     | 2024-01-06 | k2          | b@x.y | 8
        5     | 2024-01-07 |             | c@x.y | 16
        6     | 2024-01-08 | k1          | a@x.y | 32
    """
    found = read(text)
    assert (found.amount, found.customers) == (63, {"k1", "k2", "c@x.y"})


def test_guests_are_nobody_on_request(read):
    text = GUESTS.format(guest="0", email="Billing Email")
    found = read(text, cleaning={"guest_key": "none"})
    assert (found.amount, found.left_out) == (34, {"missing_customer": (4, 29)})


def test_an_id_that_many_share_is_told_where_nothing_tells_them_apart(read):
    found = read(GUESTS.format(guest="0", email="note"))
    assert "'0' in 'Customer ID'" in found.told["house_accounts"]


def test_addresses_in_capitals_are_one_persons(read):
    found = read(
        """
        order | date       | E-Mail-Adresse | amount
        1     | 2024-01-03 | Mia@x.y        | 1
        2     | 2024-01-04 | mia@x.y        | 2
        3     | 2024-01-05 | MIA@X.Y        | 4
        """
    )
    assert found.customers == {"mia@x.y"}


def test_an_address_tells_namesakes_apart(read):
    found = read(
        """
        SalesOrderNumber | OrderDate  | CustomerName | EmailAddress | Quantity | UnitPrice
        S1               | 2024-01-02 | Jo Doe       | jo1@x.y      | 1        | 10
        S2               | 2024-01-02 | Jo Doe       | jo2@x.y      | 1        | 20
        S3               | 2024-01-02 | Jo Doe       | jo1@x.y      | 1        | 30
        """
    )
    assert (found.order_count, found.customers) == (3, {"jo1@x.y", "jo2@x.y"})


def test_an_id_that_is_new_with_every_order_is_nobodys(read):
    lines = [f"{n} | 2024-01-{n:02} | c{n} | p{n % 4}@x.y | 5" for n in range(1, 21)]
    found = read("\n".join(["order | date | customer_id | email | amount", *lines]))
    assert found.columns["customer"] == "email"


def test_customers_that_share_an_order_number_have_an_order_each(read):
    found = read(
        """
        order | date       | customer | amount
        1     | 2024-01-02 | ann      | 10
        1     | 2024-02-02 | bob      | 20
        2     | 2024-01-02 | ann      | 30
        """
    )
    assert found.order_count == 3
    assert found.told["shared_orders"].startswith("1 order numbers")


# --- headings and presets -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "guess"),
    [
        ("SalesOrderID,OrderDate,CustomerID,OrderQty,LineItemTotal", "LineItemTotal"),
        ("SalesOrderID,OrderDate,CustomerID,OrderQty,Amt of line", "HEADING"),
    ],
)
def test_an_amount_is_proposed_only_where_it_reads_as_one(read, headings, guess):
    rows = ["71774,2022-06-01,29847,1,356.90", "71775,2022-06-02,29848,1,100.10"]
    text = "\n".join([headings, *rows]).replace(",", "|")
    with pytest.raises(InputError, match=rf"--map amount='?{guess}'?$"):
        read(text)


def test_a_preset_of_ones_own_says_what_an_export_means(read):
    text = """
        Bon | Wann       | Wer | Zustand | Geld
        1   | 2024-01-02 | ann | X       | 10
        2   | 2024-02-02 | bob | paid    | 20
    """
    columns = {"order": "Bon", "date": "Wann", "customer": "Wer", "amount": "Geld"}
    mine = {"headings": ["Bon", "Wann", "Wer"], "columns": columns | {"status": "Zustand"}}
    found = read(text, presets={"till": mine | {"cancelled_statuses": ["X"]}})
    assert (found.amount, found.left_out) == (20, {"cancellation": (1, 10)})
    assert found.decided["preset"] == "till"


def test_magento_calls_refunded_orders_closed(read):
    found = read(
        """
        ID | Purchase Point | Purchase Date | Bill-to Name | Grand Total (Base) | Status | Customer Email
        1  | Main           | 2024-01-03    | Mia          | 45.00              | complete | m@x.y
        2  | Main           | 2024-01-04    | Ida          | 16.00              | closed   | i@x.y
        3  | Main           | 2024-01-05    | Dee          | 98.00              | fraud    | d@x.y
        """  # noqa: E501
    )
    assert (found.amount, found.columns["order"]) == (45, "ID")
    assert found.left_out == {"cancellation": (1, 16), "unpaid": (1, 98)}
