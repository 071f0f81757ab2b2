"""Where the reader of the list goes on when a line is done."""

import re

import pytest

from forum.notifications import queries
from tests.factories import a_member, a_thread, sign_in_as
from tests.notifications.scenes import a_told_reply, follows_thread

LINES = re.compile(r'id="told-(\d+)".*?name="next" value="([^"]*)".*?name="next" value="([^"]*)"', re.S)


def without_undo(answer) -> str:
    """Where an answer leads, but for the button that it shows there."""
    return re.sub("&undo=[^#]*", "", answer.headers["location"])


async def told_of(tools, member, threads) -> list[int]:
    """The ids of the member's notifications of so many threads, as the list shows them."""
    for _ in range(threads):
        thread = await a_thread(tools.db)
        await follows_thread(tools.db, member, thread)
        await a_told_reply(tools, thread)
    return [line.id for line in await queries.new_lines(tools.db, member)]


async def test_each_line_leads_to_the_next_and_the_last_one_back(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    one, two, three = await told_of(tools, ann, 3)

    found = LINES.findall((await web.get("/notifications")).text)

    expected = [(one, two), (two, three), (three, two)]
    assert found == [(str(line), *[f"/notifications#done-{beside}"] * 2) for line, beside in expected]


async def test_the_only_line_leads_to_the_heading(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await told_of(tools, ann, 1)

    page = (await web.get("/notifications")).text

    assert [line[1:] for line in LINES.findall(page)] == [("/notifications#told", "/notifications#told")]
    assert '<h1 id="told" tabindex="-1">' in page


async def test_done_and_mute_lead_there_and_a_later_page_stays(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    one, two, *_ = await told_of(tools, ann, 3)
    later = f"/notifications?from={10**15}.5"
    sent = {"until": str(10**16), "next": f"/notifications#done-{two}"}

    done = await web.post(f"/notifications/{one}/done", data=sent)
    assert without_undo(done) == f"/notifications?notice=told-done#done-{two}"
    assert "<p>Marked done.</p>" in (await web.get(without_undo(done))).text
    muted = await web.post(f"/notifications/{two}/mute", data={"next": f"{later}#done-1"})
    assert without_undo(muted) == f"{later}&notice=muted#done-1"
    all_done = await web.post("/notifications/done", data={"until": str(10**16), "next": "/notifications#told"})
    assert without_undo(all_done) == "/notifications?notice=all-done#told"


@pytest.mark.parametrize("place", ["", "https://evil.example", "//evil.example#x", "/notifications/done#x", "/ask"])
async def test_a_place_elsewhere_is_not_gone_to(db, tools, web, place):
    ann = await sign_in_as(web, db, await a_member(db))
    [its] = await told_of(tools, ann, 1)

    answer = await web.post(f"/notifications/{its}/done", data={"until": "1", "next": place})

    assert answer.headers["location"] == "/notifications"
