"""Scoring: cuts that turn recency, frequency and revenue into scores, 1 to 5, 5 the best."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from rfmreport.engine.ask import read_queries
from rfmreport.errors import InputError, SettingsError
from rfmreport.vocabulary import MEASURES, RECENCY_DAYS, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import ScoringSettings

_STEPS_PER_UNIT = 10_000
_MOST_STEPS = 2**63 - 1
_BOUND_STEP = Decimal(1) / _STEPS_PER_UNIT
_BEST_IS_LOW = (RECENCY_DAYS,)
_SQL = read_queries(__file__)


@dataclass(frozen=True, slots=True)
class MeasureCuts:
    """The bounds of one measure, ascending, one fewer than there are scores.

    `closed` "right": a value equal to a bound belongs to the interval below it; "left": above it.
    Low recency scores high; orders and revenue score high when they are high.
    """

    measure: str
    bounds: tuple[Decimal, ...]
    closed: Literal["left", "right"]

    @property
    def best_is_low(self) -> bool:
        """Say whether the smallest values get the highest score."""
        return self.measure in _BEST_IS_LOW

    def score_intervals(self) -> tuple[tuple[Decimal | None, Decimal | None], ...]:
        """Return (lower, upper) bound per score, from 1 up; None where there is no bound."""
        edges = (None, *self.bounds, None)
        intervals = tuple(itertools.pairwise(edges))
        return intervals[::-1] if self.best_is_low else intervals


@dataclass(frozen=True, slots=True)
class Cuts:
    """The cuts of the three measures, and how they were made."""

    method: Literal["quantile", "rank-first", "fixed"]
    bins: int
    measures: tuple[MeasureCuts, ...]

    def of(self, measure: str) -> MeasureCuts:
        """Return the cuts of one measure."""
        return next(cuts for cuts in self.measures if cuts.measure == measure)


def choose_cuts(
    engine: Engine,
    people: str,
    bins: int,
    scheme_cuts: Mapping[str, tuple[float, ...]],
    settings: ScoringSettings,
) -> Cuts:
    """Return the cuts that the settings ask for; measures that the scheme cuts itself keep its own.

    `people` is the table of the customers with their measures.

    Raises:
        SettingsError: fixed cuts are wrong or missing.
    """
    fixed = _asked_for(bins, scheme_cuts, settings)
    if settings.method == "rank-first":
        return rank_first_cuts(engine, people, bins, fixed)
    return fit_cuts(engine, people, bins, fixed)


def fit_cuts(engine: Engine, people: str, bins: int, fixed: Mapping[str, MeasureCuts]) -> Cuts:
    """Fit cuts so that ties share a score and the scale is used in full.

    From worst to best, for b = bins … 2 bins still to fill: target = placed + (N - placed) / b;
    the bin ends at the value where the customers counted so far first reach the target, or at the
    value before it where that lies at least as near to the target. Each bin so takes an equal
    share of the customers that are left; on untied data these are plain quantiles.

    `people` is the table of the customers with their measures, of which the histograms of distinct
    values leave the engine. Measures in `fixed` keep their cuts.

    Raises:
        InputError: a value is too large to be scored exactly.
    """
    if all(measure in fixed for measure in MEASURES):
        return Cuts("fixed", bins, tuple(fixed[measure] for measure in MEASURES))
    found = engine.arrays(_SQL["worst_to_best"], people=people, most_steps=_MOST_STEPS)
    fitted = []
    for place, measure in enumerate(MEASURES):
        if measure in fixed:
            fitted.append(fixed[measure])
            continue
        is_of = found["measure"] == place
        positions, counts = found["position"][is_of], found["customer_count"][is_of]
        _refuse_beyond(positions)
        ends = [int(positions[end]) * _BOUND_STEP for end in fill_bins(counts, bins)]
        fitted.append(_as_cuts(measure, ends))
    return Cuts("quantile", bins, tuple(fitted))


def rank_first_cuts(
    engine: Engine, people: str, bins: int, fixed: Mapping[str, MeasureCuts]
) -> Cuts:
    """Return the cuts of the notebooks' recipe, kept only to reproduce their tables.

    Recency and revenue are cut at their type-7 quantiles, intervals closed on the right; orders
    have no bounds, for there customers are ranked, ties in the order of their ids, and the ranks
    are cut: customers with equally many orders can get unequal scores. Measures in `fixed` keep
    theirs.
    """
    steps = [k / bins for k in range(1, bins)]
    quantiles = engine.row(_SQL["quantiles"], people=people, steps=steps)
    return Cuts(
        "rank-first",
        bins,
        tuple(
            fixed.get(measure)
            or MeasureCuts(measure, tuple(map(_as_bound, quantiles.get(measure, ()))), "right")
            for measure in MEASURES
        ),
    )


def fixed_cuts(
    bounds: Mapping[str, tuple[float, ...]], bins: int, closed: Literal["left", "right"]
) -> dict[str, MeasureCuts]:
    """Turn bounds from settings or a scheme into cuts, by measure.

    Raises:
        SettingsError: an unknown measure, too many or too few bounds, or bounds out of order.
    """
    cuts = {}
    for measure, values in bounds.items():
        if measure not in MEASURES:
            message = f"cuts: unknown measure {measure!r}; the measures are {', '.join(MEASURES)}"
            raise SettingsError(message)
        if len(values) != bins - 1 or not _are_ascending(values):
            message = f"cuts: {measure} needs {bins - 1} ascending bounds, found {list(values)}"
            raise SettingsError(message)
        cuts[measure] = MeasureCuts(measure, tuple(map(_as_bound, values)), closed)
    return cuts


def score_sql(cuts: Cuts, day: str = "") -> str:
    """Return the SQL of the three scores, by the columns of the measures; they are whole numbers.

    Where customers are ranked, those of each `day` (a column) are ranked among themselves.
    """
    return ", ".join(
        f"CAST({_score_by(cuts, cuts.of(measure), day)} AS TINYINT) AS {score}"
        for score, measure in zip(SCORES, MEASURES, strict=True)
    )


def fill_bins(counts: Sequence[int] | np.ndarray, bins: int) -> list[int]:
    """Return the index of the last value in each bin but the final one; see `fit_cuts`.

    `counts` are customers per distinct value, from worst to best. Where values are few, bins stay
    empty and the list is shorter.
    """
    placed_up_to = np.cumsum(counts)
    total = int(placed_up_to[-1])
    ends: list[int] = []
    placed = 0
    for bins_left in range(bins, 1, -1):
        target = placed + (total - placed) / bins_left
        end = int(np.searchsorted(placed_up_to, target))
        previous = ends[-1] if ends else -1
        if end - 1 > previous and target - placed_up_to[end - 1] <= placed_up_to[end] - target:
            end -= 1
        placed = int(placed_up_to[end])
        if placed == total:
            break
        ends.append(end)
    return ends


def _asked_for(
    bins: int, scheme_cuts: Mapping[str, tuple[float, ...]], settings: ScoringSettings
) -> dict[str, MeasureCuts]:
    """Return the cuts that are not to be fitted: the scheme's own, and those of `fixed`."""
    fixed = fixed_cuts(scheme_cuts, bins, "right")
    if settings.method != "fixed":
        return fixed
    fixed |= fixed_cuts(settings.cuts, bins, settings.cuts_closed)
    missing = [measure for measure in MEASURES if measure not in fixed]
    if missing:
        message = (
            f"scoring method 'fixed' has no cuts for {', '.join(missing)}; write their bounds "
            "below [scoring.cuts] in the configuration"
        )
        raise SettingsError(message)
    return fixed


