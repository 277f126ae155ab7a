"""Makes a Parquet file of any number of lines that look like the reference shop's, inside DuckDB.

`python generate.py 10 lines.parquet` writes ten million lines. The same reference, seed and version
of DuckDB give the same lines.
"""

import argparse
import math
import tempfile
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample_data" / "online_retail_sample.csv.gz"
SEED = 20111209
CHUNK_LINES = 2_000_000
MEMORY_LIMIT = "3GB"


def count_years(lines: int) -> int:
    """Return how many years of trade the lines cover: 2 for a million, 5 for a hundred million."""
    return max(1, round(2 * math.pow(lines / 1_000_000, 0.2)))


def fill_lines(connection: duckdb.DuckDBPyConnection, source: Path, lines: int, seed: int) -> None:
    """Make the table `lines`, one chunk of orders at a time."""
    variables = {
        "source": str(source),
        "lines": lines,
        "years": count_years(lines),
        "chunk_lines": CHUNK_LINES,
        "seed": seed,
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    connection.execute((HERE / "shop.sql").read_text(encoding="utf-8"))
    insert_chunk = (HERE / "shop_chunk.sql").read_text(encoding="utf-8")
    chunks = connection.execute("SELECT DISTINCT chunk FROM orders ORDER BY chunk").fetchall()
    for (chunk,) in chunks:
        connection.execute("SET VARIABLE chunk = $chunk", {"chunk": chunk})
        connection.execute(insert_chunk)


def generate(source: Path, lines: int, destination: Path, seed: int = SEED) -> None:
    """Write `lines` lines learned from `source` to a Parquet file, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=destination.parent) as folder:
        unfinished = Path(folder) / destination.name
        with duckdb.connect(Path(folder) / "shop.duckdb") as connection:
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            fill_lines(connection, source, lines, seed)
            connection.table("lines").write_parquet(str(unfinished))
        unfinished.rename(destination)


def main() -> None:
    """Generate one file from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("million_lines", type=float)
    parser.add_argument("destination", type=Path)
    parser.add_argument("--source", type=Path, default=SAMPLE, help="the shop to learn from, CSV")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    lines = round(arguments.million_lines * 1_000_000)
    generate(arguments.source, lines, arguments.destination, arguments.seed)


if __name__ == "__main__":
    main()
