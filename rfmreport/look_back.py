"""Looking back: the report's customers on earlier dates, and everything that can be told from them.

One table holds every earlier date; each analysis below reads from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.customers import history
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.history import EarlierDates
from rfmreport.folder import comparison, manifest, report_folder
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.decided import measure as decided
from rfmreport.sections.hold import measure as returning
from rfmreport.sections.loyalty.measure import hold_rhythms
from rfmreport.sections.movement.figures import Reported
from rfmreport.sections.movement.measure import measure_movement
from rfmreport.sections.segments.figures import Past
from rfmreport.sections.segments.measure import tell_past
from rfmreport.sections.worth.measure import look_ahead
from rfmreport.vocabulary import Finding, Untold

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.folder.report_folder import WrittenReport
    from rfmreport.report import Report
    from rfmreport.sections.decided.decisions import ControlGroup, Decision
    from rfmreport.sections.hold.figures import Holding
    from rfmreport.sections.movement.figures import Movement
    from rfmreport.sections.worth.figures import Worth
    from rfmreport.shop import Shop


@dataclass(frozen=True, slots=True)
class Given:
    """What the user named: decisions with their control groups, and the report of a month ago."""

    decisions: tuple[tuple[Decision, ControlGroup | None], ...] = ()
    earlier_report: WrittenReport | None = None


def look_back(shop: Shop, given: Given, report: Report) -> tuple[Report, Past]:
    """Segment the customers of earlier dates with today's cuts, and tell the report of them."""
    is_wanted, scheme = shop.settings.report.compare, shop.scheme
    dates = _choose_dates(shop, given)
    history.hold_earlier(shop.engine, dates, shop.cuts, scheme)
    is_varied = is_wanted and not isinstance(scheme, ClusterScheme)
    earlier = given.earlier_report
    obstacle = _obstacle(earlier, shop, dates)
    report = replace(
        report,
        sensitivity=returning.measure_sensitivity(shop) if is_varied else (),
        decisions=decided.measure_decisions(
            shop.engine, given.decisions, shop.as_of, shop.segment_names
        ),
        findings=(*report.findings, *_not_used(earlier, obstacle)),
        untold=_untold(shop, dates) if is_wanted else _all_untold(shop),
    )
    if not dates.days or not is_wanted:
        return report, Past((), None, shop.horizon_days)
    return _compare(shop, report, dates, None if obstacle else earlier)


def _compare(
    shop: Shop, report: Report, dates: EarlierDates, earlier: WrittenReport | None
) -> tuple[Report, Past]:
    """Hold the customers of today against those of earlier dates, and what was said of these."""
    holding = returning.measure_holding(shop, dates.hold_outs) if dates.hold_outs else None
    past = tell_past(shop, dates, holding.hold_outs[0] if holding else None)
    worth = _look_ahead(shop, holding)
    is_told = worth is None or worth.is_told
    told = replace(
        report,
        holding=holding,
        movement=_movement(shop, dates.previous, earlier),
        findings=(*report.findings, *_restated(earlier, past)),
        worth=worth if is_told else None,
        untold=report.untold if is_told else (*report.untold, _TOO_FEW_TO_FORETELL),
    )
    return told, past


def _choose_dates(shop: Shop, given: Given) -> EarlierDates:
    decided_on = sorted({decision.since for decision, _ in given.decisions})
    if not shop.settings.report.compare:
        days = (day for day in decided_on if shop.first_known_day < day < shop.as_of)
        return EarlierDates(others=tuple(days), window_months=shop.window_months)
    return history.choose_dates(
        shop.first_known_day,
        shop.as_of,
        shop.cuts,
        shop.horizon_days,
        window_months=shop.window_months,
        others=decided_on,
    )


def _look_ahead(shop: Shop, holding: Holding | None) -> Worth | None:
    if holding is None or not shop.settings.tells("worth"):
        return None
    return look_ahead(shop, holding.hold_outs)


