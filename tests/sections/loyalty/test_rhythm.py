"""Rhythm: gaps and silence counted by hand, the trial's weights, and the sample by plain pandas."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import customers_of, drawn_shop, orders_of, shop_over

from rfmreport.customers.measure import measure_customers_on
from rfmreport.models.intervals import estimate_share
from rfmreport.sections.loyalty.measure import compare_overdue, hold_rhythms, tell_rhythm, try_rule

AS_OF = date(2024, 6, 1)


def orders_on(days_of: dict[str, list[str]], amount: str = "10") -> str:
    rows = [
        f"{name} | {name}{n} | {day} 10:00 | {amount}"
        for name, days in days_of.items()
        for n, day in enumerate(days)
    ]
    return "\n".join(["customer_id | order_id | at | amount", *rows])


def rhythms_of(text: str, *days: date) -> dict[str, dict]:
    *earlier, last = days or [AS_OF]
    engine = drawn_shop((date(2023, 1, 1), last), orders=orders_of(text)).engine
    hold_rhythms(engine, earlier, last)
    return {row["customer_id"]: row for row in engine.rows("FROM rhythms")}


def told_of(days_of: dict[str, list[str]], people: str, names: list[str]):
    tables = {"orders": orders_of(orders_on(days_of)), "customers": customers_of(people)}
    engine = drawn_shop((date(2023, 1, 1), AS_OF), **tables).engine
    hold_rhythms(engine, [], AS_OF)
    return tell_rhythm(engine, AS_OF, names)


def test_a_rhythm_is_the_median_gap_between_days_with_orders() -> None:
    """Gaps of 10, 10 and 30 days; two orders of one day are one day; silent for 21 days."""
    text = orders_on(
        {"a": ["2024-03-22", "2024-04-01", "2024-04-11", "2024-04-11", "2024-05-11"],
         "b": ["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-03"]}
    )  # fmt: skip
    found = rhythms_of(text)
    assert list(found) == ["a"]  # three days make no rhythm
    row = found["a"]
    assert (row["order_day_count"], row["usual_gap_days"], row["longest_gap_days"]) == (4, 10, 30)
    assert (row["silent_days"], row["year_revenue"]) == (21, 50)


@pytest.mark.parametrize(
    ("last_gap", "silence", "is_overdue"),
    [(10, 20, False), (10, 21, True), (30, 30, False), (30, 31, True)],
)
def test_overdue_is_twice_the_usual_gap_and_longer_than_ever(last_gap, silence, is_overdue) -> None:
    last = AS_OF - timedelta(days=silence)
    gaps = [last - timedelta(days=last_gap + 10 * n) for n in (2, 1, 0)]
    text = orders_on({"a": [day.isoformat() for day in (*gaps, last)]})
    assert rhythms_of(text)["a"]["is_overdue"] is is_overdue


def test_on_an_earlier_day_only_what_was_known_then_counts() -> None:
    days = ["2024-01-01", "2024-01-11", "2024-01-21", "2024-01-31", "2024-05-30"]
    found = rhythms_of(orders_on({"a": days}), date(2024, 2, 25))["a"]
    assert (found["order_day_count"], found["longest_gap_days"], found["silent_days"]) == (
        4,
        10,
        25,
    )
    assert found["is_overdue"]
    assert not rhythms_of(orders_on({"a": days}))["a"]["is_overdue"]


def test_the_year_revenue_is_of_twelve_months_and_less_returns() -> None:
    text = orders_on({"a": ["2023-05-31", "2023-06-01", "2024-01-01", "2024-02-01"]})
    text = text.replace("amount", "amount | is_return").replace("| 10\n", "| 10 | no\n") + " | no\n"
    text += "a | back | 2024-03-01 10:00 | -4 | yes\n"
    row = rhythms_of(text)["a"]
    assert (row["order_day_count"], row["year_revenue"]) == (4, 26)
    assert row["silent_days"] == (AS_OF - date(2024, 2, 1)).days  # a return is no order


def test_who_is_overdue_is_listed_and_counted_by_segment() -> None:
    """Thirty of one segment keep their rhythm; two of another are overdue, one with no revenue."""
    steady = [(AS_OF - timedelta(days=d)).isoformat() for d in (31, 21, 11, 1)]
    late = [(AS_OF - timedelta(days=d)).isoformat() for d in (130, 120, 110, 100)]
    gone = [(AS_OF - timedelta(days=d + 400)).isoformat() for d in (130, 120, 110, 100)]
    orders = {**{f"s{n:02}": steady for n in range(30)}, "x": late, "y": gone}
    rows = [f"s{n:02} | Best | 40" for n in range(30)] + ["x | Lost | 40", "y | Lost | 40"]
    people = "\n".join(["customer_id | segment | revenue", *rows])
    told = told_of(orders, people, ["Best", "Middle", "Lost"])
    assert [(row.segment, row.customer_count, row.overdue_count) for row in told.rows] == [
        ("Best", 30, 0),
        ("Lost", 2, 2),
    ]
    assert (told.customer_count, told.overdue_count) == (32, 2)
    assert told.overdue_year_revenue == 40
    assert [(one.customer_id, one.year_revenue, one.silent_days) for one in told.shown] == [
        ("x", Decimal(40), 100),
        ("y", Decimal(0), 500),
    ]


def test_below_thirty_customers_with_a_rhythm_nothing_is_told() -> None:
    days = [(AS_OF - timedelta(days=d)).isoformat() for d in (31, 21, 11, 1)]
    orders = {f"s{n:02}": days for n in range(29)}
    rows = [f"s{n:02} | Best" for n in range(29)]
    assert told_of(orders, "\n".join(["customer_id | segment", *rows]), ["Best"]) is None


DAY, OTHER_DAY = date(2024, 3, 1), date(2023, 12, 1)


def test_the_others_are_weighted_to_the_segments_of_the_overdue() -> None:
    """Overdue: 10 Best and 30 Lost. Of others 90 % and 50 % came: 10/40 x 0.9 + 30/40 x 0.5."""
    counts = {
        (DAY, "Best", True): (8, 10),
        (DAY, "Best", False): (900, 1000),
        (DAY, "Lost", True): (6, 30),
        (DAY, "Lost", False): (50, 100),
        (DAY, "New", False): (1, 100),  # none of them overdue: counts among all others only
    }
    trial = compare_overdue(counts, 90)
    assert trial.overdue == estimate_share(14, 40)
    assert trial.all_on_time == estimate_share(951, 1200)
    assert trial.on_time.value == pytest.approx(0.6)
    assert trial.difference.value == pytest.approx(14 / 40 - 0.6)
    size = 1 / (0.25**2 / 1000 + 0.75**2 / 100)
    assert trial.on_time.low == pytest.approx(estimate_share(0.6 * size, size).low)
    assert trial.tells_more


def test_where_nothing_differs_the_rule_tells_no_more_than_the_segment() -> None:
    counts = {
        (DAY, "Best", True): (20, 40),
        (DAY, "Best", False): (50, 100),
        (OTHER_DAY, "Best", True): (4, 10),
        (OTHER_DAY, "Best", False): (40, 100),
    }
    trial = compare_overdue(counts, 90)
    assert trial.dates == (DAY, OTHER_DAY)
    assert trial.difference.value == pytest.approx(0)
    assert not trial.tells_more
    assert (
        compare_overdue({(DAY, "Best", True): (9, 29), (DAY, "Best", False): (9, 99)}, 90) is None
    )
    assert compare_overdue({}, 90) is None


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([DAY, OTHER_DAY]), st.sampled_from("abc"), st.booleans()),
        st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    )
)
def test_an_interval_holds_its_value(counts) -> None:
    trial = compare_overdue(counts, 90)
    if trial is None:
        return
    for one in (trial.overdue, trial.on_time, trial.all_on_time, trial.difference):
        assert one.low - 1e-9 <= one.value <= one.high + 1e-9


# --- against plain pandas -----------------------------------------------------------------------


def plain_rhythms(bought: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return who was overdue on a day, made without this program."""
    known = bought[bought.day < day].drop_duplicates(["customer", "day"])
    known = known.sort_values(["customer", "day"])
    known["gap"] = known.groupby("customer").day.diff().dt.days
    found = known.groupby("customer").agg(
        n=("day", "size"), usual=("gap", "median"), longest=("gap", "max"), last=("day", "max")
    )
    found = found[found.n >= 4]
    found["silent"] = (day - found["last"]).dt.days
    found["late"] = (found.silent > 2 * found.usual) & (found.silent > found.longest)
    return found


