"""How near the forecasts came: what would have been said on past dates, and what came.

`python forecasts.py` builds the report as of every second week of each data set with the code that
is installed, and `--before FOLDER` with that of another checkout too (b0ba934 is the last one with
four totals of their own), and prints a table: the median absolute error as a difference of
logarithms, how many of the 95 % ranges held what came, and how wide they are (logarithm of high
over low, the median). What came is what the same code reads of the whole file.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tables import make_table

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
SOURCES = {
    "Online Retail": SHARED / "online_retail.csv.gz",
    "Online Retail II, extract": SHARED / "online_retail_II_extract.xlsx",
    "CDNOW": SHARED / "cdnow_master.csv.gz",
    "the sample": ROOT / "sample_data" / "online_retail_sample.csv.gz",
}
STEP_DAYS, FIRST_DAYS, LEAST_DAYS_LEFT = 14, 56, 20


def build_report(source: str, as_of: date | None = None) -> Any:  # noqa: ANN401  of any checkout
    """Return the report of a file, with the figures of the departments that foretell."""
    from rfmreport import pipeline
    from rfmreport.cli.options import settings_of
    from rfmreport.settings import load_settings

    options = {"departments": ["sales", "finance", "operations"]}
    if as_of:
        options["as_of"] = as_of.isoformat()
    return pipeline.build_report(load_settings(None, settings_of((source,), options)))


def said_of(report: Any) -> list[tuple]:  # noqa: ANN401
    """Return what a report foretells: who says it, of what, from, to, value, low, high."""
    if hasattr(report, "forecast"):
        if report.forecast is None:
            return []
        spans = {"90 days": report.forecast.ahead, "rest of the month": report.forecast.rest}
        return [
            _row(name, what, span, getattr(span, what))
            for name, span in spans.items()
            for what in ("orders", "revenue")
        ]
    figures, rows = report.department_figures, []
    for outlook in report.worth.outlooks if report.worth else ():
        if outlook.days == report.segments.horizon_days:
            last = report.as_of + timedelta(days=outlook.days - 1)
            for what in ("orders", "revenue"):
                amount = getattr(outlook.total, what)
                if amount:
                    ends = (amount.value, amount.low, amount.high)
                    rows.append(("page one, Sales", what, report.as_of, last, *ends))
    if figures.projection:
        rows.append(_row("Finance", "revenue", *[figures.projection.forecast] * 2))
    if figures.demand:
        rows.append(_row("Operations", "orders", *[figures.demand.orders] * 2))
    return rows


def _row(name: str, what: str, span: Any, amount: Any) -> tuple:  # noqa: ANN401
    # Where no one number is said, the middle of the range stands for it.
    value = math.sqrt(amount.low * amount.high) if amount.value is None else amount.value
    return (name, what, span.first_day, span.last_day, value, amount.low, amount.high)


def probe(source: str) -> None:
    """Print what came on each day, and what was said on every date, as JSON."""
    from rfmreport.errors import RfmReportError

    days = build_report(source).trends.days
    said, as_of = [], days[0].day + timedelta(days=FIRST_DAYS)
    while as_of <= days[-1].day - timedelta(days=LEAST_DAYS_LEFT):
        try:
            said += said_of(build_report(source, as_of))
        except RfmReportError as error:
            print(f"{as_of}: {error}", file=sys.stderr)
        as_of += timedelta(days=STEP_DAYS)
    came = [(one.day, one.order_count, float(one.revenue)) for one in days]
    print(json.dumps({"came": came, "said": said}, default=str))


def measure(source: Path, code: Path) -> dict[tuple[str, str], list[str]]:
    """Return, by who said it and of what: trials, median error, ranges that held, width."""
    command = [sys.executable, __file__, "--probe", str(source)]
    environment = os.environ | {"PYTHONPATH": str(code)}
    done = subprocess.run(command, capture_output=True, check=True, env=environment, text=True)
    found = json.loads(done.stdout)
    came = {day: {"orders": orders, "revenue": money} for day, orders, money in found["came"]}
    trials = defaultdict(list)
    for name, what, first, last, *amounts in found["said"]:
        if last in came:
            span = [sums[what] for day, sums in came.items() if first <= day <= last]
            trials[name, what].append((sum(span), *amounts))
    return {key: _summary(rows) for key, rows in trials.items()}


def _summary(trials: list[tuple[float, float, float, float]]) -> list[str]:
    errors = [abs(math.log(value / came)) for came, value, _, _ in trials]
    held = sum(low <= came <= high for came, _, low, high in trials)
    width = median(math.log(high / low) if low > 0 else math.inf for _, _, low, high in trials)
    return [str(len(trials)), f"{median(errors):.3f}", f"{held} ({held / len(trials):.0%})",
            f"{width:.2f}"]  # fmt: skip


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another checkout, to be held against")
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.probe:
        probe(arguments.probe)
        return
    codes = {"before": arguments.before, "now": ROOT}
    rows = [
        (f"{data}, {when}", name, what, *summary)
        for data, source in SOURCES.items()
        if source.exists()
        for when, code in codes.items()
        if code
        for (name, what), summary in measure(source, code).items()
    ]
    headings = ("data", "who says it", "of", "dates", "median error", "held", "width")
    print(make_table(headings, rows))


if __name__ == "__main__":
    main()
