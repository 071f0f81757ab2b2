"""What the counts of threads and categories must be, counted anew."""

from forum.kit.db import rows

WRONG_THREADS = """
    SELECT t.id
    FROM thread t
    JOIN (
        SELECT p.thread_id, count(*) FILTER (WHERE p.number > 1) AS replies, max(p.number) AS last_number,
               max(p.created_at) AS active_at, coalesce(sum(p.helpful_count), 0) AS helpful
        FROM post p
        WHERE p.deleted_at IS NULL OR p.number = 1
        GROUP BY p.thread_id
    ) n ON n.thread_id = t.id
    WHERE (t.reply_count, t.last_number, t.active_at, t.helpful_count)
       <> (n.replies, n.last_number, n.active_at, n.helpful)
"""
WRONG_POSTS = """
    SELECT p.id FROM post p
    WHERE p.helpful_count <> (SELECT count(*) FROM helpful_vote v WHERE v.post_id = p.id)
"""
WRONG_CATEGORIES = """
    SELECT c.id FROM category c
    WHERE c.thread_count <> (SELECT count(*) FROM thread t WHERE t.category_id = c.id AND t.deleted_at IS NULL)
"""


async def assert_counts_are_right(db) -> None:
    for sql in (WRONG_THREADS, WRONG_POSTS, WRONG_CATEGORIES):
        assert [row["id"] for row in await rows(db, sql)] == []
