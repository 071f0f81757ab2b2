"""Topics: what people type, synonyms, counts."""

import asyncio

import pytest

from forum.kit.db import value
from forum.kit.errors import Invalid
from forum.members.types import GUEST
from forum.threads import lists, queries
from forum.topics import commands
from forum.topics.queries import topic_called, topics
from forum.topics.types import slugs
from tests.factories import a_category, a_member, a_thread


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ()),
        (" , ;  ", ()),
        ("#", ()),
        ("E-rate, #Renewals", ("e-rate", "renewals")),
        ("renewals RENEWALS #renewals", ("renewals",)),
        ("a1 b2;c3,d4\ne5", ("a1", "b2", "c3", "d4", "e5")),
        ("x" * 39, ("x" * 39,)),
        ("1to1", ("1to1",)),
    ],
)
def test_topics_are_read_from_what_somebody_types(typed, found):
    assert slugs(typed) == found


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("a1 b2 c3 d4 e5 f6", "At most 5 topics; these are 6."),
        ("x", "“x” will not do"),
        ("x" * 40, "will not do"),
        ("-dash", "“-dash” will not do"),
        ("caf\u00e9", "“café” will not do"),
        ("<script>", "“<script>” will not do"),
        ("a/b", "will not do"),
        ("a\x00b", "will not do"),
    ],
)
def test_what_will_not_do_is_refused_with_a_sentence(typed, reason):
    with pytest.raises(Invalid) as refusal:
        slugs(typed)

    assert reason in refusal.value.fields["topics"]


async def test_a_synonym_leads_to_its_topic(db):
    await commands.add_topic(db, "e-rate", ["erate", "universal-service"])
    thread_id = await a_thread(db, topics="erate universal-service renewals")
    ann = await a_member(db)

    assert list((await queries.thread(db, ann, thread_id)).topics) == ["e-rate", "renewals"]
    assert await topic_called(db, ann, "universal-service") == "e-rate"
    assert await value(db, "SELECT array_agg(slug ORDER BY slug) FROM topic") == ["e-rate", "renewals"]


async def test_a_link_to_a_synonym_leads_to_the_topics_page(db, web):
    await commands.add_topic(db, "e-rate", ["erate"])
    await a_thread(db, category=await a_category(db, read_by="everyone"), topics="erate")

    answer = await web.get("/topics/erate")

    assert (answer.status_code, answer.headers["location"]) == (303, "/topics/e-rate")
    assert "Why does the printer print?" in (await web.get("/topics/e-rate")).text


async def test_a_topic_is_counted_by_what_its_reader_may_read(db):
    public, members = await a_category(db, read_by="everyone"), await a_category(db)
    for category in (public, members, members):
        await a_thread(db, category=category, topics="renewals phones" if category == public else "renewals")
    await a_thread(db, category=await a_category(db, read_by="staff"), author=await staff(db), topics="secret")

    async def counts(actor):
        return {topic.slug: topic.thread_count for topic in await topics(db, actor)}

    assert await counts(GUEST) == {"phones": 1, "renewals": 1}
    assert await counts(await a_member(db)) == {"renewals": 3, "phones": 1}
    assert await counts(await staff(db)) == {"renewals": 3, "phones": 1, "secret": 1}


async def staff(db):
    return await a_member(db, role="admin")


async def test_topics_can_be_changed_and_taken_away(db):
    ann = await a_member(db)
    thread_id = await a_thread(db, topics="phones renewals")

    for words in (["phones", "e-rate"], ["phones", "e-rate"], []):
        await commands.set_topics(db, thread_id, words)
        assert list((await queries.thread(db, ann, thread_id)).topics) == sorted(words)

    assert await topics(db, ann) == []
    assert await topic_called(db, ann, "phones") is None


async def test_a_new_topic_named_by_many_at_the_same_moment_is_one_topic(db):
    category, people = await a_category(db), [await a_member(db) for _ in range(6)]

    await asyncio.gather(
        *(a_thread(db, category=category, author=person, topics="new-one other-one") for person in people)
    )

    assert {(topic.slug, topic.thread_count) for topic in await topics(db, people[0])} == {
        ("new-one", 6),
        ("other-one", 6),
    }


async def test_adding_a_topic_twice_or_at_the_same_moment_keeps_one(db):
    ids = await asyncio.gather(*(commands.add_topic(db, "e-rate", ["erate", "usf"]) for _ in range(5)))

    assert len(set(ids)) == 1
    assert await value(db, "SELECT count(*) FROM topic_synonym") == 2


async def test_the_list_of_a_topic_holds_its_threads(db):
    ann = await a_member(db)
    with_it = await a_thread(db, topics="phones")
    await a_thread(db, topics="renewals")

    found = await lists.threads(db, ann, lists.Selection(topic="phones"))

    assert [row.id for row in found] == [with_it]
