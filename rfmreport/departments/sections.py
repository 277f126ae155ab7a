"""The sections of the departments' pages: adding one is a template, a rule and an entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.departments import crm, data, finance, marketing, operations, product, sales
from rfmreport.departments.parts import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rfmreport.departments.parts import Medium
    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.report import Report


@dataclass(frozen=True, slots=True)
class PageSection:
    """One section: `topic` stands above its finding, `block` is what its template prints.

    `drawings` are charts that only departments have; a template may show the report's own too.
    Two `is_narrow` ones that follow each other stand side by side.
    """

    topic: str
    block: Callable[[Report, Formats, Medium], Block | None] = lambda *_: Block()
    drawings: tuple[Callable[[Report, Formats], Drawing | None], ...] = ()
    is_narrow: bool = False


PAGE_SECTIONS: Mapping[str, PageSection] = {
    "audiences": PageSection("Whom to talk to", marketing.audiences_block),
    "messages": PageSection("What to say", marketing.messages_block),
    "response": PageSection(
        "Who comes anyway", drawings=(marketing.response_drawing,), is_narrow=True
    ),
    "moves": PageSection("Who moved", drawings=(marketing.moves_drawing,), is_narrow=True),
    "targets": PageSection("Targets", sales.targets_block, (sales.targets_drawing,)),
    "accounts": PageSection("Top accounts", sales.accounts_block),
    "slipping": PageSection("Accounts to call", sales.slipping_block),
    "countries": PageSection("Countries", drawings=(sales.countries_drawing,)),
    "overdue": PageSection("Overdue", crm.overdue_block),
    "leaving": PageSection("Who fell by silence", crm.leaving_block, is_narrow=True),
    "second_order": PageSection(
        "The second order", crm.second_order_block, (crm.chance_drawing,), is_narrow=True
    ),
    "cohorts": PageSection("Cohorts"),
    "tastes": PageSection("What segments prefer", product.tastes_block, (product.tastes_drawing,)),
    "entries": PageSection("How good customers began", product.entries_block, is_narrow=True),
    "repeats": PageSection("Bought again", product.repeats_block, is_narrow=True),
    "launches": PageSection("Launches", product.launches_block),
    "favourites": PageSection("Best product by country", product.favourites_block),
    "checks": PageSection("Checks", data.checks_block),
    "quality": PageSection("Data quality", data.quality_block),
    "hold_outs": PageSection("Hold-out check", data.hold_outs_block),
    "cuts": PageSection("Cuts", data.cuts_block),
    "changes": PageSection("Change log", data.changes_block),
    "definitions": PageSection("Definitions", data.definitions_block),
    "projection": PageSection(
        "Projection", finance.projection_block, (finance.projection_drawing,)
    ),
    "months": PageSection("Revenue by segment and month", drawings=(finance.months_drawing,)),
    "concentration": PageSection("Concentration", finance.concentration_block, is_narrow=True),
    "returns": PageSection("Returns", finance.returns_block, is_narrow=True),
    "ledger": PageSection("Bridge to the ledger", finance.ledger_block, (finance.ledger_drawing,)),
    "demand": PageSection("Orders to come", operations.demand_block, (operations.demand_drawing,)),
    "hours": PageSection(
        "Days and hours", drawings=(operations.weekday_drawing, operations.hour_drawing)
    ),
    "key_products": PageSection("Key products", drawings=(operations.key_products_drawing,)),
    "seasons": PageSection("Months and seasons", operations.seasons_block),
}


def department_drawings(report: Report, formats: Formats) -> tuple[Drawing, ...]:
    """Return every chart that the report's departments need besides the report's own, once each."""
    told = dict.fromkeys(name for one in report.departments for name in one.sections)
    drawn = (draw(report, formats) for name in told for draw in PAGE_SECTIONS[name].drawings)
    return tuple(drawing for drawing in drawn if drawing is not None)
