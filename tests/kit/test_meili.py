"""A search engine that is not well: what cannot be recorded of a real one is played by a fake server on loopback."""

import asyncio
import contextlib
import json

import pytest
from structlog.testing import capture_logs

from forum.kit import meili as kit
from forum.kit.meili import Down, Meili, Rejected, meili_for
from forum.kit.settings import Settings
from tests.waiting import PATIENCE_S

KEY = "a-key-made-up-for-tests"
FOUND = {"results": []}


class Fake:
    """No Meilisearch: a server that says what a test wants it to, to whoever comes; `answer` None means silence."""

    def __init__(self) -> None:
        self.answer: bytes | None = told(FOUND)
        self.asked: list[bytes] = []
        self.connections = 0
        self.talks: set[asyncio.Task[None]] = set()

    async def talk(self, reader, writer):
        self.connections += 1
        self.talks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                self.asked.append(head + await reader.readexactly(int(length or 0)))
                if self.answer is None:
                    await asyncio.Event().wait()
                writer.write(self.answer)
                await writer.drain()
        writer.close()

    @property
    def paths(self) -> list[str]:
        return [request.split()[1].decode() for request in self.asked]


def told(answer: object, status: str = "200 OK", *headers: str) -> bytes:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "content-type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def fake():
    playing = Fake()
    server = await asyncio.start_server(playing.talk, "127.0.0.1", 0)
    playing.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield playing
    server.close()
    for talk in playing.talks:
        talk.cancel()
    await asyncio.gather(*playing.talks)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def meili(fake, clock):
    client = Meili(fake.url, KEY, clock=clock)
    yield client
    await client.aclose()


async def ask(meili: Meili):
    return await meili.ask("/multi-search", {"queries": []})


async def test_searches_share_one_kept_connection(meili, fake):
    for _ in range(5):
        assert await ask(meili) == FOUND

    assert (fake.connections, fake.paths) == (1, ["/multi-search"] * 5)
    assert f"authorization: Bearer {KEY}".encode() in fake.asked[0].replace(b"Authorization", b"authorization")


@pytest.mark.parametrize(
    "answer",
    [
        told({"code": "internal"}, "500 Internal Server Error"),
        told({"code": "too_many_search_requests"}, "503 Service Unavailable"),
        told(b"<html>Bad gateway", "502 Bad Gateway"),
        told(b"", "302 Found", "location: /elsewhere"),
        told(b'{"results": ['),
        told(b"not JSON"),
        told(b"\xff\xfe"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort",
        b"no HTTP at all\r\n\r\n",
    ],
    ids=lambda answer: ascii(answer[9:30]),
)
async def test_what_is_no_answer_means_that_it_is_down(meili, fake, answer, monkeypatch):
    monkeypatch.setattr(kit, "SECONDS_TO_ASK", 5)
    fake.answer = answer
    if b"content-length: 50" in answer:
        monkeypatch.setattr(kit, "SECONDS_TO_ASK", 0.05)

    with pytest.raises(Down):
        await ask(meili)

    assert fake.paths == ["/multi-search"]


async def test_an_answer_that_is_too_large_is_not_read_to_its_end(meili, fake, monkeypatch):
    monkeypatch.setattr(kit, "MOST_BYTES", 100)
    fake.answer = told(b"[" + b" " * 200 + b"]")

    with pytest.raises(Down, match="too large"):
        await meili.tell("GET", "/stats")


async def test_a_server_that_is_not_there_is_down(clock):
    nobody = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = nobody.sockets[0].getsockname()[1]
    nobody.close()
    meili = Meili(f"http://127.0.0.1:{port}", KEY, clock=clock)

    with pytest.raises(Down):
        await ask(meili)
    with pytest.raises(Down):
        await meili.tell("GET", "/health")
    await meili.aclose()


async def test_while_it_hangs_two_searches_wait_150_ms_and_then_none_does(fake):
    fake.answer = None
    meili, loop, waits = Meili(fake.url, KEY), asyncio.get_running_loop(), []

    for _ in range(10):
        began = loop.time()
        with pytest.raises(Down):
            await ask(meili)
        waits.append(loop.time() - began)

    assert all(seconds > 0.14 for seconds in waits[:2])
    assert len(fake.asked) == 2
    assert meili.is_resting
    assert max(waits[2:]) < 0.1
    await meili.aclose()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (told({"code": "index_not_found"}, "404 Not Found"), "index_not_found"),
        (told({"code": "invalid_api_key"}, "403 Forbidden"), "invalid_api_key"),
        (told(b"<html>", "404 Not Found"), "status_404"),
        (told([], "413 Payload Too Large"), "status_413"),
    ],
)
async def test_a_refusal_is_an_answer_with_its_code(meili, fake, answer, code, monkeypatch):
    monkeypatch.setattr("forum.kit.meili.SECONDS_TO_ASK", 5)  # how soon it comes is not what this is about
    fake.answer = answer

    for _ in range(9):
        with pytest.raises(Rejected) as refusal:
            await ask(meili)
        assert refusal.value.code == code

    assert not meili.is_resting
    assert len(fake.asked) == 9


