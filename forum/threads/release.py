"""What a moderator lets through becomes a post as its author had sent it, or as the moderator changed it."""

from dataclasses import replace

from forum.kit import outbox
from forum.kit.db import Database
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries as members
from forum.members.types import Actor
from forum.threads import commands, hold, queries
from forum.threads.hold import HeldPost
from forum.threads.types import ReplyDraft, ThreadDraft


async def publish(db: Database, actor: Actor, held_id: int, *, title: str = "", body: str = "") -> HeldPost:
    """Post what waits, in its author's name and with the rights its author has now. Returns it as it waited.

    title, body: the moderator's wording where it is another. Raises NotFound when it does not wait for `actor`,
    Invalid when its author may not post it any more or the wording will not do.
    """
    async with db.transaction():
        held = await hold.waiting_to_decide(db, actor, held_id)
        changed = replace(held, title=title or held.title, body=body or held.body)
        try:
            thread_id = await _post(db, await members.actor(db, held.author_id), changed)
        except Forbidden as refusal:
            raise Invalid(form=f"Its author may not post this now. {refusal.reason} Reject it instead.") from None
        except NotFound:
            raise Invalid(form="Its author cannot post there anymore. Reject it instead.") from None
        await hold.settle(db, held_id, outcome="published")
        await outbox.emit(db, "hold.published", held_id=held_id, thread_id=thread_id)
    return held


async def _post(db: Database, author: Actor, held: HeldPost) -> int:
    if held.thread_id is not None:
        spot = await queries.merged(db, author, held.thread_id)  # it may have become part of another thread meanwhile
        thread_id = spot.id if spot else held.thread_id
        await commands.reply(db, author, thread_id, ReplyDraft(held.body, held.client_key), is_approved=True)
        return thread_id
    draft = ThreadDraft(
        category=held.category_slug,
        kind=held.kind,
        title=held.title,
        body=held.body,
        topics=held.topics,
        client_key=held.client_key,
        keeps_vendors_out=held.keeps_vendors_out,
    )
    return await commands.start(db, author, draft, is_approved=True)


async def refuse(db: Database, actor: Actor, held_id: int, reason: str) -> HeldPost:
    """Say no; its author keeps the text, with the reason. Raises NotFound when it does not wait for `actor`."""
    async with db.transaction():
        held = await hold.waiting_to_decide(db, actor, held_id)
        await hold.settle(db, held_id, outcome="refused", reason=reason)
    return held
