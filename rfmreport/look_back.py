"""Looking back: the report's customers on earlier dates, and everything that can be told from them.

One table holds every earlier date; each analysis below reads from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.customers import history, scoring
from rfmreport.customers.clusters import ClusterScheme
from rfmreport.customers.history import EarlierDates
from rfmreport.customers.segments import load_scheme, scheme_names
from rfmreport.engine.results import hold_table
from rfmreport.folder import comparison, report_folder
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.decided import measure as decided
from rfmreport.sections.hold import measure as returning
from rfmreport.sections.hold import sensitivity
from rfmreport.sections.hold.figures import Holding
from rfmreport.sections.movement import measure as movement
from rfmreport.sections.segments import snapshots
from rfmreport.sections.summary.summary import Past
from rfmreport.sections.worth.look_ahead import Known, LookAhead, look_ahead
from rfmreport.vocabulary import AS_OF, Finding, Untold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.folder.report_folder import WrittenReport
    from rfmreport.sections.decided.decisions import ControlGroup, Decision
    from rfmreport.sections.decided.figures import Decided
    from rfmreport.sections.hold.figures import SensitivityRow
    from rfmreport.sections.movement.figures import Movement
    from rfmreport.settings import Settings


@dataclass(frozen=True, slots=True)
class Today:
    """The report's own date: `customers` measured, scored and named, and what they were made of.

    `orders` as from `cleaning.group_orders`; `first_day` is the first day of the data, also where a
    window hides it.
    """

    orders: Table
    customers: Table
    cuts: Cuts
    scheme: Scheme
    first_day: date
    as_of: date

    @property
    def segment_names(self) -> list[str]:
        """Return the scheme's segments, best first."""
        return [segment.name for segment in self.scheme.segments]


