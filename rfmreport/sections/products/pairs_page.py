"""What is said of products that are bought together: for the report, Product and CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.sections import Block, Medium, Section
from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.sheets import Field, Sheet, fields_of, page_table
from rfmreport.kit.tables import TitledTable
from rfmreport.models.intervals import FEWEST_CUSTOMERS
from rfmreport.sections.products.pair_figures import Pair
from rfmreport.sections.products.tables import NAME, field, named, ratio_range, told

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Table
    from rfmreport.report import Report
    from rfmreport.sections.products.pair_figures import Pairs

_SHOWN = {"screen": 12, "print": 5}
_OF_DEPARTMENT = {"screen": 12, "print": 3}
_ROOM = {"screen": 400.0, "print": 206.0}
_NOTE = (
    "Expected: were each put independently into orders of as many products in the same month, so "
    "that neither large baskets nor the season make a pair. Of {test_count:count} pairs (of the "
    "{product_count:count} products with most buyers, in {order_count:count} orders) "
    "{clear_count:count} stand once their number is allowed for (Benjamini–Hochberg: at most 5% of "
    "them chance), {told_count:count} with {fewest:count} orders and customers; shown: the surest, "
    "each product once. All are in data/pairs.csv."
)
_SHORT_NOTE = (
    "Expected: in orders of as many products in the same month, by chance. Of {test_count:count} "
    "pairs {clear_count:count} stand, their number allowed for."
)


def pairs_told(report: Report, formats: Formats, medium: Medium) -> TitledTable | None:
    """Return the pairs of the section on products; None where none was looked for."""
    pairs = report.sells.pairs if report.sells else None
    if pairs is None:
        return None
    table = _table(pairs, formats, medium, _SHOWN[medium]) if pairs.told else None
    return TitledTable(_title(pairs, formats), table, _note(pairs, formats))


def _title(pairs: Pairs, formats: Formats) -> str:
    if not pairs.told:
        return "No two products are clearly bought together"
    best = pairs.told[0]
    values = {
        **facts(best, "share", "lift"),
        "name": named(best.name),
        "other": named(best.other_name),
    }
    return tell(
        "Of the orders with {name} {share:percent} have {other} too: {lift:number} times as many "
        "as expected",
        values,
        formats,
    )


def _note(pairs: Pairs, formats: Formats) -> str:
    values = facts(pairs, "product_count", "order_count", "test_count", "clear_count")
    return tell(
        _NOTE, values | {"told_count": len(pairs.told), "fewest": FEWEST_CUSTOMERS}, formats
    )


def _table(pairs: Pairs, formats: Formats, medium: Medium, most: int) -> Table:
    room = _ROOM[medium]
    fields = (
        Field[Pair]("", "Product", lambda one: named(one.name, room), limit=NAME),
        Field[Pair]("", "Bought with", lambda one: named(one.other_name, room), limit=NAME),
        field("order_count", "Orders", "count", hint="with both"),
        field("customer_count", "Customers", "count"),
        field("share", "%", "percent", hint="of the first"),
        *((field("expected_count", "Expected", "count"),) if medium == "screen" else ()),
        field("lift", "Times", "times", hint="as many"),
        ratio_range(),
    )
    caption = "Products bought together more often than expected"
    return page_table(caption, fields, pairs.apart[:most], formats)


def _finding(report: Report, formats: Formats) -> str:
    pairs = report.sells.pairs if report.sells else None
    return _title(pairs, formats) if pairs else ""


def _block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the surest pairs: a department's two pages have room for a few."""
    pairs = report.sells.pairs if report.sells else None
    if pairs is None:
        return None
    values = facts(pairs, "test_count", "clear_count")
    table = _table(pairs, formats, medium, _OF_DEPARTMENT[medium]) if pairs.told else None
    return Block(table, note=tell(_SHORT_NOTE, values, formats))


PAIRS = Sheet["Report", Pair](
    "pairs",
    "One row per two products that are bought together more often than expected.",
    fields_of(Pair, {}),
    told(lambda sells: sells.pairs.told if sells.pairs else None),
)
BOUGHT_TOGETHER: Section[Report] = Section(
    "pairs",
    "Bought together",
    _finding,
    block=_block,
    sheets=(PAIRS,),
    reasons=("What they buy: what segments prefer",),
    look="sold",
)
"""What departments may be told of pairs."""
