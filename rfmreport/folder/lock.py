"""Who may write into a report's folder: one process at a time, and which, where and since when.

The operating system holds the lock and lets go of it when its holder dies, however it dies. Where a
file system knows no locks, the note in the file says who holds it, and whether that process lives.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import IO, TYPE_CHECKING

from rfmreport.errors import OutputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HELD_BY_ANOTHER = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_MOMENT_SECONDS = 0.02
_BEYOND_THE_NOTE = 1 << 20  # on Windows a locked byte can be read by nobody else


class HeldError(OutputError):
    """Another process holds the lock."""


@contextmanager
def locked(output: Path, lock: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Keep all others from writing into `output`; `lock` is made, and gone when it is let go.

    Raises:
        HeldError: another process holds it, also after `wait_seconds`.
        OSError: the file cannot be made.
    """
    deadline = time.monotonic() + wait_seconds
    while (file := _taken(lock)) is None:
        if time.monotonic() >= deadline:
            message = f"{output}: {_holder(lock)} is working in it; wait until that has ended"
            raise HeldError(message)
        time.sleep(_MOMENT_SECONDS)
    with file:
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no file that is open: an empty one stays
                lock.unlink()


def _taken(lock: Path) -> IO[str] | None:
    """Return the lock's file, held and with our note in it; None where another holds it."""
    while True:
        try:
            file = _opened(lock)
        except FileNotFoundError:
            lock.parent.mkdir(mode=0o700, exist_ok=True)
            continue
        if not _is_locked(file):
            file.close()
            return None
        if _is_still_there(file, lock):
            note = {
                "pid": os.getpid(),
                "host": platform.node(),
                "since": datetime.now().astimezone().isoformat(" ", "seconds"),
            }
            file.seek(0)
            file.truncate()
            file.write(json.dumps(note))
            file.flush()
            return file
        file.close()  # its holder let go, and took the file away, before it was ours


def _opened(lock: Path) -> IO[str]:
    return os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")


def _is_locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(_BEYOND_THE_NOTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _HELD_BY_ANOTHER and not _names_a_living_process(file)
    return True


def _is_still_there(file: IO[str], lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.stat())
    except FileNotFoundError:
        return False


def _names_a_living_process(file: IO[str]) -> bool:
    """Say whether the note is of a process that may still be at work; of other hosts, all may."""
    file.seek(0)
    try:
        note = json.loads(file.read())
        if note["host"] != platform.node() or sys.platform == "win32":
            return True
        os.kill(note["pid"], 0)
    except (ValueError, KeyError, TypeError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


def _holder(lock: Path) -> str:
    try:
        note = json.loads(lock.read_text(encoding="utf-8"))
        return f"rfmreport (process {note['pid']} on {note['host']}, since {note['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another rfmreport"
