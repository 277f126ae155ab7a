"""Published results, reproduced: each figure here was printed by somebody else first."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from stages import cleaned, hold, measured_customers, scores_of

from rfmreport.customers import scoring, segments
from rfmreport.vocabulary import CUSTOMER_ID, EXCLUSION, ORDER_ID

if TYPE_CHECKING:
    from pathlib import Path

CLASSIC = {"non_product_codes": [], "keep_reversed": True}


@pytest.fixture(scope="session")
def online_retail(shared_dir: Path):
    """Return the whole set after the classic filters: all that follows reads it once."""
    with cleaned(shared_dir / "data" / "online_retail.csv.gz", cleaning=CLASSIC) as clean:
        yield clean


def measured_rows(clean, as_of: date) -> dict[str, dict]:
    rows = measured_customers(clean.orders, as_of).to_pyarrow().to_pylist()
    return {row[CUSTOMER_ID]: row for row in rows}


def exclusions(clean) -> dict[str, tuple[int, str]]:
    return {row.exclusion: (row.line_count, str(row.amount)) for row in clean.audit.excluded}


# --- UCI Online Retail --------------------------------------------------------------------------


def test_online_retail_keeps_the_published_lines(online_retail):
    bridge = online_retail.audit
    assert bridge.read.line_count == 541_909
    assert bridge.read.order_count == 25_900
    assert bridge.read.amount == Decimal("9747747.934")
    assert bridge.kept.line_count == 397_884
    assert bridge.kept.order_count == 18_532
    assert bridge.kept.amount == Decimal("8911407.904")
    assert (online_retail.coverage.first_day, online_retail.as_of) == (
        date(2010, 12, 1),
        date(2011, 12, 10),
    )


def test_online_retail_leaves_out_the_published_lines(online_retail):
    """135,080 lines lack a customer; of 9,288 cancellation lines 383 are among them."""
    found = {rule: lines for rule, (lines, _) in exclusions(online_retail).items()}
    assert found == {"missing_customer": 135_080, "cancellation": 8_905, "non_positive_price": 40}


def test_online_retail_has_the_published_customers(online_retail):
    people = measured_rows(online_retail, online_retail.as_of)
    assert len(people) == 4_338
    assert sum(row["order_count"] for row in people.values()) == 18_532
    assert sum(row["revenue"] for row in people.values()) == Decimal("8911407.904")
    assert people["16446"]["revenue"] == Decimal("168472.5")


def test_ten_segments_equal_the_published_table(online_retail, shared_dir: Path):
    """The table of the notebooks: rank-first, as of 2011-12-11.

    Their recency is in whole days of 24 hours up to that midnight: one less than calendar days.
    """
    people = measured_customers(online_retail.orders, date(2011, 12, 11))
    engine = hold("people", people)
    cuts = scoring.rank_first_cuts(engine, "people", 5, {})
    engine.hold("named", segments.named_sql("people", cuts, segments.load_scheme("ten")))
    found = engine.rows("""
        SELECT segment, count(*) AS customers, max(recency_days) - 1 AS recency_max,
            max(order_count) AS frequency_max, sum(revenue) AS monetary_sum
        FROM named GROUP BY segment
    """)
    ours = {row.pop("segment"): row for row in found}
    renamed = {
        "about_to_sleep": "About To Sleep",
        "at_Risk": "At Risk",
        "cant_loose": "Can't Lose",
        "champions": "Champions",
        "hibernating": "Hibernating",
        "loyal_customers": "Loyal Customers",
        "need_attention": "Need Attention",
        "new_customers": "New Customers",
        "potential_loyalists": "Potential Loyalists",
        "promising": "Promising",
    }
    with (shared_dir / "oracles" / "online_retail_ten_segments.csv").open() as file:
        published = {renamed[row["segment"]]: row for row in csv.DictReader(file)}
    assert ours == {
        name: {
            "customers": int(row["customers"]),
            "recency_max": int(row["recency_max"]),
            "frequency_max": int(row["frequency_max"]),
            "monetary_sum": Decimal(row["monetary_sum"]),
        }
        for name, row in published.items()
    }


def test_the_default_scheme_on_the_reference_shop(online_retail):
    """The design's own figures: classic filters, as of 2011-09-10."""
    people = measured_customers(online_retail.orders, date(2011, 9, 10))
    engine, scheme = hold("people", people), segments.load_scheme("five")
    cuts = scoring.fit_cuts(engine, "people", 5, {})
    named = engine.rows(segments.named_sql("people", cuts, scheme))
    counts = Counter(row["segment"] for row in named)
    assert cuts.of("order_count").bounds == (1, 2, 3, 5)
    assert [counts[segment.name] for segment in scheme.segments] == [644, 379, 999, 528, 820]


