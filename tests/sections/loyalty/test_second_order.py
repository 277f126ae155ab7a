"""The second-order clock: against a published example, by hand, and where nobody is censored."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import cleaned_shop, drawn_shop, orders_of, shop_over

from rfmreport.models.intervals import wilson_interval
from rfmreport.sections.loyalty import second_order_measure
from rfmreport.sections.loyalty.figures import SecondOrderDay
from rfmreport.sections.loyalty.measure import count_watched
from rfmreport.sections.loyalty.second_order_measure import (
    Period,
    Watched,
    find_changed_day,
    find_cold_day,
    product_limit,
    tell_second_orders,
    with_chances,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from pathlib import Path

JUNE = Period(date(2024, 1, 1), date(2024, 6, 1), date(2024, 6, 1))


def watched_of(second: list[int], left: list[int] = ()) -> list[Watched]:
    """Return one customer per number of days: with a second order, and watched in vain."""
    return [
        Watched(days, has_second, False, 1, Decimal(1))
        for has_second, group in ((True, second), (False, left))
        for days in group
    ]


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_order_measure, "FEWEST_CUSTOMERS", 1)


# --- the estimate -------------------------------------------------------------------------------


def test_the_published_remission_times_are_reproduced(few_are_enough) -> None:
    """Weeks in remission of 21 patients on 6-mercaptopurine.

    E. J. Freireich et al., Blood 21, 1963, 699-716; estimate and standard errors as in J. P. Klein
    and M. L. Moeschberger, Survival Analysis, 2nd edition, 2003, section 4.2.
    """
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    days = product_limit(watched_of(relapsed, censored))
    published = {
        6: (0.857, 0.0764),
        7: (0.807, 0.0869),
        10: (0.753, 0.0963),
        13: (0.690, 0.1068),
        16: (0.627, 0.1141),
        22: (0.538, 0.1282),
        23: (0.448, 0.1346),
    }
    for week, (survival, standard_error) in published.items():
        assert days[week].waiting == pytest.approx(survival, abs=0.0005)
        worth = survival * (1 - survival) / standard_error**2  # customers
        low, high = wilson_interval(survival * worth, worth)
        assert days[week].low == pytest.approx(low, abs=0.001)
        assert days[week].high == pytest.approx(high, abs=0.001)
    assert [days[week].at_risk_count for week in published] == [21, 17, 15, 12, 11, 7, 6]
    assert days[35].waiting == pytest.approx(0.448, abs=0.0005)
    assert len(days) == 36


@given(st.lists(st.integers(0, 60), min_size=30, max_size=80))
def test_without_censoring_it_is_the_share_that_has_not_ordered_yet(times: list[int]) -> None:
    for day in product_limit(watched_of(times)):
        waiting = sum(time > day.days for time in times) / len(times)
        assert day.waiting == pytest.approx(waiting)
        # Greenwood's variance is then the binomial one, and the interval Wilson's.
        if 0 < waiting < 1:
            expected = wilson_interval(waiting * len(times), len(times))
            assert (day.low, day.high) == pytest.approx(expected, abs=1e-6)


@given(
    st.lists(st.integers(0, 60), min_size=20, max_size=60),
    st.lists(st.integers(0, 60), min_size=20, max_size=60),
)
def test_whom_it_loses_it_counts_no_longer(second: list[int], left: list[int]) -> None:
    days = product_limit(watched_of(second, left))
    before = 1.0
    for day in days:
        assert day.at_risk_count == sum(time >= day.days for time in (*second, *left)) >= 30
        assert day.second_order_count == second.count(day.days)
        assert day.left_count == left.count(day.days)
        assert 0 <= day.low <= day.waiting <= day.high <= 1
        assert day.waiting <= before
        before = day.waiting
    assert days == product_limit(reversed(watched_of(second, left)))


def test_it_ends_where_fewer_than_thirty_are_left() -> None:
    days = product_limit(watched_of([1] * 5, [3] * 10 + [9] * 20))
    assert [(day.days, day.at_risk_count) for day in days] == [(0, 35), (1, 35), (2, 30), (3, 30)]
    assert product_limit(watched_of([1] * 29)) == ()


@given(st.lists(st.integers(0, 40), min_size=60, max_size=90), st.integers(1, 20))
def test_without_censoring_the_chance_is_a_plain_share(times: list[int], horizon: int) -> None:
    for day in with_chances(product_limit(watched_of(times, [60] * 40)), horizon):
        waiting = [time for time in (*times, *[math.inf] * 40) if time > day.days]
        if day.chance is None:
            assert day.days + horizon > 60
            continue
        share = sum(time <= day.days + horizon for time in waiting) / len(waiting)
        assert day.chance.value == pytest.approx(share)
        assert day.chance.customer_count == len(waiting)
        if 0 < share < 1:
            expected = wilson_interval(share * len(waiting), len(waiting))
            assert (day.chance.low, day.chance.high) == pytest.approx(expected, abs=1e-6)


def test_nobody_so_far_is_not_nobody_ever() -> None:
    """Of 60 watched for 20 days none has ordered again; then half do, on the same day."""
    days = with_chances(product_limit(watched_of([20] * 30, [40] * 30)), 10)
    low, high = wilson_interval(0, 60)
    assert (1 - days[5].high, 1 - days[5].low) == pytest.approx((low, high))
    assert days[5].chance == Estimate(0, low, pytest.approx(high), 60)
    after = days[25].chance  # 30 are left, and none of them orders
    assert (after.low, after.high) == pytest.approx(wilson_interval(0, 30))


# --- the cold day -------------------------------------------------------------------------------


def days_with(*chances: float | None) -> list[SecondOrderDay]:
    """Return days with such a chance, each with an interval of 0.05 to either side."""
    return [
        SecondOrderDay(
            i, 99, 1, 0, 0.5, 0.4, 0.6,
            None if one is None else Estimate(one, one - 0.05, one + 0.05, 99),
        )
        for i, one in enumerate(chances)
    ]  # fmt: skip


def test_the_cold_day_is_the_first_with_its_whole_interval_below_the_level() -> None:
    assert find_cold_day(days_with(0.4, 0.2, 0.16, 0.14, 0.12), 0.2) == 3
    assert find_cold_day(days_with(0.4, 0.16, None), 0.2) is None
    assert find_cold_day(days_with(0.1), 0.2) == 0
    assert find_cold_day((), 0.2) is None


def test_a_chance_that_rises_again_was_not_cold() -> None:
    """Of a day on which the chance may lie below nothing is said; one day is clearly above."""
    assert find_cold_day(days_with(0.4, 0.1, 0.24, 0.1), 0.2) == 1
    assert find_cold_day(days_with(0.4, 0.1, 0.26, 0.1), 0.2) == 3
    assert find_cold_day(days_with(0.4, 0.1, 0.65), 0.2) is None


def test_the_chance_has_changed_where_two_intervals_say_so() -> None:
    """On day 30 it is 0.07 lower: further than hypot(0.05, 0.05), not than that of two looks.

    With 95 % for two comparisons, chance reaches to 0.0707 x 2.24 / 1.96 = 0.081.
    """
    assert find_changed_day(days_with(0.3, *[0.3] * 29, 0.228)) == 30
    assert find_changed_day(days_with(0.3, *[0.3] * 29, 0.23)) is None
    assert find_changed_day(days_with(0.3, *[0.3] * 29, 0.22, *[0.3] * 30)) is None
    assert find_changed_day(days_with(0.3, *[0.3] * 29, 0.21, *[0.3] * 30)) == 30
    assert find_changed_day(days_with(0.3, *[0.3] * 59, 0.45)) == 60
    assert find_changed_day(days_with(None, 0.1)) is None
    assert find_changed_day(()) is None


# --- from orders --------------------------------------------------------------------------------

SHOP = """
customer_id | order_id | at               | amount | is_return | exclusion
twice       | a2       | 2024-03-11 09:00 | 20.00  | no        |
twice       | a1       | 2024-03-01 23:00 | 10.00  | no        |
twice       | a3       | 2024-04-01 09:00 | 30.00  | no        |
same day    | b1       | 2024-03-05 10:00 | 40.00  | no        |
same day    | b2       | 2024-03-05 10:00 | 50.00  | no        |
once        | c1       | 2024-05-02 10:00 | 60.00  | no        |
once        | C9       | 2024-05-03 10:00 | -6.00  | yes       |
once        | c2       | 2024-05-09 10:00 | 70.00  | no        | cancellation
early       | d1       | 2024-01-30 10:00 | 80.00  | no        |
"""


def watched_in(text: str, period: Period = JUNE) -> list[Watched]:
    days = (period.first_day, period.as_of)
    return count_watched(drawn_shop(days, orders=orders_of(text)).engine, period)


def told_of(text: str, horizon_days: int, chance_level: float):
    return tell_second_orders(watched_in(text), JUNE, horizon_days, chance_level)


def test_days_are_whole_calendar_days_from_the_first_order_to_the_second() -> None:
    assert set(watched_in(SHOP)) == {
        Watched(10, True, False, 1, Decimal(60)),
        Watched(0, True, False, 1, Decimal(90)),
        # Up to 31 May; it has brought 60 less a return, the cancellation is left out.
        Watched(29, False, False, 1, Decimal(54)),
        # Its first order lies in the data's first 30 days.
        Watched(122, False, True, 1, Decimal(80)),
    }


def test_where_the_data_end_before_the_report_nobody_is_watched_longer() -> None:
    period = Period(date(2024, 1, 1), date(2024, 9, 1), date(2024, 5, 11))
    rows = watched_in(SHOP, period)
    assert {row.days for row in rows if not row.has_second_order} == {8, 101}


def shop_of(first_days: dict[str, int], second_after: int | None = None) -> str:
    """Return a shop with so many customers per day of the first order, of 10.00 each."""
    lines = ["customer_id | order_id | at | amount"]
    for day, count in first_days.items():
        for n in range(count):
            lines.append(f"{day}-{n} | {day}-{n} | {day} | 10.00")
            if second_after is not None and n % 2:
                after = date.fromordinal(date.fromisoformat(day).toordinal() + second_after)
                lines.append(f"{day}-{n} | {day}-{n}-2 | {after} | 5.00")
    return "\n".join(lines)


def test_one_order_customers_are_told_apart_by_when_they_turn_cold() -> None:
    """Half order again after 10 days, nobody later: after day 10 the chance is nothing.

    As of 1 June: first orders up to 21 May are cold, those of 22 to 31 May turn in June.
    """
    shop = shop_of({"2024-03-01": 80, "2024-05-21": 8, "2024-05-22": 6, "2024-05-31": 4}, 10)
    before_june = [line for line in shop.splitlines() if " 2024-06" not in line]
    found = told_of("\n".join(before_june), 20, 0.2)
    assert found.cold_after_days == 10
    assert (found.customer_count, found.second_order_count) == (98, 40 + 4)
    turning, cold, fresh = found.turning, found.cold, found.fresh
    assert (turning.first_from, turning.first_to) == (date(2024, 5, 22), date(2024, 5, 31))
    assert (turning.customer_count, turning.revenue) == (6 + 4, Decimal(100))
    assert (cold.first_from, cold.first_to) == (None, date(2024, 5, 21))
    assert (cold.customer_count, cold.revenue) == (40 + 4, Decimal(440))
    assert (fresh.first_from, fresh.customer_count) == (date(2024, 6, 1), 0)
    assert found.turning_until == date(2024, 7, 1)
    assert found.one_order_revenue == Decimal(540)


def test_the_three_groups_are_all_one_order_customers() -> None:
    months = {f"2024-0{month}-15": 30 for month in range(1, 6)}
    found = told_of(shop_of(months, 10), 30, 0.3)
    groups = (found.turning, found.cold, found.fresh)
    assert found.cold_after_days == 10
    assert sum(group.customer_count for group in groups) == found.one_order_count
    assert sum(group.revenue for group in groups) == found.one_order_revenue


def test_few_customers_have_no_clock() -> None:
    assert told_of(shop_of({"2024-03-01": 29}), 90, 0.2) is None
    found = told_of(shop_of({"2024-03-01": 30}), 90, 0.2)
    assert found.is_told
    assert found.days[-1].waiting == 1
    late = told_of(shop_of({"2024-05-02": 30}), 90, 0.2)
    assert not late.is_told  # watched for 29 days


def test_customers_of_the_first_thirty_days_are_left_out_of_the_later_share() -> None:
    early, later = shop_of({"2024-01-05": 60}), shop_of({"2024-02-05": 60}, 10)
    found = told_of(f"{early}\n{later.partition(chr(10))[2]}", 20, 0.2)
    assert 1 - found.days[20].waiting == pytest.approx(0.25)
    assert found.later_share.value == pytest.approx(0.5)
    assert found.later_share.customer_count == 60


# --- real data ----------------------------------------------------------------------------------


def test_the_sample_is_counted_as_plain_pandas_would(clean_sample) -> None:
    shop = shop_over(clean_sample)
    clean = shop.read
    kept = clean.orders.filter(clean.orders.exclusion.isnull() & ~clean.orders.is_return)
    frame = kept.select("customer_id", "order_id", "first_at", "amount").to_pandas()
    period = Period(clean.coverage.first_known_day, clean.as_of, clean.covered[1])
    found = tell_second_orders(count_watched(shop.engine, period), period, 90, 0.2)
    frame["day"] = frame["first_at"].dt.normalize()
    frame = frame.sort_values(["customer_id", "first_at", "order_id"])
    place = frame.groupby("customer_id").cumcount()
    first = frame[place == 0].set_index("customer_id")
    second = frame[place == 1].set_index("customer_id")["day"]
    waited = (second.reindex(first.index) - first["day"]).dt.days
    last_day = frame["day"].max()
    times = waited.fillna((last_day - first["day"]).dt.days)
    assert found.customer_count == len(first)
    assert found.one_order_count == waited.isna().sum()
    assert found.one_order_revenue == sum(first["amount"][waited.isna()])
    assert found.same_day_count == (waited == 0).sum()
    share = 1.0
    for day in found.days:
        at_risk = (times >= day.days).sum()
        share *= 1 - (waited == day.days).sum() / at_risk
        assert day.at_risk_count == at_risk
        assert day.waiting == pytest.approx(share)
    assert (times >= len(found.days)).sum() < 30


def test_a_third_of_the_customers_of_online_retail_order_once(shared_dir: Path) -> None:
    """34.4 % after the classic filters: 1,493 of 4,338."""
    path = shared_dir / "data" / "online_retail.csv.gz"
    with cleaned_shop(path, cleaning={"non_product_codes": [], "keep_reversed": True}) as shop:
        clean = shop.read
        period = Period(clean.coverage.first_known_day, clean.as_of, clean.covered[1])
        found = tell_second_orders(count_watched(shop.engine, period), period, 90, 0.2)
    assert (found.one_order_count, found.customer_count) == (1_493, 4_338)
    assert found.one_order_count / found.customer_count == pytest.approx(0.344, abs=0.0005)
