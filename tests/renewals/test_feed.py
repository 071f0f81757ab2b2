"""The private calendar of a member."""

import asyncio
import re
from dataclasses import replace
from datetime import date

import pytest

from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, NotFound, Unconfirmed
from forum.members.types import GUEST
from forum.renewals import feeding
from tests.factories import sign_in_as
from tests.renewals.contracts import a_contract, a_draft, a_keeper


@pytest.fixture
async def ann(db):
    """Somebody who has just shown who they are, with two contracts of which one is changed."""
    keeper = replace(await a_keeper(db), is_confirmed=True)
    await a_contract(db, keeper, ends_on=date(2031, 6, 30), yearly_cost="4999", note="Our secret")
    return keeper


async def events(web, token) -> dict[str, str]:
    """What stands on each day, by the event's UID; the browser is a guest's."""
    web.cookies.clear()
    answer = await web.get(f"/renewals/calendar/{token}.ics")
    assert answer.status_code == 200
    text = answer.text.replace("\r\n ", "")
    return dict(zip(re.findall(r"UID:(.*)\r", text), re.findall(r"DTSTART;VALUE=DATE:(.*)\r", text), strict=True))


async def test_a_calendar_holds_both_days_of_each_contract_and_neither_price_nor_note(db, web, ann):
    token = await feeding.make_feed(db, ann)

    assert list((await events(web, token)).values()) == ["20310401", "20310630"]
    answer = await web.get(f"/renewals/calendar/{token}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "Last day for notice: Lantern" in answer.text
    assert "https://forum.example" not in answer.text
    assert "URL:http://forum.example/renewals/" in answer.text.replace("\r\n ", "")
    assert not any(word in answer.text for word in ("4,999", "4999", "secret"))


async def test_a_contract_keeps_its_place_in_the_calendar_when_it_is_changed(db, web, ann):
    from forum.renewals import commands

    token = await feeding.make_feed(db, ann)
    before = await events(web, token)
    contract_id = await value(db, "SELECT id FROM contract")

    await commands.edit(db, ann, contract_id, a_draft(ends_on=date(2032, 6, 30)), version=1)

    after = await events(web, token)
    assert set(after) == set(before) == {f"contract-{contract_id}-{what}@forum.example" for what in ("notice", "end")}
    assert list(after.values()) == ["20320401", "20320630"]
    assert "SEQUENCE:1" in (await web.get(f"/renewals/calendar/{token}.ics")).text


async def test_the_token_is_kept_only_as_a_hash(db, ann):
    token = await feeding.make_feed(db, ann)

    (row,) = await rows(db, "SELECT token_hash FROM contract_feed")
    assert token.encode() not in row["token_hash"]
    assert len(row["token_hash"]) == 32


async def test_a_new_address_takes_the_place_of_the_old_one_and_none_is_left_once_it_is_stopped(db, web, ann):
    first, second = await feeding.make_feed(db, ann), await feeding.make_feed(db, ann)
    assert await events(web, second)
    await feeding.stop_feed(db, ann)
    await feeding.stop_feed(db, ann)

    for token in (first, second, "unknown", "x" * 22):
        assert (await web.get(f"/renewals/calendar/{token}.ics")).status_code == 404


async def test_of_addresses_made_at_once_one_is_good(db, ann):
    tokens = await asyncio.gather(*(feeding.make_feed(db, ann) for _ in range(4)))

    outcomes = await asyncio.gather(*(feeding.reader_of(db, token) for token in tokens), return_exceptions=True)
    assert sum(not isinstance(each, NotFound) for each in outcomes) == 1


async def test_rights_are_asked_for_each_time_it_is_read(db, web, ann):
    token, oak = await feeding.make_feed(db, ann), await a_keeper(db, "Oak")
    await a_contract(db, oak, "Beacon", ends_on=date(2030, 6, 30))
    oaks = await value(db, "SELECT d.id FROM district d WHERE d.name = 'Oak'")
    pines = await value(db, "SELECT d.id FROM district d WHERE d.name = 'Pine County'")
    move = "UPDATE member SET district_id = :district WHERE id = :id"

    await run(db, move, district=oaks, id=ann.id)
    assert list((await events(web, token)).values()) == ["20300401", "20300630"]
    await run(db, move, district=None, id=ann.id)
    assert await events_of_nobody(web, token)
    await run(db, move, district=pines, id=ann.id)
    for change, back in (("state = 'suspended'", "state = 'active'"), ("role = 'vendor'", "role = 'member'")):
        await run(db, f"UPDATE member SET {change} WHERE id = :id", id=ann.id)
        assert (await web.get(f"/renewals/calendar/{token}.ics")).status_code == 404
        await run(db, f"UPDATE member SET {back} WHERE id = :id", id=ann.id)
    assert list((await events(web, token)).values()) == ["20310401", "20310630"]


async def events_of_nobody(web, token) -> bool:
    answer = await web.get(f"/renewals/calendar/{token}.ics")
    return answer.status_code == 200 and "VEVENT" not in answer.text


async def test_who_makes_no_address(db, ann):
    for actor in (GUEST, replace(await a_keeper(db, role="vendor"), is_confirmed=True)):
        with pytest.raises(Forbidden):
            await feeding.make_feed(db, actor)
    with pytest.raises(Unconfirmed):
        await feeding.make_feed(db, replace(ann, is_confirmed=False))
    assert await value(db, "SELECT count(*) FROM contract_feed") == 0


async def test_an_address_is_made_shown_once_and_stopped_with_forms_alone(db, web, ann):
    await sign_in_as(web, db, ann)
    assert "You have no address." in (await web.get("/renewals/feed")).text

    made = (await web.post("/renewals/feed")).text

    address = re.search(r'value="http://forum.example(/renewals/calendar/[\w-]{22}\.ics)"', made)[1]
    page = (await web.get("/renewals/feed")).text
    assert (address in page, "You have an address since" in page) == (False, True)
    assert (await web.get(address)).status_code == 200
    assert (await web.post("/renewals/feed/stop")).status_code == 303
    assert (await web.get(address)).status_code == 404
