"""Shows how time and memory grow from 1 to 100 million lines; appends a table to scale.md.

`python benchmarks/scale.py --sizes 1,10,100 --folder FOLDER`. Files already in the folder are used
again, so give the folder to measure twice on the same lines.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ours
from machine import describe_machine, describe_versions
from processes import Commands, Result, run_side_by_side
from tables import Reach, make_reach_table, make_table

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample_data" / "online_retail_sample.csv.gz"
OURS = "rfmreport"
SQL = "SQL"
_MOST_SECONDS = {10: 12, 100: 90}
# So that all of it takes minutes: what takes long differs less from run to run.
_ROUNDS = {1: 3, 10: 1, 100: 0}


@dataclass(frozen=True)
class Size:
    """What was measured at one number of lines."""

    million_lines: float
    file_mb: float
    results: Mapping[str, Result]

    @property
    def customer_count(self) -> int:
        """How many customers the SQL found."""
        return int(json.loads(self.results[SQL].sampled.output)["customers"])

    @property
    def seconds_to_segments(self) -> float:
        """Our time inside the process from reading to segments."""
        return ours.read_seconds_to_segments(self.results[OURS])

    @property
    def sql_seconds(self) -> float:
        """The SQL's time inside the process."""
        return ours.read_sql_seconds(self.results[SQL])


@contextmanager
def open_folder(folder: Path | None) -> Iterator[Path]:
    """Give the folder for the data: the one named, which is kept, or a temporary one."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


def provide_lines(million_lines: float, folder: Path, shop: Path) -> Path:
    """Return the Parquet file of that many lines, made first if it is not there.

    It is made in a process of its own: this one must stay small, or it would be counted as memory
    of the processes it measures.
    """
    lines = folder / f"lines_{million_lines:g}m.parquet"
    if not lines.exists():
        script = str(HERE / "generate.py")
        words = [sys.executable, script, f"{million_lines:g}", str(lines), "--source", str(shop)]
        subprocess.run(words, check=True)
    return lines


def make_commands(lines: Path, folder: Path) -> Commands:
    """Return what is compared, in the order in which it runs."""
    file = str(lines.resolve())
    return {
        OURS: ours.build_command(file, folder / "report"),
        SQL: ours.sql_command(file, folder),
    }


def measure_size(million_lines: float, lines: Path, round_count: int) -> Size:
    """Measure rfmreport and the SQL on one file."""
    results = run_side_by_side(lambda folder: make_commands(lines, folder), round_count)
    return Size(million_lines, lines.stat().st_size / 1e6, results)


def judge(sizes: list[Size]) -> list[Reach]:
    """Hold the sizes against the reaches of the project."""
    ratios = [
        Reach(
            f"Reading to segments against the SQL, {size.million_lines:g} million lines",
            size.seconds_to_segments / size.sql_seconds,
            2,
            "×",
        )
        for size in sizes
    ]
    growths = [
        Reach(
            f"Whole time, {more.million_lines:g} against {less.million_lines:g} million lines",
            more.results[OURS].seconds / less.results[OURS].seconds,
            more.million_lines / less.million_lines,
            "×",
        )
        for less, more in itertools.pairwise(sizes)
    ]
    wholes = [
        Reach(
            f"HTML, {size.million_lines:g} million lines",
            size.results[OURS].seconds,
            _MOST_SECONDS[size.million_lines],
            "s",
        )
        for size in sizes
        if size.million_lines in _MOST_SECONDS
    ]
    largest = sizes[-1]
    peak_gb = largest.results[OURS].tree_mb / 1000
    aim = f"Peak memory, {largest.million_lines:g} million lines, all processes together"
    return [*ratios, *growths, *wholes, Reach(aim, peak_gb, 2.5, "GB")]


def make_size_table(sizes: list[Size]) -> str:
    """Return the time and memory at each size."""
    headings = ["Million lines", "Customers", "Parquet MB", "rfmreport to HTML s"]
    headings += ["Reading to segments s", "SQL s", "Ratio"]
    headings += ["Largest process MB", "All processes MB", "SQL, largest process MB"]
    return make_table(
        headings,
        [
            [
                f"{size.million_lines:g}",
                f"{size.customer_count:,}",
                f"{size.file_mb:.0f}",
                f"{size.results[OURS].seconds:.2f}",
                f"{size.seconds_to_segments:.2f}",
                f"{size.sql_seconds:.2f}",
                f"{size.seconds_to_segments / size.sql_seconds:.2f}",
                f"{size.results[OURS].largest_process_mb:.0f}",
                f"{size.results[OURS].tree_mb:.0f}",
                f"{size.results[SQL].largest_process_mb:.0f}",
            ]
            for size in sizes
        ],
    )


def make_stage_table(sizes: list[Size]) -> str:
    """Return where our time goes at each size."""
    stages = [ours.read_stage_seconds(size.results[OURS]) for size in sizes]
    return make_table(
        ["Stage, median s", *(f"{size.million_lines:g} million" for size in sizes)],
        [[name, *(f"{stage[name]:.2f}" for stage in stages)] for name in stages[0]],
    )


def write_section(sizes: list[Size], shop: Path) -> str:
    """Return the section of this measurement as Markdown."""
    rounds = ", ".join(str(len(size.results[OURS].runs)) for size in sizes)
    return "\n\n".join(
        [
            f"## {describe_machine()}",
            (
                f"{describe_versions(sys.executable, ours.PACKAGES)}. Medians of {rounds} "
                f"interleaved rounds; shop learned from `{shop.name}`; DuckDB's memory limit "
                f"{ours.MEMORY_LIMIT} for both."
            ),
            make_size_table(sizes),
            make_reach_table(judge(sizes)),
            make_stage_table(sizes) + "\n",
        ]
    )


def main() -> None:
    """Measure every size, print the section and append it to scale.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shop", type=Path, nargs="?", default=SAMPLE, help="CSV to learn from")
    parser.add_argument("--sizes", default="1,10,100", help="million lines, ascending")
    parser.add_argument("--folder", type=Path, help="for the data; kept if given")
    parser.add_argument("--rounds", type=int, help="by default 3, 1 and 0: none beside the first")
    arguments = parser.parse_args()
    with open_folder(arguments.folder) as folder:
        sizes = []
        for million_lines in map(float, arguments.sizes.split(",")):
            lines = provide_lines(million_lines, folder, arguments.shop)
            given, usual = arguments.rounds, _ROUNDS.get(million_lines, 1)
            rounds = usual if given is None else given
            sizes.append(measure_size(million_lines, lines, rounds))
    section = write_section(sizes, arguments.shop)
    print(section)
    page = HERE / "scale.md"
    before = page.read_text(encoding="utf-8") if page.exists() else "# Growth\n"
    page.write_text(f"{before}\n{section}", encoding="utf-8")


if __name__ == "__main__":
    main()
