"""Monthly reports: the month that was asked for, and the same report from a longer file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from shops import made_up_lines, write_csv
from stages import cleaned

from rfmreport.errors import InputError, SettingsError
from rfmreport.pipeline import build_report
from rfmreport.settings import load_settings
from rfmreport.source.orders import find_last_month

if TYPE_CHECKING:
    from pathlib import Path

    from rfmreport.report import Report


def lines_on(*days: str) -> list[str]:
    """Return one line a day, each of the same customer."""
    return [f"a,o{number},{day},10" for number, day in enumerate(days)]


def every_day_but_sunday(first: date, last: date) -> list[str]:
    days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return lines_on(*(day.isoformat() for day in days if day.weekday() != 6))


def month_report(source: Path, month: str, **report: object) -> Report:
    given = {"source": {"paths": [str(source)]}, "cleaning": {"month": month}}
    return build_report(load_settings(None, {**given, "report": report}))


def without_what_came_later(report: Report) -> Report:
    """Leave out what tells that a file was longer: its fingerprint, and the lines after the day."""
    later = [row for row in report.audit.excluded if row.exclusion == "after_as_of"]
    read = report.audit.read
    for row in later:
        read = replace(
            read,
            line_count=read.line_count - row.line_count,
            order_count=read.order_count - row.order_count,
            amount=read.amount - row.amount,
        )
    excluded = tuple(row for row in report.audit.excluded if row not in later)
    return replace(
        report,
        audit=replace(report.audit, read=read, excluded=excluded),
        method=replace(report.method, sources=()),
    )


@pytest.mark.parametrize("shipped", ["five", "ten"])
def test_a_month_is_the_same_from_a_file_that_ends_with_it_and_from_a_longer_one(
    tmp_path: Path, shipped: str
) -> None:
    lines = made_up_lines(150, 700)
    until = [line for line in lines if line.split(",")[2] < "2024-07-01"]
    assert len(until) < len(lines)
    given = {"scoring": {"scheme": shipped}, "cleaning": {"month": "2024-06"}}
    reports = []
    for name, some in (("short", until), ("long", lines)):
        source = write_csv(tmp_path / name / "orders.csv", some)
        settings = load_settings(None, {"source": {"paths": [str(source)]}, **given})
        reports.append(without_what_came_later(build_report(settings)))
    short, long = reports
    assert short == long
    assert short.movement is not None
    assert short.holding is not None


def test_the_month_ends_the_report_and_names_it(tmp_path: Path) -> None:
    report = month_report(write_csv(tmp_path / "orders.csv", made_up_lines(150, 700)), "2024-06")
    assert (report.month, report.as_of) == (date(2024, 6, 1), date(2024, 7, 1))
    assert report.last_day <= date(2024, 6, 30)
    assert report.months[-1].first_day == date(2024, 6, 1)
    assert report.months[-1].complete
    assert {kpi.period for kpi in report.kpis[:5]} == {"June 2024"}
    assert report.kpis[0].change.against == "May 2024"
    assert report.kpis[0].year_change.against == "June 2023"
    assert report.segments.previous_as_of == date(2024, 6, 1)


@pytest.mark.parametrize(
    ("lines", "month"),
    [
        (lines_on("2024-01-01", "2024-02-29"), date(2024, 2, 1)),
        (lines_on("2024-01-01", "2024-02-28"), date(2024, 1, 1)),  # the 29th is not covered
        # 31 March 2024 was a Sunday, on which this shop never sells
        (every_day_but_sunday(date(2024, 1, 2), date(2024, 3, 30)), date(2024, 3, 1)),
        (every_day_but_sunday(date(2024, 1, 2), date(2024, 3, 29)), date(2024, 2, 1)),
    ],
)
def test_the_last_month_is_the_last_that_the_data_cover(
    tmp_path: Path, lines: list[str], month: date
) -> None:
    source = write_csv(tmp_path / "orders.csv", lines)
    with cleaned(source, cleaning={"month": "last"}) as clean:
        assert clean.month == month


def test_a_month_that_the_data_begin_within_is_no_whole_one(tmp_path: Path) -> None:
    """Of March the last day is missing: five weeks do not tell that Sundays are never open."""
    lines = every_day_but_sunday(date(2024, 2, 26), date(2024, 3, 30))
    source = write_csv(tmp_path / "orders.csv", lines)
    with (
        pytest.raises(InputError, match="the data cover no whole month"),
        cleaned(source, cleaning={"month": "last"}),
    ):
        pass


def test_a_month_without_its_beginning_is_told(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", lines_on("2024-03-20", "2024-04-30"))
    with cleaned(source, cleaning={"month": "2024-03"}) as clean:
        (finding,) = [one for one in clean.findings if one.key == "month_incomplete"]
    assert finding.text == "March 2024 is not complete: the data begin on 20 March 2024."


def test_a_row_that_does_not_fit_stops_no_search_for_the_last_month(tmp_path: Path) -> None:
    lines = [*lines_on("2024-01-01", "2024-02-29"), "a,C1,2024-02-10,5,too,many"]
    source = write_csv(tmp_path / "orders.csv", lines)
    settings = load_settings(None, {"source": {"paths": [str(source)]}})
    assert find_last_month(settings) == date(2024, 2, 1)
    with cleaned(source, cleaning={"month": "last"}) as clean:
        assert clean.month == date(2024, 2, 1)
        assert clean.audit.read.line_count == len(lines)


def test_a_line_that_is_left_out_shows_that_the_data_reach_its_day(tmp_path: Path) -> None:
    lines = [*lines_on("2024-01-01", "2024-01-20"), "a,C9,2024-01-31,-5"]
    source = write_csv(tmp_path / "orders.csv", lines)
    with cleaned(source, cleaning={"month": "last"}) as clean:
        assert clean.month == date(2024, 1, 1)
        assert clean.coverage.last_day == date(2024, 1, 20)
        assert not [f for f in clean.findings if f.key == "month_incomplete"]


def test_a_month_that_is_not_over_is_reported_with_a_warning(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", lines_on("2024-01-01", "2024-02-20"))
    with cleaned(source, cleaning={"month": "2024-02"}) as clean:
        (finding,) = [f for f in clean.findings if f.key == "month_incomplete"]
    assert finding.severity == "warning"
    assert finding.text.startswith(
        "February 2024 is not complete: the data end on 20 February 2024"
    )
    assert clean.as_of == date(2024, 3, 1)


def test_a_month_that_has_not_begun_is_refused(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", lines_on("2024-01-01", "2024-02-20"))
    with (
        pytest.raises(InputError, match="April 2024 is not in the data, which end on 20 February"),
        cleaned(source, cleaning={"month": "2024-04"}),
    ):
        pass


def test_data_without_a_whole_month_have_no_last_one(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", lines_on("2024-01-03", "2024-01-20"))
    with (
        pytest.raises(InputError, match=r"no whole month \(from 2024-01-03 to 2024-01-20\)"),
        cleaned(source, cleaning={"month": "last"}),
    ):
        pass


@pytest.mark.parametrize("month", ["2024-13", "2024", "June", "", "2024-1"])
def test_what_is_no_month_is_refused_before_anything_is_read(month: str) -> None:
    with pytest.raises(SettingsError, match="is not a month such as 2011-11"):
        load_settings(None, {"cleaning": {"month": month}})


def test_a_month_and_a_date_cannot_both_be_asked_for() -> None:
    given = {"cleaning": {"month": "2024-01", "as_of": date(2024, 2, 1)}}
    with pytest.raises(SettingsError, match="give one of them"):
        load_settings(None, given)
