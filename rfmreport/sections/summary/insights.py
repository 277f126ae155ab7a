"""Insights: sentences that the data prove, ranked by the money they are about, and what to do.

Every insight carries its numbers, its n and its formula; none is made below thirty customers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.kit.audience_files import SLIPPED_FILE, audience_files
from rfmreport.kit.sentences import people
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.advice.figures import PlaybookCard, Recommendation
from rfmreport.sections.advice.plays import fill, fill_text
from rfmreport.sections.summary.summary import (
    can_compare,
    order_value_changed,
    quiet_segment,
)
from rfmreport.sections.when.figures import Month, orders_changed, revenue_changed
from rfmreport.vocabulary import Insight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.advice.plays import Play
    from rfmreport.sections.concentration.measure import Concentration
    from rfmreport.sections.hold.figures import SensitivityRow
    from rfmreport.sections.loyalty.figures import SecondOrders
    from rfmreport.sections.movement.figures import Movement
    from rfmreport.sections.products.figures import Sells
    from rfmreport.sections.segments.figures import SegmentRow, SegmentTable
    from rfmreport.sections.worth.figures import Opportunity, Outlook, Worth
    from rfmreport.source.audit import Audit, AuditRow
    from rfmreport.vocabulary import Finding

INSIGHT_KEYS = (
    "top_segment", "gone_quiet", "slipped", "one_order", "largest_ten", "month_change",
    "year_change", "unattributed", "cancelled", "reversed", "segments_hold", "softest_choice",
    "turning_cold", "to_come", "best_seller", "fast_launch",
)  # fmt: skip
"""By what each sentence is known, in insights.json and in the choice of a department."""
_RECOMMENDED = 3
_LEAST_CHANGE = 0.03
_LEAST_SHIFT = 0.02
# A way to foretell that was off by more on the past says nothing of the time to come.
_WORST_ERROR = 0.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that insights may speak about."""

    table: SegmentTable
    months: tuple[Month, ...]
    concentration: Concentration
    audit: Audit
    findings: tuple[Finding, ...]
    formats: Formats
    movement: Movement | None = None
    sensitivity: tuple[SensitivityRow, ...] = ()
    second_orders: SecondOrders | None = None
    worth: Worth | None = None
    sells: Sells | None = None


def find_insights(evidence: Evidence) -> tuple[Insight, ...]:
    """Return what the data say; claims about few customers are left out.

    The best sentence of each topic comes first, worth most first, then the second ones, and so on:
    by money alone the first page would say four times on whom it hangs, and never what to do.
    """
    ranked: list[tuple[int, Insight]] = []
    for finders in _FINDERS.values():
        candidates = [find(evidence) for find in finders]
        found = [one for one in candidates if one and one.sample_size >= FEWEST_CUSTOMERS]
        ranked += enumerate(sorted(found, key=lambda insight: insight.worth, reverse=True))
    ranked.sort(key=lambda place: (place[0], -place[1].worth))
    return tuple(insight for _, insight in ranked)


def recommend(
    table: SegmentTable,
    plays: Mapping[str, Play],
    extra_points: tuple[float, float],
    formats: Formats,
    opportunities: Sequence[Opportunity] = (),
) -> tuple[Recommendation, ...]:
    """Return the three plays that could bring most, over those who come back anyway.

    The range is customers x extra points / 100 x what the median customer who came back spent in
    the horizon; the points are a setting: a scenario, not a forecast. Where `opportunities` say
    what a contact costs and what margin is left, it is that margin, less the cost. A play that can
    bring nothing is no advice; those without a range come last, most revenue first.
    """
    rows = [row for row in table.rows if row.customer_count and row.name in plays]
    costed = [_recommendation(row, plays[row.name], table, extra_points, formats) for row in rows]
    net = {one.segment: one for one in opportunities}
    costed = [_net_of_cost(advice, net.get(advice.segment), formats) for advice in costed]
    by_worth = sorted(
        ((advice, row) for advice, row in zip(costed, rows, strict=True) if _can_pay(advice)),
        key=lambda pair: (
            pair[0].high is not None,
            pair[1].revenue if pair[0].high is None else pair[0].high,
        ),
        reverse=True,
    )
    return tuple(recommendation for recommendation, _ in by_worth[:_RECOMMENDED])


