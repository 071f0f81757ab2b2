"""A Meilisearch to ask: the real one that MEILI_URL names, or what was recorded of one."""

import pytest

from forum.kit import meili as kit
from forum.search import meili_index
from tests.search.library import DOCUMENTS, GROUPS
from tests.search.recording import URL, meili_of

INDEX = "staffroom_test"  # never the one that a site searches


@pytest.fixture(autouse=True)
def _a_real_server_may_take_its_time_and_a_recorded_one_needs_none(monkeypatch):
    if URL:
        monkeypatch.setattr(kit, "SECONDS_TO_ASK", 10)
    else:
        monkeypatch.setattr(meili_index, "FIRST_WAIT", 0)


@pytest.fixture(scope="module")
async def library():
    """The index holds tests/search/library.py."""
    client = meili_of("library")
    await meili_index.prepare(client, INDEX, GROUPS)
    await meili_index.finished(client, await meili_index.put(client, DOCUMENTS, index=INDEX))
    await client.aclose()


@pytest.fixture
async def meili(request):
    """The server as this test asks it, from a file of the test's own name."""
    name = request.node.name.removeprefix("test_").translate(str.maketrans("[ ", "__", "]"))
    client = meili_of(name)
    yield client
    await client.aclose()
