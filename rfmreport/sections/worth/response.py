"""Likelihood to respond: the chance to order again as things were, and how such chances did."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.models.intervals import (
    FEWEST_CUSTOMERS,
    SHARES,
    Doubt,
    doubt_of,
    estimate_share,
    miss_of_share,
    share_bounds,
)
from rfmreport.sections.worth.figures import ReliabilityGroup, Respondents, Response
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from rfmreport.models.lifetime.numerics import Array
    from rfmreport.sections.worth.extrapolation import FollowedCell

_MOST_GROUPS = 10
# A segment is told where the past knew such customers as nearly all of it.
_LEAST_TOLD = 0.9


@dataclass(frozen=True, eq=False)
class Foretold:
    """Customers with the chance to order that was said of them, and, once it is known, who came.

    One row is all customers of a segment of whom the same was said; one column is one window.
    `chances` are not-a-number where nothing could be said; `variances` are of what is not known of
    the chance itself. `came_counts` is zero as long as nobody knows.
    """

    segments: NDArray[np.str_]
    customer_count: Array
    chances: Array
    variances: Array
    came_counts: Array


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that a customer of one cell orders within a window, and its standard error."""

    mean: float
    deviation: float


Chances = dict[tuple[int, int], tuple[Chance, ...]]
"""Recency and frequency score → one chance per window."""


def measure_response(
    cells: Sequence[FollowedCell],
    today: date,
    past_dates: Sequence[date],
    windows: Sequence[int],
    names: Sequence[str],
) -> tuple[Response, Chances]:
    """Return how likely today's customers are to order, and the chances by score.

    `cells` hold the customers of today and of the `past_dates` (latest first); the chances come
    from all of these dates together. Each date is checked by what those before it say of it.
    Segments in the order of `names`.
    """
    scores = {cell.score for cell in cells}
    of_date = {day: [cell for cell in cells if cell.as_of == day] for day in (*past_dates, today)}

    def say(days: Sequence[date]) -> Chances:
        past = [cell for day in days for cell in of_date[day]]
        return chances_by_score(past, scores, len(windows))

    chances = say(past_dates)
    tested = [
        _foretold(of_date[day], say(past_dates[i + 1 :])) for i, day in enumerate(past_dates[:-1])
    ]
    checked = tested[0] if tested else _foretold(of_date[past_dates[0]], chances)
    groups = group_by_chance(checked)
    response = Response(
        windows=tuple(windows),
        past_dates=tuple(past_dates),
        rows=_all_respondents(_foretold(of_date[today], chances), tested, names),
        checked_on=past_dates[0],
        groups=groups,
        checked=_together(groups),
        is_in_sample=not tested,
    )
    return response, chances


def respond_by_model(  # noqa: PLR0913, PLR0917  who, what was said of them, and by what
    now: Foretold,
    then: Foretold,
    model: str,
    checked_on: date,
    windows: Sequence[int],
    names: Sequence[str],
) -> Response:
    """Return how likely today's customers are to order, as a model says of each.

    `then` is what it said of the customers of `checked_on` from what was known on that day.
    """
    groups = group_by_chance(then)
    return Response(
        windows=tuple(windows),
        past_dates=(checked_on,),
        rows=_all_respondents(now, [then], names),
        checked_on=checked_on,
        groups=groups,
        checked=_together(groups),
        is_in_sample=False,
        model=model,
    )


def chances_by_score(
    past: Iterable[FollowedCell], scores: Iterable[tuple[int, int]], window_count: int
) -> Chances:
    """Return the chance of each of the `scores`, per window, from what past customers did.

    A cell's share is shrunk towards that of its recency score, and this towards that of all, the
    more the fewer customers it has and the less such cells differ. A recency score that the past
    hardly knew has no chance. Of a shorter window it is the share of those who came so soon, of
    those who came within the next longer one: so it never is the larger of the two.
    """
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * (window_count + 1))
    known: dict[int, int] = defaultdict(int)
    for cell in past:
        known[cell.recency_score] += cell.customer_count
        for i, value in enumerate((*cell.came_counts, cell.customer_count)):
            counts[cell.score][i] += value
    asked = sorted(score for score in scores if known[score[0]] >= FEWEST_CUSTOMERS)
    if not asked:
        return {}
    by_window: list[dict[tuple[int, int], Chance]] = []
    for i in reversed(range(window_count)):
        parts = _shrunk_cells({score: (of[i], of[i + 1]) for score, of in counts.items()}, asked)
        longer = by_window[0] if by_window else None
        by_window.insert(
            0,
            {score: _both(part, longer[score]) for score, part in parts.items()}
            if longer
            else parts,
        )
    return {score: tuple(found[score] for found in by_window) for score in asked}


