"""How and when members want to hear of things, the first step of a newcomer, and quiet times."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from forum.districts.commands import add_district
from forum.following import beginning, queries, quiet, softening
from forum.following.beginning import Beginning
from forum.following.quiet import QuietDraft
from forum.following.types import Wishes
from forum.following.wishes import change_wishes, pause, stop_all, wishes
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid
from forum.members.types import GUEST
from forum.products import commands as products
from forum.products.types import UseDraft
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.following.scenes import follows, id_of
from tests.products.catalogue import a_product, a_vendor_account

FORM = {
    "asking": "digest",
    "replying": "none",
    "mentioned": "web",
    "days": ["1", "6"],
    "hour": "0",
    "time_zone": "America/Denver",
    "place_followed": "1",
    "place_renewals": "2",
    "place_mentions": "0",
    "keeps_quiet": "1",
    "paused_until": "2031-01-31",
}


async def test_who_said_nothing_has_the_defaults_of_the_table(db):
    ann = await a_member(db)
    assumed = await wishes(db, ann.id)
    await run(db, "INSERT INTO mail_wish (member_id) VALUES (:id)", id=ann.id)

    assert await wishes(db, ann.id) == assumed == Wishes(ann.id)


async def test_wishes_are_kept_as_the_form_says_and_twice_is_once(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    for _ in range(2):
        answer = await web.post("/settings/following", data=FORM)
        assert answer.headers["location"] == "/settings/following?notice=saved"

    assert await wishes(db, ann.id) == Wishes(
        ann.id,
        asking="digest",
        replying="none",
        mentioned="web",
        days=(1, 6),
        hour=0,
        time_zone="America/Denver",
        blocks=("followed", "renewals"),
        paused_until=date(2031, 1, 31),
    )
    page = (await web.get("/settings/following")).text
    assert '<option value="America/Denver" selected>' in page
    assert 'value="2031-01-31"' in page


async def test_the_page_says_on_top_that_mail_is_paused_or_stopped_and_else_nothing(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    said = ["You paused all mail until 31 January 2999.", "You stopped all mail of what you follow."]
    assert not [each for each in said if each in (await web.get("/settings/following")).text]

    await run(db, "INSERT INTO mail_wish (member_id, paused_until) VALUES (:id, '2999-01-31')", id=ann.id)
    assert [each for each in said if each in (await web.get("/settings/following")).text] == said[:1]
    await run(db, "UPDATE mail_wish SET paused_until = '2020-01-31' WHERE member_id = :id", id=ann.id)
    assert not [each for each in said if each in (await web.get("/settings/following")).text]
    await run(db, "UPDATE mail_wish SET stops_all = true WHERE member_id = :id", id=ann.id)
    assert [each for each in said if each in (await web.get("/settings/following")).text] == said[1:]


@pytest.mark.parametrize(
    ("field", "sent", "sentence"),
    [
        ("asking", "loud", "Choose one of those offered."),
        ("days", [], "Choose at least one day."),
        ("days", ["8"], "Choose at least one day."),
        ("days", ["one"], "Write a whole number here."),
        ("hour", "24", "Choose one of those offered."),
        ("hour", "", "Choose one of those offered."),
        ("time_zone", "Mars/Olympus", "Choose one of the list"),
        ("paused_until", "soon", "Write a day as 2027-01-31"),
    ],
)
async def test_wishes_that_will_not_do_change_nothing(db, web, field, sent, sentence):
    ann = await sign_in_as(web, db, await a_member(db))

    answer = await web.post("/settings/following", data={**FORM, field: sent})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert await wishes(db, ann.id) == Wishes(ann.id)


async def test_guests_wish_nothing(db):
    for refused in (change_wishes(db, GUEST, Wishes(0)), pause(db, GUEST), stop_all(db, GUEST)):
        with pytest.raises(Forbidden, match="Sign in"):
            await refused


async def test_a_pause_ends_by_itself_and_stopping_all_lasts(db):
    ann = await a_member(db)
    await change_wishes(db, ann, replace(Wishes(ann.id), hour=9))
    await asyncio.gather(*(act(db, ann) for act in (pause, stop_all) * 3))

    found = await wishes(db, ann.id)
    assert found.paused_until == await value(db, "SELECT current_date + 14")
    assert (found.stops_all, found.hour) == (True, 9)


async def test_wishes_that_are_rolled_back_were_never_said(db):
    ann = await a_member(db)
    async with db.transaction(force_rollback=True):
        await stop_all(db, ann)

    assert await wishes(db, ann.id) == Wishes(ann.id)


async def a_newcomer(db):
    """Somebody whose district runs a product, where others write of #wifi, and of #secret where they do not read."""
    district_id = await add_district(db, "Oak")
    ann = await a_member(db, district_id=district_id)
    await a_thread(db, topics="wifi")
    await a_thread(db, author=await an_admin(db), category=await a_category(db, read_by="staff"), topics="secret")
    for name, left in (("Lantern", None), ("Candle", 2024)):
        await products.say_use(db, ann, await a_product(db, name), UseDraft(2020, left))
    return ann


async def chosen(db, who) -> set[tuple[str, str, int, str]]:
    return {(each.kind, each.name, each.every_days, each.reason) for each in await queries.followed(db, who)}


