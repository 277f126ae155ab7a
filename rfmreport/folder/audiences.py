"""Audiences: the lists of customers that a campaign is sent to, each customer with the reason why.

One list per segment, which together hold every customer once, and one for each finding that names
customers to act upon. Who is left alone as a control is the same in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from rfmreport.engine.engine_formats import (
    count_text,
    day_text,
    formula_safe,
    money_text,
    phone_safe,
    share_text,
)
from rfmreport.engine.results import hold_table
from rfmreport.formats import Formats
from rfmreport.kit.audience_files import (
    SLIPPED_FILE,
    TURNING_COLD_FILE,
    WOULD_ORDER_FILE,
    audience_files,
)
from rfmreport.sections.decided.decisions import CONTACTED, CONTROL, GROUP_HEADING
from rfmreport.vocabulary import (
    CONTACT_NAME,
    CONTACTS,
    CUSTOMER_ID,
    EMAIL,
    EXCLUSION,
    EXPECTED_VALUE,
    FIRST_ORDER_ON,
    LAST_AT,
    ORDER_COUNT,
    PHONE,
    RECENCY_DAYS,
    REVENUE,
    SCORES,
    SEGMENT,
    chance_column,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import BooleanValue, NumericValue, StringColumn, StringValue, Table

    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import SecondOrders
    from rfmreport.settings import AudienceSettings, Settings

_SEGMENT_BEFORE, REASON = f"{SEGMENT}_before", "reason"
_HASH_DIGITS = 8
_MORE_LIKELY_THAN_NOT = 0.5
_FIRST_EVER_ON = "first_ever_on"
_LIST, _STANDING, _LIKELY, _COLD_REASON = "list", "standing", "likely", "cold_reason"


@dataclass(frozen=True, slots=True)
class Known:
    """What a report knows of its customers one by one.

    `customers` is one row per customer with scores and segment, and with what is foretold;
    `orders` as from `cleaning.group_orders`, with the contacts that are mapped; `moves` as from
    `movement.measure_movement` holds them, None without an earlier month.
    """

    customers: Table
    orders: Table
    moves: Table | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """One list: its file, relative to the report, and its rows in the order to be written.

    Columns: customer_id, the contacts that are mapped, segment, the three measures and scores, the
    chances and the expected value where they are foretold, reason, group.
    """

    file: str
    members: Table


def draw_up_audiences(
    engine: Backend, report: Report, known: Known, settings: Settings
) -> tuple[Audience, ...]:
    """Return one list per segment of the scheme, then those of the findings that the report tells.

    A list that nobody is on is there too, so that what imports it every month finds it.
    """
    window_months = settings.cleaning.window_months
    table = known.customers
    if window_months is not None and _clock(report):
        table = _with_first_orders_ever(table, engine.table("first_orders"))
    if report.movement and known.moves is not None:
        table = _with_segments_slipped_from(table, known.moves)
    contacts = [name for name in CONTACTS if name in known.orders.columns]
    if contacts:
        table = _left_join(table, latest_contacts(known.orders, contacts, report.as_of))
    group = control_group(table[CUSTOMER_ID], settings.audiences)
    told = table.mutate(**{GROUP_HEADING: group}, **_words(table, report, window_months))
    # Held, for every list reads it.
    held = hold_table(engine, "audiences", _safe(told))
    columns = _columns(held, report)
    return (*_segment_lists(held, report, columns), *_finding_lists(held, report, columns))


def control_group(customer_id: StringColumn, settings: AudienceSettings) -> StringValue:
    """Return "control" for the share of customers that is held out, "contacted" for all others.

    Who is held out depends on the seed and the customer's id alone: those of whom the SHA-256 of
    "seed:customer_id" begins with a number below the share. A larger share adds to a smaller one.
    """
    if not settings.holdout:
        return ibis.literal(CONTACTED)
    bound = int(settings.holdout * 16**_HASH_DIGITS)
    drawn = (ibis.literal(f"{settings.seed}:") + customer_id).hexdigest("sha256")
    is_held_out = drawn.left(_HASH_DIGITS) < f"{bound:0{_HASH_DIGITS}x}"
    return is_held_out.ifelse(CONTROL, CONTACTED)


def latest_contacts(orders: Table, contacts: Sequence[str], as_of: date) -> Table:
    """Return one row per customer with the latest of each contact that is not empty.

    Of all that was read before `as_of`, also of orders that do not count: a cancelled order has the
    right telephone number. Of two at the same time, the one that is later in the alphabet.
    """
    seen = orders.filter(
        orders[CUSTOMER_ID].notnull()
        & ~orders[EXCLUSION].identical_to("unreadable_date")
        & (orders[LAST_AT] < ibis.timestamp(as_of.isoformat()))
    )
    latest = {
        name: seen[name].argmax(
            ibis.struct({"at": seen[LAST_AT], "value": seen[name]}), where=seen[name].notnull()
        )
        for name in contacts
    }
    return seen.group_by(CUSTOMER_ID).agg(**latest)


def _columns(table: Table, report: Report) -> tuple[str, ...]:
    """Return the columns of a list before its reason, of those that are there."""
    windows = report.worth.response.windows if report.worth else ()
    foretold = (*map(chance_column, windows), EXPECTED_VALUE)
    known = (SEGMENT, RECENCY_DAYS, ORDER_COUNT, REVENUE, *SCORES, *foretold)
    return tuple(name for name in (CUSTOMER_ID, *CONTACTS, *known) if name in table.columns)


def _with_first_orders_ever(customers: Table, ever: Table) -> Table:
    """Add the day of the first order of all, which a window may hide."""
    return _left_join(customers, ever.rename({_FIRST_EVER_ON: FIRST_ORDER_ON}))


def _with_segments_slipped_from(customers: Table, moves: Table) -> Table:
    slipped = moves.filter(moves["has_slipped"])
    return _left_join(customers, slipped.select(CUSTOMER_ID, _SEGMENT_BEFORE))


def _left_join(table: Table, more: Table) -> Table:
    return table.left_join(more, CUSTOMER_ID).drop(f"{CUSTOMER_ID}_right")


# --- what is said of each customer --------------------------------------------------------------


def _words(table: Table, report: Report, window_months: int | None) -> dict[str, StringValue]:
    """Return the parts of the reasons, and who is on the list of which finding.

    Parts, because a reason that is spelt out for each list takes longer to compile than to run.
    """
    formats = Formats(report.locale, report.currency)
    words = {_LIST: table[SEGMENT], _STANDING: _standing(table, formats, window_months)}
    if report.worth:
        words[_LIKELY] = share_text(table[_chance(report)], formats)
    clock = _clock(report)
    if clock:
        words[_COLD_REASON] = _cold_reason(table, clock, formats)
    return words


def _clock(report: Report) -> SecondOrders | None:
    """Return the second-order clock where it tells when customers go cold."""
    clock = report.loyalty.second_orders if report.loyalty else None
    return clock if clock and clock.turning else None


def _standing(table: Table, formats: Formats, window_months: int | None) -> StringValue:
    """Return the customer's figures: "132 days ago, 8 orders and £1,240 so far"."""
    orders = count_text(table[ORDER_COUNT], formats)
    orders += (table[ORDER_COUNT] == 1).ifelse(" order", " orders")
    money = money_text(table[REVENUE], formats)
    span = " so far" if window_months is None else f" in the last {window_months} months"
    return _ago(table[RECENCY_DAYS], formats) + ", " + orders + " and " + money + span