def _can_pay(advice: Recommendation) -> bool:
    return advice.high is None or advice.high > 0


def fill_playbook(
    table: SegmentTable,
    plays: Mapping[str, Play],
    formats: Formats,
    opportunities: Sequence[Opportunity] = (),
) -> tuple[PlaybookCard, ...]:
    """Return one card per segment that has a play and customers, with the figures filled in."""
    found = {one.segment: one for one in opportunities}
    return tuple(
        fill(
            plays[row.name],
            _figures(row, table, formats),
            color=row.color,
            evidence=evidence(row, table, formats),
            contact=_contact_words(found.get(row.name), formats),
        )
        for row in table.rows
        if row.name in plays and row.customer_count
    )


def _contact_words(opportunity: Opportunity | None, formats: Formats) -> str:
    """Say from how many more orders on contacting a segment pays, and what it could bring."""
    if opportunity is None:
        return ""
    cost = formats.money(opportunity.contact_cost)
    points = formats.number(opportunity.break_even_points, 2)
    pays = f"Contacting all of them once costs {cost} and pays from {points} more orders in 100 on"
    if opportunity.net_high <= 0:
        return f"{pays}: more than is supposed, so that it does not pay."
    low, high = (formats.money_short(end) for end in (opportunity.net_low, opportunity.net_high))
    return f"{pays}; it could bring {low} to {high} after its cost."


def evidence(row: SegmentRow, table: SegmentTable, formats: Formats) -> str:
    """Say how many customers of this segment come anyway, with what certainty, and how many did."""
    share, came = row.anyway or row.return_share, row.return_share
    if share is None or table.hold_out_as_of is None:
        return "The history is too short, or the segment too small, to say how many come back."
    day, within = formats.day(table.hold_out_as_of), f"within {table.horizon_days} days"
    interval = f"(95% interval {formats.share(share.low, 0)} to {formats.share(share.high, 0)})"
    if row.anyway and row.anyway != came:
        past = (
            f": of {formats.count(came.customer_count)} such customers on {day}, "
            f"{formats.share(came.value, 0)} did"
            if came
            else ""
        )
        return (
            f"As things were, {formats.share(share.value, 0)} can be expected to order again "
            f"{within} {interval}{past}."
        )
    return (
        f"Of {formats.count(share.customer_count)} such customers on {day}, "
        f"{formats.share(share.value, 0)} ordered again {within} {interval}."
    )


def _recommendation(
    row: SegmentRow,
    play: Play,
    table: SegmentTable,
    extra_points: tuple[float, float],
    formats: Formats,
) -> Recommendation:
    low, high, note = _range(row, table, extra_points, formats)
    if not play.priced:
        low, high, note = None, None, "not priced: the advice is to spend less, not to win more"
    figures = _figures(row, table, formats)
    return Recommendation(
        segment=row.name,
        title=fill_text(play.recommendation, figures),
        whom=(
            f"{formats.count(row.customer_count)} {people(row.name)} "
            f"({formats.share(row.customer_share)})"
        ),
        action=fill_text(play.actions[0], figures),
        why_now=evidence(row, table, formats),
        low=low,
        high=high,
        range_note=note,
        measure=fill_text(play.measure, figures),
        department=play.department,
        file=audience_files(one.name for one in table.rows)[row.name],
    )


def _range(
    row: SegmentRow, table: SegmentTable, extra_points: tuple[float, float], formats: Formats
) -> tuple[Decimal | None, Decimal | None, str]:
    share, each = row.anyway, row.revenue_per_returner
    if share is None or each is None:
        reason = "too few of them came back" if share else "too little history or too few customers"
        return None, None, f"not priced: {reason} to know what more would bring"
    room = 1 - Decimal(str(share.value))
    extra = [min(Decimal(str(points)) / 100, room) for points in extra_points]
    low, high = (row.customer_count * part * each for part in extra)
    few, many = (formats.number(part * 100, 1) for part in extra)
    note = (
        f"if {few} to {many} more in 100 order within {table.horizon_days} days than the "
        f"{formats.share(share.value, 0)} who come anyway, at {formats.money(each)} each (median)"
    )
    return low, high, note


