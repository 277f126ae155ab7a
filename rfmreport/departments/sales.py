"""Sales' page: targets by segment, the largest accounts, those that slip, segments by country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.departments.bars import CutRow, cut_rows_drawing
from rfmreport.departments.findings import figures_of
from rfmreport.departments.parts import (
    Block,
    Medium,
    adding_up,
    change_cell,
    count_cell,
    money_cell,
    money_range,
    name_cell,
    reconciled_words,
    row_of,
    segment_keys,
    share_cell,
    short_money_cell,
    table_of,
)
from rfmreport.formats import MISSING
from rfmreport.kit.charted import Caption
from rfmreport.kit.colors import INK, MUTED, checked_color
from rfmreport.kit.drawings import (
    BODY,
    WIDE,
    Drawing,
    along,
    fitted,
    round_ticks,
    text_width,
)
from rfmreport.kit.tables import Cell, Column, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.kit.tables import Row
    from rfmreport.report import Report
    from rfmreport.sections.concentration.figures import (
        Account,
        Accounts,
        CountryRevenue,
        SegmentsByCountry,
        Target,
        Targets,
    )

_NAME, _STEP, _TOP, _BOTTOM = 150, 22, 6, 24
_TOP_ACCOUNTS = {"screen": 50, "print": 10}
_SLIPPING = {"screen": 50, "print": 8}


def targets_block(report: Report, formats: Formats, _: Medium) -> Block | None:
    """Return the targets by segment; rows and total add up."""
    targets = figures_of(report).targets
    if targets is None:
        return None
    keys = segment_keys(report)
    few, many = (formats.number(points) for points in targets.extra_points)
    columns = (
        Column("Segment", numeric=False),
        Column("Customers"),
        Column("Comes anyway", hint="likely"),
        Column("", hint="low–high"),
        Column("A buyer", hint="spends"),
        Column("More buyers", hint=f"{few} in 100"),
        Column("Target"),
        Column("More buyers", hint=f"{many} in 100"),
        Column("Stretch"),
    )
    rounded = adding_up(targets.rows, ("target_buyers", "target", "stretch_buyers", "stretch"))
    rows = [row_of(_target_cells(one, formats), keys.get(one.segment)) for one in rounded]
    total = row_of(_target_cells(targets.total, formats))
    days = formats.count(targets.days)
    table = table_of(f"Targets of the next {days} days by segment", columns, rows, total)
    return Block(table, note=_targets_note(targets, formats), lead=_plan_words(report, formats))


def _plan_words(report: Report, formats: Formats) -> str:
    """Warn where the floor of the targets does not agree with Finance's projection."""
    projection = figures_of(report).projection
    found = projection.reconciliation if projection else None
    if projection is None or found is None or found.agrees:
        return ""
    return f"Finance’s projection says otherwise. {reconciled_words(projection, formats)}"


def _target_cells(one: Target, formats: Formats) -> tuple[Cell, ...]:
    return (
        name_cell(one.segment),
        count_cell(one.customer_count, formats),
        short_money_cell(one.floor.value, formats),
        Cell(money_range(one.floor.low, one.floor.high, formats), f"{one.floor.low:.2f}"),
        money_cell(one.revenue_per_buyer, formats),
        count_cell(one.target_buyers, formats),
        money_cell(one.target, formats),
        count_cell(one.stretch_buyers, formats),
        money_cell(one.stretch, formats),
    )


def _targets_note(targets: Targets, formats: Formats) -> str:
    meaning = (
        "Comes anyway: what today’s customers bring by themselves, with its bounds. More buyers: "
        "customers in 100 who would else not come, at what the median one who came back spent. "
        "Customers still to be won are in none of it."
    )
    parts = [meaning]
    if targets.floor_error is not None:
        error = formats.share(abs(targets.floor_error), 0)
        way = "low" if targets.floor_error < 0 else "high"
        parts.append(f"Said of the past, the floor was {error} too {way}: hold it as a range.")
    if targets.untold_count:
        count = formats.count(targets.untold_count)
        parts.append(f"{count} customers of segments too small to say are left out.")
    return " ".join(parts)


