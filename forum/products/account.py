"""What the products room holds of one member: reviews, suggestions, what their district runs, whom they speak for."""

from collections.abc import Mapping

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor
from forum.products import owners, reviewing, stories

EXPORTED = {
    "product_suggestions": """
        SELECT g.name, g.vendor_name, g.website, g.note, g.created_at, g.decided_at
        FROM product_suggestion g WHERE g.member_id = :member_id ORDER BY g.id
    """,
    "product_uses": """
        SELECT pr.name AS product, d.name AS district, u.since_year, u.left_year, u.said_at
        FROM product_use u
        JOIN product pr ON pr.id = u.product_id
        JOIN district d ON d.id = u.district_id
        WHERE u.said_by = :member_id ORDER BY pr.name, d.name
    """,
    "reviews": """
        SELECT pr.name AS product, rv.stars, rv.promise, rv.rollout, rv.support, rv.worth, rv.privacy, rv.works,
               rv.lacks, rv.to_ask, rv.since_year, rv.left_year, rv.left_for, rv.would_renew, rv.renew_if,
               rv.has_conflict, rv.is_unnamed, rv.created_at, rv.said_at, x.cents, x.unit, x.term_months, x.included,
               x.ends_on
        FROM review rv
        JOIN product pr ON pr.id = rv.product_id
        LEFT JOIN review_price x ON x.review_id = rv.id
        WHERE rv.member_id = :member_id ORDER BY rv.id
    """,
    "moves": """
        SELECT o.name AS moved_from, n.name AS moved_to, s.cost_cents, s.weeks, s.carried, s.carried_how, s.went_well,
               s.went_badly, s.regret, s.may_be_called, s.created_at, s.said_at
        FROM switch_story s
        JOIN product o ON o.id = s.from_product_id
        JOIN product n ON n.id = s.to_product_id
        WHERE s.member_id = :member_id ORDER BY s.id
    """,
    "asked_owners": """
        SELECT pr.name AS product, t.title, p.source, q.is_unnamed, q.created_at
        FROM owner_question q
        JOIN product pr ON pr.id = q.product_id
        JOIN post p ON p.id = q.post_id
        JOIN thread t ON t.id = p.thread_id
        WHERE q.member_id = :member_id ORDER BY q.id
    """,
    "asked_as_owner": """
        SELECT pr.name AS product, x.asked_at, x.offered_at, x.accepted_at, x.closed_at
        FROM owner_asked x
        JOIN owner_question q ON q.id = x.question_id
        JOIN product pr ON pr.id = q.product_id
        WHERE x.member_id = :member_id ORDER BY x.id
    """,
    "may_be_asked": """
        SELECT pr.name AS product, k.created_at
        FROM owner_contact k JOIN product pr ON pr.id = k.product_id
        WHERE k.member_id = :member_id ORDER BY pr.name
    """,
    "peers": """
        SELECT e.size, e.state, e.locale, e.standing, e.years FROM peer_choice e WHERE e.member_id = :member_id
    """,
    "vendor": """
        SELECT v.name FROM vendor_account va JOIN vendor v ON v.id = va.vendor_id WHERE va.member_id = :member_id
    """,
}


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """All of it."""
    return {name: await rows(db, sql, member_id=actor.id) for name, sql in EXPORTED.items()}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """What they said is the other account's; speaking for a vendor was given to that account alone."""
    await run(
        db, "UPDATE product_use SET said_by = :into_id WHERE said_by = :from_id", into_id=into_id, from_id=from_id
    )
    await run(
        db,
        """
        UPDATE product_suggestion g SET member_id = :into_id
        WHERE g.member_id = :from_id AND (g.decided_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM product_suggestion o
            WHERE o.member_id = :into_id AND o.compared = g.compared AND o.decided_at IS NULL
        ))
        """,
        into_id=into_id,
        from_id=from_id,
    )
    await run(
        db,
        """
        UPDATE review rv SET member_id = CASE WHEN EXISTS (
            SELECT 1 FROM review o WHERE o.member_id = :into_id AND o.product_id = rv.product_id
        ) THEN NULL ELSE CAST(:into_id AS bigint) END
        WHERE rv.member_id = :from_id
        """,
        into_id=into_id,
        from_id=from_id,
    )
    await run(
        db, "UPDATE vendor_answer SET member_id = :into_id WHERE member_id = :from_id", into_id=into_id, from_id=from_id
    )
    await run(
        db,
        """
        UPDATE switch_story s SET member_id = :into_id
        WHERE s.member_id = :from_id AND NOT EXISTS (
            SELECT 1 FROM switch_story o
            WHERE o.member_id = :into_id AND o.from_product_id = s.from_product_id
              AND o.to_product_id = s.to_product_id
        )
        """,
        into_id=into_id,
        from_id=from_id,
    )
    for statement in OWNERS_HANDED_OVER:
        await run(db, statement, into_id=into_id, from_id=from_id)
    await forget(db, from_id, removes=False)


OWNERS_HANDED_OVER = (
    "UPDATE owner_question SET member_id = :into_id WHERE member_id = :from_id",
    """
    INSERT INTO owner_contact (product_id, member_id, created_at)
    SELECT k.product_id, :into_id, k.created_at FROM owner_contact k WHERE k.member_id = :from_id
    ON CONFLICT DO NOTHING
    """,
    """
    UPDATE owner_asked x SET member_id = :into_id
    WHERE x.member_id = :from_id
      AND NOT EXISTS (SELECT 1 FROM owner_asked o WHERE o.question_id = x.question_id AND o.member_id = :into_id)
    """,
    """
    DELETE FROM owner_asked x USING owner_question q
    WHERE q.id = x.question_id AND q.member_id = :into_id AND x.member_id = :into_id
    """,
)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """What a district runs, and how it rates, is its word and stays under no name; suggestions go, reviews if asked."""
    if removes:
        await reviewing.erase_reviews(db, member_id)
        await stories.erase_stories(db, member_id)
        await owners.erase_questions(db, member_id)
    await run(db, "UPDATE review SET member_id = NULL WHERE member_id = :member_id", member_id=member_id)
    unnamed = "UPDATE switch_story SET member_id = NULL, may_be_called = false WHERE member_id = :member_id"
    await run(db, unnamed, member_id=member_id)
    await run(db, "UPDATE product_use SET said_by = NULL WHERE said_by = :member_id", member_id=member_id)
    for table_sql in (
        "DELETE FROM product_suggestion WHERE member_id = :member_id",
        "DELETE FROM owner_contact WHERE member_id = :member_id",
        "DELETE FROM owner_asked WHERE member_id = :member_id",
        "UPDATE owner_question SET member_id = NULL WHERE member_id = :member_id",
        "DELETE FROM peer_choice WHERE member_id = :member_id",
        "DELETE FROM vendor_account WHERE member_id = :member_id",
    ):
        await run(db, table_sql, member_id=member_id)


HOLDING = Holding("products", export, hand_over, forget)
