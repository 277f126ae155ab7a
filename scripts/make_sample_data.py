"""Cut the sample in `sample_data/` out of the whole Online Retail data set.

A customer is in the sample with all lines or with none, so that the recency, order count and
revenue of every customer in it are the real ones. Lines are copied byte for byte, in their order.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import zlib
from pathlib import Path
from typing import NamedTuple

SAMPLE = Path(__file__).parent.parent / "sample_data" / "online_retail_sample.csv.gz"
KEPT_ONE_IN = 3
# Bought 80,995 pieces and cancelled them twelve minutes later: the best known outlier of the set.
ALWAYS_KEPT_CUSTOMERS = frozenset({"16446.0"})


class Line(NamedTuple):
    """The fields of one line of the source, in the order of its columns."""

    invoice: str
    product: str
    description: str
    quantity: str
    date: str
    price: str
    customer: str
    country: str


def is_in_sample(line: Line) -> bool:
    """Decide by the customer, or by the invoice where the customer is missing."""
    if line.customer in ALWAYS_KEPT_CUSTOMERS:
        return True
    return zlib.crc32((line.customer or line.invoice).encode()) % KEPT_ONE_IN == 0


def parse_line(text: str) -> Line:
    """Read one line of the source; the set has no field that goes over several lines."""
    return Line(*next(csv.reader([text])))


def count_lines(lines: list[Line]) -> dict[str, int]:
    """Return the counts that `sample_data/README.md` states."""
    return {
        "lines": len(lines),
        "invoices": len({line.invoice for line in lines}),
        "customers": len({line.customer for line in lines if line.customer}),
        "countries": len({line.country for line in lines}),
        "calendar months": len({line.date[:7] for line in lines}),
        "lines without a customer": sum(not line.customer for line in lines),
        "lines of cancellations (invoice C…)": sum(line.invoice.startswith("C") for line in lines),
        "lines of bad debt (invoice A…)": sum(line.invoice.startswith("A") for line in lines),
        "lines of postage (product POST)": sum(line.product == "POST" for line in lines),
    }


def read_texts(path: Path) -> list[str]:
    """Read the lines of a CSV, plain or .gz, with their line ends."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return [line.decode("utf-8") for line in content.splitlines(keepends=True)]


def write_texts(texts: list[str], path: Path) -> None:
    """Write the lines as .gz with no name or time inside: the same lines give the same bytes."""
    path.write_bytes(gzip.compress("".join(texts).encode("utf-8"), compresslevel=9, mtime=0))


def main() -> None:
    """Cut the sample and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the whole data set, as CSV or CSV.gz")
    parser.add_argument("target", type=Path, nargs="?", default=SAMPLE)
    arguments = parser.parse_args()
    heading, *texts = read_texts(arguments.source)
    kept = [text for text in texts if is_in_sample(parse_line(text))]
    write_texts([heading, *kept], arguments.target)
    for name, count in count_lines([parse_line(text) for text in kept]).items():
        print(f"{count:>9,} {name}")
    print(f"{arguments.target.stat().st_size:>9,} bytes in {arguments.target.name}")


if __name__ == "__main__":
    main()
