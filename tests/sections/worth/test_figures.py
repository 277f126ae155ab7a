"""Whether chances failed their check: wrong of all together, and of most groups by themselves."""

from __future__ import annotations

from datetime import date

import pytest

from rfmreport.models.intervals import estimate_share
from rfmreport.sections.worth.figures import ReliabilityGroup, Response


def response_of(*groups: tuple[float, int], is_in_sample: bool = False) -> Response:
    """Return chances as they were said of groups of a hundred, and how many of each came."""
    told = tuple(ReliabilityGroup(said, estimate_share(came, 100)) for said, came in groups)
    count = len(groups)
    whole = ReliabilityGroup(
        sum(said for said, _ in groups) / count,
        estimate_share(sum(came for _, came in groups), 100 * count),
    )
    day = date(2011, 9, 11)
    return Response((30, 90), (day,), (), day, told, whole, is_in_sample)


@pytest.mark.parametrize(
    ("groups", "has_failed"),
    [
        (((0.2, 20), (0.5, 52), (0.8, 79)), False),
        (((0.2, 40), (0.5, 70), (0.8, 95)), True),
        (((0.2, 40), (0.5, 50), (0.8, 60)), False),  # right of all together
        (((0.2, 21), (0.5, 51), (0.8, 99)), False),  # wrong of one group
    ],
)
def test_chances_fail_where_all_and_most_groups_are_wrong(groups, has_failed) -> None:
    assert response_of(*groups).has_failed == has_failed
    assert not response_of(*groups, is_in_sample=True).has_failed
