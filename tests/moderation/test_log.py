"""The log says who did what, to whom it concerns; notes and figures end at the categories one moderates."""

import asyncio
from dataclasses import replace

import pytest

from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.moderation import health, log, notes, queries, reasons
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.moderation.scenes import an_admin, flag_it

NEWEST = {"before": 2**62}


async def category_id(db, slug):
    return await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)


def judging(actor):
    return replace(actor, has_second_factor=True)


async def an_entry(db, actor, category="", name="thread.locked", **fields):
    where = await category_id(db, category) if category else None
    kind, subject = fields.pop("kind", "thread"), fields.pop("subject", 7)
    return await record(db, actor.id, Act(name, kind, subject, where, **fields))


@pytest.fixture
async def scene(db):
    """Two categories, each with its moderator, and an administrator."""
    here, there = await a_category(db, name="Here"), await a_category(db, name="There", read_by="staff")
    return (
        here,
        there,
        await a_member(db, moderates=[here]),
        await a_member(db, moderates=[there]),
        await an_admin(db),
    )


async def names(entries):
    return [entry.category_name for entry in await entries if entry.act.startswith("thread.")]


async def test_fields_are_named_as_people_read_them(db, scene):
    here, _, mod, *_ = scene
    await an_entry(db, mod, here, "category.changed", before={"colour": "#123456"}, after={"colour": "#654321"})

    entries = await log.staff_log(db, mod, act="category.changed", **NEWEST)

    assert [entry.changes for entry in entries] == [[("color", "#123456", "#654321")]]


async def test_moderators_read_the_log_of_their_categories(db, scene):
    here, there, mod, other, admin = scene
    for place in (here, there, ""):
        await an_entry(db, admin, place)

    assert await names(log.staff_log(db, mod, **NEWEST)) == ["Here"]
    assert await names(log.staff_log(db, other, **NEWEST)) == ["There"]
    assert await names(log.staff_log(db, admin, **NEWEST)) == [None, "There", "Here"]
    assert await log.staff_log(db, await a_member(db), **NEWEST) == []


async def test_the_log_is_filtered_and_read_on_by_key(db, scene):
    here, _, mod, _, admin = scene
    first = await an_entry(db, mod, here)
    second = await an_entry(db, admin, here, "thread.pinned")
    third = await an_entry(db, admin, here, "member.silenced", kind="member", subject=mod.id)

    async def ids(**asked):
        return [entry.id for entry in await log.staff_log(db, mod, **(NEWEST | asked))]

    assert (await ids())[:3] == [third, second, first]
    assert await ids(by=mod.handle) == [first]
    assert await ids(act="thread.pinned") == [second]
    assert (await ids(kind="member"))[0] == third
    assert await ids(before=third, limit=1) == [second]
    acts, kinds = await log.acts_and_kinds(db, mod)
    assert {"member.silenced", "thread.locked", "thread.pinned"} <= set(acts)
    assert {"member", "thread"} <= set(kinds)


async def test_members_read_what_happened_where_they_read_but_no_reasons(db, scene, web):
    here, there, _, _, admin = scene
    for place in (here, there):
        await an_entry(db, admin, place, is_public=True, reason="zqxreason", after={"note": "zqxafter"})
    await an_entry(db, admin, here)
    await an_entry(db, admin, here, "member.silenced", kind="member", is_public=True)
    ann = await sign_in_as(web, db, await a_member(db))

    assert await names(log.public_log(db, ann, **NEWEST)) == ["Here"]
    page = await web.get("/log")
    assert "thread: locked" in page.text
    assert not any(word in page.text for word in ("zqx", "There", "silenced"))


