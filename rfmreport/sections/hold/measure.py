"""Who came back of earlier dates, by segment; and the top segment again under other choices."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.figures import NEW_CUTS
from rfmreport.customers.scoring import Cuts, choose_cuts, fit_cuts, fixed_cuts
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
    SensitivityRow,
)
from rfmreport.source.audit import RETURNABLE
from rfmreport.vocabulary import AS_OF, MEASURES, SEGMENT, Estimate, months_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from typing import Literal

    from rfmreport.settings import CleaningSettings
    from rfmreport.shop import Shop

_SQL = read_queries(__file__)
_RESAMPLE_COUNT = 1_000
_SEED = 20_111_210
_BY_DAY = "held_out_customers"
_SpentBin = tuple[int, int, Decimal]
"""Customers who spent about the same later, or nothing: all, who came back, and what they spent."""
_WIDE, _CHOSEN, _NAMED = "customers_by_choice", "customers_chosen", "customers_chosen_named"
_ALL_DATA = "all"
_WINDOWS_MONTHS = (12, 24)


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
    return choose_cuts(shop.engine, "day_customers", *given)


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
    bins = _count_bins(engine, days, people)
    rows = engine.rows(_SQL["medians"], days=list(days), people=people)
    medians = {(row[AS_OF], row[SEGMENT]): row["median_spent"] for row in rows}
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
        of = row["customer_count"], row["returned_count"], row["spent"]
        found[row[AS_OF], row[SEGMENT]].append(of)
    return found


def _hold_out_row(name: str, bins: Sequence[_SpentBin], median_spent: float | None) -> HoldOutRow:
    customer_count = sum(count for count, _, _ in bins)
    returned_count = sum(returned for _, returned, _ in bins)
    mean = float(sum((spent for _, _, spent in bins), Decimal(0)) / customer_count)
    ends = bootstrap_interval([(count, spent) for count, _, spent in bins])
    return HoldOutRow(
        segment=name,
        customer_count=customer_count,
        returned_count=returned_count,
        share=estimate_share(returned_count, customer_count),
        revenue_per_customer=Estimate(mean, *ends, customer_count),
        revenue_per_returner=_money(median_spent),
    )


def _money(median_spent: float | None) -> Decimal | None:
    # The engine's median is a double; amounts have four decimals, the mean of two has five.
    return None if median_spent is None else Decimal(str(round(median_spent, 5)))


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
            fixed = fixed_cuts(scheme.fixed_cuts, scheme.bins, "right")
            cuts = fit_cuts(shop.engine, "day_customers", scheme.bins, fixed)
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


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice in words, which customers it counts, and what its columns are called.

    The names end in what is given here, where they are not those of the report.
    """

    key: str
    words: str
    orders: str = ""
    revenue: str = ""
    last: str = ""
    counted: str = "NOT is_guest"

    @property
    def is_window(self) -> bool:
        """Say whether it is only about how much of the past counts."""
        return self.key.startswith("window_")


def list_choices(cleaning: CleaningSettings) -> tuple[Choice, ...]:
    """Return the report's own choices, and then each other one, as they are told."""
    returns = "Returns not subtracted" if cleaning.net_returns else "Returns subtracted"
    windows = [
        (f"window_{months}", f"Only the last {months} months")
        for months in _WINDOWS_MONTHS
        if months != cleaning.window_months
    ]
    if cleaning.window_months is not None:
        windows.append((_ALL_DATA, "All of the data, without a window"))
    return (
        Choice("report", "As reported"),
        Choice("returns", returns, revenue="_returns"),
        *(Choice(key, words, *[f"_{key}"] * 3) for key, words in windows),
        Choice("lines", "Frequency counted in lines, not in orders", orders="_lines"),
        Choice("guests", "Each order without a customer counted as a customer", counted="TRUE"),
        Choice("wholesalers", "Largest 1% of customers left out", counted="is_small"),
        Choice("fees", "Freight and fees counted as sales", *["_fees"] * 3),
    )


