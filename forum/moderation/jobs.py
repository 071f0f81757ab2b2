"""What follows from flags, holds, requests and decisions. Each loads fresh by id and may run twice."""

from forum.kit.db import rows, run, value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.moderation import flags, holds, joins, queue
from forum.site.queries import site_name

SECONDS_TO_UNDO = 30
MOST_MAILS = 200


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


async def mail_letters(tools: Tools) -> None:
    """Each minute: tell authors what was decided about their posts, once it can no longer be undone."""
    found = await rows(
        tools.db,
        """
        SELECT i.id, i.letter, (
                   SELECT e.address FROM member_email e JOIN member m ON m.id = e.member_id
                   WHERE e.member_id = i.author_id AND e.verified_at IS NOT NULL AND m.state = 'active'
                   ORDER BY e.verified_at, e.address
                   LIMIT 1
               ) AS address
        FROM queue_item i
        WHERE i.letter <> '' AND i.letter_sent_at IS NULL AND i.decided_at < now() - :wait * interval '1 second'
        ORDER BY i.id
        LIMIT :most
        """,
        wait=float(SECONDS_TO_UNDO),
        most=MOST_MAILS,
    )
    for row in found:
        if row["address"]:
            text = f"{row['letter']}\n\n{tools.settings.site_url}/drafts\n"
            await tools.mailer.send(
                Mail(row["address"], f"Your post on {await site_name(tools.db, tools.settings)}", text)
            )
        await run(tools.db, "UPDATE queue_item SET letter_sent_at = now() WHERE id = :id", id=row["id"])
