"""Lists of threads: their order, their pages, what is unread."""

import pytest

from forum.kit.errors import NotFound
from forum.members import profile
from forum.members.types import GUEST
from forum.threads import queries, reading, state
from forum.threads.delete import delete
from forum.threads.lists import ORDERS, Place, Selection, place_behind, threads
from forum.topics.commands import add_topic
from forum.votes.commands import vote
from tests.factories import a_category, a_member, a_reply, a_thread, age, an_admin, post_id, sign_in_as


async def ids(db, actor, order="latest", **selection) -> list[int]:
    return [row.id for row in await threads(db, actor, Selection(order, **selection))]


async def test_the_latest_reply_brings_a_thread_to_the_top(db):
    first, second = await a_thread(db), await a_thread(db)
    await a_reply(db, first)

    assert await ids(db, await a_member(db)) == [first, second]


async def test_unanswered_are_questions_nobody_replied_to(db):
    open_question, answered, talk = await a_thread(db), await a_thread(db), await a_thread(db, kind="discussion")
    await a_reply(db, answered)

    assert await ids(db, await a_member(db), "unanswered") == [open_question]
    assert talk


async def test_top_counts_replies_and_helpful_marks_in_its_time(db):
    quiet, liked, old = await a_thread(db), await a_thread(db), await a_thread(db)
    for _ in range(3):
        await vote(db, await a_member(db), await post_id(db, liked), is_helpful=True)
        await a_reply(db, old)
    await age(db, old, 40)
    ann = await a_member(db)

    assert await ids(db, ann, "top", period="month") == [liked, quiet]
    assert await ids(db, ann, "top", period="year") == [old, liked, quiet]
    assert await ids(db, ann, "top", period="all") == [old, liked, quiet]


@pytest.mark.parametrize("order", sorted(ORDERS))
async def test_pages_hold_every_thread_once(db, order):
    ann, reader = await a_member(db), await a_member(db)
    category = await a_category(db)
    made = [await a_thread(db, author=ann, category=category) for _ in range(7)]
    seen, place = [], Place()
    while page := (await threads(db, reader, Selection(order), place))[:3]:
        seen += [row.id for row in page]
        place = Place.from_text(place_behind(page[-1], order))

    assert seen == made[::-1]


@pytest.mark.parametrize("text", ["", ".", "x.y", "1", "1.", "-1.2", "1e3.4", "9" * 40 + ".1", "²2.³"])
def test_a_place_nobody_wrote_is_the_beginning(text):
    assert Place.from_text(text).is_start


async def test_a_thread_is_unread_until_its_last_post_is_seen(db, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)
    assert await ids(db, ann, "unread") == [thread]

    await web.get(f"/t/{thread}")
    assert await ids(db, ann, "unread") == []

    await a_reply(db, thread)
    assert await ids(db, ann, "unread") == [thread]


async def test_one_resumes_at_the_first_unread_post(db, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)
    await web.get(f"/t/{thread}")
    for _ in range(2):
        await a_reply(db, thread)

    home, page = await web.get("/"), await web.get(f"/t/{thread}")

    assert f"/t/{thread}/why-does-the-printer-print?after=0#new" in home.text
    assert "New since your last visit" in page.text
    assert ann


async def test_what_is_older_than_ones_joining_is_not_unread(db):
    await a_thread(db, days_ago=1)

    assert await ids(db, await a_member(db), "unread") == []


async def test_a_page_fetched_ahead_or_by_head_is_not_read(db, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)

    await web.get(f"/t/{thread}", headers={"sec-purpose": "prefetch"})
    await web.head(f"/t/{thread}")

    assert await ids(db, ann, "unread") == [thread]


async def test_a_read_mark_never_goes_back(db):
    ann, thread = await a_member(db), await a_thread(db)
    for _ in range(3):
        await a_reply(db, thread)

    for number in (3, 1):
        await reading.mark_read(db, ann, thread, number)

    assert (await queries.thread(db, ann, thread)).read_number == 3


async def test_ones_own_reply_is_read_but_not_what_one_skipped(db):
    ann, thread = await a_member(db), await a_thread(db)
    await a_reply(db, thread, author=ann)
    assert await ids(db, ann, "unread") == [thread]

    await reading.mark_read(db, ann, thread, 2)
    await a_reply(db, thread, author=ann)
    assert await ids(db, ann, "unread") == []