def _net_of_cost(
    advice: Recommendation, opportunity: Opportunity | None, formats: Formats
) -> Recommendation:
    if opportunity is None or advice.high is None:
        return advice
    cost = f"margin less {formats.money(opportunity.contact_cost)} of contact costs"
    return replace(
        advice,
        low=opportunity.net_low,
        high=opportunity.net_high,
        range_note=f"{advice.range_note}; {cost}",
    )


def _figures(row: SegmentRow, table: SegmentTable, formats: Formats) -> dict[str, str]:
    return {
        "customer_count": formats.count(row.customer_count),
        "customer_share": formats.share(row.customer_share),
        "revenue": formats.money_short(row.revenue),
        "revenue_share": formats.share(row.revenue_share),
        "average_order_value": formats.money(row.average_order_value),
        "median_recency_days": formats.number(row.median_recency_days, 0),
        "median_order_count": formats.number(row.median_order_count),
        "median_revenue": formats.money(row.median_revenue),
        "mean_revenue": formats.money(row.mean_revenue),
        "return_share": formats.share(row.anyway.value if row.anyway else None),
        "horizon_days": formats.count(table.horizon_days),
        "revenue_per_returner": formats.money(row.revenue_per_returner),
    }


# --- one function per kind of insight -----------------------------------------------------------


def _top_segment(known: Evidence) -> Insight | None:
    top, total, formats = known.table.rows[0], known.table.total, known.formats
    if not top.customer_count:
        return None
    return Insight(
        key="top_segment",
        headline=(
            f"{formats.share(top.customer_share, 0)} of customers hold "
            f"{formats.share(top.revenue_share, 0)} of revenue."
        ),
        detail=(
            f"{top.name}: {formats.count(top.customer_count)} of "
            f"{formats.count(total.customer_count)} customers, {formats.money_short(top.revenue)} "
            f"of {formats.money_short(total.revenue)}."
        ),
        numbers={
            "customer_count": top.customer_count,
            "customer_share": top.customer_share,
            "revenue": top.revenue,
            "revenue_share": top.revenue_share,
        },
        sample_size=total.customer_count,
        formula="sum of kept line amounts of the segment / sum over all customers",
        worth=top.revenue,
        segment=top.name,
    )


def _gone_quiet(known: Evidence) -> Insight | None:
    row, formats = quiet_segment(known.table), known.formats
    if row is None or row.median_recency_days is None:
        return None
    return Insight(
        key="gone_quiet",
        headline=(
            f"{formats.money_short(row.revenue)} of past revenue sits with "
            f"{formats.count(row.customer_count)} {people(row.name)}."
        ),
        detail=(
            f"Half of them have not ordered for {formats.number(row.median_recency_days, 0)} days "
            f"or more. {evidence(row, known.table, formats)}"
        ),
        numbers={
            "customer_count": row.customer_count,
            "revenue": row.revenue,
            "median_recency_days": row.median_recency_days,
            "return_share": row.anyway.value if row.anyway else "unknown",
        },
        sample_size=row.customer_count,
        formula="sum of kept line amounts and median recency_days of the segment's customers",
        worth=row.revenue,
        segment=row.name,
    )


def _one_order(known: Evidence) -> Insight | None:
    few, total, formats = known.concentration, known.table.total, known.formats
    if not few.one_order_count or not few.two_order_count:
        return None
    once, twice = few.one_order_median_revenue, few.two_order_median_revenue
    share = few.one_order_count / total.customer_count
    return Insight(
        key="one_order",
        headline=f"{formats.share(share, 0)} of customers have bought only once.",
        detail=(
            f"The median of the {formats.count(few.one_order_count)} customers with one order has "
            f"spent {formats.money(once)}, of the {formats.count(few.two_order_count)} with two "
            f"{formats.money(twice)}."
        ),
        numbers={
            "one_order_count": few.one_order_count,
            "customer_share": share,
            "one_order_median_revenue": once,
            "two_order_count": few.two_order_count,
            "two_order_median_revenue": twice,
        },
        sample_size=min(few.one_order_count, few.two_order_count),
        formula="median revenue of the customers with order_count 1, and of those with 2",
        worth=few.one_order_revenue,
    )


