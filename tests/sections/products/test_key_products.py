"""Key products: counted by hand, and on the sample once more with plain pandas."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from shops import customers_of
from sold_goods import goods, tables_of
from stages import cleaned

from rfmreport.customers import measure as customers
from rfmreport.sections.products.key_products import tell_key_products
from rfmreport.sections.products.products import Trend, measure_products
from rfmreport.source.sold import number_customers

UNTIL = date(2024, 7, 1)
LINES = """
customer | order | date             | code | name | quantity | price
a        | 1     | 2024-04-01 10:00 | 1    | Lamp | 6        | 1
a        | 2     | 2024-06-30 10:00 | 1    | Lamp | 8        | 1
a        | 2     | 2024-06-30 10:00 | 1    | Lamp | 1        | 1
b        | 3     | 2024-06-24 10:00 | 1    | Lamp | 5        | 1
b        | 4     | 2024-03-31 10:00 | 1    | Lamp | 99       | 1
b        | 5     | 2024-07-01 10:00 | 1    | Lamp | 99       | 1
b        | 3     | 2024-06-24 10:00 | 2    | Vase | 7        | 1
"""
PEOPLE = """
customer_id | segment
a           | Best
b           | Lost
"""


def told(text: str, names=("Best", "Middle", "Lost")):
    with goods(text) as (engine, lines):
        sold, named, _ = tables_of(lines)
        measured = engine.create_table("products", measure_products(sold, named, Trend()))
        buyers = number_customers(engine.create_table("people", customers_of(PEOPLE)))
        return tell_key_products(sold, measured, buyers, UNTIL, names)


def test_a_product_has_its_pieces_of_thirteen_weeks_by_segment_and_its_busiest_week() -> None:
    """Weeks begin on Mondays: 14 of 20 lamps go in the last one; its largest order takes 9."""
    found = told(LINES)
    assert (found.first_day, found.last_day) == (date(2024, 4, 1), date(2024, 6, 30))
    lamp, vase = found.rows
    assert (lamp.code, lamp.name, lamp.quantity, lamp.per_week) == ("1", "Lamp", 20, 20 / 13)
    assert (lamp.order_count, lamp.customer_count) == (3, 2)
    assert lamp.segment_shares == (15 / 20, 0, 5 / 20)
    assert (lamp.busiest_week_on, lamp.busiest_week_quantity) == (date(2024, 6, 24), 14)
    assert lamp.largest_order_share == 9 / 20
    assert (vase.segment_shares, vase.largest_order_share) == ((0, 0, 1), 1)
    assert (found.product_count, found.quantity) == (2, 27)


def test_fifteen_are_told_and_equals_stand_in_the_order_of_their_codes() -> None:
    text = LINES.splitlines()[1] + "".join(
        f"\na | {n} | 2024-06-30 10:00 | {n} | Cup | 1 | 1" for n in range(30, 10, -1)
    )
    found = told(text)
    assert [row.code for row in found.rows] == [str(n) for n in range(11, 26)]
    assert found.product_count == 20


def test_without_pieces_or_lately_without_sales_nothing_is_told() -> None:
    old = "\n".join(LINES.splitlines()[:2]) + "\na | 1 | 2024-01-01 10:00 | 1 | Lamp | 6 | 1"
    assert told(old) is None
    text = "\n".join(line.rpartition("|")[0] for line in LINES.strip().splitlines())
    assert told(text.replace("quantity", "amount")) is None


def test_the_sample_gives_what_pandas_gives(sample_csv) -> None:
    until = date(2011, 12, 10)
    with cleaned(sample_csv) as clean:
        sold, named, _ = tables_of(clean.lines)
        measured = measure_products(sold, named, Trend())
        people = customers.measure_customers(clean.orders, until)
        people = people.mutate(segment=(people.order_count > 1).ifelse("More", "One"))
        found = tell_key_products(sold, measured, number_customers(people), until, ["More", "One"])
        lines = clean.lines.filter(clean.lines.exclusion.isnull()).to_pyarrow().to_pandas()
        ones = set(people.filter(people.order_count == 1).to_pyarrow().to_pydict()["customer_id"])
    recent = lines[lines.ordered_at >= "2011-09-10"]
    recent = recent.assign(code=recent.product_code.str.upper())
    top = recent.groupby("code").quantity.sum().sort_values(ascending=False)
    assert [row.quantity for row in found.rows] == list(top.head(15))
    assert found.quantity == recent.quantity.sum()
    for row in found.rows:
        of_it = recent[recent.code == row.code]
        assert row.order_count == of_it.order_id.nunique()
        assert row.customer_count == of_it.customer_id.nunique()
        one = of_it[of_it.customer_id.isin(ones)].quantity.sum() / row.quantity
        assert row.segment_shares == pytest.approx((1 - one, one))
        week = (of_it.ordered_at.dt.normalize() - pd.Timestamp(2011, 9, 10)).dt.days // 7
        assert row.busiest_week_quantity == of_it.groupby(week).quantity.sum().max()
        largest = of_it.groupby("order_id").quantity.sum().max()
        assert row.largest_order_share == pytest.approx(largest / row.quantity)