def _both(one: Chance, other: Chance) -> Chance:
    """Return the chance of two independent things, with the variance of a product."""
    variance = (
        (one.mean * other.deviation) ** 2
        + (other.mean * one.deviation) ** 2
        + (one.deviation * other.deviation) ** 2
    )
    return Chance(one.mean * other.mean, math.sqrt(variance))


def _shrunk_cells(
    counts: Mapping[tuple[int, int], tuple[int, int]], asked: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Chance]:
    bands = {recency for recency, _ in (*counts, *asked)}
    of_bands = {
        band: [counts[score] for score in counts if score[0] == band] for band in sorted(bands)
    }
    totals = {band: _sum_of(found) for band, found in of_bands.items()}
    everybody = _sum_of(totals.values())
    # Half an event more: what nobody did is rare, and not impossible.
    overall = (everybody[0] + 0.5) / (everybody[1] + 1)
    between_bands = strength_of([total for total in totals.values() if total[1]])
    means = {band: _posterior(total, overall, between_bands).mean for band, total in totals.items()}
    strengths = {band: strength_of(found) for band, found in of_bands.items()}
    return {
        (recency, frequency): _posterior(
            counts.get((recency, frequency), (0, 0)), means[recency], strengths[recency]
        )
        for recency, frequency in asked
    }


