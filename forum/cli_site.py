"""What verbs of the command line have in common: settings, the site's database, everything that jobs may reach."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from forum.kit.settings import Settings, load

if TYPE_CHECKING:
    from forum.kit.db import Database
    from forum.kit.tools import Tools

Result = TypeVar("Result")


class Refused(Exception):
    """A command will not do what was asked; the message says why and what to do."""


def the_settings(**overrides: object) -> Settings:
    """The settings of this command; what is None is as the environment has it. Raises BadSettings."""
    from forum.kit.log import configure

    settings = load(**{name: value for name, value in overrides.items() if value is not None})
    configure(settings.log)
    return settings


def with_tools(action: Callable[["Tools"], Awaitable[Result]]) -> Result:
    """The result of `action` with everything a job may reach; the database is brought up to date first."""

    async def equipped(url: str, settings: Settings) -> Result:
        from forum.serve import prepare, tools_for

        await prepare(url)
        async with tools_for(settings, url) as tools:
            return await action(tools)

    return run_with(equipped)


def with_database(action: Callable[["Database"], Awaitable[Result]]) -> Result:
    """The result of `action` on the site's database, brought up to date first."""

    async def connected(url: str, _: Settings) -> Result:
        from forum.kit.db import connect
        from forum.serve import prepare

        await prepare(url)
        async with connect(url) as db:
            return await action(db)

    return run_with(connected)


def run_with(action: Callable[[str, Settings], Awaitable[Result]], settings: Settings | None = None) -> Result:
    """The result of `action` with the address of the site's database, started for it where nobody runs it."""
    import asyncio

    from forum.serve import database

    settings = settings or the_settings()

    async def awaited(url: str) -> Result:
        return await action(url, settings)

    with database(settings) as url:
        return asyncio.run(awaited(url))
