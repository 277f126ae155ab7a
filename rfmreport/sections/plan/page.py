"""What departments are told to plan by: months by segment, returns, days and hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.sections.plan import demand_page, months_page, returns_page

if TYPE_CHECKING:
    from rfmreport.kit.sections import Section
    from rfmreport.report import Report

SECTIONS: tuple[Section[Report], ...] = (
    months_page.SECTION,
    returns_page.SECTION,
    demand_page.SECTION,
)
"""What departments may be told of this topic."""
