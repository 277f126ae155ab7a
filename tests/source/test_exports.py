"""Exports of shop systems under their own headings: each comes to its orders and its money."""

# ruff: noqa: E501  an export is as wide as it is

from __future__ import annotations

from typing import NamedTuple

import pytest
from stages import cleaned, rows_of


class Export(NamedTuple):
    """A few rows under the headings of a system, and what is right to read from them."""

    rows: str
    amount: float
    orders: int
    customers: set[str]


EXPORTS = {
    # The subtotal is the whole order's, on each of its lines; shipping is no line's.
    "WooCommerce, lines of orders": Export(
        """
        Order Number | Order Status | Order Date       | Email (Billing) | Order Subtotal Amount | Order Shipping Amount | Order Total Amount | SKU | Item Name | Quantity (- Refund) | Item Cost
        1            | Completed    | 2024-01-03 10:15 | a@x.y           | 30                    | 5                     | 35                 | p1  | Mug       | 2                   | 10
        1            | Completed    | 2024-01-03 10:15 | a@x.y           | 30                    | 5                     | 35                 | p2  | Cup       | 1                   | 10
        2            | Cancelled    | 2024-01-04 10:15 | b@x.y           | 8                     | 5                     | 13                 | p2  | Cup       | 1                   | 8
        3            | Processing   | 2024-01-05 10:15 | b@x.y           | 21                    | 5                     | 26                 | p1  | Mug       | 3                   | 7
        """,
        51, 2, {"a@x.y", "b@x.y"},
    ),
    "WooCommerce, analytics": Export(
        """
        Date                | Order # | N. Revenue (formatted) | Status    | Customer | Customer type | Product(s) | Items sold | Coupon(s) | Net Sales
        2024-01-03 10:15:00 | 1       | $30.00                 | completed | Ann Roe  | new           | 2× Mug     | 2          |           | 30
        2024-01-04 10:15:00 | 2       | $8.00                  | refunded  | Bob Poe  | new           | 1× Cup     | 1          |           | 8
        2024-01-05 10:15:00 | 3       | $21.00                 | completed | Ann Roe  | returning     | 3× Mug     | 3          |           | 21
        """,
        51, 2, {"Ann Roe"},
    ),
    "PrestaShop, in French": Export(
        """
        ID | Référence | Nouveau client | Livraison | Client  | Total   | Paiement | État               | Date
        1  | XKBA      | 1              | France    | A. ROE  | 30,00 € | Carte    | Paiement accepté   | 2024-01-03 10:11:12
        2  | XKBB      | 0              | France    | A. ROE  | 8,00 €  | Carte    | Erreur de paiement | 2024-01-04 10:11:12
        3  | XKBC      | 1              | France    | B. POE  | 21,50 € | Carte    | Livré              | 2024-01-05 10:11:12
        """,
        51.5, 2, {"A. ROE", "B. POE"},
    ),
    "Odoo, orders and quotations": Export(
        """
        Order Reference | Creation Date       | Customer | Salesperson | Company | Total | Status
        S1              | 2024-01-03 08:00:00 | Azure    | Ann         | My Shop | 30.0  | Sales Order
        S2              | 2024-01-04 08:00:00 | Azure    | Ann         | My Shop | 8.0   | Quotation
        S3              | 2024-01-05 08:00:00 | Gemini   | Ann         | My Shop | 21.0  | Sales Order
        S4              | 2024-01-06 08:00:00 | Gemini   | Ann         | My Shop | 5.0   | Cancelled
        """,
        51, 2, {"Azure", "Gemini"},
    ),
    # Payments are the sales here.
    "Square, items": Export(
        """
        Date     | Time     | Item | Qty | SKU | Gross Sales | Discounts | Net Sales | Tax   | Transaction ID | Event Type | Customer ID
        01/13/24 | 10:11:12 | Mug  | 2.0 | p1  | $20.00      | -$1.00    | $19.00    | $0.00 | T1             | Payment    | ann
        01/14/24 | 10:11:12 | Cup  | 1.0 | p2  | $10.00      | $0.00     | $10.00    | $0.00 | T2             | Payment    | bob
        01/15/24 | 10:11:12 | Mug  | 1.0 | p1  | $12.00      | $0.00     | $12.00    | $0.00 | T3             | Payment    | ann
        01/16/24 | 10:11:12 | Cup  | 1.0 | p2  | -$5.00      | $0.00     | -$5.00    | $0.00 | T4             | Refund     | bob
        """,
        41, 3, {"ann", "bob"},
    ),
    # An order's own fields stand on its first row only.
    "Squarespace": Export(
        """
        Order ID | Email | Financial Status | Paid at                   | Currency | Subtotal | Shipping | Amount Refunded | Total | Created at                | Lineitem quantity | Lineitem name | Lineitem price | Lineitem sku
        00001    | a@x.y | PAID             | 2024-01-03 10:00:00 -0500 | USD      | 30       | 5        | 0               | 35    | 2024-01-03 10:00:00 -0500 | 2                 | Mug           | 10             | p1
        00001    | a@x.y |                  |                           |          |          |          |                 |       |                           | 1                 | Cup           | 10             | p2
        00002    | b@x.y | PAID             | 2024-01-05 10:00:00 -0500 | USD      | 14       | 5        | 0               | 19    | 2024-01-05 10:00:00 -0500 | 1                 | Mug           | 4              | p1
        00002    | b@x.y |                  |                           |          |          |          |                 |       |                           | 1                 | Cup           | 10             | p2
        00003    | a@x.y | PAID             | 2024-01-06 10:00:00 -0500 | USD      | 14       | 5        | 0               | 19    | 2024-01-06 10:00:00 -0500 | 1                 | Mug           | 4              | p1
        00003    | a@x.y |                  |                           |          |          |          |                 |       |                           | 1                 | Cup           | 10             | p2
        00004    | b@x.y | PAID             | 2024-01-07 10:00:00 -0500 | USD      | 14       | 5        | 0               | 19    | 2024-01-07 10:00:00 -0500 | 1                 | Mug           | 4              | p1
        00004    | b@x.y |                  |                           |          |          |          |                 |       |                           | 1                 | Cup           | 10             | p2
        00005    | a@x.y | PAID             | 2024-01-08 10:00:00 -0500 | USD      | 14       | 5        | 0               | 19    | 2024-01-08 10:00:00 -0500 | 1                 | Mug           | 4              | p1
        00005    | a@x.y |                  |                           |          |          |          |                 |       |                           | 1                 | Cup           | 10             | p2
        """,
        86, 5, {"a@x.y", "b@x.y"},
    ),
    "BigCommerce": Export(
        """
        Order ID | Customer ID | Customer Email | Order Date | Order Status | Subtotal (inc tax) | Shipping Cost (inc tax) | Order Total (inc tax) | Payment Method
        1        | 11          | a@x.y          | 13/01/2024 | Completed    | 30                 | 5                       | 35                    | Card
        2        | 0           | c@x.y          | 14/01/2024 | Shipped      | 21                 | 5                       | 26                    | Card
        3        | 12          | b@x.y          | 15/01/2024 | Cancelled    | 8                  | 5                       | 13                    | Card
        4        | 0           | d@x.y          | 16/01/2024 | Completed    | 4                  | 5                       | 9                     | Card
        """,
        55, 3, {"11", "c@x.y", "d@x.y"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_comes_to_its_orders_and_its_money(tmp_path, name):
    export = EXPORTS[name]
    path = tmp_path / "export.csv"
    rows_of(export.rows).to_csv(path, index=False)
    with cleaned(path) as clean:
        kept = clean.orders.filter(clean.orders.exclusion.isnull())
        customers = set(kept.customer_id.to_pyarrow().to_pylist())
        audit = clean.audit
    assert (float(audit.kept.amount), audit.kept.order_count) == (export.amount, export.orders)
    assert customers == export.customers
    assert audit.read.amount == audit.kept.amount + sum(row.amount for row in audit.excluded)
