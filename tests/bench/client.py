"""A small HTTP client in a process of its own: keep-alive connections that ask for one page again and again.

python -m tests.bench.client PORT PATH COOKIE CONNECTIONS SECONDS prints how many answers it got, and in what time.
"""

import asyncio
import sys
import time


class Asker(asyncio.Protocol):
    """One connection: sends the next request when an answer is complete, until the deadline."""

    def __init__(self, request: bytes, deadline: float) -> None:
        self._request, self._deadline = request, deadline
        self._missing, self._head = 0, b""
        self.answers = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._request)

    def data_received(self, received: bytes) -> None:
        if self._missing:
            self._missing -= len(received)
        else:
            self._head += received
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self._end(RuntimeError(f"not the page: {head.splitlines()[0].decode()}"))
                return
            self._missing, self._head = _length(head) - len(body), b""
        if not self._missing:
            self._answered()

    def _answered(self) -> None:
        self.answers += 1
        if time.monotonic() < self._deadline:
            self._transport.write(self._request)
        else:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError("the server closed the connection"))

    def _end(self, error: Exception | None = None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error) if error else self.ended.set_result(None)
        self._transport.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, text = line.partition(b":")
        if name.lower() == b"content-length":
            return int(text)
    raise RuntimeError("an answer without a content-length")


async def ask(port: int, path: str, cookie: str, connections: int, seconds: float) -> tuple[int, float]:
    """The number of complete answers, and the seconds until the last."""
    request = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookie}\r\n\r\n".encode()
    began = time.monotonic()
    loop = asyncio.get_running_loop()
    askers = [
        (await loop.create_connection(lambda: Asker(request, began + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(asker.ended for asker in askers))
    return sum(asker.answers for asker in askers), time.monotonic() - began


if __name__ == "__main__":
    port, path, cookie, connections, seconds = sys.argv[1:]
    print(*asyncio.run(ask(int(port), path, cookie, int(connections), float(seconds))))
