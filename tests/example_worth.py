"""What the customers of Online Retail will be worth: literal figures for the renderers' tests.

UCI Online Retail (CC BY 4.0; Chen, Sain & Guo 2012, DOI 10.24432/C5BW33), as of 10 December 2011,
extrapolated from the 90 days after 11 September and 13 June 2011; the modelled twin is made up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import example_report

from rfmreport.models.forecast import Amount, Answer, Forecast, Record, Total, Trial
from rfmreport.models.intervals import estimate_share
from rfmreport.sections.advice.gains import measure_gains
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
from rfmreport.sections.worth.measure import share_out
from rfmreport.settings import ReportSettings
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from rfmreport.report import Report

LATEST, EARLIER, AS_OF = date(2011, 9, 11), date(2011, 6, 13), date(2011, 12, 10)
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


def _forecast(low: Total, rest: Total) -> Forecast:
    return Forecast(low, rest, 776, Decimal("513230.43"), 0.24, 0.17)


def _amounts(orders: tuple[float | None, float, float], value: float) -> tuple[Amount, Amount]:
    each = [None if end is None else end * value for end in orders]
    return Amount(*orders), Amount(*each)


def example_forecast() -> Forecast:
    """Return what is to come, pace and season not far apart."""
    trials = tuple(
        Trial(first, first + timedelta(days=89), *_amounts(said, 470), (came, came * 480))
        for first, said, came in (
            (LATEST, (4000.0, 2700.0, 5900.0), 6300),
            (EARLIER, (4100.0, 2900.0, 5800.0), 4100),
        )
    )
    answers = (Answer("pace", 4200, 1_974_000), Answer("season", 3500, 1_645_000, 1.1))
    ahead = Total(
        AS_OF, date(2012, 3, 8), *_amounts((3800.0, 2600.0, 5600.0), 470), answers,
        (2910, 1408026.27), trials, Record(17, 16, 0.14), Record(17, 15, 0.16),
    )  # fmt: skip
    rest = Total(
        AS_OF, date(2011, 12, 31), *_amounts((900.0, 620.0, 1300.0), 470), answers, (620, 258000),
        (), Record(21, 20, 0.13), Record(21, 20, 0.15),
    )  # fmt: skip
    return _forecast(ahead, rest)


def divided_forecast() -> Forecast:
    """Return the same where pace and season differ by more than half."""
    answers = (Answer("pace", 6992, 3_352_713), Answer("season", 2968, 1_422_983))
    told = example_forecast()
    orders, revenue = _amounts((None, 2044.0, 10150.0), 480)
    apart = replace(told.ahead, orders=orders, revenue=revenue, answers=answers)
    orders, revenue = _amounts((None, 466.0, 1633.0), 480)
    return _forecast(apart, replace(told.rest, orders=orders, revenue=revenue, answers=answers))


def example_outlook(forecast: Forecast | None = None, past_dates: tuple[date, ...] = ()) -> Outlook:
    """Return the forecast, shared out over the segments."""
    rows = tuple(
        Expected(name, count, Estimate(*orders, past), Estimate(*revenue, past))
        for name, count, past, orders, revenue, *_ in _ROWS
    )
    raw = Outlook(90, past_dates, rows, Expected("All customers", 4334, None, None))
    return share_out(raw, forecast or example_forecast())


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
        outlook=example_outlook(past_dates=(LATEST, EARLIER)),
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
        outlook=example_outlook(),
        trials=trials,
        spend=SpendTrial(0.205, "weak", 2800, None),
        response=replace(example_response(), model="MBG/NBD", past_dates=(LATEST,)),
    )


def worth_report(
    worth: Worth | None = None, *, has_costs: bool = False, forecast: Forecast | None = None
) -> Report:
    """Return the report of the reference shop with what its customers will be worth."""
    report = example_report()
    worth = worth or example_worth()
    if forecast:
        worth = replace(worth, outlook=example_outlook(forecast, worth.outlook.past_dates))
    shares = worth.response.share_of
    rows = tuple(replace(row, anyway=shares(row.name)) for row in report.segments.rows)
    report = replace(report, segments=replace(report.segments, rows=rows))
    settings = ReportSettings(cost_per_contact=0.8, margin=0.4) if has_costs else ReportSettings()
    gains = measure_gains(report.segments, {}, (), settings)
    return replace(report, worth=worth, gains=gains, forecast=forecast or example_forecast())
