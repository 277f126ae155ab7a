"""One truth written in many styles of numbers and dates: read to the cent, or refused."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rfmreport.errors import InputError
from rfmreport.settings import EngineSettings, load_settings
from rfmreport.source import orders, reading
from rfmreport.stopwatch import Stopwatch

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = int(os.environ.get("TRUTHS", "12"))
ENGINE = EngineSettings(memory_limit="1GB", threads=1)

# Thousands and decimals; what stands around a number.
MARKS = [(",", "."), (".", ","), ("", "."), ("", ","), ("'", "."), (" ", ","), ("\u202f", ",")]
AROUND = ["{}", "€ {}", "{} €", "EUR {}", "{} EUR"]
DAYS = [
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%y", "%m/%d/%y", "%y/%m/%d", "%Y/%m/%d",
    "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%d-%b-%y", "%Y年%m月%d日", "Excel", "Unix",
]  # fmt: skip
TIMES = ["", " 10:05", " 10:05:07", " 10:05 AM", "T10:05:07Z"]

sales = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.dates(date(2021, 1, 1), date(2024, 12, 31)),
        st.integers(1, 999_999),
    ),
    min_size=1,
    max_size=12,
)


def number(cents: int, places: int, marks: tuple[str, str], around: str) -> str:
    """Write an amount with so many decimals, which loses none of it."""
    thousands, point = marks
    whole, rest = divmod(cents * 10**places // 100, 10**places)
    text = f"{whole:,}".replace(",", thousands)
    return around.format(text + (f"{point}{rest:0{places}}" if places else ""))


def day(when: date, style: str, time: str) -> str:
    """Write a day; Excel and Unix count it."""
    if style == "Excel":
        return str((when - date(1899, 12, 30)).days)
    if style == "Unix":
        return str((when - date(1970, 1, 1)).days * 86_400 + 36_307)
    return when.strftime(style) + time


def read(path: Path) -> dict[str, tuple[Decimal, date]] | None:
    """Return each customer's money and last day; None where the file is refused."""
    given_settings = load_settings(None, {"source": {"paths": [str(path)]}})
    with reading.open_engine(ENGINE) as backend:
        try:
            clean = orders.read_orders(backend, given_settings, Stopwatch())
        except InputError:
            return None
        rows = clean.orders.filter(clean.orders.exclusion.isnull()).to_pyarrow().to_pylist()
    customers: dict[str, list[tuple[Decimal, date]]] = defaultdict(list)
    for row in rows:
        customers[row["customer_id"]].append((row["amount"], row["last_at"].date()))
    return {
        customer: (sum((m for m, _ in bought), Decimal(0)), max(d for _, d in bought))
        for customer, bought in customers.items()
    }


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sales,
    st.sampled_from([0, 2, 3]),
    st.sampled_from(MARKS),
    st.sampled_from(AROUND),
    st.sampled_from(DAYS),
    st.sampled_from(TIMES),
)
def test_one_truth_in_any_style_is_read_or_refused(
    tmp_path: Path, sold, places, marks, around, style, time
):
    # One date of two digits is taken to begin with its day, and cannot be more.
    assume("%y" not in style or len({when for _, when, _ in sold}) > 1)
    rows, truth = [], defaultdict(list)
    for n, (customer, when, cents) in enumerate(sold):
        money = cents if places else cents * 100
        amount = number(money, places, marks, around)
        rows.append(f"C{customer}|{n}|{day(when, style, time)}|{amount}")
        truth[f"C{customer}"].append((Decimal(money) / 100, when))
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(["customer|order|date|amount", *rows, ""]), encoding="utf-8")
    found = read(path)
    told = {c: (sum(m for m, _ in b), max(d for _, d in b)) for c, b in truth.items()}
    assert found in (None, told), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("style", DAYS)
def test_a_year_of_orders_is_read_in_every_style(tmp_path: Path, style: str):
    days = [date(2024, 1, 3) + timedelta(days=7 * n) for n in range(48)]
    rows = [f"C{n % 7}|{n}|{day(when, style, '')}|1.234,50" for n, when in enumerate(days)]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(["customer|order|date|amount", *rows, ""]), encoding="utf-8")
    found = read(path)
    assert found is not None
    assert sum(money for money, _ in found.values()) == 48 * Decimal("1234.5")
    assert max(last for _, last in found.values()) == days[-1]
