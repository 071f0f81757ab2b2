"""The bytes of a mail, header by header, as another program reads them."""

import quopri
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP, default

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from forum.kit.dkim import Signer
from forum.mail import addresses
from forum.mail.addresses import Click
from forum.mail.composing import Draft, _encoded, house, references
from forum.mail.types import House, Letter, Reader
from forum.mail.wording import PLACES, absolute, in_columns
from tests.kit.keys import pem
from tests.pace import within

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HOUSE = House("Staffroom", "forum@forum.example", "lists.example", "https://forum.example", b"s" * 32)
FOOT = "".join(f"{place}\n" for place in PLACES.values())
LETTER = Letter(
    "instant",
    "Which VLAN for the cameras?",
    f"Use 40.\n{FOOT}",
    f"<p>Use 40. Zoë</p>{FOOT}",
    "post.12@lists.example",
    author="Ann Lee",
    parents=("post.1@lists.example", "post.5@lists.example"),
    list_slug="network",
    list_name="Networking",
    page_path="/p/12",
)
BOB = Reader(7, "bob@district.example", "You get this because you follow Räume.", "Stop this <thread>", "thread", 3, 12)


def made(letter=LETTER, reader=BOB, home=HOUSE):
    return Draft(home, letter).to(reader, NOW)


def read(raw):
    return message_from_bytes(raw, policy=default)


def one(name):
    return str(read(made())[name])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("From", "Ann Lee via Staffroom <forum@forum.example>"),
        ("To", "bob@district.example"),
        ("Subject", "Re: [Staffroom] Which VLAN for the cameras?"),
        ("Date", "Sun, 29 Nov 2026 12:00:00 +0000"),
        ("Message-ID", "<post.12@lists.example>"),
        ("In-Reply-To", "<post.5@lists.example>"),
        ("References", "<post.1@lists.example> <post.5@lists.example>"),
        ("List-Id", '"Staffroom / Networking" <network.lists.example>'),
        ("List-Archive", "<https://forum.example/c/network>"),
        ("List-Post", "NO"),
        ("List-Help", "<https://forum.example/help>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Archived-At", "<https://forum.example/p/12>"),
        ("Precedence", "list"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Feedback-ID", "instant:network:forum:staffroom"),
        ("MIME-Version", "1.0"),
    ],
)
def test_each_header_says_what_it_should(name, text):
    assert one(name) == text


def test_another_program_finds_nothing_wrong_with_it():
    mail = read(made(replace(LETTER, subject="Größe " * 40, author="Zoë", list_name="Räume")))

    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert [defect for text in mail.values() for defect in text.defects] == []


def test_no_header_stands_twice_and_none_else_is_there():
    names = [name.lower() for name in read(made()).keys()]  # noqa: SIM118 - a name that stands twice is listed twice

    assert len(names) == len(set(names))
    assert set(names) == NAMES


NAMES = {
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "list-id",
    "list-archive",
    "list-post",
    "list-help",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "archived-at",
    "precedence",
    "auto-submitted",
    "x-auto-response-suppress",
    "feedback-id",
    "mime-version",
    "content-type",
}


def test_an_answer_goes_to_the_post_by_an_address_of_its_own():
    local, _, domain = one("Reply-To").partition("@")

    assert domain == "lists.example"
    assert addresses.read_reply_key(HOUSE.secret, local.removeprefix("reply+")) == (12, 7)


def test_one_click_stops_what_it_is_about():
    link = one("List-Unsubscribe").strip("<>")

    assert link.startswith("https://forum.example/mail/u/")
    click = addresses.read_click(HOUSE.secret, link.rpartition("/")[2])
    assert click == Click(7, "stop", "thread", 3, int(NOW.timestamp()))


def test_all_mail_is_paused_and_stopped_whatever_the_mail_is_about():
    text = read(made()).get_body(("plain",)).get_content()
    found = [addresses.read_click(HOUSE.secret, each) for each in re.findall(r"/mail/u/(\S+)", text)]

    assert [(click.act, click.kind, click.target_id) for click in found] == [
        ("stop", "thread", 3),
        ("weekly", "thread", 3),
        ("pause", "all", 0),
        ("stop", "all", 0),
    ]


def test_both_parts_hold_the_words_and_what_is_the_readers_own():
    mail = read(made())

    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert text.startswith("Use 40.\nYou get this because you follow Räume.\nStop this <thread>\nhttps://")
    assert "Zoë" in html
    assert "Stop this &lt;thread&gt;" in html
    assert len(set(re.findall(r"https://forum\.example/mail/u/\S+?(?=\s|$)", text))) == 4


def test_whoever_begins_a_conversation_is_no_answer_and_names_itself():
    mail = read(made(replace(LETTER, parents=(), subject="RE: Fwd: Hello there")))

    assert (mail["Subject"], mail["In-Reply-To"]) == ("[Staffroom] Hello there", None)
    assert mail["References"] == "<post.12@lists.example>"


@pytest.mark.parametrize("subject", ["Re: Hello", "AW: Re[2]: Hello", "re:re: Hello", "Hello"])
def test_an_answer_says_so_once(subject):
    assert read(made(replace(LETTER, subject=subject)))["Subject"] == "Re: [Staffroom] Hello"


