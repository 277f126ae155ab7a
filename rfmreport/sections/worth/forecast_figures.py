"""What is said of the forecast, wherever it is said: the sum, its range, and what it rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from rfmreport.kit.sentences import Sentence

if TYPE_CHECKING:
    from rfmreport.models.forecast import Amount, Answer, Forecast, Record, Total

What = Literal["revenue", "orders"]

_VALUE = {
    "revenue": "Expect {value:money_short} ({low:money_short} to {high:money_short}) {when}",
    "orders": "Expect {value:count} orders ({low:count} to {high:count}) {when}",
}
_RANGE = {
    "revenue": "Between {low:money_short} and {high:money_short} {when}: {now:money_short} "
    "{goes_on}, {season:money_short} {again}",
    "orders": "Between {low:count} and {high:count} orders {when}: {now:count} {goes_on}, "
    "{season:count} {again}",
}
_GOES_ON = {"pace": Sentence("at the present pace"), "model": Sentence("by the model")}
_BASES = {
    ("pace",): "It carries on the pace of the last weeks, in trading days",
    ("season",): "It is what the same dates brought a year before, {growth:change} since",
    ("pace", "season"): "It is a mean of the pace of the last weeks and of the same dates a year "
    "before, the more of each the nearer it came on past dates",
    ("model",): "A lifetime model that passed its trials says it ({model}), with as many new "
    "customers as of late",
    ("model", "season"): "It is a mean of a lifetime model that passed its trials ({model}) and of "
    "the same dates a year before",
}


def forecast_words(total: Total, what: What) -> Sentence:
    """Say what is to come: a value with its range, or both answers where they are too unlike."""
    amount: Amount = getattr(total, what)
    when = Sentence("in the {days:count} days to {last_day:day}",
                    {"days": total.days, "last_day": total.last_day})  # fmt: skip
    values: dict[str, Any] = {"low": amount.low, "high": amount.high, "when": when}
    if amount.value is not None:
        return Sentence(_VALUE[what], values | {"value": amount.value})
    now, season = total.answers
    return Sentence(
        _RANGE[what],
        values
        | {"now": getattr(now, what), "goes_on": _GOES_ON[now.way]}
        | {"season": getattr(season, what), "again": _again(season)},
    )


def _again(season: Answer) -> Sentence:
    if season.growth is None:
        return Sentence("as a year before")
    return Sentence("as a year before, {growth:change} since", {"growth": season.growth - 1})


def month_words(forecast: Forecast) -> Sentence:
    """Say what the month that has begun comes to: what is in is a fact."""
    month, rest = forecast.month, forecast.rest
    values = {
        "month": rest.first_day,
        "so_far": forecast.revenue_so_far,
        "days": rest.days,
        "low": month.low,
        "high": month.high,
    }
    if not forecast.orders_so_far:
        return Sentence("{month:month}: {low:money_short} to {high:money_short}", values)
    return Sentence(
        "{so_far:money_short} of {month:month} is in; with the {days:count} days left it comes to "
        "{low:money_short} to {high:money_short}",
        values,
    )


def basis_words(total: Total, model: str | None) -> Sentence:
    """Say what a forecast rests on, and what the same dates brought a year before."""
    if total.disagree:
        first = Sentence(
            "Two answers that differ by more than half: neither is the one to plan with"
        )
    else:
        ways = tuple(one.way for one in total.answers)
        season = total.answer("season")
        growth = season.growth - 1 if season and season.growth else None
        first = Sentence(_BASES[ways], {"growth": growth, "model": model})
    if total.year_before is None:
        return Sentence("{first}. The data do not reach back to the same dates a year before.",
                        {"first": first})  # fmt: skip
    orders, revenue = total.year_before
    return Sentence(
        "{first}. The same dates a year before brought {revenue:money_short} in {orders:count} "
        "orders.",
        {"first": first, "revenue": revenue, "orders": round(orders)},
    )


def held_words(total: Total, what: What) -> Sentence:
    """Say in how many trials what came lay in the range."""
    record: Record | None = getattr(total, f"{what}_record")
    if record is None:
        return Sentence("Not tried on the past yet")
    return Sentence(
        "What came lay in {held:count} of {count:count} ranges said before",
        {"held": record.held_count, "count": record.tried_count},
    )


def trials_words(total: Total, what: What) -> Sentence | None:
    """Say how such forecasts did on the past; None where they could not be tried."""
    record: Record | None = getattr(total, f"{what}_record")
    if record is None:
        return None
    if total.answer("model"):
        (trial,) = total.trials
        values = {"day": trial.first_day, "error": math.expm1(record.error)}
        return Sentence("Said on {day:day}, the model was off by {error:percent}.", values)
    return Sentence(
        "Said on {count:count} past dates, one a fortnight, half of these forecasts were off by "
        "{error:percent} or less, and {held:count} of the ranges held what came.",
        {
            "count": record.tried_count,
            "error": math.expm1(record.error),
            "held": record.held_count,
        },
    )
