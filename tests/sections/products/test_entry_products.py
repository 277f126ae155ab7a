"""Entry products: the formulas by hand, no taste where segments are dealt out, and the sample."""

from __future__ import annotations

import math
import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import customers_of, orders_of
from sold_goods import goods, tables_of
from stages import cleaned

from rfmreport.customers import measure as customers
from rfmreport.models.many_tests import two_sided
from rfmreport.sections.products.entry_products import (
    FirstOrders,
    Stratum,
    choose_entries,
    choose_first_orders,
    compare_strata,
    list_first_picks,
    tell_entries,
)
from rfmreport.sections.products.habits import EntryProduct
from rfmreport.sections.products.products import Trend, measure_products


def test_in_one_stratum_the_ratio_is_that_of_two_shares() -> None:
    """Of 40 with it 20 are top, of 60 without it 15: 50 % against 25 %."""
    found = compare_strata([Stratum(100, 35, 40, 20)])
    assert found.ratio == pytest.approx(2)
    error = math.sqrt(1 / 20 - 1 / 40 + 1 / 15 - 1 / 60)
    assert (found.low, found.high) == pytest.approx(
        (2 * math.exp(-1.959964 * error), 2 * math.exp(1.959964 * error))
    )
    assert found.expected == pytest.approx(14)
    chi_squared = 100 * (20 * 45 - 20 * 15) ** 2 / (40 * 60 * 35 * 65) * 99 / 100
    assert found.p_value == pytest.approx(two_sided(math.sqrt(chi_squared)))


def test_what_differs_between_strata_alone_is_no_effect() -> None:
    """In a good month half become top and most have it, in a bad one a tenth and few have it."""
    found = compare_strata([Stratum(100, 50, 80, 40), Stratum(100, 10, 20, 2)])
    assert found.ratio == pytest.approx(1)
    assert found.p_value == pytest.approx(1)
    pooled = compare_strata([Stratum(200, 60, 100, 42)])
    assert pooled.ratio > 2


def test_where_nobody_can_be_compared_there_is_no_ratio() -> None:
    assert compare_strata([Stratum(30, 10, 30, 10)]) is None
    assert compare_strata([Stratum(30, 0, 10, 0)]) is None
    assert compare_strata([]) is None


strata = st.lists(
    st.integers(1, 60).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n)).flatmap(
            lambda of: st.integers(max(0, of[1] + of[2] - of[0]), min(of[1], of[2])).map(
                lambda both: Stratum(*of, both)
            )
        )
    ),
    min_size=1,
    max_size=6,
)


@given(strata)
def test_an_interval_holds_its_ratio_and_expectation_is_within_bounds(of) -> None:
    found = compare_strata(of)
    if found is None:
        return
    assert found.low <= found.ratio <= found.high
    assert 0 <= found.p_value <= 1
    assert 0 <= found.expected <= sum(one.with_count for one in of)


def test_only_what_stands_after_correction_and_above_one_is_told() -> None:
    def entry(code: str, ratio: float, p_value: float) -> EntryProduct:
        return EntryProduct(code, code, 50, 20, 10.0, ratio, 1.0, 3.0, p_value)

    sure, likely = entry("1", 2.0, 0.0001), entry("2", 1.5, 0.001)
    less, chance = entry("3", 0.5, 0.002), entry("4", 1.2, 0.2)
    assert choose_entries([chance, less, likely, sure]) == (sure, likely)
    assert choose_entries([chance]) == ()
    assert choose_entries([]) == ()


def test_first_orders_are_late_enough_to_be_first_and_early_enough_to_tell() -> None:
    begin, as_of = date(2024, 1, 1), date(2024, 12, 1)
    assert choose_first_orders(begin, begin, as_of, 90, "Best") == FirstOrders(
        date(2024, 1, 31), date(2024, 9, 1), "Best"
    )
    windowed = choose_first_orders(begin, date(2024, 6, 1), as_of, 90, "Best")
    assert windowed.first_from == date(2024, 6, 1)
    assert choose_first_orders(begin, begin, date(2024, 4, 30), 90, "Best") is None


HEADING = "customer | order | date | code | name | quantity | price"
ALL_OF_2024 = FirstOrders(date(2024, 1, 31), date(2024, 9, 1), "Best")


def told(bought, top: set[str], chosen: FirstOrders = ALL_OF_2024):
    """Each of `bought` is (customer, order, day, codes); customers in `top` are among the best."""
    lines = [
        f"{who} | {order} | {day} 10:00 | {code} | Thing {code} | 1 | 1"
        for who, order, day, codes in bought
        for code in codes
    ]
    orders = [f"{who} | {order} | {day} 10:00 | 1" for who, order, day, _ in bought]
    people = [f"{who} | {'Best' if who in top else 'Lost'}" for who in {one[0] for one in bought}]
    with goods("\n".join([HEADING, *lines])) as (engine, judged):
        sold, named, _ = tables_of(judged)
        measured = engine.create_table("products", measure_products(sold, named, Trend()))
        orders_table = orders_of("\n".join(["customer_id | order_id | at | amount", *orders]))
        table = customers_of("\n".join(["customer_id | segment", *people]))
        held = (engine.create_table("o", orders_table), engine.create_table("p", table))
        return tell_entries(list_first_picks(sold, *held, chosen), measured, chosen)


