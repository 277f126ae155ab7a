"""How a command of the command line ended, for the tests that run one in this process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from rfmreport import cli

if TYPE_CHECKING:
    from collections.abc import Callable


class Ended(NamedTuple):
    """The exit code, and what was printed."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """Return the one line on stderr, without the program's name."""
        (line,) = self.err.splitlines()
        assert line.startswith("rfmreport: ")
        return line.removeprefix("rfmreport: ")


def command_of(
    monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], *first: str
) -> Callable[..., Ended]:
    """Return what runs `rfmreport FIRST…` with more arguments in this process."""
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def command(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["rfmreport", *first, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capture.readouterr()
        assert "Traceback" not in out + err
        return Ended(int(ended.value.code or 0), out, err)

    return command
