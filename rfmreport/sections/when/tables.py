"""The tables of the section on time: seasons by their complete months, and the best days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    TitledTable,
    shown,
)

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.when.figures import Day, Season, SeasonTable

_BEST_DAYS = 5
_MOST_OF_A_DAY = 0.5


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
        parts.append(f"Not complete and left out: {_months(left_out, formats)}.")
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


def _months(days: list[date], formats: Formats) -> str:
    return ", ".join(formats.month_short(day) for day in days)


def _season_table(seasons: SeasonTable, formats: Formats) -> Table:
    has_years = any(season.year_month_count for season in seasons.seasons)
    columns = (
        Column("Season", numeric=False),
        Column("Months", hint="complete"),
        Column("Orders", hint="a month"),
        Column("Revenue", hint="a month"),
        Column("Change", hint="on year around" if seasons.is_against_trend else "on average"),
        *([Column("Year", hint="on year")] if has_years else []),
    )
    rows = tuple(
        _season_row(season, seasons, formats, has_years=has_years) for season in seasons.seasons
    )
    return Table("Seasons by their complete months", columns, rows)


def _season_row(season: Season, seasons: SeasonTable, formats: Formats, *, has_years: bool) -> Row:
    change = season.against_trend if seasons.is_against_trend else season.against_average
    cells = [
        Cell(shown(season.name, 40)),
        Cell(formats.count(season.complete_month_count), str(season.complete_month_count)),
        Cell(formats.count(season.order_count_per_month), _raw(season.order_count_per_month)),
        Cell(formats.money(season.revenue_per_month), _raw(season.revenue_per_month)),
        Cell(formats.relative_change(change), _raw(change)),
    ]
    if has_years:
        cells.append(Cell(formats.relative_change(season.year_change), _raw(season.year_change)))
    return Row(tuple(cells), note=_month_range(season, formats))


def _month_range(season: Season, formats: Formats) -> str:
    """Write the months of the season: "Dec, Jan, Feb"; of a long one, the first and the last."""
    names = [formats.month_number_short(number) for number in season.months]
    gaps = {(b - a) % 12 for a, b in zip(season.months, season.months[1:], strict=False)}
    return f"{names[0]}–{names[-1]}" if gaps == {1} else ", ".join(names)


def best_day_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the days with most revenue; None where there are too few days to choose from."""
    days = report.trends.days if report.trends else ()
    opened = [day for day in days if day.order_count]
    if len(opened) <= 2 * _BEST_DAYS:
        return None
    best = sorted(opened, key=lambda day: (-day.revenue, day.day))[:_BEST_DAYS]
    total = sum(day.revenue for day in days)
    note = f"Of {formats.count(len(opened))} days with orders; all of them are in data/days.csv."
    return TitledTable(_day_title(best, total, formats), _day_table(best, formats), note)


def _day_title(best: list[Day], total: Decimal | int, formats: Formats) -> str:
    first = best[0]
    words = f"The best day, {formats.day(first.day)}, brought {formats.money_short(first.revenue)}"
    part = float(first.largest_order / first.revenue) if first.revenue > 0 else 0.0
    if part > _MOST_OF_A_DAY and first.order_count > 1:
        return f"{words}, {formats.share(part, 0)} of it in one order"
    return f"{words}, {formats.share(float(first.revenue / total))} of all" if total > 0 else words


def _day_table(best: list[Day], formats: Formats) -> Table:
    columns = (
        Column("Day", numeric=False),
        Column("Orders"),
        Column("Customers"),
        Column("Revenue"),
        Column("Largest", hint="order"),
    )
    rows = tuple(
        Row(
            (
                Cell(formats.day_of_week(day.day), day.day.isoformat()),
                Cell(formats.count(day.order_count), str(day.order_count)),
                Cell(formats.count(day.customer_count), str(day.customer_count)),
                Cell(formats.money(day.revenue), str(day.revenue)),
                Cell(formats.money(day.largest_order), str(day.largest_order)),
            )
        )
        for day in best
    )
    return Table("The days with most revenue", columns, rows)


def _raw(value: float | Decimal | None) -> str:
    return "" if value is None else str(value)
