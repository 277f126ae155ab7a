"""What became of decisions: the segment since, and what the measure did beyond chance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    estimate_difference,
    estimate_share,
    needed_group_size,
)
from rfmreport.sections.decided.figures import Decided, Lift
from rfmreport.vocabulary import AS_OF, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.engine.ask import Engine
    from rfmreport.sections.decided.decisions import ControlGroup, Decision

    Told = tuple[Decision, ControlGroup | None]

_SQL = read_queries(__file__)
NOT_BEGUN = "begins after this report"
NO_HISTORY = "the data do not reach back far enough to say who was in the segment that day"
NOBODY_THEN = "nobody was in the segment that day"


@dataclass(frozen=True, slots=True)
class _Counted:
    """Customers of one segment on one day, or of one group: how many, and how many ordered."""

    customer_count: int = 0
    ordered_count: int = 0
    stayed_or_better_count: int = 0


def measure_decisions(
    engine: Engine, given: Sequence[Told], as_of: date, names: Sequence[str]
) -> tuple[Decided, ...]:
    """Return what happened to each decision's segment since, and the lift where a group tells it.

    Purchases from a decision's day to `as_of` count. A day that is not among the engine's earlier
    dates has no counts, and the note says so. `names` are the scheme's segments, best first.
    """
    if not given:
        return ()
    begun = sorted({decision.since for decision, _ in given if decision.since < as_of})
    engine.hold("decided_purchases", _SQL["purchases"], as_of=as_of)
    engine.hold("decided_members", _SQL["members"], days=begun)
    segments = _count_segments(engine, as_of, names)
    groups = _count_groups(engine, given)
    engine.drop("decided_purchases", "decided_members")
    days = {day for day, _ in segments} - {as_of}
    told = []
    for number, (decision, group) in enumerate(given):
        now_count = segments.get((as_of, decision.segment), _Counted()).customer_count
        if decision.since >= as_of:
            told.append(_decided(decision, None, now_count, None, [NOT_BEGUN]))
            continue
        then, notes = None, [NO_HISTORY]
        if decision.since in days:
            then = segments.get((decision.since, decision.segment), _Counted())
            notes = [] if then.customer_count else [NOBODY_THEN]
        lift = None
        if group:
            reached, control = groups[number, False], groups[number, True]
            notes += _group_notes(decision, group, reached, control)
            lift = _lift(reached, control)
        told.append(_decided(decision, then, now_count, lift, notes))
    return tuple(told)


def _decided(
    decision: Decision, then: _Counted | None, now_count: int, lift: Lift | None, notes: list[str]
) -> Decided:
    ordered = None
    if then and then.customer_count:
        ordered = estimate_share(then.ordered_count, then.customer_count)
    return Decided(
        segment=decision.segment,
        action=decision.action,
        owner=decision.owner,
        since=decision.since,
        customer_count=then.customer_count if then else None,
        now_count=now_count,
        stayed_or_better_count=then.stayed_or_better_count if then else None,
        ordered=ordered,
        lift=lift,
        note="; ".join(notes),
    )


def _count_segments(
    engine: Engine, as_of: date, names: Sequence[str]
) -> dict[tuple[date, str], _Counted]:
    """Return each segment on each day that is known, and as of `as_of`, by day and name."""
    rows = engine.rows(_SQL["segments"], as_of=as_of, names=list(names))
    return {(row.pop(AS_OF), row.pop(SEGMENT)): _Counted(**row) for row in rows}


def _count_groups(engine: Engine, given: Sequence[Told]) -> Mapping[tuple[int, bool], _Counted]:
    """Return the customers of each group who were in the segment that day, by decision number.

    The key's second part is True for the control group.
    """
    listed = [
        (number, is_control, customer_id)
        for number, (_, group) in enumerate(given)
        if group
        for is_control, ids in ((False, group.reached), (True, group.held_out))
        for customer_id in ids
    ]
    counts: dict[tuple[int, bool], _Counted] = defaultdict(_Counted)
    if listed:
        numbers, are_control, customer_ids = map(list, zip(*listed, strict=True))
        rows = engine.rows(
            _SQL["groups"],
            numbers=numbers,
            are_control=are_control,
            customer_ids=customer_ids,
            since=[decision.since for decision, _ in given],
            segments=[decision.segment for decision, _ in given],
        )
        counts |= {(row.pop("number"), row.pop("is_control")): _Counted(**row) for row in rows}
    return counts


def _group_notes(
    decision: Decision, group: ControlGroup, reached: _Counted, control: _Counted
) -> list[str]:
    """Say which ids are left out, and why there is no comparison where there is none."""
    name = decision.control_group.name if decision.control_group else "the control file"
    listed = len(group.reached) + len(group.held_out)
    known = reached.customer_count + control.customer_count
    if not known:
        return [f"none of the {listed} ids in {name} was in the segment that day"]
    notes = []
    if known < listed:
        notes.append(f"{listed - known} of {listed} ids in {name} were not in the segment that day")
    for ids, counted, verb in (
        (group.reached, reached, "contacted"),
        (group.held_out, control, "left alone"),
    ):
        if not ids:
            notes.append(f"{name} names nobody who was {verb}")
        elif counted.customer_count < FEWEST_CUSTOMERS:
            notes.append(
                f"too few to compare: {counted.customer_count} {verb}, "
                f"at least {FEWEST_CUSTOMERS} are needed"
            )
    return notes


def _lift(reached: _Counted, control: _Counted) -> Lift | None:
    """Return what the measure did; None where either group is too small for any claim."""
    if min(reached.customer_count, control.customer_count) < FEWEST_CUSTOMERS:
        return None
    counts = (
        *(reached.ordered_count, reached.customer_count),
        *(control.ordered_count, control.customer_count),
    )
    shares = estimate_share(*counts[:2]), estimate_share(*counts[2:])
    difference = estimate_difference(*counts)
    is_clear = difference.low > 0 or difference.high < 0
    needed = None if is_clear else needed_group_size(shares[0].value, shares[1].value)
    return Lift(*shares, difference, needed)
