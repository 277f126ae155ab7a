"""The names of clusters: what sets each centre apart from the median customer, in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rfmreport.vocabulary import MEASURES, ORDER_COUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

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
