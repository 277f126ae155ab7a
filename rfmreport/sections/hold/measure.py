"""Who came back: the segments of earlier dates, and what their customers did in the time after."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.customers import scoring
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.segments import Scheme, load_scheme, named_sql, scheme_names
from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import FEWEST_CUSTOMERS, estimate_difference, estimate_share
from rfmreport.sections.hold.figures import (
    Holding,
    HoldOut,
    HoldOutRow,
    Neighbours,
    SchemeTrial,
    ScoreTrial,
)
from rfmreport.vocabulary import AS_OF, MEASURES, SEGMENT, Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from rfmreport.customers.scoring import Cuts
    from rfmreport.shop import Shop

_SQL = read_queries(__file__)
_RESAMPLE_COUNT = 1_000
_SEED = 20_111_210
_BY_DAY = "held_out_customers"


@dataclass(frozen=True, slots=True)
class _SpentBin:
    """Customers of one segment on one date who spent about the same later, or nothing."""

    customer_count: int
    returned_count: int
    spent: Decimal


def measure_holding(shop: Shop, days: Sequence[date]) -> Holding | None:
    """Return whether the segments of the earlier dates held; None without any such customer."""
    hold_by_cuts_of_the_day(shop, days)
    given = shop.engine, days, shop.horizon_days, shop.segment_names
    hold_outs = measure_hold_outs(*given, people=_BY_DAY)
    if not hold_outs:
        return None
    latest = hold_outs[0].as_of
    return Holding(
        horizon_days=shop.horizon_days,
        hold_outs=hold_outs,
        neighbours=compare_neighbours(hold_outs[0]),
        trials=tuple(
            try_scheme(shop.engine, latest, *tried) for tried in _schemes_to_try(shop, latest)
        ),
        scores=tuple(try_scores(shop.engine, latest)),
    )


def hold_by_cuts_of_the_day(shop: Shop, days: Sequence[date]) -> None:
    """Hold the customers of each day, named by cuts that were fitted to that day.

    Today's cuts know what came after it.
    """
    queries = (named_sql(_people_of(day), _cuts_of_the_day(shop, day), shop.scheme) for day in days)
    shop.engine.hold(_BY_DAY, " UNION ALL ".join(f"({query})" for query in queries))


def _people_of(day: date) -> str:
    """Return the query for the customers of an earlier day, with their measures."""
    measured = "as_of, customer_id, recency_days, order_count, revenue"
    return f"(SELECT {measured} FROM earlier_customers WHERE as_of = DATE '{day}')"  # noqa: S608


def _cuts_of_the_day(shop: Shop, day: date) -> Cuts:
    """Return the cuts that a report of that day would have had; name its customers `day_customers`.

    Clusters are found of today's customers alone.
    """
    shop.engine.define("day_customers", f"FROM {_people_of(day)}")
    if isinstance(shop.scheme, ClusterScheme):
        return shop.cuts
    given = shop.scheme.bins, shop.scheme.fixed_cuts, shop.settings.scoring
    return scoring.choose_cuts(shop.engine, "day_customers", *given)


def measure_hold_outs(
    engine: Engine,
    days: Sequence[date],
    horizon_days: int,
    names: Sequence[str],
    *,
    people: str = "earlier_customers",
) -> tuple[HoldOut, ...]:
    """Return what the segments of each of the days did in the `horizon_days` after it.

    Latest date first; segments in the order of `names`, those without customers left out. `people`
    is the held table of the days' customers; what they spent is held as `spent_after`.
    """
    engine.hold("spent_after", _SQL["spent_after"], days=list(days), horizon_days=horizon_days)
    bins, medians = _count_bins(engine, days, people), _find_medians(engine, days, people)
    return tuple(
        HoldOut(
            day,
            tuple(
                _hold_out_row(name, bins[day, name], medians[day, name])
                for name in names
                if (day, name) in bins
            ),
        )
        for day in sorted({day for day, _ in bins}, reverse=True)
    )


def _count_bins(
    engine: Engine, days: Sequence[date], people: str
) -> Mapping[tuple[date, str], list[_SpentBin]]:
    """Count customers per date, segment and logarithmic bin of what they spent."""
    found = defaultdict(list)
    for row in engine.rows(_SQL["bins"], days=list(days), people=people):
        one = _SpentBin(row["customer_count"], row["returned_count"], row["spent"])
        found[row[AS_OF], row[SEGMENT]].append(one)
    return found


def _find_medians(
    engine: Engine, days: Sequence[date], people: str
) -> dict[tuple[date, str], float | None]:
    rows = engine.rows(_SQL["medians"], days=list(days), people=people)
    return {(row[AS_OF], row[SEGMENT]): row["median_spent"] for row in rows}


def _hold_out_row(name: str, bins: Sequence[_SpentBin], median_spent: float | None) -> HoldOutRow:
    customer_count = sum(one.customer_count for one in bins)
    returned_count = sum(one.returned_count for one in bins)
    return HoldOutRow(
        segment=name,
        customer_count=customer_count,
        returned_count=returned_count,
        share=estimate_share(returned_count, customer_count),
        revenue_per_customer=_mean_of(bins, customer_count),
        revenue_per_returner=_money(median_spent),
    )


def _money(median_spent: float | None) -> Decimal | None:
    # The engine's median is a double; amounts have four decimals, the mean of two has five.
    return None if median_spent is None else Decimal(str(round(median_spent, 5)))


def _mean_of(bins: Sequence[_SpentBin], customer_count: int) -> Estimate:
    mean = sum((one.spent for one in bins), Decimal(0)) / customer_count
    low, high = bootstrap_interval([(one.customer_count, one.spent) for one in bins])
    return Estimate(float(mean), low, high, customer_count)


def bootstrap_interval(bins: Sequence[tuple[int, Decimal]]) -> tuple[float, float]:
    """Return the bootstrap 95 % interval of the mean of values that were put into bins.

    `bins` are (count, sum); their counts are resampled, each value standing at its bin's mean. The
    percentile interval of B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993,
    chapter 13; always the same for the same bins.
    """
    counts = np.array([count for count, _ in bins])
    means = np.array([float(total / count) for count, total in bins])
    chance = np.random.default_rng(_SEED)
    drawn = chance.multinomial(counts.sum(), counts / counts.sum(), size=_RESAMPLE_COUNT)
    low, high = np.percentile(drawn @ means / counts.sum(), (2.5, 97.5))
    return float(low), float(high)


def compare_neighbours(hold_out: HoldOut) -> tuple[Neighbours, ...]:
    """Return, for each two segments next to each other, whether the better one came back more."""
    groups = [(row.segment, row.returned_count, row.customer_count) for row in hold_out.rows]
    return tuple(_compare(better, worse) for better, worse in pairwise(groups))


def _compare(better: tuple[str, int, int], worse: tuple[str, int, int]) -> Neighbours:
    difference = estimate_difference(*better[1:], *worse[1:])
    verdict: Literal["in order", "unclear", "wrong order", "too few"] = "unclear"
    if min(better[2], worse[2]) < FEWEST_CUSTOMERS:
        verdict = "too few"
    elif difference.low > 0:
        verdict = "in order"
    elif difference.high < 0:
        verdict = "wrong order"
    return Neighbours(better[0], worse[0], difference, verdict)


def _schemes_to_try(shop: Shop, day: date) -> list[tuple[Scheme, Cuts]]:
    """Return the report's scheme and those that ship, each with cuts for its number of scores.

    All are cuts of the day; those that do not fit a scheme are fitted for it.
    """
    shipped = [load_scheme(name) for name in scheme_names() if name != shop.scheme.name]
    own = _cuts_of_the_day(shop, day)
    tried = [(shop.scheme, own)]
    for scheme in shipped:
        cuts = own
        if (scheme.bins, dict(scheme.fixed_cuts)) != (cuts.bins, dict(shop.scheme.fixed_cuts)):
            fixed = scoring.fixed_cuts(scheme.fixed_cuts, scheme.bins, "right")
            cuts = scoring.fit_cuts(shop.engine, "day_customers", scheme.bins, fixed)
        tried.append((scheme, cuts))
    return tried


def try_scores(engine: Engine, as_of: date) -> Iterator[ScoreTrial]:
    """Yield for each score whether its best customers came back clearly more than its worst."""
    rows = engine.rows(_SQL["by_score"], as_of=as_of)
    for measure in MEASURES:
        ends = [row for row in rows if row["measure"] == measure]
        if len(ends) < 2 or min(row["customer_count"] for row in ends) < FEWEST_CUSTOMERS:  # noqa: PLR2004
            continue
        worst, best = ((row["returned_count"], row["customer_count"]) for row in ends)
        yield ScoreTrial(
            measure=measure,
            best=estimate_share(*best),
            worst=estimate_share(*worst),
            tells=estimate_difference(*best, *worst).low > 0,
        )


def try_scheme(engine: Engine, as_of: date, scheme: Scheme, cuts: Cuts) -> SchemeTrial:
    """Return how well a scheme would have told who comes back after one of the earlier dates.

    The engine holds the customers of that day and what they spent after it.
    """
    engine.define("trial_customers", named_sql(_people_of(as_of), cuts, scheme))
    rows = engine.rows(_SQL["trial"])
    counts = {row[SEGMENT]: (row["returned_count"], row["customer_count"]) for row in rows}
    names = [segment.name for segment in scheme.segments]
    groups = [(name, *counts[name]) for name in names if name in counts]
    verdicts = [_compare(better, worse).verdict for better, worse in pairwise(groups)]
    returned, customers = counts.get(names[0], (0, 0))
    everybody = sum(count for _, _, count in groups)
    return SchemeTrial(
        scheme=scheme.name,
        title=scheme.title,
        segment_count=len(names),
        top_segment=names[0],
        top_customer_count=customers,
        top_customer_share=customers / everybody if everybody else 0.0,
        top_return_share=estimate_share(returned, customers) if customers else None,
        pairs_in_order=verdicts.count("in order"),
        pairs_wrong=verdicts.count("wrong order"),
        pair_count=len(verdicts),
        rank_quality=rank_quality([(came, count) for _, came, count in groups]),
    )


def rank_quality(groups: Iterable[tuple[int, int]]) -> float | None:
    """Return the chance that one who came back stood above one who did not; ties count half.

    `groups` are (came back, all), best first. This is the area under the ROC curve, made from the
    Mann-Whitney statistic (J. A. Hanley and B. J. McNeil, Radiology 143, 1982, 29-36). None where
    all came back, or nobody did.
    """
    came_above, concordant, gone = 0, 0.0, 0
    for came, count in groups:
        stayed_away = count - came
        concordant += stayed_away * (came_above + came / 2)
        came_above += came
        gone += stayed_away
    return concordant / (came_above * gone) if came_above and gone else None
