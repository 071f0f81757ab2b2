"""Setting a site up: each step tells what is so, and the list goes when nothing is left to do."""

import asyncio
import re
from dataclasses import replace

import httpx
import pytest

from forum.administration import commands, queries
from forum.administration.types import Facts, steps
from forum.app import build
from forum.kit.db import run
from forum.kit.errors import Forbidden, Invalid
from forum.kit.settings import Settings
from forum.members import joining
from forum.site.queries import setting
from forum.site.types import Setting, Site
from tests.administration.acts import acts
from tests.factories import a_category, a_member, an_admin, sign_in_as

READY = Settings(base_url="https://forum.example.org", smtp_url="smtp://relay.example:25")
DONE = Facts(mail_works=True, categories=1, admins=1, admins_without_key=0, others=1, invited=0)
SITE = Site("Harbour", pages=(("terms", 1), ("privacy", 1)))
SET = Setting(name="Harbour", logo_hash="0" * 16, backup_note="On the other machine.")


def undone(settings=READY, site=SITE, setting=SET, facts=DONE, ways=("mailed link",)) -> set[str]:
    return {step.key for step in steps(settings, site, setting, facts, ways) if not step.is_done}


def test_a_site_where_everything_is_set_has_nothing_left():
    assert undone() == set()


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"settings": replace_settings}, left)
        for replace_settings, left in (
            (Settings(smtp_url="smtp://relay.example:25"), {"address"}),
            (Settings(base_url="http://forum.example.org", smtp_url="smtp://relay.example:25"), {"address"}),
            (Settings(base_url="https://forum.example.org"), {"mail"}),
        )
    ]
    + [
        ({"facts": replace(DONE, mail_works=None)}, {"mail"}),
        ({"facts": replace(DONE, mail_works=False)}, {"mail"}),
        ({"facts": replace(DONE, admins_without_key=1)}, {"second-factor"}),
        ({"facts": replace(DONE, categories=0)}, {"categories"}),
        ({"facts": replace(DONE, others=0)}, {"members"}),
        ({"facts": replace(DONE, others=0, invited=1)}, set()),
        ({"ways": ()}, {"sign-in"}),
        ({"site": replace(SITE, pages=(("terms", 1),))}, {"words"}),
        ({"site": replace(SITE, pages=())}, {"words"}),
        ({"setting": replace(SET, name="")}, {"look"}),
        ({"setting": replace(SET, logo_hash="")}, {"look"}),
        ({"setting": replace(SET, backup_note="")}, {"backups"}),
    ],
)
def test_what_is_not_so_is_left_to_do(changes, left):
    assert undone(**changes) == left


async def test_the_facts_are_counted(db):
    assert await queries.facts(db) == Facts(None, 0, 0, 0, 0, 0)
    admin = await an_admin(db)
    await a_category(db)
    await a_member(db)
    gone = await a_member(db, role="admin")
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=gone.id)
    await joining.invite(db, admin, "invited@district.example", None)
    await commands.note_mail_test(db, admin, "Taken.", is_good=True)
    await commands.note_mail_test(db, admin, "Failed.", is_good=False)

    assert await queries.facts(db) == Facts(
        mail_works=False, categories=1, admins=1, admins_without_key=1, others=1, invited=1
    )

    await run(
        db,
        "INSERT INTO code_secret (member_id, secret, confirmed_at) VALUES (:id, 'ABCDEFGHIJKLMNOP', now())",
        id=admin.id,
    )
    assert (await queries.facts(db)).admins_without_key == 0


async def test_the_first_page_of_administrators_says_what_is_left_and_where_everything_is(db, web):
    await sign_in_as(web, db, await an_admin(db))

    page = (await web.get("/admin")).text

    assert re.search(r"Set the site up: \d of 9 done", page)
    assert page.count('<li class="is-done">') == int(re.search(r"up: (\d) of", page)[1])
    for path in ("/admin/look", "/admin/mail", "/admin/jobs", "/admin/announcements", "/people/requests"):
        assert f'href="{path}"' in page


async def test_the_list_is_put_away_and_recalled(db, web):
    await sign_in_as(web, db, await an_admin(db))

    assert (await web.post("/admin/setup", data={"away": "1"})).status_code == 303
    assert "Set the site up" not in (await web.get("/admin")).text
    assert "Set the site up" in (await web.get("/admin?steps")).text
    await web.post("/admin/setup", data={"away": "0"})
    assert "Set the site up" in (await web.get("/admin")).text


async def test_the_list_goes_by_itself_when_all_is_done(db, web, tools):
    admin = await an_admin(db)
    await a_category(db)
    await a_member(db)
    await run(
        db,
        "INSERT INTO code_secret (member_id, secret, confirmed_at) VALUES (:id, 'ABCDEFGHIJKLMNOP', now())",
        id=admin.id,
    )
    await commands.note_mail_test(db, admin, "Taken.", is_good=True)
    for slug in ("terms", "privacy"):
        await commands.publish(db, admin, slug, "Words.", seen=0)
    await commands.note_backups(db, admin, "On the other machine.")
    await run(db, "UPDATE site_setting SET name = 'Harbour', logo = '\\x00', logo_hash = '0123456789abcdef'")
    app = build(replace(tools, settings=READY))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://forum.example.org") as browser:
        await sign_in_as(browser, db, admin)
        browser.cookies.set("__Host-session", browser.cookies["session"])

        assert "Set the site up" not in (await browser.get("/admin")).text
        assert "9 of 9 done" in (await browser.get("/admin?steps")).text


async def test_a_note_about_backups_is_kept_and_recorded_without_its_words(db, web):
    await sign_in_as(web, db, await an_admin(db))

    for _ in range(2):
        assert (await web.post("/admin/backups", data={"backup_note": " In the <b>safe</b>. "})).status_code == 303

    assert (await setting(db)).backup_note == "In the <b>safe</b>."
    assert "In the &lt;b&gt;safe&lt;/b&gt;." in (await web.get("/admin?steps")).text
    assert await acts(db) == [("site.backups_noted", {}, {})]
    refused = await web.post("/admin/backups", data={"backup_note": "x" * 501})
    assert refused.status_code == 422
    assert "x" * 501 in refused.text
    with pytest.raises(Invalid):
        await commands.note_backups(db, await an_admin(db), "x" * 501)


async def test_two_who_change_different_things_at_the_same_moment_both_have_their_way(db):
    admin = await an_admin(db)

    await asyncio.gather(
        commands.note_backups(db, admin, "In the safe."),
        commands.put_checklist_away(db, admin, is_away=True),
        commands.switch(db, admin, is_open_to_guests=True, takes_requests=True, is_indexed=True),
    )

    assert await setting(db) == Setting(backup_note="In the safe.", is_set_up=True, is_indexed=True)


async def test_only_administrators_set_the_site_up(db):
    ann = await a_member(db)
    for command in (commands.note_backups(db, ann, "x"), commands.put_checklist_away(db, ann, is_away=True)):
        with pytest.raises(Forbidden):
            await command
