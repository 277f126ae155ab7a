"""What the section on holding says: whether the order of the segments came true, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.formats import share_digits
from rfmreport.kit.charted import Caption
from rfmreport.kit.sheets import Field, page_table, with_ends
from rfmreport.kit.tables import Table, shown
from rfmreport.models.intervals import FEWEST_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfmreport.formats import Formats
    from rfmreport.sections.hold.figures import (
        Holding,
        HoldOut,
        HoldOutRow,
        Neighbours,
        SchemeTrial,
    )
    from rfmreport.vocabulary import Estimate

_NAME = 32


def holding_title(holding: Holding, formats: Formats) -> str:
    """Say whether a better segment came back more, and where it did not."""
    latest = holding.hold_outs[0]
    wrong, unclear, in_order = (
        [pair for pair in holding.neighbours if pair.verdict == verdict]
        for verdict in ("wrong order", "unclear", "in order")
    )
    if wrong:
        return _wrong_title(wrong, latest, formats)
    day = formats.day(latest.as_of)
    if not unclear and not in_order:
        return f"Too few customers on {day} to say whether the order holds"
    ends = ends_words(latest, holding.horizon_days, formats)
    if not unclear and len(in_order) < len(holding.neighbours):
        pairs = f"{len(in_order)} of {len(holding.neighbours)} neighbouring segments"
        return f"As far as it can be tested ({pairs}), the order held on {day}: {ends}"
    if not unclear:
        return f"The order held on {day}: {ends}"
    if not in_order:
        return f"No two neighbouring segments can be told apart: {ends}"
    return f"{ends}; {_unclear_words(unclear, holding.neighbours, formats)}"


def told_rows(hold_out: HoldOut) -> list[HoldOutRow]:
    """Return the segments with enough customers for a claim."""
    return [row for row in hold_out.rows if row.customer_count >= FEWEST_CUSTOMERS]


def is_held_told(holding: Holding) -> bool:
    """Say whether segments had customers enough to be compared."""
    return bool(holding.hold_outs) and len(told_rows(holding.hold_outs[0])) > 1


def ends_words(hold_out: HoldOut, horizon_days: int, formats: Formats) -> str:
    """Say how many came back of the best and of the worst segment: "90% of A …, 35% of B"."""
    told = told_rows(hold_out)
    best, worst = (f"{_share(row.share, formats)} of {_named(row)}" for row in (told[0], told[-1]))
    return f"{best} came back within {formats.count(horizon_days)} days, {worst}"


def _wrong_title(wrong: Sequence[Neighbours], latest: HoldOut, formats: Formats) -> str:
    worst = min(wrong, key=lambda pair: pair.difference.value)
    rows = {row.segment: row for row in latest.rows}
    better, worse = rows[worst.better], rows[worst.worse]
    title = (
        f"The order does not hold: {_named(better)} came back less "
        f"({_share(better.share, formats)}) than {_named(worse)} "
        f"({_share(worse.share, formats)}), which stands below"
    )
    more = len(wrong) - 1
    return f"{title}; so did {formats.count(more)} more" if more else title


def _unclear_words(
    unclear: Sequence[Neighbours], neighbours: Sequence[Neighbours], formats: Formats
) -> str:
    if len(unclear) > 1:
        count, total = formats.count(len(unclear)), formats.count(len(neighbours))
        return f"{count} of {total} neighbouring pairs cannot be told apart"
    pair = unclear[0]
    return f"{shown(pair.better, _NAME)} and {shown(pair.worse, _NAME)} cannot be told apart"


def _named(row: HoldOutRow) -> str:
    return shown(row.segment, _NAME)


def _share(share: Estimate, formats: Formats) -> str:
    return formats.share(share.value, share_digits([share.value]))


def holding_caption(holding: Holding, formats: Formats) -> Caption:
    """Return the words of the chart of who came back and what a customer spent."""
    latest, *earlier = holding.hold_outs
    told = told_rows(latest)
    days = formats.count(holding.horizon_days)
    title = f"No segment had {FEWEST_CUSTOMERS} customers yet"
    if told:
        best, worst = told[0], told[-1]
        title = (
            f"{_named(best)} brought {formats.money(best.revenue_per_customer.value)} per customer "
            f"in the next {days} days"
        )
        if worst is not best:
            title += f", {_named(worst)} {formats.money(worst.revenue_per_customer.value)}"
    spoken = "; ".join(_spoken(row, formats) for row in told)
    return Caption(
        "came-back",
        f"As of {formats.day(latest.as_of)}, and the {days} days that followed",
        title,
        f"{title}. Share that came back and revenue per customer: {spoken}.",
        _chart_note(earlier, formats),
        _data_table(holding, formats),
    )


def _spoken(row: HoldOutRow, formats: Formats) -> str:
    spent = formats.money(row.revenue_per_customer.value)
    return f"{_named(row)}: {_share(row.share, formats)}, {spent}"


def _chart_note(earlier: Sequence[HoldOut], formats: Formats) -> str:
    note = (
        "Large dot: the share or the mean, with its 95% interval. Revenue per customer counts "
        "those who did not order as nothing."
    )
    if earlier:
        days = ", ".join(formats.day(hold_out.as_of) for hold_out in earlier)
        order = " (the paler, the earlier)" if len(earlier) > 1 else ""
        note += f" Small dots: the same segments as of {days}{order}."
    return note


def _data_table(holding: Holding, formats: Formats) -> Table:
    fields: tuple[Field[tuple[HoldOut, HoldOutRow]], ...] = (
        Field("", "As of", lambda row: row[0].as_of, "day", numeric=False),
        Field("", "Segment", lambda row: shown(row[1].segment, 60), limit=60),
        Field("", "Customers", lambda row: row[1].customer_count, "count"),
        Field("", "Came back", lambda row: row[1].returned_count, "count"),
        *with_ends("% came back", lambda row: row[1].share, "share"),
        *with_ends("Revenue per customer", lambda row: row[1].revenue_per_customer, "money"),
        Field("", "Median per returner", lambda row: row[1].revenue_per_returner, "money"),
    )
    rows = [(one, row) for one in holding.hold_outs for row in one.rows]
    caption = "Who came back and what they spent, by date and segment"
    return page_table(caption, fields, rows, formats)


def trials_title(trials: Sequence[SchemeTrial], own_scheme: str, formats: Formats) -> str:
    """Say how well the report's scheme ranks the customers, and how well the best other one does.

    How much of a difference is chance is not known, so no scheme is called better.
    """
    ranks = {trial.scheme: trial.rank_quality for trial in trials if trial.rank_quality is not None}
    own = ranks.pop(own_scheme, None)
    if own is None:
        return "Nobody, or everybody, came back: no scheme can be told from another"
    if not ranks:
        return f"Rank quality: {formats.share(own)}"
    best = formats.share(max(ranks.values()))
    return f"Rank quality: {formats.share(own)} for this report's scheme, {best} for the best other"
