"""Trends: days and hours of the week add up, and only what chance does not make stands out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import cleaned_shop, drawn_shop, orders_of

from rfmreport.sections.when import measure as trends
from rfmreport.sections.when.figures import BusyBlock, Day, Trends, Weekday, WeekHour
from rfmreport.sections.when.measure import find_busiest_block, summarise_trends, untold_trends

if TYPE_CHECKING:
    from pathlib import Path

# 1 January 2024 is a Monday.
ORDERS = """
customer_id | order_id | at                  | amount | exclusion    | is_return
a           | 1        | 2024-01-01 09:15:00 | 10.00  |              | no
b           | 2        | 2024-01-01 09:59:59 | 20.50  |              | no
a           | 3        | 2024-01-01 10:00:00 | 5.00   |              | no
b           | 4        | 2024-01-03 23:30:00 | 40.00  |              | no
b           | R4       | 2024-01-04 11:10:00 | -40.00 |              | yes
c           | 5        | 2024-01-02 12:00:00 | 99.00  | cancellation | no
c           | 6        | 2024-01-08 09:30:00 | 7.00   |              | no
"""


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "FEWEST_ORDERS", 1)


def trends_of(text: str, first_day: date, last_day: date) -> Trends:
    found = told_of(text, first_day, last_day)
    assert found
    return found


def told_of(text: str, first_day: date, last_day: date) -> Trends | None:
    days = (first_day, last_day + timedelta(days=1))
    return summarise_trends(drawn_shop(days, orders=orders_of(text)))


def at_times(*times: str) -> str:
    """Draw one order per time, each by a customer of its own, at £1."""
    rows = [f"c{i} | {i} | {time} | 1.00" for i, time in enumerate(times)]
    return "\n".join(["customer_id | order_id | at | amount", *rows])


def week_of(counts: dict[tuple[int, int], int]) -> list[WeekHour]:
    return [WeekHour(day, hour, n, Decimal(n)) for (day, hour), n in sorted(counts.items())]


# --- counting -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("few_are_enough")
def test_every_day_of_the_period_is_there_with_what_was_kept() -> None:
    found = trends_of(ORDERS, date(2024, 1, 1), date(2024, 1, 8))
    assert found.days == (
        Day(date(2024, 1, 1), 3, Decimal("35.50"), 2, Decimal("20.50")),
        Day(date(2024, 1, 2), 0, Decimal(0), 0, Decimal(0)),
        Day(date(2024, 1, 3), 1, Decimal(40), 1, Decimal(40)),
        Day(date(2024, 1, 4), 0, Decimal(-40), 0, Decimal(0)),  # a return is no order
        *(Day(date(2024, 1, day), 0, Decimal(0), 0, Decimal(0)) for day in (5, 6, 7)),
        Day(date(2024, 1, 8), 1, Decimal(7), 1, Decimal(7)),
    )
    assert found.order_count == 5
    assert found.weekdays[0] == Weekday(0, 2, 4, Decimal("42.50"))
    assert [day.day_count for day in found.weekdays] == [2, 0, 1, 0, 0, 0, 0]
    assert found.weekdays[0].orders_per_day == 2


@pytest.mark.usefixtures("few_are_enough")
def test_days_on_which_the_shop_was_closed_thin_out_no_mean() -> None:
    """Four Mondays of two orders, and two closed ones between them."""
    times = [f"2024-01-{day:02} 10:{n:02}" for day in (1, 8, 15, 29) for n in range(2)]
    found = trends_of(at_times(*times), date(2024, 1, 1), date(2024, 2, 5))
    assert (found.weekdays[0].day_count, found.weekdays[0].orders_per_day) == (4, 2)


@pytest.mark.usefixtures("few_are_enough")
def test_an_hour_runs_from_its_full_hour_to_before_the_next() -> None:
    found = trends_of(ORDERS, date(2024, 1, 1), date(2024, 1, 8))
    assert found.hours == (
        WeekHour(0, 9, 3, Decimal("37.50")),
        WeekHour(0, 10, 1, Decimal(5)),
        WeekHour(2, 23, 1, Decimal(40)),
        WeekHour(3, 11, 0, Decimal(-40)),
    )
    assert not found.has_enough_weeks
    assert found.busiest is None
    assert found.best_weekday is None


@pytest.mark.usefixtures("few_are_enough")
@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-01", "2024-01-02", "2024-01-03"),
        # the same in another time zone, with summer time from 31 March
        ("2024-03-30 23:00", "2024-03-31 22:00", "2024-04-01 22:00"),
    ],
)
def test_dates_without_a_time_have_no_hours(times: tuple[str, ...]) -> None:
    found = trends_of(at_times(*times), date(2024, 1, 1), date(2024, 4, 1))
    assert found.hours == ()
    assert found.untimed_order_count == 3
    (untold,) = untold_trends(found)
    assert untold.topic == "The hours of the day"


@pytest.mark.usefixtures("few_are_enough")
def test_where_only_some_have_no_time_these_are_left_out_of_the_hours() -> None:
    times = at_times("2024-01-01", "2024-01-02", "2024-01-02 00:20", "2024-01-03 14:05")
    found = trends_of(times, date(2024, 1, 1), date(2024, 1, 3))
    assert [(cell.weekday, cell.hour, cell.order_count) for cell in found.hours] == [
        (1, 0, 1),
        (2, 14, 1),
    ]
    assert found.untimed_order_count == 2
    assert found.order_count == 4
    assert untold_trends(found) == ()


@pytest.mark.usefixtures("few_are_enough")
def test_a_shop_that_writes_full_hours_or_sells_at_midnight_keeps_them() -> None:
    hourly = at_times("2024-01-01 00:00", "2024-01-01 09:00", "2024-01-01 17:00")
    found = trends_of(hourly, date(2024, 1, 1), date(2024, 1, 1))
    assert [cell.hour for cell in found.hours] == [0, 9, 17]
    night = at_times("2024-01-01 00:00", "2024-01-01 00:10", "2024-01-01 00:40")
    found = trends_of(night, date(2024, 1, 1), date(2024, 1, 1))
    assert [(cell.hour, cell.order_count) for cell in found.hours] == [(0, 3)]
    assert found.untimed_order_count == 0


def test_below_thirty_orders_nothing_is_told() -> None:
    times = [f"2024-01-01 10:{minute:02}" for minute in range(29)]
    day = date(2024, 1, 1)
    assert told_of(at_times(*times), day, day) is None
    assert [untold.topic for untold in untold_trends(None)] == ["When they buy"]
    assert trends_of(at_times(*times, "2024-01-01 11:00"), day, day).order_count == 30


moment = st.datetimes(datetime(2024, 1, 1), datetime(2024, 2, 20))  # noqa: DTZ001  local time


@given(st.lists(st.tuples(moment, st.integers(-99, 9999)), min_size=30, max_size=60))
@settings(max_examples=15, deadline=None)
def test_days_weekdays_and_hours_hold_all_orders_and_revenue(orders: list[tuple]) -> None:
    rows = [f"c{i % 7} | {i} | {at:%Y-%m-%d %H:%M:%S} | {n}" for i, (at, n) in enumerate(orders)]
    text = "\n".join(["customer_id | order_id | at | amount", *rows])
    found = trends_of(text, date(2024, 1, 1), date(2024, 2, 20))
    revenue = sum(n for _, n in orders)
    parts = [found.days, found.weekdays]
    if found.hours and not found.untimed_order_count:
        parts.append(found.hours)
    for part in parts:
        assert sum(one.order_count for one in part) == len(orders)
        assert sum(one.revenue for one in part) == revenue


# --- what stands out ----------------------------------------------------------------------------


def test_the_busiest_block_is_the_smallest_with_half_of_all() -> None:
    counts = {(day, hour): 10 for day in range(5) for hour in range(8, 18)}
    counts |= {(day, hour): 100 for day in (1, 2, 3) for hour in (11, 12, 13)}
    block = find_busiest_block(week_of(counts))
    # 9 fields of 100 among 41 of 10: 900 of 1,310, but 7 of them hold half; none of 7 is a block
    assert block == BusyBlock(
        first_weekday=1,
        weekday_count=3,
        first_hour=11,
        end_hour=14,
        order_count=900,
        order_share=900 / 1310,
        hour_count=9,
        open_hour_count=50,
        revenue_share=pytest.approx(900 / 1310),
    )


def test_a_block_may_run_over_the_end_of_the_week() -> None:
    counts = {(day, hour): 5 for day in range(7) for hour in range(24)}
    counts |= {(day, hour): 300 for day in (6, 0) for hour in (20, 21)}
    block = find_busiest_block(week_of(counts))
    assert block
    assert (block.first_weekday, block.weekday_count) == (6, 2)
    assert (block.first_hour, block.end_hour, block.order_count) == (20, 22, 1200)


def test_a_block_is_told_with_its_part_of_the_revenue() -> None:
    hours = [WeekHour(6, 20, 30, Decimal(10)), WeekHour(0, 20, 30, Decimal(20)),
             WeekHour(3, 9, 10, Decimal(70))]  # fmt: skip
    block = find_busiest_block(hours)
    assert (block.first_weekday, block.weekday_count, block.order_count) == (6, 2, 60)
    assert block.revenue_share == pytest.approx(0.3)


def test_the_days_with_half_of_the_revenue_are_counted() -> None:
    """Of 160 the first day brings 60, and the second makes it 90."""
    rows = ["customer_id | order_id | at | amount"]
    amounts = (60, 30, 30, 20, 20)
    for n, money in enumerate(amounts):
        rows += [f"c | {n}-{i} | 2024-01-{n + 1:02} 10:{i:02} | {money / 10}" for i in range(10)]
    found = trends_of("\n".join(rows), date(2024, 1, 1), date(2024, 1, 9))
    assert found.half_day_count == 2


def test_even_hours_and_few_orders_have_no_busy_block() -> None:
    even = {(day, hour): 40 for day in range(7) for hour in range(24)}
    assert find_busiest_block(week_of(even)) is None
    few = {(0, 9): 20, (0, 10): 4, (3, 15): 5}
    assert find_busiest_block(week_of(few)) is None
    # noise: two orders in one field, one in the next, over a hundred fields
    noise = {(day, hour): 1 + (day * 7 + hour * 3) % 2 for day in range(5) for hour in range(20)}
    assert find_busiest_block(week_of(noise)) is None


def shop_of(orders_by_weekday: tuple[int, ...], weeks: int) -> str:
    """Draw that many orders on each Monday, Tuesday … of as many weeks."""
    times = [
        f"{date(2024, 1, 1) + timedelta(days=7 * week + weekday)} 10:{minute:02}:07"
        for week in range(weeks)
        for weekday, count in enumerate(orders_by_weekday)
        for minute in range(count + week % 2)
        if count
    ]
    return at_times(*times)


def test_the_best_weekday_is_named_where_days_vary_less() -> None:
    last_day = date(2024, 1, 1) + timedelta(days=8 * 7 - 1)
    found = trends_of(shop_of((3, 3, 3, 9, 3, 0, 0), 8), date(2024, 1, 1), last_day)
    assert found.has_enough_weeks
    assert found.best_weekday == 3
    even = trends_of(shop_of((3, 3, 3, 3, 3, 0, 0), 8), date(2024, 1, 1), last_day)
    assert even.best_weekday is None


def test_a_weekday_that_leads_by_chance_is_not_the_best() -> None:
    """On eight Thursdays there is one order more than on all other days: 0.1 a day, of 0.5."""
    last_day = date(2024, 1, 1) + timedelta(days=8 * 7 - 1)
    text = shop_of((3, 3, 3, 3, 3, 0, 0), 8) + "\nmore | more | 2024-01-04 12:00 | 1.00"
    found = trends_of(text, date(2024, 1, 1), last_day)
    counts = [day.order_count for day in found.weekdays]
    assert max(counts) == counts[3] == counts[0] + 1
    assert found.best_weekday is None


def test_one_time_for_all_orders_is_none() -> None:
    times = [f"2024-01-{1 + n % 28:02} 10:00" for n in range(40)]
    found = trends_of(at_times(*times), date(2024, 1, 1), date(2024, 1, 28))
    assert found.hours == ()
    (untold,) = untold_trends(found)
    assert untold.reason.endswith("or all of them with the same.")


def test_seven_weeks_are_too_few_for_weekdays() -> None:
    last_day = date(2024, 1, 1) + timedelta(days=7 * 7 - 1)
    found = trends_of(shop_of((3, 3, 3, 9, 3, 0, 0), 7), date(2024, 1, 1), last_day)
    assert found.best_weekday is None
    assert found.busiest is None


# --- Online Retail ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def online_retail(shared_dir: Path) -> Trends:
    source = shared_dir / "data" / "online_retail.csv.gz"
    with cleaned_shop(source, cleaning={"non_product_codes": [], "keep_reversed": True}) as shop:
        found = summarise_trends(shop)
    assert found
    return found


@pytest.fixture(scope="module")
def in_pandas(shared_dir: Path) -> pd.DataFrame:
    """Return one row per customer and invoice, as plain pandas counts with the classic filters."""
    lines = pd.read_csv(shared_dir / "data" / "online_retail.csv.gz", dtype=str)
    lines["mills"] = (
        lines.Quantity.astype(int) * (lines.UnitPrice.astype(float) * 1000).round()
    ).astype("int64")
    kept = lines[
        lines.CustomerID.notna()
        & (lines.Quantity.astype(int) > 0)
        & (lines.UnitPrice.astype(float) > 0)
        & ~lines.InvoiceNo.str.match(r"[CA]\d")
    ].assign(at=lambda frame: pd.to_datetime(frame.InvoiceDate))
    grouped = kept.groupby(["CustomerID", "InvoiceNo"])
    return grouped.agg(at=("at", "min"), mills=("mills", "sum")).reset_index()


def test_orders_by_month_are_the_published_ones(online_retail: Trends) -> None:
    by_month: dict[str, int] = {}
    for day in online_retail.days:
        month = f"{day.day:%Y-%m}"
        by_month[month] = by_month.get(month, 0) + day.order_count
    assert list(by_month.values()) == [
        1400, 987, 997, 1321, 1149, 1555, 1393, 1331, 1280, 1755, 1929, 2657, 778,
    ]  # fmt: skip
    assert online_retail.weekdays[5].order_count == 0
    assert online_retail.best_weekday == 3
    block = online_retail.busiest
    assert block
    assert (block.first_hour, block.end_hour, block.order_count) == (11, 15, 10_316)


def test_days_and_hours_are_those_of_plain_pandas(
    online_retail: Trends, in_pandas: pd.DataFrame
) -> None:
    by_day = in_pandas.groupby(in_pandas["at"].dt.date)
    counted = by_day.agg(
        orders=("InvoiceNo", "size"),
        mills=("mills", "sum"),
        customers=("CustomerID", "nunique"),
        largest=("mills", "max"),
    )
    assert {
        day.day: (day.order_count, day.revenue, day.customer_count, day.largest_order)
        for day in online_retail.days
        if day.order_count
    } == {
        day: (
            row.orders,
            Decimal(int(row.mills)) / 1000,
            row.customers,
            Decimal(int(row.largest)) / 1000,
        )
        for day, row in counted.iterrows()
    }
    hours = in_pandas.groupby([in_pandas["at"].dt.day_of_week, in_pandas["at"].dt.hour])
    assert {(c.weekday, c.hour): (c.order_count, c.revenue) for c in online_retail.hours} == {
        place: (len(rows), Decimal(int(rows.mills.sum())) / 1000) for place, rows in hours
    }
