"""The figures of the departments: what they need beyond the report, and why some cannot be told.

Made only where departments are asked for. The order of the analyses, over the tables that the
stages before have left in the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.customers import history
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import DepartmentFigures
from rfmreport.sections.advice import extra_buyers
from rfmreport.sections.concentration import measure as concentration
from rfmreport.sections.loyalty import measure as rhythm
from rfmreport.sections.plan import demand
from rfmreport.sections.plan import measure as plan
from rfmreport.sections.products.habits import untold_habits
from rfmreport.sections.segments.measure import cross_countries
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import Accounts
    from rfmreport.sections.loyalty.figures import Rhythm
    from rfmreport.sections.plan.demand_figures import Demand
    from rfmreport.sections.plan.figures import MonthsBySegment
    from rfmreport.sections.when.figures import Month
    from rfmreport.settings import Settings
    from rfmreport.shop import Shop


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before departments are asked for: the report, and the shop behind it."""

    report: Report
    shop: Shop


def measure_department_figures(known: Known) -> DepartmentFigures:
    """Return the figures of all departments."""
    settings = known.shop.settings
    carried = _hold_earlier(known, settings)
    told = _tell_rhythm(known)  # first: of the largest accounts it is asked who is overdue
    worth, gains = known.report.worth, known.report.gains
    figures = DepartmentFigures(
        accounts=_tell_accounts(known),
        countries=cross_countries(known.shop.engine, known.shop.segment_names)
        if known.shop.has_products
        else None,
        targets=extra_buyers.set_targets(worth, gains) if worth else None,
        rhythm=told,
        months=_split_months(known, carried),
        returns=plan.measure_returns(
            known.shop.engine,
            plan.last_complete(known.report.months, plan.MONTH_COUNT),
            are_netted=settings.cleaning.net_returns,
        ),
        reach=extra_buyers.value_audiences(known.report.segments, worth, gains) if worth else None,
        demand=_measure_demand(known),
    )
    return replace(figures, untold=_untold(figures, known))


def _hold_earlier(known: Known, settings: Settings) -> tuple[date, ...]:
    """Hold the customers of earlier dates as `customers_then`; return the months that are carried.

    One row per as_of and customer with segment; nobody where no date can be carried.
    """
    report, window_months = known.report, settings.cleaning.window_months
    last = plan.last_complete(report.months, plan.MONTH_COUNT)
    carried = _carried_months(known, last, settings)
    hold_outs = [one.as_of for one in report.holding.hold_outs] if report.holding else []
    days = tuple(sorted({*carried, *hold_outs}))
    if days:
        dates = history.EarlierDates(others=days, window_months=window_months)
        shop = known.shop
        history.hold_earlier(shop.engine, dates, shop.cuts, shop.scheme, "customers_then")
    else:
        plan.hold_nobody_then(known.shop.engine)
    return carried


def _carried_months(
    known: Known, complete: Sequence[Month], settings: Settings
) -> tuple[date, ...]:
    """Return the first days of months for which segments can be told; none by rank, or unwanted."""
    if known.shop.cuts.method == "rank-first" or not settings.report.compare:
        return ()
    return tuple(
        month.first_day
        for month in complete
        if history.is_carried(
            month.first_day,
            known.shop.first_known_day,
            known.shop.cuts,
            settings.report.horizon_days,
            settings.cleaning.window_months,
        )
    )


def _tell_rhythm(known: Known) -> Rhythm | None:
    """Return who is overdue, tried on the hold-out dates."""
    shop, holding = known.shop, known.report.holding
    dates = [one.as_of for one in holding.hold_outs] if holding else []
    rhythm.hold_rhythms(shop.engine, dates, shop.as_of)
    told = rhythm.tell_rhythm(shop.engine, shop.as_of, shop.segment_names)
    if told and dates:
        trial = rhythm.try_rule(shop.engine, "customers_then", dates, shop.horizon_days)
        told = replace(told, trial=trial)
    return told


def _tell_accounts(known: Known) -> Accounts | None:
    report, shop = known.report, known.shop
    by_rank = shop.cuts.method == "rank-first"
    before = report.holding.hold_outs[0].as_of if report.holding and not by_rank else None
    span = concentration.choose_span(shop.first_known_day, report.first_day, report.as_of)
    return concentration.tell_accounts(shop.engine, span, shop.segment_names, before)


def _split_months(known: Known, carried: Sequence[date]) -> MonthsBySegment | None:
    last = plan.last_complete(known.report.months, plan.MONTH_COUNT)
    names = known.shop.segment_names
    return plan.split_months(known.shop.engine, last, carried, names)


def _measure_demand(known: Known) -> Demand | None:
    trends = known.report.trends
    if trends is None:
        return None
    hours = plan.count_hours(
        known.shop.engine,
        known.shop.until,
        has_times=bool(trends.hours),
        has_untimed=trends.untimed_order_count > 0,
    )
    return demand.measure_demand(hours)


_NO_OUTLOOK = "what is to come could not be foretold, or only as a range"


def _untold(figures: DepartmentFigures, known: Known) -> tuple[Untold, ...]:
    """Say of each figure that is missing why."""
    reasons = (
        ("Top accounts", figures.accounts, "no customer brought revenue in the last twelve months"),
        ("Revenue by country", figures.countries, _why_no_countries(known)),
        ("Targets by segment", figures.targets, _NO_OUTLOOK),
        ("Overdue customers", figures.rhythm, _FEW_RHYTHMS),
        ("Revenue by month and segment", figures.months, "no month is covered whole"),
        ("Returns", figures.returns, "no complete month holds returns of known customers"),
        (
            "Audiences by value",
            figures.reach,
            known.report.no_advice or (_FEW_KNOWN if known.report.worth else _NO_OUTLOOK),
        ),
        ("Days and hours", figures.demand, "nothing was ordered in the last weeks"),
    )
    told = (Untold(topic, reason) for topic, figure, reason in reasons if figure is None)
    return (*told, *untold_habits(known.report.sells))


_FEW_KNOWN = f"of no segment {FEWEST_CUSTOMERS} customers were known in the past"
_FEW_RHYTHMS = (
    f"fewer than {FEWEST_CUSTOMERS} customers ordered on {rhythm.FEWEST_ORDER_DAYS} days or more, "
    "which it takes to know a customer's rhythm"
)


def _why_no_countries(known: Known) -> str:
    if not known.shop.has_products:
        return "countries are read with products, and the source names none"
    return "the source does not name two countries"