def _cold_reason(table: Table, clock: SecondOrders, formats: Formats) -> StringValue:
    """Return from when on a customer of one order has gone cold, of those who will in a month."""
    assert clock.turning and clock.turning.first_from and clock.turning.first_to  # noqa: PT018, S101
    assert clock.cold_after_days is not None  # noqa: S101  else nobody turns
    first_on = table[FIRST_ORDER_ON]
    is_turning = (table[ORDER_COUNT] == 1) & first_on.between(
        ibis.date(clock.turning.first_from), ibis.date(clock.turning.first_to)
    )
    if _FIRST_EVER_ON in table.columns:
        is_turning &= table[_FIRST_EVER_ON] == first_on
    cold_on = first_on + ibis.interval(days=clock.cold_after_days + 1)
    reason = "Only order " + _ago(table[RECENCY_DAYS], formats)
    reason += ", for " + money_text(table[REVENUE], formats) + "; from " + day_text(cold_on)
    reason += f" the chance of a second within {formats.count(clock.horizon_days)} days is below "
    reason += f"{formats.share(clock.chance_level, 0)}."
    return is_turning.ifelse(reason, ibis.null("string"))


def _ago(days: NumericValue, formats: Formats) -> StringValue:
    return count_text(days, formats) + (days == 1).ifelse(" day ago", " days ago")


