"""Members review products: one review each, a post of the product's thread with a rating beside it."""

import asyncio
from dataclasses import replace

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.members.types import GUEST
from forum.products import commands, queries, review_queries, reviewing, scoring, speaking
from forum.products.review_types import PriceDraft, ReviewsSought
from forum.products.score_types import Peers
from forum.products.types import UseDraft
from forum.screening.commands import watch
from forum.screening.types import WordDraft
from forum.threads import delete
from forum.threads import queries as threads
from tests.factories import a_member, an_admin
from tests.products.catalogue import a_product
from tests.products.reviews import a_draft, a_place, a_review, a_reviewer, age_review

ANY, ALL = ReviewsSought(), Peers()


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db, "Lantern Filter")


async def shown(db, actor, slug, peers=ALL, sought=ANY):
    product = await queries.product(db, actor, slug)
    return await review_queries.reviews(db, actor, product.id, sought, peers)


async def mine(db, actor, slug):
    return await review_queries.own_review(db, actor, (await queries.product(db, actor, slug)).id)


async def score(db, slug):
    return await scoring.score(db, await value(db, "SELECT pr.id FROM product pr WHERE pr.slug = :slug", slug=slug))


async def test_a_review_is_a_post_of_the_products_thread_with_its_words_and_never_its_price(db, slug):
    ann = await a_reviewer(db, name="Ann Lee")
    draft = a_draft(
        4,
        works="Quick to block.",
        lacks="Reports time out.",
        to_ask="The price of year two.",
        support=2,
        since=2021,
        would_renew="only_if",
        renew_if="the price stays.",
        has_conflict=True,
    )
    await reviewing.review(db, ann, slug, replace(draft, price=PriceDraft(424, included="Onsite days")))

    review = (await shown(db, ann, slug))[0]
    thread = await threads.thread(db, ann, int(review.thread_path.split("/")[2]))
    post = await threads.post_source(db, ann, review.post_id)
    assert (thread.kind, thread.title) == ("review", "Lantern Filter by NorthGate: reviews")
    assert (thread.author_name, thread.author_handle, post.author_name, post.number) == ("The forum", "", "Ann Lee", 2)
    words = (
        "4 of 5",
        "Quick to block.",
        "Reports time out.",
        "year two",
        "Support 2 of 5",
        "since 2021",
        "earns money",
    )
    assert [word for word in (*words, "Would renew only if the price stays.") if word not in post.source] == []
    assert ("4.24" in post.source, "Onsite" in post.source) == (False, False)


async def test_only_the_stars_must_be_said(db, slug):
    ann = await a_reviewer(db)
    await reviewing.review(db, ann, slug, a_draft(3))

    assert [review.stars for review in await shown(db, ann, slug)] == [3]
    with pytest.raises(Invalid) as refusal:
        await reviewing.review(db, ann, slug, a_draft(0))
    assert set(refusal.value.fields) == {"stars"}


async def test_two_reviews_sent_at_the_same_moment_are_one(db, slug):
    ann, draft = await a_reviewer(db), a_draft(5, works="Good")

    await asyncio.gather(*(reviewing.review(db, ann, slug, draft) for _ in range(6)))
    await reviewing.review(db, ann, slug, draft)

    assert await value(db, "SELECT count(*) FROM review") == 1
    assert await value(db, "SELECT count(*) FROM post") == 2
    with pytest.raises(Invalid) as refusal:
        await reviewing.review(db, ann, slug, a_draft(1, works="Another"))
    assert "already" in refusal.value.fields["form"]


async def test_first_reviews_of_many_at_the_same_moment_begin_one_thread(db, slug):
    people = [await a_reviewer(db) for _ in range(6)]

    await asyncio.gather(
        *(reviewing.review(db, each, slug, a_draft(4, is_unnamed=n % 2 == 1)) for n, each in enumerate(people))
    )

    assert await value(db, "SELECT count(*) FROM thread") == 1
    assert len(await shown(db, people[0], slug)) == 6
    assert (await score(db, slug)).districts == 6


async def test_the_same_words_under_no_name_are_another_review_and_not_quietly_the_old_one(db, slug):
    ann = await a_reviewer(db)
    await reviewing.review(db, ann, slug, a_draft(4, works="Good"))

    for draft in (a_draft(4, works="Good", is_unnamed=True), a_draft(4, works="Good", price=4.2)):
        with pytest.raises(Invalid):
            await reviewing.review(db, ann, slug, draft)


async def test_a_colleague_without_a_name_counts_as_a_district_of_their_own_where_it_is_shown(db, slug):
    ann = await a_reviewer(db)
    district_id = await value(db, "SELECT m.district_id FROM member m WHERE m.id = :id", id=ann.id)
    await a_review(db, slug, 4, by=ann)
    await a_review(db, slug, 4, by=await a_reviewer(db))
    await a_review(db, slug, 4, by=await a_reviewer(db, district_id=district_id), is_unnamed=True)

    found = await score(db, slug)
    assert (found.districts, found.score) == (3, None)


