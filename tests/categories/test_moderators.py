"""Who moderates a category, and that they are ordinary members in every other."""

import asyncio

import pytest

from forum.categories import moderating, register
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries as members
from forum.members.types import GUEST
from forum.threads import commands as threads
from forum.threads import delete, queries
from forum.threads.policy import may_delete, may_edit, may_reply
from tests.categories.records import recorded
from tests.factories import a_category, a_member, a_thread, an_admin, post_id


async def the_id(db, slug) -> int:
    return await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)


async def test_a_member_becomes_a_moderator_by_handle_and_stops_being_one(db):
    ann, ben = await an_admin(db), await a_member(db, name="Ben Moss")
    category_id = await the_id(db, await a_category(db))

    for handle in ("ben.moss", "@ben.moss", " Ben.Moss "):  # twice is once
        await moderating.add(db, ann, category_id, handle)

    assert [each.handle for each in await register.moderators(db, category_id)] == ["ben.moss"]
    assert (await members.actor(db, ben.id)).moderates == {category_id}

    for _ in range(2):
        await moderating.remove(db, ann, category_id, ben.id)

    assert await register.moderators(db, category_id) == []
    assert [(each.act, each.actor_id, each.subject_id) for each in await recorded(db, "moderator.%")] == [
        ("moderator.added", ann.id, ben.id),
        ("moderator.removed", ann.id, ben.id),
    ]


@pytest.mark.parametrize("who", ["nobody", "", "a.vendor", "was.suspended"])
async def test_only_active_members_who_are_no_vendors_moderate(db, who):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))
    await a_member(db, name="A Vendor", role="vendor")
    suspended = await a_member(db, name="Was Suspended")
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=suspended.id)

    with pytest.raises(Invalid, match="handle"):
        await moderating.add(db, ann, category_id, who)

    assert await register.moderators(db, category_id) == []


@pytest.mark.parametrize("who", ["guest", "member", "moderator"])
async def test_only_administrators_choose_moderators(db, who):
    slug = await a_category(db)
    ben = await a_member(db, name="Ben Moss")
    category_id = await the_id(db, slug)
    actor = {"guest": GUEST, "member": ben, "moderator": await a_member(db, moderates=[slug])}[who]

    with pytest.raises(Forbidden):
        await moderating.add(db, actor, category_id, "ben.moss")
    with pytest.raises(Forbidden):
        await moderating.remove(db, actor, category_id, ben.id)


async def test_nobody_moderates_what_is_not_there(db):
    ann = await an_admin(db)
    await a_member(db, name="Ben Moss")

    with pytest.raises(NotFound):
        await moderating.add(db, ann, 4, "ben.moss")
    with pytest.raises(NotFound):
        await moderating.remove(db, ann, 4, ann.id)


async def test_at_the_same_moment_somebody_becomes_moderator_once(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))
    await a_member(db, name="Ben Moss")

    await asyncio.gather(*(moderating.add(db, ann, category_id, "ben.moss") for _ in range(6)))

    assert len(await register.moderators(db, category_id)) == 1
    assert len(await recorded(db, "moderator.added")) == 1


async def test_when_the_record_fails_nobody_becomes_moderator(db, monkeypatch):
    async def fails(*_):
        raise RuntimeError

    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))
    await a_member(db, name="Ben Moss")
    monkeypatch.setattr(moderating.audit, "record", fails)

    with pytest.raises(RuntimeError):
        await moderating.add(db, ann, category_id, "ben.moss")

    assert await register.moderators(db, category_id) == []


# What a moderator may do with a stranger's locked thread, in the category of theirs and in another.
@pytest.mark.parametrize(("place", "is_allowed"), [("theirs", True), ("elsewhere", False)])
async def test_a_moderator_is_an_ordinary_member_elsewhere(db, place, is_allowed):
    slugs = {"theirs": await a_category(db), "elsewhere": await a_category(db)}
    mia = await a_member(db, moderates=[slugs["theirs"]])
    thread_id = await a_thread(db, category=slugs[place])
    await run(db, "UPDATE thread SET is_locked = true")
    thread, post = await queries.thread_of_post(db, mia, await post_id(db, thread_id))

    verdicts = [may_reply(mia, thread), may_edit(mia, thread, post), may_delete(mia, thread, post)]

    assert [bool(verdict) for verdict in verdicts] == [is_allowed] * 3
    assert thread.is_staff == is_allowed


async def test_the_right_to_moderate_ends_at_once_for_forms_opened_before(db):
    ann, slug = await an_admin(db), await a_category(db)
    mia = await a_member(db, moderates=[slug])
    thread_id = await a_thread(db, category=slug)
    await moderating.remove(db, ann, await the_id(db, slug), mia.id)
    mia = await members.actor(db, mia.id)

    with pytest.raises(Forbidden):
        await delete.delete(db, mia, await post_id(db, thread_id), "")
    assert threads
