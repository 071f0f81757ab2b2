"""Members suggest what is missing, administrators decide."""

import asyncio

import pytest

from forum.accounts.commands import merge
from forum.accounts.types import MergeDraft
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.moderation import queue
from forum.moderation.jobs import release_letters
from forum.moderation.types import Ruling
from forum.products import queries, suggesting
from forum.products.types import Sought, SuggestionDraft
from forum.wiring import HOLDINGS
from tests.factories import a_category, a_member, an_admin, sign_in_as
from tests.products.catalogue import a_kind, a_product
from tests.waiting import waiting


async def a_draft(db, name="Lantern", **fields) -> SuggestionDraft:
    return SuggestionDraft(name, "Lumen Works", await a_kind(db), **fields)


async def newest(db) -> int:
    return await value(db, "SELECT max(g.id) FROM product_suggestion g")


@pytest.fixture
async def admin(db, web):
    return await sign_in_as(web, db, await an_admin(db))


async def test_a_suggestion_waits_and_becomes_a_product_and_its_author_is_told(db, drain, tools, admin):
    ann = await a_member(db)
    await suggesting.suggest(db, ann, await a_draft(db, note="We bought it"))
    await drain()
    item_id = await value(db, "SELECT i.id FROM queue_item i WHERE i.kind = 'product' AND i.decided_at IS NULL")
    assert await queries.products(db, ann, Sought()) == []
    assert await queries.own_suggestions(db, ann) == ["Lantern"]

    await queue.decide(db, admin, {"product": suggesting.KIND}, item_id, "approve", Ruling())

    assert [row.name for row in await queries.products(db, ann, Sought("lumen"))] == ["Lantern"]
    assert await queries.own_suggestions(db, ann) == []
    await run(db, "UPDATE queue_item SET decided_at = now() - interval '1 minute'")
    await release_letters(tools)
    await drain()
    assert ["“Lantern” is in the catalog now." in mail.text for mail in tools.mailer.sent] == [True]
    assert "post" not in tools.mailer.sent[0].subject


async def test_an_approval_and_a_merge_of_its_authors_account_wait_in_no_circle(db, drain, admin):
    ann, bob = await a_member(db), await a_member(db)
    await suggesting.suggest(db, ann, await a_draft(db))
    await drain()
    item_id = await value(db, "SELECT i.id FROM queue_item i WHERE i.kind = 'product'")

    async with db.transaction():
        await run(db, queries.HOLD)
        one = MergeDraft(ann.handle, bob.handle, "One person")
        merging = asyncio.create_task(merge(db, admin, one, HOLDINGS))
        await asyncio.create_task(waiting(db, 1))
        kinds = {"product": suggesting.KIND}
        deciding = asyncio.create_task(queue.decide(db, admin, kinds, item_id, "approve", Ruling()))
        await asyncio.create_task(waiting(db, 2))
    await asyncio.gather(merging, deciding)

    assert await value(db, "SELECT i.author_id FROM queue_item i WHERE i.decided_at IS NOT NULL") == bob.id
    assert [row.name for row in await queries.products(db, bob, Sought("lumen"))] == ["Lantern"]


async def test_the_same_twice_is_once_also_at_the_same_moment(db):
    ann, draft = await a_member(db), await a_draft(db)

    await asyncio.gather(*(suggesting.suggest(db, ann, draft) for _ in range(8)))
    await suggesting.suggest(db, ann, draft)

    assert await value(db, "SELECT count(*) FROM product_suggestion") == 1


async def test_two_who_miss_the_same_are_both_told_and_it_is_added_once(db, admin):
    draft, ids = await a_draft(db), []
    for _ in range(2):
        await suggesting.suggest(db, await a_member(db), draft)
        ids.append(await newest(db))

    for each in ids:
        await suggesting.approve(db, admin, each, Ruling())

    assert await value(db, "SELECT count(*) FROM product") == 1
    with pytest.raises(NotFound):
        await suggesting.approve(db, admin, ids[0], Ruling())


