"""The thread with a product's reviews is the room of its vendor: other vendors do not find it, nor do guests."""

import pytest

from forum.kit.db import value
from forum.kit.errors import Forbidden, NotFound
from forum.members.types import GUEST
from forum.products import commands, queries
from forum.products.types import ProductDraft
from forum.threads import commands as threads
from forum.threads import queries as thread_queries
from forum.threads.types import ReplyDraft
from tests.factories import a_member, an_admin
from tests.products.catalogue import a_kind, a_product, a_vendor_account
from tests.products.reviews import a_place, a_review


async def finds(db, actor, thread_id) -> bool:
    try:
        await thread_queries.thread(db, actor, thread_id)
    except NotFound:
        return False
    return True


async def a_room(db, slug) -> int:
    """The thread with the reviews of a product, which has one."""
    await a_review(db, slug)
    product = await queries.product(db, await a_member(db), slug)
    return await thread_of(db, product.id)


async def thread_of(db, product_id):
    return await value(db, "SELECT pr.review_thread_id FROM product pr WHERE pr.id = :id", id=product_id)


@pytest.fixture
async def vendors(db):
    """Somebody of each of two vendors; reviews are written where vendors read."""
    await a_place(db, read_by="everyone")
    return await a_vendor_account(db, vendor="NorthGate"), await a_vendor_account(db, vendor="Beacon")


async def test_only_its_own_vendor_and_members_find_the_reviews(db, vendors):
    north, beacon = vendors
    room = await a_room(db, await a_product(db, vendor="NorthGate"))

    assert [await finds(db, who, room) for who in (north, beacon, GUEST)] == [True, False, False]
    assert await finds(db, await a_member(db), room)
    with pytest.raises(Forbidden) as refusal:
        await threads.reply(db, north, room, ReplyDraft("Thank you", "k"))
    assert refusal.value.reason == "Answer a review with its own button, once each."


async def test_a_product_that_is_sold_takes_its_reviews_along(db, vendors):
    north, beacon = vendors
    slug = await a_product(db, "Aurora", vendor="NorthGate")
    room, admin = await a_room(db, slug), await an_admin(db)
    product = await queries.product(db, admin, slug)

    draft = ProductDraft("Aurora", "Beacon", await a_kind(db))
    await commands.edit(db, admin, product.id, draft, version=product.version)

    assert [await finds(db, who, room) for who in (north, beacon)] == [False, True]


async def test_a_product_that_becomes_another_vendors_takes_its_reviews_along(db, vendors):
    north, beacon = vendors
    old, new = await a_product(db, vendor="NorthGate"), await a_product(db, vendor="Beacon")
    rooms, admin = [await a_room(db, slug) for slug in (old, new)], await an_admin(db)

    await commands.merge(db, admin, (await queries.product(db, admin, old)).id, new)

    for room in rooms:
        assert [await finds(db, who, room) for who in (north, beacon)] == [False, True]
