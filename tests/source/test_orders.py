"""Orders: the contacts that come along, and the window."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from stages import cleaned, judged_table, rows_of

from rfmreport.settings import CleaningSettings
from rfmreport.source.orders import group_orders

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from ibis.backends.duckdb import Backend


CONTACTS = {"email": "mail", "phone": "tel", "contact_name": "who"}


def orders_with(engine: Backend, frame: pd.DataFrame, mapping: dict[str, str]) -> list[dict]:
    judged = judged_table(engine, frame, mapping=mapping)
    grouped = group_orders(judged, CleaningSettings())
    return grouped.order_by("order_id").to_pyarrow().to_pylist()


def test_contacts_come_along_as_they_are_meant(engine: Backend):
    """Empty cells and machine words are none; a number has lost its fraction; blanks go."""
    frame = rows_of(
        """
        order | customer | date       | amount | mail | tel     | who
        1     | 1        | 2010-12-01 | 5      | a@x  | 4420.0  | N/A
        1     | 1        | 2010-12-01 | 5      |      | null    | Ann
        2     | 1        | 2010-12-02 | 5      | NaN  | +44 20  | None
        """
    )
    frame.loc[1, "who"] = "  Ann\t"
    found = orders_with(engine, frame, CONTACTS)
    assert [tuple(row[name] for name in CONTACTS) for row in found] == [
        ("a@x", "4420", "Ann"),
        (None, "+44 20", None),
    ]


def test_contacts_change_no_line_and_no_order(engine: Backend):
    frame = rows_of(
        """
        order | customer | date       | amount | mail
        1     | 1        | 2010-12-01 | 5      | a@x
        1     | 1        | 2010-12-01 | 6      | b@x
        C2    | 1        | 2010-12-01 | -5     | c@x
        3     |          | 2010-12-01 | 7      | d@x
        """
    )
    plain = orders_with(engine, frame, {})
    mapped = orders_with(engine, frame, {"email": "mail"})
    assert not set(plain[0]) & set(CONTACTS)
    assert [row.pop("email") for row in mapped] == ["b@x", "d@x", "c@x"]
    assert mapped == plain


def test_a_line_that_stands_in_two_files_is_repeated_though_its_contact_changed(engine: Backend):
    frame = rows_of(
        """
        source_part | order | customer | date       | amount | tel
        march.csv   | 1     | 1        | 2010-12-01 | 5      | 111
        april.csv   | 1     | 1        | 2010-12-01 | 5      | 222
        """
    )
    judged = judged_table(engine, frame, mapping={"phone": "tel"}).to_pyarrow().to_pandas()
    assert sorted(judged.exclusion.fillna("")) == ["", "repeated"]


def test_the_window_ends_with_the_last_kept_order(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,TEA,1,2011-03-31 10:00,1.00,1\n"
        "2,TEA,1,2011-04-01 00:00,2.00,1\n"
        "3,TEA,1,2011-06-30 23:00,4.00,1\n"
        "C4,TEA,-1,2011-08-01 10:00,8.00,1\n"
    )
    with cleaned(path, cleaning={"window_months": 3}) as clean:
        assert clean.as_of == date(2011, 7, 1)
        assert (clean.coverage.first_day, clean.coverage.last_day) == (
            date(2011, 4, 1),
            date(2011, 6, 30),
        )
        found = {row.exclusion: row.amount for row in clean.audit.excluded}
    assert found == {"before_window": 1, "after_as_of": -8}
