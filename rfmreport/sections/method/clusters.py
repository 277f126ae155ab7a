"""What clusters tell: how their number was chosen, where they lie, how they match a scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


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


@dataclass(frozen=True, slots=True)
class Overlap:
    """Customers who are in one cluster and in one segment of the other scheme."""

    cluster: str
    segment: str
    customer_count: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """The clusters crossed with the segments of another scheme, both best first.

    `overlaps` hold every customer once and every pair that has customers. `rand_index` is the
    adjusted Rand index: 1 where both group the same customers together, 0 where they agree no more
    than chance does; None where either has only one group.
    """

    scheme: str
    title: str
    segments: tuple[str, ...]
    overlaps: tuple[Overlap, ...]
    rand_index: float | None


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of a report, best first, and what they rest on.

    `trials` are the numbers of clusters that were tried, ascending, measured on `sample_count`
    customers; the smallest was taken that lies within one standard error of the best.
    """

    centres: tuple[ClusterCentre, ...]
    median: ClusterCentre
    trials: tuple[ClusterTrial, ...]
    sample_count: int
    agreement: Agreement

    @property
    def chosen(self) -> ClusterTrial:
        """Return the trial with as many clusters as were taken."""
        count = len(self.centres)
        return next(trial for trial in self.trials if trial.cluster_count == count)
