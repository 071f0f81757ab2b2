"""Adding and changing products: every name leads to one."""

import asyncio
from dataclasses import replace

import pytest

from forum.kit.db import rows, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.products import commands, queries, speaking
from forum.products.types import ProductDraft, Sought
from tests.factories import a_member, an_admin
from tests.masking import untokened
from tests.products.catalogue import a_kind, a_product


async def draft_of(db, name="NorthGate Filter", **fields) -> ProductDraft:
    return ProductDraft(name, fields.pop("vendor", "NorthGate"), await a_kind(db), **fields)


async def names(db):
    return {row["name"] for row in await rows(db, "SELECT pn.name FROM product_name pn")}


async def test_a_product_is_found_by_each_of_its_names_and_by_its_vendor(db):
    ann = await a_member(db)
    slug = await a_product(db, "NorthGate Filter", vendor="Polar Networks", other_names="NG Filter\nGateKeeper")

    for words in ("northgate", "NG-Filter", "gate keeper", "polar"):
        assert [row.slug for row in await queries.products(db, ann, Sought(words))] == [slug]
    assert await queries.products(db, ann, Sought("%")) == []
    assert await queries.products(db, ann, Sought("…")) == []


async def test_a_name_leads_to_one_product_only(db):
    await a_product(db, "NorthGate Filter", other_names="Gatekeeper")

    for name, others, field in (("north gate filter", "", "name"), ("Other", "GATE-KEEPER", "other_names")):
        with pytest.raises(Invalid) as refusal:
            await commands.add(db, await draft_of(db, name, other_names=others))
        assert set(refusal.value.fields) == {field}
    assert await value(db, "SELECT count(*) FROM product") == 1
    assert await value(db, "SELECT count(*) FROM vendor") == 1


async def test_the_same_product_at_the_same_moment_is_added_once(db):
    draft = await draft_of(db)

    came = await asyncio.gather(*(commands.add(db, draft) for _ in range(10)), return_exceptions=True)

    assert sum(isinstance(each, int) for each in came) == 1
    assert sum(isinstance(each, Invalid) for each in came) == 9
    assert await value(db, "SELECT count(*) FROM vendor") == 1


async def test_two_products_that_read_alike_have_addresses_of_their_own(db):
    assert await a_product(db, "Añil") == "anil"
    assert await a_product(db, "Anil 2") == "anil-2"
    assert await a_product(db, "Ânil!", other_names="x1") == "anil-3"
    assert await a_product(db, "学") == "product"
    assert await a_product(db, "New") == "new-2"


async def test_the_old_name_stays_one_of_its_names(db):
    admin = await an_admin(db)
    slug = await a_product(db, "NorthGate Filter")
    product = await queries.product(db, admin, slug)

    await commands.edit(db, admin, product.id, await draft_of(db, "Aurora Shield", status="renamed"), version=1)

    changed = await queries.product(db, admin, slug)
    assert (changed.name, changed.other_names, changed.status) == ("Aurora Shield", ("NorthGate Filter",), "renamed")
    with pytest.raises(Stale):
        await commands.edit(db, admin, product.id, await draft_of(db, "Other"), version=1)
    assert await names(db) == {"Aurora Shield", "NorthGate Filter"}


async def test_a_change_that_is_refused_changes_nothing(db):
    admin = await an_admin(db)
    await a_product(db, "Beacon")
    product = await queries.product(db, admin, await a_product(db, "NorthGate Filter"))

    with pytest.raises(Invalid):
        await commands.edit(db, admin, product.id, await draft_of(db, "Beacon", vendor="New one"), version=1)

    assert await queries.product(db, admin, product.slug) == product
    assert await value(db, "SELECT count(*) FROM vendor") == 1


async def test_only_administrators_change_the_catalogue(db):
    slug = await a_product(db)
    product = await queries.product(db, await a_member(db), slug)
    for actor in (await a_member(db), await a_member(db, role="vendor")):
        for act in (
            commands.add(db, await draft_of(db, "Other"), actor=actor),
            commands.add_category(db, "Backup", actor=actor),
            commands.edit(db, actor, product.id, await draft_of(db), version=1),
            commands.merge(db, actor, product.id, slug),
        ):
            with pytest.raises(Forbidden):
                await act


async def test_a_kind_is_there_once_whatever_its_case(db):
    await commands.add_category(db, "Backup")
    for name in ("BACKUP", "", "\u3164", "x" * 81):
        with pytest.raises(Invalid) as refusal:
            await commands.add_category(db, name)
        assert set(refusal.value.fields) == {"category_name"}


