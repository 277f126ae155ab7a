"""What was decided from the values of a source, and on what evidence."""

from __future__ import annotations

import itertools
import shlex
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.source.databases.addresses import without_password

if TYPE_CHECKING:
    from collections.abc import Iterable


_REPEATABLE = {"--table", "--join"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice that the values made: what it is about, how it fell, why, and how to fix it.

    `evidence` counts what speaks for it and against it, in the reader's words; `option` is what to
    type so that it falls this way whatever the values say, such as "--decimal ,"; "" where none is.
    """

    about: str
    decided: str
    evidence: str
    option: str = ""


def agreed_values(decisions: Iterable[Decision]) -> dict[str, str]:
    """Return the value of each option ("--encoding" → "cp1252") that no two decisions differ in."""
    values: dict[str, set[str]] = defaultdict(set)
    for words in (shlex.split(one.option) for one in decisions):
        for name, value in itertools.pairwise(words):
            if name.startswith("--"):
                values[name].add(value)
    return {name: found.pop() for name, found in values.items() if len(found) == 1}


def command_to_repeat(
    paths: Iterable[str], roles: Iterable[tuple[str, str]], decisions: Iterable[Decision]
) -> str:
    """Return the command that reads the same files so again, whatever later values say.

    What differs from part to part, or from column to column, no option says: it is left to them.
    """
    chosen: dict[str, set[str]] = defaultdict(set)
    for option in filter(None, (one.option for one in decisions)):
        chosen[option.split()[0]].add(option)
    agreed = [
        shlex.join(shlex.split(one))
        for name, said in chosen.items()
        for one in sorted(said)
        if len(said) == 1 or name in _REPEATABLE
    ]
    mapped = [f"--map {shlex.quote(f'{role}={heading}')}" for role, heading in roles]
    files = [shlex.quote(without_password(path)) for path in paths]
    options = (one for one in agreed if not one.startswith("--map "))
    return " ".join(["rfmreport build", *files, *mapped, *options])
