"""Scoring: cuts that turn recency, frequency and revenue into scores, 1 to 5, 5 the best."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import ibis
import numpy as np

from rfmreport.engine.results import fetch_arrays, fetch_rows
from rfmreport.errors import InputError, SettingsError
from rfmreport.vocabulary import (
    AS_OF,
    CUSTOMER_ID,
    MEASURES,
    RECENCY_DAYS,
    REVENUE,
    SCORES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.expr.types import BooleanValue, Column, IntegerColumn, Table, Value

    from rfmreport.settings import ScoringSettings

_SCORED_AS = "decimal(38, 4)"
_STEPS_PER_UNIT = 10_000
_MOST_STEPS = 2**63 - 1
_BOUND_STEP = Decimal(1) / _STEPS_PER_UNIT
_BEST_IS_LOW = (RECENCY_DAYS,)
_GROUP = "group_number"


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
    return _fit_cuts_by(_as_one_group(customers), _GROUP, [0], bins, fixed)[0]


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
    fixed = _asked_for(bins, scheme_cuts, settings)
    if settings.method == "rank-first":
        return rank_first_cuts(customers, bins, fixed)
    return fit_cuts(customers, bins, fixed)


def choose_cuts_by(  # noqa: PLR0913, PLR0917  as choose_cuts, for groups
    customers: Table,
    group: str,
    numbers: Sequence[int],
    bins: int,
    scheme_cuts: Mapping[str, tuple[float, ...]],
    settings: ScoringSettings,
) -> dict[int, Cuts]:
    """Return for each group of customers what `choose_cuts` returns for it alone, from one query.

    `customers` is one row per group and customer; the column `group` holds the group's number, and
    `numbers` lists the groups, none of them empty.

    Raises:
        SettingsError: fixed cuts are wrong or missing.
    """
    fixed = _asked_for(bins, scheme_cuts, settings)
    if settings.method == "rank-first":
        return _rank_first_cuts_by(customers, group, numbers, bins, fixed)
    return _fit_cuts_by(customers, group, numbers, bins, fixed)


def score_customers(customers: Table, cuts: Cuts) -> Table:
    """Add `recency_score`, `frequency_score` and `monetary_score` to one row per customer."""
    scores = {}
    for name, measure in zip(SCORES, MEASURES, strict=True):
        if cuts.method == "rank-first" and not cuts.of(measure).bounds:
            date = [AS_OF] if AS_OF in customers.columns else []
            scores[name] = _score_by_rank(customers, measure, cuts.bins, date)
        else:
            scores[name] = _score_by_bounds(customers, cuts.of(measure))
    return customers.mutate(**scores)


def score_customers_by(customers: Table, group: str, cuts: Mapping[int, Cuts]) -> Table:
    """Add the three scores to one row per group and customer, each group's by its own cuts.

    The column `group` holds the group's number, by which `cuts` are found; all were made one way.
    """
    first = next(iter(cuts.values()))
    scores = {}
    for name, measure in zip(SCORES, MEASURES, strict=True):
        if first.method == "rank-first" and not first.of(measure).bounds:
            scores[name] = _score_by_rank(customers, measure, first.bins, [group])
        else:
            of_measure = {number: of_group.of(measure) for number, of_group in cuts.items()}
            scores[name] = _score_by_bounds_of_groups(customers, group, of_measure)
    return customers.mutate(**scores)


def rank_first_cuts(customers: Table, bins: int, fixed: Mapping[str, MeasureCuts]) -> Cuts:
    """Return the cuts of the notebooks' recipe, kept only to reproduce their tables.

    Recency and revenue are cut at their type-7 quantiles, intervals closed on the right; orders
    have no bounds, for there customers are ranked, ties in the order of their ids, and the ranks
    are cut: customers with equally many orders can get unequal scores. Measures in `fixed` keep
    theirs.
    """
    return _rank_first_cuts_by(_as_one_group(customers), _GROUP, [0], bins, fixed)[0]


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


def _rank_first_cuts_by(
    customers: Table,
    group: str,
    numbers: Sequence[int],
    bins: int,
    fixed: Mapping[str, MeasureCuts],
) -> dict[int, Cuts]:
    steps = [k / bins for k in range(1, bins)]
    quantiles = {
        f"{measure}_{k}": customers[measure].cast("float64").quantile(step)
        for measure in (RECENCY_DAYS, REVENUE)
        for k, step in enumerate(steps)
    }
    rows = fetch_rows(customers.group_by(group).agg(**quantiles))
    by_group = {row[group]: row for row in rows}

    def cuts_of(row: Mapping[str, float], measure: str) -> MeasureCuts:
        is_cut = measure in {RECENCY_DAYS, REVENUE}
        bounds = [_as_bound(row[f"{measure}_{k}"]) for k in range(len(steps))] if is_cut else []
        return fixed.get(measure) or MeasureCuts(measure, tuple(bounds), "right")

    return {
        number: Cuts("rank-first", bins, tuple(cuts_of(by_group[number], m) for m in MEASURES))
        for number in numbers
    }


def _as_one_group(customers: Table) -> Table:
    return customers.mutate(**{_GROUP: ibis.literal(0)})


def _are_ascending(values: Sequence[float]) -> bool:
    pairs = itertools.pairwise(values)
    return all(map(math.isfinite, values)) and all(a < b for a, b in pairs)


def _as_bound(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_BOUND_STEP)


def _score_by_bounds(customers: Table, cuts: MeasureCuts) -> IntegerColumn:
    value = customers[cuts.measure]
    score = ibis.literal(1, "int8")
    for bound in cuts.bounds:
        score = score + _passes(value, ibis.literal(bound, _SCORED_AS), cuts).cast("int8")
    return score.cast("int8")


def _passes(value: Column, limit: Value, cuts: MeasureCuts) -> BooleanValue:
    """Say whether a value lies on the better side of a bound."""
    if cuts.best_is_low:
        return value <= limit if cuts.closed == "right" else value < limit
    return value > limit if cuts.closed == "right" else value >= limit


def _score_by_bounds_of_groups(
    customers: Table, group: str, cuts: Mapping[int, MeasureCuts]
) -> IntegerColumn:
    """Score as `_score_by_bounds` does; lists hold every group's bound, null where it has none."""
    first = next(iter(cuts.values()))
    bounds = [cuts[number].bounds if number in cuts else () for number in range(max(cuts) + 1)]
    score = ibis.literal(1, "int8")
    for step in itertools.zip_longest(*bounds):
        limit = ibis.literal(list(step), f"array<{_SCORED_AS}>")[customers[group]]
        passed = _passes(customers[first.measure], limit, first).fill_null(False)  # noqa: FBT003
        score = score + passed.cast("int8")
    return score.cast("int8")


