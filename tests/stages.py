"""The stages one after the other, for tests that look between them; tables written as text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from rfmreport.settings import (
    CleaningSettings,
    EngineSettings,
    SourceSettings,
    load_settings,
)
from rfmreport.source import notes, orders, reading
from rfmreport.source.lines import mark_repeated, parse_lines
from rfmreport.source.roles import map_columns
from rfmreport.source.value_formats import find_value_formats
from rfmreport.source.verdicts import Window, judge_lines
from rfmreport.stopwatch import Stopwatch
from rfmreport.vocabulary import (
    CUSTOMER_ID,
    MEASURES,
    SCORES,
    SOURCE_PART,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

ENGINE = EngineSettings(memory_limit="1GB", threads=2)


def rows_of(text: str) -> pd.DataFrame:
    """Read a table drawn with | between its columns; an empty cell is a missing value."""
    heading, *rows = [
        [cell.strip() or None for cell in line.split("|")]
        for line in text.splitlines()
        if line.strip()
    ]
    return pd.DataFrame(rows, columns=heading, dtype="string")


def texts_of(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what a sample holds: the texts of each column, without the empty cells."""
    return {name: tuple(frame[name].dropna().astype(str)) for name in frame.columns}


def engine_table(engine: Backend, frame: pd.DataFrame) -> Table:
    """Hold a frame of text in the engine, as a file that was read."""
    return engine.create_table("drawn", frame, temp=True, overwrite=True)


def judged_table(
    engine: Backend,
    frame: pd.DataFrame,
    source: SourceSettings | None = None,
    window: Window | None = None,
    mapping: Mapping[str, str] | None = None,
    **rules: Any,
) -> Table:
    """Parse and judge a drawn table; with a column `source_part`, repeated lines are marked."""
    table = engine_table(engine, frame)
    headings = tuple(name for name in frame.columns if name != SOURCE_PART)
    mapped = map_columns(headings, mapping or {})
    formats = find_value_formats(texts_of(frame), mapped, table, source or SourceSettings())
    settings, _ = notes.trusted_prefixes(texts_of(frame), mapped, CleaningSettings(**rules))
    lines = parse_lines(table, mapped, formats)
    if SOURCE_PART in frame.columns:
        lines = mark_repeated(lines)
    return judge_lines(lines, mapped, settings, window or Window())


def judged_lines(engine: Backend, frame: pd.DataFrame, **given: Any) -> pd.DataFrame:
    """Judge a drawn table and return its rows in their order: their numbers are descriptions."""
    numbered = frame.assign(description=[str(number) for number in range(len(frame))])
    rows = judged_table(engine, numbered, **given).to_pyarrow().to_pandas()
    rows.index = rows.pop("product_name").astype(int)
    return rows.sort_index()


@contextmanager
def cleaned(*paths: Path | str, **given: Mapping[str, object]) -> Iterator[orders.CleanOrders]:
    """Clean files as the program does, in an engine of their own; `given` are settings."""
    source = {"paths": [str(path) for path in paths], **given.pop("source", {})}
    settings = load_settings(None, {"source": source, **given})
    with reading.open_engine(ENGINE) as engine:
        yield orders.read_orders(engine, settings, Stopwatch())


def customers_table(engine: Backend, rows: Mapping[str, tuple[Any, Any, Any]]) -> Table:
    """Hold customers in the engine: id → (recency_days, order_count, revenue)."""
    values = [(name, int(r), int(f), str(m)) for name, (r, f, m) in rows.items()]
    frame = pd.DataFrame(values, columns=[CUSTOMER_ID, *MEASURES])
    table = engine.create_table("drawn_customers", frame, temp=True, overwrite=True)
    return table.mutate(
        recency_days=table.recency_days.cast("int32"),
        revenue=table.revenue.cast("decimal(38, 4)"),
    )


def scores_of(scored: Table) -> dict[str, tuple[int, int, int]]:
    """Return the three scores by customer."""
    found = scored.select(CUSTOMER_ID, *SCORES).to_pyarrow().to_pylist()
    return {row[CUSTOMER_ID]: tuple(row[name] for name in SCORES) for row in found}
