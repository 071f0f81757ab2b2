"""Switches: each acts where it says, for whom it says, and is recorded."""

import asyncio

import pytest

from forum.administration import commands
from forum.administration.policy import may_switch_off
from forum.categories.queries import categories
from forum.kit.db import run
from forum.kit.errors import Forbidden, NotFound
from forum.members import joining, sign_in
from forum.members.types import GUEST
from forum.site.queries import setting
from forum.site.types import Setting
from forum.threads import queries as threads
from tests.administration.acts import acts
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as

OPEN = {"is_open_to_guests": True, "takes_requests": True, "is_indexed": False}


async def switched(db, **changes) -> None:
    await commands.switch(db, await an_admin(db), **OPEN | changes)


async def test_a_site_closed_to_guests_shows_them_nothing_and_members_what_it_did(db, web):
    desk = await a_category(db, read_by="everyone", lets_vendors_in=True, name="Help desk")
    thread_id = await a_thread(db, category=desk, topics="wifi")
    paths = [f"/t/{thread_id}", f"/c/{desk}", "/topics/wifi"]
    assert [(await web.get(path)).status_code for path in paths] == [200] * 3

    await switched(db, is_open_to_guests=False)

    assert [(await web.get(path)).status_code for path in paths] == [404] * 3
    for path in ("/", "/top", "/c", "/topics", "/search?q=printer", "/unanswered", "/help", "/sign-in"):
        page = await web.get(path)
        assert page.status_code == 200
        assert "Help desk" not in page.text
        assert "printer print" not in page.text
    assert await categories(db, GUEST) == ()
    for role in ("member", "vendor", "admin"):
        await sign_in_as(web, db, await a_member(db, role=role))
        assert [(await web.get(path)).status_code for path in paths] == [200] * 3


async def test_a_closed_site_is_closed_to_queries_not_only_to_pages(db):
    thread_id = await a_thread(db, category=await a_category(db, read_by="everyone"))
    await switched(db, is_open_to_guests=False)

    with pytest.raises(NotFound):
        await threads.thread(db, GUEST, thread_id)
    assert await threads.thread(db, await a_member(db), thread_id)


async def test_nobody_asks_to_join_while_that_is_closed_but_links_still_work(db, web):
    token = await sign_in.issue_link(db, "join", "new@district.example", hours=1)
    await switched(db, takes_requests=False)

    for answer in (await web.get("/join"), await web.post("/join", data={"name": "Bo", "address": "bo@x.example"})):
        assert answer.status_code == 403
        assert "People come by invitation" in answer.text
    assert (await web.post(f"/join/{token}", data={"name": "New", "title": ""})).status_code == 303


async def test_search_engines_may_list_only_open_pages_of_guests_and_only_when_switched_on(db, web):
    desk = await a_category(db, read_by="everyone")
    thread_id = await a_thread(db, category=desk)
    hidden_id = await a_thread(db, category=await a_category(db, read_by="members"))
    open_paths = [f"/t/{thread_id}", f"/c/{desk}", f"/c/{desk}/top"]
    closed_paths = ["/", "/help", "/sign-in", "/topics", f"/t/{hidden_id}", "/c/nothing", "/ask"]

    async def forbidden(paths) -> list[bool]:
        return [(await web.get(path)).headers.get("x-robots-tag") == "noindex, noarchive" for path in paths]

    assert await forbidden(open_paths) == [True] * 3
    await switched(db, is_indexed=True)
    assert await forbidden(open_paths) == [False] * 3
    assert await forbidden(closed_paths) == [True] * len(closed_paths)
    await sign_in_as(web, db, await a_member(db))
    assert await forbidden([*open_paths, *closed_paths]) == [True] * 10


async def test_switches_are_recorded_once_and_only_administrators_move_them(db):
    admin = await an_admin(db)
    await asyncio.gather(*(commands.switch(db, admin, **OPEN | {"is_indexed": True}) for _ in range(4)))
    for actor in (GUEST, await a_member(db)):
        with pytest.raises(Forbidden):
            await commands.switch(db, actor, **OPEN)

    assert await acts(db) == [("site.switched", {"is_indexed": False}, {"is_indexed": True})]
    assert await setting(db) == Setting(is_indexed=True)


async def test_the_form_switches(db, web):
    await sign_in_as(web, db, await an_admin(db))

    assert (await web.post("/admin/features", data={"guests": "1", "indexed": "1"})).status_code == 303
    assert await setting(db) == Setting(takes_requests=False, is_indexed=True)
    assert (await web.get("/admin/features")).text.count(" checked") == 2
    for wrong in ({"guests": "yes"}, {"is_admin": "1"}, {"guests": ["1", "1"]}):
        assert (await web.post("/admin/features", data=wrong)).status_code == 422
    assert await setting(db) == Setting(takes_requests=False, is_indexed=True)


