"""Advice on Online Retail and CDNOW: its order, its words, and whom it tells to call."""

from __future__ import annotations

import pytest

from rfmreport.pipeline import build_report
from rfmreport.settings import ReportSettings, Settings, SourceSettings


@pytest.fixture(scope="module")
def reports(shared_dir):
    """Return both reports."""
    return {
        name: build_report(
            Settings(
                source=SourceSettings(paths=(str(shared_dir / "data" / f"{name}.csv.gz"),)),
                report=ReportSettings(currency="GBP", sections=("segments", "moved", "playbook")),
            )
        )
        for name in ("online_retail", "cdnow_master")
    }


def test_on_online_retail_those_who_stay_away_are_worth_asking_first(reports) -> None:
    """One in a hundred of whom would not come: of High-Value nine in ten come anyway."""
    gains = reports["online_retail"].gains
    assert [(one.segment, one.lever, round(one.low)) for one in gains] == [
        ("At-Risk", "order", 1745),
        ("Potential Loyalists", "order", 1722),
        ("Loyal Customers", "basket", 1592),
        ("Lost", "order", 1251),
        ("High-Value", "order", 456),
    ]
    assert not any(one.split.is_worth_it for one in gains if one.split)


def test_on_online_retail_28_of_those_who_fell_are_overdue(reports) -> None:
    movement = reports["online_retail"].movement
    assert movement.slipped_count == sum(band.customer_count for band in movement.bands) == 28
    assert all(one.recency_days > one.longest_gap_days for one in movement.slipped)


def test_on_cdnow_words_fit_and_the_silence_is_told(reports) -> None:
    report = reports["cdnow_master"]
    said = " ".join(f"{card.description} {card.impact}" for card in report.playbook)
    assert "464 days" in said
    for words in ("not long ago", "Proven spenders", "Steady", "second"):
        assert words not in said
    assert "The shop has gone quiet: half of all customers have not ordered for 472 days" in (
        report.standfirst
    )