async def test_a_newcomer_follows_what_they_tick_and_nothing_else(db, web):
    ann = await sign_in_as(web, db, await a_newcomer(db))
    page = (await web.get("/settings/following/start")).text
    assert "#wifi" in page
    assert "Lantern" in page
    assert "secret" not in page
    assert "Candle" not in page

    for _ in range(2):
        answer = await web.post(
            "/settings/following/start",
            data={"topic": ["wifi", "secret", "nothing"], "runs": "1", "everything": "1", "every_days": "7"},
        )
        assert answer.headers["location"] == "/?notice=started"

    assert await chosen(db, ann) == {
        ("everything", "Everything", 7, "preset"),
        ("topic", "#wifi", 7, "preset"),
        ("product", "Lantern", 7, "preset"),
    }
    assert await value(db, "SELECT w.consented_at IS NOT NULL FROM mail_wish w WHERE w.member_id = :id", id=ann.id)


async def test_who_ticks_nothing_follows_nothing_and_has_agreed_to_nothing(db):
    ann = await a_newcomer(db)
    await beginning.begin(db, ann, Beginning((), runs=False, everything=False, every_days=7))

    assert await chosen(db, ann) == set()
    assert await value(db, "SELECT count(*) FROM mail_wish") == 0


async def test_what_is_followed_already_stays_as_it_is(db):
    ann = await a_newcomer(db)
    await follows(db, ann, "topic", await id_of(db, "topic", "wifi"), "muted")
    await beginning.begin(db, ann, Beginning(("wifi",), runs=False, everything=False, every_days=1))

    assert await chosen(db, ann) == {("topic", "#wifi", 0, "chosen")}


async def test_vendors_begin_with_no_districts_products(db):
    ann = await a_vendor_account(db)
    await run(db, "UPDATE member SET district_id = :d WHERE id = :m", d=await add_district(db, "Oak"), m=ann.id)

    assert (await beginning.offer(db, ann)).products == []


@pytest.mark.parametrize("sent", [{"every_days": "2"}, {"topic": "wifi"}, {"every_days": "7", "topic": ["x"] * 9}])
async def test_a_beginning_that_will_not_do_comes_back(db, web, sent):
    await sign_in_as(web, db, await a_member(db))

    assert (await web.post("/settings/following/start", data=sent)).status_code == 422


async def test_guests_are_led_to_sign_in(db, web):
    for path in ("/settings/following", "/settings/following/start", "/follow/everything"):
        assert (await web.get(path)).status_code == 403


BREAK = QuietDraft("Winter break", "2031-12-20", "2032-01-04")


async def test_administrators_plan_quiet_times_and_take_them_back(db, web):
    await sign_in_as(web, db, await an_admin(db))
    district_id = await add_district(db, "Oak")
    sent = {"name": " Winter  break ", "starts_on": "2031-12-20", "ends_on": "2032-01-04", "district_id": district_id}
    for _ in range(2):
        assert (await web.post("/admin/quiet", data=sent)).headers["location"] == "/admin/quiet?notice=quiet"
    (only,) = await quiet.quiet_times(db)
    assert (only.name, only.starts_on, only.district_name) == ("Winter break", date(2031, 12, 20), "Oak")
    assert "Winter break" in (await web.get("/admin/quiet")).text

    await web.post(f"/admin/quiet/{only.id}/remove")
    assert (await web.post(f"/admin/quiet/{only.id}/remove")).status_code == 404
    acts = "SELECT string_agg(e.act, ' ' ORDER BY e.id) FROM audit_entry e"
    assert await value(db, acts) == "quiet.planned quiet.removed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "2031-12-19"}, "ends_on"),
        ({"ends_on": "2032-06-01"}, "ends_on"),
        ({"district_id": 2**40}, "district_id"),
    ],
)
async def test_a_quiet_time_that_will_not_do_is_not_planned(db, change, field):
    with pytest.raises(Invalid) as refusal:
        await quiet.plan(db, await an_admin(db), replace(BREAK, **change))

    assert list(refusal.value.fields) == [field]
    assert await quiet.quiet_times(db) == []


async def test_at_the_same_moment_it_is_planned_once_and_only_by_administrators(db):
    admin = await an_admin(db)
    ids = await asyncio.gather(*(quiet.plan(db, admin, BREAK) for _ in range(5)))
    assert len(set(ids)) == 1

    for refused in (quiet.plan(db, await a_member(db), BREAK), quiet.remove(db, await a_member(db), ids[0])):
        with pytest.raises(Forbidden):
            await refused


async def test_a_pause_never_shortens_a_longer_one(db):
    ann = await a_member(db)
    await pause(db, ann, 60)
    await pause(db, ann, 14)
    assert (await wishes(db, ann.id)).paused_until == await value(db, "SELECT current_date + 60")


@pytest.mark.parametrize(("level", "every_days"), [("web", None), ("digest", 7)])
async def test_less_of_mentions_is_less_of_the_threads_that_were_followed_since_one(db, level, every_days):
    ann = await a_member(db)
    for target, reason in ((1, "mentioned"), (2, "replied")):
        await follows(db, ann, "thread", target, reason=reason)

    for _ in range(2):
        await softening.mentions_at(db, ann, level)

    found = await rows(db, "SELECT f.target_id, f.level, f.every_days FROM follow f ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [(1, level, every_days), (2, "each", None)]
