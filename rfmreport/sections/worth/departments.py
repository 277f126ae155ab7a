"""What departments are told of this topic: who comes anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.kit.cells import count_cell, name_cell, row_of, share_cell, table_of
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, RULE, checked_color
from rfmreport.kit.drawings import BODY, HALF, Drawing, along, fitted
from rfmreport.kit.sections import Section
from rfmreport.kit.tables import Column, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from rfmreport.formats import Formats
    from rfmreport.report import Report
    from rfmreport.sections.worth.figures import Respondents


def _response_finding(report: Report, formats: Formats) -> str:
    response = report.worth.response if report.worth else None
    rows = [row for row in response.rows if _is_enough(row.customer_count)] if response else []
    if response is None or not rows:
        return ""
    expected = sum(row.customer_count * row.shares[-1].value for row in rows)
    count = sum(row.customer_count for row in rows)
    most, least = (pick(rows, key=lambda row: row.shares[-1].value) for pick in (max, min))
    ends = " and ".join(
        f"{formats.share(row.shares[-1].value, 0)} of {row.segment}" for row in (most, least)
    )
    return (
        f"{formats.count(expected)} of {formats.count(count)} customers can be expected to order "
        f"within {formats.count(response.windows[-1])} days as things were: {ends}"
    )


def _is_enough(count: int) -> bool:
    return count >= FEWEST_CUSTOMERS


_NAME, _STEP, _TOP = 116, 26, 20


_LONGEST = 60


def response_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out who orders as things were: a bar per segment, dark for those who come soon."""
    response = report.worth.response if report.worth else None
    rows = [r for r in response.rows if r.customer_count >= FEWEST_CUSTOMERS] if response else []
    if response is None or not rows:
        return None
    caption = _response_caption(rows, response.windows, formats)
    drawing = Drawing(caption, HALF, _TOP + _STEP * len(rows) + 4)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    right = HALF - 40.0
    for place, row in enumerate(rows):
        y = _TOP + _STEP * (place + 0.5)
        soon, later = row.shares[0].value, row.shares[-1].value
        name = fitted(shown(row.segment, 40), _NAME - 8, BODY)
        drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
        color = colors[row.segment]
        about = f"{shown(row.segment, _LONGEST)}: {_share_words(row, response.windows, formats)}"
        ends = [along(share, (0, 1), (_NAME, right)) for share in (later, soon)]
        box = {"x": _NAME, "y": y - 8, "y2": y + 8, "color": color, "about": about}
        drawing.add("bars", [box | {"x2": right, "color": RULE}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[0]}], opacity=0.45)
        drawing.add("bars", [box | {"x2": ends[1]}])
        text = formats.share(later, 0)
        drawing.texts([(right + 6, y, text)], color=INK, align="left", fontWeight=600)
    days = " and ".join(formats.count(days) for days in response.windows)
    drawing.texts([(_NAME, 8, f"Within {days} days")], align="left")
    return drawing


def _share_words(row: Respondents, windows: tuple[int, ...], formats: Formats) -> str:
    return ", ".join(
        f"{formats.share(share.value, 0)} within {formats.count(days)} days"
        for share, days in zip(row.shares, windows, strict=True)
    )


def _response_caption(
    rows: list[Respondents], windows: tuple[int, ...], formats: Formats
) -> Caption:
    columns = [Column("Segment", numeric=False), Column("Customers")]
    columns += [Column(f"Order in {formats.count(days)} days") for days in windows]
    data = table_of(
        "Share of each segment that orders as things were",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    count_cell(row.customer_count, formats),
                    *(share_cell(share.value, formats, 1) for share in row.shares),
                )
            )
            for row in rows
        ],
    )
    spoken = "; ".join(f"{shown(r.segment, 40)}: {_share_words(r, windows, formats)}" for r in rows)
    title = "Who orders as things were"
    note = (
        f"Full: within {formats.count(windows[0])} days; pale: within {formats.count(windows[-1])}."
        " They order anyway: a campaign is worth what comes on top."
    )
    return Caption("response-by-segment", title, title, f"{title}. {spoken}.", note, data)


SECTIONS: tuple[Section[Report], ...] = (
    Section(
        "response",
        "Who comes anyway",
        _response_finding,
        drawings=(response_drawing,),
        files=("data/response.csv",),
        reasons=("What they will be worth",),
        is_narrow=True,
        charts=("response-by-segment",),
    ),
)
"""What departments may be told of this topic."""
