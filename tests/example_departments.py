# ruff: noqa: E501 - a row of figures stands on one line
"""What departments ask for beyond the report: literal figures for the tests of the renderers.

The shop is that of `example_report`; figures are of its size and add up as they must.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from example_report import HOSTILE, HOSTILE_NAMES, example_report
from example_worth import worth_report

from rfmreport.models.intervals import estimate_difference, estimate_share
from rfmreport.report import DepartmentFigures
from rfmreport.sections.advice.figures import AudienceValue, Reach, Target, Targets
from rfmreport.sections.concentration.figures import Account, Accounts
from rfmreport.sections.loyalty.figures import OverdueCustomer, OverdueSegment, Rhythm, RhythmTrial
from rfmreport.sections.plan.demand_figures import Demand, HourBand, Peak, WeekdayDemand
from rfmreport.sections.plan.figures import MonthBySegment, MonthsBySegment, ReturnMonth, Returns
from rfmreport.sections.products.habits import (
    EntryProduct,
    EntryProducts,
    KeyProduct,
    KeyProducts,
    RepeatedProduct,
    RepeatedProducts,
)
from rfmreport.sections.segments.figures import CountryRevenue, SegmentsByCountry
from rfmreport.vocabulary import Estimate, Untold

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.products.figures import Sells

SEGMENTS = ("High-Value", "Loyal Customers", "Potential Loyalists", "At-Risk", "Lost")
AS_OF = date(2011, 12, 10)
_TOTAL = Decimal("8761066.65")
_YEAR_TOTAL = Decimal("8440123.40")
# id, now, before, revenue, orders, last order, change, slipped, overdue
_ACCOUNTS = (
    ("14646", "High-Value", "High-Value", "279138.02", 72, "2011-12-08", 0.34, False, False),
    ("18102", "High-Value", "High-Value", "231822.69", 57, "2011-12-09", 0.81, False, False),
    ("17450", "High-Value", "High-Value", "191314.35", 45, "2011-12-01", 0.62, False, False),
    ("16446", "Potential Loyalists", "Lost", "168472.50", 2, "2011-12-09", None, False, False),
    ("14911", "High-Value", "High-Value", "132458.73", 191, "2011-12-08", 0.45, False, False),
    ("12346", "At-Risk", "At-Risk", "77183.60", 1, "2011-01-18", -1.0, False, False),
    ("16029", "Loyal Customers", "High-Value", "72882.09", 62, "2011-11-01", -0.22, True, True),
)  # fmt: skip
_SLIPPING = (
    ("16029", "Loyal Customers", "High-Value", "72882.09", 62, "2011-11-01", -0.22, True, True),
    ("15749", "At-Risk", "Loyal Customers", "44534.30", 3, "2011-04-18", -1.0, True, True),
    ("12931", "Loyal Customers", "High-Value", "42055.96", 15, "2011-11-18", 0.05, False, True),
)  # fmt: skip
# country, customers, revenue by segment
_COUNTRIES = (
    ("United Kingdom", 3916, ("4457821.75", "928297.08", "690262.24", "978171.28", "211309.88")),
    ("Netherlands", 9, ("280138.02", "1067.12", "1200.00", "1484.20", "0.00")),
    ("EIRE", 3, ("257296.56", "0.00", "0.00", "0.00", "0.00")),
    ("Germany", 94, ("140569.89", "35000.00", "16000.00", "12000.00", "2000.00")),
    ("France", 87, ("108891.68", "43000.00", "17000.00", "13000.00", "2000.00")),
)  # fmt: skip
_SEGMENT_TOTALS = ("5597821.75", "1067297.08", "776262.24", "1093921.70", "225763.88")


def _account(row: tuple) -> Account:
    name, now, before, revenue, orders, last, change, slipped, overdue = row
    return Account(
        name, now, before, Decimal(revenue), float(Decimal(revenue) / _YEAR_TOTAL), orders,
        date.fromisoformat(last), change, slipped, overdue,
        *(((AS_OF - date.fromisoformat(last)).days, 12.0) if overdue else ()),
    )  # fmt: skip


def example_accounts() -> Accounts:
    """Return the largest customers of the last twelve months."""
    slipping = tuple(_account(row) for row in _SLIPPING)
    return Accounts(
        first_day=date(2010, 12, 10),
        last_day=date(2011, 12, 9),
        account_count=100,
        revenue=Decimal("3390412.11"),
        revenue_share=float(Decimal("3390412.11") / _YEAR_TOTAL),
        top=tuple(_account(row) for row in _ACCOUNTS),
        slipping=slipping,
        slipping_count=len(slipping),
        slipping_revenue=sum((one.revenue for one in slipping), Decimal(0)),
        before_as_of=date(2011, 11, 10),
        change_months=6,
        total_change=0.52,
    )


def example_countries() -> SegmentsByCountry:
    """Return the segments by country: five countries, the rest, and the total."""
    rows = tuple(_country(name, count, tuple(map(Decimal, of))) for name, count, of in _COUNTRIES)
    totals = tuple(map(Decimal, _SEGMENT_TOTALS))
    rest = tuple(
        total - sum((row.by_segment[i] for row in rows), Decimal(0))
        for i, total in enumerate(totals)
    )
    return SegmentsByCountry(
        segments=SEGMENTS,
        rows=rows,
        rest=_country("Rest of the world", 249, rest),
        rest_count=32,
        unnamed=None,
        total=_country("All countries", 4334, totals),
    )


def _country(name: str, count: int, by_segment: tuple[Decimal, ...]) -> CountryRevenue:
    revenue = sum(by_segment, Decimal(0))
    return CountryRevenue(name, count, revenue, float(revenue / _TOTAL), by_segment)


# segment, customers, floor with bounds and past customers, spend of a buyer, extra buyers
_TARGETS = (
    ("High-Value", 905, (2443962.34, 1701075.91, 3461010.03, 870), "4307.44", "21537.22"),
    ("Loyal Customers", 533, (485731.77, 281302.05, 734903.78, 692), "1661.15", "8305.75"),
    ("Potential Loyalists", 1172, (331630.92, 221032.86, 629280.95, 1795), "2346.41", "11732.06"),
    ("At-Risk", 767, (360624.48, 221333.85, 459971.02, 978), "1937.85", "9689.27"),
    ("Lost", 957, (214698.15, 79196.60, 610222.22, 1852), "1308.43", "6542.15"),
)  # fmt: skip


def example_targets() -> Targets:
    """Return the targets of the next ninety days."""
    rows = tuple(
        Target(name, count, Estimate(*floor), *(Decimal(str(floor[0])) + Decimal(x) for x in more))
        for name, count, floor, *more in _TARGETS
    )
    floors = zip(*(row[2] for row in _TARGETS), strict=True)
    total = Target(
        "All customers",
        sum(row.customer_count for row in rows),
        Estimate(*(sum(column) for column in floors)),
        sum((row.target for row in rows), Decimal(0)),
        sum((row.stretch for row in rows), Decimal(0)),
    )
    return Targets(90, rows, total)


# id, segment, days with orders, usual and longest gap, silent days, last order, revenue, of the year
_OVERDUE = (
    ("16029", "Loyal Customers", 38, 7.0, 31, 39, "2011-11-01", "72882.09", "64193.12"),
    ("12931", "Loyal Customers", 15, 9.0, 21, 22, "2011-11-18", "42055.96", "41155.96"),
    ("17857", "At-Risk", 20, 12.5, 60, 83, "2011-09-18", "26879.04", "25119.04"),
    ("14842", "Lost", 5, 14.0, 40, 190, "2011-06-03", "1879.04", "1879.04"),
)  # fmt: skip
_OVERDUE_SEGMENTS = (
    ("High-Value", 903, 41, "202118.20"),
    ("Loyal Customers", 401, 63, "205418.55"),
    ("Potential Loyalists", 88, 9, "9118.42"),
    ("At-Risk", 301, 188, "240118.09"),
    ("Lost", 22, 20, "8418.11"),
)


def example_rhythm() -> Rhythm:
    """Return who is overdue, and the rule's trial of 11 September."""
    rows = tuple(OverdueSegment(*row[:3], Decimal(row[3])) for row in _OVERDUE_SEGMENTS)
    return Rhythm(
        factor=2.0,
        fewest_order_days=4,
        customer_count=sum(row.customer_count for row in rows),
        overdue_count=sum(row.overdue_count for row in rows),
        overdue_year_revenue=sum((row.overdue_year_revenue for row in rows), Decimal(0)),
        rows=rows,
        shown=tuple(
            OverdueCustomer(*row[:6], date.fromisoformat(row[6]), Decimal(row[7]), Decimal(row[8]))
            for row in _OVERDUE
        ),
        trial=RhythmTrial(
            dates=(date(2011, 9, 11), date(2011, 6, 13)),
            days=90,
            overdue=estimate_share(103, 149),
            on_time=estimate_share(57, 73),
            all_on_time=estimate_share(1064, 1214),
            difference=estimate_difference(103, 149, 57, 73),
        ),
    )


