"""Telling how one moved from a product to another: one story for each member and pair, a thread of its own.
Owns switch_story.
"""

from forum.categories.policy import may_act
from forum.kit.db import Database, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Verdict
from forum.kit.tokens import new_token
from forum.members.types import Actor
from forum.products import policy, queries, review_queries, story_queries
from forum.products.queries import HOLD
from forum.products.reviewing import NO_PLACE
from forum.products.story_types import OwnStory, StoryDraft
from forum.products.types import Product
from forum.threads import form_posts
from forum.threads import queries as threads
from forum.threads.form_posts import Text

ALREADY = "You have told it already, and this is another text. Open your story from the product's page to change it."
GONE = "The thread of your story is deleted. Bring it back there, or write to staff."

# What becomes of stories when the product :old becomes one with :new; see wiring.PRODUCT_MERGES. Of two stories of one
# member the newer stays; what was a move from one to the other is none any more. Their threads stay.
MERGED = (
    "DELETE FROM switch_story WHERE from_product_id IN (:old, :new) AND to_product_id IN (:old, :new)",
    """
    DELETE FROM switch_story s USING switch_story o
    WHERE s.member_id = o.member_id AND (s.said_at, s.id) < (o.said_at, o.id)
      AND (s.to_product_id = o.to_product_id AND s.from_product_id IN (:old, :new)
               AND o.from_product_id IN (:old, :new)
           OR s.from_product_id = o.from_product_id AND s.to_product_id IN (:old, :new)
               AND o.to_product_id IN (:old, :new))
    """,
    "UPDATE switch_story SET from_product_id = :new WHERE from_product_id = :old",
    "UPDATE switch_story SET to_product_id = :new WHERE to_product_id = :old",
)


async def may_tell(db: Database, actor: Actor, own: OwnStory | None = None) -> Verdict:
    """Whether `actor` may tell of a move now, or change `own`."""
    allowed = policy.may_tell_move(actor, await queries.district_of(db, actor))
    if not allowed:
        return allowed
    if own is None:
        place = await review_queries.place(db, actor)
        return may_act(actor, place.rights, "tell of moves") if place else NO_PLACE
    if own.is_gone:
        return Verdict(GONE)
    try:
        thread = await threads.thread(db, actor, own.thread_id)
    except NotFound:
        return Verdict("Your story stands where you may not read anymore.")
    if thread.is_locked and not thread.is_staff:
        return Verdict("The thread of your story is closed for now.")
    return may_act(actor, thread.replying, "tell of moves")


async def tell(db: Database, actor: Actor, address: str, draft: StoryDraft) -> str:
    """Tell how one moved to the product at that address, or change what one told. Returns the product's path.

    The same story twice is one. Raises NotFound, Forbidden, Invalid; Stale when it was changed elsewhere.
    """
    product = await queries.product(db, actor, address)
    policy.may_tell_move(actor, await queries.district_of(db, actor)).require()
    draft.check()
    await moved_from(db, actor, product, draft)  # before the costly rendering
    text = await form_posts.text(db, draft.as_post())
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile, and nobody tells the same
        product = await queries.product(db, actor, address)
        left = await moved_from(db, actor, product, draft)
        before = await story_queries.own_story(db, actor, left.id, product.id)
        (await may_tell(db, actor, before)).require()
        if before and _is_sent_again(before, draft):
            return product.path
        if before is None:
            await _start(db, actor, left, product, draft, text)
        else:
            await _change(db, actor, before, draft, text)
    return product.path


async def moved_from(db: Database, actor: Actor, product: Product, draft: StoryDraft) -> Product:
    """The product that a draft says was left for `product`: the one chosen, or else the one named. Raises Invalid."""
    address, field = draft.moved_from, "moved_from"
    if draft.from_name:
        product_id, field = await queries.product_called(db, draft.from_name), "from_name"
        address = await value(db, "SELECT pr.slug FROM product pr WHERE pr.id = :id", id=product_id) or ""
    if not address:
        wrong = "No product is called so here. Write another of its names, or suggest it first."
        raise Invalid(**{field: wrong if draft.from_name else "Choose what you moved from, or write its name."})
    try:
        found = await queries.product(db, actor, address)
    except NotFound:
        raise Invalid(**{field: "Choose one of the products there are."}) from None
    if found.id == product.id:
        raise Invalid(**{field: "That is the product you moved to. Choose the one you had before."})
    return found


async def erase_stories(db: Database, member_id: int) -> None:
    """The stories of a member who leaves and takes their words along are gone; their threads are the threads room's."""
    await run(db, "DELETE FROM switch_story WHERE member_id = :member_id", member_id=member_id)


def _is_sent_again(before: OwnStory, draft: StoryDraft) -> bool:
    """Whether this very story is there. Raises Invalid for a second one, Stale for a change of an older version."""
    was = before.draft
    is_same = (was.as_post(), was.cents, was.may_be_called) == (draft.as_post(), draft.cents, draft.may_be_called)
    return form_posts.is_sent_again(is_same=is_same, version=draft.version, newest=was.version, already=ALREADY)


async def _start(db: Database, actor: Actor, left: Product, product: Product, draft: StoryDraft, text: Text) -> None:
    place = await review_queries.place(db, actor)
    if place is None:
        raise Forbidden(NO_PLACE.reason)
    await form_posts.screen(db, actor, place.category_id, text.source)
    thread_id = await form_posts.start(
        db,
        actor.id or 0,
        place.category_id,
        kind="discussion",
        title=f"We moved from {left.name} to {product.name}"[:200],
        opening=text,
        key=new_token(),
        keeps_vendors_out=draft.keeps_vendors_out,
    )
    await run(
        db,
        """
        INSERT INTO switch_story (from_product_id, to_product_id, member_id, district_id, post_id, cost_cents, weeks,
                                  carried, carried_how, went_well, went_badly, regret, may_be_called)
        VALUES (:from_id, :to_id, :member_id, :district_id, :post_id, :cents, :weeks,
                :carried, :carried_how, :went_well, :went_badly, :regret, :may_be_called)
        """,
        from_id=left.id,
        to_id=product.id,
        member_id=actor.id,
        district_id=await queries.district_of(db, actor),
        post_id=await form_posts.opening_post(db, thread_id),
        **_values(draft),
    )


async def _change(db: Database, actor: Actor, before: OwnStory, draft: StoryDraft, text: Text) -> None:
    await form_posts.screen_in(db, actor, before.thread_id, text.source, before.draft.as_post())
    await form_posts.rewrite(db, before.post_id, text, actor.id or 0)
    await run(
        db,
        """
        UPDATE switch_story
        SET cost_cents = :cents, weeks = :weeks, carried = :carried, carried_how = :carried_how,
            went_well = :went_well, went_badly = :went_badly, regret = :regret, may_be_called = :may_be_called,
            version = version + 1, said_at = now()
        WHERE id = :story_id
        """,
        story_id=before.id,
        **_values(draft),
    )


def _values(draft: StoryDraft) -> dict[str, object]:
    names = ("cents", "weeks", "carried", "carried_how", "went_well", "went_badly", "regret", "may_be_called")
    return {name: getattr(draft, name) for name in names}
