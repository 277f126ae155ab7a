"""What was decided from the values of a source, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass


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
