"""Reviewing a product: one review for each member and product, a post of its thread. Owns review, review_place,
peer_choice.

The post of somebody who is not named is a stand-in's: who wrote it stands in `review` alone.
"""

from dataclasses import replace
from datetime import UTC, datetime

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories.policy import may_act
from forum.categories.queries import room
from forum.districts.types import SIZE_BANDS
from forum.kit import outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Verdict
from forum.kit.tokens import new_token
from forum.members.types import Actor
from forum.members.unnamed import stand_in
from forum.products import policy, prices, queries, review_queries, scoring
from forum.products.review_types import PARTS, OwnReview, ReviewDraft, stand_in_name
from forum.products.score_types import Peers
from forum.products.types import Product
from forum.threads import form_posts
from forum.threads import queries as threads
from forum.threads.form_posts import Text
from forum.threads.types import Thread

THE_FORUM = "The forum"
ALREADY = "You have reviewed it already, and this is another text. Open your review and change it there."
NO_PLACE = Verdict("There is no category for reviews yet. Ask an administrator to choose one.")
OPENING = """Reviews of {name} by {vendor}, each in a post of its own: quote them, ask back, mark what helped.

[All that members say of it]({path}) adds the reviews up. Write yours there."""


async def may_review(db: Database, actor: Actor, product: Product, district_id: int | None) -> Verdict:
    """Whether `actor`, who works for that district, may write or change a review of this product now."""
    allowed = policy.may_review(actor, district_id)
    if not allowed:
        return allowed
    if product.review_thread_id is None:
        place = await review_queries.place(db, actor)
        return may_act(actor, place.rights, "review products") if place else NO_PLACE
    thread = await _thread(db, actor, product.review_thread_id)
    if thread is None:
        return Verdict("Its reviews stand where you may not read.")
    if thread.deleted_at:
        return Verdict("The thread with its reviews is deleted. Ask an administrator to bring it back.")
    if thread.is_locked and not thread.is_staff:
        return Verdict("Its reviews are closed for now.")
    return may_act(actor, thread.replying, "review products")


async def _thread(db: Database, actor: Actor, thread_id: int) -> Thread | None:
    """A thread with reviews, or the one it was merged into; None where `actor` may not read it."""
    try:
        return await threads.thread(db, actor, thread_id)
    except NotFound:
        spot = await threads.merged(db, actor, thread_id)
        return await threads.thread(db, actor, spot.id) if spot else None


async def shown_as(db: Database, actor: Actor, product: Product, draft: ReviewDraft) -> tuple[str, str]:
    """What others will see as the writer of a review: a name, and the size of district behind it ("" for none)."""
    if not draft.is_unnamed:
        return actor.name, ""
    return await district_shown_as(db, await queries.district_of(db, actor), product.id)


async def district_shown_as(db: Database, district_id: int | None, product_id: int) -> tuple[str, str]:
    """The name that stands for a district which is not named, where a product is spoken of, and the size behind it."""
    size = await _size(db, district_id, product_id)
    return stand_in_name(size), size


async def review(db: Database, actor: Actor, address: str, draft: ReviewDraft) -> str:
    """Write one's review of the product at that address, or change it. Returns the product's path.

    Sending the same review twice writes one. Raises NotFound, Forbidden, Invalid; Stale when it was changed elsewhere.
    """
    draft.check(datetime.now(UTC).year)
    product = await queries.product(db, actor, address)
    district_id = await queries.district_of(db, actor)
    (await may_review(db, actor, product, district_id)).require()  # before the costly rendering
    text = await form_posts.text(db, draft.as_post())
    async with db.transaction():
        product = await _held(db, actor, address)  # it may have become part of another meanwhile
        (await may_review(db, actor, product, await queries.district_of(db, actor))).require()
        before = await review_queries.own_review(db, actor, product.id)
        if before and _is_sent_again(before, draft):
            return product.path
        thread_id = await _begun_thread(db, actor, product)
        await form_posts.screen_in(db, actor, thread_id, text.source, before.draft.as_post() if before else "")
        name, size = await shown_as(db, actor, product, draft)
        author_id = await stand_in(db, name) if draft.is_unnamed else actor.id
        if before is None:
            review_id = await _insert(db, actor, product.id, thread_id, author_id or 0, text, draft, size)
        else:
            review_id = await _change(db, before, author_id or 0, text, draft, size)
        await prices.say(db, review_id, draft.price)
        await scoring.rescore(db, product.id)
        await outbox.emit(db, "review.written", product_id=product.id)
    return product.path


async def say_still_true(db: Database, actor: Actor, address: str) -> None:
    """What one wrote holds today as well: it weighs like new. Raises NotFound, Forbidden."""
    async with db.transaction():
        product = await _held(db, actor, address)
        policy.may_review(actor, await queries.district_of(db, actor)).require()
        mine = await _own(db, actor, product.id)
        await run(db, "UPDATE review SET said_at = now() WHERE id = :id", id=mine.id)
        await scoring.rescore(db, product.id)


