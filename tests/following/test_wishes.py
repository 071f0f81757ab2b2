"""How and when members want to hear of things, the first step of a newcomer, and quiet times."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from forum.districts.commands import add_district
from forum.following import beginning, queries, quiet, softening
from forum.following import wishes as wishing
from forum.following.beginning import Beginning
from forum.following.choices import BLOCKS
from forum.following.hearing import heard
from forum.following.quiet import QuietDraft
from forum.following.types import Wishes
from forum.following.wishes import break_day, change_wishes, pause, stop_all, wishes
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.products import commands as products
from forum.products.types import UseDraft
from tests.factories import a_category, a_member, a_thread, an_admin, post_id, sign_in_as
from tests.following.scenes import EVERYTHING, follows, id_of
from tests.following.test_undo import pressed
from tests.products.catalogue import a_product, a_vendor_account

TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(60)
BREAK = "Choose a day after today, within a year, or leave it empty."
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
    "mails_read": "1",
    "paused_until": f"{LATER}",
}


async def filled_in(web, **fields) -> dict:
    """The form, opened just now, with these in it."""
    page = (await web.get("/settings/following")).text
    return {**FORM, **fields, "shown": unescape(re.search(r'name="shown" value="([^"]*)"', page)[1])}


async def test_who_said_nothing_has_the_defaults_of_the_table(db):
    ann = await a_member(db)
    assumed = await wishes(db, ann.id)
    await run(db, "INSERT INTO mail_wish (member_id) VALUES (:id)", id=ann.id)

    assert await wishes(db, ann.id) == assumed == Wishes(ann.id)


async def test_wishes_are_kept_as_the_form_says_and_twice_is_once(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    sent = await filled_in(web)
    for _ in range(2):
        answer = await web.post("/settings/following", data=sent)
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
        paused_until=LATER,
        mails_read=True,
    )
    page = (await web.get("/settings/following")).text
    assert '<option value="America/Denver" selected>Mountain time</option>' in page
    assert '<option value="14">2:00 PM</option>' in page
    assert f'value="{LATER}"' in page


async def test_the_page_says_on_top_that_mail_is_paused_or_stopped_and_else_nothing(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    said = ["You paused all email until January 31, 2999.", "You stopped all email about what you follow."]
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
        ("time_zone", "Mars/Olympus", "Choose one from the list"),
        ("paused_until", "soon", "Enter a day as 2027-01-31"),
        ("paused_until", "2020-01-31", BREAK),
        ("paused_until", f"{TODAY + timedelta(400)}", BREAK),
    ],
)
async def test_wishes_that_will_not_do_change_nothing(db, web, field, sent, sentence):
    ann = await sign_in_as(web, db, await a_member(db))

    answer = await web.post("/settings/following", data=await filled_in(web, **{field: sent}))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert await wishes(db, ann.id) == Wishes(ann.id)


@pytest.mark.parametrize("day", ["soon", "2020-01-31", "9999-12-31"])
async def test_a_day_that_will_not_do_comes_back_as_it_was_typed_with_all_the_rest(db, web, day):
    await sign_in_as(web, db, await a_member(db))

    page = (await web.post("/settings/following", data=await filled_in(web, paused_until=day))).text

    field = re.search(r'<input [^>]*id="paused_until"[^>]*>', page)[0]
    assert f'value="{day}"' in field
    assert 'aria-invalid="true"' in field
    assert '<option value="America/Denver" selected>' in page
    assert shown_places(page) == {**dict.fromkeys(BLOCKS, 0), "followed": 1, "renewals": 2}


async def test_a_break_lasts_until_its_day_has_begun_in_all_of_the_united_states(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await follows(db, ann, *EVERYTHING, "each")
    thread = await a_thread(db)
    for days, status, level in ((0, 422, "each"), (1, 303, "web")):
        sent = await filled_in(web, paused_until=f"{break_day() + timedelta(days)}")
        assert (await web.post("/settings/following", data=sent)).status_code == status
        (found,) = await heard(db, [await post_id(db, thread)], [ann.id])
        assert found.level == level
        assert ("You paused all email" in (await web.get("/settings/following")).text) is (level == "web")


@pytest.mark.parametrize(("utc", "day"), [("09:59", "2026-11-30"), ("10:00", "2026-12-01")])
def test_a_day_begins_for_breaks_when_it_is_midnight_in_hawaii(monkeypatch, utc, day):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromisoformat(f"2026-12-01T{utc}+00:00")

    monkeypatch.setattr(wishing, "datetime", Clock)

    assert f"{break_day()}" == day


async def test_a_break_that_is_over_is_an_empty_field(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await run(db, "INSERT INTO mail_wish (member_id, paused_until) VALUES (:id, '2020-01-31')", id=ann.id)

    page = (await web.get("/settings/following")).text

    assert 'value=""' in re.search(r'<input [^>]*id="paused_until"[^>]*>', page)[0]


def shown_places(page) -> dict[str, int]:
    """The place of each block as the form shows it, 0 for one that is left out."""
    found = re.findall(r'name="place_([a-z]+)">.*?<option value="(\d)" selected>', page)
    return {block: int(place) for block, place in found}


EVERY = {f"place_{block}": str(number) for number, block in enumerate(BLOCKS, 1)}
FIRST, SECOND, THIRD, *REST = BLOCKS


@pytest.mark.parametrize(
    ("moved", "order"),
    [
        ({}, [FIRST, SECOND, THIRD, *REST]),
        ({FIRST: 3}, [SECOND, THIRD, FIRST, *REST]),
        ({THIRD: 1}, [THIRD, FIRST, SECOND, *REST]),
        ({FIRST: 2, SECOND: 1}, [SECOND, FIRST, THIRD, *REST]),
        ({REST[0]: 1, REST[1]: 1}, [REST[0], REST[1], FIRST, SECOND, THIRD, *REST[2:]]),
        ({SECOND: 0}, [FIRST, THIRD, *REST]),
        (dict.fromkeys(BLOCKS, 6), [REST[-1], FIRST, SECOND, THIRD, *REST[:-1]]),
    ],
)
async def test_a_block_takes_its_new_place_and_the_others_make_room(db, web, moved, order):
    await sign_in_as(web, db, await a_member(db))
    sent = await filled_in(web, **EVERY | {f"place_{block}": str(place) for block, place in moved.items()})

    for _ in range(2):
        await web.post("/settings/following", data=sent)
        shown = shown_places((await web.get("/settings/following")).text)
        assert sorted(filter(None, shown.values())) == list(range(1, len(order) + 1))
        assert sorted(order, key=shown.__getitem__) == order
        assert {block for block, place in shown.items() if not place} == set(BLOCKS) - set(order)
        sent = await filled_in(web, **{f"place_{block}": str(place) for block, place in shown.items()})


async def test_a_block_that_comes_back_stands_at_its_place(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await web.post("/settings/following", data=await filled_in(web))

    await web.post("/settings/following", data=await filled_in(web, place_mentions="2"))

    assert (await wishes(db, ann.id)).blocks == ("followed", "mentions", "renewals")


async def test_guests_wish_nothing(db):
    for refused in (change_wishes(db, GUEST, Wishes(0), Wishes(0)), pause(db, GUEST), stop_all(db, GUEST)):
        with pytest.raises(Forbidden, match="Sign in"):
            await refused


async def test_a_pause_ends_by_itself_and_stopping_all_lasts(db):
    ann = await a_member(db)
    await change_wishes(db, ann, Wishes(ann.id), Wishes(ann.id, hour=9))
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


@pytest.mark.parametrize("topics", [[], ["secret"], ["nothing"]])
async def test_who_ticks_nothing_there_is_follows_nothing_and_has_agreed_to_nothing(db, web, topics):
    ann = await sign_in_as(web, db, await a_newcomer(db))
    answer = await web.post("/settings/following/start", data={"topic": topics, "every_days": "1"})

    assert answer.status_code == 422
    assert '<a href="#ticked">Check at least one thing, or choose “Not now”.</a>' in answer.text
    assert 'name="every_days" value="1" checked' in answer.text
    assert await chosen(db, ann) == set()
    assert await value(db, "SELECT count(*) FROM mail_wish") == 0


async def test_what_was_ticked_stays_so_when_it_will_not_do(db, web):
    await sign_in_as(web, db, await a_newcomer(db))
    sent = {"topic": ["wifi", *"abcdefgh"], "runs": "1", "everything": "1", "every_days": "1"}

    page = (await web.post("/settings/following/start", data=sent)).text

    for name, ticked in (("topic", "wifi"), ("runs", "1"), ("everything", "1"), ("every_days", "1")):
        assert f'name="{name}" value="{ticked}" checked' in page


async def test_whoever_does_so_not_now_is_told_where_to_do_it_later(db, web):
    await sign_in_as(web, db, await a_member(db))
    page = (await web.get("/settings/following/start")).text
    later = (await web.get(re.search(r'href="([^"]*)">Not now', page)[1])).text

    assert "To choose later, open Settings, What you hear about." in later
    assert 'href="/settings/following/start"' in (await web.get("/settings/following")).text


async def test_whoever_chose_an_hour_reads_that_their_digest_comes_then(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    assert "around 6:00 AM" in (await web.get("/settings/following/start")).text
    await change_wishes(db, ann, Wishes(ann.id), Wishes(ann.id, hour=17))
    assert "around 5:00 PM" in (await web.get("/settings/following/start")).text


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

    removed = await web.post(f"/admin/quiet/{only.id}/remove")
    assert (await web.post(f"/admin/quiet/{only.id}/remove")).status_code == 404
    assert await quiet.quiet_times(db) == []

    told = (await web.get(removed.headers["location"])).text
    assert "The quiet time is removed." in told
    for _ in range(2):
        page, place = await pressed(web, told)
        assert place == "/admin/quiet?notice=undone"
        assert "Winter break" in page
        assert [replace(each, id=only.id) for each in await quiet.quiet_times(db)] == [only]
    acts = "SELECT string_agg(e.act, ' ' ORDER BY e.id) FROM audit_entry e"
    assert await value(db, acts) == "quiet.planned quiet.removed quiet.planned"


async def test_only_who_removed_a_quiet_time_brings_it_back_and_not_when_it_is_over(db):
    admin, other = await an_admin(db), await an_admin(db)
    planned = "SELECT e.id FROM audit_entry e WHERE e.act = 'quiet.planned'"
    removed = await quiet.remove(db, admin, await quiet.plan(db, admin, BREAK))

    for actor, entry_id in ((other, removed), (admin, await value(db, planned))):
        with pytest.raises(NotFound):
            await quiet.bring_back(db, actor, entry_id)
    with pytest.raises(Forbidden):
        await quiet.bring_back(db, replace(admin, role="member"), removed)
    await run(
        db, """UPDATE audit_entry SET before = before || '{"starts_on": "2020-12-20", "ends_on": "2021-01-04"}'"""
    )
    with pytest.raises(Invalid):
        await quiet.bring_back(db, admin, removed)
    assert await quiet.quiet_times(db) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "2031-12-19"}, "ends_on"),
        ({"ends_on": "2032-06-01"}, "ends_on"),
        ({"starts_on": "2020-12-20", "ends_on": "2021-01-04"}, "ends_on"),
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
    for target, reason in ((1, "mentioned"), (2, "replied"), (3, "chosen")):
        await follows(db, ann, "thread", target, reason=reason)

    for _ in range(2):
        await softening.mentions_at(db, ann, level)

    found = await rows(db, "SELECT f.target_id, f.level, f.every_days FROM follow f ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [(1, level, every_days), (2, "each", None), (3, "each", None)]
