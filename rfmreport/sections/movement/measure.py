"""What moved: from which segment to which and why, between two dates under the same cuts.

The engine holds the answer as `moved_customers`: one row per customer of either date with the
segment and scores of both, the reason, and whether it has slipped. Measures are today's, or those
of the earlier date for who has left.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.sections.movement.figures import (
    Flow,
    MovedCustomer,
    Movement,
    SegmentBridge,
    SlippedBand,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.movement.figures import Reported

MOST_SLIPPED = 50
_QUERIES = read_queries(__file__)
_REASON_PARTS = ("restated", "new", "returning", "bought", "aged")


def measure_movement(
    engine: Engine,
    names: Sequence[str],
    before_as_of: date,
    *,
    has_window: bool,
    reported: Reported | None = None,
) -> Movement:
    """Return the flows, the bridge of each segment, and the best customers who slipped.

    Args:
        engine: It holds `customers`, `customers_ever`, `earlier_customers` and `overdue_customers`.
        names: All segments of the scheme, best first.
        before_as_of: The earlier date: later orders were not known then.
        has_window: Whether orders leave with time; only then do figures change without an event.
        reported: What an earlier report said of that date, where there is one.
    """
    top = tuple(names[: max(1, len(names) // 2)])
    engine.hold(
        "moved_customers",
        _QUERIES["moved"],
        today="customers_ever" if has_window else "customers",
        before_as_of=before_as_of,
        has_window=has_window,
        names=list(names),
        top_count=len(top),
    )
    flows = _flows(engine, names)
    slipped = engine.rows(_QUERIES["slipped"], most=MOST_SLIPPED)
    counts = [row.pop("slipped_count") for row in slipped]
    revenues = [row.pop("slipped_revenue") for row in slipped]
    return Movement(
        before_as_of=before_as_of,
        flows=flows,
        bridges=tuple(_bridge(name, flows, reported) for name in names),
        top_segments=top,
        slipped=tuple(MovedCustomer(**row) for row in slipped),
        slipped_count=counts[0] if counts else 0,
        slipped_revenue=revenues[0] if revenues else Decimal(0),
        restated_from=reported.name if reported else None,
        bands=tuple(SlippedBand(**row) for row in engine.rows(_QUERIES["slipped_bands"])),
    )


def _flows(engine: Engine, names: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows in the scheme's order, best first; who was or is none comes last."""
    order: dict[str | None, int] = {name: place for place, name in enumerate((*names, None))}
    flows = (Flow(**row) for row in engine.rows(_QUERIES["flows"]))
    return tuple(sorted(flows, key=lambda f: (order[f.before], order[f.now], f.reason)))


def _bridge(name: str, flows: Sequence[Flow], reported: Reported | None) -> SegmentBridge:
    recomputed = sum(flow.customer_count for flow in flows if flow.before == name)
    before_count = reported.customer_counts.get(name, 0) if reported else recomputed
    net = dict.fromkeys(_REASON_PARTS, 0)
    for flow in flows:
        if flow.before != flow.now:
            sign = (flow.now == name) - (flow.before == name)
            net[flow.reason] += sign * flow.customer_count
    net["restated"] += recomputed - before_count
    now_count = sum(flow.customer_count for flow in flows if flow.now == name)
    return SegmentBridge(segment=name, before_count=before_count, now_count=now_count, **net)
