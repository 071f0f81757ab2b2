"""Following things, at a level of one's own, and no longer following them."""

import asyncio
import re

import pytest

from forum.following import commands, queries, wording
from forum.following.choices import CHOICES, LEVELS
from forum.following.things import KINDS, THINGS
from forum.following.types import Level, Target
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.search import saving
from forum.search.asked_types import SearchDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.following.scenes import id_of
from tests.products.catalogue import a_product, a_vendor_account
from tests.threads.test_vendors_out import hide

ALL = Target("everything")


async def level(db, who, target) -> tuple[str, int]:
    found = await queries.level_of(db, who, target)
    return found.name, found.every_days


async def a_search(db, who, text="printer") -> Target:
    return Target("search", await saving.save(db, who, SearchDraft.from_text(text)))


async def things(db, who) -> dict[str, Target]:
    """One of each kind that `who` sees."""
    slug = await a_category(db)
    thread, fellow = await a_thread(db, category=slug, topics="wifi"), await a_member(db)
    await a_product(db, "Lantern", vendor="Glow")
    return {
        "thread": Target("thread", thread),
        "person": Target("person", fellow.id),
        "search": await a_search(db, who),
        "product": Target("product", await id_of(db, "product", "lantern")),
        "topic": Target("topic", await id_of(db, "topic", "wifi")),
        "vendor": Target("vendor", await id_of(db, "vendor", "glow")),
        "category": Target("category", await id_of(db, "category", slug)),
        "everything": ALL,
    }


async def test_everything_there_is_can_be_followed_and_left_and_twice_is_once(db):
    ann = await a_member(db)
    for target in (await things(db, ann)).values():
        for _ in range(2):
            await commands.follow(db, ann, target, "digest", 3)
        assert await level(db, ann, target) == ("digest", 3)

        await commands.follow(db, ann, target, "each")
        assert await level(db, ann, target) == ("each", 0)
        for _ in range(2):
            await commands.unfollow(db, ann, target)
        assert await level(db, ann, target) == ("none", 0)
    assert await queries.followed(db, ann) == []
    assert await queries.followed_threads(db, ann) == []
    assert await value(db, "SELECT count(*) FROM follow_search") == 0


async def test_only_what_would_be_heard_anyhow_can_be_muted(db):
    ann = await a_member(db)
    muted = set()
    for kind, target in (await things(db, ann)).items():
        try:
            await commands.follow(db, ann, target, "muted")
            muted.add(kind)
        except Invalid:
            assert await level(db, ann, target) == ("none", 0)

    assert muted == {"thread", "person", "topic", "category"}


@pytest.mark.parametrize(
    ("name", "days", "field"),
    [("digest", 0, "every_days"), ("digest", 91, "every_days"), ("none", 0, "level"), ("loud", 0, "level")],
)
async def test_a_level_that_is_none_changes_nothing(db, name, days, field):
    ann = await a_member(db)
    await commands.follow(db, ann, ALL, "web")
    with pytest.raises(Invalid) as refusal:
        await commands.follow(db, ann, ALL, name, days)

    assert list(refusal.value.fields) == [field]
    assert await level(db, ann, ALL) == ("web", 0)


async def test_nobody_follows_what_they_do_not_see(db):
    ann, admin = await a_member(db), await an_admin(db)
    closed = await a_category(db, read_by="staff")
    thread = await a_thread(db, author=admin, category=closed, topics="secret")
    deleted = await a_thread(db)
    await run(db, "UPDATE thread SET deleted_at = now() WHERE id = :id", id=deleted)
    unseen = [
        Target("thread", thread),
        Target("thread", deleted),
        Target("category", await id_of(db, "category", closed)),
        Target("topic", await id_of(db, "topic", "secret")),
        await a_search(db, admin),
        Target("person", ann.id),
        *(Target(kind, 2**62) for kind in ("thread", "person", "search", "product", "topic", "vendor", "category")),
    ]
    for target in unseen:
        with pytest.raises(NotFound):
            await commands.follow(db, ann, target, "each")
        await commands.unfollow(db, ann, target)

    assert await value(db, "SELECT count(*) FROM follow") == 0