def names(count: int, letter: str = "c") -> list[str]:
    return [f"{letter}{n:03}" for n in range(count)]


def test_a_product_with_which_the_best_began_is_told() -> None:
    """Of 60 who began with 1, 40 are top; of 60 with 2, 6. A second order tells nothing."""
    bought = [(who, f"{who}1", "2024-03-01", "1") for who in names(60, "a")]
    bought += [(who, f"{who}1", "2024-03-02", "2") for who in names(60, "b")]
    bought += [(who, f"{who}2", "2024-03-09", "2") for who in names(60, "a")]
    found = told(bought, {*names(40, "a"), *names(6, "b")})
    assert (found.customer_count, found.top_count, found.product_count) == (120, 46, 2)
    (one,) = found.rows
    assert (one.code, one.buyer_count, one.top_count) == ("1", 60, 40)
    assert one.expected_top_count == pytest.approx(23)
    assert one.ratio == pytest.approx(40 / 6)
    assert [each.code for each in found.common] == ["1", "2"]


def test_large_first_orders_are_compared_with_large_ones() -> None:
    """The best begin with four products at once, 3 among them or not; others with one."""
    bought = [(who, f"{who}1", "2024-03-01", "3456") for who in names(40, "a")]
    bought += [(who, f"{who}1", "2024-03-01", "4567") for who in names(40, "b")]
    bought += [(who, f"{who}1", "2024-03-01", "8") for who in names(80)]
    found = told(bought, {*names(30, "a"), *names(30, "b"), *names(4)})
    assert found.rows == ()
    assert found.top_count == 64


def test_first_orders_outside_the_days_do_not_count() -> None:
    bought = [(who, f"{who}1", "2024-01-30", "1") for who in names(60, "a")]
    bought += [(who, f"{who}1", "2024-09-02", "2") for who in names(60, "b")]
    bought += [(who, f"{who}2", "2024-03-02", "2") for who in names(60, "a")]
    assert told(bought, set()) is None


def test_where_the_best_are_dealt_out_nothing_stands_out() -> None:
    chance = random.Random(5)  # noqa: S311  a reproducible example
    people = names(400)
    bought = [
        (who, f"{who}1", f"2024-0{chance.randint(3, 6)}-01", chance.sample("0123456789", 3))
        for who in people
    ]
    found = told(bought, set(chance.sample(people, 100)))
    assert found.product_count == 10
    assert found.rows == ()


def test_the_sample_gives_what_pandas_gives(sample_csv) -> None:
    with cleaned(sample_csv) as clean:
        sold, named, _ = tables_of(clean.lines)
        people = customers.measure_customers(clean.orders, clean.as_of)
        people = people.mutate(segment=(people.order_count >= 4).ifelse("Best", "Lost"))
        chosen = choose_first_orders(date(2010, 12, 1), date(2010, 12, 1), clean.as_of, 90, "Best")
        measured = measure_products(sold, named, Trend())
        found = tell_entries(list_first_picks(sold, clean.orders, people, chosen), measured, chosen)
        lines = clean.lines.filter(clean.lines.exclusion.isnull()).to_pyarrow().to_pandas()
    lines["code"] = lines.product_code.str.upper()
    starts = lines.groupby(["customer_id", "order_id"]).ordered_at.min().reset_index()
    first = starts.sort_values(["customer_id", "ordered_at", "order_id"])
    first = first.drop_duplicates("customer_id")
    first = first[(first.ordered_at >= "2010-12-31") & (first.ordered_at < "2011-09-11")]
    counts = starts.customer_id.value_counts()
    picks = first.merge(lines[["customer_id", "order_id", "code"]].drop_duplicates())
    picks["is_top"] = picks.customer_id.map(counts) >= 4
    picks["month"] = picks.ordered_at.dt.strftime("%Y-%m")
    size = picks.groupby("customer_id").code.size()
    picks["size"] = picks.customer_id.map(np.floor(np.log2(size)))
    buyers = picks.drop_duplicates("customer_id")
    assert (found.customer_count, found.top_count) == (len(buyers), buyers.is_top.sum())
    strata = buyers.groupby(["month", "size"]).is_top.agg(["size", "sum"])
    for one in found.common:
        with_it = picks[picks.code == one.code]
        assert (one.buyer_count, one.top_count) == (len(with_it), with_it.is_top.sum())
        above = below = 0.0
        for key, of in with_it.groupby(["month", "size"]):
            count, top = strata.loc[key]
            above += of.is_top.sum() * (count - len(of)) / count
            below += (top - of.is_top.sum()) * len(of) / count
        assert one.ratio == pytest.approx(above / below)
    enough = picks.code.value_counts()
    assert found.product_count <= (enough >= 30).sum()