def _largest_ten(known: Evidence) -> Insight | None:
    total, formats = known.table.total, known.formats
    if not total.revenue:
        return None
    money = known.concentration.top_ten_revenue
    share = float(money / total.revenue)
    return Insight(
        key="largest_ten",
        headline=f"The ten largest customers bring {formats.share(share, 0)} of revenue.",
        detail=(
            f"{formats.money_short(money)} of {formats.money_short(total.revenue)}; without them "
            f"the period closes at {formats.money_short(total.revenue - money)}."
        ),
        numbers={"revenue": money, "revenue_share": share},
        sample_size=total.customer_count,
        formula="revenue of the ten customers with most revenue / revenue of all",
        worth=money,
    )


def _month_change(known: Evidence) -> Insight | None:
    complete = [month for month in known.months if month.complete]
    if len(complete) < 2 or not can_compare(complete[-1], complete[-2]):  # noqa: PLR2004
        return None
    last, before, formats = complete[-1], complete[-2], known.formats
    orders = last.order_count / before.order_count - 1
    value = float(_order_value(last) / _order_value(before)) - 1
    month, earlier = formats.month(last.first_day), formats.month(before.first_day)
    return Insight(
        key="month_change",
        headline=(
            f"{_moved(orders if orders_changed(last, before) else 0, 'orders')}, "
            f"{_moved(value if order_value_changed(last, before) else 0, 'baskets')} in {month}."
        ),
        detail=(
            f"{formats.count(last.order_count)} orders ({formats.relative_change(orders)} on "
            f"{earlier}) at {formats.money(_order_value(last))} "
            f"({formats.relative_change(value)}): revenue {formats.money_short(last.revenue)} "
            f"after {formats.money_short(before.revenue)}."
        ),
        numbers={
            "order_count": last.order_count,
            "previous_order_count": before.order_count,
            "average_order_value": _order_value(last),
            "previous_average_order_value": _order_value(before),
            "revenue": last.revenue,
            "previous_revenue": before.revenue,
        },
        sample_size=min(last.customer_count, before.customer_count),
        formula="orders x revenue per order, last complete month against the one before",
        worth=abs(last.revenue - before.revenue),
    )


def _same_month_last_year(known: Evidence) -> Insight | None:
    complete = {month.first_day: month for month in known.months if month.complete}
    if not complete:
        return None
    last = complete[max(complete)]
    before = complete.get(last.first_day.replace(year=last.first_day.year - 1))
    if before is None or not can_compare(last, before) or not revenue_changed(last, before):
        return None
    formats = known.formats
    change = float((last.revenue - before.revenue) / before.revenue)
    return Insight(
        key="year_change",
        headline=(
            f"{formats.month(last.first_day)} brought {formats.relative_change(change)} on the "
            "same month a year before."
        ),
        detail=f"{formats.money_short(last.revenue)} after {formats.money_short(before.revenue)}.",
        numbers={"revenue": last.revenue, "revenue_a_year_before": before.revenue},
        sample_size=min(last.customer_count, before.customer_count),
        formula="revenue of the last complete month / revenue of the same month a year before - 1",
        worth=abs(last.revenue - before.revenue),
    )


def _unattributed(known: Evidence) -> Insight | None:
    row = _excluded(known.audit, "missing_customer")
    if row is None or row.amount <= 0:
        return None
    formats = known.formats
    share = float(row.amount / known.audit.amount_in_time)
    return Insight(
        key="unattributed",
        headline=f"{formats.money_short(row.amount)} of sales has no customer to thank.",
        detail=(
            f"{formats.count(row.line_count)} lines carry no customer: {formats.share(share)} of "
            f"{formats.money_short(known.audit.amount_in_time)} is outside every segment."
        ),
        numbers={
            "amount": row.amount,
            "line_count": row.line_count,
            "order_count": row.order_count,
            "share": share,
        },
        sample_size=row.line_count,
        formula="amount of lines without customer / amount of all lines before the as-of date",
        worth=row.amount,
    )