# weekday, orders per day, orders of a busy day
_WEEKDAYS = (
    (0, 91.0, 118), (1, 105.0, 140), (2, 103.0, 131), (3, 127.0, 160), (4, 79.0, 104), (5, 0.0, 0),
    (6, 70.0, 95),
)  # fmt: skip


def example_demand() -> Demand:
    """Return when the orders of the last weeks came."""
    bands = ((6, 9, 0.06), (9, 12, 0.34), (12, 15, 0.42), (15, 18, 0.16), (18, 21, 0.02))
    return Demand(
        week_count=13,
        weekdays=tuple(WeekdayDemand(*row) for row in _WEEKDAYS),
        hours=tuple(
            HourBand(first, end, share, 30 * share, round(60 * share))
            for first, end, share in bands
        ),
        peak_day=Peak(84.0, 137.0, 163, date(2011, 11, 17)),
        peak_hour=Peak(10.0, 24.0, 37, date(2011, 11, 17), 12),
    )


# code, name, pieces, a week, orders, customers, shares, busiest week and its pieces, largest order
_KEY_PRODUCTS = (
    ("23843", "PAPER CRAFT , LITTLE BIRDIE", 80995, 1, 1, (0.0, 0.0, 1.0, 0.0, 0.0), "2011-12-03", 80995, 1.0),
    ("84077", "WORLD WAR 2 GLIDERS ASSTD DESIGNS", 22154, 130, 96, (0.74, 0.12, 0.08, 0.06, 0.0), "2011-11-12", 4802, 0.12),
    ("22197", "POPCORN HOLDER", 19824, 402, 240, (0.71, 0.14, 0.11, 0.03, 0.01), "2011-11-05", 3011, 0.04),
)  # fmt: skip


