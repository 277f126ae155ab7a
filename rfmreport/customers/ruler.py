"""The report's ruler: saved cuts where they fit, else new ones, and how well they still fit.

The population stability index and its two bounds are those of N. Siddiqi, Credit Risk Scorecards
(2006): below 0.10 nothing has changed, up to 0.25 it is worth watching, above it is time for new
cuts. The index of two samples from one population, divided by 1/n + 1/m, follows a chi-square
distribution with one degree of freedom fewer than there are scores (B. Yurdakul and J. Naranjo,
Statistical properties of the population stability index, Journal of Risk Model Validation 14(4),
2020): small shops pass the bounds by chance, and then no advice is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.customers import scoring
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.figures import Drift, RefitMove, Ruler
from rfmreport.customers.measure import MEASURED
from rfmreport.customers.saved_cuts import CutsSource, SavedCuts, basis_of, read_cuts, why_not
from rfmreport.customers.segments import named_sql
from rfmreport.engine.ask import read_queries
from rfmreport.formats import shares_that_add_up
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.vocabulary import MEASURES, SCORES, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rfmreport.customers.figures import CutsRow
    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.engine.ask import Engine
    from rfmreport.formats import Formats
    from rfmreport.settings import Settings
    from rfmreport.source.audit import SourceFile
    from rfmreport.source.columns.roles import ColumnMap

_SQL = read_queries(__file__)
Verdict = Literal["stable", "watch", "new cuts due", "within chance", "too few customers"]

WATCH_FROM = 0.10
REFIT_ABOVE = 0.25
# The 95 % points of chi-square, by degrees of freedom: scores run from 1 to at most 9.
_CHI_SQUARE_95 = (0.0, 3.841, 5.991, 7.815, 9.488, 11.070, 12.592, 14.067, 15.507)
_EMPTY_CELL = 0.5
# Where so many customers are expected, chance leaves nobody once in twenty times (rule of three).
_EXPECTED_IN_EMPTIED = 3.0
_WORDS = {"recency_days": "recency", "order_count": "frequency", "revenue": "monetary"}
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
    counts = score_counts(cuts_rows)
    customer_count = sum(counts[MEASURES[0]])
    saved = ruling.saved
    if saved is None:
        return Ruler(ruling.origin, ruling.reason, None, None, customer_count)
    if saved.score_counts == counts and saved.sources == cuts_sources(sources):
        return Ruler("fitted", "", None, None, customer_count)
    other = saved.cuts
    if ruling.origin == "saved":
        fixed = scoring.fixed_cuts(scheme.fixed_cuts, scheme.bins, "right")
        other = scoring.fit_cuts(engine, MEASURED, scheme.bins, fixed)
    engine.hold(_OTHERWISE, named_sql(MEASURED, other, scheme))
    tables = ("customers", _OTHERWISE)
    if ruling.origin == "refitted":
        tables = (_OTHERWISE, "customers")
        counts = count_scores(engine, _OTHERWISE, saved.cuts.bins)
    moves = count_refit_moves(engine, *tables)
    engine.drop(_OTHERWISE)
    return Ruler(
        origin=ruling.origin,
        reason=ruling.reason,
        fitted_as_of=saved.fitted_as_of,
        fitted_customer_count=saved.customer_count,
        customer_count=customer_count,
        drift=measure_drift(saved.score_counts, counts),
        refit_moves=moves,
    )


def ruler_findings(ruler: Ruler, formats: Formats) -> tuple[Finding, ...]:
    """Warn where saved cuts no longer fit, or could not be used."""
    advice = refit_advice(ruler, formats)
    if advice:
        return (Finding("refit", "warning", advice),)
    if ruler.origin == "refitted" and ruler.reason != ON_REQUEST:
        text = f"New cuts were made, so no segment compares with the last report: {ruler.reason}."
        return (Finding("new_cuts", "warning", text),)
    return ()


def cuts_sources(sources: Sequence[SourceFile]) -> tuple[CutsSource, ...]:
    """Return what cuts on file say of the files that they were made from."""
    return tuple(CutsSource(file.name, file.sha256) for file in sources)


def score_counts(cuts_rows: Sequence[CutsRow]) -> dict[str, tuple[int, ...]]:
    """Return customers per score, from 1 up, by measure."""
    return {
        measure: tuple(
            row.customer_count
            for row in sorted(cuts_rows, key=lambda row: row.score)
            if row.measure == measure
        )
        for measure in MEASURES
    }


def count_scores(engine: Engine, people: str, bins: int) -> dict[str, tuple[int, ...]]:
    """Return customers per score, from 1 to `bins`, by measure."""
    counts = {measure: [0] * bins for measure in MEASURES}
    for cell in engine.rows(_SQL["scores"], people=people):
        for measure, score in zip(MEASURES, SCORES, strict=True):
            counts[measure][cell[score] - 1] += cell["customer_count"]
    return {measure: tuple(found) for measure, found in counts.items()}


def measure_drift(
    then: Mapping[str, Sequence[int]], now: Mapping[str, Sequence[int]]
) -> tuple[Drift, ...]:
    """Return the drift of each measure that has customers per score, then and now, from 1 up."""
    return tuple(
        Drift(
            measure=measure,  # type: ignore[arg-type]
            shares_then=_shares(then[measure]),
            shares_now=_shares(now[measure]),
            stability_index=stability_index(then[measure], now[measure]),
        )
        for measure in MEASURES
        if sum(then.get(measure, ())) and sum(now.get(measure, ()))
    )


def stability_index(then: Sequence[int], now: Sequence[int]) -> float:
    """Return the sum over scores of (now - then) × ln(now / then) of their shares.

    A score that is empty on one side only counts as half a customer there.
    """
    pairs = [(a, b) for a, b in zip(then, now, strict=True) if a or b]
    before = _shares([a or _EMPTY_CELL for a, _ in pairs])
    after = _shares([b or _EMPTY_CELL for _, b in pairs])
    return sum((b - a) * math.log(b / a) for a, b in zip(before, after, strict=True))


def count_refit_moves(engine: Engine, saved: str, refitted: str) -> tuple[RefitMove, ...]:
    """Return the customers whose segment differs, by segments, most customers first.

    Both are tables of customers: one under the saved cuts, one under newly fitted ones.
    """
    rows = engine.rows(_SQL["refit_moves"], saved=saved, refitted=refitted)
    return tuple(RefitMove(**row) for row in rows)


def verdict_of(drift: Drift, ruler: Ruler) -> Verdict:
    """Say what a measure's drift means, given how many customers stand behind it."""
    then_count, now_count = ruler.fitted_customer_count or 0, ruler.customer_count
    if min(then_count, now_count) < FEWEST_CUSTOMERS:
        return "too few customers"
    if emptied_scores(drift, now_count):
        return "new cuts due"
    if drift.stability_index < WATCH_FROM:
        return "stable"
    pairs = zip(drift.shares_then, drift.shares_now, strict=True)
    freedom = sum(bool(a or b) for a, b in pairs) - 1
    if drift.stability_index <= _CHI_SQUARE_95[freedom] * (1 / then_count + 1 / now_count):
        return "within chance"
    return "new cuts due" if drift.stability_index > REFIT_ABOVE else "watch"


