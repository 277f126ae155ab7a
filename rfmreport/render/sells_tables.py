"""The tables of the section on products, and the sentences around them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from rfmreport.formats import MISSING
from rfmreport.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS
from rfmreport.render.drawings import fitted
from rfmreport.render.sells_captions import (
    NAME,
    NAME_ROOM,
    launch_title,
    product_table,
    sells_lead,
    trend_note,
)
from rfmreport.render.tables import Cell, Column, Row, Table, share_texts, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.formats import Formats
    from rfmreport.report import (
        Affinity,
        BestProduct,
        Countries,
        CountrySales,
        Launch,
        Launches,
        Preference,
        Report,
        Sells,
    )

_PER_SEGMENT = 3
_TOLD_HOMES = 3
_TOLD_COUNTRIES = 4
_TOO_FEW = "too few orders to say"


@dataclass(frozen=True, slots=True)
class SellsBlock:
    """What the section prints around its charts; a table is None where the data lack it."""

    lead: str
    products: Table
    products_note: str
    countries_title: str
    countries: Table | None
    countries_note: str
    tastes_title: str
    tastes: Table | None
    tastes_note: str
    launches_title: str
    launches: Table | None
    launches_note: str
    takers_title: str
    takers: Table | None
    takers_note: str


def sells_block(
    report: Report, formats: Formats, medium: Literal["screen", "print"]
) -> SellsBlock | None:
    """Return the tables and sentences of the section; None where the source names no products.

    On paper names are cut to one line; the data files have them in full.
    """
    sells = report.sells
    if sells is None:
        return None
    room = NAME_ROOM[medium]
    keys = {row.name: index for index, row in enumerate(report.segments.rows)}
    countries, affinity, launches = sells.countries, sells.affinity, sells.launches
    takers = launches if launches and launches.takers else None
    return SellsBlock(
        lead=sells_lead(sells.products, formats),
        products=product_table(sells.products, formats, room),
        products_note=trend_note(sells.products, formats),
        countries_title=countries_title(sells, countries, formats) if countries else "",
        countries=countries_table(countries, formats, room) if countries else None,
        countries_note=countries_note(sells, countries, formats) if countries else "",
        tastes_title=tastes_title(affinity, formats) if affinity else "",
        tastes=tastes_table(affinity, keys, formats, room)
        if affinity and affinity.segments
        else None,
        tastes_note=tastes_note(affinity, keys, formats) if affinity else "",
        launches_title=launch_title(launches, formats) if launches else "",
        launches=launches_table(launches, formats, room) if launches and launches.shown else None,
        launches_note=launches_note(launches, formats) if launches else "",
        takers_title=takers_title(takers, formats) if takers else "",
        takers=takers_table(takers, keys, formats) if takers else None,
        takers_note=_TAKERS_NOTE.format(days=formats.count(takers.days)) if takers else "",
    )


def countries_title(sells: Sells, countries: Countries, formats: Formats) -> str:
    """Say what home brings, and in how many other countries one product leads."""
    home, leader = countries.rows[0], countries.leader
    title = (
        f"{shown(home.country, 40)} brings {formats.share(home.share)} of {sells.products.whole}"
    )
    if leader is None:
        return title
    return (
        f"{title}; {shown(leader.name, NAME)} leads in {formats.count(leader.country_count)} of "
        f"{formats.count(leader.told_count)} others shown"
    )


def countries_table(countries: Countries, formats: Formats, room: int) -> Table:
    """Return the best product of each country."""
    has_pieces = any(row.best_by_quantity for row in countries.rows)
    rows = tuple(
        Row(_country_cells(row, formats, room, has_pieces=has_pieces)) for row in countries.rows
    )
    columns = (
        Column("Country", numeric=False),
        Column("Revenue"),
        Column("%", hint="of all"),
        Column("Orders"),
        Column("Customers"),
        Column("Best by revenue", numeric=False),
        *((Column("Best by pieces", numeric=False),) if has_pieces else ()),
    )
    return Table("Best product by country", columns, rows)


def _country_cells(
    row: CountrySales, formats: Formats, room: int, *, has_pieces: bool
) -> tuple[Cell, ...]:
    best = [row.best_by_revenue, *([row.best_by_quantity] if has_pieces else [])]
    return (
        Cell(shown(row.country, 40)),
        Cell(formats.money(row.revenue), str(row.revenue)),
        Cell(formats.share(row.share), f"{row.share:.6f}"),
        Cell(formats.count(row.order_count), str(row.order_count)),
        Cell(formats.count(row.customer_count), str(row.customer_count)),
        *(Cell(_best_words(one, room) if row.is_told else _TOO_FEW) for one in best),
    )


def _best_words(best: BestProduct | None, room: int) -> str:
    if best is None:
        return MISSING
    if best.line_count == 1:
        return f"{fitted(shown(best.name, NAME), room * 0.5)} (one line)"
    return fitted(shown(best.name, NAME), room * 0.7)


def _times(one: Preference, formats: Formats) -> str:
    low, high = formats.number(one.low), formats.number(one.high)
    return f"{formats.number(one.lift)}× ({low}–{high})"


def countries_note(sells: Sells, countries: Countries, formats: Formats) -> str:
    """Say how many countries there are, what names none, and what is compared with what."""
    count, affinity, parts = len(countries.rows), sells.affinity, []
    if countries.country_count > count:
        parts.append(f"{formats.count(count)} of {formats.count(countries.country_count)}.")
    if countries.unplaced_revenue:
        unplaced = formats.money_short(countries.unplaced_revenue)
        parts.append(f"Purchases of {unplaced} name no country.")
    parts.append(f"Nothing is said below {FEWEST_ORDERS} orders.")
    if affinity and affinity.country_test_count:
        parts.append(_elsewhere_words(affinity, formats))
    if affinity and affinity.home_test_count:
        parts.append(_home_words(affinity, formats))
    return " ".join(parts)


def _elsewhere_words(affinity: Affinity, formats: Formats) -> str:
    tests = formats.count(affinity.country_test_count)
    if not affinity.countries:
        return f"No country buys any product clearly more than the others do ({tests} comparisons)."
    surest = {one.group: one for one in reversed(affinity.countries)}  # the first of each
    told = "; ".join(
        f"{shown(name, 40)} {_taste_words(shown(one.name, NAME), one, formats)}"
        for name, one in list(reversed(surest.items()))[:_TOLD_COUNTRIES]
    )
    return (
        f"Bought more than elsewhere, compared as for the segments below: {told} "
        f"({formats.count(affinity.country_clear_count)} of {tests} comparisons stand)."
    )


def _taste_words(what: str, one: Preference, formats: Formats) -> str:
    return f"{what} {_times(one, formats)}, n = {formats.count(one.customer_count)}"


def _home_words(affinity: Affinity, formats: Formats) -> str:
    """Say which segments have more customers of a country than the other segments have."""
    tests = formats.count(affinity.home_test_count)
    if not affinity.homes:
        return f"No segment has clearly more customers of one country ({tests} comparisons)."
    surest = sorted(affinity.homes, key=lambda one: one.p_value)[:_TOLD_HOMES]
    told = "; ".join(
        _taste_words(f"{shown(one.name, 40)} in {shown(one.group, 40)}", one, formats)
        for one in surest
    )
    return (
        f"Countries with more customers in a segment than in the others: {told} "
        f"({tests} comparisons, all in data/segment_countries.csv)."
    )


def tastes_title(affinity: Affinity, formats: Formats) -> str:
    """Say what the first segment with a taste buys more of."""
    if not affinity.segments:
        return "No segment buys any product clearly more than the others do"
    first = affinity.segments[0]
    return (
        f"{shown(first.group, 40)} pick {shown(first.name, NAME)} {formats.number(first.lift)} "
        "times as often as others who buy as much"
    )


def tastes_table(affinity: Affinity, keys: Mapping[str, int], formats: Formats, room: int) -> Table:
    """Return the clearest tastes of each segment."""
    rows = [
        Row((Cell(shown(group, 40)), *_taste_cells(one, formats, room)), keys.get(group))
        for group, found in groupby(affinity.segments, key=lambda one: one.group)
        for one in list(found)[:_PER_SEGMENT]
    ]
    columns = (
        Column("Segment", numeric=False),
        Column("Buys more", numeric=False),
        Column("Customers", hint="of the segment"),
        Column("Buyers", hint="in all"),
        Column("Picks"),
        Column("Expected", hint="as others"),
        Column("Times as often"),
        Column("95% interval"),
    )
    return Table("What each segment buys more than the others do", columns, tuple(rows))


def _taste_cells(one: Preference, formats: Formats, room: int) -> tuple[Cell, ...]:
    return (
        Cell(fitted(shown(one.name, NAME), room)),
        Cell(formats.count(one.customer_count), str(one.customer_count)),
        Cell(formats.count(one.buyer_count), str(one.buyer_count)),
        Cell(formats.count(one.pick_count), str(one.pick_count)),
        Cell(formats.count(round(one.expected_count)), str(one.expected_count)),
        Cell(f"{formats.number(one.lift)}×", str(one.lift)),
        Cell(f"{formats.number(one.low)}–{formats.number(one.high)}"),
    )


def tastes_note(affinity: Affinity, keys: Mapping[str, int], formats: Formats) -> str:
    """Say what is compared with what, how often, and what was done about chance."""
    told = {one.group for one in affinity.segments}
    without = [shown(name, 40) for name in keys if name not in told]
    nothing = f" Nothing clear of {', '.join(without)}." if told and without else ""
    return (
        "Heavy buyers buy more of everything. So a product counts once per customer and month (a "
        "pick), and is held against the picks of others who bought about as many products in the "
        "same month: neither buying much nor the season counts as taste. Expected: the picks at "
        f"the others' rate. Of {formats.count(affinity.segment_test_count)} comparisons (one-sided "
        f"score test; the {formats.count(affinity.product_count)} products with most buyers) "
        f"{formats.count(affinity.segment_clear_count)} stand after the correction of Benjamini "
        "and Hochberg, which lets 5% of them be chance; "
        f"{formats.count(len(affinity.segments))} of these were bought by {FEWEST_CUSTOMERS} "
        f"customers of the segment and {FEWEST_CUSTOMERS} others. Up to {_PER_SEGMENT} per segment "
        f"are shown, all in data/affinity.csv.{nothing}"
    )


def launches_table(launches: Launches, formats: Formats, room: int) -> Table:
    """Return the launches that find customers fastest, against earlier ones at the same age."""
    rows = tuple(
        Row(_launch_cells(number, one, formats, room))
        for number, one in enumerate(launches.shown, start=1)
    )
    columns = (
        Column("Launch", numeric=False),
        Column("Since"),
        Column("Weeks"),
        Column("Customers"),
        Column("Revenue"),
        Column("Pace"),
        Column("Earlier", hint="quartiles"),
        Column("Against earlier", numeric=False),
    )
    return Table("The launches with most customers for the orders of their time", columns, rows)


def _launch_cells(number: int, one: Launch, formats: Formats, room: int) -> tuple[Cell, ...]:
    earlier = MISSING
    if one.earlier_pace:
        earlier = " · ".join(formats.number(value) for value in one.earlier_pace)
    tone = {"faster": "up", "slower": "down"}.get(one.verdict, "")
    return (
        Cell(f"{number} {fitted(shown(one.name, NAME), room)}"),
        Cell(formats.day(one.first_sold_on), one.first_sold_on.isoformat()),
        Cell(formats.count(one.weeks), str(one.weeks)),
        Cell(formats.count(one.customer_count), str(one.customer_count)),
        Cell(formats.money(one.revenue), str(one.revenue)),
        Cell(formats.number(one.pace), f"{one.pace:.6f}"),
        Cell(earlier),
        Cell(one.verdict, "", tone),
    )


def launches_note(launches: Launches, formats: Formats) -> str:
    """Say what a launch is, what the pace is, and what it is held against."""
    note = (
        f"Launch: first sold in the last {formats.count(launches.days)} days to a customer of "
        "this report, and not just a new code for an old name. Shown: of the "
        f"{formats.count(launches.told_count)} on sale for {launches.fewest_weeks} weeks or more "
        f"with {FEWEST_CUSTOMERS} customers or more, up to their last whole week."
    )
    if launches.earlier:
        note += (
            " Pace: customers per thousand orders of the shop since the launch, so that a busy "
            f"season does not decide; held against {formats.count(launches.earlier_count)} earlier "
            "launches at the same age. Faster: even the lower end of its interval (95% for all "
            f"{formats.count(launches.told_count)} together) lies above three quarters of them."
        )
    else:
        note += " There are too few earlier launches to hold them against."
    return note


def takers_title(launches: Launches, formats: Formats) -> str:
    """Say which segment takes up launches more than it buys anything."""
    best = max(launches.takers, key=lambda one: one.taker_share - one.pick_share)
    return (
        f"{shown(best.segment, 40)}: {formats.share(best.taker_share, 0)} of first buyers, "
        f"{formats.share(best.pick_share, 0)} of all purchases"
    )


_TAKERS_NOTE = (
    "First buyers: who bought a launch within 30 days of it. Purchases: products bought in the "
    "last {days} days, once per customer. Segments are those of today."
)


def takers_table(launches: Launches, keys: Mapping[str, int], formats: Formats) -> Table:
    """Return the part of each segment in the first buyers, in all purchases and in customers."""
    shares = [
        share_texts(list(parts), formats)
        for parts in zip(
            *((one.customer_share, one.pick_share, one.taker_share) for one in launches.takers),
            strict=True,
        )
    ]
    rows = tuple(
        Row(
            (
                Cell(shown(one.segment, 40)),
                Cell(shares[0][i], f"{one.customer_share:.6f}"),
                Cell(shares[1][i], f"{one.pick_share:.6f}"),
                Cell(shares[2][i], f"{one.taker_share:.6f}"),
                Cell(formats.count(one.taker_count), str(one.taker_count)),
            ),
            keys.get(one.segment),
        )
        for i, one in enumerate(launches.takers)
    )
    total = (
        Cell("All"),
        *(Cell(formats.share(1.0)) for _ in range(3)),
        Cell(formats.count(launches.taker_count)),
    )
    columns = (
        Column("Segment", numeric=False),
        Column("Customers"),
        Column("Purchases"),
        Column("First buyers"),
        Column("n"),
    )
    return Table("Who took up launches first", columns, rows, Row(total))
