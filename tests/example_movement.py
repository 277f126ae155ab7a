"""A literal movement for the example report: Online Retail from 10 November to 10 December 2011."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import HIGH, HOSTILE_NAMES, LOST, LOYAL, POTENTIAL, RISK, example_report

from rfmreport.customers.segments import load_scheme
from rfmreport.sections.movement.figures import (
    Flow,
    MovedCustomer,
    Movement,
    SegmentBridge,
    SlippedBand,
)

if TYPE_CHECKING:
    from rfmreport.report import Report

BEFORE_AS_OF = date(2011, 11, 10)
# before, now, reason, customers, revenue
_FLOWS = (
    (HIGH, HIGH, "stayed", 508, "4492309.28"),
    (HIGH, LOYAL, "aged", 190, "599264.99"),
    (LOYAL, HIGH, "bought", 239, "733831.8"),
    (LOYAL, LOYAL, "stayed", 167, "248874.97"),
    (LOYAL, RISK, "aged", 121, "243297.69"),
    (POTENTIAL, HIGH, "bought", 58, "98857.94"),
    (POTENTIAL, LOYAL, "bought", 106, "124224.91"),
    (POTENTIAL, POTENTIAL, "stayed", 760, "423433.29"),
    (POTENTIAL, RISK, "aged", 125, "116312.67"),
    (POTENTIAL, LOST, "aged", 125, "32980.67"),
    (RISK, HIGH, "bought", 94, "258364.72"),
    (RISK, LOYAL, "bought", 53, "68537.15"),
    (RISK, POTENTIAL, "bought", 24, "31774.02"),
    (RISK, RISK, "stayed", 521, "734311.34"),
    (LOST, HIGH, "bought", 4, "4726.64"),
    (LOST, LOYAL, "bought", 9, "7022.51"),
    (LOST, POTENTIAL, "bought", 146, "236814.9"),
    (LOST, LOST, "stayed", 832, "192783.21"),
    (None, HIGH, "new", 2, "9731.37"),
    (None, LOYAL, "new", 8, "19372.55"),
    (None, POTENTIAL, "new", 242, "84240.03"),
)
# one bridge each, its parts as they stand in the class
_BRIDGES = (
    (HIGH, 698, 0, 2, 0, 395, -190, 905),
    (LOYAL, 527, 0, 8, 0, -71, 69, 533),
    (POTENTIAL, 1174, 0, 242, 0, 6, -250, 1172),
    (RISK, 692, 0, 0, 0, -171, 246, 767),
    (LOST, 991, 0, 0, 0, -159, 125, 957),
)
# customer, before, now, days since the last order, orders, revenue
_SLIPPED = (
    ("16029", HIGH, LOYAL, 39, 62, "72882.09"),
    ("12678", HIGH, LOYAL, 43, 9, "16331.46"),
    ("15513", HIGH, LOYAL, 34, 19, "14758.22"),
    ("12409", LOYAL, RISK, 79, 3, "11072.67"),
    ("17107", HIGH, LOYAL, 34, 6, "10815.43"),
    ("13340", HIGH, LOYAL, 46, 7, "10736.48"),
    ("16180", LOYAL, RISK, 101, 8, "10254.18"),
    ("16843", HIGH, LOYAL, 43, 16, "10196.57"),
    ("12744", HIGH, LOYAL, 57, 4, "9120.39"),
    ("14936", HIGH, LOYAL, 34, 8, "8137.02"),
    ("14952", HIGH, LOYAL, 60, 11, "8099.49"),
    ("17396", HIGH, LOYAL, 40, 7, "7312.8"),
    ("16729", HIGH, LOYAL, 39, 21, "7236.6"),
    ("16745", LOYAL, RISK, 87, 17, "7194.3"),
    ("13324", HIGH, LOYAL, 37, 10, "7121.95"),
)


def example_movement() -> Movement:
    """Return the movement of the reference shop; the first fifteen of those who slipped."""
    return Movement(
        before_as_of=BEFORE_AS_OF,
        flows=tuple(Flow(*ends, Decimal(revenue)) for *ends, revenue in _FLOWS),  # type: ignore[arg-type]
        bridges=tuple(SegmentBridge(*bridge) for bridge in _BRIDGES),
        top_segments=(HIGH, LOYAL),
        slipped=tuple(
            MovedCustomer(
                customer_id=name,
                before=before,
                now=now,
                reason="aged",
                recency_days=days,
                order_count=orders,
                revenue=Decimal(revenue),
                last_order_on=date(2011, 12, 10) - timedelta(days=days),
                usual_gap_days=12.0,
                longest_gap_days=33,
            )
            for name, before, now, days, orders, revenue in _SLIPPED
        ),
        slipped_count=311,
        slipped_revenue=Decimal("842562.68"),
        bands=(
            SlippedBand(10_000, 11, Decimal("262562.68"), 58.0, 12.0, 33.0),
            SlippedBand(1_000, 300, Decimal(580_000), 61.0, 24.0, 46.0),
        ),
    )


def moved_report() -> Report:
    """Return the example report with its movement."""
    return replace(example_report(), movement=example_movement())


def window_movement() -> Movement:
    """Return the example as a report over a window would tell it, after an earlier report.

    Twelve customers came back, nine left the window, and the earlier report had counted otherwise.
    """
    movement = example_movement()
    flows = (
        *movement.flows,
        Flow(LOST, None, "aged", 9, Decimal("1890.50")),
        Flow(None, POTENTIAL, "returning", 12, Decimal("4012.00")),
    )
    changed = {
        HIGH: {"before_count": 704, "restated": -6},
        POTENTIAL: {"returning": 12, "now_count": 1184},
        LOST: {"before_count": 1000, "aged": 116},
    }
    return replace(
        movement,
        flows=flows,
        bridges=tuple(replace(b, **changed.get(b.segment, {})) for b in movement.bridges),
        restated_from="report of November 2011",
    )


def hostile_movement() -> Movement:
    """Return the movement under the names of the hostile report."""
    movement = window_movement()
    names = dict(zip((HIGH, LOYAL, POTENTIAL, RISK, LOST), HOSTILE_NAMES, strict=True))

    def named(name: str | None) -> str | None:
        return None if name is None else names[name]

    return replace(
        movement,
        flows=tuple(replace(f, before=named(f.before), now=named(f.now)) for f in movement.flows),
        bridges=tuple(replace(b, segment=names[b.segment]) for b in movement.bridges),
        top_segments=tuple(names[name] for name in movement.top_segments),
        slipped=tuple(
            replace(c, customer_id=HOSTILE_NAMES[i % 5], before=names[c.before], now=names[c.now])
            for i, c in enumerate(movement.slipped)
        ),
        restated_from=HOSTILE_NAMES[1],
    )


def many_segments_report(scheme_name: str = "eleven") -> Report:
    """Return the example report with the segments of a larger scheme, and made-up moves."""
    report = example_report()
    segments = load_scheme(scheme_name).segments
    names = [segment.name for segment in segments]
    flows = _made_up_flows(names)
    bridges = tuple(_bridge(name, flows) for name in names)
    rows = tuple(
        replace(
            report.segments.rows[0],
            name=segment.name,
            color=segment.color,
            customer_count=bridge.now_count,
            previous_customer_count=bridge.before_count,
        )
        for segment, bridge in zip(segments, bridges, strict=True)
    )
    movement = replace(
        example_movement(), flows=flows, bridges=bridges, top_segments=tuple(names[:5]), slipped=()
    )
    # Each field and code of the old scheme goes to one of the new segments, in turn.
    cells = tuple(
        replace(cell, segment=names[i % len(names)]) for i, cell in enumerate(report.rfm_map.cells)
    )
    codes = tuple(
        replace(code, segment=names[i % len(names)])
        for i, code in enumerate(report.method.scheme_cells)
    )
    return replace(
        report,
        segments=replace(report.segments, rows=rows),
        movement=movement,
        rfm_map=replace(report.rfm_map, cells=cells),
        method=replace(report.method, scheme_cells=codes),
        recommendations=(),
        playbook=(),
    )


def _made_up_flows(names: list[str]) -> tuple[Flow, ...]:
    flows = [Flow(None, names[-2], "new", 186, Decimal(186))]
    for i, before in enumerate(names):
        for j, now in enumerate(names):
            count = 90 + 40 * (i * 7 % 5) if i == j else (i * 5 + j * 11) % 37 // (1 + abs(i - j))
            reason = "stayed" if i == j else "bought" if j < i else "aged"
            if count:
                flows.append(Flow(before, now, reason, count, Decimal(count)))
    return tuple(flows)


def _bridge(name: str, flows: tuple[Flow, ...]) -> SegmentBridge:
    def net(reason: str) -> int:
        return sum(
            ((flow.now == name) - (flow.before == name)) * flow.customer_count
            for flow in flows
            if flow.reason == reason
        )

    before = sum(flow.customer_count for flow in flows if flow.before == name)
    now = sum(flow.customer_count for flow in flows if flow.now == name)
    return SegmentBridge(name, before, 0, net("new"), 0, net("bought"), net("aged"), now)
