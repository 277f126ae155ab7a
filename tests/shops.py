"""Small shops for the tests of the later stages: literal tables, and made-up orders as CSV."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pytest
from stages import ENGINE, cleaned, engine_of, put, rows_of

from rfmreport.customers.measure import define_all_orders
from rfmreport.customers.segments import load_scheme
from rfmreport.departments.summaries import load_departments
from rfmreport.engine.ask import Engine
from rfmreport.engine.csv_files import plain
from rfmreport.pages.workers import RenderWorkers
from rfmreport.pipeline import Outputs, build, read_given, tell_report
from rfmreport.sections.registry import declared_sheets
from rfmreport.settings import load_settings
from rfmreport.shop import Shop, open_shop
from rfmreport.source import orders, reading
from rfmreport.stopwatch import Stopwatch
from rfmreport.vocabulary import MEASURES, SCORES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ibis.expr.types import Table

    from rfmreport.pipeline import BuildResult
    from rfmreport.report import DepartmentFigures, Report
    from rfmreport.source.orders import CleanOrders

HEADING = "customer,order,date,amount"
HALF_A_YEAR_GIVES = {
    "report.html", "manifest.json", "cuts.toml", "data/audit.csv", "data/bridges.csv",
    "data/cohorts.csv", "data/concentration.csv", "data/customer_base.csv", "data/customers.csv",
    "data/day_of_month.csv", "data/days.csv", "data/distributions.csv", "data/forecast.csv",
    "data/forecast_checks.csv", "data/forecast_weeks.csv", "data/hold_outs.csv",
    "data/insights.json", "data/months.csv", "data/moved.csv", "data/movement.csv",
    "data/revenue_bridge.csv", "data/seasons.csv", "data/second_order.csv", "data/segments.csv",
    "data/sensitivity.csv", "data/spread.csv", "data/wholesale.csv", "audiences/at-risk.csv",
    "audiences/high-value.csv", "audiences/lost.csv", "audiences/loyal-customers.csv",
    "audiences/potential-loyalists.csv", "audiences/slipped.csv",
}  # fmt: skip
"""The files of a report on HEADING alone: no products, no countries, no times, no departments."""
A_YEAR_GIVES = HALF_A_YEAR_GIVES | {
    "data/advice.csv", "data/forecast_trials.csv", "data/reliability.csv", "data/response.csv",
    "data/worth.csv", "audiences/would-order-anyway.csv",
}  # fmt: skip
"""And those that earlier dates and a model give besides."""
MONEY = pa.decimal128(38, 4)


def customers_of(text: str) -> Table:
    """Hold customers drawn with | between the columns; what is not drawn has a plain default."""
    defaults = dict.fromkeys((*MEASURES, *SCORES), "1") | {"segment": "All"}
    defaults |= dict.fromkeys(("first_order_on", "last_order_on"), "2024-01-01")
    kinds = dict.fromkeys(SCORES, pa.int8()) | {"recency_days": pa.int32()}
    kinds |= {"order_count": pa.int64(), "revenue": MONEY}
    kinds |= {"first_order_on": pa.date32(), "last_order_on": pa.date32()}
    return ibis.memtable(_typed(_drawn(text, defaults), kinds))


def orders_of(text: str) -> Table:
    """Hold the rows of `cleaning.group_orders`: customer_id | order_id | at | amount and more."""
    rows = _drawn(text, {"exclusion": None, "other_exclusion": None, "is_return": "no"})
    for row in rows:
        row |= {"first_at": row["at"], "last_at": row["at"]}
        row["is_return"] = "true" if row["is_return"] == "yes" else "false"
    kinds = dict.fromkeys(("first_at", "last_at"), pa.timestamp("us"))
    return ibis.memtable(_typed(rows, kinds | {"amount": MONEY, "is_return": pa.bool_()}))


def drawn_shop(
    days: tuple[date, date], *, until: date | None = None, given: Any = None, **tables: Table
) -> Shop:
    """Return a shop from its first known day to its date, whose engine holds the drawn tables.

    `until` is the first day that the data do not cover, `given` are settings by section.
    """
    first_day, as_of = days
    engine = engine_of(**tables)
    if "orders" in tables:
        _define_all_orders(engine)
    read = SimpleNamespace(
        coverage=SimpleNamespace(covered_from=first_day),
        covered=(first_day, until or as_of),
        lines=tables.get("lines"),
    )
    return Shop(
        engine=engine,
        settings=load_settings(None, given or {}),
        read=read,
        scheme=load_scheme("five"),
        ruling=SimpleNamespace(cuts=None),
        first_day=first_day,
        last_day=as_of - timedelta(days=1),
        first_known_day=first_day,
        as_of=as_of,
    )


@contextmanager
def cleaned_shop(*paths: Path | str, **given: Mapping[str, object]) -> Iterator[Shop]:
    """Clean files as the program does, and give the shop over them, its customers not measured."""
    with cleaned(*paths, **given) as clean:
        yield shop_over(clean, **given)


def shop_over(clean: CleanOrders, **given: Mapping[str, object]) -> Shop:
    """Return the shop over what was cleaned, its customers not measured."""
    engine, coverage = Engine(clean.orders.get_backend().con), clean.coverage
    _define_all_orders(engine)
    return Shop(
        engine=engine,
        settings=load_settings(None, given),
        read=clean,
        scheme=load_scheme("five"),
        ruling=SimpleNamespace(cuts=None),
        first_day=coverage.first_day,
        last_day=coverage.last_day,
        first_known_day=coverage.first_known_day or coverage.first_day,
        as_of=clean.as_of,
    )


def _define_all_orders(engine: Engine) -> None:
    known = engine.columns(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    )["table_name"]
    if "customers" not in known:
        put(engine, "customers", customers_of("customer_id\nnobody"))
        engine.run("TRUNCATE customers")
    define_all_orders(engine)


def _drawn(text: str, defaults: Mapping[str, str | None]) -> list[dict[str, str | None]]:
    rows = rows_of(text).astype(object).to_dict("records")
    return [{"customer_id": str(n), **defaults, **row} for n, row in enumerate(rows)]


def _typed(rows: list[dict[str, str | None]], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """Give drawn rows their kinds here: a cast by the engine would cost more than the test."""
    texts = pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in rows[0]]))
    known = [(name, kinds.get(name, pa.string())) for name in texts.column_names]
    return texts.cast(pa.schema(known))


def made_up_lines(customer_count: int, days: int, seed: int = 1) -> list[str]:
    """Return lines of a shop whose customers order at very different rates, in date order."""
    chance = random.Random(seed)  # noqa: S311  a reproducible example, no secret
    lines = []
    for customer in range(customer_count):
        for _ in range(1 + int(chance.expovariate(0.35))):
            day = date(2023, 1, 1) + timedelta(days=int(days * chance.betavariate(1.2, 0.9)))
            amount = round(chance.lognormvariate(3.5, 0.8), 2)
            lines.append((day, f"c{customer:03}", amount))
    lines.sort()
    return [f"{name},o{i:05},{day},{amount}" for i, (day, name, amount) in enumerate(lines)]


def with_times(lines: list[str]) -> list[str]:
    """Give each of the lines a time of day, as a source has that knows it."""
    timed = []
    for number, line in enumerate(lines):
        customer, order, day, amount = line.split(",")
        timed.append(f"{customer},{order},{day} {9 + number % 9:02}:{number % 59:02}:10,{amount}")
    return timed


PRODUCT_HEADING = f"{HEADING},product,description,quantity,country"


def with_products(lines: list[str]) -> list[str]:
    """Add to each line a product (an old one, or one of the new that come all the time)."""
    named = []
    for number, line in enumerate(lines):
        product = f"n{number // 20}" if number % 2 else "p"
        country = "Malta" if line < "c02" else "Cyprus"
        named.append(f"{line},{product},Thing {product},{number % 5 + 1},{country}")
    return named


def write_csv(path: Path, lines: list[str], heading: str = HEADING) -> Path:
    """Write a heading and lines, and return the path."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class Told:
    """A report with the figures of its departments, in an engine that is open."""

    report: Report
    engine: Engine

    @property
    def figures(self) -> DepartmentFigures:
        return self.report.department_figures


