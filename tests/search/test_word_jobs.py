"""The engine is told which words mean the same, each time that changes."""

import json
from dataclasses import replace

import httpx
import pytest

from forum.kit.db import run, value
from forum.kit.meili import Meili
from forum.search import synonyms, word_jobs
from forum.search.asked_types import SynonymsDraft
from forum.search.ranking import MEILI_SETTINGS
from forum.worker import worker
from tests.factories import an_admin

MISSING = {"message": "Index `x` not found.", "code": "index_not_found", "type": "invalid_request", "link": ""}


def answer(status: int, told: object) -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(told).encode()))


class Engine:
    """Answers as the published interface says, for an index that is there or not; `told` is what was put."""

    def __init__(self) -> None:
        self.has_index, self.told = True, []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            self.told.append((request.url.path, json.loads(request.content)))
            return answer(202, {"taskUid": 1, "status": "enqueued"})
        if request.url.path == "/tasks/1":
            return answer(200, {"uid": 1, "status": "succeeded", "error": None})
        return answer(200, MEILI_SETTINGS) if self.has_index else answer(404, MISSING)


@pytest.fixture
async def ada(db):
    """An administrator of a forum without synonyms."""
    await run(db, "DELETE FROM search_synonym")
    return await an_admin(db)


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
async def with_engine(tools, engine):
    """What jobs reach on a site with an engine."""
    meili = Meili("http://engine.test", "", transport=httpx.MockTransport(engine))
    yield replace(tools, meili=meili)
    await meili.aclose()


async def test_a_change_reaches_the_engine_whole(db, database_url, engine, with_engine, ada):
    await synonyms.synonym_groups(db)  # what was kept of before is not what is sent

    synonym_id = await synonyms.add(db, ada, SynonymsDraft.from_line("toner, ink"))
    await worker(database_url, with_engine).drain()
    await synonyms.remove(db, ada, synonym_id)
    await worker(database_url, with_engine).drain()

    path = "/indexes/staffroom/settings/synonyms"
    assert engine.told == [(path, {"toner": ["ink"], "ink": ["toner"]}), (path, {})]


async def test_an_index_that_is_not_there_is_not_made_by_it(engine, with_engine):
    engine.has_index = False

    await word_jobs.send_synonyms(with_engine)

    assert engine.told == []


async def test_without_an_engine_there_is_nobody_to_tell(db, drain, ada):
    await synonyms.add(db, ada, SynonymsDraft.from_line("toner, ink"))

    await drain()

    assert await value(db, "SELECT count(*) FROM pgqueuer") == 0