# Ways to sign in


async def off(db, web, method: str) -> int:
    return (await web.post(f"/admin/sign-in/{method}", data={"on": "0"})).status_code


async def a_passkey(db, member_id) -> None:
    await run(
        db,
        "INSERT INTO passkey (member_id, credential_id, public_key, name) VALUES (:m, :c, '\\x00', 'Key')",
        m=member_id,
        c=str(member_id).encode(),
    )


async def test_mailed_links_stay_while_an_administrator_has_no_other_way(db, web):
    admin, other = await an_admin(db), await an_admin(db)
    await a_passkey(db, admin.id)
    await sign_in_as(web, db, admin)

    refused = await web.post("/admin/sign-in/mail", data={"on": "0"})

    assert refused.status_code == 403
    assert "One administrator has no other way to sign in" in refused.text
    await a_passkey(db, other.id)
    assert await off(db, web, "mail") == 303
    assert (await setting(db)).methods_off == ("mail",)
    assert [act for act, _, _ in await acts(db)] == ["site.sign_in_switched"]


async def test_mailed_links_that_are_off_are_neither_offered_nor_sent_nor_taken(db, web):
    admin = await an_admin(db)
    await a_passkey(db, admin.id)
    token = await sign_in.issue_link(db, "sign-in", "a@district.example", hours=1)
    await sign_in_as(web, db, admin)
    await off(db, web, "mail")
    web.cookies.clear()

    assert "Email me a link" not in (await web.get("/sign-in")).text
    for path in ("/sign-in", f"/sign-in/{token}"):
        refused = await web.post(path, data={"address": "a@district.example"} if path == "/sign-in" else {})
        assert refused.status_code == 403
        assert "Emailed links are switched off here" in refused.text


async def test_one_way_stays_on(db, web):
    admin = await an_admin(db)
    await a_passkey(db, admin.id)
    await sign_in_as(web, db, admin)

    answers = await asyncio.gather(off(db, web, "mail"), off(db, web, "passkey"))

    assert sorted(answers) == [303, 403]
    assert len((await setting(db)).methods_off) == 1


async def test_a_way_comes_back_and_twice_is_once(db, web):
    admin = await an_admin(db)
    await sign_in_as(web, db, admin)
    for on in ("0", "0", "1", "1"):
        assert (await web.post("/admin/sign-in/passkey", data={"on": on})).status_code == 303

    assert await setting(db) == Setting()
    assert len(await acts(db)) == 2
    assert (await web.post("/sign-in/passkey/options")).status_code != 404


async def test_passkeys_that_are_off_are_not_there(db, web):
    await sign_in_as(web, db, await an_admin(db))
    await off(db, web, "passkey")

    assert (await web.post("/sign-in/passkey/options")).status_code == 404
    assert (await web.post("/sign-in/passkey", data={"credential": "{}"})).status_code == 404


async def test_a_way_nobody_knows_is_not_there(db, web):
    await sign_in_as(web, db, await an_admin(db))
    for path in ("/admin/sign-in/google", "/admin/sign-in/google/test", "/admin/sign-in/mail/test"):
        assert (await web.post(path, data={} if path.endswith("test") else {"on": "0"})).status_code == 404


@pytest.mark.parametrize(
    ("on", "locked_out", "reason"),
    [
        (frozenset(), 0, "last way"),
        (frozenset({"passkey"}), 1, "One administrator has"),
        (frozenset({"passkey"}), 3, "3 administrators have"),
        (frozenset({"passkey"}), 0, ""),
        (frozenset({"passkey", "google"}), 0, ""),
    ],
)
async def test_what_may_be_switched_off(db, on, locked_out, reason):
    verdict = may_switch_off(await an_admin(db), on=on, locked_out=locked_out)

    assert reason in verdict.reason
    assert bool(verdict) is (reason == "")
    assert not may_switch_off(await a_member(db), on=on, locked_out=0)


async def test_strangers_are_not_sent_to_a_closed_door(db, drain, tools):
    await switched(db, takes_requests=False)
    await sign_in.request_link(db, "stranger@elsewhere.example")
    await drain()

    assert "people join by invitation just now" in tools.mailer.sent[-1].text
    assert "/join" not in tools.mailer.sent[-1].text


async def test_an_invitation_still_brings_somebody_in_while_requests_are_closed(db, drain, tools):
    await switched(db, takes_requests=False)
    await joining.invite(db, await an_admin(db), "invited@district.example", None)
    await drain()

    assert "/join/" in tools.mailer.sent[-1].text
