"""The figures on top of a department's page: the report's own, and those that it alone asks for.

A figure without an earlier period says in its place what it is a part of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.formats import Formats
from rfmreport.kit.sentences import facts, tell
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.summary.figures import Kpi
from rfmreport.vocabulary import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from rfmreport.report import Report
    from rfmreport.sections.plan.demand_figures import Peak
    from rfmreport.sections.plan.figures import MonthBySegment, ReturnMonth
    from rfmreport.sections.worth.figures import What
    from rfmreport.vocabulary import Unit

MOST_FIGURES = 5
REPORT_FIGURES = (
    "revenue", "orders", "order_value", "customers", "new_customers", "returning_customers",
)  # fmt: skip
_TEN = 10
_AS_OF = "as of {as_of:day}"
_WHOLE_PERIOD = "{first_day:day} to {last_day:day}"


@dataclass(frozen=True, slots=True)
class _Told:
    """A figure before it is put into words: messages about its values and the report's days."""

    label: str
    value: Decimal | float
    unit: Unit
    part_of: str
    period: str
    values: Mapping[str, Any] = field(default_factory=dict)
    change: Change | None = None
    trend: tuple[float, ...] = ()

    def put_into_words(self, key: str, report: Report, formats: Formats) -> Kpi:
        values = facts(report, "as_of", "first_day", "last_day") | dict(self.values)
        texts = (self.label, self.period, self.part_of)
        label, period, part_of = (tell(text, values, formats) for text in texts)
        return Kpi(key, label, self.value, self.unit, period, self.change, part_of, self.trend)


def strip_of(report: Report, names: Iterable[str], formats: Formats) -> tuple[Kpi, ...]:
    """Return the figures of these names; those that the data cannot tell are left out."""
    own = {kpi.key: kpi for kpi in report.kpis}
    found = (
        own.get(name) if name in REPORT_FIGURES else _strip_figure(name, report, formats)
        for name in names
    )
    return tuple(kpi for kpi in found if kpi is not None)


def _strip_figure(name: str, report: Report, formats: Formats) -> Kpi | None:
    told = FIGURES[name](report)
    return told.put_into_words(name, report, formats) if told else None


def _customers_known(report: Report) -> _Told:
    table = report.segments
    now, before = table.total.customer_count, table.total.previous_customer_count
    change = None
    if table.previous_as_of and before:
        change = Change(Formats().day(table.previous_as_of), relative=now / before - 1)
    return _Told(
        "Customers to talk to", now, "count", "no earlier date to compare with", _AS_OF,
        change=change,
    )  # fmt: skip


def _will_order(report: Report) -> _Told | None:
    response = report.worth.response if report.worth else None
    if response is None or not response.rows:
        return None
    count = sum(row.customer_count for row in response.rows)
    expected = round(sum(row.customer_count * row.shares[-1].value for row in response.rows))
    return _Told(
        "To order, as things were", expected, "count",
        "{share:percent} of {count:count} customers", "within {days:count} days",
        {"share": expected / count, "count": count, "days": response.windows[-1]},
    )  # fmt: skip


def _one_order(report: Report) -> _Told | None:
    pareto = report.pareto
    if pareto is None:
        return None
    count = pareto.one_order_count
    return _Told(
        "With one order so far", count, "count",
        "{share:share} of {customer_count:count} customers", _WHOLE_PERIOD,
        {"share": count / pareto.customer_count, **facts(pareto, "customer_count")},
    )  # fmt: skip


def _target(report: Report) -> _Told | None:
    targets = report.department_figures.targets
    if targets is None:
        return None
    return _Told(
        "Target", targets.total.target, "money",
        "{floor:money_short} as things go",
        "the next {days:count} days",
        {"floor": targets.total.floor.value, "days": targets.days},
    )  # fmt: skip


def _top_ten_share(report: Report) -> _Told | None:
    pareto = report.pareto
    if pareto is None or pareto.customer_count <= _TEN or not pareto.revenue:
        return None
    return _Told(
        "Held by the ten largest", float(pareto.top_ten_revenue / pareto.revenue), "share",
        "{top_ten_revenue:money_short} of {revenue:money_short}", _WHOLE_PERIOD,
        facts(pareto, "top_ten_revenue", "revenue"),
    )  # fmt: skip


def _slipping_revenue(report: Report) -> _Told | None:
    accounts = report.department_figures.accounts
    if accounts is None:
        return None
    return _Told(
        "With large accounts overdue", accounts.slipping_revenue, "money",
        "{slipping_count:count} of the {account_count:count} largest", _WHOLE_PERIOD,
        facts(accounts, "slipping_count", "account_count", "first_day", "last_day"),
    )  # fmt: skip


