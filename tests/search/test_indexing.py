"""Documents follow what is written: every change, none twice, nothing left behind."""

import asyncio
from dataclasses import replace

import pytest

from forum.kit.db import connect, rows, run, value
from forum.kit.errors import Crossed
from forum.members import profile
from forum.members.types import ProfileDraft
from forum.products import commands as products
from forum.products import queries as product_queries
from forum.products.types import ProductDraft
from forum.search import checking, indexing, kinds, posts
from forum.search.finding import find
from forum.search.jobs import index_changes, tidy_words
from forum.search.parsing import parse
from forum.search.rebuilding import reindex
from forum.search.words import joined, words_of
from forum.threads import accept, delete, merge, move, state
from forum.threads.edit import edit
from forum.threads.types import EditDraft
from forum.topics import commands as topics
from forum.votes.commands import vote
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id
from tests.pace import within
from tests.products.catalogue import a_product


async def tags(tools, kind, ref_id) -> set[str]:
    """What the document is limited by, once all changes are in; empty when there is none."""
    await index_changes(tools)
    found = await rows(
        tools.db,
        """
        SELECT l.lexeme FROM search_document d CROSS JOIN LATERAL unnest(d.words) l
        WHERE d.kind = :kind AND d.ref_id = :ref_id AND NOT d.is_gone
        ORDER BY l.lexeme
        """,
        kind=kind,
        ref_id=ref_id,
    )
    return {row["lexeme"] for row in found}


async def is_as_the_rows_are(tools) -> bool:
    await index_changes(tools)
    found = await checking.compare(tools.db, None)
    return found.is_good and found.waiting == 0 and found.documents > 0


async def test_a_post_is_found_by_its_words_its_title_and_what_it_is(tools):
    db = tools.db
    ann = await a_member(db)
    thread = await a_thread(db, author=ann, title="Chromebook hinges break", body="All of *them*.", topics="repair")
    reply = await a_reply(db, thread, author=ann, body="Glue helps.")

    opening = await tags(tools, "post", await post_id(db, thread))
    answer = await tags(tools, "post", reply)

    assert {"#head", "#dpost", "#kquestion", "#kthread", "#trepair", f"#b{ann.id}", "#unanswered", "=hing"} <= opening
    assert {"chromebook", "hing", "glue", "#trepair"} <= answer
    assert "#head" not in answer


async def test_what_is_written_waits_in_the_same_transaction(tools):
    thread = await a_thread(tools.db)
    await index_changes(tools)

    async def write_and_fail() -> None:
        async with tools.db.transaction():
            await run(tools.db, "UPDATE thread SET title = 'Zebras in the hall' WHERE id = :id", id=thread)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()

    assert await value(tools.db, "SELECT count(*) FROM search_change") == 0
    assert await value(tools.db, "SELECT count(*) FROM pgqueuer WHERE entrypoint LIKE '%index_changes'") > 0
    assert "=zebra" not in await tags(tools, "post", await post_id(tools.db, thread))


async def test_the_worker_brings_documents_up_to_date_by_itself(tools, drain):
    thread = await a_thread(tools.db, title="Zebras in the hall")

    await drain()

    assert await value(tools.db, "SELECT count(*) FROM search_change") == 0
    assert "=zebra" in await tags(tools, "post", await post_id(tools.db, thread))


async def test_each_change_of_a_thread_reaches_all_its_documents(tools):
    db = tools.db
    admin, ann = await an_admin(db), await a_member(db)
    here, there = await a_category(db), await a_category(db)
    thread = await a_thread(db, author=ann, category=here, title="Printers that survive a year")
    reply = await a_reply(db, thread)
    opening = await post_id(db, thread)
    there_id = await value(db, "SELECT id FROM category WHERE slug = :slug", slug=there)

    await edit(db, ann, opening, EditDraft("Now about *plotters*.", "", 1, "Plotters that survive a year", "ink"))
    assert {"plotter", "#tink"} <= await tags(tools, "post", reply)
    await accept.accept(db, ann, reply)
    assert "#answered" in await tags(tools, "post", opening)
    await move.move(db, admin, thread, there)
    assert f"#c{there_id}" in await tags(tools, "post", reply)
    await state.keep_vendors_out(db, admin, thread, out=True)
    assert "#amembers" in await tags(tools, "post", reply)
    assert "#aall" not in await tags(tools, "post", opening)
    assert await is_as_the_rows_are(tools)


