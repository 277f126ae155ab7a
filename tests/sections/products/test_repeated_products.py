"""Products bought again: counted by hand, and on the sample once more with plain pandas."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from sold_goods import goods, tables_of
from stages import cleaned

from rfmreport.models.intervals import estimate_share
from rfmreport.sections.products.products import Trend, measure_products
from rfmreport.sections.products.repeated_products import tell_repeated

UNTIL = date(2024, 7, 1)
HEADING = "customer | order | date | code | name | quantity | price"


def line(customer: str, order: str, day: str, code: str = "1") -> str:
    return f"{customer} | {order} | {day} | {code} | Thing {code} | 1 | 1"


def told(rows: list[str], watched_days: int = 90):
    with goods("\n".join([HEADING, *rows])) as (engine, lines):
        sold, named, _ = tables_of(lines)
        measured = engine.create_table("products", measure_products(sold, named, Trend()))
        return tell_repeated(sold, measured, UNTIL, watched_days)


FIRST = [line(f"c{n:02}", f"o{n}", "2024-01-10 10:00") for n in range(30)]


def test_a_product_is_bought_again_on_another_day_within_the_time() -> None:
    """c00 after 10 days, c01 after 90, c02 after 91, c03 on the same day, c04 over midnight."""
    found = told(
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
    assert told([*rows, line("z", "z", f"{late} 10:00")]).overall.customer_count == 30
    assert told([line(f"c{n:02}", f"o{n}", f"{late} 10:00") for n in range(30)]) is None


def test_a_product_needs_thirty_buyers() -> None:
    assert told(FIRST[1:]) is None


def test_the_surest_stand_first_and_those_never_bought_again_are_left_out() -> None:
    rows = []
    for code, again in (("1", 3), ("2", 9), ("3", 0)):
        rows += [line(f"c{n:02}", f"{code}o{n}", "2024-01-10 10:00", code) for n in range(30)]
        rows += [line(f"c{n:02}", f"{code}x{n}", "2024-02-10 10:00", code) for n in range(again)]
    found = told(rows)
    assert [one.code for one in found.rows] == ["2", "1"]
    assert (found.product_count, found.overall.customer_count) == (3, 90)
    assert found.overall.value == pytest.approx(12 / 90)


def test_the_sample_gives_what_pandas_gives(sample_csv) -> None:
    until = date(2011, 12, 10)
    with cleaned(sample_csv) as clean:
        sold, named, _ = tables_of(clean.lines)
        found = tell_repeated(sold, measure_products(sold, named, Trend()), until, 90)
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