def _overdue(report: Report) -> _Told | None:
    rhythm = report.department_figures.rhythm
    if rhythm is None or not rhythm.customer_count:
        return None
    return _Told(
        "Overdue by their own rhythm", rhythm.overdue_count, "count",
        "of {customer_count:count} with a rhythm", _AS_OF, facts(rhythm, "customer_count"),
    )  # fmt: skip


def _slipped(report: Report) -> _Told | None:
    movement = report.movement
    if movement is None:
        return None
    tops = movement.top_segments
    there = sum(one.before_count for one in movement.bridges if one.segment in tops)
    return _Told(
        "Slipped from the top {tops}", movement.slipped_count, "count",
        "of {there:count} who were there", "since {then:day}",
        {
            "tops": "segment" if len(tops) == 1 else f"{len(tops)} segments",
            "there": there, "then": movement.before_as_of,
        },
    )  # fmt: skip


def _turning_cold(report: Report) -> _Told | None:
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None:
        return None
    if not clock.turning:
        return _Told(
            "Wait for a second order", clock.one_order_count, "count",
            "of {customer_count:count} customers; none has gone cold", _AS_OF,
            facts(clock, "customer_count"),
        )  # fmt: skip
    return _Told(
        "Go cold after one order", clock.turning.customer_count, "count",
        "of {one_order_count:count} with one order", "by {turning_until:day}",
        facts(clock, "one_order_count", "turning_until"),
    )  # fmt: skip


def _products(report: Report) -> _Told | None:
    sales = report.sells.products if report.sells else None
    if sales is None:
        return None
    return _Told(
        "Products sold", sales.product_count, "count",
        "in {order_count:count} orders", _WHOLE_PERIOD, facts(sales, "order_count"),
    )  # fmt: skip


def _best_seller(report: Report) -> _Told | None:
    sales = report.sells.products if report.sells else None
    if sales is None or not sales.by_revenue:
        return None
    return _Told(
        "Held by the {count:count} best",
        sum(product.revenue_share for product in sales.by_revenue), "share",
        "of {revenue:money_short} with a product named", _WHOLE_PERIOD,
        {"count": len(sales.by_revenue), **facts(sales, "revenue")},
    )  # fmt: skip


def _bought_again(report: Report) -> _Told | None:
    repeated = report.sells.repeated if report.sells else None
    if repeated is None:
        return None
    return _Told(
        "Bought again", repeated.overall.value, "share",
        "of {customer_count:count} buyers of a product",
        "{product_count:count} products, 30 buyers or more",
        facts(repeated.overall, "customer_count") | facts(repeated, "product_count"),
    )  # fmt: skip


def _launches(report: Report) -> _Told | None:
    launches = report.sells.launches if report.sells else None
    if launches is None:
        return None
    faster = sum(one.verdict == "faster" for one in launches.shown)
    return _Told(
        "Launches", launches.launch_count, "count",
        "{faster:count} of the {shown:count} best are faster than earlier ones",
        "the last {days:count} days",
        {"faster": faster, "shown": len(launches.shown), "days": launches.days},
    )  # fmt: skip


def _analysed(report: Report) -> _Told | None:
    return _part_of_money(report, "Share of money analysed", report.audit.kept.amount)


def _unattributed(report: Report) -> _Told | None:
    row = report.audit.told_as("missing_customer")
    if row is None:
        return None
    lines = ("{line_count:count} lines", facts(row, "line_count"))
    return _part_of_money(report, "Without a customer", row.amount, *lines)


def _part_of_money(
    report: Report,
    label: str,
    amount: Decimal,
    period: str = _WHOLE_PERIOD,
    values: Mapping[str, Any] | None = None,
) -> _Told | None:
    """Return which part an amount is of all that was read of the report's time."""
    whole = report.audit.amount_in_time
    if whole <= 0:
        return None
    of = {"amount": amount, "whole": whole, **(values or {})}
    part_of = "{amount:money_short} of {whole:money_short}"
    return _Told(label, float(amount / whole), "share", part_of, period, of)


def _lines(report: Report) -> _Told:
    files = len(report.method.sources)
    return _Told(
        "Lines analysed", report.audit.kept.line_count, "count",
        "of {line_count:count} read", "{files:count} file" + "s" * (files > 1),
        {"files": files, **facts(report.audit.read, "line_count")},
    )  # fmt: skip


