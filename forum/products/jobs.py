"""What follows when a product is suggested or reviewed, and what is counted each night. May run twice."""

from forum.kit.db import value
from forum.kit.tools import Tools
from forum.moderation import queue
from forum.products import bursts, prices, scoring, suggesting


async def queue_suggestion(tools: Tools, suggestion_id: int) -> None:
    """A suggested product waits for administrators."""
    if suggestion_id in await suggesting.places(tools.db, [suggestion_id]):
        member_id = await value(
            tools.db, "SELECT g.member_id FROM product_suggestion g WHERE g.id = :id", id=suggestion_id
        )
        await queue.put(tools.db, "product", suggestion_id, category_id=None, author_id=member_id)


async def look_for_burst(tools: Tools, product_id: int) -> None:
    """Reviews that come much faster than usual wait for administrators."""
    burst_id = await bursts.look_for_burst(tools.db, product_id)
    if burst_id:
        await queue.put(tools.db, "burst", burst_id, category_id=None, author_id=None)


async def rescore_thread(tools: Tools, thread_id: int) -> None:
    """Posts were hidden, or are there again: the scores of the products reviewed there follow."""
    for product_id in await scoring.products_of_thread(tools.db, thread_id):
        await scoring.rescore(tools.db, product_id)


async def count_nightly(tools: Tools) -> None:
    """Each night: reviews weigh a day less, and prices that are old enough are published."""
    await scoring.rescore_all(tools.db)
    await prices.publish(tools.db)