def _are_ascending(values: Sequence[float]) -> bool:
    pairs = itertools.pairwise(values)
    return all(map(math.isfinite, values)) and all(a < b for a, b in pairs)


def _as_bound(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_BOUND_STEP)


def _score_by(cuts: Cuts, of_measure: MeasureCuts, day: str) -> str:
    if cuts.method == "rank-first" and not of_measure.bounds:
        return _score_by_rank(of_measure.measure, cuts.bins, day)
    scores = list(range(1, len(of_measure.bounds) + 2))
    if of_measure.best_is_low:
        scores.reverse()
    below = "<=" if of_measure.closed == "right" else "<"
    steps = [
        f"WHEN {of_measure.measure} {below} CAST('{bound:f}' AS DECIMAL(38, 4)) THEN {score}"
        for bound, score in zip(of_measure.bounds, scores, strict=False)
    ]
    return f"CASE {' '.join(steps)} ELSE {scores[-1]} END" if steps else "1"


def _score_by_rank(measure: str, bins: int, day: str) -> str:
    """Cut the ranks 1…N at their type-7 quantiles, k / bins of the way from 1 to N."""
    among = f"PARTITION BY {day}" if day else ""
    rank = f"row_number() OVER ({among} ORDER BY {measure}, customer_id) - 1"
    count = f"count(*) OVER ({among})"
    return f"1 + greatest(({rank}) * {bins} - 1, 0) // greatest({count} - 1, 1)"


def _refuse_beyond(positions: np.ndarray) -> None:
    if np.abs(positions).max() == _MOST_STEPS:
        message = (
            f"a customer's revenue is beyond {_MOST_STEPS // _STEPS_PER_UNIT:,}, more than can be "
            "scored exactly; see with `rfmreport check` whether the column of amounts is the right "
            "one, or give amounts in thousands"
        )
        raise InputError(message)


def _as_cuts(measure: str, ends: list[Decimal]) -> MeasureCuts:
    """Turn bin ends from worst to best into ascending bounds.

    A bin holds its end, so recency's intervals, read upwards, are closed on the left.
    """
    if measure in _BEST_IS_LOW:
        return MeasureCuts(measure, tuple(-end for end in reversed(ends)), "left")
    return MeasureCuts(measure, tuple(ends), "right")
