"""K-means on weighted points: how many clusters, where they lie, and who asks for scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from rfmreport.customers import kmeans
from rfmreport.errors import SettingsError

pytest.importorskip("sklearn")


def groups_around(centres: list[tuple[float, float, float]], seed: int = 3) -> np.ndarray:
    """Return thirty points close around each centre, in order."""
    chance = np.random.default_rng(seed)
    parts = [np.array(centre) + chance.normal(0, 0.1, (30, 3)) for centre in centres]
    points = np.vstack(parts)
    return points[np.lexsort(points.T)]


CENTRES = [(0.0, 0.0, 0.0), (5.0, 0.0, 0.0), (0.0, 5.0, 0.0), (0.0, 0.0, 5.0), (5.0, 5.0, 5.0)]


@pytest.mark.parametrize("count", [3, 4, 5])
def test_groups_that_lie_apart_are_found_in_their_number(count: int) -> None:
    found = kmeans.group_points(groups_around(CENTRES[:count]), np.ones(30 * count, int))
    assert len(found.centres) == count
    best = max(found.trials, key=lambda trial: trial.silhouette)
    assert best.cluster_count == count
    assert best.silhouette > 0.9
    assert [trial.cluster_count for trial in found.trials] == [3, 4, 5, 6, 7]
    assert sorted(map(tuple, found.centres.round())) == sorted(CENTRES[:count])


@pytest.mark.parametrize(("distance", "count"), [(1.45, 3), (1.6, 4)])
def test_of_numbers_that_are_as_good_within_an_error_the_smallest_is_taken(
    distance: float, count: int
) -> None:
    """Two of four groups lie near each other: four clusters are best, by less or by more."""
    points = groups_around([*CENTRES[:3], (0.0, 5.0, distance)])
    found = kmeans.group_points(points, np.ones(len(points)))
    best = max(found.trials, key=lambda trial: trial.silhouette)
    assert best.cluster_count == 4
    assert 0.003 < best.error < 0.007
    assert len(found.centres) == count


def test_a_weighted_point_is_as_many_customers() -> None:
    points = groups_around(CENTRES[:4])
    weights = np.arange(len(points)) % 4 + 1
    weighted = kmeans.group_points(points, weights)
    one_by_one = kmeans.group_points(np.repeat(points, weights, axis=0), np.ones(weights.sum()))
    assert weighted.sample_count == one_by_one.sample_count == weights.sum()
    assert weighted.trials[1] == one_by_one.trials[1]
    for centre in weighted.centres:
        assert np.abs(one_by_one.centres - centre).sum(axis=1).min() < 1e-5


def test_the_same_points_give_the_same_clusters() -> None:
    points = groups_around(CENTRES)
    first, second = (kmeans.group_points(points, np.ones(len(points))) for _ in range(2))
    assert np.array_equal(first.centres, second.centres)
    assert np.array_equal(first.labels, second.labels)


def test_few_points_are_not_cut_into_more_clusters_than_they_can_fill() -> None:
    points = np.array([(0.0, 0, 0), (1.0, 0, 0), (5.0, 5, 5), (9.0, 9, 9), (9.5, 9, 9)])
    found = kmeans.group_points(points, np.ones(5))
    assert [trial.cluster_count for trial in found.trials] == [3, 4]


@pytest.mark.parametrize(
    ("weights", "most", "drawn"),
    [
        ([1, 1, 1], 9, [0, 1, 2]),
        ([2, 1, 3], 9, [0, 0, 1, 2, 2, 2]),
        ([4, 4], 4, [0, 0, 1, 1]),
        ([1, 9], 5, [1, 1, 1, 1, 1]),
    ],
)
def test_customers_are_drawn_evenly(weights: list[int], most: int, drawn: list[int]) -> None:
    assert kmeans.draw_evenly(np.array(weights), most).tolist() == drawn


def test_without_scikit_learn_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kmeans, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"extra `clusters` .*pip install 'rfmreport\[clusters"):
        kmeans.require_scikit_learn()
