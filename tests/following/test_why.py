"""The page of a post that says whether and why one hears of it."""

import pytest

from forum.following import why
from forum.kit.db import run, value
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.following.scenes import follows, hears, id_of, opening, wishes
from tests.products.catalogue import a_product, a_vendor_account
from tests.products.reviews import a_review, a_reviewer

SENTENCES = {
    "each": "You hear about it by email and on the web.",
    "digest": "You hear about it in your digest and on the web.",
    "web": "You hear about it on the web.",
    None: "You do not hear about it.",
}


@pytest.mark.parametrize(
    ("levels", "level", "counts"),
    [
        ({}, None, []),
        ({"category": "each"}, "each", ["You follow the category Desk: every message."]),
        ({"category": "digest", "topic": "web"}, "digest", ["You follow the category Desk: daily digest."]),
        (
            {"thread": "web", "category": "each"},
            "web",
            ["You follow this thread: on the web.", "How you follow this thread overrides everything else."],
        ),
        (
            {"topic": "muted", "category": "each"},
            None,
            [
                "You muted the topic #wifi.",
                "What you muted overrides whatever else you follow, except a mention or this thread.",
            ],
        ),
        ({"everything": "digest"}, "digest", ["You follow everything here: daily digest."]),
    ],
)
async def test_it_says_what_counts_and_agrees_with_what_is_heard(db, levels, level, counts):
    ann = await a_member(db)
    slug = await a_category(db, name="Desk")
    thread = await a_thread(db, category=slug, topics="wifi")
    ids = {
        "thread": thread,
        "category": await id_of(db, "category", slug),
        "topic": await id_of(db, "topic", "wifi"),
        "everything": 0,
    }
    for kind, name in levels.items():
        await follows(db, ann, kind, ids[kind], name)
    post = await opening(db, thread)
    outcome, rules = await why.reasons(db, ann, post)
    found = await hears(db, ann, post)

    assert outcome == SENTENCES[level]
    assert (found[0] if found else None) == level
    assert [rule.sentence for rule in rules if rule.standing == "counts"] == counts
    assert "It does not mention you." in [rule.sentence for rule in rules]


@pytest.mark.parametrize(
    ("kind", "reason", "cause"),
    [
        ("question", "asked", " because you asked it"),
        ("discussion", "asked", " because you started it"),
        ("question", "replied", " because you answered in it"),
        ("discussion", "replied", " because you replied in it"),
        ("question", "mentioned", " because you were mentioned in it"),
        ("event", "coming", " because you said you are coming to it"),
        ("discussion", "split", " because it was split off from one you follow"),
        ("question", "chosen", ""),
    ],
)
async def test_it_says_how_a_thread_came_to_be_followed_until_its_reader_chooses(db, web, kind, reason, cause):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, kind=kind)
    await follows(db, ann, "thread", thread, reason=reason)
    post = await a_reply(db, thread)
    _, rules = await why.reasons(db, ann, post)
    assert f"You follow this thread{cause}: every message." in [rule.sentence for rule in rules]
    page = (await web.get("/settings/following")).text
    assert ("followed since" in page) is (reason != "chosen")

    await web.post(f"/follow/thread/{thread}", data={"level": "web"})

    _, rules = await why.reasons(db, ann, post)
    assert "You follow this thread: on the web." in [rule.sentence for rule in rules]
    assert "followed since" not in (await web.get("/settings/following")).text


async def test_a_mention_counts_before_all(db):
    ann = await a_member(db)
    post = await a_reply(db, await a_thread(db), body=f"@{ann.handle} knows.")
    _, rules = await why.reasons(db, ann, post)
    assert [rule.sentence for rule in rules if rule.standing == "counts"] == ["It mentions you: every message."]

    await wishes(db, ann, mentioned="none")
    outcome, rules = await why.reasons(db, ann, post)
    assert outcome == SENTENCES[None]
    assert rules[0].sentence == "It mentions you, but you chose to hear nothing about mentions."


async def test_it_says_that_mail_is_stopped(db):
    ann = await a_member(db)
    await follows(db, ann, "everything", 0)
    await wishes(db, ann, stops_all=True)
    outcome, _ = await why.reasons(db, ann, await opening(db, await a_thread(db)))

    assert outcome == "You hear about it on the web. You stopped all email about what you follow."


async def test_the_page_is_for_readers_who_are_signed_in(db, web):
    thread = await a_thread(db, category=await a_category(db, read_by="everyone"))
    closed = await a_thread(db, author=await an_admin(db), category=await a_category(db, read_by="staff"))
    assert (await web.get(f"/p/{await opening(db, thread)}/why")).status_code == 403
    await sign_in_as(web, db, await a_member(db))

    assert (await web.get(f"/p/{await opening(db, closed)}/why")).status_code == 404
    page = (await web.get(f"/p/{await opening(db, thread)}/why")).text
    assert "You do not hear about it." in page
    assert "You do not follow this thread." in page


async def test_authors_and_readers_of_what_is_deleted_are_told_so(db):
    ann = await a_member(db)
    post = await opening(db, await a_thread(db, author=ann))
    assert await why.reasons(db, ann, post) == (SENTENCES[None], [why.OWN])
    await run(db, "UPDATE post SET deleted_at = now() WHERE id = :id", id=post)
    assert await why.reasons(db, ann, post) == (SENTENCES[None], [why.GONE])


async def test_nobody_is_told_who_wrote_without_a_name_nor_of_products_they_do_not_see(db):
    writer, ann = await a_reviewer(db), await a_member(db)
    slug = await a_product(db, "Lantern", vendor="Glow")
    await a_product(db, "Candle", vendor="Wax")
    review = await a_review(db, slug, by=writer, is_unnamed=True, works="Better than Candle")
    post = await value_of_post(db, review)
    sentences = [rule.sentence for rule in (await why.reasons(db, ann, post))[1]]
    assert not [each for each in sentences if "author" in each or writer.name in each]
    assert "You do not follow the product Candle, which it mentions." in sentences

    vendor = await a_vendor_account(db, vendor="Glow")
    sentences = [rule.sentence for rule in (await why.reasons(db, vendor, post))[1]]
    assert "You do not follow the product Lantern, which it mentions." in sentences
    assert not [each for each in sentences if "Candle" in each or "Wax" in each]
    assert (await why.reasons(db, writer, post))[1] == [why.OWN]


async def value_of_post(db, review_id) -> int:
    return await value(db, "SELECT w.post_id FROM review w WHERE w.id = :id", id=review_id)


async def test_what_mail_was_made_of_it_is_told_by_the_room_that_makes_it(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    post = await opening(db, await a_thread(db))

    async def made(asked, actor, post_id, zone):
        return [f"Mailed to {actor.handle} about {post_id}, in {zone}."]

    web._transport.app.state.mail_made = made

    assert f"Mailed to {ann.handle} about {post}, in America/Chicago." in (await web.get(f"/p/{post}/why")).text
