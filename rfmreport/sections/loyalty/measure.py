"""Whether customers come back: cohorts by first-order month, and who is watched for how long."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    estimate_difference,
    estimate_share,
    newcombe_interval,
    wilson_interval,
)
from rfmreport.sections.loyalty.figures import (
    Cohort,
    CohortGroup,
    CohortMonth,
    Cohorts,
    Loyalty,
    OverdueCustomer,
    OverdueSegment,
    PooledMonth,
    Rhythm,
    RhythmTrial,
)
from rfmreport.sections.loyalty.second_order_measure import Period, Watched, tell_second_orders
from rfmreport.vocabulary import Estimate, Untold, months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.shop import Shop

_QUERIES = read_queries(__file__)
FACTOR = 2.0
FEWEST_ORDER_DAYS = 4
_SHOWN_COUNT = 15
_RETURN_MONTHS = 3
_RECENT = 3
_MOST_SHOWN = 13
_YEAR = 12
_NOTHING: Mapping[str, Any] = {"customer_count": 0, "order_count": 0, "revenue": Decimal(0)}
_Figures = dict[int, dict[str, Any]]


def hold_rhythms(engine: Engine, days: Sequence[date], as_of: date) -> None:
    """Hold `rhythms`, one row per day and customer with one, and today's `overdue_customers`."""
    engine.hold(
        "rhythms",
        _QUERIES["rhythms"],
        days=[*days, as_of],
        factor=FACTOR,
        fewest_order_days=FEWEST_ORDER_DAYS,
    )
    engine.hold("overdue_customers", _QUERIES["overdue_customers"], as_of=as_of)


def tell_rhythm(engine: Engine, as_of: date, names: Sequence[str]) -> Rhythm | None:
    """Return who is overdue, by segment, untried; None where too few customers have a rhythm.

    As held by `hold_rhythms`; segments in the order of `names`.
    """
    found = [OverdueSegment(**row) for row in engine.rows(_QUERIES["segments"], as_of=as_of)]
    by_segment = {row.segment: row for row in found}
    rows = tuple(by_segment[name] for name in names if name in by_segment)
    customer_count = sum(row.customer_count for row in rows)
    if customer_count < FEWEST_CUSTOMERS:
        return None
    most = engine.rows(_QUERIES["most_at_stake"], count=_SHOWN_COUNT)
    return Rhythm(
        factor=FACTOR,
        fewest_order_days=FEWEST_ORDER_DAYS,
        customer_count=customer_count,
        overdue_count=sum(row.overdue_count for row in rows),
        overdue_year_revenue=sum((row.overdue_year_revenue for row in rows), Decimal(0)),
        rows=rows,
        shown=tuple(OverdueCustomer(**row) for row in most),
        trial=None,
    )


def try_rule(
    engine: Engine, earlier: str, dates: Sequence[date], watched_days: int
) -> RhythmTrial | None:
    """Return what those who were overdue on earlier `dates` did in the days after.

    Of the table called `earlier` one row is a customer on a date, with segment. None where either
    side has fewer than thirty customers.
    """
    asked = {"earlier": earlier, "dates": list(dates), "watched_days": watched_days}
    counts = {
        (one["as_of"], one["segment"], one["is_overdue"]): (one["came"], one["customer_count"])
        for one in engine.rows(_QUERIES["trial"], **asked)
    }
    return compare_overdue(counts, watched_days)


def compare_overdue(
    counts: Mapping[tuple[date, str, bool], tuple[int, int]], watched_days: int
) -> RhythmTrial | None:
    """Hold the overdue against the others, as if these had the same mix of dates and segments.

    `counts` are (came, all) by date, segment and whether overdue. Direct standardisation; the
    others then count as much as the squares of their weights allow (L. Kish, Survey Sampling, 1965,
    section 11.7), and the limits of the two shares are combined as R. G. Newcombe does (Statistics
    in Medicine 17, 1998, 873-890, method 10).
    """
    shared = sorted({key[:2] for key in counts if (*key[:2], not key[2]) in counts})
    late = [counts[(*key, True)] for key in shared]
    others = [counts[(*key, False)] for key in shared]
    late_count, other_count = (sum(count for _, count in of) for of in (late, others))
    if min(late_count, other_count) < FEWEST_CUSTOMERS:
        return None
    weights = [count / late_count for _, count in late]
    share = sum(w * came / count for w, (came, count) in zip(weights, others, strict=True))
    size = 1 / sum(w * w / count for w, (_, count) in zip(weights, others, strict=True))
    late_came = sum(came for came, _ in late)
    on_time = Estimate(share, *wilson_interval(share * size, size), other_count)
    interval = newcombe_interval(late_came, late_count, share * size, size)
    everybody = [pair for key, pair in counts.items() if not key[2]]
    return RhythmTrial(
        dates=tuple(sorted({day for day, _ in shared}, reverse=True)),
        days=watched_days,
        overdue=estimate_share(late_came, late_count),
        on_time=on_time,
        all_on_time=estimate_share(sum(c for c, _ in everybody), sum(n for _, n in everybody)),
        difference=Estimate(late_came / late_count - share, *interval, late_count + other_count),
    )


def measure_loyalty(shop: Shop) -> Loyalty:
    """Return the cohorts and the second-order clock.

    With a window, orders before it count here too, or old customers would look new.
    """
    period = Period(shop.first_known_day, shop.as_of, shop.covered[1])
    return Loyalty(
        first_day=period.first_day,
        cohorts=measure_cohorts(shop.engine, period),
        second_orders=tell_second_orders(
            count_watched(shop.engine, period),
            period,
            shop.horizon_days,
            shop.settings.report.second_order_chance,
        ),
    )


