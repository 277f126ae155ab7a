"""The one forecast: what is to come in a span of days, what says so, and how that did before.

Three ways can say how many orders a span of days will bring. *Pace*: the last weeks go on.
*Season*: the same dates a year before, times the growth seen on the dates that both years have.
*Model*: a lifetime model that passed its trials, for today's customers and as many new ones as of
late. All reckon in trading days (`ways`); an order is worth what it was over the last year.

Every fortnight of the past is foretold from what was known then. How far off pace and season were
(what is usual counts as four trials more) is their weight in the mean of the two, of logarithms. A
model, where there is one, takes the place of the pace; a season that was hardly tried does not
speak beside it. A season that was off by more than half, and by more than the pace, is not asked:
what looked like a season was none. Where the two differ by more than half, a season that was nearer
than the pace on three trials or more speaks alone. Else both are told: the range spans both and
what came a year before, and no one number stands for it. Ranges are made as everywhere
(`intervals`): of chance, and of how far the same forecast was off before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Literal

from rfmreport.models.intervals import Z_95, Doubt, Miss, doubt_of, root_mean_square
from rfmreport.models.tracking import Week, follow_calendar
from rfmreport.models.ways import YEAR_DAYS, Ahead, Daily, Guess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

Way = Literal["pace", "season", "model"]
FEWEST_DAYS = 56
"""So many days must be known before anything is foretold."""
_STEP_DAYS, _MOST_TRIALS, _COUNTED_TRIALS = 14, 52, 13
_HALF = math.log(1.5)
_FEWEST_TO_PREFER = 3
# By how much each way is off in most shops, and the forecast made of them: of orders, of revenue.
_USUAL: Mapping[Way, float] = {"pace": 0.20, "season": 0.15, "model": 0.12}
_USUAL_TOTAL, _USUAL_BY_MODEL = (0.15, 0.20), (0.12, 0.15)
# Each of two answers has half of the chance: 5 % lie beyond the outer bound of each.
_OF_TWO = 1.6448536269514722 / Z_95


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum to come with its 95 % range; `value` is None where no one number may stand for it."""

    value: float | None
    low: float
    high: float

    def holds(self, came: float) -> bool:
        """Say whether what came lies in the range."""
        return self.low <= came <= self.high


@dataclass(frozen=True, slots=True)
class Answer:
    """What one way to foretell says of a span.

    `growth` is of a season since the year before, None where no dates of both years tell it.
    """

    way: Way
    orders: float
    revenue: float
    growth: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What would have been said of a past span, from what was known before it.

    `came` are the orders and the revenue that came then.
    """

    first_day: date
    last_day: date
    orders: Amount
    revenue: Amount
    came: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Record:
    """How a forecast did on past dates; `error` is the median absolute logarithm of came / said."""

    tried_count: int
    held_count: int
    error: float


@dataclass(frozen=True, slots=True)
class Total:
    """Orders and revenue of all days from `first_day` to `last_day`, inclusive, all of it to come.

    `answers` made it, those that were asked and had not failed their trials. Two that differ by
    more than half stand side by side: then the amounts are ranges over both, without a value.
    `year_before` is what the same dates brought a year before (orders, revenue), None where the
    data do not reach back. `trials` are past spans of as many days, latest first, without overlap.
    The records are of all that were tried, one a fortnight, None where none could be. `weeks` are
    of the latest span tried: the orders that pace and season said, and what came.
    """

    first_day: date
    last_day: date
    orders: Amount
    revenue: Amount
    answers: tuple[Answer, ...]
    year_before: tuple[float, float] | None
    trials: tuple[Trial, ...] = ()
    orders_record: Record | None = None
    revenue_record: Record | None = None
    weeks: tuple[Week, ...] = ()

    @property
    def days(self) -> int:
        """Return of how many days it is."""
        return (self.last_day - self.first_day).days + 1

    @property
    def disagree(self) -> bool:
        """Say whether two answers are so unlike that neither may stand for what is to come."""
        return self.revenue.value is None

    def answer(self, way: Way) -> Answer | None:
        """Return what one way says, None where it was not asked or failed."""
        return next((one for one in self.answers if one.way == way), None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come of orders and revenue: the one source of every such total in the report.

    `ahead` is of the report's horizon, `rest` of the days that are left of the calendar month that
    has begun (all of them where it begins with the horizon). What came in that month before is a
    fact: `orders_so_far`, `revenue_so_far`. `new_order_share` and `new_revenue_share` are the parts
    that customers brought in the last days, as many as the horizon has, who were new in them.
    """

    ahead: Total
    rest: Total
    orders_so_far: int
    revenue_so_far: Decimal
    new_order_share: float
    new_revenue_share: float
    model: str | None = None

    @property
    def month(self) -> Amount:
        """Return the revenue of the whole month: what is in, and what is to come."""
        so_far, rest = float(self.revenue_so_far), self.rest.revenue
        value = None if rest.value is None else so_far + rest.value
        return Amount(value, so_far + rest.low, so_far + rest.high)


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The orders that a lifetime model expects in the next days, new customers' included.

    `order_value` is what it expects of one, None where it knows no order values. `error` is the
    logarithm of what came over what it said where it was tried: of the last `tried_days` days.
    """

    orders: float
    error: float
    tried_days: int
    order_value: float | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a span: what each way `asked` says, which `ways` may speak, their middle.

    Two ways that differ too much (`are_apart`) are not mixed. `order_value` is of one order;
    `chances` are the variances that chance gives the logarithms of orders and revenue.
    """

    ahead: Ahead
    asked: Mapping[Way, Guess]
    ways: tuple[Way, ...]
    are_apart: bool
    middle: float
    order_value: float
    chances: tuple[float, float]

    def total(self, doubts: tuple[float, float]) -> Total:
        """Return it with ranges; `doubts` are half widths of the doubt of orders and revenue."""
        before = self.ahead.came_a_year_before()
        first_day, last_day = self.ahead.days
        orders, revenue = (
            self._amount(place, each, doubts[place], before[place] if before else None)
            for place, each in enumerate((1.0, self.order_value))
        )
        answers = tuple(
            Answer(
                way,
                self.asked[way].orders,
                self.asked[way].orders * self.order_value,
                self.ahead.growth if way == "season" else None,
            )
            for way in self.ways
        )
        return Total(first_day, last_day, orders, revenue, answers, before)

    def _amount(self, place: int, each: float, doubt: float, before: float | None) -> Amount:
        half = math.hypot(Z_95 * math.sqrt(math.log1p(self.chances[place])), doubt)
        if not self.are_apart:
            value = self.middle * each
            return Amount(value, value * math.exp(-half), value * math.exp(half))
        ends = [self.asked[way].orders * each for way in self.ways]
        factor = math.exp(half * _OF_TWO)
        low, high = min(ends) / factor, max(ends) * factor
        return Amount(None, min(low, before or low), max(high, before or high))


