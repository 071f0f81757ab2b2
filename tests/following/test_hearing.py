"""Who hears of a post, how, and why."""

from datetime import date, timedelta

import pytest

from forum.following.hearing import heard
from forum.following.wishes import break_day
from forum.kit.db import run, value
from forum.search.jobs import index_changes
from forum.threads import accept, commands
from forum.threads.types import ReplyDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id
from tests.following.scenes import EVERYTHING, follows, hears, id_of, opening, wishes
from tests.products.catalogue import a_product, a_vendor_account
from tests.products.reviews import a_review, a_reviewer


@pytest.fixture
async def place(db):
    """A thread about #wifi by somebody in a category, a reply to it, and what all these are."""
    slug, author = await a_category(db), await a_member(db)
    thread = await a_thread(db, category=slug, topics="wifi", title="The Lantern filter goes out at noon")
    post = await a_reply(db, thread, author=author, body="Mine does so too.")
    return {
        "post": post,
        "author": author,
        "thread": thread,
        "person": author.id,
        "category": await id_of(db, "category", slug),
        "topic": await id_of(db, "topic", "wifi"),
        "everything": 0,
    }


@pytest.mark.parametrize("kind", ["thread", "person", "category", "topic", "everything"])
async def test_a_post_is_heard_by_who_follows_what_it_belongs_to(db, place, kind):
    ann = await a_member(db)
    await follows(db, ann, kind, place[kind], "digest", every_days=7)

    since = "chosen" if kind == "thread" else ""
    assert await heard(db, [place["post"]]) == [(place["post"], ann.id, "digest", 7, kind, place[kind], since)]


@pytest.mark.parametrize("is_indexed", [False, True])
async def test_a_post_is_heard_by_who_follows_a_product_it_names_or_its_vendor(db, tools, is_indexed):
    ann, bob = await a_member(db), await a_member(db)
    await a_product(db, "Lantern", vendor="Glow")
    product_id, vendor_id = await id_of(db, "product", "lantern"), await id_of(db, "vendor", "glow")
    await follows(db, ann, "product", product_id)
    await follows(db, bob, "vendor", vendor_id)
    post = await opening(db, await a_thread(db, body="Does Lantern work for you?"))
    if is_indexed:
        await index_changes(tools)

    assert {each[1:6] for each in await heard(db, [post])} == {
        (ann.id, "each", 0, "product", product_id),
        (bob.id, "each", 0, "vendor", vendor_id),
    }


SEARCHES = (("'printer' & 'fire'", None), ("'printer' & 'ice'", None), ("'printer'", date(2100, 1, 1)))


@pytest.mark.parametrize("is_indexed", [False, True])
async def test_a_post_is_heard_by_who_follows_a_search_that_finds_it(db, tools, is_indexed):
    ann = await a_member(db)
    post = await opening(db, await a_thread(db, body="The printers are on fire."))
    if is_indexed:
        await index_changes(tools)
    for number, (sought, after) in enumerate(SEARCHES):
        saved_id = await value(
            db,
            "INSERT INTO saved_search (member_id, query) VALUES (:id, :query) RETURNING id",
            id=ann.id,
            query=f"search {number}",
        )
        await run(
            db,
            """
            INSERT INTO follow_search (saved_id, member_id, sought, needs, after_on)
            VALUES (:saved_id, :id, CAST(CAST(:sought AS text) AS tsquery), '{printer}', :after)
            """,
            saved_id=saved_id,
            id=ann.id,
            sought=sought,
            after=after,
        )
        await follows(db, ann, "search", saved_id)
    first = await value(db, "SELECT min(id) FROM saved_search")

    assert [(each.reason, each.target_id) for each in await heard(db, [post])] == [("search", first)]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({"thread": "web", "category": "each"}, ("web", 0, "thread")),  # the thread's own decides alone
        ({"thread": "each", "category": "muted", "person": "muted"}, ("each", 0, "thread")),
        ({"thread": "muted", "everything": "each"}, None),
        ({"thread": "none", "category": "each"}, ("each", 0, "category")),
        ({"category": "muted", "everything": "each"}, None),
        ({"topic": "muted", "category": "each"}, None),
        ({"person": "muted", "topic": "each"}, None),
        ({"topic": "web", "category": "digest", "everything": "each"}, ("each", 0, "everything")),
        ({"topic": "web", "category": "digest"}, ("digest", 1, "category")),
        ({"everything": "each", "category": "each", "topic": "each", "person": "each"}, ("each", 0, "person")),
        ({"everything": "each", "category": "each", "topic": "each"}, ("each", 0, "topic")),
        ({"everything": "muted", "category": "each"}, ("each", 0, "category")),
    ],
)
async def test_which_of_many_follows_counts(db, place, levels, expected):
    ann = await a_member(db)
    for kind, level in levels.items():
        await follows(db, ann, kind, place[kind], level)

    assert await hears(db, ann, place["post"]) == expected


