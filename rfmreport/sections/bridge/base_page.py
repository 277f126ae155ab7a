"""What is said of the customer base: who brought the latest span's revenue, won when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.sentences import facts, tell
from rfmreport.kit.sheets import Field, Sheet, page_table
from rfmreport.kit.tables import TitledTable
from rfmreport.sections.bridge.figures import BaseCell

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.bridge.figures import CustomerBase, Span

_NOTE = (
    "Buyers × orders each × value of an order is the revenue. Won: span of the first order; who "
    "ordered in the first month of the data may have been a customer before."
)
_BEFORE = (
    " {before}: {buyer_count:count} buyers × {orders_each} × {order_value:money} = "
    "{revenue:money_short}."
)


def base_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the latest span by cohort, and what all bought in the span before."""
    base = report.base
    if base is None or len(base.of(base.told)) < 2:  # noqa: PLR2004  one cohort compares nothing
        return None
    total = base.total(base.told)
    fields = (
        Field[BaseCell]("", "Won", lambda cell: _won(cell, base, formats)),
        Field[BaseCell]("", "Buyers", lambda cell: cell.buyer_count, "count"),
        Field[BaseCell]("", "Orders", lambda cell: cell.orders_each, "number", "each"),
        Field[BaseCell]("", "Value", lambda cell: cell.order_value, "money", "of an order"),
        Field[BaseCell]("", "Revenue", lambda cell: cell.revenue, "money", adds_up=True),
    )
    caption = f"Who bought in {span_words(base.told, formats)}, by when they were won"
    table = page_table(caption, fields, base.of(base.told), formats, total=total)
    return TitledTable(_title(base, total, formats), table, _NOTE + _before(base, formats))


def span_words(span: Span, formats: Formats) -> str:
    """Write a span of months: "Nov 2011", "Sept–Nov 2011"."""
    first, last = span
    if first == last:
        return formats.month(last)
    if first.year == last.year:
        return f"{formats.month_name_short(first)}–{formats.month_short(last)}"
    return f"{formats.month_short(first)}–{formats.month_short(last)}"


def _won(cell: BaseCell, base: CustomerBase, formats: Formats) -> str:
    if cell.cohort == cell.span == base.told and cell == base.total(base.told):
        return "All buyers"
    if cell.is_known_from_start:
        return tell("{month} or before", {"month": formats.month_short(cell.cohort[0])}, formats)
    return span_words(cell.cohort, formats)


def _title(base: CustomerBase, total: BaseCell, formats: Formats) -> str:
    most = max(base.of(base.told), key=lambda cell: cell.revenue)
    values = {
        "span": span_words(base.told, formats),
        "share": float(most.revenue / total.revenue) if total.revenue else 0.0,
        "whom": span_words(most.cohort, formats),
    }
    if most.is_known_from_start:
        return tell("{span}: {share:percent} from customers known since {whom}", values, formats)
    if most.cohort == base.told:
        return tell("{span}: {share:percent} from customers won in it", values, formats)
    return tell("{span}: {share:percent} from customers won {whom}", values, formats)


def _before(base: CustomerBase, formats: Formats) -> str:
    if base.before is None:
        return ""
    total = base.total(base.before)
    values = {
        **facts(total, "buyer_count", "order_value", "revenue"),
        "orders_each": formats.number(total.orders_each, 2),
        "before": span_words(base.before, formats),
    }
    return tell(_BEFORE, values, formats)


BASE: Sheet[Report, BaseCell] = Sheet(
    "customer_base",
    "what customers won in one span of months bought in another",
    (
        Field("from_month", "", lambda cell: cell.span[0], "day"),
        Field("to_month", "", lambda cell: cell.span[1], "day"),
        Field("won_from_month", "", lambda cell: cell.cohort[0], "day"),
        Field("won_to_month", "", lambda cell: cell.cohort[1], "day"),
        Field("known_from_start", "", lambda cell: cell.is_known_from_start, "yes"),
        Field("buyers", "", lambda cell: cell.buyer_count, "count"),
        Field("orders", "", lambda cell: cell.order_count, "count"),
        Field("orders_each", "", lambda cell: cell.orders_each, "number"),
        Field("order_value", "", lambda cell: cell.order_value, "money"),
        Field("revenue", "", lambda cell: cell.revenue, "money"),
    ),
    lambda report: report.base.cells if report.base else None,
)
