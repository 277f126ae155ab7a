"""What is said of months and seasons: words of their charts, their tables and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.charted import Caption
from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import capital
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import Table, TitledTable, shown
from rfmreport.models.intervals import FEWEST_ORDERS
from rfmreport.report import Report
from rfmreport.sections.when.figures import (
    Month,
    Season,
    SeasonTable,
    month_a_year_before,
    orders_changed,
    revenue_changed,
)
from rfmreport.sections.when.month_charts import (
    SHOWN_MONTHS,
    order_month_drawing,
    revenue_month_drawing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing

_MONTH = Field[Month]("", "Month", lambda month: month.first_day, "month")
_REVENUE = Field[Month]("revenue", "Revenue", lambda month: month.revenue, "money")
_ORDERS = Field[Month]("order_count", "Orders", lambda month: month.order_count, "count")
_CUSTOMERS = Field[Month]("customer_count", "Customers", lambda one: one.customer_count, "count")
_COMPLETE = Field[Month]("complete", "Full month", lambda month: month.complete, "yes")

MONTHS = Sheet[Report, Month](
    "months",
    "One row per calendar month; of a month that is not complete, what there is of it.",
    (
        Field("month", "", lambda month: f"{month.first_day:%Y-%m}"),
        _COMPLETE,
        _REVENUE,
        _ORDERS,
        _CUSTOMERS,
        Field("returning_customer_count", "", lambda one: one.returning_customer_count, "count"),
    ),
    lambda report: report.months if report.has_orders else None,
)


def shown_months(months: Sequence[Month]) -> tuple[Month, ...]:
    """Return the months that are drawn: a year and the month that it is compared with."""
    return tuple(months[-SHOWN_MONTHS:])


def month_caption(report: Report, formats: Formats) -> Caption:
    """Return the words of revenue by month."""
    drawn = shown_months(report.months)
    fields = (_MONTH, _REVENUE, _ORDERS, _CUSTOMERS, _COMPLETE)
    heading = "Revenue, orders and customers by month"
    table = page_table(heading, fields, report.months, formats)
    title = _revenue_title([month for month in report.months if month.complete], formats)
    spoken = "; ".join(
        f"{formats.month(month.first_day)}: {formats.money(month.revenue)}" for month in drawn
    )
    if len(report.months) > len(drawn):
        spoken = f"The last {len(drawn)} months: {spoken}"
    note = _revenue_note(report.months, drawn, formats)
    alternative = f"{title}. {spoken}."
    return Caption("revenue-by-month", "Revenue by month", title, alternative, note, table)


def _revenue_title(complete: Sequence[Month], formats: Formats) -> str:
    if not complete:
        return "No month is complete yet"
    last = complete[-1]
    name = f"{formats.month(last.first_day)}: {formats.money_short(last.revenue)}"
    if len(complete) == 1:
        return f"{name}, the only full month so far"
    ranked = sorted(complete, key=lambda month: month.revenue, reverse=True)
    place = ranked.index(last) + 1
    if place == 1 and not revenue_changed(last, ranked[1]):
        second = formats.month(ranked[1].first_day)
        return f"{name}, highest of {len(complete)} full months, within chance of {second}"
    if place == 1:
        return f"{name}, the best of {len(complete)} full months"
    if place == len(complete):
        return f"{name}, the weakest of {len(complete)} full months"
    best = ranked[0]
    return (
        f"{name}; the best of {len(complete)} full months was {formats.month(best.first_day)} "
        f"with {formats.money_short(best.revenue)}"
    )


def _revenue_note(months: Sequence[Month], drawn: Sequence[Month], formats: Formats) -> str:
    parts = [f"{formats.month(one.first_day)} is not complete" for one in drawn if not one.complete]
    if any(month_a_year_before(month, months) for month in drawn):
        parts.append("pale bars: the same month a year before")
    elif months:
        parts.append(
            f"the data begin in {formats.month(months[0].first_day)}, so no full month has "
            "a year before it"
        )
    return f"{capital('; '.join(parts))}." if parts else ""


def order_month_caption(report: Report, formats: Formats) -> Caption:
    """Return the words of orders by month, with the year before where both months are complete."""
    complete = [month for month in report.months if month.complete]
    title = _order_title(complete, report.months, formats)
    drawn = shown_months(report.months)
    spoken = "; ".join(
        f"{formats.month(month.first_day)}: {formats.count(month.order_count)}" for month in drawn
    )
    return Caption(
        "orders-by-month",
        "Orders by month",
        title,
        f"{title}. {spoken}.",
        _order_note(drawn, report.months, formats),
        _order_table(report.months, formats),
    )


def _order_title(complete: Sequence[Month], months: Sequence[Month], formats: Formats) -> str:
    if not complete:
        return "No month is complete yet"
    last = complete[-1]
    words = f"{formats.month(last.first_day)}: {formats.count(last.order_count)} orders"
    before = month_a_year_before(last, months)
    if before and min(last.order_count, before.order_count) >= FEWEST_ORDERS:
        earlier = formats.month(before.first_day)
        if not orders_changed(last, before):
            return f"{words}, level with {earlier} within chance"
        change = formats.relative_change(last.order_count / before.order_count - 1)
        return f"{words}, {change} on {earlier}"
    most = max(complete, key=lambda month: month.order_count)
    if most is last and len(complete) > 1:
        return f"{words}, most of {len(complete)} full months"
    if most is last:
        return f"{words}, the only full month so far"
    return (
        f"{words}; most of {len(complete)} full months came in "
        f"{formats.month(most.first_day)}, {formats.count(most.order_count)}"
    )


def _order_note(drawn: Sequence[Month], months: Sequence[Month], formats: Formats) -> str:
    unfinished = [formats.month(month.first_day) for month in drawn if not month.complete]
    parts = [f"Not complete and not compared: {', '.join(unfinished)}."] if unfinished else []
    if any(month_a_year_before(month, months) for month in drawn):
        parts.append("Pale bars: the same month a year before; the figures are of the later one.")
    else:
        parts.append("No full month has a full one a year before it.")
    return " ".join(parts)


def _order_table(months: Sequence[Month], formats: Formats) -> Table:
    before = {month: month_a_year_before(month, months) for month in months}
    years = _year_fields(before) if any(before.values()) else ()
    fields = (_MONTH, _ORDERS, _REVENUE, *years, _COMPLETE)
    return page_table("Orders and revenue by month", fields, months, formats)


def _year_fields(before: Mapping[Month, Month | None]) -> tuple[Field[Month], ...]:
    def orders(month: Month) -> int | None:
        earlier = before[month]
        return earlier.order_count if earlier else None

    def revenue(month: Month) -> Decimal | None:
        earlier = before[month]
        return earlier.revenue if earlier else None

    return (
        Field("", "Orders, year before", orders, "count"),
        Field("", "Change", lambda month: change_on(month.order_count, orders(month)), "deviation"),
        Field("", "Revenue, year before", revenue, "money"),
        Field("", "Change", lambda month: change_on(month.revenue, revenue(month)), "deviation"),
    )


def change_on(now: Decimal | int, before: Decimal | int | None) -> float | None:
    """Return the relative change on what was before; None where that was nothing."""
    return float(now / before) - 1 if before and before > 0 else None


def season_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the seasons; None where no two of them have a complete month."""
    if report.seasons is None:
        return None
    return TitledTable(
        _season_title(report.seasons, formats),
        _season_table(report.seasons, formats),
        _season_note(report.seasons, formats),
    )