def untold_loyalty(loyalty: Loyalty) -> tuple[Untold, ...]:
    """Say which of the two the data are too few for, and why."""
    missing = []
    if not loyalty.cohorts.shown:
        reason = (
            f"no month in which {FEWEST_CUSTOMERS} or more customers ordered for the first time is "
            "followed by another month, both covered whole"
        )
        missing.append(Untold("Retention by first-order month", reason))
    if loyalty.second_orders is None or not loyalty.second_orders.is_told:
        reason = (
            f"fewer than {FEWEST_CUSTOMERS} customers were watched for a month without a second "
            "order"
        )
        missing.append(Untold("The second-order clock", reason))
    return tuple(missing)


def measure_cohorts(engine: Engine, period: Period) -> Cohorts:
    """Return every month with first orders, oldest first, followed up to the report's date.

    A month is complete where the data cover each of its days. The revenue of all cohorts adds up to
    that of all kept orders of customers with a purchase.
    """
    by_cohort: dict[date, _Figures] = defaultdict(dict)
    for row in engine.rows(_QUERIES["cohorts"]):
        by_cohort[row.pop("first_month")][row.pop("months_since")] = row
    rows = tuple(_cohort(first_month, rows, period) for first_month, rows in by_cohort.items())
    return compare_cohorts(pool_cohorts(Cohorts(period.first_day, rows, _shown(rows))))


def count_watched(engine: Engine, period: Period) -> list[Watched]:
    """Return the customers by how long they are watched, and whether for a second order or not."""
    days = {"last_day": period.last_day, "early_until": period.early_until}
    return [Watched(**row) for row in engine.rows(_QUERIES["watched"], **days)]


def _cohort(first_month: date, figures: _Figures, period: Period) -> Cohort:
    months = []
    month, since = first_month, 0
    while month < period.as_of:
        row = figures.get(since, _NOTHING)
        is_complete = period.first_day <= first_month and next_month(month) <= period.covered_until
        values = {name: row[name] for name in _NOTHING}
        months.append(CohortMonth(since, complete=is_complete, **values))
        month, since = next_month(month), since + 1
    is_followed = len(months) > _RETURN_MONTHS and months[_RETURN_MONTHS].complete
    return Cohort(
        first_month=first_month,
        complete=months[0].complete,
        months=tuple(months),
        returned_count=int(figures[0]["returned_count"]) if is_followed else None,
    )


def _shown(rows: Sequence[Cohort]) -> tuple[Cohort, ...]:
    followed = [row for row in rows if row.complete and row.months[1:] and row.months[1].complete]
    shown = tuple(followed[-_MOST_SHOWN:])
    return shown if any(row.customer_count >= FEWEST_CUSTOMERS for row in shown) else ()


def pool_cohorts(cohorts: Cohorts) -> Cohorts:
    """Return the cohorts with those that are shown taken together, month by month.

    The first whole month of the data is left out where there are others.
    """
    shown = [row for row in cohorts.shown if not cohorts.looks_new(row)] or cohorts.shown
    followed = max((len(row.months) for row in shown), default=0)
    months = []
    for since in range(1, followed):
        reached = [row for row in shown if row.is_reached(since)]
        if reached:
            customers = sum(row.customer_count for row in reached)
            ordered = sum(row.months[since].customer_count for row in reached)
            months.append(PooledMonth(since, customers, ordered))
    count = sum(row.customer_count for row in shown)
    return replace(cohorts, pooled_count=count, pooled=tuple(months))


def compare_cohorts(cohorts: Cohorts) -> Cohorts:
    """Return the cohorts with the recent ones held against older ones, where both are enough.

    The first whole month of the data is left out: customers from before it look new.
    """
    begin = cohorts.first_day
    first_whole = begin if begin.day == 1 else next_month(begin)
    followed = [
        row
        for row in cohorts.rows
        if row.complete and row.returned_count is not None and row.first_month > first_whole
    ]
    recent = followed[-_RECENT:]
    older = _older(followed)
    groups = tuple(_group(rows) for rows in (followed[-_YEAR:], recent, older))
    everyone, now, before = groups
    if not (now and before):
        return replace(cohorts, everyone=everyone)
    difference = estimate_difference(
        _returned(recent), now.share.customer_count, _returned(older), before.share.customer_count
    )
    return replace(cohorts, everyone=everyone, recent=now, older=before, difference=difference)


def _older(followed: Sequence[Cohort]) -> list[Cohort]:
    """Return the recent cohorts' months of a year before: else up to nine that came before."""
    year_before = {months_before(row.first_month, _YEAR) for row in followed[-_RECENT:]}
    same_season = [row for row in followed if row.first_month in year_before]
    if len(same_season) == _RECENT:
        return same_season
    return list(followed[-_YEAR:-_RECENT])


def _group(rows: Sequence[Cohort]) -> CohortGroup | None:
    customer_count = sum(row.customer_count for row in rows)
    if customer_count < FEWEST_CUSTOMERS:
        return None
    months = tuple(row.first_month for row in rows)
    return CohortGroup(months, estimate_share(_returned(rows), customer_count))


def _returned(rows: Sequence[Cohort]) -> int:
    return sum(row.returned_count or 0 for row in rows)
