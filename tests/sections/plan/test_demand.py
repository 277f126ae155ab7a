"""Demand: what is expected is shared out whole, peaks are counted, and the sample by pandas."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import cleaned_shop, orders_of
from sold_goods import goods, tables_of
from stages import engine_of

from rfmreport.engine.ask import Engine
from rfmreport.sections.plan.demand import FEWEST_DAYS, HourCount, foretell_demand, nearest_rank
from rfmreport.sections.plan.demand_figures import Peak
from rfmreport.sections.plan.measure import count_hours, count_pieces
from rfmreport.sections.when.figures import Day
from rfmreport.sections.when.measure import summarise_trends

UNTIL = date(2024, 7, 1)  # a Monday
WEEKS_AGO = UNTIL - timedelta(weeks=13)


def days_of(count: int, orders_on=lambda _: 2) -> tuple[Day, ...]:
    """Return so many days up to `UNTIL`, with as many orders as said."""
    days = [UNTIL - timedelta(days=n) for n in range(count, 0, -1)]
    return tuple(Day(day, orders_on(day), Decimal(0), 0, Decimal(0)) for day in days)


def hours_of(days: tuple[Day, ...], hour: int | None = 10) -> list[HourCount]:
    return [
        HourCount(day.day, hour, day.order_count)
        for day in days
        if day.day >= WEEKS_AGO and day.order_count
    ]


def test_a_steady_shop_is_foretold_without_error_and_shared_out_over_its_week() -> None:
    """Five orders on Mondays, two on other days but Sundays: 60 in four weeks."""
    per_day = (5, 2, 2, 2, 2, 2, 0)
    days = days_of(FEWEST_DAYS, lambda day: per_day[day.weekday()])
    demand = foretell_demand(days, UNTIL, hours_of(days), {})
    assert (demand.orders.value, demand.orders.low, demand.orders.high) == (60, 60, 60)
    assert (demand.orders.first_day, demand.orders.last_day) == (UNTIL, date(2024, 7, 28))
    assert len(demand.orders.trials) == 6
    assert [row.expected_orders for row in demand.weekdays] == pytest.approx(
        [4 * n for n in per_day]
    )
    assert [row.orders_per_day for row in demand.weekdays] == pytest.approx(per_day)
    assert [row.busy_orders for row in demand.weekdays] == list(per_day)
    assert demand.pieces is None


def test_one_day_less_is_too_few() -> None:
    days = days_of(FEWEST_DAYS - 1)
    assert foretell_demand(days, UNTIL, hours_of(days), {}) is None
    assert foretell_demand((), UNTIL, [], {}) is None


def test_days_without_data_at_the_end_count_as_nothing() -> None:
    """The last day with an order may lie before the last day that the data cover."""
    days = days_of(FEWEST_DAYS, lambda day: 2 if day < date(2024, 6, 24) else 0)
    demand = foretell_demand(days[:-7], UNTIL, hours_of(days), {})
    assert demand.orders.trials[0].actual == 42


def test_hours_stand_in_bands_of_three_and_add_up() -> None:
    days = days_of(FEWEST_DAYS)
    morning = [HourCount(one.day, 9, 1) for one in hours_of(days)]
    noon = [HourCount(one.day, 13, 1) for one in hours_of(days)]
    late = [HourCount(WEEKS_AGO, 14, 9)]
    demand = foretell_demand(days, UNTIL, [*morning, *noon, *late], {})
    assert [(band.first_hour, band.end_hour) for band in demand.hours] == [(9, 12), (12, 15)]
    assert [band.share for band in demand.hours] == pytest.approx([91 / 191, 100 / 191])
    assert sum(band.expected_orders for band in demand.hours) == pytest.approx(demand.orders.value)
    assert demand.peak_day == Peak(2.0, 2.0, 11, WEEKS_AGO)
    assert demand.peak_hour == Peak(1.0, 1.0, 9, WEEKS_AGO, 14)


def test_without_times_there_are_no_hours() -> None:
    days = days_of(FEWEST_DAYS)
    demand = foretell_demand(days, UNTIL, hours_of(days, None), {})
    assert (demand.hours, demand.peak_hour) == ((), None)
    assert sum(row.expected_orders for row in demand.weekdays) == pytest.approx(56)


def test_pieces_are_foretold_as_orders_are() -> None:
    days = days_of(FEWEST_DAYS)
    pieces = {day.day: 7.0 for day in days}
    demand = foretell_demand(days, UNTIL, hours_of(days), pieces)
    assert demand.pieces.value == 28 * 7


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2), (0.75, 3), (0.76, 4), (0.95, 4)])
def test_the_nearest_rank_is_one_of_the_counts(share, expected) -> None:
    assert nearest_rank([4, 1, 3, 2], share) == expected


ORDERS = """
customer_id | order_id | at               | amount | is_return | exclusion
a           | 1        | 2024-06-30 10:15 | 10     | no        |
a           | 2        | 2024-06-30 10:45 | 10     | no        |
a           | 3        | 2024-06-30 00:00 | 10     | no        |
a           | 4        | 2024-06-29 10:00 | -1     | yes       |
a           | 5        | 2024-06-29 10:00 | 10     | no        | non_product
a           | 6        | 2024-03-31 10:00 | 10     | no        |
a           | 7        | 2024-04-01 23:59 | 10     | no        |
a           | 8        | 2024-07-01 00:00 | 10     | no        |
"""


def test_orders_are_counted_by_hour_in_the_last_thirteen_weeks() -> None:
    def counted(**known) -> list[tuple]:
        found = count_hours(engine_of(orders=orders_of(ORDERS)), UNTIL, **known)
        return [(one.day.isoformat(), one.hour, one.order_count) for one in found]

    first, last = "2024-04-01", "2024-06-30"
    assert counted(has_times=True, has_untimed=False) == [
        (first, 23, 1), (last, 0, 1), (last, 10, 2),
    ]  # fmt: skip
    assert counted(has_times=True, has_untimed=True) == [
        (first, 23, 1), (last, None, 1), (last, 10, 2),
    ]  # fmt: skip
    assert counted(has_times=False, has_untimed=True) == [(first, None, 1), (last, None, 3)]


def test_pieces_are_summed_by_day() -> None:
    text = """
    customer | order | date             | code | name | quantity | price
    a        | 1     | 2024-01-05 10:00 | 1    | Lamp | 2        | 10
    b        | 2     | 2024-01-05 23:00 | 1    | Lamp | 3        | 10
    b        | 3     | 2024-02-05 23:00 | 1    | Lamp | 4        | 10
    """
    with goods(text) as (_, lines):
        sold, _, _ = tables_of(lines)
        assert count_pieces(Engine(sold.get_backend().con)) == {
            date(2024, 1, 5): 5.0,
            date(2024, 2, 5): 4.0,
        }


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 9), min_size=FEWEST_DAYS, max_size=400),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 23), st.integers(1, 9)), min_size=1),
)
def test_parts_add_up_to_the_whole(per_day, hours) -> None:
    days = days_of(len(per_day), lambda day: per_day[(UNTIL - day).days - 1])
    counted = [HourCount(WEEKS_AGO + timedelta(days=d), h, n) for d, h, n in hours]
    demand = foretell_demand(days, UNTIL, counted, {})
    if demand is None:
        return
    whole = pytest.approx(demand.orders.value)
    assert sum(row.expected_orders for row in demand.weekdays) == whole
    assert sum(row.orders_per_day * 4 for row in demand.weekdays) == whole
    assert sum(band.expected_orders for band in demand.hours) == whole


def test_the_sample_gives_what_pandas_gives(sample_csv) -> None:
    until = date(2011, 12, 10)
    with cleaned_shop(sample_csv, cleaning={"keep_reversed": True}) as shop:
        clean, trends = shop.read, summarise_trends(shop)
        hours = count_hours(shop.engine, until, has_times=True, has_untimed=False)
        tables_of(clean.lines)
        pieces = count_pieces(shop.engine)
        kept = clean.orders.filter(clean.orders.exclusion.isnull()).to_pyarrow().to_pandas()
        lines = clean.lines.filter(clean.lines.exclusion.isnull()).to_pyarrow().to_pandas()
    demand = foretell_demand(trends.days, until, hours, pieces)
    last = kept[kept.first_at >= "2011-11-12"]
    before = kept[(kept.first_at >= "2011-10-15") & (kept.first_at < "2011-11-12")]
    assert demand.orders.value == len(last)  # the rule that was least wrong: the last four weeks
    assert (demand.orders.trials[0].predicted, demand.orders.trials[0].actual) == (
        len(before),
        len(last),
    )
    year_before = kept[(kept.first_at >= "2010-12-11") & (kept.first_at < "2011-01-08")]
    assert demand.orders.year_before == len(year_before)
    weeks = kept[kept.first_at >= pd.Timestamp(until) - pd.Timedelta(weeks=13)]
    by_hour = weeks.groupby([weeks.first_at.dt.date, weeks.first_at.dt.hour]).size()
    assert demand.peak_hour.most == by_hour.max()
    assert demand.peak_hour.p95 == by_hour.sort_values().iloc[-(-len(by_hour) * 95 // 100) - 1]
    by_day = weeks.groupby(weeks.first_at.dt.date).size()
    assert (demand.peak_day.most, demand.peak_day.most_on) == (by_day.max(), by_day.idxmax())
    weekday = weeks.first_at.dt.day_of_week.value_counts(normalize=True)
    assert demand.weekdays[3].expected_orders == pytest.approx(weekday[3] * len(last))
    assert sum(pieces.values()) == lines.quantity.sum()
