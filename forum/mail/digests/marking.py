"""What time each digest tells of, and the row of mail that is to tell it. What stands in it is chosen when it is sent.

Each cadence of a member has a mark, and BESIDES has one for what is told whatever the cadence: deadlines, reviews,
mentions, questions, mails that were too many.
"""

from collections.abc import Sequence
from datetime import date, datetime

from forum.following.cadence import OWN_CADENCE
from forum.kit.db import Database, rows
from forum.mail.types import FOLDED, OVERTAKEN
from forum.renewals.policy import WORKPLACE

BESIDES = 0
# What was written in a transaction that has not ended is not there yet: it is left to the next one.
UNTIL = "now() - interval '1 minute'"
# Mails that were too many for one day and that no digest has told of yet.
UNTOLD = f"""
    SELECT o.member_id, o.ended_at FROM mail o
    LEFT JOIN digest_mark k ON k.member_id = o.member_id AND k.every_days = {BESIDES}
    WHERE o.member_id = ANY(CAST(:member_ids AS bigint[])) AND o.outcome = '{FOLDED}'
      AND o.created_at > now() - interval '30 days' AND o.ended_at >= coalesce(k.until, '-infinity')
"""
# Each cadence that a member hears something by; every day for those who got more mails than anybody reads.
CADENCES = f"""
    SELECT g.member_id, g.every_days FROM follow g
    WHERE g.member_id = ANY(CAST(:member_ids AS bigint[])) AND g.level = 'digest'
    UNION
    SELECT r.id, {OWN_CADENCE} FROM member r JOIN mail_wish w ON w.member_id = r.id
    WHERE r.id = ANY(CAST(:member_ids AS bigint[])) AND w.mentioned = 'digest'
    UNION
    SELECT u.member_id, 1 FROM ({UNTOLD}) u
"""
# Whether a member `r` with wishes `w` has a quiet week on that day.
QUIET = f"""(
    coalesce(w.keeps_quiet, true) AND EXISTS (
        SELECT 1 FROM quiet_time q
        WHERE x.day BETWEEN q.starts_on AND q.ends_on AND (q.district_id IS NULL OR q.district_id = {WORKPLACE})
    )
)"""
# Whether a mail `o` told nothing, as it never left.
NEVER_LEFT = f"""(
    o.state = 'waiting' OR o.state = 'unwanted' AND o.outcome = '{OVERTAKEN}' OR o.state = 'failed' AND NOT o.is_unsure
)"""
# Of each member, up to when they have been told of everything: by the cadences they have no more, or else by all.
TOLD_LAST = f"""
    SELECT y.member_id, coalesce(max(y.told) FILTER (WHERE y.is_over), max(y.told)) AS until, max(y.last_on) AS last_on
    FROM (
        SELECT k.member_id, k.last_on, CASE WHEN k.is_quiet OR o.id IS NOT NULL THEN k.since ELSE k.until END AS told,
               k.every_days > {BESIDES} AND (k.member_id, k.every_days) NOT IN (
                   SELECT c.member_id, c.every_days FROM cadence c
               ) AS is_over
        FROM digest_mark k
        LEFT JOIN mail o ON o.id = k.mail_id AND {NEVER_LEFT}
        WHERE k.member_id = ANY(CAST(:member_ids AS bigint[]))
    ) y
    GROUP BY y.member_id
"""
# Cadences whose turn it is: so many days have gone by, or the mail that was to tell of them never left. A new one
# begins where the member was told of last: who changes from one to another misses nothing and hears nothing twice.
TURNS = f"""
    SELECT x.member_id, f.every_days, x.day, {QUIET} AS is_quiet,
           CASE WHEN o.id IS NOT NULL OR k.is_quiet THEN k.since
                WHEN k.member_id IS NOT NULL THEN k.until
                WHEN f.every_days > {BESIDES}
                    THEN coalesce(b.until, x.due_at - least(f.every_days, 7) * interval '1 day')
                ELSE least(coalesce(b.until, x.due_at - interval '1 day'), (
                         SELECT min(u.ended_at) FROM untold u WHERE u.member_id = x.member_id
                     )) END AS since,
           CASE WHEN o.id IS NOT NULL THEN k.dates_after
                WHEN k.member_id IS NOT NULL THEN k.last_on
                ELSE coalesce(b.last_on, x.day - greatest(f.every_days, 1)) END AS dates_after,
           CASE WHEN o.id IS NOT NULL OR k.is_quiet THEN k.news_after
                WHEN k.member_id IS NOT NULL THEN k.last_on
                ELSE coalesce(b.last_on, x.day - greatest(f.every_days, 1)) END AS news_after
    FROM unnest(
        CAST(:member_ids AS bigint[]), CAST(:days AS date[]), CAST(:due_at AS timestamptz[])
    ) x (member_id, day, due_at)
    JOIN member r ON r.id = x.member_id
    LEFT JOIN mail_wish w ON w.member_id = x.member_id
    JOIN (
        SELECT c.member_id, c.every_days FROM cadence c
        UNION
        SELECT c.member_id, {BESIDES} FROM cadence c
    ) f ON f.member_id = x.member_id
    LEFT JOIN digest_mark k ON k.member_id = f.member_id AND k.every_days = f.every_days
    LEFT JOIN ({TOLD_LAST}) b ON b.member_id = x.member_id
    LEFT JOIN mail o ON o.id = k.mail_id AND {NEVER_LEFT}
    WHERE k.member_id IS NULL OR o.id IS NOT NULL OR x.day - k.last_on >= f.every_days
"""
# Those still waiting tell nothing any more: what they would have told, the new one does.
MAKE_SQL = f"""
    WITH untold AS MATERIALIZED ({UNTOLD}),
    cadence AS MATERIALIZED ({CADENCES}),
    possible AS MATERIALIZED ({TURNS}),
    turn AS MATERIALIZED (
        SELECT p.member_id, p.every_days, p.day, p.is_quiet, p.since, p.dates_after, p.news_after FROM possible p
        WHERE p.member_id IN (SELECT q.member_id FROM possible q WHERE q.every_days > {BESIDES})
    ),
    made AS (
        INSERT INTO mail (member_id, kind, dedupe_key, since, until, is_quiet, leaves_out)
        SELECT t.member_id, 'digest', 'digest:' || t.member_id || ':' || t.day, min(t.since), {UNTIL},
               bool_or(t.is_quiet), ARRAY(
                   SELECT c.every_days FROM cadence c
                   WHERE c.member_id = t.member_id AND c.every_days <> ALL(array_agg(t.every_days))
                   ORDER BY c.every_days
               )
        FROM turn t
        GROUP BY t.member_id, t.day
        ORDER BY t.member_id
        ON CONFLICT (dedupe_key) DO NOTHING
        RETURNING id, member_id
    ),
    marked AS (
        INSERT INTO digest_mark AS k (member_id, every_days, mail_id, since, until, dates_after, news_after, last_on,
                                       is_quiet)
        SELECT t.member_id, t.every_days, n.id, t.since, {UNTIL}, t.dates_after, t.news_after, t.day, t.is_quiet
        FROM turn t JOIN made n ON n.member_id = t.member_id
        ON CONFLICT (member_id, every_days) DO UPDATE
        SET mail_id = excluded.mail_id, since = excluded.since, until = excluded.until, last_on = excluded.last_on,
            dates_after = excluded.dates_after, news_after = excluded.news_after, is_quiet = excluded.is_quiet
        RETURNING k.member_id
    ),
    dropped AS (
        DELETE FROM digest_mark k
        WHERE k.member_id = ANY(CAST(:member_ids AS bigint[])) AND k.every_days > {BESIDES}
          AND (k.member_id, k.every_days) NOT IN (SELECT c.member_id, c.every_days FROM cadence c)
        RETURNING k.member_id
    ),
    overtaken AS (
        UPDATE mail o
        SET state = 'unwanted', outcome = '{OVERTAKEN}', ended_at = now()
        FROM made n
        WHERE o.member_id = n.member_id AND o.kind = 'digest' AND o.state = 'waiting' AND o.id <> n.id
        RETURNING o.id
    )
    SELECT n.id FROM made n ORDER BY n.id
"""
HOLD_SQL = """
    SELECT w.member_id, w.state FROM mail w
    WHERE w.member_id = ANY(CAST(:member_ids AS bigint[])) AND w.kind = 'digest' AND w.state IN ('waiting', 'sending')
    ORDER BY w.id
    FOR NO KEY UPDATE
"""


async def busy(db: Database, member_ids: Sequence[int]) -> set[int]:
    """Within a transaction: hold the digests of these members that have not left, so that none does meanwhile.

    Returns the members of whom one is just being handed over: nobody knows yet what it has told.
    """
    found = await rows(db, HOLD_SQL, member_ids=list(member_ids))
    return {row["member_id"] for row in found if row["state"] == "sending"}


async def make(db: Database, due: Sequence[tuple[int, date, datetime]]) -> None:
    """Within that transaction: make the digests of these members, each on a day where they are, due at that moment.

    Only for those who hear anything by digest whose turn it is; a second one of a day is not made.
    """
    await rows(
        db,
        MAKE_SQL,
        member_ids=[member_id for member_id, _, _ in due],
        days=[day for _, day, _ in due],
        due_at=[at for _, _, at in due],
    )
