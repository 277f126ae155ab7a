"""Who will order and what a contact could bring, and the files of data behind what is to come."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rfmreport.kit.audience_files import WOULD_ORDER_FILE
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, RULE, checked_color
from rfmreport.kit.drawings import BODY, HALF, Drawing, along, fitted
from rfmreport.kit.sections import Section
from rfmreport.kit.sentences import dates_words, people
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import Table, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Report
from rfmreport.sections.worth.figures import (
    Expected,
    ForecastTrial,
    ReliabilityGroup,
    Respondents,
    Response,
    SpendTrial,
    Worth,
)
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rfmreport.formats import Formats

_Chance = tuple[Respondents, int, Estimate]
_ONE_ORDER_IS = ("an order", "a day with orders")
_NAME, _STEP, _TOP, _LONGEST = 116, 26, 20, 60


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
        Field("one_order_is", "", lambda row: _ONE_ORDER_IS[row[0].of_order_days]),
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
FILES = (_WORTH, _TRIALS, _SPEND_TEST, RESPONSE, _RELIABILITY)


def response_title(response: Response, formats: Formats) -> str:
    """Say of which segment most will order, and of which fewest."""
    rows = _large(response)
    days = formats.count(response.windows[-1])
    if not rows:
        return f"Who will order within {days} days"
    most, least = (of(rows, key=lambda row: row.shares[-1].value) for of in (max, min))
    high, low = (formats.share(row.shares[-1].value, 0) for row in (most, least))
    comes = f"can be expected to order within {days} days as things were"
    if most is least:
        return f"{high} of {people(shown(most.segment, 32))} {comes}"
    if high == low:
        return f"{high} of every segment {comes}"
    return (
        f"{high} of {people(shown(most.segment, 32))} {comes}, {low} of "
        f"{people(shown(least.segment, 32))}"
    )


def response_table(response: Response, keys: Mapping[str, int], formats: Formats) -> Table:
    """Return how many of each segment can be expected to order, within each window."""
    fields = [_SEGMENT, Field("", "n", lambda row: row.customer_count, "count")]
    for place, days in enumerate(response.windows):
        within = f"in {formats.count(days)} days"
        fields.append(Field("", "To order", partial(_expected, place), "count", within))
        fields.append(Field("", "%", partial(_share, place), "percent"))
    fields.append(Field("", "95%", _surely, "percent", "interval", is_range=True))
    return page_table(
        "Customers who can be expected to order again",
        fields,
        response.rows,
        formats,
        key=lambda row: keys.get(row.segment),
    )


_SEGMENT = Field[Respondents]("", "Segment", lambda row: row.segment)


def _share(place: int, row: Respondents) -> float | None:
    return row.shares[place].value if row.customer_count >= FEWEST_CUSTOMERS else None


def _expected(place: int, row: Respondents) -> float | None:
    share = _share(place, row)
    return None if share is None else share * row.customer_count


def _surely(row: Respondents) -> Estimate | None:
    share = row.shares[-1]
    return share if share.customer_count >= FEWEST_CUSTOMERS else None


def response_note(response: Response, report: Report, formats: Formats) -> str:
    """Say what the chances are made of, and of whom there are none."""
    told = {row.segment for row in response.rows}
    rows = report.segments.rows
    untold = [shown(row.name, 32) for row in rows if row.customer_count and row.name not in told]
    missing = (
        f" Not told, for want of customers like theirs: {', '.join(untold)}." if untold else ""
    )
    dates = dates_words(response.past_dates, formats)
    untested = "" if response.is_tested else " They have not been tested on another date yet."
    made = (
        f"Chances are those of customers with the same recency and frequency scores on {dates}; "
        "where those are few, similar scores count too."
    )
    if response.model:
        made = (
            f"Chances are what {response.model} says of each customer's own orders, tried on "
            f"{dates}."
        )
    return (
        "As things were, with whatever contact there was, so these orders come anyway: a campaign "
        f"is worth only what comes on top. {made} Each customer's is in data/customers.csv, and "
        f"who more likely than not orders anyway in {WOULD_ORDER_FILE}. The interval holds chance "
        f"and what such a forecast is off by.{untested}{missing}"
    )


def _large(response: Response | None) -> list[Respondents]:
    """Return the segments with customers enough for a claim."""
    every = response.rows if response else ()
    return [row for row in every if row.customer_count >= FEWEST_CUSTOMERS]


def _response_finding(report: Report, formats: Formats) -> str:
    response = report.worth.response if report.worth else None
    rows = _large(response)
    if response is None or not rows:
        return ""
    expected = sum(row.customer_count * row.shares[-1].value for row in rows)
    count = sum(row.customer_count for row in rows)
    most, least = (pick(rows, key=lambda row: row.shares[-1].value) for pick in (max, min))
    ends = " and ".join(
        f"{formats.share(row.shares[-1].value, 0)} of {row.segment}" for row in (most, least)
    )
    return (
        f"{formats.count(expected)} of {formats.count(count)} customers can be expected to order "
        f"within {formats.count(response.windows[-1])} days as things were: {ends}"
    )


def response_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out who orders as things were: a bar per segment, dark for those who come soon."""
    response = report.worth.response if report.worth else None
    rows = _large(response)
    if response is None or not rows:
        return None
    caption = _response_caption(rows, response.windows, formats)
    drawing = Drawing(caption, HALF, _TOP + _STEP * len(rows) + 4)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    right = HALF - 40.0
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        soon, later = row.shares[0].value, row.shares[-1].value
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        color = colors[row.segment]
        about = f"{shown(row.segment, _LONGEST)}: {_share_words(row, response.windows, formats)}"
        ends = [along(share, (0, 1), (_NAME, right)) for share in (later, soon)]
        box = {"x": _NAME, "y": y - 8, "y2": y + 8, "color": color, "about": about}
        drawing.add("bars", [box | {"x2": right, "color": RULE}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[0]}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[1]}])
        text = formats.share(later, 0)
        drawing.texts([(right + 6, y, text)], color=INK, align="left", fontWeight=600)
    days = " and ".join(formats.count(days) for days in response.windows)
    drawing.texts([(_NAME, 8, f"Within {days} days")], align="left")
    return drawing


def _share_words(row: Respondents, windows: tuple[int, ...], formats: Formats) -> str:
    return ", ".join(
        f"{formats.share(share.value, 0)} within {formats.count(days)} days"
        for share, days in zip(row.shares, windows, strict=True)
    )


def _response_caption(
    rows: list[Respondents], windows: tuple[int, ...], formats: Formats
) -> Caption:
    fields = [_SEGMENT, Field("", "Customers", lambda row: row.customer_count, "count")]
    for place, days in enumerate(windows):
        heading = f"Order in {formats.count(days)} days"
        fields.append(Field("", heading, partial(_share, place), "share"))
    data = page_table("Share of each segment that orders as things were", fields, rows, formats)
    spoken = "; ".join(f"{shown(r.segment, 40)}: {_share_words(r, windows, formats)}" for r in rows)
    title = "Who orders as things were"
    note = (
        f"Full: within {formats.count(windows[0])} days; pale: within {formats.count(windows[-1])}."
        " They order anyway: a campaign is worth what comes on top."
    )
    return Caption("response-by-segment", title, title, f"{title}. {spoken}.", note, data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "response",
        "Who comes anyway",
        _response_finding,
        drawings=(response_drawing,),
        sheets=(RESPONSE,),
        reasons=("What they will be worth",),
        is_narrow=True,
        charts=("response-by-segment",),
    ),
)
"""What departments may be told of this topic."""
