"""Ranks by votes: how far a few votes can be trusted."""

from math import sqrt

Z = 1.2815515655446004  # of a normal distribution, 80 % lie within ± this many deviations


def confidence(ups: int, downs: int) -> float:
    """How sure we are that a post is liked: 0.0 (no votes, or disliked) to 1.0.

    ups, downs: counts, at least 0. The lower end of Wilson's interval at 80 %, so
    1 of 1 ranks below 90 of 100. Source: E. B. Wilson, JASA 22 (1927), p. 209.
    """
    votes = ups + downs
    if ups == 0:
        return 0.0
    share = ups / votes
    margin = Z * sqrt((share * (1 - share) + Z * Z / (4 * votes)) / votes)
    return (share + Z * Z / (2 * votes) - margin) / (1 + Z * Z / votes)
