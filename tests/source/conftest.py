"""An engine for the tests of one module."""

from __future__ import annotations

import pytest
from stages import ENGINE

from rfmreport.source import reading


@pytest.fixture(scope="module")
def engine():
    with reading.open_engine(ENGINE) as opened:
        yield opened
