"""What waits for a moderator is no post yet: it lies apart with its draft, seen by its author and staff alone."""

from dataclasses import dataclass
from datetime import datetime

from forum.categories.policy import MODERATED, READABLE, READABLE_THREAD, READER
from forum.kit import outbox
from forum.kit.db import Database, many, one, rows, run, value
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.screening.queries import screening
from forum.threads.types import ThreadDraft

MOST_WAITING = 20
SEEN_FIRST = "A moderator looks at posts with such words first. Write it as a post of its own; it waits for them there."
TOO_MANY = "Twenty of your posts wait for a moderator already. Wait for their word, or take one back under Drafts."


@dataclass(frozen=True)
class HeldPost:
    """A new thread, or a reply to `thread_id`, that waits for a moderator. `why`: "first" or "word"."""

    id: int
    author_id: int
    author_name: str
    author_handle: str
    category_id: int
    category_slug: str
    category_name: str
    thread_id: int | None
    thread_title: str | None
    kind: str
    title: str
    topics: str
    body: str
    client_key: str
    why: str
    outcome: str
    reason: str
    created_at: datetime
    keeps_vendors_out: bool
    beside: str


@dataclass(frozen=True)
class OwnHeld:
    """What its author sees of a held post. `outcome` is "" while it waits, else "refused", with the `reason`."""

    id: int
    title: str
    category_name: str
    thread_title: str
    body: str
    beside: str
    outcome: str
    reason: str
    created_at: datetime

    @property
    def heading(self) -> str:
        return self.title or (f"Reply to “{self.thread_title}”" if self.thread_title else "Reply")


# A held post `h`, with the thread `t` it replies to, the category `c` it goes to now, its author `a`.
HELD_SQL = """
    SELECT h.id, h.author_id, a.name AS author_name, a.handle AS author_handle, c.id AS category_id,
           c.slug AS category_slug, c.name AS category_name, h.thread_id, t.title AS thread_title, h.kind, h.title,
           h.topics, h.body, h.client_key, h.why, h.outcome, h.reason, h.created_at, h.keeps_vendors_out, h.beside
    FROM held_post h
    JOIN member a ON a.id = h.author_id
    LEFT JOIN thread t ON t.id = h.thread_id
    JOIN category c ON c.id = coalesce(t.category_id, h.category_id)
"""
IS_FIRST = """
    SELECT c.holds_first_posts AND NOT EXISTS (
        SELECT 1 FROM post p JOIN thread t ON t.id = p.thread_id
        WHERE p.author_id = :actor_id AND t.category_id = c.id AND p.deleted_at IS NULL AND t.deleted_at IS NULL
    )
    FROM category c
    WHERE c.id = :category_id
"""


async def reason_to_hold(db: Database, actor: Actor, category_id: int, text: str) -> str:
    """Why a moderator sees this text first: "first", "word", or "" for no reason. Raises Invalid for stopped words.

    text: everything that would be shown. Staff of the category wait for nobody.
    """
    if actor.moderates_in(category_id):
        return ""
    found = await screening(db, actor, category_id, text)
    if found.refusal:
        raise Invalid(body=found.refusal)
    if found.is_held:
        return "word"
    is_first = await value(db, IS_FIRST, actor_id=actor.id, category_id=category_id)
    return "first" if is_first else ""


async def screen_edit(db: Database, actor: Actor, category_id: int, before: str, after: str) -> None:
    """Raises Invalid when a change brings in words that stop a post, or that a moderator would look at first."""
    found = await screening(db, actor, category_id, after)
    if not found.refusal and not found.is_held:
        return
    known = await screening(db, actor, category_id, before)
    if found.refusal and not known.refusal:
        raise Invalid(body=found.refusal)
    if found.is_held and not known.is_held:
        raise Invalid(body=SEEN_FIRST)


async def hold(
    db: Database,
    actor: Actor,
    draft: ThreadDraft,
    *,
    category_id: int,
    thread_id: int | None,
    why: str,
    beside: str = "",
) -> int | None:
    """Keep a new thread, or a reply to `thread_id`, for a moderator; twice is once. Returns its id, None the second
    time. Raises Invalid past twenty.

    beside: what is shown of it besides its text, in lines.
    """
    await run(db, "SELECT pg_advisory_xact_lock(hashtext('held_post'), CAST(:id AS int))", id=_lock(actor.id or 0))
    held_id: int | None = await value(
        db,
        """
        INSERT INTO held_post (
            author_id, category_id, thread_id, kind, title, topics, body, client_key, keeps_vendors_out, why, beside
        )
        SELECT :author_id, :category_id, :thread_id, :kind, :title, :topics, :body, :client_key, :keeps_vendors_out,
               :why, :beside
        WHERE (SELECT count(*) FROM held_post h WHERE h.author_id = :author_id AND h.outcome = '') < :most
        ON CONFLICT (author_id, client_key) DO NOTHING
        RETURNING id
        """,
        author_id=actor.id,
        category_id=category_id,
        thread_id=thread_id,
        kind=draft.kind,
        title=draft.title,
        topics=draft.topics,
        body=draft.body,
        client_key=draft.client_key,
        keeps_vendors_out=draft.keeps_vendors_out,
        why=why,
        beside=beside,
        most=MOST_WAITING,
    )
    if held_id is not None:
        await outbox.emit(db, "post.held", held_id=held_id)
    elif not await is_held(db, actor, draft.client_key):
        raise Invalid(body=TOO_MANY)
    return held_id


