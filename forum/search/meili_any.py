"""Where any of the words will do: each is asked for by itself, and what is found counts together.

Meilisearch itself would drop one word after the other until something is left, and then find only what holds all that
are left; on judged collections that finds two thirds to half of what this does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from forum.search.meili_words import telling
from forum.search.ranking import ANY_FOUND, ANY_LAST, ANY_WORDS
from forum.search.types import Key, Sought


@dataclass(frozen=True)
class Found:
    """What one query found: how many there are, and the keys of the first of them."""

    count: int
    keys: Sequence[Key]


def one_by_one(sought: Sought) -> list[Sought]:
    """The question itself or, where any word will do, how many there are at all and then one question for each word.

    Of many words the longest, as they are the rarest; those left out are left out of each.
    """
    left_out = [word for word in sought.words if word.is_left_out]
    words = telling([word for word in sought.words if not word.is_left_out])
    if sought.needs_all or len(words) < 2:
        return [sought]
    asked = sorted(dict.fromkeys(words), key=lambda word: -len(word.text))[:ANY_WORDS]
    all_of_them = replace(sought, words=(), most=0)
    return [all_of_them, *(replace(sought, words=(*left_out, word), most=ANY_FOUND) for word in asked)]


def counted_together(found: Sequence[Found]) -> list[Key]:
    """The keys of one answer as they are; of several, each group once, with more and rarer words first.

    A word counts by its rarity, as in BM25, and the less the later it found something. The key of a group is the one
    for which a single word spoke most.
    """
    if len(found) == 1:
        return list(found[0].keys)
    total, *by_word = found
    sums: dict[str | int, float] = {}
    best: dict[str | int, tuple[float, Key]] = {}
    for each in by_word:
        rarity = math.log(1 + (max(total.count - each.count, 0) + 0.5) / (each.count + 0.5))
        for place, key in enumerate(each.keys):
            weight = rarity * (1 - (1 - ANY_LAST) * place / ANY_FOUND)
            group = key.group or key.name
            sums[group] = sums.get(group, 0) + weight
            best[group] = max(best.get(group, (0.0, key)), (weight, key), key=lambda one: one[0])
    return [best[group][1] for group in sorted(sums, key=lambda group: -sums[group])]
