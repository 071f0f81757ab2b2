"""The world with its people signed in, for tests that walk through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property

import httpx
from starlette.applications import Starlette

from forum.app import build as build_app
from forum.kit.db import run
from forum.kit.tools import Tools
from forum.members import sign_in
from forum.search.jobs import index_changes
from tests import tokened
from tests.walker import built, canaries, people
from tests.walker.people import Walker, World


@dataclass
class Scene:
    """The world with a canary in each text, who walks through it, and what each one's cookie holds."""

    tools: Tools
    world: World
    who: dict[str, Walker]
    tokens: dict[str, str]

    @cached_property
    def app(self) -> Starlette:
        """One for all of them: its templates are read once."""
        return build_app(self.tools)

    @asynccontextmanager
    async def browser(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser in which `name` is signed in."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://forum.example",
            event_hooks=tokened.HOOKS,
            headers={"accept-encoding": "identity"},
        ) as web:
            self.sign_in(web, name)
            yield web

    def sign_in(self, web: httpx.AsyncClient, name: str) -> None:
        web.cookies.clear()
        if name in self.tokens:
            web.cookies.set("session", self.tokens[name])


async def a_scene(tools: Tools) -> Scene:
    """Everything built, signed in, planted and to be found; no job waits."""
    who = await built.people(tools.db)
    await built.build(tools.db, who)
    tokens = {
        name: await sign_in.start_session(tools.db, w.member_id, "Test", has_second_factor=True)
        for name, w in who.items()
        if w.member_id and not w.is_out
    }
    planted = await canaries.plant(tools.db)
    await index_changes(tools)
    await run(tools.db, "DELETE FROM pgqueuer")
    world = await people.read_world(tools.db)
    world.planted = planted
    return Scene(tools, world, who, tokens)
