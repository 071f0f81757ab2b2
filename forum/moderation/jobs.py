"""What follows from flags, holds, requests and decisions. Each loads fresh by id and may run twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit import outbox
from forum.kit.db import first, rows, value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import queries as members
from forum.moderation import flags, holds, joins, queue
from forum.moderation.types import Kind
from forum.site.queries import site_name

SECONDS_TO_UNDO = 30
MOST_MAILS = 200


@dataclass(frozen=True)
class Letter:
    """What somebody is told about their post."""

    author_id: int
    kind: str
    subject_id: int
    letter: str


async def queue_flag(tools: Tools, post_id: int) -> None:
    """A flagged post waits for the moderators of its category."""
    places = await flags.places(tools.db, [post_id])
    if post_id in places:
        author_id = await value(tools.db, "SELECT p.author_id FROM post p WHERE p.id = :id", id=post_id)
        await queue.put(tools.db, "flag", post_id, category_id=places[post_id], author_id=author_id)


async def unqueue_flag(tools: Tools, post_id: int) -> None:
    """All flags of the post were taken back."""
    if post_id not in await flags.places(tools.db, [post_id]):
        await queue.put_away(tools.db, "flag", post_id)


async def queue_hold(tools: Tools, held_id: int) -> None:
    """A held post waits for the moderators of its category."""
    places = await holds.places(tools.db, [held_id])
    if held_id in places:
        author_id = await value(tools.db, "SELECT h.author_id FROM held_post h WHERE h.id = :id", id=held_id)
        await queue.put(tools.db, "hold", held_id, category_id=places[held_id], author_id=author_id)


async def unqueue_hold(tools: Tools, held_id: int) -> None:
    """Its author took it back."""
    if held_id not in await holds.places(tools.db, [held_id]):
        await queue.put_away(tools.db, "hold", held_id)


async def queue_join(tools: Tools, request_id: int) -> None:
    """Somebody who asks to join waits for administrators."""
    if request_id in await joins.places(tools.db, [request_id]):
        await queue.put(tools.db, "join", request_id, category_id=None, author_id=None)


async def unqueue_join(tools: Tools, request_id: int) -> None:
    """It was decided, here or on the page of requests."""
    if request_id not in await joins.places(tools.db, [request_id]):
        await queue.put_away(tools.db, "join", request_id)


async def release_letters(tools: Tools) -> None:
    """Each minute: what was decided and can no longer be undone is told to authors, each by a job of its own."""
    async with tools.db.transaction():
        for row in await rows(tools.db, DUE_SQL, wait=float(SECONDS_TO_UNDO), most=MOST_MAILS):
            await outbox.emit(tools.db, "decision.settled", item_id=row["id"])


DUE_SQL = """
    UPDATE queue_item SET letter_sent_at = now()
    WHERE id IN (
        SELECT i.id FROM queue_item i
        WHERE i.letter <> '' AND i.letter_sent_at IS NULL AND i.decided_at < now() - :wait * interval '1 second'
        ORDER BY i.id
        LIMIT :most
        FOR NO KEY UPDATE
    )
    RETURNING id
"""


async def mail_letter(tools: Tools, item_id: int, kinds: Sequence[Kind]) -> None:
    """Tell the author of what was judged, if they are here and have an address."""
    found = await first(
        tools.db,
        Letter,
        """
        SELECT m.id AS author_id, i.kind, i.subject_id, i.letter
        FROM queue_item i JOIN member m ON m.id = i.author_id AND m.state = 'active'
        WHERE i.id = :item_id AND i.letter <> ''
        """,
        item_id=item_id,
    )
    address = await members.mail_address(tools.db, found.author_id) if found else None
    if found and address:
        kind = next(each for each in kinds if each.name == found.kind)
        text = f"{found.letter}\n\n{tools.settings.site_url}{kind.letter_path.format(found.subject_id)}\n"
        about = f"{kind.letter_about} on {await site_name(tools.db, tools.settings)}"
        await tools.mailer.send(Mail(address, about, text))
