"""Making one topic of two."""

import asyncio

import pytest

from forum.kit.db import value
from forum.kit.errors import Forbidden, Invalid
from forum.members.types import GUEST
from forum.threads import queries
from forum.topics import commands
from forum.topics.queries import topic_called, topics
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as


async def test_threads_of_both_carry_the_one_that_stays_and_the_other_leads_to_it(db):
    admin = await an_admin(db)
    one, two, both = [await a_thread(db, topics=words) for words in ("erate", "e-rate phones", "erate e-rate")]

    await commands.merge(db, admin, "erate", "e-rate")

    carried = [list((await queries.thread(db, admin, thread)).topics) for thread in (one, two, both)]
    assert carried == [["e-rate"], ["e-rate", "phones"], ["e-rate"]]
    assert await topic_called(db, admin, "erate") == "e-rate"
    assert [(topic.slug, topic.thread_count) for topic in await topics(db, admin)] == [("e-rate", 3), ("phones", 1)]


async def test_words_that_led_to_the_topic_that_goes_lead_to_the_one_that_stays(db):
    admin = await an_admin(db)
    await commands.add_topic(db, "erate", ["usf", "universal-service"])
    await commands.add_topic(db, "e-rate", ["schools-and-libraries"])

    await commands.merge(db, admin, "erate", "e-rate")
    thread_id = await a_thread(db, topics="usf")

    synonyms = await value(db, "SELECT array_agg(slug ORDER BY slug) FROM topic_synonym")
    assert synonyms == ["erate", "schools-and-libraries", "universal-service", "usf"]
    assert list((await queries.thread(db, admin, thread_id)).topics) == ["e-rate"]


async def test_merging_three_topics_one_after_the_other_leaves_one(db):
    admin = await an_admin(db)
    threads = [await a_thread(db, topics=word) for word in ("aa", "bb", "cc")]

    await commands.merge(db, admin, "aa", "bb")
    await commands.merge(db, admin, "bb", "cc")

    for thread in threads:
        assert list((await queries.thread(db, admin, thread)).topics) == ["cc"]
    assert await topic_called(db, admin, "aa") == "cc"


async def test_a_topic_whose_name_is_also_another_ones_synonym_can_go(db):
    admin = await an_admin(db)
    await commands.add_topic(db, "erate")
    await commands.add_topic(db, "usf", ["erate"])
    await commands.add_topic(db, "e-rate")

    await commands.merge(db, admin, "erate", "e-rate")

    assert list((await queries.thread(db, admin, await a_thread(db, topics="erate"))).topics) == ["e-rate"]


async def test_who_may_not_merge_and_what(db):
    category = await a_category(db)
    member, vendor = await a_member(db), await a_member(db, role="vendor")
    moderator, admin = await a_member(db, moderates=[category]), await an_admin(db)
    await a_thread(db, topics="erate e-rate")
    await commands.add_topic(db, "phones", ["telephones"])
    refusals = [
        (GUEST, "erate", "e-rate", Forbidden),
        (member, "erate", "e-rate", Forbidden),
        (vendor, "erate", "e-rate", Forbidden),
        (moderator, "erate", "e-rate", Forbidden),
        (admin, "erate", "erate", Invalid),
        (admin, "erate", "nothing", Invalid),
        (admin, "nothing", "erate", Invalid),
        (admin, "telephones", "erate", Invalid),
        (admin, "", "", Invalid),
    ]
    for actor, slug, into, refusal in refusals:
        with pytest.raises(refusal):
            await commands.merge(db, actor, slug, into)

    assert await value(db, "SELECT count(*) FROM topic") == 3


async def test_merging_twice_is_refused_the_second_time_and_changes_nothing(db):
    admin = await an_admin(db)
    await a_thread(db, topics="erate e-rate")
    await commands.merge(db, admin, "erate", "e-rate")

    with pytest.raises(Invalid):
        await commands.merge(db, admin, "erate", "e-rate")

    assert [(topic.slug, topic.thread_count) for topic in await topics(db, admin)] == [("e-rate", 1)]


async def test_merging_both_ways_at_the_same_moment_keeps_one_of_the_two(db):
    admins = [await an_admin(db) for _ in range(6)]
    thread_id = await a_thread(db, topics="erate e-rate")
    ways = [("erate", "e-rate"), ("e-rate", "erate")] * 3

    merges = await asyncio.gather(
        *(commands.merge(db, admin, *way) for admin, way in zip(admins, ways, strict=True)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in merges) == ["Invalid"] * 5 + ["NoneType"]
    kept = list((await queries.thread(db, admins[0], thread_id)).topics)
    assert kept in (["erate"], ["e-rate"])
    assert {await topic_called(db, admins[0], word) for word in ("erate", "e-rate")} == set(kept)


async def test_merging_in_a_circle_at_the_same_moment_keeps_every_thread_tagged(db):
    admins = [await an_admin(db) for _ in range(3)]
    threads = [await a_thread(db, topics=word) for word in ("aa", "bb", "cc")]

    await asyncio.gather(
        *(
            commands.merge(db, admin, slug, into)
            for admin, slug, into in zip(admins, ("aa", "bb", "cc"), ("bb", "cc", "aa"), strict=True)
        ),
        return_exceptions=True,
    )

    carried = {tuple((await queries.thread(db, admins[0], thread)).topics) for thread in threads}
    assert len(carried) == 1
    assert len(carried.pop()) == 1


async def test_threads_started_while_their_topic_goes_carry_the_one_that_stays(db):
    admin, category = await an_admin(db), await a_category(db)
    await a_thread(db, topics="erate e-rate")
    people = [await a_member(db) for _ in range(6)]
    starts = [a_thread(db, category=category, author=person, topics="erate phones") for person in people]
    starts.insert(3, commands.merge(db, admin, "erate", "e-rate"))

    threads = await asyncio.gather(*starts)

    for thread in (thread for thread in threads if thread):
        assert list((await queries.thread(db, admin, thread)).topics) == ["e-rate", "phones"]


async def test_a_merge_that_rolled_back_leaves_both(db):
    admin = await an_admin(db)
    thread_id = await a_thread(db, topics="erate e-rate")

    async def merge_and_fail():
        async with db.transaction():
            await commands.merge(db, admin, "erate", "e-rate")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await merge_and_fail()

    assert list((await queries.thread(db, admin, thread_id)).topics) == ["e-rate", "erate"]
    assert await value(db, "SELECT count(*) FROM topic_synonym") == 0


async def test_administrators_merge_on_the_page_and_a_refused_form_keeps_its_words(db, web):
    await a_thread(db, topics="erate e-rate")
    await sign_in_as(web, db, await a_member(db))
    assert "Make one topic of two" not in (await web.get("/topics")).text
    assert (await web.post("/topics/merge", data={"slug": "erate", "into": "e-rate"})).status_code == 403

    await sign_in_as(web, db, await an_admin(db))
    refused = await web.post("/topics/merge", data={"slug": "#erate", "into": "nothing"})
    merged = await web.post("/topics/merge", data={"slug": " #ERATE", "into": "e-rate "})

    assert refused.status_code == 422
    assert "Choose another topic that exists." in refused.text
    assert 'value="nothing"' in refused.text
    assert merged.headers["location"] == "/topics?notice=merged"
    assert "The topics are one now." in (await web.get("/topics?notice=merged")).text
