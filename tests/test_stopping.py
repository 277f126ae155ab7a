"""Signals: any of them ends any command within two seconds, and nothing is left half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
from shops import made_up_lines, write_csv

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 2.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stopped(
    folder: Path, code: str, number: int, *arguments: str, after: float = 0.5
) -> tuple[int, str, float]:
    """Run the command line after some code; return its code, words and seconds once signalled.

    The signal comes so long after the code has printed something.
    """
    not_inherited = (  # from a shell that runs the tests in the background, or without a terminal
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
    )
    program = not_inherited + textwrap.dedent(code) + "\nfrom rfmreport import cli\ncli.main()\n"
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        process.stdout.readline()
        time.sleep(after)
        begun = time.monotonic()
        process.send_signal(number)
        try:
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    return process.returncode, err, time.monotonic() - begun


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_csv(tmp_path / "orders.csv", made_up_lines(40, days=200))
    return tmp_path


WAITS_FOR_THE_ENGINE = """
    from rfmreport.source import orders
    def never(engine, *_):
        print("now", flush=True)
        engine.con.execute("SELECT count(*) FROM range(100000000) a, range(1000000) b").fetchall()
    orders.read_orders = never
"""
DOES_NOT_ANSWER = """
    import sqlite3, tempfile
    from rfmreport.source import orders
    tempfile.tempdir = "temporary"
    def never(engine, *_):
        print("now", flush=True)
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
        sqlite3.connect(":memory:").execute(f"{endless} SELECT sum(x) FROM n")
    orders.read_orders = never
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_engines_work(number: int, folder: Path) -> None:
    code, err, seconds = stopped(folder, WAITS_FOR_THE_ENGINE, number, "build", "orders.csv")
    assert code == 128 + number
    assert err == "rfmreport: stopped; nothing was written\n"
    assert seconds < SECONDS
    assert [path.name for path in folder.iterdir()] == ["orders.csv"]


def test_a_library_that_does_not_answer_is_not_waited_for(folder: Path) -> None:
    """What it left is taken away all the same, the folder for what spills from memory too."""
    (folder / "temporary").mkdir()
    arguments = ("build", "orders.csv")
    code, err, seconds = stopped(folder, DOES_NOT_ANSWER, signal.SIGTERM, *arguments)
    assert (code, err.splitlines()[0]) == (143, "rfmreport: stopped")
    assert seconds < SECONDS
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert names == {"orders.csv", "temporary"}


def test_a_signal_that_the_process_was_told_to_ignore_is_ignored(folder: Path) -> None:
    """As with nohup, which lets a build outlive the terminal."""
    code = """
        import signal
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        print("now", flush=True)
    """
    ended, err, _ = stopped(folder, code, signal.SIGHUP, "schemes", after=0.0)
    assert (ended, err) == (0, "")


def test_a_command_that_ends_by_itself_leaves_the_signals_as_they_were(folder: Path) -> None:
    code = """
        import atexit, signal, threading
        atexit.register(lambda: print(
            signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, signal.set_wakeup_fd(-1),
            threading.active_count(), flush=True))
        from rfmreport import cli
        cli.main()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), "schemes"],
        capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "True -1 1"
