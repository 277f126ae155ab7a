"""Dates that stray: in the future, or far after all others. They must not say when the data end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.source.formats.dates import EARLIEST, LATEST
from rfmreport.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.engine.ask import Engine
    from rfmreport.source.audit import Audit

_QUERIES = read_queries(__file__)
_ONE_DAY = timedelta(days=1)
_FAR_DAYS = 90
_FEW_SHARE = 0.02
_ENOUGH_ORDERS = 10


def end_before_strays(engine: Engine, query: str = "order_days") -> date | None:
    """Return the day after the last that does not stray; None where none strays."""
    rows = engine.rows(_QUERIES[query], earliest=EARLIEST, latest=LATEST)
    days = [(row["day"], row["order_count"]) for row in rows]
    known = _before_strays(days, datetime.now(tz=UTC).date())
    return known[-1][0] + _ONE_DAY if len(known) < len(days) else None


def stray_finding(audit: Audit, end: date) -> tuple[Finding, ...]:
    """Say what was left out because its date strays, with its money."""
    rows = [row for row in audit.excluded if row.exclusion == "after_as_of"]
    text = (
        f"Dates in the future, or far after all others, were left out: the others end on "
        f"{end - _ONE_DAY}. Mend them, or say with --as-of which day comes after the last."
    )
    return tuple(
        Finding("stray_dates", "warning", text, row.line_count, row.amount, row.order_count)
        for row in rows
    )


def _before_strays(days: Sequence[tuple[date, int]], today: date) -> Sequence[tuple[date, int]]:
    """Return the days that are left; `days` are in their order, each with its orders.

    Where most lie in the future, the clock is wrong, or the shop is made up.
    """
    past = [(day, count) for day, count in days if day <= today]
    known = past if _sum(past) * 2 > _sum(days) else list(days)
    few = max(1, int(_sum(known) * _FEW_SHARE))
    for place in range(len(known) - 1, 0, -1):
        before, after = known[:place], known[place:]
        if _sum(after) > few or _sum(before) < _ENOUGH_ORDERS:
            break
        span = (before[-1][0] - before[len(before) // 20][0]).days
        if (after[0][0] - before[-1][0]).days > max(_FAR_DAYS, span):
            known = before
            break
    return known


def _sum(days: Sequence[tuple[date, int]]) -> int:
    return sum(count for _, count in days)
