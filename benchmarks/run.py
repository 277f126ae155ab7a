"""Compares rfmreport with the notebook and with hand-written SQL on one file; writes results.md.

`python benchmarks/run.py [FILE]`. Needs rfmreport in this Python, and its extra `bench` in this one
or in the one named by --notebook-python.
"""

import argparse
import gzip
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import ours
from machine import describe_machine, describe_versions
from mailbox_server import take_mail
from processes import Commands, Result, run_side_by_side
from tables import Reach, make_reach_table, make_table

HERE = Path(__file__).parent
REFERENCE = HERE.parent.parent / "shared" / "data" / "online_retail.csv.gz"
SAMPLE = HERE.parent / "sample_data" / "online_retail_sample.csv.gz"
NOTEBOOK_PACKAGES = ("pandas", "pyarrow", "matplotlib", "seaborn", "nbconvert", "ipykernel")

RECIPE = "(a) recipe alone"
NOTEBOOK = "(b) notebook to HTML"
SQL = "(c) SQL, customer table only"
HTML = "rfmreport, HTML"
OWN = "rfmreport, HTML, the notebook's questions"
PDF = "rfmreport, HTML and PDF"
DEPARTMENTS = "rfmreport, HTML, PDF, seven departments"
MONTH = "rfmreport run: all that, e-mailed"
HELP = "rfmreport --help"
# What the notebook answers too: who the customers are, which segments they form, the map of both.
OWN_SECTIONS = "summary,segments,map"


@contextmanager
def open_plain(source: Path) -> Iterator[Path]:
    """Give the file as plain CSV: what is compressed is unpacked into a temporary folder."""
    if source.suffix != ".gz":
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / source.stem
        with gzip.open(source) as packed, plain.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        yield plain


def make_commands(source: Path, notebook_python: str, mail_port: int, folder: Path) -> Commands:
    """Return what is compared, in the order in which it runs."""
    file = str(source.resolve())
    recipe, notebook = str(HERE / "notebook_recipe.py"), str(HERE / "notebook.py")
    return {
        RECIPE: [notebook_python, recipe, file],
        NOTEBOOK: [notebook_python, notebook, file, str(folder)],
        SQL: ours.sql_command(file, folder),
        HTML: ours.build_command(file, folder / "html", "--currency", "GBP"),
        OWN: ours.build_command(
            file, folder / "own", "--currency", "GBP", "--sections", OWN_SECTIONS
        ),
        PDF: ours.build_command(file, folder / "pdf", "--currency", "GBP", "--pdf"),
        DEPARTMENTS: ours.build_command(
            file, folder / "all", "--currency", "GBP", "--pdf", "--departments", "all"
        ),
        MONTH: ours.run_command(file, folder / "month", mail_port),
        HELP: ours.help_command(),
    }


def judge(results: Mapping[str, Result]) -> list[Reach]:
    """Hold the results against the reaches of the project."""
    notebook_seconds = results[NOTEBOOK].seconds
    sql_seconds = ours.read_sql_seconds(results[SQL])
    to_segments = ours.read_seconds_to_segments(results[HTML]) / sql_seconds
    times = "×"
    return [
        Reach("HTML against (b)", results[HTML].seconds / notebook_seconds, 0.45, times),
        Reach("HTML and PDF against (b)", results[PDF].seconds / notebook_seconds, 0.85, times),
        Reach("The notebook's questions", results[OWN].seconds / notebook_seconds, 0.3, times),
        Reach("Reading to segments against (c)", to_segments, 2, times),
        Reach(
            "What seven departments add to HTML and PDF",
            results[DEPARTMENTS].seconds / results[PDF].seconds - 1,
            1.0,
            times,
        ),
        Reach("The monthly run against (b)", results[MONTH].seconds / notebook_seconds, 4, times),
        Reach("`--help`", results[HELP].seconds, 0.3, "s"),
        Reach("Peak memory, HTML and PDF, all processes together", results[PDF].tree_mb, 500, "MB"),
    ]


def make_contender_table(results: Mapping[str, Result]) -> str:
    """Return the time and memory of each contender."""
    notebook_seconds = results[NOTEBOOK].seconds
    return make_table(
        ["Whole process", "Median s", "Range s", "× (b)", "Largest process MB", "All processes MB"],
        [
            [
                name,
                f"{result.seconds:.2f}",
                f"{result.fastest_seconds:.2f} to {result.slowest_seconds:.2f}",
                f"{result.seconds / notebook_seconds:.2f}",
                f"{result.largest_process_mb:.0f}",
                f"{result.tree_mb:.0f}",
            ]
            for name, result in results.items()
        ],
    )


def make_stage_table(results: Mapping[str, Result]) -> str:
    """Return where our time goes, with the SQL for comparison."""
    html, pdf = (ours.read_stage_seconds(results[name]) for name in (HTML, PDF))
    rows = [[stage, _as_seconds(html.get(stage)), _as_seconds(pdf[stage])] for stage in pdf]
    to_segments = [ours.read_seconds_to_segments(results[name]) for name in (HTML, PDF)]
    sql_seconds = _as_seconds(ours.read_sql_seconds(results[SQL]))
    rows.append(["**reading to segments**", *map(_as_seconds, to_segments)])
    rows.append(["*the SQL (c), the same way*", sql_seconds, sql_seconds])
    return make_table(["Stage, median s inside the process", "HTML", "HTML and PDF"], rows)


def _as_seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3f}"


def write_page(results: Mapping[str, Result], source: Path, notebook_python: str) -> str:
    """Return the page of results as Markdown."""
    round_count = len(results[HTML].runs)
    size_mb = source.stat().st_size / 1e6
    return "\n\n".join(
        [
            "# Results",
            (
                f"`{source.name}` ({size_mb:.1f} MB), medians of {round_count} interleaved rounds "
                "of whole processes. Written by `benchmarks/run.py`; README.md says what is "
                "compared."
            ),
            describe_machine(),
            (
                f"rfmreport and SQL: {describe_versions(sys.executable, ours.PACKAGES)}. "
                f"Notebook: {describe_versions(notebook_python, NOTEBOOK_PACKAGES)}."
            ),
            make_contender_table(results),
            "## Reaches",
            make_reach_table(judge(results)),
            "## Where our time goes",
            make_stage_table(results) + "\n",
        ]
    )


def main() -> None:
    """Run the comparison, print it and write it to results.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = REFERENCE if REFERENCE.exists() else SAMPLE
    parser.add_argument("source", type=Path, nargs="?", default=default, help="CSV, plain or .gz")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--notebook-python", default=sys.executable, help="runs (a) and (b)")
    arguments = parser.parse_args()
    python = arguments.notebook_python
    with open_plain(arguments.source) as source, take_mail() as port:
        results = run_side_by_side(
            lambda folder: make_commands(source, python, port, folder), arguments.rounds
        )
        page = write_page(results, source, python)
    print(page)
    (HERE / "results.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
