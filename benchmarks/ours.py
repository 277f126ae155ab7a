"""The commands of rfmreport and of the SQL baseline, and the times that they print."""

import json
import statistics
import sys
from pathlib import Path

from processes import Result

HERE = Path(__file__).parent
STAGES_TO_SEGMENTS = ("reading", "columns", "cleaning", "customers", "scoring", "segments")
MEMORY_LIMIT = "2GB"  # rfmreport's default, so that the SQL has no more and no less
PACKAGES = ("rfmreport", "duckdb", "ibis-framework", "pandas", "altair", "weasyprint")


def build_command(source: str, folder: Path, *options: str) -> list[str]:
    """Return the command that builds the report of `source`."""
    quiet = ["--quiet", "--json", *options]
    return [sys.executable, "-m", "rfmreport", "build", source, "-o", str(folder), *quiet]


def help_command() -> list[str]:
    """Return the command that should answer at once."""
    return [sys.executable, "-m", "rfmreport", "--help"]


def sql_command(source: str, spill_folder: Path) -> list[str]:
    """Return the command that makes the customer table by hand-written SQL."""
    script = str(HERE / "sql_baseline.py")
    limits = ["--memory-limit", MEMORY_LIMIT, "--spill-folder", str(spill_folder)]
    return [sys.executable, script, source, *limits]


def read_sql_seconds(result: Result) -> float:
    """Return the SQL's median time inside the process."""
    return statistics.median(json.loads(run.output)["seconds"] for run in result.runs)


def read_stage_seconds(result: Result) -> dict[str, float]:
    """Return the median time of each stage of rfmreport, by name, in their order."""
    timings = [json.loads(run.output)["timings"] for run in result.runs]
    return {stage: statistics.median(timing[stage] for timing in timings) for stage in timings[0]}


def read_seconds_to_segments(result: Result) -> float:
    """Return rfmreport's median time inside the process from reading to segments."""
    timings = [json.loads(run.output)["timings"] for run in result.runs]
    return statistics.median(
        sum(timing[stage] for stage in STAGES_TO_SEGMENTS) for timing in timings
    )
