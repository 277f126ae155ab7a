"""Clusters instead of a grid of scores: found among the customers, named by their centres.

A customer belongs to the nearest centre, also on earlier dates: the centres are the ruler.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from rfmreport.customers import kmeans
from rfmreport.customers.figures import ClusterCentre
from rfmreport.customers.segments import Scheme, Segment, load_scheme
from rfmreport.engine.ask import as_text, read_queries
from rfmreport.errors import SettingsError
from rfmreport.vocabulary import MEASURES, ORDER_COUNT, REVENUE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rfmreport.customers.figures import ClusterTrial
    from rfmreport.engine.ask import Engine

NAME = "clusters"
TITLE = "Clusters of customers who buy alike"
SOURCE = (
    "k-means on the logarithms of recency, orders and revenue, each in standard deviations; found "
    "anew in every report"
)
HOW_TO = (
    "There is no grid: 3 to 7 clusters, as many as lie furthest apart, named by their centres.\n"
    "Needs the extra: pip install 'rfmreport[clusters]'"
)
_BINS = 5  # of the scores, which only the map shows
_STEPS = (0.01, 0.02, 0.05, 0.1)
_MOST_POINTS = 50_000
_SQL = read_queries(__file__)
_CENTS = Decimal("0.0001")
# Shipped schemes whose colours were chosen to be told apart, with the most that each can give.
_COLORED = ((5, "five"), (6, "six"), (11, "eleven"))


@dataclass(frozen=True, slots=True)
class ClusterScheme(Scheme):
    """A scheme whose segments are clusters, best first: there is no cell, the centres decide.

    `spreads` are the standard deviations of the logarithms, in the order of `MEASURES`; distances
    are counted in them.
    """

    centres: tuple[ClusterCentre, ...]
    median: ClusterCentre
    spreads: tuple[float, ...]
    trials: tuple[ClusterTrial, ...]
    sample_count: int

    @property
    def segment_sql(self) -> str:
        """Return the SQL of the name of the nearest centre, by the three measures."""
        distances = [self._squared_distance(centre) for centre in self.centres]
        nearest = f"least({', '.join(distances)})"
        steps = " ".join(
            f"WHEN {distance} = {nearest} THEN {as_text(centre.name)}"
            for distance, centre in zip(distances, self.centres, strict=True)
        )
        return f"CASE {steps} END"

    def _squared_distance(self, centre: ClusterCentre) -> str:
        """Return the SQL of a customer's distance from a centre; a number with e is a double."""
        places = np.log1p(_values(centre)) / self.spreads
        steps = [
            f"(ln(greatest(CAST({measure} AS DOUBLE), 0) + 1) / {spread:.17e} - {place:.17e})"
            for measure, spread, place in zip(MEASURES, self.spreads, places, strict=True)
        ]
        return " + ".join(f"{step} * {step}" for step in steps)


@dataclass(frozen=True, slots=True)
class _Points:
    """Customers alike to within a step, one row each: logarithms, customers, and their revenue."""

    logarithms: np.ndarray
    counts: np.ndarray
    revenues: np.ndarray


def scheme_chooser(name_or_path: str) -> Callable[[Engine, str], Scheme]:
    """Return what makes the scheme, once the customers are measured.

    Raises:
        SettingsError: the scheme is wrong, or clusters are asked for without scikit-learn.
    """
    if name_or_path == NAME:
        kmeans.require_scikit_learn()
        return find_clusters
    scheme = load_scheme(name_or_path)
    return lambda *_: scheme


def find_clusters(engine: Engine, people: str) -> ClusterScheme:
    """Find the clusters of a table of customers with the three measures, best first.

    Customers alike to within 1% (more, where that leaves too many points) are one point with a
    weight, and points are in order: neither a million customers nor shuffled rows matter. Best is
    mean revenue x the share of all customers who have been silent for longer than the centre.

    Raises:
        SettingsError: too few customers differ.
    """
    points = _points_of(engine, people)
    if len(points.counts) < kmeans.FEWEST_POINTS:
        message = (
            f"scheme {NAME}: only {len(points.counts)} customers differ in recency, orders or "
            f"revenue, and clusters need {kmeans.FEWEST_POINTS}; take another scheme, such as five"
        )
        raise SettingsError(message)
    spreads = _spreads(points)
    found = kmeans.group_points(points.logarithms / spreads, points.counts)
    median = _median_customer(engine, people)
    logarithms = (found.centres * spreads)[_best_first(points, found, spreads)]
    values = np.expm1(logarithms)
    names = name_clusters((logarithms - np.log1p(_values(median))) / spreads, values)
    return ClusterScheme(
        name=NAME,
        title=TITLE,
        source=SOURCE,
        bins=_BINS,
        segments=tuple(map(Segment, names, _colors(len(names)))),
        fixed_cuts={},
        cell_segments={},
        centres=tuple(map(_centre, names, values)),
        median=median,
        spreads=tuple(map(float, spreads)),
        trials=found.trials,
        sample_count=found.sample_count,
    )


