"""A district keeps its contracts."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from forum.accounts import commands as accounts
from forum.accounts.types import DeletionDraft
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.members.types import GUEST
from forum.products import commands as products
from forum.products.queries import product_called
from forum.renewals import account, commands, queries
from forum.renewals.types import NO_SUCH_PRODUCT
from forum.wiring import HOLDINGS, PRODUCT_MERGES
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.renewals.contracts import IN_A_YEAR, a_contract, a_draft, a_keeper

COUNT = "SELECT count(*) FROM contract"


async def test_a_contract_is_kept_with_its_day_for_notice(db):
    ann = await a_keeper(db)
    await a_product(db, "Lantern LMS", other_names="Lantern")
    draft = a_draft("lantern", ends_on=date(2027, 6, 30), yearly_cost="$12,500.50", visibility="members", note="Ask")

    await commands.add(db, ann, draft)

    (contract,) = await queries.contracts(db, ann)
    assert (contract.product_name, contract.notice_on, contract.cost_words) == (
        "Lantern LMS",
        date(2027, 4, 1),
        "$12,500.50 a year",
    )
    assert (contract.visibility, contract.note, contract.term_words) == ("members", "Ask", "12 months")
    assert contract.draft == replace(draft, product="Lantern LMS", yearly_cost="12,500.50")


WRONG = [
    ("product", "", "Write the name of a product of the catalog: 1 to 120 characters."),
    ("product", "Nothing like it", NO_SUCH_PRODUCT.format("Nothing like it")),
    ("ends_on", "", "Write the day it ends, from 1990 to 2100, as 2027-06-30 or 6/30/2027."),
    ("ends_on", "2027-02-29", "Write the day it ends, from 1990 to 2100, as 2027-06-30 or 6/30/2027."),
    ("ends_on", "2200-01-01", "Write the day it ends, from 1990 to 2100, as 2027-06-30 or 6/30/2027."),
    ("notice_days", "731", "Write how many days before the end notice is due: 0 to 730."),
    ("notice_days", "-1", "Write how many days before the end notice is due: 0 to 730."),
    ("notice_days", "", "Write how many days before the end notice is due: 0 to 730."),
    ("notice_days", "400", "Notice of 400 days is longer than the whole term of 12 months. Correct one of the two."),
    ("term_months", "0", "A contract ends after it begins: write its term as 1 to 120 months."),
    ("term_months", "-12", "A contract ends after it begins: write its term as 1 to 120 months."),
    ("term_months", "121", "A contract ends after it begins: write its term as 1 to 120 months."),
    ("yearly_cost", "-5", "Write what a year costs, from 0 to 100,000,000 dollars, or leave it empty."),
    ("yearly_cost", "100000001", "Write what a year costs, from 0 to 100,000,000 dollars, or leave it empty."),
    ("yearly_cost", "much", "Write what a year costs, from 0 to 100,000,000 dollars, or leave it empty."),
    ("yearly_cost", "1,2,3", "Write what a year costs, from 0 to 100,000,000 dollars, or leave it empty."),
    ("visibility", "everybody", "Choose who may see it."),
    ("note", "x" * 501, "At most 500 characters; this has 501."),
]


@pytest.mark.parametrize(("field", "typed", "sentence"), WRONG)
async def test_what_will_not_do_is_told_in_one_sentence(db, field, typed, sentence):
    ann = await a_keeper(db)
    await a_product(db, "Lantern")

    with pytest.raises(Invalid) as refusal:
        await commands.add(db, ann, replace(a_draft(), **{field: typed}))

    assert refusal.value.fields == {field: sentence}
    assert await value(db, COUNT) == 0


async def test_who_keeps_no_contracts(db):
    contract_id = await a_contract(db)
    nobodys = [await a_member(db), await a_keeper(db, role="vendor"), GUEST]
    for actor in nobodys:
        with pytest.raises(Forbidden):
            await commands.add(db, actor, a_draft())
    for actor in (*nobodys, await a_keeper(db, "Oak"), await an_admin(db)):
        for attempt in (
            commands.edit(db, actor, contract_id, a_draft(), version=1),
            commands.remove(db, actor, contract_id),
            queries.contract(db, actor, contract_id),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert await value(db, COUNT) == 1


async def test_anybody_of_the_district_changes_and_removes_it(db):
    contract_id, bo = await a_contract(db), await a_keeper(db)

    await commands.edit(db, bo, contract_id, a_draft(notice_days="180", yearly_cost="0"), version=1)

    contract = await queries.contract(db, bo, contract_id)
    assert (contract.notice_days, contract.yearly_cents, contract.version) == (180, 0, 2)
    await commands.remove(db, bo, contract_id)
    with pytest.raises(NotFound):
        await commands.remove(db, bo, contract_id)


async def test_of_two_who_save_at_once_the_second_is_told(db):
    ann, contract_id = await a_keeper(db), await a_contract(db)
    drafts = [a_draft(notice_days=str(days)) for days in (60, 120, 180)]

    outcomes = await asyncio.gather(
        *(commands.edit(db, ann, contract_id, draft, version=1) for draft in drafts), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "Stale", "Stale"]
    assert (await queries.contract(db, ann, contract_id)).version == 2
    with pytest.raises(Stale):
        await commands.edit(db, ann, contract_id, a_draft(), version=1)


async def test_the_same_contract_added_at_once_is_kept_once(db):
    people = [await a_keeper(db) for _ in range(4)]
    await a_product(db, "Lantern")

    outcomes = await asyncio.gather(*(commands.add(db, each, a_draft()) for each in people), return_exceptions=True)

    assert sum(isinstance(each, Invalid) for each in outcomes) == 3
    assert await value(db, COUNT) == 1


async def test_a_contract_does_not_become_one_that_is_there(db):
    ann, first = await a_keeper(db), await a_contract(db)
    second = await a_contract(db, ann, ends_on=IN_A_YEAR + timedelta(days=1))

    with pytest.raises(Invalid) as refusal:
        await commands.edit(db, ann, second, a_draft(), version=1)

    assert refusal.value.fields == {"ends_on": commands.KEPT}
    await commands.edit(db, ann, first, a_draft(note="Itself"), version=1)


async def test_when_two_products_become_one_every_contract_is_handed_over(db):
    ann, admin = await a_keeper(db), await an_admin(db)
    for product in ("Lantern", "Beacon"):
        await a_contract(db, ann, product, note=product)
    old = await product_called(db, "Beacon")

    await products.merge(db, admin, old, "lantern", PRODUCT_MERGES)

    found = await queries.contracts(db, ann)
    assert [(each.product_name, each.note) for each in found] == [("Lantern", "Lantern"), ("Lantern", "Beacon")]
    await commands.edit(db, ann, found[0].id, a_draft(note="Still changed"), version=1)


async def test_a_merge_that_forgot_contracts_changes_nothing(db):
    await a_contract(db)
    await a_product(db, "Beacon")
    old = await product_called(db, "Lantern")

    with pytest.raises(Exception, match="contract"):
        await products.merge(db, await an_admin(db), old, "beacon")

    assert await product_called(db, "Lantern") == old


async def test_contracts_added_while_their_product_is_merged_are_all_kept(db):
    keepers = [await a_keeper(db, f"District {n}") for n in range(4)]
    admin = await an_admin(db)
    for name in ("Lantern", "Beacon"):
        await a_product(db, name)
    old = await product_called(db, "Beacon")

    await asyncio.gather(
        *(commands.add(db, each, a_draft("Beacon")) for each in keepers),
        products.merge(db, admin, old, "lantern", PRODUCT_MERGES),
    )

    assert await value(db, "SELECT count(*) FROM contract n JOIN product pr ON pr.id = n.product_id") == 4


async def test_the_contracts_of_somebody_who_leaves_stay_with_their_district(db):
    ann, bo = await a_keeper(db), await a_keeper(db)
    await a_contract(db, ann)
    assert [row["product"] for row in (await account.export(db, ann))["contracts"]] == ["Lantern"]
    assert (await account.export(db, bo))["contracts"] == []

    await account.hand_over(db, ann.id, bo.id)
    assert await value(db, "SELECT created_by FROM contract") == bo.id
    confirmed = replace(bo, is_confirmed=True)
    await accounts.delete(db, confirmed, DeletionDraft("anonymise", bo.handle), HOLDINGS)

    (row,) = await rows(db, "SELECT created_by, district_id FROM contract")
    assert row["created_by"] is None
    assert [each.product_name for each in await queries.contracts(db, ann)] == ["Lantern"]


async def test_whoever_moves_on_sees_the_new_districts_contracts_only(db):
    ann, oak = await a_keeper(db), await a_keeper(db, "Oak")
    await a_contract(db, ann, "Lantern")
    await a_contract(db, oak, "Beacon")
    await run(
        db, "UPDATE member SET district_id = (SELECT id FROM district WHERE name = 'Oak') WHERE id = :m", m=ann.id
    )

    assert [each.product_name for each in await queries.contracts(db, ann)] == ["Beacon"]


async def test_a_hidden_district_counts_as_well(db, web):
    ann, contract_id = await a_keeper(db), await a_contract(db)
    await sign_in_as(web, db, ann)
    words = {"title_for": "members", "about_for": "members", "joined_for": "members", "topics_for": "members"}
    answer = await web.post("/settings/privacy", data=words | {"district_for": "nobody"})
    assert answer.status_code == 303

    assert await value(db, "SELECT district_id FROM member WHERE id = :id", id=ann.id) is None
    assert (await queries.contract(db, ann, contract_id)).id == contract_id
