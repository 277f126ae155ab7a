"""Who came back: the segments of an earlier date, and what their customers did since."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from rfmreport.columns import AMOUNT, CUSTOMER_ID, EXCLUSION, FIRST_AT, IS_RETURN, LAST_AT, SEGMENT
from rfmreport.report import Estimate

if TYPE_CHECKING:
    from datetime import date

    from ibis.expr.types import Table

_Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Returning:
    """One segment at an earlier date: how many of its customers ordered since, and for how much.

    `revenue_per_returner` is the median, None where nobody came back: one wholesaler's order would
    make a mean of it that no other customer reaches.
    """

    segment: str
    customer_count: int
    returned_count: int
    revenue_per_returner: Decimal | None

    @property
    def share(self) -> Estimate:
        """Return the share that came back, with Wilson's 95 % interval."""
        low, high = wilson_interval(self.returned_count, self.customer_count)
        value = self.returned_count / self.customer_count
        return Estimate(value, low, high, self.customer_count)


def measure_returning(orders: Table, earlier_customers: Table, since: date) -> dict[str, Returning]:
    """Return per segment of `earlier_customers` (as of `since`) who ordered from `since` on."""
    later = orders.filter(
        orders[EXCLUSION].isnull()
        & ~orders[IS_RETURN]
        & (orders[LAST_AT] >= ibis.timestamp(since.isoformat()))
        & (orders[FIRST_AT] >= ibis.timestamp(since.isoformat()))
    )
    spent = later.group_by(CUSTOMER_ID).agg(spent=later[AMOUNT].sum())
    both = earlier_customers.select(CUSTOMER_ID, SEGMENT).left_join(spent, CUSTOMER_ID)
    counted = both.group_by(SEGMENT).agg(
        customer_count=both.count(),
        returned_count=both.spent.count(),
        median_spent=both.spent.cast("float64").median(),
    )
    rows = counted.to_pyarrow().to_pylist()
    return {
        row[SEGMENT]: Returning(
            row[SEGMENT],
            row["customer_count"],
            row["returned_count"],
            # The engine's median is a double; amounts have four decimals, the mean of two has five.
            None if row["median_spent"] is None else Decimal(str(round(row["median_spent"], 5))),
        )
        for row in rows
    }


def wilson_interval(successes: int, trials: int, z: float = _Z_95) -> tuple[float, float]:
    """Return Wilson's score interval for a share (E. B. Wilson, JASA 22, 1927, 209-212)."""
    share = successes / trials
    scale = 1 + z * z / trials
    center = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return max(0.0, center - half), min(1.0, center + half)
