"""Traffic of a real Meilisearch, kept in files: recorded from one, replayed where there is none.

With MEILI_URL (and MEILI_MASTER_KEY) the tests ask that server; else each request must be the next one in its test's
file, in method, path, key and body, and gets the answer that was recorded. `python -m tests.search.record` records.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import httpx

from forum.kit.meili import Meili

RECORDED = Path(__file__).parent / "recorded"
KEY = "a-key-made-up-for-tests"
URL = os.environ.get("MEILI_URL", "")
IS_RECORDED_NOW = bool(os.environ.get("MEILI_RECORD"))
NO_ANSWER = "none in time"


def meili_of(name: str, *, key: str = "") -> Meili:
    """A client of the real server, or of what was recorded under that name; close it with `closed`."""
    if not URL:
        return Meili("http://127.0.0.1:7700", key or KEY, transport=Replay(name))
    real = httpx.AsyncHTTPTransport(trust_env=False, limits=httpx.Limits(keepalive_expiry=4))
    transport = Recorder(name, real) if IS_RECORDED_NOW else real
    return Meili(URL, key or os.environ.get("MEILI_MASTER_KEY", ""), transport=transport)


async def said(request: httpx.Request) -> dict[str, Any]:
    """What a request says that matters: recorded, and compared."""
    body = await request.aread()
    return {
        "method": request.method,
        "path": request.url.raw_path.decode(),
        "key": request.headers.get("authorization", "").removeprefix("Bearer "),
        "body": json.loads(body) if body else None,
    }


def answered(status: int, body: bytes) -> httpx.Response:
    return httpx.Response(status, headers={"content-type": "application/json"}, stream=httpx.ByteStream(body))


def without_links(answer: Any) -> Any:
    if isinstance(answer, list):
        return [without_links(each) for each in answer]
    if isinstance(answer, dict):
        return {name: without_links(each) for name, each in answer.items() if name != "link"}
    return answer


class Replay(httpx.AsyncBaseTransport):
    """Answers as a real server did, as long as it is asked the same in the same order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.left: list[dict[str, Any]] = json.loads((RECORDED / f"{name}.json").read_text())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await said(request)
        assert self.left, f"{self.name}: nothing more was recorded, and this was asked: {asked}"
        recorded = self.left.pop(0)
        assert asked == {name: recorded[name] for name in asked}, f"{self.name} is not as recorded"
        if recorded["answer"] == NO_ANSWER:
            await asyncio.Event().wait()
        return answered(recorded["status"], json.dumps(recorded["answer"]).encode())

    async def aclose(self) -> None:
        assert not self.left, f"{self.name}: this was recorded and not asked: {self.left[0]}"


class Recorder(httpx.AsyncBaseTransport):
    """Passes on to the real server and writes down what it was asked and what it answered, but for links."""

    def __init__(self, name: str, real: httpx.AsyncBaseTransport) -> None:
        self.name, self.real = name, real
        self.kept: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await said(request)
        kept = asked | {"status": 0, "answer": NO_ANSWER}
        self.kept.append(kept)
        response = await self.real.handle_async_request(request)
        body = await response.aread()
        kept |= {"status": response.status_code, "answer": without_links(json.loads(body)) if body else None}
        return answered(response.status_code, body)

    async def aclose(self) -> None:
        await self.real.aclose()
        lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in self.kept)
        (RECORDED / f"{self.name}.json").write_text(f"[\n{lines}\n]\n")
