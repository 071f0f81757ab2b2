"""What can be followed, as its reader sees it: whether it is there, what it is called, and where it is."""

from collections.abc import Sequence

from forum.categories.policy import READABLE, READABLE_THREAD, READER
from forum.following.types import Target
from forum.kit.db import Database, rows, value
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
# Whether the target of a row `f` of a member is not gone for good, seen or not: a deleted thread may come back, and a
# merged one may be taken apart again.
THERE = """CASE f.kind
    WHEN 'thread' THEN EXISTS (SELECT 1 FROM thread t WHERE t.id = f.target_id)
    WHEN 'person' THEN EXISTS (
        SELECT 1 FROM member m WHERE m.id = f.target_id AND m.state <> 'deleted' AND m.merged_into IS NULL
    )
    WHEN 'search' THEN EXISTS (SELECT 1 FROM saved_search s WHERE s.id = f.target_id AND s.member_id = f.member_id)
    WHEN 'product' THEN EXISTS (SELECT 1 FROM product pr WHERE pr.id = f.target_id)
    WHEN 'topic' THEN EXISTS (SELECT 1 FROM topic o WHERE o.id = f.target_id)
    WHEN 'vendor' THEN EXISTS (SELECT 1 FROM vendor v WHERE v.id = f.target_id)
    WHEN 'category' THEN EXISTS (SELECT 1 FROM category c WHERE c.id = f.target_id)
    ELSE true
END"""
THERE_SQL = f"""
    SELECT {THERE}
    FROM (
        SELECT CAST(:kind AS text) AS kind, CAST(:id AS bigint) AS target_id, CAST(:actor_id AS bigint) AS member_id
    ) f
"""


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


async def require_there(db: Database, actor: Actor, target: Target) -> None:
    """Raises NotFound where it is gone for good; whether `actor` may see it is not asked."""
    if not await value(db, THERE_SQL, kind=target.kind, id=target.id, actor_id=actor.id):
        raise NotFound