async def test_a_change_keeps_what_was_there_and_is_refused_when_it_is_of_an_older_one(db, slug):
    ann = await a_reviewer(db)
    await reviewing.review(db, ann, slug, a_draft(5, works="Good"))
    await reviewing.review(db, ann, slug, a_draft(2, works="Worse now", version=1))

    review = (await shown(db, ann, slug))[0]
    revisions = await threads.revisions(db, ann, review.post_id)
    assert (review.stars, ["Good" in each.source for each in revisions]) == (2, [True])
    with pytest.raises(Stale):
        await reviewing.review(db, ann, slug, a_draft(3, version=1))


async def test_who_is_not_named_is_nowhere_but_with_staff_and_asking_is_logged(db, slug):
    for _ in range(3):
        await commands.say_use(db, await a_reviewer(db), slug, UseDraft(2019))
    ann, admin, bob = await a_reviewer(db, name="Ann Lee"), await an_admin(db), await a_reviewer(db)
    review_id = await a_review(db, slug, by=ann, is_unnamed=True, since=2017, works="Fine")

    review = (await shown(db, bob, slug))[0]
    post = await threads.post_source(db, bob, review.post_id)
    assert (review.author_name, review.author_handle) == ("A district with 2,500 to 4,999 students", "")
    assert ("2017" in post.source, post.author_id == ann.id) == (False, False)
    with pytest.raises(Forbidden):
        await reviewing.writer(db, bob, review_id)
    assert (await reviewing.writer(db, admin, review_id)).name == "Ann Lee"
    assert await value(db, "SELECT count(*) FROM audit_entry e WHERE e.act = 'review.writer_read'") == 1


async def test_the_size_is_left_out_where_it_would_give_the_district_away(db, slug):
    ann = await a_reviewer(db)
    await commands.say_use(db, ann, slug, UseDraft())
    product = await queries.product(db, ann, slug)

    assert await reviewing.shown_as(db, ann, product, a_draft(4, is_unnamed=True)) == ("A district", "")
    assert await reviewing.shown_as(db, ann, product, a_draft(4)) == (ann.name, "")


async def test_a_name_that_is_taken_off_stands_in_no_older_version_either(db, slug):
    ann = await a_reviewer(db, name="Ann Lee")
    await reviewing.review(db, ann, slug, a_draft(4, works="One"))
    await reviewing.review(db, ann, slug, a_draft(4, works="Two", version=1))
    await reviewing.review(db, ann, slug, a_draft(4, works="Three", version=2, is_unnamed=True))

    review = (await shown(db, ann, slug))[0]
    assert review.author_name == "A district"
    assert await threads.revisions(db, ann, review.post_id) == []


async def test_vendors_guests_and_members_without_a_district_do_not_review(db, slug):
    vic, lonely, admin = await a_member(db, role="vendor"), await a_member(db), await an_admin(db)
    await speaking.let_speak(db, admin, (await queries.product(db, admin, slug)).vendor_id, vic.handle)
    for actor, words in ((vic, "Vendors do not rate"), (lonely, "which district")):
        with pytest.raises(Forbidden) as refusal:
            await reviewing.review(db, actor, slug, a_draft())
        assert words in refusal.value.reason
    with pytest.raises(NotFound):
        await reviewing.review(db, GUEST, slug, a_draft())
    assert await value(db, "SELECT count(*) FROM review") == 0


async def test_without_a_category_for_reviews_none_is_written(db):
    slug, ann = await a_product(db), await a_member(db, district_id=await add_district(db, "Pine"))

    with pytest.raises(Forbidden) as refusal:
        await reviewing.review(db, ann, slug, a_draft())

    assert "administrator" in refusal.value.reason


async def test_an_administrator_chooses_where_review_threads_begin(db, slug):
    admin = await an_admin(db)
    with pytest.raises(Invalid):
        await reviewing.choose_place(db, admin, "nowhere")
    with pytest.raises(Forbidden):
        await reviewing.choose_place(db, await a_member(db), "reviews")
    for _ in range(2):
        await reviewing.choose_place(db, admin, "reviews")

    assert await review_queries.place_slug(db) == "reviews"


async def test_a_review_taken_back_does_not_count_and_comes_again_with_the_next(db, slug):
    people = [await a_reviewer(db) for _ in range(3)]
    for each in people:
        await reviewing.review(db, each, slug, a_draft(5, price=4.2))
    assert (await score(db, slug)).districts == 3

    for _ in range(2):
        await reviewing.withdraw(db, people[0], slug)

    assert ((await score(db, slug)).districts, len(await shown(db, people[1], slug))) == (2, 2)
    assert await value(db, "SELECT count(*) FROM review_price x WHERE x.cents IS NOT NULL") == 2
    await reviewing.review(db, people[0], slug, a_draft(1))
    assert ((await score(db, slug)).districts, await value(db, "SELECT count(*) FROM review")) == (3, 3)


