"""How soft the figures are: the top segment under each choice, as a table with its finding."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from rfmreport.customers.figures import NEW_CUTS
from rfmreport.formats import rounded_to
from rfmreport.kit.sheets import Field, page_table
from rfmreport.kit.tables import Table, TitledTable, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.hold.figures import SensitivityRow

_STEADY = Decimal("0.02")
_ONE_POINT = Decimal("0.01")
_SHARE_DIGITS = 3


def sensitivity_block(report: Report, formats: Formats) -> TitledTable | None:
    """Return the block; None where no choice would have made a difference."""
    if len(report.sensitivity) < 2:  # noqa: PLR2004  the first row is the report itself
        return None
    return TitledTable(_title(report, formats), _table(report, formats), _note(report))


def _title(report: Report, formats: Formats) -> str:
    top, told = shown(report.segments.rows[0].name, 40), _told(report.sensitivity)
    if len(told) < 2 or told[0] != report.sensitivity[0]:  # noqa: PLR2004
        return f"{top} under other choices: too few customers to compare"
    reported = formats.share(told[0].top_revenue_share)
    reference = compared_with(report.sensitivity)
    told = [told[0], *(row for row in told[1:] if row != reference)]
    widest = max((abs(_difference(row, reference)) for row in told[1:]), default=Decimal(0))
    if widest <= _STEADY:
        points = f"{formats.number(widest * 100)} point{'' if widest == _ONE_POINT else 's'}"
        return f"{top} holds {reported} of revenue, give or take {points} under other choices"
    shares = [row.top_revenue_share for row in told]
    low, high = (formats.share(share, 0) for share in (min(shares), max(shares)))
    return (
        f"{top} holds {low} to {high} of revenue, depending on choices that could be made otherwise"
    )


def compared_with(rows: Sequence[SensitivityRow]) -> SensitivityRow:
    """Return what choices are held against: the report, or the report under new cuts."""
    return next((row for row in rows if row.key == NEW_CUTS), rows[0])


def _told(rows: Sequence[SensitivityRow]) -> list[SensitivityRow]:
    return [row for row in rows if row.customer_count >= FEWEST_CUSTOMERS]


def _difference(row: SensitivityRow, reported: SensitivityRow) -> Decimal:
    """Return the difference of the shares as they are printed, so that the column ties out."""
    printed = (rounded_to(r.top_revenue_share, _SHARE_DIGITS) for r in (row, reported))
    share, reported_share = printed
    return share - reported_share


def _table(report: Report, formats: Formats) -> Table:
    rows = report.sensitivity
    reported, told, largest = compared_with(rows), _told(rows), _largest(rows)

    def difference(row: SensitivityRow) -> Decimal | None:
        is_told = row not in (rows[0], reported) and row in told and reported in told
        return _difference(row, reported) if is_told else None

    against = "to the report" if reported == rows[0] else "to new cuts"
    fields: tuple[Field[SensitivityRow], ...] = (
        Field("", "Choice", lambda row: row.choice, limit=80),
        Field("", "Customers", lambda row: row.customer_count, "count"),
        Field("", "Revenue", lambda row: row.revenue, "money"),
        Field("", "Top segment", lambda row: row.top_customer_count, "count", "customers"),
        Field("", "%", partial(_share, "top_customer_share"), "share", "of customers"),
        Field("", "%", partial(_share, "top_revenue_share"), "share", "of revenue"),
        Field("", "Difference", difference, "points", against, tone=lambda _: ""),
    )
    return page_table(
        f"The top segment, {shown(report.segments.rows[0].name, 40)}, under each choice",
        fields,
        rows,
        formats,
        note=lambda row: "largest difference" if row == largest else "",
    )


def _share(name: str, row: SensitivityRow) -> float | None:
    return getattr(row, name) if row.customer_count >= FEWEST_CUSTOMERS else None


def _largest(rows: Sequence[SensitivityRow]) -> SensitivityRow | None:
    """Return the row furthest from the report's; None where none differs, or where n is small."""
    reported, told = compared_with(rows), [row for row in _told(rows) if row != rows[0]]
    if rows[0] == reported:
        told = _told(rows)
    if reported not in told or len(told) < 3:  # noqa: PLR2004  of one, none is the largest
        return None
    furthest = max(told, key=lambda row: abs(_difference(row, reported)))
    return furthest if _difference(furthest, reported) else None


def _note(report: Report) -> str:
    few = f"Nothing is said below {FEWEST_CUSTOMERS} customers."
    if report.method.settings.get("scoring.method") == "fixed":
        return f"The fixed cuts of this report hold under each choice. {few}"
    fitted = "The cuts are fitted anew under each choice, so the segment is whoever stands out then"
    if report.ruler is not None and report.ruler.origin == "saved":
        fitted += "; the report itself re-uses saved cuts"
    return f"{fitted}. Difference: of the shares of revenue, in percentage points. {few}"
