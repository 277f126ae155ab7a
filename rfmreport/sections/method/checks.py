"""Checks: what was done to find out whether the report can be trusted, and how each came out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.customers.ruler import verdict_of, worst_drift
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import RhythmTrial

Verdict = Literal["holds", "soft", "fails"]
_WORST_ERROR = 0.1
_LEAST_HELD = 0.85
_LEAST_SHIFT = 0.02
_NAMED = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was asked, how it came out, and the figures that say so.

    "soft": not wrong, but a reader must know how far it can move.
    """

    name: str
    verdict: Verdict
    evidence: str


def checks_of(report: Report, formats: Formats) -> tuple[Check, ...]:
    """Return every check that these data allow."""
    found = (check(report, formats) for check in _CHECKS)
    return tuple(check for check in found if check is not None)


def check_words(checks: Sequence[Check], formats: Formats) -> str:
    """Say how many checks hold, and which do not."""
    held, soft, failed = (
        [check.name for check in checks if check.verdict == verdict]
        for verdict in ("holds", "soft", "fails")
    )
    words = f"{formats.count(len(held))} of {formats.count(len(checks))} checks hold"
    if failed:
        words += f"; {_listed(failed)} {'fails' if len(failed) == 1 else 'fail'}"
    elif not soft:
        return f"Each of the {formats.count(len(checks))} checks holds"
    else:
        words += " and none fails"
    return f"{words}; read with care: {_listed(soft)}" if soft else words


def _listed(names: Sequence[str]) -> str:
    """Write the names as a list, of many the first ones: "a, b and 3 more"."""
    lowered = [name[:1].lower() + name[1:] for name in names]
    if len(lowered) > _NAMED + 1:
        lowered[_NAMED:] = [f"{len(lowered) - _NAMED} more"]
    return " and ".join(filter(None, (", ".join(lowered[:-1]), lowered[-1])))


def _account(report: Report, formats: Formats) -> Check:
    audit = report.audit
    lines = sum(row.line_count for row in audit.excluded)
    amount = sum((row.amount for row in audit.excluded), audit.kept.amount)
    adds_up = audit.kept.line_count + lines == audit.read.line_count
    adds_up = adds_up and amount == audit.read.amount
    evidence = (
        f"{formats.count(audit.read.line_count)} lines read = "
        f"{formats.count(audit.kept.line_count)} kept + {formats.count(lines)} left out; the money "
        f"{'too, to the cent' if adds_up else 'does not add up'}"
    )
    return Check("Account of every line", "holds" if adds_up else "fails", evidence)


def _segments(report: Report, formats: Formats) -> Check:
    parts = sum((row.revenue for row in report.segments.rows), start=report.segments.total.revenue)
    adds_up = parts == 2 * report.segments.total.revenue
    adds_up = adds_up and report.segments.total.revenue == report.audit.kept.amount
    evidence = (
        "the segments’ revenue adds up to the total, "
        f"{formats.money(report.audit.kept.amount, 2)}, and that is what was kept"
    )
    if not adds_up:
        evidence = (
            f"segments {formats.money(parts - report.segments.total.revenue, 2)}, total "
            f"{formats.money(report.segments.total.revenue, 2)}, kept "
            f"{formats.money(report.audit.kept.amount, 2)}"
        )
    return Check("Sum of the segments", "holds" if adds_up else "fails", evidence)


def _order(report: Report, formats: Formats) -> Check | None:
    holding = report.holding
    pairs = [p for p in holding.neighbours if p.verdict != "too few"] if holding else []
    if holding is None or not holding.hold_outs or not pairs:
        return None
    wrong, unclear = (
        [pair for pair in pairs if pair.verdict == verdict]
        for verdict in ("wrong order", "unclear")
    )
    day = formats.day(holding.hold_outs[0].as_of)
    named = " · ".join(f"{pair.better} / {pair.worse}" for pair in (wrong or unclear)[:2])
    words = f"{formats.count(len(pairs) - len(wrong) - len(unclear))} of {len(pairs)} neighbours"
    evidence = f"{words} came back in their order after {day}"
    if named:
        evidence += f"; {'against it' if wrong else 'cannot be told apart'}: {named}"
    return Check(
        "Order of the segments", "fails" if wrong else "soft" if unclear else "holds", evidence
    )