def measure_choices(engine: Engine, as_of: date, cleaning: CleaningSettings) -> None:
    """Hold every customer's measures under every choice, side by side."""
    since = {f"since_{n}": months_before(as_of, n) for n in _WINDOWS_MONTHS}
    query, returnable = _SQL["side_by_side"], list(RETURNABLE)
    engine.hold(_WIDE, query, net_returns=cleaning.net_returns, returnable=returnable, **since)


def chosen_sql(choice: Choice, as_of: date) -> str:
    """Return the query for the customers that a choice counts, with their three measures."""
    orders = f"order_count{choice.orders}"
    return (
        f"SELECT customer_id, CAST({orders} AS BIGINT) AS order_count, "  # noqa: S608  our names
        f"revenue{choice.revenue} AS revenue, CAST(date_diff('day', "
        f"CAST(last_at{choice.last} AS DATE), DATE '{as_of}') AS INTEGER) AS recency_days "
        f"FROM {_WIDE} WHERE {choice.counted} AND {orders} > 0 AND revenue{choice.revenue} > 0"
    )


def measure_sensitivity(shop: Shop) -> tuple[SensitivityRow, ...]:
    """Return the report's own row, and one for each choice that would have changed the measures.

    Cuts are fitted anew under each choice, as far as the settings and the scheme fit any. Where the
    report has other cuts, the second row (`NEW_CUTS`) is the report under new ones: what a choice
    does is its difference to that row.
    """
    engine, choices = shop.engine, list_choices(shop.settings.cleaning)
    measure_choices(engine, shop.as_of, shop.settings.cleaning)
    found = {0: _count_top(shop, "customers")}
    rows = [_row(found[0], choices[0])]
    told = _differing(engine, choices, shop.as_of)
    for place in (0, *told) if told else ():
        engine.define(_CHOSEN, chosen_sql(choices[place], shop.as_of))
        found[place] = _count_top(shop, _name_chosen(shop))
    engine.drop(_WIDE)  # as long as all customers
    new_cuts = Choice(NEW_CUTS, "Cuts fitted anew, all else as reported")
    if found[0]["top_customer_count"] != rows[0].top_customer_count:
        rows.append(_row(found[0], new_cuts))
    return (*rows, *(_row(found[place], choices[place]) for place in told))


def _differing(engine: Engine, choices: Sequence[Choice], as_of: date) -> tuple[int, ...]:
    """Return the places of the choices that make a difference; 0 is the report's own.

    A choice only adds to the report, or only takes from it: where customers, orders and revenue are
    the same in sum, so is each customer's. A window as long as the data is no choice.
    """
    sums = "count(*), sum(order_count), sum(revenue)"
    totals = [
        tuple(engine.row(f"SELECT {sums} FROM ({chosen_sql(choice, as_of)})").values())  # noqa: S608
        for choice in choices
    ]
    keys = [choice.key for choice in choices]
    as_long = totals[keys.index(_ALL_DATA)] if _ALL_DATA in keys else totals[0]
    return tuple(
        place
        for place, choice in enumerate(choices)
        if totals[place][0]
        and totals[place] != totals[0]
        and not (choice.is_window and totals[place] == as_long)
    )


def _name_chosen(shop: Shop) -> str:
    """Name the customers that a choice counts by cuts of their own."""
    scheme = shop.scheme
    given = scheme.bins, scheme.fixed_cuts, shop.settings.scoring
    cuts = choose_cuts(shop.engine, _CHOSEN, *given)
    shop.engine.define(_NAMED, named_sql(_CHOSEN, cuts, scheme))
    return _NAMED


def _count_top(shop: Shop, people: str) -> Mapping[str, Any]:
    top = shop.scheme.segments[0].name
    return shop.engine.row(_SQL["top_segment"], people=people, top=top)


def _row(counted: Mapping[str, Any], choice: Choice) -> SensitivityRow:
    revenue, top_revenue = (counted[name] or Decimal(0) for name in ("revenue", "top_revenue"))
    return SensitivityRow(
        key=choice.key,
        choice=choice.words,
        customer_count=counted["customer_count"],
        revenue=revenue,
        top_customer_count=counted["top_customer_count"],
        top_customer_share=counted["top_customer_count"] / counted["customer_count"],
        top_revenue=top_revenue,
        top_revenue_share=float(top_revenue / revenue) if revenue else 0.0,
    )
