"""The files of data behind what is to come: the same facts as on the pages, all of them, exact."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rfmreport.kit.sheets import Field, Sheet, fields_of
from rfmreport.report import Report
from rfmreport.sections.worth.figures import (
    Expected,
    ForecastTrial,
    Opportunity,
    ReliabilityGroup,
    Respondents,
    Response,
    SpendTrial,
    Worth,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Chance = tuple[Respondents, int, Estimate]


def _told(find: Callable[[Worth], Iterable[Any]]) -> Callable[[Report], list[Any] | None]:
    """Return the rows of a file; None where there are none, and so no file."""
    return lambda report: list(find(report.worth)) or None if report.worth else None


_WORTH = Sheet[Report, Expected](
    "worth",
    "one segment, and what it will bring of what is to come",
    lambda report: (
        Field("days", "", lambda _: report.segments.horizon_days),
        Field("segment", "", lambda row: row.segment),
        Field("customers", "", lambda row: row.customer_count),
        Field("share", "", lambda row: row.share),
        Field("orders", "", lambda row: row.orders, has_interval=True),
        Field("revenue", "", lambda row: row.revenue, has_interval=True),
    ),
    _told(lambda worth: worth.outlook.parts if worth.outlook else ()),
    lambda report: report.worth.outlook.total if report.worth and report.worth.outlook else None,
)
_TRIALS = Sheet[Report, tuple[ForecastTrial, Worth]](
    "forecast_trials",
    "one way to foretell, tried on one past date",
    (
        Field("way", "", lambda row: row[0].name),
        Field("kind", "", lambda row: "model" if row[0].is_model else "extrapolation"),
        Field("as_of", "", lambda row: row[0].as_of, "day"),
        Field("days", "", lambda row: row[0].days),
        Field("customers", "", lambda row: row[0].customer_count),
        Field("one_order_is", "", lambda row: _counted_as(row[0])),
        Field("predicted_orders", "", lambda row: row[0].predicted_orders),
        Field("actual_orders", "", lambda row: row[0].actual_orders),
        Field("order_error", "", lambda row: row[0].order_error),
        Field("predicted_revenue", "", lambda row: row[0].predicted_revenue),
        Field("actual_revenue", "", lambda row: row[0].actual_revenue),
        Field("revenue_error", "", lambda row: row[0].revenue_error),
        Field("used", "", lambda row: row[0].is_basis_of(row[1]), "yes"),
        Field("refusal", "", lambda row: row[0].refusal),
    ),
    _told(lambda worth: ((trial, worth) for trial in worth.trials)),
)
_SPEND_TEST = Sheet[Report, SpendTrial](
    "spend_test",
    "whether order values depend on how often somebody orders",
    fields_of(SpendTrial, {}),
    _told(lambda worth: (worth.spend,) if worth.spend else ()),
)
RESPONSE = Sheet[Report, _Chance](
    "response",
    "one segment and window of days: its chance to order",
    (
        Field("segment", "", lambda row: row[0].segment),
        Field("within_days", "", lambda row: row[1]),
        Field("customers", "", lambda row: row[0].customer_count),
        Field("expected_customers", "", lambda row: row[2].value * row[0].customer_count),
        Field("share", "", lambda row: row[2], has_interval=True),
    ),
    _told(
        lambda worth: (
            (row, days, share)
            for row in worth.response.rows
            for days, share in zip(worth.response.windows, row.shares, strict=True)
        )
    ),
)
_RELIABILITY = Sheet[Report, tuple[Response, ReliabilityGroup]](
    "reliability",
    "customers with about the same chance: what was said, and what came",
    (
        Field("as_of", "", lambda row: row[0].checked_on, "day"),
        Field("within_days", "", lambda row: row[0].windows[-1]),
        Field("in_sample", "", lambda row: row[0].is_in_sample, "yes"),
        Field("predicted", "", lambda row: row[1].predicted),
        Field("observed", "", lambda row: row[1].observed, has_interval=True),
    ),
    _told(lambda worth: ((worth.response, group) for group in worth.response.groups)),
)
_OPPORTUNITIES = Sheet[Report, Opportunity](
    "opportunities",
    "one segment: what one contact of each costs, needs and could bring",
    tuple(
        replace(one, value=attrgetter("return_share.value"), has_interval=False)
        if one.key == "return_share"
        else one
        for one in fields_of(Opportunity, {})
    ),
    _told(lambda worth: worth.opportunities),
)
FILES = (_WORTH, _TRIALS, _SPEND_TEST, RESPONSE, _RELIABILITY, _OPPORTUNITIES)


def _counted_as(trial: ForecastTrial) -> str:
    return "a day with orders" if trial.of_order_days else "an order"
