"""Adding categories and their staff."""

import asyncio

import pytest

from forum.categories import commands
from forum.categories.types import CategoryDraft
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid
from forum.members.types import GUEST
from tests.categories.records import recorded
from tests.factories import a_category, a_group, a_member, an_admin


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"slug": "No Slug"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"colour": "red"}, "colour"),
        ({"colour": "#12345G"}, "colour"),
        ({"colour": "#ABCDEF"}, "colour"),
        ({"default_kind": "poll"}, "default_kind"),
        ({"read_by": "nobody"}, "read_by"),
        ({"reply_by": "everyone"}, "reply_by"),
        ({"start_by": ""}, "start_by"),
        ({"read_by": "groups"}, "read_by"),
        ({"start_by": "groups"}, "start_by"),
        ({"reply_by": "groups"}, "reply_by"),
        ({"read_by": "groups", "groups": [10**12]}, "read_by"),
        ({"seen_by": "staff"}, "seen_by"),
        ({"read_by": "staff", "lets_vendors_in": True}, "lets_vendors_in"),
        ({"description": "x" * 501}, "description"),
        ({"description": "a\nb"}, "description"),
        ({"ask_template": "x" * 5001}, "ask_template"),
        ({"slow_seconds": -1}, "slow_seconds"),
        ({"slow_seconds": 86_401}, "slow_seconds"),
        ({"slug": "old-help"}, "slug"),
        ({"parent": "nowhere"}, "parent"),
        ({"slug": "help"}, "slug"),
    ],
    ids=str,
)
async def test_a_category_that_will_not_do_is_refused_with_a_sentence(db, fields, field):
    await a_category(db, slug="help")
    await run(db, "INSERT INTO category_address (slug, category_id) SELECT 'old-help', id FROM category")

    with pytest.raises(Invalid) as refusal:
        await commands.add_category(db, CategoryDraft(**{"slug": "new", "name": "New"} | fields))

    assert set(refusal.value.fields) == {field}
    assert refusal.value.fields[field].endswith(".")
    assert await value(db, "SELECT count(*) FROM category") == 1


async def test_there_are_two_levels(db):
    await a_category(db, slug="help")
    await a_category(db, slug="help-phones", parent="help")

    with pytest.raises(Invalid) as refusal:
        await a_category(db, slug="help-phones-old", parent="help-phones")

    assert refusal.value.fields == {
        "parent": "/c/help-phones is below another category itself, and there are two levels."
    }


async def test_groups_are_given_only_the_rights_that_are_theirs(db):
    await a_category(db, reply_by="groups", groups=[await a_group(db)])

    assert await value(db, "SELECT array_agg(may) FROM category_group") == ["reply"]


async def test_nobody_moderates_a_category_that_is_not_there(db):
    ann = await a_member(db)

    with pytest.raises(Invalid, match="category"):
        await commands.add_moderator(db, "nowhere", ann.id)


@pytest.mark.parametrize("fields", [{"name": "x" * 80}, {"description": "x" * 500}, {"ask_template": "x" * 5000}])
async def test_texts_may_be_just_as_long_as_the_sentence_says(db, fields):
    await a_category(db, **fields)


async def test_the_most_time_between_posts_is_a_day(db):
    await a_category(db, slow_seconds=86_400)

    assert await value(db, "SELECT slow_seconds FROM category") == 86_400


async def test_who_does_not_say_who_writes_means_those_who_read(db):
    group = await a_group(db)
    for read_by, write_by in {
        "everyone": "members",
        "members": "members",
        "staff": "staff",
        "groups": "groups",
    }.items():
        draft = CategoryDraft("a", "A", read_by=read_by, groups=[group])

        assert (draft.reply_by, draft.start_by) == (write_by, write_by)
        assert draft.reply_groups == draft.start_groups == ((group,) if write_by == "groups" else ())


async def test_administrators_add_categories_and_it_is_recorded(db):
    ann = await an_admin(db)

    category_id = await commands.add_category(db, CategoryDraft("help", "Help", read_by="everyone"), actor=ann)

    assert await recorded(db) == [
        ("category.added", ann.id, category_id, {}, {"slug": "help", "name": "Help", "read_by": "everyone"})
    ]


async def test_the_system_adds_categories_too(db):
    category_id = await commands.add_category(db, CategoryDraft("help", "Help"))

    assert [(each.actor_id, each.subject_id) for each in await recorded(db)] == [(None, category_id)]


@pytest.mark.parametrize("who", ["guest", "member", "vendor", "moderator"])
async def test_nobody_else_adds_categories(db, who):
    slug = await a_category(db)
    actor = {
        "guest": GUEST,
        "member": await a_member(db),
        "vendor": await a_member(db, role="vendor"),
        "moderator": await a_member(db, moderates=[slug]),
    }[who]

    with pytest.raises(Forbidden, match="Only administrators"):
        await commands.add_category(db, CategoryDraft("new", "New"), actor=actor)

    assert await value(db, "SELECT count(*) FROM category") == 1


async def test_of_categories_added_at_the_same_moment_one_gets_the_address(db):
    ann = await an_admin(db)

    outcomes = await asyncio.gather(
        *(commands.add_category(db, CategoryDraft("help", f"Help {n}"), actor=ann) for n in range(6)),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["Invalid"] * 5 + ["int"]
    assert await value(db, "SELECT count(*) FROM category") == 1
    assert len(await recorded(db)) == 1


async def test_a_category_that_cannot_get_its_groups_is_not_there_at_all(db):
    with pytest.raises(Invalid):
        await commands.add_category(db, CategoryDraft("new", "New", read_by="groups", groups=[10**12]))

    assert await value(db, "SELECT count(*) FROM category") == 0
    assert await recorded(db) == []
