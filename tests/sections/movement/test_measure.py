"""Movement: everybody has one reason, the bridges add up, and the best who slipped come first."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import customers_of, drawn_shop, orders_of

from rfmreport.sections.movement.figures import (
    Flow,
    MovedCustomer,
    Reported,
    SegmentBridge,
    SlippedBand,
)
from rfmreport.sections.movement.measure import MOST_SLIPPED, measure_movement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import Table

    from rfmreport.sections.movement.figures import Movement

APRIL = date(2024, 4, 1)
NAMES = ("Best", "Good", "Quiet", "Lost")
BEFORE = customers_of("""
customer_id | segment | recency_days | order_count | revenue | last_order_on | monetary_score
stays       | Best    | 10           | 4           | 400     | 2024-03-22    | 4
buys        | Lost    | 90           | 1           | 50      | 2024-01-02    | 1
ages        | Best    | 20           | 5           | 500     | 2024-03-12    | 5
returns     | Best    | 30           | 2           | 300     | 2024-03-02    | 3
leaves      | Quiet   | 80           | 1           | 20      | 2024-01-12    | 1
""")
NOW = customers_of("""
customer_id | segment | recency_days | order_count | revenue | last_order_on | first_order_on | monetary_score
stays       | Best    | 2            | 5           | 480     | 2024-04-29    | 2024-01-01     | 4
buys        | Good    | 1            | 2           | 90      | 2024-04-01    | 2024-01-01     | 1
ages        | Quiet   | 50           | 5           | 499     | 2024-03-12    | 2024-01-01     | 5
returns     | Good    | 60           | 2           | 120     | 2024-03-02    | 2024-01-01     | 1
starts      | Good    | 5            | 1           | 30      | 2024-04-26    | 2024-04-01     | 1
is back     | Good    | 5            | 1           | 35      | 2024-04-26    | 2024-03-31     | 1
""")  # noqa: E501  a return that changes no score has not moved "ages"
REASONS = {
    "stays": "stayed",
    "buys": "bought",
    "ages": "aged",
    "returns": "restated",
    "leaves": "aged",
    "starts": "new",
    "is back": "returning",
}


EVERYBODY_OVERDUE = (
    "SELECT customer_id, 10.0 AS usual_gap_days, 20 AS longest_gap_days FROM customers"
)
NO_ORDERS = orders_of("""
customer_id | order_id | at         | amount
nobody      | 0        | 2024-01-01 | 1
""")


def compared(
    before: Table = BEFORE,
    now: Table = NOW,
    names: Sequence[str] = NAMES,
    orders: Table = NO_ORDERS,
    overdue: str = "TRUE",
    **given: Any,
) -> tuple[Movement, dict[str, dict[str, Any]]]:
    """Return the movement from April on, and what is held of each customer."""
    then = before.mutate(as_of=ibis.literal(APRIL))
    shop = drawn_shop(
        (date(2024, 1, 1), date(2024, 5, 1)),
        customers=now,
        earlier_customers=then,
        orders=orders,
    )
    shop.engine.hold("overdue_customers", f"{EVERYBODY_OVERDUE} WHERE {overdue}")
    given = {"has_window": False, **given}
    movement = measure_movement(shop.engine, names, APRIL, **given)
    rows = shop.engine.rows("SELECT * FROM moved_customers")
    return movement, {row["customer_id"]: row for row in rows}


def reasons_of(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: row["reason"] for name, row in rows.items()}


def test_every_customer_of_either_date_has_one_row_and_one_reason() -> None:
    _, rows = compared()
    assert reasons_of(rows) == REASONS


def test_in_a_window_an_order_that_left_it_is_age_and_no_restatement() -> None:
    """What the window hides is still a first order."""
    orders = orders_of("""
    customer_id | order_id | at         | amount
    starts      | 1        | 2024-04-26 | 30
    """)
    _, rows = compared(has_window=True, orders=orders)
    assert reasons_of(rows) == REASONS | {"returns": "aged"}


def test_the_columns_are_todays_or_those_of_the_earlier_date_for_who_left() -> None:
    _, rows = compared()
    assert rows["ages"] | {"first_order_on": None} == {
        "customer_id": "ages",
        "segment_before": "Best",
        "segment": "Quiet",
        "reason": "aged",
        "recency_days": 50,
        "order_count": 5,
        "revenue": Decimal(499),
        "last_order_on": date(2024, 3, 12),
        "recency_score_before": 1,
        "frequency_score_before": 1,
        "monetary_score_before": 5,
        "recency_score": 1,
        "frequency_score": 1,
        "monetary_score": 5,
        "first_order_on": None,
        "usual_gap_days": 10.0,
        "longest_gap_days": 20,
        "has_slipped": True,
    }
    left = rows["leaves"]
    assert (left["segment_before"], left["segment"]) == ("Quiet", None)
    assert (left["revenue"], left["recency_days"]) == (Decimal(20), 80)
    assert (left["monetary_score_before"], left["monetary_score"]) == (1, None)
    assert rows["starts"]["segment_before"] is None


def test_the_day_itself_belongs_to_what_came_later() -> None:
    """`before_as_of` is the first day that did not count then."""
    _, rows = compared()
    assert rows["buys"]["last_order_on"] == APRIL
    assert rows["starts"]["first_order_on"] == APRIL


def test_first_orders_are_found_where_a_window_hides_them() -> None:
    orders = orders_of("""
    customer_id | order_id | at         | amount | exclusion    | is_return | other_exclusion
    starts      | 1        | 2023-01-05 | 10     |              | no        |
    starts      | 2        | 2024-04-26 | 30     |              | no        |
    buys        | 3        | 2022-01-01 | -5     |              | yes       |
    buys        | 4        | 2023-02-01 | 5      | cancellation | no        |
    buys        | 5        | 2023-03-01 | 5      |              | no        |
    """)
    _, rows = compared(orders=orders, has_window=True)
    first = {name: row["first_order_on"] for name, row in rows.items()}
    assert (first["starts"], first["buys"]) == (date(2023, 1, 5), date(2023, 3, 1))
    assert reasons_of(rows)["starts"] == "returning"


def test_flows_bridges_and_slipped() -> None:
    movement, _ = compared()
    assert movement.flows == (
        Flow("Best", "Best", "stayed", 1, Decimal(480)),
        Flow("Best", "Good", "restated", 1, Decimal(120)),
        Flow("Best", "Quiet", "aged", 1, Decimal(499)),
        Flow("Quiet", None, "aged", 1, Decimal(20)),
        Flow("Lost", "Good", "bought", 1, Decimal(90)),
        Flow(None, "Good", "new", 1, Decimal(30)),
        Flow(None, "Good", "returning", 1, Decimal(35)),
    )
    assert movement.bridges == (
        SegmentBridge("Best", 3, -1, 0, 0, 0, -1, 1),
        SegmentBridge("Good", 0, 1, 1, 1, 1, 0, 4),
        SegmentBridge("Quiet", 1, 0, 0, 0, 0, 0, 1),
        SegmentBridge("Lost", 1, 0, 0, 0, -1, 0, 0),
    )
    assert movement.top_segments == ("Best", "Good")
    assert movement.slipped == (
        MovedCustomer("ages", "Best", "Quiet", "aged", 50, 5, Decimal(499), date(2024, 3, 12),
                      10.0, 20),
        MovedCustomer("returns", "Best", "Good", "restated", 60, 2, Decimal(120),
                      date(2024, 3, 2), 10.0, 20),
    )  # fmt: skip
    assert (movement.slipped_count, movement.slipped_revenue) == (2, Decimal(619))
    assert movement.bands == (SlippedBand(100, 2, Decimal(619), 55.0, 10.0, 20.0),)
    assert (movement.before_as_of, movement.restated_from) == (APRIL, None)


def test_what_an_earlier_report_said_is_the_beginning_and_the_difference_a_restatement() -> None:
    movement, _ = compared(reported=Reported("report of April", {"Best": 5, "Quiet": 1}))
    assert movement.restated_from == "report of April"
    assert movement.bridges == (
        SegmentBridge("Best", 5, -3, 0, 0, 0, -1, 1),
        SegmentBridge("Good", 0, 1, 1, 1, 1, 0, 4),
        SegmentBridge("Quiet", 1, 0, 0, 0, 0, 0, 1),
        SegmentBridge("Lost", 0, 1, 0, 0, -1, 0, 0),
    )


def people(segments: Mapping[str, str], last: date = APRIL) -> Table:
    """Return customers of whom only the segment matters; the n-th has spent n."""
    rows = [f"{name} | {segment} | {n} | {last}" for n, (name, segment) in
            enumerate(sorted(segments.items()))]  # fmt: skip
    return customers_of("\n".join(["customer_id | segment | revenue | last_order_on", *rows]))


def test_who_ordered_since_and_went_down_did_not_slip() -> None:
    for last, slipped in ((APRIL, 0), (APRIL - timedelta(days=1), 1)):
        movement, _ = compared(people({"a": "Best"}, last), people({"a": "Lost"}, last))
        assert movement.slipped_count == len(movement.slipped) == slipped


def test_who_is_not_overdue_by_the_own_rhythm_did_not_slip() -> None:
    """Down by a cut that a cohort crosses, but silent for as long before: that is the ruler."""
    movement, rows = compared(overdue="customer_id = 'ages'")
    assert [one.customer_id for one in movement.slipped] == ["ages"]
    assert (movement.slipped_count, movement.slipped_revenue) == (1, Decimal(499))
    assert rows["returns"]["longest_gap_days"] is None


def test_the_best_fifty_are_kept_and_all_are_counted() -> None:
    names, last = [f"c{number:03}" for number in range(80)], APRIL - timedelta(days=1)
    now = people(dict.fromkeys(names, "Lost"), last)
    movement, _ = compared(people(dict.fromkeys(names, "Good"), last), now)
    assert len(movement.slipped) == MOST_SLIPPED
    assert [customer.customer_id for customer in movement.slipped[:2]] == ["c079", "c078"]
    assert (movement.slipped_count, movement.slipped_revenue) == (80, Decimal(sum(range(80))))


def test_equal_revenue_stands_in_the_order_of_the_ids() -> None:
    customers = customers_of("""
    customer_id | segment | last_order_on
    b           | Best    | 2024-01-01
    a           | Best    | 2024-01-01
    """)
    movement, _ = compared(customers, customers.mutate(segment=ibis.literal("Good")))
    assert [customer.customer_id for customer in movement.slipped] == ["a", "b"]


@pytest.mark.parametrize(
    ("count", "top"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (10, 5), (11, 5)]
)
def test_the_top_is_the_upper_half_of_the_scheme(count: int, top: int) -> None:
    names = [f"S{number}" for number in range(count)]
    movement, _ = compared(people({"a": "S0"}), people({"a": "S0"}), names)
    assert movement.top_segments == tuple(names[:top])


POPULATION = st.dictionaries(
    st.sampled_from([f"c{number}" for number in range(12)]),
    st.tuples(
        st.sampled_from(NAMES),
        st.integers(1, 4),
        st.decimals(-50, 50, places=2),
        st.dates(date(2024, 1, 1), date(2024, 4, 30)),
        st.dates(date(2024, 1, 1), date(2024, 4, 30)),
    ),
    min_size=1,
)


def population(drawn: Mapping[str, tuple[str, int, Decimal, date, date]]) -> Table:
    heading = "customer_id | segment | order_count | revenue | first_order_on | last_order_on"
    rows = [" | ".join(map(str, (name, *values))) for name, values in drawn.items()]
    return customers_of("\n".join([heading, *rows]))


def check_sums(movement: Movement, before: Counter[str], now: Counter[str]) -> None:
    """Check that parts are wholes: bridges, and flows against the two populations."""
    for bridge in movement.bridges:
        parts = (bridge.restated, bridge.new, bridge.returning, bridge.bought, bridge.aged)
        assert bridge.before_count + sum(parts) == bridge.now_count == now[bridge.segment]
    was, is_ = Counter[str](), Counter[str]()
    for flow in movement.flows:
        if flow.before:
            was[flow.before] += flow.customer_count
        if flow.now:
            is_[flow.now] += flow.customer_count
    assert (was, is_) == (before, now)


@given(POPULATION, POPULATION, st.booleans(), st.none() | st.integers(0, 20))
@settings(max_examples=25, deadline=None)
def test_parts_add_up_to_wholes_whoever_moves(before, now, has_window, reported) -> None:
    said = None if reported is None else Reported("of April", dict.fromkeys(NAMES, reported))
    movement, _ = compared(
        population(before), population(now), has_window=has_window, reported=said
    )
    check_sums(movement, *(Counter(v[0] for v in people.values()) for people in (before, now)))
    everyone = before | now
    assert sum(flow.customer_count for flow in movement.flows) == len(everyone)
    revenue = sum((flow.revenue for flow in movement.flows), Decimal(0))
    assert revenue == sum(values[2] for values in everyone.values())
    assert all((f.before == f.now) == (f.reason == "stayed") for f in movement.flows)
    down = [f for f in movement.flows
            if f.before in NAMES[:2] and f.now in NAMES[NAMES.index(f.before) + 1 :]
            and f.reason != "bought"]  # fmt: skip
    assert movement.slipped_count == sum(flow.customer_count for flow in down)
    assert movement.slipped_revenue == sum((flow.revenue for flow in down), Decimal(0))
