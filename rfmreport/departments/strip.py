"""The figures on top of a department's page: the report's own, and those that it alone asks for.

A figure without an earlier period says in its place what it is a part of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.models.forecast import carried
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.summary.figures import Kpi
from rfmreport.vocabulary import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.models.forecast import Forecast
    from rfmreport.report import Report
    from rfmreport.sections.plan.demand_figures import Peak
    from rfmreport.vocabulary import Unit

MOST_FIGURES = 5
REPORT_FIGURES = ("revenue", "orders", "customers", "order_value", "repeat_rate", "top_share")
_TEN = 10


def strip_of(report: Report, names: Iterable[str], formats: Formats) -> tuple[Kpi, ...]:
    """Return the figures of these names; those that the data cannot tell are left out."""
    own = {kpi.key: kpi for kpi in report.kpis}
    found = (
        own.get(name) if name in REPORT_FIGURES else FIGURES[name](report, formats)
        for name in names
    )
    return tuple(kpi for kpi in found if kpi is not None)


def _figure(  # noqa: PLR0913  the parts of a figure
    key: str,
    label: str,
    value: Decimal | float,
    unit: Unit,
    *,
    part_of: str,
    period: str,
) -> Kpi:
    return Kpi(key, label, value, unit, period, None, part_of, ())


def _as_of(report: Report, formats: Formats) -> str:
    return f"as of {formats.day(report.as_of)}"


def _whole_period(report: Report, formats: Formats) -> str:
    return f"{formats.day(report.first_day)} to {formats.day(report.last_day)}"


def _customers_known(report: Report, formats: Formats) -> Kpi:
    table = report.segments
    now, before = table.total.customer_count, table.total.previous_customer_count
    change = None
    if table.previous_as_of and before:
        change = Change(formats.day(table.previous_as_of), relative=now / before - 1)
    return Kpi("customers_known", "Customers to talk to", now, "count", _as_of(report, formats),
               change, "no earlier date to compare with", ())  # fmt: skip


def _will_order(report: Report, formats: Formats) -> Kpi | None:
    response = report.worth.response if report.worth else None
    if response is None or not response.rows:
        return None
    count = sum(row.customer_count for row in response.rows)
    expected = round(sum(row.customer_count * row.shares[-1].value for row in response.rows))
    return _figure(
        "will_order", "To order, as things were", expected, "count",
        part_of=f"{formats.share(expected / count, 0)} of {formats.count(count)} customers",
        period=f"within {formats.count(response.windows[-1])} days",
    )  # fmt: skip


def _one_order(report: Report, formats: Formats) -> Kpi | None:
    pareto = report.pareto
    if pareto is None:
        return None
    return _figure(
        "one_order", "With one order so far", pareto.one_order_count, "count",
        part_of=(
            f"{formats.share(pareto.one_order_count / pareto.customer_count)} of "
            f"{formats.count(pareto.customer_count)} customers"
        ),
        period=_whole_period(report, formats),
    )  # fmt: skip


def _target(report: Report, formats: Formats) -> Kpi | None:
    targets = report.department_figures.targets
    if targets is None:
        return None
    more = targets.total.target_buyers
    return _figure(
        "target", "Target", targets.total.target, "money",
        part_of=(
            f"{formats.money_short(targets.total.floor.value)} as things go, "
            f"{formats.count(more)} more buyer{'' if more == 1 else 's'}"
        ),
        period=f"the next {formats.count(targets.days)} days",
    )  # fmt: skip


def _top_ten_share(report: Report, formats: Formats) -> Kpi | None:
    pareto = report.pareto
    if pareto is None or pareto.customer_count <= _TEN or not pareto.revenue:
        return None
    return _figure(
        "top_ten_share", "Held by the ten largest", float(pareto.top_ten_revenue / pareto.revenue),
        "share",
        part_of=(
            f"{formats.money_short(pareto.top_ten_revenue)} of "
            f"{formats.money_short(pareto.revenue)}"
        ),
        period=_whole_period(report, formats),
    )  # fmt: skip


def _slipping_revenue(report: Report, formats: Formats) -> Kpi | None:
    accounts = report.department_figures.accounts
    if accounts is None:
        return None
    return _figure(
        "slipping_revenue", "With large accounts that slip", accounts.slipping_revenue, "money",
        part_of=(
            f"{formats.count(accounts.slipping_count)} of the "
            f"{formats.count(accounts.account_count)} largest"
        ),
        period=f"{formats.day(accounts.first_day)} to {formats.day(accounts.last_day)}",
    )  # fmt: skip


def _overdue(report: Report, formats: Formats) -> Kpi | None:
    rhythm = report.department_figures.rhythm
    if rhythm is None or not rhythm.customer_count:
        return None
    return _figure(
        "overdue", "Overdue by their own rhythm", rhythm.overdue_count, "count",
        part_of=f"of {formats.count(rhythm.customer_count)} with a rhythm",
        period=_as_of(report, formats),
    )  # fmt: skip


def _slipped(report: Report, formats: Formats) -> Kpi | None:
    movement = report.movement
    if movement is None:
        return None
    before = sum(
        bridge.before_count
        for bridge in movement.bridges
        if bridge.segment in movement.top_segments
    )
    top = "segment" if len(movement.top_segments) == 1 else f"{len(movement.top_segments)} segments"
    return _figure(
        "slipped", f"Slipped from the top {top}", movement.slipped_count, "count",
        part_of=f"of {formats.count(before)} who were there",
        period=f"since {formats.day(movement.before_as_of)}",
    )  # fmt: skip


def _turning_cold(report: Report, formats: Formats) -> Kpi | None:
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None:
        return None
    if not clock.turning:
        return _figure(
            "turning_cold", "Wait for a second order", clock.one_order_count, "count",
            part_of=f"of {formats.count(clock.customer_count)} customers; none has gone cold",
            period=_as_of(report, formats),
        )  # fmt: skip
    return _figure(
        "turning_cold", "Go cold after one order", clock.turning.customer_count, "count",
        part_of=f"of {formats.count(clock.one_order_count)} with one order",
        period=f"by {formats.day(clock.turning_until)}",
    )  # fmt: skip


def _products(report: Report, formats: Formats) -> Kpi | None:
    sales = report.sells.products if report.sells else None
    if sales is None:
        return None
    return _figure(
        "products", "Products sold", sales.product_count, "count",
        part_of=f"in {formats.count(sales.order_count)} orders",
        period=_whole_period(report, formats),
    )  # fmt: skip


def _best_seller(report: Report, formats: Formats) -> Kpi | None:
    sales = report.sells.products if report.sells else None
    if sales is None or not sales.by_revenue:
        return None
    share = sum(product.revenue_share for product in sales.by_revenue)
    count = len(sales.by_revenue)
    return _figure(
        "best_seller", f"Held by the {formats.count(count)} best", share, "share",
        part_of=f"of {formats.money_short(sales.revenue)} with a product named",
        period=_whole_period(report, formats),
    )  # fmt: skip


def _bought_again(report: Report, formats: Formats) -> Kpi | None:
    repeated = report.sells.repeated if report.sells else None
    if repeated is None:
        return None
    return _figure(
        "bought_again", "Bought again", repeated.overall.value, "share",
        part_of=f"of {formats.count(repeated.overall.customer_count)} buyers of a product",
        period=f"{formats.count(repeated.product_count)} products, 30 buyers or more",
    )  # fmt: skip


def _launch_count(report: Report, formats: Formats) -> Kpi | None:
    launches = report.sells.launches if report.sells else None
    if launches is None:
        return None
    faster = sum(one.verdict == "faster" for one in launches.shown)
    return _figure(
        "launches", "Launches", launches.launch_count, "count",
        part_of=(
            f"{formats.count(faster)} of the {formats.count(len(launches.shown))} best are faster "
            "than earlier ones"
        ),
        period=f"the last {formats.count(launches.days)} days",
    )  # fmt: skip


def _analysed(report: Report, formats: Formats) -> Kpi | None:
    kept, of = report.audit.kept.amount, report.audit.amount_in_time
    if of <= 0:
        return None
    return _figure(
        "analysed", "Share of money analysed", float(kept / of), "share",
        part_of=f"{formats.money_short(kept)} of {formats.money_short(of)}",
        period=_whole_period(report, formats),
    )  # fmt: skip


def _unattributed(report: Report, formats: Formats) -> Kpi | None:
    audit, of = report.audit, report.audit.amount_in_time
    row = audit.told_as("missing_customer")
    if row is None or of <= 0:
        return None
    return _figure(
        "unattributed", "Without a customer", float(row.amount / of), "share",
        part_of=f"{formats.money_short(row.amount)} of {formats.money_short(of)}",
        period=f"{formats.count(row.line_count)} lines",
    )  # fmt: skip


def _lines(report: Report, formats: Formats) -> Kpi:
    audit = report.audit
    return _figure(
        "lines", "Lines analysed", audit.kept.line_count, "count",
        part_of=f"of {formats.count(audit.read.line_count)} read",
        period=f"{formats.count(len(report.method.sources))} file"
        + ("s" if len(report.method.sources) > 1 else ""),
    )  # fmt: skip


def _rank_quality(report: Report, formats: Formats) -> Kpi | None:
    trials = report.holding.trials if report.holding else ()
    own = next((trial for trial in trials if trial.scheme == report.method.scheme_name), None)
    if own is None or own.rank_quality is None or report.holding is None:
        return None
    return _figure(
        "rank_quality", "Pairs ranked right", own.rank_quality, "share",
        part_of="who came back stood above who did not",
        period=f"since {formats.day(report.holding.hold_outs[0].as_of)}",
    )  # fmt: skip


def _softness(report: Report, formats: Formats) -> Kpi | None:
    rows = [row for row in report.sensitivity if row.customer_count >= FEWEST_CUSTOMERS]
    rows = [row for row in rows if row.key != NEW_CUTS]
    if len(rows) < 2:  # noqa: PLR2004  a comparison needs two
        return None
    shares = [row.top_revenue_share for row in rows]
    return _figure(
        "softness", f"Held by {report.segments.rows[0].name}", rows[0].top_revenue_share, "share",
        part_of=(
            f"{formats.share(min(shares), 0)} to {formats.share(max(shares), 0)} under other "
            "choices"
        ),
        period="of all revenue",
    )  # fmt: skip


def _projected(report: Report, formats: Formats) -> Kpi | None:
    projection = report.department_figures.projection
    if projection is None:
        return None
    forecast = projection.forecast
    low, high = (formats.money_short(end) for end in (forecast.low, forecast.high))
    months = formats.month_short(forecast.first_day)
    if projection.month_count > 1:
        months += f" to {formats.month_short(forecast.last_day)}"
    return _figure(
        "projected", "Projected revenue", forecast.value, "money", part_of=f"{low} to {high}",
        period=months,
    )  # fmt: skip


def _new_share(report: Report, formats: Formats) -> Kpi | None:
    months = report.department_figures.months
    rows = [row for row in months.rows if row.by_segment and row.revenue > 0] if months else []
    if not rows:
        return None
    shares = [float(row.new / row.revenue) for row in rows]
    return _series(
        "new_share", "From new customers", shares, [row.first_day for row in rows], formats,
        part_of=f"{formats.money_short(rows[-1].new)} of {formats.money_short(rows[-1].revenue)}",
    )  # fmt: skip


def _return_rate(report: Report, formats: Formats) -> Kpi | None:
    returns = report.department_figures.returns
    rows = [row for row in returns.rows if row.return_rate is not None] if returns else []
    if not returns or not rows or not returns.total.returned:
        return None
    return _series(
        "return_rate", "Goods returned", [row.return_rate or 0.0 for row in rows],
        [row.first_day for row in rows], formats,
        part_of=(
            f"{formats.money_short(rows[-1].returned)} of {formats.money_short(rows[-1].gross)}"
        ),
    )  # fmt: skip


def _series(  # noqa: PLR0913  the parts of a figure with a past
    key: str, label: str, shares: list[float], months: list[date], formats: Formats, *, part_of: str
) -> Kpi:
    """Return a share by month: the last one, with the change on the month before."""
    change = None
    if len(shares) > 1:
        change = Change(formats.month(months[-2]), points=shares[-1] - shares[-2])
    return Kpi(key, label, shares[-1], "share", f"{part_of}, {formats.month(months[-1])}", change,
               "no earlier full month", tuple(shares))  # fmt: skip


def _expected_orders(report: Report, formats: Formats) -> Kpi | None:
    demand = report.department_figures.demand
    if demand is None:
        return None
    orders = demand.orders
    figures = (round(orders.value), round(orders.low), round(orders.high))
    return _expected("expected_orders", "Orders to come", orders, figures, formats)


def _expected_pieces(report: Report, formats: Formats) -> Kpi | None:
    demand = report.department_figures.demand
    if demand is None or demand.pieces is None:
        return None
    pieces = demand.pieces
    figures = (carried(pieces), carried(pieces, pieces.low), carried(pieces, pieces.high))
    return _expected("expected_pieces", "Pieces to come", pieces, figures, formats)


def _expected(
    key: str, label: str, forecast: Forecast, figures: tuple[int, int, int], formats: Formats
) -> Kpi:
    """Return what is expected, with its bounds; `figures` are these three, rounded."""
    value, *ends = figures
    low, high = (formats.count(end) for end in ends)
    first, last = (formats.day(day) for day in (forecast.first_day, forecast.last_day))
    return _figure(
        key, label, value, "count", part_of=f"{low} to {high}",
        period=f"{first} to {last}",
    )  # fmt: skip


def _busy_day(report: Report, formats: Formats) -> Kpi | None:
    demand = report.department_figures.demand
    if demand is None:
        return None
    return _peak("busy_day", "Orders on a busy day", demand.peak_day, demand.week_count, formats)


def _busy_hour(report: Report, formats: Formats) -> Kpi | None:
    demand = report.department_figures.demand
    if demand is None or demand.peak_hour is None:
        return None
    return _peak("busy_hour", "Orders in a busy hour", demand.peak_hour, demand.week_count, formats)


def _peak(key: str, label: str, peak: Peak, week_count: int, formats: Formats) -> Kpi:
    """Return what one in twenty exceeded."""
    weeks = f"{formats.count(week_count)} weeks"
    when = formats.day(peak.most_on)
    if peak.most_hour is not None:
        when += f", {peak.most_hour:02}:00"
    return _figure(
        key, label, round(peak.p95), "count",
        part_of=f"1 in 20 took more in {weeks}; median {formats.count(peak.median)}",
        period=f"most {formats.count(peak.most)}, {when}",
    )  # fmt: skip


FIGURES: Mapping[str, Callable[[Report, Formats], Kpi | None]] = {
    "customers_known": _customers_known,
    "will_order": _will_order,
    "one_order": _one_order,
    "target": _target,
    "top_ten_share": _top_ten_share,
    "slipping_revenue": _slipping_revenue,
    "overdue": _overdue,
    "slipped": _slipped,
    "turning_cold": _turning_cold,
    "products": _products,
    "best_seller": _best_seller,
    "bought_again": _bought_again,
    "launches": _launch_count,
    "analysed": _analysed,
    "unattributed": _unattributed,
    "lines": _lines,
    "rank_quality": _rank_quality,
    "softness": _softness,
    "projected": _projected,
    "new_share": _new_share,
    "return_rate": _return_rate,
    "expected_orders": _expected_orders,
    "expected_pieces": _expected_pieces,
    "busy_day": _busy_day,
    "busy_hour": _busy_hour,
}
"""What a department can have on top of its page besides `REPORT_FIGURES`."""
