"""What the departments' summaries need beyond the management report, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfmreport.sections.advice.figures import Reach
    from rfmreport.sections.concentration.figures import Accounts, SegmentsByCountry, Targets
    from rfmreport.sections.loyalty.rhythm_figures import Rhythm
    from rfmreport.sections.products.habits import EntryProducts, RepeatedProducts
    from rfmreport.sections.when.demand_figures import Demand, KeyProducts
    from rfmreport.sections.worth.plan import MonthsBySegment, Projection, Returns
    from rfmreport.vocabulary import Untold


@dataclass(frozen=True, slots=True)
class DepartmentFigures:
    """The figures of all departments; what is None could not be told, and `untold` says why.

    The topics of `untold` are the sections' names in words ("Top accounts").
    """

    accounts: Accounts | None = None
    countries: SegmentsByCountry | None = None
    targets: Targets | None = None
    rhythm: Rhythm | None = None
    demand: Demand | None = None
    key_products: KeyProducts | None = None
    months: MonthsBySegment | None = None
    projection: Projection | None = None
    returns: Returns | None = None
    reach: Reach | None = None
    repeated: RepeatedProducts | None = None
    entries: EntryProducts | None = None
    untold: tuple[Untold, ...] = ()
