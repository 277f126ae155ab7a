"""The tables of the section on products, and the sentences around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from rfmreport.formats import MISSING
from rfmreport.kit.drawings import fitted
from rfmreport.kit.sentences import people
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    range_text,
    share_texts,
    shown,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS, FEWEST_ORDERS
from rfmreport.sections.products.page import (
    NAME,
    NAME_ROOM,
    launch_title,
    product_table,
    sells_lead,
    trend_note,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.products.figures import (
        Affinity,
        BestProduct,
        Countries,
        CountrySales,
        Launch,
        Launches,
        Preference,
        Sells,
    )

_PER_SEGMENT = {"screen": 3, "print": 2}
_COUNTRIES = {"screen": 1_000, "print": 6}
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

    On paper the lists are shorter and names are cut to one line; the data files have all in full.
    """
    sells = report.sells
    if sells is None:
        return None
    room = NAME_ROOM[medium]
    keys = {row.name: index for index, row in enumerate(report.segments.rows)}
    countries, affinity, launches = sells.countries, sells.affinity, sells.launches
    listed = replace(countries, rows=countries.rows[: _COUNTRIES[medium]]) if countries else None
    per_segment = _PER_SEGMENT[medium]
    takers = launches if launches and launches.takers else None
    return SellsBlock(
        lead=sells_lead(sells.products, formats),
        products=product_table(sells.products, formats, room),
        products_note=trend_note(sells.products, formats),
        countries_title=countries_title(sells, countries, formats) if countries else "",
        countries=countries_table(listed, formats, room) if listed else None,
        countries_note=countries_note(sells, listed, formats) if listed else "",
        tastes_title=tastes_title(affinity, formats) if affinity else "",
        tastes=tastes_table(affinity, keys, formats, room, per_segment)
        if affinity and affinity.segments
        else None,
        tastes_note=tastes_note(affinity, keys, formats, per_segment) if affinity else "",
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
    places = f"{formats.count(leader.country_count)} of {formats.count(leader.told_count)} others"
    return f"{title}; {shown(leader.name, NAME)} leads in {places}"


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
    best = [_best_words(row.best_by_revenue, room)]
    if has_pieces:
        is_same = _named(row.best_by_quantity) == _named(row.best_by_revenue) is not None
        best.append("the same" if is_same else _best_words(row.best_by_quantity, room))
    return (
        Cell(shown(row.country, 40)),
        Cell(formats.money(row.revenue), str(row.revenue)),
        Cell(formats.share(row.share), f"{row.share:.6f}"),
        Cell(formats.count(row.order_count), str(row.order_count)),
        Cell(formats.count(row.customer_count), str(row.customer_count)),
        *(Cell(words if row.is_told else _TOO_FEW) for words in best),
    )


def _named(best: BestProduct | None) -> tuple[str, str] | None:
    return (best.code, best.name) if best else None


def _best_words(best: BestProduct | None, room: int) -> str:
    if best is None:
        return MISSING
    name = fitted(shown(best.name, NAME), room)
    return f"{name} (one line)" if best.line_count == 1 else name


def _times(one: Preference, formats: Formats) -> str:
    low, high = formats.number(one.low), formats.number(one.high)
    return f"{formats.number(one.lift)}× ({low}–{high})"


def countries_note(sells: Sells, countries: Countries, formats: Formats) -> str:
    """Say how many countries there are, what names none, and what is compared with what."""
    count, affinity, parts = len(countries.rows), sells.affinity, []
    if countries.country_count > count:
        parts.append(
            f"The {formats.count(count)} of {formats.count(countries.country_count)} countries "
            "with most revenue."
        )
    if countries.unplaced_revenue:
        unplaced = formats.money_short(countries.unplaced_revenue)
        parts.append(f"Purchases of {unplaced} name no country.")
    parts.append(f"Nothing is said below {FEWEST_ORDERS} orders; one line: a single purchase.")
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
        f"Bought more than elsewhere, tested like the tastes of segments below: {told} "
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
        f"{people(shown(first.group, 40))} pick {shown(first.name, NAME)} "
        f"{formats.number(first.lift)} times as often as comparable buyers"
    )


def tastes_table(
    affinity: Affinity, keys: Mapping[str, int], formats: Formats, room: int, per_segment: int
) -> Table:
    """Return the clearest tastes of each segment."""
    rows = [
        Row((Cell(shown(group, 40)), *_taste_cells(one, formats, room)), keys.get(group))
        for group, found in groupby(affinity.segments, key=lambda one: one.group)
        for one in list(found)[:per_segment]
    ]
    columns = (
        Column("Segment", numeric=False),
        Column("Buys more", numeric=False),
        Column("Customers", hint="of the segment"),
        Column("Buyers", hint="in all"),
        Column("Picks"),
        Column("Expected", hint="as others"),
        Column("Times", hint="as often"),
        Column("95%", hint="interval"),
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
        Cell(range_text(formats.number(one.low), formats.number(one.high))),
    )


def _with_enough(affinity: Affinity, formats: Formats) -> str:
    count = len(affinity.segments)
    which = "all of them" if count == affinity.segment_clear_count else formats.count(count)
    return f"{which} with {FEWEST_CUSTOMERS} buyers in the segment and {FEWEST_CUSTOMERS} outside"


def tastes_note(
    affinity: Affinity, keys: Mapping[str, int], formats: Formats, per_segment: int
) -> str:
    """Say what is compared with what, how often, and what was done about chance."""
    told = {one.group for one in affinity.segments}
    without = [shown(name, 40) for name in keys if name not in told]
    nothing = f" Nothing clear for {', '.join(without)}." if told and without else ""
    return (
        "Pick: a product bought by a customer in a month, counted once. Expected: as often as "
        "others pick it who bought about as many products in that month, so that neither heavy "
        "buying nor the season looks like taste. Of "
        f"{formats.count(affinity.segment_test_count)} comparisons (the "
        f"{formats.count(affinity.product_count)} most bought products) "
        f"{formats.count(affinity.segment_clear_count)} stand once their number is allowed for "
        f"(Benjamini–Hochberg: at most 5% of them chance), {_with_enough(affinity, formats)}; "
        f"up to {per_segment} a segment are shown, all are in data/affinity.csv.{nothing}"
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


def takers_title(launches: Launches, formats: Formats) -> str:
    """Say which segment takes up launches more than it buys anything."""
    best = max(launches.takers, key=lambda one: one.taker_share - one.pick_share)
    return (
        f"{people(shown(best.segment, 40))} are {formats.share(best.taker_share, 0)} of first "
        f"buyers, and make {formats.share(best.pick_share, 0)} of all purchases"
    )


_TAKERS_NOTE = (
    "First buyers: who bought a launch within its first 30 days. Purchases: products bought in the "
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
        Column("First", hint="buyers"),
        Column("n"),
    )
    return Table("Who took up launches first", columns, rows, Row(total))
