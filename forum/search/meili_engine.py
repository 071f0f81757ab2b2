"""Meilisearch as an engine: what a reader seeks as one of its questions, its answer as ranked keys."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from itertools import accumulate
from typing import Any

from forum.kit.meili import Down, Meili
from forum.search.meili_any import Found, counted_together, one_by_one
from forum.search.meili_documents import key_named
from forum.search.meili_words import in_query_syntax
from forum.search.types import Key, Limits, Scope, Sought

INDEX = "staffroom"
PLAIN = re.compile(r"[A-Za-z0-9 _.-]")


async def ranked(meili: Meili, sought: Sequence[Sought], *, index: str = INDEX) -> list[list[Key]]:
    """For each question up to `most` keys, best first, in one request.

    Raises Down, also when the answer makes no sense, or Rejected, as when there is no index.
    """
    asked = [one_by_one(each) for each in sought]
    queries = [question(part, index) for parts in asked for part in parts]
    if not queries:
        return []
    answer = await meili.ask("/multi-search", {"queries": queries})
    try:
        found = [_found(result) for result in answer["results"]]
    except (LookupError, TypeError, ValueError) as error:
        raise Down("the answer makes no sense") from error
    if len(found) != len(queries):
        raise Down("the answer makes no sense")
    parts = (found[end - len(some) : end] for some, end in zip(asked, accumulate(map(len, asked)), strict=True))
    return [counted_together(part)[: each.most] for each, part in zip(sought, parts, strict=True)]


def _found(result: dict[str, Any]) -> Found:
    return Found(result["estimatedTotalHits"], [key_named(hit["id"], int(hit["group"])) for hit in result["hits"]])


def question(sought: Sought, index: str = INDEX) -> dict[str, object]:
    """One query of a multi-search: words that must all be there, filter, and how many ids."""
    words = in_query_syntax(sought.words)
    asked: dict[str, object] = {
        "indexUid": index,
        "q": words,
        "filter": filters(sought),
        "limit": sought.most,
        "attributesToRetrieve": ["id", "group"],
        "matchingStrategy": "all",
    }
    return asked if words.strip() else asked | {"sort": ["at:desc"]}


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
