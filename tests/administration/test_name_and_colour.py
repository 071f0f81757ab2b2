"""The site's name and colour: on every page and in every mail, once an administrator has set them."""

import asyncio
import re

import pytest

from forum.administration import commands
from forum.kit.errors import Forbidden, Invalid
from forum.kit.mailer import mailer_for
from forum.members import joining, sign_in
from forum.members.types import GUEST, JoinDraft
from forum.site.queries import setting, site_name
from forum.site.types import LookDraft, Setting
from tests.administration.acts import acts
from tests.factories import a_category, a_member, an_admin, sign_in_as
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here


async def test_the_name_is_on_every_page_and_in_every_mail(db, web, tools, drain):
    admin = await an_admin(db)
    await a_member(db, address="ann@district.example")
    assert "· Staffroom</title>" in (await web.get("/")).text

    await commands.name_and_colour(db, admin, LookDraft("  Harbour  Round Table ", ""))

    for path in ("/", "/help", "/help/keyboard", "/sign-in", "/nowhere"):
        page = (await web.get(path)).text
        assert "· Harbour Round Table</title>" in page
        assert "Staffroom" not in page.replace("Staffroom-", "")
    for address in ("ann@district.example", "stranger@elsewhere.example"):
        await sign_in.request_link(db, address)
    await joining.invite(db, admin, "invited@district.example", None)
    await joining.ask_to_join(db, JoinDraft("Bo", "", address="bo@district.example"))
    await drain()
    assert len(tools.mailer.sent) >= 3
    for mail in tools.mailer.sent:
        assert "Harbour Round Table" in mail.subject
        assert "Staffroom" not in mail.subject + mail.text
    assert await site_name(db, tools.settings) == "Harbour Round Table"


async def test_a_site_without_a_name_of_its_own_is_called_what_the_setting_says(db, tools):
    admin = await an_admin(db)
    await commands.name_and_colour(db, admin, LookDraft("Harbour", ""))

    await commands.name_and_colour(db, admin, LookDraft("", ""))

    assert await site_name(db, tools.settings) == tools.settings.site_name


async def test_mails_come_from_the_sites_name(db, tools):
    await commands.name_and_colour(db, await an_admin(db), LookDraft("Harbour", ""))

    mailer = mailer_for(tools.settings, db, lambda: site_name(db, tools.settings))

    assert await mailer._sender_name() == "Harbour"


async def test_the_colour_is_a_stylesheet_behind_that_of_the_site(db, web):
    assert "/look/" not in (await web.get("/")).text

    await commands.name_and_colour(db, await an_admin(db), LookDraft("", "#5C4A9E"))

    page = (await web.get("/")).text
    path = re.search(r'site.css">\s+<link rel="stylesheet" href="(/look/\w+\.css)">', page)[1]
    sheet = await web.get(path)
    assert "--accent: light-dark(#5c4a9e, #" in sheet.text
    assert sheet.headers["content-type"].startswith("text/css")
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert sheet.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in sheet.headers
    old = await web.get("/look/0123456789ab.css")
    assert (old.text, old.headers["cache-control"]) == (sheet.text, "no-cache")


async def test_a_change_is_recorded_once_with_what_was_before(db):
    admin = await an_admin(db)

    for _ in range(2):
        await commands.name_and_colour(db, admin, LookDraft("Harbour", "#5c4a9e"))
    await commands.name_and_colour(db, admin, LookDraft("Haven", "#5c4a9e"))

    assert await acts(db) == [
        ("site.named", {"name": "", "accent": ""}, {"name": "Harbour", "accent": "#5c4a9e"}),
        ("site.named", {"name": "Harbour"}, {"name": "Haven"}),
    ]


async def test_changes_at_the_same_moment_come_one_after_the_other(db):
    admin = await an_admin(db)

    names = [f"Name {number}" for number in range(8)]
    await asyncio.gather(*(commands.name_and_colour(db, admin, LookDraft(name, "")) for name in names))

    recorded = await acts(db)
    assert len(recorded) == 8
    assert [before["name"] for _, before, _ in recorded] == ["", *(after["name"] for _, _, after in recorded[:-1])]
    assert (await setting(db)).name == recorded[-1][2]["name"]


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (LookDraft("x" * 61, ""), {"name"}),
        (LookDraft("a\x07b", ""), {"name"}),
        (LookDraft("Harbour\u202egnp", ""), {"name"}),
        (LookDraft("\u3164", ""), {"name"}),
        (LookDraft("Harbour", "#ffff00"), {"accent"}),
        (LookDraft("x" * 61, "red"), {"name", "accent"}),
    ],
)
async def test_what_will_not_do_is_refused_and_nothing_changes(db, draft, fields):
    with pytest.raises(Invalid) as refused:
        await commands.name_and_colour(db, await an_admin(db), draft)

    assert set(refused.value.fields) == fields
    assert await setting(db) == Setting()
    assert await acts(db) == []


async def test_only_administrators_name_the_site(db):
    moderator = await a_member(db, moderates=[await a_category(db)])
    for actor in (GUEST, await a_member(db), moderator):
        with pytest.raises(Forbidden):
            await commands.name_and_colour(db, actor, LookDraft("Mine", ""))

    assert await setting(db) == Setting()


async def test_what_is_not_recorded_does_not_happen(db, monkeypatch):
    async def broken(*_):
        raise OSError

    monkeypatch.setattr(commands, "record", broken)
    with pytest.raises(OSError):  # noqa: PT011 - ours, and no other
        await commands.name_and_colour(db, await an_admin(db), LookDraft("Harbour", ""))

    assert await setting(db) == Setting()


async def test_the_form_keeps_what_was_typed_and_offers_the_nearest_colour(db, web):
    await sign_in_as(web, db, await an_admin(db))

    refused = await web.post("/admin/look", data={"name": "Harbour", "accent": "#ffcc00"})

    assert refused.status_code == 422
    assert 'value="#ffcc00"' in refused.text
    assert 'value="Harbour"' in refused.text
    nearest = re.search(r"nearest color that will do is (#[0-9a-f]{6})", refused.text)[1]
    assert (await web.post("/admin/look", data={"name": "Harbour", "accent": nearest})).status_code == 303
    assert nearest in (await web.get("/admin/look")).text


async def test_a_hostile_name_is_only_text(db, web):
    await commands.name_and_colour(db, await an_admin(db), LookDraft('"><img src=x onerror=alert(1)>', ""))

    for path in ("/", "/help", "/nowhere", "/sign-in"):
        assert "<img src=x" not in (await web.get(path)).text