def test_the_sample_gives_what_pandas_gives(clean_sample) -> None:
    day = date(2011, 9, 11)
    shop = shop_over(clean_sample)
    engine, as_of = shop.engine, shop.as_of
    rows = pd.DataFrame(engine.rows("FROM orders WHERE exclusion IS NULL"))
    hold_rhythms(engine, [day], as_of)
    found = pd.DataFrame(engine.rows("FROM rhythms"))
    measure_customers_on(engine, "measured", [day])
    named = "SELECT as_of, customer_id, CAST(order_count AS VARCHAR) AS segment FROM measured"
    engine.hold("customers_then", named)
    trial = try_rule(engine, "customers_then", [day], 90)
    bought = pd.DataFrame({"customer": rows.customer_id, "day": rows.first_at.dt.normalize()})
    for asked in (day, as_of):
        plain = plain_rhythms(bought, pd.Timestamp(asked))
        ours = found[found.as_of.astype(str) == asked.isoformat()].set_index("customer_id")
        ours = ours.sort_index()
        assert list(ours.index) == list(plain.index)
        assert list(ours.silent_days) == list(plain.silent)
        assert list(ours.usual_gap_days) == list(plain.usual)
        assert list(ours.longest_gap_days) == list(plain.longest)
        assert list(ours.is_overdue) == list(plain.late)
    plain = plain_rhythms(bought, pd.Timestamp(day))
    later = bought[(bought.day >= "2011-09-11") & (bought.day < "2011-12-10")]
    came = plain.index.isin(later.customer)
    assert trial.all_on_time == estimate_share(
        int(came[~plain.late].sum()), int((~plain.late).sum())
    )
