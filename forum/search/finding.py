"""Searching, from what was typed to what is shown: an engine ranks, the database says what the reader may see.

Everything that is shown or counted was loaded by the reader's own rights: an engine that is behind can make a result
less good, and never tell of something.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from forum.kit.db import Database
from forum.kit.tools import Tools
from forum.members.types import Actor
from forum.search import ranking
from forum.search.engines import ranked
from forum.search.found_types import Facet, Filter, Hit, Instant, Results, Section, Typed
from forum.search.kinds import KINDS
from forum.search.marking import marked
from forum.search.parsing import search_path, with_filter, without
from forum.search.resolving import limits_of, scope_of
from forum.search.types import Key, Sought, Word
from forum.search.words import words_of

HITS_A_PAGE = 20
# More is asked for than is counted: some of it may be gone, or a topic of threads that are not for the reader, which no
# engine knows of; by a count that is cut short one could tell.
MOST_COUNTED, MOST_ASKED = 100, 130
MOST_FACETS = 8
DATED = ("post",)  # only what has a day can be after one
# What a key typed brings: the heading, of which kinds, how many, and how many are asked for.
SECTIONS = (
    ("Threads", ("post",), 6, 18),
    ("Products", ("product", "vendor"), 4, 12),
    ("People", ("person",), 3, 9),
    ("Topics", ("topic",), 3, 100),
)
# The word of the filter `kind:` for each kind, and what the facet says.
KIND_LABELS = {
    "post": ("thread", "Threads"),
    "product": ("product", "Products"),
    "vendor": ("vendor", "Vendors"),
    "person": ("person", "People"),
    "topic": ("topic", "Topics"),
}

Found = Sequence[tuple[Key, Hit]]


async def find(tools: Tools, actor: Actor, typed: Typed, *, page: int = 1) -> Results:
    """A page of 20 of what `actor` may read and `typed` asks for, best first; pages begin with 1."""
    if not typed.words and not typed.filters:
        return Results(typed)
    limits, problems = await limits_of(tools.db, actor, typed.filters)
    kinds = tuple(KINDS) if limits.after is None else DATED
    scope = await scope_of(tools.db, actor)
    sought = Sought(typed.words, scope, kinds, limits, most=MOST_ASKED)
    (answer,), is_simpler = await _answers(tools, actor, [sought])
    found = _exact_titles_first(answer.found, typed.words)[:MOST_COUNTED]
    page = min(page, max(1, -(-len(found) // HITS_A_PAGE)))
    start = (page - 1) * HITS_A_PAGE
    shown = found[start : start + HITS_A_PAGE]
    return Results(
        typed,
        hits=await _with_excerpts(tools.db, scope.circle, typed.words, shown),
        count=len(found),
        with_all=min(answer.with_all, MOST_COUNTED),
        is_capped=answer.with_all > MOST_COUNTED,
        problems=(*typed.problems, *problems),
        chips=tuple((f"{each.name}: {each.value}", search_path(without(typed, each))) for each in typed.filters),
        kinds=_facets(typed, "kind", _kinds_of(found)),
        categories=_facets(typed, "category", _categories_of(found)),
        states=_facets(typed, "is", _states_of(found)),
        older=search_path(typed.text, page + 1) if start + HITS_A_PAGE < len(found) else "",
        newer=search_path(typed.text, page - 1) if page > 1 else "",
        is_simpler=is_simpler,
    )


async def find_instantly(tools: Tools, actor: Actor, typed: Typed) -> Instant:
    """The best few of each sort, for somebody who is still typing: up to 6 threads, 4 products, 3 people, 3 topics."""
    if not typed.words and not typed.filters:
        return Instant(typed)
    limits, problems = await limits_of(tools.db, actor, typed.filters)
    scope = await scope_of(tools.db, actor)
    sections = [each for each in SECTIONS if limits.after is None or each[1] == DATED]
    sought = [Sought(typed.words, scope, kinds, limits, most=asked) for _, kinds, _, asked in sections]
    answers, is_simpler = await _answers(tools, actor, sought)
    shown = [
        _exact_titles_first(answer.found, typed.words)[:most]
        for answer, (_, _, most, _) in zip(answers, sections, strict=True)
    ]
    hits = await _with_excerpts(tools.db, scope.circle, typed.words, [hit for each in shown for hit in each])
    filled: list[Section] = []
    at = 0
    for (name, _, _, _), each in zip(sections, shown, strict=True):
        if each:
            filled.append(Section(name, hits[at : at + len(each)]))
            at += len(each)
    return Instant(typed, tuple(filled), (*typed.problems, *problems), is_simpler)


@dataclass(frozen=True)
class _Answer:
    """What the reader may see of what answers one question. with_all: how many of it hold all the words."""

    found: Found
    with_all: int


async def _answers(tools: Tools, actor: Actor, sought: Sequence[Sought]) -> tuple[list[_Answer], bool]:
    """An answer to each question. Where all the words find next to nothing, what holds some of them follows."""
    keys, is_simpler = await ranked(tools, sought)
    found = await _readable(tools.db, actor, sought, keys)
    answers = [_Answer(each, len(each)) for each in found]
    if sum(map(len, found)) >= ranking.FEWEST or sum(not word.is_left_out for word in sought[0].words) < 2:
        return answers, is_simpler
    some = [replace(each, needs_all=False) for each in sought]
    more, is_simpler = await ranked(tools, some, is_silent=is_simpler)
    added = await _readable(tools.db, actor, sought, more)
    return [
        replace(answer, found=_joined(answer.found, others)) for answer, others in zip(answers, added, strict=True)
    ], is_simpler


def _joined(first: Found, others: Found) -> Found:
    """Both lists, each thing and each thread once."""
    known = {key.once for key, _ in first}
    return [*first, *(pair for pair in others if pair[0].once not in known)]


async def _readable(
    db: Database, actor: Actor, sought: Sequence[Sought], lists: Sequence[Sequence[Key]]
) -> list[Found]:
    """The hits of keys that `actor` may read, in the same order: one query for each kind."""
    by_kind = {
        kind: sorted({key.ref_id for key in keys})
        for kind, keys in groupby(sorted(key for keys in lists for key in keys), key=lambda key: key.kind)
    }
    hits: Mapping[str, Mapping[int, Hit]] = {
        kind: await KINDS[kind].shown(db, actor, ids) for kind, ids in by_kind.items() if kind in KINDS
    }
    return [
        [
            (key, hit)
            for key in keys
            if (hit := hits.get(key.kind, {}).get(key.ref_id)) and _is_by(hit, each.limits.author_ids)
        ]
        for each, keys in zip(sought, lists, strict=True)
    ]


def _is_by(hit: Hit, author_ids: Sequence[int]) -> bool:
    """Whether it is by one of these, where any are given: an engine may not know yet that a name was taken off."""
    return not author_ids or hit.author_id in author_ids


def _exact_titles_first(found: Found, words: Iterable[Word]) -> Found:
    """Whatever is called just as was typed comes first: no engine's weights can be trusted with that."""
    sought = [piece for word in words if not word.is_left_out for piece in words_of(word.text)]
    return sorted(found, key=lambda pair: words_of(pair[1].title) != sought) if sought else found


