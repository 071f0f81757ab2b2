"""How often one may: by account, by block of addresses, by target; nobody is locked out by somebody else."""

import asyncio
import re

import httpx
import pytest

from forum.app import build
from forum.kit import limits
from forum.kit.db import connect, run, value
from forum.kit.errors import TooMany
from forum.kit.limits import Limit
from forum.kit.tools import Tools
from forum.wiring import PACE, ROUTES
from tests import tokened
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.fakes import FakeMailer
from tests.routes import filled

FEW = Limit("few", 3, 10**9)


@pytest.fixture
async def paced(tools, monkeypatch):
    """A browser of a forum where every limit of the table is three."""
    monkeypatch.setattr("forum.app.PACE", {key: Limit(limit.name, 3, 10**9) for key, limit in PACE.items()})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build(tools)), base_url="http://forum.example", event_hooks=tokened.HOOKS
    ) as browser:
        yield browser


def from_address(address: str) -> dict[str, str]:
    return {"x-forwarded-for": address}


async def test_every_limit_belongs_to_a_route():
    known = {f"{method} {route.path}" for route in ROUTES for method in route.methods}

    assert set(PACE) <= known
    assert all(limit.most >= 30 for limit in PACE.values())


@pytest.mark.parametrize("key", sorted(PACE))
async def test_each_has_its_limit_by_account(db, paced, key):
    method, path = key.split(" ")
    await sign_in_as(paced, db, await an_admin(db))

    answers = [await paced.request(method, filled(path)) for _ in range(4)]

    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
    assert int(answers[3].headers["retry-after"]) > 0
    assert "too often" in answers[3].text
    await sign_in_as(paced, db, await a_member(db))
    assert (await paced.request(method, filled(path))).status_code != 429


BACK = re.compile(r'<a class="btn[^"]*" href="([^"]*)">Go back</a>')


@pytest.mark.parametrize("who", ["guest", "member"])
@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://forum.example/c/help?order=top", ["/c/help?order=top"]),
        ("http://forum.example/search?q=printer", []),
        ("http://forum.example/search?q=before", []),
        ("http://forum.example/%73earch", []),
        ("https://evil.example/c/help", []),
        ("", []),
    ],
)
async def test_a_page_asked_for_too_often_leads_back_to_another_one_or_to_the_front_page(db, paced, who, referer, back):
    if who == "member":
        await sign_in_as(paced, db, await a_member(db))

    for _ in range(4):
        refused = await paced.get("/search?q=printer", headers={"referer": referer} | from_address("192.0.2.1"))

    assert refused.status_code == 429
    assert BACK.findall(refused.text) == back
    assert re.search(r'<a class="btn[^"]*" href="/">All threads</a>', refused.text)


@pytest.mark.parametrize(
    ("same", "other"),
    [
        (["192.0.2.1", "192.0.2.77", "192.0.2.254", "192.0.2.2"], "192.0.3.1"),
        (["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:8000::", "[2001:db8::2]:99"], "2001:db8:0:1::1"),
        (["::ffff:192.0.2.1", "192.0.2.9", "192.0.2.9:80", "::ffff:c000:20a"], "::ffff:192.0.3.1"),
    ],
)
async def test_guests_of_one_block_share_a_limit_whichever_address_they_take(db, paced, same, other):
    answers = [await paced.post("/join", data={"name": ""}, headers=from_address(address)) for address in same]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert (await paced.post("/join", data={"name": ""}, headers=from_address(other))).status_code == 422


async def test_a_limit_holds_for_fifty_at_the_same_moment(db, paced):
    await sign_in_as(paced, db, await a_member(db))
    thread = await a_thread(db, category=await a_category(db))

    answers = await asyncio.gather(
        *(paced.post(f"/t/{thread}/x", data={"body": f"Yes, {n}.", "client_key": f"k{n}"}) for n in range(50))
    )

    assert sorted(answer.status_code for answer in answers) == [303] * 3 + [429] * 47
    assert await value(db, "SELECT count(*) FROM post WHERE thread_id = :id", id=thread) == 4


async def test_a_limit_holds_after_a_restart(db, database_url, settings):
    for _ in range(3):
        await limits.take(db, FEW, "ann")

    async with connect(database_url) as again:
        with pytest.raises(TooMany):
            await limits.take(Tools(again, FakeMailer(), settings).db, FEW, "ann")


async def test_what_is_typed_comes_back_when_it_was_too_often(db, paced):
    await sign_in_as(paced, db, await a_member(db))
    sent = {"body": "My words.", "client_key": "k"}
    pages = [await paced.post("/t/1/x", data=sent) for _ in range(4)]

    assert pages[3].status_code == 429
    assert "My words." in pages[3].text


async def test_nobody_is_locked_out_by_somebody_who_asks_in_their_name(db, paced, drain, tools):
    """Whoever asks for links to a victim's address is stopped by their own block; what was mailed goes on working."""
    ann = await a_member(db, address="ann@district.example")
    for _ in range(6):
        await paced.post("/sign-in", data={"address": "ann@district.example"}, headers=from_address("192.0.2.9"))
    answer = await paced.post(
        "/sign-in", data={"address": "ann@district.example"}, headers=from_address("198.51.100.9")
    )

    assert answer.status_code == 303
    await drain()
    token = re.search(r"/sign-in/(\S+)", tools.mailer.sent[0].text)[1]
    answer = await paced.post(f"/sign-in/{token}", headers=from_address("198.51.100.9"))
    assert answer.status_code == 303
    assert await value(db, "SELECT count(*) FROM session WHERE member_id = :id", id=ann.id) == 1


async def test_the_limit_is_the_same_for_known_and_unknown_addresses(db, paced):
    await a_member(db, address="ann@district.example")
    for block, address in (("192.0.2.1", "ann@district.example"), ("198.51.100.1", "nobody@district.example")):
        answers = [
            await paced.post("/sign-in", data={"address": address}, headers=from_address(block)) for _ in range(4)
        ]
        assert [answer.status_code for answer in answers] == [303, 303, 303, 429]


async def test_this_machine_itself_has_no_limit_by_block(db, paced):
    answers = [await paced.post("/join", data={"name": ""}) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {422}


async def test_only_hashes_of_whom_is_counted_are_kept(db):
    await limits.take(db, FEW, "2001:db8::/64")

    key = await value(db, "SELECT key FROM limit_count")
    assert re.fullmatch(r"few [0-9a-f]{20}", key)
    await run(db, "DELETE FROM limit_count")
