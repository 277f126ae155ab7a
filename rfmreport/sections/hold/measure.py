"""Who came back: the segments of earlier dates, and what their customers did in the time after."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import ibis
import numpy as np

from rfmreport.engine.results import fetch_rows
from rfmreport.models.intervals import FEWEST_CUSTOMERS, estimate_difference, estimate_share
from rfmreport.sections.hold.figures import (
    HoldOut,
    HoldOutRow,
    Neighbours,
    SchemeTrial,
)
from rfmreport.vocabulary import (
    AMOUNT,
    AS_OF,
    CUSTOMER_ID,
    EXCLUSION,
    FIRST_AT,
    IS_RETURN,
    SEGMENT,
    Estimate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from ibis.expr.types import Table

    from rfmreport.customers.segments import Scheme

_BINS_PER_DECADE = 20
_RESAMPLE_COUNT = 1_000
_SEED = 20_111_210
_SPENT = "spent"


@dataclass(frozen=True, slots=True)
class _SpentBin:
    """Customers of one segment on one date who spent about the same later, or nothing."""

    customer_count: int
    returned_count: int
    spent: Decimal


def measure_hold_outs(
    orders: Table, earlier: Table, horizon_days: int, names: Sequence[str]
) -> tuple[HoldOut, ...]:
    """Return what the segments of each earlier date did in the `horizon_days` after it.

    `earlier` is one row per as_of and customer with as_of, customer_id and segment; `orders` as
    from `cleaning.group_orders`. An order counts from the day on which it began. Latest date first;
    segments in the order of `names`, those without customers left out.
    """
    spent = _spent_after(orders, earlier.select(AS_OF).distinct(), horizon_days)
    customers = earlier.select(AS_OF, CUSTOMER_ID, SEGMENT).left_join(spent, (AS_OF, CUSTOMER_ID))
    customers = customers.select(AS_OF, SEGMENT, _SPENT)
    bins, medians = _count_bins(customers), _find_medians(customers)
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


def _spent_after(orders: Table, days: Table, horizon_days: int) -> Table:
    """Return one row per day and customer who ordered in the horizon from it on, with `spent`.

    Where returns are subtracted, `spent` is net of those in the same time.
    """
    kept = orders.filter(orders[EXCLUSION].isnull())
    begin = days[AS_OF].cast("timestamp")
    end = begin + ibis.interval(days=horizon_days)
    later = kept.join(days, [kept[FIRST_AT] >= begin, kept[FIRST_AT] < end])
    spent = later.group_by(AS_OF, CUSTOMER_ID).agg(
        **{_SPENT: later[AMOUNT].sum()}, purchase_count=(~later[IS_RETURN]).sum()
    )
    return spent.filter(spent.purchase_count > 0).drop("purchase_count")


def _count_bins(customers: Table) -> Mapping[tuple[date, str], list[_SpentBin]]:
    """Count customers per date, segment and logarithmic bin of what they spent."""
    spent = customers[_SPENT].cast("float64")
    # An amount of zero or less has no logarithm: it joins those who did not order.
    size = (spent > 0).ifelse(spent, ibis.null("float64")).log10() * _BINS_PER_DECADE
    counted = customers.group_by(AS_OF, SEGMENT, size=size.floor().cast("int32")).agg(
        customer_count=customers.count(),
        returned_count=customers[_SPENT].count(),
        total=customers[_SPENT].sum().fill_null(0),
    )
    counted = counted.order_by(AS_OF, SEGMENT, counted["size"].asc(nulls_first=True))
    found = defaultdict(list)
    for row in fetch_rows(counted):
        one = _SpentBin(row["customer_count"], row["returned_count"], row["total"])
        found[row[AS_OF], row[SEGMENT]].append(one)
    return found


def _find_medians(customers: Table) -> dict[tuple[date, str], float | None]:
    """Return the median of what those spent who came back, by date and segment."""
    found = customers.group_by(AS_OF, SEGMENT).agg(
        median_spent=customers[_SPENT].cast("float64").median()
    )
    rows = fetch_rows(found)
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


def try_schemes(
    trials: Table, orders: Table, as_of: date, horizon_days: int, schemes: Sequence[Scheme]
) -> tuple[SchemeTrial, ...]:
    """Return how well each scheme would have told who comes back after `as_of`.

    `trials` is one row per scheme and customer with scheme, customer_id and segment, as of that
    date; `orders` as from `cleaning.group_orders`. In the order of `schemes`.
    """
    begin = ibis.timestamp(as_of.isoformat())
    later = orders.filter(
        orders[EXCLUSION].isnull()
        & ~orders[IS_RETURN]
        & (orders[FIRST_AT] >= begin)
        & (orders[FIRST_AT] < begin + ibis.interval(days=horizon_days))
    )
    came = later.select(CUSTOMER_ID, has_come=ibis.literal(1)).distinct()
    both = trials.left_join(came, CUSTOMER_ID)
    counted = both.group_by("scheme", SEGMENT).agg(
        customer_count=both.count(), returned_count=both.has_come.count()
    )
    rows = fetch_rows(counted)
    counts = {
        (row["scheme"], row[SEGMENT]): (row["returned_count"], row["customer_count"])
        for row in rows
    }
    return tuple(_trial(scheme, counts) for scheme in schemes)


def _trial(scheme: Scheme, counts: Mapping[tuple[str, str], tuple[int, int]]) -> SchemeTrial:
    names = [segment.name for segment in scheme.segments]
    groups = [(name, *counts[scheme.name, name]) for name in names if (scheme.name, name) in counts]
    verdicts = [_compare(better, worse).verdict for better, worse in pairwise(groups)]
    returned, customers = counts.get((scheme.name, names[0]), (0, 0))
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