async def rests(meili: Meili, fake: Fake) -> None:
    """Five failures, after which nobody asks it."""
    fake.answer = told(b"", "500 Internal Server Error")
    for _ in range(5):
        with pytest.raises(Down):
            await ask(meili)
    assert meili.is_resting
    fake.asked.clear()


async def probed(meili: Meili) -> None:
    await asyncio.wait_for(meili._probe, PATIENCE_S)


async def test_while_it_rests_nobody_asks_and_after_ten_seconds_one_probe_looks(meili, fake, clock):
    await rests(meili, fake)
    for _ in range(20):
        with pytest.raises(Down, match="closed for now"):
            await ask(meili)
    assert fake.asked == []

    clock.now += 10
    for _ in range(20):
        with pytest.raises(Down, match="closed for now"):
            await ask(meili)
    await probed(meili)
    assert (fake.paths, meili.is_resting) == (["/health"], True)

    fake.answer = told({"status": "available"})
    clock.now += 10
    with pytest.raises(Down):
        await ask(meili)
    await probed(meili)

    fake.answer = told(FOUND)
    assert await ask(meili) == FOUND


async def test_writes_go_on_while_searches_rest_and_say_nothing_about_them(meili, fake):
    await rests(meili, fake)
    fake.answer = told({"taskUid": 1}, "202 Accepted")

    assert await meili.tell("POST", "/indexes", {"uid": "x"}) == {"taskUid": 1}
    assert meili.is_resting

    fake.answer = told(b"", "500 Internal Server Error")
    other = Meili(fake.url, KEY)
    for _ in range(9):
        with pytest.raises(Down):
            await other.tell("GET", "/stats")
    assert not other.is_resting
    await other.aclose()


async def test_a_search_that_is_given_up_is_no_failure(meili, fake, monkeypatch):
    monkeypatch.setattr(kit, "SECONDS_TO_ASK", 60)
    fake.answer = None
    for _ in range(9):
        asking = asyncio.create_task(ask(meili))
        while not fake.asked:
            await asyncio.sleep(0)
        fake.asked.clear()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    assert not meili.is_resting


async def test_the_key_is_in_no_message_and_no_log(meili, fake, clock):
    with capture_logs() as logs:
        await rests(meili, fake)
        clock.now += 10
        with pytest.raises(Down) as down:
            await ask(meili)
        await probed(meili)
        fake.answer = told({"code": "invalid_api_key", "message": f"{KEY} is wrong"}, "403 Forbidden")
        with pytest.raises(Rejected) as refusal:
            await meili.tell("GET", "/keys")

    assert [entry["event"] for entry in logs] == ["search engine is not asked for now"]
    for told_of in (logs, down.value, refusal.value, meili, meili.__dict__):
        assert KEY not in repr(told_of)


async def test_there_is_an_engine_where_the_settings_name_one():
    assert meili_for(Settings()) is None
    meili = meili_for(Settings(meili_url="http://meilisearch:7700", meili_key=KEY))
    assert isinstance(meili, Meili)
    await meili.aclose()


async def test_without_a_key_none_is_sent(fake):
    meili = Meili(fake.url, "")
    await ask(meili)
    await meili.aclose()

    assert b"authorization" not in fake.asked[0].lower()


async def test_closing_forgets_a_probe_that_hangs(meili, fake, clock):
    await rests(meili, fake)
    fake.answer = None
    clock.now += 10
    with pytest.raises(Down):
        await ask(meili)

    await asyncio.wait_for(meili.aclose(), PATIENCE_S)
