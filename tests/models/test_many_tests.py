"""Many tests at once: the procedure of the paper."""

from __future__ import annotations

import numpy as np
import pytest

from rfmreport.models.intervals import highest_significant, one_sided, two_sided


def test_the_correction_is_that_of_the_paper() -> None:
    """The fifteen p-values of Benjamini and Hochberg (1995), page 296: four are significant."""
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert highest_significant(np.array(p_values), 0.05) == 0.0095
    assert highest_significant(np.array([0.06, 0.9]), 0.05) == -1.0
    assert highest_significant(np.array([]), 0.05) == -1.0


def test_the_two_sided_chance_is_that_of_the_normal_distribution() -> None:
    assert two_sided(-1.959963984540054) == pytest.approx(0.05)
    assert two_sided(0.0) == 1.0


def test_the_one_sided_chance_looks_upwards_only() -> None:
    assert one_sided(1.644853626951472) == pytest.approx(0.05)
    assert one_sided(-1.644853626951472) == pytest.approx(0.95)
