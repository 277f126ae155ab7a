"""What was sold: one product whatever it is called, and since when it is on sale."""

from __future__ import annotations

from datetime import date

from sold_goods import goods, held_goods, rows, tables_of

from rfmreport.source.verdicts import Window

CALLED = """
customer | order | date             | code  | name   | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 10a   | Lamp   | 1        | 2     | Malta
a        | 2     | 2024-01-06 10:00 | 10A   | Light  | 1        | 2     | Malta
b        | 3     | 2024-01-07 10:00 | 10A   | Light  | 1        | 2     | Malta
b        | 3     | 2024-01-07 10:00 |       | Candle | 1        | 2     | Malta
b        | 3     | 2024-01-07 10:00 |       |        | 1        | 2     | Malta
b        | 4     | 2024-01-08 10:00 | 20    | Zebra  | 1        | 2     | Malta
b        | 5     | 2024-01-08 10:00 | 20    | Apple  | 1        | 2     | Malta
"""


def named(text: str, **rules):
    with goods(text, **rules) as (_, lines):
        return {
            (row["product_code"], row["product_name"]): row
            for row in rows(tables_of(lines)[1], "product_code", "product_name")
        }


def test_a_code_is_one_product_in_capitals_or_not_under_its_most_frequent_name() -> None:
    assert list(named(CALLED)) == [("", "Candle"), ("10A", "Light"), ("20", "Apple")]


def test_a_name_that_a_code_has_elsewhere_is_that_product() -> None:
    """The light without a code is 10A, which has that name on most lines; the cup is nobody's."""
    text = """
customer | order | date             | code | name  | quantity | price
a        | 1     | 2024-01-05 10:00 |      | Light | 1        | 2
a        | 2     | 2024-02-06 10:00 | 10a  | Light | 1        | 2
b        | 3     | 2024-02-07 10:00 | 10A  | Light | 1        | 2
b        | 4     | 2024-02-07 10:00 | 9    | Light | 1        | 2
b        | 5     | 2024-02-07 10:00 |      | Cup   | 1        | 2
"""
    found = named(text)
    assert list(found) == [("", "Cup"), ("10A", "Light"), ("9", "Light")]
    assert found["10A", "Light"]["first_sold_on"] == date(2024, 1, 5)
    with goods(text) as (_, lines):
        sold, names, _ = tables_of(lines)
        both = sold.join(names, "product").select("product_code", "amount")
        codes = [row["product_code"] for row in rows(both, "product_code")]
    assert codes == ["", "10A", "10A", "10A", "9"]


def test_names_alone_and_codes_must_both_be_there_to_be_the_same() -> None:
    heading = "customer | order | date | code | name | quantity | price"
    alone, coded, neither = (
        f"a | {n} | 2024-01-05 10:00 | {label} | 1 | 2"
        for n, label in enumerate((" | Lamp", "1 | Lamp", " | "))
    )
    for drawn, expected in (
        ((alone, coded), True), ((alone, neither), False), ((coded, neither), False),
    ):  # fmt: skip
        with held_goods("\n".join([heading, *drawn])) as engine:
            found = engine.rows("SELECT name, code FROM namesakes")
        assert found == ([{"name": "Lamp", "code": "1"}] if expected else [])


def test_most_lines_without_a_name_leave_the_name_to_the_others() -> None:
    found = named("""
customer | order | date             | code | name | quantity | price
a        | 1     | 2024-01-05 10:00 | 1    |      | 1        | 2
a        | 2     | 2024-01-06 10:00 | 1    |      | 1        | 2
a        | 3     | 2024-01-06 10:00 | 1    | Lamp | 1        | 2
""")
    assert list(found) == [("1", "Lamp")]


def test_without_any_code_the_name_is_the_product() -> None:
    no_codes = "\n".join(
        " | ".join(cell for place, cell in enumerate(line.split("|")) if place != 3)
        for line in CALLED.strip().splitlines()
    )
    assert list(named(no_codes)) == [
        ("", "Apple"), ("", "Candle"), ("", "Lamp"), ("", "Light"), ("", "Zebra"),
    ]  # fmt: skip


def test_a_product_is_on_sale_since_anybody_bought_it() -> None:
    text = """
customer | order | date             | code | name | quantity | price
         | 1     | 2024-01-05 10:00 | 1    | Lamp | 1        | 2
a        | 2     | 2024-02-05 10:00 | 1    | Lamp | 1        | 2
a        | C3    | 2024-01-01 10:00 | 1    | Lamp | -1       | 2
a        | 4     | 2024-01-02 10:00 | 1    | Lamp | 1        | 0
"""
    found = named(text)
    assert found["1", "Lamp"]["first_sold_on"] == date(2024, 1, 5)
    in_window = named(text, window=Window(first_day=date(2024, 2, 1)))
    assert in_window["1", "Lamp"]["first_sold_on"] == date(2024, 1, 5)


def test_a_new_code_of_an_old_name_is_a_new_label() -> None:
    found = named("""
customer | order | date             | code | name | quantity | price
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 1        | 2
a        | 2     | 2024-02-05 10:00 | 2    | Lamp | 1        | 2
a        | 3     | 2024-02-05 10:00 | 3    | Vase | 1        | 2
""")
    assert {code: row["is_relabelled"] for (code, _), row in found.items()} == {
        "1": False,
        "2": True,
        "3": False,
    }


def test_only_kept_purchases_are_sold() -> None:
    text = """
customer | order | date             | code | name | quantity | price | country
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 3        | 2     |
a        | C2    | 2024-01-06 10:00 | 1    | Lamp | -1       | 2     |
         | 3     | 2024-01-06 10:00 | 1    | Lamp | 1        | 2     |
a        | 4     | 2024-01-06 10:00 | POST | Post | 1        | 9     |
"""
    for net_returns in (False, True):
        with goods(text, net_returns=net_returns) as (_, lines):
            (line,) = rows(tables_of(lines)[0])
        assert (line["amount"], line["quantity"], line["place"]) == (6, 3, None)


def test_an_order_number_of_two_customers_is_two_orders() -> None:
    text = """
customer | order | date             | code | name | quantity | price
a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 3        | 2
b        | 1     | 2024-01-06 10:00 | 1    | Lamp | 1        | 2
"""
    with goods(text) as (_, lines):
        assert len({row["order"] for row in rows(tables_of(lines)[0])}) == 2


def test_weights_and_volumes_are_no_pieces() -> None:
    """Cheese by the kilogram and petrol by the thousandth of a gallon; packs of 250 are pieces."""
    head = "customer | order | date | code | name | quantity | price\n"
    lines = [
        f"a | {n} | 2024-01-05 10:00 | {code} | {name} | {quantity} | 0.02"
        for n in range(30)
        for code, name, quantity in (
            ("1", "Cheese", 0.3 + n % 3),
            ("2", "Petrol", 8_000 + 137 * n),
            ("3", "Screws", 250 * (1 + n % 4)),
        )
    ]
    back = "a | C99 | 2024-01-06 10:00 | 2 | Petrol | -8000 | 0.02"
    with held_goods(head + "\n".join([*lines, back])) as engine:
        found = engine.rows(
            "SELECT product_name AS name, sum(quantity) AS pieces FROM goods "
            "JOIN product_names USING (product) GROUP BY name ORDER BY name"
        )
    assert [(row["name"], row["pieces"]) for row in found] == [
        ("Cheese", None),
        ("Petrol", None),
        ("Screws", sum(250 * (1 + n % 4) for n in range(30))),
    ]
