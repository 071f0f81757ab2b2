"""What administrators do with the queue: send again what failed, and one through all of it to see whether it works."""

from forum.audit.commands import record
from forum.audit.types import THE_SITE, Act
from forum.kit import outbox
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.kit.tokens import new_token
from forum.mail.policy import may_run_mail
from forum.mail.queries import MAY_COME_AGAIN, recipients
from forum.mail.types import NO_ADDRESS_OF_YOURS
from forum.members.types import Actor

# As if it were queued anew, but under the same Message-ID: whoever got it after all sees it once.
AGAIN_SQL = f"""
    UPDATE mail m
    SET state = 'waiting', attempts = 0, created_at = now(), next_at = now(), ended_at = NULL, is_unsure = false
    WHERE m.state = 'failed' AND {MAY_COME_AGAIN}
"""


async def resend(db: Database, actor: Actor, mail_id: int) -> bool:
    """Send a failed mail again, soon; twice is once, and of digests that may have arrived none is.

    Returns whether it is sent again. Raises Forbidden.
    """
    may_run_mail(actor).require()
    async with db.transaction():
        is_again = bool(await run(db, f"{AGAIN_SQL} AND m.id = :mail_id", mail_id=mail_id))
        if is_again:
            await record(db, actor.id, Act("mail.resent", "mail", mail_id))
            await outbox.emit(db, "mail.due")
    return is_again


async def resend_all(db: Database, actor: Actor) -> int:
    """Send every mail again that failed in the last week, as `resend` does. Returns how many. Raises Forbidden."""
    may_run_mail(actor).require()
    async with db.transaction():
        count = await run(db, f"{AGAIN_SQL} AND m.ended_at > now() - interval '7 days'")
        if count:
            await record(db, actor.id, Act("mails.resent", "site", THE_SITE, after={"count": count}))
            await outbox.emit(db, "mail.due")
    return count


async def queue_test(db: Database, actor: Actor) -> int:
    """Queue a test mail to `actor`; the worker sends it. Returns its id. Raises Forbidden, Invalid."""
    may_run_mail(actor).require()
    if actor.id not in await recipients(db, [actor.id or 0]):
        raise Invalid(mail=NO_ADDRESS_OF_YOURS)
    async with db.transaction():
        mail_id: int = await value(
            db,
            "INSERT INTO mail (member_id, kind, dedupe_key) VALUES (:member_id, 'test', :key) RETURNING id",
            member_id=actor.id,
            key=f"test:{actor.id}:{new_token()}",
        )
        await outbox.emit(db, "mail.due")
    return mail_id