async def test_of_two_digests_the_more_frequent_counts(db, place):
    ann = await a_member(db)
    await follows(db, ann, "topic", place["topic"], "digest", every_days=7)
    await follows(db, ann, "category", place["category"], "digest", every_days=2)

    assert await hears(db, ann, place["post"]) == ("digest", 2, "category")


@pytest.mark.parametrize("reason", ["asked", "replied"])
async def test_who_asked_or_replied_is_told_so(db, place, reason):
    ann = await a_member(db)
    await follows(db, ann, "thread", place["thread"], reason=reason)

    assert await hears(db, ann, place["post"]) == ("each", 0, reason)


async def test_whoever_is_called_hears_without_following(db):
    ann, kim = await a_member(db, name="Ann Lee"), await a_member(db, name="Kim Ito")
    post = await a_reply(
        db, await a_thread(db), body=f"Ask @{ann.handle}.\n\n> @{kim.handle} knows\n\nor @nobody-else."
    )

    assert await hears(db, ann, post) == ("each", 0, "mentioned")
    assert await hears(db, kim, post) is None  # who is quoted was called before


@pytest.mark.parametrize(
    ("level", "muted", "expected"),
    [
        ("web", (), ("web", 0, "mentioned")),
        ("digest", (), ("digest", 7, "mentioned")),
        ("none", (), None),
        ("each", ("thread",), None),
        ("each", ("person",), None),
        ("each", ("category", "topic"), ("each", 0, "mentioned")),
    ],
)
async def test_a_call_is_heard_as_wished_unless_its_thread_or_author_is_muted(db, place, level, muted, expected):
    ann = await a_member(db)
    await wishes(db, ann, mentioned=level)
    for kind in muted:
        await follows(db, ann, kind, place[kind], "muted")
    post = await a_reply(db, place["thread"], author=place["author"], body=f"@{ann.handle} knows.")

    assert await hears(db, ann, post) == expected


async def test_whoever_calls_a_crowd_calls_only_the_first_of_it(db):
    people = [await a_member(db) for _ in range(25)]
    post = await a_reply(db, await a_thread(db), body=" ".join(f"@{each.handle}" for each in people))

    assert [each.member_id for each in await heard(db, [post])] == [each.id for each in people[:20]]


async def test_nobody_hears_of_their_own_posts(db, place):
    await follows(db, place["author"], *EVERYTHING)

    assert await heard(db, [place["post"]]) == []


async def test_who_writes_without_a_name_hears_nothing_of_it_and_is_not_followed(db):
    writer, ann, bob = await a_reviewer(db), await a_member(db), await a_member(db)
    slug = await a_product(db, "Lantern")
    await follows(db, writer, *EVERYTHING)
    await follows(db, ann, "person", writer.id)
    review_id = await a_review(db, slug, by=writer, is_unnamed=True)
    post, author_id = tuple(
        await value(db, "SELECT ROW(p.id, p.author_id) FROM review w JOIN post p ON p.id = w.post_id WHERE w.id = :id",
                     id=review_id)
    )  # fmt: skip
    await follows(db, bob, "person", author_id)

    assert author_id != writer.id
    assert await heard(db, [post]) == []


