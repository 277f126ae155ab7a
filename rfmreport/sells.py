"""What they buy: the order of its analyses, over one table of what was sold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.analyses import affinity, countries, launches, products
from rfmreport.columns import SEGMENT
from rfmreport.intervals import FEWEST_CUSTOMERS
from rfmreport.report import Sells, Untold
from rfmreport.results import fetch_rows, held_by, hold_table
from rfmreport.sold import describe_buyers, name_places, name_products, sold_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.report import Affinity, Countries, Launches
    from rfmreport.settings import Settings

TOPIC = "What they buy"
_NO_PRODUCTS = (
    "the source names no products: a column with their codes or names is needed, such as "
    "--map product=HEADING"
)
_FEW_BUYERS = "no product was bought by as many customers as a comparison needs"
_TOO_SHORT = (
    "the data are too short to know which products are new: that takes two stretches of "
    "{days} days (launch_days in [report])"
)
_NO_LAUNCHES = "no product was first sold in the last {days} days and has been on sale for a week"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before products are asked for; `lines` is None where the source names none.

    `first_known_day` is the first of the data, `first_day` the first of the report's window,
    `covered_until` the first day after the last one covered.
    """

    lines: Table | None
    orders: Table
    customers: Table
    segment_names: tuple[str, ...]
    first_known_day: date
    first_day: date
    covered_until: date
    as_of: date


@dataclass(frozen=True, slots=True)
class Sold:
    """What was found: the figures, the tables behind them, and what could not be told."""

    sells: Sells | None = None
    products: Table | None = None
    countries: Table | None = None
    launches: Table | None = None
    untold: tuple[Untold, ...] = ()


def seen_by(engine: Backend, sold: Sold) -> Sold:
    """Return what was found with its tables as another connection to the same engine sees them."""
    return replace(
        sold,
        products=held_by(engine, sold.products),
        countries=held_by(engine, sold.countries),
        launches=held_by(engine, sold.launches),
    )


def tell_what_sells(engine: Backend, known: Known, settings: Settings) -> Sold:
    """Return what the lines tell of products, countries, tastes and launches."""
    if known.lines is None:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    sold = hold_table(engine, "sold", sold_lines(known.lines))
    names = hold_table(engine, "product_names", name_products(known.lines))
    trend = products.find_trend(known.first_day, known.covered_until)
    measured = products.measure_products(sold, names, trend)
    measured = hold_table(engine, "products", measured)
    told = products.tell_products(sold, measured, trend, net_returns=settings.cleaning.net_returns)
    if told is None:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    places = hold_table(engine, "places", name_places(known.lines))
    by_country = countries.measure_countries(sold, names, places)
    by_country = hold_table(engine, "countries", by_country)
    told_countries = countries.tell_countries(by_country)
    buyers = describe_buyers(sold, known.customers, places)
    buyers = hold_table(engine, "buyers", buyers)
    sizes = _segment_sizes(buyers, known.segment_names)
    tastes = _affinity(engine, sold, measured, buyers, (sizes, told_countries))
    found, followed, untold = _launches(engine, (sold, names, buyers), known, settings, sizes)
    for table in ("sold", "picks"):  # as long as the source, and no longer needed
        engine.drop_table(table)
    if tastes is None:
        untold = (Untold(f"{TOPIC}: what segments prefer", _FEW_BUYERS), *untold)
    return Sold(
        sells=Sells(told, told_countries, tastes, found),
        products=measured,
        countries=by_country if told_countries else None,
        launches=followed,
        untold=untold,
    )


def _segment_sizes(buyers: Table, names: Sequence[str]) -> dict[str, int]:
    """Return the customers of each segment that has any, in the scheme's order."""
    counted = fetch_rows(buyers.group_by(SEGMENT).agg(n=buyers.count()))
    sizes = {row[SEGMENT]: row["n"] for row in counted}
    return {name: sizes[name] for name in names if name in sizes}


def _affinity(
    engine: Backend,
    sold: Table,
    measured: Table,
    buyers: Table,
    groups: tuple[Mapping[str, int], Countries | None],
) -> Affinity | None:
    """Compare the segments, and the countries, that have customers enough for a claim."""
    sizes, places = groups
    segments = [name for name, size in sizes.items() if size >= FEWEST_CUSTOMERS]
    rows = places.rows if places else ()
    names = [row.country for row in rows if row.customer_count >= FEWEST_CUSTOMERS]
    chosen = hold_table(engine, "chosen_products", affinity.choose_products(measured))
    picks = affinity.list_picks(sold, chosen, buyers, segments, names)
    picks = hold_table(engine, "picks", picks)
    return affinity.find_affinity(picks, chosen, segments, names)


def _launches(
    engine: Backend,
    tables: tuple[Table, Table, Table],
    known: Known,
    settings: Settings,
    sizes: Mapping[str, int],
) -> tuple[Launches | None, Table | None, tuple[Untold, ...]]:
    """Return the launches and how they were followed, or why there are none to tell."""
    sold, names, buyers = tables
    length, topic = settings.report.launch_days, f"{TOPIC}: launches"
    days = launches.find_launch_days(known.first_known_day, known.first_day, known.as_of, length)
    if days is None:
        return None, None, (Untold(topic, _TOO_SHORT.format(days=length)),)
    listed = hold_table(engine, "launches", launches.list_launches(names, days))
    followed = launches.follow_launches(sold, listed, known.orders, days)
    followed = hold_table(engine, "followed_launches", followed)
    told = launches.tell_launches(followed, sold, listed, buyers, days, sizes)
    if told is None:
        return None, None, (Untold(topic, _NO_LAUNCHES.format(days=length)),)
    return told, followed, ()
