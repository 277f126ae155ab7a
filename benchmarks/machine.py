"""Tells on which machine and with which versions a measurement was made."""

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path

ASK_VERSIONS = """
import importlib.metadata, json, sys
found = {d.name.lower(): d.version for d in importlib.metadata.distributions()}
print(json.dumps({name: found[name] for name in sys.argv[1:] if name in found}))
"""


def describe_machine() -> str:
    """Return the day, the processor, the memory, the system and this Python in one sentence."""
    return (
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {_read_processor()}, "
        f"{os.cpu_count()} cores, {_read_memory_gb():.0f} GB of memory, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}."
    )


def describe_versions(python: str, packages: tuple[str, ...]) -> str:
    """Return the versions that an interpreter has of the packages, as "duckdb 2.0.0, …"."""
    answer = subprocess.run(
        [python, "-c", ASK_VERSIONS, *packages], capture_output=True, check=True, text=True
    )
    return ", ".join(f"{name} {version}" for name, version in json.loads(answer.stdout).items())


def _read_processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _read_memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
