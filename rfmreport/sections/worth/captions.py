"""What the section on worth says: what is to come, how sure that is, and how it did on the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.sentences import people
from rfmreport.kit.sheets import Field, page_table, with_ends
from rfmreport.kit.tables import shown
from rfmreport.sections.worth.figures import Expected, ReliabilityGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table
    from rfmreport.sections.worth.figures import Outlook, Response, Worth

_INTERVAL = "95% interval, for chance and for what such a forecast is off by"


def worth_title(worth: Worth, formats: Formats) -> str:
    """Say how many of today's customers will order, where no sum to come is told."""
    if not worth.response.rows:
        return "The past is too short to say who will order again"
    count, days = formats.count(_expected_count(worth.response)), worth.response.windows[-1]
    return f"About {count} customers can be expected to order within {days} days"


def outlook_caption(outlook: Outlook, formats: Formats) -> Caption:
    """Return the words of what each segment will bring."""
    title = _outlook_title(outlook, formats)
    days = formats.count(outlook.days)
    table = page_table(
        f"The next {days} days by segment", outlook_fields(outlook), outlook.parts, formats,
        total=outlook.total,
    )  # fmt: skip
    return Caption(
        "worth-by-segment",
        f"Revenue of the next {days} days by segment",
        title,
        f"{title}. {_spoken(outlook, formats)}.",
        f"Dot: expectation; bar: {_INTERVAL}.",
        table,
    )


def outlook_fields(outlook: Outlook) -> tuple[Field[Expected], ...]:
    """Return the columns of who will bring how much: amounts only where one number is told."""
    shares = (
        Field[Expected]("", "Segment", lambda part: part.segment),
        Field[Expected]("", "Customers", lambda part: part.customer_count or None, "count"),
        Field[Expected]("", "Share", lambda part: part.share, "share", "of revenue", adds_up=True),
    )
    if outlook.total.revenue is None:
        return shares
    return (
        *shares,
        Field("", "Orders", lambda part: part.orders, "count", adds_up=True),
        Field("", "Range", lambda part: part.orders, "count", is_range=True),
        Field("", "Revenue", lambda part: part.revenue, "money", adds_up=True),
        Field("", "Range", lambda part: part.revenue, "money_short", is_range=True),
    )


def _spoken(outlook: Outlook, formats: Formats) -> str:
    return ". ".join(
        f"{shown(row.segment, 60)}: {formats.money_short(row.revenue.low)} to "
        f"{formats.money_short(row.revenue.high)}"
        for row in outlook.rows
        if row.revenue
    )


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


def _outlook_title(outlook: Outlook, formats: Formats) -> str:
    most = max(outlook.rows, key=lambda row: row.share)
    share = formats.share(most.share, 0)
    return f"{people(shown(most.segment, 40))}: {share} of the revenue to come"


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