@dataclass(frozen=True, slots=True)
class _Tried:
    """One past date: the trial, how far off each way was, and the misses of orders and revenue."""

    start: int
    said: _Said
    trial: Trial
    errors: Mapping[Way, Miss]
    misses: tuple[Miss, Miss]


def foretell(daily: Daily, length: int, model: ModelAnswer | None = None) -> Total | None:
    """Return what the next `length` days will bring; None where too little is known to say it."""
    if len(daily.orders) < FEWEST_DAYS:
        return None
    tried = _try_on_past(daily, length)
    said = _say(Ahead(daily, length), tried, model)
    if said is None:
        return None
    weeks = _weeks(tried[-1].said, daily.orders) if tried else ()
    if model:
        tried = [_tried_model(tried[-1], model)] if tried and length == model.tried_days else []
    return replace(
        said.total(_doubts(tried, model)),
        trials=tuple(one.trial for one in _apart(tried, length)),
        orders_record=_record(tried, 0),
        revenue_record=_record(tried, 1),
        weeks=weeks,
    )


def _weeks(said: _Said, orders: Sequence[float]) -> tuple[Week, ...]:
    return follow_calendar(said.ahead, said.ways, said.middle, orders[said.ahead.start :])


def _record(tried: Sequence[_Tried], place: int) -> Record | None:
    if not tried:
        return None
    said = [(one.trial.orders, one.trial.revenue)[place] for one in tried]
    held = sum(a.holds(one.trial.came[place]) for a, one in zip(said, tried, strict=True))
    return Record(len(tried), held, median(abs(one.misses[place].error) for one in tried))


def _try_on_past(daily: Daily, length: int) -> list[_Tried]:
    """Return what would have been said every fortnight of the past, oldest first."""
    tried: list[_Tried] = []
    last = len(daily.orders) - length
    for start in range(last - _MOST_TRIALS * _STEP_DAYS, last + 1, _STEP_DAYS):
        if start < FEWEST_DAYS:
            continue
        known = [one for one in tried if one.start + length <= start]
        said = _say(Ahead(daily.before(start), length), known)
        span = slice(start, start + length)
        came = sum(daily.orders[span]), sum(daily.revenue[span])
        if said and min(came) > 0:
            tried.append(_held_against(said, said.total(_doubts(known)), came))
    return tried


