"""Searches that wait for what is written next: a question asked once is asked of each new document instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from forum.kit.db import Database
from forum.members.types import Actor
from forum.search.candidates import in_text
from forum.search.found_types import Typed
from forum.search.parsing import parse
from forum.search.postgres_engine import exact_parts
from forum.search.resolving import limits_of, scope_of
from forum.search.synonyms import synonym_groups
from forum.search.tags import HEAD, all_of, one_of, quoted, wanted_by
from forum.search.types import Limits
from forum.search.vocabulary import Term, terms

POSTS = "#dpost"
MOST_NEEDED = 200


@dataclass(frozen=True)
class Watch:
    """What a document must answer: sought, a tsquery as text. needs: lexemes of which each such document holds one.

    after: only what was written since then.
    """

    sought: str
    needs: tuple[str, ...]
    after: date | None


async def watch(db: Database, actor: Actor, text: str) -> Watch | None:
    """How posts that `actor` would find by this text are recognised; None where no post ever is.

    What its words and names stand for is looked up now, by what `actor` may know. Words are meant as they are written,
    also by their synonyms, but no typing errors: what is new is not yet among the words that are known. Without words,
    threads are meant and not each reply, as in results. Rights are asked of whoever is told.
    """
    typed = parse(text)
    limits, _ = await limits_of(db, actor, typed.filters)
    meant = [replace(word, is_phrase=True) for word in typed.words]
    circle = (await scope_of(db, actor)).circle
    found = await terms(db, circle, meant, await synonym_groups(db))
    is_nothing = not typed.words and not typed.filters
    if is_nothing or (not found and any(not word.is_left_out for word in typed.words)):
        return None
    wanted = wanted_by(limits)
    parts = [*map(in_text, found), *await _exact(db, typed), *map(one_of, wanted), quoted(POSTS)]
    if _means_threads(typed, limits):
        parts.append(quoted(HEAD))
    return Watch(all_of(parts), _needs(found, wanted), limits.after)


async def _exact(db: Database, typed: Typed) -> list[str]:
    phrases = [word.text for word in typed.words if word.is_phrase and not word.is_left_out]
    left_out = [word.text for word in typed.words if word.is_left_out]
    return [*await exact_parts(db, phrases), *(f"!{part}" for part in await exact_parts(db, left_out))]


def _means_threads(typed: Typed, limits: Limits) -> bool:
    return not limits.may_mean_replies and all(word.is_left_out for word in typed.words)


def _needs(found: Sequence[Term], wanted: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Of the parts that are all required, the one that leaves the fewest documents."""
    groups = [_lexemes(term) for term in sorted(found, key=lambda term: term.documents)]
    return next((tuple(group) for group in [*groups, *wanted] if len(group) <= MOST_NEEDED), (POSTS,))


def _lexemes(term: Term) -> list[str]:
    return [stem.lexeme for stem in (*term.stems, *(phrase[0] for phrase in term.phrases))]
