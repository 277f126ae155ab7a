"""The bridge ties to the line and to the cent, whatever the file holds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stages import cleaned, judged_table, measured_customers, rows_of

from rfmreport.engine.ask import Engine
from rfmreport.settings import CleaningSettings
from rfmreport.source.bridge import bridge_warnings, draw_bridge
from rfmreport.source.orders import group_orders
from rfmreport.source.reversals import leave_out_undone
from rfmreport.source.verdicts import RULES, Window

if TYPE_CHECKING:
    from pathlib import Path

    from ibis.backends.duckdb import Backend

    from rfmreport.source.audit import Audit


def audit_of(engine: Backend, frame: pd.DataFrame, **given) -> tuple[Audit, list[dict]]:
    """Return the bridge of a drawn table, and its customers as of 2012."""
    rules = {k: v for k, v in given.items() if k not in {"source", "window", "mapping"}}
    judged = judged_table(engine, frame, **given)
    settings = CleaningSettings(**rules)
    engine.create_table("orders", group_orders(judged, settings), overwrite=True)
    leave_out_undone(Engine(engine.con), settings)
    orders = engine.table("orders")
    measured = measured_customers(orders, date(2012, 1, 1))
    bridge = draw_bridge(Engine(engine.con))
    return bridge, measured.order_by("customer_id").to_pyarrow().to_pylist()


def test_the_bridge_counts_lines_orders_and_money(engine: Backend):
    """An order with one kept line is kept; any other falls under the first rule that took one."""
    bridge, _ = audit_of(
        engine,
        rows_of(
            """
            order | sku  | quantity | date       | price | customer
            1     | TEA  | 2        | 2010-12-01 | 2.50  | 1
            1     | POST | 1        | 2010-12-01 | 3.00  | 1
            2     | POST | 1        | 2010-12-01 | 3.00  | 1
            2     | TEA  | 1        | 2010-12-01 | 0     | 1
            C3    | TEA  | -1       | 2010-12-01 | 2.50  | 1
            4     | TEA  | 1        | 2010-12-01 | 0.01  |
            5     | TEA  | x        | 2010-12-01 | 2.50  | 1
            """
        ),
    )
    rows = [bridge.read, bridge.kept, *bridge.excluded]
    assert [(r.exclusion, r.line_count, r.order_count, str(r.amount)) for r in rows] == [
        (None, 7, 5, "8.5100"),
        (None, 1, 1, "5.0000"),
        ("unreadable_amount", 1, 1, "0"),
        ("missing_customer", 1, 1, "0.0100"),
        ("cancellation", 1, 1, "-2.5000"),
        ("non_positive_price", 1, 1, "0.0000"),
        ("non_product", 2, 0, "6.0000"),
    ]
    assert bridge.kept_adjustments == ()


def test_what_takes_money_off_is_told_and_what_is_given_away_is_not(engine: Backend):
    bridge, _ = audit_of(
        engine,
        rows_of(
            """
            order | sku      | quantity | date       | price | customer
            1     | TEA      | 2        | 2010-12-01 | 2.50  | 1
            1     | DISCOUNT | 1        | 2010-12-01 | -0.50 | 1
            2     | GIFT     | 0        | 2010-12-01 | 2.50  | 1
            """
        ),
    )
    told = list(bridge_warnings(bridge, CleaningSettings()))
    assert [(one.key, one.line_count, str(one.amount)) for one in told] == [
        ("non_positive_price", 1, "-0.5000")
    ]
    assert not list(bridge_warnings(bridge, CleaningSettings(net_returns=True)))


def test_a_number_that_two_customers_share_is_two_orders(engine: Backend):
    """As wherever customers' orders are counted; a line without one belongs to the order."""
    bridge, people = audit_of(
        engine,
        rows_of(
            """
            order | quantity | date       | price | customer
            1     | 2        | 2010-12-01 | 2.50  | 1
            1     | 2        | 2010-12-01 | 2.50  | 2
            3     | 2        | 2010-12-03 | 1.00  | 2
            3     | 1        | 2010-12-03 | 1.00  |
            """
        ),
    )
    assert bridge.kept.order_count == bridge.read.order_count == 3
    assert sum(row["order_count"] for row in people) == bridge.kept.order_count


def test_netted_returns_are_part_of_what_was_kept_and_shown_apart(engine: Backend):
    bridge, people = audit_of(
        engine,
        rows_of(
            """
            order | quantity | date       | price | customer
            1     | 2        | 2010-12-01 | 2.50  | 1
            C2    | -1       | 2010-12-02 | 2.50  | 1
            3     | 2        | 2010-12-03 | 1.00  | 2
            """
        ),
        net_returns=True,
    )
    assert (bridge.kept.line_count, bridge.kept.amount) == (3, Decimal("4.5"))
    (returns,) = bridge.kept_adjustments
    assert (returns.line_count, returns.order_count, returns.amount) == (1, 1, Decimal("-2.5"))
    assert [row["revenue"] for row in people] == [Decimal("2.5"), 2]


