"""What the renewals room holds of one member: contracts they added for their district, lists, their calendar."""

from collections.abc import Mapping

from forum.categories.policy import READER
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor
from forum.renewals import rounds
from forum.renewals.policy import OURS

LEFT = (
    "DELETE FROM round_asked WHERE member_id = :member_id",
    "DELETE FROM contract_list WHERE created_by = :member_id",
    "DELETE FROM contract_feed WHERE member_id = :member_id",
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """The contracts they added, as far as these are still their own district's."""
    found = await rows(
        db,
        f"""
        SELECT pr.name AS product, d.name AS district, n.ends_on, n.notice_on, n.term_months, n.yearly_cents,
               n.visibility, n.note, n.created_at
        FROM contract n
        JOIN product pr ON pr.id = n.product_id
        JOIN district d ON d.id = n.district_id
        {READER}
        WHERE n.created_by = r.id AND {OURS}
        ORDER BY n.id
        """,
        actor_id=actor.id,
    )
    answers = await rows(
        db,
        """
        SELECT pr.name AS product, x.would_renew, x.stars, x.works, x.lacks, x.instead, x.advice, x.is_unnamed,
               x.answered_at
        FROM round_answer x
        JOIN review_round o ON o.id = x.round_id
        JOIN product pr ON pr.id = o.product_id
        WHERE x.member_id = :member_id ORDER BY x.id
        """,
        member_id=actor.id,
    )
    return {"contracts": found, "round_answers": answers}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Contracts were added by the other account then; a calendar's address is a secret of one account and goes."""
    await run(
        db, "UPDATE contract SET created_by = :into_id WHERE created_by = :from_id", into_id=into_id, from_id=from_id
    )
    await run(
        db,
        """
        UPDATE round_answer x SET member_id = CASE WHEN EXISTS (
            SELECT 1 FROM round_answer y WHERE y.round_id = x.round_id AND y.member_id = :into_id
        ) THEN NULL ELSE CAST(:into_id AS bigint) END
        WHERE x.member_id = :from_id
        """,
        into_id=into_id,
        from_id=from_id,
    )
    await forget(db, from_id, removes=False)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Contracts are the district's and stay, under no name; so do answers to rounds, unless their words are to go."""
    if removes:
        await rounds.erase_answers(db, member_id)
    await run(db, "UPDATE round_answer SET member_id = NULL WHERE member_id = :member_id", member_id=member_id)
    await run(db, "UPDATE review_round SET opened_by = NULL WHERE opened_by = :member_id", member_id=member_id)
    await run(db, "UPDATE contract SET created_by = NULL WHERE created_by = :member_id", member_id=member_id)
    for table_sql in LEFT:
        await run(db, table_sql, member_id=member_id)


HOLDING = Holding("renewals", export, hand_over, forget)
