"""Literal rows of a report for the tests of what it says: segments, months, an audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from example_report import example_report

from rfmreport.customers.segments import load_scheme
from rfmreport.formats import Formats
from rfmreport.models.intervals import wilson_interval
from rfmreport.sections.advice.plays import load_playbook
from rfmreport.sections.concentration.figures import Concentration
from rfmreport.sections.hold.figures import HoldOut, HoldOutRow
from rfmreport.sections.segments.figures import Past, Snapshot
from rfmreport.sections.segments.measure import segment_table, with_past
from rfmreport.sections.when.figures import Month
from rfmreport.source.audit import Audit, AuditRow
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.segments.figures import SegmentTable
    from rfmreport.sections.worth.figures import Response

FORMATS = Formats("en_GB", "GBP")
SCHEME = load_scheme("five")
PLAYS = load_playbook("five", SCHEME)
HIGH, LOYAL, POTENTIAL, RISK, LOST = (segment.name for segment in SCHEME.segments)
HOLD_OUT = date(2024, 4, 3)


def figures_of(
    name: str | None, customers: int, revenue: str, orders: int, days: float | None = 10
) -> dict[str, Any]:
    """Return the figures of one segment; medians are made up."""
    counted = {"customer_count": customers, "revenue": Decimal(revenue), "order_count": orders}
    medians = {"recency_days": days, "order_count": 2.0, "revenue": 50.0} if customers else {}
    return {"segment": name, **counted, **{f"median_{key}": n for key, n in medians.items()}}


FIGURES = (
    figures_of(HIGH, 100, "60000", 800, 9),
    figures_of(LOYAL, 80, "15000", 300, 35),
    figures_of(POTENTIAL, 120, "8000", 180, 30),
    figures_of(RISK, 60, "14000", 200, 140),
    figures_of(LOST, 40, "3000", 50, 250),
)
TOTAL = figures_of(None, 400, "100000", 1530, 40)
NO_PAST = Past((), None, 90)


def hold_out_row(name: str, customers: int, returned: int, spent: int) -> HoldOutRow:
    """Return how many of a segment's customers came back, and what the median one spent."""
    low, high = wilson_interval(returned, customers)
    share = Estimate(returned / customers, low, high, customers)
    mean = Estimate(float(spent), spent * 0.9, spent * 1.1, customers)
    return HoldOutRow(name, customers, returned, share, mean, Decimal(spent))


PAST = Past(
    snapshots=(
        Snapshot(
            date(2024, 6, 1),
            {HIGH: 90, LOYAL: 85, RISK: 50},
            {HIGH: Decimal(45000), LOYAL: Decimal(30000), RISK: Decimal(15000)},
        ),
    ),
    hold_out=HoldOut(
        HOLD_OUT,
        (
            hold_out_row(HIGH, 80, 72, 500),
            hold_out_row(LOYAL, 70, 49, 200),
            hold_out_row(POTENTIAL, 100, 29, 90),  # one too few came back
            hold_out_row(RISK, 50, 30, 300),
            hold_out_row(LOST, 29, 10, 80),  # one too few were there
        ),
    ),
    horizon_days=90,
)


def table_of(
    figures: tuple[dict[str, Any], ...] = FIGURES,
    total: dict[str, Any] = TOTAL,
    past: Past = PAST,
    response: Response | None = None,
) -> SegmentTable:
    """Return the segment table of the five segments."""
    table = segment_table((*figures, total), SCHEME, past.horizon_days)
    return with_past(table, past, response)


def month_of(first_day: str, revenue: str, orders: int, **more: Any) -> Month:
    """Return a complete month; each order is another customer's, half of them known before."""
    plain = {
        "complete": True,
        "customer_count": orders,
        "returning_customer_count": orders // 2,
        "square_sum": float(revenue) ** 2 / orders if orders else 0.0,  # all alike
    }
    return Month(
        date.fromisoformat(f"{first_day}-01"),
        revenue=Decimal(revenue),
        order_count=orders,
        **(plain | more),
    )


def audit_row(key: str | None, lines: int, orders: int, amount: str) -> AuditRow:
    return AuditRow(key, key or "Analysed", lines, orders, Decimal(amount))


AUDIT = Audit(
    read=audit_row(None, 5000, 1900, "108000"),
    excluded=(
        audit_row("missing_customer", 700, 250, "12500"),
        audit_row("cancellation", 120, 60, "-4500"),
    ),
    kept=audit_row(None, 4180, 1590, "100000"),
)
CONCENTRATION = Concentration(Decimal(25000), 140, Decimal(9800), Decimal(70), 60, Decimal(120))
MONTHS = (
    month_of("2023-05", "8000", 130),
    month_of("2024-03", "9000", 150),
    month_of("2024-04", "10000", 200),
    month_of("2024-05", "12000", 300),
    month_of("2024-06", "99", 3, complete=False),
)


def evidence_of(**changed: Any) -> Report:
    """Return the report of a shop about which everything can be said, or with changes."""
    plain = {
        "segments": table_of(),
        "months": MONTHS,
        "concentration": CONCENTRATION,
        "audit": AUDIT,
        "findings": (),
    }
    return replace(example_report(), **(plain | changed))
