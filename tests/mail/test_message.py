"""What a mail says is understood however it is written."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.mail.archive.charsets import decode
from forum.mail.archive.headers import person, readable
from forum.mail.archive.message import EMPTY, LONG_HEADER, parse
from forum.mail.archive.parts import TOO_DEEP
from forum.mail.archive.titles import normalised
from forum.mail.archive.types import Mail, RawMessage
from tests.mail.letters import letter

PARTS = "MIME-Version: 1.0\nContent-Type: multipart/{}; boundary=xx\n"


def mail(raw, **known) -> Mail:
    found = parse(RawMessage("list.mbox", 1, raw, **known))
    assert isinstance(found, Mail), found
    return found


def many(kind, *parts) -> bytes:
    body = "".join(f"--xx\n{part}\n" for part in parts) + "--xx--"
    return letter(extra=PARTS.format(kind), body=body)


@pytest.mark.parametrize(
    ("label", "content", "text"),
    [
        ("utf-8", "Zoë".encode(), "Zoë"),
        ('"UTF8"', "Zoë".encode(), "Zoë"),
        ("us-ascii", "Zoë".encode(), "Zoë"),
        ("iso-8859-1", "€ 5".encode("cp1252"), "€ 5"),
        ("ks_c_5601-1987", "안녕".encode("cp949"), "안녕"),
        ("gb2312", "你好".encode("gbk"), "你好"),
        ("unicode-1-1-utf-7", b"Hi Mom +Jjo--!", "Hi Mom ☺-!"),
        ("x-unknown", "Zoë".encode("latin-1"), "Zoë"),
        ("", b"raw \xe9t\xe9 \x00nul", "raw été nul"),
        ("utf-8", b"not \xff utf-8", "not ÿ utf-8"),
    ],
)
def test_text_is_decoded_by_its_label_or_in_spite_of_it(label, content, text):
    assert decode(content, label)[0] == text


@pytest.mark.parametrize("label", ["zlib", "rot13", "punycode", "unicode_escape", "idna", "no-such", "x" * 500, "\x00"])
def test_no_codec_but_a_charset_is_run_on_a_mail(label):
    text, complaint = decode(b"plain \\n text", label)

    assert text == "plain \\n text"
    assert "unknown charset" in complaint


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?q?Caf=C3=A9_carts?=", "Café carts"),
        ("=?utf-8?B?Q2Fmw6k=?= carts", "Café carts"),
        ("=?utf-8?q?Caf=C3?= =?utf-8?q?=A9?=", "Café"),
        ("=?iso-8859-1*en?q?Caf=E9?= and =?utf-8?q?=C3=A9?=", "Café and é"),
        ("=?nonsense?q?x?=", "x"),
        ("=?utf-8?b?%%%?=", "%%%"),
        ("a =?utf-8?q?open", "a =?utf-8?q?open"),
    ],
)
def test_encoded_words_are_read(written, read):
    assert readable(written) == read


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Ann Lee <Ann@Pine.example>", "Ann Lee", "ann@pine.example"),
        ('"Lee, Ann" <ann@pine.example>', "Lee, Ann", "ann@pine.example"),
        ("ann at pine.example (Ann Lee)", "Ann Lee", "ann@pine.example"),
        ("ann@pine.example (=?utf-8?q?Zo=C3=AB?=)", "Zoë", "ann@pine.example"),
        ("ann@pine.example", "", "ann@pine.example"),
        ("Ann Lee", "Ann Lee", ""),
        ("<>", "", ""),
        ("(" * 5000, "(" * 5000, ""),
    ],
)
def test_names_and_addresses_are_told_apart(written, name, address):
    assert person(written) == (name, address)


@pytest.mark.parametrize(
    ("headers", "name", "address"),
    [
        (
            "From: Ann Lee via Carts <carts@list.example>\nReply-To: Ann Lee <ann@pine.example>",
            "Ann Lee",
            "ann@pine.example",
        ),
        (
            "From: 'Ann Lee' via carts <carts@list.example>\nX-Original-From: Ann Lee <ann@pine.example>\n"
            "Mailing-list: list carts@list.example; contact x@y.example",
            "Ann Lee",
            "ann@pine.example",
        ),
        (
            "From: Ann Lee via Carts <carts@list.example>\nReply-To: carts@list.example\n"
            "Cc: Bo <bo@oak.example>, Ann Lee <ann@pine.example>\nList-Post: <mailto:carts@list.example>",
            "Ann Lee",
            "ann@pine.example",
        ),
        ("From: carts@list.example (Ann Lee)\nSubject: [Carts] Wheels", "Ann Lee", ""),
        ("From: carts@list.example (carts@list.example)\nSubject: [Carts] Wheels", "Unknown author", ""),
        ('From: "Lee, Ann" <ann@pine.example>', "Ann Lee", "ann@pine.example"),
        ('From: "Lee, PhD" <ann@pine.example>', "Lee, PhD", "ann@pine.example"),
        ("From: ann@pine.example", "ann", "ann@pine.example"),
        ('From: "ann at pine.example" <ann@pine.example>', "ann", "ann@pine.example"),
        ("To: nobody", "Unknown author", ""),
        ("From: ann at pine.example (Lee, Ann)", "Ann Lee", "ann@pine.example"),
        ('From: "Ann Lee (ann@oak.example)" <ann@pine.example>', "Ann Lee (ann@…)", "ann@pine.example"),
        ('From: "Ann Lee: ann at oak.example" <ann@pine.example>', "Ann Lee: ann@…", "ann@pine.example"),
        ('From: "Ann m@iii@g oii oak@example" <ann@pine.example>', "Ann", "ann@pine.example"),
        ("From: @nn", "Unknown author", ""),
    ],
)
def test_the_author_is_found_behind_the_list(headers, name, address):
    author = mail(f"{headers}\nMessage-ID: <1@x>\n\nHello\n".encode()).author

    assert (author.name, author.address) == (name, address)


@pytest.mark.parametrize(
    ("subject", "title", "is_reply"),
    [
        ("[Carts] Wheels", "Wheels", False),
        ("Re: [Carts] Wheels", "Wheels", True),
        ("[Carts] Re: AW: SV[2]: Wheels", "Wheels", True),
        ("Fwd: [Carts] Wheels", "Wheels", False),
        ("[PATCH 1/2] Wheels", "[PATCH 1/2] Wheels", False),
        ("[Other] Re: Wheels", "[Other] Wheels", True),
        ("Review of wheels", "Review of wheels", False),
        ("Re:", "(no subject)", True),
        ("Wheels\u202e\x00 x", "Wheels x", False),
    ],
)
def test_titles_lose_what_lists_and_mailers_put_before_them(subject, title, is_reply):
    assert normalised(subject, frozenset({"carts"})) == (title, is_reply)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("[ann.lee@pine.example: Wheels]", "[ann.lee@…: Wheels]"),
        ("Fwd: [ann.lee at pine.example: Wheels]", "[ann.lee@…: Wheels]"),
        ("Fw: ann@pine.example has left; write to bo@oak.example", "ann@… has left; write to bo@…"),
        ("Wheels at 3.50 a piece, look at pine.example @noon", "Wheels at 3.50 a piece, look at pine.example @noon"),
    ],
)
def test_addresses_in_titles_are_masked(subject, title):
    assert mail(f"Subject: {subject}\nMessage-ID: <1@x>\n\nHello\n".encode()).title == title


def test_a_title_too_long_is_cut_between_words():
    title, _ = normalised("word " * 80, frozenset())

    assert len(title) <= 200
    assert title.endswith("word…")


@pytest.mark.parametrize(
    ("date", "moment", "kinds"),
    [
        ("Mon, 07 Mar 2016 09:00:00 -0500", datetime(2016, 3, 7, 14, tzinfo=UTC), 0),
        ("Mon Mar  7 09:00:00 2016", datetime(2016, 3, 7, 9, tzinfo=UTC), 1),
        ("Mon, 07 Mar 2016 09:00:00 +0000 (GMT+00:00)", datetime(2016, 3, 7, 9, tzinfo=UTC), 0),
        ("Mon, 07 Mar 2016 09:00:00 +50579034", datetime(2016, 3, 7, 9, tzinfo=UTC), 1),
        ("2016-03-07 09:00:00+00:00", datetime(2016, 3, 7, 9, tzinfo=UTC), 0),
        ("Wed, 07 Feb 1945 09:00:00 +0000", datetime(2016, 3, 8, 10, tzinfo=UTC), 1),
        ("Mon, 07 Mar 2116 09:00:00 +0000", datetime(2016, 3, 8, 10, tzinfo=UTC), 1),
        ("yesterday", datetime(2016, 3, 8, 10, tzinfo=UTC), 1),
    ],
)
def test_a_mail_has_the_most_sensible_date_its_headers_know(date, moment, kinds):
    received = "Received: by mx.example; Tue, 08 Mar 2016 10:00:00 +0000\n"

    found = mail(letter(sent=date, extra=received))

    assert found.sent_at == moment
    assert len(found.problems) == kinds


def test_without_any_date_in_the_headers_the_separator_knows():
    assert mail(letter(sent="?"), envelope="ann@x Mon Mar  7 09:00:00 2016").sent_at == datetime(
        2016, 3, 7, 9, tzinfo=UTC
    )
    assert mail(letter(sent="?")).sent_at is None


def test_the_plain_version_is_chosen_unless_it_only_points_to_the_other():
    html = "Content-Type: text/html\n\n<p>The <b>county</b>'s carts</p>"

    assert mail(many("alternative", "Content-Type: text/plain\n\nPlain carts", html)).source == "Plain carts"
    assert (
        mail(many("alternative", "Content-Type: text/plain\n\nThis message is in HTML.", html)).source
        == "The county's carts"
    )
    assert mail(many("alternative", html)).source == "The county's carts"


def test_html_becomes_text_with_its_lists_links_and_quotes():
    html = (
        "<style>p{}</style><p>Hello&nbsp;all</p><ul><li>one<li>two</ul><a href='https://x.example/a'>here</a>"
        "<script>alert(1)</script><blockquote>old <p>words</blockquote><pre>a\n  b</pre>&lt;script&gt;<!-- gone"
    )
    found = mail(letter(extra="Content-Type: text/html\n", body=html))

    assert found.source == (
        "Hello all\n\n- one\n- two\n\nhere <https://x.example/a>\n\n> old\n>\n> words\n\na\n  b\n\n<script>"
    )


def test_flowed_lines_flow_and_quotes_keep_their_depth():
    body = "One long \nline.\n> quoted \n> words\n>> deeper\n-- \nAnn"

    found = mail(letter(extra="Content-Type: text/plain; format=flowed\n", body=body))
    joined = mail(letter(extra="Content-Type: text/plain; format=flowed; delsp=yes\n", body="wo \nrd"))

    assert "One long line." in found.source
    assert "<blockquote><p>quoted words</p><blockquote><p>deeper</p>" in found.html
    assert joined.source == "word"


def test_attachments_are_named_and_signatures_are_not():
    encoded = base64.b64encode(b"x" * 3000).decode()
    found = mail(
        many(
            "mixed",
            "Content-Type: text/plain\n\nSee the list.",
            "Content-Type: application/pdf\nContent-Disposition: attachment;\n filename*=utf-8''pr%C3%A9cis.pdf\n"
            f"Content-Transfer-Encoding: base64\n\n{encoded}",
            'Content-Type: image/png; name="=?utf-8?q?lo=67o?=.png"\nContent-Transfer-Encoding: base64\n\nAAAA',
            "Content-Type: message/rfc822\n\nSubject: An older mail\n\nText",
            "Content-Type: application/pgp-signature\n\nsigned",
        )
    )

    assert [each.name for each in found.attachments] == ["précis.pdf", "logo.png", "An older mail.eml"]
    assert abs(found.attachments[0].size - 3000) < 5
    assert "<li>précis.pdf (application/pdf, 3 KB)</li>" in found.html


def test_parts_whose_announcement_was_lost_are_found_again():
    body = "This is a multi-part message.\n\n--=_the_lost_one\nContent-Type: text/plain\n\nCarts!\n--=_the_lost_one--\n"

    assert mail(letter(body=body)).source == "Carts!"


def test_a_mail_without_an_id_gets_one_from_its_content():
    first, again = mail(letter(has_id=False)), mail(letter(has_id=False))

    assert first.message_id == again.message_id
    assert not first.has_own_id
    assert mail(letter(has_id=False, body="Other words")).message_id != first.message_id


def test_copies_with_another_footer_have_the_same_content():
    footer = (
        "\n_______________________________________________\nCarts mailing list\nhttp://list.example/listinfo/carts\n"
    )

    assert mail(letter(body="Wheels?  ")).content_hash == mail(letter(body="Wheels?" + footer)).content_hash


def test_references_come_before_in_reply_to_and_both_without_folds_and_blanks():
    raw = b"Subject: x\nMessage-ID: <c@x>\nReferences: <a@\n x>\n\t<b@x>\nIn-Reply-To: Your note <z@x>\n\nHi\n"

    assert mail(raw).references == ("a@x", "b@x")
    assert mail(raw.replace(b"References", b"X-Old")).references == ("z@x",)


def test_bombs_are_cut_down_and_reported():
    deep = b"\n".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d" % (n, n) for n in range(3000))
    long = mail(letter(extra=f"X-Long: {'y' * 200_000}\n"))
    nested = mail(b"Message-ID: <1@x>\n" + deep)

    assert [each.kind for each in long.problems] == [LONG_HEADER]
    assert TOO_DEEP in [each.kind for each in nested.problems]
    assert parse(RawMessage("f", 3, b"\n\n")).kind == EMPTY


@given(st.binary(max_size=600))
def test_no_bytes_stop_the_reader(raw):
    found = parse(RawMessage("f", 1, b"Subject: x\nContent-Type: text/html\n" + raw))

    assert isinstance(found, Mail)
    assert "\x00" not in found.source + found.html + found.title + found.message_id
