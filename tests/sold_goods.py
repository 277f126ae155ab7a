"""Small shops with products, for the tests of what sells: lines drawn as text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shops import customers_of
from stages import ENGINE, judged_table, put, rows_of

from rfmreport.customers.measure import MEASURED, measure_customers
from rfmreport.engine.ask import Engine
from rfmreport.source import reading
from rfmreport.source.sold import hold_sold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.source.orders import CleanOrders

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


@contextmanager
def held_goods(
    text: str, people: str = "", orders: Table | None = None, **rules: Any
) -> Iterator[Engine]:
    """Hold what was sold as the program does; `people` are customer_id | segment, or all alike."""
    with goods(text, **rules) as (backend, lines):
        backend.create_table("lines", lines)
        backend.create_view("judged_lines", backend.table("lines"))
        known = lines.customer_id.to_pyarrow().unique().to_pylist()
        drawn = people or "customer_id\n" + "\n".join(sorted(filter(None, known)))
        engine = Engine(backend.con)
        put(engine, "customers", customers_of(drawn))
        if orders is not None:
            put(engine, "orders", orders)
            engine.define("all_orders", "FROM orders")
        hold_sold(engine)
        yield engine


def hold_cleaned(clean: CleanOrders, customers: Table) -> Engine:
    """Hold what was sold of a file that was cleaned; `customers` have a segment."""
    engine = Engine(clean.orders.get_backend().con)
    put(engine, "customers", customers)
    engine.define("all_orders", "FROM orders")
    hold_sold(engine)
    return engine


def measured(clean: CleanOrders, day: date) -> Table:
    """Return the customers of a file that was cleaned, measured on a day."""
    backend = clean.orders.get_backend()
    measure_customers(Engine(backend.con), day)
    return backend.table(MEASURED)


def tables_of(lines: Table) -> tuple[Table, Table, Table]:
    """Return what was sold, what products are called, and what countries are called."""
    backend = lines.get_backend()
    engine = Engine(backend.con)
    known = engine.columns("SELECT table_name FROM information_schema.tables")["table_name"]
    if "lines" not in known:
        backend.create_view("lines", lines)
        backend.create_view("judged_lines", lines)
    if "customers" not in known:
        put(engine, "customers", customers_of("customer_id\na"))
    hold_sold(engine)
    return backend.table("sold"), backend.table("product_names"), backend.table("places")


def rows(table: Table, *order: str) -> list[dict[str, Any]]:
    return (table.order_by(*order) if order else table).to_pyarrow().to_pylist()
