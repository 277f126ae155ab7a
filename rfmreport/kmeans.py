"""K-means on weighted points: how many clusters, and where their centres lie.

Scikit-learn is an extra: it is imported when somebody asks for clusters, and only here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.errors import SettingsError
from rfmreport.report import ClusterTrial

if TYPE_CHECKING:
    from collections.abc import Sequence

CLUSTER_COUNTS = range(3, 8)
FEWEST_POINTS = CLUSTER_COUNTS.start + 1
_MOST_IN_SAMPLE = 2_000  # the silhouette compares every customer with every other
_SEED = 1
_STARTS = 10
_DIGITS = 6  # the last ones depend on the order in which a machine adds up
_SILHOUETTE_DIGITS = 3  # as it is printed: what looks equal is equal


@dataclass(frozen=True, slots=True)
class Grouping:
    """The clusters found: a centre per row, the cluster of each point, and the numbers tried."""

    centres: np.ndarray
    labels: np.ndarray
    trials: tuple[ClusterTrial, ...]
    sample_count: int


def require_scikit_learn() -> None:
    """Do nothing where scikit-learn is installed.

    Raises:
        SettingsError: it is not; the message names the extra and the command that installs it.
    """
    if find_spec("sklearn") is None:
        message = (
            "scheme clusters needs scikit-learn, which is not installed; install the extra "
            "`clusters` with: pip install 'rfmreport[clusters]', or take another scheme"
        )
        raise SettingsError(message)


def group_points(points: np.ndarray, weights: np.ndarray) -> Grouping:
    """Group points, each standing for `weights` customers, into 3 to 7 clusters.

    The number with the highest mean silhouette (Rousseeuw 1987, Silhouettes, J. Comput. Appl. Math.
    20, p. 56) is taken, of equal ones the smallest. K-means after Lloyd (1982, Least squares
    quantization in PCM, IEEE Trans. Inf. Theory 28, p. 134), begun ten times by k-means++ (Arthur
    and Vassilvitskii 2007, SODA, p. 1029) with a fixed seed: the same points in the same order give
    the same clusters.

    Args:
        points: One row per distinct point, at least `FEWEST_POINTS`, all of them different.
        weights: How many customers each point stands for.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  comes with scikit-learn

    sample = draw_evenly(weights, _MOST_IN_SAMPLE)
    counts = [count for count in CLUSTER_COUNTS if count < len(points)]
    with threadpool_limits(limits=1):  # threads add up in the order in which they finish
        fitted = [_fit(points, weights, count) for count in counts]
        heights = [_silhouette(points[sample], labels[sample]) for _, labels in fitted]
    trials = tuple(ClusterTrial(*trial) for trial in zip(counts, heights, strict=True))
    centres, labels = fitted[_highest(heights)]
    return Grouping(centres, labels, trials, len(sample))


def draw_evenly(weights: np.ndarray, most: int) -> np.ndarray:
    """Return the points of up to `most` customers, evenly spread over all in their order.

    Where there are no more customers than that, each of them is drawn once.
    """
    customers_up_to = np.cumsum(weights)
    customer_count = int(customers_up_to[-1])
    size = min(customer_count, most)
    places = (np.arange(size) + 0.5) * (customer_count / size)
    return np.searchsorted(customers_up_to, places, side="right")


def _fit(points: np.ndarray, weights: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.cluster import KMeans  # noqa: PLC0415  an extra, and takes seconds to import

    model = KMeans(count, n_init=_STARTS, random_state=_SEED).fit(points, sample_weight=weights)
    return model.cluster_centers_.round(_DIGITS), model.labels_


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    from sklearn.metrics import silhouette_score  # noqa: PLC0415  an extra, as above

    if len(np.unique(labels)) < 2:  # noqa: PLR2004  the sample holds one giant cluster
        return -1.0
    return round(float(silhouette_score(points, labels)), _SILHOUETTE_DIGITS)


def _highest(heights: Sequence[float]) -> int:
    return max(range(len(heights)), key=lambda place: (heights[place], -place))
