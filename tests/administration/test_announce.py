"""Announcements: above every page, from when until when, for whom, and put away by who has read them."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.administration import commands
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid
from forum.kit.moments import LEFT_OUT
from forum.moderation.log import staff_log
from forum.site import queries
from forum.site.types import AnnouncementDraft
from tests.administration.acts import acts
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.following.scenes import wishes

CHICAGO = ZoneInfo("America/Chicago")

NOW = AnnouncementDraft(
    "We *move* on Friday.", "info", "everyone", "2026-01-01T00:00", "2099-01-01T00:00", "America/Chicago", "key"
)


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


def hidden(page, name) -> str:
    """What a field of the form holds."""
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def offered(page, name) -> str:
    """What stands in a field for a time."""
    return re.search(rf'value="([^"]*)"[^>]* id="{name}"', page)[1]


async def test_its_times_are_told_and_taken_in_the_zone_of_its_administrator(db, web):
    admin = await sign_in_as(web, db, await an_admin(db))
    await wishes(db, admin, time_zone="America/Los_Angeles")
    page = (await web.get("/admin/announcements")).text
    assert "From (Pacific time)" in page
    assert "Until (Pacific time)" in page

    sent = {"from_at": "2098-07-01T08:00", "until_at": "2098-07-02T17:00", "time_zone": hidden(page, "time_zone")}
    await web.post("/admin/announcements", data=vars(NOW) | sent)

    (made,) = await queries.announcements(db)
    assert (made.from_at, made.until_at) == (datetime(2098, 7, 1, 15, tzinfo=UTC), datetime(2098, 7, 3, 0, tzinfo=UTC))
    page = (await web.get("/admin/announcements")).text
    assert "For everyone, Jul 1, 2098, 8:00 AM to Jul 2, 2098, 5:00 PM Pacific time" in page
    (entry,) = await staff_log(db, admin, before=2**62)
    assert entry.after["from"] == "Jul 1, 2098, 8:00 AM Pacific time"


async def test_it_is_offered_for_a_week_from_now_on_in_the_zone_of_the_site_where_nobody_chose_one(db, web):
    await sign_in_as(web, db, await an_admin(db))
    earliest = datetime.now(CHICAGO).replace(tzinfo=None, second=0, microsecond=0)

    page = (await web.get("/admin/announcements")).text

    assert "From (Central time)" in page
    from_at, until_at = (datetime.fromisoformat(offered(page, name)) for name in ("from_at", "until_at"))
    hour = timedelta(hours=1)  # clocks may change meanwhile
    assert earliest - hour <= from_at <= datetime.now(CHICAGO).replace(tzinfo=None) + hour
    assert timedelta(days=7) - hour <= until_at - from_at <= timedelta(days=7) + hour


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2027-03-14T01:59", datetime(2027, 3, 14, 7, 59, tzinfo=UTC)),
        ("2027-03-14T03:00", datetime(2027, 3, 14, 8, tzinfo=UTC)),
        ("2027-11-07T01:30", datetime(2027, 11, 7, 6, 30, tzinfo=UTC)),  # the first of two
        ("2027-11-07T02:00", datetime(2027, 11, 7, 8, tzinfo=UTC)),
    ],
)
async def test_a_time_on_a_day_on_which_clocks_change_is_what_clocks_say_then(db, typed, at):
    await announced(db, until_at=typed)

    assert [each.until_at for each in await queries.announcements(db)] == [at]


async def test_a_time_that_clocks_leave_out_is_refused_with_a_sentence_and_kept(db, web):
    admin = await sign_in_as(web, db, await an_admin(db))
    await wishes(db, admin, time_zone="America/Denver")
    sent = vars(NOW) | {"until_at": "2027-03-14T02:30"}

    refused = await web.post("/admin/announcements", data=sent)

    assert refused.status_code == 422
    assert LEFT_OUT in refused.text
    assert offered(refused.text, "until_at") == "2027-03-14T02:30"
    assert hidden(refused.text, "time_zone") == "America/Chicago"  # in which that was typed
    assert "Until (Central time)" in refused.text


async def test_a_form_that_names_no_zone_gets_that_of_its_administrator(db, web):
    admin = await sign_in_as(web, db, await an_admin(db))
    await wishes(db, admin, time_zone="America/Denver")

    refused = await web.post("/admin/announcements", data=vars(NOW) | {"time_zone": "Mars/Olympus"})

    assert hidden(refused.text, "time_zone") == "America/Denver"
    assert "From (Mountain time)" in refused.text


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
        ({"from_at": "2027-03-14T02:30"}, {"from_at"}),
        ({"body": "", "from_at": "", "until_at": ""}, {"body", "from_at", "until_at"}),
        ({"time_zone": ""}, {"time_zone"}),
        ({"time_zone": "Mars/Olympus"}, {"time_zone"}),
        ({"time_zone": "../../etc/passwd"}, {"time_zone"}),
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
    assert f'value="{draft.from_at}"' in answer.text
    assert f'value="{draft.until_at}"' in answer.text
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
