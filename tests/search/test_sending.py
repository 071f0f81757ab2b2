"""The engine elsewhere follows the documents: what it was told, what it missed, when it was lost."""

import asyncio
from dataclasses import replace

import pytest

from forum.kit.db import run, value
from forum.kit.meili import Down
from forum.search import checking, indexing, meili_index, sending
from forum.search.engines import ranked
from forum.search.finding import find
from forum.search.jobs import index_changes
from forum.search.meili_documents import version_name
from forum.search.parsing import parse
from forum.search.rebuilding import reindex
from forum.search.types import Sought, Word
from forum.threads import delete
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id
from tests.search.fake_meili import FakeMeili


@pytest.fixture
def engine():
    return FakeMeili()


@pytest.fixture
async def site(tools, engine):
    """What jobs reach on a site with an engine that has its index."""
    equipped = replace(tools, meili=engine.client())
    await sending.build_anew(equipped.db, equipped.meili)
    yield equipped
    await equipped.meili.aclose()


async def is_all_there(site) -> bool:
    found = await checking.compare(site.db, site.meili)
    return found.is_good and found.waiting == found.unsent == 0


async def test_what_is_written_reaches_the_engine(site, engine):
    thread = await a_thread(site.db, title="Zebras in the hall")

    await index_changes(site)

    sent = engine.indexes["staffroom"][f"post-{await post_id(site.db, thread)}"]
    version = await value(site.db, "SELECT version FROM search_document WHERE kind = 'post'")
    assert sent["title"] == "Zebras in the hall"
    assert sent["version"] == version_name(version)
    assert await is_all_there(site)


async def test_what_is_deleted_leaves_the_engine_and_comes_back(site, engine):
    admin = await an_admin(site.db)
    reply = await a_reply(site.db, await a_thread(site.db))
    await index_changes(site)

    await delete.delete(site.db, admin, reply)
    await index_changes(site)
    assert f"post-{reply}" not in engine.indexes["staffroom"]
    assert await is_all_there(site)
    await delete.restore(site.db, admin, reply)
    await index_changes(site)
    assert f"post-{reply}" in engine.indexes["staffroom"]
    assert await is_all_there(site)


async def test_while_the_engine_is_silent_everything_waits_and_postgresql_answers(site, engine):
    ann = await a_member(site.db)
    await a_thread(site.db, title="Zebras in the hall")
    engine.is_silent = True

    await index_changes(site)
    found = await find(site, ann, parse("zebras"))

    assert [hit.title for hit in found.hits] == ["\x02Zebras\x03 in the hall"]
    assert found.is_simpler
    assert not engine.indexes["staffroom"]
    assert (await checking.compare(site.db, site.meili)).is_silent

    engine.is_silent = False
    await index_changes(site)
    assert await is_all_there(site)


async def test_a_lost_index_is_built_anew_within_the_minute_and_search_works_meanwhile(site, engine):
    ann = await a_member(site.db)
    await a_thread(site.db, title="Zebras in the hall")
    await index_changes(site)
    engine.indexes.clear()

    assert (await find(site, ann, parse("zebras"))).is_simpler
    assert (await checking.compare(site.db, site.meili)).is_lost
    await index_changes(site)

    assert not (await find(site, ann, parse("zebras"))).is_simpler
    assert await is_all_there(site)


async def test_an_index_with_other_settings_is_built_anew(site, engine):
    engine.settings["staffroom"]["rankingRules"] = ["words"]

    await index_changes(replace(site, meili=engine.client()))  # a newer version is another process

    assert engine.settings["staffroom"]["rankingRules"] != ["words"]


async def test_reindex_swaps_in_a_whole_index_and_keeps_what_was_written_meanwhile(site, engine):
    await a_thread(site.db, title="Zebras in the hall")
    await index_changes(site)
    engine.indexes["staffroom"]["post-99999"] = {"id": "post-99999", "version": "0", "kind": "post", "group": 1}
    assert (await checking.compare(site.db, site.meili)).surplus == 1
    late = []

    def report(step: str, sent: int) -> None:
        assert len(engine.indexes["staffroom"]) > 1, "the old one answers until the new one is whole"
        if step == "sent" and not late:
            late.append(asyncio.get_running_loop().create_task(a_thread(site.db, title="Okapis in the office")))

    await reindex(site, report=report)
    await late[0]
    await index_changes(site)

    titles = {each.get("title") for each in engine.indexes["staffroom"].values()}
    assert {"Zebras in the hall", "Okapis in the office"} <= titles
    assert "staffroom_fresh" not in engine.indexes
    assert await is_all_there(site)


