"""Values: how ids are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from stages import cleaned, judged_lines, rows_of

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def test_ids_stay_text_and_floats_lose_their_ending(engine: Backend):
    frame = rows_of(
        """
        customer    | order   | expected    | date       | amount
        17850.0     | 1.0     | 17850       | 2010-12-01 | 1
        17850       | 2       | 17850       | 2010-12-01 | 1
        00123       | 3       | 00123       | 2010-12-01 | 1
        00123.0     | 4       | 00123       | 2010-12-01 | 1
        TRUE Conroy | 5       | TRUE Conroy | 2010-12-01 | 1
        O'Reilly    | 6       | O'Reilly    | 2010-12-01 | 1
        12.50       | 7       | 12.50       | 2010-12-01 | 1
        1.5.0       | 8       | 1.5.0       | 2010-12-01 | 1
        v2.0        | 9       | v2.0        | 2010-12-01 | 1
        NA          | 10      | NA          | 2010-12-01 | 1
        nan         | 11      |             | 2010-12-01 | 1
        NaN         | 12      |             | 2010-12-01 | 1
        None        | 13      |             | 2010-12-01 | 1
        NULL        | 14      |             | 2010-12-01 | 1
        null        | 15      |             | 2010-12-01 | 1
        <NA>        | 16      |             | 2010-12-01 | 1
        Ünal Çelik  | 17      | Ünal Çelik  | 2010-12-01 | 1
        """
    )
    expected = frame.pop("expected")
    lines = judged_lines(engine, frame)
    assert list(lines.customer_id.fillna("-")) == list(expected.fillna("-"))
    assert list(lines.order_id) == [str(number) for number in range(1, 18)]


@pytest.mark.parametrize("blank", ["  17850", "17850  ", "\t17850\r"])
def test_blanks_around_an_id_do_not_make_another_customer(engine: Backend, blank: str):
    frame = pd.DataFrame({"customer": [blank, "17850"], "date": "2010-12-01", "amount": "1"})
    assert list(judged_lines(engine, frame).customer_id) == ["17850", "17850"]


def test_a_blank_id_is_no_customer(engine: Backend):
    frame = pd.DataFrame({"customer": ["", " ", "\t"], "date": "2010-12-01", "amount": "1"})
    assert set(judged_lines(engine, frame).exclusion) == {"missing_customer"}


def test_packed_texts_are_read_as_those_of_a_text_file(tmp_path):
    ids = ["17850.0", " 00123", "00123.0", "12.50", "v2.0", "nan", "NULL", " ", "", "N/A", "a\t"]
    frame = pd.DataFrame(
        {"order": "o", "customer": ids, "product": ids, "date": "2010-12-01", "amount": "1.50"}
    )
    frame.to_csv(tmp_path / "shop.csv", index=False)
    frame.to_parquet(tmp_path / "shop.parquet")
    read = []
    for name in ("shop.csv", "shop.parquet"):
        with cleaned(tmp_path / name) as clean:
            lines = clean.lines.select("customer_id", "product_code", "exclusion").execute()
            read.append(sorted(map(str, lines.itertuples(index=False, name=None))))
    assert len(read[0]) == len(ids)
    assert read[0] == read[1]