def _lock(member_id: int) -> int:
    return member_id % 2**31


async def is_held(db: Database, actor: Actor, client_key: str) -> bool:
    """Whether what was sent with that key waits, or waited, for a moderator."""
    found = await value(
        db,
        "SELECT h.id FROM held_post h WHERE h.author_id = :author_id AND h.client_key = :client_key",
        author_id=actor.id,
        client_key=client_key,
    )
    return found is not None


async def own_held(db: Database, actor: Actor) -> list[OwnHeld]:
    """What of `actor`'s waits or was refused, newest first; without names of places they may not read any more."""
    return await many(
        db,
        OwnHeld,
        f"""
        SELECT h.id, h.title, CASE WHEN {READABLE} THEN c.name ELSE '' END AS category_name,
               CASE WHEN {READABLE_THREAD} AND t.deleted_at IS NULL THEN coalesce(t.title, '') ELSE '' END
                   AS thread_title,
               h.body, h.beside, h.outcome, h.reason, h.created_at
        FROM held_post h
        LEFT JOIN thread t ON t.id = h.thread_id
        JOIN category c ON c.id = coalesce(t.category_id, h.category_id)
        {READER}
        WHERE h.author_id = :actor_id AND h.outcome <> 'published'
        ORDER BY h.id DESC
        LIMIT 100
        """,
        actor_id=actor.id,
    )


STAFF_SQL = f"{HELD_SQL} {READER} WHERE {READABLE} AND {MODERATED}"
HELD_FOR_STAFF = f"{STAFF_SQL} AND h.outcome = ''"


async def waiting(db: Database, actor: Actor, held_ids: list[int]) -> list[HeldPost]:
    """Those of `held_ids` that still wait, for staff of the category each goes to."""
    return await many(
        db,
        HeldPost,
        f"{HELD_FOR_STAFF} AND h.id = ANY(CAST(:ids AS bigint[])) ORDER BY h.id LIMIT 100",
        ids=held_ids,
        actor_id=actor.id,
    )


async def waiting_to_decide(db: Database, actor: Actor, held_id: int) -> HeldPost:
    """One that still waits, held until the transaction ends. Raises NotFound."""
    return await one(
        db,
        HeldPost,
        f"{HELD_FOR_STAFF} AND h.id = :held_id FOR NO KEY UPDATE OF h",
        held_id=held_id,
        actor_id=actor.id,
    )


async def wait_again(db: Database, actor: Actor, held_id: int) -> None:
    """What was refused waits once more. Raises NotFound where that is not for `actor` to say."""
    async with db.transaction():
        await one(
            db,
            HeldPost,
            f"{STAFF_SQL} AND h.id = :held_id AND h.outcome = 'refused' FOR NO KEY UPDATE OF h",
            held_id=held_id,
            actor_id=actor.id,
        )
        await settle(db, held_id, outcome="")


async def places(db: Database, held_ids: list[int]) -> dict[int, int]:
    """The category each of those that still wait goes to."""
    found = await rows(
        db,
        """
        SELECT h.id, coalesce(t.category_id, h.category_id) AS category_id
        FROM held_post h LEFT JOIN thread t ON t.id = h.thread_id
        WHERE h.id = ANY(CAST(:ids AS bigint[])) AND h.outcome = ''
        """,
        ids=held_ids,
    )
    return {row["id"]: row["category_id"] for row in found}


async def withdraw(db: Database, actor: Actor, held_id: int) -> None:
    """The author takes back what waits, or clears away what was refused; twice is once."""
    async with db.transaction():
        gone = await run(
            db,
            "DELETE FROM held_post WHERE id = :held_id AND author_id = :author_id AND outcome <> 'published'",
            held_id=held_id,
            author_id=actor.id,
        )
        if gone:
            await outbox.emit(db, "hold.ended", held_id=held_id)


async def settle(db: Database, held_id: int, *, outcome: str, reason: str = "") -> None:
    """Write down what became of it: "published", "refused", or "" when it waits again. For the staff rooms."""
    await run(
        db,
        """
        UPDATE held_post
        SET outcome = :outcome, reason = :reason, decided_at = CASE WHEN :outcome = '' THEN NULL ELSE now() END
        WHERE id = :held_id
        """,
        held_id=held_id,
        outcome=outcome,
        reason=reason,
    )
