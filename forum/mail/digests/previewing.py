"""What a member's digest would be just now: made as always, looked at, and never there."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from forum.following.wishes import break_day, lift_silence, wishes
from forum.kit import limits, outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid
from forum.kit.tokens import new_token
from forum.kit.tools import Tools
from forum.mail.composing import house
from forum.mail.digests import telling
from forum.mail.digests.calendar import day_at
from forum.mail.digests.cards import letter_page
from forum.mail.digests.choosing import chosen
from forum.mail.digests.dates import coming_events, deadlines
from forum.mail.digests.marking import BESIDES, CADENCES, QUIET
from forum.mail.digests.rendering import STOP_WORDS, WHY, composed, digest_readers, page_of
from forum.mail.digests.types import Block, DigestPage, DigestReader
from forum.mail.queries import recipients
from forum.mail.reasons import names_of
from forum.mail.suppressing import unreached
from forum.mail.types import NO_ADDRESS, Claimed, House, Ready, Rendered, Unwanted
from forum.mail.wording import rendered, without_links
from forum.members.queries import zone
from forum.members.types import Actor

DAYS = 7  # a preview tells of these at least, so that there is something to see
SENT_AN_HOUR = 5
NOTHING = "There was nothing to show."
NO_CADENCE = "You get no digest, because you follow nothing by digest. Choose a digest for something you follow."
NO_BLOCKS = "You get no digest, because you left everything out of it. Choose what is in it."
QUIET_NOW = "This is a quiet time, such as a school break. Until it is over, your digest holds renewal deadlines only."
QUIET_SQL = f"""
    SELECT {QUIET}
    FROM member r
    LEFT JOIN mail_wish w ON w.member_id = r.id
    CROSS JOIN (SELECT CAST(:day AS date) AS day) x
    WHERE r.id = :member_id
"""
UNSURE_DAYS = 14
# The newest digest of a member that may not have come, until what it held has been sent to them since.
UNSURE_SQL = f"""
    SELECT m.since, m.created_at
    FROM mail m
    WHERE m.member_id = :member_id AND m.kind = 'digest' AND m.state = 'failed' AND m.is_unsure
      AND m.created_at > now() - {UNSURE_DAYS} * interval '1 day' AND NOT EXISTS (
          SELECT 1 FROM mail o
          WHERE o.member_id = m.member_id AND o.kind = 'preview' AND o.state = 'sent' AND o.created_at >= m.ended_at
      )
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT 1
"""
# It tells of a week at least, and of the time of a digest that may not have come.
MAKE_SQL = f"""
    WITH made AS (
        INSERT INTO mail (member_id, kind, dedupe_key) VALUES (:member_id, 'preview', :key) RETURNING id
    )
    INSERT INTO digest_mark AS k (member_id, every_days, mail_id, since, until, dates_after, news_after, last_on,
                                   is_quiet)
    SELECT :member_id, f.every_days, n.id,
           least(now() - greatest(f.every_days, {DAYS}) * interval '1 day', u.since), now(), d.after, d.after, :day,
           false
    FROM made n
    LEFT JOIN ({UNSURE_SQL}) u ON true
    CROSS JOIN (
        SELECT c.every_days FROM ({CADENCES}) c
        UNION
        SELECT {BESIDES}
        UNION
        SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ({CADENCES}) c)
    ) f
    CROSS JOIN LATERAL (
        SELECT least(CAST(:day AS date) - greatest(f.every_days, {DAYS}), CAST(u.since AS date) - 1) AS after
    ) d
    ON CONFLICT (member_id, every_days) DO UPDATE
    SET mail_id = excluded.mail_id, since = least(k.until, excluded.since), until = excluded.until,
        dates_after = excluded.dates_after, news_after = excluded.news_after, last_on = excluded.last_on,
        is_quiet = false
    RETURNING mail_id
"""


async def preview(tools: Tools, member_id: int, own_zone: ZoneInfo) -> DigestPage | None:
    """What would stand in it, of the last week at least; None for nothing. Nothing of it stays.

    own_zone: here and below, the member's or else the site's.
    """
    found = await _looked_at(tools, await house(tools), member_id, own_zone)
    return _to_look_at(*found) if found else None


async def preview_text(tools: Tools, member_id: int, own_zone: ZoneInfo) -> str:
    """The plain text of the mail it would be, without the links that are its reader's own; "" for nothing."""
    home = await house(tools)
    found = await _looked_at(tools, home, member_id, own_zone)
    if found is None:
        return ""
    words = rendered(home, "digest", letter_page(_to_look_at(*found)))
    return without_links(words.text, why=WHY, stop_words=STOP_WORDS)


def _to_look_at(reader: DigestReader, filled: tuple[Block, ...]) -> DigestPage:
    return page_of(reader, telling.without_stops(filled))


async def why_none(db: Database, member_id: int, own_zone: ZoneInfo) -> str:
    """Why no digest comes to a member just now, or only a part of it, in a sentence to them; "" where they come."""
    wished = await wishes(db, member_id)
    if silence := wished.silence(break_day()):
        return silence
    if not wished.blocks:
        return NO_BLOCKS
    has_any = await value(db, f"SELECT EXISTS ({CADENCES})", member_ids=[member_id])
    if not has_any:
        return NO_CADENCE
    day = day_at(datetime.now(UTC), own_zone)
    return QUIET_NOW if await value(db, QUIET_SQL, member_id=member_id, day=day) else ""


async def unsure_day(db: Database, member_id: int, own_zone: ZoneInfo) -> date | None:
    """The day of the newest digest that may not have come to a member, None for none: nobody knows, and none is sent
    twice. What they have not read of it stands in their preview.
    """
    found = await rows(db, UNSURE_SQL, member_id=member_id)
    return day_at(found[0]["created_at"], own_zone) if found else None


async def send_preview(db: Database, actor: Actor) -> None:
    """Queue it as a mail to `actor`. Raises Invalid for somebody whom no mail reaches, TooMany."""
    if why := await unreached(db, actor):
        raise Invalid(mail=why)
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
    home = await house(tools)
    own_zone = await zone(tools.db, mail.member_id, tools.settings.time_zone)
    found = await _looked_at(tools, home, mail.member_id, own_zone)
    if found is None:
        return Unwanted(NOTHING)
    return Ready(composed(home, found[0], person.address, found[1], mail.message_id, datetime.now(UTC)), person.address)


async def _looked_at(
    tools: Tools, home: House, member_id: int, own_zone: ZoneInfo
) -> tuple[DigestReader, tuple[Block, ...]] | None:
    day = day_at(datetime.now(UTC), own_zone)
    async with tools.db.transaction(force_rollback=True):
        await lift_silence(tools.db, member_id)
        mail_id: int = await value(
            tools.db,
            MAKE_SQL,
            member_id=member_id,
            member_ids=[member_id],
            key=f"preview:{member_id}:{new_token()}",
            day=day,
        )
        posts = await chosen(tools.db, [mail_id])
        (reader,) = await digest_readers(tools, [mail_id])
        dates, events = await deadlines(tools.db, [mail_id]), await coming_events(tools.db, [reader])
        said = await telling.told(tools.db, {each.post_id for some in posts.values() for each in some})
        names = await names_of(tools.db, posts.get("followed", ()))
        filled = telling.blocks(home, reader, posts, dates, events, said, names)
    return (reader, filled) if filled else None
