"""What is said of advice: targets add up in the file to the total that stands elsewhere."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from example_departments import example_figures
from example_report import example_report
from shops import filed

from rfmreport.formats import Formats
from rfmreport.sections.advice.page import targets_block
from rfmreport.sections.registry import declared_sheets


def test_targets_add_up_in_the_file_to_the_total_that_stands_elsewhere() -> None:
    report = replace(example_report(), department_figures=example_figures())
    rows = filed("targets", report)
    total = next(one for one in declared_sheets() if one.name == "targets").totals(report)
    for name in ("target", "stretch"):
        assert sum(Decimal(row[name]) for row in rows) == total[name]


def test_audiences_are_filed_with_what_a_contact_could_add() -> None:
    report = replace(example_report(), department_figures=example_figures())
    best = filed("audiences_by_value", report)[0]
    assert (best["segment"], best["contacts"]) == ("Potential Loyalists", 1172)
    assert (best["share_90_days"], Decimal(best["low"])) == (0.488, report.gains[0].low)


def test_no_stretch_is_written_below_its_target() -> None:
    """Where nobody more can come, both are the floor: rounded apart, one could lose a pound."""
    figures = example_figures()
    first, second, *others = figures.targets.rows
    half = Decimal("0.50")
    rows = (
        replace(first, target=first.target + half, stretch=first.target + half),
        replace(second, stretch=second.stretch + half),
        *others,
    )
    targets = replace(figures.targets, rows=rows)
    report = replace(example_report(), department_figures=replace(figures, targets=targets))
    table = targets_block(report, Formats("en_GB", "GBP"), "screen").table
    written = [[float(row.cells[place].value) for place in (4, 5)] for row in table.rows]
    assert all(target <= stretch for target, stretch in written)
    assert [sum(column) for column in zip(*written, strict=True)] == [
        float(table.total.cells[place].value) for place in (4, 5)
    ]
