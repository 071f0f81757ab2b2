"""Settings that stand open in two windows: of each field, what its reader changed is saved, and all else stays."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs

import pytest

from forum.following.choices import BLOCKS
from forum.following.types import Wishes
from forum.following.wish_form import INCOMPLETE, as_shown
from forum.following.wishes import break_day, change_wishes, pause, stop_all, wishes
from tests.factories import a_member, sign_in_as
from tests.following.scenes import wishes as wished

HOME = "/settings/following"
MOVED = ("followed", *(block for block in BLOCKS if block != "followed"))
LATER = break_day() + timedelta(60)
ELSEWHERE = [
    {"stops_all": True},
    {"paused_until": LATER},
    {"days": (2, 4)},
    {"blocks": MOVED},
    {"blocks": ("events", "renewals")},
    {"keeps_quiet": False},
    {"mails_read": True},
    {"time_zone": "America/Denver"},
    {"asking": "none", "replying": "web", "mentioned": "digest"},
]


async def opened(web) -> dict[str, list[str]]:
    """The form of a window that is opened now, as it is sent when nobody touches it."""
    return untouched((await web.get(HOME)).text)


def untouched(page: str) -> dict[str, list[str]]:
    shown = unescape(re.search(r'name="shown" value="([^"]*)"', page)[1])
    return {**parse_qs(shown, keep_blank_values=True), "shown": [shown]}


def as_sent(shown: Wishes, sent: Wishes) -> dict[str, list[str]]:
    """The form that showed one, and was changed into the other."""
    return {**parse_qs(as_shown(sent), keep_blank_values=True), "shown": [as_shown(shown)]}


async def saved(web, form, **fields) -> None:
    answer = await web.post(HOME, data=form | fields)
    assert answer.headers["location"] == f"{HOME}?notice=saved"


@pytest.mark.parametrize("change", ELSEWHERE)
async def test_what_another_window_saved_stays_when_an_older_one_saves_something_else(db, web, change):
    ann = await sign_in_as(web, db, await a_member(db))
    newer, older = await opened(web), await opened(web)
    await saved(web, as_sent(Wishes(ann.id), replace(Wishes(ann.id), **change)) | {"shown": newer["shown"]})

    for _ in range(2):
        await saved(web, older, hour="9")

    assert await wishes(db, ann.id) == replace(Wishes(ann.id), hour=9, **change)
    assert await opened(web) == as_sent(*[replace(Wishes(0), hour=9, **change)] * 2)


@pytest.mark.parametrize("act", [stop_all, pause])
async def test_what_was_stopped_or_paused_by_an_email_meanwhile_stays_so_and_the_page_says_it(db, web, act):
    ann = await sign_in_as(web, db, await a_member(db))
    older = await opened(web)
    await act(db, ann)
    silent = await wishes(db, ann.id)

    await saved(web, older, hour="9", days=["1"])

    assert await wishes(db, ann.id) == replace(silent, hour=9, days=(1,))
    page = (await web.get(HOME)).text
    assert silent.silence(break_day()) in page
    assert untouched(page)["stops_all"] == ["1" if silent.stops_all else ""]


async def test_whoever_takes_a_stop_and_a_pause_back_has_email_again(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await stop_all(db, ann)
    await pause(db, ann)

    await saved(web, await opened(web), stops_all="", paused_until="")

    assert await wishes(db, ann.id) == Wishes(ann.id)


async def test_where_both_changed_the_same_the_later_word_counts(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    older = await opened(web)
    await wished(db, ann, hour=17, days=[7], paused_until=LATER, asking="web")

    await saved(web, older, hour="9", days=["1", "2"], paused_until=f"{LATER + timedelta(1)}")

    assert await wishes(db, ann.id) == replace(
        Wishes(ann.id), hour=9, days=(1, 2), paused_until=LATER + timedelta(1), asking="web"
    )


async def test_what_many_windows_change_at_the_same_moment_is_all_saved(db):
    ann = await a_member(db)
    await asyncio.gather(
        *(change_wishes(db, ann, Wishes(ann.id), replace(Wishes(ann.id), **change)) for change in ELSEWHERE[:4]),
        *(act(db, ann) for act in (stop_all, stop_all)),
    )

    assert await wishes(db, ann.id) == Wishes(ann.id, stops_all=True, paused_until=LATER, days=(2, 4), blocks=MOVED)


async def test_nothing_is_left_of_a_change_that_rolled_back(db):
    ann = await a_member(db)
    async with db.transaction(force_rollback=True):
        await change_wishes(db, ann, Wishes(ann.id), Wishes(ann.id, hour=9))

    assert await wishes(db, ann.id) == Wishes(ann.id)


async def test_what_will_not_do_stands_in_the_form_over_what_was_saved_meanwhile(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    older = await opened(web)
    await wished(db, ann, stops_all=True, mails_read=True, time_zone="America/Denver")

    answer = await web.post(HOME, data=older | {"hour": "9", "days": []})

    assert answer.status_code == 422
    assert '<option value="9" selected>' in answer.text
    assert '<option value="America/Denver" selected>' in answer.text
    for name in ("stops_all", "mails_read"):
        assert f'name="{name}" value="1" checked' in answer.text
    again = untouched(answer.text)
    assert (again["hour"], again["stops_all"], again["mails_read"]) == (["6"], ["1"], ["1"])
    await saved(web, again, hour="9", days=["3"], mails_read="")
    assert await wishes(db, ann.id) == Wishes(
        ann.id, hour=9, days=(3,), time_zone="America/Denver", stops_all=True, mails_read=False
    )


async def test_a_break_that_ended_while_the_form_stood_open_does_not_stop_it(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await wished(db, ann, paused_until=break_day())
    over = replace(Wishes(ann.id), paused_until=break_day())

    await saved(web, as_sent(over, replace(over, hour=9)))

    assert await wishes(db, ann.id) == Wishes(ann.id, hour=9)


SHOWN = as_shown(Wishes(0, days=(1,), time_zone="America/Denver", paused_until=LATER, stops_all=True))
OTHER_TYPES = {
    "json": '{"stops_all": true}',
    "a list": "[]",
    "a number": "1",
    "another order": "&".join(reversed(SHOWN.split("&"))),
    "a field twice": f"{SHOWN}&asking=each",
    "a field too many": f"{SHOWN}&role=admin",
    "a day that is none": SHOWN.replace("days=1", "days=8"),
    "a day in words": SHOWN.replace("days=1", "days=one"),
    "an hour that is none": SHOWN.replace("hour=6", "hour=-1"),
    "a digit from elsewhere": SHOWN.replace("hour=6", "hour=%D9%A3"),
    "a break that is none": SHOWN.replace(f"{LATER}", "soon"),
    "a box of another value": SHOWN.replace("stops_all=1", "stops_all=2"),
    "a place that is none": SHOWN.replace("place_renewals=1", "place_renewals=7"),
    "no letters": SHOWN.replace("America", "%00%FF"),
    "too long": SHOWN + "&" * 20_000,
    "one box for all": "days=" * 30_000,
}


@pytest.mark.parametrize("shown", [None, "", *OTHER_TYPES.values()], ids=["missing", "empty", *OTHER_TYPES])
async def test_a_form_that_does_not_say_what_it_showed_saves_nothing_and_shows_what_holds(db, web, shown):
    ann = await sign_in_as(web, db, await a_member(db))
    await wished(db, ann, stops_all=True)
    sent = await opened(web) | {"stops_all": "", "hour": "9", "shown": shown}

    answer = await web.post(HOME, data={name: text for name, text in sent.items() if text is not None})

    assert answer.status_code == 422
    assert f'<a href="#how">{INCOMPLETE}</a>' in answer.text
    assert await wishes(db, ann.id) == Wishes(ann.id, stops_all=True)
    assert 'name="stops_all" value="1" checked' in answer.text
    await saved(web, untouched(answer.text), hour="9")
    assert await wishes(db, ann.id) == Wishes(ann.id, stops_all=True, hour=9)


async def test_wherever_it_was_cut_off_it_does_not_say_what_it_showed(web, db):
    await sign_in_as(web, db, await a_member(db))
    sent = await opened(web)

    for length in range(0, len(SHOWN), 7):
        assert (await web.post(HOME, data=sent | {"shown": SHOWN[:length]})).status_code == 422
    assert (await web.post(HOME, data=sent | {"shown": SHOWN[:-1]})).status_code == 422
    await saved(web, sent, shown=SHOWN)