async def test_the_doctor_finds_what_the_engine_lacks(site, engine):
    await a_thread(site.db)
    await index_changes(site)
    engine.indexes["staffroom"].popitem()

    found = await checking.compare(site.db, site.meili)

    assert (found.lacking, found.surplus, found.is_good) == (1, 0, False)


async def test_two_senders_at_the_same_moment_send_each_document_once_in_order(site, engine):
    thread = await a_thread(site.db)
    for _ in range(5):
        await a_reply(site.db, thread)

    await asyncio.gather(*(index_changes(site) for _ in range(4)))

    assert await is_all_there(site)


async def test_what_an_engine_that_is_behind_finds_is_shown_to_nobody_who_may_not_read_it(site, engine):
    """The fake finds everything; rights are asked of the database, after the engine."""
    ann, admin = await a_member(site.db), await an_admin(site.db)
    category = await a_category(site.db)
    reply = await a_reply(site.db, await a_thread(site.db, category=category, title="Zebras in the hall"))
    await index_changes(site)

    async def posts() -> list[str]:
        return [hit.path for hit in (await find(site, ann, parse("zebras"))).hits if hit.kind == "post"]

    assert len(await posts()) == 2
    await delete.delete(site.db, admin, reply)
    assert len(await posts()) == 1
    await run(site.db, "UPDATE category SET read_by = 'staff' WHERE slug = :slug", slug=category)
    assert await posts() == []
    hidden = await find(site, ann, parse("zebras"))
    assert (hidden.categories, hidden.states) == ((), ())
    assert "Threads" not in [facet.label for facet in hidden.kinds]


async def test_after_failures_the_engine_is_left_alone_and_pages_do_not_wait(site, engine):
    engine.is_silent = True
    ann = await a_member(site.db)
    sought = [Sought((Word("zebras"),), None, ("post",))]

    for _ in range(5):
        await ranked(site, sought)
    engine.is_silent = False
    asked = engine.asked
    await find(site, ann, parse("zebras"))

    assert engine.asked == asked
    assert site.meili.is_resting


async def test_what_is_deleted_while_it_is_sent_leaves_the_engine_too(site, engine, monkeypatch):
    admin = await an_admin(site.db)
    reply = await a_reply(site.db, await a_thread(site.db))
    finished = meili_index.finished

    async def deleted_meanwhile(*arguments, **named):
        monkeypatch.setattr(meili_index, "finished", finished)
        await delete.delete(site.db, admin, reply)
        await indexing.index_changes(site.db, is_sent=False)
        await finished(*arguments, **named)

    while await indexing.index_changes(site.db, is_sent=False):
        pass
    monkeypatch.setattr(meili_index, "finished", deleted_meanwhile)
    await index_changes(site)

    assert f"post-{reply}" not in engine.indexes["staffroom"]
    assert await is_all_there(site)


async def test_a_build_that_breaks_off_takes_nothing_from_the_old_index(site, engine, monkeypatch):
    await a_thread(site.db, title="Zebras in the hall")
    while await indexing.index_changes(site.db, is_sent=False):
        pass

    async def breaks_off(*arguments):
        raise Down

    monkeypatch.setattr(meili_index, "swap", breaks_off)
    with pytest.raises(Down):
        await sending.build_anew(site.db, site.meili)
    await index_changes(site)

    assert "Zebras in the hall" in {each.get("title") for each in engine.indexes["staffroom"].values()}
    assert await is_all_there(site)


async def test_an_engine_that_was_switched_off_for_a_while_is_told_everything_anew(tools, site, engine):
    admin = await an_admin(site.db)
    reply = await a_reply(site.db, await a_thread(site.db))
    await index_changes(site)

    await delete.delete(site.db, admin, reply)
    await index_changes(tools)  # without MEILI_URL
    await index_changes(site)

    assert f"post-{reply}" not in engine.indexes["staffroom"]
    assert await is_all_there(site)


async def test_a_page_asks_a_silent_engine_once(site, engine):
    engine.is_silent = True

    found = await find(site, await a_member(site.db), parse("zebras okapis"))

    assert found.is_simpler
    assert engine.attempts == 1
