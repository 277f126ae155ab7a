"""Launches: how fast lately launched products found customers, and who was first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

from rfmreport.engine.ask import read_queries
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.products.figures import FirstTakers, Launch, Launches, UptakeWeek

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.engine.ask import Engine
    from rfmreport.shop import Shop

SHOWN_LAUNCHES = 5
FIRST_DAYS = 30
FEWEST_LAUNCHES = 10
FEWEST_WEEKS = 4
FEWEST_DAYS = 7 * FEWEST_WEEKS
_CONFIDENCE = 0.95
_TOO_SHORT = (
    "the data are too short to know which products are new: that takes two stretches of "
    "{days} days (launch_days in [report])"
)
_TOO_SOON = (
    "a launch is held against others from {fewest} days on, and launch_days in [report] is {days}"
)
_NO_LAUNCHES = "no product was first sold in the last {days} days and has been on sale for a week"
_QUERIES = read_queries(__file__)


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


def tell_launches(engine: Engine, shop: Shop, sizes: Mapping[str, int]) -> Launches | str:
    """Return the late launches against the earlier ones, or why there are none to tell.

    `sizes` are customers by segment, best first.
    """
    length = shop.settings.report.launch_days
    if length < FEWEST_DAYS:
        return _TOO_SOON.format(days=length, fewest=FEWEST_DAYS)
    days = find_launch_days(shop.first_known_day, shop.first_day, shop.as_of, length)
    if days is None:
        return _TOO_SHORT.format(days=length)
    follow_launches(engine, days)
    return compare_launches(engine, days, sizes) or _NO_LAUNCHES.format(days=length)


def follow_launches(engine: Engine, days: LaunchDays) -> None:
    """Hold `followed_launches`: how far each launch had come by the end of each whole week.

    What was first sold within the days is a launch, unless it is an old one renamed. One row per
    launch and week: customers and revenue so far, all orders of the shop since the launch, and
    customers per thousand of these. The steps are held, for together they take longer to be planned
    than to be asked.
    """
    for name in ("launches", "launch_weeks", "orders_before", "followed_launches"):
        engine.hold(
            name,
            _QUERIES[name],
            first_day=days.first_day,
            late_from=days.late_from,
            as_of=days.as_of,
            week_count=days.week_count,
        )


def compare_launches(engine: Engine, days: LaunchDays, sizes: Mapping[str, int]) -> Launches | None:
    """Return the late launches that are followed; None where none was on sale for a week."""
    late = engine.rows(
        _QUERIES["late_launches"],
        fewest=FEWEST_CUSTOMERS,
        fewest_weeks=FEWEST_WEEKS,
        most=SHOWN_LAUNCHES,
    )
    if not late:
        return None
    weeks = engine.rows(_QUERIES["earlier_launches"], fewest=FEWEST_LAUNCHES)
    paces = {row["week"]: tuple(row["paces"]) for row in weeks}
    takers = _first_takers(engine, days, sizes)
    return Launches(
        days=days.length,
        launch_count=late[0]["launch_count"],
        told_count=late[0]["told_count"],
        fewest_weeks=FEWEST_WEEKS,
        earlier_count=weeks[0]["launch_count"] if weeks else 0,
        shown=tuple(
            _launch(row, paces.get(len(row["customers_by_week"]))) for row in late if row["is_told"]
        ),
        earlier=tuple(
            UptakeWeek(row["week"], row["launch_count"], *row["customers"]) for row in weeks
        ),
        takers=takers,
        taker_count=sum(one.taker_count for one in takers),
    )


def _launch(row: Mapping[str, Any], earlier: tuple[float, float, float] | None) -> Launch:
    pace = row["pace"] or 0.0
    factor = _noise_factor(row["customers_by_week"][-1], row["told_count"])
    verdict: Literal["faster", "as others", "slower", "too few"] = "as others"
    if earlier is None:
        verdict = "too few"
    elif pace / factor > earlier[2]:
        verdict = "faster"
    elif pace * factor < earlier[0]:
        verdict = "slower"
    return Launch(
        code=row["product_code"],
        name=row["product_name"],
        first_sold_on=row["first_sold_on"],
        customers_by_week=tuple(row["customers_by_week"]),
        revenue=row["revenue"],
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
    engine: Engine, days: LaunchDays, sizes: Mapping[str, int]
) -> tuple[FirstTakers, ...]:
    """Return which segments bought the late launches within their first thirty days."""
    given = {"late_from": days.late_from, "first_days": FIRST_DAYS}
    rows = engine.rows(_QUERIES["first_takers"], **given)
    picks = {row["segment"]: row["pick_count"] for row in rows}
    takers = {row["segment"]: row["taker_count"] for row in rows}
    everybody, pick_count, taker_count = (sum(counts.values()) for counts in (sizes, picks, takers))
    if taker_count < FEWEST_CUSTOMERS:
        return ()
    return tuple(
        FirstTakers(
            segment=segment,
            customer_share=size / everybody,
            pick_share=picks.get(segment, 0) / pick_count,
            taker_count=takers.get(segment, 0),
            taker_share=takers.get(segment, 0) / taker_count,
        )
        for segment, size in sizes.items()
        if size
    )
