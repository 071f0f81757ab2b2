"""Reads of questions to the owners of products. Who asked without a name is known to them alone until both agree."""

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, first, many, one, rows, value
from forum.members.types import Actor
from forum.products import policy
from forum.products.owner_types import AskedLately, Asker, Desk, Exchanged, Offer, Owners, Question, Waiting
from forum.threads.policy import THREAD_THERE

ITS_THREAD = """
    JOIN post p ON p.id = q.post_id AND p.deleted_at IS NULL
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
    JOIN category c ON c.id = t.category_id
"""
ASKED = f"FROM owner_asked x JOIN owner_question q ON q.id = x.question_id {ITS_THREAD}"
WAITS = "x.member_id = r.id AND x.closed_at IS NULL AND r.role <> 'vendor'"
OFFERED = """
    q.member_id = r.id AND q.is_unnamed AND x.offered_at IS NOT NULL AND x.accepted_at IS NULL
    AND x.declined_at IS NULL AND r.role <> 'vendor'
"""
# How many questions and offers wait for a word of reader `r`: a part of forum/reader.py's one query.
WAITING = f"""(
    (SELECT count(*) {ASKED} WHERE {WAITS} AND x.offered_at IS NULL AND {READABLE_THREAD} AND {THREAD_THERE})
    + (SELECT count(*) {ASKED} WHERE {OFFERED} AND {READABLE_THREAD} AND {THREAD_THERE})
)"""

# Members `r` who may be asked about a product, as their district runs it and they said so.
CONTACTS = """
    FROM owner_contact k
    JOIN member r ON r.id = k.member_id AND r.state = 'active' AND r.role <> 'vendor'
    LEFT JOIN member_privacy x ON x.member_id = r.id
    JOIN product_use u ON u.product_id = k.product_id AND u.left_year IS NULL
         AND u.district_id = coalesce(x.district_id, r.district_id)
"""


async def owners(db: Database, actor: Actor, product_id: int) -> Owners:
    """What a product's page says of asking its owners, to members; vendors see the questions that they may read."""
    is_member = bool(policy.may_ask_owners(actor, 0))
    found = await rows(
        db,
        f"""
        SELECT count(*) FILTER (WHERE r.id <> :actor_id) AS contacts,
               EXISTS (SELECT 1 FROM owner_contact o WHERE o.product_id = :product_id AND o.member_id = :actor_id)
                   AS is_contact
        {CONTACTS}
        WHERE k.product_id = :product_id AND CAST(:is_member AS boolean)
        """,
        actor_id=actor.id or 0,
        product_id=product_id,
        is_member=is_member,
    )
    questions = await _questions(db, actor, product_id)
    return Owners(found[0]["contacts"], is_member and found[0]["is_contact"], questions)


async def _questions(db: Database, actor: Actor, product_id: int) -> list[Question]:
    return await many(
        db,
        Question,
        f"""
        SELECT q.id, '/t/' || t.id || '/' || t.slug AS thread_path, t.title, a.name AS author_name, q.is_unnamed,
               q.created_at
        FROM owner_question q
        {ITS_THREAD}
        JOIN member a ON a.id = p.author_id
        {READER}
        WHERE q.product_id = :product_id AND {READABLE_THREAD} AND {THREAD_THERE}
        ORDER BY q.id DESC
        LIMIT 5
        """,
        actor_id=actor.id,
        product_id=product_id,
    )


async def runs(db: Database, district_id: int | None, product_id: int) -> bool:
    """Whether a district runs a product today, as it said."""
    found: bool = await value(
        db,
        """
        SELECT EXISTS (
            SELECT 1 FROM product_use u
            WHERE u.product_id = :product_id AND u.district_id = :district_id AND u.left_year IS NULL
        )
        """,
        product_id=product_id,
        district_id=district_id,
    )
    return found


async def asked_lately(db: Database, actor: Actor, product_id: int) -> AskedLately | None:
    """What `actor` asked about a product in the last seven days."""
    return await first(
        db,
        AskedLately,
        """
        SELECT '/t/' || t.id || '/' || t.slug AS thread_path, t.title, p.source
        FROM owner_question q
        JOIN post p ON p.id = q.post_id
        JOIN thread t ON t.id = p.thread_id
        WHERE q.product_id = :product_id AND q.member_id = :member_id AND q.created_at > now() - interval '7 days'
        ORDER BY q.id DESC
        LIMIT 1
        """,
        product_id=product_id,
        member_id=actor.id,
    )


async def desk(db: Database, actor: Actor) -> Desk:
    """All that stands between `actor` and owners of products: up to 50 of each."""
    return Desk(await _waiting(db, actor), await _offers(db, actor), await _exchanged(db, actor))


async def _waiting(db: Database, actor: Actor) -> list[Waiting]:
    return await many(
        db,
        Waiting,
        f"""
        SELECT x.id AS asked_id, pr.name AS product_name, '/products/' || pr.slug AS product_path,
               '/t/' || t.id || '/' || t.slug AS thread_path, t.title, a.name AS author_name, q.is_unnamed,
               x.asked_at, x.offered_at
        {ASKED}
        JOIN product pr ON pr.id = q.product_id
        JOIN member a ON a.id = p.author_id
        {READER}
        WHERE {WAITS} AND {READABLE_THREAD} AND {THREAD_THERE}
        ORDER BY x.asked_at DESC, x.id DESC
        LIMIT 50
        """,
        actor_id=actor.id,
    )


async def _offers(db: Database, actor: Actor) -> list[Offer]:
    return await many(
        db,
        Offer,
        f"""
        SELECT x.id AS asked_id, pr.name AS product_name, '/t/' || t.id || '/' || t.slug AS thread_path, t.title,
               x.size, x.offered_at
        {ASKED}
        JOIN product pr ON pr.id = q.product_id
        {READER}
        WHERE {OFFERED} AND {READABLE_THREAD} AND {THREAD_THERE}
        ORDER BY x.offered_at DESC, x.id DESC
        LIMIT 50
        """,
        actor_id=actor.id,
    )


async def _exchanged(db: Database, actor: Actor) -> list[Exchanged]:
    return await many(
        db,
        Exchanged,
        """
        SELECT pr.name AS product_name, '/products/' || pr.slug AS product_path, o.name,
               CASE WHEN o.state = 'active' THEN o.handle ELSE '' END AS handle, q.member_id = :member_id AS is_asker,
               x.accepted_at
        FROM owner_asked x
        JOIN owner_question q ON q.id = x.question_id
        JOIN product pr ON pr.id = q.product_id
        JOIN member o ON o.id = CASE WHEN q.member_id = :member_id THEN x.member_id ELSE q.member_id END
        WHERE x.accepted_at IS NOT NULL AND (x.member_id = :member_id OR q.member_id = :member_id)
        ORDER BY x.accepted_at DESC, x.id DESC
        LIMIT 50
        """,
        member_id=actor.id,
    )


async def asker(db: Database, question_id: int) -> Asker:
    """Who asked a question, for those whom `may_see_writer` lets. Raises NotFound."""
    return await one(
        db,
        Asker,
        """
        SELECT pr.name AS product_name, pr.slug AS product_slug, t.title, coalesce(m.name, '') AS name,
               coalesce(m.handle, '') AS handle, d.name AS district_name
        FROM owner_question q
        JOIN product pr ON pr.id = q.product_id
        JOIN post p ON p.id = q.post_id
        JOIN thread t ON t.id = p.thread_id
        LEFT JOIN member m ON m.id = q.member_id
        LEFT JOIN district d ON d.id = m.district_id
        WHERE q.id = :question_id
        """,
        question_id=question_id,
    )
