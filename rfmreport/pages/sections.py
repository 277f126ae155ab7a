"""The sections of the report: adding one is a template and an entry in this list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.sections.concentration.page import concentration_title, is_concentration_told
from rfmreport.sections.decided.page import decisions_title
from rfmreport.sections.hold.page import holding_title
from rfmreport.sections.loyalty.page import loyalty_title
from rfmreport.sections.map.page import map_caption, share_caption
from rfmreport.sections.movement.page import movement_finding
from rfmreport.sections.products.page import sells_title
from rfmreport.sections.when.page import when_title
from rfmreport.sections.worth.page import worth_title

if TYPE_CHECKING:
    from collections.abc import Callable

    from rfmreport.formats import Formats
    from rfmreport.report import Report


@dataclass(frozen=True, slots=True)
class Section:
    """One section: `name` is its template and its deep link, `finding` its title.

    `is_told` says whether the report has anything for it; else it is left out.
    """

    name: str
    topic: str
    finding: Callable[[Report, Formats], str]
    is_told: Callable[[Report], bool] = lambda _: True

    @property
    def template(self) -> str:
        """Return the template that prints it, in either medium."""
        return f"sections/{self.name}.html.j2"


def _segments(report: Report, formats: Formats) -> str:
    return share_caption(report.segments, formats).title


def _moved(report: Report, formats: Formats) -> str:
    return movement_finding(report.movement, formats) if report.movement else ""


def _map(report: Report, formats: Formats) -> str:
    return map_caption(report.rfm_map, formats).title


def _concentration(report: Report, formats: Formats) -> str:
    assert report.pareto  # noqa: S101  else the section is not told
    return concentration_title(report.pareto, formats)


def _when(report: Report, formats: Formats) -> str:
    assert report.trends  # noqa: S101  else the section is not told
    return when_title(report.trends, formats)


def _playbook(report: Report, formats: Formats) -> str:
    if not report.recommendations:
        count = formats.count(len(report.playbook))
        if report.worth and report.worth.opportunities:
            return f"{count} segments, and contacting all of one pays in none of them"
        return f"{count} segments, each with its own treatment"
    return f"First: {report.recommendations[0].title}"


def _loyalty(report: Report, formats: Formats) -> str:
    assert report.loyalty  # noqa: S101  else the section is not told
    return loyalty_title(report.loyalty, formats)


def _sells(report: Report, formats: Formats) -> str:
    assert report.sells  # noqa: S101  else the section is not told
    return sells_title(report.sells.products, formats)


def _worth(report: Report, formats: Formats) -> str:
    assert report.worth  # noqa: S101  else the section is not told
    return worth_title(report.worth, formats)


def _hold(report: Report, formats: Formats) -> str:
    assert report.holding  # noqa: S101  else the section is not told
    return holding_title(report.holding, formats)


def _method(report: Report, formats: Formats) -> str:
    audit = report.audit
    return (
        f"{formats.money_short(audit.kept.amount)} of {formats.money_short(audit.read.amount)} "
        "in the source is analysed"
    )


SECTIONS = (
    Section("summary", "Summary", lambda report, _: report.headline),
    Section("segments", "Segments", _segments),
    Section("moved", "What moved", _moved, lambda report: report.movement is not None),
    Section("map", "The RFM map", _map),
    Section("playbook", "Playbook", _playbook, lambda report: bool(report.playbook)),
    Section(
        "decisions", "What was decided", decisions_title, lambda report: bool(report.decisions)
    ),
    Section("concentration", "Concentration", _concentration, is_concentration_told),
    Section("when", "When they buy", _when, lambda report: report.trends is not None),
    Section(
        "loyalty",
        "Do they come back?",
        _loyalty,
        lambda report: report.loyalty is not None and report.loyalty.is_told,
    ),
    Section("sells", "What they buy", _sells, lambda report: report.sells is not None),
    Section("worth", "What they will be worth", _worth, lambda report: report.worth is not None),
    Section(
        "hold",
        "Do these segments hold?",
        _hold,
        lambda report: report.holding is not None and bool(report.holding.hold_outs),
    ),
    Section("method", "How it was made", _method),
)


def told_sections(report: Report) -> tuple[Section, ...]:
    """Return the sections that were asked for and that the report has something for."""
    wanted = report.sections or tuple(section.name for section in SECTIONS)
    return tuple(
        section for section in SECTIONS if section.name in wanted and section.is_told(report)
    )
