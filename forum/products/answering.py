"""A vendor's one answer to a review: a post of the same thread, corrected for fourteen days. Owns vendor_answer."""

from forum.kit.db import Database, run
from forum.kit.errors import Invalid, NotFound, Stale
from forum.kit.text import has_words
from forum.kit.tokens import new_token
from forum.members.types import Actor
from forum.products import policy, review_queries
from forum.products.review_types import MAX_ANSWER, Answering
from forum.threads import form_posts
from forum.threads import queries as threads


async def answer(db: Database, actor: Actor, review_id: int, body: str, *, version: int = 0) -> Answering:
    """Answer a review for its vendor, or correct the answer (`version` of it). The same words twice are one answer.

    Returns the review as it was. Raises NotFound, Forbidden, Invalid, Stale.
    """
    body = body.strip()
    if not has_words(body) or len(body) > MAX_ANSWER:
        raise Invalid(body=f"Write an answer of at most {MAX_ANSWER:,} characters; this has {len(body):,}.")
    found = await review_queries.answering(db, actor, review_id)
    policy.may_answer(actor, found).require()  # before the costly rendering
    text = await form_posts.text(db, body)
    async with db.transaction():
        await threads.hold(db, found.thread_id)  # in the order in which a writer holds them
        if not await run(db, "SELECT rv.id FROM review rv WHERE rv.id = :id FOR NO KEY UPDATE", id=review_id):
            raise NotFound
        found = await review_queries.answering(db, actor, review_id)
        policy.may_answer(actor, found).require()
        if found.answer_post_id and found.body == body:
            return found
        await form_posts.screen(db, actor, found.category_id, body, found.body)
        if found.answer_post_id is None:
            await _insert(db, actor, found, text)
        elif found.version != version:
            raise Stale
        else:
            await form_posts.rewrite(db, found.answer_post_id, text, actor.id or 0)
            await run(
                db, "UPDATE vendor_answer SET version = version + 1 WHERE review_id = :review_id", review_id=review_id
            )
    return found


async def _insert(db: Database, actor: Actor, found: Answering, text: form_posts.Text) -> None:
    post_id = await form_posts.add(db, actor.id or 0, found.thread_id, text, new_token())
    await run(
        db,
        """
        INSERT INTO vendor_answer (review_id, vendor_id, member_id, post_id)
        VALUES (:review_id, :vendor_id, :member_id, :post_id)
        """,
        review_id=found.review_id,
        vendor_id=found.vendor_id,
        member_id=actor.id,
        post_id=post_id,
    )
