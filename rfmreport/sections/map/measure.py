"""The map of scores: how many customers each cell holds, what they spend, what a score means."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from rfmreport.customers.figures import CutsRow
from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import Z_95
from rfmreport.sections.map.figures import (
    Distribution,
    DistributionBin,
    MapCell,
    RfmMap,
    TailPart,
    WholesaleTail,
)
from rfmreport.vocabulary import MEASURES, ORDER_COUNT, RECENCY_DAYS, REVENUE, SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfmreport.customers.scoring import Cuts, MeasureCuts
    from rfmreport.formats import Formats

_QUERIES = read_queries(__file__)
_BINS = 16
_ROUND_STEPS = (1, 2, 2.5, 5, 10)
_OUTSIDE, _FAR_OUT = 1.5, 3.0
_UPPER_QUARTILE = NormalDist().inv_cdf(0.75)
_CHANCE = 0.025
_SMALL = 100  # expected customers, up to which chance is counted exactly
_SUMS = ("segment", "customer_count", "revenue", "recency_days_sum", "order_count_sum")


def summarise_distributions(engine: Engine, cuts: Cuts) -> tuple[Distribution, ...]:
    """Return one distribution per measure, of today's customers.

    Bins have one round width and end at the 95th percentile; the last one holds the tail above.
    """
    quantiles = {row["measure"]: row for row in engine.rows(_QUERIES["quantiles"])}
    widths = {m: _round_width(quantiles[m]["p95"], whole=m != REVENUE) for m in MEASURES}
    counts = _counts(engine, widths)
    return tuple(
        _distribution(measure, quantiles[measure], widths[measure], counts[measure], cuts)
        for measure in MEASURES
    )


def measure_tail(engine: Engine, distributions: Iterable[Distribution]) -> WholesaleTail | None:
    """Return who spent more than the spread of the others explains.

    `distributions` are those of the same customers. None where the quartiles of revenue have no
    logarithm, or are one.
    """
    spend = next(one for one in distributions if one.measure == REVENUE)
    if not 0 < spend.lower_quartile < spend.upper_quartile:
        return None
    ratio = spend.upper_quartile / spend.lower_quartile
    fences = [spend.upper_quartile * ratio**times for times in (_OUTSIDE, _FAR_OUT)]
    row = engine.row(_QUERIES["tail"], outside=fences[0], far_out=fences[1])
    outside, far_out = (
        _tail_part(fence, row[f"count_{i}"], row[f"revenue_{i}"], row["revenue"])
        for i, fence in enumerate(fences)
    )
    expected, far_expected = (
        _normal_share_beyond(times) * row["customer_count"] for times in (_OUTSIDE, _FAR_OUT)
    )
    return WholesaleTail(
        customer_count=row["customer_count"],
        outside=outside,
        far_out=far_out,
        expected_count=expected,
        is_outside_clear=_is_beyond_chance(outside.customer_count, expected),
        is_far_out_clear=_is_beyond_chance(far_out.customer_count, far_expected),
    )


def _normal_share_beyond(times: float) -> float:
    """Return what of a normal distribution lies so many interquartile ranges above the quartile."""
    return math.erfc(_UPPER_QUARTILE * (1 + 2 * times) / math.sqrt(2)) / 2


def _is_beyond_chance(count: int, expected: float) -> bool:
    """Say whether a Poisson count of that expectation is as high with a chance below 2.5 %."""
    if expected > _SMALL:
        return count > expected + Z_95 * math.sqrt(expected)
    term, below = math.exp(-expected), 0.0
    for number in range(count):
        below += term
        term *= expected / (number + 1)
    return 1 - below < _CHANCE


def _tail_part(fence: float, count: int, revenue: Decimal, total: Decimal) -> TailPart:
    return TailPart(fence, count, revenue, float(revenue / total) if total > 0 else 0.0)


def _counts(engine: Engine, widths: dict[str, float]) -> dict[str, dict[int, int]]:
    """Count customers per measure and number of the bin."""
    counts: dict[str, dict[int, int]] = {measure: {} for measure in widths}
    given = {f"{measure}_width": width for measure, width in widths.items()}
    for row in engine.rows(_QUERIES["bins"], last=_BINS - 1, **given):
        counts[row["measure"]][row["number"]] = row["customer_count"]
    return counts


def _round_width(highest: float, *, whole: bool) -> float:
    """Return the smallest round width with which the bins reach `highest`."""
    needed = max(highest / (_BINS - 1), 1 if whole else 0.01)
    power = 10.0 ** math.floor(math.log10(needed))
    width = next(step * power for step in _ROUND_STEPS if step * power >= needed * (1 - 1e-9))
    return math.ceil(width) if whole else width


def _distribution(
    measure: Any,  # noqa: ANN401  one of MEASURES, which types cannot say
    quantiles: dict[str, float],
    width: float,
    counts: dict[int, int],
    cuts: Cuts,
) -> Distribution:
    least = 1 if measure == ORDER_COUNT and width == 1 else 0
    numbers = range(least, max(counts) + 1)
    bins = tuple(DistributionBin(n * width, (n + 1) * width, counts.get(n, 0)) for n in numbers)
    return Distribution(
        measure=measure,
        bins=bins,
        cuts=tuple(float(bound) for bound in cuts.of(measure).bounds),
        lower_quartile=quantiles["p25"],
        median=quantiles["p50"],
        upper_quartile=quantiles["p75"],
        top_percent=quantiles["p99"],
        largest=quantiles["largest"],
    )


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """One (R, F, M) that holds customers: their number, sums, and the least and most of each."""

    scores: tuple[int, int, int]
    segment: str
    customer_count: int
    revenue: Decimal
    recency_days_sum: int
    order_count_sum: int
    lowest: tuple[Decimal, ...]
    highest: tuple[Decimal, ...]


def count_cells(engine: Engine) -> tuple[ScoreCell, ...]:
    """Return one row per combination of scores that some customer has."""
    return tuple(_cell(row) for row in engine.rows(_QUERIES["cells"]))


def map_of(cells: Iterable[ScoreCell], cuts_rows: Iterable[CutsRow], bins: int) -> RfmMap:
    """Return the map of recency × frequency, with the words for each score."""
    by_place: dict[tuple[int, int], list[ScoreCell]] = defaultdict(list)
    for cell in cells:
        by_place[cell.scores[:2]].append(cell)
    labels = {m: tuple(row.label for row in cuts_rows if row.measure == m) for m in MEASURES}
    return RfmMap(
        bins=bins,
        cells=tuple(_map_cell(place, group) for place, group in sorted(by_place.items())),
        recency_labels=labels[RECENCY_DAYS],
        frequency_labels=labels[ORDER_COUNT],
    )


def describe_cuts(cells: Iterable[ScoreCell], cuts: Cuts, formats: Formats) -> tuple[CutsRow, ...]:
    """Return one row per measure and score: what the score means, and how many have it."""
    cells = list(cells)
    rows = []
    for position, measure in enumerate(MEASURES):
        for score in range(1, cuts.bins + 1):
            holders = [cell for cell in cells if cell.scores[position] == score]
            label = _bounds_label(cuts.of(measure), score, formats)
            if not label and holders:
                low = min(cell.lowest[position] for cell in holders)
                high = max(cell.highest[position] for cell in holders)
                label = _range_label(measure, low, high, formats)
            count = sum(cell.customer_count for cell in holders)
            rows.append(CutsRow(measure, score, label or "no customer", count))  # type: ignore[arg-type]
    return tuple(rows)


def _cell(row: dict[str, Any]) -> ScoreCell:
    return ScoreCell(
        scores=tuple(row[score] for score in SCORES),
        lowest=tuple(row[f"lowest_{measure}"] for measure in MEASURES),
        highest=tuple(row[f"highest_{measure}"] for measure in MEASURES),
        **{name: row[name] for name in _SUMS},
    )


def _map_cell(place: tuple[int, int], group: list[ScoreCell]) -> MapCell:
    count = sum(cell.customer_count for cell in group)
    revenue = sum((cell.revenue for cell in group), Decimal(0))
    by_segment: dict[str, int] = defaultdict(int)
    for cell in group:
        by_segment[cell.segment] += cell.customer_count
    return MapCell(
        recency_score=place[0],
        frequency_score=place[1],
        customer_count=count,
        revenue=revenue,
        mean_revenue=revenue / count,
        mean_recency_days=sum(cell.recency_days_sum for cell in group) / count,
        mean_order_count=sum(cell.order_count_sum for cell in group) / count,
        segment=max(sorted(by_segment), key=lambda name: by_segment[name]),
    )


def _bounds_label(cuts: MeasureCuts, score: int, formats: Formats) -> str:
    """Say what a score means by its bounds: "15-33 days"; nothing where it has none."""
    intervals = cuts.score_intervals()
    if not cuts.bounds or score > len(intervals):
        return ""
    low, high = intervals[score - 1]
    if cuts.measure == REVENUE:
        return _money_label(low, high, formats, closed=cuts.closed)
    # Bounds need not be whole: above 33.5 begins 34, whichever side is closed.
    first = None if low is None else _first_above(low, closed=cuts.closed)
    last = None if high is None else _first_above(high, closed=cuts.closed) - 1
    if first is not None and last is not None and last < first:
        return ""
    return _whole_number_label(cuts.measure, first, last, formats)


def _first_above(bound: Decimal, *, closed: str) -> int:
    """Return the least whole number of the interval above a bound."""
    return math.floor(bound) + 1 if closed == "right" else math.ceil(bound)


def _money_label(
    low: Decimal | None, high: Decimal | None, formats: Formats, *, closed: str
) -> str:
    under, over = ("up to", "over") if closed == "right" else ("under", "from")
    if low is None:
        return f"{under} {formats.money(high, 2)}"
    if high is None:
        return f"{over} {formats.money(low, 2)}"
    return f"{over} {formats.money(low, 2)} {under} {formats.money(high, 2)}"


def _range_label(measure: str, low: Decimal, high: Decimal, formats: Formats) -> str:
    if measure == REVENUE:
        return f"{formats.money(low, 2)} to {formats.money(high, 2)}"
    return _whole_number_label(measure, int(low), int(high), formats)


def _whole_number_label(measure: str, first: int | None, last: int | None, formats: Formats) -> str:
    least = 1 if first is None else first
    if last is None:
        text = f"{formats.count(least)} or more"
    elif last <= least:
        text = formats.count(last)
    else:
        text = f"{formats.count(least)}–{formats.count(last)}"
    singular = last is not None and last <= least and last == 1
    unit = "day" if measure == RECENCY_DAYS else "order"
    return f"{text} {unit}{'' if singular else 's'}"
