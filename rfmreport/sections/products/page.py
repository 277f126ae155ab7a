"""What they buy, in words: the best seller, countries, tastes and launches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rfmreport.kit.sections import Medium, Section
from rfmreport.kit.sentences import counted, people
from rfmreport.kit.tables import TitledTable, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS
from rfmreport.sections.products import tables
from rfmreport.sections.products.charts import top_drawing, trend_note, uptake_drawing
from rfmreport.sections.products.pairs_page import PAIRS, pairs_told
from rfmreport.sections.products.tables import NAME_ROOM, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.drawings import Drawing
    from rfmreport.report import Report
    from rfmreport.sections.products.figures import (
        Affinity,
        Countries,
        Launches,
        Preference,
        Product,
        ProductSales,
        Sells,
    )

_PER_SEGMENT = {"screen": 3, "print": 2}
_COUNTRIES = {"screen": 1_000, "print": 6}
_TOLD_HOMES = 3
_TOLD_COUNTRIES = 4


@dataclass(frozen=True, slots=True)
class SellsPage:
    """What the section prints around its charts; what is None is not there to be told."""

    lead: str
    products: TitledTable
    countries: TitledTable | None
    tastes: TitledTable | None
    pairs: TitledTable | None
    launches: TitledTable | None
    takers: TitledTable | None


def sells_page(report: Report, formats: Formats, medium: Medium) -> SellsPage | None:
    """Return the tables and sentences of the section; None where the source names no products.

    On paper the lists are shorter and names are cut to one line; the data files have all in full.
    """
    sells = report.sells
    if sells is None:
        return None
    room = NAME_ROOM[medium]
    keys = {row.name: place for place, row in enumerate(report.segments.rows)}
    affinity, launches = sells.affinity, sells.launches
    return SellsPage(
        lead=sells_lead(sells.products, formats),
        products=TitledTable(
            "",
            tables.product_table(sells.products, formats, room),
            trend_note(sells.products, formats),
        ),
        countries=_told_countries(sells, sells.countries, formats, medium)
        if sells.countries
        else None,
        tastes=_told_tastes(affinity, keys, formats, medium) if affinity else None,
        pairs=pairs_told(report, formats, medium),
        launches=told_launches(launches, formats, room) if launches else None,
        takers=told_takers(launches, keys, formats) if launches and launches.takers else None,
    )


def sells_title(sales: ProductSales, formats: Formats) -> str:
    """Name the product that sells most, of those that enough customers bought."""
    best = sales.favourite
    if best is None:
        return f"No product was bought by {FEWEST_CUSTOMERS} customers or more"
    return (
        f"{best_words(best)}: {formats.money_short(best.revenue)}, "
        f"{formats.share(best.revenue_share)} of {sales.whole}, from "
        f"{formats.count(best.customer_count)} customers"
    )


def best_words(best: Product) -> str:
    """Say of what the best seller is the best: where a single deal brought more, of the others."""
    name = named(best.name)
    if best.revenue_rank == 1:
        return f"{name} sells most"
    return f"Of products with {FEWEST_CUSTOMERS} or more buyers, {name} sells most"


def sells_lead(sales: ProductSales, formats: Formats) -> str:
    """Say how much is sold of how many products, and what single deals stand among the best."""
    bought = (
        f"{counted(sales.customer_count, 'customer', formats)} bought "
        f"{counted(sales.product_count, 'product', formats)} in "
        f"{counted(sales.order_count, 'order', formats)}, for {formats.money_short(sales.revenue)}."
    )
    parts = [bought]
    few = [one for one in sales.by_revenue if one.customer_count < FEWEST_CUSTOMERS]
    if few:
        parts.append(_few_words(few, formats))
    if sales.unnamed_revenue:
        parts.append(
            f"Purchases of {formats.money_short(sales.unnamed_revenue)} name no product and are "
            "left out."
        )
    if sales.returned:
        parts.append(
            f"Goods of {formats.money_short(sales.returned)} that came back are subtracted from "
            "the products they belong to."
        )
    return " ".join(parts)


def _few_words(few: Sequence[Product], formats: Formats) -> str:
    """Say why a product among the best ten is not called one of them."""
    first = few[0]
    orders = (
        "a single order" if first.order_count == 1 else counted(first.order_count, "order", formats)
    )
    words = (
        f"{named(first.name)} is among the best ten through {orders} "
        f"({formats.money_short(first.revenue)}) from "
        f"{counted(first.customer_count, 'customer', formats)}"
    )
    if len(few) == 1:
        return f"{words}: no favourite, however much it brought."
    more = formats.count(len(few) - 1)
    return (
        f"{words}, and {more} more through fewer than {FEWEST_CUSTOMERS} customers: no favourites, "
        "however much they brought."
    )


def _told_countries(
    sells: Sells, countries: Countries, formats: Formats, medium: Medium
) -> TitledTable:
    listed = countries.rows[: _COUNTRIES[medium]]
    return TitledTable(
        countries_title(sells, countries, formats),
        tables.countries_table(listed, formats, NAME_ROOM[medium]),
        _countries_note(sells, countries, len(listed), formats),
    )


def countries_title(sells: Sells, countries: Countries, formats: Formats) -> str:
    """Say what home brings, and in how many other countries one product leads."""
    home, leader = countries.rows[0], countries.leader
    title = (
        f"{shown(home.country, 40)} brings {formats.share(home.share)} of "
        f"{'purchases' if sells.products.returned else 'revenue'}"
    )
    if leader is None:
        return title
    places = f"{formats.count(leader.country_count)} of {formats.count(leader.told_count)} others"
    return f"{title}; {named(leader.name)} leads in {places}"


def _countries_note(sells: Sells, countries: Countries, count: int, formats: Formats) -> str:
    """Say how many countries there are, what names none, and what is compared with what."""
    affinity, parts = sells.affinity, []
    if countries.country_count > count:
        parts.append(
            f"The {formats.count(count)} of {formats.count(countries.country_count)} countries "
            "with most revenue."
        )
    if countries.unplaced_revenue:
        unplaced = formats.money_short(countries.unplaced_revenue)
        parts.append(f"Purchases of {unplaced} name no country.")
    parts.append(f"Nothing is said below {FEWEST_ORDERS} orders; one line: a single purchase.")
    if affinity and affinity.countries.test_count:
        parts.append(_elsewhere_words(affinity, formats))
    if affinity and affinity.homes.test_count:
        parts.append(_home_words(affinity, formats))
    return " ".join(parts)


def _elsewhere_words(affinity: Affinity, formats: Formats) -> str:
    tests = formats.count(affinity.countries.test_count)
    if not affinity.countries.told:
        return f"No country buys any product clearly more than the others do ({tests} comparisons)."
    surest = {one.group: one for one in reversed(affinity.countries.told)}  # the first of each
    told = "; ".join(
        f"{shown(name, 40)} {_taste_words(named(one.name), one, formats)}"
        for name, one in list(reversed(surest.items()))[:_TOLD_COUNTRIES]
    )
    return (
        f"Bought more than elsewhere, tested like the tastes of segments below: {told} "
        f"({formats.count(affinity.countries.clear_count)} of {tests} comparisons stand)."
    )


def _taste_words(what: str, one: Preference, formats: Formats) -> str:
    return f"{what} {_times(one, formats)}, n = {formats.count(one.customer_count)}"


def _home_words(affinity: Affinity, formats: Formats) -> str:
    """Say which segments have more customers of a country than the other segments have."""
    tests = formats.count(affinity.homes.test_count)
    if not affinity.homes.told:
        return f"No segment has clearly more customers of one country ({tests} comparisons)."
    surest = sorted(affinity.homes.told, key=lambda one: one.p_value)[:_TOLD_HOMES]
    told = "; ".join(
        _taste_words(f"{shown(one.name, 40)} in {shown(one.group, 40)}", one, formats)
        for one in surest
    )
    return (
        f"Countries with more customers in a segment than in the others: {told} "
        f"({tests} comparisons, all in data/segment_countries.csv)."
    )


def _times(one: Preference, formats: Formats) -> str:
    low, high = formats.number(one.low), formats.number(one.high)
    return f"{formats.number(one.lift)}× ({low}–{high})"


def _told_tastes(
    affinity: Affinity, keys: Mapping[str, int], formats: Formats, medium: Medium
) -> TitledTable:
    most = _PER_SEGMENT[medium]
    rows = [
        one
        for _, found in groupby(affinity.segments.told, key=lambda one: one.group)
        for one in list(found)[:most]
    ]
    return TitledTable(
        _tastes_title(affinity, formats),
        tables.tastes_table(rows, keys, formats, NAME_ROOM[medium]) if rows else None,
        _tastes_note(affinity, keys, formats, most),
    )


def _tastes_title(affinity: Affinity, formats: Formats) -> str:
    """Say what the first segment with a taste buys more of."""
    if not affinity.segments.told:
        return "No segment buys any product clearly more than the others do"
    first = affinity.segments.told[0]
    return (
        f"{people(shown(first.group, 40))} pick {named(first.name)} "
        f"{formats.number(first.lift)} times as often as comparable buyers"
    )


def _with_enough(affinity: Affinity, formats: Formats) -> str:
    count = len(affinity.segments.told)
    which = "all of them" if count == affinity.segments.clear_count else formats.count(count)
    return f"{which} with {FEWEST_CUSTOMERS} buyers in the segment and {FEWEST_CUSTOMERS} outside"


def _tastes_note(
    affinity: Affinity, keys: Mapping[str, int], formats: Formats, per_segment: int
) -> str:
    """Say what is compared with what, how often, and what was done about chance."""
    told = {one.group for one in affinity.segments.told}
    without = [shown(name, 40) for name in keys if name not in told]
    nothing = f" Nothing clear for {', '.join(without)}." if told and without else ""
    return (
        "Pick: a product bought by a customer in a month, counted once. Expected: as often as "
        "others pick it who bought about as many products in that month, so that neither heavy "
        "buying nor the season looks like taste. Of "
        f"{formats.count(affinity.segments.test_count)} comparisons (the "
        f"{formats.count(affinity.product_count)} most bought products) "
        f"{formats.count(affinity.segments.clear_count)} stand once their number is allowed for "
        f"(Benjamini–Hochberg: at most 5% of them chance), {_with_enough(affinity, formats)}; "
        f"up to {per_segment} a segment are shown, all are in data/affinity.csv.{nothing}"
    )


def told_launches(launches: Launches, formats: Formats, room: float) -> TitledTable:
    """Return the launches that find customers fastest, against earlier ones."""
    return TitledTable(
        launch_title(launches, formats),
        tables.launches_table(launches, formats, room) if launches.shown else None,
        _launches_note(launches, formats),
    )


def launch_title(launches: Launches, formats: Formats) -> str:
    """Say which launch finds customers clearly faster than most did, or how many there were."""
    faster = [one for one in launches.shown if one.verdict == "faster"]
    days = f"in the last {formats.count(launches.days)} days"
    if not faster:
        return f"{counted(launches.launch_count, 'product', formats)} launched {days}"
    best = faster[0]
    return (
        f"Of {formats.count(launches.launch_count)} products launched {days}, "
        f"{named(best.name)} finds customers faster than three in four earlier launches: "
        f"{formats.count(best.customer_count)} in {counted(best.weeks, 'week', formats)}"
    )


def _launches_note(launches: Launches, formats: Formats) -> str:
    """Say what a launch is, what the pace is, and what it is held against."""
    note = (
        f"Launched: first sold in the last {formats.count(launches.days)} days, also to customers "
        "of this report, and no new code for an old name; shown: of the "
        f"{formats.count(launches.told_count)} on sale for {launches.fewest_weeks} weeks or more, "
        f"with {FEWEST_CUSTOMERS} customers or more up to the last whole week."
    )
    if launches.earlier:
        note += (
            " Pace: customers per thousand orders of the shop since the launch, so that a busy "
            f"season is no head start; compared with {formats.count(launches.earlier_count)} "
            "earlier launches at the same age. Faster: the low end of its interval (95% for all "
            f"{formats.count(launches.told_count)} together) beats three quarters of them."
        )
    else:
        note += " There are too few earlier launches to compare them with."
    return note


def told_takers(launches: Launches, keys: Mapping[str, int], formats: Formats) -> TitledTable:
    """Return who takes up launches first, and which segment more than it buys anything."""
    best = max(launches.takers, key=lambda one: one.taker_share - one.pick_share)
    title = (
        f"{people(shown(best.segment, 40))} are {formats.share(best.taker_share, 0)} of first "
        f"buyers, and make {formats.share(best.pick_share, 0)} of all purchases"
    )
    note = (
        "First buyers: who bought a launch within its first 30 days. Purchases: products bought in "
        f"the last {formats.count(launches.days)} days, once per customer. Segments are those of "
        "today."
    )
    return TitledTable(title, tables.takers_table(launches, keys, formats), note)


def _finding(report: Report, formats: Formats) -> str:
    return sells_title(report.sells.products, formats) if report.sells else ""


def _top(report: Report, formats: Formats) -> Drawing | None:
    return top_drawing(report.sells.products, formats) if report.sells else None


def _uptake(report: Report, formats: Formats) -> Drawing | None:
    launches = report.sells.launches if report.sells else None
    return uptake_drawing(launches, formats) if launches and launches.shown else None


SECTION: Section[Report] = Section(
    "sells",
    "What they buy",
    _finding,
    drawings=(_top, _uptake),
    page=sells_page,
    sheets=(*tables.REPORT_FILES, PAIRS),
)
"""The section of the report."""
