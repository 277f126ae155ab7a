"""How a command ends when it is told to: what works is interrupted, and soon it is over for good.

Python hears of a signal only between two steps of its own, and a library may be long at one of
them; so a thread hears of it too.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_GRACE_SECONDS = 0.8
_MOMENT_SECONDS = 0.1
_interrupts: list[Callable[[], object]] = []
_clearings: list[Callable[[], object]] = []


def interrupting(call: Callable[[], object]) -> AbstractContextManager[None]:
    """Let `call` stop, from another thread, what works while this lasts when a signal comes."""
    return _registered(_interrupts, call)


def clearing(call: Callable[[], object]) -> AbstractContextManager[None]:
    """Let `call` take away what would be left if the process had to end while this lasts."""
    return _registered(_clearings, call)


class Heard:
    """The signal that came; none yet."""

    number: int | None = None

    def stop(self, number: int, _: object) -> None:
        """End as a command ends by itself: what was begun is cleaned up on the way out.

        Raises:
            SystemExit: at the first signal; another one does not disturb the cleaning up.
        """
        if self.number is None:
            self.number = number
            raise SystemExit(128 + number)


@contextmanager
def heard(end: Callable[[int], object]) -> Iterator[Heard]:
    """Let signals end what runs meanwhile; if it cannot end by itself, `end` is called for it.

    A signal that the process was started to ignore, as with nohup, is ignored.
    """
    told = Heard()
    hearing, speaking = os.pipe()
    if os.name != "nt":
        os.set_blocking(speaking, False)
    before = signal.set_wakeup_fd(speaking, warn_on_full_buffer=False)
    numbers = [n for n in SIGNALS if signal.getsignal(n) not in {signal.SIG_IGN, None}]
    handlers = {number: signal.signal(number, told.stop) for number in numbers}
    watch = threading.Thread(target=_watch, args=(hearing, end), daemon=True)
    watch.start()
    try:
        yield told
    finally:
        if told.number is None:  # else it watches over the end of the interpreter, too
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before)
            os.close(speaking)
            watch.join()


def _watch(hearing: int, end: Callable[[int], object]) -> None:
    number = os.read(hearing, 1)
    if number:
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline:
            _call(_interrupts)
            time.sleep(_MOMENT_SECONDS)
        _call(_clearings)
        end(number[0])
    os.close(hearing)


def _call(calls: list[Callable[[], object]]) -> None:
    for call in tuple(calls):
        with suppress(Exception):  # what was closed meanwhile needs no stopping
            call()


@contextmanager
def _registered(calls: list[Callable[[], object]], call: Callable[[], object]) -> Iterator[None]:
    calls.append(call)
    try:
        yield
    finally:
        calls.remove(call)
