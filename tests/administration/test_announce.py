"""Announcements: above every page, from when until when, for whom, and put away by who has read them."""

import asyncio
from dataclasses import replace

import pytest

from forum.administration import commands
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid
from forum.site import queries
from forum.site.types import AnnouncementDraft
from tests.administration.acts import acts
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as

NOW = AnnouncementDraft("We *move* on Friday.", "info", "everyone", "2026-01-01T00:00", "2099-01-01T00:00", "key")


async def announced(db, **fields) -> int:
    """A new announcement's id."""
    key = f"key {await value(db, 'SELECT count(*) FROM announcement')}"
    await commands.announce(db, await an_admin(db), replace(NOW, client_key=key, **fields))
    return await value(db, "SELECT max(id) FROM announcement")


async def test_an_announcement_stands_above_every_page(db, web):
    await announced(db)
    thread_id = await a_thread(db, category=await a_category(db, read_by="everyone"))

    for path in ("/", "/help", f"/t/{thread_id}", "/nowhere", "/sign-in"):
        assert "We <em>move</em> on Friday." in (await web.get(path)).text


@pytest.mark.parametrize(
    ("audience", "seen_by"),
    [
        ("everyone", {"guest", "member", "vendor", "moderator", "admin"}),
        ("members", {"member", "vendor", "moderator", "admin"}),
        ("staff", {"moderator", "admin"}),
    ],
)
async def test_it_is_seen_by_whom_it_is_for(db, web, audience, seen_by):
    await announced(db, audience=audience)
    people = {
        "member": await a_member(db),
        "vendor": await a_member(db, role="vendor"),
        "moderator": await a_member(db, moderates=[await a_category(db)]),
        "admin": await an_admin(db),
    }
    seen = {"guest"} if "on Friday" in (await web.get("/")).text else set()
    for name, actor in people.items():
        await sign_in_as(web, db, actor)
        if "on Friday" in (await web.get("/")).text:
            seen.add(name)

    assert seen == seen_by


async def test_it_is_shown_from_its_beginning_to_its_end(db, web):
    await announced(db, body="Later.", from_at="2098-01-01T00:00")
    await announced(db, body="Over.", until_at="2026-01-02T00:00")

    page = (await web.get("/")).text

    assert "Later." not in page
    assert "Over." not in page


async def test_a_reader_puts_it_away_and_the_next_one_still_comes(db, web):
    first = await announced(db)
    thread_id = await a_thread(db, category=await a_category(db, read_by="everyone"))
    here = f"http://forum.example/t/{thread_id}?from=1"

    away = await web.post(f"/announcements/{first}/dismiss", headers={"referer": here})

    assert (away.status_code, away.headers["location"]) == (303, f"/t/{thread_id}?from=1")
    assert "httponly" in away.headers["set-cookie"].lower()
    assert "on Friday" not in (await web.get("/")).text
    second = await announced(db, body="And back on Monday.")
    assert "on Monday" in (await web.get("/")).text
    await web.post(f"/announcements/{second}/dismiss")
    page = (await web.get("/")).text
    assert "on Friday" not in page
    assert "on Monday" not in page
    web.cookies.clear()
    assert "on Friday" in (await web.get("/")).text


@pytest.mark.parametrize("cookie", ["x", "1.x..-3", "9" * 390, "1." * 1000, "%00", "١"])
async def test_a_cookie_full_of_nonsense_puts_nothing_away(db, web, cookie):
    await announced(db)

    assert "on Friday" in (await web.get("/", headers={"cookie": f"dismissed={cookie}".encode()})).text


async def test_where_to_go_afterwards_is_on_this_site(db, web):
    first = await announced(db)
    for elsewhere in ("https://evil.example/", "http://forum.example//evil.example", "nonsense", ""):
        away = await web.post(f"/announcements/{first}/dismiss", headers={"referer": elsewhere})
        assert away.headers["location"] == "/"


async def test_the_same_form_twice_or_at_the_same_moment_is_one_announcement(db):
    admin = await an_admin(db)

    await asyncio.gather(*(commands.announce(db, admin, NOW) for _ in range(5)))

    assert len(await queries.announcements(db)) == 1
    assert [act for act, _, _ in await acts(db)] == ["announcement.made"]


async def test_an_announcement_is_taken_away_once(db, web):
    admin, first = await an_admin(db), await announced(db)

    await asyncio.gather(*(commands.withdraw(db, admin, first) for _ in range(4)))

    assert await queries.announcements(db) == []
    assert [act for act, _, _ in await acts(db)] == ["announcement.made", "announcement.withdrawn"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"body": ""}, {"body"}),
        ({"body": "x" * 1001}, {"body"}),
        ({"kind": "banner"}, {"kind"}),
        ({"audience": "admins"}, {"audience"}),
        ({"from_at": "tomorrow"}, {"from_at"}),
        ({"until_at": ""}, {"until_at"}),
        ({"until_at": "0001-01-01T00:00"}, {"until_at"}),
        ({"until_at": "2025-01-01T00:00"}, {"until_at"}),
        ({"client_key": ""}, {"client_key"}),
        ({"client_key": "x" * 65}, {"client_key"}),
    ],
)
async def test_what_will_not_do_is_refused_and_what_was_typed_is_kept(db, web, fields, wrong):
    with pytest.raises(Invalid) as refused:
        await commands.announce(db, await an_admin(db), replace(NOW, **fields))
    assert set(refused.value.fields) == wrong
    await sign_in_as(web, db, await an_admin(db))
    draft = replace(NOW, **fields)

    answer = await web.post("/admin/announcements", data={name: getattr(draft, name) for name in fields | vars(NOW)})

    assert answer.status_code == 422
    assert draft.body in answer.text
    assert await queries.announcements(db) == []


async def test_only_administrators_announce(db):
    first = await announced(db)
    moderator = await a_member(db, moderates=[await a_category(db)])

    with pytest.raises(Forbidden):
        await commands.announce(db, moderator, replace(NOW, client_key="other"))
    with pytest.raises(Forbidden):
        await commands.withdraw(db, moderator, first)

    assert len(await queries.announcements(db)) == 1


async def test_what_is_not_recorded_is_not_announced(db, monkeypatch):
    async def broken(*_):
        raise OSError

    monkeypatch.setattr(commands, "record", broken)
    with pytest.raises(OSError):  # noqa: PT011 - ours, and no other
        await commands.announce(db, await an_admin(db), NOW)

    assert await queries.announcements(db) == []


async def test_script_in_an_announcement_is_only_text(db, web):
    await announced(db, body="<img src=x onerror=alert(1)> [x](javascript:alert(1))")

    page = (await web.get("/")).text

    assert "<img src=x" not in page
    assert 'href="javascript' not in page


async def test_announcements_cost_a_page_no_query(db, web, monkeypatch):
    from forum.kit import db as kit_db

    asked, bind = [], kit_db.bind
    monkeypatch.setattr(kit_db, "bind", lambda sql: asked.append(sql) or bind(sql))
    await web.get("/")
    plain = len(asked)
    await announced(db)
    await run(db, "UPDATE site_setting SET name = 'Harbour'")
    asked.clear()

    assert "on Friday" in (await web.get("/")).text

    assert len(asked) == plain
