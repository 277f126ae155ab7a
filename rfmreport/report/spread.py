"""How unevenly revenue is spread: over the largest customers, and over the tail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


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


@dataclass(frozen=True, slots=True)
class TailPart:
    """The customers who spent more than `fence`."""

    fence: float
    customer_count: int
    revenue: Decimal
    revenue_share: float


@dataclass(frozen=True, slots=True)
class WholesaleTail:
    """The customers whose spend lies outside of what the others' spread explains.

    `outside` and `far_out` begin 1.5 and 3 interquartile ranges above the upper quartile of the
    logarithm of spend (J. W. Tukey, Exploratory Data Analysis, 1977, chapter 2). Of customers whose
    spend is log-normal, `expected_count` would lie outside. `is_outside_clear` and
    `is_far_out_clear` say where chance does not explain how many there are.
    """

    customer_count: int
    outside: TailPart
    far_out: TailPart
    expected_count: float
    is_outside_clear: bool
    is_far_out_clear: bool

    @property
    def told(self) -> TailPart | None:
        """Return the customers of wholesale size; None where chance explains them all."""
        if self.is_outside_clear:
            return self.outside
        return self.far_out if self.is_far_out_clear else None
