"""Orders that came to nothing: reversed in full, or of customers who gave back all they bought.

A reversal says the same amount with the other sign: a cancellation at or after the sale, or a
posting by hand within days. One takes off one. Both sides get a verdict of their own, so that what
was kept and what was left out stay what was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.engine.ask import as_text, read_queries
from rfmreport.source.audit import RETURNABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfmreport.engine.ask import Engine
    from rfmreport.settings import CleaningSettings

POSTING_DAYS = 30
"""So long after a sale, a posting of nothing but fees is taken for its correction."""
SMALL_CHANGE = 0.01
"""An order of which no larger part is left was cancelled whole."""
_SQL = read_queries(__file__)
_PASSES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("in_one_order", {}),
    ("same_amount", {"sold": "total", "back": "total"}),
    ("same_amount", {"sold": "goods", "back": "total"}),
    ("same_amount", {"sold": "goods", "back": "goods"}),
    ("all_but_small_change", {}),
)
"""How a sale and its reversal are known, the surest first, and which amounts are held together."""


def leave_out_undone(engine: Engine, settings: CleaningSettings) -> None:
    """Give `orders` that came to nothing their verdict; hold `reversals` and `undone_orders`.

    The first has customer_id, the order_id of a sale, and by which order it is reversed. The other
    has one row per customer_id, order_id and side (`gives_back`) with its `verdict`: `reversed` and
    `reversal`, unless the settings keep reversed orders, and `nothing_left`.
    """
    _find_reversals(engine)
    leaves_out = not settings.keep_reversed
    engine.hold("undone_orders", _SQL["undone"], leaves_out=leaves_out)
    _judge_orders(engine)
    given = {"subtracts": leaves_out, "returnable": list(RETURNABLE)}
    nothing_left = f"FROM undone_orders UNION ALL ({_SQL['nothing_left']})"
    engine.hold("undone_orders", nothing_left, **given)
    _judge_orders(engine)


def _judge_orders(engine: Engine) -> None:
    if engine.value("SELECT count(*) FROM undone_orders"):
        engine.hold("orders", judged_sql("orders"))


def judged_sql(table: str) -> str:
    """Return the rows of `orders`, or of lines, with the verdicts of `undone_orders`."""
    returnable = ", ".join(map(as_text, RETURNABLE))
    return _SQL["with_verdicts"].replace("$returnable", f"[{returnable}]").replace("$judged", table)


def _find_reversals(engine: Engine) -> None:
    engine.hold("reversals", _SQL["no_reversals"])
    engine.hold("order_sides", _SQL["sides"], returnable=list(RETURNABLE))
    if not engine.value("SELECT count(*) FROM order_sides"):  # nobody gave anything back
        return
    given = {"posting_days": POSTING_DAYS, "change": SMALL_CHANGE}
    for query, amounts in _PASSES:
        engine.hold("open_sides", _SQL["open_sides"])
        found = f"FROM reversals UNION ALL ({_SQL[query]})"
        engine.hold("reversals", found, **given, **amounts)
    engine.drop("order_sides", "open_sides")
