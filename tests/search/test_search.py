"""Searching: what is found, how it is shown, what is never found."""

import pytest

from forum.members.types import GUEST
from forum.search.queries import MOST_HITS, search
from forum.threads import commands, delete
from forum.threads.types import ReplyDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id


async def titles(db, words, actor=None) -> list[str]:
    return [hit.title for hit in await search(db, actor or await a_member(db), words)]


async def a_library(db) -> None:
    """A few threads to look in."""
    for title, body in [
        ("Chromebook repair vendors in the Midwest", "Who repairs cracked screens by mail?"),
        ("Printers that survive a school year", "We replaced toner twelve times."),
        ("E-rate category two budgets", "How do you split switches and access points?"),
        ("Content filtering at home", "Parents ask about screens and the firewall."),
    ]:
        await a_thread(db, title=title, body=body)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("toner", ["Printers that survive a school year"]),
        ("chromebook", ["Chromebook repair vendors in the Midwest"]),
        ("CHROMEBOOKS", ["Chromebook repair vendors in the Midwest"]),
        ("repairing screen", ["Chromebook repair vendors in the Midwest"]),
        ("screens", ["Chromebook repair vendors in the Midwest", "Content filtering at home"]),
        ("toner or firewall", ["Content filtering at home", "Printers that survive a school year"]),
        ('"access points"', ["E-rate category two budgets"]),
        ('"points access"', []),
        ("screens -firewall", ["Chromebook repair vendors in the Midwest"]),
        ("printers -toner", []),
        ('"cracked screens" -midwest', ["Chromebook repair vendors in the Midwest"]),
        ("e-rate", ["E-rate category two budgets"]),
        ("zebra", []),
        ("", []),
    ],
)
async def test_words_phrases_and_words_left_out(db, words, found):
    await a_library(db)

    assert sorted(await titles(db, words)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("chromebok", "Chromebook repair vendors in the Midwest"),
        ("chromebook repiar vendors", "Chromebook repair vendors in the Midwest"),
        ("filterring", "Content filtering at home"),
        ("printrs", "Printers that survive a school year"),
        ("categori too", "E-rate category two budgets"),
    ],
)
async def test_a_title_is_found_in_spite_of_a_typo(db, typed, found):
    await a_library(db)

    assert (await titles(db, typed))[:1] == [found]


async def test_a_word_in_the_title_counts_more_than_one_in_a_post(db):
    await a_thread(db, title="All about the mailroom", body="Somebody mentions walnuts, once, in passing.")
    await a_thread(db, title="Walnuts in the mailroom", body="They are everywhere.")

    assert await titles(db, "walnuts") == ["Walnuts in the mailroom", "All about the mailroom"]


async def test_a_thread_is_found_once_at_its_best_post(db):
    thread_id = await a_thread(db, title="All about the mailroom", body="Nothing of interest.")
    for body in ("Still nothing", "The pistachio tray is empty", "More of nothing"):
        await a_reply(db, thread_id, body=body)

    hits = await search(db, await a_member(db), "pistachio")

    assert [(hit.thread_id, hit.number) for hit in hits] == [(thread_id, 3)]
    assert hits[0].path == f"/t/{thread_id}/all-about-the-mailroom#p3"


async def test_a_hit_far_down_leads_to_its_page_of_the_thread(db):
    thread_id = await a_thread(db, title="All about the mailroom")
    ann = await a_member(db)
    for number in range(2, 54):
        body = "The pistachio tray" if number == 53 else f"Nothing for the {number}th time"
        await commands.reply(db, ann, thread_id, ReplyDraft(body, f"k{number}"))

    assert (await search(db, ann, "pistachio"))[0].path == f"/t/{thread_id}/all-about-the-mailroom?after=50#p53"


async def test_the_excerpt_marks_the_words(db):
    await a_thread(db, title="All about the mailroom", body="Yesterday the **walnut** trays were empty again.")

    pieces = (await search(db, await a_member(db), "walnuts tray"))[0].pieces

    assert [text for text, is_word in pieces if is_word] == ["walnut", "trays"]
    assert "".join(text for text, _ in pieces).startswith("Yesterday the ")