def _rank_quality(report: Report) -> _Told | None:
    trials = report.holding.trials if report.holding else ()
    own = next((trial for trial in trials if trial.scheme == report.method.scheme_name), None)
    if own is None or own.rank_quality is None or report.holding is None:
        return None
    return _Told(
        "Pairs ranked right", own.rank_quality, "share",
        "who came back stood above who did not", "since {then:day}",
        {"then": report.holding.hold_outs[0].as_of},
    )  # fmt: skip


def _softness(report: Report) -> _Told | None:
    rows = [row for row in report.sensitivity if row.customer_count >= FEWEST_CUSTOMERS]
    shares = [row.top_revenue_share for row in rows if row.key != NEW_CUTS]
    if len(shares) < 2:  # noqa: PLR2004  a comparison needs two
        return None
    return _Told(
        "Held by {top}", shares[0], "share",
        "{low:percent} to {high:percent} under other choices", "of all revenue",
        {"top": report.segments.rows[0].name, "low": min(shares), "high": max(shares)},
    )  # fmt: skip


def _projected(report: Report) -> _Told | None:
    range_words = "{low:money_short} to {high:money_short}"
    return _to_come(report, "To come", "revenue", "money", range_words)


def _expected_orders(report: Report) -> _Told | None:
    return _to_come(report, "Orders to come", "orders", "count", "{low:count} to {high:count}")


def _to_come(report: Report, label: str, what: What, unit: Unit, part_of: str) -> _Told | None:
    """Return what the forecast says of the horizon, where it says one number."""
    total = report.forecast.ahead if report.forecast else None
    amount = getattr(total, what, None)
    if total is None or amount is None or amount.value is None:
        return None
    value = amount.value if what == "revenue" else round(amount.value)
    return _Told(
        label, value, unit, part_of, "{first_day:day} to {last_day:day}",
        facts(amount, "low", "high") | facts(total, "first_day", "last_day"),
    )  # fmt: skip


def _new_share(report: Report) -> _Told | None:
    months = report.department_figures.months
    rows = [row for row in months.rows if row.by_segment and row.revenue > 0] if months else []
    if not rows:
        return None
    shares = [float(row.new / row.revenue) for row in rows]
    return _by_month("From new customers", rows, shares, rows[-1].new, rows[-1].revenue)


def _return_rate(report: Report) -> _Told | None:
    returns = report.department_figures.returns
    rows = [row for row in returns.rows if row.return_rate is not None] if returns else []
    if not returns or not rows or not returns.total.returned:
        return None
    shares = [row.return_rate or 0.0 for row in rows]
    return _by_month("Goods returned", rows, shares, rows[-1].returned, rows[-1].gross)


def _by_month(
    label: str,
    rows: Sequence[MonthBySegment] | Sequence[ReturnMonth],
    shares: Sequence[float],
    part: Decimal,
    whole: Decimal,
) -> _Told:
    """Return a share by month: the last one, with the change on the month before."""
    change = None
    if len(shares) > 1:
        change = Change(Formats().month(rows[-2].first_day), points=shares[-1] - shares[-2])
    return _Told(
        label, shares[-1], "share", "no earlier full month",
        "{part:money_short} of {whole:money_short}, {month:month}",
        {"part": part, "whole": whole, "month": rows[-1].first_day}, change, tuple(shares),
    )  # fmt: skip


def _busy_day(report: Report) -> _Told | None:
    demand = report.department_figures.demand
    return _peak("Orders on a busy day", demand.peak_day, demand.week_count) if demand else None


def _busy_hour(report: Report) -> _Told | None:
    demand = report.department_figures.demand
    if demand is None or demand.peak_hour is None:
        return None
    return _peak("Orders in a busy hour", demand.peak_hour, demand.week_count)


def _peak(label: str, peak: Peak, week_count: int) -> _Told:
    """Return what one in twenty exceeded."""
    at = "" if peak.most_hour is None else f", {peak.most_hour:02}:00"
    return _Told(
        label, round(peak.p95), "count",
        "1 in 20 took more in {weeks:count} weeks; median {median:count}",
        "most {most:count}, {most_on:day}" + at,
        {"weeks": week_count, **facts(peak, "median", "most", "most_on")},
    )  # fmt: skip


FIGURES: Mapping[str, Callable[[Report], _Told | None]] = {
    tell_it.__name__.removeprefix("_"): tell_it
    for tell_it in (
        _customers_known, _will_order, _one_order, _target, _top_ten_share, _slipping_revenue,
        _overdue, _slipped, _turning_cold, _products, _best_seller, _bought_again, _launches,
        _analysed, _unattributed, _lines, _rank_quality, _softness, _projected, _new_share,
        _return_rate, _expected_orders, _busy_day, _busy_hour,
    )
}  # fmt: skip
"""What a department can have on top of its page besides `REPORT_FIGURES`, by name."""
