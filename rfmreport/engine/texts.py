"""Numbers written by the engine, as `formats` writes them: macros, and the patterns they take.

`count_text`, `money_text` and `share_text` take a value and its pattern, `day_text` a day alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.engine.ask import Engine
    from rfmreport.formats import Formats

_EXAMPLE = 111_111_111


def define_texts(engine: Engine) -> None:
    """Let queries write numbers."""
    engine.run(read_queries(__file__)["macros"])


def patterns(formats: Formats) -> Mapping[str, Mapping[str, str | int]]:
    """Return how counts, money and shares are written, by the names of the parameters."""
    return {
        "count": _pattern_of(formats.count(_EXAMPLE)),
        "money": _pattern_of(formats.money(_EXAMPLE)),
        "share": _pattern_of(formats.share(0.11, 0)),
    }


def _pattern_of(example: str) -> Mapping[str, str | int]:
    """Take a pattern from a number that was written with it."""
    parts = re.fullmatch(r"(\D*)(\d.*\d)(\D*)", example)
    assert parts  # noqa: S101  an example has digits
    before, digits, behind = parts.groups()
    marks, sizes = re.findall(r"\D+", digits), [len(group) for group in re.split(r"\D+", digits)]
    mark = marks[0] if marks else ""
    return {"before": before, "mark": mark, "behind": behind, "size": (3, *sizes)[-2]}