def _season_title(seasons: SeasonTable, formats: Formats) -> str:
    best = next((s for s in seasons.seasons if s.name == seasons.standout), None)
    if best is None:
        return "No season leads beyond chance and in every year seen"
    name, money = shown(best.name, 40), formats.money_short(best.revenue_per_month)
    words = f"{name} brought most: {money} a month"
    if best.against_trend is not None:
        words += f", {formats.relative_change(best.against_trend)} on the year around"
    elif best.against_average is not None:
        words += f", {formats.relative_change(best.against_average)} on the average month"
    if seasons.standout_year_count > 1:
        words += f", in each of {formats.count(seasons.standout_year_count)} years"
    return words


def _season_note(seasons: SeasonTable, formats: Formats) -> str:
    parts = ["Per complete month; changes are of revenue."]
    left_out = sorted(day for season in seasons.seasons for day in season.incomplete_months)
    if left_out:
        names = ", ".join(formats.month_short(day) for day in left_out)
        parts.append(f"Not complete and left out: {names}.")
    if seasons.is_against_trend:
        parts.append("On the year around: each month against the twelve around it, growth apart.")
    elif seasons.standout:
        parts.append("The data do not reach two years: a season and growth look the same.")
    paired = [season for season in seasons.seasons if season.year_month_count]
    if any(season.year_month_count < len(season.months) for season in paired):
        counts = ", ".join(
            f"{shown(season.name, 40)} {formats.count(season.year_month_count)}"
            for season in paired
        )
        parts.append(f"Months with a year before: {counts}.")
    return " ".join(parts)