async def withdraw(db: Database, actor: Actor, address: str) -> None:
    """Take one's review back: its post is deleted, and comes again with the next review. Twice is once.

    Raises NotFound.
    """
    async with db.transaction():
        product = await _held(db, actor, address)
        mine = await _own(db, actor, product.id)
        await form_posts.take_back(db, mine.post_id)
        await prices.take_back(db, mine.id)
        await scoring.rescore(db, product.id)


async def erase_reviews(db: Database, member_id: int) -> None:
    """The reviews of a member who leaves and takes their words along are gone, also those under no name."""
    await run(
        db,
        """
        SELECT pr.id FROM product pr JOIN review rv ON rv.product_id = pr.id
        WHERE rv.member_id = :member_id ORDER BY pr.id FOR NO KEY UPDATE OF pr
        """,
        member_id=member_id,
    )
    found = await rows(
        db,
        "SELECT rv.id, rv.post_id, rv.product_id FROM review rv WHERE rv.member_id = :member_id ORDER BY rv.product_id",
        member_id=member_id,
    )
    for row in found:
        await form_posts.erase(db, row["post_id"])
        await run(db, "DELETE FROM review WHERE id = :id", id=row["id"])
        await scoring.rescore(db, row["product_id"])


async def writer(db: Database, actor: Actor, review_id: int) -> review_queries.Writer:
    """Who wrote a review; that one has asked stands in the log. Raises Forbidden, NotFound."""
    policy.may_see_writer(actor).require()
    async with db.transaction():
        found = await review_queries.writer(db, review_id)
        await audit.record(db, actor.id, Act("review.writer_read", "review", review_id))
    return found


async def choose_peers(db: Database, actor: Actor, peers: Peers) -> None:
    """Remember whom one takes for one's peers. Raises Forbidden."""
    policy.may_see_prices(actor).require()
    await run(
        db,
        """
        INSERT INTO peer_choice (member_id, size, state, locale, standing, years)
        VALUES (:member_id, :size, :state, :locale, :standing, :years)
        ON CONFLICT (member_id) DO UPDATE
        SET size = excluded.size, state = excluded.state, locale = excluded.locale, standing = excluded.standing,
            years = excluded.years
        """,
        member_id=actor.id,
        size=peers.size,
        state=peers.state,
        locale=peers.locale,
        standing=peers.standing,
        years=peers.years,
    )


async def choose_place(db: Database, actor: Actor, slug: str) -> None:
    """Choose the category where review threads begin from now on. Raises Forbidden, Invalid."""
    policy.may_manage(actor).require()
    try:
        chosen = await room(db, actor, slug)
    except NotFound:
        raise Invalid(review_category="Choose one of the categories.") from None
    async with db.transaction():
        await run(
            db,
            """
            INSERT INTO review_place (category_id) VALUES (:category_id)
            ON CONFLICT (is_only) DO UPDATE SET category_id = excluded.category_id
            """,
            category_id=chosen.id,
        )
        await audit.record(db, actor.id, Act("review_place.chosen", "category", chosen.id))


async def follow_vendor(db: Database, product_id: int) -> None:
    """Within a change of who makes a product: wherever its reviews stand is the room of its vendor of today."""
    vendor_id, thread_ids = await review_queries.rooms_of(db, product_id)
    await form_posts.give_rooms(db, thread_ids, vendor_id)


async def hand_reviews_on(db: Database, old: int, new: int) -> None:
    """Within the merge of two products: the reviews of one are the other's. Who reviewed both keeps the newer one as a
    review; the older stays to be read, as a post. The other's thread is where new ones go; a lonely one comes along."""
    await _take_back_doubles(db, old, new)
    for statement in HANDED_ON:
        await run(db, statement, old=old, new=new)
    await follow_vendor(db, new)
    await scoring.rescore(db, new)


async def _take_back_doubles(db: Database, old: int, new: int) -> None:
    """Of two reviews that become one, the older one under no name goes: its writer could not change it any more."""
    for row in await rows(db, f"SELECT rv.post_id {DOUBLES} AND rv.is_unnamed ORDER BY rv.post_id", old=old, new=new):
        await form_posts.take_back(db, row["post_id"])


DOUBLES = """
    FROM review rv JOIN review o ON o.member_id = rv.member_id
    WHERE rv.product_id IN (:old, :new) AND o.product_id IN (:old, :new) AND rv.product_id <> o.product_id
      AND (rv.said_at, rv.id) < (o.said_at, o.id)
"""
HANDED_ON = (
    f"DELETE FROM review WHERE id IN (SELECT rv.id {DOUBLES})",
    "UPDATE review SET product_id = :new WHERE product_id = :old",
    "UPDATE price_block SET product_id = :new WHERE product_id = :old",
    "UPDATE review_burst SET decided_at = now() WHERE product_id = :old AND decided_at IS NULL",
    """
    WITH was AS (
        UPDATE product SET review_thread_id = NULL WHERE id = :old RETURNING id
    )
    UPDATE product pr SET review_thread_id = coalesce(pr.review_thread_id, b.review_thread_id)
    FROM product b, was
    WHERE pr.id = :new AND b.id = :old
    """,
)


