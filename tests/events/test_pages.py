"""The pages of events, without a script."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from forum.events import commands, queries
from forum.events.types import Facts
from forum.kit.db import rows, run, value
from forum.kit.moments import LEFT_OUT
from tests.events.scenes import a_draft, an_event, facts, over
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.following.scenes import follows, wishes


def sent(category, **fields) -> dict[str, str]:
    """What the form sends."""
    typed = {name: text for name, text in a_draft(category, **fields).fields if text}
    typed.pop("keeps_vendors_out", None)
    return typed


async def test_the_form_announces_an_event_and_its_page_says_when_and_where_it_is(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    category = await a_category(db, name="Meetings")
    await wishes(db, ann, time_zone="America/Denver")

    blank = await web.get(f"/events/new?category={category}")
    assert '<option value="America/Denver" selected>Mountain time</option>' in blank.text
    assert f'<option value="{category}" selected>' in blank.text
    answer = await web.post("/events/new", data=sent(category, place="Austin, Texas", link="https://meet.example/a"))

    assert answer.status_code == 303
    page = unescape((await web.get(answer.headers["location"])).text)
    event = (await queries.coming(db, ann))[0]
    assert event.when in page
    assert "Austin, Texas" in page
    assert '<a href="https://meet.example/a" rel="nofollow ugc noopener">' in page
    assert "I will come" in page
    assert re.search(r'id="level-thread-\d+">(?:<svg.*?</svg>)?\s*Every message', page)
    assert f"/events/{event.thread_id}.ics" in page


async def test_what_will_not_do_comes_back_with_its_text_and_a_sentence(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)
    fields = sent(category, place="Room 4") | {"starts": "2027-03-14T02:30", "ends": "2027-03-14T05:00"}

    answer = await web.post("/events/new", data=fields)

    assert answer.status_code == 422
    assert LEFT_OUT in unescape(answer.text)
    assert 'value="2027-03-14T02:30"' in answer.text
    assert 'value="Room 4"' in answer.text
    assert await value(db, "SELECT count(*) FROM thread") == 0


async def test_an_hour_that_comes_twice_is_the_first_and_its_page_says_so(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    fields = sent(await a_category(db), time_zone="America/Chicago")

    answer = await web.post("/events/new", data=fields | {"starts": "2031-11-02T01:30", "ends": "2031-11-02T03:00"})

    said = "Sunday, November 2, 2031, 1:30 AM (before the clocks go back) to 3:00 AM Central time"
    assert said in (await web.get(answer.headers["location"])).text
    assert (await queries.coming(db, ann))[0].starts_at == datetime(2031, 11, 2, 6, 30, tzinfo=UTC)


async def test_a_preview_keeps_what_was_typed(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)

    answer = await web.post("/events/new", data=sent(category, body="We show **ours**.") | {"preview": "1"})

    assert "<strong>ours</strong>" in answer.text
    assert 'value="https://meet.example/1"' in answer.text


async def test_guests_and_vendors_announce_nothing(db, web):
    await a_category(db, read_by="everyone", lets_vendors_in=True)
    assert (await web.get("/events/new")).status_code == 403
    assert "/events/new" not in (await web.get("/events")).text

    await sign_in_as(web, db, await a_member(db, role="vendor"))
    page = await web.get("/events/new")
    assert "Members begin threads" in page.text
    assert "<textarea" not in page.text


async def test_the_list_goes_by_day_and_says_what_is_cancelled(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)
    soon = await an_event(db, author=ann, category=category, title="The first of the two", days=2)
    await an_event(db, category=category, title="The second of the two", days=5)
    old = await an_event(db, category=category, title="What was long ago")
    await over(db, old)
    await commands.cancel(db, ann, soon, is_cancelled=True)

    page = unescape((await web.get("/events")).text)

    titles = re.findall(r'class="event-name" href="[^"]*" data-open>([^<]*)<', page)
    assert titles == ["The first of the two", "The second of the two"]
    assert len(re.findall('<h2 id="day-[-0-9]{10}">[A-Z][a-z]+day, ', page)) == 2
    assert page.count("Canceled") == 1
    past = (await web.get("/events/past")).text
    assert "What was long ago" in past
    assert "The first of the two" not in past


async def test_a_long_list_goes_on(db, web, monkeypatch):
    monkeypatch.setattr("forum.events.views.A_PAGE", 2)
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)
    for number in range(5):
        await an_event(db, category=category, title=f"Event with the number {number}", days=2 + number)
    for path in ("/events", "/events/past"):
        if path == "/events/past":
            await run(db, "UPDATE event SET starts_at = starts_at - interval '9 d', ends_at = ends_at - interval '9 d'")
        found, link = [], path
        while link:
            page = (await web.get(link)).text
            found += re.findall(r"Event with the number (\d)<", page)
            link = unescape((re.findall(r'rel="next" href="([^"]*)"', page) or [""])[0])
        assert found == (["0", "1", "2", "3", "4"] if path == "/events" else ["4", "3", "2", "1", "0"])


async def test_one_says_that_one_comes_with_a_button_and_members_see_who_does(db, web):
    ann = await sign_in_as(web, db, await a_member(db, name="Ann Lee"))
    category = await a_category(db, read_by="everyone")
    thread_id = await an_event(db, category=category)

    answer = await web.post(f"/events/{thread_id}/coming", data={"coming": "yes"})
    page = (await web.get(answer.headers["location"])).text
    assert "You are coming. 1 person is coming: " in page
    assert f'<a href="/people/{ann.handle}">Ann Lee</a>' in page

    web.cookies.clear()
    page = (await web.get(f"/t/{thread_id}")).text
    assert "1 person is coming." in page
    assert "Ann Lee" not in page
    assert "I will come" not in page


@pytest.mark.parametrize(
    ("wish", "muted", "said"), [("each", False, "Every message"), ("none", False, "Follow"), ("each", True, "Muted")]
)
async def test_the_page_says_at_once_how_whoever_comes_follows_it(db, web, drain, wish, muted, said):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(db)
    await wishes(db, ann, replying=wish)
    if muted:
        await follows(db, ann, "thread", thread_id, "muted")

    for coming in ("yes", "yes", "no", "yes"):
        answer = await web.post(f"/events/{thread_id}/coming", data={"coming": coming})
        page = await web.get(answer.headers["location"])
        shown = re.search(rf'id="level-thread-{thread_id}">(?:<svg.*?</svg>)?\s*([\w ]+)', page.text)[1]
        assert shown == (said if coming == "yes" or muted else "Follow")
    before = await rows(db, "SELECT f.level, f.reason FROM follow f WHERE f.member_id = :id", id=ann.id)
    await drain()
    assert await rows(db, "SELECT f.level, f.reason FROM follow f WHERE f.member_id = :id", id=ann.id) == before


async def test_when_and_where_are_changed_in_a_form_and_a_change_in_between_is_shown(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(db, author=ann)
    path = f"/events/{thread_id}/edit"
    moved = {name: getattr(facts(days=6, place="Room 4"), name) for name in ("starts", "ends", "time_zone", "place")}

    assert (await web.get(path)).status_code == 200
    assert (await web.post(path, data=moved | {"version": "1"})).status_code == 303
    again = await web.post(path, data=moved | {"version": "1", "place": "Room 5"})
    assert again.status_code == 409
    assert 'value="Room 5"' in again.text
    assert 'name="version" value="2"' in again.text
    assert (await web.post(path, data=moved | {"version": "2", "ends": ""})).status_code == 422

    assert "those who are coming hear of it by email" in (await web.get(path)).text
    for word, is_cancelled in (("yes", True), ("no", False)):
        answer = await web.post(f"/events/{thread_id}/cancel", data={"cancelled": word})
        page = await web.get(answer.headers["location"])
        assert "Whoever is coming hears of it by email in ten minutes." in page.text
        assert (await queries.event(db, ann, thread_id)).is_cancelled is is_cancelled


def differing(page: str) -> dict[str, tuple[str, str]]:
    """By field what stands there now, and what was typed."""
    found = re.findall(
        r"<li>([\w ]+)<dl><div><dt>Now</dt><dd>(.*?)</dd></div><div><dt>Yours</dt><dd>(.*?)</dd>", unescape(page)
    )
    return {name: (now, yours) for name, now, yours in found}


async def test_what_somebody_else_saved_stands_beside_what_was_typed_until_either_is_kept(db, web):
    staff = await a_member(db, role="admin")
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(db, author=ann)
    path = f"/events/{thread_id}/edit"
    told = {"starts": "2027-05-04T10:00", "ends": "2027-05-04T11:30", "time_zone": "America/Chicago"}
    theirs = Facts(**told | {"ends": "2027-05-04T12:00", "place": "Room 4"})
    await commands.change(db, staff, thread_id, theirs, 1)

    refused = await web.post(path, data=told | {"link": "https://meet.example/2", "version": "1"})
    assert refused.status_code == 409
    assert differing(refused.text) == {
        "Begins": ("May 4, 2027, 10:00 AM", "May 4, 2027, 10:00 AM"),
        "Ends": ("May 4, 2027, 12:00 PM", "May 4, 2027, 11:30 AM"),
        "Time zone": ("Central time", "Central time"),
        "Link": ("None", "https://meet.example/2"),
    }
    assert "This was changed since you opened it." in refused.text
    assert 'value="Room 4"' in refused.text  # what was not touched is in the form as it stands now
    assert "canceled meanwhile" not in refused.text
    assert f'href="{(await queries.event(db, ann, thread_id)).path}#event">Keep what stands now</a>' in refused.text
    assert (await queries.event(db, ann, thread_id)).facts == theirs

    mine = told | {"place": "Room 4", "link": "https://meet.example/2"}
    assert (await web.post(path, data=mine | {"version": "2"})).status_code == 303
    assert (await queries.event(db, ann, thread_id)).facts == Facts(**mine)
    assert differing((await web.get(path)).text) == {}


async def test_a_form_that_will_not_do_also_shows_what_was_saved_meanwhile(db, web):
    staff = await a_member(db, role="admin")
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(db, author=ann)
    path, typed = f"/events/{thread_id}/edit", facts(days=6, time_zone="America/Denver")
    fields = {"starts": typed.starts, "ends": "", "time_zone": typed.time_zone, "version": "1"}
    await commands.change(db, staff, thread_id, facts(days=5, place="Room 4"), 1)

    answer = await web.post(path, data=fields)

    assert answer.status_code == 422
    assert differing(answer.text)["Time zone"] == ("Central time", "Mountain time")
    assert 'name="version" value="2"' in answer.text


async def test_who_changes_an_event_that_was_canceled_or_not_any_more_meanwhile_is_told_so(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(db, author=ann)
    path, moved = f"/events/{thread_id}/edit", facts(days=6)
    typed = {name: getattr(moved, name) for name in ("starts", "ends", "time_zone", "place", "link")}

    await commands.cancel(db, ann, thread_id, is_cancelled=True)
    assert "It was canceled meanwhile" in (await web.post(path, data=typed | {"version": "1"})).text
    await commands.cancel(db, ann, thread_id, is_cancelled=False)
    assert "takes place after all now" in (await web.post(path, data=typed | {"version": "2"})).text
    both = await web.post(path, data=typed | {"version": "1"})
    assert both.status_code == 303
    assert (await queries.event(db, ann, thread_id)).facts == moved


async def test_a_version_that_never_was_is_refused(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(db, author=ann)
    moved = facts(days=6)

    answer = await web.post(
        f"/events/{thread_id}/edit",
        data={"starts": moved.starts, "ends": moved.ends, "time_zone": moved.time_zone, "version": "9" * 18},
    )

    assert answer.status_code == 409


async def test_a_thread_of_the_kind_without_a_time_asks_its_author_for_it_and_nobody_else(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await a_thread(db, author=ann, kind="event")
    assert f"/events/{thread_id}/edit" in (await web.get(f"/t/{thread_id}")).text

    assert "America/Chicago" in (await web.get(f"/events/{thread_id}/edit")).text
    await sign_in_as(web, db, await a_member(db))
    assert "When and where" not in (await web.get(f"/t/{thread_id}")).text
    assert (await web.get(f"/events/{thread_id}/edit")).status_code == 403


async def test_a_calendar_takes_the_event_as_a_file(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await an_event(
        db, author=ann, title="Filters, and what they see", place="Austin, Texas", link="https://meet.example/a"
    )
    await run(
        db,
        """
        UPDATE event SET starts_at = '2027-05-04 15:00+00', ends_at = '2027-05-04 16:30+00', starts_on = '2027-05-04'
        """,
    )

    answer = await web.get(f"/events/{thread_id}.ics")

    text = answer.text.replace("\r\n ", "")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="event-{thread_id}.ics"'
    post_id = await value(db, "SELECT e.post_id FROM event e")
    for line in (
        f"UID:event-{post_id}@forum.example",
        "DTSTART:20270504T150000Z",
        "DTEND:20270504T163000Z",
        "SUMMARY:Filters\\, and what they see",
        "LOCATION:Austin\\, Texas",
        "SEQUENCE:0",
    ):
        assert f"{line}\r\n" in text
    assert "https://meet.example/a" in text

    await commands.cancel(db, ann, thread_id, is_cancelled=True)
    after = (await web.get(f"/events/{thread_id}.ics")).text
    assert "STATUS:CANCELLED\r\n" in after
    assert "SEQUENCE:1\r\n" in after
    assert f"UID:event-{post_id}@forum.example" in after


@pytest.mark.parametrize("path", ["/events/{}.ics", "/events/{}/edit", "/events/{}/coming", "/events/{}/cancel"])
async def test_what_may_not_be_read_is_as_if_it_were_not_there(db, web, path):
    await sign_in_as(web, db, await a_member(db))
    hidden = await an_event(db)
    await run(db, "UPDATE category SET read_by = 'staff'")

    for thread_id in (hidden, 10**9):
        address = path.format(thread_id)
        forms = {"coming": "yes"} if "coming" in path else {"cancelled": "yes"}
        is_post = "coming" in path or "cancel" in path
        answer = await (web.post(address, data=forms) if is_post else web.get(address))
        assert answer.status_code == 404


async def test_what_was_typed_is_kept_and_found_under_drafts(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db, name="Meetings")
    typed = sent(category, place="Room 4", time_zone="America/Denver")

    assert (await web.post("/drafts", data=typed | {"draft_key": "event"})).status_code == 204

    assert '<a class="draft-title" href="/events/new" data-open>Filters' in (await web.get("/drafts")).text
    page = (await web.get("/events/new")).text
    for name in ("starts", "ends", "place", "link"):
        assert f'value="{typed[name]}"' in page
    assert '<option value="America/Denver" selected>' in page
    assert f'<option value="{category}" selected>' in page
    assert "Your draft of" in page


async def test_whoever_is_elsewhere_reads_their_own_time_beside(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    category = await a_category(db, read_by="everyone")
    thread_id = await an_event(db, author=ann, category=category, days=5, time_zone="America/New_York")
    await wishes(db, ann, time_zone="America/Denver")

    for path in ("/events", f"/t/{thread_id}"):
        assert " Mountain time</time>" in unescape((await web.get(path)).text)

    await wishes(db, ann, time_zone="America/New_York")
    assert "For you" not in (await web.get("/events")).text
    web.cookies.clear()
    assert "For you" not in (await web.get(f"/t/{thread_id}")).text


async def test_what_waits_for_a_moderator_is_found_under_drafts(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db, holds_first_posts=True)

    answer = await web.post("/events/new", data=sent(category, place="Room 4"))

    assert answer.headers["location"] == "/drafts?notice=held"
    page = (await web.get("/drafts")).text
    assert "Filters, and what they see" in page
    assert "Central time\nRoom 4\nhttps://meet.example/1</p>" in page


async def test_a_page_that_holds_the_answer_is_shown_once_with_everything_typed(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)
    await run(
        db,
        """
        INSERT INTO watched_word (words, act, sentence, path)
        VALUES ('charger', 'link', 'Chargers are swapped each spring.', '/t/1')
        """,
    )
    typed = sent(category, body="Bring one charger.", place="Room 4")

    advised = await web.post("/events/new", data=typed)

    assert "Chargers are swapped each spring." in advised.text
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', advised.text))
    assert again["place"] == "Room 4"
    assert await value(db, "SELECT count(*) FROM thread") == 0
    fields = {name: unescape(text) for name, text in again.items() if name != "token"}
    answer = await web.post("/events/new", data=typed | fields)
    assert answer.headers["location"].startswith("/t/")


@pytest.mark.parametrize("coming", ["yes", "no"])
@pytest.mark.parametrize("what", ["over", "canceled"])
async def test_a_page_that_was_opened_before_it_was_over_or_canceled_leads_back_to_the_event(db, web, what, coming):
    ann, author = await sign_in_as(web, db, await a_member(db)), await a_member(db)
    thread_id = await an_event(db, author=author)
    await commands.come(db, ann, thread_id, is_coming=coming == "no")
    if what == "over":
        await over(db, thread_id)
    else:
        await commands.cancel(db, author, thread_id, is_cancelled=True)

    answer = await web.post(f"/events/{thread_id}/coming", data={"coming": coming})

    assert answer.status_code == 303
    assert answer.headers["location"].endswith("#event")
    page = unescape((await web.get(answer.headers["location"].partition("#")[0])).text)
    assert f"This event {'is over' if what == 'over' else 'was canceled'}, so nothing was changed." in page
    assert (await queries.event(db, ann, thread_id)).is_coming is (coming == "no")


async def test_what_was_never_allowed_is_refused(db, web):
    thread_id = await an_event(db, category=await a_category(db, read_by="everyone"))

    assert (await web.post(f"/events/{thread_id}/coming", data={"coming": "yes"})).status_code == 403
