"""A literal year of a shop for the tests of the renderers: days, hours, seasons, concentration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import example_report

from rfmreport.sections.concentration.figures import Pareto, ParetoPoint
from rfmreport.sections.map.figures import TailPart, WholesaleTail
from rfmreport.sections.when.figures import Day, Trends, Weekday, WeekHour
from rfmreport.sections.when.measure import compare_seasons, find_busiest_block

if TYPE_CHECKING:
    from rfmreport.report import Report

FIRST_DAY = date(2010, 12, 1)
SEASONS = {"Winter": (12, 1, 2), "Rest of the year": (3, 4, 5, 6, 7, 8, 9, 10, 11)}
_BUSY = (11, 12, 13, 14)


def example_trends() -> Trends:
    """Return 374 days, closed on Saturdays, of which a quarter of the hours takes most orders."""
    hours = tuple(
        WeekHour(weekday, hour, 420 if hour in _BUSY else 70 + hour, Decimal(9_000 + hour))
        for weekday in (0, 1, 2, 3, 4, 6)
        for hour in range(7, 19)
    )
    days = tuple(_day(FIRST_DAY + timedelta(days=n)) for n in range(374))
    counts = [sum(c.order_count for c in hours if c.weekday == n) for n in range(7)]
    return Trends(
        days=days,
        weekdays=tuple(
            Weekday(
                n,
                sum(day.day.weekday() == n for day in days),
                counts[n],
                sum((c.revenue for c in hours if c.weekday == n), Decimal(0)),
            )
            for n in range(7)
        ),
        hours=hours,
        has_enough_weeks=True,
        busiest=find_busiest_block(hours),
        best_weekday=3,
    )


def _day(day: date) -> Day:
    if day.weekday() == 5:  # Saturday
        return Day(day, 0, Decimal(0), 0, Decimal(0))
    if day == date(2011, 12, 9):
        return Day(day, 41, Decimal("184349.28"), 35, Decimal("168469.60"))
    return Day(day, 57, Decimal(20_000 + day.day), 50, Decimal(900))


def example_pareto() -> Pareto:
    """Return the curve of the reference shop, at every tenth of its customers."""
    revenue = Decimal("8761066.65")
    shares = (0.613, 0.745, 0.815, 0.865, 0.903, 0.933, 0.957, 0.975, 0.989, 1.0)
    points = [
        ParetoPoint(int(433.4 * n), n / 10, (revenue * Decimal(str(share))), share)
        for n, share in enumerate(shares, start=1)
    ]
    first = ParetoPoint(43, 0.0099, revenue * Decimal("0.319"), 0.319)
    second = ParetoPoint(216, 0.0498, revenue * Decimal("0.503"), 0.503)
    return Pareto(
        points=(first, second, *points),
        tops=((1, first), (5, second), (10, points[0]), (20, points[1])),
        customer_count=4_334,
        revenue=revenue,
        most_share=0.8,
        most_count=1_136,
        top_ten_revenue=Decimal("1520516.65"),
        one_order_count=1_505,
        one_order_revenue=Decimal("628970.00"),
    )


TAIL = WholesaleTail(
    customer_count=4_334,
    outside=TailPart(20_133.0, 42, Decimal("2777258.00"), 0.317),
    far_out=TailPart(248_422.0, 2, Decimal("534425.00"), 0.061),
    expected_count=15.1,
    is_outside_clear=True,
    is_far_out_clear=True,
)


def trend_report() -> Report:
    """Return the report of the reference shop with everything about time and concentration."""
    report = example_report()
    return replace(
        report,
        trends=example_trends(),
        seasons=compare_seasons(report.months, SEASONS),
        pareto=example_pareto(),
        tail=TAIL,
        distributions=tuple(replace(one, largest=99_999.0) for one in report.distributions),
    )