def _cancelled(known: Evidence) -> Insight | None:
    row = _excluded(known.audit, "cancellation")
    if row is None or row.amount >= 0 or not known.audit.kept.amount:
        return None
    formats = known.formats
    share = float(-row.amount / known.audit.kept.amount)
    return Insight(
        key="cancelled",
        headline=f"Cancellations came to {formats.money_short(-row.amount)}.",
        detail=(
            f"{formats.count(row.order_count)} cancelled orders, {formats.share(share)} of "
            "analysed revenue; they are left out of it, not subtracted."
        ),
        numbers={"amount": row.amount, "order_count": row.order_count, "share": share},
        sample_size=row.order_count,
        formula="amount of cancellations by known customers / analysed revenue",
        worth=-row.amount,
    )


def _reversed(known: Evidence) -> Insight | None:
    found = next((f for f in known.findings if f.key == "reversed"), None)
    if found is None or not found.order_count or not found.amount:
        return None
    formats = known.formats
    share = float(found.amount / known.table.total.revenue)
    return Insight(
        key="reversed",
        headline=f"{formats.money_short(found.amount)} of the revenue was cancelled in full.",
        detail=(
            f"{formats.count(found.order_count)} analysed orders ({formats.share(share)} of "
            "revenue) have a cancellation by the same customer for the same amount, and still "
            "count; --net-returns takes them out."
        ),
        numbers={"amount": found.amount, "order_count": found.order_count, "share": share},
        sample_size=found.order_count,
        formula="kept orders with a cancellation of equal amount by the same customer, one to one",
        worth=found.amount,
    )


def _segments_hold(known: Evidence) -> Insight | None:
    table, formats = known.table, known.formats
    rows = [row for row in table.rows if row.return_share is not None]
    if len(rows) < 2 or table.hold_out_as_of is None:  # noqa: PLR2004  a comparison needs two
        return None
    best, worst = rows[0], rows[-1]
    first, last = best.return_share, worst.return_share
    if first is None or last is None or first.low <= last.high:
        return None
    return Insight(
        key="segments_hold",
        headline=(
            f"{people(best.name)} come back: {formats.share(first.value, 0)} did within "
            f"{table.horizon_days} days, against {formats.share(last.value, 0)} of "
            f"{people(worst.name)}."
        ),
        detail=(
            f"Segments as of {formats.day(table.hold_out_as_of)}, orders since; 95% intervals "
            f"{formats.share(first.low, 0)} to {formats.share(first.high, 0)} and "
            f"{formats.share(last.low, 0)} to {formats.share(last.high, 0)}."
        ),
        numbers={
            "best_share": first.value,
            "best_customer_count": first.customer_count,
            "worst_share": last.value,
            "worst_customer_count": last.customer_count,
        },
        sample_size=min(first.customer_count, last.customer_count),
        formula="customers of the segment with an order in the horizon / customers of the segment",
        worth=best.revenue * Decimal(str(first.value - last.value)),
        segment=best.name,
    )


def _slipped(known: Evidence) -> Insight | None:
    movement, formats = known.movement, known.formats
    if movement is None or not movement.slipped_count:
        return None
    day = formats.day(movement.before_as_of)
    tops = set(movement.top_segments)
    before = sum(flow.customer_count for flow in movement.flows if flow.before in tops)
    count, revenue = movement.slipped_count, movement.slipped_revenue
    return Insight(
        key="slipped",
        headline=(
            f"{formats.count(count)} good customers slipped since {day}: "
            f"{formats.money_short(revenue)} of past spend."
        ),
        detail=(
            f"Of {formats.count(before)} in the top {len(tops)} segments, "
            f"{formats.share(count / before)} are in a lower one now and have not ordered since; "
            f"{SLIPPED_FILE} has them, most spend first."
        ),
        numbers={
            "customer_count": count,
            "revenue": revenue,
            "top_customer_count": before,
            "customer_share": count / before,
        },
        sample_size=count,
        formula=(
            "customers of the top segments on the earlier date, now in a lower one and without an "
            "order since, same cuts; revenue: all they have spent"
        ),
        worth=revenue,
    )