async def test_an_unknown_kind_is_refused(db):
    with pytest.raises(Invalid) as refusal:
        await commands.add(db, replace(await draft_of(db), category="nowhere"))
    assert set(refusal.value.fields) == {"category"}


async def test_two_become_one_with_all_that_leads_to_either(db):
    admin, ann = await an_admin(db), await a_member(db)
    old, new = await a_product(db, "GuardDog Admin", other_names="GD"), await a_product(db, "GuardDog")
    old_id = (await queries.product(db, ann, old)).id

    assert await commands.merge(db, admin, old_id, new) == f"/products/{new}"

    kept = await queries.product(db, ann, old)
    assert (kept.slug, set(kept.other_names)) == (new, {"GuardDog Admin", "GD"})
    assert [row.slug for row in await queries.products(db, ann, Sought())] == [new]
    again = await a_product(db, "GuardDog Admin Two")
    assert again == "guarddog-admin-two"
    with pytest.raises(Invalid):
        await commands.add(db, await draft_of(db, "GD"))


async def test_what_is_merged_can_be_merged_on_and_leads_to_the_last(db):
    admin = await an_admin(db)
    slugs = [await a_product(db, name) for name in ("One", "Two", "Three")]
    for before, after in (("one", "two"), ("two", "three")):
        await commands.merge(db, admin, (await queries.product(db, admin, before)).id, after)

    assert {(await queries.product(db, admin, slug)).slug for slug in slugs} == {"three"}
    for into in ("three", "nowhere", ""):
        with pytest.raises(Invalid):
            await commands.merge(db, admin, (await queries.product(db, admin, "three")).id, into)


async def test_merging_both_ways_at_the_same_moment_leaves_one(db):
    admin = await an_admin(db)
    ids = {slug: (await queries.product(db, admin, await a_product(db, slug))).id for slug in ("one", "two")}

    came = await asyncio.gather(
        commands.merge(db, admin, ids["one"], "two"),
        commands.merge(db, admin, ids["two"], "one"),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in came) == ["Invalid", "str"]
    assert await value(db, "SELECT count(*) FROM product") == 1
    assert await value(db, "SELECT count(*) FROM product_name") == 2


async def test_a_catalogue_of_many_comes_in_pages(db):
    ann = await a_member(db)
    for n in range(51):
        await a_product(db, f"Item {n:02}")
    first = await queries.products(db, ann, Sought())
    second = await queries.products(db, ann, Sought(), after=first[49].slug)

    assert (len(first), [row.slug for row in second]) == (51, ["item-50"])


async def test_there_are_no_products_for_guests(db, web):
    slug = await a_product(db)

    assert (await web.get("/products")).status_code == 403
    texts = set()
    for name in (slug, "nothing-at-all"):
        answer = await web.get(f"/products/{name}")
        assert answer.status_code == 404
        texts.add(untokened(answer.text).replace(name, "x").replace(answer.headers["x-request-id"], "ID"))
    assert len(texts) == 1


async def test_a_vendors_people_see_their_own_products_and_no_others(db):
    admin, vic = await an_admin(db), await a_member(db, role="vendor")
    own, other = await a_product(db, vendor="NorthGate"), await a_product(db, vendor="Beacon")
    with pytest.raises(NotFound):
        await queries.product(db, vic, own)
    vendor_id = (await queries.product(db, admin, own)).vendor_id
    await speaking.let_speak(db, admin, vendor_id, f"@{vic.handle}")

    assert (await queries.product(db, vic, own)).slug == own
    assert [row.slug for row in await queries.products(db, vic, Sought())] == [own]
    assert [kind.products for kind in await queries.categories(db, vic)] == [1]
    for missing in (queries.product(db, vic, other), queries.vendor(db, vic, "beacon")):
        with pytest.raises(NotFound):
            await missing

    await speaking.let_go(db, admin, vendor_id, vic.id)
    await speaking.let_go(db, admin, vendor_id, vic.id)
    assert await queries.products(db, vic, Sought()) == []


async def test_only_accounts_of_vendors_speak_for_one_and_for_one_only(db):
    admin, vic = await an_admin(db), await a_member(db, role="vendor")
    ids = [(await queries.product(db, admin, await a_product(db, vendor=name))).vendor_id for name in ("A1", "B1")]
    for handle in ((await a_member(db)).handle, "nobody", ""):
        with pytest.raises(Invalid):
            await speaking.let_speak(db, admin, ids[0], handle)
    with pytest.raises(Forbidden):
        await speaking.let_speak(db, vic, ids[0], vic.handle)

    for vendor_id in ids:
        await speaking.let_speak(db, admin, vendor_id, vic.handle)
    assert await queries.vendor_people(db, ids[0]) == []
    assert await value(db, "SELECT count(*) FROM vendor_account") == 1
