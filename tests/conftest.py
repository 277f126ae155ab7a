"""Fixtures for all tests, and the rule that in CI nothing is skipped."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shops import Told

    from rfmreport.source.orders import CleanOrders

pytest_plugins = ["drawn_reports"]

ROOT = Path(__file__).resolve().parent.parent
SHARED_DIR = Path(os.environ.get("RFMREPORT_SHARED_DIR", ROOT.parent / "shared"))
IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}

# As in a command: a search for garbage among all that was imported takes a tenth of the time.
gc.set_threshold(100_000)

# A busy machine makes a slow example, not a wrong one.
settings.register_profile("rfmreport", deadline=None)
settings.load_profile("rfmreport")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Return the folder of reference data, or skip; the test is marked `needs_shared` by itself."""
    if not SHARED_DIR.is_dir():
        pytest.skip(f"no reference data in {SHARED_DIR}")
    return SHARED_DIR


@pytest.fixture(scope="session")
def sample_csv() -> Path:
    """Return the sample that ships with the program: Online Retail, one customer in three."""
    return resource_dir("sample_data") / "online_retail_sample.csv.gz"


@pytest.fixture(scope="session")
def read_sample(sample_csv: Path) -> Iterator[Callable[[bool], CleanOrders]]:
    """Return what reads the sample, once with reversed orders kept and once without them."""
    from stages import cleaned

    with ExitStack() as readings:

        @cache
        def read(keep_reversed: bool) -> CleanOrders:
            rules = {"keep_reversed": keep_reversed}
            return readings.enter_context(cleaned(sample_csv, cleaning=rules))

        yield read


@pytest.fixture
def clean_sample(read_sample: Callable[[bool], CleanOrders]) -> Iterator[CleanOrders]:
    """Return the sample as the program cleans it, read once for all tests."""
    from stages import lent

    with lent(read_sample(False)) as clean:
        yield clean


@pytest.fixture
def unpaired_sample(read_sample: Callable[[bool], CleanOrders]) -> Iterator[CleanOrders]:
    """Return the sample with the orders that were reversed, read once for all tests."""
    from stages import lent

    with lent(read_sample(True)) as clean:
        yield clean


@pytest.fixture(scope="session")
def told_sample(sample_csv: Path) -> Iterator[Told]:
    """Return the report of the sample with the figures of its departments, for all tests."""
    from shops import told_of

    with told_of(sample_csv, report={"currency": "GBP"}) as told:
        yield told


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for the reference data, directly or through another fixture."""
    for item in items:
        if "shared_dir" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.needs_shared)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Turn a skip into a failure in CI, unless only the optional reference data is missing."""
    report = yield
    if item.get_closest_marker("needs_shared") is None or SHARED_DIR.is_dir():
        _fail_skipped_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """Turn the skip of a whole file into a failure in CI."""
    report = yield
    _fail_skipped_in_ci(report)
    return report


def _fail_skipped_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    # An expected failure is reported as skipped too, and stays what it is.
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        *_, reason = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, but in CI nothing may be missing: {reason}"