def _season_fields(seasons: SeasonTable) -> tuple[Field[Season], ...]:
    """Return the columns: on pages, of the two changes the one that the seasons are compared by."""
    year = "Year" if any(season.year_month_count for season in seasons.seasons) else ""
    average, trend = ("", "Change") if seasons.is_against_trend else ("Change", "")
    return (
        Field("season", "Season", lambda one: one.name),
        Field("months", "", lambda one: " ".join(map(str, one.months))),
        Field("complete_months", "Months", lambda one: one.complete_month_count, "count",
              hint="complete"),
        Field("orders_per_month", "Orders", lambda one: one.order_count_per_month, "count",
              hint="a month"),
        Field("revenue_per_month", "Revenue", lambda one: one.revenue_per_month, "money",
              hint="a month"),
        Field("against_average_month", average, lambda one: one.against_average, "deviation",
              hint="on average"),
        Field("against_year_around", trend, lambda one: one.against_trend, "deviation",
              hint="on year around"),
        Field("change_on_year", year, lambda one: one.year_change, "deviation",
              hint="on year"),
        Field("months_with_a_year_before", "", lambda one: one.year_month_count, "count"),
        Field("stands_out", "", lambda one: one.name == seasons.standout, "yes"),
    )  # fmt: skip


SEASONS = Sheet[Report, Season](
    "seasons",
    "One row per season: its months, what the complete ones brought, against what.",
    lambda report: _season_fields(report.seasons) if report.seasons else (),
    lambda report: report.seasons.seasons if report.seasons else None,
)


def _season_table(seasons: SeasonTable, formats: Formats) -> Table:
    return page_table(
        "Seasons by their complete months",
        _season_fields(seasons),
        seasons.seasons,
        formats,
        note=lambda season: _month_range(season, formats),
    )


def _month_range(season: Season, formats: Formats) -> str:
    """Write the months of the season: "Dec, Jan, Feb"; of a long one, the first and the last."""
    names = [formats.month_number_short(number) for number in season.months]
    gaps = {(b - a) % 12 for a, b in zip(season.months, season.months[1:], strict=False)}
    return f"{names[0]}–{names[-1]}" if gaps == {1} else ", ".join(names)


def month_chart(report: Report, formats: Formats) -> Drawing | None:
    """Draw the revenue of each month."""
    if not report.months:
        return None
    return revenue_month_drawing(month_caption(report, formats), report.months, formats)


def order_month_chart(report: Report, formats: Formats) -> Drawing | None:
    """Draw the orders of each month, where there are two to compare."""
    if report.trends is None or len(report.months) <= 1:
        return None
    return order_month_drawing(order_month_caption(report, formats), report.months, formats)


def _seasons_finding(report: Report, formats: Formats) -> str:
    complete = [month for month in report.months if month.complete]
    if len(complete) < 2:  # noqa: PLR2004  one month has no season
        return ""
    most = max(complete, key=lambda month: month.order_count)
    mean = sum(month.order_count for month in complete) / len(complete)
    return (
        f"{formats.month(most.first_day)} took {formats.count(most.order_count)} orders, most of "
        f"{formats.count(len(complete))} full months; the average is {formats.count(mean)}"
    )


def _seasons_block(report: Report, formats: Formats, _: Medium) -> Block:
    told = season_block(report, formats)
    return Block(told.table, note=told.note) if told else Block()


SEASON_SECTION = Section[Report](
    "seasons",
    "Months and seasons",
    _seasons_finding,
    block=_seasons_block,
    files=("data/months.csv",),
    charts=("orders-by-month",),
    look="seasons",
)
