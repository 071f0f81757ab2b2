"""Products for tests: name only what the test is about."""

from itertools import count

from forum.kit.db import run, value
from forum.members.types import Actor
from forum.products import commands
from forum.products.types import ProductDraft
from tests.factories import a_member

_n = count(1)


async def a_kind(db, name="Content filter") -> str:
    """A kind of products; returns its slug."""
    found = await value(db, "SELECT k.slug FROM product_category k WHERE k.name = :name", name=name)
    return found or await commands.add_category(db, name)


async def a_product(db, name=None, *, vendor="NorthGate", kind="Content filter", **fields) -> str:
    """A product; returns its slug."""
    draft = ProductDraft(name or f"Product {next(_n)}", vendor, await a_kind(db, kind), **fields)
    product_id = await commands.add(db, draft)
    return await value(db, "SELECT pr.slug FROM product pr WHERE pr.id = :id", id=product_id)


async def a_vendor_account(db, *, vendor="NorthGate") -> Actor:
    """Somebody who works for a vendor, which has at least one product."""
    if not await value(db, "SELECT v.id FROM vendor v WHERE v.name = :name", name=vendor):
        await a_product(db, f"{vendor} Filter", vendor=vendor)
    actor = await a_member(db, role="vendor")
    await run(
        db,
        "INSERT INTO vendor_account (member_id, vendor_id) SELECT :m, v.id FROM vendor v WHERE v.name = :name",
        m=actor.id,
        name=vendor,
    )
    return actor
