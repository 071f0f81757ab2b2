"""Ranks by votes."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from forum.kit.scores import confidence

votes = integers(min_value=0, max_value=10_000_000)


@pytest.mark.parametrize(("ups", "downs", "score"), [(1, 0, 0.378), (90, 10, 0.855), (0, 0, 0.0), (0, 5, 0.0)])
def test_a_score_is_the_lower_end_of_wilsons_interval(ups, downs, score):
    assert confidence(ups, downs) == pytest.approx(score, abs=0.0005)


def test_one_of_one_ranks_below_ninety_of_a_hundred():
    assert confidence(1, 0) < confidence(90, 10)


@given(votes, votes)
def test_a_score_lies_between_nought_and_the_share_of_ups(ups, downs):
    assert 0.0 <= confidence(ups, downs) <= ups / max(ups + downs, 1) + 1e-12


@given(votes, votes)
def test_one_more_up_never_lowers_a_score(ups, downs):
    assert confidence(ups + 1, downs) >= confidence(ups, downs)
