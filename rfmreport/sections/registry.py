"""The one list of sections: the report, its contents, departments and files choose from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfmreport.kit.sections import Section
from rfmreport.sections.advice import page as advice
from rfmreport.sections.bridge import page as bridge
from rfmreport.sections.concentration import page as concentration
from rfmreport.sections.decided import page as decided
from rfmreport.sections.hold import page as hold
from rfmreport.sections.loyalty import page as loyalty
from rfmreport.sections.map import page as rfm_map
from rfmreport.sections.method import departments as method
from rfmreport.sections.method import page as method_page
from rfmreport.sections.movement import page as movement
from rfmreport.sections.plan import page as plan
from rfmreport.sections.products import departments as products
from rfmreport.sections.products import page as products_page
from rfmreport.sections.segments import page as segments
from rfmreport.sections.when import page as when
from rfmreport.sections.worth import forecast_page as forecast
from rfmreport.sections.worth import page as worth_page
from rfmreport.sections.worth import response_page as worth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.kit.sheets import EngineSheet, Sheet
    from rfmreport.report import Report


REPORT: tuple[Section[Report], ...] = (
    Section("summary", "Summary", lambda report, _: report.headline),
    segments.SECTION,
    bridge.SECTION,
    movement.SECTION,
    advice.SECTION,
    decided.SECTION,
    loyalty.SECTIONS[0],
    worth_page.SECTION,
    products_page.SECTION,
    when.SECTIONS[0],
    concentration.SECTION,
    rfm_map.SECTION,
    hold.SECTION,
    method_page.SECTION,
)
"""The sections of the report, in its order."""

DEPARTMENTS: Mapping[str, Section[Report]] = {
    section.name: section
    for topic in (
        advice, worth, movement, concentration, segments, loyalty, products, method, hold, forecast,
        plan, when,
    )
    for section in topic.SECTIONS if section not in REPORT
}  # fmt: skip
"""The sections that departments are told, by name."""


def told_sections(report: Report, formats: Formats) -> tuple[tuple[Section[Report], str], ...]:
    """Return the sections that were asked for and that the report can tell, with their findings."""
    wanted = report.sections or tuple(section.name for section in REPORT)
    asked = (section for section in REPORT if section.name in wanted)
    found = ((section, section.finding(report, formats)) for section in asked)
    return tuple(
        (section, finding) for section, finding in found if finding or section is REPORT[0]
    )


def report_drawings(report: Report, formats: Formats) -> tuple[Drawing, ...]:
    """Return every chart of the report, laid out; a chart without data is left out."""
    drawn = (draw(report, formats) for section in REPORT for draw in section.drawings)
    return tuple(drawing for drawing in drawn if drawing is not None)


def department_drawings(report: Report, formats: Formats) -> tuple[Drawing, ...]:
    """Return every chart that the report's departments need besides the report's own, once each."""
    told = dict.fromkeys(name for one in report.departments for name in one.sections)
    drawn = (draw(report, formats) for name in told for draw in DEPARTMENTS[name].drawings)
    return tuple(drawing for drawing in drawn if drawing is not None)


def declared_sheets() -> tuple[Sheet[Report, Any] | EngineSheet[Report], ...]:
    """Return every file of data that a section declares, once each, in the order of sections."""
    sections = (*REPORT, *DEPARTMENTS.values())
    found = {sheet.name: sheet for section in sections for sheet in section.sheets}
    return tuple(found.values())