def example_key_products() -> KeyProducts:
    """Return three products of the last thirteen weeks."""
    return KeyProducts(
        first_day=AS_OF - timedelta(days=91),
        last_day=AS_OF - timedelta(days=1),
        week_count=13,
        segments=SEGMENTS,
        rows=tuple(
            KeyProduct(code, name, float(pieces), pieces / 13, orders, customers, shares,
                       date.fromisoformat(week), float(most), largest)
            for code, name, pieces, orders, customers, shares, week, most, largest in _KEY_PRODUCTS
        ),
        product_count=3201,
        quantity=1811234.0,
    )  # fmt: skip


# month, revenue, new, by segment (the last takes what is left)
_MONTHS = (
    ("2010-12-01", "567490.72", "567490.72", None),
    ("2011-01-01", "564026.64", "297418.03", None),
    ("2011-06-01", "654432.56", "92118.40", ("402118.11", "82118.10", "40118.20", "21118.02")),
    ("2011-10-01", "1005642.90", "152118.77", ("602118.11", "122118.10", "80118.20", "31118.02")),
    ("2011-11-01", "1142145.77", "132118.09", ("702118.11", "142118.10", "110118.20", "41118.02")),
)  # fmt: skip


def example_months() -> MonthsBySegment:
    """Return five months, of which the first two know no segments."""
    return MonthsBySegment(SEGMENTS, tuple(_month(*row) for row in _MONTHS))


def _month(
    first: str, revenue: str, new: str, first_four: tuple[str, ...] | None
) -> MonthBySegment:
    whole, news = Decimal(revenue), Decimal(new)
    by_segment = None
    if first_four:
        known = tuple(map(Decimal, first_four))
        by_segment = (*known, whole - news - sum(known, Decimal(0)))
    return MonthBySegment(date.fromisoformat(first), whole, news, Decimal(0), by_segment)


# month, bought, given back, in so many orders
_RETURNS = (
    ("2011-09-01", "940900.81", "39118.02", 390),
    ("2011-10-01", "1005642.90", "41118.55", 410),
    ("2011-11-01", "1142145.77", "47118.20", 452),
)


def example_returns() -> Returns:
    """Return what came back in three months."""
    rows = tuple(
        ReturnMonth(
            date.fromisoformat(first), Decimal(gross), Decimal(back), count, Decimal(0), 0,
            float(Decimal(back) / Decimal(gross)),
        )
        for first, gross, back, count in _RETURNS
    )  # fmt: skip
    gross = sum((row.gross for row in rows), Decimal(0))
    back = sum((row.returned for row in rows), Decimal(0))
    total = ReturnMonth(
        rows[0].first_day, gross, back, sum(row.return_count for row in rows), Decimal(0), 0,
        float(back / gross),
    )  # fmt: skip
    return Returns(rows, total, False, Decimal("6541.20"), date(2011, 10, 11))


# segment, share in 30 and 90 days
_REACH = {
    "High-Value": (0.608, 0.897),
    "Potential Loyalists": (0.207, 0.488),
    "Lost": (0.134, 0.322),
    "Loyal Customers": (0.424, 0.775),
    "At-Risk": (0.231, 0.478),
}