def _softest_choice(known: Evidence) -> Insight | None:
    """Tell the rule that moves the top segment's share most; leaving the largest out is no rule."""
    rows = [row for row in known.sensitivity if row.customer_count >= FEWEST_CUSTOMERS]
    if not rows or rows[0] != known.sensitivity[0]:
        return None
    reported = next((row for row in rows if row.key == NEW_CUTS), rows[0])
    formats, top = known.formats, known.table.rows[0]
    rules = [row for row in rows[1:] if row.key not in {"wholesalers", NEW_CUTS}]
    shifts = {row.key: row.top_revenue_share - reported.top_revenue_share for row in rules}
    most = max(rules, key=lambda row: abs(shifts[row.key]), default=None)
    if most is None or abs(shifts[most.key]) < _LEAST_SHIFT:
        return None
    shift = shifts[most.key]
    return Insight(
        key="softest_choice",
        headline=(
            f"One rule moves {top.name}'s share of revenue by "
            f"{formats.number(abs(shift) * 100)} points."
        ),
        detail=(
            f"{most.choice}: {formats.share(most.top_revenue_share)} of revenue instead of "
            f"{formats.share(reported.top_revenue_share)}, held by "
            f"{formats.count(most.top_customer_count)} customers instead of "
            f"{formats.count(reported.top_customer_count)}."
        ),
        numbers={
            "choice": most.key,
            "revenue_share": most.top_revenue_share,
            "reported_revenue_share": reported.top_revenue_share,
            "top_customer_count": most.top_customer_count,
            "reported_top_customer_count": reported.top_customer_count,
        },
        sample_size=min(most.customer_count, reported.customer_count),
        formula="revenue of the top segment / all revenue under the rule, cuts fitted anew",
        worth=abs(Decimal(str(shift))) * reported.revenue,
        segment=top.name,
    )


def _turning_cold(known: Evidence) -> Insight | None:
    clock, formats = known.second_orders, known.formats
    if clock is None or clock.turning is None or not clock.cold_after_days:
        return None
    then, now = clock.days[clock.cold_after_days].chance, clock.days[0].chance
    turning = clock.turning
    if then is None or now is None or then.high >= now.low:
        return None
    return Insight(
        key="turning_cold",
        headline=(
            f"{formats.count(turning.customer_count)} one-order customers go cold by "
            f"{formats.day(clock.turning_until)}."
        ),
        detail=(
            f"{formats.count(clock.cold_after_days)} days after a first order without a second, "
            f"{formats.share(then.value)} order within the next {clock.horizon_days} days (95% "
            f"interval {formats.share(then.low)} to {formats.share(then.high)}); on the day of the "
            f"first it is {formats.share(now.value)}. They have brought "
            f"{formats.money_short(turning.revenue)}."
        ),
        numbers={
            "customer_count": turning.customer_count,
            "revenue": turning.revenue,
            "cold_after_days": clock.cold_after_days,
            "chance": then.value,
            "chance_at_first": now.value,
        },
        sample_size=turning.customer_count,
        formula=(
            "customers with one order whose day of falling below the chance lies in the month from "
            "the report's date; Kaplan-Meier estimate of the days to the second order"
        ),
        worth=turning.revenue,
    )


def _to_come(known: Evidence) -> Insight | None:
    """Tell what today's customers will bring, where the way of saying so held on the past."""
    if known.worth is None or not known.worth.outlooks:
        return None
    outlook, formats = known.worth.outlooks[0], known.formats
    trial = next((one for one in known.worth.trials if one.is_basis_of(known.worth)), None)
    revenue = outlook.total.revenue
    if trial is None or revenue is None or trial.order_error is None:
        return None
    errors = [abs(error) for error in (trial.order_error, trial.revenue_error) if error is not None]
    if max(errors) > _WORST_ERROR:
        return None
    whom, told = _told_of(outlook, known)
    basis = known.worth.model or "extrapolated, not modelled"
    return Insight(
        key="to_come",
        headline=(
            f"{whom} can be expected to bring {formats.money_short(revenue.low)} to "
            f"{formats.money_short(revenue.high)} in the next {formats.count(outlook.days)} days."
        ),
        detail=(
            f"Most likely {formats.money_short(revenue.value)} from {told} customers ({basis}; new "
            f"customers not counted). Said of the {formats.count(trial.days)} days from "
            f"{formats.day(trial.as_of)} it was off by {formats.share(max(errors), 0)}: the range "
            "allows for that."
        ),
        numbers={
            "revenue": revenue.value,
            "revenue_low": revenue.low,
            "revenue_high": revenue.high,
            "days": outlook.days,
            "hold_out_error": max(errors),
        },
        sample_size=outlook.total.customer_count,
        formula="sum over segments of customers x expected revenue per customer in the days ahead",
        worth=Decimal(str(round(revenue.low, 2))),
    )


