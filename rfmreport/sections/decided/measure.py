"""What became of decisions: the segment since, and what the measure did beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    estimate_difference,
    estimate_share,
    needed_group_size,
)
from rfmreport.sections.decided.figures import Decided, Lift
from rfmreport.vocabulary import (
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    SEGMENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.expr.types import IntegerColumn, Table

    from rfmreport.sections.decided.decisions import ControlGroup, Decision

NOT_BEGUN = "begins after this report"
NO_HISTORY = "the data do not reach back far enough to say who was in the segment that day"
NOBODY_THEN = "nobody was in the segment that day"


@dataclass(frozen=True, slots=True)
class _Counted:
    """Customers of one segment on one day, or of one group: how many, and how many ordered."""

    customer_count: int = 0
    ordered_count: int = 0
    stayed_or_better_count: int = 0


def measure_decisions(  # noqa: PLR0913, PLR0917  each is another table, or says how to read one
    decisions: Sequence[tuple[Decision, ControlGroup | None]],
    orders: Table,
    earlier: Table | None,
    now: Table,
    as_of: date,
    names: Sequence[str],
) -> tuple[Decided, ...]:
    """Return what happened to each decision's segment since, and the lift where a group tells it.

    Args:
        decisions: Each with its control group, if it has one.
        orders: As from `cleaning.group_orders`; purchases from a decision's day to `as_of` count.
        earlier: One row per date and customer: as_of, customer_id, segment; None where the data
            carry no earlier date. A day that is not among the dates has no counts, and the note
            says so.
        now: One row per customer: customer_id, segment.
        as_of: The report's date.
        names: The scheme's segments, best first.
    """
    if not decisions:
        return ()
    purchases = _purchase_days(orders, as_of)
    on_days = _on_days(decisions, earlier, as_of)
    segments = _count_segments(purchases, on_days, now, as_of, names)
    groups = _count_groups(purchases, decisions, on_days)
    days = {day for day, _ in segments} - {as_of}
    told = []
    for number, (decision, group) in enumerate(decisions):
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


def _on_days(
    decisions: Sequence[tuple[Decision, ControlGroup | None]], earlier: Table | None, as_of: date
) -> Table | None:
    """Return the rows of the days on which a decision began, None where there are none."""
    begun = sorted({decision.since for decision, _ in decisions if decision.since < as_of})
    return earlier.filter(earlier[AS_OF].isin(begun)) if earlier is not None and begun else None


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


def _purchase_days(orders: Table, as_of: date) -> Table:
    """Return one row per customer who bought before `as_of`: customer_id, first_at, latest_at.

    Whoever bought last on a day or later has ordered since that day, so one row serves every day.
    """
    kept = orders.filter(
        orders[EXCLUSION].isnull()
        & ~orders[IS_RETURN]
        & (orders[FIRST_AT] < ibis.timestamp(as_of.isoformat()))
    )
    days = kept.group_by(CUSTOMER_ID).agg(
        first_at=kept[FIRST_AT].min(), latest_at=kept[FIRST_AT].max()
    )
    return days.rename(buyer=CUSTOMER_ID)


def _count_segments(
    purchases: Table, then: Table | None, now: Table, as_of: date, names: Sequence[str]
) -> dict[tuple[date, str], _Counted]:
    """Return each segment on each day of `then`, and as of `as_of`, by day and name."""
    members = now.select(CUSTOMER_ID, SEGMENT, **{AS_OF: ibis.date(as_of)})
    if then is not None:
        members = ibis.union(members, then.select(CUSTOMER_ID, SEGMENT, AS_OF))
    found = members.left_join(purchases, members[CUSTOMER_ID] == purchases.buyer)
    ranks = now.select(known=now[CUSTOMER_ID], rank_now=_rank(now, names))
    found = found.left_join(ranks, found[CUSTOMER_ID] == ranks.known)
    has_ordered = found.latest_at >= found[AS_OF].cast("timestamp")
    counted = found.group_by(AS_OF, SEGMENT).agg(
        customer_count=found.count(),
        ordered_count=has_ordered.sum(),
        stayed_or_better_count=(found.rank_now <= _rank(found, names)).sum(),
    )
    return {
        (row[AS_OF], row[SEGMENT]): _Counted(
            row["customer_count"], row["ordered_count"] or 0, row["stayed_or_better_count"] or 0
        )
        for row in fetch_rows(counted)
    }


def _rank(customers: Table, names: Sequence[str]) -> IntegerColumn:
    """Return the place of each customer's segment in the scheme, 0 being the best."""
    segment = customers[SEGMENT]
    return ibis.cases(*((segment == name, place) for place, name in enumerate(names)))