@pytest.mark.parametrize(
    "body", ["walnut <script>alert(1)</script>", "walnut \x02bold\x03 \x02", "walnut <mark>x</mark>"]
)
async def test_an_excerpt_is_shown_as_the_text_it_is(db, web, body):
    await a_thread(db, category=await a_category(db, read_by="everyone"), body=body)

    page = (await web.get("/search?q=walnut")).text

    assert "<mark>walnut</mark>" in page
    assert "<script>alert" not in page
    assert "<mark>x</mark>" not in page
    assert "\x02" not in page


async def test_what_may_not_be_read_is_never_found(db):
    hidden = await a_category(db, read_by="staff")
    moderator = await a_member(db, moderates=[hidden])
    await a_thread(db, category=hidden, author=moderator, title="The walnut incident", body="Pistachio")
    for actor in (GUEST, await a_member(db), await a_member(db, role="vendor")):
        for words in ("walnut", "walnut incident", "pistachio", "walnt incidnt", "-zebra"):
            assert await search(db, actor, words) == []

    assert await titles(db, "walnut", moderator) == ["The walnut incident"]


async def test_what_is_deleted_is_never_found_not_even_by_staff(db):
    admin, ann = await an_admin(db), await a_member(db)
    gone = await a_thread(db, title="The walnut incident", body="Pistachio", author=ann)
    kept = await a_thread(db, title="All about the mailroom")
    reply = await a_reply(db, kept, body="Pistachio", author=ann)
    await delete.delete(db, admin, await post_id(db, gone), "")
    await delete.delete(db, admin, reply, "")

    for actor in (admin, ann):
        assert await search(db, actor, "walnut incident") == []
        assert await search(db, actor, "pistachio") == []


async def test_hidden_threads_do_not_crowd_out_those_that_may_be_read(db):
    hidden = await a_category(db, read_by="staff")
    moderator = await a_member(db, moderates=[hidden])
    await a_thread(db, title="The walnut tray")
    await a_thread(db, title="A walnut tray of the staff", category=hidden, author=moderator)

    assert await titles(db, "walnut") == ["The walnut tray"]


async def test_at_most_fifty_are_found_and_the_page_says_there_may_be_more(db, web):
    category, author = await a_category(db, read_by="everyone"), await a_member(db)
    for _ in range(52):
        await a_thread(db, category=category, author=author, title="The walnut tray")

    assert len(await search(db, GUEST, "walnut")) == MOST_HITS == 50
    assert "The 50 threads that fit best." in (await web.get("/search?q=walnut")).text


@pytest.mark.parametrize(
    "words",
    [
        "'",
        '"',
        '"""',
        "' OR 1=1 --",
        "a & | ! ( ) :* <-> b",
        "\\",
        "%",
        "_",
        ":name",
        "$1",
        "-",
        "--",
        "-" * 200,
        "- (" * 60,
        "-&" * 90,
        "((((((((",
        "or or or",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "\u202e\u200b",
        "😀" * 200,
        "x" * 3000,
        "a " * 1500,
        "\x01\x02\x03",
        "ﬁle ½ İ",
    ],
    ids=lambda words: ascii(words)[:16],
)
async def test_hostile_words_find_nothing_and_break_nothing(db, web, words):
    await a_thread(db, category=await a_category(db, read_by="everyone"))

    for path, name in (("/search", "q"), ("/ask/similar", "title")):
        answer = await web.get(path, params={name: words})
        assert answer.status_code in (200, 414)
        assert "<script>alert" not in answer.text


async def test_the_page_says_what_was_found_or_what_to_do(db, web):
    await a_thread(db, category=await a_category(db, read_by="everyone"), title="The walnut tray")

    found, nothing, blank = [(await web.get(f"/search?q={words}")).text for words in ("walnut", "zebra", "")]

    assert "One thread" in found
    assert "The walnut tray" in found
    assert "Nothing found" in nothing
    assert "Nothing found" not in blank