def test_lines_without_an_order_id_are_a_customers_day(engine: Backend):
    bridge, people = audit_of(
        engine,
        rows_of(
            """
            order | date       | amount | customer
            1     | 2010-12-01 | 1      | 1
                  | 2010-12-01 | 1      | 1
                  | 2010-12-02 | 1      | 1
                  | 2010-12-02 | 1      | 1
            """
        ),
    )
    assert [row["order_count"] for row in people] == [3]
    assert bridge.kept.order_count == 3


def test_freight_and_fees_are_reported_apart(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,TEA,1,2010-12-01,2.00,1\n"
        "1,post,2,2010-12-01,9.00,1\n"
        "2,BANK CHARGES,1,2010-12-01,15.00,1\n"
        "C2,TEA,-1,2010-12-01,2.00,1\n"
    )
    with cleaned(path) as clean:
        fees = next(finding for finding in clean.findings if finding.key == "fees")
    assert fees.text.endswith("POST 18.00, BANK CHARGES 15.00.")
    assert (fees.line_count, fees.amount) == (2, 33)


few_examples = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

days = st.dates(date(2009, 1, 1), date(2011, 12, 31)).map(str)
lines = st.fixed_dictionaries(
    {
        "order": st.sampled_from(["1", "2", "3", "4.0", "C5", "C6", "A7", "8", None]),
        "sku": st.sampled_from(["TEA", "POT", "post", "M", "", None]),
        "quantity": st.one_of(st.integers(-20, 50).map(str), st.sampled_from(["x", None, "3.0"])),
        "date": st.one_of(days, st.sampled_from(["", "soon", None])),
        "price": st.one_of(
            st.decimals(-5, 100, places=2).map(str), st.sampled_from(["", "free", None])
        ),
        "customer": st.sampled_from(["17850.0", "17850", "00123", "nan", "", None, "O'Reilly"]),
        "status": st.sampled_from(["paid", "Refunded", None, None]),
    }
)
readable = {
    "order": "8",
    "sku": "TEA",
    "quantity": "1",
    "date": "2010-12-13",
    "price": "1.50",
    "customer": "1",
    "status": None,
}


def readable_amount(line: dict[str, str | None]) -> Decimal:
    try:
        return Decimal(line["quantity"]) * Decimal(line["price"])
    except (TypeError, ArithmeticError):
        return Decimal(0)


def as_frame(table: list[dict[str, str | None]]) -> pd.DataFrame:
    # As many readable lines as drawn ones, so that the formats can be found.
    return pd.DataFrame(table + [readable] * (len(table) + 1), dtype="string")


@few_examples
@given(
    table=st.lists(lines, max_size=80),
    rules=st.fixed_dictionaries({"net_returns": st.booleans(), "keep_reversed": st.booleans()}),
    as_of=st.sampled_from([None, date(2010, 12, 31)]),
)
def test_the_bridge_ties_whatever_the_file_holds(engine, table, rules, as_of):
    frame = as_frame(table)
    window = Window(as_of - timedelta(days=365), as_of) if as_of else Window()
    bridge, people = audit_of(engine, frame, window=window, **rules)
    rows = [bridge.kept, *bridge.excluded]
    assert bridge.read.line_count == len(frame) == sum(row.line_count for row in rows)
    assert bridge.read.order_count == sum(row.order_count for row in rows)
    money = sum(map(readable_amount, table), Decimal("1.50") * (len(table) + 1))
    assert bridge.read.amount == money == sum(row.amount for row in rows)
    assert {row.exclusion for row in bridge.excluded} <= {rule.key for rule in RULES}
    assert sum(row["revenue"] for row in people) == bridge.kept.amount


@settings(few_examples, max_examples=2)
@given(table=st.lists(lines, min_size=30, max_size=60), order=st.randoms())
def test_the_order_of_the_rows_does_not_matter(engine, table, order):
    frame = as_frame(table)
    shuffled = list(range(len(frame)))
    order.shuffle(shuffled)
    rows = frame.iloc[shuffled].reset_index(drop=True)
    assert audit_of(engine, rows, net_returns=True) == audit_of(engine, frame, net_returns=True)


@settings(few_examples, max_examples=2)
@given(table=st.lists(st.tuples(lines, st.sampled_from("abc")), min_size=15, max_size=40))
def test_no_line_vanishes_between_files(engine, table):
    frame = as_frame([line for line, _ in table])
    parts = [part for _, part in table] + ["a", "b"] * len(table)
    frame["source_part"] = pd.Series(parts).reindex(range(len(frame)), fill_value="a")
    bridge, _ = audit_of(engine, frame)
    assert bridge.read.line_count == len(frame)
    repeated = [row for row in bridge.excluded if row.exclusion == "repeated"]
    assert sum(row.line_count for row in repeated) >= (len(table) + 1) // 2
