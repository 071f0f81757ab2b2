"""The queue of mails: who has which, what came of it, when it is tried again. Owns the table mail."""

from collections.abc import Sequence

from forum.kit.db import Database, many, rows, run
from forum.mail.types import FOLDED, LATE, OVERTAKEN, Claimed

LEASE_S = 60
MOST_A_DAY = 100  # instant mails for one member; what is more stands in their digest
WAITS_MIN = (1, 5, 15, 30, 60, 120)  # then every four hours
LONG_WAIT_MIN = 240
MOST_ATTEMPTS = 30  # with these waits: for four days
MOST_DAYS = 4

CLAIM_SQL = """
    WITH due AS (
        SELECT d.id FROM mail d
        WHERE d.state = 'waiting' AND d.next_at <= now()
        ORDER BY d.next_at, d.id
        LIMIT :most
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE mail m
    SET next_at = now() + :lease * interval '1 second', attempts = m.attempts + 1,
        message_id = CASE
            WHEN m.message_id <> '' THEN m.message_id
            ELSE m.kind || '.' || m.id || '@' || CAST(:domain AS text)
        END
    FROM due
    WHERE m.id = due.id
    RETURNING m.id, m.member_id, m.kind, m.post_id, m.reason, m.since, m.until, m.message_id, m.attempts,
              m.domain
"""

# Those of a claim that nothing has come in between of.
STILL_SQL = """
    SELECT m.id, m.member_id, m.kind, m.post_id, m.reason, m.since, m.until, m.message_id, m.attempts,
           m.domain
    FROM mail m
    WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state = 'waiting'
    ORDER BY m.id
"""

# Which are too many for their member in one day. Whoever asks, and however often, the answer is the same, as it is
# about those that came before. Whoever follows nothing by digest gets one with these.
FOLD_SQL = """
    WITH folded AS (
        UPDATE mail m
        SET state = 'unwanted', outcome = :outcome, ended_at = now()
        WHERE m.state = 'waiting' AND m.kind = 'instant' AND m.id = ANY(CAST(:ids AS bigint[])) AND (
            SELECT count(*) FROM mail x
            WHERE x.member_id = m.member_id AND x.kind = 'instant' AND x.id < m.id AND x.state <> 'unwanted'
              AND x.created_at > m.created_at - interval '1 day'
        ) >= :most
        RETURNING m.member_id
    )
    INSERT INTO digest_plan (member_id)
    SELECT DISTINCT f.member_id FROM folded f ORDER BY f.member_id
    ON CONFLICT DO NOTHING
"""

# Whose event's own mail, which says what is so now, has not left yet: that goes first, and is not told of again.
BEHIND_SQL = """
    UPDATE mail m
    SET next_at = now() + :lease * interval '1 second', attempts = m.attempts - 1
    FROM mail o
    WHERE m.state = 'waiting' AND m.id = ANY(CAST(:ids AS bigint[]))
      AND o.dedupe_key = 'instant:' || m.post_id || ':' || m.member_id AND o.state IN ('waiting', 'sending')
    RETURNING m.id
"""

# Of each member's waiting digests: the newest, and since when they all tell together.
DIGESTS = """
    SELECT w.id, max(w.id) OVER each AS newest, min(w.since) OVER each AS first_since
    FROM mail w
    WHERE w.kind = 'digest' AND w.state = 'waiting' AND w.member_id = ANY(CAST(:member_ids AS bigint[]))
    WINDOW each AS (PARTITION BY w.member_id)
"""
HOLD_SQL = """
    SELECT w.id FROM mail w
    WHERE w.kind = 'digest' AND w.state = 'waiting' AND w.member_id = ANY(CAST(:member_ids AS bigint[]))
    ORDER BY w.id
    FOR NO KEY UPDATE
"""
WIDEN_SQL = f"""
    UPDATE mail m
    SET since = w.first_since
    FROM ({DIGESTS}) w
    WHERE m.id = w.id AND w.id = w.newest AND m.state = 'waiting' AND m.since > w.first_since
"""
OVERTAKE_SQL = f"""
    UPDATE mail m
    SET state = 'unwanted', outcome = :outcome, ended_at = now()
    FROM ({DIGESTS}) w
    WHERE m.id = w.id AND w.id < w.newest AND m.state = 'waiting'
"""

