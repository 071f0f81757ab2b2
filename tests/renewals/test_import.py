"""Bringing many contracts in from a list."""

import asyncio
from datetime import date

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.products import commands as products
from forum.products.queries import product_called
from forum.renewals import bringing, jobs, queries
from forum.renewals.contract_lists import MOST_LINES, judged, read_contracts
from forum.renewals.types import NO_SUCH_PRODUCT, ContractDraft
from forum.wiring import PRODUCT_MERGES
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.renewals.contracts import a_contract, a_keeper

COUNT = "SELECT count(*) FROM contract"
LIST = (
    "product,ends_on,notice_days,term_months,cost,visibility,note\n"
    'Lantern,2031-06-30,60,36,"$12,500",members,Ask\n'
    "Beacon,6/30/2031,,,,,\n"
    "Unheard,2031-06-30,,,,,\n"
    "Lantern,soon,,,-5,,\n"
    "Lantern,06/30/2031,90,12,,,\n"
)


@pytest.fixture
async def ann(db):
    for name in ("Lantern", "Beacon"):
        await a_product(db, name)
    return await a_keeper(db)


def test_columns_are_found_in_any_order_and_what_is_not_said_is_as_in_the_form():
    (only,) = read_contracts("cost;end date;Product;end_date\n5;x;Lantern;2031-06-30\n")

    assert only.draft == ContractDraft("Lantern", "2031-06-30", "90", "12", "5", "us", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "product\nLantern\n",
        "product,ends_on\n",
        "product,ends_on\n" + "Lantern,2031-06-30\n" * (MOST_LINES + 1),
        "product,ends_on\n" + "x" * 300_000,
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid) as refusal:
        read_contracts(text)
    assert refusal.value.fields["list"].endswith(".")


def test_each_line_is_told_what_becomes_of_it():
    found = judged(read_contracts(LIST), {"lantern": 1, "beacon": 2}, {(2, date(2031, 6, 30))})

    assert [(each.line, each.status) for each in found] == [
        (2, "new"),
        (3, "double"),
        (4, "wrong"),
        (5, "wrong"),
        (6, "double"),
    ]
    assert found[1].problem == "Your district has this one already."
    assert found[2].problem == NO_SUCH_PRODUCT.format("Unheard")
    assert found[3].problem.startswith("Write the day it ends")
    assert "from 0 to 100,000,000 dollars" in found[3].problem
    assert found[4].problem == "The same contract stands on line 2."


async def test_nothing_is_stored_before_it_is_confirmed_and_then_the_good_lines_are_once(db, ann):
    list_id = await bringing.lay_out(db, ann, LIST)
    assert await value(db, COUNT) == 0

    await asyncio.gather(*(bringing.store(db, ann, list_id) for _ in range(3)))
    await bringing.store(db, ann, list_id)

    found = await queries.contracts(db, ann)
    assert [(each.product_name, each.notice_on, each.visibility, each.note) for each in found] == [
        ("Beacon", date(2031, 4, 1), "us", ""),
        ("Lantern", date(2031, 5, 1), "members", "Ask"),
    ]
    assert (await queries.contract_list(db, ann, list_id)).stored == 2
    again = await bringing.lay_out(db, ann, LIST)
    await bringing.store(db, ann, again)
    assert await value(db, COUNT) == 2


async def test_a_product_that_was_merged_meanwhile_is_found_by_its_name(db, ann):
    list_id = await bringing.lay_out(db, ann, "product,ends_on\nBeacon,2031-06-30\n")
    old = await product_called(db, "Beacon")
    await products.merge(db, await an_admin(db), old, "lantern", PRODUCT_MERGES)

    await bringing.store(db, ann, list_id)

    assert [each.product_name for each in await queries.contracts(db, ann)] == ["Lantern"]


