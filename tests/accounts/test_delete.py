"""A deleted account leaves no name, no address and no way in; what others wrote stays."""

import asyncio

import pytest

from forum.accounts.commands import delete
from forum.accounts.types import DeletionDraft
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries, sign_in
from forum.members.types import GUEST
from forum.threads.delete import delete as forget_thread
from forum.threads.queries import reading
from forum.votes.commands import vote
from forum.wiring import HOLDINGS
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.threads.recount import assert_counts_are_right


async def test_anonymised_posts_stay_under_no_name(db):
    ann, ben = await a_member(db, name="Ann Lee", address="ann@pine.example"), await a_member(db)
    thread = await a_thread(db, author=ann, body="Words of Ann")
    await a_reply(db, thread, author=ben)

    await delete(db, ann, DeletionDraft("anonymise", ann.handle), HOLDINGS)

    found = await reading(db, ben, thread)
    assert found.posts[0].author_name == "Former member"
    assert "Words of Ann" in found.posts[0].html
    assert await value(db, "SELECT count(*) FROM member_email WHERE member_id = :id", id=ann.id) == 0
    with pytest.raises(NotFound):
        await queries.actor(db, ann.id)


async def test_removed_words_are_nowhere_any_more(db):
    ann, ben, desk = await a_member(db), await a_member(db), await a_category(db)
    answered = await a_thread(db, author=ann, category=desk, title="A question of Ann Lee", body="Words of Ann")
    alone = await a_thread(db, author=ann, category=desk, body="Words of Ann")
    elsewhere = await a_thread(db, author=ben, category=desk)
    await a_reply(db, answered, author=ben, body="Words of Ben")
    own = await a_reply(db, elsewhere, author=ann, body="Words of Ann")
    await vote(db, ben, own, is_helpful=True)
    await run(
        db,
        "INSERT INTO post_revision (post_id, version, source, editor_id, created_at) "
        "VALUES (:id, 1, 'Words of Ann', :ann, now())",
        id=own,
        ann=ann.id,
    )

    await delete(db, ann, DeletionDraft("remove", ann.handle), HOLDINGS)

    texts = await rows(
        db,
        "SELECT p.source || p.html AS text FROM post p UNION ALL SELECT t.title || t.slug FROM thread t "
        "UNION ALL SELECT v.source FROM post_revision v",
    )
    assert not [row["text"] for row in texts if "Ann" in row["text"]]
    assert (await reading(db, ben, answered)).posts[1].html == "<p>Words of Ben</p>\n"
    with pytest.raises(NotFound):
        await reading(db, ben, alone)
    await assert_counts_are_right(db)


async def test_removed_words_are_gone_from_threads_deleted_before(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann, body="Words of Ann")
    await forget_thread(db, ann, await post_id(db, thread))

    await delete(db, ann, DeletionDraft("remove", ann.handle), HOLDINGS)

    assert await value(db, "SELECT count(*) FROM post WHERE (source || html) LIKE '%Words of Ann%'") == 0
    await assert_counts_are_right(db)


async def test_marks_are_taken_back_only_when_asked(db):
    for choice, left in (("anonymise", 1), ("remove", 0)):
        ann = await a_member(db)
        post = await a_reply(db, await a_thread(db))
        await vote(db, ann, post, is_helpful=True)
        await delete(db, ann, DeletionDraft(choice, ann.handle), HOLDINGS)
        assert await value(db, "SELECT helpful_count FROM post WHERE id = :id", id=post) == left
    await assert_counts_are_right(db)


async def test_what_is_refused_changes_nothing(db):
    ann, admin = await a_member(db), await an_admin(db)
    refused = [
        (GUEST, DeletionDraft("remove", ""), Forbidden),
        (ann, DeletionDraft("", ann.handle), Invalid),
        (ann, DeletionDraft("remove", "somebody"), Invalid),
        (admin, DeletionDraft("anonymise", admin.handle), Invalid),  # the last one
    ]
    for actor, draft, refusal in refused:
        with pytest.raises(refusal):
            await delete(db, actor, draft, HOLDINGS)
    assert await value(db, "SELECT count(*) FROM member WHERE state = 'deleted'") == 0


async def test_twice_and_at_the_same_moment_is_once(db):
    ann = await a_member(db)
    draft = DeletionDraft("anonymise", ann.handle)

    done = await asyncio.gather(*(delete(db, ann, draft, HOLDINGS) for _ in range(8)), return_exceptions=True)

    assert sum(each is None for each in done) == 1
    assert all(each is None or isinstance(each, NotFound) for each in done)
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act = 'member.deleted'") == 1


async def test_a_room_that_breaks_leaves_the_account_whole(db):
    ann = await a_member(db)

    async def broken(*_):
        raise RuntimeError

    holdings = (type(HOLDINGS[0])("broken", broken, broken, broken), *HOLDINGS)
    with pytest.raises(RuntimeError):
        await delete(db, ann, DeletionDraft("remove", ann.handle), holdings)
    assert (await queries.actor(db, ann.id)).handle == ann.handle


async def test_a_browser_deletes_the_account_and_is_signed_out(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    other = await sign_in.start_session(db, ann.id, "Elsewhere")

    wrong = await web.post("/settings/account/delete", data={"choice": "remove", "handle": "x"})
    done = await web.post("/settings/account/delete", data={"choice": "remove", "handle": ann.handle})

    assert wrong.status_code == 422
    assert done.headers["location"] == "/?notice=account-closed"
    web.cookies.set("session", other)
    assert (await web.get("/settings")).status_code == 403
