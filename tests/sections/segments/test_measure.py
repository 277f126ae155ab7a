"""Segments: rows that add up, their past beside them, snapshots, and whose money is whence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from evidence import (
    FIGURES,
    HIGH,
    HOLD_OUT,
    LOST,
    NO_PAST,
    PAST,
    POTENTIAL,
    RISK,
    figures_of,
    table_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import customers_of, drawn_shop, orders_of
from sold_goods import goods
from stages import measured_customers

from rfmreport.engine.ask import Engine
from rfmreport.models.intervals import wilson_interval
from rfmreport.sections.segments.figures import Snapshot
from rfmreport.sections.segments.measure import cross_countries, measure_segments, take_snapshots

DAYS = (date(2024, 1, 1), date(2024, 5, 1))

# --- today --------------------------------------------------------------------------------------

CUSTOMERS = """
customer_id | segment    | recency_days | order_count | revenue
a           | High-Value | 1            | 4           | 100.10
b           | High-Value | 4            | 8           | 300.20
c           | Lost       | 90           | 1           | 20.00
"""
ORDERS = """
customer_id | order_id | at         | amount | exclusion | is_return
a           | 1        | 2024-01-02 | 10.00  |           | no
a           | 2        | 2024-01-03 | 20.00  |           | no
b           | 3        | 2024-01-04 | 30.00  |           | no
b           | 4        | 2024-01-05 | 900.00 | cancelled | no
b           | 5        | 2024-01-06 | -90.00 |           | yes
c           | 6        | 2024-01-07 | 20.00  |           | no
"""


def todays_segments():
    tables = {"customers": customers_of(CUSTOMERS), "orders": orders_of(ORDERS)}
    return measure_segments(drawn_shop(DAYS, **tables))


def test_orders_that_count_say_how_far_their_values_lie_apart() -> None:
    """Of 10, 20 and 30 it is 10; of one order nothing is known."""
    told = {row.name: row.order_value_deviation for row in todays_segments().rows}
    assert (told[HIGH], told[LOST]) == (10.0, None)


def test_each_segment_of_the_scheme_has_its_row_and_all_have_a_total() -> None:
    table = todays_segments()
    told = {
        row.name: (row.customer_count, row.revenue, row.order_count, row.median_recency_days,
                   row.median_order_count, row.median_revenue)
        for row in (*table.rows, table.total)
    }  # fmt: skip
    assert list(told.values()) == [
        (2, Decimal("400.30"), 12, 2.5, 6, Decimal("200.15")),
        (0, 0, 0, None, None, None),
        (0, 0, 0, None, None, None),
        (0, 0, 0, None, None, None),
        (1, Decimal(20), 1, 90, 1, Decimal(20)),
        (3, Decimal("420.30"), 13, 4, 4, Decimal("100.10")),
    ]
    assert list(told)[-2:] == ["Lost", "All customers"]
    best = table.rows[0]
    assert (best.mean_revenue, best.average_order_value) == (
        Decimal("200.15"),
        Decimal("400.30") / 12,
    )


# --- the segment table --------------------------------------------------------------------------


def test_the_segments_add_up_to_the_total() -> None:
    table = table_of()
    assert sum(row.customer_share for row in table.rows) == pytest.approx(1)
    assert sum(row.revenue_share for row in table.rows) == pytest.approx(1)
    assert sum(row.revenue for row in table.rows) == table.total.revenue
    assert sum(row.customer_count for row in table.rows) == table.total.customer_count
    assert (table.total.customer_share, table.total.revenue_share) == (1, 1)


def test_each_row_has_the_figures_and_the_color_of_its_segment() -> None:
    top = table_of().rows[0]
    assert (top.name, top.color) == (HIGH, "#0b5d5e")
    assert (top.customer_share, top.revenue_share) == (0.25, 0.6)
    assert (top.average_order_value, top.mean_revenue) == (Decimal(75), Decimal(600))


def test_sizes_a_month_ago_stand_beside_todays() -> None:
    table = table_of()
    assert table.previous_as_of == PAST.snapshots[-1].as_of
    assert [row.previous_customer_count for row in table.rows] == [90, 85, 0, 50, 0]
    assert table.total.previous_customer_count == 225


def test_who_came_back_is_told_from_thirty_customers_on() -> None:
    table = table_of()
    by_name = {row.name: row for row in table.rows}
    share = by_name[HIGH].return_share
    assert (share.value, share.low, share.high) == (0.9, *wilson_interval(72, 80))
    assert by_name[HIGH].revenue_per_returner == 500
    assert by_name[RISK].revenue_per_returner == 300  # exactly thirty came back
    assert by_name[POTENTIAL].return_share.customer_count == 100
    assert by_name[POTENTIAL].revenue_per_returner is None
    assert by_name[LOST].return_share is None
    assert (table.hold_out_as_of, table.horizon_days) == (HOLD_OUT, 90)


def test_without_a_past_nothing_is_compared() -> None:
    table = table_of(past=NO_PAST)
    for row in (*table.rows, table.total):
        assert row.previous_customer_count is None
        assert row.return_share is None
        assert row.revenue_per_returner is None


def test_a_segment_without_customers_stays_in_the_table_with_zeros() -> None:
    empty = table_of(figures=(*FIGURES[:4], figures_of(LOST, 0, "0", 0))).rows[-1]
    assert (empty.name, empty.customer_count, empty.revenue) == (LOST, 0, 0)
    assert (empty.customer_share, empty.revenue_share) == (0, 0)
    assert (empty.average_order_value, empty.median_recency_days) == (None, None)


def test_shares_of_no_revenue_are_zero() -> None:
    figures = tuple({**one, "revenue": Decimal(0)} for one in FIGURES)
    table = table_of(figures, figures_of(None, 400, "0", 1530))
    assert {row.revenue_share for row in table.rows} == {0}


# --- earlier dates ------------------------------------------------------------------------------

EARLIER = """
as_of      | segment | revenue
2024-04-01 | Best    | 75
2024-04-01 | Lost    | 20
2024-04-01 | Lost    | 5
2024-03-01 | Best    | 60
2024-02-01 | Best    | 50
"""
MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)


def snapshots_of(*days: date) -> tuple[Snapshot, ...]:
    earlier = customers_of(EARLIER).cast({"as_of": "date"})
    return tuple(take_snapshots(drawn_shop(DAYS, earlier_customers=earlier).engine, days).values())


def test_one_snapshot_per_date_the_oldest_first() -> None:
    assert snapshots_of(APRIL, MARCH) == (
        Snapshot(MARCH, {"Best": 1}, {"Best": Decimal(60)}),
        Snapshot(APRIL, {"Best": 1, "Lost": 2}, {"Best": Decimal(75), "Lost": Decimal(25)}),
    )


def test_a_snapshot_knows_its_size_and_shares() -> None:
    (april,) = snapshots_of(APRIL)
    assert april.customer_count == 3
    assert april.share_of("Best") == pytest.approx(0.75)
    assert april.share_of("Nobody") == 0
    assert Snapshot(APRIL, {}, {}).share_of("Best") == 0


def test_no_customer_no_snapshot() -> None:
    assert snapshots_of(date(2024, 1, 15)) == snapshots_of() == ()


# --- countries ----------------------------------------------------------------------------------

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
        engine.create_view("lines", lines)
        return crossed_of(engine, customers_of(people))


def crossed_of(backend, people):
    """Cross the lines that the engine holds with these customers."""
    backend.create_table("customers", people, overwrite=True)
    return cross_countries(Engine(backend.con), NAMES)


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


def test_the_sample_gives_what_pandas_gives(clean_sample) -> None:
    clean = clean_sample
    people = measured_customers(clean.orders, clean.as_of)
    people = people.mutate(segment=(people.order_count > 1).ifelse("Best", "Lost"))
    found = crossed_of(clean.lines.get_backend(), people)
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
