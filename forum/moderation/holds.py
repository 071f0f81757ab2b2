"""Held posts as a kind of the queue: first posts where a category wants to see them, and watched words."""

from collections.abc import Mapping, Sequence

from forum.audit import commands as audit
from forum.audit.types import Act, Entry
from forum.kit.db import Database
from forum.members.types import Actor
from forum.moderation.types import Card, Decision, Deed, Kind, Ruling
from forum.threads import hold, release
from forum.threads.hold import HeldPost

WHY = {"first": "first post in this category", "word": "holds a watched word"}


async def cards(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """What waits in the categories `actor` moderates."""
    return [_card(held) for held in await hold.waiting(db, actor, list(ids))]


def _card(held: HeldPost) -> Card:
    return Card(
        subject_id=held.id,
        heading=held.thread_title or held.title,
        text=held.body,
        created_at=held.created_at,
        path=f"/t/{held.thread_id}" if held.thread_id else "",
        author_id=held.author_id,
        author_name=held.author_name,
        author_handle=held.author_handle,
        lines=tuple(
            line
            for line in (
                held.category_name,
                "a reply" if held.thread_id else f"a new {held.kind}",
                WHY[held.why],
                held.topics,
                *held.beside.splitlines(),
            )
            if line
        ),
        is_editable=True,
        title="" if held.thread_id else held.title,
    )


async def places(db: Database, ids: Sequence[int]) -> Mapping[int, int | None]:
    """The category each goes to."""
    return {**await hold.places(db, list(ids))}


async def publish(db: Database, actor: Actor, held_id: int, ruling: Ruling) -> Decision:
    """It becomes a post, in the moderator's words where they changed them. Raises NotFound, Invalid."""
    async with db.transaction():
        held = await release.publish(db, actor, held_id, title=ruling.title, body=ruling.text)
        is_edited = ruling.text not in ("", held.body) or ruling.title not in ("", held.title)
        after = {"outcome": "published", "is_edited": is_edited}
        entry_id = await audit.record(db, actor.id, _act("hold.published", held, after))
    opening = f"{_named(held)} is there now for all who may read it."
    edited = "\n\nA moderator changed its wording before." if is_edited else ""
    return Decision(entry_id, "published", opening + edited, may_undo=False)


async def refuse(db: Database, actor: Actor, held_id: int, ruling: Ruling) -> Decision:
    """It does not become a post; its author keeps the text under Drafts, with the reason. Raises NotFound."""
    async with db.transaction():
        held = await release.refuse(db, actor, held_id, ruling.letter)
        act = _act("hold.refused", held, {"outcome": "refused"}, ruling.reason)
        entry_id = await audit.record(db, actor.id, act)
    opening = f"{_named(held)} was not published by a moderator."
    return Decision(entry_id, "not published", f"{opening}\n\n{ruling.letter}\n\nYour text is kept under Drafts.")


def _named(held: HeldPost) -> str:
    """By what its author typed: what the thread is called now may not be theirs to know."""
    return f"Your post “{held.title}”" if held.title else "Your reply"


def _act(name: str, held: HeldPost, after: Mapping[str, object], reason: str = "") -> Act:
    return Act(name, "held_post", held.id, held.category_id, after=after, reason=reason)


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Take `refuse` back: it waits again. Returns where. Raises NotFound."""
    await hold.wait_again(db, actor, entry.subject_id)
    return "/moderation"


KIND = Kind(
    "hold",
    "Held posts",
    cards,
    places,
    {"approve": Deed("Approve", publish), "reject": Deed("Reject", refuse, True)},
    letter_about="Your post",
    letter_path="/drafts",
)
