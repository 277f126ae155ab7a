"""Facts of how the report was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.customers.figures import ClusterCentre, ClusterTrial, CutsRow, SchemeCell
    from rfmreport.source.audit import SourceFile


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """Which heading of the source plays which role."""

    role: str
    heading: str


@dataclass(frozen=True, slots=True)
class Method:
    """How the report was made: everything needed to make it again."""

    version: str
    sources: tuple[SourceFile, ...]
    columns: tuple[ColumnUse, ...]
    settings: Mapping[str, str]
    settings_sha256: str
    scheme_name: str
    scheme_title: str
    scheme_source: str
    scheme_cells: tuple[SchemeCell, ...]
    cuts_method: str
    cuts: tuple[CutsRow, ...]
    definitions: tuple[tuple[str, str], ...]
    library_versions: Mapping[str, str]


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
