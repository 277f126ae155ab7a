"""Facts of concentration: the largest customers, and how much hangs on how few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """One of the largest customers of `Accounts.first_day` to `last_day`.

    `revenue`, `revenue_share` (of all customers) and `order_count` are of that span. `change` is
    the revenue of the last `Accounts.change_months` months against as many before them, None where
    the data do not hold both or fewer than two orders were placed before. `segment_before` is the
    segment on `Accounts.before_as_of`, None where it was no customer then. `has_slipped`: in a
    lower segment now than then; `is_overdue`: silent for longer than its own rhythm allows
    (`Rhythm`), for `silent_days` where `usual_gap_days` are its own.
    """

    customer_id: str
    segment: str
    segment_before: str | None
    revenue: Decimal
    revenue_share: float
    order_count: int
    last_order_on: date
    change: float | None
    has_slipped: bool
    is_overdue: bool
    silent_days: int | None = None
    usual_gap_days: float | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """The largest customers, most revenue first, and those of them to call.

    `top` are the first of the `account_count` largest, which together brought `revenue`;
    `slipping` are the first of those `slipping_count` among them that are overdue, with
    `slipping_revenue` in the span. `total_change` is the change of all customers, as a measure for
    each one's. `change_months` is 0 where the data do not hold two equal stretches;
    `before_as_of` is None where they cannot carry an earlier date.
    """

    first_day: date
    last_day: date
    account_count: int
    revenue: Decimal
    revenue_share: float
    top: tuple[Account, ...]
    slipping: tuple[Account, ...]
    slipping_count: int
    slipping_revenue: Decimal
    before_as_of: date | None
    change_months: int
    total_change: float | None


@dataclass(frozen=True, slots=True)
class Concentration:
    """Revenue of the ten largest customers, and what those with one and two orders have spent."""

    top_ten_revenue: Decimal
    one_order_count: int
    one_order_revenue: Decimal
    one_order_median_revenue: Decimal
    two_order_count: int
    two_order_median_revenue: Decimal


@dataclass(frozen=True, slots=True)
class ParetoPoint:
    """The `customer_count` customers with most revenue, and what they bring together."""

    customer_count: int
    customer_share: float
    revenue: Decimal
    revenue_share: float


@dataclass(frozen=True, slots=True)
class Pareto:
    """How much of the revenue hangs on how few customers, of `customer_count` in all.

    `points` run from the largest customers to all, about one per hundredth of the customers;
    `tops` are the largest 1, 5, 10 and 20 percent (whole customers, rounded down; without those
    that hold none). `most_count` customers bring `most_share` of the revenue; `one_order_count` of
    all have ordered once.
    """

    points: tuple[ParetoPoint, ...]
    tops: tuple[tuple[int, ParetoPoint], ...]
    customer_count: int
    revenue: Decimal
    most_share: float
    most_count: int
    top_ten_revenue: Decimal
    one_order_count: int
    one_order_revenue: Decimal
