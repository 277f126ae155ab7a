"""What departments are told of products: by hand, by chance, and with plain pandas."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import customers_of, orders_of
from sold_goods import held_goods, hold_cleaned, measured

from rfmreport.models.intervals import estimate_share, two_sided
from rfmreport.sections.products.figures import EntryProduct
from rfmreport.sections.products.habits import (
    Stratum,
    choose_entries,
    compare_strata,
    tell_entries,
    tell_key_products,
    tell_repeated,
)
from rfmreport.sections.products.measure import Trend, tell_products

UNTIL = date(2024, 7, 1)


def shop_of(names=("Best", "Middle", "Lost"), **days):
    """Return what is asked of a shop: its segments, and days of 2024 unless told otherwise."""
    begin = date(2024, 1, 1)
    days = {
        "until": UNTIL, "first_known_day": begin, "first_day": begin, "as_of": date(2024, 12, 1),
        "horizon_days": 90, **days,
    }  # fmt: skip
    return SimpleNamespace(segment_names=tuple(names), **days)


# --- key products -------------------------------------------------------------------------------

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


def key_products(text: str):
    with held_goods(text, PEOPLE) as engine:
        tell_products(engine, Trend())
        return tell_key_products(engine, shop_of())


def test_a_product_has_its_pieces_of_thirteen_weeks_by_segment_and_its_busiest_week() -> None:
    """Weeks begin on Mondays: 14 of 20 lamps go in the last one; its largest order takes 9."""
    found = key_products(LINES)
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
    found = key_products(text)
    assert [row.code for row in found.rows] == [str(n) for n in range(11, 26)]
    assert found.product_count == 20


def test_without_pieces_or_lately_without_sales_nothing_is_told() -> None:
    old = "\n".join(LINES.splitlines()[:2]) + "\na | 1 | 2024-01-01 10:00 | 1 | Lamp | 6 | 1"
    assert key_products(old) is None
    text = "\n".join(line.rpartition("|")[0] for line in LINES.strip().splitlines())
    assert key_products(text.replace("quantity", "amount")) is None


def test_key_products_of_the_sample_are_what_pandas_finds(clean_sample) -> None:
    until = date(2011, 12, 10)
    clean = clean_sample
    people = measured(clean, until)
    people = people.mutate(segment=(people.order_count > 1).ifelse("More", "One"))
    engine = hold_cleaned(clean, people)
    tell_products(engine, Trend())
    found = tell_key_products(engine, shop_of(["More", "One"], until=until))
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


# --- bought again --------------------------------------------------------------------------------


HEADING = "customer | order | date | code | name | quantity | price"


def line(customer: str, order: str, day: str, code: str = "1") -> str:
    return f"{customer} | {order} | {day} | {code} | Thing {code} | 1 | 1"


def repeated(rows: list[str]):
    with held_goods("\n".join([HEADING, *rows])) as engine:
        tell_products(engine, Trend())
        return tell_repeated(engine, shop_of())


FIRST = [line(f"c{n:02}", f"o{n}", "2024-01-10 10:00") for n in range(30)]


def test_a_product_is_bought_again_on_another_day_within_the_time() -> None:
    """c00 after 10 days, c01 after 90, c02 after 91, c03 on the same day, c04 over midnight."""
    found = repeated(
        [
            *FIRST,
            line("c00", "x0", "2024-01-20 10:00"),
            line("c01", "x1", "2024-04-09 10:00"),
            line("c02", "x2", "2024-04-10 10:00"),
            line("c03", "x3", "2024-01-10 18:00"),
            line("c04", "o4", "2024-01-11 00:01"),
        ]
    )
    (one,) = found.rows
    assert (one.code, one.name, one.again_count, one.median_gap_days) == ("1", "Thing 1", 2, 50)
    assert one.share == estimate_share(2, 30)
    assert (found.product_count, found.watched_days) == (1, 90)
    assert found.overall == estimate_share(2, 30)


def test_buyers_who_could_not_be_watched_for_so_long_do_not_count() -> None:
    last = (UNTIL - timedelta(days=91)).isoformat()
    late = (UNTIL - timedelta(days=90)).isoformat()
    rows = [line(f"c{n:02}", f"o{n}", f"{last} 10:00") for n in range(30)]
    assert repeated([*rows, line("z", "z", f"{late} 10:00")]).overall.customer_count == 30
    assert repeated([line(f"c{n:02}", f"o{n}", f"{late} 10:00") for n in range(30)]) is None


def test_a_product_needs_thirty_buyers() -> None:
    assert repeated(FIRST[1:]) is None


def test_the_surest_stand_first_and_those_never_bought_again_are_left_out() -> None:
    rows = []
    for code, again in (("1", 3), ("2", 9), ("3", 0)):
        rows += [line(f"c{n:02}", f"{code}o{n}", "2024-01-10 10:00", code) for n in range(30)]
        rows += [line(f"c{n:02}", f"{code}x{n}", "2024-02-10 10:00", code) for n in range(again)]
    found = repeated(rows)
    assert [one.code for one in found.rows] == ["2", "1"]
    assert (found.product_count, found.overall.customer_count) == (3, 90)
    assert found.overall.value == pytest.approx(12 / 90)


def test_what_is_bought_again_in_the_sample_is_what_pandas_finds(clean_sample) -> None:
    until = date(2011, 12, 10)
    clean = clean_sample
    engine = hold_cleaned(clean, customers_of("customer_id\nnobody"))
    tell_products(engine, Trend())
    found = tell_repeated(engine, shop_of(until=until))
    lines = clean.lines.filter(clean.lines.exclusion.isnull()).to_pyarrow().to_pandas()
    lines["code"] = lines.product_code.str.upper()
    lines["day"] = lines.ordered_at.dt.normalize()
    keys = ["code", "customer_id"]
    days = lines.groupby([*keys, "order_id"]).day.min().reset_index()
    days = days.drop_duplicates([*keys, "day"]).sort_values([*keys, "day"])
    days["gap"] = -days.groupby(keys).day.diff(-1).dt.days
    first = days.drop_duplicates(keys)
    first = first[first.day < pd.Timestamp(until) - pd.Timedelta(days=90)]
    first = first.assign(again=first.gap <= 90)
    by_code = first.groupby("code").again.agg(["sum", "size"])
    enough = by_code[by_code["size"] >= 30]
    assert found.product_count == len(enough)
    assert found.overall == estimate_share(int(enough["sum"].sum()), int(enough["size"].sum()))
    for one in found.rows:
        assert one.share == estimate_share(*map(int, enough.loc[one.code]))
        gaps = first[(first.code == one.code) & first.again].gap
        assert one.median_gap_days == gaps.median()
    lows = [estimate_share(int(again), int(count)).low for again, count in enough.to_numpy()]
    assert found.rows[0].share.low == max(lows)


# --- to begin with --------------------------------------------------------------------------------


def test_in_one_stratum_the_ratio_is_that_of_two_shares() -> None:
    """Of 40 with it 20 are top, of 60 without it 15: 50 % against 25 %."""
    found = compare_strata([Stratum(100, 35, 40, 20)])
    assert found.ratio == pytest.approx(2)
    error = math.sqrt(1 / 20 - 1 / 40 + 1 / 15 - 1 / 60)
    assert (found.low, found.high) == pytest.approx(
        (2 * math.exp(-1.959964 * error), 2 * math.exp(1.959964 * error))
    )
    assert found.expected_top_count == pytest.approx(14)
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
    assert 0 <= found.expected_top_count <= sum(one.with_count for one in of)


def test_only_what_stands_after_correction_and_above_one_is_told() -> None:
    def entry(code: str, ratio: float, p_value: float) -> EntryProduct:
        return EntryProduct(code, code, 50, 20, 10.0, ratio, 1.0, 3.0, p_value)

    sure, likely = entry("1", 2.0, 0.0001), entry("2", 1.5, 0.001)
    less, chance = entry("3", 0.5, 0.002), entry("4", 1.2, 0.2)
    assert choose_entries([chance, less, likely, sure]) == (sure, likely)
    assert choose_entries([chance]) == ()
    assert choose_entries([]) == ()


def entries(bought, top: set[str], **days):
    """Each of `bought` is (customer, order, day, codes); customers in `top` are among the best."""
    lines = [
        f"{who} | {order} | {day} 10:00 | {code} | Thing {code} | 1 | 1"
        for who, order, day, codes in bought
        for code in codes
    ]
    orders = [f"{who} | {order} | {day} 10:00 | 1" for who, order, day, _ in bought]
    people = [f"{who} | {'Best' if who in top else 'Lost'}" for who in {one[0] for one in bought}]
    with held_goods(
        "\n".join([HEADING, *lines]),
        "\n".join(["customer_id | segment", *people]),
        orders_of("\n".join(["customer_id | order_id | at | amount", *orders])),
    ) as engine:
        tell_products(engine, Trend())
        return tell_entries(engine, shop_of(**days))


def test_first_orders_are_late_enough_to_be_first_and_early_enough_to_tell() -> None:
    """The first thirty days are too early, the last ninety too late, those before a window out."""
    bought = [(who, f"{who}1", "2024-07-01", "12"[n % 2]) for n, who in enumerate(names(120))]
    found = entries(bought, {*names(60)})
    assert (found.first_from, found.first_to) == (date(2024, 1, 31), date(2024, 9, 1))
    windowed = entries(bought, {*names(60)}, first_day=date(2024, 6, 1))
    assert windowed.first_from == date(2024, 6, 1)
    assert entries(bought, set(), as_of=date(2024, 4, 30)) is None


def names(count: int, letter: str = "c") -> list[str]:
    return [f"{letter}{n:03}" for n in range(count)]


def test_a_product_with_which_the_best_began_is_told() -> None:
    """Of 60 who began with 1, 40 are top; of 60 with 2, 6. A second order tells nothing."""
    bought = [(who, f"{who}1", "2024-03-01", "1") for who in names(60, "a")]
    bought += [(who, f"{who}1", "2024-03-02", "2") for who in names(60, "b")]
    bought += [(who, f"{who}2", "2024-03-09", "2") for who in names(60, "a")]
    found = entries(bought, {*names(40, "a"), *names(6, "b")})
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
    found = entries(bought, {*names(30, "a"), *names(30, "b"), *names(4)})
    assert found.rows == ()
    assert found.top_count == 64


def test_first_orders_outside_the_days_do_not_count() -> None:
    bought = [(who, f"{who}1", "2024-01-30", "1") for who in names(60, "a")]
    bought += [(who, f"{who}1", "2024-09-02", "2") for who in names(60, "b")]
    bought += [(who, f"{who}2", "2024-03-02", "2") for who in names(60, "a")]
    assert entries(bought, set()) is None


def test_where_the_best_are_dealt_out_nothing_stands_out() -> None:
    chance = random.Random(5)  # noqa: S311  a reproducible example
    people = names(400)
    bought = [
        (who, f"{who}1", f"2024-0{chance.randint(3, 6)}-01", chance.sample("0123456789", 3))
        for who in people
    ]
    found = entries(bought, set(chance.sample(people, 100)))
    assert found.product_count == 10
    assert found.rows == ()


def test_the_first_orders_of_the_sample_are_what_pandas_finds(clean_sample) -> None:
    clean = clean_sample
    people = measured(clean, clean.as_of)
    people = people.mutate(segment=(people.order_count >= 4).ifelse("Best", "Lost"))
    engine = hold_cleaned(clean, people)
    tell_products(engine, Trend())
    begin = date(2010, 12, 1)
    days = {"first_known_day": begin, "first_day": begin, "as_of": clean.as_of}
    found = tell_entries(engine, shop_of(**days))
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
