"""The ruler: saved cuts or new ones, whom they move, and a drift that chance cannot give."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import build_files, customers_of, made_up_lines, write_csv
from stages import engine_of

from rfmreport.customers.figures import RefitMove, Ruler
from rfmreport.customers.ruler import (
    count_refit_moves,
    count_scores,
    drift_sentence,
    emptied_scores,
    measure_drift,
    refit_advice,
    stability_index,
    verdict_of,
)
from rfmreport.customers.saved_cuts import read_cuts
from rfmreport.formats import Formats
from rfmreport.pipeline import build_report
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.pipeline import BuildResult
    from rfmreport.report import Report

LINES = made_up_lines(200, days=700)


def build_month(tmp_path: Path, month: str, **given) -> BuildResult:
    source = write_csv(tmp_path / "source" / "orders.csv", LINES)
    scoring = {"cuts_file": str(tmp_path / "cuts.toml"), **given.pop("scoring", {})}
    cleaning = {"month": month, **given.pop("cleaning", {})}
    return build_files(source, tmp_path / month, cleaning=cleaning, scoring=scoring, **given)


def report_of(folder: Path, month: str, **cleaning) -> Report:
    """Return a month's report with the cuts of a folder, which stay as they are."""
    source = write_csv(folder / "source" / "orders.csv", LINES)
    given = {"source": {"paths": [str(source)]}, "cleaning": {"month": month, **cleaning}}
    given["scoring"] = {"cuts_file": str(folder / "cuts.toml")}
    return build_report(load_settings(None, given))


def test_the_first_build_makes_the_cuts_and_the_next_ones_of_the_same_rules_use_them(
    tmp_path: Path,
) -> None:
    april, may = build_month(tmp_path, "2024-04"), build_month(tmp_path, "2024-05")
    assert (april.report.ruler.origin, may.report.ruler.origin) == ("fitted", "saved")
    assert may.report.ruler.fitted_as_of == april.report.as_of
    labels = [(row.measure, row.score, row.label) for row in april.report.method.cuts]
    assert labels == [(row.measure, row.score, row.label) for row in may.report.method.cuts]
    assert may.report.ruler.drift
    assert (tmp_path / "2024-05" / "cuts.toml").read_bytes() == (
        tmp_path / "cuts.toml"
    ).read_bytes()
    # Cuts of other rules are not used, and the report warns.
    report = report_of(tmp_path, "2024-05", net_returns=True)
    assert report.ruler.origin == "refitted"
    assert report.ruler.refit_moves == ()
    (finding,) = [f for f in report.findings if f.key == "new_cuts"]
    assert "net_returns" in finding.text


def test_a_refit_says_whom_it_alone_has_moved(tmp_path: Path) -> None:
    saved = build_month(tmp_path, "2023-08").report
    kept = report_of(tmp_path, "2024-06")
    refitted = build_month(tmp_path, "2024-06", scoring={"refit": True}).report
    ruler = refitted.ruler
    assert (ruler.origin, ruler.fitted_as_of) == ("refitted", saved.as_of)
    assert ruler.moved_count == kept.ruler.moved_count > 0
    sizes = {row.name: row.customer_count for row in kept.segments.rows}
    for move in ruler.refit_moves:
        sizes[move.saved] -= move.customer_count
        sizes[move.refitted] += move.customer_count
    assert sizes == {row.name: row.customer_count for row in refitted.segments.rows}
    assert read_cuts(tmp_path / "cuts.toml").fitted_as_of == refitted.as_of


def test_cuts_in_another_reports_folder_stay_as_they_are(tmp_path: Path) -> None:
    april = build_month(tmp_path, "2024-04", scoring={"cuts_file": None})
    cuts = tmp_path / "2024-04" / "cuts.toml"
    before = cuts.read_bytes()
    may = build_month(tmp_path, "2024-05", scoring={"cuts_file": str(cuts), "refit": True})
    assert april.report.ruler.origin == "fitted"
    assert may.report.ruler.origin == "refitted"
    assert cuts.read_bytes() == before
    assert (tmp_path / "2024-05" / "cuts.toml").read_bytes() != before


