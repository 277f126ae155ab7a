"""How the report was made: everything that is needed to understand it and to make it again."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from importlib.metadata import version
from math import comb
from typing import TYPE_CHECKING

from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.figures import CutsRow, SchemeCell
from rfmreport.customers.segments import Scheme, load_scheme, scheme_names
from rfmreport.sections.method.figures import Agreement, Clusters, ColumnUse, Method, Overlap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import Settings
    from rfmreport.shop import Shop
    from rfmreport.source.audit import SourceFile

_LIBRARIES = ("altair", "duckdb", "ibis-framework", "jinja2", "vl-convert-python", "weasyprint")
_DEFINITIONS = (
    ("Line", "One row of the source: a product on an invoice, or a whole order."),
    ("Order", "All kept lines with one order number; without one, a customer's day."),
    ("Recency", "Whole calendar days from the customer's last order to the as-of date."),
    ("Order count", "Distinct orders of the customer in the period."),
    ("Revenue", "Sum of kept line amounts, in the source's currency."),
    ("As-of date", "The first day after the data that counts."),
    ("Score", "1 to the highest, which is best; see the cuts below."),
    ("Came back", "Ordered again within the horizon after the date at which it was scored."),
    ("Active customers", "Customers with at least one order in the month."),
    (
        "Repeat rate",
        "Share of a month's customers who had ordered in an earlier month.",
    ),
    (
        "Within chance",
        "Below 1.96 standard deviations of the difference of two sums of orders.",
    ),
)


def describe_method(
    shop: Shop, sources: tuple[SourceFile, ...], cuts_rows: tuple[CutsRow, ...]
) -> Method:
    """Return the report's account of itself; the settings' SHA-256 covers the scheme's cells."""
    settings, scheme = shop.settings, shop.scheme
    cells = tuple(SchemeCell(*cell, name) for cell, name in scheme.cell_segments.items())
    libraries = _LIBRARIES + (("scikit-learn",) if isinstance(scheme, ClusterScheme) else ())
    return Method(
        version=version("rfmreport"),
        sources=sources,
        columns=tuple(ColumnUse(role, heading) for role, heading in shop.read.column_map.used()),
        settings=settings.described(),
        settings_sha256=_fingerprint(settings, scheme),
        scheme_name=scheme.name,
        scheme_title=scheme.title,
        scheme_source=scheme.source,
        scheme_cells=cells,
        cuts_method=shop.cuts.method,
        cuts=cuts_rows,
        definitions=(*_DEFINITIONS, ("Change", _change_words(settings, scheme))),
        library_versions={name: version(name) for name in sorted(libraries)},
    )


def _change_words(settings: Settings, scheme: Scheme) -> str:
    """Say what a change of a segment is a change of, measured by cuts or by centres."""
    ruler = "centres" if isinstance(scheme, ClusterScheme) else "cuts"
    if settings.cleaning.window_months is not None:
        return f"Against an earlier date under the same {ruler} and a window of the same length."
    return (
        f"Against an earlier date under the same {ruler}. All history counts, so orders and spend "
        "only grow and better segments fill up with time; a window compares equal stretches."
    )


def _fingerprint(settings: Settings, scheme: Scheme) -> str:
    """A user's own scheme is named by its path: what it says must count, not where it lies."""
    cells = sorted((*cell, name) for cell, name in scheme.cell_segments.items())
    text = json.dumps([settings.fingerprint(), cells], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


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
