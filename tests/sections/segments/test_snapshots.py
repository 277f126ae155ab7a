"""Snapshots: the segments of earlier dates, oldest first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from shops import customers_of

from rfmreport.sections.segments.snapshots import Snapshot, take_snapshots

CUSTOMERS = customers_of("""
as_of      | segment | revenue
2024-04-01 | Best    | 75
2024-04-01 | Lost    | 20
2024-04-01 | Lost    | 5
2024-03-01 | Best    | 60
""").cast({"as_of": "date"})
APRIL = date(2024, 4, 1)


def test_one_snapshot_per_date_the_oldest_first() -> None:
    assert take_snapshots(CUSTOMERS) == (
        Snapshot(date(2024, 3, 1), {"Best": 1}, {"Best": Decimal(60)}),
        Snapshot(APRIL, {"Best": 1, "Lost": 2}, {"Best": Decimal(75), "Lost": Decimal(25)}),
    )


def test_a_snapshot_knows_its_size_and_shares() -> None:
    april = take_snapshots(CUSTOMERS)[-1]
    assert april.customer_count == 3
    assert april.share_of("Best") == pytest.approx(0.75)
    assert april.share_of("Nobody") == 0
    assert Snapshot(APRIL, {}, {}).share_of("Best") == 0


def test_no_customer_no_snapshot() -> None:
    assert take_snapshots(CUSTOMERS.filter(CUSTOMERS.segment == "Nobody")) == ()
