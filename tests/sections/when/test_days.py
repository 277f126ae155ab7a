"""Revenue by hour and by day: the shades and heights are the figures, and labels have room."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from drawn_reports import draw_report
from example_trends import example_trends, trend_report

from rfmreport.formats import Formats
from rfmreport.kit.colors import ACCENT, PAPER
from rfmreport.kit.drawings import text_width
from rfmreport.pages.html import render_html, render_print_html
from rfmreport.sections.registry import report_drawings
from rfmreport.sections.when import page
from rfmreport.sections.when.figures import Day, WeekHour

FORMATS = Formats("en_GB", "GBP")
TRENDS = example_trends()
REPORT = trend_report()


def hour_revenue_drawing(trends, formats: Formats):
    return page.hour_revenue_chart(replace(REPORT, trends=trends), formats)


def day_drawing(trends, formats: Formats):
    return page.day_chart(replace(REPORT, trends=trends), formats)


def rows_of(drawing, kind: str, key: str | None = None) -> list[dict]:
    rows = [row for layer in drawing.layers if layer.kind == kind for row in layer.rows]
    return [row for row in rows if key is None or row["key"] == key]


def days_of(*revenues: int) -> tuple[Day, ...]:
    first = date(2024, 1, 1)
    return tuple(
        Day(first + timedelta(days=n), 1, Decimal(money), 1, Decimal(money))
        for n, money in enumerate(revenues)
    )


def test_the_busy_hours_are_told_by_what_they_bring():
    caption = page.hour_revenue_caption(TRENDS, FORMATS)
    assert caption.title == (
        f"The framed hours, with 54% of orders, bring {TRENDS.busiest.revenue_share:.0%} of revenue"
    )
    hours = (WeekHour(0, 9, 5, Decimal(10)), WeekHour(3, 12, 1, Decimal(700)))
    without = replace(TRENDS, busiest=None, hours=hours)
    assert page.hour_revenue_caption(without, FORMATS).title == (
        "Thursdays from 12:00 to 13:00 brought most: £700"
    )
    assert (
        "without a time"
        in page.hour_revenue_caption(replace(TRENDS, untimed_order_count=3), FORMATS).note
    )


def test_a_field_is_the_darker_the_more_revenue_it_brought():
    hours = (
        WeekHour(0, 9, 1, Decimal(100)),
        WeekHour(0, 10, 1, Decimal(400)),
        WeekHour(0, 11, 1, Decimal(-5)),
    )
    bars = rows_of(
        hour_revenue_drawing(replace(TRENDS, hours=hours, busiest=None), FORMATS), "bars"
    )
    assert [bar["about"] for bar in bars][:2] == ["Monday 09:00–10:00: £100",
                                                   "Monday 10:00–11:00: £400"]  # fmt: skip
    light, dark, none = (int(bar["color"][1:3], 16) for bar in bars)
    assert dark < light < none
    assert bars[2]["color"] == PAPER


def test_a_frame_over_the_end_of_the_week_is_open_between_its_parts():
    block = replace(TRENDS.busiest, first_weekday=6, weekday_count=2, first_hour=11, end_hour=13)
    lines = rows_of(hour_revenue_drawing(replace(TRENDS, busiest=block), FORMATS), "rules")
    assert len(lines) == 6  # two sides each, one end each
    whole = rows_of(hour_revenue_drawing(TRENDS, FORMATS), "rules")
    assert len(whole) == 4  # all days that have orders lie in it


def test_half_of_the_revenue_is_told_by_its_days():
    trends = replace(TRENDS, half_day_count=90)
    opened = sum(1 for day in TRENDS.days if day.order_count)
    assert page.day_caption(trends, FORMATS).title == (
        f"Half of the revenue came on 90 of {opened} days with orders"
    )
    assert len(page.day_caption(trends, FORMATS).table.rows) == 60


def test_days_stand_as_high_as_their_revenue_and_the_line_is_their_mean():
    trends = replace(TRENDS, days=days_of(0, 10, 20, 30, 40, 50, 60, 70, -7, 0, 0, 0, 0, 0))
    drawing = day_drawing(trends, FORMATS)
    area = rows_of(drawing, "ribbons", "days")
    heights = [row["y2"] - row["y"] for row in area]
    assert [height / heights[7] for height in heights[:8]] == pytest.approx(
        [n / 7 for n in range(8)]
    )
    assert heights[8] == pytest.approx(0)
    mean = rows_of(drawing, "ribbons", "mean")
    assert len(mean) == 8
    assert area[3]["x"] == mean[0]["x"]
    assert area[0]["y2"] - (mean[0]["y"] + mean[0]["y2"]) / 2 == pytest.approx(heights[7] * 3 / 7)


def test_the_third_of_the_month_with_most_orders_is_told_beyond_chance():
    """Ten orders a day, and from the 21st on twelve; then as many everywhere, but for one day."""
    first = date(2024, 1, 1)
    days = [first + timedelta(days=n) for n in range(366)]
    payday = tuple(Day(day, 12 if day.day > 20 else 10, Decimal(1), 1, Decimal(1)) for day in days)
    trends = replace(TRENDS, days=payday)
    assert page.day_of_month_caption(trends, FORMATS).title == (
        "From the 21st more orders come: 12 a day, 20% more than otherwise"
    )
    drawing = page.day_of_month_chart(replace(REPORT, trends=trends), FORMATS)
    bars = rows_of(drawing, "bars")
    assert [bar["color"] == ACCENT for bar in bars] == [n > 20 for n in range(1, 32)]
    assert bars[30]["about"] == "Day 31 of the month: 12 orders"
    even = tuple(replace(day, order_count=10 + (day.day == first)) for day in payday)
    trends = replace(TRENDS, days=even)
    caption = page.day_of_month_caption(trends, FORMATS)
    assert caption.title == "No part of the month takes clearly more orders than the others"
    assert [cell.text for cell in caption.table.rows[30].cells] == ["31.", "7", "70", "10"]
    short = replace(TRENDS, days=payday[:91])
    assert page.day_of_month_chart(replace(REPORT, trends=short), FORMATS) is None


def test_of_a_long_time_the_last_days_are_drawn_and_it_is_said():
    trends = replace(TRENDS, days=days_of(*range(1000)))
    assert len(rows_of(day_drawing(trends, FORMATS), "ribbons", "days")) == 400
    assert page.day_caption(trends, FORMATS).note.startswith("The last 400 days.")


@pytest.mark.parametrize(
    "drawing",
    [
        hour_revenue_drawing(TRENDS, FORMATS),
        hour_revenue_drawing(
            replace(TRENDS, hours=tuple(WeekHour(d, h, 1, Decimal(1)) for d in range(7)
                                        for h in range(24))), FORMATS),
        day_drawing(TRENDS, FORMATS),
        page.day_of_month_chart(REPORT, FORMATS),
        day_drawing(replace(TRENDS, hours=()), Formats("en_GB", "USD")),
        day_drawing(replace(TRENDS, days=days_of(*[1] * 30)), FORMATS),
    ],
)  # fmt: skip
def test_no_label_leaves_the_drawing_or_meets_another(drawing):
    months = []
    for layer in drawing.layers:
        if layer.kind != "texts":
            continue
        align = layer.style.get("align", "center")
        for row in layer.rows:
            width = 1.06 * text_width(row["text"])
            left = row["x"] - {"right": width, "center": width / 2}.get(align, 0)
            assert left >= -0.5, row["text"]
            assert left + width <= drawing.width + 0.5, row["text"]
            if align == "center":
                months.append((left, left + width))
    for one, other in pairwise(sorted(months)):
        assert one[1] <= other[0] + 0.5


def test_the_screen_shows_both_and_paper_says_what_the_busy_hours_bring():
    report = trend_report()
    charts = draw_report(report)
    screen = render_html(report, charts, data_files=(), template_dir=None)
    assert {'id="revenue-by-hour"', 'id="revenue-by-day"'} <= set(
        re.findall(r'id="revenue-by-(?:hour|day)"', screen)
    )
    paper = render_print_html(report, charts, page_size="A4", template_dir=None)
    assert 'id="revenue-by-day"' not in paper
    assert re.search(r"they bring\s+\d+% of revenue", paper)
    untimed = replace(report, trends=replace(report.trends, hours=(), busiest=None))
    ids = {drawing.caption.id for drawing in report_drawings(untimed, FORMATS)}
    assert "revenue-by-day" in ids
    assert "revenue-by-hour" not in ids
