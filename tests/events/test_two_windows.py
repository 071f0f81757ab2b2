"""An event that is changed in two windows: what only one of them changed is saved, and who changed the same chooses."""

import asyncio
import re
from dataclasses import asdict, replace
from html import unescape

import pytest

from forum.events import commands, queries
from forum.events.types import Facts
from forum.kit.db import rows, value
from forum.kit.errors import Stale
from tests.events.scenes import an_event, facts
from tests.events.test_pages import differing
from tests.factories import a_member, a_thread, sign_in_as

OLD = Facts("2031-05-04T10:00", "2031-05-04T11:30", "America/Chicago", "Room 4", "https://meet.example/1")
DENVER = {"time_zone": "America/Denver"}
TIMES = {"Begins", "Ends", "Time zone"}


async def of(db, ann) -> int:
    """The thread of an event that says that, in its first version."""
    return await an_event(db, author=ann, **asdict(OLD))


async def stands(db, ann, thread_id) -> Facts:
    return (await queries.event(db, ann, thread_id)).facts


def in_form(page: str) -> dict[str, str]:
    """What the form holds, by field."""
    form = page.partition('id="form"')[2].partition("</form>")[0]
    typed = {name: text for text, name in re.findall(r'value="([^"]*)"[^>]* name="(\w+)"', form)}
    zone = re.search(r'<option value="([^"]*)" selected', form)[1]
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    return {name: unescape(text) for name, text in (typed | {"time_zone": zone, "version": version}).items()}


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ({"place": "Room 5"}, {"starts": "2031-05-04T10:30"}),
        ({"place": "Room 5"}, {"link": ""}),
        ({"starts": "2031-05-04T10:30", **DENVER}, {"place": ""}),
        ({"ends": "2031-05-04T12:00"}, {"place": "Room 5", "link": "https://meet.example/2"}),
        ({"place": "Room 5"}, {"place": "Room 5", "ends": "2031-05-04T12:00"}),
        ({"place": "Room 5"}, {}),
    ],
)
async def test_what_only_one_changed_is_saved_at_once_and_twice_is_once(db, web, theirs, mine):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await of(db, ann)
    path = f"/events/{thread_id}/edit"
    older = in_form((await web.get(path)).text)
    assert older == asdict(OLD) | {"version": "1"}
    await commands.change(db, ann, thread_id, replace(OLD, **theirs), 1)

    for _ in range(2):
        answer = await web.post(path, data=older | mine)
        assert answer.status_code == 303

    assert await stands(db, ann, thread_id) == replace(OLD, **theirs | mine)
    assert (await queries.event(db, ann, thread_id)).version == (3 if mine else 2)


@pytest.mark.parametrize(
    ("theirs", "mine", "listed"),
    [
        ({"place": "Room 5"}, {"place": "Room 6", "link": ""}, {"Place"}),
        ({"place": "Room 5", "link": ""}, {"place": "Room 6"}, {"Place"}),
        ({"ends": "2031-05-04T12:00"}, {"starts": "2031-05-04T10:30"}, TIMES),
        (DENVER, {"starts": "2031-05-04T10:30", "place": ""}, TIMES),
        ({"starts": "2031-05-04T10:30", "place": "Room 5"}, {**DENVER, "place": "Room 6"}, {*TIMES, "Place"}),
    ],
)
async def test_only_what_both_changed_is_listed_and_the_form_has_all_else_as_it_stands(db, web, theirs, mine, listed):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await of(db, ann)
    path = f"/events/{thread_id}/edit"
    older = in_form((await web.get(path)).text)
    await commands.change(db, ann, thread_id, replace(OLD, **theirs), 1)

    page = await web.post(path, data=older | mine)

    assert page.status_code == 409
    assert set(differing(page.text)) == listed
    assert "This was changed since you opened it." in page.text
    assert await stands(db, ann, thread_id) == replace(OLD, **theirs)
    form = in_form(page.text)
    kept = {name: theirs[name] for name in theirs if name in ("place", "link") and name not in mine}
    assert form == asdict(replace(OLD, **mine | kept)) | {"version": "2"}
    assert (await web.post(path, data=form)).status_code == 303
    assert asdict(await stands(db, ann, thread_id)) | {"version": "2"} == form


