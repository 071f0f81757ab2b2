"""Reads of the directory. A field that is not for all members is not in `member`, so nothing here can tell of it."""

from forum.categories.policy import READABLE_THREADS
from forum.directory.types import Found, Sought
from forum.kit.db import Database, many
from forum.members.types import Actor

PEOPLE_A_PAGE = 60

# An answer `p` in thread `t` that the reader may read, by a member `m` who shows what they answer in.
ANSWERS = f"""
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN thread_topic tt ON tt.thread_id = t.id
    JOIN topic o ON o.id = tt.topic_id
    WHERE p.number > 1 AND p.deleted_at IS NULL AND t.deleted_at IS NULL AND {READABLE_THREADS}
"""
SHOWS_TOPICS = "coalesce(x.topics_for, 'members') = 'members'"
TOPICS = f"""(
    SELECT string_agg(u.slug, ' ' ORDER BY u.answers DESC, u.slug)
    FROM (
        SELECT o.slug, count(*) AS answers {ANSWERS} AND p.author_id = m.id
        GROUP BY o.slug
        ORDER BY answers DESC, o.slug
        LIMIT 3
    ) u
)"""


async def people(db: Database, actor: Actor, sought: Sought, *, after: str = "") -> list[Found]:
    """A page of active members whose handles come after `after`, and one more if there is another page."""
    least, most = sought.students
    return await many(
        db,
        Found,
        f"""
        SELECT m.id, m.handle, m.name, m.title, m.role, d.name AS district_name,
               CASE WHEN {SHOWS_TOPICS} THEN {TOPICS} END AS topics
        FROM member m
        LEFT JOIN district d ON d.id = m.district_id
        LEFT JOIN member_privacy x ON x.member_id = m.id
        WHERE m.state = 'active' AND m.handle > :after
          AND (:q = '' OR m.name ILIKE :name_pattern OR m.handle ILIKE :name_pattern)
          AND (:role = '' OR m.role = :role)
          AND (:district = '' OR d.name ILIKE :district_pattern)
          AND (:size = '' OR d.enrolment >= :least AND d.enrolment < :most)
          AND (:topic = '' OR {SHOWS_TOPICS} AND m.id IN (SELECT p.author_id {ANSWERS} AND o.slug = :topic))
        ORDER BY m.handle
        LIMIT :page
        """,
        actor_id=actor.id,
        after=after,
        q=sought.q,
        name_pattern=sought.name_pattern,
        role=sought.role,
        district=sought.district,
        district_pattern=sought.district_pattern,
        size=sought.size,
        least=least,
        most=most,
        topic=sought.topic.lower().removeprefix("#"),
        page=PEOPLE_A_PAGE + 1,
    )