async def test_guests_follow_nothing(db):
    with pytest.raises(Forbidden, match="Sign in"):
        await commands.follow(db, GUEST, ALL, "each")


async def test_vendors_follow_their_own_products_and_nobody(db):
    ann = await a_vendor_account(db, vendor="Glow")
    await a_product(db, "Candle", vendor="Wax")
    own = Target("product", await id_of(db, "product", "glow-filter"))
    await commands.follow(db, ann, own, "each")
    await commands.follow(db, ann, Target("vendor", await id_of(db, "vendor", "glow")), "each")

    for kind, slug in (("product", "candle"), ("vendor", "wax")):
        with pytest.raises(NotFound):
            await commands.follow(db, ann, Target(kind, await id_of(db, kind, slug)), "each")
    with pytest.raises(Forbidden, match="stays among members"):
        await commands.follow(db, ann, Target("person", (await a_member(db)).id), "each")
    thread = await a_thread(db, category=await a_category(db, lets_vendors_in=True))
    await hide(db, thread)
    with pytest.raises(NotFound):
        await commands.follow(db, ann, Target("thread", thread), "each")


async def test_what_one_sees_no_more_is_only_left(db):
    ann, slug = await a_member(db), await a_category(db)
    target = Target("category", await id_of(db, "category", slug))
    await commands.follow(db, ann, target, "each")
    await run(db, "UPDATE category SET read_by = 'staff'")

    with pytest.raises(NotFound):
        await commands.follow(db, ann, target, "digest", 7)
    (only,) = await queries.followed(db, ann)
    assert (only.name, only.path, only.chosen) == ("", "", Level("each"))
    await commands.unfollow(db, ann, target)
    assert await queries.followed(db, ann) == []


async def test_there_is_an_end_to_it_also_at_the_same_moment(db, monkeypatch):
    ann = await a_member(db)
    monkeypatch.setattr(commands, "MOST_FOLLOWED", 3)
    targets = [Target("person", (await a_member(db)).id) for _ in range(6)]
    answers = await asyncio.gather(
        *(commands.follow(db, ann, target, "web") for target in targets), return_exceptions=True
    )

    assert sum(isinstance(answer, Invalid) for answer in answers) == 3
    assert len(await queries.followed(db, ann)) == 3


async def test_at_the_same_moment_it_is_followed_once(db):
    ann = await a_member(db)
    await asyncio.gather(*(commands.follow(db, ann, ALL, name, int(name == "digest")) for name in LEVELS[:3] * 3))

    assert len(await queries.followed(db, ann)) == 1


async def test_what_is_rolled_back_was_never_followed(db):
    ann = await a_member(db)
    async with db.transaction(force_rollback=True):
        await commands.follow(db, ann, await a_search(db, ann), "each")

    assert await value(db, "SELECT (SELECT count(*) FROM follow) + (SELECT count(*) FROM follow_search)") == 0


