"""Facts of the ruler: cuts, scheme and centres, and how they drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SchemeCell:
    """One (R, F, M) code and its segment."""

    recency_score: int
    frequency_score: int
    monetary_score: int
    segment: str


@dataclass(frozen=True, slots=True)
class CutsRow:
    """The bounds of one measure in words: score 1 to the highest, with its customers."""

    measure: Literal["recency_days", "order_count", "revenue"]
    score: int
    label: str
    customer_count: int


NEW_CUTS = "new_cuts"


@dataclass(frozen=True, slots=True)
class Drift:
    """How one measure's scores spread over customers when the cuts were fitted, and now.

    Shares run from score 1 up. `stability_index` is the population stability index: the sum over
    scores of (now - then) x ln(now / then).
    """

    measure: Literal["recency_days", "order_count", "revenue"]
    shares_then: tuple[float, ...]
    shares_now: tuple[float, ...]
    stability_index: float


@dataclass(frozen=True, slots=True)
class RefitMove:
    """Customers whose segment differs between the saved cuts and newly fitted ones."""

    saved: str
    refitted: str
    customer_count: int


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where the cuts come from, and how well they still fit.

    `origin` "fitted": made for this report; "saved": re-used; "refitted": made anew although saved
    ones were there (`reason` says why); "fixed": from the settings or the scheme, and "ranked":
    from ranks, with no bounds that two dates could share; neither is saved.
    `refit_moves` are customers who stand elsewhere under one than under the other, of all
    `customer_count` customers; drift and moves are empty where no saved cuts were compared.
    """

    origin: Literal["fitted", "saved", "refitted", "fixed", "ranked"]
    reason: str
    fitted_as_of: date | None
    fitted_customer_count: int | None
    customer_count: int
    drift: tuple[Drift, ...] = ()
    refit_moves: tuple[RefitMove, ...] = ()

    @property
    def moved_count(self) -> int:
        """Return the customers who stand elsewhere under the other cuts."""
        return sum(move.customer_count for move in self.refit_moves)


@dataclass(frozen=True, slots=True)
class ClusterCentre:
    """The middle of a cluster, or the median customer: days, orders and revenue of one customer.

    A centre is a mean of logarithms turned back into a value, so a few very large customers do not
    pull it away from the others.
    """

    name: str
    recency_days: float
    order_count: float
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class ClusterTrial:
    """A number of clusters that was tried, and how well apart they lie: -1 to 1, high is good.

    `error` is the standard error of that mean over the customers it was measured on.
    """

    cluster_count: int
    silhouette: float
    error: float
