"""What moved: from which segment to which and why, between two dates under the same cuts."""

from __future__ import annotations

import functools
import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from rfmreport.engine.results import fetch_rows
from rfmreport.sections.movement.figures import (
    Flow,
    MovedCustomer,
    Movement,
    SegmentBridge,
)
from rfmreport.vocabulary import (
    CUSTOMER_ID,
    FIRST_ORDER_ON,
    FREQUENCY_SCORE,
    LAST_ORDER_ON,
    MONETARY_SCORE,
    ORDER_COUNT,
    RECENCY_DAYS,
    REVENUE,
    SCORES,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import StringValue, Table

REASON = "reason"
SEGMENT_BEFORE = f"{SEGMENT}_before"
MOVE_COLUMNS = (
    CUSTOMER_ID,
    SEGMENT_BEFORE,
    SEGMENT,
    REASON,
    RECENCY_DAYS,
    ORDER_COUNT,
    REVENUE,
    LAST_ORDER_ON,
    *(f"{score}_before" for score in SCORES),
    *SCORES,
    FIRST_ORDER_ON,
)
MOST_SLIPPED = 50
_MEASURED = (RECENCY_DAYS, ORDER_COUNT, REVENUE, FIRST_ORDER_ON, LAST_ORDER_ON)
_REASON_PARTS = ("restated", "new", "returning", "bought", "aged")


def compare_customers(before: Table, now: Table, before_as_of: date, *, has_window: bool) -> Table:
    """Return one row per customer of either date, with the reason why the segment is what it is.

    Both tables are one row per customer with the three measures, first_order_on, last_order_on,
    the three scores and segment. Columns out: MOVE_COLUMNS. Segment and scores are null on the date
    on which somebody was no customer; the measures are today's, or of the earlier date for those
    who left. `reason` is one of those of `report.Flow`.

    Args:
        before_as_of: The date of `before`: later orders were not known then.
        has_window: Whether orders leave with time; only then do figures change without an event.
    """
    earlier = before.rename({f"{name}_before": name for name in before.columns})
    both = earlier.outer_join(now, earlier[f"{CUSTOMER_ID}_before"] == now[CUSTOMER_ID])
    known = {name: _known(both, name) for name in (CUSTOMER_ID, *_MEASURED)}
    reasons = both.mutate(
        **known, **{REASON: _reason(both, ibis.date(before_as_of), has_window=has_window)}
    )
    return reasons.select(*MOVE_COLUMNS)


def measure_movement(
    moves: Table,
    names: Sequence[str],
    before_as_of: date,
    reported: Mapping[str, int] | None = None,
    restated_from: str | None = None,
) -> Movement:
    """Return the flows, the bridge of each segment, and the best customers who slipped.

    Args:
        moves: One row per customer, as from `compare_customers`.
        names: All segments of the scheme, best first.
        before_as_of: The earlier date.
        reported: The sizes that an earlier report gave for that date, where there is one.
        restated_from: The name of that report.
    """
    flows = _flows(moves, names)
    top = tuple(names[: max(1, len(names) // 2)])
    slipped = _slipped(moves, names, top)
    return Movement(
        before_as_of=before_as_of,
        flows=flows,
        bridges=tuple(_bridge(name, flows, reported) for name in names),
        top_segments=top,
        slipped=tuple(_moved_customer(row) for row in slipped),
        slipped_count=slipped[0]["slipped_count"] if slipped else 0,
        slipped_revenue=slipped[0]["slipped_revenue"] if slipped else Decimal(0),
        restated_from=restated_from,
    )


def _known(both: Table, name: str) -> Any:  # noqa: ANN401  a column of whatever kind
    return both[name].coalesce(both[f"{name}_before"])


def _reason(both: Table, before_as_of: Any, *, has_window: bool) -> StringValue:  # noqa: ANN401
    is_new = both[FIRST_ORDER_ON] >= before_as_of
    # A return that changes no score has moved nobody.
    is_restated = (both[FREQUENCY_SCORE] != both[f"{FREQUENCY_SCORE}_before"]) | (
        both[MONETARY_SCORE] != both[f"{MONETARY_SCORE}_before"]
    )
    # In a window figures also change because orders leave it: that is age, not a correction.
    unbought = "aged" if has_window else is_restated.ifelse("restated", "aged")
    return ibis.cases(
        (both[SEGMENT_BEFORE].isnull(), is_new.ifelse("new", "returning")),
        (both[SEGMENT].isnull(), "aged"),
        (both[SEGMENT] == both[SEGMENT_BEFORE], "stayed"),
        (both[LAST_ORDER_ON] >= before_as_of, "bought"),
        else_=unbought,
    )


def _flows(moves: Table, names: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows in the scheme's order, best first; who was or is none comes last."""
    counted = moves.group_by(SEGMENT_BEFORE, SEGMENT, REASON).agg(
        customer_count=moves.count(), revenue=moves[REVENUE].sum()
    )
    flows = [
        Flow(row[SEGMENT_BEFORE], row[SEGMENT], row[REASON], row["customer_count"], row["revenue"])
        for row in fetch_rows(counted)
    ]
    order: dict[str | None, int] = {name: place for place, name in enumerate((*names, None))}
    return tuple(sorted(flows, key=lambda f: (order[f.before], order[f.now], f.reason)))


def _bridge(name: str, flows: Sequence[Flow], reported: Mapping[str, int] | None) -> SegmentBridge:
    recomputed = sum(flow.customer_count for flow in flows if flow.before == name)
    before_count = recomputed if reported is None else reported.get(name, 0)
    net = dict.fromkeys(_REASON_PARTS, 0)
    for flow in flows:
        if flow.before != flow.now:
            sign = (flow.now == name) - (flow.before == name)
            net[flow.reason] += sign * flow.customer_count
    net["restated"] += recomputed - before_count
    now_count = sum(flow.customer_count for flow in flows if flow.now == name)
    return SegmentBridge(segment=name, before_count=before_count, now_count=now_count, **net)


def slipped_customers(moves: Table, names: Sequence[str], top: Sequence[str]) -> Table:
    """Return the rows of `moves` of those who slipped from a segment of `top` to a lower one.

    Somebody who ordered since and still went down (an order early in a month is old at its end)
    did not slip, and needs no call. `names` are all segments, best first.
    """
    down = [
        (moves[SEGMENT_BEFORE] == name) & moves[SEGMENT].isin(names[place + 1 :])
        for place, name in enumerate(top)
        if names[place + 1 :]
    ]
    is_down = functools.reduce(operator.or_, down, ibis.literal(value=False))
    return moves.filter(is_down & (moves[REASON] != "bought"))


def _slipped(moves: Table, names: Sequence[str], top: Sequence[str]) -> list[dict[str, Any]]:
    """Return the best customers who slipped, each with the totals of all."""
    slipped = slipped_customers(moves, names, top)
    everyone = ibis.window()
    counted = slipped.mutate(
        slipped_count=slipped.count().over(everyone),
        slipped_revenue=slipped[REVENUE].sum().over(everyone),
    )
    best = counted.order_by(ibis.desc(REVENUE), CUSTOMER_ID).limit(MOST_SLIPPED)
    rows: list[dict[str, Any]] = fetch_rows(best)
    return rows


def _moved_customer(row: Mapping[str, Any]) -> MovedCustomer:
    return MovedCustomer(
        customer_id=row[CUSTOMER_ID],
        before=row[SEGMENT_BEFORE],
        now=row[SEGMENT],
        reason=row[REASON],
        recency_days=row[RECENCY_DAYS],
        order_count=row[ORDER_COUNT],
        revenue=row[REVENUE],
        last_order_on=row[LAST_ORDER_ON],
    )