async def test_ids_of_other_categories_are_not_in_the_log(db, scene, web):
    here, there, mod, _, admin = scene
    after = {"category_id": await category_id(db, there), "is_locked": True}
    await an_entry(db, admin, here, before={"is_locked": False}, after=after, reason="<b>zqx</b>")

    (entry,) = [each for each in await log.staff_log(db, mod, **NEWEST) if each.act == "thread.locked"]
    assert entry.changes == [("is locked", "no", "yes")]
    await sign_in_as(web, db, mod)
    page = await web.get("/moderation/log")
    assert "&lt;b&gt;zqx" in page.text


async def test_many_entries_have_pages(db, scene, web):
    here, *_, admin = scene
    for _ in range(52):
        await an_entry(db, admin, here, is_public=True)
    await sign_in_as(web, db, admin)

    for path in ("/log", "/moderation/log?act=thread.locked"):
        page = (await web.get(path)).text
        assert page.count("log-entry") == 50
        older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        assert (await web.get(older)).text.count("log-entry") == 2


async def test_notes_are_for_the_staff_of_their_category(db, scene):
    here, there, mod, other, admin = scene
    ann = await a_member(db)
    mod, other = judging(mod), judging(other)
    await notes.write_note(db, mod, ann.id, await category_id(db, here), "of here")
    await notes.write_note(db, admin, ann.id, await category_id(db, there), "of there")
    await notes.write_note(db, admin, ann.id, None, "of all")

    async def read(actor):
        return [note.body for note in await queries.notes(db, actor, ann.id)]

    assert await read(mod) == ["of here"]
    assert await read(other) == ["of there"]
    assert await read(admin) == ["of all", "of there", "of here"]
    assert await read(ann) == []


async def test_who_may_write_and_throw_away_notes(db, scene):
    here, there, mod, other, admin = scene
    mod, other = judging(mod), judging(other)
    ann, place = await a_member(db), await category_id(db, here)
    await notes.write_note(db, admin, ann.id, place, "by admin")
    await notes.write_note(db, mod, ann.id, place, "by mod")
    by_mod, by_admin = [note.id for note in await queries.notes(db, admin, ann.id)]

    for actor, where in ((mod, None), (mod, await category_id(db, there)), (other, place)):
        with pytest.raises(Forbidden):
            await notes.write_note(db, actor, ann.id, where, "x")
    for actor, error in ((ann, NotFound), (other, NotFound)):
        with pytest.raises(error):
            await notes.drop_note(db, actor, ann.id, by_mod)
    with pytest.raises(Forbidden):
        await notes.drop_note(db, mod, ann.id, by_admin)
    with pytest.raises(NotFound):  # a note about somebody else
        await notes.drop_note(db, mod, (await a_member(db)).id, by_mod)
    for body in ("", " ", "x" * 2001):
        with pytest.raises(Invalid):
            await notes.write_note(db, mod, ann.id, place, body)
    await notes.drop_note(db, mod, ann.id, by_mod)
    with pytest.raises(NotFound):
        await notes.drop_note(db, mod, ann.id, by_mod)
    await notes.drop_note(db, admin, ann.id, by_admin)
    assert await value(db, "SELECT count(*) FROM staff_note") == 0
    kept = str([dict(row) for row in await rows(db, "SELECT * FROM audit_entry")])
    assert "by mod" not in kept


async def test_the_page_about_a_member_shows_only_what_is_of_ones_own_categories(db, scene, web):
    here, there, mod, _, admin = scene
    ann = await a_member(db, name="Ann Zqx")
    for place, note in ((here, "zqxhere"), (there, "zqxthere"), ("", "zqxall")):
        where = await category_id(db, place) if place else None
        await notes.write_note(db, admin, ann.id, where, f"<i>{note}</i>")
        await an_entry(db, admin, place, "member.silenced", kind="member", subject=ann.id, reason=f"{note}reason")

    await sign_in_as(web, db, mod)
    page = (await web.get(f"/moderation/members/{ann.handle}")).text
    assert "&lt;i&gt;zqxhere" in page
    assert "zqxherereason" in page
    assert "zqxthere" not in page
    assert "zqxall" not in page
    sent = await web.post(f"/moderation/members/{ann.handle}", data={"body": "More", "category_id": ""})
    assert sent.status_code == 403
    form = {"body": "More", "category_id": str(await category_id(db, here))}
    assert (await web.post(f"/moderation/members/{ann.handle}", data=form)).status_code == 303
    wrong = await web.post(f"/moderation/members/{ann.handle}", data=form | {"body": ""})
    assert wrong.status_code == 422
    (newest, *_) = await queries.notes(db, mod, ann.id)
    gone = await web.post(f"/moderation/members/{ann.handle}/notes/{newest.id}/drop")
    assert gone.status_code == 303
    assert (await web.get("/moderation/members/nobody")).status_code == 404


