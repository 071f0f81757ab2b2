"""The official client asks the same for the same intent: methods, paths, bodies and the key."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import meilisearch
import pytest

from forum.kit.meili import Meili
from forum.search import meili_index
from forum.search.meili_documents import as_sent
from forum.search.meili_engine import INDEX, question, ranked
from forum.search.ranking import MEILI_SETTINGS
from forum.search.types import FOR_ALL, Key, Scope, Sought, Word
from tests.search.recording import KEY
from tests.search.test_meili_documents import a_document

TASK = {
    "taskUid": 1, "uid": 1, "status": "succeeded", "type": "x", "enqueuedAt": "2026-03-01T00:00:00.0Z",
    "results": [], "total": 0, "offset": 0, "limit": 0, "details": {}, "error": None, "indexUid": INDEX,
}  # fmt: skip
SOUGHT = Sought((Word("renewals"), Word("at home", is_phrase=True)), Scope((0, 3), (FOR_ALL,)), ("post",))
GROUPS = [("sis", "student information system")]
SYNONYMS = {"sis": ["student information system"], "student information system": ["sis"]}


@pytest.fixture
def listening():
    """No Meilisearch: it says that all went well and remembers what it was asked. Yields its address and that."""
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def hear(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append((self.command, self.path, json.loads(body or "null"), self.headers["authorization"]))
            results = (
                [{"hits": [], "estimatedTotalHits": 0}] * len(asked[-1][2]["queries"]) if "search" in self.path else []
            )
            answer = json.dumps(TASK | {"results": results}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = hear  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


async def read(pages) -> None:
    async for _ in pages:
        pass


PAIRS = {
    "documents are put": (
        lambda ours: meili_index.put(ours, [a_document(1), a_document(2)]),
        lambda theirs: theirs.index(INDEX).add_documents([as_sent(a_document(1)), as_sent(a_document(2))]),
    ),
    "documents are removed": (
        lambda ours: meili_index.remove(ours, [Key("post", 1), Key("product", 2)]),
        lambda theirs: theirs.index(INDEX).delete_documents(["post-1", "product-2"]),
    ),
    "an index is prepared": (
        lambda ours: meili_index.prepare(ours, "next", GROUPS),
        lambda theirs: (
            theirs.delete_index("next"),
            theirs.get_task(1),
            theirs.create_index("next", {"primaryKey": "id"}),
            theirs.index("next").update_settings(MEILI_SETTINGS | {"synonyms": SYNONYMS}),
            theirs.get_task(1),
            theirs.get_task(1),
        ),
    ),
    "indexes are swapped": (
        lambda ours: meili_index.swap(ours, "next"),
        lambda theirs: (
            theirs.create_index(INDEX, {"primaryKey": "id"}),
            theirs.get_task(1),
            theirs.swap_indexes([{"indexes": [INDEX, "next"]}]),
            theirs.get_task(1),
            theirs.delete_index("next"),
            theirs.get_task(1),
        ),
    ),
    "synonyms are set": (
        lambda ours: meili_index.set_synonyms(ours, GROUPS),
        lambda theirs: (theirs.index(INDEX).update_synonyms(SYNONYMS), theirs.get_task(1)),
    ),
    "names are read": (
        lambda ours: read(meili_index.names(ours)),
        lambda theirs: theirs.index(INDEX).get_documents({"fields": ["id", "version"], "offset": 0, "limit": 5000}),
    ),
    "settings are looked at": (
        lambda ours: meili_index.is_there(ours),
        lambda theirs: theirs.http.get(f"indexes/{INDEX}/settings"),
    ),
    "something is sought": (
        lambda ours: ranked(ours, [SOUGHT, SOUGHT]),
        lambda theirs: theirs.multi_search([question(SOUGHT), question(SOUGHT)]),
    ),
}


@pytest.mark.filterwarnings("ignore:The use of ids")
@pytest.mark.parametrize("intent", PAIRS)
async def test_the_official_client_asks_the_same(listening, intent):
    url, asked = listening
    ours, theirs = PAIRS[intent]
    client = Meili(url, KEY)

    await ours(client)
    await client.aclose()
    by_us = [*asked]
    asked.clear()
    await asyncio.to_thread(theirs, meilisearch.Client(url, KEY, timeout=3))

    assert by_us == [(method, path, without_nothing(body), key) for method, path, body, key in asked]
    assert by_us


def without_nothing(body: object) -> object:
    """Their multi-search says that it is not federated, which it is not."""
    return {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else body
