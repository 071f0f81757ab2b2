"""What is new for the people of the demo: its newest posts and answers, told as they would have been."""

from forum.following.hearing import heard
from forum.kit.db import Database, rows
from forum.notifications.commands import notify
from forum.notifications.queries import author_to_tell
from forum.notifications.types import Notice

MOST_POSTS, MOST_ANSWERS = 200, 20


async def tell(db: Database) -> None:
    """Tell all who hear of one of the newest posts, and who wrote an answer that was accepted, at the time of each."""
    posts = await rows(
        db,
        """
        SELECT n.id, n.created_at
        FROM (
            SELECT p.id, p.created_at FROM post p
            WHERE p.deleted_at IS NULL
            ORDER BY p.created_at DESC, p.id DESC
            LIMIT :most
        ) n
        ORDER BY n.created_at, n.id
        """,
        most=MOST_POSTS,
    )
    found = await heard(db, [post["id"] for post in posts])
    for post in posts:
        notices = [Notice(each.member_id, each.reason, each.target_id) for each in found if each.post_id == post["id"]]
        await notify(db, post["id"], notices, post["created_at"])
    await _tell_of_answers(db)


async def _tell_of_answers(db: Database) -> None:
    answers = await rows(
        db,
        """
        SELECT t.id AS thread_id, t.accepted_post_id AS post_id, t.accepted_at FROM thread t
        WHERE t.accepted_post_id IS NOT NULL AND t.deleted_at IS NULL
        ORDER BY t.accepted_at DESC, t.id DESC
        LIMIT :most
        """,
        most=MOST_ANSWERS,
    )
    for answer in answers:
        author_id = await author_to_tell(db, answer["post_id"])
        notices = [Notice(author_id, "accepted", answer["thread_id"])] if author_id else []
        await notify(db, answer["post_id"], notices, answer["accepted_at"])
