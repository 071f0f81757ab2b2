"""Members and topics as documents, and as hits. What members keep back is not in `member`, so nothing here knows it."""

from collections.abc import Sequence

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, Row, rows
from forum.members.policy import may_see_people
from forum.members.queries import PERSON_FROM
from forum.members.types import Actor
from forum.search.found_types import Hit
from forum.search.types import MEMBERS, UNTIMED, Document

PEOPLE_SQL = f"""
    SELECT m.id, m.handle, m.name, m.title, m.about, coalesce(d.name, '') AS district_name, s.version
    {PERSON_FROM}
    LEFT JOIN search_document s ON s.kind = 'person' AND s.ref_id = m.id AND NOT s.is_gone
    WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state = 'active'
    ORDER BY m.id
"""
TOPICS_SQL = """
    SELECT o.id, o.slug,
           coalesce((SELECT string_agg(y.slug, ' ' ORDER BY y.slug) FROM topic_synonym y WHERE y.topic_id = o.id), '')
               AS synonyms
    FROM topic o
    WHERE o.id = ANY(CAST(:ids AS bigint[]))
    ORDER BY o.id
"""
SHOWN_TOPICS_SQL = f"""
    SELECT o.id, o.slug, count(*) AS threads
    FROM topic o
    JOIN thread_topic x ON x.topic_id = o.id
    JOIN thread t ON t.id = x.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE o.id = ANY(CAST(:ids AS bigint[])) AND t.deleted_at IS NULL AND {READABLE_THREAD}
    GROUP BY o.id, o.slug
"""


async def person_documents(db: Database, ids: Sequence[int]) -> list[Document]:
    """The documents of those of the members who can sign in, with what all members see of them."""
    return [_person(row) for row in await rows(db, PEOPLE_SQL, ids=list(ids))]


def _person(row: Row) -> Document:
    return Document(
        kind="person",
        ref_id=row["id"],
        title=row["name"],
        body=". ".join(filter(None, (row["handle"], row["title"], row["district_name"], row["about"]))),
        kinds=("person",),
        at=UNTIMED,
        audiences=(MEMBERS,),
    )


async def topic_documents(db: Database, ids: Sequence[int]) -> list[Document]:
    """The documents of those topics, under each name they have."""
    found = await rows(db, TOPICS_SQL, ids=list(ids))
    return [
        Document(
            kind="topic",
            ref_id=row["id"],
            title=row["slug"].replace("-", " "),
            body=row["synonyms"].replace("-", " "),
            kinds=("topic",),
            at=UNTIMED,
        )
        for row in found
    ]


async def shown_people(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, Hit]:
    """Hits for those of the members whom `actor` may look up, by their ids.

    Whoever changed their profile is left out until an engine knows of it: else what they keep back since, or were
    called before, would still find them.
    """
    if not may_see_people(actor):
        return {}
    found = await rows(db, PEOPLE_SQL, ids=list(ids))
    return {
        row["id"]: Hit(
            kind="person",
            path=f"/people/{row['handle']}",
            title=row["name"],
            about=tuple(filter(None, (row["title"], row["district_name"]))),
        )
        for row in found
        if row["version"] == _person(row).version
    }


async def shown_topics(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, Hit]:
    """Hits for those of the topics in which `actor` may read a thread, by their ids."""
    found = await rows(db, SHOWN_TOPICS_SQL, actor_id=actor.id, ids=list(ids))
    return {
        row["id"]: Hit(
            kind="topic",
            path=f"/topics/{row['slug']}",
            title=row["slug"],
            about=(f"{row['threads']} {'thread' if row['threads'] == 1 else 'threads'}",),
        )
        for row in found
    }


async def person_texts(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """What excerpts of members are taken from, for those that `shown_people` has let through."""
    return {row["id"]: row["about"] for row in await rows(db, PEOPLE_SQL, ids=list(ids))}