def test_fixed_cuts_are_neither_saved_nor_replaced(tmp_path: Path) -> None:
    bounds = {"recency_days": [30, 60, 90, 120], "order_count": [1, 2, 3, 5],
              "revenue": [10, 50, 100, 200]}  # fmt: skip
    fixed = {"method": "fixed", "cuts": bounds}
    result = build_month(tmp_path, "2024-04", scoring=fixed)
    assert result.report.ruler.origin == "fixed"
    assert "cuts.toml" not in result.files
    assert not (tmp_path / "cuts.toml").exists()


FORMATS = Formats("en_GB", "GBP")
EVEN = (200, 200, 200, 200, 200)

counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=9).filter(any)
pairs = (
    st.integers(2, 9)
    .flatmap(
        lambda bins: st.tuples(*[st.lists(st.integers(0, 9_999), min_size=bins, max_size=bins)] * 2)
    )
    .filter(lambda pair: any(pair[0]) and any(pair[1]))
)


def ruler_of(then, now, origin="saved", measure="recency_days", **more) -> Ruler:
    return Ruler(
        origin=origin,
        reason="",
        fitted_as_of=date(2011, 11, 1),
        fitted_customer_count=sum(then),
        customer_count=sum(now),
        drift=measure_drift({measure: then}, {measure: now}),
        **more,
    )


def test_customers_are_counted_per_score_and_measure():
    scored = customers_of("""
    recency_score | frequency_score | monetary_score
    5             | 1               | 3
    5             | 1               | 2
    1             | 3               | 2
    """)
    assert count_scores(engine_of(people=scored), "people", 5) == {
        "recency_days": (1, 0, 0, 0, 2),
        "order_count": (2, 0, 1, 0, 0),
        "revenue": (0, 2, 1, 0, 0),
    }


def test_the_index_is_that_of_the_book():
    """Shares of 50 and 50 in a hundred become 60 and 40: 0.1 ln 1.2 + 0.1 ln 1.25."""
    expected = 0.1 * math.log(0.6 / 0.5) - 0.1 * math.log(0.4 / 0.5)
    assert stability_index((50, 50), (120, 80)) == pytest.approx(expected)


def test_a_score_that_emptied_counts_as_half_a_customer():
    expected = (0.5 / 100.5 - 0.5) * math.log(0.5 / 100.5 / 0.5)
    expected += (100 / 100.5 - 0.5) * math.log(100 / 100.5 / 0.5)
    assert stability_index((50, 50), (0, 100)) == pytest.approx(expected)


@given(pair=pairs)
def test_the_index_is_never_negative_and_the_same_both_ways(pair):
    then, now = pair
    assert stability_index(then, now) >= 0
    assert stability_index(then, now) == pytest.approx(stability_index(now, then))


@given(then=counts, times=st.integers(1, 20))
def test_a_shop_that_grows_evenly_does_not_drift(then, times):
    assert stability_index(then, [times * count for count in then]) == pytest.approx(0, abs=1e-9)


def test_only_measures_with_counts_on_both_sides_have_a_drift():
    drift = measure_drift({"revenue": (1, 3)}, {"revenue": (2, 2), "order_count": (4, 0)})
    assert [(d.measure, d.shares_then, d.shares_now) for d in drift] == [
        ("revenue", (0.25, 0.75), (0.5, 0.5))
    ]