async def test_one_that_is_declined_is_no_product_and_its_author_reads_why(db, admin):
    ann = await a_member(db)
    await suggesting.suggest(db, ann, await a_draft(db))

    decision = await suggesting.decline(db, admin, await newest(db), Ruling(letter="It is a service."))

    assert "It is a service." in decision.letter
    assert await value(db, "SELECT count(*) FROM product") == 0
    await suggesting.suggest(db, ann, await a_draft(db))
    assert await queries.own_suggestions(db, ann) == ["Lantern"]


async def test_who_may_not_and_what_is_there_already(db):
    await a_product(db, "Beacon", other_names="BeaconWeb")
    ann = await a_member(db)
    for actor in (await a_member(db, role="vendor"),):
        with pytest.raises(Forbidden):
            await suggesting.suggest(db, actor, await a_draft(db))
    for draft, field in ((await a_draft(db, "beacon web"), "name"), (SuggestionDraft("A", "B", "no"), "category")):
        with pytest.raises(Invalid) as refusal:
            await suggesting.suggest(db, ann, draft)
        assert set(refusal.value.fields) == {field}


async def test_ten_may_wait(db):
    ann = await a_member(db)
    for n in range(10):
        await suggesting.suggest(db, ann, await a_draft(db, f"Thing {n}"))
    with pytest.raises(Invalid) as refusal:
        await suggesting.suggest(db, ann, await a_draft(db, "One more"))
    assert "form" in refusal.value.fields


async def test_only_administrators_see_and_decide_them(db, admin):
    mod = await a_member(db, moderates=[await a_category(db)])
    await suggesting.suggest(db, await a_member(db), await a_draft(db))
    each = await newest(db)

    assert await suggesting.cards(db, mod, [each]) == []
    assert [card.heading for card in await suggesting.cards(db, admin, [each])] == ["Lantern by Lumen Works"]
    with pytest.raises(NotFound):
        await suggesting.approve(db, mod, each, Ruling())


async def test_pages_of_the_catalogue_and_of_administrators_work(db, web, admin):
    kind = {"category_name": "Backup"}
    assert (await web.post("/admin/products", data=kind)).status_code == 303
    assert (await web.post("/admin/products", data=kind)).status_code == 422
    fields = {"name": "Vaulted", "vendor": "Safe Co", "category": "backup", "status": "current", "other_names": "V1"}
    assert (await web.post("/admin/products/new", data=fields)).status_code == 303
    assert (await web.post("/admin/products/new", data=fields)).status_code == 422
    page = await web.get("/products/vaulted")
    assert "Also called V1" in page.text
    changed = fields | {"name": "Vaulted Two", "version": "1"}
    assert (await web.post("/admin/products/vaulted", data=changed)).status_code == 303
    assert (await web.post("/admin/products/vaulted", data=changed)).status_code == 409
    assert (await web.get("/vendors/safe-co")).status_code == 200
    await web.post("/admin/products/new", data=fields | {"name": "Other", "other_names": ""})
    assert (await web.post("/admin/products/other/merge", data={"into": "nowhere"})).status_code == 422
    assert (await web.post("/admin/products/other/merge", data={"into": "vaulted"})).status_code == 303
    moved = await web.get("/products/other")
    assert (moved.status_code, moved.headers["location"]) == (301, "/products/vaulted")
    vic = await a_member(db, role="vendor")
    assert (await web.post("/admin/vendors/safe-co", data={"handle": "nobody"})).status_code == 422
    assert (await web.post("/admin/vendors/safe-co", data={"handle": vic.handle})).status_code == 303
    assert vic.name in (await web.get("/admin/vendors/safe-co")).text
    assert (await web.post(f"/admin/vendors/safe-co/people/{vic.id}/remove")).status_code == 303


async def test_the_form_of_suggesting_keeps_what_was_typed(db, web):
    await a_kind(db)
    await sign_in_as(web, db, await a_member(db))
    answer = await web.post("/products/suggest", data={"name": "Lantern", "vendor": "", "category": "", "note": "Hi"})

    assert (answer.status_code, 'value="Lantern"' in answer.text) == (422, True)
    sent = await web.post(
        "/products/suggest", data={"name": "Lantern", "vendor": "Lumen", "category": "content-filter", "note": "Hi"}
    )
    assert sent.status_code == 303
    assert "Lantern" in (await web.get("/products")).text
    await run(db, "UPDATE product_suggestion SET decided_at = now()")
    assert "Lantern" not in (await web.get("/products")).text
