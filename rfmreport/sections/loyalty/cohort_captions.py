"""What the cohorts say: the heatmap's finding, its notes and its data table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.vocabulary import months_before

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.sections.loyalty.figures import Cohort, CohortGroup, Cohorts
    from rfmreport.vocabulary import Estimate

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


def shown_month_count(shown: Sequence[Cohort]) -> int:
    """Return how many months after the first are shown: those of the oldest, at most twelve."""
    reached = max(sum(month.complete for month in row.months) for row in shown)
    return min(reached - 1, _YEAR)


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
    if _is_same(cohorts):
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


def _is_same(cohorts: Cohorts) -> bool:
    difference = cohorts.difference
    return difference is not None and difference.low <= 0 <= difference.high


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
    return begins + ([end] if not _is_over(cohorts) and end not in begins else [])


def _is_over(cohorts: Cohorts) -> bool:
    """Say whether the last month of the report is covered whole."""
    return any(row.months[-1].complete for row in cohorts.rows)


def _cohort_data(cohorts: Cohorts, formats: Formats) -> Table:
    count = shown_month_count(cohorts.shown)
    labels = ("First order in", "Customers", *(f"Month {since}" for since in range(1, count + 1)))
    rows = (
        Row(
            (
                Cell(formats.month(row.first_month), row.first_month.isoformat()),
                Cell(formats.count(row.customer_count), str(row.customer_count)),
                *(_month_cell(row, since, formats) for since in range(1, count + 1)),
            )
        )
        for row in cohorts.shown
    )
    columns = tuple(Column(label, numeric=i > 0) for i, label in enumerate(labels))
    return Table("Share of each month’s new customers who ordered later", columns, tuple(rows))


def _month_cell(cohort: Cohort, months_since: int, formats: Formats) -> Cell:
    if not cohort.is_reached(months_since) or cohort.customer_count < FEWEST_CUSTOMERS:
        return share_cell(None, formats)
    share = cohort.months[months_since].customer_count / cohort.customer_count
    return share_cell(share, formats)


def share_cell(value: float | None, formats: Formats) -> Cell:
    """Return a share with a decimal; a missing one is a dash."""
    return Cell(formats.share(value), "" if value is None else f"{value:.6f}")
