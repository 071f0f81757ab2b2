"""Which districts run a product."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.products import commands, queries, speaking
from forum.products.types import UseDraft
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product


@pytest.fixture
async def pine(db):
    return await add_district(db, "Pine County")


async def test_a_district_is_counted_once_whoever_of_it_says_so(db, pine):
    await add_district(db, "Oak County")
    people = [await a_member(db, district_id=pine) for _ in range(5)]
    slug = await a_product(db)

    await asyncio.gather(*(commands.say_use(db, each, slug, UseDraft(2019)) for each in people))

    product = await queries.product(db, people[0], slug)
    assert (product.districts, product.all_districts) == (1, 2)
    assert [(use.district_name, use.words) for use in await queries.uses(db, product.id)] == [
        ("Pine County", "since 2019")
    ]


async def test_a_district_that_left_is_told_apart(db, pine):
    ann, slug = await a_member(db, district_id=pine), await a_product(db)
    await commands.say_use(db, ann, slug, UseDraft(2019))
    await commands.say_use(db, ann, slug, UseDraft(2019, 2023))

    product = await queries.product(db, ann, slug)
    assert product.districts == 0
    assert [use.words for use in await queries.uses(db, product.id)] == ["2019 to 2023"]

    await commands.unsay_use(db, ann, slug)
    await commands.unsay_use(db, ann, slug)
    assert await queries.uses(db, product.id) == []


async def test_who_may_not_say_so(db, pine):
    slug = await a_product(db)
    lonely, vic = await a_member(db), await a_member(db, role="vendor", district_id=pine)
    with pytest.raises(Forbidden):
        await commands.say_use(db, lonely, slug, UseDraft())
    with pytest.raises(NotFound):
        await commands.say_use(db, vic, slug, UseDraft())
    with pytest.raises(Invalid):
        await commands.say_use(db, await a_member(db, district_id=pine), slug, UseDraft(1900))
    assert await value(db, "SELECT count(*) FROM product_use") == 0


async def test_a_district_that_ran_both_runs_what_they_became(db, pine):
    admin, ann = await an_admin(db), await a_member(db, district_id=pine)
    old, new = await a_product(db), await a_product(db)
    await commands.say_use(db, ann, old, UseDraft(2015, 2020))
    await commands.say_use(db, ann, new, UseDraft(2020))

    await commands.merge(db, admin, (await queries.product(db, ann, old)).id, new)

    product = await queries.product(db, ann, new)
    assert [(use.since_year, use.left_year) for use in await queries.uses(db, product.id)] == [(2015, None)]


async def test_vendors_read_how_many_and_not_who(db, web, pine):
    admin, vic = await an_admin(db), await a_member(db, role="vendor")
    slug = await a_product(db)
    await commands.say_use(db, await a_member(db, district_id=pine), slug, UseDraft(2019))
    await speaking.let_speak(db, admin, (await queries.product(db, admin, slug)).vendor_id, vic.handle)
    await sign_in_as(web, db, vic)

    page = (await web.get(f"/products/{slug}")).text

    assert "1 of 1" in page
    assert "Pine County" not in page
    assert "stays among members" in page


async def test_the_form_says_it_keeps_what_was_typed_and_takes_it_back(db, web, pine):
    await sign_in_as(web, db, await a_member(db, district_id=pine))
    path = f"/products/{await a_product(db)}"

    refused = await web.post(f"{path}/use", data={"act": "runs", "since_year": "1234", "left_year": ""})
    assert (refused.status_code, 'value="1234"' in refused.text) == (422, True)
    assert (await web.post(f"{path}/use", data={"act": "runs", "since_year": "2021"})).status_code == 303
    page = (await web.get(path)).text
    assert ("since 2021" in page, "Pine County" in page, 'value="2021"' in page) == (True, True, True)
    assert (await web.post(f"{path}/use", data={"act": "never"})).status_code == 303
    assert "Nobody has said so yet" in (await web.get(path)).text
