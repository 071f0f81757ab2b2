"""Where one goes on when a row of what one follows is removed or changed."""

import html
import re

import pytest

from tests.factories import a_member, sign_in_as
from tests.following.scenes import follows_topics

PLACES = re.compile(r'action="(/follow/[a-z]+/[0-9]+)">.*?name="next" value="(/settings/following[^"]*#drop-[^"]*)"')


async def test_whoever_removes_a_row_goes_on_at_the_one_beside_it_on_the_same_page(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await follows_topics(db, ann, 102)
    first, later = "/settings/following", "/settings/following?kind=topic&after=3"
    on_first = PLACES.findall((await web.get(first)).text)
    on_later = PLACES.findall((await web.get(later)).text)
    assert on_first[0] == ("/follow/topic/102", f"{first}#drop-topic-101")
    assert on_first[-1] == ("/follow/topic/3", f"{first}#drop-topic-4")
    later_place = html.escape(later)
    assert on_later == [
        ("/follow/topic/2", f"{later_place}#drop-topic-1"),
        ("/follow/topic/1", f"{later_place}#drop-topic-2"),
    ]

    answer = await web.post("/follow/topic/2", data={"level": "stop", "next": f"{later}#drop-topic-1"})

    assert answer.headers["location"].startswith(f"{later}&notice=topic-none&undo=")
    assert answer.headers["location"].endswith("#drop-topic-1")
    last = (await web.get(later)).text
    assert PLACES.findall(last) == []
    assert 'name="next" value="/settings/following#followed"' in last


@pytest.mark.parametrize(
    "place", ["https://evil.example/settings/following#x", "//evil.example", "/settings/followingx"]
)
async def test_a_place_elsewhere_is_not_gone_to(db, web, place):
    await sign_in_as(web, db, await a_member(db))

    answer = await web.post("/follow/everything", data={"level": "web", "next": place})

    assert answer.headers["location"].startswith(("/?notice", "/settings/following?notice"))
