"""How good a list of found documents is. Pure."""

from collections.abc import Mapping, Sequence
from math import log2


def ndcg(found: Sequence[int], relevant: Mapping[int, int], most: int = 10) -> float:
    """Gain of the first `most` found, each less the farther down it stands, as a share of the best there could be.

    Source: K. Järvelin, J. Kekäläinen, ACM TOIS 20 (2002), p. 422; 0.0 to 1.0.
    """
    best = _gain(sorted(relevant.values(), reverse=True)[:most])
    return _gain([relevant.get(each, 0) for each in found[:most]]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(place + 1) for place, grade in enumerate(grades, 1))


def recall(found: Sequence[int], relevant: Mapping[int, int], most: int = 20) -> float:
    """How many of the relevant are among the first `most` found: 0.0 to 1.0."""
    return len(relevant.keys() & set(found[:most])) / len(relevant)
