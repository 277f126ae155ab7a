"""Columns: which heading plays which role, for the exports of the field, and what a gap says."""

from __future__ import annotations

import dataclasses

import pytest

from rfmreport.errors import InputError, SettingsError
from rfmreport.source.columns.roles import ROLES, ColumnMap, map_columns
from rfmreport.vocabulary import CONTACTS

ONLINE_RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

# Name, headings as the export writes them, and the role of each that has one.
EXPORTS = [
    (
        "UCI Online Retail",
        ONLINE_RETAIL,
        {
            "customer": "CustomerID",
            "order": "InvoiceNo",
            "date": "InvoiceDate",
            "quantity": "Quantity",
            "unit_price": "UnitPrice",
            "product": "StockCode",
            "product_name": "Description",
            "country": "Country",
        },
    ),
    (
        "UCI Online Retail II",
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
        {
            "customer": "Customer ID",
            "order": "Invoice",
            "date": "InvoiceDate",
            "quantity": "Quantity",
            "unit_price": "Price",
            "product": "StockCode",
            "product_name": "Description",
            "country": "Country",
        },
    ),
    (
        "CDNOW",
        "customer_id,sample_id,date,number_of_cds,dollar_value",
        {"customer": "customer_id", "date": "date", "amount": "dollar_value"},
    ),
    (
        "R package rfm",
        "customer_id,order_date,revenue,first_name,last_name,email",
        {"customer": "customer_id", "date": "order_date", "amount": "revenue"},
    ),
    (
        "Shopify orders",
        (
            "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,"
            "Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
            "Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
            "Lineitem price,Lineitem compare at price,Lineitem sku,"
            "Lineitem requires shipping,Billing Name,Billing Country,Shipping Name,"
            "Shipping Country,Notes,Cancelled at,Refunded Amount,Vendor,Id,Tags,"
            "Lineitem discount,Phone"
        ),
        {
            "customer": "Email",
            "order": "Name",
            "date": "Created at",
            "quantity": "Lineitem quantity",
            "unit_price": "Lineitem price",
            "product": "Lineitem sku",
            "product_name": "Lineitem name",
            "country": "Shipping Country",
            "status": "Financial Status",
        },
    ),
    (
        "Etsy sold orders",
        (
            "Sale Date,Order ID,Buyer User ID,Full Name,First Name,Last Name,"
            "Number of Items,Payment Method,Date Shipped,Ship City,Ship State,Ship Zipcode,"
            "Ship Country,Currency,Order Value,Coupon Code,Discount Amount,Shipping Discount,"
            "Shipping,Sales Tax,Order Total,Status,Card Processing Fees,Order Net,"
            "Adjusted Order Total,Buyer,Order Type,SKU"
        ),
        {
            "customer": "Buyer User ID",
            "order": "Order ID",
            "date": "Sale Date",
            "amount": "Order Value",
            "product": "SKU",
            "country": "Ship Country",
            "status": "Status",
        },
    ),
    (
        "Olist, orders with customers and items",
        (
            "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
            "order_delivered_customer_date,customer_unique_id,customer_zip_code_prefix,"
            "customer_city,customer_state,order_item_id,product_id,seller_id,"
            "shipping_limit_date,price,freight_value"
        ),
        {
            "customer": "customer_unique_id",
            "order": "order_id",
            "date": "order_purchase_timestamp",
            "amount": "price",
            "unit_price": "price",
            "product": "product_id",
            "status": "order_status",
        },
    ),
    (
        "Tableau Superstore",
        (
            "Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,"
            "Segment,Country,City,State,Postal Code,Region,Product ID,Category,Sub-Category,"
            "Product Name,Sales,Quantity,Discount,Profit"
        ),
        {
            "customer": "Customer ID",
            "order": "Order ID",
            "date": "Order Date",
            "amount": "Sales",
            "quantity": "Quantity",
            "product": "Product ID",
            "product_name": "Product Name",
            "country": "Country",
        },
    ),
    (
        "loyalty-card baskets",
        (
            "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,"
            "coupon_disc,coupon_match_disc,week,transaction_timestamp"
        ),
        {
            "customer": "household_id",
            "order": "basket_id",
            "date": "transaction_timestamp",
            "amount": "sales_value",
            "quantity": "quantity",
            "product": "product_id",
        },
    ),
    (
        "sample sales data",
        (
            "ORDERNUMBER,QUANTITYORDERED,PRICEEACH,ORDERLINENUMBER,SALES,ORDERDATE,STATUS,"
            "QTR_ID,MONTH_ID,YEAR_ID,PRODUCTLINE,MSRP,PRODUCTCODE,CUSTOMERNAME,PHONE,CITY,"
            "STATE,POSTALCODE,COUNTRY,TERRITORY,CONTACTLASTNAME,DEALSIZE"
        ),
        {
            "customer": "CUSTOMERNAME",
            "order": "ORDERNUMBER",
            "date": "ORDERDATE",
            "amount": "SALES",
            "quantity": "QUANTITYORDERED",
            "unit_price": "PRICEEACH",
            "product": "PRODUCTCODE",
            "country": "COUNTRY",
            "status": "STATUS",
        },
    ),
    (
        "WooCommerce analytics, English",
        (
            "Date,Order #,Status,Customer,Customer type,Product(s),Items sold,Coupon(s),"
            "Net sales,Attribution"
        ),
        {
            "customer": "Customer",
            "order": "Order #",
            "date": "Date",
            "amount": "Net sales",
            "status": "Status",
        },
    ),
    (
        "WooCommerce analytics, French",
        "Date,Commande n°,État,Client,Type de client,Produit(s),Articles vendus,Ventes nettes",
        {
            "customer": "Client",
            "order": "Commande n°",
            "date": "Date",
            "status": "État",
            "amount": "Ventes nettes",
        },
    ),
    (
        "a German shop",
        "Bestellnummer,Bestelldatum,Kundennummer,Artikelnummer,Artikel,Menge,Einzelpreis,Land",
        {
            "customer": "Kundennummer",
            "order": "Bestellnummer",
            "date": "Bestelldatum",
            "quantity": "Menge",
            "unit_price": "Einzelpreis",
            "product": "Artikelnummer",
            "product_name": "Artikel",
            "country": "Land",
        },
    ),
]


