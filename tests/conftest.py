"""One PostgreSQL for the run, one database for each test process, emptied after each test (a few ms)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import cache, partial

import httpx
import pytest

from forum import app
from forum.app import build
from forum.kit.db import Database, connect, rows
from forum.kit.embedded import Embedded
from forum.kit.migrate import migrate
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.search import vocabulary
from forum.search.jobs import index_changes
from forum.threads.similar import forget_alike
from forum.worker import worker
from tests import tokened
from tests.compiled import CompiledOnce
from tests.fakes import FakeMailer

LONGEST = ("walker", "browser", "hostile")  # each is for one test process alone, and takes minutes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that at the end no process works alone."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    return LONGEST.index(group.args[0]) if group and group.args[0] in LONGEST else len(LONGEST)


@pytest.fixture(scope="session", autouse=True)
def _what_every_app_reads_is_read_once() -> Iterator[None]:
    """Each test builds apps of its own; their templates and static files are the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Templates", partial(app.Templates, bytecode_cache=CompiledOnce()))
        patch.setattr(app, "Assets", cache(app.Assets))
        yield


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of this test process's own, without fsync."""
    with Embedded(tmp_path_factory.mktemp("pg"), fsync=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def database_url(server_url: str) -> str:
    """The server's database with every migration, as each test finds it."""
    asyncio.run(_make(server_url))
    return server_url


async def _make(url: str) -> None:
    await migrate(url)
    async with connect(url) as database:
        await empty(database)  # a migration has queued a job


@pytest.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[Database]:
    """Connections that know every table and statement already: a test's first ones cost it most of its time."""
    async with connect(database_url) as database:
        yield database


@pytest.fixture
async def db(pool: Database) -> AsyncIterator[Database]:
    """What is remembered for a Database ends with its test."""
    database = Database(pool.url)
    database._backend._pool = pool._backend._pool
    database.is_connected = True
    yield database
    await empty(database)


async def empty(database: Database) -> None:
    """No rows anywhere but in the record of migrations."""
    tables = await rows(
        database, "SELECT relname FROM pg_stat_user_tables WHERE relname <> 'schema_migration' ORDER BY relname"
    )
    deletions = [f"DELETE FROM {table['relname']}" for table in tables]
    statements = ["SET LOCAL session_replication_role = replica", *deletions]  # no foreign-key order to keep
    async with database.connection() as connection:
        await connection.raw_connection.execute("; ".join(statements))  # one journey and one transaction for all


@pytest.fixture
def settings() -> Settings:
    return Settings(base_url="http://forum.example", smtp_url="smtp://127.0.0.1:1")


@pytest.fixture
def tools(db: Database, settings: Settings) -> Tools:
    return Tools(db=db, mailer=FakeMailer(), settings=settings)


@pytest.fixture
async def web(tools: Tools) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript; `tests.factories.sign_in_as(web, db, actor)` signs it in.

    Its forms carry the session's token by themselves, unless a test sends one: headers={"x-form-token": ""} is none.
    """
    transport = httpx.ASGITransport(build(tools))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://forum.example", event_hooks=tokened.HOOKS
    ) as client:
        yield client


@pytest.fixture
def drain(tools: Tools, database_url: str):
    """Runs the worker until no job is left."""

    async def run_all() -> None:
        await worker(database_url, tools).drain()

    return run_all


@pytest.fixture
def indexed(tools: Tools):
    """Brings what search goes through up to date, as the worker would."""

    async def bring_up_to_date() -> None:
        await index_changes(tools)
        vocabulary.forget_words(tools.db)
        forget_alike(tools.db)

    return bring_up_to_date
