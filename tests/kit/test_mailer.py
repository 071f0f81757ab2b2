"""Handing mail to a real relay on loopback, and onto the screen."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy

import dkim
import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forum.kit.db import run, value
from forum.kit.dkim import signer_for
from forum.kit.errors import NotFound
from forum.kit.mailer import (
    Mail,
    NoMailer,
    NotTaken,
    ScreenMailer,
    SmtpMailer,
    forget_old,
    mailer_for,
    screen_mail,
    screen_mails,
)
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.members import sign_in
from forum.worker import worker
from tests.factories import a_member
from tests.kit.keys import pem
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here

HELLO = Mail("ada@district.example", "Hello", "One line\nand another: é\n")


@dataclass
class Relay:
    """An SMTP server that keeps what it accepts. `refusal` is what it answers to a mail instead."""

    port: int = 0
    accepted: list = field(default_factory=list)
    logins: list = field(default_factory=list)
    refusal: str = ""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        if self.refusal:
            return self.refusal
        self.accepted.append(envelope)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss:w/rd", handled=False)

    @property
    def mails(self):
        return [message_from_bytes(envelope.original_content, policy=policy.default) for envelope in self.accepted]


@pytest.fixture
async def relay():
    relay = Relay()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(relay, hostname="relay.example", authenticator=relay.authenticate, auth_require_tls=False),
        "127.0.0.1",
        0,
    )
    relay.port = server.sockets[0].getsockname()[1]
    yield relay
    server.close()


def site(relay, login="") -> Settings:
    return Settings(
        base_url="https://forum.example", smtp_url=f"smtp://{login}127.0.0.1:{relay.port}", site_name="Röom, the forum"
    )


async def test_a_mail_arrives_as_it_was_written(relay):
    await SmtpMailer(site(relay)).send(HELLO)

    envelope, mail = relay.accepted[0], relay.mails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("forum@forum.example", ["ada@district.example"])
    assert (mail["to"], mail["subject"]) == ("ada@district.example", "Hello")
    assert mail["from"].addresses[0].display_name == "Röom, the forum"
    assert mail.get_content().splitlines() == HELLO.text.splitlines()
    assert mail["message-id"].endswith("@forum.example>")
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["date"].datetime is not None


async def test_links_to_sign_in_are_signed_too(relay, tmp_path):
    (tmp_path / "dkim.pem").write_bytes(pem(Ed25519PrivateKey.generate()))
    settings = site(relay).model_copy(update={"dkim_key": str(tmp_path / "dkim.pem")})
    signer = signer_for("forum.example", "forum", tmp_path / "dkim.pem")

    await SmtpMailer(settings).send(HELLO)

    assert dkim.verify(relay.accepted[0].original_content, dnsfunc=lambda name, timeout=5: signer.record.encode())
    assert relay.mails[0].get_content().splitlines() == HELLO.text.splitlines()


@pytest.mark.parametrize("address", ["o'brien+x@district.example", "a_b-c=d@district.example", "&'+=_~-#@x.example"])
async def test_only_the_one_it_is_for_gets_a_mail(relay, address):
    await SmtpMailer(site(relay)).send(Mail(address, "Hello", "text"))

    assert relay.accepted[0].rcpt_tos == [address]
    assert relay.mails[0]["to"].addresses[0].addr_spec == address


async def test_an_address_that_reads_as_another_goes_nowhere_else(relay):
    odd = "=?utf-8?q?eve=40evil.example=3e?=@district.example"

    with suppress(ValueError, NotTaken):
        await SmtpMailer(site(relay)).send(Mail(odd, "Hello", "text"))

    assert [envelope.rcpt_tos for envelope in relay.accepted] in ([], [[odd]])


@pytest.mark.parametrize(
    "mail", [Mail("a@x.example\r\nBcc: eve@x.example", "s", ""), Mail("a@x.example", "s\r\nBcc: e@x", "")]
)
async def test_a_line_end_in_a_header_sends_nothing(relay, mail):
    with pytest.raises(Exception, match=r".+"):
        await SmtpMailer(site(relay)).send(mail)

    assert relay.accepted == []


async def test_a_name_and_a_password_in_the_url_sign_in_to_the_relay(relay):
    await SmtpMailer(site(relay, "forum%40site:p%40ss%3Aw%2Frd@")).send(HELLO)

    assert relay.logins == [(b"forum@site", b"p@ss:w/rd")]
    assert len(relay.accepted) == 1


async def test_what_the_relay_will_not_take_is_an_error(relay):
    with pytest.raises(NotTaken):
        await SmtpMailer(site(relay, "forum:wrong@")).send(HELLO)
    relay.refusal = "452 Disk full"
    with pytest.raises(NotTaken):
        await SmtpMailer(site(relay)).send(HELLO)


async def test_a_relay_that_is_not_there_is_an_error():
    settings = Settings(base_url="http://forum.example", smtp_url="smtp://127.0.0.1:1")

    with pytest.raises(NotTaken):
        await SmtpMailer(settings).send(HELLO)


async def test_a_link_asked_for_while_the_relay_is_away_is_mailed_when_it_is_back(db, relay, database_url):
    settings = site(relay)
    await a_member(db, address="ada@district.example")
    jobs = worker(database_url, Tools(db=db, mailer=mailer_for(settings, db), settings=settings))
    await sign_in.request_link(db, "ada@district.example")

    relay.refusal = "451 Try again later"
    await jobs.drain()
    assert relay.accepted == []
    assert await value(db, "SELECT array_agg(CAST(status AS text)) FROM pgqueuer") == ["queued"]
    relay.refusal = ""
    await run(db, "UPDATE pgqueuer SET execute_after = now()")
    await jobs.drain()

    link = relay.mails[0].get_content().partition("https://forum.example/sign-in/")[2].split()[0]
    assert await sign_in.use_link(db, link, "")
    assert len(relay.accepted) == 1


# Which mailer, and the one of demo mode


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(), NoMailer),
        (Settings(smtp_url="smtp://mail.example"), SmtpMailer),
        (Settings(demo=True), ScreenMailer),
        (Settings(demo=True, smtp_url="smtp://mail.example"), ScreenMailer),
    ],
)
async def test_demo_mode_never_mails_and_a_site_without_a_relay_says_so(db, settings, kind):
    assert type(mailer_for(settings, db)) is kind


async def test_without_a_relay_sending_fails():
    with pytest.raises(RuntimeError, match="set SMTP_URL"):
        await NoMailer().send(HELLO)


async def test_mails_on_the_screen_stand_newest_first(db):
    for number in range(3):
        await ScreenMailer(db).send(Mail("ada@district.example", f"Mail {number}", HELLO.text))

    mails = await screen_mails(db, limit=2)

    assert [mail.subject for mail in mails] == ["Mail 2", "Mail 1"]
    assert (await screen_mail(db, mails[1].id)).body == HELLO.text
    with pytest.raises(NotFound):
        await screen_mail(db, 2**40)


async def test_mails_on_the_screen_are_forgotten_after_thirty_days(db):
    for subject in ("Old", "New"):
        await ScreenMailer(db).send(Mail("ada@district.example", subject, HELLO.text))
    await run(db, "UPDATE screen_mail SET created_at = now() - interval '31 days' WHERE subject = 'Old'")

    await forget_old(db)

    assert [mail.subject for mail in await screen_mails(db)] == ["New"]
