"""What is like a title, for whoever asks from below: threads beside a thread, under a new question, of a product."""

from collections.abc import Sequence

from forum.kit.tools import Tools
from forum.members.types import Actor
from forum.search.engines import ranked
from forum.search.resolving import scope_of
from forum.search.types import Limits, Sought, Word
from forum.search.words import words_of

MOST_WORDS = 24


async def alike(
    tools: Tools, title: str, *, actor: Actor, besides: int = 0, product_id: int = 0, most: int = 24
) -> Sequence[int]:
    """Ids of up to `most` threads like `title`, most alike first: threads.similar.Alike, once it has its tools."""
    sought = Sought(
        words=() if product_id else tuple(Word(word) for word in words_of(title)[:MOST_WORDS]),
        scope=await scope_of(tools.db, actor),
        kinds=("post",),
        limits=Limits(product_ids=(product_id,) if product_id else ()),
        needs_all=False,
        most=most,
        besides=besides,
    )
    if not (sought.words or product_id):
        return []
    (keys,), _ = await ranked(tools, [sought])
    return [key.group for key in keys]
