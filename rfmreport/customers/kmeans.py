"""K-means on weighted points: how many clusters, and where their centres lie.

Scikit-learn is an extra: it is imported when somebody asks for clusters, and only here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.customers.figures import ClusterTrial
from rfmreport.errors import SettingsError

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

    By the mean silhouette (Rousseeuw 1987, Silhouettes, J. Comput. Appl. Math. 20, p. 56) the
    smallest number is taken that lies within one standard error of the best (the rule of Breiman et
    al. 1984, Classification and Regression Trees, section 3.4.3): a day more of data must not
    decide how many clusters there are. K-means after Lloyd (1982, Least squares
    quantization in PCM, IEEE Trans. Inf. Theory 28, p. 134), begun ten times by k-means++ (Arthur
    and Vassilvitskii 2007, SODA, p. 1029) with a fixed seed: the same points in the same order give
    the same clusters.

    Args:
        points: One row per distinct point, at least `FEWEST_POINTS`, all of them different.
        weights: How many customers each point stands for.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  start-up

    sample = draw_evenly(weights, _MOST_IN_SAMPLE)
    counts = [count for count in CLUSTER_COUNTS if count < len(points)]
    with threadpool_limits(limits=1):  # threads add up in the order in which they finish
        fitted = [_fit(points, weights, count) for count in counts]
        measured = [_silhouette(points[sample], labels[sample]) for _, labels in fitted]
    trials = tuple(
        ClusterTrial(count, *trial) for count, trial in zip(counts, measured, strict=True)
    )
    centres, labels = fitted[_smallest_good(trials)]
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


def _silhouette(points: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean silhouette of the points, and its standard error."""
    from sklearn.metrics import silhouette_samples  # noqa: PLC0415  an extra, as above

    if len(np.unique(labels)) < 2:  # noqa: PLR2004  the sample holds one giant cluster
        return -1.0, 0.0
    heights = silhouette_samples(points, labels)
    error = float(heights.std(ddof=1)) / len(heights) ** 0.5
    return round(float(heights.mean()), _SILHOUETTE_DIGITS), round(error, _SILHOUETTE_DIGITS)


def _smallest_good(trials: Sequence[ClusterTrial]) -> int:
    best = max(trials, key=lambda trial: trial.silhouette)
    return next(
        place
        for place, trial in enumerate(trials)
        if trial.silhouette >= best.silhouette - best.error
    )
