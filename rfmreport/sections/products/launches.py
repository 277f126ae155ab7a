"""Launches: how fast lately launched products found customers, and who was first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.products.figures import (
    FirstTakers,
    Launch,
    Launches,
    UptakeWeek,
)
from rfmreport.source.sold import (
    BUYER,
    FIRST_SOLD_ON,
    IS_RELABELLED,
    PRODUCT,
    SOLD_ON,
)
from rfmreport.vocabulary import (
    AMOUNT,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    PRODUCT_CODE,
    PRODUCT_NAME,
    REVENUE,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ibis.expr.types import Table

SHOWN_LAUNCHES = 5
FIRST_DAYS = 30
WEEK = "week"
_CUSTOMERS, _ORDERS, _PACE = "customer_count", "shop_orders", "pace"
UPTAKE_COLUMNS = (
    PRODUCT_CODE, PRODUCT_NAME, FIRST_SOLD_ON, WEEK, _CUSTOMERS, REVENUE, _ORDERS, _PACE,
)  # fmt: skip
"""What is told of every launch, week by week."""
FEWEST_LAUNCHES = 10
FEWEST_WEEKS = 4
FEWEST_DAYS = 7 * FEWEST_WEEKS
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class LaunchDays:
    """Which products are launches: first sold from `first_day` on, and lately from `late_from` on.

    In the first `length` days of the data everything looks new. `as_of` is the report's date.
    """

    length: int
    first_day: date
    late_from: date
    as_of: date

    @property
    def week_count(self) -> int:
        """Return for how many whole weeks every earlier launch can be followed."""
        return self.length // 7


def find_launch_days(
    first_known_day: date, first_day: date, as_of: date, length: int
) -> LaunchDays | None:
    """Return the days that make a launch; None where the data are too short to know what is new.

    `first_known_day` is the first of the data, `first_day` the first of the report's window.
    """
    from_day = max(first_known_day + timedelta(days=length), first_day)
    late_from = as_of - timedelta(days=length)
    if late_from < from_day or length < FEWEST_DAYS:
        return None
    return LaunchDays(length, from_day, late_from, as_of)


def list_launches(names: Table, days: LaunchDays) -> Table:
    """Return one row per launch: what was first sold within the days, and is no old one renamed.

    `names` as from `sold.name_products`. Columns as there, and is_late.
    """
    is_launch = (names[FIRST_SOLD_ON] >= days.first_day) & (names[FIRST_SOLD_ON] < days.as_of)
    launches = names.filter(is_launch & ~names[IS_RELABELLED]).drop(IS_RELABELLED)
    return launches.mutate(is_late=launches[FIRST_SOLD_ON] >= days.late_from)


def add_up_weeks(sold: Table, launches: Table, days: LaunchDays) -> Table:
    """Return one row per launch and whole week on sale since it was first bought: the sums so far.

    `sold` as from `sold.sold_lines`, `launches` as from `list_launches`. Columns: product, week,
    joined (customers so far), spent (revenue so far).
    """
    weekly = _bought_by_week(sold, launches, days).rename(since=WEEK)
    # Each week is counted to all later ones: a running sum over so many launches takes longer.
    both = weekly.cross_join(_weeks(days))
    both = both.filter(both[WEEK] >= both.since)
    return both.group_by(PRODUCT, WEEK).agg(
        joined=both.joined.fill_null(0).sum().cast("int64"), spent=both.spent.sum()
    )


def _weeks(days: LaunchDays) -> Table:
    return ibis.range(1, days.week_count + 1).unnest().cast("int32").name(WEEK).as_table()


def _bought_by_week(sold: Table, launches: Table, days: LaunchDays) -> Table:
    """Return one row per launch and whole week of its sale: new customers, and revenue.

    A row stands for a week (1, 2, …) in which anybody bought it.
    """
    lines = sold.join(launches.select(PRODUCT, FIRST_SOLD_ON), PRODUCT)
    age_days = lines[SOLD_ON].delta(lines[FIRST_SOLD_ON], unit="day")
    lines = lines.select(PRODUCT, BUYER, FIRST_SOLD_ON, AMOUNT, **{WEEK: age_days // 7 + 1})
    week_end = lines[FIRST_SOLD_ON] + (lines[WEEK] * 7).as_interval("D")
    is_whole = (lines[WEEK] <= days.week_count) & (week_end <= ibis.date(days.as_of))
    lines = lines.filter(is_whole).mutate(**{WEEK: lines[WEEK].cast("int32")})
    spent = lines.group_by(PRODUCT, WEEK).agg(spent=lines[AMOUNT].sum())
    first = lines.group_by(PRODUCT, BUYER).agg(**{WEEK: lines[WEEK].min()})
    joined = first.group_by(PRODUCT, WEEK).agg(joined=first.count())
    both = spent.left_join(joined, [PRODUCT, WEEK])
    return both.select(PRODUCT, WEEK, "joined", "spent")


def count_orders_before(orders: Table, days: LaunchDays) -> Table:
    """Return one row per day since the first launch could be: the shop's orders before it.

    `orders` as from `cleaning.group_orders`. Columns: day, order_count.
    """
    kept = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    by_day = kept.group_by(day=kept[FIRST_AT].date()).agg(taken=kept.count())
    length = (days.as_of - days.first_day).days
    number = ibis.range(length + 1).unnest().name("number").as_table()
    calendar = number.select(day=ibis.date(days.first_day) + number.number.as_interval("D"))
    calendar = calendar.mutate(day=calendar.day.cast("date"))
    taken = calendar.left_join(by_day.filter(by_day.day >= days.first_day), "day")
    before = ibis.window(order_by="day", preceding=(None, 1))
    return taken.select(
        "day", order_count=taken.taken.fill_null(0).sum().over(before).fill_null(0).cast("int64")
    )


def follow_launches(launches: Table, so_far: Table, before: Table, days: LaunchDays) -> Table:
    """Return one row per launch and whole week on sale: how far it had come by the week's end.

    `launches` as from `list_launches`, `so_far` as from `add_up_weeks`, `before` as from
    `count_orders_before`; the last two are to be held, for together they take longer to be planned
    than to be asked. Columns: product, is_late, UPTAKE_COLUMNS. `shop_orders` are all orders of the
    shop since the launch, `pace` customers per thousand of them. Launches that no analysed customer
    bought in those weeks are left out.
    """
    grid = launches.semi_join(so_far, PRODUCT).cross_join(_weeks(days))
    end = grid[FIRST_SOLD_ON] + (grid[WEEK] * 7).as_interval("D")
    grid = grid.mutate(week_end=end.cast("date"))
    grid = grid.filter(grid.week_end <= ibis.date(days.as_of))
    both = grid.left_join(so_far, [PRODUCT, WEEK])
    followed = both.select(
        *grid.columns,
        **{_CUSTOMERS: both.joined.fill_null(0), REVENUE: both.spent.fill_null(0)},
    )
    at_start = before.select(**{FIRST_SOLD_ON: before.day}, orders_at_start=before.order_count)
    at_end = before.select(week_end=before.day, orders_at_end=before.order_count)
    timed = followed.join(at_start, FIRST_SOLD_ON).join(at_end, "week_end")
    timed = timed.mutate(**{_ORDERS: timed.orders_at_end - timed.orders_at_start})
    pace = timed[_CUSTOMERS] * 1000.0 / timed[_ORDERS].nullif(0)
    return timed.select(PRODUCT, "is_late", *UPTAKE_COLUMNS[:-1], **{_PACE: pace})


def tell_launches(  # noqa: PLR0913, PLR0917  launches, and all that they are held against
    followed: Table,
    sold: Table,
    launches: Table,
    buyers: Table,
    days: LaunchDays,
    segment_sizes: Mapping[str, int],
) -> Launches | None:
    """Return the late launches against the earlier ones; None where none was on sale for a week.

    `followed` as from `follow_launches`, `buyers` as from `sold.describe_buyers`; `segment_sizes`
    are customers by segment, best first.
    """
    late = _late_launches(followed)
    if not late:
        return None
    paces, earlier = _earlier_launches(followed)
    told = [_launch(row, paces.get(row["weeks"])) for row in late if row["is_told"]]
    takers = _first_takers(sold, launches, buyers, days, segment_sizes)
    return Launches(
        days=days.length,
        launch_count=late[0]["launch_count"],
        told_count=late[0]["told_count"],
        fewest_weeks=FEWEST_WEEKS,
        earlier_count=earlier[0].launch_count if earlier else 0,
        shown=tuple(told),
        earlier=earlier,
        takers=takers,
        taker_count=sum(one.taker_count for one in takers),
    )


def _late_launches(followed: Table) -> list[dict[str, Any]]:
    """Return those with most customers for the orders of their time, enough customers first."""
    late = followed.filter(followed.is_late)
    by_product = late.group_by(PRODUCT, PRODUCT_CODE, PRODUCT_NAME, FIRST_SOLD_ON).agg(
        weeks=late[WEEK].max(),
        customers_by_week=late[_CUSTOMERS].collect(order_by=late[WEEK]),
        customers=late[_CUSTOMERS].max(),
        **{REVENUE: late[REVENUE].max(), _ORDERS: late[_ORDERS].max()},
    )
    pace = by_product.customers * 1000.0 / by_product[_ORDERS].nullif(0)
    is_told = by_product.customers >= FEWEST_CUSTOMERS
    is_told &= by_product.weeks >= FEWEST_WEEKS
    by_product = by_product.mutate(
        is_told=is_told,
        launch_count=by_product.count().over(ibis.window()),
        told_count=is_told.sum().over(ibis.window()),
        **{_PACE: pace},
    )
    ordered = by_product.order_by(
        ibis.desc("is_told"), ibis.desc(_PACE), PRODUCT_CODE, PRODUCT_NAME
    )
    rows: list[dict[str, Any]] = fetch_rows(ordered.limit(SHOWN_LAUNCHES))
    return rows


def _earlier_launches(
    followed: Table,
) -> tuple[dict[int, tuple[float, float, float]], tuple[UptakeWeek, ...]]:
    """Return the quartiles of earlier launches by week: of pace, and of customers."""
    earlier = followed.filter(~followed.is_late)
    quartiles = {
        f"{name}_{place}": earlier[name].quantile(place / 4)
        for name in (_CUSTOMERS, _PACE)
        for place in (1, 2, 3)
    }
    by_week = earlier.group_by(WEEK).agg(launch_count=earlier.count(), **quartiles)
    rows = fetch_rows(by_week.order_by(WEEK))
    enough = [row for row in rows if row["launch_count"] >= FEWEST_LAUNCHES]
    paces = {row[WEEK]: tuple(row[f"{_PACE}_{n}"] for n in (1, 2, 3)) for row in enough}
    weeks = tuple(
        UptakeWeek(row[WEEK], row["launch_count"], *(row[f"{_CUSTOMERS}_{n}"] for n in (1, 2, 3)))
        for row in enough
    )
    return paces, weeks


def _launch(row: Mapping[str, Any], earlier: tuple[float, float, float] | None) -> Launch:
    pace = row[_PACE] or 0.0
    factor = _noise_factor(row["customers"], row["told_count"])
    verdict: Literal["faster", "as others", "slower", "too few"] = "as others"
    if earlier is None:
        verdict = "too few"
    elif pace / factor > earlier[2]:
        verdict = "faster"
    elif pace * factor < earlier[0]:
        verdict = "slower"
    return Launch(
        code=row[PRODUCT_CODE],
        name=row[PRODUCT_NAME],
        first_sold_on=row[FIRST_SOLD_ON],
        customers_by_week=tuple(row["customers_by_week"]),
        revenue=row[REVENUE],
        pace=pace,
        pace_low=pace / factor,
        earlier_pace=earlier,
        verdict=verdict,
    )


def _noise_factor(customers: int, compared: int) -> float:
    """Return how far chance moves a pace, up or down, with 95 % for all that are `compared`.

    The log of a count has the standard error 1 / sqrt(count) (D. Katz et al., Biometrics 34, 1978,
    469-474, rare events); who looks at so many launches finds the luckiest (Bonferroni).
    """
    z = NormalDist().inv_cdf(1 - (1 - _CONFIDENCE) / 2 / compared)
    return math.exp(z / math.sqrt(customers))


def _first_takers(
    sold: Table,
    launches: Table,
    buyers: Table,
    days: LaunchDays,
    segment_sizes: Mapping[str, int],
) -> tuple[FirstTakers, ...]:
    """Return which segments bought the late launches within their first thirty days."""
    lately = sold.filter(sold[SOLD_ON] >= days.late_from)
    picks = lately.group_by(PRODUCT, BUYER).agg(first_on=lately[SOLD_ON].min())
    new = launches.filter(launches.is_late).select(PRODUCT, FIRST_SOLD_ON)
    named = picks.filter(picks[PRODUCT].notnull())
    both = named.join(buyers, BUYER).left_join(new, PRODUCT)
    is_taker = both.first_on.delta(both[FIRST_SOLD_ON], unit="day") < FIRST_DAYS
    both = both.select(SEGMENT, is_taker=is_taker)
    counted = both.group_by(SEGMENT).agg(
        picks=both.count(),
        takers=both.is_taker.sum().fill_null(0),
    )
    found = {row[SEGMENT]: row for row in fetch_rows(counted)}
    pick_count, taker_count = (
        sum(row[name] for row in found.values()) for name in ("picks", "takers")
    )
    if taker_count < FEWEST_CUSTOMERS:
        return ()
    everybody = sum(segment_sizes.values())
    nothing = {"picks": 0, "takers": 0}
    return tuple(
        FirstTakers(
            segment=segment,
            customer_share=size / everybody,
            pick_share=found.get(segment, nothing)["picks"] / pick_count,
            taker_count=found.get(segment, nothing)["takers"],
            taker_share=found.get(segment, nothing)["takers"] / taker_count,
        )
        for segment, size in segment_sizes.items()
        if size
    )
