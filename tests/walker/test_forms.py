"""Everybody sends every form about everything: no answer and no mail that follows holds what is not theirs to see.

Each form is sent inside a transaction that is rolled back, together with the jobs that follow it, so that the world
stays as it was.
"""

import json
from collections.abc import Iterator

import httpx
import pytest

from forum.kit.db import rows
from forum.kit.outbox import EVENT
from forum.kit.tools import Tools
from forum.wiring import REACTIONS
from forum.worker import name_of
from tests.walker.addresses import Address, some_addresses
from tests.walker.crawl import Walk
from tests.walker.forms import Filled, fillings, unknown_fields
from tests.walker.mails import JOBS
from tests.walker.people import Walker
from tests.walker.scene import Scene, a_scene
from tests.walker.test_mails import leaked as leaked_by_mail
from tests.walker.test_walker import closed_doors, leaked, unlike, wrong_doors

pytestmark = pytest.mark.xdist_group("walker")


async def test_no_form_tells_what_is_not_for_who_sends_it_nor_for_who_gets_mail_of_it(tools: Tools):
    scene = await a_scene(tools)
    few = list(some_addresses(scene.world, list(scene.who.values()), "POST"))
    walks: dict[str, Walk] = {}
    mail_leaks: set[str] = set()
    for name, who in scene.who.items():
        walks[name] = Walk()
        async with scene.browser(name) as web:
            for address, filled in each_form(scene, who, few):
                mail_leaks |= await send(scene, web, walks[name], address, filled)
                scene.sign_in(web, name)

    wrong = [*leaked(scene, walks), *mail_leaks, *wrong_doors(scene, walks), *closed_doors(walks, "POST")]
    assert "\n".join(sorted({*wrong, *unlike(walks)})) == ""


def each_form(scene: Scene, who: Walker, few: list[Address]) -> Iterator[tuple[Address, Filled]]:
    """Every form of every address; once for each route also with fields that name what `who` may not see."""
    tried = set()
    for address in few:
        for filled in fillings(scene.world, who, address):
            if not filled.names_hidden or address.pattern not in tried:
                yield address, filled
        tried.add(address.pattern)


async def send(scene: Scene, web: httpx.AsyncClient, walk: Walk, address: Address, filled: Filled) -> set[str]:
    """Send one form, let its jobs run, and take everything back. Returns what mails told wrongly."""
    async with scene.tools.db.transaction(force_rollback=True):
        answer = await web.post(address.url, data=filled.fields)
        walk.note(address.url, answer, said=str(filled.fields))
        if not filled.names_hidden:
            walk.open(address, answer)
        return await follow(scene, str(filled.fields))


async def follow(scene: Scene, said: str) -> set[str]:
    """Run the jobs that wait, and those that follow them. Returns what their mails told wrongly."""
    leaks = set()
    while waiting := await rows(scene.tools.db, "DELETE FROM pgqueuer RETURNING entrypoint, payload"):
        for row in waiting:
            payload = json.loads(row["payload"])
            jobs = REACTIONS[payload["event"]] if row["entrypoint"] == EVENT else [JOBS[row["entrypoint"]]]
            for job in jobs:
                scene.tools.mailer.sent.clear()
                await job(scene.tools, **payload.get("payload", payload))
                for mail in scene.tools.mailer.sent:
                    leaks |= {*leaked_by_mail(scene.world, name_of(job), mail, said)}
    return leaks


def test_every_field_of_a_form_is_filled_or_said_to_stay_empty():
    assert sorted(unknown_fields()) == [], "Say in tests/walker/forms.py what it holds."