def _safe(table: Table) -> Table:
    """Return the table as a spreadsheet may be given it; the reasons begin with words of ours."""
    texts = [name for name in (CUSTOMER_ID, EMAIL, CONTACT_NAME, SEGMENT) if name in table.columns]
    safe = {name: formula_safe(table[name]) for name in texts}
    if PHONE in table.columns:
        safe[PHONE] = phone_safe(table[PHONE])
    return table.mutate(**safe, **{REVENUE: table[REVENUE].cast("float64")})


# --- the lists ----------------------------------------------------------------------------------


def _segment_lists(table: Table, report: Report, columns: Sequence[str]) -> list[Audience]:
    """Return a list per segment, those with the highest expected value first.

    Where the playbook puts the largest spenders first, or no value is foretold, these are.
    """
    by_revenue = {card.segment for card in report.playbook if card.first == REVENUE}
    reason = "Last order " + table[_STANDING]
    if report.worth:
        reason += ("; " + _likely(table, report)).fill_null("")
    lists = []
    for segment, file in audience_files(row.name for row in report.segments.rows).items():
        is_valued = EXPECTED_VALUE in columns and segment not in by_revenue
        first = EXPECTED_VALUE if is_valued else REVENUE
        written = _written(table, table[_LIST] == segment, reason + ".", first, columns)
        lists.append(Audience(file, written))
    return lists


def _finding_lists(table: Table, report: Report, columns: Sequence[str]) -> list[Audience]:
    """Return the list of each finding that is told: most spend first, or most likely first."""
    lists = []
    last_order = "last order " + table[_STANDING] + "."
    if _SEGMENT_BEFORE in table.columns and report.movement:
        then = Formats().day(report.movement.before_as_of)
        slid = "Slipped from " + table[_SEGMENT_BEFORE] + " to " + table[_LIST]
        on_it, reason = table[_SEGMENT_BEFORE].notnull(), slid + f" since {then}: " + last_order
        written = _written(table, on_it, reason, REVENUE, columns)
        lists.append(Audience(SLIPPED_FILE, written))
    if _COLD_REASON in table.columns:
        on_it = table[_COLD_REASON].notnull()
        written = _written(table, on_it, table[_COLD_REASON], REVENUE, columns)
        lists.append(Audience(TURNING_COLD_FILE, written))
    if report.worth:
        on_it = table[_chance(report)] >= _MORE_LIKELY_THAN_NOT
        reason = _likely(table, report) + "; " + last_order
        written = _written(table, on_it, reason, _chance(report), columns)
        lists.append(Audience(WOULD_ORDER_FILE, written))
    return lists


def _likely(table: Table, report: Report) -> StringValue:
    """Return how many like the customer order by themselves, null where nobody knows."""
    assert report.worth  # noqa: S101  else nobody knows
    days = report.worth.response.windows[-1]
    words = f" of customers like this order within {days} days as things were"
    likely: StringValue = table[_LIKELY] + words
    return likely


def _written(
    table: Table, on_it: BooleanValue, reason: StringValue, first: str, columns: Sequence[str]
) -> Table:
    """Return the columns of an audience; those with most of `first` stand first."""
    ways = [ibis.desc(measure, nulls_first=False) for measure in dict.fromkeys((first, REVENUE))]
    members = table.filter(on_it).order_by(*ways, CUSTOMER_ID)
    return members.select(*columns, reason.name(REASON), GROUP_HEADING)


def _chance(report: Report) -> str:
    """Return the column with the chance to order within the horizon."""
    assert report.worth  # noqa: S101  else there are no chances
    return chance_column(report.worth.response.windows[-1])
