"""Which column of dates is the order's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stages import cleaned

from rfmreport.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def shop(folder: Path, *headings: str, fixed: str = "2024-12-01") -> Path:
    """Write orders with one day under "Date", and other days under the headings."""
    days = [f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(30)]
    rows = [",".join([f"C{n}", fixed, *[day] * len(headings), "10"]) for n, day in enumerate(days)]
    path = folder / "shop.csv"
    path.write_text("\n".join([",".join(["customer", "Date", *headings, "amount"]), *rows, ""]))
    return path


@pytest.mark.parametrize("headings", [("Placed by",), ("seen",), ("shipped", "Bestelltag")])
def test_the_day_of_the_export_gives_way_to_the_orders(tmp_path: Path, headings: tuple[str, ...]):
    with cleaned(shop(tmp_path, *headings)) as clean:
        assert clean.column_map.date == headings[-1]
        (decision,) = (one for one in clean.decisions if one.about == "column of dates")
        assert decision.option == f"--map date='{headings[-1]}'"
        (found,) = (one for one in clean.findings if one.key == "date_column")
        assert found.text.startswith("Column 'Date' has one day, 2024-12-01, in all lines; orders")


def test_several_others_are_offered(tmp_path: Path):
    with pytest.raises(InputError) as caught, cleaned(shop(tmp_path, "seen", "shipped")):
        pass
    assert str(caught.value) == (
        "column 'Date' has one day, 2024-12-01, in all lines, others have many; say which is the "
        "order's date: --map date='seen' or --map date='shipped'"
    )


def test_what_the_user_maps_stays(tmp_path: Path):
    with cleaned(shop(tmp_path, "Order placed"), columns={"date": "Date"}) as clean:
        assert clean.column_map.date == "Date"


def test_one_day_without_another_column_is_one_day(tmp_path: Path):
    with cleaned(shop(tmp_path)) as clean:
        assert str(clean.coverage.first_day) == "2024-12-01"
