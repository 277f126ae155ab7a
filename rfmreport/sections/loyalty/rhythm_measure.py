"""Who is overdue by the own rhythm, and what became of those who were on earlier dates.

Overdue is who has been silent for more than twice the own usual gap, and for longer than ever
before: the first alone would name those whose gaps always varied, the second those who are hardly
late.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    estimate_share,
    newcombe_interval,
    wilson_interval,
)
from rfmreport.sections.loyalty.figures import OverdueCustomer, OverdueSegment, Rhythm, RhythmTrial
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)
FACTOR = 2.0
FEWEST_ORDER_DAYS = 4
_SHOWN_COUNT = 15


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
