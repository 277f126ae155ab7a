"""What the customers of Online Retail will be worth: literal figures for the renderers' tests.

UCI Online Retail (CC BY 4.0; Chen, Sain & Guo 2012, DOI 10.24432/C5BW33), as of 10 December 2011,
extrapolated from the 90 days after 11 September and 13 June 2011; the modelled twin is made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from example_report import example_report

from rfmreport.models.intervals import estimate_share
from rfmreport.sections.advice.opportunity import measure_opportunities
from rfmreport.sections.worth.figures import (
    Expected,
    ForecastTrial,
    Outlook,
    ReliabilityGroup,
    Respondents,
    Response,
    SpendTrial,
    Worth,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from rfmreport.report import Report

LATEST, EARLIER = date(2011, 9, 11), date(2011, 6, 13)
# segment, customers, past customers; orders, revenue, share in 30 and in 90 days, with bounds
_ROWS = (
    ("High-Value", 905, 870, (3801.0, 2040.5, 7080.5), (2443962, 904090, 6606593),
     (0.606, 0.466, 0.731), (0.897, 0.806, 0.948)),
    ("Loyal Customers", 533, 692, (985.9, 532.5, 1825.3), (485732, 183613, 1284957),
     (0.418, 0.287, 0.562), (0.775, 0.625, 0.877)),
    ("Potential Loyalists", 1172, 1795, (952.0, 514.9, 1759.9), (331631, 122738, 896049),
     (0.211, 0.131, 0.321), (0.488, 0.321, 0.657)),
    ("At-Risk", 767, 978, (724.7, 390.4, 1345.0), (360624, 138951, 935940),
     (0.232, 0.145, 0.349), (0.478, 0.312, 0.650)),
    ("Lost", 957, 1852, (453.7, 243.1, 846.6), (214698, 50459, 913527),
     (0.138, 0.082, 0.223), (0.322, 0.190, 0.491)),
)  # fmt: skip
_TOTAL = (
    "All customers", 4334, 6187, (6917.3, 4368.6, 10952.7), (3836647, 2180048, 6752083),
)  # fmt: skip
_GROUPS = (
    (0.208, 157, 483),
    (0.270, 254, 669),
    (0.344, 166, 348),
    (0.392, 232, 406),
    (0.521, 258, 437),
    (0.683, 302, 412),
    (0.825, 362, 419),
    (0.952, 188, 194),
)
_NOBODY_LEAVES = "these histories do not show that anybody ever leaves"


def _expected(
    name: str,
    count: int,
    past: int,
    orders: tuple[float, ...],
    revenue: tuple[float, ...],
    by: float,
) -> Expected:
    def scaled(values: tuple[float, ...], by: float) -> Estimate:
        return Estimate(*(value * by for value in values), past)

    return Expected(
        name, count, scaled(orders, by), scaled(revenue, by), scaled(revenue, by * 0.98)
    )


def _outlook(days: int, past_dates: tuple[date, ...], factor: float = 1.0) -> Outlook:
    rows = tuple(_expected(*row[:5], factor) for row in _ROWS)
    return Outlook(days, past_dates, rows, _expected(*_TOTAL, factor))


def example_response() -> Response:
    """Return who can be expected to order, checked on 11 September."""
    return Response(
        windows=(30, 90),
        past_dates=(LATEST, EARLIER),
        rows=tuple(
            Respondents(name, count, tuple(Estimate(*share, count) for share in shares))
            for name, count, _, _, _, *shares in _ROWS
        ),
        checked_on=LATEST,
        groups=tuple(
            ReliabilityGroup(said, estimate_share(came, count)) for said, came, count in _GROUPS
        ),
        checked=ReliabilityGroup(0.4749, estimate_share(1919, 3368)),
        is_in_sample=False,
    )


def example_worth() -> Worth:
    """Return what is extrapolated, no model being of use."""
    refused = (
        ForecastTrial(name, True, LATEST, 90, 3368, None, 4460, _NOBODY_LEAVES, of_order_days=True)
        for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD")
    )
    tried = ForecastTrial(
        "as the same segment did before",
        False,
        LATEST,
        90,
        3368,
        3892,
        5026,
        None,
        1977025,
        2803231,
    )
    return Worth(
        model=None,
        discount_rate=0.1,
        outlooks=(_outlook(90, (LATEST, EARLIER)),),
        trials=(*refused, tried),
        spend=None,
        response=example_response(),
    )


def _tried(name: str, orders: float) -> ForecastTrial:
    return ForecastTrial(name, True, LATEST, 90, 3368, orders, 4460, of_order_days=True)


def modelled_worth() -> Worth:
    """Return the same as if a model had been of use."""
    trials = (
        replace(_tried("MBG/NBD", 4300), predicted_revenue=2_600_000, actual_revenue=2_803_231),
        replace(_tried("BG/NBD", 6800), refusal="it foretold too many"),
        replace(_tried("own past rate", 7000), is_model=False),
        *(trial for trial in example_worth().trials if not trial.is_model),
    )
    return replace(
        example_worth(),
        model="MBG/NBD",
        outlooks=(_outlook(90, ()), _outlook(365, (), 3.6)),
        trials=trials,
        spend=SpendTrial(0.205, "weak", 2800, None),
        response=replace(example_response(), model="MBG/NBD", past_dates=(LATEST,)),
    )


def worth_report(worth: Worth | None = None, *, has_costs: bool = False) -> Report:
    """Return the report of the reference shop with what its customers will be worth."""
    report = example_report()
    worth = worth or example_worth()
    shares = worth.response.share_of
    rows = tuple(replace(row, anyway=shares(row.name)) for row in report.segments.rows)
    report = replace(report, segments=replace(report.segments, rows=rows))
    if has_costs:
        found = measure_opportunities(report.segments, (1.0, 5.0), 0.8, 0.4)
        worth = replace(worth, opportunities=found)
    return replace(report, worth=worth)
