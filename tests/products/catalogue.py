"""Products for tests: name only what the test is about."""

from itertools import count

from forum.kit.db import value
from forum.products import commands
from forum.products.types import ProductDraft

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
