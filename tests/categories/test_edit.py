"""Changing a category."""

import asyncio
from dataclasses import replace

import pytest

from forum.categories import edit, register
from forum.categories.queries import room
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.members.types import GUEST
from tests.categories.records import recorded
from tests.factories import a_category, a_group, a_member, an_admin


async def the_id(db, slug) -> int:
    return await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)


async def change(db, actor, category_id, version=1, **fields) -> None:
    kept = await register.category(db, category_id)
    await edit.edit(db, actor, category_id, replace(kept.draft, **fields), version=version)


async def test_everything_about_a_category_can_be_changed(db):
    ann, group = await an_admin(db), await a_group(db)
    await a_category(db, slug="upper")
    category_id = await the_id(db, await a_category(db, slug="help"))
    draft = replace(
        (await register.category(db, category_id)).draft,
        slug="answers",
        name="Answers",
        description="All of them.",
        colour="#123456",
        parent="upper",
        default_kind="discussion",
        ask_template="Which device?",
        seen_by="members",
        read_by="groups",
        reply_by="groups",
        start_by="staff",
        read_groups=(group,),
        reply_groups=(group,),
        is_hidden=True,
        is_archived=True,
        holds_first_posts=True,
        slow_seconds=60,
    )

    await edit.edit(db, ann, category_id, draft, version=1)

    kept = await register.category(db, category_id)
    assert kept.draft == draft
    assert kept.version == 2


async def test_what_changed_is_recorded_but_no_texts(db):
    ann = await an_admin(db)
    category_id = await the_id(db, await a_category(db, slug="help", description="Secret words"))

    await change(db, ann, category_id, name="Answers", description="Other", read_by="everyone")

    [act] = await recorded(db, "category.changed")
    assert (act.actor_id, act.subject_id) == (ann.id, category_id)
    assert act.before["read_by"] == "members"
    assert act.after == {"name": "Answers", "description": "5 characters", "read_by": "everyone"}
    assert "Secret" not in str(act)


@pytest.mark.parametrize("who", ["guest", "member", "vendor", "moderator"])
async def test_only_administrators_change_categories(db, who):
    slug = await a_category(db, name="As it was")
    category_id = await the_id(db, slug)
    actor = {
        "guest": GUEST,
        "member": await a_member(db),
        "vendor": await a_member(db, role="vendor"),
        "moderator": await a_member(db, moderates=[slug]),
    }[who]

    with pytest.raises(Forbidden):
        await change(db, actor, category_id, name="New")

    assert await value(db, "SELECT name FROM category") == "As it was"
    assert await recorded(db, "category.changed") == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"slug": "other"}, "slug"),
        ({"slug": "was-other"}, "slug"),
        ({"parent": "help"}, "parent"),
        ({"parent": "below-other"}, "parent"),
        ({"parent": "nowhere"}, "parent"),
        ({"parent": "other"}, "parent"),
        ({"read_by": "staff", "start_by": "staff", "reply_by": "members"}, "reply_by"),
        ({"read_by": "groups", "read_groups": (10**12,), "reply_by": "staff", "start_by": "staff"}, "read_by"),
    ],
    ids=str,
)
async def test_what_will_not_do_is_refused_and_changes_nothing(db, fields, field):
    ann = await an_admin(db)
    await a_category(db, slug="other")
    await a_category(db, slug="below-other", parent="other")
    await run(
        db, "INSERT INTO category_address (slug, category_id) SELECT 'was-other', id FROM category WHERE slug = 'other'"
    )
    category_id = await the_id(db, await a_category(db, slug="help"))
    if fields == {"parent": "other"}:
        await a_category(db, slug="below-help", parent="help")
    before = await register.category(db, category_id)

    with pytest.raises(Invalid) as refusal:
        await change(db, ann, category_id, **fields)

    assert set(refusal.value.fields) == {field}
    assert await register.category(db, category_id) == before
    assert await recorded(db, "category.changed") == []


async def test_what_is_not_there_is_not_changed(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))
    draft = (await register.category(db, category_id)).draft

    with pytest.raises(NotFound):
        await edit.edit(db, ann, category_id + 1, draft, version=1)


async def test_saving_twice_changes_once(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))

    for _ in range(2):
        await change(db, ann, category_id, name="New")

    assert await value(db, "SELECT version FROM category") == 2
    assert len(await recorded(db, "category.changed")) == 1


async def test_a_change_made_from_an_older_version_is_refused(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))
    await change(db, ann, category_id, name="First")

    with pytest.raises(Stale):
        await change(db, ann, category_id, name="Second")

    assert await value(db, "SELECT name FROM category") == "First"


async def test_of_changes_at_the_same_moment_one_is_kept(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db))

    outcomes = await asyncio.gather(
        *(change(db, ann, category_id, name=f"Name {n}") for n in range(6)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType"] + ["Stale"] * 5
    assert len(await recorded(db, "category.changed")) == 1


async def test_two_categories_renamed_to_one_address_at_the_same_moment(db):
    ann = await an_admin(db)
    ids = [await the_id(db, await a_category(db)) for _ in range(2)]

    outcomes = await asyncio.gather(*(change(db, ann, each, slug="wanted") for each in ids), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["Invalid", "NoneType"]


async def test_when_the_record_fails_nothing_is_changed(db, monkeypatch):
    async def fails(*_):
        raise RuntimeError

    ann, category_id = await an_admin(db), await the_id(db, await a_category(db, slug="help"))
    before = await register.category(db, category_id)
    monkeypatch.setattr(edit.audit, "record", fails)

    with pytest.raises(RuntimeError):
        await change(db, ann, category_id, slug="answers", read_by="staff", reply_by="staff", start_by="staff")

    assert await register.category(db, category_id) == before
    assert await value(db, "SELECT count(*) FROM category_address") == 0


async def test_an_old_address_leads_to_the_category_and_comes_back_with_its_name(db):
    ann, category_id = await an_admin(db), await the_id(db, await a_category(db, slug="one"))

    for version, slug in enumerate(["two", "three", "one"], 1):
        await change(db, ann, category_id, version, slug=slug)

    assert [(await room(db, ann, slug)).slug for slug in ("one", "two", "three")] == ["one"] * 3
    assert await value(db, "SELECT array_agg(slug ORDER BY slug) FROM category_address") == ["three", "two"]


async def test_an_old_address_is_not_there_for_those_who_may_not_read(db):
    ann, ben = await an_admin(db), await a_member(db)
    category_id = await the_id(db, await a_category(db, slug="one", read_by="staff"))
    await change(db, ann, category_id, slug="two")

    for actor in (ben, GUEST):
        for slug in ("one", "two"):
            with pytest.raises(NotFound):
                await room(db, actor, slug)


async def test_rights_taken_end_at_once(db):
    ann, ben = await an_admin(db), await a_member(db)
    category_id = await the_id(db, await a_category(db, slug="help"))
    assert await room(db, ben, "help")

    await change(db, ann, category_id, read_by="staff", reply_by="staff", start_by="staff")

    with pytest.raises(NotFound):
        await room(db, ben, "help")
