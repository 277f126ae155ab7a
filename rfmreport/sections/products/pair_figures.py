"""Facts of products that are bought together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products that are in one order more often than chance puts them there.

    `order_count` orders of `customer_count` customers have both; `expected_count` would, were they
    put into orders of as many products in the same month independently: `lift` is their ratio, with
    its 95 % interval; `p_value` is one-sided. `share` of the orders with the first have the second.
    """

    code: str
    name: str
    other_code: str
    other_name: str
    order_count: int
    customer_count: int
    share: float
    expected_count: float
    lift: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs that stand: `clear_count` of `test_count` do after the correction.

    `told` are those with orders and customers enough, the highest low end of the lift first. Of the
    `product_count` products with most buyers, in `order_count` orders: every order, or of very many
    an even part.
    """

    product_count: int
    order_count: int
    test_count: int
    clear_count: int
    told: tuple[Pair, ...]

    @property
    def apart(self) -> tuple[Pair, ...]:
        """Return pairs, the first of each product, so that no family of colours fills a table."""
        seen: set[tuple[str, str]] = set()
        kept = []
        for one in self.told:
            both = {(one.code, one.name), (one.other_code, one.other_name)}
            if not both & seen:
                kept.append(one)
                seen |= both
        return tuple(kept)
