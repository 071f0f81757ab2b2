"""Searching, from what was typed to what is shown: the engine ranks, the database says what the reader may see."""

from forum.kit.tools import Tools
from forum.members.types import Actor
from forum.search.found_types import Instant, Results, Typed


async def find(tools: Tools, actor: Actor, typed: Typed, *, page: int = 1) -> Results:
    """A page of 20 of what `actor` may read and `typed` asks for, best first; pages begin with 1."""
    return Results(typed)


async def find_instantly(tools: Tools, actor: Actor, typed: Typed) -> Instant:
    """The best few of each sort, for somebody who is still typing: up to 6 threads, 4 products, 3 people, 3 topics."""
    return Instant(typed)
