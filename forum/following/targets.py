"""What can be followed, as its reader sees it: whether it is there, what it is called, and where it is."""

from collections.abc import Sequence

from forum.categories.policy import READABLE, READABLE_THREAD, READER
from forum.following.types import Target
from forum.kit.db import Database, rows
from forum.kit.errors import NotFound
from forum.members.types import Actor
from forum.products.policy import SEEN

# For each kind the name and path of those of the ids that reader `r` may see.
NAMES = {
    "thread": f"""
    SELECT t.id, t.title AS name, '/t/' || t.id || '/' || t.slug AS path
    FROM thread t JOIN category c ON c.id = t.category_id {READER}
    WHERE t.id = ANY(CAST(:ids AS bigint[])) AND t.deleted_at IS NULL AND {READABLE_THREAD}
    """,
    "person": f"""
    SELECT m.id, m.name, '/people/' || m.handle AS path
    FROM member m {READER}
    WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state IN ('active', 'unclaimed') AND m.id <> r.id
      AND r.role <> 'vendor'
    """,
    "search": f"""
    SELECT s.id, coalesce(nullif(s.name, ''), s.query) AS name, '/searches' AS path
    FROM saved_search s {READER}
    WHERE s.id = ANY(CAST(:ids AS bigint[])) AND s.member_id = r.id
    """,
    "product": f"""
    SELECT pr.id, pr.name, '/products/' || pr.slug AS path
    FROM product pr {READER}
    WHERE pr.id = ANY(CAST(:ids AS bigint[])) AND {SEEN}
    """,
    "topic": f"""
    SELECT o.id, '#' || o.slug AS name, '/topics/' || o.slug AS path
    FROM topic o
    WHERE o.id = ANY(CAST(:ids AS bigint[])) AND EXISTS (
        SELECT 1 FROM thread_topic x
        JOIN thread t ON t.id = x.thread_id
        JOIN category c ON c.id = t.category_id
        {READER}
        WHERE x.topic_id = o.id AND t.deleted_at IS NULL AND {READABLE_THREAD}
    )
    """,
    "vendor": f"""
    SELECT v.id, v.name, '/vendors/' || v.slug AS path
    FROM vendor v
    WHERE v.id = ANY(CAST(:ids AS bigint[])) AND EXISTS (
        SELECT 1 FROM product pr {READER} WHERE pr.vendor_id = v.id AND {SEEN}
    )
    """,
    "category": f"""
    SELECT c.id, c.name, '/c/' || c.slug AS path
    FROM category c {READER}
    WHERE c.id = ANY(CAST(:ids AS bigint[])) AND {READABLE}
    """,
}
EVERYTHING = ("Everything", "/")


async def names(db: Database, actor: Actor, kind: str, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """By id, name and path of those of the things that `actor` may see."""
    if kind not in NAMES:
        return {0: EVERYTHING} if kind == "everything" and 0 in ids else {}
    found = await rows(db, NAMES[kind], actor_id=actor.id, ids=list(ids))
    return {row["id"]: (row["name"], row["path"]) for row in found}


async def named(db: Database, actor: Actor, target: Target) -> tuple[str, str]:
    """Name and path of one. Raises NotFound where `actor` may not see it."""
    found = await names(db, actor, target.kind, [target.id])
    if target.id not in found:
        raise NotFound
    return found[target.id]