def used(headings: str, **chosen: str) -> dict[str, str]:
    return dict(map_columns(headings.split(","), chosen).used())


@pytest.mark.parametrize(
    ("headings", "expected"), [e[1:] for e in EXPORTS], ids=[e[0] for e in EXPORTS]
)
def test_an_export_of_the_field_maps_without_options(headings: str, expected: dict[str, str]):
    assert used(headings) == expected


@pytest.mark.parametrize("heading", ["customer_id", "CUSTOMER ID", "Customer-Id", " CustomerId "])
def test_letter_case_blanks_and_marks_do_not_matter(heading: str):
    assert used(f"{heading},date,amount")["customer"] == heading


def test_the_order_of_the_headings_does_not_matter():
    headings = ONLINE_RETAIL.split(",")
    assert map_columns(headings[::-1], {}) == map_columns(headings, {})


def test_the_more_telling_heading_wins():
    assert used("email,customer_id,date,amount")["customer"] == "customer_id"


def test_what_the_user_maps_wins():
    mapped = used(ONLINE_RETAIL, customer="Country", product="Description")
    assert (mapped["customer"], mapped["product"]) == ("Country", "Description")


def test_an_amount_in_the_file_beats_quantity_times_price():
    mapped = used("customer,date,quantity,price,amount")
    assert mapped["amount"] == "amount"


def test_a_mapped_unit_price_beats_an_amount_that_was_only_guessed():
    mapped = used("customer,date,quantity,list,amount", unit_price="list")
    assert "amount" not in mapped
    assert (mapped["quantity"], mapped["unit_price"]) == ("quantity", "list")


def test_a_mapped_amount_beats_everything():
    mapped = used("customer,date,quantity,price,amount,Order Net", amount="Order Net")
    assert mapped["amount"] == "Order Net"


def test_an_order_total_serves_where_there_is_no_line_amount():
    assert used("Email,Created at,Subtotal,Total")["amount"] == "Subtotal"


def test_the_heading_name_is_an_order_number_only_in_shopify_exports():
    assert "order" not in used("Name,Email,date,quantity,price")