def _sum_of(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    pairs = list(counts)
    return sum(came for came, _ in pairs), sum(count for _, count in pairs)


def strength_of(counts: Iterable[tuple[int, int]]) -> float:
    """Return how many customers the share of all groups is worth against a group's own.

    `counts` are (came, all) per group. The parameters' sum a + b of a beta-binomial, by moments
    with weights n (J. C. Kleinman, JASA 68, 1973, 46-54); groups that differ no more than chance
    lets them are pooled: the sum is then the number of all customers.
    """
    counts = [one for one in counts if one[1]]
    came, total = _sum_of(counts)
    if len(counts) < 2 or not 0 < came < total:  # noqa: PLR2004  one group tells no difference
        return float(max(total, 1))
    share = came / total
    chance = share * (1 - share)
    seen = sum(count * (one / count - share) ** 2 for one, count in counts)
    between = (seen - (len(counts) - 1) * chance) / (
        total - sum(count * count for _, count in counts) / total
    )
    if between <= 0:
        return float(total)
    return min(max(chance / between - 1, 1.0), float(total))


def _posterior(counts: tuple[int, int], mean: float, strength: float) -> Chance:
    came, count = counts
    shrunk = (strength * mean + came) / (strength + count)
    return Chance(shrunk, math.sqrt(shrunk * (1 - shrunk) / (strength + count + 1)))


def _foretold(cells: Sequence[FollowedCell], chances: Chances) -> Foretold:
    """Return the customers of some cells with what the chances by score say of them."""
    window_count = len(cells[0].came_counts)
    unknown = (Chance(math.nan, math.nan),) * window_count
    said = [chances.get(cell.score, unknown) for cell in cells]
    return Foretold(
        segments=np.array([cell.segment for cell in cells]),
        customer_count=np.array([cell.customer_count for cell in cells], dtype=np.float64),
        chances=np.array([[chance.mean for chance in row] for row in said]),
        variances=np.array([[chance.deviation**2 for chance in row] for row in said]),
        came_counts=np.array([cell.came_counts for cell in cells], dtype=np.float64),
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """The share of a segment that can be expected within a window, and who came."""

    mean: float
    customer_count: int
    came_count: int
    of_chances: float
    of_customers: float
    """Variances: of what is not known of the chances, and of who happens to come."""


def _share(told: Foretold, segment: str, window: int) -> tuple[_Share | None, int]:
    """Return the share of those of whom a chance was said, and the number of all."""
    members = told.segments == segment
    said = members & ~np.isnan(told.chances[:, window])
    numbers, chances = told.customer_count[said], told.chances[said, window]
    count, everybody = round(numbers.sum()), round(told.customer_count[members].sum())
    if not count:
        return None, everybody
    share = _Share(
        mean=float(numbers @ chances) / count,
        customer_count=count,
        came_count=round(told.came_counts[said, window].sum()),
        of_chances=float(numbers**2 @ told.variances[said, window]) / count**2,
        of_customers=float(numbers @ (chances * (1 - chances))) / count**2,
    )
    return share, everybody


def _all_respondents(
    now: Foretold, tested: Sequence[Foretold], names: Sequence[str]
) -> tuple[Respondents, ...]:
    window_count = now.chances.shape[1]
    doubts = [_doubt(tested, names, window) for window in range(window_count)]
    found = []
    for name in names:
        shares = [_share(now, name, window) for window in range(window_count)]
        told, count = shares[-1]
        if told and told.customer_count >= max(FEWEST_CUSTOMERS, count * _LEAST_TOLD):
            estimates = [
                _estimate(share, doubt)
                for (share, _), doubt in zip(shares, doubts, strict=True)
                if share
            ]
            found.append(Respondents(name, count, tuple(estimates)))
    return tuple(found)


def _doubt(tested: Sequence[Foretold], names: Sequence[str], window: int) -> Doubt:
    """Return the doubt about a segment's share that past dates leave."""
    dates = []
    for told in tested:
        shares = [_share(told, name, window)[0] for name in names]
        dates.append(
            [
                miss_of_share(one.mean, one.came_count, one.customer_count, one.of_chances)
                for one in shares
                if one and one.customer_count >= FEWEST_CUSTOMERS
            ]
        )
    return doubt_of(dates, SHARES)


def _estimate(share: _Share, doubt: Doubt) -> Estimate:
    bounds = share_bounds(share.mean, share.of_chances + share.of_customers, doubt)
    return Estimate(share.mean, *bounds, share.customer_count)


def group_by_chance(told: Foretold) -> tuple[ReliabilityGroup, ...]:
    """Return up to ten groups of about equal size, by the chance of the longest window.

    Customers of one chance are never torn apart, and those without are left out; a group too small
    for a claim joins the one before it.
    """
    said = ~np.isnan(told.chances[:, -1])
    chances, place = np.unique(told.chances[said, -1], return_inverse=True)
    counts = np.bincount(place, weights=told.customer_count[said])
    came = np.bincount(place, weights=told.came_counts[said, -1])
    target = max(counts.sum() / _MOST_GROUPS, FEWEST_CUSTOMERS)
    groups: list[list[int]] = [[]]
    size = 0.0
    for i, count in enumerate(counts):
        if size >= target:
            groups.append([])
            size = 0.0
        groups[-1].append(i)
        size += count
    if len(groups) > 1 and size < FEWEST_CUSTOMERS:
        last = groups.pop()
        groups[-1] += last
    return tuple(
        ReliabilityGroup(
            float(counts[rows] @ chances[rows] / counts[rows].sum()),
            estimate_share(round(came[rows].sum()), round(counts[rows].sum())),
        )
        for rows in groups
        if rows
    )


def _together(groups: Sequence[ReliabilityGroup]) -> ReliabilityGroup | None:
    """Return what was said of all of the groups, and how many of them came."""
    count = sum(group.observed.customer_count for group in groups)
    if not count:
        return None
    said = sum(group.predicted * group.observed.customer_count for group in groups) / count
    came = sum(group.observed.value * group.observed.customer_count for group in groups)
    return ReliabilityGroup(said, estimate_share(round(came), count))
