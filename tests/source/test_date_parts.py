"""Dates in parts: columns of year, month and day, or of day and time, are one."""

from __future__ import annotations

import pytest
from stages import cleaned

from rfmreport.errors import InputError

THREE = """{0},{1},{2},Customer,Amount
2024,1,5,a,10
2024,12,31,b,20
2023,02,7,a,30
"""


def days_in(tmp_path, text, **given):
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    with cleaned(path, **given) as clean:
        kept = clean.orders.filter(clean.orders.exclusion.isnull())
        rows = kept.order_by("first_at").first_at.to_pyarrow().to_pylist()
        assert clean.audit.read.line_count == 3
    return [f"{one:%Y-%m-%d %H:%M:%S}" for one in rows]


@pytest.mark.parametrize("headings", [("Year", "Month", "Day"), ("Jahr", "Monat", "Tag")])
def test_year_month_and_day_are_one_date(tmp_path, headings):
    found = days_in(tmp_path, THREE.format(*headings))
    assert found == ["2023-02-07 00:00:00", "2024-01-05 00:00:00", "2024-12-31 00:00:00"]


def test_a_day_and_a_time_are_one(tmp_path):
    text = """Datum;Uhrzeit;Kunde;Betrag
    31.01.2024;9:30;a;1,50
    01.02.2024;23:59:58;b;2,50
    02.02.2024;;a;3,50
    """.replace(" ", "")
    found = days_in(tmp_path, text)
    assert found == ["2024-01-31 09:30:00", "2024-02-01 23:59:58", "2024-02-02 00:00:00"]


def test_what_is_said_may_be_what_was_made(tmp_path):
    text = THREE.format("Year", "Month", "Day")
    assert len(days_in(tmp_path, text, columns={"date": "Year-Month-Day"})) == 3


def test_a_date_that_stands_by_itself_is_taken(tmp_path):
    text = "Order Date,Year,Month,Day,Customer,Amount\n" + "".join(
        f"2024-03-0{n},2024,1,{n},a,5\n" for n in (1, 2, 3)
    )
    assert days_in(tmp_path, text)[0] == "2024-03-01 00:00:00"


def test_what_is_no_day_of_a_date_is_not_put_together(tmp_path):
    text = THREE.format("Year", "Month", "Day").replace(",5,", ",Monday,")
    with pytest.raises(InputError, match="--map date="):
        days_in(tmp_path, text)