async def test_what_will_not_do_stands_in_the_form_over_what_was_saved_meanwhile(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread_id = await of(db, ann)
    await commands.change(db, ann, thread_id, replace(OLD, place="Room 5"), 1)

    page = await web.post(f"/events/{thread_id}/edit", data=asdict(OLD) | {"version": "1", "ends": "9999-05-04T12:00"})

    assert page.status_code == 422
    assert "Say when it ends: a day and a time from 2000 to 2099." in page.text
    assert "This was changed" not in page.text
    assert in_form(page.text) == asdict(replace(OLD, place="Room 5", ends="9999-05-04T12:00")) | {"version": "2"}


async def test_where_nobody_knows_what_the_form_had_shown_all_of_it_counts_as_changed(db):
    ann = await a_member(db)
    thread_id = await of(db, ann)
    await commands.change(db, ann, thread_id, replace(OLD, place="Room 5"), 1)

    for version in (3, 10**17, 0):
        with pytest.raises(Stale):
            await commands.change(db, ann, thread_id, replace(OLD, starts="2031-05-04T10:30"), version)
        await commands.change(db, ann, thread_id, replace(OLD, place="Room 5"), version)
    assert (await queries.event(db, ann, thread_id)).version == 2


async def test_two_who_say_for_the_first_time_when_it_is_agree_or_choose(db):
    ann = await a_member(db)
    thread_id = await a_thread(db, author=ann, kind="event")
    await commands.change(db, ann, thread_id, OLD, 0)

    await commands.change(db, ann, thread_id, replace(OLD, place="", link=""), 0)
    with pytest.raises(Stale):
        await commands.change(db, ann, thread_id, facts(days=3), 0)

    assert await stands(db, ann, thread_id) == OLD
    with pytest.raises(Stale):  # of a thread whose event went elsewhere
        await commands.change(db, ann, await a_thread(db, author=ann, kind="event"), OLD, 1)


async def test_an_untouched_time_stays_what_it_is_to_the_second(db):
    ann = await a_member(db)
    thread_id = await of(db, ann)

    await commands.change(db, ann, thread_id, replace(OLD, starts=f"{OLD.starts}:00", place="Room 5"), 1)
    await commands.change(db, ann, thread_id, replace(OLD, starts=f"{OLD.starts}:00.000", link=""), 1)

    assert await stands(db, ann, thread_id) == replace(OLD, place="Room 5", link="")


async def test_what_several_change_at_the_same_moment_is_all_saved(db):
    ann = await a_member(db)
    thread_id = await of(db, ann)
    changes = [{"place": "Room 5"}, {"link": ""}, {"ends": "2031-05-04T12:00"}]

    await asyncio.gather(
        *(commands.change(db, ann, thread_id, replace(OLD, **change), 1) for change in changes for _ in range(2))
    )

    assert await stands(db, ann, thread_id) == replace(OLD, place="Room 5", link="", ends="2031-05-04T12:00")
    assert (await queries.event(db, ann, thread_id)).version == 4


async def test_of_two_who_change_the_same_at_the_same_moment_one_chooses(db):
    ann = await a_member(db)
    thread_id = await of(db, ann)

    ends = await asyncio.gather(
        *(commands.change(db, ann, thread_id, replace(OLD, place=place), 1) for place in ("Room 5", "Room 6")),
        return_exceptions=True,
    )

    assert sorted(type(end) for end in ends if end) == [Stale]
    assert (await queries.event(db, ann, thread_id)).version == 2


async def test_nothing_is_left_of_a_change_over_another_that_rolled_back(db):
    ann = await a_member(db)
    thread_id = await of(db, ann)
    await commands.change(db, ann, thread_id, replace(OLD, place="Room 5"), 1)

    async with db.transaction(force_rollback=True):
        await commands.change(db, ann, thread_id, replace(OLD, link=""), 1)

    assert await stands(db, ann, thread_id) == replace(OLD, place="Room 5")
    assert await value(db, "SELECT count(*) FROM event_before") == 1


async def test_what_it_was_before_each_of_both_is_kept(db):
    ann = await a_member(db)
    thread_id = await of(db, ann)
    await commands.change(db, ann, thread_id, replace(OLD, place="Room 5"), 1)
    await commands.change(db, ann, thread_id, replace(OLD, link=""), 1)

    kept = await rows(db, "SELECT b.version, b.place, b.link FROM event_before b ORDER BY b.version")
    assert [tuple(row.values()) for row in kept] == [(1, "Room 4", OLD.link), (2, "Room 5", OLD.link)]