async def test_everything_can_be_marked_read(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await a_thread(db)

    await web.post("/unread")

    assert await ids(db, ann, "unread") == []
    await profile.mark_all_read(db, ann)


async def test_a_category_shows_its_pinned_threads_first_and_once(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db, slug="desk")
    pinned = await a_thread(db, category=category, title="Read this before asking")
    await state.pin(db, await an_admin(db), pinned)
    await a_thread(db, category=category, title="A newer question here")

    text = (await web.get("/c/desk")).text

    assert text.count("Read this before asking") == 1
    assert text.index("Read this before asking") < text.index("A newer question here")


async def test_a_topic_shows_its_threads_and_a_synonym_leads_to_it(db, web):
    await sign_in_as(web, db, await a_member(db))
    await add_topic(db, "e-rate", ["erate"])
    await a_thread(db, topics="erate", title="Which form comes first?")

    assert "Which form comes first?" in (await web.get("/topics/e-rate")).text
    assert (await web.get("/topics/erate")).headers["location"] == "/topics/e-rate"
    assert (await web.get("/topics/no-such-topic")).status_code == 404


async def test_every_list_holds_only_what_its_reader_may_read(db):
    public = await a_category(db, read_by="everyone")
    private = await a_category(db, read_by="staff")
    admin, ann = await an_admin(db), await a_member(db)
    shown, hidden = await a_thread(db, category=public), await a_thread(db, category=private, author=admin)
    for order in ORDERS:
        assert await ids(db, ann, order) == [shown]
    assert set(await ids(db, admin, "latest")) == {shown, hidden}
    assert await ids(db, GUEST, "latest") == [shown]


async def test_guests_have_no_unread(db, web):
    assert (await web.get("/unread")).status_code == 403


@pytest.mark.parametrize("path", ["/c/nowhere", "/c/desk/newest", "/topics/x/y", "/t/0", "/t/99999999999999999999"])
async def test_an_address_nobody_gave_out_is_not_there(db, web, path):
    await a_category(db, slug="desk", read_by="everyone")

    assert (await web.get(path)).status_code == 404


async def test_a_long_thread_has_pages_of_fifty(db, web):
    await sign_in_as(web, db, await a_member(db))
    author, thread = await a_member(db), await a_thread(db)
    for n in range(54):
        await a_reply(db, thread, author=author, body=f"Reply {n + 2}")

    first, second = (await web.get(f"/t/{thread}")).text, (await web.get(f"/t/{thread}?after=50")).text

    assert 'id="p50"' in first
    assert 'id="p51"' not in first
    assert "?after=50" in first
    assert 'id="p51"' in second
    assert 'id="p50"' not in second
    post = await post_id(db, thread, 53)
    assert (await web.get(f"/p/{post}")).headers["location"].endswith("?after=50#p53")


async def test_helpful_order_pages_hold_every_post_once(db):
    ann, thread = await a_member(db), await a_thread(db)
    replies = [await a_reply(db, thread) for _ in range(6)]
    for reply in (replies[3], replies[3], replies[5]):
        await vote(db, await a_member(db), reply, is_helpful=True)

    seen, after = [], None
    while page := (await queries.helpful_reading(db, ann, thread, after=after, limit=2)).posts:
        seen += [post.number for post in page]
        after = (page[-1].confidence, page[-1].number)

    assert seen == [1, 5, 7, 2, 3, 4, 6]


async def test_the_order_of_posts_is_remembered(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)
    await a_reply(db, thread, body="Plain")
    liked = await a_reply(db, thread, body="Liked")
    await vote(db, await a_member(db), liked, is_helpful=True)

    await web.post("/threads/order", data={"order": "helpful", "next": f"/t/{thread}"})
    text = (await web.get(f"/t/{thread}")).text

    assert text.index("Liked") < text.index("Plain")
    with pytest.raises(NotFound):
        await queries.thread(db, GUEST, thread)


async def test_what_is_new_is_marked_behind_a_deleted_post(db, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)
    await web.get(f"/t/{thread}")
    bob = await a_member(db)
    gone = await a_reply(db, thread, author=bob)
    await a_reply(db, thread, author=bob)
    await delete(db, bob, gone)

    text = (await web.get(f"/t/{thread}")).text

    assert text.index('id="new"') < text.index('id="p3"')
    assert ann


async def test_a_page_opened_by_link_leaves_the_pages_before_it_unread(db, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)
    author = await a_member(db)
    for _ in range(51):
        await a_reply(db, thread, author=author)

    await web.get(f"/t/{thread}?after=50")
    assert await ids(db, ann, "unread") == [thread]

    await web.get(f"/t/{thread}")
    await web.get(f"/t/{thread}?after=50")
    assert await ids(db, ann, "unread") == []


@pytest.mark.parametrize("key", ["1e39:1", "nan:1", "inf:2", "-1:1", "0.5:99999999999", "0.5", ":", "0.5:x"])
async def test_a_helpful_place_nobody_wrote_is_the_beginning(db, web, key):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)

    assert 'id="p1"' in (await web.get(f"/t/{thread}?order=helpful&from={key}")).text
