"""A Meilisearch server over HTTP: searches that nobody waits long for, and writes that may take their time."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, NoReturn

import httpx
import structlog

from forum.kit.breaker import Breaker
from forum.kit.log import outline
from forum.kit.settings import Settings

if find_spec("sniffio") is None:  # httpx looks for it at each request, in every folder: a third of what it costs
    sys.modules["sniffio"] = None  # type: ignore[assignment]

log = structlog.get_logger()

SECONDS_TO_ASK = 0.15  # what a page may wait longer while the engine hangs
SECONDS_TO_TELL = 10.0
MOST_BYTES = 8 * 1024 * 1024  # of one answer: a page of ids is a few hundred kilobytes
CONNECTIONS = 8  # httpx looks at each idle one before each request
SECONDS_KEPT = 4.0  # the server closes what was idle for five


class Down(Exception):
    """No answer, not in time, none that can be read, or none is asked for just now."""


class Rejected(Exception):
    """The server understood and said no; `code` is Meilisearch's word for why, as in "index_not_found"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Meili:
    """One server, reached through one pool of kept connections. The key is sent to it and shown to nobody."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": "Staffroom",
                **({"authorization": f"Bearer {key}"} if key else {}),
            },
            timeout=SECONDS_TO_TELL,
            limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=SECONDS_KEPT),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )
        self._clock = clock
        self._breaker = Breaker(clock)
        self._probe: asyncio.Task[None] | None = None

    @property
    def is_resting(self) -> bool:
        """Whether searches are refused at once, as it did not answer lately."""
        return self._breaker.is_open

    async def ask(self, path: str, wanted: object) -> Any:
        """What a search answers, within 150 ms. Raises Down, at once while it is resting, or Rejected."""
        self._heed_breaker()
        began = self._clock()
        try:
            answer = await self._sent("POST", path, _written(wanted), SECONDS_TO_ASK)
        except Down:
            self._breaker.failed(self._clock() - began)
            if self._breaker.is_open:
                log.warning("search engine is not asked for now")
            raise
        except Rejected:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        return answer

    async def tell(self, method: str, path: str, told: object = None) -> Any:
        """What the server answers to anything but a search; `told` is sent as JSON, bytes as the JSON they are.

        It may take ten seconds, is tried while searches rest, and says nothing about them. Raises Down or Rejected.
        """
        return await self._sent(method, path, _written(told), SECONDS_TO_TELL)

    async def aclose(self) -> None:
        """Close all connections, and forget the probe."""
        if self._probe:
            self._probe.cancel()
            with suppress(asyncio.CancelledError):
                await self._probe
        await self._client.aclose()

    def _heed_breaker(self) -> None:
        if not self._breaker.is_open:
            return
        if self._breaker.takes_probe():
            self._probe = asyncio.create_task(self._look())
        raise Down("closed for now")

    async def _look(self) -> None:
        with suppress(Down, Rejected):
            await self._sent("GET", "/health", None, SECONDS_TO_TELL / 2)
            self._breaker.succeeded()
            log.warning("search engine is asked again")

    async def _sent(self, method: str, path: str, content: bytes | None, seconds: float) -> Any:
        headers = {"content-type": "application/json"} if content is not None else {}
        try:
            async with (
                asyncio.timeout(seconds),
                self._client.stream(method, path, content=content, headers=headers) as response,
            ):
                return _read(response.status_code, await _measured(response))
        except TimeoutError:
            raise Down("no answer in time") from None
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            raise Down(outline(error)) from error


def meili_for(settings: Settings) -> Meili | None:
    """The server that MEILI_URL names; without it there is none, and PostgreSQL searches."""
    return Meili(settings.meili_url, settings.meili_key) if settings.meili_url else None


def _written(told: object) -> bytes | None:
    return told if isinstance(told, bytes) else None if told is None else json.dumps(told).encode()


async def _measured(response: httpx.Response) -> bytes:
    pieces, size = [], 0
    async for piece in response.aiter_raw():
        size += len(piece)
        if size > MOST_BYTES:
            raise Down("the answer is too large")
        pieces.append(piece)
    return b"".join(pieces)


def _read(status: int, body: bytes) -> Any:
    if 200 <= status < 300:
        return json.loads(body) if body else None
    if 400 <= status < 500:
        _reject(status, body)
    raise Down(f"it answered {status}")


def _reject(status: int, body: bytes) -> NoReturn:
    try:
        code = json.loads(body)["code"]
    except (ValueError, TypeError, KeyError):
        code = f"status_{status}"
    raise Rejected(str(code)[:100])
