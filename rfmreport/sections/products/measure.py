"""What they buy: the order of its analyses, over one table of what was sold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfmreport.engine.results import (
    fetch_rows,
    fetch_value,
    held_by,
    hold_table,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.products import (
    affinity,
    countries,
    launches,
    products,
)
from rfmreport.sections.products.figures import Sells
from rfmreport.source import sold
from rfmreport.vocabulary import COUNTRY, SEGMENT, Untold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from rfmreport.sections.products.figures import Affinity, Countries, Launches
    from rfmreport.shop import Shop

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
_TOO_SOON = (
    "a launch is held against others from {fewest} days on, and launch_days in [report] is {days}"
)
_NO_LAUNCHES = "no product was first sold in the last {days} days and has been on sale for a week"


@dataclass(frozen=True, slots=True)
class Sold:
    """What was found: the figures, the tables behind them, and what could not be told.

    `namesakes` are as from `sold.find_namesakes`, None where there can be none.
    """

    sells: Sells | None = None
    products: Table | None = None
    countries: Table | None = None
    launches: Table | None = None
    namesakes: Table | None = None
    untold: tuple[Untold, ...] = ()


def seen_by(engine: Backend, sold: Sold) -> Sold:
    """Return what was found with its tables as another connection to the same engine sees them."""
    return replace(
        sold,
        products=held_by(engine, sold.products),
        countries=held_by(engine, sold.countries),
        launches=held_by(engine, sold.launches),
        namesakes=held_by(engine, sold.namesakes),
    )


@dataclass(frozen=True, slots=True)
class _Goods:
    """The tables that all questions about products are put to, held in the engine."""

    sold: Table
    names: Table
    baskets: Table
    places: Table
    buyers: Table
    namesakes: Table | None
    homes: Mapping[tuple[str, str | None], int]

    def segment_sizes(self, names: Sequence[str]) -> dict[str, int]:
        """Return the customers of each segment that has any, in the scheme's order."""
        sizes = Counter[str]()
        for (segment, _), count in self.homes.items():
            sizes[segment] += count
        return {name: sizes[name] for name in names if name in sizes}


def tell_what_sells(engine: Backend, shop: Shop) -> Sold:
    """Return what the lines tell of products, countries, tastes and launches.

    The `engine` is a connection of its own to the shop's.
    """
    if not shop.has_products:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    goods = _hold_goods(engine)
    trend = products.find_trend(shop.first_day, shop.covered[1])
    measured = products.measure_products(goods.sold, goods.names, trend)
    measured = hold_table(engine, "products", measured)
    net_returns = shop.settings.cleaning.net_returns
    told = products.tell_products(goods.baskets, measured, trend, net_returns=net_returns)
    if told is None:
        return Sold(untold=(Untold(TOPIC, _NO_PRODUCTS),))
    by_country = countries.measure_countries(goods.sold, goods.baskets, goods.names, goods.places)
    by_country = hold_table(engine, "countries", by_country)
    told_countries = countries.tell_countries(by_country)
    sizes = goods.segment_sizes(shop.segment_names)
    tastes = _affinity(engine, goods, measured, sizes, told_countries)
    found, followed, untold = _launches(engine, goods, shop, sizes)
    for table in ("sold", "picks"):  # as long as the source, and no longer needed
        engine.drop_table(table)
    if tastes is None:
        untold = (Untold(f"{TOPIC}: what segments prefer", _FEW_BUYERS), *untold)
    if told_countries is None:
        reason = countries.untold_countries(by_country)
        untold = (Untold(f"{TOPIC}: countries", reason), *untold)
    return Sold(
        sells=Sells(told, told_countries, tastes, found),
        products=measured,
        countries=by_country if told_countries else None,
        launches=followed,
        namesakes=goods.namesakes,
        untold=untold,
    )


def _hold_goods(engine: Backend) -> _Goods:
    lines, customers = engine.table("lines"), engine.table("customers")
    labels = hold_table(engine, "product_labels", sold.label_products(lines))
    namesakes = None
    if fetch_value(sold.has_both_kinds(labels)):
        namesakes = hold_table(engine, "namesakes", sold.find_namesakes(labels))
    lines_sold = hold_table(engine, "sold", sold.sold_lines(lines, namesakes))
    baskets = hold_table(engine, "baskets", sold.fill_baskets(lines_sold))
    places = hold_table(engine, "places", sold.name_places(lines))
    buyers = hold_table(engine, "buyers", sold.describe_buyers(baskets, customers, places))
    rows = fetch_rows(buyers.group_by(SEGMENT, COUNTRY).agg(n=buyers.count()))
    return _Goods(
        sold=lines_sold,
        names=hold_table(engine, "product_names", sold.name_products(labels, namesakes)),
        baskets=baskets,
        places=places,
        buyers=buyers,
        namesakes=namesakes,
        homes={(row[SEGMENT], row[COUNTRY]): row["n"] for row in rows},
    )


def _affinity(
    engine: Backend,
    goods: _Goods,
    measured: Table,
    sizes: Mapping[str, int],
    told: Countries | None,
) -> Affinity | None:
    """Compare the segments, and the countries, that have customers enough for a claim."""
    rows = told.rows if told else ()
    groups = affinity.Groups(
        segments=tuple(name for name, size in sizes.items() if size >= FEWEST_CUSTOMERS),
        countries=tuple(row.country for row in rows if row.customer_count >= FEWEST_CUSTOMERS),
        homes=goods.homes,
    )
    chosen = hold_table(engine, "chosen_products", affinity.choose_products(measured))
    picks = affinity.list_picks(goods.sold, chosen, goods.buyers, groups.segments, groups.countries)
    return affinity.find_affinity(hold_table(engine, "picks", picks), chosen, groups)


def _launches(
    engine: Backend,
    goods: _Goods,
    shop: Shop,
    sizes: Mapping[str, int],
) -> tuple[Launches | None, Table | None, tuple[Untold, ...]]:
    """Return the launches and how they were followed, or why there are none to tell."""
    length, topic = shop.settings.report.launch_days, f"{TOPIC}: launches"
    if length < launches.FEWEST_DAYS:
        reason = _TOO_SOON.format(days=length, fewest=launches.FEWEST_DAYS)
        return None, None, (Untold(topic, reason),)
    days = launches.find_launch_days(shop.first_known_day, shop.first_day, shop.as_of, length)
    if days is None:
        return None, None, (Untold(topic, _TOO_SHORT.format(days=length)),)
    listed = hold_table(engine, "launches", launches.list_launches(goods.names, days))
    so_far = hold_table(engine, "launch_weeks", launches.add_up_weeks(goods.sold, listed, days))
    before = launches.count_orders_before(engine.table("orders"), days)
    before = hold_table(engine, "orders_before", before)
    followed = launches.follow_launches(listed, so_far, before, days)
    followed = hold_table(engine, "followed_launches", followed)
    told = launches.tell_launches(followed, goods.sold, listed, goods.buyers, days, sizes)
    if told is None:
        return None, None, (Untold(topic, _NO_LAUNCHES.format(days=length)),)
    return told, followed, ()
