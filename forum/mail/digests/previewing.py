"""What a member's digest would be just now: made as always, looked at, and never there."""

from collections.abc import Sequence
from datetime import UTC, datetime

from forum.kit import limits, outbox
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.kit.tokens import new_token
from forum.kit.tools import Tools
from forum.mail.composing import house
from forum.mail.digests import telling
from forum.mail.digests.calendar import day_at, zone_of
from forum.mail.digests.choosing import chosen, deadlines
from forum.mail.digests.marking import BESIDES, CADENCES
from forum.mail.digests.rendering import composed, digest_readers, page_of
from forum.mail.digests.types import Block, DigestPage, DigestReader
from forum.mail.queries import recipients
from forum.mail.suppressing import suppressed
from forum.mail.types import NO_ADDRESS, NO_ADDRESS_OF_YOURS, Claimed, Ready, Rendered, Unwanted
from forum.mail.wording import Words, rendered
from forum.members.types import Actor

LEFT_ALONE = "Nothing is mailed to your address any more, as it was refused. Ask an administrator to let it in."
DAYS = 7  # a preview tells of these at least, so that there is something to see
SENT_AN_HOUR = 5
NOTHING = "There was nothing to show."
MAKE_SQL = f"""
    WITH made AS (
        INSERT INTO mail (member_id, kind, dedupe_key) VALUES (:member_id, 'preview', :key) RETURNING id
    )
    INSERT INTO digest_mark AS k (member_id, every_days, mail_id, since, until, dates_after, last_on, is_quiet)
    SELECT :member_id, f.every_days, n.id, now() - greatest(f.every_days, {DAYS}) * interval '1 day', now(),
           CAST(:day AS date) - greatest(f.every_days, {DAYS}), :day, false
    FROM made n
    CROSS JOIN (
        SELECT c.every_days FROM ({CADENCES}) c
        UNION
        SELECT {BESIDES}
        UNION
        SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ({CADENCES}) c)
    ) f
    ON CONFLICT (member_id, every_days) DO UPDATE
    SET mail_id = excluded.mail_id, since = least(k.until, excluded.since), until = excluded.until,
        dates_after = excluded.dates_after, last_on = excluded.last_on, is_quiet = false
    RETURNING mail_id
"""


ZONE_SQL = """
    SELECT coalesce(nullif(w.time_zone, ''), o.time_zone) FROM member m
    LEFT JOIN mail_wish w ON w.member_id = m.id
    LEFT JOIN district o ON o.id = m.district_id
    WHERE m.id = :member_id
"""


async def preview(tools: Tools, member_id: int) -> DigestPage | None:
    """What would stand in it, of the last week at least; None for nothing. Nothing of it stays."""
    found = await _looked_at(tools, member_id)
    return page_of(*found) if found else None


async def preview_words(tools: Tools, member_id: int) -> Words | None:
    """The two parts of the mail it would be, their slots empty."""
    page = await preview(tools, member_id)
    return rendered(await house(tools), "digest", page) if page else None


async def send_preview(db: Database, actor: Actor) -> None:
    """Queue it as a mail to `actor`. Raises Invalid for somebody whom no mail reaches, TooMany."""
    person = (await recipients(db, [actor.id or 0])).get(actor.id or 0)
    if person is None:
        raise Invalid(mail=NO_ADDRESS_OF_YOURS)
    if await suppressed(db, [person.address]):
        raise Invalid(mail=LEFT_ALONE)
    await limits.count(db, f"digest preview {actor.id}", most=SENT_AN_HOUR, seconds=3600)
    async with db.transaction():
        await run(
            db,
            "INSERT INTO mail (member_id, kind, dedupe_key) VALUES (:member_id, 'preview', :key)",
            member_id=actor.id,
            key=f"preview:{actor.id}:{new_token()}",
        )
        await outbox.emit(db, "mail.due")


async def render_previews(tools: Tools, claimed: Sequence[Claimed]) -> Rendered:
    """Each preview that somebody wants as a mail. There are few."""
    return {each.id: await _mail(tools, each) for each in claimed}


async def _mail(tools: Tools, mail: Claimed) -> Ready | Unwanted:
    person = (await recipients(tools.db, [mail.member_id])).get(mail.member_id)
    if person is None:
        return Unwanted(NO_ADDRESS)
    found = await _looked_at(tools, mail.member_id)
    if found is None:
        return Unwanted(NOTHING)
    home = await house(tools)
    return Ready(composed(home, found[0], person.address, found[1], mail.message_id, datetime.now(UTC)), person.address)


async def _looked_at(tools: Tools, member_id: int) -> tuple[DigestReader, tuple[Block, ...]] | None:
    home = await house(tools)
    zone = await value(tools.db, ZONE_SQL, member_id=member_id)
    day = day_at(datetime.now(UTC), zone_of(zone or "", tools.settings.time_zone))
    async with tools.db.transaction(force_rollback=True):
        mail_id: int = await value(
            tools.db,
            MAKE_SQL,
            member_id=member_id,
            member_ids=[member_id],
            key=f"preview:{member_id}:{new_token()}",
            day=day,
        )
        posts = await chosen(tools.db, [mail_id])
        dates = await deadlines(tools.db, [mail_id])
        (reader,) = await digest_readers(tools.db, [mail_id])
        said = await telling.told(tools.db, {each.post_id for some in posts.values() for each in some})
        filled = telling.blocks(home, reader, posts, dates, said)
    return (reader, filled) if filled else None
