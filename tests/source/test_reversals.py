"""Orders that came to nothing: which are paired off, with what, and what is left of the rest."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stages import cleaned

if TYPE_CHECKING:
    from pathlib import Path

HEADINGS = "InvoiceNo,CustomerID,InvoiceDate,StockCode,Quantity,UnitPrice"


def write(path: Path, table: str) -> Path:
    """Write orders drawn as `order | customer | date | code | quantity | price`."""
    rows = [",".join(cell.strip() for cell in line.split("|")) for line in table.split("\n")]
    path.write_text("\n".join([HEADINGS, *filter(None, rows)]) + "\n")
    return path


def verdicts(tmp_path: Path, table: str, **rules: object) -> dict[str, set[str]]:
    """Return each order's verdicts; "" is kept, and a return that counts is "return"."""
    query = (
        "SELECT order_id, coalesce(exclusion, if(is_return, 'return', '')) AS verdict FROM orders"
    )
    with cleaned(write(tmp_path / "orders.csv", table), cleaning=rules) as clean:
        assert_it_adds_up(clean)
        found = clean.orders.get_backend().raw_sql(query).fetchall()
    return {order: {v for o, v in found if o == order} for order, _ in found}


def assert_it_adds_up(clean) -> None:
    bridge = clean.audit
    parts = [*bridge.told, bridge.kept]
    for name in ("line_count", "order_count", "amount"):
        assert sum(getattr(row, name) for row in parts) == getattr(bridge.read, name)


SALES = """
    1  | ann | 2011-01-03 10:00 | TEA | 10 | 5.00
    2  | ann | 2011-02-03 10:00 | TEA | 2  | 5.00
    9  | bob | 2011-03-03 10:00 | TEA | 90 | 5.00
"""


@pytest.mark.parametrize(
    ("reversal", "is_reversed"),
    [
        ("C3 | ann | 2011-01-03 10:20 | TEA | -10 | 5.00", True),
        ("C3 | ann | 2011-08-03 10:20 | TEA | -10 | 5.00", True),
        ("C3 | ann | 2011-01-03 09:00 | TEA | -10 | 5.00", False),  # before the sale
        ("C3 | bob | 2011-01-03 10:20 | TEA | -10 | 5.00", False),  # another customer
        ("C3 | ann | 2011-01-20 10:20 | M   | -1  | 50.00", True),  # a posting within days
        ("C3 | ann | 2011-02-20 10:20 | M   | -1  | 50.00", False),  # one that is none
        ("C3 | ann | 2011-01-03 10:20 | TEA | -1  | 49.60", True),  # small change is left
        ("C3 | ann | 2011-01-03 10:20 | TEA | -1  | 49.40", False),
        ("C3 | ann | 2011-01-03 10:20 | TEA | -1  | 50.40", False),  # more than was bought
        ("1  | ann | 2011-01-09 10:20 | TEA | -10 | 5.00", True),  # under the order's own number
    ],
)
def test_an_order_is_reversed_by_the_same_amount(tmp_path, reversal, is_reversed):
    found = verdicts(tmp_path, SALES + reversal, non_product_codes=["M"])  # of four lines, one
    assert ("reversed" in found["1"], "" in found["1"]) == (is_reversed, not is_reversed)
    assert found["2"] == found["9"] == {""}
    (number, *_) = reversal.split()
    assert ("reversal" in found[number]) == is_reversed


def test_what_reverses_an_order_is_not_subtracted_once_more(tmp_path):
    table = f"{SALES}C3 | ann | 2011-01-03 10:20 | TEA | -10 | 5.00\n"
    table += "C4 | ann | 2011-02-05 10:20 | TEA | -1 | 5.00"
    assert verdicts(tmp_path, table, net_returns=True) == {
        "1": {"reversed"}, "2": {""}, "9": {""}, "C3": {"reversal"}, "C4": {"return"},
    }  # fmt: skip
    kept = verdicts(tmp_path, table, net_returns=True, keep_reversed=True)
    assert kept == {"1": {""}, "2": {""}, "9": {""}, "C3": {"return"}, "C4": {"return"}}


def test_freight_of_the_order_may_come_back_with_it(tmp_path):
    table = SALES + "1  | ann | 2011-01-03 10:00 | POST | 1  | 8.00\n"
    goods = verdicts(tmp_path, table + "C3 | ann | 2011-01-04 10:20 | TEA | -10 | 5.00")
    whole = verdicts(tmp_path, table + "C3 | ann | 2011-01-04 10:20 | M | -1 | 58.00")
    assert goods["1"] == whole["1"] == {"reversed", "non_product"}
    assert goods["C3"] == whole["C3"] == {"reversal"}


