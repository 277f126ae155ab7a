"""The data behind the departments' figures, one CSV each; what could not be told has none."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rfmreport.engine.csv_files import estimate_cells, plain, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rfmreport.models.forecast import Forecast
    from rfmreport.report import DepartmentFigures
    from rfmreport.sections.plan.demand_figures import HourBand, WeekdayDemand

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def write_department_figures(figures: DepartmentFigures, folder: Path) -> None:
    """Write accounts.csv, targets.csv and so on into `folder`: money exact, text safe."""
    for name, records in _all_records(figures).items():
        if records:
            write_csv(folder / f"{name}.csv", [_cells(record) for record in records])


def _cells(record: Mapping[str, object]) -> dict[str, object]:
    return {name: plain(value) for name, value in record.items()}


def _all_records(figures: DepartmentFigures) -> dict[str, Sequence[Mapping[str, object]]]:
    """Return the rows of each file, by its name."""
    return {
        "overdue_by_segment": _as_records(figures.rhythm.rows if figures.rhythm else ()),
        "overdue_check": _overdue_check(figures),
        "expected_orders": _expected_orders(figures),
        "months_by_segment": _months(figures),
        "projection": _projection(figures),
        "forecast_checks": _forecast_checks(figures),
        "returns": _as_records((*figures.returns.rows,) if figures.returns else ()),
    }


def _as_records(rows: Iterable[object]) -> list[dict[str, object]]:
    return [
        {name: _dated(value) for name, value in dataclasses.asdict(row).items()}  # type: ignore[call-overload]
        for row in rows
    ]


def _dated(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _by_segment(
    names: Sequence[str], values: Sequence[object], what: str = "revenue"
) -> dict[str, object]:
    return {f"{what} of {name}": value for name, value in zip(names, values, strict=True)}


def _overdue_check(figures: DepartmentFigures) -> list[dict[str, object]]:
    trial = figures.rhythm.trial if figures.rhythm else None
    if trial is None:
        return []
    return [
        {
            "dates": " ".join(day.isoformat() for day in trial.dates),
            "within_days": trial.days,
            **estimate_cells("overdue", trial.overdue),
            **estimate_cells("on_time_alike", trial.on_time),
            **estimate_cells("on_time_all", trial.all_on_time),
            **estimate_cells("difference", trial.difference),
        }
    ]


def _expected_orders(figures: DepartmentFigures) -> list[dict[str, object]]:
    """Return the orders expected by day of the week, and by hours of the day."""
    if figures.demand is None:
        return []
    return [
        *(_weekday(row) for row in figures.demand.weekdays),
        *(_hours(row) for row in figures.demand.hours),
    ]


def _weekday(row: WeekdayDemand) -> dict[str, object]:
    return {
        "when": _WEEKDAYS[row.weekday],
        "expected_orders": row.expected_orders,
        "orders_per_day": row.orders_per_day,
        "busy_orders": row.busy_day_orders,
    }


def _hours(row: HourBand) -> dict[str, object]:
    return {
        "when": f"{row.first_hour:02}:00 to {row.end_hour:02}:00",
        "expected_orders": row.expected_orders,
        "orders_per_day": None,
        "busy_orders": row.busy_hour_orders,
    }


def _months(figures: DepartmentFigures) -> list[dict[str, object]]:
    months = figures.months
    if months is None:
        return []
    nothing: tuple[None, ...] = (None,) * len(months.segments)
    return [
        {
            "month": f"{row.first_day:%Y-%m}",
            "revenue": row.revenue,
            "new_customers": row.new,
            "returning_customers": row.returning if row.by_segment else None,
            **_by_segment(months.segments, row.by_segment or nothing),
        }
        for row in months.rows
    ]


def _projection(figures: DepartmentFigures) -> list[dict[str, object]]:
    """Return the projection, and what stands beside it, a line each."""
    found = figures.projection
    if found is None:
        return []
    forecast = found.forecast
    lines: list[tuple[str, object, object, object]] = [
        ("projected revenue", forecast.value, forecast.low, forecast.high),
        ("so far in these months", found.so_far, None, None),
        ("the same months a year before", forecast.year_before, None, None),
    ]
    beside = found.reconciliation
    if beside:
        known, outlook = beside.expected_of_known, beside.outlook
        lines += [
            ("share of new customers in as many months before", beside.new_share, None, None),
            ("projected for customers known today", known.value, known.low, known.high),
            ("outlook of customers known today", outlook.value, outlook.low, outlook.high),
        ]
    return [
        {
            "from": forecast.first_day.isoformat(),
            "to": forecast.last_day.isoformat(),
            "figure": name,
            "value": value,
            "low": low,
            "high": high,
        }
        for name, value, low, high in lines
    ]


def _forecast_checks(figures: DepartmentFigures) -> list[dict[str, object]]:
    """Return what each forecast's rule would have said of the past, and what came."""
    demand = figures.demand
    forecasts = {
        "orders": demand.orders if demand else None,
        "pieces": demand.pieces if demand else None,
        "revenue": figures.projection.forecast if figures.projection else None,
    }
    return [
        record
        for what, forecast in forecasts.items()
        if forecast is not None
        for record in _trials(what, forecast)
    ]


def _trials(what: str, forecast: Forecast) -> list[dict[str, object]]:
    ahead = {
        "of": what,
        "rule": forecast.rule.name,
        "from": forecast.first_day.isoformat(),
        "to": forecast.last_day.isoformat(),
        "predicted": forecast.value,
        "low": forecast.low,
        "high": forecast.high,
        "actual": None,
        "error": None,
    }
    past = (
        ahead
        | {
            "from": one.first_day.isoformat(),
            "to": one.last_day.isoformat(),
            "predicted": one.predicted,
            "low": None,
            "high": None,
            "actual": one.actual,
            "error": one.error,
        }
        for one in forecast.trials
    )
    return [ahead, *past]
