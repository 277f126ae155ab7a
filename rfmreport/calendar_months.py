"""Calendar months: the month that was asked for, the one before, and the same day months ago."""

from __future__ import annotations

from datetime import date, timedelta


def next_month(day: date) -> date:
    """Return the first day of the month after `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_before(day: date, count: int) -> date:
    """Return the same day of an earlier month, or that month's last day where it has no such."""
    month = day.year * 12 + day.month - 1 - count
    first = date(month // 12, month % 12 + 1, 1)
    last = next_month(first) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))
