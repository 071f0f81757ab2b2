"""Digests as they are sent: chosen and said at the last moment, with each recipient as the reader."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from forum.kit.days import written
from forum.kit.db import many
from forum.kit.tools import Tools
from forum.mail.composing import Draft, house
from forum.mail.digests import telling
from forum.mail.digests.cards import letter_page
from forum.mail.digests.choosing import chosen
from forum.mail.digests.dates import coming_events, deadlines
from forum.mail.digests.types import HEADINGS, Block, Chosen, Coming, Deadline, DigestPage, DigestReader, Told
from forum.mail.queries import Recipient, recipients
from forum.mail.reasons import Names, names_of
from forum.mail.types import NO_ADDRESS, Claimed, House, Letter, Reader, Ready, Rendered, Unwanted
from forum.mail.wording import rendered
from forum.members.queries import READER_ZONE

NOTHING_NEW = "There was nothing new."
NOT_WANTED = "The member stopped or paused email."
NO_TIME = "Another digest covers it."
WHY = "You get this because you chose digests."
STOP_WORDS = "Stop digests"

READERS_SQL = f"""
    SELECT DISTINCT ON (m.id) m.id AS mail_id, m.member_id, coalesce(w.blocks, CAST(:blocks AS text[])) AS blocks,
           k.last_on AS day, k.news_after, now() AS now,
           coalesce(nullif({READER_ZONE}, ''), :zone) AS zone_name, CAST(:zone AS text) AS site_zone, k.is_quiet,
           NOT coalesce(w.stops_all, false) AND (w.paused_until IS NULL OR w.paused_until <= k.last_on) AS is_wanted
    FROM mail m
    JOIN digest_mark k ON k.mail_id = m.id
    JOIN member r ON r.id = m.member_id
    LEFT JOIN mail_wish w ON w.member_id = m.member_id
    WHERE m.id = ANY(CAST(:mail_ids AS bigint[]))
    ORDER BY m.id, k.every_days
"""


class OfOne(Protocol):
    """Anything that is for one digest."""

    @property
    def mail_id(self) -> int: ...


Each = TypeVar("Each", bound=OfOne)


async def render_digests(tools: Tools, claimed: Sequence[Claimed]) -> Rendered:
    """Each digest, or why it is not sent: as many queries for any number of them."""
    ids = [each.id for each in claimed]
    readers = {each.mail_id: each for each in await digest_readers(tools, ids)}
    people = await recipients(tools.db, [each.member_id for each in claimed])
    posts = {block: _by_mail(found) for block, found in (await chosen(tools.db, ids)).items()}
    dates = _by_mail(await deadlines(tools.db, ids))
    events = _by_mail(await coming_events(tools.db, list(readers.values())))
    said = await telling.told(
        tools.db, {each.post_id for found in posts.values() for some in found.values() for each in some}
    )
    names = await names_of(tools.db, (each for some in posts.get("followed", {}).values() for each in some))
    home, now = await house(tools), datetime.now(UTC)
    made: dict[int, Ready | Unwanted] = {}
    for each in claimed:
        reader, person = readers.get(each.id), people.get(each.member_id)
        made[each.id] = _made_out(home, each, reader, person, posts, dates, events, said, names, now)
    return made


async def digest_readers(tools: Tools, mail_ids: Sequence[int]) -> list[DigestReader]:
    """Whom these digests are for; none for one whose time another tells of."""
    zone = tools.settings.time_zone
    return await many(tools.db, DigestReader, READERS_SQL, mail_ids=list(mail_ids), blocks=list(HEADINGS), zone=zone)


def _made_out(
    home: House,
    mail: Claimed,
    reader: DigestReader | None,
    person: Recipient | None,
    posts: Mapping[str, Mapping[int, Sequence[Chosen]]],
    dates: Mapping[int, Sequence[Deadline]],
    events: Mapping[int, Sequence[Coming]],
    said: Mapping[int, Told],
    names: Names,
    now: datetime,
) -> Ready | Unwanted:
    if reader is None:
        return Unwanted(NO_TIME)
    if not reader.is_wanted:
        return Unwanted(NOT_WANTED)
    if person is None:
        return Unwanted(NO_ADDRESS)
    own = {block: found.get(mail.id, ()) for block, found in posts.items()}
    filled = telling.blocks(home, reader, own, dates.get(mail.id, ()), events.get(mail.id, ()), said, names)
    if not filled:
        return Unwanted(NOTHING_NEW)
    return Ready(composed(home, reader, person.address, filled, mail.message_id, now), person.address)


def composed(
    home: House, reader: DigestReader, address: str, filled: tuple[Block, ...], message_id: str, now: datetime
) -> bytes:
    """The bytes of one digest."""
    page = page_of(reader, filled)
    words = rendered(home, "digest", letter_page(page))
    letter = Letter("digest", f"Digest for {page.day_words}: {page.counted}", words.text, words.html, message_id)
    copy = Reader(reader.member_id, address, WHY, STOP_WORDS, "digest")
    return Draft(home, letter).to(copy, now)


def page_of(reader: DigestReader, filled: tuple[Block, ...]) -> DigestPage:
    """What the templates of digests read."""
    return DigestPage(written(reader.day), telling.counted(filled), filled)


def _by_mail(found: Iterable[Each]) -> dict[int, list[Each]]:
    by_mail = defaultdict(list)
    for each in found:
        by_mail[each.mail_id].append(each)
    return by_mail
