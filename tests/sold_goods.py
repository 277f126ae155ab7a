"""Small shops with products, for the tests of what sells: lines drawn as text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stages import ENGINE, judged_table, rows_of

from rfmreport.source import reading
from rfmreport.source.sold import (
    find_namesakes,
    label_products,
    name_places,
    name_products,
    sold_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

HEADINGS = ("customer", "order", "date", "code", "name", "quantity", "price", "country")
_KNOWN = ("CustomerID", "InvoiceNo", "InvoiceDate", "StockCode", "Description", "Quantity",
          "UnitPrice", "Country")  # fmt: skip


@contextmanager
def goods(text: str, **rules: Any) -> Iterator[tuple[Backend, Table]]:
    """Judge lines drawn with | under HEADINGS (any of them); `rules` are cleaning settings."""
    frame = rows_of(text)
    frame = frame.rename(columns=dict(zip(HEADINGS, _KNOWN, strict=True)))
    with reading.open_engine(ENGINE) as engine:
        yield engine, engine.create_table("judged", judged_table(engine, frame, **rules))


def tables_of(lines: Table) -> tuple[Table, Table, Table]:
    """Return what was sold, what products are called, and what countries are called."""
    labels = label_products(lines)
    same = find_namesakes(labels)
    return sold_lines(lines, same), name_products(labels, same), name_places(lines)


def rows(table: Table, *order: str) -> list[dict[str, Any]]:
    return (table.order_by(*order) if order else table).to_pyarrow().to_pylist()
