"""The revenue bridge: each cause by hand, and that the steps always add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from shops import orders_of
from stages import engine_of

from rfmreport.sections.bridge.measure import measure_bridge

if TYPE_CHECKING:
    from shops import Told

    from rfmreport.sections.bridge.figures import RevenueBridge

JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)
ORDERS = """
customer_id | order_id | at               | amount | is_return
stayed      | 1        | 2024-06-30 23:59 | 100    | no
stayed      | 2        | 2024-07-01 00:00 | 90     | no
stayed      | 3        | 2024-07-20 10:00 | 120    | no
new         | 4        | 2024-07-02 10:00 | 40     | no
back        | 5        | 2024-05-02 10:00 | 11     | no
back        | 6        | 2024-07-03 10:00 | 25     | no
away        | 7        | 2024-06-10 10:00 | 70     | no
away        | 8        | 2024-07-10 10:00 | -5     | yes
gave        | 9        | 2024-05-10 10:00 | 30     | no
gave        | 10       | 2024-07-10 10:00 | -8     | yes
"""
SOLD = """
customer_id | at         | quantity
stayed      | 2024-06-30 | 10
stayed      | 2024-07-01 | 9
stayed      | 2024-07-20 | 11
new         | 2024-07-02 | 4
stayed      | 2024-05-01 | 99
"""


def bridge_of(orders: str, sold: str = "", before: date = JUNE) -> RevenueBridge:
    lines = [[cell.strip() for cell in row.split("|")] for row in sold.strip().splitlines()[1:]]
    rows = [f"('{name}', DATE '{day}', {pieces})" for name, day, pieces in lines]
    values = ", ".join(rows or ["('', NULL, NULL)"])
    engine = engine_of(all_orders=orders_of(orders))
    engine.hold(
        "sold",
        "SELECT hash(name) AS buyer, sold_on, CAST(pieces AS DECIMAL(18, 4)) AS quantity "
        f"FROM (VALUES {values}) AS written (name, sold_on, pieces)",
    )
    return measure_bridge(engine, JULY, before, "sold")


def steps_of(bridge: RevenueBridge) -> dict[str, tuple[Decimal, int]]:
    return {step.cause: (step.amount, step.customer_count) for step in bridge.steps}


def test_each_customer_belongs_to_one_cause() -> None:
    """Who stayed: 1 order of 10 pieces for 100, then 2 orders of 20 pieces for 210."""
    bridge = bridge_of(ORDERS, SOLD)
    assert (bridge.revenue_before, bridge.revenue) == (170, 262)
    assert steps_of(bridge) == {
        "new": (40, 1),
        "returned": (25, 1),
        "away": (-75, 1),
        "frequency": (100, 1),  # one order more of 100
        "basket": (0, 1),  # ten pieces each, as before
        "price": (10, 1),  # 20 pieces at 10.50 and not at 10
        "gave_back": (-8, 1),
    }


def test_without_pieces_an_order_has_a_value() -> None:
    steps = steps_of(bridge_of(ORDERS))
    assert steps["frequency"] == (100, 1)
    assert steps["value"] == (10, 1)
    assert not {"basket", "price"} & steps.keys()


def test_new_is_who_was_won_since_the_earlier_month() -> None:
    """Against February: stayed, new, back and between were all won after it."""
    between = "between | 11 | 2024-03-03 10:00 | 9 | no\nbetween | 12 | 2024-07-03 10:00 | 9 | no"
    bridge = bridge_of(ORDERS + between, before=date(2024, 2, 1))
    assert steps_of(bridge)["new"] == (90 + 120 + 40 + 25 + 9, 4)


amounts = st.integers(-5_000_000, 9_000_000).map(lambda cents: Decimal(cents) / 10_000)
orders = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["2024-05-15", "2024-06-01", "2024-06-30", "2024-07-01", "2024-07-31"]),
        amounts,
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=12,
)


@given(orders)
def test_the_steps_add_up(drawn: list[tuple[str, str, Decimal, int]]) -> None:
    heading = "customer_id | order_id | at | amount | is_return"
    rows = [
        f"{name} | {place} | {day} 10:00 | {amount} | {'no' if amount > 0 else 'yes'}"
        for place, (name, day, amount, _) in enumerate(drawn)
    ]
    sold = ["customer_id | at | quantity"]
    sold += [f"{name} | {day} | {pieces}" for name, day, amount, pieces in drawn if amount > 0]
    bridge = bridge_of("\n".join([heading, *rows]), "\n".join(sold))
    assert sum(step.amount for step in bridge.steps) == bridge.change
    buyers = {name for name, _, amount, _ in drawn if amount > 0}
    in_months = [row for row in drawn if row[0] in buyers and row[1][:7] in {"2024-06", "2024-07"}]
    assert bridge.change == sum(
        amount if day >= "2024-07" else -amount for _, day, amount, _ in in_months
    )


def test_bridges_are_of_the_months_that_the_report_shows(told_sample: Told) -> None:
    report = told_sample.report
    months = {month.first_day: month.revenue for month in report.months}
    assert report.bridges
    for bridge in report.bridges:
        assert bridge.revenue == months[bridge.month]
        assert bridge.revenue_before == months[bridge.before]
        assert sum(step.amount for step in bridge.steps) == bridge.change
