"""Demand: days and hours of the last weeks, peaks are counted, and the sample by pandas."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from shops import orders_of, shop_over
from stages import engine_of

from rfmreport.sections.plan.demand import HourCount, measure_demand, nearest_rank
from rfmreport.sections.plan.demand_figures import Peak
from rfmreport.sections.plan.measure import count_hours

UNTIL = date(2024, 7, 1)  # a Monday
WEEKS_AGO = UNTIL - timedelta(weeks=13)


def hours_of(orders_on=lambda _: 2, hour: int | None = 10) -> list[HourCount]:
    """Return the orders of the last weeks, as many a day as said."""
    days = [WEEKS_AGO + timedelta(days=n) for n in range(91)]
    return [HourCount(day, hour, orders_on(day)) for day in days if orders_on(day)]


def test_a_week_is_told_day_by_day() -> None:
    """Five orders on Mondays, two on other days but Sundays."""
    per_day = (5, 2, 2, 2, 2, 2, 0)
    demand = measure_demand(hours_of(lambda day: per_day[day.weekday()]))
    assert [row.orders_per_day for row in demand.weekdays] == list(per_day)
    assert [row.busy_orders for row in demand.weekdays] == list(per_day)
    assert measure_demand([]) is None


def test_hours_stand_in_bands_of_three_and_add_up() -> None:
    days = hours_of()
    morning = [HourCount(one.day, 9, 1) for one in days]
    noon = [HourCount(one.day, 13, 1) for one in days]
    demand = measure_demand([*morning, *noon, HourCount(WEEKS_AGO, 14, 9)])
    assert [(band.first_hour, band.end_hour) for band in demand.hours] == [(9, 12), (12, 15)]
    assert [band.share for band in demand.hours] == pytest.approx([91 / 191, 100 / 191])
    assert [band.orders_per_hour for band in demand.hours] == pytest.approx([1 / 3, 100 / 273])
    assert demand.peak_day == Peak(2.0, 2.0, 11, WEEKS_AGO)
    assert demand.peak_hour == Peak(1.0, 1.0, 9, WEEKS_AGO, 14)


def test_without_times_there_are_no_hours() -> None:
    demand = measure_demand(hours_of(hour=None))
    assert (demand.hours, demand.peak_hour) == ((), None)
    assert sum(row.orders_per_day for row in demand.weekdays) == pytest.approx(14)


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


def test_the_sample_gives_what_pandas_gives(unpaired_sample) -> None:
    until = date(2011, 12, 10)
    shop = shop_over(unpaired_sample)
    clean = shop.read
    hours = count_hours(shop.engine, until, has_times=True, has_untimed=False)
    kept = clean.orders.filter(clean.orders.exclusion.isnull()).to_pyarrow().to_pandas()
    demand = measure_demand(hours)
    weeks = kept[kept.first_at >= pd.Timestamp(until) - pd.Timedelta(weeks=13)]
    by_hour = weeks.groupby([weeks.first_at.dt.date, weeks.first_at.dt.hour]).size()
    assert demand.peak_hour.most == by_hour.max()
    assert demand.peak_hour.p95 == by_hour.sort_values().iloc[-(-len(by_hour) * 95 // 100) - 1]
    by_day = weeks.groupby(weeks.first_at.dt.date).size()
    latest = by_day[by_day == by_day.max()].index[-1]
    assert (demand.peak_day.most, demand.peak_day.most_on) == (by_day.max(), latest)
    thursdays = (weeks.first_at.dt.day_of_week == 3).sum()
    assert demand.weekdays[3].orders_per_day == pytest.approx(thursdays / 13)
