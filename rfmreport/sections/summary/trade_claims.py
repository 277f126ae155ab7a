"""What is claimed of trade: the last month, what sells, what is to come, and what it rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.kit.sentences import Claim, facts
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.summary.summary import can_compare, order_value_changed
from rfmreport.sections.when.figures import Month, orders_changed, revenue_changed
from rfmreport.sections.worth.figures import basis_words, forecast_words, trials_words
from rfmreport.source.audit import REVERSED, REVERSED_KEPT

if TYPE_CHECKING:
    from rfmreport.report import Report

_LEAST_CHANGE = 0.03
_LEAST_SHIFT = 0.02


def month_change(report: Report) -> Claim | None:
    """Tell what orders and baskets did in the last month."""
    complete = [month for month in report.months if month.complete]
    if len(complete) < 2 or not can_compare(complete[-1], complete[-2]):  # noqa: PLR2004
        return None
    last, before = complete[-1], complete[-2]
    orders = last.order_count / before.order_count - 1
    value = float(_order_value(last) / _order_value(before)) - 1
    return Claim(
        "{orders}, {baskets} in {month:month}.",
        "{order_count:count} orders ({order_change:change} on {earlier:month}) at "
        "{average_order_value:money} ({value_change:change}): revenue {revenue:money_short} "
        "after {previous_revenue:money_short}.",
        numbers={
            "order_count": last.order_count,
            "previous_order_count": before.order_count,
            "average_order_value": _order_value(last),
            "previous_average_order_value": _order_value(before),
            "revenue": last.revenue,
            "previous_revenue": before.revenue,
        },
        named={
            "month": last.first_day,
            "earlier": before.first_day,
            "order_change": orders,
            "value_change": value,
            "orders": _moved(orders if orders_changed(last, before) else 0, "orders"),
            "baskets": _moved(value if order_value_changed(last, before) else 0, "baskets"),
        },
        sample_size=min(last.customer_count, before.customer_count),
        formula="orders x revenue per order, last complete month against the one before",
        worth=abs(last.revenue - before.revenue),
    )


def _order_value(month: Month) -> Decimal:
    return month.revenue / month.order_count


def _moved(change: float, what: str) -> str:
    words = {"orders": ("More", "Fewer", "As many"), "baskets": ("larger", "smaller", "same-sized")}
    more, less, same = words[what]
    if abs(change) < _LEAST_CHANGE:
        return f"{same} {what}"
    return f"{more if change > 0 else less} {what}"


def year_change(report: Report) -> Claim | None:
    """Tell what the last month did on the same one a year before."""
    complete = {month.first_day: month for month in report.months if month.complete}
    if not complete:
        return None
    last = complete[max(complete)]
    before = complete.get(last.first_day.replace(year=last.first_day.year - 1))
    if before is None or not can_compare(last, before) or not revenue_changed(last, before):
        return None
    return Claim(
        "{month:month} brought {change:change} on the same month a year before.",
        "{revenue:money_short} after {revenue_a_year_before:money_short}.",
        numbers={"revenue": last.revenue, "revenue_a_year_before": before.revenue},
        named={
            "month": last.first_day,
            "change": float((last.revenue - before.revenue) / before.revenue),
        },
        sample_size=min(last.customer_count, before.customer_count),
        formula="revenue of the last complete month / revenue of the same month a year before - 1",
        worth=abs(last.revenue - before.revenue),
    )


def best_seller(report: Report) -> Claim | None:
    """Name the product that sells most, of those that enough customers bought."""
    sales = report.sells.products if report.sells else None
    best = sales.favourite if sales else None
    if sales is None or best is None:
        return None
    first = best.revenue_rank == 1
    return Claim(
        "{of_what}{name} sells most: {revenue:money_short}, {share:share} of {whole}.",
        "{customer_count:count} customers bought it in {order_count:count} orders, first on "
        "{first_sold_on:day}.",
        numbers={
            "revenue": best.revenue,
            "share": best.revenue_share,
            **facts(best, "customer_count", "order_count"),
            "product_code": best.code,
        },
        named={
            "of_what": "" if first else f"Of products with {FEWEST_CUSTOMERS} or more buyers, ",
            "name": best.name,
            "whole": sales.whole,
            "first_sold_on": best.first_sold_on,
        },
        sample_size=best.customer_count,
        formula="revenue of the product less its returns / the same of all products",
        worth=best.revenue,
    )


def fast_launch(report: Report) -> Claim | None:
    """Name the launch that finds customers clearly faster than three quarters of earlier ones."""
    launches = report.sells.launches if report.sells else None
    faster = [one for one in launches.shown if one.verdict == "faster"] if launches else []
    if not launches or not faster:
        return None
    best = max(faster, key=lambda one: one.revenue)
    assert best.earlier_pace  # noqa: S101  nothing is faster than nothing
    return Claim(
        "{name}, new since {first_sold_on:day}, finds customers faster than three in four "
        "earlier launches.",
        "{customer_count:count} customers in {weeks} weeks: {pace:number} per thousand orders "
        "of the shop, against {upper_quartile:number} for the upper quartile of "
        "{earlier_count:count} earlier launches at that age; {revenue:money} so far.",
        numbers={
            **facts(best, "customer_count", "weeks", "pace", "pace_low"),
            "upper_quartile": best.earlier_pace[2],
            "revenue": best.revenue,
            "product_code": best.code,
        },
        named={**facts(best, "name", "first_sold_on"), "earlier_count": launches.earlier_count},
        sample_size=best.customer_count,
        formula="customers since the launch / orders of the shop since the launch x 1000",
        worth=best.revenue,
    )


def to_come(report: Report) -> Claim | None:
    """Tell what is to come: the forecast that the whole report makes."""
    found = report.forecast
    if found is None:
        return None
    ahead, value = found.ahead, found.ahead.revenue.value
    tried = trials_words(ahead, "revenue")
    return Claim(
        "{words}.",
        "{basis} {tried}",
        numbers={
            "revenue_low": ahead.revenue.low,
            "revenue_high": ahead.revenue.high,
            **{f"revenue_by_{one.way}": one.revenue for one in ahead.answers},
            "days": ahead.days,
            **({} if value is None else {"revenue": value}),
        },
        named={
            "words": forecast_words(ahead, "revenue"),
            "basis": basis_words(ahead, found.model),
            "tried": tried or "",
        },
        sample_size=report.segments.total.order_count,
        formula="orders by pace, season or model in trading days x revenue per order of a year",
        worth=Decimal(str(round(ahead.revenue.low, 2))),
    )


def unattributed(report: Report) -> Claim | None:
    """Tell what was sold to nobody known."""
    row, whole = report.audit.told_as("missing_customer"), report.audit.amount_in_time
    if row is None or row.amount <= 0:
        return None
    return Claim(
        "{amount:money_short} of sales has no customer to thank.",
        "{line_count:count} lines of goods carry no customer: {share:share} of "
        "{whole:money_short} is outside every segment.",
        numbers=facts(row, "amount", "line_count", "order_count")
        | {"share": float(row.amount / whole)},
        named={"whole": whole},
        sample_size=row.line_count,
        formula="amount of goods sold without customer / amount of all lines before the as-of date",
        worth=row.amount,
    )


def cancelled(report: Report) -> Claim | None:
    """Tell what was cancelled, or where returns are subtracted, what is not."""
    row, kept = report.audit.told_as("cancellation"), report.audit.kept.amount
    if row is None or row.amount >= 0 or not kept:
        return None
    is_netted = bool(report.audit.kept_adjustments)
    return Claim(
        "{cancelled:money_short} of refunds is not subtracted."
        if is_netted
        else "Cancellations came to {cancelled:money_short}.",
        "{order_count:count} refunds, {share:share} of analysed revenue: of freight, discounts and "
        "postings by hand, or to customers who bought nothing."
        if is_netted
        else "{order_count:count} cancelled orders, {share:share} of analysed revenue; they are "
        "left out of it, not subtracted.",
        numbers=facts(row, "amount", "order_count") | {"share": float(-row.amount / kept)},
        named={"cancelled": -row.amount},
        sample_size=row.order_count,
        formula="amount of cancellations by known customers / analysed revenue",
        worth=-row.amount,
    )


def reversed_(report: Report) -> Claim | None:
    """Tell what the same customer reversed in full, and whether it counts all the same."""
    found = next((one for one in report.findings if one.key in {REVERSED, REVERSED_KEPT}), None)
    if found is None or not found.order_count or not found.amount:
        return None
    is_kept = found.key == REVERSED_KEPT
    return Claim(
        "{amount:money_short} of the revenue was reversed in full."
        if is_kept
        else "{amount:money_short} of orders was reversed in full, and is no revenue.",
        "{order_count:count} orders ({share:share} of revenue) were cancelled or posted back for "
        "the same customer and the same amount; "
        + ("they still count." if is_kept else "they are left out, with what reversed them."),
        numbers={
            **facts(found, "amount", "order_count"),
            "share": float(found.amount / report.segments.total.revenue),
        },
        sample_size=found.order_count,
        formula="orders with a reversal of equal amount by the same customer, one to one / revenue",
        worth=found.amount,
    )


def softest_choice(report: Report) -> Claim | None:
    """Tell the rule that moves the top segment's share most; leaving the largest out is no rule."""
    rows = [row for row in report.sensitivity if row.customer_count >= FEWEST_CUSTOMERS]
    if not rows or rows[0] != report.sensitivity[0]:
        return None
    told, top = next((row for row in rows if row.key == NEW_CUTS), rows[0]), report.segments.rows[0]
    rules = [row for row in rows[1:] if row.key not in {"wholesalers", NEW_CUTS}]
    shifts = {row.key: row.top_revenue_share - told.top_revenue_share for row in rules}
    most = max(rules, key=lambda row: abs(shifts[row.key]), default=None)
    if most is None or abs(shifts[most.key]) < _LEAST_SHIFT:
        return None
    shift = abs(shifts[most.key])
    return Claim(
        "One rule moves {name}'s share of revenue by {points:number} points.",
        "{rule}: {revenue_share:share} of revenue instead of {reported_revenue_share:share}, "
        "held by {top_customer_count:count} customers instead of "
        "{reported_top_customer_count:count}.",
        numbers={
            "choice": most.key,
            "revenue_share": most.top_revenue_share,
            "reported_revenue_share": told.top_revenue_share,
            "top_customer_count": most.top_customer_count,
            "reported_top_customer_count": told.top_customer_count,
        },
        named={"name": top.name, "points": shift * 100, "rule": most.choice},
        sample_size=min(most.customer_count, told.customer_count),
        formula="revenue of the top segment / all revenue under the rule, cuts fitted anew",
        worth=Decimal(str(shift)) * told.revenue,
        segment=top.name,
    )
