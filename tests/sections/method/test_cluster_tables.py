"""The clusters in the method section: centres, why so many, and a cross table that ties."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from example_report import HOSTILE, example_report

from rfmreport.customers.figures import ClusterCentre, ClusterTrial
from rfmreport.formats import Formats
from rfmreport.pages.html import render_html
from rfmreport.sections.method.charts import cluster_block
from rfmreport.sections.method.figures import Agreement, Clusters, Overlap

if TYPE_CHECKING:
    from rfmreport.report import Report

FORMATS = Formats("en_GB", "GBP")


def clustered(silhouette: float = 0.339, rand_index: float | None = 0.29) -> Report:
    """Return the example with its segments as clusters, half of each in either of two segments."""
    report = example_report()
    report = replace(report, method=replace(report.method, scheme_cells=()))
    rows = report.segments.rows
    overlaps = [
        Overlap(row.name, segment, count)
        for row in rows
        for segment, count in (
            ("Best", row.customer_count // 2),
            (HOSTILE, row.customer_count - row.customer_count // 2),
        )
    ]
    return replace(
        report,
        clusters=Clusters(
            centres=tuple(ClusterCentre(row.name, 10.12, 3.05, Decimal("933.15")) for row in rows),
            median=ClusterCentre("Median customer", 51.0, 2.0, Decimal("668.13")),
            trials=(
                ClusterTrial(3, silhouette - 0.1, 0.006),
                ClusterTrial(len(rows), silhouette, 0.006),
                ClusterTrial(len(rows) + 1, silhouette + 0.001, 0.005),
            ),
            sample_count=2000,
            agreement=Agreement("five", "Five", ("Best", HOSTILE), tuple(overlaps), rand_index),
        ),
    )


def test_a_grid_of_scores_has_no_clusters() -> None:
    assert cluster_block(example_report(), FORMATS) is None


@pytest.mark.parametrize(
    ("silhouette", "words"),
    [
        (0.71, "a strong structure"),
        (0.51, "a reasonable structure"),
        (0.339, "a weak structure"),
        (0.25, "no structure to speak of"),
    ],
)
def test_the_title_says_how_far_apart_the_clusters_lie(silhouette: float, words: str) -> None:
    block = cluster_block(clustered(silhouette), FORMATS)
    assert block
    assert f"silhouette {FORMATS.number(silhouette, 2)}: {words}" in block.title


def test_every_number_that_was_tried_is_told() -> None:
    block = cluster_block(clustered(), FORMATS)
    assert block
    assert "3 give 0.239, 5 give 0.339, 6 give 0.340; measured on 2,000 customers" in block.reason
    assert block.reason.startswith(
        "Why 5? It is the smallest number within one standard error (0.005) of the highest mean"
    )


def test_centres_stand_beside_the_median_customer() -> None:
    block = cluster_block(clustered(), FORMATS)
    assert block
    assert [cell.text for cell in block.centres.rows[0].cells[2:]] == ["10", "3.1", "£933"]
    assert block.centres.total
    texts = [cell.text for cell in block.centres.total.cells]
    assert texts[0] == "All customers, median"
    assert texts[2:] == ["51", "2", "£668"]


def test_the_cross_table_ties_with_the_segments() -> None:
    report = clustered()
    block = cluster_block(report, FORMATS)
    assert block
    assert block.crossed.total
    counts = [[int(cell.raw) for cell in row.cells[1:]] for row in block.crossed.rows]
    total = [int(cell.raw) for cell in block.crossed.total.cells[1:]]
    assert [sum(column) for column in zip(*counts, strict=True)] == total
    assert [row[-1] for row in counts] == [row.customer_count for row in report.segments.rows]
    assert total[-1] == report.segments.total.customer_count
    assert block.crossed_title == "Clusters and scheme five agree to 0.29 (adjusted Rand)"


def test_nothing_is_claimed_where_agreement_is_not_defined() -> None:
    block = cluster_block(clustered(rand_index=None), FORMATS)
    assert block
    assert "nothing to compare" in block.crossed_title


def test_the_page_shows_centres_in_place_of_the_grid_and_escapes_names() -> None:
    page = render_html(clustered(), (), data_files=(), template_dir=None)
    assert 'data-name="clusters-by-segment"' in page
    assert "measured with the same centres" in page
    assert HOSTILE not in page


def test_a_scheme_without_a_playbook_says_so_and_has_no_such_section() -> None:
    report = replace(clustered(), playbook=(), recommendations=())
    page = render_html(report, (), data_files=(), template_dir=None)
    assert "has no playbook" in page
    assert 'id="playbook"' not in page