def _score_by_rank(
    customers: Table, measure: str, bins: int, group: Sequence[str]
) -> IntegerColumn:
    """Cut the ranks 1…N at their type-7 quantiles, k / bins of the way from 1 to N."""
    order = ibis.window(group_by=group, order_by=[customers[measure], customers[CUSTOMER_ID]])
    rank = ibis.row_number().over(order)
    count = customers.count().over(ibis.window(group_by=group))
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


def _fit_cuts_by(
    customers: Table,
    group: str,
    numbers: Sequence[int],
    bins: int,
    fixed: Mapping[str, MeasureCuts],
) -> dict[int, Cuts]:
    """Fit the cuts of every group of customers from one query."""
    to_fit = [measure for measure in MEASURES if measure not in fixed]
    ends = _fit_worst_to_best(customers, group, to_fit, bins) if to_fit else {}
    method: Literal["quantile", "fixed"] = "quantile" if to_fit else "fixed"
    return {
        number: Cuts(
            method, bins, tuple(fixed.get(m) or _as_cuts(m, ends[number, m]) for m in MEASURES)
        )
        for number in numbers
    }


def _fit_worst_to_best(
    customers: Table, group: str, measures: list[str], bins: int
) -> dict[tuple[int, str], list[Decimal]]:
    """Return each group's and measure's bin ends from worst to best.

    The histograms of distinct values leave the engine, 16 bytes a value; `position` grows from
    worst to best (recency has its sign turned) in steps of a ten-thousandth, so it is exact.

    Raises:
        InputError: a value has more steps than fit into 64 bits.
    """
    values = [
        customers.select(
            number=customers[group].cast("int32"),
            measure=ibis.literal(index, "int8"),
            position=_in_steps(customers[measure]) * _sign(measure),
        )
        for index, measure in enumerate(measures)
    ]
    table = ibis.union(*values) if len(values) > 1 else values[0]
    counted = table.group_by("number", "measure", "position").agg(customer_count=table.count())
    columns = fetch_arrays(counted.order_by("number", "measure", "position"))
    if np.abs(columns["position"]).max() == _MOST_STEPS:
        message = (
            f"a customer's revenue is beyond {_MOST_STEPS // _STEPS_PER_UNIT:,}, more than can be "
            "scored exactly; see with `rfmreport check` whether the column of amounts is the right "
            "one, or give amounts in thousands"
        )
        raise InputError(message)
    fitted = {}
    for number in np.unique(columns["number"]):
        for index, measure in enumerate(measures):
            of_fit = (columns["number"] == number) & (columns["measure"] == index)
            positions = columns["position"][of_fit]
            ends = fill_bins(columns["customer_count"][of_fit], bins)
            fitted[int(number), measure] = [int(positions[end]) * _BOUND_STEP for end in ends]
    return fitted


def _in_steps(value: Column) -> Column:
    """Return the value in ten-thousandths; whole numbers need no decimal arithmetic."""
    if value.type().is_integer():
        return value.cast("int64") * _STEPS_PER_UNIT
    steps = (value.cast(_SCORED_AS) * _STEPS_PER_UNIT).try_cast("int64")
    return steps.fill_null(_MOST_STEPS)


def _sign(measure: str) -> int:
    return -1 if measure in _BEST_IS_LOW else 1


def _as_cuts(measure: str, ends: list[Decimal]) -> MeasureCuts:
    """Turn bin ends from worst to best into ascending bounds.

    A bin holds its end, so recency's intervals, read upwards, are closed on the left.
    """
    if measure in _BEST_IS_LOW:
        return MeasureCuts(measure, tuple(-end for end in reversed(ends)), "left")
    return MeasureCuts(measure, tuple(ends), "right")
