"""The order of categories."""

import asyncio

import pytest

from forum.categories import order, register
from forum.categories.queries import categories, rooms
from forum.kit.db import value
from forum.kit.errors import Forbidden, NotFound
from forum.members.types import GUEST
from tests.categories.records import recorded
from tests.factories import a_category, a_member, an_admin


@pytest.fixture
async def ids(db) -> dict[str, int]:
    """Three categories a, b, c, and b1, b2 below b."""
    for slug, parent in (("a", None), ("b", None), ("c", None), ("b1", "b"), ("b2", "b")):
        await a_category(db, slug=slug, parent=parent)
    return {
        slug: await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)
        for slug in ("a", "b", "c", "b1", "b2")
    }


async def slugs(db, ann) -> str:
    found = [each.slug for each in await register.register(db)]
    assert found == [each.slug for each in await rooms(db, ann)] == [each.slug for each in await categories(db, ann)]
    return " ".join(found)


@pytest.mark.parametrize(
    ("slug", "direction", "after"),
    [
        ("a", "up", "a b b1 b2 c"),
        ("a", "down", "b b1 b2 a c"),
        ("b", "up", "b b1 b2 a c"),
        ("b", "down", "a c b b1 b2"),
        ("c", "up", "a c b b1 b2"),
        ("c", "down", "a b b1 b2 c"),
        ("b1", "down", "a b b2 b1 c"),
        ("b2", "up", "a b b2 b1 c"),
        ("b1", "up", "a b b1 b2 c"),
        ("b2", "down", "a b b1 b2 c"),
    ],
)
async def test_a_category_goes_one_step_among_those_beside_it(db, ids, slug, direction, after):
    ann = await an_admin(db)
    before = await slugs(db, ann)

    await order.move(db, ann, ids[slug], direction)

    assert await slugs(db, ann) == after
    assert len(await recorded(db, "category.moved")) == (before != after)


async def test_a_step_is_recorded_with_its_places(db, ids):
    ann = await an_admin(db)

    await order.move(db, ann, ids["b"], "down")

    assert await recorded(db, "category.moved") == [("category.moved", ann.id, ids["b"], {"place": 2}, {"place": 3})]


async def test_two_steps_are_two(db, ids):
    ann = await an_admin(db)

    for _ in range(3):
        await order.move(db, ann, ids["a"], "down")

    assert await slugs(db, ann) == "b b1 b2 c a"


@pytest.mark.parametrize("who", ["guest", "member", "moderator"])
async def test_only_administrators_order_categories(db, ids, who):
    actor = {"guest": GUEST, "member": await a_member(db), "moderator": await a_member(db, moderates=["b"])}[who]

    with pytest.raises(Forbidden):
        await order.move(db, actor, ids["b"], "up")


async def test_what_is_not_there_has_no_place(db):
    with pytest.raises(NotFound):
        await order.move(db, await an_admin(db), 4, "up")


async def test_steps_at_the_same_moment_leave_every_category_in_a_place_of_its_own(db, ids):
    ann = await an_admin(db)

    await asyncio.gather(*(order.move(db, ann, ids[slug], "down") for slug in ("a", "b", "a", "c", "b")))

    assert await value(db, "SELECT array_agg(position ORDER BY position) FROM category WHERE parent_id IS NULL") == [
        1,
        2,
        3,
    ]


async def test_when_the_record_fails_the_order_stays(db, ids, monkeypatch):
    async def fails(*_):
        raise RuntimeError

    ann = await an_admin(db)
    monkeypatch.setattr(order.audit, "record", fails)

    with pytest.raises(RuntimeError):
        await order.move(db, ann, ids["a"], "down")

    assert await slugs(db, ann) == "a b b1 b2 c"


async def test_below_a_category_that_one_may_not_read_one_stands_on_the_upper_level(db):
    await a_category(db, slug="closed", read_by="staff")
    await a_category(db, slug="open", parent="closed", read_by="everyone")

    assert [(each.slug, each.depth) for each in await categories(db, GUEST)] == [("open", 0)]
    assert [each.depth for each in await categories(db, await an_admin(db))] == [0, 1]