def _is_sent_again(before: OwnReview, draft: ReviewDraft) -> bool:
    """Whether this very review is there already.

    Raises Forbidden for one that staff hid, Invalid for a second one, Stale for a change of an older version.
    """
    if before.is_hidden:
        raise Forbidden("Staff hid your review. Write to them before you change it.")
    if before.is_gone and draft.version == 0:
        return False
    is_same = replace(before.draft, version=0) == draft
    return form_posts.is_sent_again(
        is_same=is_same, version=draft.version, newest=before.draft.version, already=ALREADY
    )


async def _own(db: Database, actor: Actor, product_id: int) -> OwnReview:
    mine = await review_queries.own_review(db, actor, product_id)
    if mine is None:
        raise NotFound
    return mine


async def _held(db: Database, actor: Actor, address: str) -> Product:
    """The product at that address, its row held until the transaction ends."""
    while True:
        product = await queries.product(db, actor, address)
        if await queries.hold(db, product.id):
            return await queries.product(db, actor, address)  # as it is now that nobody else changes it


async def _begun_thread(db: Database, actor: Actor, product: Product) -> int:
    """The thread for a product's reviews, begun with the first of them, or the one it was merged into."""
    if product.review_thread_id:
        spot = await threads.merged(db, actor, product.review_thread_id)
        return spot.id if spot else product.review_thread_id
    place = await review_queries.place(db, actor)
    if place is None:
        raise Forbidden(NO_PLACE.reason)
    thread_id = await form_posts.start(
        db,
        await stand_in(db, THE_FORUM),
        place.category_id,
        kind="review",
        title=_title(product),
        opening=await form_posts.text(db, _opening(product)),  # within the transaction, once for each product
        key=new_token(),
        vendor_id=product.vendor_id,
    )
    await run(
        db,
        "UPDATE product SET review_thread_id = :thread_id WHERE id = :product_id",
        thread_id=thread_id,
        product_id=product.id,
    )
    return thread_id


def _title(product: Product) -> str:
    return f"{product.name} by {product.vendor_name}: reviews"[:200]


def _opening(product: Product) -> str:
    return OPENING.format(name=product.name, vendor=product.vendor_name, path=product.path)


async def _size(db: Database, district_id: int | None, product_id: int) -> str:
    """The band of sizes that may stand for a district: "" where that would give it away."""
    students = await review_queries.enrolment(db, district_id)
    band = next((each for each in SIZE_BANDS if students is not None and each.least <= students < each.most), None)
    is_safe = band and await review_queries.band_is_safe(db, product_id, district_id, band.least, band.most)
    return band.slug if band and is_safe else ""


def _values(draft: ReviewDraft, size: str) -> dict[str, object]:
    return {
        "stars": draft.stars,
        **{part: getattr(draft, part) for part in PARTS},
        "works": draft.works,
        "lacks": draft.lacks,
        "to_ask": draft.to_ask,
        "since_year": draft.use.since_year,
        "left_year": draft.use.left_year,
        "left_for": draft.left_for,
        "would_renew": draft.would_renew,
        "renew_if": draft.renew_if,
        "has_conflict": draft.has_conflict,
        "is_unnamed": draft.is_unnamed,
        "size": size,
    }


async def _insert(
    db: Database,
    actor: Actor,
    product_id: int,
    thread_id: int,
    author_id: int,
    text: Text,
    draft: ReviewDraft,
    size: str,
) -> int:
    post_id = await form_posts.add(db, author_id, thread_id, text, new_token())
    review_id: int = await value(
        db,
        """
        INSERT INTO review (product_id, member_id, district_id, post_id, stars, promise, rollout, support, worth,
                            privacy, works, lacks, to_ask, since_year, left_year, left_for, would_renew, renew_if,
                            has_conflict, is_unnamed, size)
        VALUES (:product_id, :member_id, :district_id, :post_id, :stars, :promise, :rollout, :support, :worth,
                :privacy, :works, :lacks, :to_ask, :since_year, :left_year, :left_for, :would_renew, :renew_if,
                :has_conflict, :is_unnamed, :size)
        RETURNING id
        """,
        product_id=product_id,
        member_id=actor.id,
        district_id=await queries.district_of(db, actor),
        post_id=post_id,
        **_values(draft, size),
    )
    return review_id


async def _change(db: Database, before: OwnReview, author_id: int, text: Text, draft: ReviewDraft, size: str) -> int:
    await form_posts.rewrite(db, before.post_id, text, author_id)
    await run(
        db,
        """
        UPDATE review
        SET stars = :stars, promise = :promise, rollout = :rollout, support = :support, worth = :worth,
            privacy = :privacy, works = :works, lacks = :lacks, to_ask = :to_ask, since_year = :since_year,
            left_year = :left_year, left_for = :left_for, would_renew = :would_renew, renew_if = :renew_if,
            has_conflict = :has_conflict, is_unnamed = :is_unnamed, size = :size, version = version + 1,
            said_at = now()
        WHERE id = :review_id
        """,
        review_id=before.id,
        **_values(draft, size),
    )
    return before.id
