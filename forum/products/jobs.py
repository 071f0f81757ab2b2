"""What follows when a product is suggested. May run twice."""

from forum.kit.db import value
from forum.kit.tools import Tools
from forum.moderation import queue
from forum.products import suggesting


async def queue_suggestion(tools: Tools, suggestion_id: int) -> None:
    """A suggested product waits for administrators."""
    if suggestion_id in await suggesting.places(tools.db, [suggestion_id]):
        member_id = await value(
            tools.db, "SELECT g.member_id FROM product_suggestion g WHERE g.id = :id", id=suggestion_id
        )
        await queue.put(tools.db, "product", suggestion_id, category_id=None, author_id=member_id)
