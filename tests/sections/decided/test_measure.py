"""What became of decisions: counted by hand, and the laws of a lift."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import customers_of, orders_of
from stages import engine_of

from rfmreport.models.intervals import newcombe_interval, wilson_interval
from rfmreport.sections.decided.decisions import ControlGroup, Decision
from rfmreport.sections.decided.measure import measure_decisions

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from rfmreport.sections.decided.figures import Decided

NAMES = ("Best", "Middle", "Lost")
MARCH, AS_OF = date(2024, 3, 1), date(2024, 5, 1)
EARLIER = customers_of("""
as_of      | customer_id | segment
2024-03-01 | a           | Middle
2024-03-01 | b           | Middle
2024-03-01 | c           | Middle
2024-03-01 | d           | Middle
2024-03-01 | e           | Best
2024-04-01 | a           | Best
2024-04-01 | b           | Lost
""").cast({"as_of": "date"})
NOW = customers_of("""
customer_id | segment
a           | Best
b           | Middle
c           | Lost
d           | Lost
e           | Middle
f           | Middle
""")
ORDERS = orders_of("""
customer_id | order_id | at               | amount | exclusion    | is_return
a           | 1        | 2024-01-10 00:00 | 10     |              | no
b           | 2        | 2024-02-29 23:59 | 10     |              | no
c           | 3        | 2024-01-10 00:00 | 10     |              | no
d           | 4        | 2024-01-10 00:00 | 10     |              | no
e           | 5        | 2024-01-10 00:00 | 10     |              | no
a           | 6        | 2024-03-01 00:00 | 10     |              | no
a           | 7        | 2024-04-30 23:59 | 10     |              | no
b           | 8        | 2024-04-10 00:00 | 10     |              | no
c           | 9        | 2024-04-10 00:00 | 10     | cancellation | no
c           | 10       | 2024-04-10 00:00 | -10    |              | yes
d           | 11       | 2024-05-01 00:00 | 10     | after_as_of  | no
d           | 12       | 2024-05-01 00:00 | 10     |              | no
f           | 13       | 2024-04-10 00:00 | 10     |              | no
""")


def decision(segment: str = "Middle", since: date = MARCH, path: str | None = None) -> Decision:
    return Decision(segment, "Mail", "CRM", since, Path(path) if path else None)


def measured(
    given: list[tuple[Decision, ControlGroup | None]],
    earlier: Table = EARLIER,
    orders: Table = ORDERS,
    now: Table = NOW,
) -> tuple[Decided, ...]:
    engine = engine_of(all_orders=orders, earlier_customers=earlier, customers=now)
    return measure_decisions(engine, given, AS_OF, NAMES)


def told(one: Decision, group: ControlGroup | None = None) -> Decided:
    (found,) = measured([(one, group)])
    return found


def test_those_of_the_day_are_followed_to_the_report() -> None:
    """Of a, b, c and d, a and b ordered since 1 March; c only returned, d not before 1 May.

    a is in a better segment now, b still in it, c and d are worse. Today b, e and f are in it.
    """
    found = told(decision())
    assert (found.segment, found.action, found.owner, found.since) == (
        *("Middle", "Mail", "CRM"),
        MARCH,
    )
    assert (found.customer_count, found.now_count, found.stayed_or_better_count) == (4, 3, 2)
    assert found.ordered
    assert (found.ordered.value, found.ordered.customer_count) == (0.5, 4)
    assert (found.ordered.low, found.ordered.high) == wilson_interval(2, 4)
    assert (found.lift, found.note) == (None, "")


def test_several_decisions_are_told_in_their_order() -> None:
    several = [(decision("Best"), None), (decision("Middle"), None), (decision("Best"), None)]
    found = measured(several)
    assert [one.customer_count for one in found] == [1, 4, 1]
    assert [one.stayed_or_better_count for one in found] == [0, 2, 0]
    april = told(decision("Lost", date(2024, 4, 1)))
    assert (april.customer_count, april.stayed_or_better_count, april.now_count) == (1, 1, 2)


@pytest.mark.parametrize("since", [AS_OF, date(2024, 6, 1)])
def test_a_decision_for_later_begins_after_the_report(since: date) -> None:
    group = ControlGroup(("a",), ("b",))
    found = told(decision(since=since, path="x.csv"), group)
    assert found.note == "begins after this report"
    assert (found.customer_count, found.ordered, found.lift) == (None, None, None)
    assert found.now_count == 3


@pytest.mark.parametrize("has_dates", [True, False])
def test_a_day_without_history_has_no_counts_and_says_so(has_dates: bool) -> None:
    earlier = EARLIER if has_dates else EARLIER.limit(0)
    one = decision(since=date(2024, 1, 1))
    (found,) = measured([(one, None)], earlier)
    assert found.note == (
        "the data do not reach back far enough to say who was in the segment that day"
    )
    assert found.customer_count is found.stayed_or_better_count is found.ordered is None
    assert found.now_count == 3


def test_an_empty_segment_is_told_as_empty() -> None:
    found = told(decision("Lost"))
    assert (found.customer_count, found.stayed_or_better_count, found.ordered) == (0, 0, None)
    assert found.note == "nobody was in the segment that day"


def test_no_decision_asks_nothing() -> None:
    assert measured([]) == ()


@pytest.mark.parametrize(
    ("group", "note"),
    [
        (
            ControlGroup(("a", "b", "nobody"), ("c",)),
            (
                "1 of 4 ids in x.csv were not in the segment that day; "
                "too few to compare: 2 contacted, at least 30 are needed; "
                "too few to compare: 1 left alone, at least 30 are needed"
            ),
        ),
        # f bought first on 10 April: in March nobody knew of f.
        (ControlGroup(("f",), ("9",)), "none of the 2 ids in x.csv was in the segment that day"),
        (
            ControlGroup(("a",), ()),
            (
                "too few to compare: 1 contacted, at least 30 are needed; "
                "x.csv names nobody who was left alone"
            ),
        ),
    ],
)
def test_a_group_that_carries_no_comparison_says_why(group: ControlGroup, note: str) -> None:
    found = told(decision(path="x.csv"), group)
    assert (found.lift, found.note) == (None, note)


def shop(counts: tuple[int, int, int, int]) -> tuple[str, ControlGroup]:
    """Return orders of two groups: so many who ordered since of so many reached, and control."""
    ordered, reached, control_ordered, control = counts
    rows = ["customer_id | order_id | at | amount", "z | z | 2024-01-01 00:00 | 1"]
    ids: dict[str, list[str]] = {"r": [], "k": []}
    for letter, yes, total in (("r", ordered, reached), ("k", control_ordered, control)):
        for n in range(total):
            ids[letter].append(f"{letter}{n}")
            rows.append(f"{letter}{n} | {letter}{n}-1 | 2024-02-01 00:00 | 1")
            if n < yes:
                rows.append(f"{letter}{n} | {letter}{n}-2 | 2024-03-05 00:00 | 1")
    return "\n".join(rows), ControlGroup(tuple(ids["r"]), tuple(ids["k"]))


def lift_of(counts: tuple[int, int, int, int]):
    text, group = shop(counts)
    pair = (decision(path="x.csv"), group)
    (found,) = measured([pair], EARLIER.limit(0), orders_of(text))
    return found.lift


def test_a_clear_difference_is_told_with_its_interval() -> None:
    found = lift_of((60, 100, 20, 80))
    assert found.reached.value == 0.6
    assert found.control.value == 0.25
    assert found.difference.value == pytest.approx(0.35)
    assert (found.difference.low, found.difference.high) == newcombe_interval(60, 100, 20, 80)
    assert found.needed_count is None


def test_a_difference_within_chance_says_how_many_it_takes() -> None:
    found = lift_of((31, 100, 24, 100))
    assert found.difference.low < 0 < found.difference.high
    assert found.needed_count == 638


def test_no_difference_needs_no_number() -> None:
    found = lift_of((20, 60, 10, 30))
    assert found.difference.value == 0
    assert found.difference.low < 0 < found.difference.high
    assert found.needed_count is None


def test_less_than_thirty_in_a_group_is_no_lift() -> None:
    assert lift_of((0, 30, 29, 29)) is None
    assert lift_of((0, 29, 30, 30)) is None
    assert lift_of((0, 30, 30, 30)) is not None


TWO_GROUPS = st.tuples(st.integers(30, 60), st.integers(30, 60)).flatmap(
    lambda sizes: st.tuples(
        *(st.integers(0, sizes[0]), st.just(sizes[0])),
        *(st.integers(0, sizes[1]), st.just(sizes[1])),
    )
)


@settings(max_examples=15, deadline=None)
@given(TWO_GROUPS)
def test_the_counts_come_out_and_swapping_the_groups_turns_the_sign(counts) -> None:
    there, back = lift_of(counts), lift_of((*counts[2:], *counts[:2]))
    ordered, reached, control_ordered, control = counts
    assert there.reached.value * reached == pytest.approx(ordered)
    assert there.control.value * control == pytest.approx(control_ordered)
    assert there.difference.customer_count == reached + control
    assert there.difference.value == pytest.approx(-back.difference.value)
    assert there.difference.low == pytest.approx(-back.difference.high)
    assert there.needed_count == back.needed_count
    is_clear = there.difference.low > 0 or there.difference.high < 0
    if is_clear:
        assert there.needed_count is None
    elif there.difference.value:
        # A group of the size it had cannot be what is needed: it has not shown it.
        assert there.needed_count > min(reached, control)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=30), st.data())
def test_the_segments_of_a_day_add_up(then, data) -> None:
    now = data.draw(st.lists(st.sampled_from(NAMES), min_size=len(then), max_size=len(then)))
    orders = "customer_id | order_id | at | amount\n"
    for n in range(len(then)):
        orders += f"{n} | {n} | 2024-01-01 00:00 | 1\n"
    day = "as_of | customer_id | segment\n"
    earlier = day + "\n".join(f"2024-03-01 | {n} | {name}" for n, name in enumerate(then))
    today = "customer_id | segment\n" + "\n".join(f"{n} | {name}" for n, name in enumerate(now))
    found = measured(
        [(decision(name), None) for name in NAMES],
        customers_of(earlier).cast({"as_of": "date"}),
        orders_of(orders),
        customers_of(today),
    )
    assert sum(one.customer_count for one in found) == len(then)
    assert sum(one.now_count for one in found) == len(now)
    stayed = sum(NAMES.index(b) <= NAMES.index(a) for a, b in zip(then, now, strict=True))
    assert sum(one.stayed_or_better_count for one in found) == stayed
    assert all(one.ordered is None or one.ordered.value == 0 for one in found)
