"""Flags: members tell moderators about a post; enough of them hide it until one has looked."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from forum.audit import commands as audit
from forum.audit.types import Act, Entry
from forum.categories.policy import MODERATED, READABLE_THREAD, READER
from forum.kit import limits, outbox
from forum.kit.db import Database, first, many, rows, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members.types import Actor
from forum.moderation import policy
from forum.moderation.types import (
    FLAG_REASONS,
    Around,
    Card,
    Decision,
    Deed,
    Flag,
    FlagDraft,
    Kind,
    OwnFlag,
    Report,
    Ruling,
)
from forum.threads import delete, hide, queries
from forum.threads.policy import may_flag
from forum.threads.types import MAX_REASON, PostSource, Thread, slug_of

SEEN = "p.deleted_at IS NULL AND t.deleted_at IS NULL"
MOST_A_DAY = 30
MAX_SHOWN, MAX_AROUND = 4000, 300


async def flag(db: Database, actor: Actor, post_id: int, draft: FlagDraft) -> None:
    """Tell moderators about a post; once more while it waits changes the words. Raises Invalid, NotFound, Forbidden."""
    draft.check()
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        may_flag(actor, thread, post).require()
        await limits.count(db, f"flag {actor.id}", most=MOST_A_DAY, seconds=86_400)
        changed = await run(
            db,
            """
            INSERT INTO post_flag (post_id, member_id, reason, note)
            VALUES (:post_id, :member_id, :reason, :note)
            ON CONFLICT (post_id, member_id) DO UPDATE SET reason = excluded.reason, note = excluded.note
            WHERE post_flag.outcome = ''
            """,
            post_id=post_id,
            member_id=actor.id,
            reason=draft.reason,
            note=draft.note,
        )
        if not changed:
            raise Invalid(reason="A moderator has looked at your flag already.")
        await outbox.emit(db, "post.flagged", post_id=post_id)
        if await _are_enough(db, post_id) and await hide.hide_until_decided(db, post_id):
            await audit.record(db, None, _act("post.hidden_by_flags", post, thread))


def _act(name: str, post: PostSource, thread: Thread, *, was_hidden: bool = False, reason: str = "") -> Act:
    after = {"was_hidden": was_hidden}
    return Act(name, "post", post.id, thread.category_id, after=after, reason=reason)


async def _are_enough(db: Database, post_id: int) -> bool:
    """Whether flags hide the post: from three districts, vendors' not counted; never a post of staff."""
    found: bool = await value(
        db,
        """
        SELECT count(DISTINCT coalesce(m.district_id, 0)) >= :most
        FROM post_flag f
        JOIN member m ON m.id = f.member_id
        JOIN post p ON p.id = f.post_id
        JOIN thread t ON t.id = p.thread_id
        JOIN member a ON a.id = p.author_id
        WHERE f.post_id = :post_id AND f.outcome = '' AND m.role <> 'vendor' AND m.state = 'active'
              AND a.role <> 'admin'
              AND NOT EXISTS (
                  SELECT 1 FROM category_moderator x WHERE x.member_id = a.id AND x.category_id = t.category_id
              )
        """,
        post_id=post_id,
        most=policy.FLAGS_TO_HIDE,
    )
    return found


async def own_flag(db: Database, actor: Actor, post_id: int) -> Flag | None:
    """The actor's own flag of a post."""
    return await first(
        db,
        Flag,
        """
        SELECT f.id, f.reason, f.note, f.outcome, f.created_at
        FROM post_flag f
        WHERE f.post_id = :post_id AND f.member_id = :actor_id
        """,
        post_id=post_id,
        actor_id=actor.id,
    )


