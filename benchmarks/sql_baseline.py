"""Baseline (c): the hand-written SQL, timed inside the process from the file to the segments.

`python sql_baseline.py FILE` prints a JSON object: the seconds, without the import of DuckDB, and
the totals of the customer table, which is made and then forgotten.
"""

import argparse
import json
import time
from pathlib import Path

import duckdb

QUERY = (Path(__file__).parent / "customers.sql").read_text(encoding="utf-8")
PLACEHOLDER = "'orders.csv'"
TOTALS = "SELECT count(*), sum(order_count), round(sum(revenue), 2) FROM customers"


def make_customers(
    source: str, memory_limit: str | None = None, spill_folder: str | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection that holds the customer table of the CSV or Parquet file."""
    connection = duckdb.connect()
    if memory_limit:
        connection.execute(f"SET memory_limit = {_quote(memory_limit)}")
    if spill_folder:
        connection.execute(f"SET temp_directory = {_quote(spill_folder)}")
    connection.execute(QUERY.replace(PLACEHOLDER, _quote(source)))
    return connection


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def main() -> None:
    """Time the customer table and print the seconds with its totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--memory-limit", help="of DuckDB, such as 3GB; default: its own")
    parser.add_argument("--spill-folder", help="where DuckDB may write what memory cannot hold")
    arguments = parser.parse_args()
    start = time.perf_counter()
    connection = make_customers(arguments.source, arguments.memory_limit, arguments.spill_folder)
    seconds = time.perf_counter() - start
    customers, orders, revenue = connection.execute(TOTALS).fetchall()[0]
    summary = {"seconds": seconds, "customers": customers, "orders": orders, "revenue": revenue}
    print(json.dumps(summary, default=float))


if __name__ == "__main__":
    main()
