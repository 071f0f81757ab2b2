"""Adding categories and their staff."""

import pytest

from forum.categories import commands
from forum.categories.types import CategoryDraft
from forum.kit.db import value
from forum.kit.errors import Invalid
from tests.factories import a_category, a_group, a_member


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
        ({"read_by": "groups"}, "groups"),
        ({"start_by": "groups"}, "groups"),
        ({"parent": "nowhere"}, "parent"),
        ({"slug": "help"}, "slug"),
    ],
    ids=str,
)
async def test_a_category_that_will_not_do_is_refused_with_a_sentence(db, fields, field):
    await a_category(db, slug="help")

    with pytest.raises(Invalid) as refusal:
        await commands.add_category(db, CategoryDraft(**{"slug": "new", "name": "New"} | fields))

    assert set(refusal.value.fields) == {field}
    assert refusal.value.fields[field].endswith((".", "already."))
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