async def test_a_review_that_staff_hide_does_not_count_and_is_not_changed_back(db, slug, drain):
    people = [await a_reviewer(db) for _ in range(3)]
    for each in people:
        await reviewing.review(db, each, slug, a_draft(5))
    admin = await an_admin(db)
    await delete.delete(db, admin, (await mine(db, people[0], slug)).post_id)
    await drain()

    assert (await score(db, slug)).districts == 2
    for version in (0, 1):
        with pytest.raises(Forbidden):
            await reviewing.review(db, people[0], slug, a_draft(4, version=version))
    await delete.restore(db, admin, (await mine(db, people[0], slug)).post_id)
    await drain()
    assert (await score(db, slug)).districts == 3


async def test_after_eleven_months_one_is_asked_whether_it_is_still_true(db, slug):
    ann = await a_reviewer(db)
    review_id = await a_review(db, slug, by=ann)
    assert not (await mine(db, ann, slug)).is_old
    await age_review(db, review_id, 350)
    assert (await mine(db, ann, slug)).is_old

    await reviewing.say_still_true(db, ann, slug)

    assert not (await mine(db, ann, slug)).is_old
    with pytest.raises(NotFound):
        await reviewing.say_still_true(db, await a_reviewer(db), slug)


async def test_a_product_merged_while_it_is_reviewed_gets_the_review(db, slug):
    admin, ann = await an_admin(db), await a_reviewer(db)
    other = await a_product(db, "Lantern Cloud")
    old_id = (await queries.product(db, admin, slug)).id

    await asyncio.gather(
        commands.merge(db, admin, old_id, other), reviewing.review(db, ann, slug, a_draft(2, works="Mixed"))
    )

    assert [review.stars for review in await shown(db, ann, other)] == [2]
    assert await value(db, "SELECT count(*) FROM post p JOIN review rv ON rv.post_id = p.id") == 1


async def test_who_reviewed_both_products_that_become_one_keeps_the_newer_review(db, slug):
    admin, ann, bob = await an_admin(db), await a_reviewer(db), await a_reviewer(db)
    other = await a_product(db, "Lantern Cloud")
    await a_review(db, slug, 1, by=ann, days=30)
    await a_review(db, other, 5, by=ann)
    await a_review(db, slug, 2, by=bob, is_unnamed=True)

    await commands.merge(db, admin, (await queries.product(db, admin, slug)).id, other)

    assert sorted(review.stars for review in await shown(db, ann, other)) == [2, 5]
    assert await value(db, "SELECT count(*) FROM post p WHERE p.number > 1") == 3
    assert (await score(db, other)).districts == 2


async def test_filters_list_peers_and_never_place_who_is_not_named(db, slug):
    pine = await add_district(db, "Pine", enrolment=3000, state="Maine", locale="rural")
    oak = await add_district(db, "Oak", enrolment=3000, state="Maine", locale="city")
    named, hidden = await a_reviewer(db, district_id=pine), await a_reviewer(db, district_id=oak)
    await a_review(db, slug, 4, by=named, since=2015)
    await a_review(db, slug, 2, by=hidden, is_unnamed=True, since=2015)

    async def stars(**fields):
        return sorted(each.stars for each in await shown(db, named, slug, Peers(**fields)))

    assert await stars() == [2, 4]
    assert await stars(size="2500-4999") == [4]
    assert await stars(state="Maine") == [4]
    assert (await stars(locale="rural"), await stars(locale="city")) == ([4], [])
    assert (await stars(years=3), await stars(standing="now"), await stars(standing="left")) == ([4], [2, 4], [])
    assert [each.stars for each in await shown(db, named, slug, sought=ReviewsSought(stars=2))] == [2]


async def test_words_that_stop_posts_stop_reviews_and_nothing_is_lost(db, slug):
    await watch(db, await an_admin(db), WordDraft("badword", "block", "Leave that word out.", "", ""))
    ann = await a_reviewer(db)
    with pytest.raises(Invalid) as refusal:
        await reviewing.review(db, ann, slug, a_draft(4, works="A badword here"))

    assert set(refusal.value.fields) == {"form"}
    assert await value(db, "SELECT count(*) FROM post") == 0


async def test_nothing_stays_of_a_review_that_fails_halfway(db, slug, monkeypatch):
    async def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(scoring, "rescore", fail)
    with pytest.raises(RuntimeError):
        await reviewing.review(db, await a_reviewer(db), slug, a_draft())

    assert await value(db, "SELECT count(*) FROM post") == 0
    assert await value(db, "SELECT count(*) FROM review_price") == 0


async def test_peers_are_remembered_and_no_more_than_one_choice(db):
    ann, vic = await a_reviewer(db), await a_member(db, role="vendor")
    for peers in (Peers("2500-4999", "Maine"), Peers(locale="rural", years=3)):
        await reviewing.choose_peers(db, ann, peers)

    assert (await review_queries.choosing(db, ann)).peers == Peers(locale="rural", years=3)
    with pytest.raises(Forbidden):
        await reviewing.choose_peers(db, vic, Peers())


async def test_a_reader_without_the_category_sees_no_review(db, slug):
    ann = await a_reviewer(db)
    await a_review(db, slug, by=ann)
    await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = 'reviews'")

    assert await shown(db, await a_member(db), slug) == []
    assert len(await shown(db, await an_admin(db), slug)) == 1
