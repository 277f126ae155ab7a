"""Which days the data cover, and whether the month that was asked for is among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.errors import InputError
from rfmreport.settings import LAST_MONTH
from rfmreport.source.audit import MONTH_INCOMPLETE
from rfmreport.source.formats.dates import EARLIEST, LATEST
from rfmreport.source.formats.strays import end_before_strays
from rfmreport.vocabulary import Finding, months_before, next_month

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from rfmreport.engine.ask import Engine

_QUERIES = read_queries(__file__)
_WEEKDAYS = range(7)
_MOST_CLOSED_WEEKDAYS = 2
_ENOUGH_DAYS, _ENOUGH_LINES = 56, 50
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days of the first and last kept line, None where nothing was kept.

    `first_known_day` is the first that would be kept without a window; `first_seen_day` and
    `last_seen_day` are of any line. `covered_from` to the day before `covered_until` adds the days
    around them on which the shop never sells.
    """

    first_day: date | None
    last_day: date | None
    first_known_day: date | None
    first_seen_day: date | None
    last_seen_day: date | None
    covered_from: date | None
    covered_until: date | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The first and last day of any line, and the lines of each weekday (Monday is 0)."""

    first_day: date
    last_day: date
    line_counts: Mapping[int, int]


def measure_coverage(engine: Engine) -> Coverage:
    """Return which days the data cover, and which of them count."""
    seen = _seen(engine.rows(_QUERIES["seen_in_orders"]))
    covered = _covered_days(seen) if seen else (None, None)
    return Coverage(
        **engine.row(_QUERIES["counted_days"]),
        first_seen_day=seen.first_day if seen else None,
        last_seen_day=seen.last_day if seen else None,
        covered_from=covered[0],
        covered_until=covered[1],
    )


def find_month(asked: str, engine: Engine) -> date:
    """Return the first day of the month that was asked for: "2011-11", or "last".

    The last month is the last one that the `parsed_lines` cover whole.

    Raises:
        InputError: the lines cover no whole month.
    """
    if asked != LAST_MONTH:
        return date.fromisoformat(f"{asked}-01")
    latest = end_before_strays(engine, "line_days") or LATEST
    lines = engine.rows(_QUERIES["seen_in_lines"], earliest=EARLIEST, latest=latest)
    seen = _seen(lines)
    if seen:
        covered_from, covered_until = _covered_days(seen)
        month = months_before(covered_until.replace(day=1), 1)
        if covered_from <= month:
            return month
    first, last = (seen.first_day, seen.last_day) if seen else (None, None)
    message = (
        f"the data cover no whole month (from {first} to {last}); name a month such as "
        "--month 2011-11, or leave it out"
    )
    raise InputError(message)


def month_findings(month: date | None, coverage: Coverage) -> tuple[Finding, ...]:
    """Warn where the data do not hold the month that was asked for from its beginning to its end.

    Raises:
        InputError: they hold nothing of it.
    """
    if month is None:
        return ()
    end, last_seen = coverage.covered_until, coverage.last_seen_day
    begin = coverage.first_seen_day
    if begin is not None and begin >= next_month(month):
        first = f"{begin.day} {begin:%B %Y}"
        message = f"{month:%B %Y} is not in the data, which begin on {first}"
        raise InputError(message)
    if begin is not None and coverage.covered_from is not None and coverage.covered_from > month:
        first = f"{begin.day} {begin:%B %Y}"
        text = f"{month:%B %Y} is not complete: the data begin on {first}."
        return (Finding(MONTH_INCOMPLETE, "warning", text),)
    if end is None or last_seen is None or end >= next_month(month):
        return ()
    last = f"{last_seen.day} {last_seen:%B %Y}"
    if end <= month:
        message = (
            f"{month:%B %Y} is not in the data, which end on {last}; --month last reports the last "
            "month that they cover"
        )
        raise InputError(message)
    text = (
        f"{month:%B %Y} is not complete: the data end on {last}, and the month's figures with them."
    )
    return (Finding(MONTH_INCOMPLETE, "warning", text),)


def day_findings(coverage: Coverage, today: date) -> tuple[Finding, ...]:
    """Warn of days that are no order's: all lines on one, or some that are yet to come."""
    first, last, counted = coverage.first_seen_day, coverage.last_seen_day, coverage.last_day
    if first is not None and first == last:
        text = (
            f"All lines are of one day, {first.day} {first:%B %Y}, perhaps that of the export: "
            "recency says nothing; --map date=HEADING names the column of the order's date."
        )
        return (Finding("one_day", "warning", text),)
    if counted is not None and counted > today:
        text = (
            f"Orders are dated up to {counted.day} {counted:%B %Y}, which is yet to come, and all "
            "is counted from there; --as-of says which day comes after the last."
        )
        return (Finding("future_days", "warning", text),)
    return ()


def refuse_part_of_a_month(findings: Iterable[Finding]) -> None:
    """Stop where the data end before the month does.

    Raises:
        InputError: they do.
    """
    for finding in findings:
        if finding.key == MONTH_INCOMPLETE:
            what_to_do = "get an export that holds all of it, or name another month with --month"
            message = f"{finding.text.rstrip('.')}; {what_to_do}"
            raise InputError(message)


def _seen(rows: list[dict[str, Any]]) -> _Seen | None:
    if not rows:
        return None
    return _Seen(
        min(row["first_day"] for row in rows),
        max(row["last_day"] for row in rows),
        {row["weekday"]: row["line_count"] for row in rows},
    )


def _covered_days(seen: _Seen) -> tuple[date, date]:
    """Return the first day that the data cover, and the first after them that they do not.

    Days on which the shop never sells are covered too: a shop that is closed on Sundays has seen
    all of a month that ends on one.
    """
    closed = set(_WEEKDAYS) - set(seen.line_counts)
    is_known = (
        len(closed) <= _MOST_CLOSED_WEEKDAYS
        and sum(seen.line_counts.values()) >= _ENOUGH_LINES
        and (seen.last_day - seen.first_day).days >= _ENOUGH_DAYS
    )
    if not is_known:
        closed = set()
    return (
        _passed(seen.first_day, closed, -_ONE_DAY),
        _passed(seen.last_day, closed, _ONE_DAY) + _ONE_DAY,
    )


def _passed(day: date, closed: Container[int], step: timedelta) -> date:
    """Return the last day in this direction before the shop might have sold again."""
    while (day + step).weekday() in closed:
        day += step
    return day
