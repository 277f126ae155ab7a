"""When they buy: the title is the finding, labels stand where there is room, and sums tie out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from drawn_reports import draw_report, records_of
from example_report import HOSTILE, example_report
from example_trends import FIRST_DAY, example_trends, trend_report

from rfmreport.formats import Formats
from rfmreport.kit.colors import INK, PALE
from rfmreport.kit.drawings import text_width
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.registry import report_drawings
from rfmreport.sections.when.figures import BusyBlock, Trends, WeekHour
from rfmreport.sections.when.measure import compare_seasons
from rfmreport.sections.when.month_page import (
    month_caption,
    month_chart,
    order_month_caption,
    order_month_chart,
    season_block,
)
from rfmreport.sections.when.page import best_day_block, hour_caption, week_chart, when_title

FORMATS = Formats("en_GB", "GBP")


def rows_of(drawing, kind: str) -> list[dict]:
    return [row for layer in drawing.layers if layer.kind == kind for row in layer.rows]


def texts_of(drawing) -> list[str]:
    return [row["text"] for row in rows_of(drawing, "texts")]


def with_block(trends: Trends, first_weekday: int, count: int, hours: tuple[int, int]) -> Trends:
    block = BusyBlock(first_weekday, count, *hours, 600, 0.5004, count, 72)
    return replace(trends, busiest=block)


def week_of(trends: Trends):
    return week_chart(replace(trend_report(), trends=trends), FORMATS)


# --- titles -------------------------------------------------------------------------------------


def test_days_that_hold_all_orders_are_not_named_and_closed_ones_are():
    assert when_title(example_trends(), FORMATS) == (
        "54% of all orders come between 11:00 and 14:00, none on Saturdays"
    )


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ((1, 3, (11, 14)), "between 11:00 and 14:00 on Tuesday to Thursday"),
        ((3, 1, (9, 21)), "between 09:00 and 21:00 on Thursdays"),
        ((6, 2, (20, 24)), "between 20:00 and 24:00 on Sunday to Monday"),
        ((4, 2, (0, 24)), "at any hour on Friday to Saturday"),
    ],
)
def test_a_block_is_named_by_its_days_and_hours(block: tuple, words: str):
    title = when_title(with_block(example_trends(), *block), FORMATS)
    assert title == f"Half of all orders come {words}, none on Saturdays"


def test_without_a_busy_block_the_best_weekday_is_the_finding():
    trends = replace(example_trends(), busiest=None)
    assert when_title(trends, FORMATS).startswith("Thursdays take most orders: ")
    trends = replace(trends, best_weekday=None)
    assert when_title(trends, FORMATS) == (
        "No weekday and no hour takes clearly more orders than the others"
    )
    assert when_title(replace(trends, hours=()), FORMATS).startswith("No weekday takes")
    short = replace(trends, days=trends.days[:20], has_enough_weeks=False)
    assert when_title(short, FORMATS).startswith("20 days are too few")


def test_orders_without_a_time_are_said():
    trends = replace(example_trends(), untimed_order_count=12)
    caption = hour_caption(trend_report(), trends, FORMATS)
    assert caption.title.startswith("54% of the orders with a time of day come")
    assert "12 orders have a date and no time" in caption.note


# --- the map of the week ------------------------------------------------------------------------


def test_the_map_has_a_field_per_hour_and_the_week_adds_up():
    trends = example_trends()
    drawing = week_of(trends)
    assert len(rows_of(drawing, "bars")) == 6 * 12
    texts = texts_of(drawing)
    assert "no orders" in texts
    assert FORMATS.count(trends.weekdays[0].order_count) in texts
    table = hour_caption(trend_report(), trends, FORMATS).table
    assert sum(int(row.cells[2].raw) for row in table.rows) == sum(
        cell.order_count for cell in trends.hours
    )


def test_counts_that_have_no_room_become_shares():
    hours = tuple(
        WeekHour(weekday, hour, 1_234_567, Decimal(1)) for weekday in range(7) for hour in range(24)
    )
    drawing = week_of(replace(example_trends(), hours=hours))
    assert texts_of(drawing).count("0.6") == 7 * 24
    widths = [row["x2"] - row["x"] for row in rows_of(drawing, "bars")]
    assert text_width("0.6") < min(widths)


def test_a_block_over_the_end_of_the_week_is_framed_in_two_parts():
    trends = with_block(example_trends(), 6, 2, (11, 13))
    lines = rows_of(week_of(trends), "rules")
    assert len(lines) == 6  # two sides each, one end each
    whole = rows_of(week_of(example_trends()), "rules")
    assert len(whole) == 4


def test_without_hours_the_days_of_the_week_are_drawn():
    report = trend_report()
    assert report.trends
    report = replace(report, trends=replace(report.trends, hours=(), busiest=None))
    ids = [drawing.caption.id for drawing in report_drawings(report, FORMATS)]
    assert "orders-by-weekday" in ids
    assert "orders-by-hour" not in ids
    drawing = week_of(report.trends)
    assert len(rows_of(drawing, "bars")) == 7
    assert drawing.caption.note.endswith("The source has no time of day.")


# --- months -------------------------------------------------------------------------------------


def two_years():
    report = trend_report()
    earlier = tuple(
        replace(
            month,
            first_day=date(month.first_day.year - 1, month.first_day.month, 1),
            order_count=5 * month.order_count,
            revenue=5 * month.revenue,
        )
        for month in report.months[:-1]
    )
    return replace(report, months=(*earlier, *report.months))


@pytest.mark.parametrize("draw", [month_chart, order_month_chart])
def test_no_label_stands_on_a_pale_bar(draw):
    drawing = draw(two_years(), FORMATS)
    pale = [row for row in rows_of(drawing, "bars") if row["color"] == PALE]
    assert len(pale) == 12
    for text in rows_of(drawing, "texts"):
        half = text_width(text["text"]) / 2
        for bar in pale:
            is_beside = text["x"] + half <= bar["x"] or text["x"] - half >= bar["x2"]
            assert (
                is_beside or text["color"] != INK or text["y"] > bar["y"] or text["y"] < bar["y2"]
            )
    assert max(row["y"] for row in rows_of(drawing, "texts")) < drawing.height


@pytest.mark.parametrize("draw", [month_chart, order_month_chart])
def test_bars_of_a_month_do_not_overlap(draw):
    bars = sorted(rows_of(draw(two_years(), FORMATS), "bars"), key=lambda row: row["x"])
    for one, other in pairwise(bars):
        assert one["x2"] <= other["x"] + 0.01


def test_values_of_months_fit_side_by_side_in_any_currency():
    drawing = month_chart(two_years(), Formats("en_GB", "USD"))
    values = [t for t in rows_of(drawing, "texts") if t["color"] == INK]
    for one, other in pairwise(values):
        assert other["x"] - one["x"] >= text_width(one["text"]) * 1.06


def test_growth_is_told_of_complete_months_alone():
    caption = order_month_caption(two_years(), FORMATS)
    assert caption.title == "November 2011: 2,642 orders, −80.0% on November 2010"
    assert "Not complete and not compared: December 2011." in caption.note
    last = [cell.text for cell in caption.table.rows[-1].cells]
    assert last == ["December 2011", "776", "£513,230", "–", "–", "–", "–", "no"]
    one_year = order_month_caption(trend_report(), FORMATS)
    assert one_year.title == "November 2011: 2,642 orders, most of 12 full months"
    assert len(one_year.table.columns) == 4


def test_orders_that_differ_by_chance_alone_are_level():
    report = two_years()
    level = tuple(
        replace(month, order_count=2_600) if month.first_day == date(2010, 11, 1) else month
        for month in report.months
    )
    caption = order_month_caption(replace(report, months=level), FORMATS)
    assert caption.title == ("November 2011: 2,642 orders, level with November 2010 within chance")


def test_the_text_of_the_months_lists_all_that_it_counts_or_says_which():
    report = example_report()
    spoken = month_caption(report, FORMATS).alternative
    assert "the best of 12 full months" in spoken
    complete = [FORMATS.month(month.first_day) for month in report.months if month.complete]
    assert len(complete) == 12
    assert all(f"{name}: £" in spoken for name in complete)
    first = report.months[0]
    earlier = replace(first, first_day=first.first_day.replace(year=first.first_day.year - 1))
    longer = replace(report, months=(earlier, *report.months))
    assert ". The last 13 months: " in month_caption(longer, FORMATS).alternative


def test_a_best_month_within_chance_of_the_second_is_not_called_the_best():
    report = example_report()
    months = tuple(replace(month, square_sum=1e11) for month in report.months)
    assert month_caption(replace(report, months=months), FORMATS).title == (
        "November 2011: £1.14M, highest of 12 full months, within chance of October 2011"
    )


# --- files --------------------------------------------------------------------------------------


def test_days_and_hours_tie_out_and_closed_days_are_there() -> None:
    report = trend_report()
    days, hours = records_of("days", report), records_of("hours", report)
    assert days[-1] == {
        "day": date(2011, 12, 9),
        "orders": 41,
        "revenue": Decimal("184349.28"),
        "customers": 35,
        "largest_order": Decimal("168469.60"),
    }
    assert sum(row["orders"] for row in days) == report.trends.order_count
    assert next(row for row in days if row["day"] == date(2010, 12, 4))["orders"] == 0
    assert hours[-1] == {"weekday": "Sunday", "hour": 18, "orders": 88, "revenue": Decimal(9018)}


def test_days_of_the_month_hold_every_day_once() -> None:
    report = trend_report()
    days, rows = report.trends.days, records_of("day_of_month", report)
    assert sum(row["days"] for row in rows) == len(days)
    assert sum(row["orders"] for row in rows) == sum(day.order_count for day in days)
    (first,) = (row for row in rows if row["day_of_month"] == 1)
    assert first["orders_a_day"] == first["orders"] / first["days"]


def test_seasons_stand_with_what_they_are_held_against() -> None:
    report = trend_report()
    rows = records_of("seasons", report)
    assert [row["season"] for row in rows] == ["Winter", "Rest of the year"]
    assert rows[0]["months"] == "12 1 2"
    assert (rows[0]["complete_months"], rows[0]["against_year_around"]) == (3, None)
    assert rows[1]["revenue_per_month"] == report.seasons.seasons[1].revenue_per_month
    assert [row["stands_out"] for row in rows] == [False, True]


# --- tables -------------------------------------------------------------------------------------


def test_a_season_seen_once_is_told_apart_from_nothing():
    block = season_block(trend_report(), FORMATS)
    assert block
    assert block.title.startswith("Rest of the year brought most: £")
    assert "Not complete and left out: Dec 2011." in block.note
    assert "a season and growth look the same" in block.note
    assert [cell.text for cell in block.table.rows[0].cells][:3] == ["Winter", "3", "1,123"]
    assert [row.note for row in block.table.rows] == ["Dec–Feb", "Mar–Nov"]


def test_seasons_of_two_years_have_their_growth():
    report = two_years()
    seasons = compare_seasons(report.months, {"A": (1, 3, 5, 7, 9, 11), "B": (2, 4, 6, 8, 10, 12)})
    block = season_block(replace(report, seasons=seasons), FORMATS)
    assert block
    assert block.table.columns[-1].label == "Year"
    assert block.table.rows[0].cells[-1].text == "−80.0%"
    assert block.table.rows[0].note == "Jan, Mar, May, Jul, Sept, Nov"


def test_where_growth_is_apart_the_season_is_told_against_the_year_around_it():
    months = [
        replace(month, first_day=month.first_day.replace(year=year), complete=True)
        for year in (2009, 2010, 2011)
        for month in trend_report().months[1:13]
    ]
    found = compare_seasons(months, {"First": (1, 2, 3, 4, 5, 6), "Second": (7, 8, 9, 10, 11, 12)})
    block = season_block(replace(trend_report(), seasons=found), FORMATS)
    assert block.title.endswith("on the year around, in each of 2 years")
    assert "growth apart" in block.note
    assert block.table.columns[4].hint == "on year around"
    change = found.seasons[0].against_trend
    assert block.table.rows[0].cells[4].text == FORMATS.relative_change(change)


def test_the_best_day_says_when_one_order_made_it():
    block = best_day_block(trend_report(), FORMATS)
    assert block
    assert block.title == "The best day, 9 Dec 2011, brought £184k, 91% of it in one order"
    first = [cell.text for cell in block.table.rows[0].cells]
    assert first == ["Fri 9 Dec 2011", "41", "35", "£184,349", "£168,470"]
    assert len(block.table.rows) == 5
    report = trend_report()
    assert report.trends
    few = replace(report.trends, days=report.trends.days[:10])
    assert few.days[0].day == FIRST_DAY
    assert best_day_block(replace(report, trends=few), FORMATS) is None


# --- pages --------------------------------------------------------------------------------------


def test_the_sections_stand_in_both_media():
    report = trend_report()
    charts = draw_report(report)
    screen = render_html(report, charts, data_files=(), template_dir=None)
    paper = render_print_html(report, charts, page_size="A4", template_dir=None)
    for page in (screen, paper):
        assert 'id="when"' in page
        assert 'id="concentration"' in page
        assert "none on Saturdays" in page
        assert "42 customers of wholesale size" in page


def test_a_report_without_them_leaves_them_out():
    page = render_html(example_report(), (), data_files=(), template_dir=None)
    assert 'id="when"' not in page
    assert 'id="concentration"' not in page


def test_names_of_seasons_cannot_act():
    report = trend_report()
    seasons = compare_seasons(report.months, {HOSTILE: (12, 1, 2), "Rest": tuple(range(3, 12))})
    page = render_html(
        replace(report, seasons=seasons), draw_report(report), data_files=(), template_dir=None
    )
    assert "<script>alert('x')" not in page
