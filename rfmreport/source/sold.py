"""What was sold: the kept purchases by product, and what products and countries are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfmreport.engine.ask import read_queries
from rfmreport.source.audit import RETURNABLE

if TYPE_CHECKING:
    from rfmreport.engine.ask import Engine

_HELD = (
    "label_texts", "traded", "product_labels", "namesakes", "label_keys", "labels", "given_back",
    "product_names", "places",
)  # fmt: skip
_NO_PIECES = {"odd_share": 0.05, "fewest_lines": 30, "many": 100}
"""From which share of fractions on it is a weight, or beyond which number on most of its lines."""


def hold_sold(engine: Engine) -> None:
    """Hold the tables that all questions about products and countries are put to.

    They are made from the `lines` that were judged, and from `customers` with their segments. What
    is sold by weight or volume has no quantity: its numbers are no pieces.
    """
    queries = read_queries(__file__)
    for name in _HELD:
        engine.hold(name, queries[name], returnable=list(RETURNABLE), **_NO_PIECES)
    engine.drop("label_texts", "label_keys")
    for name in ("sold", "goods"):
        engine.define(name, queries[name])
    for name in ("baskets", "buyers"):
        engine.hold(name, queries[name])


def let_go_of_lines(engine: Engine) -> None:
    """Let go of what is as large as the lines, once all is told of them."""
    engine.drop("judged_lines", "traded", "baskets")
