"""What the commands print: progress, results as text and as JSON, and the one line of an error."""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rfmreport.cli.monthly import MonthPlan
    from rfmreport.cli.options import Call
    from rfmreport.errors import RfmReportError
    from rfmreport.formats import Formats
    from rfmreport.mail.deliveries import Outcome
    from rfmreport.pipeline import BuildResult
    from rfmreport.report import Report
    from rfmreport.source.orders import CleanOrders
    from rfmreport.vocabulary import Finding

_SHOW_PROGRESS_AFTER_SECONDS = 0.3
_LABEL_WIDTH = 44
_FOLDERS = {
    "data": "data files",
    "audiences": "audiences",
    "departments": "department pages",
    "email": "e-mails",
}


class Progress:
    """One line on stderr that says which stage is running, once a build takes a moment."""

    def __init__(self, call: Call) -> None:
        """Begin to count the seconds; only a terminal is shown them."""
        self._silent = call.quiet or not sys.stderr.isatty()
        self._start = time.perf_counter()

    def show(self, stage: str) -> None:
        """Say what is being done now."""
        elapsed = time.perf_counter() - self._start
        if not self._silent and elapsed > _SHOW_PROGRESS_AFTER_SECONDS:
            print(f"\r\033[K{elapsed:5.1f} s  {stage} …", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if not self._silent:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def fail(error: RfmReportError) -> NoReturn:
    """Say what went wrong, and end."""
    print(f"rfmreport: {error}", file=sys.stderr)
    sys.exit(error.exit_code)


def to_json(content: object) -> str:
    """Return indented JSON."""
    from rfmreport.folder.manifest import to_json as written

    return written(content)


# --- what was read ------------------------------------------------------------------------------


def print_check(clean: CleanOrders, paths: Iterable[str]) -> None:
    """Say how the source was read, which lines count, and what was found."""
    print("Read as")
    for role, heading in clean.column_map.used():
        shown = " | ".join(_short(text, 30) for text in clean.examples.get(role, ()))
        print(f"  {role:14}{_short(heading, 30):32}{shown}".rstrip())
    print()
    for one in clean.decisions:
        otherwise = f"; {one.option}" if one.option else ""
        print(f"  {one.about}: {one.decided} ({one.evidence}{otherwise})")
    print(f"{'':{_LABEL_WIDTH}}{'lines':>12}{'orders':>10}{'amount':>18}")
    bridge = clean.audit
    rows = [("", bridge.read), *(("− ", row) for row in bridge.told), ("= ", bridge.kept)]
    rows += [("  ", row) for row in bridge.kept_adjustments]
    for sign, row in rows:
        label = f"{sign}{row.label}"
        print(
            f"{label:{_LABEL_WIDTH}}{row.line_count:>12,}{row.order_count:>10,}{row.amount:>18,.2f}"
        )
    days = clean.coverage
    if days.first_day and days.last_day and clean.as_of:
        what = "Last orders" if clean.column_map.order_count else "Orders"
        print(f"\n{what} from {days.first_day} to {days.last_day}, as of {clean.as_of}.")
    for finding in clean.findings:
        print(_line_of(finding, "!" if finding.severity == "warning" else "·"))
    print(f"To repeat: {_repeated(clean, paths)}")


def check_facts(clean: CleanOrders, paths: Iterable[str]) -> dict[str, object]:
    """Return the same for a program."""
    rows = [("read", clean.audit.read), ("kept", clean.audit.kept)]
    rows += [(str(row.exclusion), row) for row in clean.audit.told]
    return {
        "columns": dict(clean.column_map.used()),
        "examples": clean.examples,
        "dates": clean.value_formats.date,
        "audit": {
            key: {"lines": row.line_count, "orders": row.order_count, "amount": row.amount}
            for key, row in rows
        },
        "period": [clean.coverage.first_day, clean.coverage.last_day],
        "as_of": clean.as_of,
        "decisions": [dataclasses.asdict(one) for one in clean.decisions],
        "findings": _plain(clean.findings),
        "repeat": _repeated(clean, paths),
    }


def _repeated(clean: CleanOrders, paths: Iterable[str]) -> str:
    from rfmreport.source.evidence import command_to_repeat

    return command_to_repeat(paths, clean.column_map.used(), clean.decisions)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _line_of(finding: Finding, mark: str) -> str:
    sizes = []
    if finding.line_count is not None:
        sizes.append(f"{finding.line_count:,} lines")
    if finding.amount is not None:
        sizes.append(f"{finding.amount:,.2f}")
    return f"{mark} {finding.text}" + (f" ({', '.join(sizes)})" if sizes else "")


def _plain(findings: Iterable[Finding]) -> list[dict[str, object]]:
    return [
        {"key": f.key, "severity": f.severity, "text": f.text, "amount": f.amount} for f in findings
    ]


# --- what was built -----------------------------------------------------------------------------


def print_build(result: BuildResult, output: Path, seconds: float) -> None:
    """Say what was read, found and written."""
    from rfmreport.formats import Formats

    formats = Formats(result.report.locale, result.report.currency)
    for line in _found(result.report, formats):
        print(line)
    counts = {
        what: sum(name.startswith(f"{folder}/") for name in result.files)
        for folder, what in _FOLDERS.items()
    }
    shown = [name for name in result.files if "/" not in name]
    *some, last = [*shown, *(_counted(count, what) for what, count in counts.items() if count)]
    print(f"Wrote {output}/: {', '.join(some)} and {last}, in {seconds:.1f} s.")


def _counted(count: int, things: str) -> str:
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


def _found(report: Report, formats: Formats) -> Iterator[str]:
    """Yield the result, and what somebody who compares months must know beforehand."""
    read, kept, total = report.audit.read, report.audit.kept, report.segments.total
    yield (
        f"Read {formats.count(read.line_count)} lines, analysed {formats.count(kept.line_count)}: "
        f"{formats.count(total.customer_count)} customers, "
        f"{formats.count(total.order_count)} orders, {formats.money(total.revenue, 2)} "
        f"({report.period(formats)})."
    )
    left_out = [
        f"{row.label.lower()} {formats.count(row.line_count)}"
        for row in report.audit.excluded
        if row.line_count
    ]
    if left_out:
        yield f"Left out: {', '.join(left_out)}."
    yield f"{report.headline}."
    for row in report.segments.rows:
        yield (
            f"  {row.name:24}{formats.count(row.customer_count):>9}"
            f"{formats.share(row.customer_share):>8}{formats.money(row.revenue):>16}"
            f"{formats.share(row.revenue_share):>8}"
        )
    if report.ruler and report.ruler.origin == "saved" and report.ruler.fitted_as_of:
        yield f"Measured with the cuts of {formats.day(report.ruler.fitted_as_of)}."
    yield from (_line_of(finding, "!") for finding in report.notices)


def build_facts(result: BuildResult, output: Path, seconds: float) -> dict[str, object]:
    """Return the same for a program."""
    report = result.report
    total = report.segments.total
    lines = {"read": report.audit.read.line_count, "kept": report.audit.kept.line_count}
    return {
        "output": str(output),
        "files": result.files,
        "pdf_problem": result.pdf_problem,
        "period": [report.first_day, report.last_day],
        "as_of": report.as_of,
        "headline": report.headline,
        "lines": lines | {str(row.exclusion): row.line_count for row in report.audit.excluded},
        "customers": total.customer_count,
        "orders": total.order_count,
        "revenue": total.revenue,
        "segments": [
            {
                "segment": row.name,
                "customers": row.customer_count,
                "revenue": row.revenue,
                "revenue_share": row.revenue_share,
            }
            for row in report.segments.rows
        ],
        "findings": _plain(report.findings),
        "seconds": seconds,
        "timings": dict(result.seconds),
    }


# --- what was sent ------------------------------------------------------------------------------


def report_outcome(outcome: Outcome, call: Call, facts: dict[str, object]) -> None:
    """Say what became of the e-mails, and end with the exit code that it calls for."""
    from rfmreport.mail.deliveries import describe, describe_problems, problem_of

    problem = problem_of(outcome)
    if call.as_json:
        print(to_json(facts), end="")
    elif not call.quiet:
        print(describe(outcome))
    elif problem:
        print(describe_problems(outcome), file=sys.stderr)
    if problem:
        raise problem


def outcome_facts(outcome: Outcome) -> dict[str, object]:
    """Return what became of the e-mails for a program."""
    facts = dataclasses.asdict(outcome)
    for mail in facts["mails"]:
        del mail["recipients"], mail["content"]
    return facts | {"is_dry_run": outcome.is_dry_run, "counts": outcome.counts()}


def print_month(plan: MonthPlan, result: BuildResult | None, seconds: float) -> None:
    """Say what was built for a month, or that it is there."""
    if result:
        print_build(result, plan.folder, seconds)
    else:
        print(f"The report of {plan.month:%B %Y} is in {plan.folder}; --rebuild makes it again.")


def month_facts(
    plan: MonthPlan, result: BuildResult | None, outcome: Outcome, seconds: float
) -> dict[str, object]:
    """Return what was built and sent for a month, for a program."""
    return {
        "month": f"{plan.month:%Y-%m}",
        "folder": str(plan.folder),
        "build": build_facts(result, plan.folder, seconds) if result else None,
        "delivery": outcome_facts(outcome),
    }
