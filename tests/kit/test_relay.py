"""Handing mails to a real relay: connections are kept, and whatever it does is said in a word."""

import asyncio
import ssl
import subprocess

import pytest

from forum.kit import relay as relays
from forum.kit.relay import Relay
from forum.kit.throttle import Throttle
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here
from tests.mail.sinks import a_sink

HELLO = b"From: forum@forum.example\r\nTo: ann@x.example\r\nSubject: Hello\r\n\r\nOne\r\n.two\r\n"


@pytest.fixture
async def sink():
    async with a_sink() as sink:
        yield sink


@pytest.fixture
async def relay(sink):
    relay = Relay(f"smtp://127.0.0.1:{sink.port}", most=3)
    yield relay
    await relay.aclose()


async def hand_over(relay, to="ann@x.example", words=HELLO):
    return await relay.hand_over("forum@forum.example", to, words)


async def test_a_mail_arrives_byte_for_byte(relay, sink):
    answer = await hand_over(relay)

    assert (answer.outcome, answer.code) == ("taken", 250)
    assert sink.taken[0].original_content == HELLO
    assert (sink.taken[0].mail_from, sink.taken[0].rcpt_tos) == ("forum@forum.example", ["ann@x.example"])


async def test_one_connection_serves_one_after_the_other_and_a_few_serve_many_at_once(relay, sink):
    for _ in range(5):
        await hand_over(relay)
    assert sink.connections == 1

    await asyncio.gather(*(hand_over(relay, f"p{n}@x.example") for n in range(30)))

    assert len(sink.taken) == 35
    assert sink.connections == sink.most_open == 3


async def test_a_connection_is_given_up_after_some_mails_and_some_time(sink, monkeypatch):
    monkeypatch.setattr(relays, "MOST_MAILS", 2)
    now = [0.0]
    relay = Relay(f"smtp://127.0.0.1:{sink.port}", clock=lambda: now[0])
    for _ in range(4):
        await hand_over(relay)
    assert sink.connections == 2
    await hand_over(relay)
    now[0] += relays.OLDEST_S + 1
    await hand_over(relay)
    await hand_over(relay)

    assert sink.connections == 4
    await relay.aclose()


async def test_a_connection_that_was_closed_meanwhile_is_replaced(relay, sink, monkeypatch):
    monkeypatch.setattr(relays, "IDLE_S", 0.0)
    await hand_over(relay)
    relay._idle[0].client.transport.abort()

    assert (await hand_over(relay)).outcome == "taken"
    assert sink.connections == 2


@pytest.mark.parametrize(
    ("misbehaviour", "outcome", "step", "code"),
    [
        ({"refusals": {"ann@x.example": "550 5.1.1 nobody ann@x.example"}}, "refused", "recipient", 550),
        ({"refusals": {"x.example": "451 4.7.1 greylisted"}}, "later", "recipient", 451),
        ({"on_mail": "553 5.7.1 not from here"}, "later", "sender", 553),
        ({"on_data": "554 5.7.1 spam"}, "refused", "data", 554),
        ({"on_data": "452 4.3.1 disk full"}, "later", "data", 452),
        ({"on_data": "drop"}, "unknown", "data", 0),
    ],
)
async def test_what_a_relay_says_is_a_word_of_ours_and_the_next_mail_goes(
    relay, sink, misbehaviour, outcome, step, code
):
    before = {name: getattr(sink, name) for name in misbehaviour}
    vars(sink).update(misbehaviour)

    answer = await hand_over(relay)

    assert (answer.outcome, answer.step, answer.code) == (outcome, step, code)
    assert "ann" not in answer.text
    assert sink.taken == []
    vars(sink).update(before)
    assert (await hand_over(relay)).outcome == "taken"


async def test_nobody_and_too_much_are_told_apart(relay, sink):
    sink.refusals = {
        "ann@x.example": "550 5.1.1 no such user",
        "bob@x.example": "550 5.7.1 relaying denied",
        "cy@x.example": "450 4.7.28 too many messages",
        "di@x.example": "450 4.2.0 greylisted",
    }
    answers = [await hand_over(relay, address) for address in sink.refusals]

    assert [answer.is_nobody for answer in answers] == [True, False, False, False]
    assert [answer.is_busy for answer in answers] == [False, False, True, False]


async def test_a_relay_that_hangs_after_the_words_leaves_it_open(relay, sink, monkeypatch):
    monkeypatch.setattr(relays, "ANSWER_S", 0.1)
    sink.on_data = "hang"

    assert (await hand_over(relay)).outcome == "unknown"


