"""The shop: everything that is known once its customers have their segments.

It is complete from the moment it exists, so that no question about it has to be asked twice. The
engine holds these tables of it: `orders` (one row per customer, order and verdict), `all_orders`
(the same with those kept that only a window had left out), `customers` (one row each, with
measures, scores and segment), `first_orders` (of everybody, also before the window),
`customers_ever` (the customers with these), and `lines` where the source names products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rfmreport.customers import clusters, measure, ruler
from rfmreport.customers.measure import MEASURED
from rfmreport.customers.segments import named_sql
from rfmreport.errors import NothingToReportError
from rfmreport.formats import Formats
from rfmreport.source.orders import all_excluded

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from rfmreport.customers.ruler import Ruling
    from rfmreport.customers.scoring import Cuts
    from rfmreport.customers.segments import Scheme
    from rfmreport.engine.ask import Engine
    from rfmreport.settings import Settings
    from rfmreport.source.orders import CleanOrders
    from rfmreport.stopwatch import Stopwatch

_FEWEST_CUSTOMERS = 5


@dataclass(frozen=True)
class Shop:
    """One shop at one date, measured with one ruler.

    `first_day` and `last_day` bound the kept orders; `first_known_day` is the first of the data,
    also where a window hides it.
    """

    engine: Engine
    settings: Settings
    read: CleanOrders
    scheme: Scheme
    ruling: Ruling
    first_day: date
    last_day: date
    first_known_day: date
    as_of: date

    @cached_property
    def formats(self) -> Formats:
        """Return how this shop's numbers are written."""
        return Formats(self.settings.report.locale, self.settings.report.currency)

    @property
    def cuts(self) -> Cuts:
        """Return the cuts that the customers were scored with."""
        return self.ruling.cuts

    @property
    def segment_names(self) -> tuple[str, ...]:
        """Return the scheme's segments, best first."""
        return tuple(segment.name for segment in self.scheme.segments)

    @property
    def horizon_days(self) -> int:
        """Return for how many days customers are watched after an earlier date."""
        return self.settings.report.horizon_days

    @property
    def window_months(self) -> int | None:
        """Return how many months of orders count before a date; None where all do."""
        return self.settings.cleaning.window_months

    @property
    def has_orders(self) -> bool:
        """Say whether orders are known, and not only what a table says of each customer."""
        return not self.settings.source.customer_level

    @property
    def has_products(self) -> bool:
        """Say whether lines are held, because the source names products."""
        return self.read.lines is not None

    @property
    def covered_from(self) -> date:
        """Return the first day that the data cover, also before a window."""
        return self.read.coverage.covered_from or self.first_known_day

    @property
    def covered(self) -> tuple[date, date]:
        """Return the first day that data and window cover, and the first that they do not."""
        return self.read.covered

    @property
    def until(self) -> date:
        """Return the first day of which nothing is known."""
        return min(self.covered[1], self.as_of)


def open_shop(
    engine: Engine,
    read: CleanOrders,
    settings: Settings,
    cuts_path: Path | None,
    watch: Stopwatch,
) -> Shop:
    """Measure, score and name every customer as of the report's date.

    Cuts are taken from `cuts_path` where it is there and fits, and else fitted.

    Raises:
        NothingToReportError: too little is left after cleaning.
    """
    coverage, as_of = read.coverage, read.as_of
    choose_scheme = clusters.scheme_chooser(settings.scoring.scheme)
    if not (as_of and coverage.first_day and coverage.last_day):
        raise NothingToReportError(all_excluded(read.audit))
    with watch.stage("customers"):
        if read.column_map.order_count:
            measure.take_customers(engine, as_of)
        else:
            measure.measure_customers(engine, as_of)
        _check_enough(engine, read)
    with watch.stage("scheme"):
        scheme = choose_scheme(engine, MEASURED)
    with watch.stage("scoring"):
        ruling = ruler.choose_cuts(engine, scheme, settings, read.column_map, cuts_path)
    with watch.stage("segments"):
        engine.hold("customers", named_sql(MEASURED, ruling.cuts, scheme))
    measure.define_all_orders(engine)
    return Shop(
        engine=engine,
        settings=settings,
        read=read,
        scheme=scheme,
        ruling=ruling,
        first_day=coverage.first_day,
        last_day=coverage.last_day,
        first_known_day=coverage.first_known_day or coverage.first_day,
        as_of=as_of,
    )


def _check_enough(engine: Engine, read: CleanOrders) -> None:
    values = engine.row(f"SELECT count(*) AS n, max(order_count) AS most FROM {MEASURED}")  # noqa: S608
    if values["n"] < _FEWEST_CUSTOMERS:
        message = (
            f"only {values['n']} customer(s) left after cleaning, at least {_FEWEST_CUSTOMERS} are "
            f"needed for scores; read {read.audit.read.line_count} lines, kept "
            f"{read.audit.kept.line_count}; `rfmreport check` shows why the others were left out"
        )
        raise NothingToReportError(message)
    if values["most"] <= 1:
        message = (
            f"each of the {values['n']} customers has exactly one order, so there is no frequency "
            f"to score; if {read.column_map.customer!r} is new with every order, name the column "
            "that stays the same with --map customer=HEADING"
        )
        raise NothingToReportError(message)
