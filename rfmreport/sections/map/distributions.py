"""How recency, orders and spend spread over customers, in bins that people can read."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.models.intervals import Z_95
from rfmreport.sections.map.figures import Distribution, DistributionBin, TailPart, WholesaleTail
from rfmreport.vocabulary import MEASURES, ORDER_COUNT, REVENUE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from rfmreport.customers.scoring import Cuts
    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)
_BINS = 16
_ROUND_STEPS = (1, 2, 2.5, 5, 10)
_OUTSIDE, _FAR_OUT = 1.5, 3.0
_UPPER_QUARTILE = NormalDist().inv_cdf(0.75)
_CHANCE = 0.025
_SMALL = 100  # expected customers, up to which chance is counted exactly


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