def test_by_default_freight_and_fees_are_no_sales(online_retail, shared_dir: Path):
    """POST, M, DOT, C2 and bank charges on the kept lines, as counted in the file's description."""
    with cleaned(shared_dir / "data" / "online_retail.csv.gz") as clean:
        kept = clean.audit.kept.amount
        left_out = Decimal(exclusions(clean)["non_product"][1])
        undone = sum(Decimal(exclusions(clean)[key][1]) for key in ("reversed", "nothing_left"))
        note = next(finding for finding in clean.findings if finding.key == "fees")
    assert kept + left_out + undone == online_retail.audit.kept.amount
    assert note.amount == left_out
    assert note.text.endswith(
        "POST 77,803.96, M 53,779.93, DOT 11,906.36, C2 6,686.00, BANK CHARGES 165.00, PADS 0.00."
    )


# --- UCI Online Retail II, extract --------------------------------------------------------------


def test_two_sheets_share_441_lines_on_23_invoices(shared_dir: Path):
    with cleaned(shared_dir / "data" / "online_retail_II_extract.xlsx") as clean:
        orders = clean.orders
        repeated = orders.filter(orders[EXCLUSION] == "repeated")
        assert repeated[ORDER_ID].nunique().to_pyarrow().as_py() == 23
        assert exclusions(clean)["repeated"][0] == 441
        assert clean.audit.read.line_count == 14_269 + 20_497
        assert len(clean.source.parts) == 2


# --- CDNOW --------------------------------------------------------------------------------------


def test_cdnow_keeps_leading_zeros_and_leaves_out_zero_amounts(shared_dir: Path):
    path = shared_dir / "data" / "cdnow_master.csv.gz"
    spent, days = defaultdict(Decimal), defaultdict(set)
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            spent[row["customer_id"]] += Decimal(row["dollar_value"])
            if Decimal(row["dollar_value"]) > 0:
                days[row["customer_id"]].add(row["date"])
    assert len(spent) == 23_570
    with cleaned(path) as clean:
        people = measured_rows(clean, clean.as_of)
        assert clean.audit.read.line_count == 69_659
        assert exclusions(clean) == {"non_positive_price": (80, "0.0000")}
    found = {name: (row["order_count"], row["revenue"]) for name, row in people.items()}
    assert found == {name: (len(days[name]), spent[name]) for name in days}
    assert "00001" in people


# --- the R package rfm --------------------------------------------------------------------------


def test_r_rfm_customers_have_their_published_measures_and_scores(shared_dir: Path, tmp_path):
    """The package counts rows as orders, so each row gets an order number here."""
    with (shared_dir / "data" / "r_rfm_orders.csv").open() as file:
        heading, *rows = csv.reader(file)
    path = tmp_path / "orders.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", *heading])
        writer.writerows([n, *row] for n, row in enumerate(rows, start=1))
    bounds = {
        "recency_days": (115, 181, 297.4, 482),
        "order_count": (4, 5, 6, 8),
        "revenue": (255.8, 382, 506.4, 666),
    }
    with cleaned(path) as clean:
        people = measured_customers(clean.orders, date(2006, 12, 31))
        engine, fixed = hold("people", people), scoring.fixed_cuts(bounds, 5, "left")
        cuts = scoring.fit_cuts(engine, "people", 5, fixed)
        scores = scores_of(engine, "people", cuts)
        ours = {
            row[CUSTOMER_ID]: (
                row["recency_days"],
                row["order_count"],
                row["revenue"],
                *scores[row[CUSTOMER_ID]],
            )
            for row in people.to_pyarrow().to_pylist()
        }
    with (shared_dir / "oracles" / "r_rfm_published_customers.csv").open() as file:
        published = {
            row["customer_id"]: (
                int(row["recency_days"]),
                int(row["orders"]),
                Decimal(row["amount"]),
                int(row["recency_score"]),
                int(row["frequency_score"]),
                int(row["monetary_score"]),
            )
            for row in csv.DictReader(file)
        }
    assert len(published) == 995
    assert ours == published


# --- the sample that ships ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_in_plain_python(sample_csv: Path) -> dict[str, tuple[set[str], Decimal, str]]:
    """Return orders, revenue and last day by customer after the classic filters."""
    orders, revenue, last = defaultdict(set), defaultdict(Decimal), defaultdict(str)
    with gzip.open(sample_csv, "rt", newline="") as file:
        for row in csv.DictReader(file):
            customer = row["CustomerID"].removesuffix(".0")
            amount = int(row["Quantity"]) * Decimal(row["UnitPrice"])
            invoice = row["InvoiceNo"]
            if customer and amount > 0 and not invoice.startswith(("C", "A")):
                orders[customer].add(invoice)
                revenue[customer] += amount
                last[customer] = max(last[customer], row["InvoiceDate"][:10])
    return {name: (orders[name], revenue[name], last[name]) for name in orders}


def test_the_sample_is_measured_as_plain_python_would(sample_csv: Path, sample_in_plain_python):
    with cleaned(sample_csv, cleaning=CLASSIC) as clean:
        people = measured_rows(clean, clean.as_of)
        bridge, as_of = clean.audit, clean.as_of
    assert bridge.read.line_count == 179_825
    assert bridge.read.order_count == 8_243
    assert {
        name: (row["order_count"], row["revenue"], row["recency_days"])
        for name, row in people.items()
    } == {
        name: (len(orders), revenue, (as_of - date.fromisoformat(last)).days)
        for name, (orders, revenue, last) in sample_in_plain_python.items()
    }