LATE_SQL = """
    UPDATE mail m
    SET state = 'failed', outcome = :outcome, ended_at = now()
    WHERE m.state = 'waiting' AND m.next_at <= now()
      AND m.created_at < now() - CAST(:days AS integer) * interval '1 day'
"""

# Mail programs show what comes twice under one Message-ID once.
GOES_AGAIN = "m.kind IN ('instant', 'change') AND NOT m.is_unsure"
# Whoever had it has ended while it was handed over, or was never answered.
UNSURE_SQL = f"""
    UPDATE mail m
    SET state = CASE WHEN {GOES_AGAIN} THEN 'waiting' ELSE 'failed' END,
        outcome = CASE
            WHEN {GOES_AGAIN} THEN 'It may have arrived. It is sent once more.'
            ELSE 'It may have arrived. It is not sent again.'
        END,
        ended_at = CASE WHEN {GOES_AGAIN} THEN NULL ELSE now() END,
        next_at = now() + CAST(:wait AS integer) * interval '1 second', lease_until = NULL, is_unsure = true
"""


async def claim(db: Database, *, domain: str, most: int = 50) -> Sequence[Claimed]:
    """Up to `most` mails that are due, longest due first, none when none is; nobody else gets them for LEASE_S seconds.

    domain: for the Message-ID of those that were queued without one, as all are but mails of posts. Two kinds are not
    among them, but unwanted: of a member's waiting digests all but the newest, which then tells of the time of all; and
    instant mails over MOST_A_DAY. Mails of an event's changes wait for those of the event itself.
    """
    while found := await many(db, Claimed, CLAIM_SQL, domain=domain, lease=float(LEASE_S), most=most):
        if left := await _wanted(db, found):
            return left
    return []


async def _wanted(db: Database, found: Sequence[Claimed]) -> Sequence[Claimed]:
    digests = sorted({each.member_id for each in found if each.kind == "digest"})
    instants = [each.id for each in found if each.kind == "instant"]
    changes = [each.id for each in found if each.kind == "change"]
    if digests:
        await _overtake(db, digests)
    if instants:
        await run(db, FOLD_SQL, ids=instants, outcome=FOLDED, most=MOST_A_DAY)
    behind = {row["id"] for row in await rows(db, BEHIND_SQL, ids=changes, lease=float(LEASE_S))} if changes else set()
    # Another worker may have overtaken or widened these just before: what holds is what stands there now.
    return await many(db, Claimed, STILL_SQL, ids=[each.id for each in found if each.id not in behind])


async def _overtake(db: Database, member_ids: Sequence[int]) -> None:
    async with db.transaction():
        await rows(db, HOLD_SQL, member_ids=member_ids)
        await run(db, WIDEN_SQL, member_ids=member_ids)
        await run(db, OVERTAKE_SQL, member_ids=member_ids, outcome=OVERTAKEN)


async def mark_sending(db: Database, mail: Claimed, domain: str) -> bool:
    """Say, just before its words are handed over, that they are. False when somebody else has the mail by now.

    domain: the receiving one.
    """
    return bool(
        await run(
            db,
            """
            UPDATE mail
            SET state = 'sending', lease_until = now() + :lease * interval '1 second', domain = :domain
            WHERE id = :id AND state = 'waiting' AND attempts = :attempts
            """,
            id=mail.id,
            attempts=mail.attempts,
            lease=float(LEASE_S),
            domain=domain,
        )
    )