async def test_deleted_posts_and_threads_leave_and_come_back(tools):
    db = tools.db
    admin = await an_admin(db)
    thread = await a_thread(db)
    reply = await a_reply(db, thread)

    await delete.delete(db, admin, reply)
    assert not await tags(tools, "post", reply)
    assert await tags(tools, "post", await post_id(db, thread))
    await delete.restore(db, admin, reply)
    assert await tags(tools, "post", reply)
    await delete.delete(db, admin, await post_id(db, thread))
    assert not await tags(tools, "post", reply)
    await delete.restore(db, admin, await post_id(db, thread))
    assert await tags(tools, "post", reply)
    assert await is_as_the_rows_are(tools)


async def test_merged_threads_are_found_where_they_are_now(tools):
    db = tools.db
    admin, category = await an_admin(db), await a_category(db)
    thread = await a_thread(db, category=category, title="Hinges break, part one")
    into = await a_thread(db, category=category, title="Hinges break, part two")
    reply = await a_reply(db, thread)
    await index_changes(tools)

    await merge.merge(db, admin, thread, into)
    await index_changes(tools)

    group = await value(db, "SELECT group_id FROM search_document WHERE kind = 'post' AND ref_id = :id", id=reply)
    assert group == into
    assert await is_as_the_rows_are(tools)


async def test_a_hidden_category_has_no_documents_until_it_is_shown(tools):
    db = tools.db
    slug = await a_category(db, is_hidden=True)
    category_id = await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)
    post = await value(
        db,
        """
        WITH t AS (
            INSERT INTO thread (category_id, author_id, kind, title, slug, client_key)
            VALUES (:category_id, :author_id, 'question', 'Zebras in the hall', 'zebras', 'k') RETURNING id, author_id
        )
        INSERT INTO post (thread_id, author_id, number, source, html, client_key)
        SELECT t.id, t.author_id, 1, 'Who let them in?', '<p>Who let them in?</p>', 'k' FROM t
        RETURNING id
        """,
        category_id=category_id,
        author_id=(await a_member(db)).id,
    )

    assert not await tags(tools, "post", post)
    await run(db, "UPDATE category SET is_hidden = false WHERE id = :id", id=category_id)
    assert "=zebra" in await tags(tools, "post", post)


async def test_helpful_marks_count_for_the_order(tools):
    db = tools.db
    reply = await a_reply(db, await a_thread(db))
    await index_changes(tools)
    prior = "SELECT prior FROM search_document WHERE kind = 'post' AND ref_id = :id"
    before = await value(db, prior, id=reply)

    await vote(db, await a_member(db), reply, is_helpful=True)
    await index_changes(tools)

    assert await value(db, prior, id=reply) > before


async def test_members_are_found_by_what_all_members_see(tools):
    db = tools.db
    ann = await a_member(db, name="Ann Marrow")

    await profile.change_profile(db, ann, ProfileDraft("Ann Marrow", "Zookeeper", "I keep zebras."))
    assert {"ann", "marrow", "zookeep", "zebra", "#dperson", "#amembers"} <= await tags(tools, "person", ann.id)
    await run(db, "UPDATE member SET state = 'deactivated' WHERE id = :id", id=ann.id)
    assert not await tags(tools, "person", ann.id)


async def test_threads_that_name_a_product_are_about_it_also_older_ones(tools):
    db = tools.db
    thread = await a_thread(db, title="Is Fence Post Pro any good?")
    opening = await post_id(db, thread)
    await index_changes(tools)

    await a_product(db, "Fence Post")
    product_id = await value(db, "SELECT id FROM product WHERE name = 'Fence Post'")
    await index_changes(tools)
    await index_changes(tools)

    assert f"#p{product_id}" in await tags(tools, "post", opening)
    assert {"fenc", "post", f"#p{product_id}", "#amembers"} <= await tags(tools, "product", product_id)


async def test_topics_are_found_under_each_of_their_names(tools):
    db = tools.db
    topic_id = await topics.add_topic(db, "chromebooks", ["laptops"])

    assert {"chromebook", "laptop", "#dtopic"} <= await tags(tools, "topic", topic_id)


