"""A fake of a Meilisearch, in memory: it keeps what it is told and finds everything of the kinds it is asked for.

For what no recording can show: an engine that is lost, behind, silent. How the real one answers is in recorded/.
"""

import json
import re
from itertools import count

import httpx

from forum.kit.meili import Meili


class FakeMeili:
    """`indexes` hold documents by their id, `settings` those of each index; `is_silent` breaks every connection off."""

    def __init__(self) -> None:
        self.indexes: dict[str, dict[str, dict]] = {}
        self.settings: dict[str, dict] = {}
        self.is_silent = False
        self.asked = self.attempts = 0
        self._tasks = count(1)
        self._failed: dict[int, str] = {}

    def client(self) -> Meili:
        """Reaches it as a site would."""
        return Meili("http://fake.test", "", transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.attempts += request.url.path == "/multi-search"
        if self.is_silent:
            raise httpx.ConnectError("the fake is silent")
        told = json.loads(request.content) if request.content else None
        for (method, pattern), act in ACTS.items():
            if method == request.method and (match := re.fullmatch(pattern, request.url.path)):
                status, answer = act(self, told, *match.groups())
                return httpx.Response(status, stream=httpx.ByteStream(json.dumps(answer).encode()))
        raise AssertionError(f"{request.method} {request.url.path}")

    def _task(self, code: str = "") -> tuple[int, dict]:
        task = next(self._tasks)
        if code:
            self._failed[task] = code
        return 202, {"taskUid": task, "status": "enqueued"}

    def health(self, told):
        return 200, {"status": "available"}

    def make(self, told):
        if told["uid"] in self.indexes:
            return self._task("index_already_exists")
        self.indexes[told["uid"]], self.settings[told["uid"]] = {}, {}
        return self._task()

    def drop(self, told, index):
        self.settings.pop(index, None)
        return self._task("" if self.indexes.pop(index, None) is not None else "index_not_found")

    def set(self, told, index):
        self.settings[index] |= told
        return self._task()

    def set_synonyms(self, told, index):
        self.settings[index]["synonyms"] = told
        return self._task()

    def tell_settings(self, told, index):
        if index not in self.indexes:
            return 404, {"code": "index_not_found"}
        return 200, self.settings[index]

    def put(self, told, index):
        self.indexes.setdefault(index, {}).update({each["id"]: each for each in told})
        self.settings.setdefault(index, {})
        return self._task()

    def remove(self, told, index):
        for name in told:
            self.indexes.get(index, {}).pop(name, None)
        return self._task()

    def fetch(self, told, index):
        documents = list(self.indexes[index].values())
        page = documents[told["offset"] : told["offset"] + told["limit"]]
        return 200, {
            "results": [{"id": each["id"], "version": each["version"]} for each in page],
            "total": len(documents),
        }

    def swap(self, told):
        one, other = told[0]["indexes"]
        for kept in (self.indexes, self.settings):
            kept[one], kept[other] = kept[other], kept[one]
        return self._task()

    def task(self, told, task):
        code = self._failed.get(int(task))
        return 200, {"status": "failed" if code else "succeeded", "error": {"code": code} if code else None}

    def search(self, told):
        self.asked += 1
        if any(query["indexUid"] not in self.indexes for query in told["queries"]):
            return 404, {"code": "index_not_found"}
        return 200, {"results": [self._found(query) for query in told["queries"]]}

    def _found(self, query: dict) -> dict:
        kinds = re.findall(r'"(\w+)"', query["filter"][0])
        found = [each for each in self.indexes[query["indexUid"]].values() if each["kind"] in kinds]
        hits = [{"id": each["id"], "group": each["group"]} for each in found]
        return {"hits": hits[: query["limit"]], "estimatedTotalHits": len(found)}


ACTS = {
    ("GET", "/health"): FakeMeili.health,
    ("POST", "/indexes"): FakeMeili.make,
    ("DELETE", r"/indexes/(\w+)"): FakeMeili.drop,
    ("PATCH", r"/indexes/(\w+)/settings"): FakeMeili.set,
    ("GET", r"/indexes/(\w+)/settings"): FakeMeili.tell_settings,
    ("PUT", r"/indexes/(\w+)/settings/synonyms"): FakeMeili.set_synonyms,
    ("POST", r"/indexes/(\w+)/documents"): FakeMeili.put,
    ("POST", r"/indexes/(\w+)/documents/delete-batch"): FakeMeili.remove,
    ("POST", r"/indexes/(\w+)/documents/fetch"): FakeMeili.fetch,
    ("POST", "/swap-indexes"): FakeMeili.swap,
    ("GET", r"/tasks/(\d+)"): FakeMeili.task,
    ("POST", "/multi-search"): FakeMeili.search,
}
