"""Markdown tables, and the reaches that a measurement is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reach:
    """One aim: a measured value that should not be above its limit."""

    aim: str
    measured: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the value is within the limit."""
        return self.measured <= self.limit


def make_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, the first column aligned left and the others right."""
    marks = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, marks, *rows))


def make_reach_table(reaches: Iterable[Reach]) -> str:
    """Return a Markdown table that says of each reach whether it is met."""
    return make_table(
        ["Reach", "At most", "Measured", "Met"],
        [
            [
                reach.aim,
                f"{reach.limit:g} {reach.unit}",
                f"{reach.measured:.3g} {reach.unit}",
                "yes" if reach.is_met else "**no**",
            ]
            for reach in reaches
        ],
    )
