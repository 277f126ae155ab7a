"""Facts of the map and of how customers spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class MapCell:
    """One recency score × frequency score: its customers and what they look like.

    `segment` is the one that holds most of the cell's customers.
    """

    recency_score: int
    frequency_score: int
    customer_count: int
    revenue: Decimal
    mean_revenue: Decimal
    mean_recency_days: float
    mean_order_count: float
    segment: str


@dataclass(frozen=True, slots=True)
class RfmMap:
    """The cells that hold customers, and a readable label per score ("15-32 days", "4-5 orders").

    Labels run from score 1 to the highest score.
    """

    bins: int
    cells: tuple[MapCell, ...]
    recency_labels: tuple[str, ...]
    frequency_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DistributionBin:
    """Customers whose value lies in [low, high); the last bin holds everything above `low`."""

    low: float
    high: float
    customer_count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """How one of the three measures spreads over customers, with the cuts between scores."""

    measure: Literal["recency_days", "order_count", "revenue"]
    bins: tuple[DistributionBin, ...]
    cuts: tuple[float, ...]
    lower_quartile: float
    median: float
    upper_quartile: float
    top_percent: float
    largest: float | None = None


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
