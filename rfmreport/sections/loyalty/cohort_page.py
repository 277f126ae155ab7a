"""What the cohorts say: the heatmap's finding, its notes, its data table and their file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Report
from rfmreport.sections.loyalty.figures import Cohort, CohortGroup, CohortMonth, Cohorts
from rfmreport.vocabulary import Estimate, months_before

if TYPE_CHECKING:
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table

_YEAR = 12
_SPOKEN_MONTHS = 3


def cohort_title(cohorts: Cohorts, formats: Formats) -> str:
    """Say whether recent cohorts come back more or less than older ones, beyond chance."""
    difference, recent, older = cohorts.difference, cohorts.recent, cohorts.older
    if difference and recent and older and not difference.low <= 0 <= difference.high:
        return (
            f"{_share(recent.share, formats)} of {_size(recent, formats)} customers won in "
            f"{_months(recent, formats)} ordered in one of the three months after, against "
            f"{_share(older.share, formats)} of {_size(older, formats)} in "
            f"{_months(older, formats)}"
        )
    if cohorts.everyone:
        group = cohorts.everyone
        return (
            f"{_share(group.share, formats)} of {_size(group, formats)} customers won in "
            f"{_months(group, formats)} ordered in one of the three months after"
        )
    return _next_month_title(cohorts, formats)


def _next_month_title(cohorts: Cohorts, formats: Formats) -> str:
    month = cohorts.pooled[0]
    share = formats.share(month.ordered_count / month.customer_count, 0)
    return (
        f"{share} of {formats.count(month.customer_count)} new customers "
        "ordered in the month after that of their first order"
    )


def _share(share: Estimate, formats: Formats) -> str:
    return formats.share(share.value, 0)


def _size(group: CohortGroup, formats: Formats) -> str:
    return formats.count(group.share.customer_count)


def _months(group: CohortGroup, formats: Formats) -> str:
    first, last = group.first_months[0], group.first_months[-1]
    if first == last:
        return formats.month(first)
    begin = formats.month_name(first) if first.year == last.year else formats.month(first)
    return f"{begin} to {formats.month(last)}"


def cohort_caption(cohorts: Cohorts, formats: Formats) -> Caption:
    """Return the words of the heatmap."""
    title = cohort_title(cohorts, formats)
    spoken = "; ".join(
        f"{formats.share(month.ordered_count / month.customer_count, 0)} in month "
        f"{month.months_since}"
        for month in cohorts.pooled
        if month.months_since <= _SPOKEN_MONTHS
    )
    return Caption(
        "cohorts",
        "Of each month’s new customers, the share that ordered in the months after",
        title,
        f"{title}. All cohorts together: {spoken}.",
        _cohort_note(cohorts, formats),
        _cohort_data(cohorts, formats),
    )


def _cohort_note(cohorts: Cohorts, formats: Formats) -> str:
    shown = cohorts.shown
    parts = []
    if cohorts.looks_new(shown[0]):
        parts.append(
            "* In the first whole month of the data old customers look new: it is in no comparison "
            "and not in “All”."
        )
    if cohorts.difference and cohorts.difference.low <= 0 <= cohorts.difference.high:
        parts.append(_same_words(cohorts, formats))
    elif cohorts.difference and cohorts.older and not _is_year_before(cohorts):
        parts.append("The two groups began in different seasons.")
    partial = [formats.month(month) for month in _partial_months(cohorts)]
    if partial:
        parts.append(f"Covered in part and left out: {' and '.join(partial)}.")
    if any(row.customer_count < FEWEST_CUSTOMERS for row in shown):
        parts.append(f"Too few: fewer than {FEWEST_CUSTOMERS} customers.")
    parts.append("Months are calendar months.")
    return " ".join(parts)


def _same_words(cohorts: Cohorts, formats: Formats) -> str:
    difference, recent, older = cohorts.difference, cohorts.recent, cohorts.older
    assert difference and recent and older  # noqa: PT018, S101  made together
    return (
        f"{_months(recent, formats)} ({_share(recent.share, formats)} of {_size(recent, formats)}) "
        f"and {_months(older, formats)} ({_share(older.share, formats)} of "
        f"{_size(older, formats)}) do not differ beyond chance: "
        f"{formats.points_change(difference.value)}, 95% interval "
        f"{formats.points_change(difference.low)} to {formats.points_change(difference.high)}."
    )


def _is_year_before(cohorts: Cohorts) -> bool:
    assert cohorts.recent and cohorts.older  # noqa: PT018, S101  the caller has looked
    recent = tuple(months_before(month, _YEAR) for month in cohorts.recent.first_months)
    return recent == cohorts.older.first_months


def _partial_months(cohorts: Cohorts) -> list[date]:
    """Return the first and the last month of the data where they are not covered whole."""
    first, last = cohorts.rows[0], cohorts.rows[0].months[-1]
    end = months_before(first.first_month, -last.months_since)
    begins = [cohorts.first_day.replace(day=1)] if cohorts.first_day.day > 1 else []
    is_over = any(row.months[-1].complete for row in cohorts.rows)
    return begins + ([end] if not is_over and end not in begins else [])


def _cohort_data(cohorts: Cohorts, formats: Formats) -> Table:
    months = (
        Field[Cohort]("", f"Month {since}", partial(_share_in, since), "share")
        for since in range(1, cohorts.shown_month_count + 1)
    )
    fields = (
        Field[Cohort]("", "First order in", lambda row: row.first_month, "month"),
        Field[Cohort]("", "Customers", lambda row: row.customer_count, "count"),
        *months,
    )
    caption = "Share of each month’s new customers who ordered later"
    return page_table(caption, fields, cohorts.shown, formats)


def _share_in(months_since: int, cohort: Cohort) -> float | None:
    if not cohort.is_reached(months_since) or cohort.customer_count < FEWEST_CUSTOMERS:
        return None
    return cohort.months[months_since].customer_count / cohort.customer_count


_Followed = tuple[Cohort, CohortMonth]

COHORTS = Sheet[Report, _Followed](
    "cohorts",
    "One row per first-order month and month since: who ordered, orders, revenue; months that the "
    "data cover only in part are marked.",
    (
        Field("first_month", "", lambda one: f"{one[0].first_month:%Y-%m}"),
        Field("customers", "", lambda one: one[0].customer_count, "count"),
        Field("months_since", "", lambda one: one[1].months_since, "count"),
        Field(
            "month",
            "",
            lambda one: f"{months_before(one[0].first_month, -one[1].months_since):%Y-%m}",
        ),
        Field("complete", "", lambda one: one[0].complete and one[1].complete, "yes"),
        Field("ordered", "", lambda one: one[1].customer_count, "count"),
        Field("share", "", lambda one: one[1].customer_count / one[0].customer_count, "share"),
        Field("orders", "", lambda one: one[1].order_count, "count"),
        Field("revenue", "", lambda one: one[1].revenue, "money"),
    ),
    lambda report: (
        [(row, month) for row in report.loyalty.cohorts.rows for month in row.months]
        if report.loyalty
        else None
    ),
)
