"""Handles: what @mentions and /people/… call a member, made of the name."""

import re
from collections.abc import Iterator, Sequence
from itertools import count

from forum.kit.db import Database, rows, run
from forum.kit.text import plain_letters

NOT_LETTERS = re.compile(r"[^a-z0-9]+")
RESERVED = frozenset({"requests", "invitations"})  # what /people/… means already
DIGITS = "0123456789"


async def free_handles(db: Database, names: Sequence[str]) -> list[str]:
    """A handle for each name that nobody has: maya.okafor, then maya.okafor2. Concurrent callers queue up."""
    await wait_for_turn(db)
    stems = [handle_of(name) for name in names]
    taken = {*RESERVED, *await _taken(db, stems)}
    numbered = {stem: _numbered(stem) for stem in stems}
    handles = []
    for stem in stems:
        handle = next(each for each in numbered[stem] if each not in taken)
        taken.add(handle)
        handles.append(handle)
    return handles


async def wait_for_turn(db: Database) -> None:
    """Until the transaction ends nobody else makes members' handles."""
    await run(db, "SELECT pg_advisory_xact_lock(hashtext('member.handle'))")


async def _taken(db: Database, stems: Sequence[str]) -> list[str]:
    found = await rows(
        db,
        """
        SELECT m.handle FROM member m
        WHERE rtrim(m.handle, '0123456789') = ANY(CAST(:stems AS text[]))
        """,
        stems=[stem.rstrip(DIGITS) for stem in stems],
    )
    return [row["handle"] for row in found]


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}{number}" for number in count(2))


def handle_of(name: str) -> str:
    """`name` in plain letters with dots: "Zoë van Dijk" → "zoe.van.dijk"; "member" where nothing is left."""
    stem = NOT_LETTERS.sub(".", plain_letters(name)).strip(".")[:30].strip(".")
    return stem if len(stem) > 1 else f"member.{stem}".strip(".")
