"""What each section of a department's page finds: one sentence of figures, or nothing to tell."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.departments.checks import check_words, checks_of
from rfmreport.departments.department_figures import DepartmentFigures
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.summary.summary import people

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfmreport.formats import Formats
    from rfmreport.models.forecast import Forecast
    from rfmreport.report import Report
    from rfmreport.sections.advice.figures import Reach
    from rfmreport.sections.concentration.figures import Accounts
    from rfmreport.sections.hold.figures import HoldOutRow
    from rfmreport.sections.loyalty.figures import SecondOrders
    from rfmreport.sections.products.habits import EntryProduct

_HEADLINE_DAYS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class SectionRule:
    """When a section is told and what it says.

    `finding` is its sentence, "" where the data cannot carry the section; `files` hold the data
    behind it, and are written wherever it is told. Where it is not, the reason is known under one
    of its `topics` (`Untold`). `names_customers`: it lists single customers.
    Without `has_rows` it is told, and there is nothing to write into its files.
    """

    finding: Callable[[Report, Formats], str]
    files: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    names_customers: bool = False
    has_rows: Callable[[Report], bool] = lambda _: True


def figures_of(report: Report) -> DepartmentFigures:
    """Return the figures that only departments ask for; none where they were not made."""
    return report.department_figures or DepartmentFigures()


# --- Marketing ----------------------------------------------------------------------------------


def _audiences(report: Report, formats: Formats) -> str:
    reach = figures_of(report).reach
    if reach is None or not reach.rows:
        return ""
    best = reach.rows[0]
    title = next((one.title for one in report.recommendations if one.segment == best.segment), "")
    count = formats.count(best.contact_count)
    few, many = (formats.number(points) for points in reach.extra_points)
    return (
        f"{title or f'Talk to {people(best.segment)} first'}: {few} to {many} more in 100 of these "
        f"{count} would add {formats.money_short(best.extra_low)} to "
        f"{formats.money_short(best.extra_high)} within {formats.count(reach.days)} days"
    )


def carried(forecast: Forecast, value: float | None = None) -> int:
    """Round it, or one of its bounds, to what its bounds carry: two figures of half their width."""
    half = (forecast.high - forecast.low) / 2
    digits = max(0, math.floor(math.log10(half)) - 1) if half >= 1 else 0
    return int(round(forecast.value if value is None else value, -digits))


def points_words(reach: Reach, formats: Formats) -> str:
    """Say what is supposed of a contact: "1 to 5 more buyers in 100"."""
    few, many = (formats.number(points) for points in reach.extra_points)
    return f"{few} to {many} more buyers in 100"


def _messages(report: Report, formats: Formats) -> str:
    if not report.playbook:
        return ""
    first = report.recommendations[0].title if report.recommendations else ""
    count = formats.count(len(report.playbook))
    return f"{count} segments, {count} messages; first: {first}" if first else ""


def _response(report: Report, formats: Formats) -> str:
    response = report.worth.response if report.worth else None
    rows = [row for row in response.rows if _is_enough(row.customer_count)] if response else []
    if response is None or not rows:
        return ""
    expected = sum(row.customer_count * row.shares[-1].value for row in rows)
    count = sum(row.customer_count for row in rows)
    most, least = (pick(rows, key=lambda row: row.shares[-1].value) for pick in (max, min))
    ends = " and ".join(
        f"{formats.share(row.shares[-1].value, 0)} of {row.segment}" for row in (most, least)
    )
    return (
        f"{formats.count(expected)} of {formats.count(count)} customers can be expected to order "
        f"within {formats.count(response.windows[-1])} days as things were: {ends}"
    )


def _moves(report: Report, formats: Formats) -> str:
    movement = report.movement
    if movement is None:
        return ""
    changes = {bridge: bridge.now_count - bridge.before_count for bridge in movement.bridges}
    told = sorted((b for b in movement.bridges if changes[b]), key=lambda b: -abs(changes[b]))[:2]
    if not told:
        return ""
    words = " and ".join(
        f"{bridge.segment} {'grew' if changes[bridge] > 0 else 'shrank'} by "
        f"{formats.count(abs(changes[bridge]))} to {formats.count(bridge.now_count)}"
        for bridge in told
    )
    return f"Since {formats.day(movement.before_as_of)} {words}"


# --- Sales --------------------------------------------------------------------------------------


def _targets(report: Report, formats: Formats) -> str:
    targets = figures_of(report).targets
    if targets is None or not targets.rows:
        return ""
    total, top = targets.total, max(report.segments.rows, key=lambda row: row.revenue)
    floor = total.floor
    low, high = (formats.money_short(end) for end in (floor.low, floor.high))
    return (
        f"{formats.share(top.revenue_share, 0)} of the money comes from {top.name}; a fair target "
        f"for {formats.count(targets.days)} days is {formats.money_short(total.target)}, "
        f"{formats.money_short(floor.value)} of it as things go ({low} to {high})"
    )


def _accounts(report: Report, formats: Formats) -> str:
    accounts = figures_of(report).accounts
    if accounts is None or not accounts.top:
        return ""
    if 2 * accounts.account_count > report.segments.total.customer_count:
        first = accounts.top[0]
        return (
            f"The largest of {formats.count(report.segments.total.customer_count)} accounts brings "
            f"{formats.share(first.revenue_share)} of revenue: {formats.money_short(first.revenue)}"
        )
    return (
        f"The {formats.count(accounts.account_count)} largest of "
        f"{formats.count(report.segments.total.customer_count)} accounts bring "
        f"{formats.share(accounts.revenue_share, 0)} of revenue: "
        f"{formats.money_short(accounts.revenue)}"
    )


def _slipping(report: Report, formats: Formats) -> str:
    accounts = figures_of(report).accounts
    if accounts is None or not accounts.slipping:
        return ""
    return (
        f"{formats.count(accounts.slipping_count)} of the "
        f"{formats.count(accounts.account_count)} largest have slipped or are overdue; they "
        f"brought {formats.money_short(accounts.slipping_revenue)} since "
        f"{formats.day(accounts.first_day)}{_growing_words(accounts, formats)}"
    )


def _growing_words(accounts: Accounts, formats: Formats) -> str:
    """Say how many of them grew all the same, where all of them are known by name."""
    grew = sum(one.change is not None and one.change > 0 for one in accounts.slipping)
    if not grew or accounts.slipping_count > len(accounts.slipping):
        return ""
    months = formats.count(accounts.change_months)
    return f", and {formats.count(grew)} of them grew in the last {months} months"


def _countries(report: Report, formats: Formats) -> str:
    countries = figures_of(report).countries
    if countries is None or not countries.rows:
        return ""
    first, abroad = countries.rows[0], countries.total.revenue - countries.rows[0].revenue
    words = f"{first.country} brings {formats.share(first.revenue_share)} of revenue"
    if not first.revenue or abroad <= 0:
        return words
    here = float(first.by_segment[0] / first.revenue)
    there = float((countries.total.by_segment[0] - first.by_segment[0]) / abroad)
    return (
        f"{words}; {countries.segments[0]} holds {formats.share(here, 0)} there and "
        f"{formats.share(there, 0)} elsewhere"
    )


# --- CRM ----------------------------------------------------------------------------------------


def _overdue(report: Report, formats: Formats) -> str:
    rhythm = figures_of(report).rhythm
    if rhythm is None or not rhythm.rows:
        return ""
    words = (
        f"{formats.count(rhythm.overdue_count)} of {formats.count(rhythm.customer_count)} "
        "customers with a rhythm are overdue"
    )
    revenue = f"{formats.money_short(rhythm.overdue_year_revenue)} of twelve months’ revenue"
    trial = rhythm.trial
    if trial is None:
        return f"{words}, with {revenue}"
    if trial.tells_more:
        return f"{words}: {revenue} may leave"
    return (
        f"{words}, with {revenue}; of such customers {formats.share(trial.overdue.value, 0)} "
        f"ordered again within {formats.count(trial.days)} days"
    )


def _leaving(report: Report, formats: Formats) -> str:
    movement = report.movement
    if movement is None:
        return ""
    lost = [flow for flow in movement.flows if flow.reason == "aged" and flow.before]
    count = sum(flow.customer_count for flow in lost)
    if not count:
        return ""
    return (
        f"{formats.count(count)} customers fell to a lower segment by silence since "
        f"{formats.day(movement.before_as_of)}, {formats.count(movement.slipped_count)} of them "
        f"from the top: {formats.money_short(movement.slipped_revenue)} of past spend"
    )


def _second_order(report: Report, formats: Formats) -> str:
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None or not clock.is_told:
        return ""
    day = max(day for day in _HEADLINE_DAYS if day < len(clock.days))
    share = formats.share(1 - clock.days[day].waiting, 0)
    return f"{share} of new customers order again within {day} days; {_waiting(clock, formats)}"


def _waiting(clock: SecondOrders, formats: Formats) -> str:
    if clock.turning and clock.cold_after_days:
        turning, waiting = clock.turning.customer_count, clock.one_order_count
        return (
            f"{formats.count(turning)} of {formats.count(waiting)} one-order customers go cold by "
            f"{formats.day(clock.turning_until)}"
        )
    chances = {day.days: day.chance for day in clock.days if day.chance}
    whom = formats.count(clock.one_order_count)
    if not chances:
        return f"{whom} still have one order"
    lowest = min(chances, key=lambda day: chances[day].value)
    first, last = chances[min(chances)], chances[lowest]
    if last.high >= first.low:
        return f"for the {whom} who wait, the chance hardly depends on how long they have"
    return (
        f"for the {whom} who wait, the chance falls from {formats.share(first.value, 0)} to "
        f"{formats.share(last.value, 0)} after {formats.count(lowest)} days"
    )


def _cohorts(report: Report, formats: Formats) -> str:
    cohorts = report.loyalty.cohorts if report.loyalty else None
    if cohorts is None or not cohorts.shown:
        return ""
    group = cohorts.everyone
    if group is None:
        return f"{formats.count(len(cohorts.shown))} months of new customers, followed since"
    first, last = (formats.month(group.first_months[i]) for i in (0, -1))
    return (
        f"{formats.share(group.share.value, 0)} of {formats.count(group.share.customer_count)} "
        f"customers won from {first} to {last} ordered in one of the three months after"
    )


# --- Product ------------------------------------------------------------------------------------


def _tastes(report: Report, formats: Formats) -> str:
    affinity = report.sells.affinity if report.sells else None
    if affinity is None:
        return ""
    if not affinity.segments:
        return (
            f"Good customers buy what the others buy: of {formats.count(affinity.product_count)} "
            "products no segment picks any clearly more often"
        )
    top = report.segments.rows[0].name
    best = next((one for one in affinity.segments if one.group == top), affinity.segments[0])
    return (
        f"{people(best.group)} pick {best.name} {formats.number(best.lift)} times as often as "
        f"others who buy as much ({formats.number(best.low)} to {formats.number(best.high)})"
    )


def _entries(report: Report, formats: Formats) -> str:
    entries = figures_of(report).entries
    if entries is None:
        return ""
    if not entries.rows:
        return (
            f"No product of a first order foretells {people(entries.top_segment)}: none of "
            f"{formats.count(entries.product_count)} stands out"
        )
    best = entries.rows[0]
    return (
        f"Who began with {best.name} is in {entries.top_segment} {formats.number(best.ratio)} "
        f"times as often: {formats.count(best.top_count)} of {formats.count(best.buyer_count)}"
    )


def _entry_rows(report: Report) -> tuple[EntryProduct, ...]:
    entries = figures_of(report).entries
    return entries.rows if entries else ()


def _repeats(report: Report, formats: Formats) -> str:
    repeated = figures_of(report).repeated
    if repeated is None or not repeated.rows:
        return ""
    best = repeated.rows[0]
    return (
        f"{best.name} is bought again by {formats.share(best.share.value, 0)} of its "
        f"{formats.count(best.share.customer_count)} buyers within "
        f"{formats.count(repeated.watched_days)} days; the average product by "
        f"{formats.share(repeated.overall.value, 0)}"
    )


def _launches(report: Report, formats: Formats) -> str:
    launches = report.sells.launches if report.sells else None
    if launches is None or not launches.shown:
        return ""
    faster = [one for one in launches.shown if one.verdict == "faster"]
    words = (
        f"{formats.count(launches.launch_count)} products launched in the last "
        f"{formats.count(launches.days)} days"
    )
    if not faster:
        return f"{words}; none finds customers clearly faster than earlier ones"
    best = faster[0]
    return (
        f"{words}; {best.name} finds customers faster than three in four earlier ones: "
        f"{formats.count(best.customer_count)} in {formats.count(best.weeks)} weeks"
    )


def _favourites(report: Report, formats: Formats) -> str:
    countries = report.sells.countries if report.sells else None
    told = [row.best_by_revenue for row in countries.rows if row.is_told] if countries else []
    leaders = Counter(one.name for one in told if one)
    if leaders.total() < 2:  # noqa: PLR2004  one country is no comparison
        return ""
    name, count = leaders.most_common(1)[0]
    if count == 1:
        return f"Every one of {formats.count(len(told))} countries has a best seller of its own"
    return (
        f"{name} leads in {formats.count(count)} of {formats.count(len(told))} countries; "
        f"{formats.count(len(leaders))} products lead in all"
    )


# --- Data & BI ----------------------------------------------------------------------------------


def _checks(report: Report, formats: Formats) -> str:
    checks = checks_of(report, formats)
    return check_words(checks, formats) if checks else ""


def _quality(report: Report, formats: Formats) -> str:
    if not report.findings:
        return ""
    warnings = [finding for finding in report.findings if finding.severity == "warning"]
    if not warnings:
        return "Nothing about the data needs a warning"
    words = f"{formats.count(len(warnings))} warning{'s' if len(warnings) > 1 else ''}"
    amounts = [abs(one.amount) for one in warnings if one.amount is not None]
    if not amounts:
        return f"{words} about the data"
    return f"{words} about the data; the largest is about {formats.money_short(max(amounts))}"


def _hold_outs(report: Report, formats: Formats) -> str:
    holding = report.holding
    told = (
        [row for row in holding.hold_outs[0].rows if _is_enough(row.customer_count)]
        if holding and holding.hold_outs
        else []
    )
    if holding is None or len(told) < 2:  # noqa: PLR2004  an order needs two
        return ""
    ordered = sum(pair.verdict == "in order" for pair in holding.neighbours)
    best, worst = (f"{_percent(row, formats)} of {row.segment}" for row in (told[0], told[-1]))
    return (
        f"{best} came back within {formats.count(holding.horizon_days)} days, {worst}; "
        f"{formats.count(ordered)} of {formats.count(len(holding.neighbours))} neighbours in order"
    )


def _percent(row: HoldOutRow, formats: Formats) -> str:
    return formats.share(row.share.value, 0)


def _cuts(report: Report, formats: Formats) -> str:
    if not report.method.cuts:
        return ""
    customers = formats.count(report.segments.total.customer_count)
    ruler = report.ruler
    if ruler and ruler.origin == "saved" and ruler.fitted_as_of:
        return f"The cuts of {formats.day(ruler.fitted_as_of)} score {customers} customers"
    if ruler and ruler.origin in {"fitted", "refitted"}:
        return f"New cuts, fitted to {customers} customers"
    return f"{customers} customers are scored by the cuts below"


def _changes(report: Report, formats: Formats) -> str:
    ruler, movement = report.ruler, report.movement
    restated = (
        sum(abs(bridge.restated) for bridge in movement.bridges)
        if movement and movement.restated_from
        else None
    )
    parts = []
    if restated is not None:
        parts.append(
            f"{formats.count(restated)} customers restated since the last report"
            if restated
            else "nothing restated since the last report"
        )
    if ruler and ruler.origin == "refitted":
        parts.append(f"new cuts moved {formats.count(ruler.moved_count)} customers")
    if ruler and ruler.origin == "saved":
        parts.append("the cuts are those of the last report")
    words = "; ".join(parts)
    return words[:1].upper() + words[1:]


def _definitions(report: Report, formats: Formats) -> str:
    count = len(report.method.definitions)
    return f"One meaning each: the {formats.count(count)} words of this report" if count else ""


# --- Finance ------------------------------------------------------------------------------------


def _projection(report: Report, formats: Formats) -> str:
    projection = figures_of(report).projection
    if projection is None:
        return ""
    forecast = projection.forecast
    low, high = (formats.money_short(end) for end in (forecast.low, forecast.high))
    first, last = formats.month(forecast.first_day), formats.month(forecast.last_day)
    span = f"for {first}" if projection.month_count == 1 else f"from {first} to {last}"
    return (
        f"{_expect(forecast)} {formats.money_short(forecast.value)} {span} ({low} to {high})"
        f"{_season_words(forecast, formats.money_short)}"
    )


def _expect(forecast: Forecast) -> str:
    return "Expect" if forecast.knows_season else "At the present pace expect"


def _season_words(
    forecast: Forecast, written: Callable[[float], str], when: str = "a year before"
) -> str:
    """Say what the same time brought a year before, where the rule knows no season."""
    if forecast.knows_season or forecast.year_before is None:
        return ""
    yet = "yet " if forecast.is_doubtful else ""
    only = "only " if forecast.year_before < forecast.low else ""
    return f"; {yet}{when} it was {only}{written(forecast.year_before)}"


def _months(report: Report, formats: Formats) -> str:
    months = figures_of(report).months
    if months is None or not months.rows:
        return ""
    last = months.rows[-1]
    # Where no segment can be told yet, old customers look new.
    if not last.revenue or last.by_segment is None:
        return ""
    new = formats.share(float(last.new / last.revenue), 0)
    top = formats.share(float(last.by_segment[0] / last.revenue), 0)
    return (
        f"{formats.month(last.first_day)}: {top} of {formats.money_short(last.revenue)} from "
        f"customers who began it in {months.segments[0]}, {new} from new ones"
    )


def _concentration(report: Report, formats: Formats) -> str:
    pareto = report.pareto
    if pareto is None or pareto.customer_count <= 10 or not pareto.revenue:  # noqa: PLR2004
        return ""
    share = formats.share(float(pareto.top_ten_revenue / pareto.revenue), 0)
    return (
        f"Without its ten largest customers the period closes {share} lower, at "
        f"{formats.money_short(pareto.revenue - pareto.top_ten_revenue)}"
    )


def _returns(report: Report, formats: Formats) -> str:
    returns = figures_of(report).returns
    if returns is None or not returns.rows:
        return ""
    total = returns.total
    if total.return_rate is None or not total.returned:
        if not total.cancelled:
            return ""
        return f"{formats.money_short(total.cancelled)} of orders were cancelled, nothing came back"
    return (
        f"{formats.share(total.return_rate)} of what was bought came back: "
        f"{formats.money_short(total.returned)} of {formats.money_short(total.gross)} in "
        f"{formats.count(len(returns.rows))} months"
    )


def _ledger(report: Report, formats: Formats) -> str:
    audit = report.audit
    words = (
        f"{formats.money_short(audit.kept.amount)} of the file’s "
        f"{formats.money_short(audit.read.amount)} is analysed"
    )
    largest = max(audit.excluded, key=lambda row: abs(row.amount), default=None)
    if largest is None:
        return f"All of the file’s {formats.money_short(audit.read.amount)} is analysed"
    if not largest.amount:
        return words
    return (
        f"{words}; the largest difference is {largest.label.lower()}, "
        f"{formats.money_short(largest.amount)}"
    )


# --- Operations ---------------------------------------------------------------------------------


def _demand(report: Report, formats: Formats) -> str:
    demand = figures_of(report).demand
    if demand is None:
        return ""
    orders = demand.orders
    low, high = (formats.count(end) for end in (orders.low, orders.high))
    words = f"{_expect(orders)} {formats.count(orders.value)} orders ({low} to {high})"
    if demand.pieces:
        words += f" and {formats.count(carried(demand.pieces))} pieces"
    first, last = (formats.day(day) for day in (orders.first_day, orders.last_day))
    before = orders.year_before_on
    when = f"from {formats.day(before)} on" if before else "a year before"
    return f"{words} from {first} to {last}{_season_words(orders, formats.count, when)}"


def _hours(report: Report, formats: Formats) -> str:
    demand = figures_of(report).demand
    if demand is None or not any(day.expected_orders for day in demand.weekdays):
        return ""
    best = report.trends.best_weekday if report.trends else None
    if best is None:
        mean = sum(day.orders_per_day for day in demand.weekdays) / len(demand.weekdays)
        words = f"No day of the week stands out: expect {formats.number(mean)} orders a day"
    else:
        words = (
            f"{formats.weekday(best)}s are the busiest: "
            f"expect {formats.number(demand.weekdays[best].orders_per_day, 0)} orders each"
        )
    if not demand.hours:
        return words
    band = max(demand.hours, key=lambda one: one.share)
    return (
        f"{words}; {formats.share(band.share, 0)} of all come between {band.first_hour:02}:00 and "
        f"{band.end_hour:02}:00"
    )


def _key_products(report: Report, formats: Formats) -> str:
    products = figures_of(report).key_products
    if products is None or not products.rows or not products.quantity:
        return ""
    share = sum(row.quantity for row in products.rows) / products.quantity
    steady = next((row for row in products.rows if row.largest_order_share <= 0.5), None)  # noqa: PLR2004
    words = (
        f"{formats.count(len(products.rows))} of {formats.count(products.product_count)} products "
        f"make {formats.share(share, 0)} of the pieces"
    )
    if steady is None:
        return words
    return f"{words}; {steady.name} leads with {formats.count(steady.per_week)} a week"


def _seasons(report: Report, formats: Formats) -> str:
    complete = [month for month in report.months if month.complete]
    if len(complete) < 2:  # noqa: PLR2004  one month has no season
        return ""
    most = max(complete, key=lambda month: month.order_count)
    mean = sum(month.order_count for month in complete) / len(complete)
    return (
        f"{formats.month(most.first_day)} took {formats.count(most.order_count)} orders, most of "
        f"{formats.count(len(complete))} full months; the average is {formats.count(mean)}"
    )


SECTIONS: Mapping[str, SectionRule] = {
    "audiences": SectionRule(_audiences, ("data/audiences_by_value.csv",), ("Audiences by value",)),
    "messages": SectionRule(_messages),
    "response": SectionRule(_response, ("data/response.csv",), ("What they will be worth",)),
    "moves": SectionRule(_moves, ("data/bridges.csv", "data/movement.csv"), ("What moved",)),
    "targets": SectionRule(_targets, ("data/targets.csv",), ("Targets by segment",)),
    "accounts": SectionRule(
        _accounts, ("data/accounts.csv",), ("Top accounts",), names_customers=True
    ),
    "slipping": SectionRule(_slipping, ("data/accounts.csv",), names_customers=True),
    "countries": SectionRule(
        _countries, ("data/segments_by_country.csv",), ("Revenue by country",)
    ),
    "overdue": SectionRule(
        _overdue, ("data/overdue.csv",), ("Overdue customers",), names_customers=True
    ),
    "leaving": SectionRule(_leaving, ("data/moved.csv",), ("What moved",)),
    "second_order": SectionRule(
        _second_order, ("data/second_order.csv",), ("The second-order clock",)
    ),
    "cohorts": SectionRule(_cohorts, ("data/cohorts.csv",), ("Retention by first-order month",)),
    "tastes": SectionRule(
        _tastes, ("data/affinity.csv",), ("What they buy: what segments prefer",)
    ),
    "entries": SectionRule(
        _entries,
        ("data/entry_products.csv",),
        ("Products to begin with",),
        has_rows=lambda report: bool(_entry_rows(report)),
    ),
    "repeats": SectionRule(_repeats, ("data/repeat_products.csv",), ("Products bought again",)),
    "launches": SectionRule(_launches, ("data/launches.csv",), ("What they buy: launches",)),
    "favourites": SectionRule(_favourites, ("data/countries.csv",)),
    "checks": SectionRule(_checks, ("data/insights.json",)),
    "quality": SectionRule(_quality, ("data/audit.csv",)),
    "hold_outs": SectionRule(_hold_outs, ("data/hold_outs.csv",), ("Do these segments hold?",)),
    "cuts": SectionRule(_cuts, ("manifest.json",)),
    "changes": SectionRule(_changes),
    "definitions": SectionRule(_definitions, ("manifest.json",)),
    "projection": SectionRule(
        _projection, ("data/projection.csv", "data/forecast_checks.csv"), ("Projected revenue",)
    ),
    "months": SectionRule(
        _months, ("data/months_by_segment.csv",), ("Revenue by month and segment",)
    ),
    "concentration": SectionRule(_concentration, ("data/concentration.csv",), ("Concentration",)),
    "returns": SectionRule(_returns, ("data/returns.csv",), ("Returns",)),
    "ledger": SectionRule(_ledger, ("data/audit.csv",)),
    "demand": SectionRule(
        _demand, ("data/expected_orders.csv", "data/forecast_checks.csv"), ("Expected orders",)
    ),
    "hours": SectionRule(_hours, ("data/days.csv",)),
    "key_products": SectionRule(_key_products, ("data/key_products.csv",), ("Key products",)),
    "seasons": SectionRule(_seasons, ("data/months.csv",)),
}
"""Every section that a department's page can have."""


def _is_enough(count: int) -> bool:
    return count >= FEWEST_CUSTOMERS
