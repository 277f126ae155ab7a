"""What the section on products says: the best seller, the tastes, the launches, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.formats import MISSING
from rfmreport.kit.charted import Caption
from rfmreport.kit.drawings import fitted
from rfmreport.kit.tables import (
    Cell,
    Column,
    Row,
    Table,
    shown,
)
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from rfmreport.formats import Formats
    from rfmreport.sections.products.figures import Launches, Product, ProductSales

TOP_CHART = "top-products"
UPTAKE_CHART = "launch-uptake"
NAME = 60
NAME_ROOM = {"screen": 10_000, "print": 230}
"""How many pixels the name of a product may take in a table: one line on paper."""


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
    name = shown(best.name, NAME)
    if best.revenue_rank == 1:
        return f"{name} sells most"
    return f"Of products with {FEWEST_CUSTOMERS} or more buyers, {name} sells most"


def sells_lead(sales: ProductSales, formats: Formats) -> str:
    """Say how much is sold of how many products, and what single deals stand among the best."""
    bought = (
        f"{_count(sales.customer_count, 'customer', formats)} bought "
        f"{_count(sales.product_count, 'product', formats)} in "
        f"{_count(sales.order_count, 'order', formats)}, for {formats.money_short(sales.revenue)}."
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
    if sales.net_returns:
        parts.append("These are purchases: returns are subtracted elsewhere, and not here.")
    return " ".join(parts)


def _few_words(few: Sequence[Product], formats: Formats) -> str:
    """Say why a product among the best ten is not called one of them."""
    first = few[0]
    orders = (
        "a single order" if first.order_count == 1 else _count(first.order_count, "order", formats)
    )
    words = (
        f"{shown(first.name, NAME)} is among the best ten through {orders} "
        f"({formats.money_short(first.revenue)}) from "
        f"{_count(first.customer_count, 'customer', formats)}"
    )
    if len(few) == 1:
        return f"{words}: no favourite, however much it brought."
    more = formats.count(len(few) - 1)
    return (
        f"{words}, and {more} more through fewer than {FEWEST_CUSTOMERS} customers: no favourites, "
        "however much they brought."
    )


def _count(count: int, noun: str, formats: Formats) -> str:
    return f"{formats.count(count)} {noun}{'' if count == 1 else 's'}"


def top_caption(sales: ProductSales, formats: Formats) -> Caption:
    """Return the words of the best products by revenue and by pieces."""
    part = sum(one.revenue_share for one in sales.by_revenue)
    count = len(sales.by_revenue)
    best = f"{formats.count(count)} best sellers" if count > 1 else "best seller"
    title = (
        f"The {best} of {_count(sales.product_count, 'product', formats)} "
        f"bring{'' if count > 1 else 's'} {formats.share(part)} of {sales.whole}"
    )
    spoken = "; ".join(
        f"{shown(one.name, NAME)}: {formats.money(one.revenue)}" for one in sales.by_revenue
    )
    pieces = "; ".join(
        f"{shown(one.name, NAME)}: {formats.count(one.quantity)}" for one in sales.by_quantity
    )
    alternative = f"{title}. By revenue: {spoken}."
    if pieces:
        alternative += f" By pieces: {pieces}."
    return Caption(
        TOP_CHART,
        "Best sellers",
        title,
        alternative,
        _top_note(sales, formats),
        product_table(sales, formats),
    )


def _top_note(sales: ProductSales, formats: Formats) -> str:
    """Say what the looks of the bars mean, of those that occur, and what changed against what."""
    parts = ["Before each bar: the rank among all products."]
    if len(sales.top) > max(len(sales.by_revenue), len(sales.by_quantity)):
        parts.append("Pale: not among the ten.")
    if any(one.customer_count < FEWEST_CUSTOMERS for one in sales.top):
        parts.append(f"Dashed: fewer than {FEWEST_CUSTOMERS} customers.")
    return " ".join([*parts, trend_note(sales, formats)])


def product_table(sales: ProductSales, formats: Formats, room: int = NAME_ROOM["screen"]) -> Table:
    """Return the best products by revenue or by pieces, and all products together."""
    has_pieces = bool(sales.by_quantity)
    rows = tuple(
        Row((Cell(_called(one, room)), *_product_cells(one, formats, has_pieces=has_pieces)))
        for one in sales.top
    )
    total = [
        Cell("All products"),
        Cell(""),
        Cell(formats.money(sales.revenue), str(sales.revenue)),
        Cell(formats.share(1.0)),
        *([Cell(""), Cell(formats.count(sales.quantity)), Cell(formats.share(1.0))]
          if has_pieces else []),
        Cell(formats.count(sales.customer_count)),
        Cell(formats.count(sales.order_count)),
        Cell(formats.relative_change(sales.change)),
    ]  # fmt: skip
    columns = (
        Column("Product", numeric=False),
        Column("Rank"),
        Column("Revenue"),
        Column("%", hint="of all"),
        *((Column("Rank"), Column("Pieces"), Column("%", hint="of all")) if has_pieces else ()),
        Column("Customers"),
        Column("Orders"),
        Column("Revenue", hint="change"),
    )
    return Table("The best ten by revenue and by pieces", columns, rows, Row(tuple(total)))


def _called(one: Product, room: int) -> str:
    """Return the name and, where there is room, the code."""
    name = shown(one.name, NAME)
    whole = f"{name} · {shown(one.code, 40)}" if one.code and one.code != one.name else name
    return whole if room > NAME_ROOM["print"] else fitted(name, room)


def _product_cells(one: Product, formats: Formats, *, has_pieces: bool) -> tuple[Cell, ...]:
    pieces: tuple[Cell, ...] = ()
    if has_pieces:
        pieces = (
            Cell(formats.count(one.quantity_rank), str(one.quantity_rank or "")),
            Cell(formats.count(one.quantity), str(one.quantity)),
            Cell(formats.share(one.quantity_share), f"{one.quantity_share or 0:.6f}"),
        )
    return (
        Cell(formats.count(one.revenue_rank)),
        Cell(formats.money(one.revenue), str(one.revenue)),
        Cell(formats.share(one.revenue_share), f"{one.revenue_share:.6f}"),
        *pieces,
        Cell(formats.count(one.customer_count), str(one.customer_count)),
        Cell(formats.count(one.order_count), str(one.order_count)),
        Cell(
            change_words(one, formats),
            "" if one.change is None else f"{one.change:.6f}",
            _tone(one.change),
        ),
    )


def change_words(one: Product, formats: Formats) -> str:
    """Write how its revenue changed, or that the product is new."""
    return "new" if one.is_new else formats.relative_change(one.change)


def _tone(change: float | None) -> str:
    if not change:
        return ""
    return "up" if change > 0 else "down"


def trend_note(sales: ProductSales, formats: Formats) -> str:
    """Say which months the change compares, or why there is none."""
    if not sales.months_now:
        return "No change is shown: the data do not cover six whole months."
    return (
        f"Change: revenue of {_months(sales.months_now, formats)} against "
        f"{_months(sales.months_before, formats)}, season included; new: first sold after that; "
        f"{MISSING}: too few lines to say."
    )


def _months(months: Sequence[date], formats: Formats) -> str:
    first, last = months[0], months[-1]
    is_one_year = first.year == last.year
    begin = formats.month_name_short(first) if is_one_year else formats.month_short(first)
    return f"{begin} to {formats.month_short(last)}"


def launch_title(launches: Launches, formats: Formats) -> str:
    """Say which launch finds customers clearly faster than most did, or how many there were."""
    faster = [one for one in launches.shown if one.verdict == "faster"]
    days = f"in the last {formats.count(launches.days)} days"
    if not faster:
        return f"{_count(launches.launch_count, 'product', formats)} launched {days}"
    best = faster[0]
    return (
        f"Of {formats.count(launches.launch_count)} products launched {days}, "
        f"{shown(best.name, NAME)} finds customers faster than three in four earlier launches: "
        f"{formats.count(best.customer_count)} in {_count(best.weeks, 'week', formats)}"
    )


def uptake_caption(launches: Launches, formats: Formats) -> Caption:
    """Return the words of how fast launches found customers."""
    earlier = launches.earlier
    if earlier:
        last = earlier[-1]
        title = (
            f"Half of {formats.count(launches.earlier_count)} earlier launches had "
            f"{formats.number(last.median, 0)} customers or fewer after {last.week} weeks"
        )
    else:
        title = "Customers so far, by weeks since the launch"
    spoken = "; ".join(
        f"{shown(one.name, NAME)}: {formats.count(one.customer_count)} after {one.weeks} weeks"
        for one in launches.shown
    )
    note = "Lines: customers so far, numbered as in the table."
    if earlier:
        note += " Band: the middle half of earlier launches, with the median."
    rows = tuple(
        Row(
            (
                Cell(shown(one.name, NAME)),
                Cell(str(week)),
                Cell(formats.count(count), str(count)),
            )
        )
        for one in launches.shown
        for week, count in enumerate(one.customers_by_week, start=1)
    )
    columns = (Column("Launch", numeric=False), Column("Week"), Column("Customers so far"))
    table = Table("Customers so far by week since the launch", columns, rows)
    return Caption(UPTAKE_CHART, "Uptake", title, f"{title}. {spoken}.", note, table)
