"""CSV files: exact numbers, safe text, and a table that the engine writes the same way."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import ibis
import pandas as pd
import pytest
from stages import ENGINE

from rfmreport.engine.csv_files import copy_table, estimate_cells, plain, write_csv, write_table
from rfmreport.source import reading
from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Decimal("1200.5000"), "1200.5"),
        (Decimal("1E+3"), "1000"),
        ("=1+1", "'=1+1"),
        ("plain", "plain"),
        (-5.25, -5.25),
        (None, None),
    ],
)
def test_a_cell_is_exact_and_harmless(value, cell) -> None:
    assert plain(value) == cell


def test_rows_are_written_with_a_mark_and_plain_line_ends(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"name": "x,y", "n": 1}, {"name": "é", "n": None}])
    assert (tmp_path / "a.csv").read_bytes() == '\ufeffname,n\n"x,y",1\né,\n'.encode()
    write_csv(tmp_path / "b.csv", [], ["name", "n"])
    assert (tmp_path / "b.csv").read_text(encoding="utf-8-sig") == "name,n\n"


def test_an_estimate_has_four_cells_also_where_it_is_missing() -> None:
    assert estimate_cells("share", Estimate(0.5, 0.4, 0.6, 30)) == {
        "share": 0.5, "share_low": 0.4, "share_high": 0.6, "share_customers": 30,
    }  # fmt: skip
    assert set(estimate_cells("share", None).values()) == {None}


def test_the_engine_writes_a_table_in_its_order_and_safe(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["b", "=a"], "money": ["2.50", "10.00"]})
    with reading.open_engine(ENGINE) as engine:
        table = engine.create_table("t", frame, temp=True)
        table = table.mutate(money=table.money.cast("decimal(18, 4)"))
        write_table(engine, table.order_by(ibis.desc("money")), tmp_path / "it's.csv")
    assert (tmp_path / "it's.csv").read_text(
        encoding="utf-8"
    ) == "\ufeffname,money\n'=a,10.0\nb,2.5\n"


def test_what_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with reading.open_engine(ENGINE) as engine:
        table = engine.create_table("t", pd.DataFrame({"n": [1]}), temp=True)
        with pytest.raises(OSError, match="missing"):
            copy_table(engine, table, tmp_path / "missing" / "t.csv", "FORMAT csv")