async def test_changes_at_the_same_moment_are_all_there_in_the_end(tools, database_url):
    thread = await a_thread(tools.db)
    people = [await a_member(tools.db) for _ in range(6)]

    async with connect(database_url) as other:
        await asyncio.gather(
            *(a_reply(other, thread, author=each, body=f"Zebra number {each.id}") for each in people),
            *(index_changes(tools) for _ in range(4)),
        )

    assert await is_as_the_rows_are(tools)


async def test_the_same_change_twice_writes_nothing_the_second_time(tools):
    thread = await a_thread(tools.db)
    await index_changes(tools)
    before = await rows(tools.db, "SELECT d.ref_id, d.xmin FROM search_document d ORDER BY d.ref_id, d.kind")

    await run(tools.db, "INSERT INTO search_change (source, ref_id) VALUES ('thread', :id)", id=thread)
    await index_changes(tools)

    after = await rows(tools.db, "SELECT d.ref_id, d.xmin FROM search_document d ORDER BY d.ref_id, d.kind")
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


async def test_a_batch_takes_so_many_changes_and_no_more(tools):
    thread = await a_thread(tools.db)
    for _ in range(5):
        await a_reply(tools.db, thread)

    assert await indexing.index_changes(tools.db, is_sent=True, batch=3) == 3
    assert await is_as_the_rows_are(tools)


async def test_the_vocabulary_has_words_of_what_all_members_read_and_no_others(tools):
    db = tools.db
    await a_thread(db, title="Zebras in the hall")
    await a_thread(
        db, title="Okapis in the office", category=await a_category(db, read_by="staff"), author=await an_admin(db)
    )
    await a_thread(
        db, title="Quaggas in the yard", keeps_vendors_out=True, category=await a_category(db, lets_vendors_in=True)
    )
    await index_changes(tools)

    known = {row["word"] for row in await rows(db, "SELECT word FROM search_word ORDER BY word")}

    assert "zebras" in known
    assert not known & {"okapis", "quaggas", "the"}


async def test_reindex_brings_everything_back_and_counts_it_anew(tools):
    db = tools.db
    await a_thread(db, title="Zebras in the hall")
    await a_product(db, "Fence Post")
    await index_changes(tools)
    counted = "SELECT s.word, s.members, s.vendors, s.guests FROM search_word s ORDER BY s.word"
    months = "SELECT m.circle, m.month, m.documents, m.length FROM search_month m ORDER BY m.circle, m.month"
    words_before, months_before = await rows(db, counted), await rows(db, months)
    await run(db, "DELETE FROM search_document WHERE kind = 'post'")
    await run(db, "UPDATE search_word SET members = 99")
    await run(db, "INSERT INTO search_document SELECT 'topic', 77, 0, '', 1, 1, now(), 5, true")
    assert not (await checking.compare(db, None)).is_good

    count = await reindex(tools)

    assert await is_as_the_rows_are(tools)
    assert count == await value(db, "SELECT count(*) FROM search_document")
    assert [tuple(row) for row in await rows(db, counted)] == [tuple(row) for row in words_before]
    assert [tuple(row) for row in await rows(db, months)] == [tuple(row) for row in months_before]


async def test_a_category_that_becomes_private_keeps_its_documents_for_those_who_read_it(tools):
    db = tools.db
    slug = await a_category(db)
    opening = await post_id(db, await a_thread(db, category=slug))
    category_id = await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug)

    await run(db, "UPDATE category SET read_by = 'staff' WHERE id = :id", id=category_id)

    assert f"#c{category_id}" in await tags(tools, "post", opening)


async def test_merged_products_are_one_document(tools):
    db = tools.db
    admin = await an_admin(db)
    await a_product(db, "Fence Post")
    into = await a_product(db, "Fence Gate")
    old_id = await value(db, "SELECT id FROM product WHERE name = 'Fence Post'")
    await index_changes(tools)

    await products.merge(db, admin, old_id, into)

    assert not await tags(tools, "product", old_id)
    assert await is_as_the_rows_are(tools)


