"""Test mails: to whoever asks, with what the relay said in one sentence, without an address."""

import asyncio
from dataclasses import replace

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from forum.administration import commands, trial
from forum.kit.errors import Forbidden
from forum.kit.mailer import SmtpMailer
from forum.kit.settings import Settings
from forum.site.queries import mail_tests
from tests.administration.acts import acts
from tests.factories import a_member, an_admin, sign_in_as
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here


class Relay:
    """A real relay on loopback that answers as it is told to."""

    def __init__(self) -> None:
        self.on_rcpt = self.on_mail = self.on_data = ""
        self.mails: list[str] = []

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        envelope.mail_from = address
        return self.on_mail or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        if not self.on_rcpt:
            envelope.rcpt_tos.append(address)
        return self.on_rcpt or "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        if not self.on_data:
            self.mails.append(envelope.content.decode())
        return self.on_data or "250 OK"


@pytest.fixture
async def relay():
    relay = Relay()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            relay,
            hostname="relay.example",
            authenticator=lambda *_: AuthResult(success=False, handled=False),
            auth_require_tls=False,
        ),
        "127.0.0.1",
        0,
    )
    relay.port = server.sockets[0].getsockname()[1]
    yield relay
    server.close()


def through(tools, relay, login=""):
    settings = Settings(base_url="https://forum.example", smtp_url=f"smtp://{login}127.0.0.1:{relay.port}")
    return replace(tools, settings=settings, mailer=SmtpMailer(settings))


async def test_a_test_mail_goes_to_whoever_asks_and_is_kept(db, web, tools):
    admin = await a_member(db, role="admin", address="admin@district.example")
    await sign_in_as(web, db, admin)

    assert (await web.post("/admin/mail")).status_code == 303

    assert [mail.to for mail in tools.mailer.sent] == ["admin@district.example"]
    page = (await web.get("/admin/mail")).text
    assert "The relay accepted it (250)." in page
    assert "admin@district.example" not in page
    assert await acts(db) == [("mail.tested", {}, {"is_good": True})]


async def test_a_relay_that_takes_it(db, tools, relay):
    assert (await trial.send_test(through(tools, relay), await an_admin(db), "ann@district.example"))[0]
    assert "This is a test email from Staffroom" in relay.mails[0]


@pytest.mark.parametrize(
    ("answers", "login", "sentence"),
    [
        ({"on_rcpt": "550 no ann@district.example here"}, "", "The relay refused the address (550)."),
        ({"on_mail": "553 not from here"}, "", "The relay refused the sender (553)."),
        ({"on_data": "554 ann@district.example is spam"}, "", "The relay refused the email (554)."),
        ({}, "forum:wrong@", "The relay refused the user name and password (535"),
    ],
)
async def test_what_the_relay_said_is_one_sentence_with_its_code(db, tools, relay, answers, login, sentence):
    vars(relay).update(answers)

    is_good, outcome = await trial.send_test(through(tools, relay, login), await an_admin(db), "ann@district.example")

    assert not is_good
    assert outcome.startswith(sentence)
    assert "ann@" not in outcome
    assert "wrong" not in outcome


async def test_a_relay_that_is_not_there(db, tools, relay):
    relay.port = 1

    is_good, outcome = await trial.send_test(through(tools, relay), await an_admin(db), "ann@district.example")

    assert not is_good
    assert outcome.startswith("No relay answers where SMTP_URL points. Check host and port")


async def test_a_relay_that_does_not_answer(db, tools, relay, monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 0.2)
    ever = asyncio.Event()
    monkeypatch.setattr(relay, "handle_DATA", lambda *_: ever.wait())

    is_good, outcome = await trial.send_test(through(tools, relay), await an_admin(db), "ann@district.example")
    ever.set()

    assert not is_good
    assert outcome.startswith("The relay did not answer within 0.2 seconds.")


async def test_a_site_without_a_relay_says_what_to_set(db, tools):
    is_good, outcome = await trial.send_test(
        replace(tools, settings=Settings()), await an_admin(db), "ann@district.example"
    )

    assert not is_good
    assert "set SMTP_URL" in outcome


async def test_only_the_latest_tests_are_kept(db):
    admin = await an_admin(db)
    for number in range(25):
        await commands.note_mail_test(db, admin, f"Test {number}", is_good=False)

    assert [test.outcome for test in await mail_tests(db, limit=100)] == [f"Test {n}" for n in range(24, 4, -1)]


async def test_nobody_sends_more_than_ten_an_hour(db, web, tools):
    await sign_in_as(web, db, await an_admin(db))

    answers = [(await web.post("/admin/mail")).status_code for _ in range(11)]

    assert answers == [303] * 10 + [429]
    assert len(tools.mailer.sent) == 10


async def test_only_administrators_test(db, web, tools):
    with pytest.raises(Forbidden):
        await commands.note_mail_test(db, await a_member(db), "It works", is_good=True)
    await sign_in_as(web, db, await a_member(db))

    assert (await web.post("/admin/mail")).status_code == 404
    assert tools.mailer.sent == []
