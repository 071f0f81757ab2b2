"""Finding people by what they show, and never by what they hide."""

import pytest

from forum.districts.commands import add_district
from forum.members import profile, queries
from forum.members.types import Privacy, ProfileDraft
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.masking import untokened


@pytest.fixture
async def ann(db):
    pine = await add_district(db, "Pine County", enrolment=4100)
    ann = await a_member(db, name="Ann Lee", district_id=pine)
    await profile.change_profile(db, ann, ProfileDraft("Ann Lee", "Director zqt", "About zqa"))
    await a_reply(db, await a_thread(db, topics="wifi"), author=ann)
    return ann


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("q=ann", True),
        ("q=%25", False),
        ("q=bo", False),
        ("district=pine", True),
        ("district=oak", False),
        ("size=2500-4999", True),
        ("size=under-1000", False),
        ("size=nonsense", False),
        ("role=member", True),
        ("role=vendor", False),
        ("topic=wifi", True),
        ("topic=printers", False),
        ("q=ann&district=pine&size=2500-4999&topic=wifi&role=member", True),
        ("after=zzz", False),
    ],
)
async def test_filters_stand_in_the_address(db, web, ann, query, is_found):
    await sign_in_as(web, db, await a_member(db, name="Zed"))

    page = (await web.get(f"/people?{query}")).text

    assert ("Ann Lee" in page) == is_found


HIDDEN = Privacy("nobody", "nobody", "nobody", "nobody", "nobody")


async def test_what_is_hidden_is_found_by_no_filter_and_moves_nobody(db, web, ann):
    await a_member(db, name="Aaron")
    await sign_in_as(web, db, await a_member(db, name="Zed"))
    paths = ["/people?district=pine", "/people?size=2500-4999", "/people?topic=wifi"]
    await profile.change_privacy(db, ann, HIDDEN)
    for path in paths:
        assert "Ann Lee" not in (await web.get(path)).text
    before = untokened((await web.get("/people")).text)

    await profile.change_profile(db, ann, ProfileDraft("Ann Lee", "Aaa first", "Other"))

    assert untokened((await web.get("/people")).text) == before
    page = (await web.get(f"/people/{ann.handle}")).text
    for word in ("Aaa first", "Other", "Pine County", "4,100", "Member since"):
        assert word not in page


@pytest.mark.parametrize(("seen_by", "staff_sees"), [("staff", True), ("nobody", False)])
async def test_staff_see_what_is_for_staff_and_the_owner_all(db, ann, seen_by, staff_sees):
    await profile.change_privacy(db, ann, Privacy(*[seen_by] * 5))
    desk = await a_category(db)
    moderator, other = await a_member(db, moderates=[desk]), await a_member(db)

    for reader, sees in ((ann, True), (moderator, staff_sees), (other, False)):
        seen = await queries.person(db, ann.handle, reader)
        assert (seen.title == "Director zqt", seen.about == "About zqa", seen.district_name == "Pine County") == (
            (sees,) * 3
        )
        assert (seen.created_at is not None) == sees

    await profile.change_privacy(db, ann, Privacy())
    assert (await queries.person(db, ann.handle, other)).title == "Director zqt"


async def test_an_answer_the_reader_may_not_read_tells_nothing(db, web):
    hidden = await a_category(db, read_by="staff")
    staff = await a_member(db, name="Sam Staff", moderates=[hidden])
    thread = await a_thread(db, category=hidden, author=staff, topics="secret-topic")
    await a_reply(db, thread, author=staff)
    await sign_in_as(web, db, await a_member(db))

    texts = {
        untokened((await web.get(f"/people?topic={topic}")).text.replace(topic, "T"))
        for topic in ("secret-topic", "no-topic")
    }

    assert len(texts) == 1
    assert "secret-topic" not in (await web.get("/people")).text


async def test_the_form_of_who_sees_what_keeps_what_is_hidden(db, web, ann):
    await sign_in_as(web, db, ann)
    fields = dict.fromkeys(("title_for", "district_for", "about_for", "joined_for", "topics_for"), "nobody")

    assert (await web.post("/settings/privacy", data=fields)).status_code == 303
    assert "Director zqt" in (await web.get("/settings")).text
    assert (await web.post("/settings/privacy", data=fields | {"title_for": "everyone"})).status_code == 422