def _movement(shop: Shop, day: date | None, written: WrittenReport | None) -> Movement | None:
    if day is None or shop.cuts.method == "rank-first":
        return None
    reported = None
    if written:
        counts = {row.name: row.customer_count for row in written.segments}
        reported = Reported(Path(written.folder).name, counts)
    has_window = shop.window_months is not None
    names = shop.segment_names
    hold_rhythms(shop.engine, [], shop.as_of)
    return measure_movement(shop.engine, names, day, has_window=has_window, reported=reported)


def _obstacle(written: WrittenReport | None, shop: Shop, dates: EarlierDates) -> str | None:
    """Return why the earlier report cannot be held against what the data say today, or None."""
    if written is None:
        return None
    shaping = comparison.list_shaping_settings(written.settings, shop.settings.described())
    if dates.previous is None:
        reason = "the data cannot carry a date a month ago, or earlier dates were not asked for"
    elif written.as_of != dates.previous:
        reason = f"it is as of {written.as_of}, and a month ago was {dates.previous}"
    elif written.scheme != shop.scheme.name:
        reason = f"its scheme is {written.scheme}, and this report's {shop.scheme.name}"
    elif isinstance(shop.scheme, ClusterScheme):
        reason = "clusters are found anew in each report"
    elif shaping:
        reason = f"its settings differ in {', '.join(shaping)}"
    elif written.cuts != report_folder.cuts_in_words(manifest.cuts_record(shop.cuts)):
        reason = "it was measured with other cuts"
    elif written.altered:
        reason = f"its files were changed since ({', '.join(written.altered)})"
    else:
        return None
    return reason


def _not_used(written: WrittenReport | None, obstacle: str | None) -> tuple[Finding, ...]:
    if written is None or obstacle is None:
        return ()
    name = Path(written.folder).name
    text = f"The earlier report {name} tells nothing of what was restated: {obstacle}."
    return (Finding("previous", "warning", text),)


def _restated(written: WrittenReport | None, past: Past) -> tuple[Finding, ...]:
    """Tell by how much the data of today differ from what the earlier report said of its date."""
    if written is None or past.previous is None:
        return ()
    difference = sum(past.previous.revenues.values(), Decimal(0)) - written.total.revenue
    customers = past.previous.customer_count - written.total.customer_count
    if not difference and not customers:
        return ()
    text = (
        f"Restated: of the day of the earlier report {Path(written.folder).name} the data now say "
        f"{abs(customers)} customers {'fewer' if customers < 0 else 'more'} and another revenue; "
        "rfmreport diff names the months."
    )
    return (Finding("restated", "warning", text, None, difference),)


_TOO_FEW_TO_FORETELL = Untold(
    "What they will be worth",
    f"no segment and no score had {FEWEST_CUSTOMERS} customers on the earlier dates",
)
_FROM_THE_PAST = ("What moved", "What they will be worth", "Do these segments hold?")
_FROM_ORDERS = (
    *_FROM_THE_PAST, "When they buy", "Do they come back", "What they buy", "What is to come",
    "Why revenue changed",
)  # fmt: skip


def _all_untold(shop: Shop) -> tuple[Untold, ...]:
    """Say why nothing is told of the past, and without orders nothing of these."""
    reason = "needs the orders, and a table with one row per customer has none"
    if not shop.has_orders:
        return tuple(Untold(topic, reason) for topic in _FROM_ORDERS)
    reason = "left out on request (compare is off)"
    return tuple(Untold(topic, reason) for topic in _FROM_THE_PAST)


def _untold(shop: Shop, dates: EarlierDates) -> tuple[Untold, ...]:
    days = (shop.as_of - shop.first_known_day).days
    reason = (
        f"the {days} days of data are too few: a date needs as much history before it as the "
        "longest silence that the scores tell apart"
    )
    missing = []
    if shop.cuts.method == "rank-first":
        ranks = "scores by rank have no bounds that two dates could share"
        missing.append(Untold("What moved", ranks))
    elif dates.previous is None:
        missing.append(Untold("What moved", reason))
    if not dates.hold_outs:
        missing.append(Untold("What they will be worth", reason))
        missing.append(Untold("Do these segments hold?", reason))
    if isinstance(shop.scheme, ClusterScheme):
        anew = (
            "left out, for each would find clusters of its own, which are not those of the report"
        )
        missing.append(Untold("Other choices", anew))
    return tuple(missing)