def test_the_map_has_a_field_for_every_role():
    assert {field.name for field in dataclasses.fields(ColumnMap)} >= set(ROLES)


def test_an_unknown_role_is_answered_with_the_known_ones():
    with pytest.raises(SettingsError) as caught:
        map_columns(["a"], {"kunde": "a"})
    assert str(caught.value) == (
        "--map kunde=a: no such role; the roles are customer, order, date, amount, quantity, "
        "unit_price, product, product_name, country, status, type, refund, "
        "discount, shipping, tax, order_count, recency_days, email, phone, contact_name"
    )


@pytest.mark.parametrize("role", CONTACTS)
def test_no_heading_is_taken_for_a_contact_unless_the_user_maps_it(role: str):
    """Contacts are personal data: also a heading that says so is left alone."""
    headings = f"customer_id,date,amount,{role},Email,E-Mail,Phone,Telephone,Name,Contact Name"
    assert map_columns(headings.split(","), {}).contacts == ()
    assert used(headings, **{role: role})[role] == role
    assert map_columns(headings.split(","), {role: "Name"}).contacts == (role,)


def test_what_names_the_customer_may_be_a_contact_too():
    """In Shopify's exports the e-mail address is the customer."""
    mapped = used("Email,Created at,Total", email="Email")
    assert (mapped["customer"], mapped["email"]) == ("Email", "Email")


def test_an_unknown_heading_is_answered_with_the_headings():
    with pytest.raises(SettingsError) as caught:
        map_columns(["Client Ref", "date", "amount"], {"customer": "Client"})
    assert str(caught.value) == (
        "--map customer=Client: no such heading in the source; its headings are "
        "'Client Ref', date, amount"
    )


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (
            "client_identifier,date,amount",
            (
                "no column that names the customer (perhaps client_identifier) among the headings "
                "client_identifier, date, amount; say which it is with "
                "--map customer=client_identifier"
            ),
        ),
        (
            "customer,Order Date UTC+1,amount",
            (
                "no column with the order date (perhaps 'Order Date UTC+1') among the headings "
                "customer, 'Order Date UTC+1', amount; say which it is with "
                "--map date='Order Date UTC+1'"
            ),
        ),
        (
            "customer,date,x",
            (
                "no column with an amount, nor a quantity with a unit price among the headings "
                "customer, date, x; say which it is with --map amount=HEADING"
            ),
        ),
        (
            "customer,date,quantity",
            (
                "no column with an amount, nor a quantity with a unit price among the headings "
                "customer, date, quantity; say which it is with --map amount=HEADING"
            ),
        ),
    ],
)
def test_a_missing_role_names_headings_guesses_and_the_option_to_type(headings, expected):
    with pytest.raises(InputError) as caught:
        map_columns(headings.split(","), {})
    assert str(caught.value) == expected


def test_a_hundred_headings_are_cut_short():
    with pytest.raises(InputError) as caught:
        map_columns([f"column{i}" for i in range(100)], {})
    assert "column29 and 70 more" in str(caught.value)


def test_a_long_heading_is_cut_in_the_list():
    with pytest.raises(InputError) as caught:
        map_columns(["x" * 300, "date"], {})
    assert len(str(caught.value)) < 250


def test_mapping_leaves_its_arguments_as_they_were():
    headings, chosen = ["a", "date", "amount"], {"customer": "a"}
    map_columns(headings, chosen)
    assert (headings, chosen) == (["a", "date", "amount"], {"customer": "a"})


def test_without_a_customer_what_repeats_is_named_with_what_a_customer_would_be():
    headings = ("Order No", "Date", "Amount", "Store", "Note")
    sample = {
        "Order No": tuple("123456"),
        "Date": ("2024-01-05",) * 6,
        "Amount": ("1.50", "2.50", "3.50", "4.50", "5.50", "6.50"),
        "Store": ("North", "South", "North", "South", "East", "East"),
        "Note": ("a", "b", "c", "d", "e", "f"),
    }
    with pytest.raises(InputError) as caught:
        map_columns(headings, {}, sample)
    assert "(what repeats: Store, of which each of 3 values would be one)" in str(caught.value)
