"""What the section on worth says: what is to come, how sure that is, and how it did on the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.formats import amounts_that_add_up, written_amount
from rfmreport.kit.charted import Caption
from rfmreport.kit.sentences import YEAR_DAYS, dates_words, error_words, people, span_words
from rfmreport.kit.sheets import Field, page_table, with_ends
from rfmreport.kit.tables import shown
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.sections.worth.figures import Expected, ReliabilityGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table
    from rfmreport.sections.worth.figures import ForecastTrial, Outlook, Response, Worth

_INTERVAL = "95% interval, for chance and for what such a forecast is off by"


def worth_title(worth: Worth, formats: Formats) -> str:
    """Say what today's customers will bring, or how many will order, and on what that rests."""
    if not worth.outlooks:
        if not worth.response.rows:
            return "The past is too short to say who will order again"
        count, days = formats.count(_expected_count(worth.response)), worth.response.windows[-1]
        return f"About {count} customers can be expected to order within {days} days"
    outlook, trial = worth.outlooks[-1], worth.basis
    said = f"{_range(outlook.total, formats)} in the next {span_words(outlook.days, formats)}"
    whom = _whom(outlook, formats)
    off = error_words(trial.error if trial else None, formats)
    if worth.is_no_plan:
        return f"No forecast to plan with: tried on the past, it was {off}"
    miss = f" (tried on the past{_tried_over(trial, outlook, formats)}: {off})" if trial else ""
    if worth.model:
        return f"{whom[0].upper()}{whom[1:]} can be expected to bring {said}{miss}"
    return f"If {whom} buy as before, they bring {said}{miss}"


def _whom(outlook: Outlook, formats: Formats) -> str:
    if not outlook.untold_count:
        return "today's customers"
    told = outlook.total.customer_count
    return f"{formats.count(told)} of {formats.count(told + outlook.untold_count)} customers"


def _tried_over(trial: ForecastTrial | None, outlook: Outlook, formats: Formats) -> str:
    if trial is None or trial.days == outlook.days:
        return ""
    return f" over {formats.count(trial.days)} days"


def outlook_caption(worth: Worth, formats: Formats) -> Caption:
    """Return the words of what each segment will bring."""
    outlook = worth.outlooks[-1]
    what = "Revenue" if outlook.total.revenue else "Orders"
    title = _outlook_title(outlook, formats)
    spoken = ". ".join(f"{shown(row.segment, 60)}: {_range(row, formats)}" for row in outlook.rows)
    basis = worth.model or "extrapolated, not modelled"
    return Caption(
        "worth-by-segment",
        f"{what} of the next {span_words(outlook.days, formats)} by segment, {basis}",
        title,
        f"{title}. {spoken}.",
        _outlook_note(worth, outlook, formats),
        _data_table(outlook, formats),
    )


def segment_amounts(outlook: Outlook, formats: Formats) -> list[str]:
    """Write what each of the rows will bring, as in every table: with the rest, they add up."""
    amounts = [part.amount.value for part in outlook.parts]
    is_money = outlook.total.revenue is not None
    texts, _ = amounts_that_add_up(amounts, formats, is_money=is_money)
    return texts[: len(outlook.rows)]


def reliability_caption(response: Response, formats: Formats) -> Caption:
    """Return the words of what was said of customers, and how many came."""
    groups, days = response.groups, formats.count(response.windows[-1])
    title = _reliability_title(response, formats)
    spoken = "; ".join(
        f"expected {formats.share(group.predicted, 0)}, came "
        f"{formats.share(group.observed.value, 0)}"
        for group in groups
    )
    alike = "about the same chance" if response.model else "the same scores"
    note = (
        f"Each dot: customers with {alike}, and how many they are; bar: 95% interval. On the line "
        "as many came as expected, above it more."
    )
    return Caption(
        "reliability",
        f"Expected and come: orders within {days} days",
        title,
        f"{title}. From the least to the most likely: {spoken}.",
        note,
        _reliability_table(groups, formats),
    )


def _expected_count(response: Response) -> float:
    return sum(row.customer_count * row.shares[-1].value for row in response.rows)


def _range(row: Expected, formats: Formats) -> str:
    amount, is_money = row.amount, row.revenue is not None
    low, high = (
        written_amount(value, formats, is_money=is_money) for value in (amount.low, amount.high)
    )
    return f"{low} to {high}{'' if is_money else ' orders'}"


def _outlook_title(outlook: Outlook, formats: Formats) -> str:
    rows, whole = outlook.rows, outlook.total.amount.value
    if not rows or whole <= 0:
        return "Too few customers to tell segments apart"
    if outlook.total.orders.value < FEWEST_ORDERS:
        return "Too few orders to come to tell segments apart"
    most = max(rows, key=lambda row: row.amount.value)
    share = formats.share(most.amount.value / whole, 0)
    what = "revenue" if most.revenue else "orders"
    return f"{people(shown(most.segment, 40))}: {share} of the {what} to come"


def _outlook_note(worth: Worth, outlook: Outlook, formats: Formats) -> str:
    if worth.model:
        return f"Dot: expectation; bar: {_INTERVAL}. Customers still to be won are not in it."
    days = dates_words(outlook.past_dates, formats)
    season = "" if outlook.days in YEAR_DAYS else ", nor is a season"
    return (
        f"Dot: as in the {span_words(outlook.days, formats)} after {days}; bar: {_INTERVAL}. "
        f"Customers still to be won are not in it{season}."
    )


def _data_table(outlook: Outlook, formats: Formats) -> Table:
    fields: tuple[Field[Expected], ...] = (
        Field("", "Segment", lambda row: row.segment, limit=60),
        Field[Expected]("", "Customers", lambda row: row.customer_count, "count"),
        *with_ends("Orders", lambda row: row.orders, "number"),
        *with_ends("Revenue", lambda row: row.revenue, "money"),
        Field[Expected]("", "Value today", lambda row: row.value, "money"),
    )
    caption = f"The next {span_words(outlook.days, formats)} by segment"
    return page_table(caption, fields, (*outlook.parts, outlook.total), formats)


def _reliability_title(response: Response, formats: Formats) -> str:
    checked = response.checked
    if checked is None:
        return "Too few customers to compare"
    count = formats.count(checked.observed.customer_count)
    return (
        f"{formats.share(checked.predicted, 0)} of {count} customers were expected on "
        f"{formats.day(response.checked_on)}, {formats.share(checked.observed.value, 0)} came"
    )


def _reliability_table(groups: Sequence[ReliabilityGroup], formats: Formats) -> Table:
    fields: tuple[Field[ReliabilityGroup], ...] = (
        Field("", "Expected", lambda group: group.predicted, "share"),
        *with_ends("Came", lambda group: group.observed, "share"),
        Field[ReliabilityGroup](
            "", "Customers", lambda group: group.observed.customer_count, "count"
        ),
    )
    return page_table("Chance as it was expected, and share that came", fields, groups, formats)
