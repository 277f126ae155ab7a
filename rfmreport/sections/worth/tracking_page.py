"""Week by week: what was said of the orders since a past date, and what came, as curves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, RULE
from rfmreport.kit.drawings import BODY, HALF, Drawing, along, round_ticks, text_width
from rfmreport.kit.sentences import error_words, tell
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.models.tracking import Week

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.report import Report

_HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 176, 40, 16, 24, 14
_CAME = "#0b5d5e"
_FIELDS = (
    Field[Week]("days", "Days", lambda week: week.days, "count"),
    Field[Week]("said", "Said", lambda week: week.said, "count"),
    Field[Week]("came", "Came", lambda week: week.came, "count"),
)


class _Track(NamedTuple):
    """The weeks since a past date, of what, and who said it."""

    day: date
    weeks: tuple[Week, ...]
    what: str
    who: str


def _track(report: Report) -> _Track | None:
    """Return the weeks of what speaks: of the model, or of pace and season."""
    worth, forecast = report.worth, report.forecast
    if worth and worth.model and worth.weeks:
        what = "days with orders of the customers known then"
        return _Track(worth.trials[0].as_of, worth.weeks, what, worth.model)
    if forecast and forecast.ahead.weeks:
        weeks, first_day = forecast.ahead.weeks, forecast.ahead.trials[0].first_day
        return _Track(first_day, weeks, "orders", "pace and season, as the forecast weighs them")
    return None


def tracking(report: Report, formats: Formats) -> Drawing | None:
    """Lay out two curves that rise from the past date: what was said, dashed, and what came."""
    track = _track(report)
    if track is None:
        return None
    drawing = Drawing(_caption(track, formats), HALF, _HEIGHT)
    last = track.weeks[-1]
    ends = {"came": formats.count(last.came), "said": formats.count(last.said)}
    room = max(text_width(f"{name} {text}", BODY) for name, text in ends.items()) + 12
    highest = max(max(week.said, week.came) for week in track.weeks)
    across, down = (_LEFT, HALF - room), (_HEIGHT - _BOTTOM, _TOP)

    def place(days: int, value: float) -> tuple[float, float]:
        return along(days, (0, last.days), across), along(value, (0, highest), down)

    for tick in round_ticks(highest, 3):
        y = place(0, tick)[1]
        drawing.rules([(across[0], y, across[1], y)], color=RULE if tick else MUTED)
        drawing.texts([(across[0] - 6, y, formats.count(tick))], align="right")
    shown_weeks = (0, *(week.days for week in track.weeks if week.days % 28 == 0))
    drawing.texts(
        [(place(days, 0)[0], down[0] + 13, formats.count(days // 7)) for days in shown_weeks]
    )
    drawing.texts([(HALF, down[0] + 13, "weeks")], align="right")
    came, said = (
        [place(0, 0), *(place(week.days, getattr(week, name)) for week in track.weeks)]
        for name in ("came", "said")
    )
    drawing.rules(_steps(came), color=_CAME, strokeWidth=2.5)
    drawing.rules(_steps(said), color=INK, strokeWidth=1.5, strokeDash=[4, 3])
    _name_ends(drawing, {name: place(last.days, getattr(last, name)) for name in ends}, ends)
    return drawing


def _steps(
    places: Sequence[tuple[float, float]],
) -> list[tuple[float, float, float, float]]:
    return [(*start, *end) for start, end in pairwise(places)]


def _name_ends(
    drawing: Drawing, places: dict[str, tuple[float, float]], ends: dict[str, str]
) -> None:
    """Write at the end of each curve what it is, kept apart where they end close together."""
    upper, lower = sorted(places, key=lambda name: places[name][1])
    middle = (places[upper][1] + places[lower][1]) / 2
    apart = max(places[lower][1] - places[upper][1], _GAP) / 2
    for name, y in ((upper, middle - apart), (lower, middle + apart)):
        color = _CAME if name == "came" else INK
        text = (places[name][0] + 8, y, f"{name} {ends[name]}")
        drawing.texts([text], color=color, align="left", fontSize=BODY, fontWeight=600)


def _caption(track: _Track, formats: Formats) -> Caption:
    last, widest = track.weeks[-1], max(track.weeks, key=_gap)
    values = {
        "day": track.day,
        "what": track.what,
        "who": track.who,
        "days": last.days,
        "off": error_words(last.said / last.came - 1 if last.came else None, formats),
        "week": -(-widest.days // 7),
        "gap": _gap(widest),
    }
    title = tell("Week by week since {day:day}: after {days:count} days {off}", values, formats)
    note = tell(
        "Added up, in {what}. Said by {who}, of what was known then. Furthest apart after week "
        "{week:count}, by {gap:percent} of all that came.",
        values | {"gap": _gap(widest) / last.came if last.came else None},
        formats,
    )
    table = page_table("Said and came, added up week by week", _FIELDS, track.weeks, formats)
    return Caption("tracking", "Said and came, by week", title, f"{title}. {note}", note, table)


def _gap(week: Week) -> float:
    return abs(week.said - week.came)


TRACKING: Sheet[Report, Week] = Sheet(
    "forecast_weeks",
    "the days from a past date to the end of a week: what was said of them, and what came",
    _FIELDS,
    lambda report: track.weeks if (track := _track(report)) else None,
)
