"""Removing a saved search takes how it is followed along, and Undo brings back both."""

import asyncio
from datetime import datetime

import pytest

from forum.following import commands
from forum.following.types import Level, RemovedSearch, Target
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid
from forum.members.types import GUEST
from forum.search import saving
from forum.search.asked_types import SavedSearch, SearchDraft
from tests.factories import a_member, a_thread, sign_in_as
from tests.following.scenes import hears, opening
from tests.following.test_undo import LEFT, kept, pressed

FULL = "You keep 50 searches already. Remove one first."


async def a_search(db, who, text="printer", name="", level="each", days=0) -> int:
    """A saved search, followed at that level; "" for not at all."""
    saved_id = await saving.save(db, who, SearchDraft.from_text(text))
    await saving.rename(db, who, saved_id, name)
    if level:
        await commands.follow(db, who, Target("search", saved_id), level, days)
    return saved_id


async def everything(db, who) -> tuple:
    """What `who` keeps and follows."""
    return await saving.saved_searches(db, who), await kept(db, who)


@pytest.mark.parametrize(("level", "days"), [("each", 0), ("digest", 3), ("web", 0), ("", 0)])
async def test_a_search_is_removed_with_its_level_and_comes_back_with_it(db, level, days):
    ann = await a_member(db)
    await a_search(db, ann, "an older one")
    saved_id = await a_search(db, ann, "printer category:desk", "Our printers", level, days)
    await a_search(db, ann, "a newer one")
    before = await everything(db, ann)

    removed = await commands.remove_search(db, ann, saved_id)
    assert saved_id not in [each.id for each in await saving.saved_searches(db, ann)]
    assert not await value(db, "SELECT count(*) FROM follow WHERE kind = 'search' AND target_id = :id", id=saved_id)
    await commands.bring_back_search(db, ann, RemovedSearch.from_parts([str(part) for part in removed.parts]))

    assert await everything(db, ann) == before


async def test_a_search_that_came_back_finds_what_is_written_then(db):
    ann = await a_member(db)
    removed = await commands.remove_search(db, ann, await a_search(db, ann))
    await commands.bring_back_search(db, ann, removed)

    thread = await a_thread(db, title="The printer by the door is out of toner")

    assert await hears(db, ann, await opening(db, thread))


async def test_removing_twice_is_once_and_what_is_anothers_stays(db):
    ann, bob = await a_member(db), await a_member(db)
    saved_id = await a_search(db, ann)
    before = await everything(db, ann)

    assert await commands.remove_search(db, bob, saved_id) is None
    assert await everything(db, ann) == before
    gone = await asyncio.gather(*(commands.remove_search(db, ann, saved_id) for _ in range(4)))
    assert len([each for each in gone if each]) == 1
    with pytest.raises(Forbidden):
        await commands.remove_search(db, GUEST, saved_id)


async def test_twice_and_at_the_same_moment_it_comes_back_once(db):
    ann = await a_member(db)
    saved_id = await a_search(db, ann)
    before = await everything(db, ann)
    removed = await commands.remove_search(db, ann, saved_id)

    tries = (commands.bring_back_search(db, ann, removed) for _ in range(5))
    answers = await asyncio.gather(*tries, return_exceptions=True)

    assert [each.fields for each in answers if each] == [{"undo": LEFT}] * 4
    assert await everything(db, ann) == before


async def test_what_was_saved_anew_meanwhile_stays_as_it_is(db):
    ann = await a_member(db)
    removed = await commands.remove_search(db, ann, await a_search(db, ann))
    await a_search(db, ann, "Printer", level="web")
    before = await everything(db, ann)

    with pytest.raises(Invalid):
        await commands.bring_back_search(db, ann, removed)

    assert await everything(db, ann) == before


async def test_an_undo_brings_nobody_over_the_most_that_one_may_keep(db):
    ann = await a_member(db)
    removed = await commands.remove_search(db, ann, await a_search(db, ann))
    for n in range(50):
        await a_search(db, ann, f"search {n}", level="")

    with pytest.raises(Forbidden, match=FULL):
        await commands.bring_back_search(db, ann, removed)

    assert len(await saving.saved_searches(db, ann)) == 50
    assert await kept(db, ann) == []


async def test_what_is_rolled_back_was_neither_removed_nor_brought_back(db):
    ann = await a_member(db)
    saved_id = await a_search(db, ann)
    before = await everything(db, ann)
    async with db.transaction(force_rollback=True):
        removed = await commands.remove_search(db, ann, saved_id)
    assert await everything(db, ann) == before

    removed = await commands.remove_search(db, ann, saved_id)
    async with db.transaction(force_rollback=True):
        await commands.bring_back_search(db, ann, removed)
    assert await everything(db, ann) == ([], [])


async def test_nobody_brings_back_anothers(db):
    ann = await a_member(db)
    removed = await commands.remove_search(db, ann, await a_search(db, ann))

    with pytest.raises(Forbidden):
        await commands.bring_back_search(db, GUEST, removed)


@pytest.mark.parametrize("reason", ["", "chosen"])
def test_a_button_carries_any_words_in_letters_that_stand_in_addresses(reason):
    saved = SavedSearch(
        7, "Ä. “printers”", "x./?#%" + "漢" * 490, datetime.fromisoformat("2026-11-30T10:00:00.123456+00:00")
    )
    removed = RemovedSearch(saved, Level("digest", 3), reason)

    parts = [str(part) for part in removed.parts]

    assert RemovedSearch.from_parts(parts) == removed
    assert all(part.replace("-", "").replace("_", "").isascii() and "." not in part for part in parts)


@pytest.mark.parametrize("words", ["printer is:answered", "𐐨" * 500])
async def test_the_button_brings_the_search_back_and_leads_to_it(db, web, words):
    ann = await sign_in_as(web, db, await a_member(db))
    saved_id = await a_search(db, ann, words, "𐐨" * 80, "digest", 7)
    before = await everything(db, ann)
    page = (await web.get((await web.post(f"/searches/{saved_id}/remove")).headers["location"])).text
    assert "The search is removed." in page
    assert "You keep no searches." in page

    back, place = await pressed(web, page)
    assert "Undone: it is as it was." in back
    assert "Weekly digest" in back
    assert place == f"/searches?notice=undone#level-search-{saved_id}"
    assert await everything(db, ann) == before

    again, _ = await pressed(web, page)
    assert LEFT in again
    assert await everything(db, ann) == before


async def test_the_button_works_for_who_pressed_it_only_and_removing_what_is_gone_offers_none(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    saved_id = await a_search(db, ann)
    answer = await web.post(f"/searches/{saved_id}/remove")
    page = (await web.get(answer.headers["location"])).text

    assert (await web.post(f"/searches/{saved_id}/remove")).headers["location"] == "/searches?notice=nothing"
    await sign_in_as(web, db, await a_member(db))
    other, _ = await pressed(web, page)
    assert LEFT in other
    assert await rows(db, "SELECT id FROM saved_search") == []


async def test_a_full_list_is_said_in_a_sentence(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    answer = await web.post(f"/searches/{await a_search(db, ann)}/remove")
    page = (await web.get(answer.headers["location"])).text
    await run(
        db, "INSERT INTO saved_search (member_id, query) SELECT :id, 'q ' || n FROM generate_series(1, 50) n", id=ann.id
    )

    action = page.partition('action="/undo/')[2].partition('"')[0]
    refused = await web.post(f"/undo/{action}", data={"next": "/searches"})

    assert refused.status_code == 403
    assert FULL in refused.text
