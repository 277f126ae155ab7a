"""Audiences: the lists of customers that a campaign is sent to, each customer with the reason why.

One list per segment, which together hold every customer once, and one for each finding that names
customers to act upon. Who is left alone as a control is the same in all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import read_queries
from rfmreport.engine.texts import define_texts, patterns
from rfmreport.formats import Formats
from rfmreport.kit.audience_files import (
    SLIPPED_FILE,
    TURNING_COLD_FILE,
    WOULD_ORDER_FILE,
    audience_files,
)
from rfmreport.kit.sheets import EngineSheet
from rfmreport.sections.decided.decisions import CONTACTED, CONTROL, GROUP_HEADING
from rfmreport.vocabulary import (
    CONTACT_NAME,
    CONTACTS,
    CUSTOMER_ID,
    EMAIL,
    EXPECTED_VALUE,
    ORDER_COUNT,
    PHONE,
    RECENCY_DAYS,
    REVENUE,
    SCORES,
    SEGMENT,
    chance_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rfmreport.engine.ask import Engine
    from rfmreport.kit.sheets import Unit
    from rfmreport.report import Report
    from rfmreport.sections.loyalty.figures import SecondOrders
    from rfmreport.settings import AudienceSettings, Settings

_QUERIES = read_queries(__file__)
_UNITS: Mapping[str, Unit] = {
    CUSTOMER_ID: "text",
    EMAIL: "text",
    PHONE: "phone",
    CONTACT_NAME: "text",
    SEGMENT: "text",
    RECENCY_DAYS: "count",
    ORDER_COUNT: "count",
    REVENUE: "money",
    **dict.fromkeys(SCORES, "count"),
}
_HASH_DIGITS = 8
_NOT_TOLD = "CAST(NULL AS DOUBLE)"


def draw_up_audiences(
    engine: Engine, report: Report, people: str, settings: Settings
) -> tuple[EngineSheet[Report], ...]:
    """Declare one list per segment of the scheme, then those of the findings that are told.

    `people` is the held table of customers with scores and segment, and with what is foretold. A
    list that nobody is on is there too, so that what imports it every month finds it.
    """
    _hold_members(engine, report, people, settings)
    held = engine.names("audiences")
    windows = _told_windows(report)
    foretold = (*map(chance_column, windows), EXPECTED_VALUE)
    units: dict[str, Unit] = {**_UNITS, **dict.fromkeys(foretold, "number")}
    told = {name: unit for name, unit in units.items() if name in held}
    told |= {"reason": "text", GROUP_HEADING: "text"}
    return tuple(
        EngineSheet(file.removesuffix(".csv"), about, query, told, lambda _: True, given)
        for file, about, query, given in _lists(report)
    )


def _told_windows(report: Report) -> tuple[int, ...]:
    """Return within how many days chances are said; none where they failed their check."""
    worth = report.worth
    return worth.response.windows if worth and not worth.response.has_failed else ()


def _lists(report: Report) -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
    """Yield each list's file, what one row is, its question and what that is given."""
    for name, file in audience_files(row.name for row in report.segments.rows).items():
        yield file, "a customer of the segment", _QUERIES["of_segment"], {"segment": name}
    if report.movement:
        then_on = Formats().day(report.movement.before_as_of)
        about = "a customer who fell from a better segment"
        yield SLIPPED_FILE, about, _QUERIES["of_slipped"], {"then_on": then_on}
    if _clock(report):
        about = "a customer of one order who soon goes cold"
        yield TURNING_COLD_FILE, about, _QUERIES["of_turning_cold"], {}
    if report.worth:
        about = "a customer who more likely than not orders"
        yield WOULD_ORDER_FILE, about, _QUERIES["of_would_order"], {}


def _hold_members(engine: Engine, report: Report, people: str, settings: Settings) -> None:
    """Hold everybody with the parts of the reasons as `audiences`, for every list reads them."""
    define_texts(engine)
    windows = _told_windows(report)
    chance = chance_column(windows[-1]) if windows else _NOT_TOLD
    value = EXPECTED_VALUE if EXPECTED_VALUE in engine.names(people) else REVENUE
    listed = f'SELECT *, {chance} AS chance, {value} AS value_to_come FROM "{people}"'  # noqa: S608
    engine.define("listed", listed)
    has_contacts = set(CONTACTS) & set(engine.names("orders"))
    contacts = _QUERIES["contacts" if has_contacts else "no_contacts"]
    engine.hold("contacts", contacts, as_of=report.as_of)
    engine.define("slipped", _QUERIES["slipped" if report.movement else "nobody_slipped"])
    formats = Formats(report.locale, report.currency)
    months = settings.cleaning.window_months
    engine.hold(
        "audiences",
        _QUERIES["told"],
        by_revenue=[card.segment for card in report.playbook if card.first == REVENUE],
        days=str(windows[-1]) if windows else None,
        span=" so far" if months is None else f" in the last {months} months",
        **patterns(formats),
        **_control(settings.audiences),
        **_cold(_clock(report), formats),
    )


def _control(settings: AudienceSettings) -> dict[str, str]:
    """Return what draws the control group: whose hash begins below the bound is held out.

    The hash is the SHA-256 of "seed:customer_id". A larger share adds to a smaller one.
    """
    bound = f"{int(settings.holdout * 16**_HASH_DIGITS):0{_HASH_DIGITS}x}"
    return {
        "seed": str(settings.seed),
        "bound": bound,
        "control": CONTROL,
        "contacted": CONTACTED,
    }


def _clock(report: Report) -> SecondOrders | None:
    """Return the second-order clock where it tells when customers go cold."""
    clock = report.loyalty.second_orders if report.loyalty else None
    return clock if clock and clock.turning else None


def _cold(clock: SecondOrders | None, formats: Formats) -> dict[str, Any]:
    """Return whose first order turns cold within a month, and what is said of that."""
    turning = clock.turning if clock else None
    return {
        "cold_from": turning.first_from if turning else None,
        "cold_to": turning.first_to if turning else None,
        "cold_after_days": clock.cold_after_days if clock else None,
        "cold_within": formats.count(clock.horizon_days if clock else None),
        "cold_chance": formats.share(clock.chance_level if clock else None, 0),
    }
