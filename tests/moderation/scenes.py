"""What tests of moderation begin with: flags, held posts, items of the queue."""

from dataclasses import replace
from itertools import count

from forum.kit.db import run, value
from forum.moderation import flags
from forum.moderation.types import FlagDraft, Ruling
from forum.threads import commands as threads
from forum.threads.types import ReplyDraft, ThreadDraft
from forum.wiring import QUEUE
from tests.factories import a_category, a_member

KINDS = {kind.name: kind for kind in QUEUE}
NO = Ruling("Rude", "Please write it again.")
YES = Ruling()
_n = count(1)


async def a_holding_category(db, **fields) -> str:
    """A category where a member's first post waits."""
    slug = await a_category(db, **fields)
    await run(db, "UPDATE category SET holds_first_posts = true WHERE slug = :slug", slug=slug)
    return slug


async def an_admin(db):
    """An administrator who has shown a second factor."""
    return replace(await a_member(db, role="admin"), has_second_factor=True)


async def a_neighbour(db, **fields):
    """A member from a district of their own."""
    district = await value(
        db, "INSERT INTO district (name) VALUES (:name) RETURNING id", name=f"District of test {next(_n)}"
    )
    return await a_member(db, district_id=district, **fields)


async def flag_it(db, post_id, *people, reason="rude", note=""):
    for person in people or [await a_member(db)]:
        await flags.flag(db, person, post_id, FlagDraft(reason, note))


async def a_held_thread(db, *, author=None, category=None, title="A first question of mine", body="Hello, all.") -> int:
    """A thread that waits; returns the id of the held post."""
    category = category or await a_holding_category(db)
    draft = ThreadDraft(category, "question", title, body, "", f"held-{next(_n)}")
    assert await threads.start(db, author or await a_member(db), draft) == 0
    return await value(db, "SELECT max(id) FROM held_post")


async def a_held_reply(db, thread_id, *, author=None, body="Me too.") -> int:
    assert await threads.reply(db, author or await a_member(db), thread_id, ReplyDraft(body, f"held-{next(_n)}")) == 0
    return await value(db, "SELECT max(id) FROM held_post")


async def item_id(db, kind=None) -> int:
    """The newest item of the queue."""
    return await value(db, "SELECT max(id) FROM queue_item WHERE kind = coalesce(CAST(:kind AS text), kind)", kind=kind)
