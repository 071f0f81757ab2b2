"""Removing a category that holds nothing."""

import asyncio
from dataclasses import replace

import pytest

from forum.categories import edit, register, remove
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.threads import commands as threads
from forum.threads.types import ThreadDraft
from tests.categories.records import recorded
from tests.factories import a_category, a_group, a_member, a_thread, an_admin


async def the_id(db, slug) -> int:
    return await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)


async def test_an_empty_category_goes_with_its_rights_and_addresses(db):
    ann, group = await an_admin(db), await a_group(db)
    slug = await a_category(db, slug="one", read_by="groups", groups=[group])
    await a_member(db, moderates=[slug])
    category_id = await the_id(db, slug)
    draft = replace((await register.category(db, category_id)).draft, slug="two", name="Two")
    await edit.edit(db, ann, category_id, draft, version=1)

    await remove.remove(db, ann, category_id)

    for table in ("category", "category_group", "category_moderator", "category_address"):
        assert await value(db, f"SELECT count(*) FROM {table}") == 0
    [act] = await recorded(db, "category.removed")
    assert act == ("category.removed", ann.id, category_id, {"slug": "two", "name": "Two"}, {})


@pytest.mark.parametrize(
    ("content", "reason"), [("thread", "threads in it"), ("deleted", "deleted ones"), ("child", "below it")]
)
async def test_what_holds_something_stays(db, content, reason):
    ann, slug = await an_admin(db), await a_category(db)
    if content == "child":
        await a_category(db, parent=slug)
    else:
        await a_thread(db, category=slug)
    if content == "deleted":
        await run(db, "UPDATE thread SET deleted_at = now()")

    with pytest.raises(Forbidden, match=reason):
        await remove.remove(db, ann, await the_id(db, slug))

    assert await the_id(db, slug)
    assert await recorded(db, "category.removed") == []


@pytest.mark.parametrize("who", ["guest", "member", "moderator"])
async def test_only_administrators_remove_categories(db, who):
    slug = await a_category(db)
    actor = {"guest": GUEST, "member": await a_member(db), "moderator": await a_member(db, moderates=[slug])}[who]

    with pytest.raises(Forbidden, match="Only administrators"):
        await remove.remove(db, actor, await the_id(db, slug))


async def test_twice_and_at_the_same_moment_it_goes_once(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))

    outcomes = await asyncio.gather(*(remove.remove(db, ann, category_id) for _ in range(5)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType"] + ["NotFound"] * 4
    with pytest.raises(NotFound):
        await remove.remove(db, ann, category_id)
    assert len(await recorded(db, "category.removed")) == 1


async def test_when_the_record_fails_it_stays(db, monkeypatch):
    async def fails(*_):
        raise RuntimeError

    ann, slug = await an_admin(db), await a_category(db)
    monkeypatch.setattr(remove.audit, "record", fails)

    with pytest.raises(RuntimeError):
        await remove.remove(db, ann, await the_id(db, slug))

    assert await the_id(db, slug)


async def test_a_thread_started_at_the_same_moment_is_kept_or_refused_never_lost(db):
    ann, ben = await an_admin(db), await a_member(db)
    for n in range(8):
        slug = await a_category(db)
        draft = ThreadDraft(slug, "question", "Why does it print?", "It does.", "", f"race-{n}")

        removed, started = await asyncio.gather(
            remove.remove(db, ann, await the_id(db, slug)), threads.start(db, ben, draft), return_exceptions=True
        )

        if removed is None:
            assert isinstance(started, Invalid), started
        else:
            assert isinstance(removed, Forbidden)
            assert await value(db, "SELECT count(*) FROM thread WHERE id = :id", id=started) == 1