async def own_flags(db: Database, actor: Actor) -> list[OwnFlag]:
    """Everything `actor` flagged, newest first."""
    return await many(
        db,
        OwnFlag,
        f"""
        SELECT f.id, f.reason, f.note, f.outcome, f.created_at, f.post_id,
               CASE WHEN {READABLE_THREAD} AND {SEEN} THEN '/p/' || p.id ELSE '' END AS path,
               CASE WHEN {READABLE_THREAD} AND {SEEN} THEN t.title ELSE '' END AS thread_title
        FROM post_flag f
        JOIN post p ON p.id = f.post_id
        JOIN thread t ON t.id = p.thread_id
        JOIN category c ON c.id = t.category_id
        {READER}
        WHERE f.member_id = :actor_id
        ORDER BY f.id DESC
        LIMIT 100
        """,
        actor_id=actor.id,
    )


async def withdraw(db: Database, actor: Actor, flag_id: int) -> None:
    """Take one's own flag back while it waits; with the last one there is nothing left to decide. Twice is once."""
    async with db.transaction():
        await run(db, ITEM_HELD, flag_id=flag_id)
        post_id = await value(
            db,
            "DELETE FROM post_flag WHERE id = :flag_id AND member_id = :actor_id AND outcome = '' RETURNING post_id",
            flag_id=flag_id,
            actor_id=actor.id,
        )
        if post_id and not await value(db, OPEN_FLAGS, post_id=post_id):
            await outbox.emit(db, "flag.withdrawn", post_id=post_id)


ITEM_HELD = """
    SELECT i.id FROM queue_item i
    WHERE i.kind = 'flag' AND i.decided_at IS NULL
          AND i.subject_id = (SELECT f.post_id FROM post_flag f WHERE f.id = :flag_id)
    FOR NO KEY UPDATE
"""
OPEN_FLAGS = "SELECT count(*) FROM post_flag f WHERE f.post_id = :post_id AND f.outcome = ''"


# The kind of the queue


CARDS_SQL = f"""
    SELECT p.id, p.number, t.id AS thread_id, t.title, left(p.source, {MAX_SHOWN}) AS text, p.created_at,
           a.id AS author_id, a.name AS author_name, a.handle AS author_handle, c.name AS category_name,
           coalesce(p.deleted_at, t.deleted_at) IS NOT NULL AS is_hidden,
           ARRAY(SELECT ROW(m.name, m.handle, f.reason, f.note, f.created_at)
                 FROM post_flag f JOIN member m ON m.id = f.member_id
                 WHERE f.post_id = p.id AND f.outcome = '' ORDER BY f.id) AS reports,
           ARRAY(SELECT ROW(o.number, m.name, left(o.source, {MAX_AROUND}))
                 FROM post o JOIN member m ON m.id = o.author_id
                 WHERE o.thread_id = t.id AND o.number IN (p.number - 1, p.number + 1) AND o.deleted_at IS NULL
                 ORDER BY o.number) AS around
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = p.author_id
    {READER}
    WHERE p.id = ANY(CAST(:ids AS bigint[])) AND {READABLE_THREAD} AND {MODERATED}
          AND EXISTS (SELECT 1 FROM post_flag f WHERE f.post_id = p.id AND f.outcome = '')
    ORDER BY p.id
"""


