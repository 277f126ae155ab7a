"""Names of clusters: by where the centre lies, and never twice the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfmreport.customers.cluster_names import name_clusters

places = st.tuples(*[st.floats(-4, 4)] * 3)
centres = st.tuples(st.floats(1, 900), st.floats(1, 90), st.floats(0, 90_000))


@pytest.mark.parametrize(
    ("place", "centre", "name"),
    [
        ((-1.2, 2.1, 1.5), (10, 11, 4200), "Frequent big spenders"),
        ((-1.9, 1.1, 0.8), (10, 5, 1700), "Recent regulars"),
        ((-1.0, -0.9, -0.6), (10, 1.2, 200), "Recent newcomers"),
        ((-1.0, -0.9, -0.6), (10, 2.2, 200), "Recent rare buyers"),
        ((0.7, -0.4, -0.8), (131, 1.3, 270), "Quiet small spenders"),
        ((1.5, -0.8, -0.6), (300, 1.1, 250), "Quiet one-timers"),
        ((0.2, -0.4, 0.5), (60, 1.8, 700), "Typical customers"),
        ((0.2, -0.4, 0.6), (60, 1.8, 900), "Big spenders"),
    ],
)
def test_a_name_tells_where_the_centre_lies_furthest_from_the_median(
    place: tuple[float, ...], centre: tuple[float, ...], name: str
) -> None:
    assert name_clusters([place], [centre]) == (name,)


def test_clusters_on_the_same_sides_are_numbered_best_first() -> None:
    """A day later their values are others, and their names are not."""
    quiet = [(0.8, 0.0, -0.9), (1.9, 0.0, -0.8), (-1.0, 1.0, 0.0)]
    for days in (120.0, 121.0):
        values = [(days, 1.3, 250.0), (310.0, 1.2, 260.0), (9.0, 8.0, 700.0)]
        assert name_clusters(quiet, values) == (
            "Quiet small spenders 1",
            "Quiet small spenders 2",
            "Recent regulars",
        )


@given(st.lists(st.tuples(places, centres), min_size=3, max_size=7))
def test_no_name_is_given_twice(
    clusters: list[tuple[tuple[float, float, float], tuple[float, float, float]]],
) -> None:
    names = name_clusters([place for place, _ in clusters], [centre for _, centre in clusters])
    assert len(set(names)) == len(clusters)
