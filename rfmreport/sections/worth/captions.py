"""What the section on worth says: what is to come, how sure that is, and how it did on the past."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.formats import rounded_that_add_up, three_figures_step
from rfmreport.kit.charted import Caption
from rfmreport.kit.sentences import people
from rfmreport.kit.tables import Cell, Column, Row, Table, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.sections.worth.figures import (
        Expected,
        ForecastTrial,
        Outlook,
        ReliabilityGroup,
        Response,
        Worth,
    )
    from rfmreport.vocabulary import Estimate

_YEAR_DAYS = range(360, 370)
_INTERVAL = "95% interval, for chance and for what such a forecast is off by"
# A way to foretell that missed the past by more than this is nothing to plan with.
_WORST_MISS = 0.5


def worth_title(worth: Worth, formats: Formats) -> str:
    """Say what today's customers will bring, or how many will order, and on what that rests."""
    if not worth.outlooks:
        if not worth.response.rows:
            return "The past is too short to say who will order again"
        count, days = formats.count(_expected_count(worth.response)), worth.response.windows[-1]
        return f"About {count} customers can be expected to order within {days} days"
    outlook, trial = worth.outlooks[-1], basis_of(worth)
    said = f"{_range(outlook.total, formats)} in the next {span_words(outlook.days, formats)}"
    whom = _whom(outlook, formats)
    if not worth.model and is_far_off(trial):
        return f"No forecast to plan with: tried on the past, it was {miss_words(trial, formats)}"
    tried = f"tried on the past{_tried_over(trial, outlook, formats)}"
    miss = f" ({tried}: {miss_words(trial, formats)})" if trial else ""
    if worth.model:
        return f"{whom[0].upper()}{whom[1:]} can be expected to bring {said}{miss}"
    return f"If {whom} buy as before, they bring {said}{miss}"


def _whom(outlook: Outlook, formats: Formats) -> str:
    if not outlook.untold_count:
        return "today's customers"
    told = outlook.total.customer_count
    return f"{formats.count(told)} of {formats.count(told + outlook.untold_count)} customers"


def is_far_off(trial: ForecastTrial | None) -> bool:
    """Say whether a way to foretell missed the past by too much to be planned with."""
    error = _error_of(trial)
    return error is not None and abs(error) > _WORST_MISS


def _error_of(trial: ForecastTrial | None) -> float | None:
    if trial is None:
        return None
    return trial.order_error if trial.revenue_error is None else trial.revenue_error


def miss_words(trial: ForecastTrial | None, formats: Formats) -> str:
    """Say by how much a way to foretell missed the past, in money where it foretold money."""
    return error_words(_error_of(trial), formats)


def _tried_over(trial: ForecastTrial | None, outlook: Outlook, formats: Formats) -> str:
    if trial is None or trial.days == outlook.days:
        return ""
    return f" over {formats.count(trial.days)} days"


def span_words(days: int, formats: Formats) -> str:
    """Say how long: a year is twelve months."""
    return "12 months" if days in _YEAR_DAYS else f"{formats.count(days)} days"


def dates_words(dates: Sequence[date], formats: Formats) -> str:
    """Write dates as a list: "11 Oct 2011, 12 Aug 2011 and 13 Jun 2011"."""
    *first, last = (formats.day(day) for day in dates)
    return f"{', '.join(first)} and {last}" if first else last


def basis_of(worth: Worth) -> ForecastTrial | None:
    """Return how the way that is used did on the shop's own past."""
    return next((trial for trial in worth.trials if trial.is_basis_of(worth)), None)


def error_words(error: float | None, formats: Formats) -> str:
    """Say by how much a forecast missed: "29% too low"."""
    if error is None:
        return "not known"
    written = formats.share(abs(error), 0)
    if written == formats.share(0.0, 0):
        return f"within {formats.share(0.01, 0)}"
    return f"{written} too {'low' if error < 0 else 'high'}"


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


def amount_of(row: Expected) -> Estimate:
    """Return the money to come, or the orders where money cannot be told."""
    return row.revenue or row.orders


def written_amount(value: float, formats: Formats, *, is_money: bool) -> str:
    """Write money short, and orders as a number."""
    return formats.money_short(value) if is_money else formats.count(value)


