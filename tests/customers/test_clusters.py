"""Clusters: found among the customers, stable, and the ruler of earlier dates too."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import build_files, customers_of, made_up_lines, write_csv
from stages import engine_of

from rfmreport.customers import clusters, kmeans
from rfmreport.customers.clusters import name_clusters
from rfmreport.customers.segments import Scheme
from rfmreport.errors import SettingsError
from rfmreport.vocabulary import MEASURES, SEGMENT

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.engine.ask import Engine

pytest.importorskip("sklearn")

# What each group of customers is around: days, orders, revenue, and how many they are.
GROUPS = ((8, 20, 5_000, 40), (20, 4, 500, 60), (300, 2, 90, 80))


def shop_of(shuffle: int | None = None) -> list[tuple[int, int, str]]:
    """Return three groups of customers that lie well apart, in the order of `shuffle`."""
    chance = random.Random(5)  # noqa: S311  a reproducible example, no secret
    rows = [
        (
            days + chance.randrange(-days // 5, days // 5 + 1),
            orders + chance.randrange(2),
            f"{revenue * chance.uniform(0.8, 1.2):.2f}",
        )
        for days, orders, revenue, count in GROUPS
        for _ in range(count)
    ]
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)  # noqa: S311
    return rows


def found_in(rows: list[tuple[int, int, str]]) -> tuple[Engine, clusters.ClusterScheme]:
    """Return the clusters of customers, and the engine that holds these as `people`."""
    lines = [f"{days} | {orders} | {revenue}" for days, orders, revenue in rows]
    drawn = customers_of("\n".join([" | ".join(MEASURES), *lines]))
    engine = engine_of(people=drawn)
    return engine, clusters.find_clusters(engine, "people")


def named_of(engine: Engine, scheme: clusters.ClusterScheme) -> list[dict[str, Any]]:
    query = f"SELECT * EXCLUDE (segment), {scheme.segment_sql} AS segment FROM people"
    return engine.rows(query)


def test_clusters_are_named_by_their_centres_best_first() -> None:
    _, scheme = found_in(shop_of())
    names = [segment.name for segment in scheme.segments]
    assert names == ["Frequent big spenders", "Typical customers", "Quiet small spenders"]
    best = scheme.centres[0]
    assert best.name == names[0]
    assert 7 < best.recency_days < 9
    assert 19 < best.order_count < 22
    assert 4_500 < best.revenue < 5_500
    assert (scheme.bins, scheme.fixed_cuts, scheme.cell_segments) == (5, {}, {})
    assert len({segment.color for segment in scheme.segments}) == 3


def test_each_customer_belongs_to_the_nearest_centre() -> None:
    engine, scheme = found_in(shop_of())
    named = pd.DataFrame(named_of(engine, scheme))
    assert named[SEGMENT].value_counts().to_dict() == {
        "Frequent big spenders": 40,
        "Typical customers": 60,
        "Quiet small spenders": 80,
    }
    place = np.log1p(named[list(MEASURES)].astype(float).to_numpy()) / scheme.spreads
    centre = np.log1p([[float(getattr(c, m)) for m in MEASURES] for c in scheme.centres])
    nearest = ((place[:, None] - centre / scheme.spreads) ** 2).sum(axis=2).argmin(axis=1)
    assert [scheme.centres[i].name for i in nearest] == named[SEGMENT].tolist()


@pytest.mark.parametrize("shuffle", [1, 2])
def test_the_order_of_rows_does_not_matter(shuffle: int) -> None:
    assert found_in(shop_of(shuffle))[1] == found_in(shop_of())[1]


def test_many_points_are_rounded_further(monkeypatch: pytest.MonkeyPatch) -> None:
    _, exact = found_in(shop_of())
    monkeypatch.setattr(clusters, "_MOST_POINTS", 90)
    _, rounded = found_in(shop_of())
    assert rounded.segments == exact.segments
    for ours, theirs in zip(rounded.centres, exact.centres, strict=True):
        assert ours.recency_days == pytest.approx(theirs.recency_days, rel=0.05)
        assert float(ours.revenue) == pytest.approx(float(theirs.revenue), rel=0.05)


def test_who_gave_back_more_than_they_bought_spent_nothing() -> None:
    engine, scheme = found_in([*shop_of(), (300, 2, "-50.00")])
    (row,) = [one for one in named_of(engine, scheme) if one["revenue"] < 0]
    assert row[SEGMENT].startswith("Quiet")


def test_customers_who_are_all_alike_have_no_clusters() -> None:
    with pytest.raises(SettingsError, match="only 2 customers differ"):
        found_in([(5, 1, "10.00")] * 9 + [(9, 2, "20.00")])


def test_a_scheme_is_chosen_before_anything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    five = clusters.scheme_chooser("five")(None, "people")
    assert type(five) is Scheme
    assert five.name == "five"
    monkeypatch.setattr(kmeans, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="pip install"):
        clusters.scheme_chooser("clusters")


def test_a_report_is_built_with_clusters(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", made_up_lines(200, days=500))
    result = build_files(source, tmp_path / "report", scoring={"scheme": "clusters"})
    report = result.report
    assert report.clusters
    assert report.clusters.trials[0].cluster_count == 3
    names = [row.name for row in report.segments.rows]
    assert [centre.name for centre in report.clusters.centres] == names
    assert report.ruler
    assert report.ruler.origin == "fixed"
    assert report.movement
    assert sum(flow.customer_count for flow in report.movement.flows) == 200
    assert report.holding
    assert report.holding.trials[0].scheme == "clusters"
    assert [one.topic for one in report.untold if "clusters" in one.reason] == ["Other choices"]
    assert report.sensitivity == ()
    assert {"data/clusters.csv", "data/clusters_by_segment.csv"} < set(result.files)
    assert "cuts.toml" not in result.files
    assert "scikit-learn" in report.method.library_versions
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "under the same centres" in page
    assert "under the same cuts" not in page
    assert 'id="playbook"' not in page


def test_a_report_built_twice_is_the_same(tmp_path: Path) -> None:
    lines = made_up_lines(120, days=500)
    for name, ordered in (("one", lines), ("two", lines[::-1])):
        source = write_csv(tmp_path / name / "orders.csv", ordered)
        build_files(source, tmp_path / name / "report", scoring={"scheme": "clusters"})
    one, two = (
        (tmp_path / name / "report" / "data" / "clusters.csv").read_bytes()
        for name in ("one", "two")
    )
    assert one == two


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
