"""Reports with everything that departments are told, for the tests of summaries and their pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from example_departments import (
    departments_report,
    hostile_figures,
    with_habits,
    with_hostile_habits,
)
from example_holding import example_holding
from example_loyalty import example_loyalty
from example_movement import example_movement, hostile_movement
from example_report import hostile_report, tiny_report
from example_sells import example_sells, hostile_sells_report
from example_trends import trend_report
from example_worth import example_worth

from rfmreport.departments.summaries import ALL, load_departments, with_departments
from rfmreport.report import DepartmentFigures
from rfmreport.settings import load_settings

if TYPE_CHECKING:
    from rfmreport.report import Report
    from rfmreport.sections.products.figures import Sells


def summarised(report: Report, *names: str, **changes: object) -> Report:
    """Return the report with summaries for these departments, or all; `changes` are settings."""
    given = {"report": {"departments": list(names) or [ALL]}, "departments": changes}
    return with_departments(report, load_departments(load_settings(None, given)))


def complete_report() -> Report:
    """Return the report of the reference shop with all that any department asks for."""
    timed = trend_report()
    return replace(
        departments_report(),
        sells=with_habits(example_sells()),
        loyalty=example_loyalty(),
        holding=example_holding(),
        movement=example_movement(),
        trends=timed.trends,
        seasons=timed.seasons,
        pareto=timed.pareto,
    )


def plain_report() -> Report:
    """Return the report of a shop without products, times and countries, seen for two weeks."""
    return replace(tiny_report(), department_figures=DepartmentFigures())


def hostile_complete_report() -> Report:
    """Return a report whose every text tries to break out of the pages of departments."""
    report = hostile_report()
    names = dict(
        zip(
            (row.name for row in departments_report().segments.rows),
            (row.name for row in report.segments.rows),
            strict=True,
        )
    )
    worth = example_worth()

    def renamed(rows: tuple) -> tuple:
        return tuple(replace(row, segment=names[row.segment]) for row in rows)

    response = replace(worth.response, rows=renamed(worth.response.rows))
    outlook = replace(worth.outlook, rows=renamed(worth.outlook.rows))
    return replace(
        report,
        department_figures=_renamed(hostile_figures(), names),
        sells=_with_segments(with_hostile_habits(hostile_sells_report().sells), names),
        movement=hostile_movement(),
        worth=replace(worth, response=response, outlook=outlook),
        loyalty=example_loyalty(),
    )


def _with_segments(sells: Sells, names: dict[str, str]) -> Sells:
    products = replace(sells.key_products, segments=tuple(names.values()))
    return replace(sells, key_products=products)


def _renamed(figures: DepartmentFigures, names: dict[str, str]) -> DepartmentFigures:
    """Give the figures the segments of the hostile report, whose colours they have."""
    assert figures.targets
    assert figures.reach
    assert figures.rhythm
    assert figures.countries
    assert figures.months
    segments = tuple(names.values())

    def renamed(rows: tuple) -> tuple:
        return tuple(replace(row, segment=names[row.segment]) for row in rows)

    return replace(
        figures,
        targets=replace(figures.targets, rows=renamed(figures.targets.rows)),
        reach=replace(
            figures.reach,
            rows=tuple(
                replace(row, gain=replace(row.gain, segment=names[row.gain.segment]))
                for row in figures.reach.rows
            ),
        ),
        rhythm=replace(figures.rhythm, rows=renamed(figures.rhythm.rows)),
        countries=replace(figures.countries, segments=segments),
        months=replace(figures.months, segments=segments),
    )