def amounts_that_add_up(
    values: Sequence[float], formats: Formats, *, is_money: bool
) -> tuple[list[str], str]:
    """Write amounts, and their sum, so that they add up as they are read.

    Money has the unit and the three figures of its sum; what is below the last of them says so.
    """
    exact = [Decimal(str(value)) for value in values]
    step = three_figures_step(sum(exact, Decimal(0))) if is_money else Decimal(1)
    rounded = rounded_that_add_up(exact, -step.adjusted())
    whole = sum(rounded, Decimal(0))

    def written(value: Decimal, rounded: Decimal) -> str:
        if not is_money:
            return formats.count(float(rounded))
        if not rounded and value > 0:
            return f"<{formats.money_like(step, whole)}"
        return formats.money_like(rounded, whole)

    total = written(whole, whole)
    return [written(*pair) for pair in zip(exact, rounded, strict=True)], total


def segment_amounts(outlook: Outlook, formats: Formats) -> list[str]:
    """Write what each of the rows will bring, as in every table: with the rest, they add up."""
    amounts = [amount_of(part).value for part in outlook.parts]
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
    amount, is_money = amount_of(row), row.revenue is not None
    low, high = (
        written_amount(value, formats, is_money=is_money) for value in (amount.low, amount.high)
    )
    return f"{low} to {high}{'' if is_money else ' orders'}"


def _outlook_title(outlook: Outlook, formats: Formats) -> str:
    rows, whole = outlook.rows, amount_of(outlook.total).value
    if not rows or whole <= 0:
        return "Too few customers to tell segments apart"
    if outlook.total.orders.value < FEWEST_ORDERS:
        return "Too few orders to come to tell segments apart"
    most = max(rows, key=lambda row: amount_of(row).value)
    share = formats.share(amount_of(most).value / whole, 0)
    what = "revenue" if most.revenue else "orders"
    return f"{people(shown(most.segment, 40))}: {share} of the {what} to come"


def _outlook_note(worth: Worth, outlook: Outlook, formats: Formats) -> str:
    if worth.model:
        return f"Dot: expectation; bar: {_INTERVAL}. Customers still to be won are not in it."
    days = dates_words(outlook.past_dates, formats)
    season = "" if outlook.days in _YEAR_DAYS else ", nor is a season"
    return (
        f"Dot: as in the {span_words(outlook.days, formats)} after {days}; bar: {_INTERVAL}. "
        f"Customers still to be won are not in it{season}."
    )


def _data_table(outlook: Outlook, formats: Formats) -> Table:
    labels = (
        "Segment",
        "Customers",
        "Orders",
        "from",
        "to",
        "Revenue",
        "from",
        "to",
        "Value today",
    )
    rows = tuple(
        Row(
            (
                Cell(shown(row.segment, 60)),
                Cell(formats.count(row.customer_count), str(row.customer_count)),
                *(Cell(formats.number(value), f"{value:.4f}") for value in _values(row.orders)),
                *_money_cells(row.revenue, formats),
                _money_cells(row.value, formats)[0],
            )
        )
        for row in (*outlook.parts, outlook.total)
    )
    columns = tuple(Column(label, numeric=i > 0) for i, label in enumerate(labels))
    return Table(f"The next {span_words(outlook.days, formats)} by segment", columns, rows)


def _values(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _money_cells(estimate: Estimate | None, formats: Formats) -> tuple[Cell, Cell, Cell]:
    if estimate is None:
        missing = Cell(formats.money(None))
        return missing, missing, missing
    value, low, high = (Cell(formats.money(v), f"{v:.2f}") for v in _values(estimate))
    return value, low, high


def _reliability_title(response: Response, formats: Formats) -> str:
    checked = response.checked
    if checked is None:
        return "Too few customers to compare"
    count = formats.count(checked.observed.customer_count)
    return (
        f"{formats.share(checked.predicted, 0)} of {count} customers were expected on "
        f"{formats.day(response.checked_on)}, {formats.share(checked.observed.value, 0)} came"
    )


def is_tested(response: Response) -> bool:
    """Say whether the chances were held against customers enough, other than their own."""
    checked = response.checked
    if response.is_in_sample or checked is None or len(response.groups) < 2:  # noqa: PLR2004
        return False
    return checked.observed.customer_count >= FEWEST_CUSTOMERS


def _reliability_table(groups: Sequence[ReliabilityGroup], formats: Formats) -> Table:
    rows = tuple(
        Row(
            (
                Cell(formats.share(group.predicted), f"{group.predicted:.6f}"),
                *(Cell(formats.share(value), f"{value:.6f}") for value in _values(group.observed)),
                Cell(
                    formats.count(group.observed.customer_count),
                    str(group.observed.customer_count),
                ),
            )
        )
        for group in groups
    )
    labels = ("Expected", "Came", "from", "to", "Customers")
    columns = tuple(Column(label) for label in labels)
    return Table("Chance as it was expected, and share that came", columns, rows)