def _told_of(outlook: Outlook, known: Evidence) -> tuple[str, str]:
    """Say of whom something is foretold, and how many they are: not always all."""
    told = known.formats.count(outlook.total.customer_count)
    if not outlook.untold_count:
        return "Today's customers", told
    of_all = f"{told} of {known.formats.count(known.table.total.customer_count)}"
    return f"{of_all} customers", of_all


def _best_seller(known: Evidence) -> Insight | None:
    """Name the product that sells most, of those that enough customers bought."""
    sales = known.sells.products if known.sells else None
    best = sales.favourite if sales else None
    if sales is None or best is None:
        return None
    formats = known.formats
    first = best.revenue_rank == 1
    of_what = "" if first else f"Of products with {FEWEST_CUSTOMERS} or more buyers, "
    return Insight(
        key="best_seller",
        headline=(
            f"{of_what}{best.name} sells most: {formats.money_short(best.revenue)}, "
            f"{formats.share(best.revenue_share)} of {sales.whole}."
        ),
        detail=(
            f"{formats.count(best.customer_count)} customers bought it in "
            f"{formats.count(best.order_count)} orders, first on "
            f"{formats.day(best.first_sold_on)}."
        ),
        numbers={
            "revenue": best.revenue,
            "share": best.revenue_share,
            "customer_count": best.customer_count,
            "order_count": best.order_count,
            "product_code": best.code,
        },
        sample_size=best.customer_count,
        formula="revenue of the product / revenue of all purchases that name a product",
        worth=best.revenue,
    )


def _fast_launch(known: Evidence) -> Insight | None:
    """Name the launch that finds customers clearly faster than three quarters of earlier ones."""
    launches = known.sells.launches if known.sells else None
    faster = [one for one in launches.shown if one.verdict == "faster"] if launches else []
    if not launches or not faster:
        return None
    best, formats = max(faster, key=lambda one: one.revenue), known.formats
    assert best.earlier_pace  # noqa: S101  nothing is faster than nothing
    return Insight(
        key="fast_launch",
        headline=(
            f"{best.name}, new since {formats.day(best.first_sold_on)}, finds customers "
            "faster than three in four earlier launches."
        ),
        detail=(
            f"{formats.count(best.customer_count)} customers in {best.weeks} weeks: "
            f"{formats.number(best.pace)} per thousand orders of the shop, against "
            f"{formats.number(best.earlier_pace[2])} for the upper quartile of "
            f"{formats.count(launches.earlier_count)} earlier launches at that age; "
            f"{formats.money(best.revenue)} so far."
        ),
        numbers={
            "customer_count": best.customer_count,
            "weeks": best.weeks,
            "pace": best.pace,
            "pace_low": best.pace_low,
            "upper_quartile": best.earlier_pace[2],
            "revenue": best.revenue,
            "product_code": best.code,
        },
        sample_size=best.customer_count,
        formula="customers since the launch / orders of the shop since the launch x 1000",
        worth=best.revenue,
    )


_FINDERS: Mapping[str, tuple[Callable[[Evidence], Insight | None], ...]] = {
    "on whom it hangs": (_top_segment, _largest_ten),
    "who is leaving": (_gone_quiet, _slipped),
    "who comes back": (_segments_hold, _one_order, _turning_cold),
    "the last month": (_month_change, _same_month_last_year),
    "what sells and what is to come": (_best_seller, _fast_launch, _to_come),
    "what the figures rest on": (_unattributed, _cancelled, _reversed, _softest_choice),
}
"""The sentences by topic."""


def _excluded(audit: Audit, key: str) -> AuditRow | None:
    return next((row for row in audit.excluded if row.exclusion == key), None)


def _order_value(month: Month) -> Decimal:
    return month.revenue / month.order_count


def _moved(change: float, what: str) -> str:
    words = {"orders": ("More", "Fewer", "As many"), "baskets": ("larger", "smaller", "same-sized")}
    more, less, same = words[what]
    if abs(change) < _LEAST_CHANGE:
        return f"{same} {what}"
    return f"{more if change > 0 else less} {what}"