async def test_threads_are_listed_by_pages_with_their_names(db):
    ann, thread = await a_member(db), await a_thread(db, title="Which switches do you buy?")
    await commands.follow(db, ann, Target("thread", thread), "each")
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level)
        SELECT :id, 'thread', n, 'web' FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n
        """,
        id=ann.id,
        first=thread + 1,
        last=thread + 60,
    )
    first = await queries.followed_threads(db, ann)
    second = await queries.followed_threads(db, ann, before_id=first[49].target_id)

    assert len(first) == 51
    assert [each.target_id for each in second][-1] == thread
    assert (second[-1].name, second[-1].path) == (
        "Which switches do you buy?",
        f"/t/{thread}/which-switches-do-you-buy",
    )


async def test_all_that_may_be_followed_is_listed_page_after_page_the_widest_first(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await commands.follow(db, ann, ALL, "web")
    many = """
        INSERT INTO follow (member_id, kind, target_id, level)
        SELECT :id, k.kind, n, 'web' FROM unnest(ARRAY['person', 'topic']) k (kind) CROSS JOIN generate_series(1, 175) n
    """
    await run(db, many, id=ann.id)

    removals, path = [], "/settings/following"
    while path:
        page = (await web.get(path)).text
        assert ('<h2 id="how"' in page) == ('<h2 id="threads"' in page) == (path == "/settings/following")
        rows_of_page = [part.split('"')[0] for part in page.split('<form method="post" action="')[1:]]
        removals += [each for each in rows_of_page if each.startswith("/follow/")]
        _, is_more, rest = page.partition('href="/settings/following?kind=')
        path = "/settings/following?kind=" + rest.split('"')[0].replace("&amp;", "&") if is_more else ""

    shown = list(dict.fromkeys(removals))
    expected = [f"/follow/{kind}/{n}" for kind in ("topic", "person") for n in range(175, 0, -1)]
    assert shown == ["/follow/everything", *expected]


CONTROLS = ["/t/{thread}/x", "/c/{category}", "/topics/wifi", "/products/lantern", "/vendors/glow", "/people/{person}"]


@pytest.mark.parametrize("path", CONTROLS)
async def test_each_page_of_what_is_followed_says_how_and_changes_it_with_a_click(db, web, path):
    ann = await sign_in_as(web, db, await a_member(db))
    found = await things(db, ann)
    slug = await value(db, "SELECT c.slug FROM category c WHERE c.id = :id", id=found["category"].id)
    handle = await value(db, "SELECT m.handle FROM member m WHERE m.id = :id", id=found["person"].id)
    path = path.format(thread=found["thread"].id, category=slug, person=handle)
    page = (await web.get(path, follow_redirects=True)).text
    (action,) = {part.split('"')[0] for part in page.split('action="')[1:] if part.startswith("/follow/")}
    assert "Every message" in page
    assert "Stop following" not in page

    menu = action.replace("/follow/", "level-").replace("/", "-")

    answer = await web.post(action, data={"level": "weekly"})
    page = (await web.get(answer.headers["location"], follow_redirects=True)).text
    assert answer.headers["location"].endswith(f"#{menu}")
    assert page.count(f'id="{menu}"') == 1
    assert "Weekly digest" in page
    assert re.search(r'role="status".*<p>You get new messages [^<]* in your weekly digest.</p>', page, re.S)

    answer = await web.post(action, data={"level": "stop"})
    page = (await web.get(answer.headers["location"], follow_redirects=True)).text
    assert re.search(r"<p>You no longer follow this (thread|category|topic|product|vendor|person).</p>", page)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("choice", [*CHOICES, "none"])
def test_for_whatever_is_chosen_there_is_a_sentence(kind, choice):
    assert re.fullmatch(r"(Muted: y|Y)ou [^{}]+\.", wording.NOTICES[f"{kind}-{choice}"])


async def test_a_digest_every_ninety_days_is_not_called_one_every_few_days(db, web):
    await sign_in_as(web, db, await a_member(db))
    answer = await web.post("/follow/everything", data={"level": "days", "every_days": "90"})
    page = (await web.get(answer.headers["location"], follow_redirects=True)).text
    assert "<p>You get new messages written here in a digest as often as you chose.</p>" in page


@pytest.mark.parametrize("kind", KINDS)
async def test_the_menu_offers_what_can_be_chosen_for_that_kind(db, web, kind):
    ann = await sign_in_as(web, db, await a_member(db))

    page = (await web.get((await things(db, ann))[kind].path)).text

    offered = set(re.findall(r'name="level" value="([a-z]+)" aria-pressed', page))
    assert offered == {"each", "daily", "weekly", "web", *(["muted"] if THINGS[kind].is_mutable else [])}


async def test_guests_and_oneself_have_no_control(db, web):
    slug = await a_category(db, read_by="everyone")
    assert "/follow/" not in (await web.get(f"/c/{slug}")).text
    ann = await sign_in_as(web, db, await a_member(db))
    assert "/follow/" not in (await web.get(f"/people/{ann.handle}")).text


@pytest.mark.parametrize("typed", ["91", "0", "-1", "2.5", "1234567", "soon", ""])
async def test_a_number_of_days_that_will_not_do_comes_back_as_it_was_typed_with_a_sentence(db, web, typed):
    await sign_in_as(web, db, await a_member(db))

    answer = await web.post("/follow/everything", data={"level": "days", "every_days": typed})

    assert answer.status_code == 422
    assert '<a href="#every_days">Enter a whole number of days from 1 to 90.</a>' in answer.text
    field = re.search(r'<input [^>]*id="every_days"[^>]*>', answer.text)[0]
    assert f'value="{typed}"' in field
    assert 'aria-invalid="true"' in field


NOTHING = ["/follow/thread/0", "/follow/thread/999", "/follow/everything/1", "/follow/x/1", "/follow/topic"]


@pytest.mark.parametrize("path", NOTHING)
async def test_what_is_nothing_to_follow_has_no_page(db, web, path):
    await sign_in_as(web, db, await a_member(db))

    assert (await web.get(path)).status_code == 404
    assert (await web.post(path, data={"level": "each"})).status_code == 404


async def test_the_page_of_everything_changes_and_removes_each(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    for target in (await things(db, ann)).values():
        await commands.follow(db, ann, target, "digest", 3)
    page = (await web.get("/settings/following")).text
    assert page.count("Digest every 3 days") == 8

    answer = await web.post("/follow/everything", data={"level": "stop", "next": "/settings/following"})
    assert answer.headers["location"].startswith("/settings/following?notice=everything-none&undo=follow/")
    assert (await web.get("/settings/following")).text.count("Digest every 3 days") == 7


async def test_a_reply_in_a_thread_that_one_left_does_not_bring_it_back(db, drain):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    await drain()
    assert await level(db, ann, Target("thread", thread)) == ("each", 0)
    await commands.unfollow(db, ann, Target("thread", thread))
    await a_reply(db, thread, author=ann)
    await a_reply(db, thread, body=f"@{ann.handle} knows.")
    await drain()

    assert await level(db, ann, Target("thread", thread)) == ("none", 0)


async def test_who_stops_a_thread_before_they_reply_in_it_does_not_follow_it_by_that(db, web, drain):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)
    for _ in range(2):
        answer = await web.post(f"/follow/thread/{thread}", data={"level": "stop"})
        assert "?notice=thread-none" in answer.headers["location"]
    await a_reply(db, thread, author=ann)
    await drain()

    assert await level(db, ann, Target("thread", thread)) == ("none", 0)
    assert await queries.followed_threads(db, ann) == []
    await commands.follow(db, ann, Target("thread", thread), "each")
    assert await level(db, ann, Target("thread", thread)) == ("each", 0)


async def test_threads_that_are_left_take_no_room(db, monkeypatch):
    ann = await a_member(db)
    monkeypatch.setattr(commands, "MOST_FOLLOWED", 1)
    left = Target("thread", await a_thread(db))
    await commands.unfollow(db, ann, left)
    await commands.follow(db, ann, ALL, "web")

    with pytest.raises(Invalid):
        await commands.follow(db, ann, left, "web")


async def test_guests_stop_nothing(db):
    thread = await a_thread(db, category=await a_category(db, read_by="everyone"))
    await commands.unfollow(db, GUEST, Target("thread", thread))

    assert await value(db, "SELECT count(*) FROM follow") == 0
