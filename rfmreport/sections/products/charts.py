"""The charts of what they buy: best sellers, launches, tastes, key products."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rfmreport.formats import MISSING, Formats
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import ACCENT, INK, MUTED, PALE, PAPER, RULE
from rfmreport.kit.drawings import HALF, WIDE, Drawing, along, round_ticks, text_width
from rfmreport.kit.sentences import counted
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.products.tables import named, product_table, uptake_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from rfmreport.sections.products.figures import Launches, Product, ProductSales

_STEP, _TOP = 15.5, 19
_NAME_ROOM = 244
_BAR_HALF = 5
_COUNT_END, _CHANGE_END = WIDE - 62, WIDE
_RANK_ROOM = 26
_UPTAKE_HEIGHT = 140
_LEFT, _BOTTOM, _RIGHT = 34, 30, 16
_LABEL_STEP, _LABEL_TOP = 12, 6


@dataclass(frozen=True, slots=True)
class _Ranking:
    """One of the two lists of ten, as a column of bars: its place, and what it reads of a product.

    `best` are the ten; `texts` are written behind a bar, the first of them bold.
    """

    heading: str
    left: float
    right: float
    best: tuple[Product, ...]
    rank: Callable[[Product], int | None]
    value: Callable[[Product], float]
    texts: Callable[[Product], tuple[str, ...]]


def top_caption(sales: ProductSales, formats: Formats) -> Caption:
    """Return the words of the best products by revenue and by pieces."""
    part = sum(one.revenue_share for one in sales.by_revenue)
    count = len(sales.by_revenue)
    best = f"{formats.count(count)} best sellers" if count > 1 else "best seller"
    title = (
        f"The {best} of {counted(sales.product_count, 'product', formats)} "
        f"bring{'' if count > 1 else 's'} {formats.share(part)} of {sales.whole}"
    )
    spoken = "; ".join(
        f"{named(one.name)}: {formats.money(one.revenue)}" for one in sales.by_revenue
    )
    pieces = "; ".join(
        f"{named(one.name)}: {formats.count(one.quantity)}" for one in sales.by_quantity
    )
    alternative = f"{title}. By revenue: {spoken}."
    if pieces:
        alternative += f" By pieces: {pieces}."
    return Caption(
        "top-products",
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


def top_drawing(sales: ProductSales, formats: Formats) -> Drawing:
    """Lay out one line per product: a bar for its revenue, one for its pieces, and who bought it.

    A product stands once, however many of the two lists of ten it is in.
    """
    drawing = Drawing(
        top_caption(sales, formats), WIDE, math.ceil(_TOP + _STEP * len(sales.top)) + 1
    )
    lines = [(_TOP + _STEP * (i + 0.5), one) for i, one in enumerate(sales.top)]
    names = [(0, y, named(one.name, _NAME_ROOM - 6)) for y, one in lines]
    drawing.texts(names, color=INK, align="left")
    for ranking in _rankings(sales, formats):
        _bars(drawing, ranking, lines)
    counts = [(_COUNT_END, y, formats.count(one.customer_count)) for y, one in lines]
    drawing.texts(counts, color=INK, align="right")
    headings = [(_COUNT_END, 8, "Customers")]
    if sales.months_now:
        headings.append((_CHANGE_END, 8, "Change"))
        changes = [(_CHANGE_END, y, _change_words(one, formats)) for y, one in lines]
        drawing.texts(changes, color=INK, align="right")
    drawing.texts(headings, color=INK, align="right", fontWeight=600)
    return drawing


def _change_words(one: Product, formats: Formats) -> str:
    """Write how its revenue changed, or that the product is new."""
    return "new" if one.is_new else formats.relative_change(one.change)


def _rankings(sales: ProductSales, formats: Formats) -> list[_Ranking]:
    has_pieces = bool(sales.by_quantity)
    left, middle, right = _NAME_ROOM, _NAME_ROOM + 194.0, _COUNT_END - 34.0
    revenue = _Ranking(
        "Revenue, % of all",
        left,
        middle if has_pieces else right,
        sales.by_revenue,
        lambda one: one.revenue_rank,
        lambda one: float(one.revenue),
        lambda one: (formats.money_short(one.revenue), formats.share(one.revenue_share)),
    )
    pieces = _Ranking(
        "Pieces",
        middle,
        right,
        sales.by_quantity,
        lambda one: one.quantity_rank,
        lambda one: one.quantity or 0.0,
        lambda one: (formats.count(one.quantity),),
    )
    return [revenue, pieces] if has_pieces else [revenue]


def _bars(drawing: Drawing, ranking: _Ranking, lines: Sequence[tuple[float, Product]]) -> None:
    start = ranking.left + _RANK_ROOM
    drawing.texts([(start, 8, ranking.heading)], color=INK, align="left", fontWeight=600)
    texts = [ranking.texts(one) for _, one in lines]
    room = max(sum(text_width(text) * 1.06 + 6 for text in parts) for parts in texts) + 4
    highest = max(ranking.value(one) for _, one in lines) or 1.0
    for (y, one), (first, *rest) in zip(lines, texts, strict=True):
        end = along(max(ranking.value(one), 0), (0, highest), (start, ranking.right - room))
        is_few = one.customer_count < FEWEST_CUSTOMERS
        box = {"x": start, "x2": end, "y": y - _BAR_HALF, "y2": y + _BAR_HALF}
        about = f"{named(one.name)}: {', '.join((first, *rest))}"
        color = PAPER if is_few else ACCENT if one in ranking.best else PALE
        dashed = {"stroke": MUTED, "strokeDash": [3, 2], "strokeWidth": 1} if is_few else {}
        drawing.add("bars", [box | {"color": color, "about": about}], **dashed)
        drawing.texts([(start - 7, y, str(ranking.rank(one) or ""))], color=MUTED, align="right")
        drawing.texts([(end + 6, y, first)], color=INK, align="left", fontWeight=600)
        after = end + 12 + text_width(first) * 1.06
        drawing.texts([(after, y, text) for text in rest], color=MUTED, align="left")


def uptake_drawing(launches: Launches, formats: Formats) -> Drawing:
    """Lay out customers so far by week: a line per launch, a band for the earlier launches."""
    drawing = Drawing(uptake_caption(launches, formats), HALF, _UPTAKE_HEIGHT)
    counts = [float(one.customer_count) for one in launches.shown]
    counts += [week.upper_quartile for week in launches.earlier]
    weeks = [one.weeks for one in launches.shown] + [week.week for week in launches.earlier]
    highest, last = max(counts, default=1.0) or 1.0, max(weeks, default=1)
    bottom = _UPTAKE_HEIGHT - _BOTTOM

    def place(week: float, count: float) -> tuple[float, float]:
        return (
            along(week, (0, last), (_LEFT, HALF - _RIGHT)),
            along(count, (0, highest), (bottom, 10)),
        )

    ticks = round_ticks(highest)
    heights = [(place(0, tick)[1], formats.count(tick)) for tick in ticks]
    drawing.rules([(_LEFT, y, HALF - _RIGHT, y) for y, _ in heights], color=RULE)
    drawing.texts([(_LEFT - 6, y, text) for y, text in heights], color=MUTED, align="right")
    steps = range(0, last + 1, 2 if last > 6 else 1)  # noqa: PLR2004  as many as can be read
    drawing.texts([(place(week, 0)[0], bottom + 11, str(week)) for week in steps], color=MUTED)
    drawing.texts([((_LEFT + HALF) / 2, bottom + 24, "weeks since the launch")], color=MUTED)
    _band(drawing, launches, place)
    _lines(drawing, launches, place)
    return drawing


def _band(
    drawing: Drawing, launches: Launches, place: Callable[[float, float], tuple[float, float]]
) -> None:
    points = [
        {
            "x": place(week.week, 0)[0],
            "y": place(0, week.upper_quartile)[1],
            "y2": place(0, week.lower_quartile)[1],
            "color": PALE, "key": 0, "about": "Middle half of earlier launches",
        }
        for week in launches.earlier
    ]  # fmt: skip
    drawing.add("ribbons", points, opacity=0.7)
    median = [place(week.week, week.median) for week in launches.earlier]
    drawing.rules(_joined(median), color=MUTED, strokeDash=[3, 2])


def _lines(
    drawing: Drawing, launches: Launches, place: Callable[[float, float], tuple[float, float]]
) -> None:
    """Draw the lines, each with its number where it ends; numbers keep clear of one another."""
    labels: list[tuple[float, float, str]] = []
    for number, launch in enumerate(launches.shown, start=1):
        counts = enumerate((0, *launch.customers_by_week))
        points = [place(week, count) for week, count in counts]
        drawing.rules(_joined(points), color=ACCENT, strokeWidth=1.6)
        labels.append((points[-1][0] + 6, points[-1][1], str(number)))
    free: list[tuple[float, float, str]] = []
    for x, y, text in sorted(labels, key=lambda label: label[1]):
        above = (other[1] for other in free if abs(other[0] - x) < _LABEL_STEP)
        free.append((x, max(y, _LABEL_TOP, *(top + _LABEL_STEP for top in above)), text))
    drawing.texts(free, color=INK, align="left", fontWeight=600)


def _joined(points: Sequence[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    return [(*start, *end) for start, end in pairwise(points)]


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
        f"{named(one.name)}: {formats.count(one.customer_count)} after {one.weeks} weeks"
        for one in launches.shown
    )
    note = "Lines: customers so far, numbered as in the table."
    if earlier:
        note += " Band: the middle half of earlier launches, with the median."
    return Caption("launch-uptake", "Uptake", title, f"{title}. {spoken}.", note,
                   uptake_table(launches, formats))  # fmt: skip
