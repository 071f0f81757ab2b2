"""Everybody looks at everything: nobody sees what is not theirs to see, and all that is theirs is found."""

from collections.abc import Iterator

import pytest

from forum.kit.tools import Tools
from tests.routes import requests
from tests.walker import built, canaries
from tests.walker.addresses import some_addresses
from tests.walker.crawl import Walk, walk
from tests.walker.doors import DOORS, nobody
from tests.walker.outcome import is_open, is_refused, is_there
from tests.walker.scene import Scene, a_scene
from tests.walker.seen import MUST, RULES

pytestmark = pytest.mark.xdist_group("walker")


async def test_nobody_sees_what_is_not_theirs_and_everything_is_seen_by_somebody(tools: Tools):
    scene = await a_scene(tools)
    few = list(some_addresses(scene.world, list(scene.who.values()), "GET"))
    walks = {}
    for name in scene.who:
        async with scene.browser(name) as web:
            walks[name] = await walk(web, scene.world, few)

    wrong = [*leaked(scene, walks), *unseen(scene, walks), *wrong_doors(scene, walks), *closed_doors(walks, "GET")]
    assert "\n".join(sorted({*wrong, *unlike(walks)})) == ""


def leaked(scene: Scene, walks: dict[str, Walk]) -> Iterator[str]:
    for name, found in walks.items():
        for word, url in found.seen.items():
            planted = scene.world.planted[word]
            if not RULES[planted.column](scene.world, scene.who[name], planted.row):
                yield f"{name} saw {planted.column} at {url}"


def unseen(scene: Scene, walks: dict[str, Walk]) -> Iterator[str]:
    seen = {word for found in walks.values() for word in found.seen}
    for word, planted in scene.world.planted.items():
        rule = MUST.get(planted.column)
        if rule is None or word in seen:
            continue
        witnesses = [name for name, w in scene.who.items() if rule(scene.world, w, planted.row)]
        if witnesses:
            yield f"{planted.column} of {planted.row.get('id')} was not seen by {witnesses}"


def wrong_doors(scene: Scene, walks: dict[str, Walk]) -> Iterator[str]:
    """Where the forum's answer is not the one that the table of doors says."""
    for name, found in walks.items():
        for method, address, answer in found.doors:
            may = DOORS[f"{method} {address.pattern}"](scene.world, scene.who[name], address.places)
            if not (is_there(answer) if may else is_refused(answer)):
                said = answer.headers.get("location", "")
                yield f"{method} {address.pattern} for {name}: {may=}, {answer.status_code} {said} {address.places}"


def unlike(walks: dict[str, Walk]) -> Iterator[str]:
    """Routes that miss one thing otherwise than another: so one could tell what is hidden from what never was."""
    for name, found in walks.items():
        for route, pages in found.absent.items():
            if len(pages) > 1:
                yield f"{route} for {name} is missing in {len(pages)} ways"


def closed_doors(walks: dict[str, Walk], method: str) -> Iterator[str]:
    """Doors that nobody came through: the walk was blind behind them."""
    opened = {
        f"{verb} {address.pattern}"
        for found in walks.values()
        for verb, address, answer in found.doors
        if is_open(answer)
    }
    for row, door in DOORS.items():
        if row.startswith(method) and door is not nobody and row not in opened:
            yield f"{row} opened for nobody"


def test_every_route_has_a_row_in_the_table_of_doors():
    rows = {f"{method} {pattern}" for method, pattern in requests()}

    assert sorted(rows - set(DOORS)) == [], "Say in tests/walker/doors.py who may open it."
    assert sorted(set(DOORS) - rows) == [], "There is no such route any more: drop its row in tests/walker/doors.py."


async def test_every_text_column_has_a_rule_and_a_canary(db):
    who = await built.people(db)
    await built.build(db, who)
    columns = {f"{table}.{column}" for table, column in await canaries.text_columns(db)}
    planted = {place.column for place in (await canaries.plant(db)).values()}

    assert sorted(columns - set(RULES)) == [], "say in tests/walker/seen.py who may see it"
    assert sorted(columns - planted) == [], "add a row that holds it to tests/walker/built.py"
