"""Ids that a spreadsheet rounded are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stages import cleaned

from rfmreport.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("column", ["customer", "order"])
@pytest.mark.parametrize(
    ("rounded", "count"), [("1.23457E+12", 3), ("1,2E+05", 3), ("5E+11", 2_500)]
)
def test_rounded_ids_are_refused_wherever_they_stand(
    tmp_path: Path, column: str, rounded: str, count: int
):
    ids = [*map(str, range(count)), rounded]
    other = "order" if column == "customer" else "customer"
    rows = [f"{one};{n};2024-01-03;10" for n, one in enumerate(ids)]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join([f"{column};{other};date;amount", *rows, ""]))
    with pytest.raises(InputError) as caught, cleaned(path):
        pass
    assert str(caught.value).startswith(
        f"column '{column}', line {count + 2}: ids such as '{rounded}' were rounded by a spread"
    )


def test_an_e_in_an_id_is_no_rounding(tmp_path: Path):
    path = tmp_path / "shop.csv"
    path.write_text("customer,date,amount\nE+5,2024-01-03,10\n12E45,2024-01-04,10\n")
    with cleaned(path) as clean:
        assert clean.audit.kept.line_count == 2
