"""What groups of customers buy more of than all others do, beyond chance and beyond buying much.

A pick is a product in one month of a customer, counted once. A group's picks are held against
those of all others who picked about as many products in the same month (the same power of two): so
neither heavy buying nor the season of a group's orders looks like a taste.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import (
    FALSE_DISCOVERY_RATE,
    FEWEST_CUSTOMERS,
    Z_95,
    highest_significant,
    one_sided,
)
from rfmreport.sections.products.figures import Affinity, Preference, Preferences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Kind = Literal["segment", "country", "home"]

MOST_PRODUCTS = 500
_DIGITS = 6
_QUERIES = read_queries(__file__)


@dataclass(frozen=True, slots=True)
class Picks:
    """The picks of one kind of groups: `counts` by product, group and stratum.

    `buyers` and `squares` by product and group: the group's customers who bought it, and the sum of
    their squared counts of picks. Customers outside the named `groups` stand in a last one.
    """

    kind: Kind
    groups: tuple[str, ...]
    counts: Floats
    buyers: Floats
    squares: Floats


@dataclass(frozen=True, slots=True)
class Groups:
    """The segments and countries that have customers enough for a claim, and who lives where.

    `homes` counts all customers by segment and country (None: unknown).
    """

    segments: tuple[str, ...]
    countries: tuple[str, ...]
    homes: Mapping[tuple[str, str | None], int]


def tell_affinity(engine: Engine, groups: Groups) -> Affinity | None:
    """Return what segments and countries buy more of; None where no product has enough buyers.

    A group that is not named counts among the others; each kind of groups is a family of tests of
    its own.
    """
    products = choose_products(engine)
    if not products:
        return None
    counted = count_picks(engine, len(products), groups.segments, groups.countries)
    of_segments, of_countries = (find_preferences(each, products) for each in counted)
    if len(groups.countries) < 2:  # noqa: PLR2004  one has none to be held against
        of_countries = Preferences()
    return Affinity(len(products), of_segments, of_countries, find_homes(groups))


def choose_products(engine: Engine) -> list[tuple[str, str]]:
    """Hold the products that are compared, and return their codes and names, most buyers first.

    They are those with most buyers, of all with enough.
    """
    given = {"fewest": FEWEST_CUSTOMERS, "most": MOST_PRODUCTS}
    engine.hold("chosen_products", _QUERIES["chosen_products"], **given)
    rows = engine.rows(_QUERIES["compared_products"])
    return [(row["product_code"], row["product_name"]) for row in rows]


def find_homes(groups: Groups) -> Preferences:
    """Return the countries that each segment has more customers of than all others together."""
    places = sorted(set(groups.homes), key=lambda home: (home[0], home[1] or ""))
    rows = {country: row for row, country in enumerate(groups.countries)}
    columns = {segment: column for column, segment in enumerate(groups.segments)}
    # Who is of no named country or segment counts too, in a last row or column.
    counts = np.zeros((len(rows) + 1, len(columns) + 1, 1))
    for segment, country in places:
        cell = rows.get(country or "", len(rows)), columns.get(segment, len(columns)), 0
        counts[cell] += groups.homes[segment, country]
    people = counts.sum(axis=2)
    picks = Picks("home", groups.segments, counts, people, people)
    return find_preferences(picks, [("", country) for country in groups.countries])


def count_picks(
    engine: Engine, product_count: int, segments: Sequence[str], countries: Sequence[str]
) -> tuple[Picks, Picks]:
    """Count the picks of all compared products: those of segments, and those of countries."""
    engine.hold("pickers", _QUERIES["pickers"], segments=[*segments], countries=[*countries])
    engine.hold("picks", _QUERIES["picks"])
    cells, spread = engine.arrays(_QUERIES["cells"]), engine.arrays(_QUERIES["spread"])
    engine.drop("picks", "pickers")
    strata, stratum = np.unique(cells["stratum"], return_inverse=True)

    def picks_of(kind: Kind, names: Sequence[str]) -> Picks:
        group, shape = f"{kind}_number", (product_count, len(names) + 1)
        places = (spread["product_row"], spread[group])
        at = (cells["product_row"], cells[group], stratum)
        return Picks(
            kind,
            tuple(names),
            _added_up((*shape, len(strata)), at, cells["pick_count"]),
            _added_up(shape, places, spread["buyers"]),
            _added_up(shape, places, spread["squares"]),
        )

    return picks_of("segment", segments), picks_of("country", countries)


def _added_up(shape: tuple[int, ...], places: tuple[Any, ...], values: Any) -> Floats:  # noqa: ANN401
    """Return an array with each value added at its place."""
    flat = np.ravel_multi_index(places, shape)
    added = np.bincount(flat, weights=values, minlength=math.prod(shape))
    return added.astype(np.float64).reshape(shape)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group's picks of a product against all others', by product and group.

    `inside` and `outside` are the two weighted counts whose ratio is the lift, each with its
    variance.
    """

    inside: Floats
    outside: Floats
    inside_variance: Floats
    outside_variance: Floats

    @property
    def lift(self) -> Floats:
        """Return the ratio of the two rates; infinite where nobody else picked it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.inside / self.outside

    @property
    def log_error(self) -> Floats:
        """Return the standard error of the logarithm of the lift."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(
                self.inside_variance / self.inside**2 + self.outside_variance / self.outside**2
            )

    @property
    def z(self) -> Floats:
        """Return the score statistic: its square is chi-squared with one degree of freedom."""
        variance = self.inside_variance + self.outside_variance
        difference = self.inside - self.outside
        return np.divide(difference, np.sqrt(variance), out=np.zeros_like(variance),
                         where=variance > 0)  # fmt: skip


