"""What departments are told of this topic: the hold-out check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.hold.tables import holding_block

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.hold.figures import HoldOutRow


def _hold_outs_finding(report: Report, formats: Formats) -> str:
    holding = report.holding
    told = (
        [row for row in holding.hold_outs[0].rows if _is_enough(row.customer_count)]
        if holding and holding.hold_outs
        else []
    )
    if holding is None or len(told) < 2:  # noqa: PLR2004  an order needs two
        return ""
    ordered = sum(pair.verdict == "in order" for pair in holding.neighbours)
    best, worst = (f"{_percent(row, formats)} of {row.segment}" for row in (told[0], told[-1]))
    return (
        f"{best} came back within {formats.count(holding.horizon_days)} days, {worst}; "
        f"{formats.count(ordered)} of {formats.count(len(holding.neighbours))} neighbours in order"
    )


def _percent(row: HoldOutRow, formats: Formats) -> str:
    return formats.share(row.share.value, 0)


def _is_enough(count: int) -> bool:
    return count >= FEWEST_CUSTOMERS


def hold_outs_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return who came back after the latest earlier date, by segment, and whether in order."""
    told = holding_block(report, formats)
    note = (
        "Lead: the share that came back, less that of the next segment; in order, if its 95% "
        "interval lies above zero, unclear, if it holds zero."
    )
    return Block(told.latest, note=note) if told else None


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "hold_outs",
        "Hold-out check",
        _hold_outs_finding,
        block=hold_outs_block,
        files=("data/hold_outs.csv",),
        reasons=("Do these segments hold?",),
        look="hold",
    ),
)
"""What departments may be told of this topic."""
