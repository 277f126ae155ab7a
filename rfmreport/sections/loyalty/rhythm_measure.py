"""Who is overdue by the own rhythm, and what became of those who were on earlier dates.

Overdue is who has been silent for more than twice the own usual gap, and for longer than ever
before: the first alone would name those whose gaps always varied, the second those who are hardly
late.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    estimate_share,
    newcombe_interval,
    wilson_interval,
)
from rfmreport.sections.loyalty.figures import (
    OverdueCustomer,
    OverdueSegment,
    Rhythm,
    RhythmTrial,
)
from rfmreport.vocabulary import (
    AMOUNT,
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    LAST_ORDER_ON,
    REVENUE,
    SEGMENT,
    Estimate,
    months_before,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Column, Table

FACTOR = 2.0
FEWEST_ORDER_DAYS = 4
SHOWN_COUNT = 15
ORDER_DAY_COUNT = "order_day_count"
USUAL_GAP_DAYS = "usual_gap_days"
LONGEST_GAP_DAYS = "longest_gap_days"
SILENT_DAYS = "silent_days"
YEAR_REVENUE = "year_revenue"
IS_OVERDUE = "is_overdue"
OVERDUE_COLUMNS = (
    CUSTOMER_ID, SEGMENT, ORDER_DAY_COUNT, USUAL_GAP_DAYS, LONGEST_GAP_DAYS, SILENT_DAYS,
    LAST_ORDER_ON, REVENUE, YEAR_REVENUE,
)  # fmt: skip
"""What is told of every customer who is overdue."""


def measure_rhythms(orders: Table, days: Sequence[date]) -> Table:
    """Return one row per day and customer with a rhythm on it, as far as was known then.

    `orders` as from `history.without_window`. Columns: as_of, customer_id, order_day_count,
    usual_gap_days (median) and longest_gap_days between days with orders, silent_days, year_revenue
    (returns subtracted where they are netted), is_overdue.
    """
    kept = orders.filter(orders[EXCLUSION].isnull())
    on_days = kept.select(
        CUSTOMER_ID,
        AMOUNT,
        IS_RETURN,
        ordered_on=kept[FIRST_AT].date(),
        **{AS_OF: ibis.array([ibis.date(day) for day in days]).unnest()},
    )
    known = on_days.filter(on_days.ordered_on < on_days[AS_OF])
    by_day = known.group_by(AS_OF, CUSTOMER_ID, "ordered_on").agg(
        has_order=(~known[IS_RETURN]).any(), amount=known[AMOUNT].sum()
    )
    in_order = ibis.window(group_by=[AS_OF, CUSTOMER_ID, "has_order"], order_by="ordered_on")
    before = by_day.ordered_on.lag().over(in_order)
    gaps = by_day.mutate(gap=by_day.ordered_on.delta(before, unit="day"))
    year_ago = ibis.cases(
        *((gaps[AS_OF] == ibis.date(day), ibis.date(months_before(day, 12))) for day in days),
        else_=ibis.null("date"),
    )
    measured = gaps.group_by(AS_OF, CUSTOMER_ID).agg(
        **{
            ORDER_DAY_COUNT: gaps.has_order.sum(),
            USUAL_GAP_DAYS: gaps.gap.cast("float64").median(where=gaps.has_order),
            LONGEST_GAP_DAYS: gaps.gap.max(where=gaps.has_order).cast("int32"),
            LAST_ORDER_ON: gaps.ordered_on.max(where=gaps.has_order),
            YEAR_REVENUE: gaps.amount.sum(where=gaps.ordered_on >= year_ago),
        }
    )
    steady = measured.filter(measured[ORDER_DAY_COUNT] >= FEWEST_ORDER_DAYS)
    silent_days = steady[AS_OF].delta(steady[LAST_ORDER_ON], unit="day").cast("int32")
    steady = steady.mutate(**{SILENT_DAYS: silent_days}).drop(LAST_ORDER_ON)
    return steady.mutate(**{IS_OVERDUE: _is_overdue(steady)})


def _is_overdue(steady: Table) -> Column:
    silent = steady[SILENT_DAYS]
    return (silent > FACTOR * steady[USUAL_GAP_DAYS]) & (silent > steady[LONGEST_GAP_DAYS])


def list_overdue(rhythms: Table, customers: Table, as_of: date) -> Table:
    """Return today's customers who are overdue, one row each, with OVERDUE_COLUMNS.

    `rhythms` as from `measure_rhythms`; `customers` with segment, revenue and last_order_on.
    """
    of_today = rhythms.filter((rhythms[AS_OF] == ibis.date(as_of)) & rhythms[IS_OVERDUE])
    named = customers.select(CUSTOMER_ID, SEGMENT, REVENUE, LAST_ORDER_ON)
    both = of_today.join(named, CUSTOMER_ID)
    revenue = both[YEAR_REVENUE].fill_null(Decimal(0)).cast(both[REVENUE].type())
    return both.mutate(**{YEAR_REVENUE: revenue}).select(*OVERDUE_COLUMNS)


def tell_rhythm(
    rhythms: Table,
    overdue: Table,
    customers: Table,
    as_of: date,
    names: Sequence[str],
) -> Rhythm | None:
    """Return who is overdue, by segment, untried; None where too few customers have a rhythm.

    `overdue` as from `list_overdue`; segments in the order of `names`.
    """
    of_today = rhythms.filter(rhythms[AS_OF] == ibis.date(as_of))
    both = of_today.join(customers.select(CUSTOMER_ID, SEGMENT), CUSTOMER_ID)
    counted = both.group_by(SEGMENT).agg(
        customer_count=both.count(),
        overdue_count=both[IS_OVERDUE].sum(),
        revenue=both[YEAR_REVENUE].sum(where=both[IS_OVERDUE]),
    )
    by_segment = {row.pop(SEGMENT): row for row in fetch_rows(counted)}
    rows = tuple(_segment(name, by_segment[name]) for name in names if name in by_segment)
    customer_count = sum(row.customer_count for row in rows)
    if customer_count < FEWEST_CUSTOMERS:
        return None
    most = overdue.order_by(ibis.desc(YEAR_REVENUE), ibis.desc(REVENUE), CUSTOMER_ID)
    return Rhythm(
        factor=FACTOR,
        fewest_order_days=FEWEST_ORDER_DAYS,
        customer_count=customer_count,
        overdue_count=sum(row.overdue_count for row in rows),
        overdue_year_revenue=sum((row.overdue_year_revenue for row in rows), Decimal(0)),
        rows=rows,
        shown=tuple(OverdueCustomer(**row) for row in fetch_rows(most.limit(SHOWN_COUNT))),
        trial=None,
    )


def _segment(name: str, row: Mapping[str, Any]) -> OverdueSegment:
    revenue = row["revenue"] or Decimal(0)
    return OverdueSegment(name, row["customer_count"], int(row["overdue_count"]), revenue)


def try_rule(
    rhythms: Table, earlier: Table, orders: Table, dates: Sequence[date], watched_days: int
) -> RhythmTrial | None:
    """Return what those who were overdue on earlier `dates` did in the days after.

    `rhythms` as from `measure_rhythms`, of these dates too; `earlier` is one row per as_of and
    customer with segment. None where either side has fewer than thirty customers.
    """
    bought = orders.filter(orders[EXCLUSION].isnull() & ~orders[IS_RETURN])
    asked = rhythms.filter(rhythms[AS_OF].isin(list(dates)))
    asked = asked.join(earlier.select(AS_OF, CUSTOMER_ID, SEGMENT), (AS_OF, CUSTOMER_ID))
    begin = asked[AS_OF].cast("timestamp")
    came = asked.select(AS_OF, CUSTOMER_ID, begin=begin).join(bought, CUSTOMER_ID)
    came = came.filter(
        (came[FIRST_AT] >= came.begin)
        & (came[FIRST_AT] < came.begin + ibis.interval(days=watched_days))
    )
    came = came.select(AS_OF, CUSTOMER_ID, has_come=ibis.literal(1)).distinct()
    both = asked.left_join(came, (AS_OF, CUSTOMER_ID))
    counted = both.group_by(AS_OF, SEGMENT, IS_OVERDUE).agg(
        customer_count=both.count(), came_count=both.has_come.count()
    )
    counts = {
        (row[AS_OF], row[SEGMENT], row[IS_OVERDUE]): (row["came_count"], row["customer_count"])
        for row in fetch_rows(counted)
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
