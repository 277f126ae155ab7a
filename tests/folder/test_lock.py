"""The lock of a report's folder: one at a time, who it is, and a dead holder is none."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from rfmreport.folder.lock import HeldError, locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG_AGO = "2026-11-01 06:00:00+00:00"


def hold_in_a_child(lock: Path, seconds: float) -> int:
    """Let another process hold the lock for so long, and return its number once it does."""
    child = os.fork()
    if not child:
        ended = 1  # whatever happens, the child must not go on as the tests
        try:
            with locked(lock.parent, lock, 10.0):
                time.sleep(seconds)
            ended = 0
        finally:
            os._exit(ended)
    # The file is there a moment before it is locked: what it says is written after.
    while not (lock.exists() and lock.read_text(encoding="utf-8")):
        time.sleep(0.01)
    return child


@contextmanager
def held_by_a_child(lock: Path) -> Iterator[int]:
    """Let another process hold the lock until it is killed at the end; give its number."""
    child = hold_in_a_child(lock, 60)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_who_holds_it_is_told_and_since_when(tmp_path: Path) -> None:
    lock = tmp_path / "room/lock"
    who = rf"rfmreport \(process {{}} on {platform.node()}, since 20.*\) is working in it; wait"
    with (
        held_by_a_child(lock) as child,
        pytest.raises(HeldError, match=who.format(child)),
        locked(tmp_path, lock),
    ):
        pass
    with locked(tmp_path, lock):  # it is dead now, and left its note
        with pytest.raises(HeldError, match=who.format(os.getpid())), locked(tmp_path, lock, 0.1):
            pass
        assert lock.stat().st_mode & 0o777 == 0o600
        assert lock.parent.stat().st_mode & 0o777 == 0o700
    assert not lock.exists()


def test_it_is_waited_for(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    child = hold_in_a_child(lock, 0.5)
    with locked(tmp_path, lock, 10.0):
        pass
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("host", "lives", "is_held"),
    [
        (platform.node(), True, True),
        (platform.node(), False, False),
        ("another", False, True),  # nobody here can say
    ],
)
def test_where_the_disk_knows_no_locks_the_note_counts(
    host: str, lives: bool, is_held: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    pid = os.getpid() if lives else dead_process()
    lock = tmp_path / "lock"
    lock.write_text(json.dumps({"pid": pid, "host": host, "since": LONG_AGO}), encoding="utf-8")
    if is_held:
        with pytest.raises(HeldError, match=f"since {LONG_AGO[:10]}"), locked(tmp_path, lock):
            pass
    else:
        with locked(tmp_path, lock):
            assert json.loads(lock.read_text(encoding="utf-8"))["pid"] == os.getpid()


def dead_process() -> int:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return child
