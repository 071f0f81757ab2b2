"""Fills the demo's reviews: up to 25 for a product, under names and without, with prices, and one vendor's answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.demo.chance import later, share
from forum.demo.settling import Ground
from forum.demo.types import Community, Member, Product, Talk
from forum.districts.types import SIZE_BANDS
from forum.kit.db import Database, rows, value
from forum.kit.markdown import render
from forum.members.queries import actor
from forum.members.unnamed import stand_in
from forum.products import answering, prices, reviewing, scoring
from forum.products.bulk import KnownReview, insert_reviews
from forum.products.review_types import PriceDraft, ReviewDraft, stand_in_name
from forum.products.reviewing import THE_FORUM
from forum.products.types import UseDraft
from forum.threads import seed

MOST, CATEGORY = 25, "ratings"
ANSWER = "Thank you for saying it plainly. Version 8 keeps reports for a year; it reaches hosted districts in January."
RENEWALS = ("yes", "yes", "only_if", "no", "")


@dataclass(frozen=True)
class Rating:
    """A review of the demo with its writer. size: the band that stands for the district of one who is not named."""

    product_id: int
    by: Member
    draft: ReviewDraft
    size: str
    said_at: datetime


async def rate(db: Database, community: Community, ground: Ground) -> None:
    """Add them, as chance has it, with the scores and prices that follow."""
    talk = {each.name: each for each in community.catalogue.talk}
    found = await rows(db, "SELECT pr.id, pr.name FROM product pr ORDER BY pr.id")
    ids = {row["name"]: row["id"] for row in found}
    for product in community.catalogue.products:
        ratings = sorted(_ratings(community, ground, product, ids[product.name], talk[product.kind]), key=_when)
        if ratings:
            await _post(db, ground, product, ratings)
    await _read(db, community, ground)
    await scoring.rescore_all(db)
    await prices.publish(db)
    await _answer(db, community, ground)


def _when(rating: Rating) -> datetime:
    return rating.said_at


def _ratings(community: Community, ground: Ground, product: Product, product_id: int, talk: Talk) -> Iterator[Rating]:
    enrolments = {each.name: each.enrolment for each in community.districts}
    liked = 2.4 + 2.2 * share("liked", product.name)
    people = [each for each in community.members if each.role != "vendor" and each.district and not each.newcomer]
    willing = sorted(people, key=lambda each: share("rates", product.name, each.handle))
    for member in willing[: _count(product)]:
        draft = _draft(product, member, talk, liked)
        days = 4 + 1000 * share("said", product.name, member.handle) ** 1.5
        said_at = max(ground.now - timedelta(days=days), ground.joined[member.handle] + timedelta(hours=1))
        yield Rating(product_id, member, draft, _size(enrolments[member.district]) if draft.is_unnamed else "", said_at)


def _count(product: Product) -> int:
    """How many review it: more where more run it, and for a few nobody."""
    luck = share("reviews", product.name)
    return 0 if luck < 0.1 and product.share < 0.3 else min(MOST, round(product.share * 60 * (0.7 + 0.5 * luck)))


def _draft(product: Product, member: Member, talk: Talk, liked: float) -> ReviewDraft:
    key = (product.name, member.handle)
    stars = max(1, min(5, round(liked + 3 * (share("stars", *key) - 0.5))))
    has_left = share("has left", *key) < product.left
    since = 2016 + int(share("since", *key) * 9)
    would = "no" if stars < 3 or has_left else _pick(RENEWALS, "would", *key)
    return ReviewDraft(
        stars,
        works=_pick(talk.works, "works", *key) if stars > 1 else "",
        lacks=_pick(talk.lacks, "lacks", *key) if stars < 5 else "",
        promise=_part(stars, "promise", *key),
        rollout=_part(stars, "rollout", *key),
        support=_part(stars, "support", *key),
        worth=_part(stars, "worth", *key),
        privacy=_part(stars, "privacy", *key),
        to_ask=_pick((*talk.ask, "", ""), "ask", *key),
        use=UseDraft(since, 2025 if has_left else None),
        would_renew=would,
        renew_if="the price stays" if would == "only_if" else "",
        price=_price(talk, *key),
        has_conflict=share("interest", *key) < 0.02,
        is_unnamed=share("unnamed", *key) < 0.3,
    )


def _part(stars: int, part: str, *key: str) -> int | None:
    luck = share(part, *key)
    return None if luck < 0.25 else max(1, min(5, stars + round(3 * (luck - 0.6))))


def _price(talk: Talk, *key: str) -> PriceDraft:
    if share("tells price", *key) < 0.1:
        return PriceDraft()
    cents = round(100 * talk.price * (0.8 + 0.4 * share("price", *key)) / 5) * 5
    return PriceDraft(cents, "student", 12 if share("term", *key) < 0.5 else 36)


def _size(enrolment: int) -> str:
    return next(band.slug for band in SIZE_BANDS if band.least <= enrolment < band.most)


def _pick(choices: tuple[str, ...], *key: str) -> str:
    return choices[int(share(*key) * len(choices))]


async def _post(db: Database, ground: Ground, product: Product, ratings: list[Rating]) -> None:
    """The thread of a product with its reviews."""
    forum = await stand_in(db, THE_FORUM)
    began_at = ratings[0].said_at - timedelta(hours=1)
    title = f"{product.name} by {product.vendor}: reviews"
    category_id = ground.categories[CATEGORY]
    thread = seed.GrownThread(
        category_id, forum, "review", title, False, False, began_at, None, None, "", f"demo-{product.name}"
    )
    thread_id = (await seed.insert_threads(db, [thread]))[0]
    opening = f"Reviews of {product.name} by {product.vendor}, each in a post of its own."
    posts = [_grown(thread_id, 1, forum, opening, began_at)]
    for number, rating in enumerate(ratings, start=2):
        is_unnamed = rating.draft.is_unnamed
        author = await stand_in(db, stand_in_name(rating.size)) if is_unnamed else ground.members[rating.by.handle]
        posts.append(_grown(thread_id, number, author, rating.draft.as_post(), rating.said_at))
    post_ids = await seed.insert_posts(db, posts)
    await insert_reviews(
        db,
        [
            KnownReview(
                each.product_id,
                ground.members[each.by.handle],
                ground.districts[each.by.district],
                post_id,
                each.draft,
                each.size,
                each.said_at,
            )
            for each, post_id in zip(ratings, post_ids[1:], strict=True)
        ],
    )
    await reviewing.follow_vendor(db, ratings[0].product_id)


def _grown(thread_id: int, number: int, author_id: int, source: str, at: datetime) -> seed.GrownPost:
    html = render(source).html
    key = f"demo-{thread_id}-{number}"
    return seed.GrownPost(
        thread_id, number, author_id, source, html, 1, 0, at, None, None, None, "", key, format="form"
    )


async def _read(db: Database, community: Community, ground: Ground) -> None:
    """Most have read most of them: reviews are not what piles up."""
    newcomers = {each.handle for each in community.members if each.newcomer}
    threads = await rows(
        db,
        """
        SELECT t.id, t.title, t.last_number, t.active_at FROM thread t
        WHERE t.category_id = :category_id ORDER BY t.id
        """,
        category_id=ground.categories[CATEGORY],
    )
    await seed.insert_readings(
        db,
        (
            seed.Reading(
                ground.members[handle], row["id"], row["last_number"], later(row["active_at"], ground.now, hours=8)
            )
            for row in threads
            for handle in ground.readers[CATEGORY]
            if handle not in newcomers and share("has read", row["title"], handle) < 0.9
        ),
    )


def _read_at(active_at: datetime, now: datetime) -> datetime:
    return later(active_at, now, hours=8)


async def _answer(db: Database, community: Community, ground: Ground) -> None:
    """The first vendor with people here answers the newest review of its product."""
    speaker = community.catalogue.speakers[0]
    newest = await value(
        db,
        """
        SELECT rv.id
        FROM review rv
        JOIN product pr ON pr.id = rv.product_id
        JOIN vendor v ON v.id = pr.vendor_id
        WHERE v.name = :vendor
        ORDER BY rv.said_at DESC, rv.id DESC
        LIMIT 1
        """,
        vendor=speaker.vendor,
    )
    if newest:
        await answering.answer(db, await actor(db, ground.members[speaker.by]), newest, ANSWER)
