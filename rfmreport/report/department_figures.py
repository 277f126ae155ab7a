"""What the departments' summaries need beyond the management report, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rfmreport.report import Untold
    from rfmreport.report.accounts import Accounts, SegmentsByCountry, Targets
    from rfmreport.report.demand import Demand, KeyProducts
    from rfmreport.report.habits import EntryProducts, RepeatedProducts
    from rfmreport.report.plan import MonthsBySegment, Projection, Returns
    from rfmreport.report.reach import Reach
    from rfmreport.report.rhythm import Rhythm


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