def _held_against(said: _Said, total: Total, came: tuple[float, float]) -> _Tried:
    middles = said.middle, said.middle * said.order_value
    return _Tried(
        start=said.ahead.start,
        said=said,
        trial=Trial(total.first_day, total.last_day, total.orders, total.revenue, came),
        errors={
            way: Miss(math.log(came[0] / one.orders), one.variance + 1 / one.orders)
            for way, one in said.asked.items()
        },
        misses=(
            Miss(math.log(came[0] / middles[0]), said.chances[0]),
            Miss(math.log(came[1] / middles[1]), said.chances[1]),
        ),
    )


def _tried_model(last: _Tried, model: ModelAnswer) -> _Tried:
    """Return the latest past date with what the model said of it in place of the others."""
    orders, revenue = (
        Amount(said, said * math.exp(-half), said * math.exp(half))
        for came, half in zip(last.trial.came, _doubts((), model), strict=True)
        for said in (came * math.exp(-model.error),)
    )
    miss = Miss(model.error, 0.0)
    return replace(
        last,
        trial=replace(last.trial, orders=orders, revenue=revenue),
        errors={"model": miss},
        misses=(miss, miss),
    )


def _apart(tried: Sequence[_Tried], length: int) -> list[_Tried]:
    """Return those, latest first, of which no two spans overlap."""
    kept: list[_Tried] = []
    for one in reversed(tried):
        if not kept or one.start + length <= kept[-1].start:
            kept.append(one)
    return kept


def _say(ahead: Ahead, tried: Sequence[_Tried], model: ModelAnswer | None = None) -> _Said | None:
    order_value, spread = ahead.order_value()
    pace, season = ahead.pace(), ahead.season()
    if not pace or not order_value:
        return None
    guesses: dict[Way, Guess | None] = {
        "pace": pace,
        "season": season,
        "model": Guess(model.orders, 1 / model.orders) if model else None,
    }
    asked = {way: guess for way, guess in guesses.items() if guess}
    if model and model.order_value:
        order_value = model.order_value
    errors = _errors(tried, model)
    ways, are_apart = _choose(asked, errors)
    middle = _middle(asked, errors, ways, are_apart=are_apart)
    known = sum(ahead.known.orders[-YEAR_DAYS:])
    chances = 1 / middle, spread * (1 / middle + 1 / known)
    return _Said(ahead, asked, ways, are_apart, middle, order_value, chances)


def _errors(tried: Sequence[_Tried], model: ModelAnswer | None) -> Mapping[Way, list[Miss]]:
    """Return the latest misses of each way, the newest last."""
    latest = [one.errors for one in tried[-_COUNTED_TRIALS:]]
    ways: tuple[Way, ...] = ("pace", "season")
    found = {way: [one[way] for one in latest if way in one] for way in ways}
    return found | {"model": [Miss(model.error, 0.0)] if model else []}


def _choose(
    asked: Mapping[Way, Guess], errors: Mapping[Way, Sequence[Miss]]
) -> tuple[tuple[Way, ...], bool]:
    """Return the ways that may speak, and whether they are too far apart to speak as one."""
    now: Way = "model" if "model" in asked else "pace"
    if "season" not in asked or (now == "model" and len(errors["season"]) < _FEWEST_TO_PREFER):
        return (now,), False
    season, pace = (root_mean_square(errors[way]) for way in ("season", "pace"))
    if season > max(_HALF, pace):
        return (now,), False
    if abs(math.log(asked["season"].orders / asked[now].orders)) <= _HALF:
        return (now, "season"), False
    if now == "pace" and len(errors["season"]) >= _FEWEST_TO_PREFER and season < pace:
        return ("season",), False
    return (now, "season"), True


def _middle(
    asked: Mapping[Way, Guess],
    errors: Mapping[Way, Sequence[Miss]],
    ways: Sequence[Way],
    *,
    are_apart: bool,
) -> float:
    """Return the mean of logarithms: the nearer a way was before, the more it weighs."""
    weights = {
        way: 1 / (asked[way].variance + _doubt(errors[way], _USUAL[way]).deviation ** 2)
        for way in ways
    }
    if are_apart:
        weights = dict.fromkeys(ways, 1.0)
    logs = (weight * math.log(asked[way].orders) for way, weight in weights.items())
    return math.exp(sum(logs) / sum(weights.values()))


def _doubts(tried: Sequence[_Tried], model: ModelAnswer | None = None) -> tuple[float, float]:
    """Return the half widths that past errors give the ranges of orders and revenue."""
    if model:
        usual = _USUAL_BY_MODEL
        misses = [(Miss(model.error, 0.0),) * 2]
    else:
        usual = _USUAL_TOTAL
        misses = [one.misses for one in tried[-_COUNTED_TRIALS:]]
    orders, revenue = (
        _doubt([one[place] for one in misses], usual[place]).half_width for place in (0, 1)
    )
    return orders, revenue


def _doubt(misses: Sequence[Miss], usual: float) -> Doubt:
    return doubt_of([[miss] for miss in misses], usual)