def _points_of(engine: Engine, people: str) -> _Points:
    """Return the distinct points, in order, by the finest step that leaves few enough.

    Who gave back more than they bought counts as having spent nothing.
    """
    for step in _STEPS:
        given = {"people": people, "width": float(np.log1p(step)), "most_rows": _MOST_POINTS + 1}
        counted = engine.arrays(_SQL["alike"], **given)
        if len(counted["customer_count"]) <= _MOST_POINTS:
            break
    columns = [counted[f"step_{place}"] for place in range(len(MEASURES))]
    return _Points(
        logarithms=np.column_stack(columns) * np.log1p(step),
        counts=counted["customer_count"],
        revenues=counted[REVENUE],
    )


def _spreads(points: _Points) -> np.ndarray:
    """Return the standard deviations of the logarithms; 1 where all customers are alike."""
    mean = np.average(points.logarithms, axis=0, weights=points.counts)
    variance = np.average((points.logarithms - mean) ** 2, axis=0, weights=points.counts)
    spreads = np.sqrt(variance).round(9)
    return np.where(spreads > 0, spreads, 1.0)


def _best_first(points: _Points, found: kmeans.Grouping, spreads: np.ndarray) -> list[int]:
    """Return the clusters by mean revenue x the share of customers silent for longer."""
    days, recency_of = points.logarithms[:, 0], found.centres[:, 0] * spreads[0]

    def goodness(cluster: int) -> float:
        mine = found.labels == cluster
        mean_revenue = points.revenues[mine].sum() / points.counts[mine].sum()
        longer = points.counts[days > recency_of[cluster]].sum() / points.counts.sum()
        return float(mean_revenue * longer)

    return sorted(range(len(found.centres)), key=goodness, reverse=True)


def _median_customer(engine: Engine, people: str) -> ClusterCentre:
    row = engine.row(_SQL["medians"], people=people)
    return _centre("Median customer", [row[measure] for measure in MEASURES])


def _centre(name: str, values: Sequence[float]) -> ClusterCentre:
    days, orders, revenue = values
    return ClusterCentre(
        name,
        round(float(days), 4),
        round(float(orders), 4),
        Decimal(float(revenue)).quantize(_CENTS),
    )


def _values(centre: ClusterCentre) -> Any:  # noqa: ANN401  NumPy's own type says no more
    return np.array([centre.recency_days, centre.order_count, float(centre.revenue)])


def _colors(count: int) -> list[str]:
    name = next(name for most, name in _COLORED if count <= most)
    return [segment.color for segment in load_scheme(name).segments[:count]]


APART = 0.5
"""Standard deviations of the logarithm from the median customer at which a name says so."""

_TOLD = 2  # a chart has no room for three words
_BOUGHT_ONCE = 1.5  # a centre with fewer orders is of customers who bought once

# The measures that a name tells, each 1 above the median customer or -1 below it, in the order of
# `MEASURES`; 0 is not told.
_NAMES = {
    (-1, 1, 0): "Recent regulars",
    (-1, -1, 0): "Recent rare buyers",
    (1, 1, 0): "Quiet regulars",
    (1, -1, 0): "Quiet rare buyers",
    (-1, 0, 1): "Recent big spenders",
    (-1, 0, -1): "Recent small spenders",
    (1, 0, 1): "Quiet big spenders",
    (1, 0, -1): "Quiet small spenders",
    (0, 1, 1): "Frequent big spenders",
    (0, 1, -1): "Frequent small spenders",
    (0, -1, 1): "Rare big spenders",
    (0, -1, -1): "Rare small spenders",
    (-1, 0, 0): "Recent customers",
    (1, 0, 0): "Quiet customers",
    (0, 1, 0): "Regulars",
    (0, -1, 0): "Rare buyers",
    (0, 0, 1): "Big spenders",
    (0, 0, -1): "Small spenders",
    (0, 0, 0): "Typical customers",
}
_NAMES_OF_ONE_ORDER = {
    (-1, -1, 0): "Recent newcomers",
    (1, -1, 0): "Quiet one-timers",
    (0, -1, 0): "One-timers",
}


def name_clusters(
    places: Sequence[Sequence[float]], values: Sequence[Sequence[float]]
) -> tuple[str, ...]:
    """Return a name of its own for each cluster, such as "Frequent big spenders".

    It tells the two measures in which the centre lies furthest from the median customer, where it
    lies further than `APART`. Names that are alike are numbered, the best first: the values behind
    them change from day to day, and a name must not.

    Args:
        places: Per cluster, best first, how many standard deviations of the logarithm its centre
            lies above the median customer in recency, orders and revenue.
        values: Per cluster, the centre itself: days, orders and money.
    """
    names = [_name(place, value) for place, value in zip(places, values, strict=True)]
    counts, seen = Counter(names), Counter[str]()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} {seen[name]}" if counts[name] > 1 else name)
    return tuple(numbered)


def _name(place: Sequence[float], value: Sequence[float]) -> str:
    furthest = sorted(range(len(place)), key=lambda i: -abs(place[i]))[:_TOLD]
    days, orders, revenue = (_side(z) if i in furthest else 0 for i, z in enumerate(place))
    has_one_order = value[MEASURES.index(ORDER_COUNT)] < _BOUGHT_ONCE
    sides = (days, orders, revenue)
    of_one_order = _NAMES_OF_ONE_ORDER.get(sides) if has_one_order else None
    return of_one_order or _NAMES[sides]


def _side(z: float) -> int:
    """Return -1 well below the median customer, 0 near it, 1 well above it."""
    return int(z > APART) - int(z < -APART)