async def _with_excerpts(db: Database, circle: str, words: Sequence[Word], found: Found) -> tuple[Hit, ...]:
    texts: dict[Key, str] = {}
    for kind in dict.fromkeys(key.kind for key, _ in found):
        of_kind = [key for key, _ in found if key.kind == kind]
        there = await KINDS[kind].texts(db, [key.ref_id for key in of_kind])
        texts.update({key: there.get(key.ref_id, "") for key in of_kind})
    signs = await marked(db, circle, words, [hit.title for _, hit in found], [texts[key] for key, _ in found])
    return tuple(
        replace(hit, title=title, excerpt=excerpt) for (_, hit), (title, excerpt) in zip(found, signs, strict=True)
    )


def _kinds_of(found: Found) -> list[tuple[str, str, int]]:
    """The value of the filter, what it says, and how many: of each sort of thing that was found."""
    counts = Counter(key.kind for key, _ in found)
    return [(*labels, counts[kind]) for kind, labels in KIND_LABELS.items() if counts[kind]]


def _categories_of(found: Found) -> list[tuple[str, str, int]]:
    counts = Counter((hit.category_slug, hit.category_name) for _, hit in found if hit.category_slug)
    return [(slug, name, count) for (slug, name), count in counts.most_common(MOST_FACETS)]


def _states_of(found: Found) -> list[tuple[str, str, int]]:
    answered = sum(hit.is_answered for _, hit in found)
    return [("answered", "Answered", answered)] if answered else []


def _facets(typed: Typed, name: str, values: Sequence[tuple[str, str, int]]) -> tuple[Facet, ...]:
    return tuple(
        Facet(label, count, search_path(_toggled(typed, Filter(name, value))), Filter(name, value) in typed.filters)
        for value, label, count in values
    )


def _toggled(typed: Typed, each: Filter) -> str:
    return without(typed, each) if each in typed.filters else with_filter(typed, each)