def emptied_scores(drift: Drift, now_count: int) -> tuple[int, ...]:
    """Return the scores that held customers when the cuts were made and hold nobody now.

    Those that chance may have left empty are not among them.
    """
    pairs = zip(drift.shares_then, drift.shares_now, strict=True)
    return tuple(
        score
        for score, (then, now) in enumerate(pairs, start=1)
        if not now and then * now_count > _EXPECTED_IN_EMPTIED
    )


def worst_drift(ruler: Ruler) -> Drift | None:
    """Return the measure that new cuts are due for, or else the one that drifted most."""
    return max(
        ruler.drift,
        key=lambda d: (verdict_of(d, ruler) == "new cuts due", d.stability_index),
        default=None,
    )


def refit_advice(ruler: Ruler, formats: Formats) -> str | None:
    """Return the advice to make new cuts, with its evidence; None where saved ones still fit."""
    worst = worst_drift(ruler) if ruler.origin == "saved" else None
    if worst is None or not ruler.fitted_as_of or verdict_of(worst, ruler) != "new cuts due":
        return None
    return (
        f"The cuts of {formats.day(ruler.fitted_as_of)} no longer fit: {_told(worst)} "
        f"({_why(worst, ruler, formats)}). Make new cuts with --refit; the report then tells "
        "how many customers that alone has moved."
    )


def drift_sentence(ruler: Ruler, formats: Formats) -> str | None:
    """Return what the measure with the largest drift says; None where nothing was compared."""
    worst = worst_drift(ruler)
    if worst is None:
        return None
    verdict = verdict_of(worst, ruler)
    name = _WORDS[worst.measure]
    index = formats.number(worst.stability_index, 2)
    if verdict == "too few customers":
        return "Too few customers to say whether the scores have drifted."
    if verdict == "stable":
        return (
            f"The saved cuts still fit: the largest stability index, of {name}, is {index}; below "
            f"{formats.number(WATCH_FROM, 2)} counts as stable."
        )
    if verdict == "within chance":
        return (
            f"The largest stability index, of {name}, is {index}, which chance explains among "
            f"{formats.count(ruler.customer_count)} customers."
        )
    return f"{_capital(_told(worst))} ({_why(worst, ruler, formats)})."


def _told(drift: Drift) -> str:
    """Say how many of a hundred customers have each score, now and when the cuts were made."""
    now, then = (_hundredths(shares) for shares in (drift.shares_now, drift.shares_then))
    return (
        f"of 100 customers, {now} now have {_WORDS[drift.measure]} scores "
        f"1 to {len(drift.shares_now)}, against {then} when the cuts were made"
    )


def _why(drift: Drift, ruler: Ruler, formats: Formats) -> str:
    index = f"stability index {formats.number(drift.stability_index, 2)}"
    emptied = emptied_scores(drift, ruler.customer_count)
    if emptied:
        scores = " and ".join(map(str, emptied))
        return f"nobody has score {scores} any more; {index}"
    bound = formats.number(REFIT_ABOVE, 2)
    if drift.stability_index > REFIT_ABOVE:
        return f"{index}; above {bound} new cuts are due"
    return f"{index}; new cuts are due above {bound}"


def _hundredths(shares: Sequence[float]) -> str:
    *most, last = map(str, shares_that_add_up(shares, 0))
    return f"{', '.join(most)} and {last}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _shares(counts: Sequence[float]) -> tuple[float, ...]:
    total = sum(counts)
    return tuple(count / total for count in counts)