@contextmanager
def told_of(source: Path, **given) -> Iterator[Told]:
    """Run the stages up to the report, and then ask for the departments' figures."""
    given["report"] = {"departments": ["all"], **given.get("report", {})}
    settings = load_settings(None, {"source": {"paths": [str(source)]}, **given})
    watch = Stopwatch()
    given = read_given(settings, None)
    with reading.open_engine(ENGINE) as engine:
        read = orders.read_orders(engine, settings, watch)
        shop = open_shop(Engine(engine.con), read, settings, None, watch)
        told = tell_report(shop, given, load_departments(settings), watch)
        yield Told(told.report, shop.engine)


class PoolHere:
    """Stands in for a pool of processes: work is done in this process, when its result is asked."""

    def __init__(self, *_: object, **__: object) -> None:
        """Start nothing."""

    def submit(self, function: Callable[..., Any], *arguments: object) -> PromiseHere:
        return PromiseHere(function, arguments)

    def shutdown(self, **_: object) -> None:
        """Leave nothing behind."""


@dataclass(frozen=True)
class PromiseHere:
    """Stands in for the future that a pool returns."""

    function: Callable[..., Any]
    arguments: tuple[object, ...]

    def result(self) -> Any:
        return self.function(*self.arguments)


def draw_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is built draw in this process, which costs seconds less than starting others."""
    monkeypatch.setattr("rfmreport.pages.workers.ProcessPoolExecutor", PoolHere)


def filed(name: str, report: Report) -> list[dict[str, Any]]:
    """Return what a report writes into a declared file, row by row."""
    sheet = next(one for one in declared_sheets() if one.name == name)
    records = sheet.records(report) or []
    return [{heading: plain(value) for heading, value in row.items()} for row in records]


def build_files(
    source: Path,
    folder: Path,
    /,
    *,
    pdf: bool = False,
    parquet: bool = False,
    xlsx: bool = False,
    email: Mapping[str, object] | None = None,
    **given: Any,
) -> BuildResult:
    """Build in this process, with `email` also e-mails; `given` are settings by section."""
    given |= {"email": email or {}}
    settings = load_settings(None, {"source": {"paths": [str(source)]}, **given})
    with pytest.MonkeyPatch.context() as monkeypatch:
        draw_here(monkeypatch)
        outputs = Outputs(
            folder, pdf=pdf or bool(email), parquet=parquet, xlsx=xlsx, email=bool(email)
        )
        with RenderWorkers(pdf=outputs.pdf) as workers:
            return build(settings, outputs, workers)
