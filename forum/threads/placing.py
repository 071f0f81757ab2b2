"""Where posts stand, thread and number, changed for many at once; what members have read goes along."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from forum.kit.db import Database, many, rows, run, value
from forum.threads import showing

FAR = 1_000_000_000


class Standing(NamedTuple):
    """A post where it stands."""

    id: int
    thread_id: int
    number: int
    is_deleted: bool
    created_at: datetime

    @property
    def place(self) -> list[int]:
        """Thread and number, as the log keeps them."""
        return [self.thread_id, self.number]


class Move(NamedTuple):
    """A post and its new number in the thread it comes to."""

    post: Standing
    number: int


async def standing(db: Database, *thread_ids: int) -> list[Standing]:
    """Every post of these threads, deleted ones too, by thread and number."""
    return await many(
        db,
        Standing,
        """
        SELECT p.id, p.thread_id, p.number, p.deleted_at IS NOT NULL AS is_deleted, p.created_at
        FROM post p
        WHERE p.thread_id = ANY(CAST(:thread_ids AS bigint[]))
        ORDER BY p.thread_id, p.number
        """,
        thread_ids=list(thread_ids),
    )


async def place(db: Database, thread_id: int, moves: Sequence[Move]) -> None:
    """Put posts into a thread under their new numbers; `moves` name all it will hold, and its row is held."""
    await carry_marks(db, thread_id, moves)
    changed = [move for move in moves if move.post.place != [thread_id, move.number]]
    ids = [move.post.id for move in changed]
    # First out of each other's way: numbers are unique in a thread at any moment.
    await run(
        db,
        "UPDATE post SET number = number + :far WHERE id = ANY(CAST(:ids AS bigint[]))",
        far=FAR,
        ids=ids,
    )
    await run(
        db,
        """
        UPDATE post p
        SET thread_id = :thread_id, number = n.number,
            client_key = CASE WHEN EXISTS (
                SELECT 1 FROM post o
                WHERE o.thread_id = :thread_id AND o.author_id = p.author_id AND o.client_key = p.client_key
                  AND o.id <> p.id
            ) THEN p.client_key || ' ' || p.id ELSE p.client_key END
        FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS integer[])) n (post_id, number)
        WHERE p.id = n.post_id
        """,
        thread_id=thread_id,
        ids=ids,
        numbers=[move.number for move in changed],
    )
    await showing.say_posts(db, [move.post.id for move in moves if move.post.thread_id != thread_id])


async def carry_marks(db: Database, thread_id: int, moves: Sequence[Move]) -> None:
    """Whoever has read posts before they move has read them after: each mark goes up to their first unread post.

    It is as old as the oldest that it comes from: what came after that one is news still.
    """
    there = [move for move in moves if not move.post.is_deleted]
    await run(
        db,
        """
        INSERT INTO read_mark (member_id, thread_id, number, read_at)
        SELECT s.member_id, CAST(:thread_id AS bigint), s.number, s.read_at
        FROM (
            SELECT m.member_id,
                   coalesce(min(n.number) FILTER (WHERE n.old_number > coalesce(k.number, 0)) - 1, max(n.number))
                       AS number,
                   min(k.read_at) AS read_at
            FROM (SELECT DISTINCT x.member_id FROM read_mark x WHERE x.thread_id = ANY(CAST(:old_ids AS bigint[]))) m
            CROSS JOIN unnest(
                CAST(:old_ids AS bigint[]), CAST(:old_numbers AS integer[]), CAST(:numbers AS integer[])
            ) n (old_id, old_number, number)
            LEFT JOIN read_mark k ON k.member_id = m.member_id AND k.thread_id = n.old_id
            GROUP BY m.member_id
        ) s
        WHERE s.number > 0
        ON CONFLICT (member_id, thread_id) DO UPDATE SET number = excluded.number, read_at = excluded.read_at
        """,
        thread_id=thread_id,
        old_ids=[move.post.thread_id for move in there],
        old_numbers=[move.post.number for move in there],
        numbers=[move.number for move in there],
    )


async def hand_held(db: Database, held_ids: Sequence[int], thread_id: int) -> None:
    """What waits for a moderator is a reply to that thread from now on."""
    await run(
        db,
        "UPDATE held_post SET thread_id = :thread_id WHERE id = ANY(CAST(:held_ids AS bigint[]))",
        thread_id=thread_id,
        held_ids=list(held_ids),
    )


async def held_ids(db: Database, thread_id: int) -> list[int]:
    """The replies to a thread that wait for a moderator, or waited."""
    found = await rows(
        db, "SELECT h.id FROM held_post h WHERE h.thread_id = :thread_id ORDER BY h.id", thread_id=thread_id
    )
    return [row["id"] for row in found]


async def hand_drafts(db: Database, from_id: int, into_id: int) -> None:
    """What members have begun to write under one thread is of the other now, unless they have begun there too."""
    await run(
        db,
        """
        UPDATE draft d SET key = :new
        WHERE d.key = :old AND NOT EXISTS (SELECT 1 FROM draft o WHERE o.member_id = d.member_id AND o.key = :new)
        """,
        old=f"thread:{from_id}",
        new=f"thread:{into_id}",
    )


async def next_number(db: Database, thread_id: int) -> int:
    """The number the next post of a thread gets: it grows with each."""
    number: int = await value(db, "SELECT t.next_number FROM thread t WHERE t.id = :thread_id", thread_id=thread_id)
    return number


async def answer_of(db: Database, thread_id: int) -> dict[str, object]:
    """The accepted answer as the log keeps it."""
    found = await rows(
        db,
        "SELECT t.accepted_post_id, CAST(t.accepted_at AS text) AS accepted_at FROM thread t WHERE t.id = :thread_id",
        thread_id=thread_id,
    )
    return dict(found[0])


async def take_answer(db: Database, thread_id: int, post_id: int | None, accepted_at: str | None) -> None:
    """The thread's accepted answer is this post since then (as ISO text), or none."""
    await run(
        db,
        """
        UPDATE thread SET accepted_post_id = :post_id, accepted_at = CAST(CAST(:accepted_at AS text) AS timestamptz)
        WHERE id = :thread_id
        """,
        post_id=post_id,
        accepted_at=accepted_at,
        thread_id=thread_id,
    )
