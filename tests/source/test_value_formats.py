"""How a source writes its dates: found, or asked for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from stages import engine_table, judged_lines, texts_of

from rfmreport.errors import InputError, SettingsError
from rfmreport.settings import SourceSettings
from rfmreport.source.columns.roles import ColumnMap
from rfmreport.source.formats.value_formats import find_value_formats
from rfmreport.source.lines import parse_lines

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


DATES = [
    ("2010-12-13 08:26:00", "ISO", "2010-12-13T08:26:00"),
    ("2010-12-13", "ISO", "2010-12-13T00:00:00"),
    ("2010-12-13T08:26:00", "ISO", "2010-12-13T08:26:00"),
    ("2010-12-13T08:26:00.123Z", "ISO", "2010-12-13T08:26:00.123"),
    ("2026-03-06 23:58:42 +0000", "ISO", "2026-03-06T23:58:42"),
    ("2026-03-06 23:58:42 -0500", "ISO", "2026-03-06T23:58:42"),
    ("2026-03-06T00:10:00+02:00", "ISO", "2026-03-06T00:10:00"),
    ("13/12/2010 08:26", "%d/%m/%Y", "2010-12-13T08:26:00"),
    ("12/13/2010 8:26", "%m/%d/%Y", "2010-12-13T08:26:00"),
    ("13/12/2010", "%d/%m/%Y", "2010-12-13T00:00:00"),
    ("12/13/10", "%m/%d/%y", "2010-12-13T00:00:00"),
    ("13/12/10 08:26:05", "%d/%m/%y", "2010-12-13T08:26:05"),
    ("12/13/2010 8:26:00 PM", "%m/%d/%Y", "2010-12-13T20:26:00"),
    ("12/13/2010 12:05 AM", "%m/%d/%Y", "2010-12-13T00:05:00"),
    ("13.12.2010 08:26", "%d.%m.%Y", "2010-12-13T08:26:00"),
    ("13.12.10", "%d.%m.%y", "2010-12-13T00:00:00"),
    ("13-12-2010", "%d-%m-%Y", "2010-12-13T00:00:00"),
    ("2010/12/13 08:26", "%Y/%m/%d", "2010-12-13T08:26:00"),
    ("20101213", "%Y%m%d", "2010-12-13T00:00:00"),
    ("13 Dec 2010", "%d %b %Y", "2010-12-13T00:00:00"),
    ("13 December 2010", "%d %B %Y", "2010-12-13T00:00:00"),
    ("Dec 13, 2010", "%b %d, %Y", "2010-12-13T00:00:00"),
    ("December 13, 2010", "%B %d, %Y", "2010-12-13T00:00:00"),
    ("13-Dec-2010", "%d-%b-%Y", "2010-12-13T00:00:00"),
    ("13-Dec-10", "%d-%b-%y", "2010-12-13T00:00:00"),
    ("40525.351388888886", "Excel", "2010-12-13T08:26:00"),
    ("40525", "Excel", "2010-12-13T00:00:00"),
]


@pytest.mark.parametrize(("written", "date_format", "expected"), DATES, ids=[d[0] for d in DATES])
def test_a_date_is_read_without_options(engine: Backend, written, date_format, expected):
    frame = pd.DataFrame({"customer": ["1"], "date": [written], "amount": ["1"]})
    columns = ColumnMap("customer", "date", amount="amount")
    table = engine_table(engine, frame)
    formats = find_value_formats(texts_of(frame), columns, table, SourceSettings())
    # ISO with slashes is read either way; what counts is the day.
    assert formats.date in {date_format, "ISO"}
    lines = parse_lines(table, columns, formats).to_pyarrow().to_pylist()
    assert lines[0]["ordered_at"] == datetime.fromisoformat(expected)


def find_date_format(engine: Backend, *written: str, sample: int | None = None, **source) -> str:
    frame = pd.DataFrame({"customer": "1", "date": list(written), "amount": "1"}, dtype="string")
    columns = ColumnMap("customer", "date", amount="amount")
    table = engine_table(engine, frame)
    settings = SourceSettings(**source)
    return find_value_formats(texts_of(frame.head(sample or 99)), columns, table, settings).date


def test_one_date_beyond_the_twelfth_settles_the_order_of_day_and_month(engine: Backend):
    assert find_date_format(engine, "01/02/2011", "03/04/2011", "13/04/2011") == "%d/%m/%Y"
    assert find_date_format(engine, "01/02/2011", "03/04/2011", "04/13/2011") == "%m/%d/%Y"


def test_the_whole_file_settles_what_its_first_rows_leave_open(engine: Backend):
    written = ["01/02/2011", "03/04/2011", "13/04/2011"]
    assert find_date_format(engine, *written, sample=2) == "%d/%m/%Y"


def test_a_few_unreadable_dates_do_not_hide_the_format(engine: Backend):
    assert find_date_format(engine, "13/12/2010", "14/12/2010", "n/a") == "%d/%m/%Y"
    assert find_date_format(engine, "2010-12-13", "2010-12-14", "n/a") == "ISO"


def test_day_and_month_that_cannot_be_told_apart_are_asked_for(engine: Backend):
    with pytest.raises(InputError) as caught:
        find_date_format(engine, "01/02/2011", "03/04/2011")
    assert str(caught.value) == (
        "column 'date': the day and the month cannot be told apart, every date reads as %d/%m/%Y "
        "and as %m/%d/%Y; say which with --date-format '%d/%m/%Y'"
    )


def test_the_users_date_format_wins(engine: Backend):
    assert find_date_format(engine, "01/02/2011", date_format="%m/%d/%Y") == "%m/%d/%Y"


def test_a_date_format_that_means_nothing_is_a_settings_error(engine: Backend):
    frame = pd.DataFrame({"customer": ["1"], "date": ["2010-12-13"], "amount": ["1"]})
    with pytest.raises(SettingsError, match="%Q"):
        judged_lines(engine, frame, source=SourceSettings(date_format="%Q"))


def test_what_is_no_date_is_shown_with_the_option_to_type(engine: Backend):
    with pytest.raises(InputError) as caught:
        find_date_format(engine, "red", "green", "blue")
    assert str(caught.value) == (
        "column 'date' does not hold dates that can be read: 'red', 'green', 'blue'; expected such "
        "as 2011-12-09 08:26; say which column does with --map date=HEADING"
    )


def test_a_column_of_small_numbers_is_no_date(engine: Backend):
    with pytest.raises(InputError, match="does not hold dates"):
        find_date_format(engine, "1", "2", "36")


def test_a_column_without_any_date_is_said_to_be_so(engine: Backend):
    frame = pd.DataFrame({"customer": ["1"], "date": [None], "amount": ["1"]}, dtype="string")
    columns = ColumnMap("customer", "date", amount="amount")
    with pytest.raises(InputError, match="does not hold dates"):
        find_value_formats(texts_of(frame), columns, engine_table(engine, frame), SourceSettings())


def test_each_column_has_a_decimal_mark_of_its_own(engine: Backend):
    frame = pd.DataFrame(
        {
            "customer": ["Ann", "Bob"],
            "date": "2010-12-13",
            "quantity": ["1.5", "1000.25"],
            "price": ["1.234,50", "12,00"],
            "discount": ["1,50", "0,25"],
        },
        dtype="string",
    )
    columns = ColumnMap("customer", "date", quantity="quantity", unit_price="price")
    table = engine_table(engine, frame)
    formats = find_value_formats(texts_of(frame), columns, table, SourceSettings())
    assert formats.decimals == {"quantity": ".", "price": ",", "discount": ","}
    lines = parse_lines(table, columns, formats).to_pyarrow().to_pylist()
    assert [line["amount"] for line in lines] == [Decimal("1851.75"), Decimal(12003)]
