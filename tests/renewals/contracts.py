"""Contracts for tests: name only what the test is about."""

from datetime import date, timedelta

from forum.districts.commands import add_district
from forum.kit.db import value
from forum.renewals import commands
from forum.renewals.types import ContractDraft
from tests.factories import a_member
from tests.products.catalogue import a_product

IN_A_YEAR = date.today() + timedelta(days=365)


def a_draft(product="Lantern", *, ends_on=IN_A_YEAR, **fields) -> ContractDraft:
    return ContractDraft(product, ends_on.isoformat() if isinstance(ends_on, date) else ends_on, **fields)


async def a_keeper(db, district="Pine County", **fields):
    """Somebody of a district."""
    return await a_member(db, district_id=await add_district(db, district), **fields)


async def a_contract(db, keeper=None, product="Lantern", **fields) -> int:
    """A contract; returns its id. The product is there."""
    if not await value(db, "SELECT pr.id FROM product pr WHERE pr.name = :name", name=product):
        await a_product(db, product)
    return await commands.add(db, keeper or await a_keeper(db), a_draft(product, **fields))
