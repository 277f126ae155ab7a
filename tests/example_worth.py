"""What the customers of Online Retail will be worth: literal figures for the renderers' tests.

UCI Online Retail (CC BY 4.0; Chen, Sain & Guo 2012, DOI 10.24432/C5BW33), as of 10 December 2011,
extrapolated from the 90 days after 11 September and 13 June 2011; the modelled twin is made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from example_report import example_report

from rfmreport.analyses.opportunity import measure_opportunities
from rfmreport.intervals import estimate_share
from rfmreport.report import (
    Estimate,
    Expected,
    ForecastTrial,
    Outlook,
    ReliabilityGroup,
    Respondents,
    Response,
    SpendTrial,
    Worth,
)

if TYPE_CHECKING:
    from rfmreport.report import Report

LATEST, EARLIER = date(2011, 9, 11), date(2011, 6, 13)
# segment, customers, past customers, orders and revenue with bounds, share in 30 and in 90 days
_ROWS = (
    ("High-Value", 905, 870, (3801, 3100.5, 4558.5), (2443962, 1701076, 3461010), 0.608, 0.897),
    ("Loyal Customers", 533, 692, (985.9, 763.3, 1182.4), (485732, 281302, 734904), 0.424, 0.775),
    ("Potential Loyalists", 1172, 1795, (952, 714, 1292), (331631, 221033, 629281), 0.207, 0.488),
    ("At-Risk", 767, 978, (724.7, 447.9, 896.1), (360624, 221334, 459971), 0.231, 0.478),
    ("Lost", 957, 1852, (453.7, 295.4, 589.1), (214698, 79197, 610222), 0.134, 0.322),
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


def _summed(estimates: list[Estimate]) -> Estimate:
    columns = zip(*((e.value, e.low, e.high, e.customer_count) for e in estimates), strict=True)
    return Estimate(*(sum(column) for column in columns))


def _outlook(days: int, past_dates: tuple[date, ...], factor: float = 1.0) -> Outlook:
    def scaled(values: tuple[float, ...], past: int, by: float) -> Estimate:
        return Estimate(*(value * by for value in values), past)

    rows = tuple(
        Expected(
            name,
            count,
            scaled(orders, past, factor),
            scaled(revenue, past, factor),
            scaled(revenue, past, factor * 0.98),
        )
        for name, count, past, orders, revenue, _, _ in _ROWS
    )
    total = Expected(
        "All customers",
        sum(row.customer_count for row in rows),
        *(_summed([getattr(row, what) for row in rows]) for what in ("orders", "revenue", "value")),
    )
    return Outlook(days, past_dates, rows, total)


def example_response() -> Response:
    """Return who can be expected to order, checked on 11 September."""
    return Response(
        windows=(30, 90),
        past_dates=(LATEST, EARLIER),
        rows=tuple(
            Respondents(
                name,
                count,
                tuple(Estimate(share, share - 0.03, share + 0.03, count) for share in shares),
            )
            for name, count, _, _, _, *shares in _ROWS
        ),
        checked_on=LATEST,
        groups=tuple(
            ReliabilityGroup(said, estimate_share(came, count)) for said, came, count in _GROUPS
        ),
        is_in_sample=False,
    )


def example_worth() -> Worth:
    """Return what is extrapolated, no model being of use."""
    refused = (
        ForecastTrial(name, True, LATEST, 90, None, 4460, _NOBODY_LEAVES)
        for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD")
    )
    tried = ForecastTrial(
        "as the same segment did before", False, LATEST, 90, 3892, 5026, None, 1977025, 2803231
    )
    return Worth(
        model=None,
        discount_rate=0.1,
        outlooks=(_outlook(90, (LATEST, EARLIER)),),
        trials=(*refused, tried),
        spend=None,
        response=example_response(),
    )


def modelled_worth() -> Worth:
    """Return the same as if a model had been of use."""
    trials = (
        ForecastTrial("MBG/NBD", True, LATEST, 90, 4800, 5026),
        ForecastTrial("BG/NBD", True, LATEST, 90, 6800, 5026, "it foretold too many"),
        ForecastTrial("own past rate", False, LATEST, 90, 7000, 5026),
    )
    return replace(
        example_worth(),
        model="MBG/NBD",
        outlooks=(_outlook(90, ()), _outlook(365, (), 3.6)),
        trials=trials,
        spend=SpendTrial(0.205, 2800, None),
    )


def worth_report(worth: Worth | None = None, *, has_costs: bool = False) -> Report:
    """Return the report of the reference shop with what its customers will be worth."""
    report = example_report()
    worth = worth or example_worth()
    if has_costs:
        found = measure_opportunities(report.segments, (1.0, 5.0), 0.8, 0.4)
        worth = replace(worth, opportunities=found)
    return replace(report, worth=worth)
