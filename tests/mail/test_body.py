"""A mail reads well on a page, and nothing in it can harm the page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.mail.archive.body import page_of, tidied
from forum.mail.archive.htmltext import text_of
from forum.mail.archive.masks import masked
from forum.mail.archive.quotes import sections
from tests.pace import within

TAG = re.compile(r"</?([a-z]+)((?: [a-z]+=\"[^\"<>]*\")*)>")
LONG_QUOTE = "\n".join(f"> line {number}" for number in range(10))


def page(text: str) -> str:
    return page_of(sections(masked(tidied(text))), ())


def test_wrapped_prose_flows_and_short_lines_stay():
    prose = (
        "This paragraph was broken by a mailer that thinks the world is\n"
        "seventy columns wide, so its lines belong together and flow as\none.\n\nAnn\nPine County"
    )
    html = page(prose)

    assert "the world is\nseventy" in html
    assert "flow as\none." in html
    assert "<p>Ann<br>Pine County</p>" in html


def test_code_tables_and_lists_keep_their_lines():
    assert page("Try this:\n\n    for cart in carts:\n        print(cart)").endswith(
        "<pre>for cart in carts:\n    print(cart)</pre>"
    )
    assert "<pre>name     wheels\ncart     4</pre>" in page("name     wheels\ncart     4")
    assert page("- one\n- two") == "<p>- one<br>- two</p>"


def test_a_full_quote_is_folded_with_its_announcement():
    html = page(f"I agree.\n\nOn Monday, Ann Lee\n<ann@pine.example> wrote:\n{LONG_QUOTE}")

    assert html.startswith('<p>I agree.</p><details class="quoted"><summary>Quoted text</summary><blockquote>')
    assert "ann@…" in html
    assert "ann@pine" not in html


def test_answers_between_short_quotes_stay_readable():
    html = page("> Which carts?\n\nThe county's.\n\n> How many?\n\nForty.")

    assert html.count("<blockquote>") == 2
    assert "details" not in html


def test_a_short_quote_below_the_answer_is_folded_and_a_mail_of_quotes_alone_is_not():
    assert "details" in page("Yes.\n\n> Which carts?")
    assert "details" not in page(LONG_QUOTE)


@pytest.mark.parametrize(
    "start",
    [
        "-----Original Message-----\nFrom: Ann",
        "________________________________\nFrom: Ann Lee\nSent: Monday\nTo: all\nSubject: Carts",
        "Von: Ann Lee\nGesendet: Montag\nAn: alle\nBetreff: Wagen",
    ],
)
def test_outlooks_copy_of_the_old_mail_is_folded(start):
    assert re.fullmatch(
        r"<p>Yes\.</p><details.*old words</p></blockquote></details>", page(f"Yes.\n\n{start}\n\nold words"), re.S
    )


def test_signatures_are_dimmed_and_footers_of_the_list_are_folded():
    html = page(
        "Yes.\n-- \nAnn Lee\nPine County\n_______________________________________________\n"
        "Carts mailing list\nCarts@list.example\nhttp://list.example/listinfo/carts"
    )

    assert '<div class="signature"><p>--<br>Ann Lee<br>Pine County</p></div>' in html
    assert '<details class="list-footer"><summary>List footer</summary><p>____' in html
    assert "Carts@…" in html


def test_links_are_links_and_addresses_are_masked():
    html = page(
        "See (https://x.example/a_(b)?q=1&r=2). Mail bob@oak.example or <bob at oak.example>, javascript:alert(1)"
    )

    assert (
        '(<a href="https://x.example/a_(b)?q=1&amp;r=2" rel="nofollow ugc noopener">https://x.example/a_(b)?q=1&amp;r=2</a>).'
        in html
    )
    assert html.count("bob@…") == 2
    assert html.count("<a ") == 1


def test_an_escaped_from_is_a_sentence_not_a_quote():
    assert page("Hello\n>From here on it works") == "<p>Hello<br>&gt;From here on it works</p>"


def test_an_inline_pgp_signature_is_taken_off():
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nYes.\n- -- \nAnn\n"
        "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n"
    )

    assert page(signed) == '<p>Yes.</p><div class="signature"><p>--<br>Ann</p></div>'


@given(st.text(alphabet=st.sampled_from("<>&\"'> \n-_=:/hthttps.@aFrom"), max_size=400))
def test_no_text_becomes_a_tag_of_its_own(text):
    html = page(text)
    allowed = {"p", "br", "pre", "blockquote", "details", "summary", "div", "ul", "li", "a"}

    for found in re.finditer(r"<[^>]*>?", html):
        tag = TAG.fullmatch(found[0])
        assert tag, found[0]
        assert tag[1] in allowed
        assert re.fullmatch(r'(?: class="[a-z-]+")?|(?: href="https?://[^"]*" rel="nofollow ugc noopener")', tag[2])
    for name in ("blockquote", "p", "div", "details", "pre"):
        assert html.count(f"<{name}") - (html.count("<pre") if name == "p" else 0) == html.count(f"</{name}>")


@pytest.mark.parametrize(
    "bomb",
    [
        ">" * 100_000,
        "> " * 50_000,
        "a" * 100_000 + "@",
        "a.a@" * 25_000,
        "http://" * 15_000,
        "https://x/" + ")" * 60_000,
        "From: x\n" * 12_000,
        "On x wrote:\n" * 8_000,
        "-----Original Message-----\n" * 4_000,
        "_" * 100_000,
        ("_" * 30 + "\n") * 3_000,
        "-- \n" * 25_000,
        "\n".join(">" * (number % 60) for number in range(3_000)),
        " " * 100_000 + "x",
    ],
)
def test_hostile_text_takes_no_longer_than_honest_text(bomb):
    with within(2):
        page(bomb)


@pytest.mark.parametrize(
    "bomb",
    [
        "<" * 300_000,
        "<a href=http://x>" * 30_000,
        "<!--" * 100_000,
        "<style>" * 60_000,
        "<div>" * 100_000,
        "<p <" * 100_000,
    ],
)
def test_hostile_html_takes_no_longer_than_honest_html(bomb):
    with within(2):
        text_of(bomb)