def _ruler(report: Report, formats: Formats) -> Check | None:
    ruler = report.ruler
    drift = worst_drift(ruler) if ruler else None
    if ruler is None or drift is None or not ruler.fitted_as_of:
        return None
    verdict = verdict_of(drift, ruler)
    if verdict == "too few customers":
        return None
    evidence = (
        f"cuts of {formats.day(ruler.fitted_as_of)}: largest stability index "
        f"{formats.number(drift.stability_index, 2)}, {verdict}"
    )
    fits = verdict in {"stable", "within chance"}
    return Check("Ruler from month to month", "holds" if fits else "soft", evidence)


def _choices(report: Report, formats: Formats) -> Check | None:
    rows = [row for row in report.sensitivity if row.customer_count >= FEWEST_CUSTOMERS]
    if len(rows) < 2 or rows[0] != report.sensitivity[0]:  # noqa: PLR2004  a comparison needs two
        return None
    reference = next((row for row in rows if row.key == NEW_CUTS), rows[0])
    others = [row for row in rows[1:] if row is not reference]
    most = max(
        others,
        key=lambda row: abs(row.top_revenue_share - reference.top_revenue_share),
        default=None,
    )
    if most is None:
        return None
    shift = most.top_revenue_share - reference.top_revenue_share
    evidence = (
        f"{report.segments.rows[0].name} holds {formats.share(reference.top_revenue_share)} of "
        f"revenue; the choice that moves it most, {formats.points_change(shift)}: {most.choice}"
    )
    is_steady = abs(shift) < _LEAST_SHIFT
    return Check("Choices made otherwise", "holds" if is_steady else "soft", evidence)


def _chances(report: Report, formats: Formats) -> Check | None:
    response = report.worth.response if report.worth else None
    if response is None or response.checked is None or response.is_in_sample:
        return None
    checked = response.checked
    inside = response.right_group_count
    evidence = (
        f"of {formats.count(checked.observed.customer_count)} customers on "
        f"{formats.day(response.checked_on)} {formats.share(checked.predicted, 0)} were said to "
        f"order and {formats.share(checked.observed.value, 0)} did; "
        f"{formats.count(inside)} of {formats.count(len(response.groups))} groups within chance"
    )
    verdict: Verdict = "holds" if inside == len(response.groups) else "soft"
    if response.has_failed:
        verdict = "fails"
    return Check("Chances to order", verdict, evidence)


def _forecast(report: Report, formats: Formats) -> Check | None:
    """Judge the forecast by how far it was off on the past, and whether its ranges held."""
    total = report.forecast.ahead if report.forecast else None
    record = total.revenue_record if total else None
    if total is None or record is None:
        return None
    error, held = math.expm1(record.error), record.held_count / record.tried_count
    evidence = (
        f"said on {formats.count(record.tried_count)} past dates of the next "
        f"{formats.count(total.days)} days, half were off by {formats.share(error, 0)} or less "
        f"(up to {formats.share(_WORST_ERROR, 0)} holds), and {formats.share(held, 0)} of the "
        "ranges held"
    )
    if total.disagree:
        evidence += "; pace and season differ by more than half"
    holds = error <= _WORST_ERROR and held >= _LEAST_HELD and not total.disagree
    return Check("What is to come", "holds" if holds else "soft", evidence)


def _overdue(report: Report, formats: Formats) -> Check | None:
    figures = report.department_figures
    trial = figures.rhythm.trial if figures.rhythm else None
    if trial is None:
        return None
    return Check("Rule for overdue customers", _overdue_verdict(trial), trial.outcome.told(formats))


def _overdue_verdict(trial: RhythmTrial) -> Verdict:
    if trial.tells_more:
        return "holds"
    return "fails" if trial.difference.low > 0 else "soft"


def _history(report: Report, formats: Formats) -> Check | None:
    movement = report.movement
    if movement is None or not movement.restated_from:
        return None
    count = sum(abs(bridge.restated) for bridge in movement.bridges)
    evidence = (
        f"{formats.count(count)} customers stand elsewhere on {formats.day(movement.before_as_of)} "
        f"than {movement.restated_from} said"
    )
    return Check("History not restated", "soft" if count else "holds", evidence)


_CHECKS = (
    _account,
    _segments,
    _order,
    _chances,
    _overdue,
    _forecast,
    _choices,
    _ruler,
    _history,
)