async def test_a_list_is_its_makers_alone_and_of_the_district_they_made_it_for(db, ann):
    list_id = await bringing.lay_out(db, ann, LIST)
    for other in (await a_keeper(db), await a_keeper(db, "Oak"), await an_admin(db)):
        with pytest.raises(NotFound):
            await bringing.store(db, other, list_id)
    oak = await value(db, "SELECT d.id FROM district d WHERE d.name = 'Oak'")
    await run(db, "UPDATE member SET district_id = :oak WHERE id = :id", oak=oak, id=ann.id)
    with pytest.raises(NotFound):
        await bringing.store(db, ann, list_id)
    for nobody in (await a_member(db), await a_keeper(db, role="vendor")):
        with pytest.raises(Forbidden):
            await bringing.lay_out(db, nobody, LIST)
    assert await value(db, COUNT) == 0


async def test_when_storing_breaks_off_nothing_is_stored_and_it_can_be_done_again(db, ann, monkeypatch):
    list_id, insert = await bringing.lay_out(db, ann, LIST), bringing.insert

    async def once_and_break(db, actor, district_id, product_id, terms):
        if await value(db, COUNT):
            raise RuntimeError
        return await insert(db, actor, district_id, product_id, terms)

    monkeypatch.setattr(bringing, "insert", once_and_break)
    with pytest.raises(RuntimeError):
        await bringing.store(db, ann, list_id)
    assert await value(db, COUNT) == 0
    monkeypatch.undo()
    await bringing.store(db, ann, list_id)
    assert await value(db, COUNT) == 2


async def test_lists_are_forgotten_after_a_day(db, ann, tools):
    await bringing.lay_out(db, ann, LIST)
    await bringing.lay_out(db, ann, LIST)
    await run(db, "UPDATE contract_list SET created_at = now() - interval '25 hours' WHERE id % 2 = 0")

    await jobs.clear_up(tools)
    await jobs.clear_up(tools)

    assert await value(db, "SELECT count(*) FROM contract_list") == 1


async def test_a_pasted_list_is_shown_with_its_problems_and_then_stored(db, web, ann):
    await sign_in_as(web, db, ann)
    await a_contract(db, ann, "Beacon", ends_on=date(2031, 6, 30))
    read = await web.post("/renewals/import", data={"list": LIST})
    path = read.headers["location"]

    page = (await web.get(path)).text

    assert all(f"Line {number}" in page for number in (2, 3, 4, 5, 6))
    assert "Store 1 contract<" in page
    assert "notice of 60 days · 36 months · $12,500 a year" in page
    assert await value(db, COUNT) == 1
    stored = await web.post(f"{path}/store")
    assert (stored.status_code, stored.headers["location"]) == (303, "/renewals?notice=contracts-stored")
    assert (await web.post(f"{path}/store")).status_code == 303
    assert await value(db, COUNT) == 2
    assert "This list is stored: 1 contract." in (await web.get(path)).text


async def test_a_file_is_read_as_what_is_pasted_is_and_a_bad_one_is_told(db, web, ann):
    await sign_in_as(web, db, ann)
    good = await web.post("/renewals/import", files={"file": ("c.csv", "\ufeff" + LIST.replace("\n", "\r\n"))})
    assert good.status_code == 303
    assert "Store 2 contracts" in (await web.get(good.headers["location"])).text

    for sent in ({"data": {"list": "county\nPine\n"}}, {"files": {"file": ("c.csv", "Zoë".encode("latin-1"))}}):
        bad = await web.post("/renewals/import", **sent)
        assert bad.status_code == 422
    assert "county\nPine" in (await web.post("/renewals/import", data={"list": "county\nPine\n"})).text


async def test_a_list_with_nothing_good_offers_nothing_to_store(db, web, ann):
    await sign_in_as(web, db, ann)
    read = await web.post("/renewals/import", data={"list": "product,ends_on\nUnheard,2031-06-30\n"})

    page = (await web.get(read.headers["location"])).text

    assert "is not in the catalog" in page
    assert ">Store " not in page