def test_a_mail_of_the_site_itself_has_no_author_and_no_answer():
    mail = read(made(replace(LETTER, author="", list_slug="", list_name="", kind="digest"), replace(BOB, answers_to=0)))

    assert mail["From"] == "Staffroom <forum@forum.example>"
    assert mail["Reply-To"] is None
    assert mail["List-Id"] == '"Staffroom" <digest.lists.example>'
    assert mail["List-Post"] is None


def test_of_a_long_conversation_the_first_and_the_last_are_named():
    ids = [f"post.{n}@lists.example" for n in range(50)]

    assert references(ids) == [ids[0], *ids[-19:]]
    assert references(["no id", "a@b", "c@d e@f", "<x@y>"]) == ["a@b"]


ODD = st.text(st.characters(codec="utf-8"), max_size=300)
NASTY = "x\r\nBcc: eve@evil.example\r\n\r\nHello\x00\x85\u2028=?utf-8?q?Bcc:_eve=40evil.example?="


@given(ODD, ODD, ODD)
@example(NASTY, NASTY, NASTY)
@example("=?utf-8?q?x?=", '"Eve" <eve@evil.example>', "\\")
@example("é" * 300, "é" * 300, "x " * 150)
def test_nobodys_words_become_a_header_or_another_reader(subject, author, why):
    raw = made(replace(LETTER, subject=subject, author=author, list_name=author), replace(BOB, why=why))
    mail = read(raw)
    plain = read(made())

    assert mail.keys() == plain.keys()
    assert [each.addr_spec for each in mail["to"].addresses] == ["bob@district.example"]
    assert [each.addr_spec for each in mail["from"].addresses] == ["forum@forum.example"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 78 or line.count(b" ") == 1 for line in lines)
    assert all(len(line) <= 998 and b"\n" not in line and line.isascii() for line in lines)


@pytest.mark.parametrize("field", ["message_id", "list_slug", "page_path", "kind"])
def test_a_line_end_where_only_we_write_is_an_error(field):
    with pytest.raises(ValueError, match="a line end"):
        made(replace(LETTER, **{field: "a\r\nBcc: eve@evil.example"}))


@pytest.mark.parametrize("address", ["a@x.example\r\nBcc: e@x.example", "a@x.example\n"])
def test_a_line_end_in_an_address_is_an_error(address):
    with pytest.raises(ValueError, match="a line end"):
        made(reader=replace(BOB, address=address))


def test_names_of_every_script_are_read_as_they_are_written():
    mail = read(made(replace(LETTER, author="Zoë Müller 学校", subject="Größe der Räume " * 12)))

    assert mail["from"].addresses[0].display_name == "Zoë Müller 学校 via Staffroom"
    assert str(mail["subject"]) == "Re: [Staffroom] " + ("Größe der Räume " * 12).strip()


def test_with_a_key_what_matters_is_signed():
    signer = Signer("forum.example", "forum", pem(Ed25519PrivateKey.generate()))
    raw = made(home=replace(HOUSE, signers=(signer,)))

    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: signer.record.encode())
    signed = re.sub(r"\s", "", str(read(raw)["DKIM-Signature"])).partition("h=")[2].partition(";")[0].split(":")
    assert {"from", "to", "subject", "date", "message-id", "reply-to", "list-unsubscribe"} <= set(signed)
    assert "list-unsubscribe-post" in signed


def test_a_second_reader_costs_little():
    letter = replace(LETTER, text="Plain words of a post.\n" * 200 + FOOT, html="<p>Words of a post</p>\n" * 300 + FOOT)
    draft = Draft(HOUSE, letter)
    draft.to(BOB, NOW)
    with within(0.2):
        for _ in range(100):
            draft.to(BOB, NOW)


def test_other_programs_can_write_it_again():
    again = read(made()).as_bytes(policy=SMTP)

    assert read(again)["message-id"] == "<post.12@lists.example>"


async def test_the_house_is_what_was_set(db, tools):
    found = await house(tools)

    assert (found.name, found.sender, found.domain) == ("Staffroom", "forum@forum.example", "forum.example")
    assert (found.url, len(found.secret), found.signers) == ("http://forum.example", 32, ())


# Plain text in 72 columns


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=500))
def test_no_word_is_lost_between_columns(text):
    assert in_columns(text).split() == re.sub(r"\s", " ", text).split() or ">" in text


def test_quotes_points_and_code_stay_what_they_are():
    long = "word " * 30
    text = in_columns(f"> {long}\n- {long}\n    {long}\n```\n{long}\n```\nhttps://forum.example/{'x' * 90}\n")
    lines = text.split("\n")

    assert all(line.startswith("> ") for line in lines[:3])
    assert lines[3].startswith("- ")
    assert lines[4].startswith("  word")
    assert f"    {long}".rstrip() in lines
    assert long.rstrip() in lines
    assert f"https://forum.example/{'x' * 90}" in lines
    assert all(len(line) <= 72 for line in lines if line.startswith((">", "-", "  w")))


def test_links_of_a_post_lead_to_the_site():
    html = absolute(HOUSE, '<a href="/people/ann">@ann</a> <img src="//evil.example/x"> <a href="https://x.example/">')

    assert '<a href="https://forum.example/people/ann">' in html
    assert 'src="//evil.example/x"' in html


@given(st.text(st.sampled_from("aé漢=. \t\n"), max_size=400))
def test_quoted_printable_is_read_back_and_fits(words):
    encoded = _encoded(words)

    assert quopri.decodestring(encoded).decode() == words.replace("\n", "\r\n")
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
