"""Summary: shares that sum, the headline in every situation, figures with their comparison."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from evidence import (
    FIGURES,
    FORMATS,
    HIGH,
    LOST,
    MONTHS,
    RISK,
    evidence_of,
    figures_of,
    month_of,
    table_of,
)
from example_report import tiny_report

from rfmreport.sections.summary.customer_claims import top_segment
from rfmreport.sections.summary.page import written_kpi
from rfmreport.sections.summary.summary import headline, quiet_segment, standfirst, strip_of_figures
from rfmreport.vocabulary import Change

if TYPE_CHECKING:
    from rfmreport.sections.summary.figures import Kpi

HELD = "25% of customers hold 60% of all revenue"
PERIOD = "from 1 May 2023 to 3 Jun 2024"


def kpis_of(months=MONTHS) -> dict[str, Kpi]:
    report = replace(
        tiny_report(),
        months=months,
        segments=table_of(),
        first_day=date(2023, 5, 1),
        last_day=date(2024, 6, 3),
    )
    kpis = strip_of_figures(report, months, FORMATS)
    assert len(kpis) == 6
    return {kpi.key: kpi for kpi in kpis}


# --- the headline -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ((), HELD),
        ((month_of("2024-05", "900", 90, complete=False),), HELD),
        ((month_of("2024-05", "900", 90),), HELD),
        (
            (month_of("2024-04", "10000", 200), month_of("2024-05", "12000", 300)),
            "Revenue rose 20% in May 2024 on April: more, smaller orders",
        ),
        (
            (month_of("2023-12", "10000", 400), month_of("2024-01", "7500", 300)),
            "Revenue fell 25% in January 2024 on December: fewer orders",
        ),
        (
            (month_of("2024-04", "10000", 200), month_of("2024-05", "10300", 210)),
            "May 2024 is not shown to differ from April",
        ),
        (
            (month_of("2024-04", "10000", 200), month_of("2024-05", "10100", 300)),
            "Orders rose 50% in May 2024 on April, revenue within chance",
        ),
        # a year before comes before a month before
        (
            (
                month_of("2023-05", "20000", 400),
                month_of("2024-04", "10000", 200),
                month_of("2024-05", "12000", 200),
            ),
            "Revenue fell 40% in May 2024 on May 2023: fewer, larger orders",
        ),
        # more days to trade in are no more trade
        (
            (
                month_of("2024-02", "10000", 200, trading_day_count=20),
                month_of("2024-03", "12500", 250, trading_day_count=25),
            ),
            "March 2024 is not shown to differ from February",
        ),
        # the last month is the last complete one
        (
            (
                month_of("2024-04", "10000", 200),
                month_of("2024-05", "12000", 300),
                month_of("2024-06", "10", 1, complete=False),
            ),
            "Revenue rose 20% in May 2024 on April: more, smaller orders",
        ),
        # nothing can be compared with a month without revenue
        ((month_of("2024-04", "0", 0), month_of("2024-05", "12000", 300)), HELD),
    ],
    ids=[
        "none", "cut", "one", "rise", "fall", "steady", "orders", "year", "days", "cut at the end",
        "empty before",
    ],
)  # fmt: skip
def test_the_headline_says_what_is_shown_to_differ_in_twelve_words(
    months: tuple, expected: str
) -> None:
    assert headline(months, table_of(), FORMATS) == expected
    assert len(expected.split()) <= 12


def test_the_headline_claims_no_change_between_months_of_few_orders() -> None:
    months = (month_of("2024-04", "100", 2), month_of("2024-05", "200", 4))
    assert "rose" not in headline(months, table_of(), FORMATS)


def test_the_headline_never_says_that_revenue_moved_by_nothing() -> None:
    """Many orders more at the same revenue: it did not fall by 0%."""
    months = (month_of("2024-04", "10000", 200), month_of("2024-05", "9980", 300))
    assert " 0%" not in headline(months, table_of(), FORMATS)


def test_the_headline_names_a_segment_that_holds_customers() -> None:
    figures = (figures_of(HIGH, 0, "0", 0), *FIGURES[1:])
    assert "0% of customers hold 0%" not in headline((), table_of(figures), FORMATS)


# --- below the headline -------------------------------------------------------------------------


def test_the_standfirst_tells_the_whole() -> None:
    told = f"400 customers placed 1,530 orders worth £100k {PERIOD}."
    assert standfirst(table_of(), (), PERIOD, FORMATS) == told
    assert standfirst(table_of(), (), PERIOD, FORMATS, 20.0) == told


def test_a_shop_that_has_gone_quiet_is_told_so() -> None:
    """Half have not ordered for 40 days or more, where orders lie 13 days apart."""
    assert standfirst(table_of(), (), PERIOD, FORMATS, 13.0).endswith(
        " The shop has gone quiet: half of all customers have not ordered for 40 days or more, "
        "where 13 usually lie between two orders."
    )


def test_a_handful_is_never_held_against_all() -> None:
    """Of 400, a top segment of 29 tells nothing of the shop: the next one does."""
    figures = (figures_of(HIGH, 29, "60000", 800, 9), *FIGURES[1:])
    assert headline((), table_of(figures), FORMATS) == "20% of customers hold 15% of all revenue"
    assert top_segment(evidence_of(segments=table_of(figures))) is None


def test_nobody_is_called_quiet_below_thirty_customers() -> None:
    figures = (*FIGURES[:3], figures_of(RISK, 29, "14000", 90, 140), figures_of(LOST, 0, "0", 0))
    assert quiet_segment(table_of(figures)) is None
    assert quiet_segment(table_of()) is not None


# --- the six figures ----------------------------------------------------------------------------


def test_the_figures_are_of_the_last_complete_month_against_the_one_before() -> None:
    kpis = kpis_of()
    revenue = kpis["revenue"]
    assert (revenue.value, revenue.period, revenue.unit) == (Decimal(12000), "May 2024", "money")
    assert revenue.change == Change("April 2024", relative=0.2)
    assert revenue.trend == (8000, 9000, 10000, 12000)
    assert kpis["orders"].change == Change("April 2024", relative=0.5)
    assert kpis["order_value"].value == Decimal(40)
    assert kpis["order_value"].change.relative == pytest.approx(-0.2)
    assert kpis["returning_customers"].value == 150
    assert kpis["new_customers"].change is None  # in the first three months all seem new


def test_a_figure_is_also_held_against_the_same_month_a_year_earlier() -> None:
    kpis = kpis_of()
    assert kpis["revenue"].year_change == Change("May 2023", relative=0.5)
    assert kpis["orders"].year_change.relative == pytest.approx(300 / 130 - 1)
    assert kpis["new_customers"].year_change is None  # May 2023 is among the first three months
    assert kpis_of(MONTHS[1:])["revenue"].year_change is None


def test_a_change_of_revenue_within_chance_is_marked_and_written_muted() -> None:
    months = tuple(replace(month, square_sum=1e9) for month in MONTHS)
    kpis = kpis_of(months)
    assert kpis["revenue"].change == Change("April 2024", relative=0.2, within_chance=True)
    written = written_kpi(kpis["revenue"], FORMATS)
    assert (written.tone, written.against) == ("flat", "on April 2024, within chance")
    assert written_kpi(kpis_of()["revenue"], FORMATS).tone == "up"


def test_each_figure_has_a_test_of_its_own() -> None:
    """Twice the orders, each of half the value: orders moved, revenue did not."""
    kpis = kpis_of((month_of("2024-04", "10000", 200), month_of("2024-05", "10000", 400)))
    within = {key: kpi.change.within_chance for key, kpi in kpis.items() if kpi.change}
    assert within == {"revenue": True, "orders": False, "order_value": False, "customers": False}


def test_a_figure_without_an_earlier_month_says_so() -> None:
    for kpi in kpis_of(MONTHS[-2:]).values():
        assert kpi.change is None
        assert kpi.no_change_reason


def test_without_a_complete_month_the_figures_are_of_the_period() -> None:
    kpis = kpis_of(MONTHS[-1:])
    assert list(kpis) == [
        "revenue", "orders", "customers", "order_value", "orders_each", "revenue_each",
    ]  # fmt: skip
    assert (kpis["revenue"].value, kpis["revenue"].period) == (Decimal(100000), PERIOD)
    assert kpis["orders_each"].value == pytest.approx(1530 / 400)
    assert {kpi.change for kpi in kpis.values()} == {None}


def test_a_month_without_orders_is_compared_without_failing() -> None:
    months = (month_of("2024-04", "10000", 200), month_of("2024-05", "0", 0))
    kpis = kpis_of(months)
    assert kpis["revenue"].change == Change("April 2024", relative=-1.0)
    assert kpis["orders"].value == 0
    back = kpis_of((*months, month_of("2024-06", "500", 5)))
    assert back["revenue"].change is None
    assert back["revenue"].no_change_reason


def test_a_figure_always_has_a_change_or_a_reason_for_none() -> None:
    for months in (MONTHS, MONTHS[-2:], MONTHS[-1:], ()):
        for kpi in kpis_of(months).values():
            assert (kpi.change is None) == bool(kpi.no_change_reason)
            assert not kpi.trend or kpi.trend[-1] == float(kpi.value)
