"""The pages of people: what they show, and to whom."""

import httpx

from forum.app import build
from forum.districts.commands import add_district
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from tests import tokened
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.fakes import FakeMailer
from tests.masking import untokened


async def test_a_vendor_is_shown_only_links_that_open(db, web):
    vendor = await sign_in_as(web, db, await a_member(db, role="vendor"))
    bo = await a_member(db)

    page = (await web.get("/help")).text

    assert 'href="/people"' not in page
    assert f'href="/people/{vendor.handle}"' in page
    assert (await web.get(f"/people/{vendor.handle}")).status_code == 200
    for path in ("/people", f"/people/{bo.handle}", "/people/nobody"):
        assert (await web.get(path)).status_code == 403


async def test_members_see_each_other_and_guests_nobody(db, web):
    ann, bo = await a_member(db), await a_member(db)
    assert 'href="/people"' not in (await web.get("/help")).text
    assert (await web.get(f"/people/{ann.handle}")).status_code == 403

    await sign_in_as(web, db, ann)

    assert 'href="/people"' in (await web.get("/help")).text
    for handle in (ann.handle, bo.handle):
        assert (await web.get(f"/people/{handle}")).status_code == 200


async def test_a_page_of_a_person_says_nothing_of_what_the_reader_may_not_read(db, web):
    hidden = await a_category(db, read_by="staff")
    author = await a_member(
        db, name="Ann Lee", moderates=[hidden], district_id=await add_district(db, "Pine", enrolment=4100)
    )
    await sign_in_as(web, db, await a_member(db))
    before = untokened((await web.get("/people/ann.lee")).text)

    await a_thread(db, category=hidden, author=author)

    after = untokened((await web.get("/people/ann.lee")).text)
    assert "4,100" in after
    assert after == before


async def test_the_theme_is_kept_in_a_cookie_that_goes_with_https_only_where_the_site_has_it(db, web):
    settings = Settings(base_url="https://forum.example", smtp_url="smtp://127.0.0.1:1")
    app = build(Tools(db=db, mailer=FakeMailer(), settings=settings))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://forum.example", event_hooks=tokened.HOOKS
    ) as secure:
        for theme in ("dark", "system"):
            cookies = [
                (await each.post("/theme", data={"theme": theme})).headers["set-cookie"] for each in (web, secure)
            ]
            assert ["Secure" in cookie for cookie in cookies] == [False, True]
