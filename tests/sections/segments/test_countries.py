"""Segments by country: every cell adds up, the rest is told together, and the sample by pandas."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import customers_of
from sold_goods import goods
from stages import cleaned

from rfmreport.customers import measure as customers
from rfmreport.sections.segments.countries import cross_countries

NAMES = ("Best", "Middle", "Lost")
PEOPLE = """
customer_id | segment
a           | Best
b           | Lost
c           | Lost
"""
HEADING = "customer | order | date | code | name | quantity | price | country"


def crossed(rows: list[str], people: str = PEOPLE, **rules):
    with goods("\n".join([HEADING, *rows]), **rules) as (engine, lines):
        table = engine.create_table("people", customers_of(people), temp=True)
        return cross_countries(lines, table, NAMES)


def line(customer: str, country: str, price: str, order: int = 1, quantity: int = 1) -> str:
    return f"{customer} | {order} | 2024-01-05 10:00 | 1 | Lamp | {quantity} | {price} | {country}"


def test_revenue_stands_by_country_and_segment() -> None:
    found = crossed([line("a", "Malta", "10"), line("b", "Malta", "4"), line("b", "Cyprus", "20"),
                     line("c", "", "1")])  # fmt: skip
    assert [(row.country, row.revenue, row.by_segment) for row in found.rows] == [
        ("Cyprus", 20, (0, 0, 20)),
        ("Malta", 14, (10, 0, 4)),
    ]
    assert [row.customer_count for row in found.rows] == [1, 2]
    assert (found.unnamed.revenue, found.unnamed.customer_count) == (1, 1)
    assert (found.rest, found.rest_count) == (None, 0)
    assert (found.total.revenue, found.total.by_segment) == (35, (10, 0, 25))
    assert found.total.customer_count == 3  # b bought in two countries, and is one customer
    assert found.rows[0].revenue_share == pytest.approx(20 / 35)


def test_countries_beyond_the_eighth_are_the_rest_of_the_world() -> None:
    """A customer of two of them counts once."""
    rows = [line("a", f"Land {n:02}", str(20 - n)) for n in range(11)]
    found = crossed([*rows, line("b", "Land 10", "1")])
    assert [row.country for row in found.rows] == [f"Land {n:02}" for n in range(8)]
    assert (found.rest.country, found.rest_count) == ("Rest of the world", 3)
    assert (found.rest.revenue, found.rest.customer_count) == (12 + 11 + 10 + 1, 2)
    assert found.unnamed is None


def test_of_one_country_or_none_there_is_no_table() -> None:
    assert crossed([line("a", "Malta", "10"), line("b", "", "4")]) is None
    assert crossed([line("a", "", "10")]) is None


def test_returns_lower_the_revenue_where_they_are_netted() -> None:
    rows = [line("a", "Malta", "10", 1, 3), line("b", "Cyprus", "20", 2)]
    rows.append(line("a", "Malta", "10", 3, -1))
    assert crossed(rows).total.revenue == 50
    assert crossed(rows, net_returns=True).total.revenue == 40


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.decimals("0.01", 100, places=2)),
        min_size=1,
        max_size=40,
    )
)
def test_rows_rest_and_unnamed_add_up_to_the_total(bought) -> None:
    rows = [line(c, f"L{n}" if n else "", str(price), i) for i, (c, n, price) in enumerate(bought)]
    found = crossed(rows)
    if found is None:
        return
    parts = [row for row in (*found.rows, found.rest, found.unnamed) if row]
    assert sum(row.revenue for row in parts) == found.total.revenue
    assert found.total.revenue == sum((price for *_, price in bought), Decimal(0))
    for place in range(len(NAMES)):
        cells = (row.by_segment[place] for row in parts)
        assert sum(cells) == found.total.by_segment[place]
    for row in (*parts, found.total):
        assert sum(row.by_segment) == row.revenue


def test_the_sample_gives_what_pandas_gives(sample_csv) -> None:
    with cleaned(sample_csv) as clean:
        people = customers.measure_customers(clean.orders, clean.as_of)
        people = people.mutate(segment=(people.order_count > 1).ifelse("Best", "Lost"))
        found = cross_countries(clean.lines, people, NAMES)
        lines = clean.lines.filter(clean.lines.exclusion.isnull()).to_pyarrow().to_pandas()
    lines["amount"] = lines.amount.astype(float)
    one = lines.groupby("customer_id").order_id.nunique() == 1
    lines["segment"] = lines.customer_id.map(one).map({True: "Lost", False: "Best"})
    by_country = lines.groupby("country").amount.sum().sort_values(ascending=False)
    assert [row.country for row in found.rows] == list(by_country.index[:8])
    assert [float(row.revenue) for row in found.rows] == pytest.approx(list(by_country[:8]))
    table = lines.pivot_table(index="country", columns="segment", values="amount", aggfunc="sum")
    cells = table.fillna(0).loc[list(by_country.index[:8])]
    assert [float(row.by_segment[0]) for row in found.rows] == pytest.approx(list(cells.Best))
    assert found.rest_count == len(by_country) - 8
    in_rest = lines[lines.country.isin(by_country.index[8:])]
    assert found.rest.customer_count == in_rest.customer_id.nunique()
    assert found.total.customer_count == lines.customer_id.nunique()
