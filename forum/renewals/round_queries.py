"""Reads of review rounds: who may read the thread of a round reads it here too."""

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many, one, rows
from forum.members.types import Actor
from forum.renewals.policy import WORKPLACE
from forum.renewals.round_types import (
    OPENS_BEFORE,
    Answer,
    AnswerDraft,
    OwnAnswer,
    Plan,
    Round,
    RoundRow,
    Tally,
)
from forum.renewals.types import Contract
from forum.threads.policy import THREAD_THERE
from forum.threads.queries import HANDLE

# For a query with a reader `r`: how many rounds wait for their answer.
WAITING_ROUNDS = f"""(
    SELECT count(*)
    FROM round_asked w
    JOIN review_round o ON o.id = w.round_id AND o.closed_at IS NULL
    JOIN thread t ON t.id = o.thread_id AND t.deleted_at IS NULL
    JOIN category c ON c.id = t.category_id
    WHERE w.member_id = r.id AND w.put_away_at IS NULL AND r.role <> 'vendor' AND {READABLE_THREAD} AND {THREAD_THERE}
      AND NOT EXISTS (SELECT 1 FROM round_answer x WHERE x.round_id = o.id AND x.member_id = r.id)
)"""
MOST_ROUNDS, MOST_ANSWERS = 50, 200

# How the district of a contract `n` with its plan `e` asks: as it said, else as follows from who sees the contract.
ASKS = (
    """coalesce(e.asks, CASE n.visibility WHEN 'members' THEN 'named' WHEN 'staff' THEN 'unnamed' ELSE 'nobody' END)"""
)
# Whether a round `o` is about this end of a contract `n`, or about another that was corrected while it ran.
IS_ITS_ROUND = "o.contract_id = n.id AND (o.closes_on = n.notice_on OR o.closed_at IS NULL)"

# A round `o` with its thread `t` and what its reader `r` has to do with it.
IS_OURS = f"(o.district_id = {WORKPLACE}) IS TRUE"
ROW_COLUMNS = f"""
    o.id, pr.name AS product_name,
    CASE WHEN o.is_unnamed AND NOT ({IS_OURS}) THEN a.name ELSE d.name END AS asker,
    o.closes_on, (SELECT count(*) FROM round_answer x WHERE x.round_id = o.id) AS answers,
    o.closed_at IS NOT NULL AS is_closed, o.decision, coalesce(cp.name, '') AS chosen_name, {IS_OURS} AS is_ours,
    o.closed_at IS NULL AND w.member_id IS NOT NULL AND w.put_away_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM round_answer x WHERE x.round_id = o.id AND x.member_id = r.id
    ) AS waits_for_me,
    w.reminded_at IS NOT NULL AS was_reminded,
    {IS_OURS} AND o.ask_again_at IS NOT NULL AND o.ask_again_at <= now() AND o.judged_at IS NULL AS asks_again
"""
ROUND_FROM = f"""
    FROM review_round o
    JOIN product pr ON pr.id = o.product_id
    JOIN district d ON d.id = o.district_id
    JOIN thread t ON t.id = o.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = t.author_id
    {READER}
    LEFT JOIN product cp ON cp.id = o.chosen_product_id
    LEFT JOIN round_asked w ON w.round_id = o.id AND w.member_id = r.id
    WHERE r.id IS NOT NULL AND r.role <> 'vendor' AND {READABLE_THREAD} AND {THREAD_THERE} AND t.deleted_at IS NULL
"""


async def rounds(db: Database, actor: Actor) -> list[RoundRow]:
    """The newest rounds that `actor` may read: those that run first, what waits for them on top."""
    return await many(
        db,
        RoundRow,
        f"""
        WITH found AS (SELECT {ROW_COLUMNS} {ROUND_FROM})
        SELECT f.id, f.product_name, f.asker, f.closes_on, f.answers, f.is_closed, f.decision, f.chosen_name, f.is_ours,
               f.waits_for_me, f.was_reminded, f.asks_again
        FROM found f
        ORDER BY NOT (f.asks_again OR f.waits_for_me), f.is_closed, f.id DESC
        LIMIT :most
        """,
        actor_id=actor.id,
        most=MOST_ROUNDS,
    )


async def review_round(db: Database, actor: Actor, round_id: int) -> Round:
    """One round. Raises NotFound."""
    return await one(
        db,
        Round,
        f"""
        SELECT {ROW_COLUMNS}, o.product_id, pr.slug AS product_slug, o.district_id, o.thread_id,
               t.slug AS thread_slug, t.category_id, o.is_unnamed, o.reason, o.was_right, o.lesson, o.decided_at
        {ROUND_FROM} AND o.id = :round_id
        """,
        actor_id=actor.id,
        round_id=round_id,
    )


async def tally(db: Database, round_id: int) -> Tally:
    """What the answers of a round come to; those whose post is hidden do not count.

    One without a name counts as a district of its own: else the number would tell whose colleague wrote it.
    """
    return await one(
        db,
        Tally,
        """
        SELECT count(*) AS answers,
               count(DISTINCT CASE WHEN x.is_unnamed THEN -x.id ELSE x.district_id END) AS districts,
               count(*) FILTER (WHERE x.would_renew = 'yes') AS yes,
               count(*) FILTER (WHERE x.would_renew = 'only_if') AS only_if,
               count(*) FILTER (WHERE x.would_renew = 'no') AS no
        FROM round_answer x JOIN post p ON p.id = x.post_id AND p.deleted_at IS NULL
        WHERE x.round_id = :round_id
        """,
        round_id=round_id,
    )


async def answers(db: Database, actor: Actor, round_id: int) -> list[Answer]:
    """The answers of a round whose thread `actor` may read, oldest first, up to 200."""
    return await many(
        db,
        Answer,
        f"""
        SELECT x.id, x.post_id, a.name AS author_name, {HANDLE} AS author_handle, p.html, x.answered_at
        FROM round_answer x
        JOIN post p ON p.id = x.post_id AND p.deleted_at IS NULL
        JOIN member a ON a.id = p.author_id
        JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
        JOIN category c ON c.id = t.category_id
        {READER}
        WHERE x.round_id = :round_id AND {READABLE_THREAD} AND {THREAD_THERE}
        ORDER BY x.answered_at, x.id
        LIMIT :most
        """,
        actor_id=actor.id,
        round_id=round_id,
        most=MOST_ANSWERS,
    )


async def own_answer(db: Database, actor: Actor, round_id: int) -> OwnAnswer | None:
    """What `actor` answered, None before they have."""
    found = await rows(
        db,
        """
        SELECT x.id, x.post_id, x.would_renew, x.stars, x.works, x.lacks, x.instead, x.advice, x.is_unnamed, x.version
        FROM round_answer x
        WHERE x.round_id = :round_id AND x.member_id = :member_id
        """,
        round_id=round_id,
        member_id=actor.id,
    )
    if not found:
        return None
    fields = dict(found[0])
    return OwnAnswer(fields.pop("id"), fields.pop("post_id"), AnswerDraft(**fields))


async def plan(db: Database, contract: Contract) -> Plan:
    """Whether and when members are asked about a contract of one's own district."""
    return await one(
        db,
        Plan,
        f"""
        SELECT {ASKS} AS asks, n.notice_on - CAST(:days AS integer) AS opens_on,
               (SELECT max(o.id) FROM review_round o WHERE {IS_ITS_ROUND}) AS round_id
        FROM contract n
        LEFT JOIN round_plan e ON e.contract_id = n.id
        WHERE n.id = :contract_id
        """,
        days=OPENS_BEFORE,
        contract_id=contract.id,
    )
