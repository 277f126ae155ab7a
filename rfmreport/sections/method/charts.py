"""Which segment each combination of scores means, as a chart; where clusters lie, as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rfmreport.customers.clusters import APART
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, PAPER, checked_color, text_on
from rfmreport.kit.drawings import WIDE, Drawing
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import Table, shown
from rfmreport.sections.method.figures import Agreement, Clusters, Overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.customers.figures import ClusterCentre, SchemeCell
    from rfmreport.formats import Formats
    from rfmreport.report import Report

_Members = tuple[str, list[str]]
_LEAST_GAP = 18  # between the blocks of a scheme
_DIGITS = 2
# L. Kaufman and P. J. Rousseeuw, Finding Groups in Data (1990), p. 88, table 4.
_STRUCTURE = (
    (0.70, "a strong structure"),
    (0.50, "a reasonable structure"),
    (0.25, "a weak structure: the clusters run into each other"),
)
_NO_STRUCTURE = "no structure to speak of: the clusters cut through one cloud"
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


def scheme_caption(report: Report, formats: Formats) -> Caption:
    """Return the words of the scheme grid."""
    cells = report.method.scheme_cells
    codes: dict[str, list[str]] = {row.name: [] for row in report.segments.rows}
    for c in cells:
        codes[c.segment].append(f"{c.recency_score}{c.frequency_score}{c.monetary_score}")
    fields: tuple[Field[tuple[str, list[str]]], ...] = (
        Field("", "Segment", lambda row: row[0], limit=60),
        Field("", "Combinations", lambda row: len(row[1]), "count"),
        Field("", "Codes (recency, frequency, monetary)", lambda row: " ".join(row[1]), limit=4000),
    )
    data = page_table("Score combinations per segment", fields, [*codes.items()], formats)
    title = f"Every one of the {formats.count(len(cells))} score combinations has one segment"
    spoken = "; ".join(f"{row.cells[0].text}: {row.cells[1].text}" for row in data.rows)
    note = "One block per recency score; in it, monetary score across and frequency score upwards."
    return Caption("scheme-grid", "Scheme", title, f"{title}. {spoken}.", note, data)


def scheme_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out one block per recency score: monetary score across, frequency score upwards."""
    cells = report.method.scheme_cells
    if not cells:
        return None
    bins = max(cell.recency_score for cell in cells)
    left = 30
    side = min((WIDE - left - _LEAST_GAP * (bins - 1)) / bins / bins, 19)
    gap = (WIDE - left - side * bins * bins) / max(bins - 1, 1)
    drawing = Drawing(scheme_caption(report, formats), WIDE, round(side * bins + 46))
    numbers = {
        row.name: (i, checked_color(row.color)) for i, row in enumerate(report.segments.rows)
    }
    for score in range(1, bins + 1):
        origin = left + (score - 1) * (side * bins + gap)
        block = [cell for cell in cells if cell.recency_score == score]
        _scheme_block(drawing, block, origin=origin, side=side, numbers=numbers)
        middle = origin + side * bins / 2
        drawing.texts([(middle, 8, f"Recency {score}")], color=INK, fontWeight=600)
        drawing.texts([(middle, side * bins + 39, "Monetary")], color=MUTED)
    drawing.texts([(9, 20 + side * bins / 2, "Frequency")], color=MUTED, angle=270)
    return drawing


def _scheme_block(
    drawing: Drawing,
    cells: Sequence[SchemeCell],
    *,
    origin: float,
    side: float,
    numbers: dict[str, tuple[int, str]],
) -> None:
    """Draw every combination of one recency score."""
    top, bins = 18, max(cell.frequency_score for cell in cells)
    boxes, texts = [], []
    for cell in cells:
        color = numbers[cell.segment][1]
        x = origin + (cell.monetary_score - 1) * side
        y = top + (bins - cell.frequency_score) * side
        code = f"{cell.recency_score}{cell.frequency_score}{cell.monetary_score}"
        about = f"{code}: {shown(cell.segment, 60)}"
        box = {"x": x, "y": y, "x2": x + side, "y2": y + side}
        boxes.append(box | {"color": color, "about": about})
    drawing.add("bars", boxes, stroke=PAPER, strokeWidth=1)
    # One number per run of neighbours: fewer to read, and a text costs a millisecond in the PDF.
    for frequency in range(1, bins + 1):
        line = sorted(
            (c.monetary_score, c.segment) for c in cells if c.frequency_score == frequency
        )
        for segment, run in groupby(line, key=lambda pair: pair[1]):
            scores = [score for score, _ in run]
            number, color = numbers[segment]
            # In the middle field: between two, the line would cross the number.
            x = origin + (scores[(len(scores) - 1) // 2] - 0.5) * side
            y = top + (bins - frequency + 0.5) * side + 0.5
            texts.append({"x": x, "y": y, "text": str(number + 1), "color": text_on(color)})
    drawing.add("texts", texts)
    every = range(1, bins + 1)
    drawing.texts(
        [(origin + (s - 0.5) * side, top + side * bins + 9, str(s)) for s in every], color=MUTED
    )
    if origin < 40:  # noqa: PLR2004 - the first block carries the scale for all
        drawing.texts(
            [(origin - 8, top + (bins - s + 0.5) * side, str(s)) for s in every], color=MUTED
        )


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


def _title(found: Clusters, formats: Formats) -> str:
    height = found.chosen.silhouette
    structure = next((words for least, words in _STRUCTURE if height > least), _NO_STRUCTURE)
    count, written = formats.count(len(found.centres)), formats.number(height, _DIGITS)
    return f"{count} clusters, silhouette {written}: {structure}"


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

    def count(others: Sequence[str], row: _Members) -> int | None:
        return sum(held.get((name, other), 0) for name in row[1] for other in others) or None

    every = agreement.segments
    columns = [(shown(other, 40), [other]) for other in every]
    fields = (
        Field[_Members]("", "Cluster", lambda row: row[0], limit=60),
        *(
            Field[_Members]("", heading, partial(count, others), "count")
            for heading, others in (*columns, ("All", every))
        ),
    )
    return page_table(
        f"Customers by cluster and by segment of {shown(agreement.title, 80)}",
        fields,
        [(name, [name]) for name in names],
        formats,
        total=(report.segments.total.name, names),
        key=lambda row: names.index(row[0]),
    )


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