async def test_a_relay_that_hangs_before_has_certainly_nothing(monkeypatch):
    monkeypatch.setattr(relays, "COMMAND_S", 0.1)
    ended = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    relay = Relay(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    answer = await hand_over(relay)

    assert (answer.outcome, answer.text) == ("later", "The relay did not answer in time.")
    ended.set()
    server.close()
    await server.wait_closed()


async def test_words_may_be_said_at_the_last_moment_and_none_are_sent_where_there_are_none(relay, sink):
    async def none() -> None:
        return None

    async def hello() -> bytes:
        return HELLO

    assert (await hand_over(relay, words=none)).outcome == "dropped"
    assert sink.taken == []
    assert (await hand_over(relay, words=hello)).outcome == "taken"
    assert sink.taken[0].original_content == HELLO


async def test_whoever_is_asked_and_fails_sends_nothing(relay, sink):
    async def broken() -> bytes:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError):
        await hand_over(relay, words=broken)
    assert sink.taken == []
    assert (await hand_over(relay)).outcome == "taken"


@pytest.fixture(scope="session")
def strange_tls(tmp_path_factory) -> ssl.SSLContext:
    """A certificate that nobody we know has signed."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_a_relay_whose_certificate_is_not_good_gets_nothing(strange_tls):
    async with a_sink(tls=strange_tls) as sink:
        relay = Relay(f"smtp://127.0.0.1:{sink.port}")
        assert (await hand_over(relay)).outcome == "later"
        assert sink.taken == []
    async with a_sink(greeting_tls=strange_tls) as sink:
        for scheme in ("smtps", "smtp"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(relays, "COMMAND_S", 0.5)
                answer = await hand_over(Relay(f"{scheme}://127.0.0.1:{sink.port}"))
            assert answer.outcome == "later"
        assert sink.taken == []


async def test_a_relay_that_is_away_is_left_alone_and_asked_from_time_to_time(sink):
    now = [0.0]
    relay = Relay("smtp://127.0.0.1:1", clock=lambda: now[0])
    assert relay.room() is None
    for _ in range(relays.MOST_IN_VAIN):
        assert (await hand_over(relay)).text == "No relay answers where SMTP_URL points."
    assert relay.room() == 0
    now[0] += relays.BETWEEN_PROBES_S
    relay._url = relay._url._replace(netloc=f"127.0.0.1:{sink.port}")
    assert (await hand_over(relay)).text == "The relay could not be reached."
    assert relay.room() == 1

    assert (await hand_over(relay)).outcome == "taken"
    assert relay.room() is None
    assert len(sink.taken) == 1


async def test_a_link_is_tried_even_while_the_relay_is_away(sink):
    relay = Relay("smtp://127.0.0.1:1")
    for _ in range(relays.MOST_IN_VAIN):
        await hand_over(relay)
    relay._url = relay._url._replace(netloc=f"127.0.0.1:{sink.port}")

    assert (await hand_over(relay)).outcome == "later"
    assert (await relay.hand_over("f@x.example", "ann@x.example", HELLO, insists=True)).outcome == "taken"
    assert (await hand_over(relay)).outcome == "taken"


async def test_who_is_cancelled_leaves_no_connection_in_the_middle_of_something(relay, sink):
    sink.on_data = "hang"
    task = asyncio.ensure_future(hand_over(relay))
    while not sink.hung:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    sink.released.set()
    sink.on_data = "take"

    assert (await hand_over(relay)).outcome == "taken"
    assert len(sink.taken) == 1


def test_a_domain_gets_so_many_a_minute_and_others_their_own():
    now = [0.0]
    throttle = Throttle(2, clock=lambda: now[0])

    assert [throttle.wait("x.example") for _ in range(3)] == [0, 0, 60]
    assert throttle.wait("y.example") == 0
    now[0] += 60
    assert throttle.wait("x.example") == 0


def test_a_busy_domain_is_left_alone_twice_as_long_each_time():
    now, waits = [0.0], []
    throttle = Throttle(100, clock=lambda: now[0])
    for _ in range(7):
        throttle.slow_down("x.example")
        throttle.slow_down("x.example")  # one that was under way
        waits.append(throttle.wait("x.example"))
        now[0] += waits[-1]
        assert throttle.wait("x.example") == 0

    assert waits == [60, 120, 240, 480, 960, 1800, 1800]
    throttle.took("x.example")
    throttle.slow_down("x.example")
    assert throttle.wait("x.example") == 60
