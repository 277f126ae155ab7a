"""The form of dates: found in all values of a column, or refused with lines of each."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from stages import cleaned, engine_table, texts_of

from rfmreport.errors import InputError
from rfmreport.source.formats.date_forms import find_date_forms
from rfmreport.source.formats.dates import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ibis.backends.duckdb import Backend

    from rfmreport.source.orders import CleanOrders

FIRST = date(2024, 1, 3)
DAYS = [FIRST + timedelta(days=7 * n) for n in range(48)]
LAST = DAYS[-1]


def shop(folder: Path, dates: Iterable[str], name: str = "shop.csv") -> Path:
    """Write a file of one order per date."""
    rows = [f"C{n % 16};{name}{n};{day};10" for n, day in enumerate(dates)]
    path = folder / name
    path.write_text("\n".join(["customer;order;date;amount", *rows, ""]), encoding="utf-8")
    return path


def refusal(*paths: Path, **source: str) -> str:
    """Return what the program says of files that it does not read."""
    with pytest.raises(InputError) as caught, cleaned(*paths, source=source):
        pass
    return str(caught.value)


def evidence(clean: CleanOrders) -> tuple[str, str]:
    """Return what was decided on dates, and why."""
    return next((one.decided, one.evidence) for one in clean.decisions if "dates" in one.about)


STYLES = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d. %m. %Y",
    "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d.%m.%y", "%y-%m-%d", "%d%m%Y", "%m%d%Y", "%Y.%m.%d",
    "%d %b %Y", "%d-%b-%y", "%b %d, %Y", "%A, %d %B %Y", "%Y年%m月%d日", "%d/%m/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S\u202f%p", "%d.%m.%Y %H:%M Uhr", "%d/%m/%Y %H:%M:%S.123",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d/%m/%Y, %H:%M", "%d-%m-%Y %H.%M",
]  # fmt: skip


def read(engine: Backend, dates: Iterable[str]) -> tuple[str, list[date | None]]:
    """Return the form that was found, and what it makes of the dates."""
    frame = pd.DataFrame({"date": list(dates)}, dtype="string")
    table = engine_table(engine, frame)
    form = find_date_forms(texts_of(frame), "date", table).of_first
    rows = table.select(time=timestamp(table.date, form)).to_pyarrow().to_pylist()
    return form, [row["time"] and row["time"].date() for row in rows]


@pytest.mark.parametrize("style", STYLES)
def test_a_style_is_read_without_options(engine: Backend, style: str):
    times = [datetime(day.year, day.month, day.day, 14, 5) for day in DAYS]  # noqa: DTZ001
    assert read(engine, [time.strftime(style) for time in times])[1] == DAYS


@pytest.mark.parametrize("unit", ["seconds", "milliseconds", "microseconds"])
def test_times_counted_since_1970_are_read(engine: Backend, unit: str):
    size = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}[unit]
    seconds = [(day - date(1970, 1, 1)).days * 86_400 + 3_600 for day in DAYS]
    assert read(engine, [str(second * size) for second in seconds]) == (f"Unix {unit}", DAYS)


def test_the_users_format_may_be_seconds_since_1970(tmp_path: Path):
    with cleaned(shop(tmp_path, ["1704302700"]), source={"date_format": "%s"}) as clean:
        assert clean.coverage.last_day == FIRST


def test_days_as_excel_counts_them_are_read_with_either_decimal_mark(engine: Backend):
    days = [f"{(day - date(1899, 12, 30)).days}{',.'[n % 2]}35" for n, day in enumerate(DAYS)]
    assert read(engine, days) == ("Excel", DAYS)


MONTHS = {
    "German": ("13. März 2024", "1. Dez. 2024"),
    "French": ("13 mars 2024", "1er décembre 2024"),
    "Spanish": ("13 de marzo de 2024", "1 de diciembre de 2024"),
    "Portuguese": ("13 de março de 2024", "1 dez 2024"),
    "Italian": ("mercoledì 13 marzo 2024", "domenica 1 dicembre 2024"),
    "Dutch": ("13 mrt 2024", "1 december 2024"),
    "Polish": ("13 marca 2024", "1 grudnia 2024"),
    "Turkish": ("13 Mart 2024", "1 Aralık 2024"),
    "Russian": ("13 марта 2024 г.", "1 дек 2024"),
    "English": ("Wednesday, 13th March 2024", "Sunday, 1st December 2024"),
}


@pytest.mark.parametrize("language", MONTHS)
def test_months_have_names_in_the_languages_of_the_headings(engine: Backend, language: str):
    assert read(engine, MONTHS[language])[1] == [date(2024, 3, 13), date(2024, 12, 1)]


def test_the_evidence_says_what_no_other_order_can_read(tmp_path: Path):
    with cleaned(shop(tmp_path, ["01/02/2024", "13/02/2024", "14/02/2024"])) as clean:
        reason = "3 of the first 3 values, 2 of them cannot be month first"
        assert evidence(clean) == ("day first", reason)


def test_a_year_in_front_is_the_order_by_which_the_dates_lie_near_one_another(tmp_path: Path):
    with cleaned(shop(tmp_path, ["24/03/17", "24/03/18", "24/04/02"])) as clean:
        assert clean.coverage.last_day == date(2024, 4, 2)
        assert evidence(clean)[0] == "year first"


def test_years_and_days_that_are_as_likely_are_asked_for(tmp_path: Path):
    said = refusal(shop(tmp_path, ["24/03/12", "24/04/12", "24/05/12"]))
    assert said == (
        "column 'date': the day and the month cannot be told apart, every date reads as %d/%m/%y "
        "and as %y/%m/%d; say which with --date-format '%d/%m/%y'"
    )


@pytest.mark.parametrize("year", ["2024", "24"])
def test_the_first_of_each_month_may_be_the_first_twelve_days_of_a_year(tmp_path: Path, year: str):
    said = refusal(shop(tmp_path, [f"01/{month:02}/{year}" for month in range(1, 13)]))
    assert "the day and the month cannot be told apart" in said


def test_day_first_and_month_first_in_one_column_are_refused_with_lines_of_both(tmp_path: Path):
    dates = [day.strftime("%m/%d/%Y" if n % 5 == 4 else "%d/%m/%Y") for n, day in enumerate(DAYS)]
    said = refusal(shop(tmp_path, dates))
    assert said == (
        "column 'date': dates are written in two ways, '17/01/2024' (lines 4, 5 and 8, day first) "
        "and '01/31/2024' (lines 6, 21 and 26, month first); mend these lines, or keep those of "
        "one with --date-format '%d/%m/%Y'"
    )


def test_half_and_half_is_refused_as_two_ways_too(tmp_path: Path):
    dates = [day.strftime("%d/%m/%Y" if n % 2 else "%d-%m-%Y") for n, day in enumerate(DAYS)]
    said = refusal(shop(tmp_path, dates))
    assert "dates are written in two ways, '10/01/2024' (lines 3, 5 and 7, day first) and" in said


def test_years_of_two_digits_that_are_to_come_are_refused(tmp_path: Path):
    said = refusal(shop(tmp_path, [f"{day:%d/%m}/67" for day in DAYS]))
    assert "/67' and most others would be of years to come" in said


def test_another_order_below_the_first_rows_is_found_too(tmp_path: Path):
    dates = [day.strftime("%d/%m/%Y") for day in DAYS] * 50
    assert "'12/31/2024' (line 2402, month first)" in refusal(
        shop(tmp_path, [*dates, "12/31/2024"])
    )


def test_a_column_that_a_spreadsheet_half_turned_is_refused_with_the_share(tmp_path: Path):
    turned = [
        f"{day:%Y-%d-%m} 00:00:00" if day.day <= 12 else day.strftime("%d/%m/%Y") for day in DAYS
    ]
    said = refusal(shop(tmp_path, turned))
    assert "a spreadsheet turned 18 of 48 dates (38%), perhaps with day and month swapped" in said


@pytest.mark.parametrize(("years", "calendar"), [(543, "Buddhist"), (-579, "Islamic or Persian")])
def test_another_calendar_is_named(tmp_path: Path, years: int, calendar: str):
    dates = [f"{day:%d/%m}/{day.year + years}" for day in DAYS]
    said = refusal(shop(tmp_path, dates))
    assert f"years such as {2024 + years} are of the {calendar} calendar" in said


def test_offsets_are_said_and_the_clock_is_kept(tmp_path: Path):
    with cleaned(
        shop(tmp_path, ["2024-01-03T00:10:00+01:00", "2024-07-03T23:50:00+02:00"])
    ) as clean:
        (zone,) = (one for one in clean.decisions if one.about.startswith("time zone"))
        assert zone.decided == "the clock's time as written"
        assert zone.evidence == "offsets in the first rows: +01:00 1 times, +02:00 1 times"
        assert clean.coverage.last_day == date(2024, 7, 3)


def test_each_file_has_a_form_of_its_own(tmp_path: Path):
    english = shop(tmp_path, [day.strftime("%m/%d/%Y") for day in DAYS], "english.csv")
    german = shop(tmp_path, [day.strftime("%d.%m.%Y") for day in DAYS], "german.csv")
    with cleaned(english, german) as clean:
        assert (clean.coverage.first_day, clean.coverage.last_day) == (FIRST, LAST)
        assert clean.audit.kept.line_count == 2 * len(DAYS)


def test_the_order_of_lines_decides_nothing(tmp_path: Path):
    dates = [day.strftime("%y/%m/%d") for day in DAYS]
    random.Random(4).shuffle(dates)  # noqa: S311
    with cleaned(shop(tmp_path, dates)) as clean:
        assert (clean.coverage.first_day, clean.coverage.last_day) == (FIRST, LAST)
