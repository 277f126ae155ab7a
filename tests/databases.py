"""A PostgreSQL server of the test's own, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROGRAMS = Path("/usr/lib/postgresql")
_AS_NOBODY_SPECIAL = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()


@contextmanager
def postgres() -> Iterator[Callable[[str], str]]:
    """Start a server; yield what runs SQL in it and returns the rows as CSV with a heading.

    Without PostgreSQL the test is skipped, in CI it fails.
    """
    found = sorted(_PROGRAMS.glob("*/bin/initdb"))
    if not found:
        message = "PostgreSQL is not installed: apt-get install postgresql"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    programs, folder = found[-1].parent, Path(tempfile.mkdtemp())
    if _AS_NOBODY_SPECIAL:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str, text: str | None = None) -> str:
        command = [*_AS_NOBODY_SPECIAL, str(programs / program), *arguments]
        return subprocess.run(
            command, check=True, input=text, capture_output=True, text=True, cwd=folder
        ).stdout

    def ask(sql: str) -> str:
        return run("psql", "-h", str(folder), "-U", "test", "-d", "postgres", "-q", "--csv",
                   "-v", "ON_ERROR_STOP=1", text=sql)  # fmt: skip

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run("pg_ctl", "start", "-D", data, "-w", "-l", str(folder / "log"), "-o", options)
        try:
            yield ask
        finally:
            run("pg_ctl", "stop", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
