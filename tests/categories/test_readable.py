"""Who may read what, asked of every query that shows something of a category."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import pytest

from forum.categories import commands as categories
from forum.categories.queries import categories as open_categories
from forum.categories.queries import room, rooms
from forum.kit.db import run, value
from forum.kit.errors import NotFound
from forum.kit.settings import Settings
from forum.members import queries as members
from forum.members import sign_in
from forum.members.types import GUEST
from forum.reader import reader
from forum.search.finding import find, find_instantly
from forum.search.found_types import Hit
from forum.search.likeness import alike
from forum.search.parsing import parse
from forum.threads import lists, queries
from forum.threads.similar import similar_threads
from forum.topics.queries import topic_called, topics
from tests.factories import a_category, a_group, a_member, a_thread, an_admin, post_id

READ_BY = ("everyone", "members", "staff", "groups")
PEOPLE = ("guest", "member", "vendor", "in the group", "vendor in the group", "moderator", "admin", "suspended")
# For each kind of category, whom it lets in; "+ vendors": the category lets vendors in.
TRUTH = {
    "everyone": {"guest", "member", "in the group", "moderator", "admin", "suspended"},
    "members": {"member", "in the group", "moderator", "admin"},
    "staff": {"moderator", "admin"},
    "groups": {"in the group", "moderator", "admin"},
    "everyone + vendors": {*PEOPLE},
    "members + vendors": {"member", "vendor", "in the group", "vendor in the group", "moderator", "admin"},
    "staff + vendors": {"moderator", "admin"},
    "groups + vendors": {"in the group", "moderator", "admin"},
}


@dataclass
class World:
    """A category of each kind, one thread in each, and one person of each sort."""

    slugs: dict[str, str]
    threads: dict[str, int]
    people: dict[str, object]


@pytest.fixture
async def world(db, indexed) -> World:
    group = await a_group(db)
    slugs, threads = {}, {}
    for read_by, vendors, hidden in product(READ_BY, ("", " + vendors"), ("", " hidden")):
        kind = read_by + vendors + hidden
        slugs[kind] = await a_category(db, read_by=read_by, groups=[group])
        if vendors:  # also where the form for categories would refuse it
            await run(db, "UPDATE category SET lets_vendors_in = true WHERE slug = :slug", slug=slugs[kind])
    author = await a_member(db, role="admin", moderates=slugs.values())
    for kind, slug in slugs.items():
        threads[kind] = await a_thread(
            db, category=slug, author=author, title=f"Walnut question of {kind}", body="Pistachio", topics=f"of-{slug}"
        )
        if "hidden" in kind:
            await run(db, "UPDATE category SET is_hidden = true WHERE slug = :slug", slug=slug)
    suspended = await a_member(db)
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=suspended.id)
    people = {
        "guest": GUEST,
        "member": await a_member(db),
        "vendor": await a_member(db, role="vendor"),
        "in the group": await a_member(db, groups=["circle"]),
        "vendor in the group": await a_member(db, role="vendor", groups=["circle"]),
        "moderator": await a_member(db, moderates=slugs.values()),
        "admin": await an_admin(db),
        "suspended": suspended,
    }
    await run(db, "UPDATE member SET unread_since = now() - interval '1 day'")
    await indexed()
    return World(slugs, threads, people)


def threads_of(hits: Sequence[Hit]) -> set[int]:
    return {int(hit.path.split("/")[2]) for hit in hits if hit.kind == "post"}


async def seen_in_lists(db, world, actor, tools) -> dict[str, set[str]]:
    """The kinds of categories that each query which shows many things lets the actor see."""
    kind_of_thread = {thread: kind for kind, thread in world.threads.items()}
    kind_of_slug = {slug: kind for kind, slug in world.slugs.items()}
    orders = {f"the list {order}": await lists.threads(db, actor, lists.Selection(order)) for order in lists.ORDERS}
    found = {name: {kind_of_thread[row.id] for row in rows} for name, rows in orders.items()}
    if actor in (GUEST, world.people["suspended"]):
        assert found.pop("the list unread") == set()
    by_word, by_title, topics_found = [
        await find(tools, actor, parse(words)) for words in ("pistachio", "walnut question", "kind:topic category")
    ]
    assert by_word.count == by_title.count == len(by_word.hits)
    return found | {
        "the categories": {kind_of_slug[each.slug] for each in await open_categories(db, actor)},
        "the rooms": {kind_of_slug[each.slug] for each in await rooms(db, actor)},
        "the search by word": {kind_of_thread[each] for each in threads_of(by_word.hits)},
        "the search by title": {kind_of_thread[each] for each in threads_of(by_title.hits)},
        "its facets": {kind_of_slug[facet.path.partition("category%3A")[2]] for facet in by_word.categories},
        "the topics that are found": {kind_of_slug[hit.path[len("/topics/of-") :]] for hit in topics_found.hits},
        "the topics": {kind_of_slug[each.slug.removeprefix("of-")] for each in await topics(db, actor)},
    }


async def seen_one_by_one(db, world, actor, kind) -> dict[str, bool]:
    """Whether each query that shows one thing lets the actor see this one."""
    slug, thread_id = world.slugs[kind], world.threads[kind]
    return {
        "the category": await is_there(room(db, actor, slug)),
        "the thread": await is_there(queries.thread(db, actor, thread_id)),
        "the posts": await is_there(queries.reading(db, actor, thread_id)),
        "the helpful posts": await is_there(queries.helpful_reading(db, actor, thread_id)),
        "the post": await is_there(queries.post_source(db, actor, await post_id(db, thread_id))),
        "its revisions": await is_there(queries.revisions(db, actor, await post_id(db, thread_id))),
        "the list of the category": bool(await lists.threads(db, actor, lists.Selection(category=slug))),
        "the list of the topic": bool(await lists.threads(db, actor, lists.Selection(topic=f"of-{slug}"))),
        "the topic": await topic_called(db, actor, f"of-{slug}") is not None,
    }


async def is_there(asking) -> bool:
    try:
        await asking
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("who", PEOPLE)
async def test_everybody_sees_just_what_is_open_to_them(db, tools, world, who):
    actor = world.people[who]
    allowed = {kind for kind, people in TRUTH.items() if who in people}

    seen = await seen_in_lists(db, world, actor, tools)

    assert seen == dict.fromkeys(seen, allowed)
    for kind in world.slugs:
        single = await seen_one_by_one(db, world, actor, kind)
        assert single == dict.fromkeys(single, kind in allowed), kind


@pytest.mark.parametrize("who", PEOPLE)
async def test_threads_beside_one_and_like_one_are_only_those_the_reader_may_open(db, tools, world, who):
    kind_of_thread = {thread: kind for kind, thread in world.threads.items()}
    allowed = {kind for kind, people in TRUTH.items() if who in people}
    actor, asks = world.people[who], partial(alike, tools)

    asked = {kind_of_thread[each.id] for each in await similar_threads(db, actor, "Walnut question of", asks)}
    assert asked <= allowed
    assert len(asked) == min(5, len(allowed))
    for kind in allowed:
        found = await queries.reading(db, actor, world.threads[kind], alike=asks)

        seen = {kind_of_thread[each.id] for each in found.similar}
        assert seen <= allowed - {kind}
        assert len(seen) == min(5, len(allowed) - 1)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("guest", "suspended")])
async def test_the_frame_of_every_page_shows_the_same_categories(db, world, who):
    actor = world.people[who]
    token = await sign_in.start_session(db, actor.id, "")

    asking = await reader(db, Settings(), token)

    assert asking.actor.id == actor.id
    assert asking.categories == await open_categories(db, actor)


async def test_a_moderator_of_one_category_is_an_ordinary_member_in_the_others(db):
    staffs = [await a_category(db, read_by="staff") for _ in range(2)]
    moderator = await a_member(db, moderates=staffs[:1])

    assert [each.slug for each in await open_categories(db, moderator)] == staffs[:1]


async def test_right_to_read_ends_at_once(db, tools, indexed):
    circle = await a_category(db, read_by="groups", groups=[await a_group(db)])
    ann = await a_member(db, groups=["circle"])
    thread_id = await a_thread(db, category=circle, author=ann)
    await indexed()
    assert (await find(tools, ann, parse("printer"))).count == 1
    await run(db, "DELETE FROM group_member")

    assert not await is_there(queries.thread(db, ann, thread_id))
    assert (await find(tools, ann, parse("printer"))).count == 0
    assert (await find_instantly(tools, ann, parse("printer"))).sections == ()


async def test_what_an_actor_claims_of_groups_and_roles_opens_nothing(db):
    circle = await a_group(db)
    closed = [await a_category(db, read_by="staff"), await a_category(db, read_by="groups", groups=[circle])]
    ids = await value(db, "SELECT array_agg(id) FROM category")

    liar = replace(await a_member(db), role="admin", groups=frozenset([circle]), moderates=frozenset(ids))

    assert await open_categories(db, liar) == ()
    assert closed


async def test_groups_that_may_reply_may_not_therefore_read(db):
    group = await a_group(db)
    slug = await a_category(db, read_by="groups", reply_by="groups", start_by="groups", groups=[group])
    await run(db, "DELETE FROM category_group WHERE may = 'read'")

    assert await open_categories(db, await a_member(db, groups=["circle"])) == ()
    assert slug


async def test_a_category_shown_is_there_for_those_it_is_meant_for(db):
    slug = await a_category(db, read_by="members", is_hidden=True)
    ann, category_id = await a_member(db), await value(db, "SELECT id FROM category")
    assert await open_categories(db, await an_admin(db)) == ()

    for _ in range(2):
        await categories.show_category(db, category_id)

    assert [each.slug for each in await open_categories(db, ann)] == [slug]
    assert await open_categories(db, GUEST) == ()


async def test_an_actor_as_the_session_knows_it_is_the_one_the_room_of_members_knows(db):
    slug = await a_category(db)
    ann = await a_member(db, groups=["circle"], moderates=[slug])

    asking = await reader(db, Settings(), await sign_in.start_session(db, ann.id, ""))

    assert replace(asking.actor, session_id=None, is_confirmed=False) == await members.actor(db, ann.id) == ann
