"""Segment sizes at earlier dates, all scored with today's cuts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.engine.results import fetch_rows
from rfmreport.vocabulary import AS_OF, REVENUE, SEGMENT

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

    def count_of(self, segment: str | None) -> int:
        """Return the customers of a segment, or of all for None."""
        return self.customer_count if segment is None else self.customer_counts.get(segment, 0)

    def share_of(self, segment: str | None) -> float:
        """Return the share of a segment, or of all for None, in all revenue until then."""
        total = sum(self.revenues.values(), Decimal(0))
        part = total if segment is None else self.revenues.get(segment, Decimal(0))
        return float(part / total) if total else 0.0


def take_snapshots(customers: Table) -> tuple[Snapshot, ...]:
    """Return one snapshot per date, oldest first.

    `customers` is one row per date and customer with as_of, revenue and segment.
    """
    counted = customers.group_by(AS_OF, SEGMENT).agg(
        customer_count=customers.count(), revenue=customers[REVENUE].sum()
    )
    rows = fetch_rows(counted)
    return tuple(
        Snapshot(
            as_of,
            {row[SEGMENT]: row["customer_count"] for row in rows if row[AS_OF] == as_of},
            {row[SEGMENT]: row["revenue"] for row in rows if row[AS_OF] == as_of},
        )
        for as_of in sorted({row[AS_OF] for row in rows})
    )
