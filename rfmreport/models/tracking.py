"""Week by week after a past date: what was said of it, added up, and what came.

The tracking plot of P. S. Fader, B. G. S. Hardie & K. L. Lee (2005), Marketing Science 24(2),
figure 4: a total that came out right may be two errors that cancel out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.models.ways import Ahead

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Week:
    """What was said of all days from the past date to the end of a week, and what came in them.

    `days` is the number of these days; the last week may be shorter.
    """

    days: int
    said: float
    came: float


def week_ends(length: int) -> tuple[int, ...]:
    """Return after how many days each week of a span ends, the last one with the span."""
    return (*range(WEEK_DAYS, length, WEEK_DAYS), length)


def follow_calendar(
    ahead: Ahead, ways: Sequence[str], said: float, came: Sequence[float]
) -> tuple[Week, ...]:
    """Spread a total over its days as the ways see them, and hold it against what came on each."""
    profiles = [ahead.profile(is_season=way == "season") for way in ways]
    shares = [sum(of_day) / len(profiles) for of_day in zip(*profiles, strict=True)]
    said_until, came_until = (list(accumulate(one)) for one in (shares, came[: ahead.length]))
    return tuple(
        Week(end, said * said_until[end - 1], came_until[end - 1])
        for end in week_ends(ahead.length)
    )
