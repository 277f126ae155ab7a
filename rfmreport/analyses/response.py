"""Likelihood to respond: how often customers with the same scores ordered again, on their own."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.columns import FREQUENCY_SCORE, RECENCY_SCORE, chance_column
from rfmreport.intervals import FEWEST_CUSTOMERS, estimate_share
from rfmreport.report import Estimate, ReliabilityGroup, Respondents, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from ibis.expr.types import Table

    from rfmreport.following import FollowedCell

_MOST_GROUPS = 10
# A segment is told where the past knew such customers as nearly all of it.
_LEAST_TOLD = 0.9
_Z_95 = 1.959963984540054


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
    from all of these dates together. They are checked by what the earlier dates say of the latest.
    Segments in the order of `names`.
    """
    of_today = [cell for cell in cells if cell.as_of == today]
    past = [cell for cell in cells if cell.as_of in past_dates]
    scores = {_score(cell) for cell in cells}
    chances = chances_by_score(past, scores, len(windows))
    latest = past_dates[0]
    earlier = [cell for cell in past if cell.as_of != latest]
    said = chances_by_score(earlier or past, scores, len(windows))
    groups = group_by_chance([cell for cell in past if cell.as_of == latest], said)
    rows = (_respondents(name, of_today, chances, len(windows)) for name in names)
    response = Response(
        windows=tuple(windows),
        past_dates=tuple(past_dates),
        rows=tuple(row for row in rows if row is not None),
        checked_on=latest,
        groups=groups,
        is_in_sample=not earlier,
    )
    return response, chances


def with_chances(customers: Table, chances: Chances, windows: Sequence[int]) -> Table:
    """Return the customers, one row each, with one more column per window: chance_30_days.

    `customers` has the recency and frequency score.
    """
    size = 1 + max((frequency for _, frequency in chances), default=0)
    places = (1 + max((recency for recency, _ in chances), default=0)) * size
    found = {recency * size + frequency: of for (recency, frequency), of in chances.items()}
    # Looked up by place: the engine does it without a join. Beyond the list there is no chance.
    is_inside = customers[FREQUENCY_SCORE] < size
    place = customers[RECENCY_SCORE].cast("int64") * size + customers[FREQUENCY_SCORE]
    columns = {}
    for i, days in enumerate(windows):
        by_place = [round(found[at][i].mean, 4) if at in found else None for at in range(places)]
        looked_up = ibis.literal(by_place, type="array<float64>")
        found_chance = is_inside.ifelse(looked_up[place], ibis.null("float64"))
        columns[chance_column(days)] = found_chance
    return customers.mutate(**columns)


def chances_by_score(
    past: Iterable[FollowedCell], scores: Iterable[tuple[int, int]], window_count: int
) -> Chances:
    """Return the chance of each of the `scores`, per window, from what past customers did.

    A cell's share is shrunk towards that of its recency score, and this towards that of all, the
    more the fewer customers it has and the less such cells differ. A recency score that the past
    hardly knew has no chance.
    """
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * (window_count + 1))
    known: dict[int, int] = defaultdict(int)
    for cell in past:
        known[cell.recency_score] += cell.customer_count
        for i, value in enumerate((cell.customer_count, *cell.came_counts)):
            counts[_score(cell)][i] += value
    asked = sorted(score for score in scores if known[score[0]] >= FEWEST_CUSTOMERS)
    if not asked:
        return {}
    by_window = [
        _shrunk_cells({score: (of[i + 1], of[0]) for score, of in counts.items()}, asked)
        for i in range(window_count)
    ]
    return {score: tuple(found[score] for found in by_window) for score in asked}


def _shrunk_cells(
    counts: Mapping[tuple[int, int], tuple[int, int]], asked: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Chance]:
    bands = {recency for recency, _ in (*counts, *asked)}
    of_bands = {
        band: [counts[score] for score in counts if score[0] == band] for band in sorted(bands)
    }
    totals = {band: _sum_of(found) for band, found in of_bands.items()}
    everybody = _sum_of(totals.values())
    overall = everybody[0] / everybody[1]
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


def strength_of(counts: Sequence[tuple[int, int]]) -> float:
    """Return how many customers the share of all groups is worth against a group's own.

    `counts` are (came, all) per group. The parameters' sum a + b of a beta-binomial, by moments
    with weights n (J. C. Kleinman, JASA 68, 1973, 46-54); groups that differ no more than chance
    lets them are pooled: the sum is then the number of all customers.
    """
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


def _respondents(
    name: str, of_today: Iterable[FollowedCell], chances: Chances, window_count: int
) -> Respondents | None:
    members = [cell for cell in of_today if cell.segment == name]
    count = sum(cell.customer_count for cell in members)
    told = [cell for cell in members if _score(cell) in chances]
    told_count = sum(cell.customer_count for cell in told)
    if told_count < max(FEWEST_CUSTOMERS, count * _LEAST_TOLD):
        return None
    shares = (
        _expected_share([(cell.customer_count, chances[_score(cell)][i]) for cell in told])
        for i in range(window_count)
    )
    return Respondents(name, count, tuple(shares))


def _expected_share(parts: Sequence[tuple[int, Chance]]) -> Estimate:
    """Return the share that will come, with what is not known of the chances, and with chance."""
    count = sum(number for number, _ in parts)
    mean = sum(number * chance.mean for number, chance in parts) / count
    variance = sum(
        (number * chance.deviation) ** 2 + number * chance.mean * (1 - chance.mean)
        for number, chance in parts
    )
    half = _Z_95 * math.sqrt(variance) / count
    return Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), count)


def group_by_chance(
    cells: Iterable[FollowedCell], chances: Chances
) -> tuple[ReliabilityGroup, ...]:
    """Return up to ten groups of about equal size, by the chance of the longest window.

    Cells are never torn apart, and those without a chance are left out; a group too small for a
    claim joins the one before it.
    """
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        if _score(cell) not in chances:
            continue
        counts[_score(cell)][0] += cell.came_counts[-1]
        counts[_score(cell)][1] += cell.customer_count
    ordered = sorted(
        (chances[score][-1].mean, came, count) for score, (came, count) in counts.items()
    )
    target = max(sum(count for *_, count in ordered) / _MOST_GROUPS, FEWEST_CUSTOMERS)
    groups: list[list[tuple[float, int, int]]] = [[]]
    for said, came, count in ordered:
        if sum(size for *_, size in groups[-1]) >= target:
            groups.append([])
        groups[-1].append((said, came, count))
    if len(groups) > 1 and sum(size for *_, size in groups[-1]) < FEWEST_CUSTOMERS:
        last = groups.pop()
        groups[-1] += last
    return tuple(_reliability(group) for group in groups if group)


def _reliability(group: Sequence[tuple[float, int, int]]) -> ReliabilityGroup:
    came = sum(one for _, one, _ in group)
    count = sum(one for *_, one in group)
    said = sum(chance * one for chance, _, one in group) / count
    return ReliabilityGroup(said, estimate_share(came, count))


def _score(cell: FollowedCell) -> tuple[int, int]:
    return cell.recency_score, cell.frequency_score
