"""The clusters in the method section: where they lie, why so many, how they match the scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rfmreport.customers.clusters import APART
from rfmreport.formats import MISSING
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import Cell, Column, Row, Table, shown
from rfmreport.sections.method.figures import Overlap

if TYPE_CHECKING:
    from rfmreport.customers.figures import ClusterCentre
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.method.figures import Agreement, Clusters

_DIGITS = 2
# L. Kaufman and P. J. Rousseeuw, Finding Groups in Data (1990), p. 88, table 4.
_STRUCTURE = (
    (0.70, "a strong structure"),
    (0.50, "a reasonable structure"),
    (0.25, "a weak structure: the clusters run into each other"),
)
_NO_STRUCTURE = "no structure to speak of: the clusters cut through one cloud"


@dataclass(frozen=True, slots=True)
class ClusterBlock:
    """What the method section says about clusters: two findings, each with table and note."""

    title: str
    centres: Table
    note: str
    reason: str
    crossed_title: str
    crossed: Table
    crossed_note: str


def cluster_block(report: Report, formats: Formats) -> ClusterBlock | None:
    """Return the block about clusters; None where the segments are those of a grid."""
    found = report.clusters
    if found is None:
        return None
    return ClusterBlock(
        title=_title(found, formats),
        centres=_centres_table(report, found, formats),
        note=_NOTE.format(apart=formats.number(APART)),
        reason=_reason(found, formats),
        crossed_title=_crossed_title(found.agreement, formats),
        crossed=_crossed_table(report, found, formats),
        crossed_note=_CROSSED_NOTE.format(scheme=shown(found.agreement.scheme, 40)),
    )


_NOTE = (
    "A customer belongs to the nearest centre, also on earlier dates. A centre is the mean of "
    "logarithms, so it lies below the mean of large values. A name tells the two measures in which "
    "the centre lies furthest from the median customer, where that is more than {apart} standard "
    "deviations of the logarithm. Best first: mean revenue, times the share of all customers who "
    "have been silent for longer."
)
_CROSSED_NOTE = (
    "Customers, each counted once. Columns: the segments of scheme {scheme} for the same scores. "
    "Adjusted Rand index (Hubert and Arabie 1985): 1 where both put the same customers together, "
    "0 where they agree no more than chance does."
)


def _title(found: Clusters, formats: Formats) -> str:
    height = found.chosen.silhouette
    return (
        f"{formats.count(len(found.centres))} clusters, silhouette "
        f"{formats.number(height, _DIGITS)}: {_structure(height)}"
    )


def _structure(silhouette: float) -> str:
    return next((words for least, words in _STRUCTURE if silhouette > least), _NO_STRUCTURE)


def _reason(found: Clusters, formats: Formats) -> str:
    tried = ", ".join(
        f"{trial.cluster_count} give {formats.number(trial.silhouette, _DIGITS + 1)}"
        for trial in found.trials
    )
    count = formats.count(len(found.centres))
    best = max(found.trials, key=lambda trial: trial.silhouette)
    return (
        f"Why {count}? It is the smallest number within one standard error "
        f"({formats.number(best.error, _DIGITS + 1)}) of the highest mean silhouette (Rousseeuw "
        f"1987), which is 1 where clusters lie far apart and 0 where they touch: {tried}; measured "
        f"on {formats.count(found.sample_count)} customers, evenly drawn."
    )


def _centres_table(report: Report, found: Clusters, formats: Formats) -> Table:
    everybody = replace(found.median, name="All customers, median")
    counts = {row.name: row.customer_count for row in report.segments.rows}
    counts[everybody.name] = report.segments.total.customer_count
    fields: tuple[Field[ClusterCentre], ...] = (
        Field("", "Cluster", lambda centre: centre.name, limit=60),
        Field("", "Customers", lambda centre: counts[centre.name], "count"),
        Field("", "Days", lambda centre: centre.recency_days, "count", "since the last order"),
        Field("", "Orders", lambda centre: centre.order_count, "number"),
        Field("", "Revenue", lambda centre: centre.revenue, "money"),
    )
    caption = "The centre of each cluster, and the median of all customers"
    return page_table(
        caption, fields, found.centres, formats, total=everybody, key=found.centres.index
    )


def _crossed_title(agreement: Agreement, formats: Formats) -> str:
    index = agreement.rand_index
    if index is None:
        return f"Clusters against scheme {shown(agreement.scheme, 40)}: nothing to compare"
    written = formats.number(index, _DIGITS)
    return f"Clusters and scheme {shown(agreement.scheme, 40)} agree to {written} (adjusted Rand)"


def _crossed_table(report: Report, found: Clusters, formats: Formats) -> Table:
    agreement = found.agreement
    held = {(row.cluster, row.segment): row.customer_count for row in agreement.overlaps}
    names = [centre.name for centre in found.centres]
    rows = [
        _crossed_row(name, [held.get((name, other), 0) for other in agreement.segments], formats, i)
        for i, name in enumerate(names)
    ]
    sums = [sum(held.get((name, other), 0) for name in names) for other in agreement.segments]
    columns = (
        Column("Cluster", numeric=False),
        *(Column(shown(other, 40)) for other in agreement.segments),
        Column("All"),
    )
    caption = f"Customers by cluster and by segment of {shown(agreement.title, 80)}"
    total = report.segments.total.name
    return Table(caption, columns, tuple(rows), _crossed_row(total, sums, formats, None))


def _crossed_row(name: str, counts: list[int], formats: Formats, key: int | None) -> Row:
    written = [Cell(formats.count(n) if n else MISSING, str(n)) for n in (*counts, sum(counts))]
    return Row((Cell(shown(name, 60)), *written), key)


SHEETS = (
    Sheet[Any, Any](
        "clusters",
        "One row per cluster: its customers, and the middle of them.",
        (
            Field[Any]("name", "", lambda row: row[0].name),
            Field[Any]("customer_count", "", lambda row: row[1], "count"),
            Field[Any]("recency_days", "", lambda row: row[0].recency_days, "number"),
            Field[Any]("order_count", "", lambda row: row[0].order_count, "number"),
            Field[Any]("revenue", "", lambda row: row[0].revenue, "money"),
        ),
        lambda report: _sized_centres(report) if report.clusters else None,
    ),
    Sheet[Any, Any](
        "clusters_by_segment",
        "One row per cluster and segment of the default scheme that share customers.",
        fields_of(Overlap, {"customer_count": "count"}),
        lambda report: report.clusters.agreement.overlaps if report.clusters else None,
    ),
)


def _sized_centres(report: Report) -> list[tuple[ClusterCentre, int]]:
    counts = {row.name: row.customer_count for row in report.segments.rows}
    found = report.clusters.centres if report.clusters else ()
    return [(centre, counts[centre.name]) for centre in found]
