"""In an archived category everything stays to be read; only administrators write. Who is silenced edits nothing."""

import pytest

from forum.kit.db import run
from forum.kit.errors import Forbidden
from forum.members import queries as members
from forum.threads import queries, state
from forum.threads.accept import accept
from forum.threads.delete import delete, restore
from forum.threads.edit import edit
from forum.threads.types import EditDraft
from forum.votes.commands import vote
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin

CHANGED = EditDraft("Other words", "", 1)


async def test_nobody_but_administrators_writes_in_an_archive(db):
    category, ann, admin = await a_category(db), await a_member(db), await an_admin(db)
    mod, other = await a_member(db, moderates=[category]), await a_thread(db)
    thread = await a_thread(db, category=category, author=ann)
    reply, own, gone = await a_reply(db, thread), await a_reply(db, thread, author=ann), await a_reply(db, thread)
    await delete(db, mod, gone)
    await run(db, "UPDATE category SET is_archived = true WHERE slug = :slug", slug=category)
    acts = [
        lambda who: accept(db, who, reply),
        lambda who: edit(db, who, own, CHANGED),
        lambda who: delete(db, who, own),
        lambda who: a_reply(db, thread, author=who),
        lambda who: state.close_as_duplicate(db, who, thread, other),
        lambda who: vote(db, who, reply, is_helpful=True),
    ]
    for who in (ann, mod):
        for act in acts:
            with pytest.raises(Forbidden):
                await act(who)
    with pytest.raises(Forbidden):
        await restore(db, mod, gone)
    assert len((await queries.reading(db, ann, thread)).posts) == 3
    await edit(db, admin, own, CHANGED)
    await delete(db, admin, own)
    await restore(db, admin, gone)


async def test_the_asker_closes_only_what_is_open_and_there(db):
    category, ann = await a_category(db), await a_member(db)
    other, locked = await a_thread(db), await a_thread(db, category=category, author=ann, is_locked=True)
    gone = await a_thread(db, category=category, author=ann)
    opening = (await queries.post_numbered(db, ann, gone, 1)).id
    await delete(db, ann, opening)

    for thread in (locked, gone):
        with pytest.raises(Forbidden):
            await state.close_as_duplicate(db, ann, thread, other)


async def test_who_is_silenced_edits_nothing_there(db):
    category, ann = await a_category(db), await a_member(db)
    reply = await a_reply(db, await a_thread(db, category=category), author=ann)
    await run(
        db,
        """
        INSERT INTO silence (member_id, category_id, until)
        SELECT :m, c.id, now() + interval '1 day' FROM category c WHERE c.slug = :slug
        """,
        m=ann.id,
        slug=category,
    )

    with pytest.raises(Forbidden, match="not write for now"):
        await edit(db, await members.actor(db, ann.id), reply, CHANGED)


async def test_a_restored_answer_is_accepted_again_unless_another_was_chosen(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    one, two = await a_reply(db, thread, author=ann), await a_reply(db, thread, author=ann)
    await accept(db, ann, one)
    await delete(db, ann, one)
    await restore(db, ann, one)
    assert (await queries.thread(db, ann, thread)).accepted_post_id == one

    await delete(db, ann, one)
    await accept(db, ann, two)
    await restore(db, ann, one)
    assert (await queries.thread(db, ann, thread)).accepted_post_id == two