@dataclass(frozen=True, slots=True)
class LookBack:
    """What earlier dates tell. `moves` is one row per customer, None without an earlier month."""

    past: Past
    holding: Holding | None = None
    movement: Movement | None = None
    moves: Table | None = None
    sensitivity: tuple[SensitivityRow, ...] = ()
    decisions: tuple[Decided, ...] = ()
    untold: tuple[Untold, ...] = ()
    findings: tuple[Finding, ...] = ()
    ahead: LookAhead | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the user named: decisions with their control groups, and the report of a month ago."""

    decisions: tuple[tuple[Decision, ControlGroup | None], ...] = ()
    earlier_report: WrittenReport | None = None


def look_back(
    engine: Backend,
    today: Today,
    settings: Settings,
    given: Given,
    cuts_record: Mapping[str, object],
) -> LookBack:
    """Segment the customers of earlier dates with today's cuts, and compare.

    `cuts_record` are these cuts as the manifest of a report holds them.
    """
    horizon_days, is_wanted = settings.report.horizon_days, settings.report.compare
    dates = _choose_dates(today, settings, given)
    orders = history.without_window(today.orders) if dates.window_months else today.orders
    earlier = None
    if dates.days:
        earlier = history.segment_earlier(engine, orders, dates, today.cuts, today.scheme)
    told = LookBack(
        past=Past((), None, horizon_days),
        sensitivity=sensitivity.measure_sensitivity(
            engine, today.orders, today.customers, today.as_of, settings, today.scheme
        )
        if is_wanted and not isinstance(today.scheme, ClusterScheme)
        else (),
        decisions=decided.measure_decisions(
            given.decisions, orders, earlier, today.customers, today.as_of, today.segment_names
        ),
        untold=_untold(dates, today) if is_wanted else _ALL_UNTOLD,
    )
    obstacle = _obstacle(given.earlier_report, settings, today, dates, cuts_record)
    reported = given.earlier_report if obstacle is None else None
    if earlier is None or not is_wanted:
        return replace(told, findings=_not_used(given.earlier_report, obstacle))
    holding = _hold_out(orders, earlier, today, dates, horizon_days)
    moved, moves = _movement(engine, orders, earlier, today, dates, reported)
    past = _past(earlier, dates, holding, horizon_days)
    ahead = (
        _look_ahead(engine, orders, earlier, today, dates, holding, settings)
        if settings.tells("worth")
        else None
    )
    if ahead and not ahead.worth.is_told:
        ahead, told = None, replace(told, untold=(*told.untold, _TOO_FEW_TO_FORETELL))
    return replace(
        told,
        past=past,
        holding=holding,
        movement=moved,
        moves=moves,
        findings=(*_not_used(given.earlier_report, obstacle), *_restated(reported, past)),
        ahead=ahead,
    )


def _choose_dates(
    today: Today,
    settings: Settings,
    given: Given,
) -> EarlierDates:
    decided_on = sorted({decision.since for decision, _ in given.decisions})
    window_months = settings.cleaning.window_months
    if not settings.report.compare:
        days = (day for day in decided_on if today.first_day < day < today.as_of)
        return EarlierDates(others=tuple(days), window_months=window_months)
    return history.choose_dates(
        today.first_day,
        today.as_of,
        today.cuts,
        settings.report.horizon_days,
        window_months=window_months,
        others=decided_on,
    )


def _past(earlier: Table, dates: EarlierDates, holding: Holding | None, horizon_days: int) -> Past:
    wanted = [day for day in (*dates.months, dates.year_before) if day]
    if not wanted:
        taken = []
    else:
        taken = list(snapshots.take_snapshots(earlier.filter(earlier[AS_OF].isin(wanted))))
    enough = {one.as_of: one for one in taken if one.customer_count >= FEWEST_CUSTOMERS}
    return Past(
        snapshots=tuple(enough[day] for day in sorted(dates.months) if day in enough),
        hold_out=holding.hold_outs[0] if holding and holding.hold_outs else None,
        horizon_days=horizon_days,
        year_before=enough.get(dates.year_before) if dates.year_before else None,
    )


def _hold_out(
    orders: Table, earlier: Table, today: Today, dates: EarlierDates, horizon_days: int
) -> Holding | None:
    if not dates.hold_outs:
        return None
    then = earlier.filter(earlier[AS_OF].isin(list(dates.hold_outs)))
    hold_outs = returning.measure_hold_outs(orders, then, horizon_days, today.segment_names)
    if not hold_outs:
        return None
    latest = hold_outs[0].as_of
    schemes = _schemes_to_try(today)
    trials = history.name_by_schemes(history.customers_on(earlier, latest), schemes)
    return Holding(
        horizon_days=horizon_days,
        hold_outs=hold_outs,
        neighbours=returning.compare_neighbours(hold_outs[0]),
        trials=returning.try_schemes(
            trials, orders, latest, horizon_days, [scheme for scheme, _ in schemes]
        ),
    )


def _look_ahead(  # noqa: PLR0913, PLR0917  today, and what was done on earlier dates
    engine: Backend,
    orders: Table,
    earlier: Table,
    today: Today,
    dates: EarlierDates,
    holding: Holding | None,
    settings: Settings,
) -> LookAhead | None:
    if holding is None:
        return None
    known = Known(
        orders=orders,
        customers=today.customers,
        earlier=earlier,
        as_of=today.as_of,
        dates=dates,
        hold_outs=holding.hold_outs,
        horizon_days=holding.horizon_days,
        segment_names=today.segment_names,
    )
    return look_ahead(engine, known, settings.report.discount_rate)


def _schemes_to_try(today: Today) -> list[tuple[Scheme, Cuts]]:
    """Return the report's scheme and those that ship, each with cuts for its number of scores.

    Cuts that do not fit a scheme are fitted to today's customers.
    """
    shipped = [load_scheme(name) for name in scheme_names() if name != today.scheme.name]
    tried = [(today.scheme, today.cuts)]
    for scheme in shipped:
        cuts = today.cuts
        if (scheme.bins, dict(scheme.fixed_cuts)) != (cuts.bins, dict(today.scheme.fixed_cuts)):
            fixed = scoring.fixed_cuts(scheme.fixed_cuts, scheme.bins, "right")
            cuts = scoring.fit_cuts(today.customers, scheme.bins, fixed)
        tried.append((scheme, cuts))
    return tried


def _movement(  # noqa: PLR0913, PLR0917  two dates, and what each is known by
    engine: Backend,
    orders: Table,
    earlier: Table,
    today: Today,
    dates: EarlierDates,
    reported: WrittenReport | None,
) -> tuple[Movement | None, Table | None]:
    if dates.previous is None or today.cuts.method == "rank-first":
        return None, None
    before, now = history.customers_on(earlier, dates.previous), today.customers
    has_window = dates.window_months is not None
    if has_window:
        now = history.with_first_orders(now, orders)
    moves = movement.compare_customers(before, now, dates.previous, has_window=has_window)
    moves = hold_table(engine, "moved_customers", moves)
    counts = {row.name: row.customer_count for row in reported.segments} if reported else None
    measured = movement.measure_movement(
        moves,
        today.segment_names,
        dates.previous,
        counts,
        Path(reported.folder).name if reported else None,
    )
    return measured, moves


def _obstacle(
    written: WrittenReport | None,
    settings: Settings,
    today: Today,
    dates: EarlierDates,
    cuts_record: Mapping[str, object],
) -> str | None:
    """Return why the earlier report cannot be held against what the data say today, or None."""
    if written is None:
        return None
    shaping = comparison.list_shaping_settings(written.settings, settings.described())
    if dates.previous is None:
        reason = "the data cannot carry a date a month ago, or earlier dates were not asked for"
    elif written.as_of != dates.previous:
        reason = f"it is as of {written.as_of}, and a month ago was {dates.previous}"
    elif written.scheme != today.scheme.name:
        reason = f"its scheme is {written.scheme}, and this report's {today.scheme.name}"
    elif isinstance(today.scheme, ClusterScheme):
        reason = "clusters are found anew in each report"
    elif shaping:
        reason = f"its settings differ in {', '.join(shaping)}"
    elif written.cuts != report_folder.cuts_in_words(cuts_record):
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
_ALL_UNTOLD = tuple(
    Untold(topic, "left out on request (compare is off)")
    for topic in ("What moved", "What they will be worth", "Do these segments hold?")
)


def _untold(dates: EarlierDates, today: Today) -> tuple[Untold, ...]:
    days = (today.as_of - today.first_day).days
    reason = (
        f"the {days} days of data are too few: a date needs as much history before it as the "
        "longest silence that the scores tell apart"
    )
    missing = []
    if today.cuts.method == "rank-first":
        ranks = "scores by rank have no bounds that two dates could share"
        missing.append(Untold("What moved", ranks))
    elif dates.previous is None:
        missing.append(Untold("What moved", reason))
    if not dates.hold_outs:
        missing.append(Untold("What they will be worth", reason))
        missing.append(Untold("Do these segments hold?", reason))
    if isinstance(today.scheme, ClusterScheme):
        anew = (
            "left out, for each would find clusters of its own, which are not those of the report"
        )
        missing.append(Untold("Other choices", anew))
    return tuple(missing)
