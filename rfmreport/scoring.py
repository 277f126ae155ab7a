"""Scoring: cuts that turn recency, frequency and revenue into scores, 1 to 5, 5 the best."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import ibis
import numpy as np

from rfmreport.columns import (
    AS_OF,
    CUSTOMER_ID,
    MEASURES,
    RECENCY_DAYS,
    REVENUE,
    SCORES,
)
from rfmreport.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import IntegerColumn, Table

    from rfmreport.settings import ScoringSettings

_SCORED_AS = "decimal(38, 4)"
_STEPS_PER_UNIT = 10_000
_BOUND_STEP = Decimal(1) / _STEPS_PER_UNIT
_BEST_IS_LOW = (RECENCY_DAYS,)


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


def fit_cuts(customers: Table, bins: int, fixed: Mapping[str, MeasureCuts]) -> Cuts:
    """Fit cuts so that ties share a score and the scale is used in full.

    From worst to best, for b = bins … 2 bins still to fill: target = placed + (N - placed) / b;
    the bin ends at the value where the customers counted so far first reach the target, or at the
    value before it where that lies at least as near to the target. Each bin so takes an equal
    share of the customers that are left; on untied data these are plain quantiles.

    `customers` is one row per customer with the three measures. Measures in `fixed` keep theirs.
    """
    to_fit = [measure for measure in MEASURES if measure not in fixed]
    fitted = _fit_worst_to_best(customers, to_fit, bins) if to_fit else {}
    measures = tuple(fixed.get(m) or _as_cuts(m, fitted[m]) for m in MEASURES)
    return Cuts("quantile" if to_fit else "fixed", bins, measures)


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


def choose_cuts(
    customers: Table,
    bins: int,
    scheme_cuts: Mapping[str, tuple[float, ...]],
    settings: ScoringSettings,
) -> Cuts:
    """Return the cuts that the settings ask for; measures that the scheme cuts itself keep its own.

    Raises:
        SettingsError: fixed cuts are wrong or missing.
    """
    fixed = fixed_cuts(scheme_cuts, bins, "right")
    if settings.method == "rank-first":
        return rank_first_cuts(customers, bins, fixed)
    if settings.method == "fixed":
        fixed |= fixed_cuts(settings.cuts, bins, settings.cuts_closed)
        missing = [measure for measure in MEASURES if measure not in fixed]
        if missing:
            message = (
                f"scoring method 'fixed' has no cuts for {', '.join(missing)}; write their bounds "
                "below [scoring.cuts] in the configuration"
            )
            raise SettingsError(message)
    return fit_cuts(customers, bins, fixed)


def score_customers(customers: Table, cuts: Cuts) -> Table:
    """Add `recency_score`, `frequency_score` and `monetary_score` to one row per customer."""
    scores = {}
    for name, measure in zip(SCORES, MEASURES, strict=True):
        if cuts.method == "rank-first" and not cuts.of(measure).bounds:
            scores[name] = _score_by_rank(customers, measure, cuts.bins)
        else:
            scores[name] = _score_by_bounds(customers, cuts.of(measure))
    return customers.mutate(**scores)


def rank_first_cuts(customers: Table, bins: int, fixed: Mapping[str, MeasureCuts]) -> Cuts:
    """Return the cuts of the notebooks' recipe, kept only to reproduce their tables.

    Recency and revenue are cut at their type-7 quantiles, intervals closed on the right; orders
    have no bounds, for there customers are ranked, ties in the order of their ids, and the ranks
    are cut: customers with equally many orders can get unequal scores. Measures in `fixed` keep
    theirs.
    """
    steps = [k / bins for k in range(1, bins)]
    quantiles = {
        f"{measure}_{k}": customers[measure].cast("float64").quantile(step)
        for measure in (RECENCY_DAYS, REVENUE)
        for k, step in enumerate(steps)
    }
    row = customers.agg(**quantiles).to_pyarrow().to_pylist()[0]
    bounds = {
        measure: tuple(_as_bound(row[f"{measure}_{k}"]) for k in range(len(steps)))
        for measure in (RECENCY_DAYS, REVENUE)
    }
    measures = tuple(
        fixed.get(measure) or MeasureCuts(measure, bounds.get(measure, ()), "right")
        for measure in MEASURES
    )
    return Cuts("rank-first", bins, measures)


def _are_ascending(values: Sequence[float]) -> bool:
    pairs = itertools.pairwise(values)
    return all(map(math.isfinite, values)) and all(a < b for a, b in pairs)


def _as_bound(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_BOUND_STEP)


def _score_by_bounds(customers: Table, cuts: MeasureCuts) -> IntegerColumn:
    value = customers[cuts.measure]
    score = ibis.literal(1, "int8")
    for bound in cuts.bounds:
        limit = ibis.literal(bound, _SCORED_AS)
        if cuts.best_is_low:
            passed = value <= limit if cuts.closed == "right" else value < limit
        else:
            passed = value > limit if cuts.closed == "right" else value >= limit
        score = score + passed.cast("int8")
    return score.cast("int8")


def _score_by_rank(customers: Table, measure: str, bins: int) -> IntegerColumn:
    """Cut the ranks 1…N at their type-7 quantiles, k / bins of the way from 1 to N."""
    date = [AS_OF] if AS_OF in customers.columns else []
    order = ibis.window(group_by=date, order_by=[customers[measure], customers[CUSTOMER_ID]])
    rank = ibis.row_number().over(order)
    count = customers.count().over(ibis.window(group_by=date))
    score = ibis.literal(1, "int8")
    for k in range(1, bins):
        score = score + (rank * bins > (count - 1) * k).cast("int8")
    return score.cast("int8")


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


def _fit_worst_to_best(
    customers: Table, measures: list[str], bins: int
) -> dict[str, list[Decimal]]:
    """Return each measure's bin ends from worst to best.

    The histograms of distinct values leave the engine, 16 bytes a value; `position` grows from
    worst to best (recency has its sign turned) in steps of a ten-thousandth, so it is exact.
    """
    values = [
        customers.select(
            measure=ibis.literal(number, "int8"),
            position=(
                customers[measure].cast(_SCORED_AS) * (_sign(measure) * _STEPS_PER_UNIT)
            ).cast("int64"),
        )
        for number, measure in enumerate(measures)
    ]
    table = ibis.union(*values) if len(values) > 1 else values[0]
    counted = table.group_by("measure", "position").agg(customer_count=table.count())
    histogram = counted.order_by("measure", "position").to_pyarrow()
    columns = {name: histogram[name].to_numpy() for name in histogram.column_names}
    fitted = {}
    for number, measure in enumerate(measures):
        of_measure = columns["measure"] == number
        positions = columns["position"][of_measure]
        ends = fill_bins(columns["customer_count"][of_measure], bins)
        fitted[measure] = [int(positions[end]) * _BOUND_STEP for end in ends]
    return fitted


def _sign(measure: str) -> int:
    return -1 if measure in _BEST_IS_LOW else 1


def _as_cuts(measure: str, ends: list[Decimal]) -> MeasureCuts:
    """Turn bin ends from worst to best into ascending bounds.

    A bin holds its end, so recency's intervals, read upwards, are closed on the left.
    """
    if measure in _BEST_IS_LOW:
        return MeasureCuts(measure, tuple(-end for end in reversed(ends)), "left")
    return MeasureCuts(measure, tuple(ends), "right")