def compare_picks(picks: Picks) -> Comparison:
    """Compare the rates of each group and of all others, stratum by stratum.

    The ratio of Mantel and Haenszel for rates (N. Mantel and W. Haenszel, J. Natl. Cancer Inst. 22,
    1959, 719-748; S. Greenland and J. M. Robins, Biometrics 41, 1985, 55-68). With one stratum
    its logarithm has the error of D. Katz et al., Biometrics 34, 1978, 469-474, for rare events.
    Picks of one customer are alike, so variances grow by the design effect sum(n²) / sum(n) over
    the product's customers (J. N. K. Rao and A. J. Scott, Biometrics 48, 1992, 577-585).
    """
    counts = picks.counts
    of_group = counts.sum(axis=0)
    of_all = of_group.sum(axis=0)
    part = np.divide(of_group, of_all, out=np.zeros_like(of_group), where=of_all > 0)
    totals = counts.sum(axis=2)
    effect = np.divide(picks.squares, totals, out=np.ones_like(totals), where=totals > 0)
    spread = counts * effect[:, :, None]
    others, spread_of_others = (each.sum(axis=1, keepdims=True) - each for each in (counts, spread))
    return Comparison(
        inside=(counts * (1 - part)).sum(axis=2),
        outside=(others * part).sum(axis=2),
        inside_variance=(spread * (1 - part) ** 2).sum(axis=2),
        outside_variance=(spread_of_others * part**2).sum(axis=2),
    )


def find_preferences(picks: Picks, products: Sequence[tuple[str, str]]) -> Preferences:
    """Return what each group clearly buys more of, in the order of groups, the surest first.

    `products` are codes and names, in the order of the rows of `picks`; rows beyond them are only
    counted. The tests are one-sided, so what they let through by chance is a part of what is told.
    Told is what enough customers bought, of the group and of the others.
    """
    compared = compare_picks(picks)
    cells = np.s_[: len(products), : len(picks.groups)]
    z, buyers = compared.z[cells], picks.buyers[cells]
    p_values = np.vectorize(one_sided, otypes=[float])(z)
    is_clear = p_values <= highest_significant(p_values.ravel(), FALSE_DISCOVERY_RATE)
    other_buyers = picks.buyers.sum(axis=1, keepdims=True)[: len(products)] - buyers
    is_told = is_clear & (np.minimum(buyers, other_buyers) >= FEWEST_CUSTOMERS)
    told = tuple(
        _preference(picks, compared, (product, group), products[product], p_values[product, group])
        for group in range(len(picks.groups))
        for product in np.argsort(-z[:, group], kind="stable")
        if is_told[product, group]
    )
    return Preferences(told, p_values.size, int(is_clear.sum()))


def _preference(
    picks: Picks,
    compared: Comparison,
    cell: tuple[int, int],
    product: tuple[str, str],
    p_value: float,
) -> Preference:
    lift, error = float(compared.lift[cell]), float(compared.log_error[cell])
    return Preference(
        kind=picks.kind,
        group=picks.groups[cell[1]],
        code=product[0],
        name=product[1],
        customer_count=int(picks.buyers[cell]),
        buyer_count=int(picks.buyers[cell[0]].sum()),
        pick_count=int(picks.counts[cell].sum()),
        expected_count=round(float(picks.counts[cell].sum()) / lift, _DIGITS),
        lift=round(lift, _DIGITS),
        low=round(lift * math.exp(-Z_95 * error), _DIGITS),
        high=round(lift * math.exp(Z_95 * error), _DIGITS),
        p_value=float(f"{p_value:.6g}"),
    )