def targets_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the floor of each segment as a range, with marks for target and stretch."""
    targets = figures_of(report).targets
    if targets is None or not targets.rows:
        return None
    caption = _targets_caption(targets, formats)
    drawing = Drawing(caption, WIDE, _TOP + _STEP * len(targets.rows) + _BOTTOM)
    highest = max(max(row.floor.high, float(row.stretch)) for row in targets.rows) or 1.0
    texts = [formats.money_short(row.target) for row in targets.rows]
    room = 16 + max(text_width(text, BODY) for text in texts) * 1.06
    extent, pixels, base = (0.0, highest), (float(_NAME), WIDE - room), drawing.height - _BOTTOM
    ticks = round_ticks(highest)
    places = [along(tick, extent, pixels) for tick in ticks]
    drawing.rules([(x, _TOP, x, base) for x in places[1:]])
    drawing.rules([(_NAME, _TOP, _NAME, base)], color=MUTED)
    marks = [(x, base + 12, formats.money_short(t)) for x, t in zip(places, ticks, strict=True)]
    drawing.texts(marks)
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    for place, (row, text) in enumerate(zip(targets.rows, texts, strict=True)):
        y = _TOP + _STEP * (place + 0.5)
        _target_row(drawing, row, y, colors[row.segment], extent, pixels, formats)
        right = along(row.floor.high, extent, pixels) + 10
        right = max(right, along(float(row.stretch), extent, pixels) + 10)
        drawing.texts([(right, y, text)], color=INK, align="left", fontSize=BODY, fontWeight=600)
    return drawing


def _target_row(  # noqa: PLR0913, PLR0917  a row has a place, a colour and a scale
    drawing: Drawing,
    row: Target,
    y: float,
    color: str,
    extent: tuple[float, float],
    pixels: tuple[float, float],
    formats: Formats,
) -> None:
    name = fitted(shown(row.segment, 40), _NAME - 12, BODY)
    drawing.texts([(0, y, name)], color=INK, align="left", fontSize=BODY)
    low, high, likely, target, stretch = (
        along(float(value), extent, pixels)
        for value in (row.floor.low, row.floor.high, row.floor.value, row.target, row.stretch)
    )
    about = (
        f"{shown(row.segment, 60)}: comes anyway {formats.money_short(row.floor.value)} "
        f"({money_range(row.floor.low, row.floor.high, formats)}), target "
        f"{formats.money_short(row.target)}, stretch {formats.money_short(row.stretch)}"
    )
    bar = {"x": low, "x2": high, "y": y - 5, "y2": y + 5, "color": color, "about": about}
    drawing.add("bars", [bar], opacity=0.45)
    drawing.add("circles", [{"x": likely, "y": y, "size": 70, "color": color, "about": about}],
                opacity=1)  # fmt: skip
    drawing.rules([(x, y - 9, x, y + 9) for x in (target, stretch)], color=INK, strokeWidth=1.5)


def _targets_caption(targets: Targets, formats: Formats) -> Caption:
    columns = [Column("Segment", numeric=False)]
    labels = ("Comes anyway", "from", "to", "Target", "Stretch")
    columns += [Column(label) for label in labels]
    data = table_of(
        "What each segment brings anyway, its target and stretch",
        columns,
        [
            row_of(
                (
                    name_cell(row.segment),
                    *(
                        money_cell(value, formats)
                        for value in (row.floor.value, row.floor.low, row.floor.high)
                    ),
                    money_cell(row.target, formats),
                    money_cell(row.stretch, formats),
                )
            )
            for row in targets.rows
        ],
    )
    title = f"Target of the next {formats.count(targets.days)} days"
    spoken = "; ".join(
        f"{shown(row.segment, 40)}: {formats.money_short(row.target)}" for row in targets.rows
    )
    note = "Bar and dot: what comes anyway, with its bounds. Lines: target and stretch."
    return Caption("targets", title, title, f"{title}. {spoken}.", note, data)


def accounts_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return the largest accounts with what they did lately."""
    accounts = figures_of(report).accounts
    if accounts is None:
        return None
    called = accounts.top[: _TOP_ACCOUNTS[medium]]
    keys = segment_keys(report)
    rows = [_account_row(one, keys, formats) for one in called]
    caption = f"The largest accounts from {_span(accounts, formats)}"
    note = (
        f"{_span(accounts, formats)}. {_change_words(accounts, formats)} The colour is the "
        f"segment of today. Listed: the largest of {formats.count(accounts.account_count)}."
    )
    listed = table_of(caption, _account_columns(accounts, formats), rows)
    return Block(note=note, people=listed)


def slipping_block(report: Report, formats: Formats, medium: Medium) -> Block | None:
    """Return those of the largest accounts that have slipped or are overdue."""
    accounts = figures_of(report).accounts
    if accounts is None or not accounts.slipping:
        return None
    called = accounts.slipping[: _SLIPPING[medium]]
    keys = segment_keys(report)
    rows = [_account_row(one, keys, formats) for one in called]
    since = f" than on {formats.day(accounts.before_as_of)}" if accounts.before_as_of else ""
    note = (
        f"Slipped: in a lower segment{since}. Overdue: silent for longer than its own rhythm "
        f"allows. Listed: the largest of {formats.count(accounts.slipping_count)}."
    )
    listed = table_of("Large accounts to call", _account_columns(accounts, formats), rows)
    return Block(note=note, people=listed)


