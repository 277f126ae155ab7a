"""Segment sizes at earlier dates, all scored with today's cuts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.columns import REVENUE, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ibis.expr.types import Table


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The segments as of one date: customers and revenue until then, by segment name."""

    as_of: date
    customer_counts: Mapping[str, int]
    revenues: Mapping[str, Decimal]

    @property
    def customer_count(self) -> int:
        """Return the customers of all segments."""
        return sum(self.customer_counts.values())

    def revenue_share(self, segment: str) -> float:
        """Return the segment's share of all revenue until then."""
        total = sum(self.revenues.values(), Decimal(0))
        return float(self.revenues.get(segment, Decimal(0)) / total) if total else 0.0


def take_snapshots(segmented_customers: Mapping[date, Table]) -> tuple[Snapshot, ...]:
    """Return one snapshot per date, oldest first; each table has revenue and segment."""
    if not segmented_customers:
        return ()
    parts = [
        table.group_by(SEGMENT)
        .agg(customer_count=table.count(), revenue=table[REVENUE].sum())
        .mutate(as_of=ibis.date(as_of))
        for as_of, table in segmented_customers.items()
    ]
    rows = (ibis.union(*parts) if len(parts) > 1 else parts[0]).to_pyarrow().to_pylist()
    return tuple(
        Snapshot(
            as_of,
            {row[SEGMENT]: row["customer_count"] for row in rows if row["as_of"] == as_of},
            {row[SEGMENT]: row["revenue"] for row in rows if row["as_of"] == as_of},
        )
        for as_of in sorted(segmented_customers)
    )