def test_whom_new_cuts_move_is_counted_by_segments():
    drawn = """
    customer_id | segment
    a           | {}
    b           | {}
    c           | {}
    d           | {}
    """
    engine = engine_of(
        saved=customers_of(drawn.format("Best", "Best", "Lost", "Lost")),
        refitted=customers_of(drawn.format("Lost", "Lost", "Best", "Lost")),
    )
    assert count_refit_moves(engine, "saved", "refitted") == (
        RefitMove("Best", "Lost", 2),
        RefitMove("Lost", "Best", 1),
    )
    assert count_refit_moves(engine, "saved", "saved") == ()


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [
        (EVEN, EVEN, "stable"),
        (EVEN, (180, 190, 200, 210, 220), "stable"),
        (EVEN, (110, 160, 200, 230, 300), "watch"),
        (EVEN, (60, 140, 200, 250, 350), "new cuts due"),
        (EVEN, (0, 250, 250, 250, 250), "new cuts due"),
        # The same shares of few customers: chance does that.
        ((8, 8, 8, 8, 8), (4, 6, 8, 9, 12), "within chance"),
        ((8, 8, 8, 8, 8), (5, 5, 5, 5, 5), "too few customers"),
        # A score that nobody ever had (few distinct values) is none that emptied.
        ((500, 300, 200, 0, 0), (500, 300, 200, 0, 0), "stable"),
    ],
)
def test_the_verdict_is_siddiqis_where_chance_is_ruled_out(then, now, verdict):
    ruler = ruler_of(then, now)
    assert verdict_of(ruler.drift[0], ruler) == verdict
    advice = refit_advice(ruler, FORMATS)
    assert (advice is not None) == (verdict == "new cuts due")


def test_a_score_that_chance_may_have_emptied_is_not_one():
    then, now = (2, 98, 100, 100, 100), (0, 50, 50, 50, 50)
    ruler = ruler_of(then, now)
    assert emptied_scores(ruler.drift[0], 200) == ()
    assert emptied_scores(ruler.drift[0], 2000) == (1,)


def test_the_advice_tells_scores_now_and_then_and_what_to_do():
    advice = refit_advice(ruler_of(EVEN, (60, 140, 200, 250, 350)), FORMATS)
    assert advice == (
        "The cuts of 1 Nov 2011 no longer fit: of 100 customers, 6, 14, 20, 25 and 35 now have "
        "recency scores 1 to 5, against 20, 20, 20, 20 and 20 when the cuts were made (stability "
        "index 0.29; above 0.25 new cuts are due). Make new cuts with --refit; the report then "
        "tells how many customers that alone has moved."
    )
    advice = refit_advice(ruler_of(EVEN, (0, 250, 250, 250, 250)), FORMATS)
    assert "nobody has score 1 any more" in (advice or "")


def test_only_cuts_that_are_in_use_are_advised_against():
    for origin in ("fitted", "refitted", "fixed"):
        assert refit_advice(ruler_of(EVEN, (0, 0, 0, 0, 1000), origin), FORMATS) is None
    nothing = Ruler("saved", "", date(2011, 11, 1), 10, 10)
    assert refit_advice(nothing, FORMATS) is None
    assert drift_sentence(nothing, FORMATS) is None


def test_the_measure_that_new_cuts_are_due_for_comes_first():
    """Recency has the larger index; frequency has lost a score."""
    then = {"recency_days": EVEN, "order_count": (950, 20, 10, 10, 10)}
    now = {"recency_days": (110, 160, 200, 230, 300), "order_count": (960, 20, 10, 10, 0)}
    ruler = Ruler("saved", "", date(2011, 11, 1), 1000, 1000, measure_drift(then, now))
    assert ruler.drift[0].stability_index > ruler.drift[1].stability_index
    assert "frequency scores" in (refit_advice(ruler, FORMATS) or "")


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (EVEN, EVEN, "still fit: the largest stability index, of recency, is 0; below 0.10"),
        (EVEN, (110, 160, 200, 230, 300), "(stability index 0.11; new cuts are due above 0.25)."),
        ((8, 8, 8, 8, 8), (4, 6, 8, 9, 12), "which chance explains among 39 customers."),
        ((5, 5), (5, 5), "Too few customers to say whether the scores have drifted."),
    ],
)
def test_the_sentence_says_what_the_index_means(then, now, told):
    assert told in (drift_sentence(ruler_of(then, now), FORMATS) or "")