@pytest.mark.parametrize("body", ["œ" * 25 + "uvre", "x" * 29_000, "a-" * 14_000, "\u0301" * 500, "𝔘" * 900])
async def test_whatever_a_post_holds_it_and_all_behind_it_are_found(tools, body):
    db = tools.db
    thread = await a_thread(db, title="Zebras in the hall")
    odd = await a_reply(db, thread, body=f"Look: {body}")
    later = await a_reply(db, thread, body="Okapis as well.")

    assert "look" in await tags(tools, "post", odd)
    assert "okapi" in await tags(tools, "post", later)


async def test_a_row_whose_document_fails_keeps_no_other_from_being_found(tools, monkeypatch):
    db = tools.db
    bad = await post_id(db, await a_thread(db))
    good = await post_id(db, await a_thread(db, title="Zebras in the hall"))
    documents = posts.documents

    async def failing(db, ids):
        if bad in ids:
            raise ValueError
        return await documents(db, ids)

    monkeypatch.setitem(kinds.KINDS, "post", replace(kinds.KINDS["post"], documents=failing))

    assert "=zebra" in await tags(tools, "post", good)
    assert await value(db, "SELECT count(*) FROM search_change") == 0


async def test_a_document_that_is_given_up_for_anothers_sake_is_made_the_next_time(tools):
    db = tools.db
    await a_thread(db, title="Chromebook hinges break")
    await run(
        db,
        """
        CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'Given up.' USING ERRCODE = '40P01'; END $$
        """,
    )
    await run(db, "CREATE TRIGGER given_up BEFORE INSERT ON search_document FOR EACH ROW EXECUTE FUNCTION give_up()")
    try:
        with pytest.raises(Crossed):
            await index_changes(tools)
    finally:
        await run(db, "DROP FUNCTION give_up() CASCADE")

    assert await is_as_the_rows_are(tools)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("students/teachers", "teachers"),
        ("powerschool.example", "powerschool"),
        ("802.11ax", "802.11ax"),
        ("10.0.0.1", "10.0.0.1"),
        ("2025-26", "2025-26"),
        ("wi-fi", "wifi"),
        ("wifi", "wi-fi"),
        ("Résumé", "resume"),
        ("C:\\scripts\\retire.ps1", "retire.ps1"),
        ("<b>AT&T</b>", "at&t"),
    ],
)
async def test_words_are_found_whatever_signs_stand_between_them(tools, written, typed):
    await a_thread(tools.db, title="What do you make of this?", body=f"It says {written} here.")
    await index_changes(tools)

    assert (await find(tools, await a_member(tools.db), parse(typed))).with_all == 1


async def test_a_name_that_a_product_loses_is_no_longer_what_threads_are_about(tools):
    db = tools.db
    admin = await an_admin(db)
    slug = await a_product(db, "Fence Post")
    opening = await post_id(db, await a_thread(db, title="Is Fence Post any good?"))
    product = await product_queries.product(db, admin, slug)
    assert f"#p{product.id}" in await tags(tools, "post", opening)

    draft = ProductDraft("Garden Gate", "NorthGate", product.category_slug)
    await products.edit(db, admin, product.id, draft, version=product.version)
    await run(db, "DELETE FROM product_name WHERE name = 'Fence Post'")

    assert f"#p{product.id}" not in await tags(tools, "post", opening)


async def test_words_of_what_is_gone_are_forgotten_at_night(tools):
    db = tools.db
    thread = await a_thread(db, title="Zebras in the hall")
    await a_thread(db, title="Okapis in the hall")
    await index_changes(tools)

    await delete.delete(db, await an_admin(db), await post_id(db, thread))
    await index_changes(tools)
    await tidy_words(tools)

    known = {row["word"] for row in await rows(db, "SELECT word FROM search_word ORDER BY word")}
    assert "okapis" in known
    assert "zebras" not in known


async def test_the_doctor_sees_a_document_of_a_post_that_is_deleted(tools):
    db = tools.db
    reply = await a_reply(db, await a_thread(db))
    await index_changes(tools)

    await run(db, "UPDATE post SET deleted_at = now() WHERE id = :id", id=reply)
    await run(db, "DELETE FROM search_change")

    assert (await checking.compare(db, None)).stray == 1


def test_words_are_taken_apart_in_linear_time():
    for text in ("a" * 30_000, "a-" * 15_000, "-" * 30_000, "a-a" * 10_000):
        with within(0.5):
            joined(text)
            words_of(text)
