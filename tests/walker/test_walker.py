"""Everybody looks at everything: nobody sees what is not theirs to see, and all that is theirs is found."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from forum.app import build as build_app
from forum.kit.tools import Tools
from forum.members import sign_in
from tests.walker import built, canaries, people
from tests.walker.crawl import Walk, walk
from tests.walker.people import Walker, World
from tests.walker.seen import MUST, RULES

pytestmark = pytest.mark.xdist_group("walker")


@dataclass
class Walked:
    """The world, and what each of its people saw."""

    world: World
    walks: dict[str, tuple[Walker, Walk]]


@pytest.fixture
async def walked(db, tools: Tools) -> Walked:
    who = await built.people(db)
    await built.build(db, who)
    tokens = {
        name: await sign_in.start_session(db, w.member_id, "Test", has_second_factor=True)
        for name, w in who.items()
        if w.member_id and not w.is_out
    }
    planted = await canaries.plant(db)
    world = await people.read_world(db)
    world.planted = planted
    walks = {}
    for name, walker in who.items():
        transport = httpx.ASGITransport(build_app(tools))
        async with httpx.AsyncClient(transport=transport, base_url="http://forum.example") as web:
            if name in tokens:
                web.cookies.set("session", tokens[name])
            walks[name] = (walker, await walk(web, world))
    return Walked(world, walks)


async def test_nobody_sees_what_is_not_theirs_and_everything_is_seen_by_somebody(walked: Walked):
    assert "\n".join(sorted(leaked(walked))) == ""
    assert "\n".join(sorted(unseen(walked))) == ""


def leaked(walked: Walked) -> Iterator[str]:
    for name, (walker, found) in walked.walks.items():
        for word, url in found.seen.items():
            planted = walked.world.planted[word]
            if not RULES[planted.column](walked.world, walker, planted.row):
                yield f"{name} saw {planted.column} at {url}"


def unseen(walked: Walked) -> Iterator[str]:
    seen = {word for _, found in walked.walks.values() for word in found.seen}
    for word, planted in walked.world.planted.items():
        rule = MUST.get(planted.column)
        if rule is None or word in seen:
            continue
        witnesses = [name for name, (w, _) in walked.walks.items() if rule(walked.world, w, planted.row)]
        if witnesses:
            yield f"{planted.column} of {planted.row.get('id')} was not seen by {witnesses}"


async def test_every_text_column_has_a_rule_and_a_canary(db):
    who = await built.people(db)
    await built.build(db, who)
    columns = {f"{table}.{column}" for table, column in await canaries.text_columns(db)}
    planted = {place.column for place in (await canaries.plant(db)).values()}

    assert sorted(columns - set(RULES)) == [], "say in tests/walker/seen.py who may see it"
    assert sorted(columns - planted) == [], "add a row that holds it to tests/walker/built.py"
