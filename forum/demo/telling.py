"""What is new for the people of the demo: its newest posts, told as they would have been."""

from forum.following.hearing import heard
from forum.kit.db import Database, rows
from forum.notifications.commands import notify
from forum.notifications.types import Notice

MOST_POSTS = 60


async def tell(db: Database) -> None:
    """Tell all who hear of one of the newest posts, at the time of each."""
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
