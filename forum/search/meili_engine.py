"""Meilisearch as an engine: what a reader seeks as one of its questions, its answer as ranked keys."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import Any

from forum.kit.meili import Down, Meili
from forum.search.meili_documents import key_named
from forum.search.ranking import LITTLE_WORDS, QUESTION_WORDS, SHORT
from forum.search.types import Key, Limits, Scope, Sought, Word

INDEX = "staffroom"
NOT_IN_WORDS = re.compile(r'[\x00-\x20\x7f"\ud800-\udfff]+')  # what would end a phrase, or is no character
LONGEST = 200  # characters of one word or phrase: beyond a thousand tokens Meilisearch reads no further
PLAIN = re.compile(r"[A-Za-z0-9 _.-]")


async def ranked(meili: Meili, sought: Sequence[Sought], *, index: str = INDEX) -> list[list[Key]]:
    """For each question up to `most` keys, best first, in one request.

    Raises Down, also when the answer makes no sense, or Rejected, as when there is no index.
    """
    if not sought:
        return []
    answer = await meili.ask("/multi-search", {"queries": [question(each, index) for each in sought]})
    try:
        return [[_key(hit) for hit in result["hits"]] for result in answer["results"]]
    except (LookupError, TypeError, ValueError) as error:
        raise Down("the answer makes no sense") from error


def _key(hit: dict[str, Any]) -> Key:
    return key_named(hit["id"], int(hit["group"]))


def question(sought: Sought, index: str = INDEX) -> dict[str, object]:
    """One query of a multi-search: words, filter, and how many ids."""
    words = in_query_syntax(sought.words)
    asked: dict[str, object] = {
        "indexUid": index,
        "q": words,
        "filter": filters(sought),
        "limit": sought.most,
        "attributesToRetrieve": ["id", "group"],
        "matchingStrategy": "all" if sought.needs_all else "frequency",
    }
    return asked if words.strip() else asked | {"sort": ["at:desc"]}


def in_query_syntax(words: Iterable[Word]) -> str:
    """The words as Meilisearch reads them: phrases in quotes, what is left out behind a minus.

    What is left out comes first, as only ten words are heeded. The last word is taken for a beginning, unless a space
    follows.
    """
    words = list(words)
    left_out = [f'-"{text}"' for text in (_text(word.text) for word in words if word.is_left_out) if text]
    phrases = [f'"{text}"' for text in (_text(word.text) for word in words if _is_phrase(word)) if text]
    plain = _telling([word for word in words if not (word.is_left_out or word.is_phrase)], are_all=not phrases)
    whole = [_without_minus(word.text) for word in plain if not word.is_begun]
    begun = [_without_minus(word.text) for word in plain if word.is_begun]
    asked = " ".join(part for part in (*left_out, *phrases, *whole, *begun) if part)
    return asked if any(begun) else asked + " "


def _is_phrase(word: Word) -> bool:
    return word.is_phrase and not word.is_left_out


def _telling(words: list[Word], *, are_all: bool) -> list[Word]:
    """Those that say what is meant; `are_all`: there is nothing beside them, so some must stay."""
    silent = QUESTION_WORDS | LITTLE_WORDS if len(words) > SHORT else QUESTION_WORDS
    telling = [word for word in words if word.text.lower() not in silent]
    return telling if telling or not are_all else words


def _text(text: str) -> str:
    """One line without quotes, also none that Meilisearch would make of other characters."""
    return NOT_IN_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST])).strip()


def _without_minus(text: str) -> str:
    """Its parts, none of which begins with a dash, which would leave it out."""
    parts = (part.lstrip("-‐‑‒–—―−") for part in _text(text).split())
    return " ".join(part for part in parts if part)


def filters(sought: Sought) -> list[str]:
    """Conditions that all hold: what the reader may find at all, and what it is limited to."""
    found = [_among("kind", sought.kinds)]
    if sought.besides:
        found.append(f"group != {sought.besides:d}")
    return [*found, *_of_scope(sought.scope), *_of_limits(sought.limits)]


def _of_scope(scope: Scope | None) -> list[str]:
    if scope is None:
        return []
    return [_among("category_id", scope.category_ids), _among("audiences", scope.audiences)]


def _of_limits(limits: Limits) -> list[str]:
    lists: dict[str, Sequence[int | str]] = {
        "category_id": limits.category_ids,
        "topics": limits.topics,
        "author_id": limits.author_ids,
        "product_ids": limits.product_ids,
        "kinds": limits.kinds,
    }
    found = [_among(field, values) for field, values in lists.items() if values]
    if limits.is_answered is not None:
        found.append(f"is_answered = {str(limits.is_answered).lower()}")
    if limits.after is not None:
        found.append(f"at >= {int(datetime.combine(limits.after, time(), UTC).timestamp())}")
    return found


def _among(field: str, values: Sequence[int | str]) -> str:
    """One condition; with no value nothing fulfils it."""
    return f"{field} IN [{', '.join(_value(value) for value in values)}]"


def _value(value: int | str) -> str:
    """A value of a filter that stays one: but for plain letters and digits, each character is written as its number."""
    if isinstance(value, int):
        return f"{value:d}"
    return '"' + "".join(char if PLAIN.fullmatch(char) else f"\\u{{{ord(char):x}}}" for char in value) + '"'
