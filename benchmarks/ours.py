"""The commands of rfmreport and of the SQL baseline, and the times that they print."""

import json
import statistics
import sys
from pathlib import Path

from processes import Result

HERE = Path(__file__).parent
STAGES_TO_SEGMENTS = ("reading", "columns", "cleaning", "customers", "scoring", "segments")
MEMORY_LIMIT = "2GB"  # rfmreport's default, so that the SQL has no more and no less
DEPARTMENTS = ("marketing", "sales", "crm", "product", "data", "finance", "operations")
PACKAGES = ("rfmreport", "duckdb", "ibis-framework", "pandas", "altair", "weasyprint")


def build_command(source: str, folder: Path, *options: str) -> list[str]:
    """Return the command that builds the report of `source`."""
    quiet = ["--quiet", "--json", *options]
    return [sys.executable, "-m", "rfmreport", "build", source, "-o", str(folder), *quiet]


def run_command(source: str, folder: Path, mail_port: int) -> list[str]:
    """Return the command of the monthly run: report, departments, e-mail to a server of our own."""
    folder.mkdir()
    config = folder / "rfmreport.toml"
    lists = "\n".join(
        f'[departments.{name}]\nrecipients = ["{name}@shop.example"]' for name in DEPARTMENTS
    )
    config.write_text(
        f"""
[source]
paths = ['{source}']
[report]
shop = "Online Retail"
currency = "GBP"
[run]
folder = '{folder / "reports"}'
[email]
sender = "Reports <reports@shop.example>"
management = ["board@shop.example"]
host = "127.0.0.1"
port = {mail_port}
security = "none"
{lists}
""",
        encoding="utf-8",
    )
    quiet = ["--quiet", "--json", "--month", "2011-11", "--config", str(config)]
    return [sys.executable, "-m", "rfmreport", "run", *quiet]


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