@pytest.mark.parametrize(
    "hiding",
    [
        "UPDATE category SET read_by = 'staff'",
        "UPDATE category SET is_hidden = true",
        "UPDATE post SET deleted_at = now()",
        "UPDATE thread SET deleted_at = now()",
        "UPDATE member SET state = 'deactivated' WHERE id = :id",
        "UPDATE member SET role = 'vendor' WHERE id = :id",
    ],
)
async def test_nobody_hears_of_what_they_may_not_read(db, place, hiding):
    ann = await a_member(db)
    post = await a_reply(db, place["thread"], body=f"@{ann.handle} knows.")
    for kind in ("thread", "person", "category", "topic", "everything"):
        await follows(db, ann, kind, place[kind])

    assert await hears(db, ann, post)
    await run(db, hiding, **({"id": ann.id} if ":id" in hiding else {}))

    assert await hears(db, ann, post) is None


async def test_vendors_hear_of_their_own_products_and_of_nobodys_elses(db):
    ann = await a_vendor_account(db, vendor="Glow")
    category = await a_category(db, lets_vendors_in=True)
    await a_product(db, "Lantern", vendor="Glow")
    await a_product(db, "Candle", vendor="Wax")
    post = await opening(db, await a_thread(db, category=category, body="Is Lantern or Candle better?"))
    author_id = await value(db, "SELECT p.author_id FROM post p WHERE p.id = :id", id=post)
    for kind, slug in (("product", "candle"), ("vendor", "wax")):
        await follows(db, ann, kind, await id_of(db, kind, slug))
    await follows(db, ann, "person", author_id)
    assert await heard(db, [post]) == []

    await follows(db, ann, "product", await id_of(db, "product", "lantern"), "web")
    assert await hears(db, ann, post) == ("web", 0, "product")


@pytest.mark.parametrize(
    ("wish", "level"),
    [
        ({"stops_all": True}, "web"),
        ({"paused_until": 1}, "web"),
        ({"paused_until": 0}, "each"),
    ],
)
async def test_who_wants_no_mail_hears_on_the_web(db, place, wish, level):
    ann = await a_member(db)
    if "paused_until" in wish:
        wish = {"paused_until": break_day() + timedelta(wish["paused_until"])}
    await wishes(db, ann, **wish)
    await follows(db, ann, *EVERYTHING)

    assert await hears(db, ann, place["post"]) == (level, 0, "everything")


async def test_many_posts_are_heard_at_once(db):
    people = [await a_member(db) for _ in range(3)]
    threads = [await a_thread(db) for _ in range(3)]
    posts = [await opening(db, thread) for thread in threads]
    for person, thread in zip(people, threads, strict=True):
        await follows(db, person, "thread", thread)

    assert [(each.post_id, each.member_id) for each in await heard(db, posts)] == [
        (post, person.id) for post, person in zip(posts, people, strict=True)
    ]


async def said(db) -> list[dict]:
    found = await value(
        db,
        """
        SELECT coalesce(json_agg(CAST(convert_from(j.payload, 'utf8') AS json) ORDER BY j.id), '[]')
        FROM pgqueuer j WHERE j.entrypoint = 'event'
        """,
    )
    return [each for each in found if each["event"] in ("post.added", "answer.accepted")]


async def test_each_new_post_is_said_once_and_none_that_was_not_kept(db):
    ann, thread = await a_member(db), await a_thread(db)
    draft = ReplyDraft("Because it can.", "key")
    for _ in range(2):
        await commands.reply(db, ann, thread, draft)

    expected = [await post_id(db, thread, number) for number in (1, 2)]
    assert [each["payload"] for each in await said(db)] == [{"post_id": post} for post in expected]


async def test_a_choice_of_an_answer_is_said_when_it_is_another(db):
    ann = await an_admin(db)
    thread = await a_thread(db, author=ann)
    post = await a_reply(db, thread)
    for _ in range(2):
        await accept.accept(db, ann, post)

    accepted = {"thread_id": thread, "post_id": post, "by_id": ann.id}
    assert (await said(db))[2:] == [{"event": "answer.accepted", "payload": accepted}]
