"""What is claimed of customers: on whom it hangs, who is leaving, and who comes back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.kit.audience_files import SLIPPED_FILE
from rfmreport.kit.sentences import Claim, facts, people
from rfmreport.sections.hold.figures import what_tells
from rfmreport.sections.segments.figures import comes_anyway
from rfmreport.sections.summary.summary import is_told, quiet_segment

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.hold.figures import Holding

_LEAST_HELD = Decimal("0.05")


def top_segment(report: Report) -> Claim | None:
    """Tell how much the top segment holds."""
    top, total = report.segments.rows[0], report.segments.total
    if not is_told(top):
        return None
    return Claim(
        "{customer_share:percent} of customers hold {revenue_share:percent} of revenue.",
        "{name}: {customer_count:count} of {all:count} customers, {revenue:money_short} of "
        "{whole:money_short}.",
        numbers=facts(top, "customer_count", "customer_share", "revenue", "revenue_share"),
        named={"name": top.name, "all": total.customer_count, "whole": total.revenue},
        sample_size=total.customer_count,
        formula="sum of kept line amounts of the segment / sum over all customers",
        worth=top.revenue,
        segment=top.name,
    )


def largest_ten(report: Report) -> Claim | None:
    """Tell how much hangs on the ten largest customers."""
    total, few = report.segments.total, report.concentration
    if few is None or not total.revenue:
        return None
    money = few.top_ten_revenue
    if money < _LEAST_HELD * total.revenue:
        return None
    return Claim(
        "The ten largest customers bring {revenue_share:percent} of revenue.",
        "{revenue:money_short} of {whole:money_short}; without them the period closes at "
        "{rest:money_short}.",
        numbers={"revenue": money, "revenue_share": float(money / total.revenue)},
        named={"whole": total.revenue, "rest": total.revenue - money},
        sample_size=total.customer_count,
        formula="revenue of the ten customers with most revenue / revenue of all",
        worth=money,
    )


def gone_quiet(report: Report) -> Claim | None:
    """Tell which segment has gone quiet, and how many of it come back."""
    row = quiet_segment(report.segments)
    if row is None or row.median_recency_days is None:
        return None
    return Claim(
        "{revenue:money_short} of past revenue sits with {customer_count:count} {people}.",
        "Half of them have not ordered for {median_recency_days:count} days or more. {evidence}",
        numbers={
            **facts(row, "customer_count", "revenue", "median_recency_days"),
            "return_share": row.anyway.value if row.anyway else "unknown",
        },
        named={"people": people(row.name), "evidence": comes_anyway(row, report.segments)},
        sample_size=row.customer_count,
        formula="sum of kept line amounts and median recency_days of the segment's customers",
        worth=row.revenue,
        segment=row.name,
    )


def slipped(report: Report) -> Claim | None:
    """Tell who slipped from the top segments."""
    movement = report.movement
    if movement is None or not movement.slipped_count:
        return None
    tops = movement.top_segments
    before = sum(flow.customer_count for flow in movement.flows if flow.before in tops)
    return Claim(
        "{customer_count:count} good customers slipped since {day:day}: {revenue:money_short} "
        "of past spend.",
        "Of {top_customer_count:count} in the top {segments} segments, {customer_share:share} "
        "are in a lower one now and overdue by their own rhythm; {file} has them.",
        numbers={
            "customer_count": movement.slipped_count,
            "revenue": movement.slipped_revenue,
            "top_customer_count": before,
            "customer_share": movement.slipped_count / before,
        },
        named={"day": movement.before_as_of, "segments": len(tops), "file": SLIPPED_FILE},
        sample_size=movement.slipped_count,
        formula=(
            "customers of the top segments on the earlier date, now in a lower one, without an "
            "order since and overdue by their own gaps, same cuts; revenue: all they have spent"
        ),
        worth=movement.slipped_revenue,
    )


def segments_hold(report: Report) -> Claim | None:
    """Tell how much more of the best segment come back than of the last, or that none does."""
    if report.holding and report.holding.verdict == "did not hold":
        return _fails(report.holding)
    table = report.segments
    rows = [row for row in table.rows if row.return_share is not None]
    if len(rows) < 2 or table.hold_out_as_of is None:  # noqa: PLR2004  a comparison needs two
        return None
    best, worst = rows[0], rows[-1]
    first, last = best.return_share, worst.return_share
    if first is None or last is None or first.low <= last.high:
        return None
    return Claim(
        "{best} come back: {best_share:percent} did within {days} days, against "
        "{worst_share:percent} of {worst}.",
        "Segments as of {day:day}, orders since; 95% intervals {best_low:percent} to "
        "{best_high:percent} and {worst_low:percent} to {worst_high:percent}.",
        numbers={
            "best_share": first.value,
            "best_customer_count": first.customer_count,
            "worst_share": last.value,
            "worst_customer_count": last.customer_count,
        },
        named={
            "best": people(best.name), "worst": people(worst.name),
            "days": table.horizon_days, "day": table.hold_out_as_of,
            "best_low": first.low, "best_high": first.high,
            "worst_low": last.low, "worst_high": last.high,
        },
        sample_size=min(first.customer_count, last.customer_count),
        formula="customers of the segment with an order in the horizon / customers of the segment",
        worth=best.revenue * Decimal(str(first.value - last.value)),
        segment=best.name,
    )  # fmt: skip


def _fails(holding: Holding) -> Claim:
    latest, pairs = holding.hold_outs[0], holding.neighbours
    own = holding.trials[0].rank_quality if holding.trials else None
    return Claim(
        "The segments did not hold: no advice is given by them.",
        "As of {day:day}, none of {pair_count:count} neighbouring segments came back clearly more "
        "than the next within {days} days. {telling}",
        numbers={"pair_count": len(pairs), "rank_quality": "unknown" if own is None else own},
        named={
            "day": latest.as_of,
            "days": holding.horizon_days,
            "telling": what_tells(holding),
        },
        sample_size=sum(row.customer_count for row in latest.rows),
        formula="share that came back, less that of the next segment: no interval above zero",
        worth=Decimal(0),
    )


def one_order(report: Report) -> Claim | None:
    """Tell how many bought only once, and what a second order goes with."""
    few = report.concentration
    if few is None or not few.one_order_count or not few.two_order_count:
        return None
    return Claim(
        "{customer_share:percent} of customers have bought only once.",
        "The median of the {one_order_count:count} customers with one order has spent "
        "{one_order_median_revenue:money}, of the {two_order_count:count} with two "
        "{two_order_median_revenue:money}.",
        numbers={
            "one_order_count": few.one_order_count,
            "customer_share": few.one_order_count / report.segments.total.customer_count,
            **facts(few, "one_order_median_revenue", "two_order_count", "two_order_median_revenue"),
        },
        sample_size=min(few.one_order_count, few.two_order_count),
        formula="median revenue of the customers with order_count 1, and of those with 2",
        worth=few.one_order_revenue,
    )


def turning_cold(report: Report) -> Claim | None:
    """Tell who has ordered once and will soon be cold."""
    clock = report.loyalty.second_orders if report.loyalty else None
    if clock is None or clock.turning is None or not clock.cold_after_days:
        return None
    then, now = clock.days[clock.cold_after_days].chance, clock.days[0].chance
    turning = clock.turning
    if then is None or now is None or then.high >= now.low:
        return None
    return Claim(
        "{customer_count:count} one-order customers go cold by {until:day}.",
        "{cold_after_days:count} days after a first order without a second, {chance:share} "
        "order within the next {days} days (95% interval {low:share} to {high:share}); on the "
        "day of the first it is {chance_at_first:share}. They have brought "
        "{revenue:money_short}.",
        numbers={
            **facts(turning, "customer_count", "revenue"),
            "cold_after_days": clock.cold_after_days,
            "chance": then.value,
            "chance_at_first": now.value,
        },
        named={
            "until": clock.turning_until, "days": clock.horizon_days,
            "low": then.low, "high": then.high,
        },
        sample_size=turning.customer_count,
        formula=(
            "customers with one order whose day of falling below the chance lies in the month from "
            "the report's date; Kaplan-Meier estimate of the days to the second order"
        ),
        worth=turning.revenue,
    )  # fmt: skip