async def mark_sent(db: Database, mail: Claimed) -> None:
    """The relay has taken it: it is the relay's from here on."""
    await _end(db, mail, "sent", "")


async def mark_unwanted(db: Database, mail: Claimed, outcome: str) -> None:
    """Nothing of it is to be sent. outcome: a sentence for administrators."""
    await _end(db, mail, "unwanted", outcome)


async def mark_failed(db: Database, mail: Claimed, outcome: str, domain: str = "") -> None:
    """It was refused for good. outcome: a sentence for administrators."""
    await _end(db, mail, "failed", outcome, domain)


async def mark_unsure(db: Database, mail: Claimed) -> None:
    """Nobody knows whether the relay took it: an instant mail is sent once more, anything else is not."""
    await run(
        db,
        f"{UNSURE_SQL} WHERE m.id = :id AND m.state = 'sending' AND m.attempts = :attempts",
        id=mail.id,
        attempts=mail.attempts,
        wait=60 * wait_min(mail.attempts),
    )


async def postpone(db: Database, mail: Claimed, outcome: str, domain: str = "") -> None:
    """It could not be sent now: it waits, longer each time, and fails with that outcome after four days."""
    if mail.attempts >= MOST_ATTEMPTS:
        await mark_failed(db, mail, outcome, domain)
        return
    await run(
        db,
        f"{WAIT_SQL}, outcome = :outcome WHERE {MINE}",
        id=mail.id,
        attempts=mail.attempts,
        outcome=outcome,
        domain=domain,
        seconds=60.0 * wait_min(mail.attempts),
    )


async def put_back(db: Database, mails: Sequence[Claimed], seconds: float, domain: str = "", outcome: str = "") -> None:
    """They were not tried, because nothing goes there for so many seconds: that does not count as a try.

    outcome: why, "" to leave what was said last.
    """
    await run(
        db,
        f"""{WAIT_SQL}, attempts = attempts - 1,
            outcome = CASE WHEN CAST(:outcome AS text) = '' THEN outcome ELSE :outcome END
        WHERE state = 'waiting'
          AND (id, attempts) IN (
              SELECT x.id, x.attempts FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS integer[])) x (id, attempts)
          )
        """,
        ids=[each.id for each in mails],
        attempts=[each.attempts for each in mails],
        outcome=outcome,
        domain=domain,
        seconds=seconds,
    )


async def recover(db: Database) -> int:
    """Mails of workers that ended while they handed them over; returns how many there were.

    What could not be sent in four days, as the relay was away, is not sent when nobody expects it any more.
    """
    await run(db, LATE_SQL, outcome=LATE, days=MOST_DAYS)
    return await run(db, f"{UNSURE_SQL} WHERE m.state = 'sending' AND m.lease_until < now()", wait=0)


def wait_min(attempts: int) -> int:
    """How many minutes to wait after so many tries, at least 1."""
    return WAITS_MIN[attempts - 1] if attempts <= len(WAITS_MIN) else LONG_WAIT_MIN


MINE = "id = :id AND state IN ('waiting', 'sending') AND attempts = :attempts"
WAIT_SQL = """
    UPDATE mail
    SET state = 'waiting', lease_until = NULL, next_at = now() + CAST(:seconds AS float) * interval '1 second',
        domain = CASE WHEN CAST(:domain AS text) = '' THEN domain ELSE :domain END
"""


async def _end(db: Database, mail: Claimed, state: str, outcome: str, domain: str = "") -> None:
    await run(
        db,
        f"{END_SQL} WHERE {MINE}",
        id=mail.id,
        attempts=mail.attempts,
        state=state,
        outcome=outcome,
        domain=domain,
    )


END_SQL = """
    UPDATE mail
    SET state = :state, outcome = :outcome, ended_at = now(), lease_until = NULL,
        domain = CASE WHEN CAST(:domain AS text) = '' THEN domain ELSE :domain END
"""
