"""The clusters of a report, and how far they agree with the segments of the default scheme."""

from __future__ import annotations

from collections import defaultdict
from math import comb
from typing import TYPE_CHECKING

from rfmreport.customers.segments import load_scheme, scheme_names
from rfmreport.sections.method.figures import Agreement, Clusters, Overlap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfmreport.customers.clusters import ClusterScheme
    from rfmreport.customers.segments import Scheme
    from rfmreport.engine.ask import Engine


def describe_clusters(engine: Engine, scheme: ClusterScheme) -> Clusters:
    """Return what the clusters rest on, and how they match the default scheme.

    The customers' scores are those of the default scheme too, for both have five.
    """
    return Clusters(
        centres=scheme.centres,
        median=scheme.median,
        trials=scheme.trials,
        sample_count=scheme.sample_count,
        agreement=measure_agreement(engine, scheme, load_scheme(scheme_names()[0])),
    )


def measure_agreement(engine: Engine, scheme: Scheme, other: Scheme) -> Agreement:
    """Cross the segments of the report with those of another scheme for the same scores."""
    query = (
        f"SELECT segment AS cluster, {other.segment_sql} AS of_other, count(*) AS customer_count "  # noqa: S608
        "FROM customers GROUP BY ALL"
    )
    rows = [Overlap(*row.values()) for row in engine.rows(query)]
    order = {segment.name: place for place, segment in enumerate(scheme.segments)}
    others = {segment.name: place for place, segment in enumerate(other.segments)}
    rows.sort(key=lambda row: (order[row.cluster], others[row.segment]))
    return Agreement(
        scheme=other.name,
        title=other.title,
        segments=tuple(others),
        overlaps=tuple(rows),
        rand_index=adjusted_rand_index(rows),
    )


def adjusted_rand_index(overlaps: Iterable[Overlap]) -> float | None:
    """Return (index - expected) / (mean - expected) over pairs of customers.

    L. Hubert and P. Arabie, Comparing partitions, Journal of Classification 2 (1985), p. 198,
    equation 5. None where it is not defined: both put all into one group, or each into its own.
    """
    rows: dict[str, int] = defaultdict(int)
    columns: dict[str, int] = defaultdict(int)
    together = 0
    for overlap in overlaps:
        rows[overlap.cluster] += overlap.customer_count
        columns[overlap.segment] += overlap.customer_count
        together += comb(overlap.customer_count, 2)
    in_rows, in_columns = (sum(comb(n, 2) for n in part.values()) for part in (rows, columns))
    pairs = comb(sum(rows.values()), 2)
    expected = in_rows * in_columns / pairs if pairs else 0.0
    largest = (in_rows + in_columns) / 2
    if largest == expected:
        return None
    return (together - expected) / (largest - expected)
