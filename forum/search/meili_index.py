"""The index in Meilisearch: made, filled, replaced by a new one, read back. Whatever is written is a task for later."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from forum.kit.meili import Meili, Rejected
from forum.search.meili_documents import MOST_IN_A_BATCH, batches
from forum.search.meili_engine import INDEX
from forum.search.ranking import MEILI_SETTINGS
from forum.search.types import Document, Key

FRESH = "staffroom_fresh"  # a new index while it is filled
NAMES_AT_ONCE = 5000
FIRST_WAIT, LONGEST_WAIT = 0.005, 0.5  # seconds between looks at a task
SECONDS = 60.0

Groups = Iterable[Sequence[str]]  # of terms that mean the same


class Failed(Exception):
    """A task came to nothing; `code` is Meilisearch's word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def put(meili: Meili, documents: Iterable[Document], *, index: str = INDEX) -> list[int]:
    """Add these documents, or replace those of the same keys. Returns tasks for `finished`. Raises Down, Rejected."""
    path = f"/indexes/{index}/documents"
    return [await _task(meili, "POST", path, batch) for batch in batches(documents)]


async def remove(meili: Meili, keys: Iterable[Key], *, index: str = INDEX) -> list[int]:
    """Take the documents of these keys away; those that are not there do not matter. Returns the tasks."""
    left, path = iter(keys), f"/indexes/{index}/documents/delete-batch"
    tasks = []
    while names := [key.name for key in islice(left, MOST_IN_A_BATCH)]:
        tasks.append(await _task(meili, "POST", path, names))
    return tasks


async def finished(
    meili: Meili,
    tasks: Iterable[int],
    *,
    seconds: float = SECONDS,
    but: tuple[str, ...] = (),
    pause: Callable[[float], Any] = asyncio.sleep,
) -> None:
    """Wait until the tasks are done, at most so many seconds for all.

    Raises Failed with the code of the first that came to nothing, unless it is one of `but`; TimeoutError, Down.
    """
    async with asyncio.timeout(seconds):
        for task in tasks:
            code = await _code(meili, task, pause)
            if code and code not in but:
                raise Failed(code)


async def _code(meili: Meili, task: int, pause: Callable[[float], Any]) -> str:
    """Why the task failed, "" when it did not; only once it has ended."""
    wait = FIRST_WAIT
    while True:
        told = await meili.tell("GET", f"/tasks/{task}")
        if told["status"] == "succeeded":
            return ""
        if told["status"] in ("failed", "canceled"):
            return str((told.get("error") or {}).get("code") or told["status"])
        await pause(wait)
        wait = min(wait * 1.5, LONGEST_WAIT)


async def prepare(meili: Meili, index: str, groups: Groups) -> None:
    """An empty index of that name with all settings, instead of any that there was. Raises Failed, Down, Rejected."""
    await drop(meili, index)
    await finished(
        meili,
        [
            await _task(meili, "POST", "/indexes", {"uid": index, "primaryKey": "id"}),
            await _task(meili, "PATCH", f"/indexes/{index}/settings", MEILI_SETTINGS | {"synonyms": synonyms(groups)}),
        ],
    )


async def drop(meili: Meili, index: str) -> None:
    """No index of that name any more."""
    await finished(meili, [await _task(meili, "DELETE", f"/indexes/{index}")], but=("index_not_found",))


async def swap(meili: Meili, fresh: str = FRESH, *, index: str = INDEX) -> None:
    """Let searches go through the fresh index from now on, with no gap, and throw the old one away."""
    made = [await _task(meili, "POST", "/indexes", {"uid": index, "primaryKey": "id"})]
    await finished(meili, made, but=("index_already_exists",))
    await finished(meili, [await _task(meili, "POST", "/swap-indexes", [{"indexes": [index, fresh]}])])
    await drop(meili, fresh)


async def set_synonyms(meili: Meili, groups: Groups, *, index: str = INDEX) -> None:
    """Let these terms, and no others, find those of their groups as well. Raises Failed, Down, Rejected."""
    await finished(meili, [await _task(meili, "PUT", f"/indexes/{index}/settings/synonyms", synonyms(groups))])


async def unlike(meili: Meili, *, index: str = INDEX) -> list[str] | None:
    """The names of the settings that the index has otherwise than this version of the forum wants; None without one.

    One that documents were sent to after it was lost has none of them: Meilisearch makes it by itself, for anybody to
    read, as no field can be filtered by. Raises Down, Rejected.
    """
    try:
        told = await meili.tell("GET", f"/indexes/{index}/settings")
    except Rejected as refusal:
        if refusal.code == "index_not_found":
            return None
        raise
    return [name for name, wanted in MEILI_SETTINGS.items() if not _alike(wanted, told.get(name))]


async def is_there(meili: Meili, *, index: str = INDEX) -> bool:
    """Whether there is an index with the settings that this version of the forum wants. Raises Down, Rejected."""
    return await unlike(meili, index=index) == []


def _alike(wanted: object, told: object) -> bool:
    """Whether what is wanted is told, whatever stands beside it."""
    if isinstance(wanted, dict):
        return isinstance(told, dict) and all(_alike(value, told.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(told, list) and len(told) == len(wanted) and all(map(_alike, wanted, told))
    return told == wanted


async def names(meili: Meili, *, index: str = INDEX) -> AsyncIterator[dict[str, str]]:
    """Page by page, the version of each document by the name of its key."""
    offset, total = 0, 1
    while offset < total:
        asked = {"fields": ["id", "version"], "offset": offset, "limit": NAMES_AT_ONCE}
        told = await meili.tell("POST", f"/indexes/{index}/documents/fetch", asked)
        yield {each["id"]: each.get("version", "") for each in told["results"]}
        offset, total = offset + NAMES_AT_ONCE, told["total"]


async def _task(meili: Meili, method: str, path: str, told: object = None) -> int:
    answer = await meili.tell(method, path, told)
    return int(answer["taskUid"])


def synonyms(groups: Groups) -> dict[str, list[str]]:
    """For each term those that are found as well: all of each group it is in, as Meilisearch takes them one way."""
    found: dict[str, set[str]] = {}
    for group in groups:
        for term in group:
            found.setdefault(term, set()).update(group)
    return {term: sorted(others - {term}) for term, others in sorted(found.items())}