def _count_groups(
    purchases: Table,
    decisions: Sequence[tuple[Decision, ControlGroup | None]],
    then: Table | None,
) -> Mapping[tuple[int, bool], _Counted]:
    """Return the customers of each group who were in the segment that day, by decision number.

    Where the data do not reach back to tell (`then` has no such day), all count who had bought.

    The key's second part is True for the control group. Who bought first since the decision was no
    customer then: known only because of that order, such a one would always have ordered.
    """
    groups = {number: group for number, (_, group) in enumerate(decisions) if group}
    counts = {(number, is_control): _Counted() for number in groups for is_control in (False, True)}
    if not groups:
        return counts
    members = ibis.memtable(_member_rows(groups, decisions))
    found = members.join(purchases, members[CUSTOMER_ID] == purchases.buyer)
    since = found.since.cast("timestamp")
    known = found.filter(found.first_at < since)
    if then is not None:
        known = _in_segment(known, decisions, then)
    counted = known.group_by("number", "is_control").agg(
        customer_count=known.count(),
        ordered_count=(known.latest_at >= known.since.cast("timestamp")).sum(),
    )
    for row in fetch_rows(counted):
        counts[row["number"], row["is_control"]] = _Counted(
            row["customer_count"], row["ordered_count"]
        )
    return counts


def _in_segment(
    known: Table, decisions: Sequence[tuple[Decision, ControlGroup | None]], then: Table
) -> Table:
    """Keep those who were in the decision's segment, where its day is known."""
    wanted = ibis.cases(*((known.number == n, d.segment) for n, (d, _) in enumerate(decisions)))
    known = known.mutate(wanted=wanted)
    day = then.select(then_on=then[AS_OF], then_id=then[CUSTOMER_ID], then_in=then[SEGMENT])
    days = then.select(known_on=then[AS_OF]).distinct()
    known = known.left_join(days, known.since == days.known_on)
    is_there = [known.since == day.then_on, known[CUSTOMER_ID] == day.then_id]
    known = known.left_join(day, is_there)
    return known.filter(known.known_on.isnull() | (known.then_in == known.wanted))


def _member_rows(
    groups: Mapping[int, ControlGroup], decisions: Sequence[tuple[Decision, ControlGroup | None]]
) -> pa.Table:
    """Return one row per decision and id: number, since, is_control, customer_id."""
    parts = [
        (number, is_control, ids)
        for number, group in groups.items()
        for is_control, ids in ((False, group.reached), (True, group.held_out))
    ]
    sizes = [len(ids) for _, _, ids in parts]

    def repeated(values: Sequence[object]) -> list[object]:
        return [value for value, size in zip(values, sizes, strict=True) for _ in range(size)]

    return pa.table(
        {
            "number": pa.array(repeated([number for number, _, _ in parts]), pa.int64()),
            "since": pa.array(repeated([decisions[n][0].since for n, _, _ in parts]), pa.date32()),
            "is_control": pa.array(repeated([flag for _, flag, _ in parts]), pa.bool_()),
            CUSTOMER_ID: pa.array([one for _, _, ids in parts for one in ids], pa.string()),
        }
    )


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
