"""The report's ruler: saved cuts where they fit, else new ones, and how well they still fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.customers import drift, scoring
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.cuts_file import read_cuts
from rfmreport.customers.figures import Ruler
from rfmreport.customers.measure import MEASURED
from rfmreport.customers.saved_cuts import (
    CutsSource,
    SavedCuts,
    basis_of,
    why_not,
)
from rfmreport.customers.segments import named_sql
from rfmreport.vocabulary import MEASURES, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Literal

    from rfmreport.customers.figures import CutsRow
    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.engine.ask import Engine
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.settings import Settings
    from rfmreport.source.audit import SourceFile
    from rfmreport.source.roles import ColumnMap

_OTHERWISE = "customers_otherwise"
ON_REQUEST = "as asked for"
"""Why new cuts were made although the saved ones fit."""
NOT_KEPT = (
    "clusters are found anew in each report, so no cuts are saved or re-used (those above are for "
    "the map), and the clusters of two reports cannot be compared"
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The cuts of a report, where they come from (see `report.Ruler`), and what they rest on.

    `saved` are the cuts on file that these can be held against, None where there are none; `basis`
    is what the next report must have in common to be measured with these.
    """

    cuts: Cuts
    origin: Literal["fitted", "saved", "refitted", "fixed", "ranked"]
    basis: Mapping[str, str]
    reason: str = ""
    saved: SavedCuts | None = None


def choose_cuts(
    engine: Engine,
    scheme: Scheme,
    settings: Settings,
    column_map: ColumnMap,
    cuts_file: Path | None,
) -> Ruling:
    """Return the saved cuts where they fit this report, else newly made ones.

    The engine holds the `measured_customers`.

    Raises:
        SettingsError: the saved cuts cannot be read, or fixed ones are wrong or missing.
    """
    basis = basis_of(settings, column_map, scheme)
    if isinstance(scheme, ClusterScheme):
        cuts = _new_cuts(engine, scheme, settings)
        return Ruling(cuts, "fixed", basis, NOT_KEPT)
    saved = None
    if settings.scoring.method == "quantile" and cuts_file is not None and cuts_file.exists():
        saved = read_cuts(cuts_file)
    reason = why_not(saved, basis) if saved else None
    if saved and reason is None and saved.cuts.bins != scheme.bins:
        reason = f"the saved cuts have {saved.cuts.bins} scores, the scheme {scheme.bins}"
    if saved and reason is None and not settings.scoring.refit:
        return Ruling(saved.cuts, "saved", basis, saved=saved)
    cuts = _new_cuts(engine, scheme, settings)
    if cuts.method != "quantile":
        return Ruling(cuts, "ranked" if cuts.method == "rank-first" else "fixed", basis)
    if saved is None:
        return Ruling(cuts, "fitted", basis)
    comparable = None if reason else saved
    return Ruling(cuts, "refitted", basis, reason or ON_REQUEST, comparable)


def _new_cuts(engine: Engine, scheme: Scheme, settings: Settings) -> Cuts:
    given = scheme.bins, scheme.fixed_cuts, settings.scoring
    return scoring.choose_cuts(engine, MEASURED, *given)


def describe_ruler(
    engine: Engine,
    ruling: Ruling,
    scheme: Scheme,
    cuts_rows: Sequence[CutsRow],
    sources: Sequence[SourceFile],
) -> Ruler:
    """Say where the cuts come from, how the scores drifted, and whom new cuts would move.

    The engine holds the `customers`, scored and named under `ruling.cuts`.
    Cuts that were saved by a build from the same `sources` with the same outcome are no other cuts:
    a report that is built again says what it said.
    """
    counts = _score_counts(cuts_rows)
    customer_count = sum(counts[MEASURES[0]])
    saved = ruling.saved
    if saved is None:
        return Ruler(ruling.origin, ruling.reason, None, None, customer_count)
    if saved.score_counts == counts and saved.sources == _cuts_sources(sources):
        return Ruler("fitted", "", None, None, customer_count)
    other = saved.cuts
    if ruling.origin == "saved":
        fixed = scoring.fixed_cuts(scheme.fixed_cuts, scheme.bins, "right")
        other = scoring.fit_cuts(engine, MEASURED, scheme.bins, fixed)
    engine.hold(_OTHERWISE, named_sql(MEASURED, other, scheme))
    tables = ("customers", _OTHERWISE)
    if ruling.origin == "refitted":
        tables = (_OTHERWISE, "customers")
        counts = drift.count_scores(engine, _OTHERWISE, saved.cuts.bins)
    moves = drift.count_refit_moves(engine, *tables)
    engine.drop(_OTHERWISE)
    return Ruler(
        origin=ruling.origin,
        reason=ruling.reason,
        fitted_as_of=saved.fitted_as_of,
        fitted_customer_count=saved.customer_count,
        customer_count=customer_count,
        drift=drift.measure_drift(saved.score_counts, counts),
        refit_moves=moves,
    )


def ruler_findings(ruler: Ruler, formats: Formats) -> tuple[Finding, ...]:
    """Warn where saved cuts no longer fit, or could not be used."""
    advice = drift.refit_advice(ruler, formats)
    if advice:
        return (Finding("refit", "warning", advice),)
    if ruler.origin == "refitted" and ruler.reason != ON_REQUEST:
        text = f"New cuts were made, so no segment compares with the last report: {ruler.reason}."
        return (Finding("new_cuts", "warning", text),)
    return ()


def cuts_to_save(ruling: Ruling, report: Report) -> SavedCuts | None:
    """Return what the next report should be measured with; None where cuts are not of the data."""
    if ruling.origin in {"fixed", "ranked"}:
        return None
    if ruling.origin == "saved":
        return ruling.saved
    counts = _score_counts(report.method.cuts)
    return SavedCuts(
        cuts=ruling.cuts,
        fitted_as_of=report.as_of,
        customer_count=report.segments.total.customer_count,
        score_counts=counts,
        scheme=report.method.scheme_name,
        basis_words=ruling.basis,
        sources=_cuts_sources(report.method.sources),
    )


def _cuts_sources(sources: Sequence[SourceFile]) -> tuple[CutsSource, ...]:
    return tuple(CutsSource(file.name, file.sha256) for file in sources)


def _score_counts(cuts_rows: Sequence[CutsRow]) -> dict[str, tuple[int, ...]]:
    """Return customers per score, from 1 up, by measure."""
    return {
        measure: tuple(
            row.customer_count
            for row in sorted(cuts_rows, key=lambda row: row.score)
            if row.measure == measure
        )
        for measure in MEASURES
    }