def test_one_takes_off_one_the_latest_first(tmp_path):
    """As brackets close: each cancellation takes the latest order that none has taken."""
    table = """
        1  | ann | 2011-01-01 10:00 | TEA | 1  | 5.00
        2  | ann | 2011-01-02 10:00 | TEA | 1  | 5.00
        C3 | ann | 2011-01-03 10:00 | TEA | -1 | 5.00
        4  | ann | 2011-01-04 10:00 | TEA | 1  | 5.00
        C5 | ann | 2011-01-05 10:00 | TEA | -1 | 5.00
        6  | ann | 2011-01-06 10:00 | TEA | 9  | 5.00
    """
    found = verdicts(tmp_path, table)
    assert {order for order, verdict in found.items() if verdict == {""}} == {"1", "6"}
    none_left = verdicts(tmp_path, table + "C7 | ann | 2011-01-07 10:00 | TEA | -1 | 5.00")
    assert {order for order, verdict in none_left.items() if verdict == {""}} == {"6"}


def test_a_customer_who_gave_back_all_is_named_and_in_no_segment(tmp_path):
    table = (
        SALES
        + """
        5  | eve | 2011-01-03 10:00 | TEA | 10 | 5.00
        C6 | eve | 2011-01-04 10:00 | TEA | -4 | 5.00
        C7 | eve | 2011-01-05 10:00 | TEA | -7 | 5.00
    """
    )
    for rules in ({}, {"net_returns": True}):
        assert verdicts(tmp_path, table, **rules)["5"] == {"nothing_left"}
        with cleaned(tmp_path / "orders.csv", cleaning=rules) as clean:
            finding = next(one for one in clean.findings if one.key == "nothing_left")
        assert finding.text.startswith("1 customer gave back as much as they bought")
        assert finding.amount == -5
        assert "bought 50.00, gave back 55.00" in finding.text
    assert verdicts(tmp_path, table, keep_reversed=True)["5"] == {""}


def test_before_a_window_it_is_told_as_what_it_would_be(tmp_path):
    table = SALES + "C3 | ann | 2011-01-03 10:20 | TEA | -10 | 5.00"
    with cleaned(write(tmp_path / "orders.csv", table), cleaning={"window_months": 1}) as clean:
        query = "SELECT order_id, exclusion, other_exclusion FROM orders ORDER BY order_id"
        found = clean.orders.get_backend().raw_sql(query).fetchall()
    assert found == [
        ("1", "before_window", "reversed"),
        ("2", "before_window", None),
        ("9", None, None),
        ("C3", "before_window", "reversal"),
    ]


amounts = st.integers(-3, 3).filter(bool)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(amounts, min_size=1, max_size=40))
def test_pairs_are_one_to_one_and_as_many_as_can_be(tmp_path, steps):
    """Of each amount, as many orders are left as a stack of them would hold."""
    lines = [
        f"{'C' if step < 0 else ''}{place + 100} | ann | 2011-01-01 10:{place:02} | TEA | "
        f"{step} | 7.00"
        for place, step in enumerate(steps)
    ]
    found = verdicts(tmp_path, "\n".join([*lines, "1 | bob | 2011-01-01 | TEA | 1 | 1.00"]))
    opened, taken = Counter(), 0
    for step in steps:
        if step > 0:
            opened[step] += 1
        elif opened[-step]:
            opened[-step] -= 1
            taken += 1
    assert sum(verdict == {"reversed"} for verdict in found.values()) == taken
    assert sum(verdict == {"reversal"} for verdict in found.values()) == taken


# --- UCI Online Retail --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def online_retail(shared_dir: Path):
    with cleaned(shared_dir / "data" / "online_retail.csv.gz", report={"currency": "GBP"}) as clean:
        yield clean


def revenue_of(clean, customer: str) -> Decimal:
    query = f"SELECT sum(amount) FROM orders WHERE exclusion IS NULL AND customer_id = '{customer}'"
    ((revenue,),) = clean.orders.get_backend().raw_sql(query).fetchall()
    return revenue


def test_online_retails_phantom_orders_are_no_sales(online_retail):
    """£77,184 and £168,470 cancelled within minutes, £38,970 corrected by a "Manual" line."""
    assert_it_adds_up(online_retail)
    assert revenue_of(online_retail, "12346") is None
    assert revenue_of(online_retail, "16446") == Decimal("2.90")
    assert revenue_of(online_retail, "15098") == Decimal("649.50")
    row = online_retail.audit.told_as("reversed")
    assert (row.order_count, row.amount) == (145, Decimal("350423.67"))
    assert online_retail.audit.told_as("missing_customer").amount == Decimal("1511052.22")


def test_online_retails_refunds_that_are_not_subtracted_are_named(shared_dir):
    path = shared_dir / "data" / "online_retail.csv.gz"
    with cleaned(path, cleaning={"net_returns": True}) as clean:
        found = {one.key: one for one in clean.findings}
        assert revenue_of(clean, "15098") == Decimal("649.50")
    fees, goods = found["refunded_fees"], found["unbought_returns"]
    assert (fees.line_count, fees.amount) == (366, Decimal("-136938.76"))
    assert (goods.line_count, goods.amount) == (99, Decimal("-3922.98"))
    assert not any("--net-returns" in one.text for one in clean.findings)