async def test_reasons_are_written_by_administrators(db, web, scene):
    _, _, mod, _, admin = scene
    await sign_in_as(web, db, mod)
    assert (await web.get("/moderation/reasons")).status_code == 404
    assert (await web.post("/moderation/reasons", data={"name": "A", "letter": "B"})).status_code == 404
    await sign_in_as(web, db, admin)
    assert (await web.post("/moderation/reasons", data={"name": "Rude <b>", "letter": "Please."})).status_code == 303
    assert (await web.post("/moderation/reasons", data={"name": "Rude <b>", "letter": "Kindly."})).status_code == 303
    assert (await web.post("/moderation/reasons", data={"name": "", "letter": ""})).status_code == 422

    (only,) = await queries.reasons(db)

    assert only.letter == "Kindly."
    assert "Rude &lt;b&gt;" in (await web.get(f"/moderation/reasons?edit={only.id}")).text
    assert (await web.post(f"/moderation/reasons/{only.id}/drop")).status_code == 303
    assert await queries.reasons(db) == []


async def test_a_reason_saved_ten_times_at_the_same_moment_is_one(db, web, scene):
    admin = await sign_in_as(web, db, scene[-1])

    await asyncio.gather(*(reasons.save_reason(db, admin, "Rude", "Please.") for _ in range(10)))

    assert len(await queries.reasons(db)) == 1


async def test_the_weekly_figures_are_right_and_of_ones_own_categories(db, scene):
    here, there, mod, other, admin = scene
    thread = await a_thread(db, category=here, days_ago=7)
    reply = await a_reply(db, thread)
    await run(
        db,
        """
        UPDATE post p SET created_at = t.created_at + interval '90 minutes' FROM thread t
        WHERE p.id = :id AND t.id = p.thread_id
        """,
        id=reply,
    )
    await a_reply(db, thread, author=await a_member(db))
    await a_thread(db, category=here, days_ago=7)
    await a_thread(db, category=there, author=other, days_ago=7)
    await flag_it(db, reply)

    found = await health.weeks(db, mod)
    assert len(found) == health.WEEKS
    week = next(each for each in found if each.threads)
    assert (week.threads, round(week.hours, 2), week.unanswered) == (2, 1.5, 0.5)
    assert sum(each.posts for each in found) == 4
    assert sum(each.flags for each in found) == 1
    assert sum(each.threads for each in await health.weeks(db, admin)) == 3
    assert sum(each.threads for each in await health.weeks(db, other)) == 1
    assert sum(each.threads for each in await health.weeks(db, mod, await category_id(db, there))) == 0
    assert sum(each.threads for each in await health.weeks(db, await a_member(db))) == 0


async def test_the_weekly_page_draws_charts_that_can_be_read_aloud(db, web, scene):
    here, there, mod, _, _ = scene
    await a_thread(db, category=here)
    await sign_in_as(web, db, mod)

    page = (await web.get("/moderation/health")).text

    assert page.count("<table") == 6
    assert 'role="img" aria-labelledby="threads-title threads-desc"' in page
    assert '<rect class="chart-bar"' in page
    assert "There" not in page
    assert (await web.get(f"/moderation/health?category={here}")).status_code == 200
    assert (await web.get(f"/moderation/health?category={there}")).status_code == 404
