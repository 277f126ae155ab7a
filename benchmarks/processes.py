"""Runs whole processes side by side and measures their time and memory (Linux, from /proc).

Time and memory are taken in separate rounds, so that looking at memory does not slow what is timed.
Import only the standard library here: a child's `ru_maxrss` starts at the size of its parent.
"""

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.02
MEGABYTE = 1_000_000
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
Commands = Mapping[str, list[str]]


@dataclass(frozen=True)
class Run:
    """One finished process; `tree_mb` is None where memory was not sampled."""

    seconds: float
    largest_process_mb: float
    tree_mb: float | None
    output: str


@dataclass(frozen=True)
class Result:
    """All timed runs of one contender, and the one whose memory was sampled."""

    runs: tuple[Run, ...]
    sampled: Run

    @property
    def seconds(self) -> float:
        """The median time of the whole process."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def fastest_seconds(self) -> float:
        """The shortest time of the whole process."""
        return min(run.seconds for run in self.runs)

    @property
    def slowest_seconds(self) -> float:
        """The longest time of the whole process."""
        return max(run.seconds for run in self.runs)

    @property
    def largest_process_mb(self) -> float:
        """The greatest resident size that one process of the tree ever had (`ru_maxrss`)."""
        return max(run.largest_process_mb for run in (*self.runs, self.sampled))

    @property
    def tree_mb(self) -> float:
        """The greatest sum over the process tree, shared pages counted once (PSS)."""
        return self.sampled.tree_mb or 0.0


def run_side_by_side(
    make_commands: Callable[[Path], Commands], round_count: int
) -> dict[str, Result]:
    """Run every command in turn, round after round, each time with a new folder to write to.

    One round before the timed ones warms the caches and samples memory. It counts for the time too
    where there is no other, of what takes minutes.
    """
    sampled = _run_round(make_commands, is_sampled=True)
    rounds = [_run_round(make_commands, is_sampled=False) for _ in range(round_count)]
    return {
        name: Result(tuple(each[name] for each in rounds or [sampled]), sampled[name])
        for name in sampled
    }


def _run_round(make_commands: Callable[[Path], Commands], *, is_sampled: bool) -> dict[str, Run]:
    """Run every command once."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        commands = make_commands(Path(folder))
        return {name: run_process(words, is_sampled=is_sampled) for name, words in commands.items()}


def run_process(command: list[str], *, is_sampled: bool) -> Run:
    """Run one command to its end and return what it took.

    Raises:
        RuntimeError: the command failed; the message holds the end of what it said.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=_environment())
        sampler = TreeSampler(process.pid)
        if is_sampled:
            sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.is_over.set()
        if process.returncode:
            errors.seek(0)
            last_words = errors.read().decode(errors="replace")[-2000:]
            message = f"{' '.join(command)} ended with {process.returncode}:\n{last_words}"
            raise RuntimeError(message)
        output.seek(0)
        return Run(
            seconds=seconds,
            largest_process_mb=usage.ru_maxrss * 1024 / MEGABYTE,
            tree_mb=sampler.peak_bytes / MEGABYTE if is_sampled else None,
            output=output.read().decode(),
        )


def _environment() -> dict[str, str]:
    """Return ours, but for what keeps Python from compiling a module once for all."""
    return {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}


class TreeSampler(threading.Thread):
    """Watches the memory of a process and all its descendants until told that they are over."""

    def __init__(self, root_pid: int) -> None:
        """Prepare to watch the tree below `root_pid`."""
        super().__init__(daemon=True)
        self.root_pid = root_pid
        self.peak_bytes = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        """Keep the greatest sum seen."""
        while not self.is_over.wait(SAMPLE_SECONDS):
            total = sum(_read_pss_bytes(pid) for pid in _find_tree(self.root_pid))
            self.peak_bytes = max(self.peak_bytes, total)


def _find_tree(root_pid: int) -> list[int]:
    """Return the process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(_read_parent(entry), []).append(int(entry.name))
    tree = [root_pid]
    for pid in tree:
        tree.extend(children.get(pid, []))
    return tree


def _read_parent(entry: Path) -> int:
    """Return the parent of a process, 0 where it has just ended."""
    try:
        status = (entry / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(status.rpartition(")")[2].split()[1])


def _read_pss_bytes(pid: int) -> int:
    """Return a process's proportional share of memory, 0 where it has just ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = (line.split() for line in rollup.splitlines())
    return sum(int(words[1]) * 1024 for words in lines if words[0] == "Pss:")
