"""Followed searches find what is written later, as the search itself would."""

import pytest

from forum.following import commands, jobs
from forum.following.types import Target
from forum.kit.db import rows, run, value
from forum.search import saving, synonyms
from forum.search.asked_types import SearchDraft, SynonymsDraft
from forum.search.watching import watch
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin
from tests.following.scenes import hears, opening
from tests.products.catalogue import a_product


async def a_followed_search(db, who, text) -> int:
    saved_id = await saving.save(db, who, SearchDraft.from_text(text))
    await commands.follow(db, who, Target("search", saved_id), "each")
    return saved_id


@pytest.mark.parametrize(
    ("text", "finds_opening", "finds_reply"),
    [
        ("lantern", True, True),
        ("lantern flickers", True, True),  # a reply is found by its thread's title too
        ("Lanterns flickering", True, True),
        ('"at noon"', True, False),
        ('"noon flickers"', False, False),
        ("lantern -noon", False, True),
        ("-noon", False, False),  # without words a search shows threads, not their replies
        ("topic:wifi", True, False),
        ("topic:wifi mine", False, True),
        ("topic:printing", False, False),
        ("category:desk lantern", True, True),
        ("category:other lantern", False, False),
        ("by:wendy", False, True),
        ("product:lantern", True, True),
        ("product:candle", False, False),
        ("kind:question", True, False),
        ("is:unanswered lantern", True, True),
        ("is:answered lantern", False, False),
        ("after:2020-01-01 lantern", True, True),
        ("the", False, False),
        ("nowhereword", False, False),
        ("kind:person lantern", False, False),
    ],
)
async def test_a_followed_search_hears_of_what_it_would_find(db, text, finds_opening, finds_reply):
    ann, wendy = await a_member(db), await a_member(db, name="Wendy Wu")
    await a_product(db, "Lantern")
    await a_product(db, "Candle")
    for slug in ("desk", "other"):
        await a_category(db, slug=slug)
    thread = await a_thread(db, category="desk", topics="wifi", title="Our Lantern flickers", body="It does at noon.")
    reply = await a_reply(db, thread, author=wendy, body="Mine, another Lantern, does not.")
    await a_followed_search(db, ann, text)

    expected = ("each", 0, "search")
    assert await hears(db, ann, await opening(db, thread)) == (expected if finds_opening else None)
    assert await hears(db, ann, reply) == (expected if finds_reply else None)


async def test_words_that_mean_the_same_are_heard_of(db):
    ann, admin = await a_member(db), await an_admin(db)
    await synonyms.add(db, admin, SynonymsDraft(("toner", "ink cartridge")))
    await a_followed_search(db, ann, "toner")
    post = await opening(db, await a_thread(db, body="Which ink cartridge lasts longest?"))

    assert await hears(db, ann, post) == ("each", 0, "search")


async def test_each_needed_lexeme_is_in_every_document_that_answers(db):
    ann = await a_member(db)
    await a_thread(db, topics="wifi", title="Our printer is slow")

    assert (await watch(db, ann, "printer slow")).needs in (("printer",), ("slow",))
    assert (await watch(db, ann, "topic:wifi")).needs == ("#twifi",)
    assert (await watch(db, ann, "-printer")).needs == ("#dpost",)
    assert await watch(db, ann, "the of") is None


async def test_a_followed_search_is_understood_anew_at_night(db, tools):
    ann = await a_member(db)
    saved_id = await a_followed_search(db, ann, "product:lantern")
    post = await opening(db, await a_thread(db, body="Is the Lantern any good?"))
    assert await hears(db, ann, post) is None
    await a_product(db, "Lantern")
    await jobs.renew_searches(tools)

    assert await hears(db, ann, post) == ("each", 0, "search")
    await run(db, "UPDATE saved_search SET query = 'the' WHERE id = :id", id=saved_id)
    await jobs.renew_searches(tools)
    assert list(await rows(db, "SELECT f.saved_id FROM follow_search f")) == []


async def test_what_was_followed_before_is_watched_from_the_first_night_on(db, tools):
    ann = await a_member(db)
    saved_id = await saving.save(db, ann, SearchDraft.from_text("printer"))
    await run(
        db,
        "INSERT INTO follow (member_id, kind, target_id, level) VALUES (:m, 'search', :s, 'each')",
        m=ann.id,
        s=saved_id,
    )
    await jobs.renew_searches(tools)

    assert await value(db, "SELECT f.needs FROM follow_search f") == ["printer"]


ODD = [
    "a' | 'b",
    "\\",
    "'; DROP TABLE follow; --",
    "!!!",
    "& |",
    "(((",
    "a:*",
    '"',
    "🖨️ toner",
    "#tsecret",
    "=x",
    "x" * 200,
]


@pytest.mark.parametrize("text", ODD)
async def test_odd_words_are_followed_without_harm_and_stand_for_no_tags(db, text):
    ann = await a_member(db)
    await a_thread(db, topics="secret", title="Nothing like that stands here")
    await a_followed_search(db, ann, text)
    post = await opening(db, await a_thread(db, topics="secret", body="Nor does it here."))

    assert await hears(db, ann, post) is None