async def cards(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """Flagged posts of the categories `actor` moderates."""
    found = await rows(db, CARDS_SQL, ids=list(ids), actor_id=actor.id)
    return [
        Card(
            subject_id=row["id"],
            heading=row["title"],
            text=row["text"],
            created_at=row["created_at"],
            path=f"/p/{row['id']}",
            author_id=row["author_id"],
            author_name=row["author_name"],
            author_handle=row["author_handle"],
            lines=_lines(row["category_name"], row["number"], is_hidden=row["is_hidden"]),
            reports=tuple(
                Report(name, handle, FLAG_REASONS[why], note, at) for name, handle, why, note, at in row["reports"]
            ),
            around=tuple(Around(*columns) for columns in row["around"]),
            links=_links(row["id"], f"/t/{row['thread_id']}/{slug_of(row['title'])}"),
        )
        for row in found
    ]


def _lines(category: str, number: int, *, is_hidden: bool) -> tuple[str, ...]:
    lines = (category, f"post {number}")
    return (*lines, "hidden until you decide") if is_hidden else lines


def _links(post_id: int, thread_path: str) -> tuple[tuple[str, str], ...]:
    return ((f"/p/{post_id}/edit", "Edit"), (thread_path, "Lock, move, split or merge"))


async def places(db: Database, ids: Sequence[int]) -> Mapping[int, int | None]:
    """Where each post with an open flag is."""
    found = await rows(
        db,
        """
        SELECT p.id, t.category_id
        FROM post p JOIN thread t ON t.id = p.thread_id
        WHERE p.id = ANY(CAST(:ids AS bigint[]))
              AND EXISTS (SELECT 1 FROM post_flag f WHERE f.post_id = p.id AND f.outcome = '')
        """,
        ids=list(ids),
    )
    return {row["id"]: row["category_id"] for row in found}


async def keep(db: Database, actor: Actor, post_id: int, ruling: Ruling) -> Decision:
    """The post is fine and stays; what flags had hidden comes back. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post = await _judged(db, actor, post_id)
        was_hidden = _is_hidden_by_flags(thread, post)
        if was_hidden:
            await delete.restore(db, actor, post_id)
        await _settle(db, post_id, "kept")
        entry_id = await audit.record(db, actor.id, _act("flag.kept", post, thread, was_hidden=was_hidden))
    return Decision(entry_id, "kept as it is")


async def uphold(db: Database, actor: Actor, post_id: int, ruling: Ruling) -> Decision:
    """The post is hidden, with a reason for its author. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post = await _judged(db, actor, post_id)
        was_hidden = _is_hidden_by_flags(thread, post)
        if was_hidden:
            await delete.restore(db, actor, post_id)
        entry_id = await delete.hide(db, actor, post_id, ruling.reason[:MAX_REASON])
        await _settle(db, post_id, "hidden")
        act = _act("flag.upheld", post, thread, was_hidden=was_hidden, reason=ruling.reason)
        entry_id = entry_id or await audit.record(db, actor.id, act)
    return Decision(entry_id, "hidden", f"A moderator has hidden a post of yours.\n\n{ruling.letter}")


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Take `keep` back: what flags had hidden is hidden again. Returns the post's path. Raises NotFound."""
    await _judged(db, actor, entry.subject_id)
    if entry.after["was_hidden"]:
        await hide.hide_until_decided(db, entry.subject_id)
    return f"/p/{entry.subject_id}"


async def wait_again(db: Database, post_id: int, decided_at: datetime) -> None:
    """The flags decided at that moment wait again; if they are enough, the post is hidden until then."""
    await run(
        db,
        """
        UPDATE post_flag SET outcome = '', decided_at = NULL
        WHERE post_id = :post_id AND decided_at = :decided_at
        """,
        post_id=post_id,
        decided_at=decided_at,
    )
    if await _are_enough(db, post_id):
        await hide.hide_until_decided(db, post_id)


async def _judged(db: Database, actor: Actor, post_id: int) -> tuple[Thread, PostSource]:
    thread, post = await queries.post_to_change(db, actor, post_id)
    if not thread.is_staff:
        raise NotFound
    return thread, post


def _is_hidden_by_flags(thread: Thread, post: PostSource) -> bool:
    by, at = (thread.deleted_by, thread.deleted_at) if post.number == 1 else (post.deleted_by, post.deleted_at)
    return at is not None and by is None


async def _settle(db: Database, post_id: int, outcome: str) -> None:
    await run(
        db,
        "UPDATE post_flag SET outcome = :outcome, decided_at = now() WHERE post_id = :post_id AND outcome = ''",
        outcome=outcome,
        post_id=post_id,
    )


KIND = Kind(
    "flag",
    "Flags",
    cards,
    places,
    {"approve": Deed("Keep it", keep), "reject": Deed("Hide it", uphold, True)},
    letter_about="Your post",
    letter_path="/p/{}",
)