def example_reach() -> Reach:
    """Return the segments as audiences, those most worth asking first."""
    floors = {row[0]: Estimate(*row[2]) for row in _TARGETS}
    rows = tuple(
        AudienceValue(
            gain,
            tuple(
                Estimate(share, share - 0.03, share + 0.03, 900) for share in _REACH[gain.segment]
            ),
            floors[gain.segment],
        )
        for gain in example_report().gains
    )
    return Reach(90, (30, 90), rows)


# code, name, buyers, bought again, median gap
_REPEATED = (
    ("85099B", "JUMBO BAG RED RETROSPOT", 636, 372, 42.0),
    ("22086", "PAPER CHAIN KIT 50'S CHRISTMAS", 610, 290, 25.0),
    ("20725", "LUNCH BAG RED RETROSPOT", 532, 245, 47.0),
)


def example_repeated() -> RepeatedProducts:
    """Return three products that are bought again."""
    return RepeatedProducts(
        rows=tuple(
            RepeatedProduct(code, name, estimate_share(again, buyers), again, gap)
            for code, name, buyers, again, gap in _REPEATED
        ),
        product_count=1880,
        watched_days=90,
        overall=estimate_share(58211, 240118),
    )


def example_entries() -> EntryProducts:
    """Return what first orders of later top customers held more often."""
    return EntryProducts(
        top_segment="High-Value",
        first_from=date(2010, 12, 31),
        first_to=date(2011, 9, 10),
        customer_count=2510,
        top_count=301,
        product_count=420,
        rows=(
            EntryProduct("22386", "JUMBO BAG PINK POLKADOT", 88, 26, 13.1, 2.1, 1.5, 2.9, 6e-06),
            EntryProduct("20727", "LUNCH BAG  BLACK SKULL.", 97, 24, 14.2, 1.8, 1.3, 2.5, 0.0002),
        ),
        common=(
            EntryProduct(
                "22423", "REGENCY CAKESTAND 3 TIER", 255, 61, 58.9, 1.05, 0.83, 1.33, 0.69
            ),
            EntryProduct("20727", "LUNCH BAG  BLACK SKULL.", 97, 24, 14.2, 1.8, 1.3, 2.5, 0.0002),
        ),
    )


def example_figures() -> DepartmentFigures:
    """Return the figures of all departments, nothing missing."""
    return DepartmentFigures(
        accounts=example_accounts(),
        countries=example_countries(),
        targets=example_targets(),
        rhythm=example_rhythm(),
        demand=example_demand(),
        months=example_months(),
        returns=example_returns(),
        reach=example_reach(),
    )


def with_habits(sells: Sells) -> Sells:
    """Add what only departments are told of products."""
    return replace(
        sells,
        key_products=example_key_products(),
        repeated=example_repeated(),
        entries=example_entries(),
    )


def with_hostile_habits(sells: Sells) -> Sells:
    """Add products whose code and name are hostile."""

    def hostile(told: KeyProducts | RepeatedProducts | EntryProducts):
        return replace(
            told, rows=tuple(replace(one, code=HOSTILE, name=HOSTILE) for one in told.rows)
        )

    return replace(
        sells,
        key_products=hostile(example_key_products()),
        repeated=hostile(example_repeated()),
        entries=hostile(example_entries()),
    )


def untold_figures() -> DepartmentFigures:
    """Return the figures of a shop of which next to nothing can be told."""
    return DepartmentFigures(
        untold=(
            Untold("Days and hours", "nothing was ordered in the last weeks"),
            Untold("Targets by segment", "what is to come could not be foretold"),
        )
    )


def departments_report(figures: DepartmentFigures | None = None) -> Report:
    """Return the report of the reference shop with the figures of the departments."""
    return replace(worth_report(), department_figures=figures or example_figures())


def hostile_figures() -> DepartmentFigures:
    """Return figures with hostile ids, countries, products and segments in every place for text."""
    figures = example_figures()
    accounts, rhythm = figures.accounts, figures.rhythm
    assert accounts
    assert rhythm
    assert figures.countries
    names = (*HOSTILE_NAMES, HOSTILE)
    top = tuple(
        replace(one, customer_id=name, segment=HOSTILE, segment_before=HOSTILE)
        for one, name in zip(accounts.top, names, strict=False)
    )
    return replace(
        figures,
        accounts=replace(accounts, top=top, slipping=top[:2]),
        countries=replace(
            figures.countries,
            rows=tuple(
                replace(row, country=name)
                for row, name in zip(figures.countries.rows, names, strict=False)
            ),
        ),
        rhythm=replace(
            rhythm,
            shown=tuple(
                replace(one, customer_id=name, segment=HOSTILE)
                for one, name in zip(rhythm.shown, names, strict=False)
            ),
        ),
    )