def _span(accounts: Accounts, formats: Formats) -> str:
    return f"{formats.day(accounts.first_day)} to {formats.day(accounts.last_day)}"


def _change_words(accounts: Accounts, formats: Formats) -> str:
    if not accounts.change_months:
        return f"No change ({MISSING}): the data do not hold two equal stretches."
    months = formats.count(accounts.change_months)
    all_of_them = ""
    if accounts.total_change is not None:
        all_of_them = f"; all customers {formats.relative_change(accounts.total_change)}"
    return f"Change: the last {months} months against as many before{all_of_them}."


def _account_columns(accounts: Accounts, formats: Formats) -> tuple[Column, ...]:
    months = accounts.change_months
    return (
        Column("Customer", numeric=False),
        Column("Segment", numeric=False),
        Column("Revenue"),
        Column("%", hint="of all"),
        Column("Orders"),
        Column("Last order"),
        Column("Change", hint=f"{formats.count(months)} months" if months else ""),
        Column("", numeric=False),
    )


def _account_row(one: Account, keys: dict[str, int], formats: Formats) -> Row:
    segment = shown(one.segment, 30)
    if one.segment_before and one.segment_before != one.segment:
        segment = f"{segment}, was {shown(one.segment_before, 30)}"
    state = ", ".join(
        word for word, is_so in (("slipped", one.has_slipped), ("overdue", one.is_overdue)) if is_so
    )
    cells = (
        name_cell(one.customer_id),
        Cell(segment),
        money_cell(one.revenue, formats),
        share_cell(one.revenue_share, formats, 1),
        count_cell(one.order_count, formats),
        Cell(formats.day(one.last_order_on), one.last_order_on.isoformat()),
        change_cell(one.change, formats),
        Cell(state),
    )
    return row_of(cells, keys.get(one.segment))


def countries_drawing(report: Report, formats: Formats) -> Drawing | None:
    """Lay out the revenue of each country, cut into segments."""
    countries = figures_of(report).countries
    if countries is None or not countries.rows:
        return None
    colors = {row.name: checked_color(row.color) for row in report.segments.rows}
    rows = [_country_row(row, formats) for row in _told(countries, formats)]
    return cut_rows_drawing(
        _countries_caption(countries, formats),
        rows,
        headings=("Revenue", "of all", "Customers"),
        segments=[(shown(name, 40), colors[name]) for name in countries.segments],
        name_width=126,
        formats=formats,
    )


def _told(countries: SegmentsByCountry, formats: Formats) -> list[tuple[str, CountryRevenue]]:
    rows = [(shown(row.country, 40), row) for row in countries.rows]
    if countries.rest:
        rows.append((f"{formats.count(countries.rest_count)} others", countries.rest))
    if countries.unnamed:
        rows.append(("No country", countries.unnamed))
    return [(name, row) for name, row in rows if row.revenue > 0]


def _country_row(named: tuple[str, CountryRevenue], formats: Formats) -> CutRow:
    name, row = named
    return CutRow(
        name,
        (
            formats.money_short(row.revenue),
            formats.share(row.revenue_share),
            formats.count(row.customer_count),
        ),
        tuple(float(part / row.revenue) for part in row.by_segment),
    )


def _countries_caption(countries: SegmentsByCountry, formats: Formats) -> Caption:
    columns = [Column("Country", numeric=False), Column("Customers"), Column("Revenue")]
    columns += [Column(shown(name, 40)) for name in countries.segments]
    named: Sequence[tuple[str, CountryRevenue]] = [
        *_told(countries, formats), ("All countries", countries.total),
    ]  # fmt: skip
    data = table_of(
        "Revenue by country and segment",
        columns,
        [
            row_of(
                (
                    name_cell(name),
                    count_cell(row.customer_count, formats),
                    money_cell(row.revenue, formats),
                    *(money_cell(part, formats) for part in row.by_segment),
                )
            )
            for name, row in named
        ],
    )
    title = "Revenue by country, cut into segments"
    spoken = "; ".join(f"{name}: {formats.money_short(row.revenue)}" for name, row in named[:6])
    note = "Segments of today; a customer who bought in two countries counts in both."
    return Caption("segments-by-country", title, title, f"{title}. {spoken}.", note, data)
